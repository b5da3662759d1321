"""The page of a rule: every rule has one, in words, with its articles, its versions and its cases."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest

from xygis.atlas.atlas import Atlas
from xygis.atlas.law import Rule
from xygis.report.rule_contract import page_record
from xygis.report.rule_page import RulePage, rule_page, version_shown, versions
from xygis.report.rule_words import vocabulary

DAY = date(2026, 11, 24)
ATLAS = Atlas.open(None)
WORDS = vocabulary(ATLAS)
ALWAYS = {"gist", "layer", "conditions", "exceptions", "basis", "period", "cases", "verified", "source"}


def page(rule: Rule, on: date = DAY) -> RulePage:
    return rule_page(ATLAS, WORDS, rule, on)


def texts(made: RulePage, key: str) -> list[str]:
    section = made.section(key)
    return [] if section is None else [line.text for line in section.lines]


@pytest.mark.parametrize("rule", ATLAS.rules, ids=lambda r: f"{r.code} {r.effective}")
def test_every_rule_has_a_page_without_an_empty_section(rule: Rule) -> None:
    """Each version of each rule: one sentence, no section without words, every article with the words it turns on, every case."""
    made = page(rule)
    assert {s.key for s in made.sections} >= ALWAYS
    assert all(section.lines for section in made.sections)
    assert all(line.text.strip() for section in made.sections for line in section.lines)
    assert made.sentence.endswith("。") and made.subject
    assert [c.says for c in rule.basis] == [line.quotes for line in made.section("basis").lines]  # type: ignore[union-attr]
    assert len(rule.cases) == len(texts(made, "cases"))
    assert (rule.remedy != "") == bool(texts(made, "remedy"))


@pytest.mark.parametrize("rule", ATLAS.rules, ids=lambda r: f"{r.code} {r.effective}")
def test_a_page_speaks_chinese(rule: Rule) -> None:
    """No placeholder of a message, no name of a field or fact, no value like true is left in what a planner reads."""
    made = page(rule)
    told = [made.sentence, *(line for key in ("gist", "conditions", "exceptions", "cases", "authority") for line in texts(made, key))]
    assert not [text for text in told if re.search(r"[{}…_]|[a-z]{3,}|：[，。]|，，|。。", text)]


def test_the_page_says_what_the_rule_asks() -> None:
    """公路建筑控制区: who, where, how far, what follows, who is excepted, and on which words."""
    made = page(version_shown(versions(ATLAS.rules, "HW-01"), DAY))
    assert "修建建筑物、构筑物的项目，用地进入公路（高速公路）外侧 30 米以内的，禁止；申报为“公路保护需要的设施”的除外。" == made.sentence
    expected = ["类型：高速公路", "要素向外扩 30 米", "重叠面积大于 0 m²", "是否修建建筑物、地面构筑物：修建建筑物、构筑物"]
    assert expected == texts(made, "conditions")
    assert ["公路保护需要的设施：公路保护需要"] == texts(made, "exceptions")
    assert "公路安全保护条例（2011-03-07，国务院令第593号）第十一条" == texts(made, "basis")[0]


def test_a_page_knows_the_version_before_and_after() -> None:
    """PBF-01 changes its basis on 2027-01-01; each version names the other, and the day decides which is shown."""
    earlier, later = versions(ATLAS.rules, "PBF-01")
    assert earlier is version_shown((earlier, later), date(2026, 12, 31))
    assert later is version_shown((earlier, later), date(2027, 1, 1))
    assert "此后的版本：2027-01-01 起" in texts(page(earlier), "period")
    assert "此前的版本：2020-01-01 至 2026-12-31" in texts(page(later), "period")
    assert ("current", "coming", "past") == (page(earlier).standing, page(later).standing, page(earlier, date(2027, 1, 1)).standing)


def test_an_approval_names_the_acts_and_levels() -> None:
    """占用耕地: 农用地转用 by the province; a prohibition is put on no way to a permit."""
    told = texts(page(version_shown(versions(ATLAS.rules, "GD-01"), DAY)), "authority")
    assert "农用地转用：国务院、省" in told  # 国务院: a national project on the red line
    assert [] == texts(page(version_shown(versions(ATLAS.rules, "PBF-01"), DAY)), "authority")


def test_what_nobody_read_is_said() -> None:
    """An unverified rule says 条文待核 in its page, and which texts it rests on."""
    for rule in ATLAS.rules:
        made = page(rule)
        assert rule.verified is not texts(made, "verified")[0].startswith("条文待核")


def test_the_record_holds_the_words_and_the_versions() -> None:
    """`rules CODE --json`: the words of each article, when its instrument counts, and what differs between versions."""
    record = page_record(ATLAS, page(version_shown(versions(ATLAS.rules, "PBF-01"), DAY)), DAY)
    assert ["任何单位和个人不得擅自占用或者改变其用途", "必须经国务院批准"] == record["basis"][0]["says"]  # type: ignore[index]
    assert [[], ["依据"]] == [v["changed"] for v in record["versions"]]  # type: ignore[attr-defined]


def test_a_layer_that_nobody_registered_is_said() -> None:
    """A slip in a rule's layer still has a page, which says so."""
    made = rule_page(ATLAS, replace(WORDS, layers={}), ATLAS.rules[0], DAY)
    assert "图集没有登记这个图层" == made.section("layer").lines[0].note  # type: ignore[union-attr]
