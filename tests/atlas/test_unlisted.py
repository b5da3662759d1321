"""A value that the layer's own list does not hold is unknown, and so is a code coarser than what is asked."""

from __future__ import annotations

import pytest

from tests.judge.desk import layer
from xygis.atlas.attributes import Unlisted, matches, our_values
from xygis.atlas.layer import Alias

ZONES = layer(fields=(Alias(field="zone", names=("FQ",), synonyms=(("核心区", ("1", "核心")), ("一般区", ("2",)))),))
CODED = layer(fields=(Alias(field="class", names=("DLBM",), codes=frozenset({"01", "0101", "04", "0401"})),))


def test_listed_words_come_out_as_ours_and_others_as_they_are() -> None:
    values = our_values(ZONES, "zone", ["核心", "２", 1, "核心保护", "", None])
    assert values == ["核心区", "一般区", "核心区", "核心保护", None, None]
    assert [isinstance(v, Unlisted) for v in values] == [False, False, False, True, False, False]


def test_a_longer_code_is_known_by_its_beginning() -> None:
    values = our_values(CODED, "class", ["0101", "0101K", "耕地", 9, "0"])
    assert [isinstance(v, Unlisted) for v in values] == [False, False, True, True, True]


def test_a_field_without_a_list_holds_what_it_holds() -> None:
    assert not any(isinstance(v, Unlisted) for v in our_values(ZONES, "name", ["甲", "乙"]))


@pytest.mark.parametrize(
    ("value", "patterns", "meets"),
    [
        (Unlisted("核心"), ("核心",), None),
        (Unlisted("核心"), ("!一般",), None),
        ("0401", ("0401*",), True),
        ("04", ("0401*",), None),
        ("04", ("0401*", "04*"), True),
        ("04", ("!0401",), None),
        ("0401K", ("!0401*",), False),
        ("03", ("0401*",), False),
        ("心", ("心*",), True),
        ("国", ("国道",), False),
    ],
)
def test_matches(value: str, patterns: tuple[str, ...], meets: bool | None) -> None:
    assert matches(value, patterns) is meets
