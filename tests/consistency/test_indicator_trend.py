"""Indicators against an earlier run."""

from __future__ import annotations

from dataclasses import replace

import pytest

from xygis.consistency.result import CountyFigure, Indicator
from xygis.consistency.trend import trend_of, with_trend

NOW = Indicator(
    code="A",
    title="森林",
    unit="%",
    value=45.5,
    target=45.0,
    met=True,
    by_county=(CountyFigure(code="1", name="东县", value=50.0), CountyFigure(code="2", name="西县", value=None)),
    formula="林 ÷ 行政区面积",
)
BEFORE = {
    "checked_on": "2026-09-30",
    "indicators": [
        {
            "code": "A",
            "unit": "%",
            "value": 44.0,
            "met": False,
            "formula": "林 ÷ 行政区面积",
            "by_county": [{"code": "1", "name": "东县", "value": 48.5}, {"code": "2", "name": "西县", "value": 40.0}],
        }
    ],
}


def earlier(**changes: object) -> dict[str, object]:
    return {**BEFORE, "indicators": [{**BEFORE["indicators"][0], **changes}]}  # type: ignore[dict-item]


def test_value_before_change_and_target_reached() -> None:
    """44 → 45.5 % is +1.5 and passes 45; by county where both are known."""
    trend = trend_of(BEFORE, [NOW])["A"]
    assert (trend.since, trend.before, trend.change, trend.turned) == ("2026-09-30", 44.0, 1.5, "reached")
    assert trend.by_county == (("1", "东县", 48.5, 1.5), ("2", "西县", 40.0, None))


def test_missed_since() -> None:
    """Met then, not now."""
    assert trend_of(earlier(met=True), [replace(NOW, value=44.0, met=False)])["A"].turned == "missed"


@pytest.mark.parametrize("met", [None, True])
def test_neither_reached_nor_missed(met: bool | None) -> None:
    """What was not known to be missed has not been reached since."""
    assert trend_of(earlier(met=met), [NOW])["A"].turned is None


@pytest.mark.parametrize("changes", [{"unit": "km²"}, {"formula": "林 ÷ 土地面积"}])
def test_another_reckoning_is_not_compared(changes: dict[str, object]) -> None:
    """Another unit or formula makes no change, and the reason is given."""
    trend = trend_of(earlier(**changes), [NOW])["A"]
    assert (trend.before, trend.change, trend.turned) == (None, None, None) and trend.reason


def test_an_earlier_report_without_formulas_is_compared() -> None:
    """Reports of earlier versions have no formula."""
    old = {k: v for k, v in BEFORE["indicators"][0].items() if k != "formula"}  # type: ignore[union-attr]
    assert trend_of({**BEFORE, "indicators": [old]}, [NOW])["A"].change == 1.5


@pytest.mark.parametrize("value", [None, "44", True, float("nan"), float("inf"), [44], {}])
def test_what_is_no_number_is_not_known(value: object) -> None:
    """A value that cannot be read is no value."""
    trend = trend_of(earlier(value=value, by_county=value), [NOW])["A"]
    assert trend.before is None and trend.change is None and trend.reason


@pytest.mark.parametrize(
    "text", [{}, {"indicators": None}, {"indicators": {}}, {"indicators": [1, None, {}, {"code": ["A"]}]}, {"checked_on": 3}]
)
def test_an_earlier_run_without_indicators_gives_no_trend(text: dict[str, object]) -> None:
    """Broken or older reports give none, and break nothing."""
    assert trend_of(text, [NOW]) == {} and with_trend([NOW], text) == (NOW,)


def test_ranges_keep_their_ends() -> None:
    """What was only known between two ends makes no change, but its ends are kept, and reaching the target is told."""
    trend = trend_of(earlier(value=None, least=40.0, greatest=44.0), [NOW])["A"]
    assert (trend.before, trend.change, trend.least, trend.greatest, trend.turned) == (None, None, 40.0, 44.0, "reached")


def test_counties_that_cannot_be_read_are_not_known() -> None:
    """A county code that is none breaks nothing."""
    trend = trend_of(earlier(by_county=[{"code": ["1"], "value": 3}, 7]), [NOW])["A"]
    assert trend.change == 1.5 and trend.by_county[0] == ("1", "东县", None, None)


def test_with_trend_keeps_the_rest() -> None:
    """Each indicator as it is, and its trend."""
    [found] = with_trend([NOW], BEFORE)
    assert found.trend is not None and replace(found, trend=None) == NOW
