"""What verify prints is Chinese, with no more decimals than it takes to see a difference."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import xygis.report
from xygis.verify.differences import differences
from xygis.verify.words import both, key_word, rule_value, shown

SCHEMAS = sorted((Path(xygis.report.__file__).parent / "schemas").glob("*.json"))


def keys_of(schema: Any) -> set[str]:
    if isinstance(schema, list):
        return set().union(*map(keys_of, schema)) if schema else set()
    if not isinstance(schema, dict):
        return set()
    own = set(schema["properties"]) if isinstance(schema.get("properties"), dict) else set()
    return own.union(*map(keys_of, schema.values()))


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda p: p.name)
def test_every_key_of_a_contract_has_a_chinese_word(path: Path) -> None:
    """No English key stands in what a person reads."""
    keys = keys_of(json.loads(path.read_text("utf-8")))
    assert keys and not {k for k in keys if not any("\u4e00" <= c <= "\u9fff" for c in key_word(k))}


@pytest.mark.parametrize(
    ("old", "new", "texts"),
    [
        (79430.03202151124, 79431.5, ("79430.032", "79431.5")),
        (79430.03202151124, 79430.03202951124, ("79430.03202", "79430.03203")),  # alike at four and, cut there, at five
        (79430.0, 12, ("79430", "12")),
        (None, 2.0, ("无", "2")),
        (True, False, ("是", "否")),
        (0.00000012, 5.0, ("1.2e-07", "5")),
    ],
)
def test_numbers_have_the_decimals_that_show_the_difference(old: object, new: object, texts: tuple[str, str]) -> None:
    """Four at most; more only where the two are alike at four."""
    assert texts == both(old, new)


def test_conditions_and_places_of_rules_are_put_in_words() -> None:
    """Thresholds with unit, layers by title, fields by theirs; a threshold of seven figures keeps them all."""
    titles = {"basic_farmland": "永久基本农田"}
    assert "“重叠面积大于 50000 m²”" == rule_value("overlap_m2 > 50000.0", "when", titles)
    assert "“占地块的比例不小于 50 %, 最近距离小于 10 m”" == rule_value("overlap_share >= 0.5, distance_m < 10.0", "when", titles)
    assert "1234567.5" in rule_value("overlap_m2 > 1234567.5", "when", titles)
    assert "“永久基本农田（类型：甲、乙）外侧 50 米以内”" == rule_value("basic_farmland[class: 甲|乙] strip_m=50.0", "selection", titles)
    assert "“永久基本农田”" == rule_value("basic_farmland", "yields", titles)


def test_what_the_law_will_change_is_told_in_words() -> None:
    """before and after, kinds and verdicts."""
    side = {"kind": "appears", "before": None, "after": {"verdict": "prohibited"}}
    old, new = ({"upcoming": [{"changes": [dict(side, after=a)]}]} for a in (side["after"], {"verdict": "notice"}))
    (found,) = differences(old, new, titles={}, same_version=True).differences
    assert "变化" in found.words and "之后 · 结论" in found.words and found.reported.strip("“”") and "prohibited" not in found.reported
    assert "“新增”" == shown("appears", "kind") and "之前 无" in shown({"before": None})
