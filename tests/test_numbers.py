"""Printed numbers: units, decimals, sums that close, and real hits that never print as nothing."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xygis import numbers

AREA = st.floats(min_value=0, max_value=1e10, allow_nan=False)


@pytest.mark.parametrize(
    ("m2", "ha", "mu", "square"),
    [
        (16_344.3, "1.6344", "24.52", "16,344.30"),
        (10_000.0, "1.0000", "15.00", "10,000.00"),
        (2000 / 3, "0.0667", "1.00", "666.67"),
        (0.0, "0.0000", "0.00", "0.00"),
        (0.0004, "<0.0001", "<0.01", "<0.01"),
        (0.4, "<0.0001", "<0.01", "0.40"),
        (0.005, "<0.0001", "<0.01", "0.01"),
        (12_345_678.905, "1,234.5679", "18,518.52", "12,345,678.91"),
        (None, "–", "–", "–"),
    ],
)
def test_an_area_prints_in_three_units(m2, ha, mu, square):
    """公顷 with 4 decimals, 亩 (2000/3 m²) and m² with 2, from the unrounded value; a real hit is never 0."""
    assert (ha, mu, square) == (numbers.hectares(m2), numbers.mu(m2), numbers.square_metres(m2))


@pytest.mark.parametrize(
    ("share", "text"), [(None, "–"), (0.0, "0.0 %"), (0.0004, "<0.1 %"), (0.0005, "0.1 %"), (0.0355, "3.6 %"), (1.0, "100.0 %")]
)
def test_a_share_prints_as_percent(share, text):
    """One decimal, halves up, and <0.1 % instead of 0.0 % for a real hit."""
    assert text == numbers.percent(share)


def test_a_difference_carries_its_sign():
    """申报差 prints with + or −, and without either when there is none."""
    assert [numbers.signed_square_metres(v) for v in (26.32, -26.32, 0.0, 1e-5, None)] == ["+26.32", "−26.32", "0.00", "0.00", "–"]


@given(AREA, AREA)
def test_more_area_never_prints_as_less(a, b):
    """Printing keeps order."""
    small, large = sorted((a, b))
    assert _value(numbers.square_metres(small)) <= _value(numbers.square_metres(large))


@given(st.lists(AREA, min_size=1, max_size=30))
def test_a_closed_column_adds_up_and_stays_near(values):
    """Printed parts add up to the printed total, and each is its own value rounded up or down."""
    units = numbers.close(values, scale=numbers.M2_PER_HA, decimals=4)
    assert numbers.nearest(math.fsum(values), scale=numbers.M2_PER_HA, decimals=4) == sum(units)
    assert all(abs(u - v) <= 1 + 1e-6 for u, v in zip(units, values, strict=True))


@given(st.lists(AREA, min_size=2, max_size=30))
def test_closing_keeps_order(values):
    """A larger part of a closed column never prints smaller than a smaller one."""
    values = sorted(values)
    units = numbers.close(values, scale=1.0, decimals=2)
    pairs = zip(values, values[1:], units, units[1:], strict=False)
    assert all(a <= b or math.isclose(small, large, abs_tol=1e-9) for small, large, a, b in pairs)


def test_shares_of_three_equal_parts_close_to_one_hundred():
    """Three thirds print as 33.4, 33.3 and 33.3 %."""
    assert numbers.close([1 / 3] * 3, scale=0.01, decimals=1) == [334, 333, 333]


@given(st.integers(1, 6).flatmap(lambda n: st.lists(st.lists(st.floats(0, 1e6), min_size=n, max_size=n), min_size=1, max_size=6)))
def test_a_closed_grid_adds_up_both_ways(columns):
    """Columns add up to their closed totals exactly; rows differ from the true sum by less than two last places."""
    units = numbers.close_grid(columns, scale=1.0, decimals=2)
    totals = numbers.close([math.fsum(c) for c in columns], scale=1.0, decimals=2)
    assert totals == [sum(u) for u in units]
    for row, row_units in zip(zip(*columns, strict=True), zip(*units, strict=True), strict=True):
        assert abs(sum(row_units) - math.fsum(row) * 100) < 2.001


def test_a_grid_that_plain_rounding_breaks_is_closed():
    """Cells of a third of a unit in three parcels: rows and columns both add up to their totals of one unit."""
    units = numbers.close_grid([[1 / 3] * 3] * 3, scale=1.0, decimals=0)
    assert [1, 1, 1] == [sum(c) for c in units] == [sum(r) for r in zip(*units, strict=True)]


def _value(text: str) -> float:
    return 0.001 if text.startswith("<") else float(text.replace(",", ""))


@pytest.mark.parametrize(
    ("m2", "printed"),
    [
        (350_000.0, "35.0000"),
        (350_000.1, "35.00001"),
        (349_999.9, "34.99999"),
        (350_001.0, "35.0001"),
        (365_432.1, "36.5432"),
        (-0.1, "−0.00001"),
        (0.1, "0.00001"),
        (0.0, "0.0000"),
        (350_000.000_000_1, "35.0000"),
        (None, "–"),
    ],
)
def test_an_area_beside_a_limit_shows_its_side(m2, printed):
    """35.00001 公顷 is more than 35: it does not print as 35.0000 beside 超过三十五公顷."""
    assert numbers.hectares_at_limit(m2) == printed
