"""Indicators as people read them: words, bars, tables, the page and the terminal."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import jsonschema
import pytest

from tests.consistency.test_indicators import LAND, RED, declared, entry, run, target
from xygis.atlas.law import Citation
from xygis.cli.consistency_text import consistency_text
from xygis.consistency.result import CountyFigure, Indicator, Trend
from xygis.report.consistency_contract import consistency_dict
from xygis.report.consistency_html import consistency_html
from xygis.report.contract import load_schema
from xygis.report.indicator_rows import BAR_PX, indicator_groups
from xygis.report.indicator_tables import by_county_table, how_table, indicators_table
from xygis.report.indicator_words import conclusion, margin_words, source_words, target_words, trend_words, value_words


def indicator(value: float | None, wanted: float | None = None, **changes: object) -> Indicator:
    """森林覆盖率 with a target of at least so much; met as the caller says."""
    base = Indicator(
        code="F",
        title="森林覆盖率",
        unit="%",
        value=value,
        target=wanted,
        met=None,
        by_county=(),
        least=value,
        greatest=value,
        direction="≥",
    )
    return replace(base, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (indicator(46.0, 45.0, met=True), ("46.00", "≥ 45.00", "+1.00", "达标")),
        (indicator(44.0, 45.0, met=False), ("44.00", "≥ 45.00", "−1.00", "未达标")),
        (indicator(44.0, 45.0, met=True, direction="≤"), ("44.00", "≤ 45.00", "+1.00", "达标")),
        (indicator(0.5, 0.0, met=False, direction="="), ("0.50", "= 0.00", "−0.50", "未达标")),
        (indicator(45.0, 45.0, met=True), ("45.00", "≥ 45.00", "0.00", "达标")),
        (indicator(44.0), ("44.00", "目标未知", "–", "目标未知")),
        (indicator(None, 45.0, reason="缺失"), ("无数据", "≥ 45.00", "–", "无数据")),
        (indicator(None, 45.0, least=44.0, greatest=46.0), ("44.00—46.00", "≥ 45.00", "–", "无法判定")),
        (indicator(None, 45.0, least=40.0, greatest=41.0, met=False), ("40.00—41.00", "≥ 45.00", "–", "未达标")),
        (indicator(1.0, 1.2345, met=False), ("1.00", "≥ 1.2345", "−0.23", "未达标")),
        (indicator(3.0, 1000.0, met=False, decimals=0), ("3", "≥ 1,000", "−997", "未达标")),
    ],
)
def test_value_target_margin_and_conclusion(told: Indicator, words: tuple[str, str, str, str]) -> None:
    """The four words of an indicator."""
    assert (value_words(told, told.decimals), target_words(told), margin_words(told), conclusion(told)) == words


def test_a_missed_target_never_reads_as_met() -> None:
    """44.9996 is not 45: it prints as many decimals as show that; so does an overlap that should be nothing."""
    short = indicator(44.9996, 45.0, met=False)
    assert value_words(short, 2) == "44.9996" and margin_words(short) == "−0.0004"
    crossing = indicator(0.000004, 0.0, met=False, direction="=", decimals=4)
    assert value_words(crossing, 4) == "0.000004" and margin_words(crossing) == "−0.000004"


def test_source_says_where_when_and_whether_read() -> None:
    """Article, year, and 条文待核 once."""
    cited = Citation(instrument="决定", version=date(2017, 12, 3), article="6", verified=True)
    assert source_words(indicator(1.0, 2.0, basis=(cited,), verified=True, due=2022)) == "决定 第六条，到 2022 年"
    assert source_words(indicator(1.0, 2.0, plan="总体规划", verified=False)) == "总体规划（条文待核）"
    assert source_words(indicator(1.0, 2.0, basis=(replace(cited, verified=False),), verified=False)).count("待核") == 1
    assert source_words(indicator(1.0)) == ""


@pytest.mark.parametrize(
    ("trend", "words"),
    [
        (Trend(since="2026-09-30", before=44.0, change=2.0, turned="reached", by_county=()), "+2.00（原 44.00），新达标"),
        (Trend(since="2026-09-30", before=47.0, change=-1.0, turned="missed", by_county=()), "−1.00（原 47.00），转为未达标"),
        (Trend(since="2026-09-30", before=46.0, change=0.0, turned=None, by_county=()), "0.00（原 46.00）"),
        (Trend(since="2026-09-30", before=None, change=None, turned=None, by_county=(), reason="单位已变"), "不可比：单位已变"),
        (Trend(since="", before=None, change=None, turned=None, by_county=(), reason="…", least=40.0, greatest=44.0), "原 40.00—44.00"),
        (None, ""),
    ],
)
def test_trend_in_words(trend: Trend | None, words: str) -> None:
    """The change with its sign, the day and the value of then."""
    assert trend_words(indicator(46.0, 45.0, met=True, trend=trend)) == words


def test_bars_are_to_scale() -> None:
    """Bar, range and target from one zero: 30 and 45 of 60 with an eighth of headroom or so; nothing runs out of the picture."""
    [group] = indicator_groups([indicator(None, 60.0, least=30.0, greatest=45.0)])
    bar = group.rows[0].bar
    assert bar is not None and (bar.zero, bar.start) == (0.0, 0.0)
    assert bar.length / bar.target == pytest.approx(0.5) and (bar.perhaps_start + bar.perhaps_length) / bar.target == pytest.approx(0.75)
    assert 0.8 * BAR_PX < bar.target < BAR_PX


def test_bars_below_zero_and_at_nothing() -> None:
    """A shortfall runs left from zero; all zeros make no division by zero; without target or value there is no bar."""
    [group] = indicator_groups([indicator(-3.0, 0.0), indicator(0.0, 0.0), indicator(3.0), indicator(None, 3.0)])
    below, nothing, no_target, no_value = (row.bar for row in group.rows)
    assert below is not None and below.start >= 0.0 and below.start + below.length == pytest.approx(below.zero) and below.length > 100
    assert nothing is not None and nothing.length == 0.0
    assert no_target is None and no_value is None


def test_counties_add_up_as_printed() -> None:
    """Three thirds of 1.00 print as 0.34, 0.33 and 0.33; a share prints each for itself; a range and a gap show as such."""
    thirds = tuple(CountyFigure(code=str(n), name=f"县{n}", value=1 / 3, least=1 / 3, greatest=1 / 3) for n in (1, 2, 3))
    area = indicator(1.0, unit="km²", by_county=thirds)
    mixed = (
        CountyFigure(code="1", name="县1", value=None, least=1.0, greatest=2.0),
        CountyFigure(code="2", name="县2", value=None, reason="缺失"),
        CountyFigure(code="3", name="县3", value=5.0, least=5.0, greatest=5.0),
    )
    share = indicator(None, by_county=mixed)
    table = by_county_table([area, share, indicator(None)])
    assert [c.title for c in table.columns] == ["指标", "单位", "县1", "县2", "县3", "全市"]
    assert sorted(table.rows[0][2:5]) == ["0.33", "0.33", "0.34"] and table.rows[0][5] == "1.00"
    assert table.rows[1][2:] == ("1.00—2.00", "无数据", "5.00", "无数据")
    assert len(table.rows) == 2, "what no county knows is not listed"


def test_tables_hold_every_indicator() -> None:
    """One row each, with its source and its formula."""
    told = [indicator(1.0, 2.0, met=False, plan="规划", formula="林 ÷ 地", note="说明"), indicator(None)]
    assert [row[:4] for row in indicators_table(told).rows] == [
        ("森林覆盖率", "%", "≥ 2.00", "1.00"),
        ("森林覆盖率", "%", "目标未知", "无数据"),
    ]
    assert how_table(told).rows[0] == ("F", "森林覆盖率", "林 ÷ 地", "说明")


TEXT = (
    entry("A", "公顷", f'{{ area = [{{ layer = "{RED}" }}] }}', 'group = "<三线>"\ndirection = "≥"')
    + target(1.5, 'by_county = { "1" = 0.6, "2" = 0.4 }')
    + entry("B", "%", f'{{ area = [{{ layer = "{LAND}", class = "03*" }}], share_of = "counties" }}')
    + entry("C", "公顷", '{ area = [{ layer = "nowhere" }] }', 'direction = "≤"')
    + target(1.0)
)


def test_the_contract_holds(tmp_path: Path) -> None:
    """The JSON fits its schema, keeps its keys and adds the new ones."""
    told = consistency_dict(run(declared(tmp_path, TEXT), tmp_path))
    jsonschema.validate(told, load_schema("xygis/consistency/1"))
    a, b, c = told["indicators"]  # type: ignore[misc]
    assert list(a)[:7] == ["code", "title", "unit", "value", "target", "met", "by_county"]
    assert (a["target"], a["met"], a["direction"], a["verified"], a["source"], a["trend"]) == (1.5, False, "≥", True, "决定 第六条", None)
    assert [(r["name"], r["target"], r["met"]) for r in a["by_county"]] == [("东县", 0.6, False), ("西县", 0.4, True)]
    assert (b["target"], b["met"], b["source"], b["formula"]) == (None, None, None, "现状（类型 03*）的面积 ÷ 行政区面积")
    assert (c["value"], c["met"]) == (None, None) and "nowhere" in c["reason"]


def test_the_page_shows_the_indicators(tmp_path: Path) -> None:
    """Group, target, value, bar, conclusion and the county that falls short; markup in names is text; the demo stamp is there."""
    page = consistency_html(run(declared(tmp_path, TEXT), tmp_path), county_figure=None, map_page=None)
    section = page[page.index('id="s4"') : page.index('id="s5"')]
    words = re.sub(r"<[^>]+>", " ", section)
    assert "<三线>" not in section and "&lt;三线&gt;" in section
    for said in ("≥ 1.50", "1.00", "−0.50", "未达标", "未达到本县（市、区）目标：东县", "目标未知", "无数据", "决定 第六条", "指标口径"):
        assert said in words, said
    assert section.count('class="bul"') == 1
    assert "示意数据" in page


def test_the_terminal_names_what_is_missed(tmp_path: Path) -> None:
    """One line for each missed target, and a tally of all."""
    text = consistency_text(run(declared(tmp_path, TEXT), tmp_path))
    assert "指标 3 项：" in text and "未达标 1" in text and "目标未知 1" in text and "无数据 1" in text
    [line] = [row for row in text.splitlines() if "指标A" in row]
    assert line.split() == ["未达标", "指标A", "1.00", "公顷，目标", "≥", "1.50，差", "0.50"]
