"""A comparison of three plans in a city of two counties, with everything that a report of it can have. Areas by hand: the plan takes
50 × 20 m of farmland, farmland lies 33 × 77 m on the red line, a strip is 0.1 × 50 m."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

from tests.consistency.test_report import result
from xygis.atlas.verdict import Verdict
from xygis.consistency.result import Consistency, CountyFigure, Indicator, NoData, StateTally, Tracking, Trend
from xygis.consistency.states import PatchState
from xygis.consistency.uses import CONFLICT, SAME, UseCell, UseMatrix
from xygis.consistency.what_if import Balance, RuleChange, WhatIf

RED, FARM, PLAN = "ecological_red_line", "permanent_basic_farmland", "urban_rural_plan"
COUNTIES = (("2", "西县"), ("1", "东县"))
FIGURE = '<svg viewBox="0 0 520 374"><rect width="520" height="374" fill="#fff"/><text x="200" y="180" font-size="14">西县</text></svg>'


def plain(folder: Path, **changes: str) -> Consistency:
    """What a comparison of the three layers gives."""
    return result(folder, **changes)  # type: ignore[arg-type]


def full(folder: Path) -> Consistency:
    """The same with a revised layer, an earlier run, indicators, uses and a pair without data."""
    return replace(
        plain(folder),
        what_if=_what_if(),
        tracking=_tracking(),
        indicators=_indicators(),
        use_matrix=(_uses(),),
        no_data=(NoData(a=PLAN, b="forest", relation="overlap", reason="没有林地图层", rules=("PL-14",)),),
    )


def many(found: Consistency, n: int) -> Consistency:
    """Its largest patch n times, each a m² smaller than the one before."""
    first = max(found.patches, key=lambda p: p.area_m2)
    return replace(found, patches=tuple(replace(first, id=f"2-D6-{i:04d}", area_m2=90_000.0 - i) for i in range(n)))


def _what_if() -> WhatIf:
    balance = (
        Balance(code="2", name="西县", before_m2=41_000.0, after_m2=52_345.6, gained_m2=13_345.6, lost_m2=2_000.0),
        Balance(code="1", name="东县", before_m2=7_700.0, after_m2=7_700.0, gained_m2=0.0, lost_m2=0.0),
    )
    change = RuleChange(
        rule="LL-01",
        title="规则LL-01",
        difference="D6",
        verdict=Verdict.JUSTIFICATION,
        a=RED,
        b=FARM,
        before_m2=2_541.0,
        after_m2=3_210.0,
        new_m2=1_234.0,
        cured_m2=565.0,
        possible_before_m2=0.0,
        possible_after_m2=0.0,
        by_county=(),
        new=(),
        cured=(),
    )
    return WhatIf(layer=FARM, title="永久基本农田", file="新边界.zip", sha256="0" * 64, balance=balance, changes=(change,), reasons=())


def _tracking() -> Tracking:
    def tallies(key: str | None, title: str) -> tuple[StateTally, ...]:
        return tuple(
            StateTally(
                key=key, title=title, state=s, earlier_patches=i + 3, earlier_m2=1_111.0 * (i + 1), patches=i + 8, area_m2=2_222.0 * i
            )
            for i, s in enumerate(PatchState)
        )

    return Tracking(
        file="report.json",
        sha256="1" * 64,
        checked_on=date(2026, 10, 24),
        by_state=tallies(None, "全部"),
        by_county=tallies("2", "西县"),
        by_type=tallies("D6", "D6 线线冲突"),
        gone=(),
        remarks=("上次的图集是另一份。",),
    )


def _indicators() -> tuple[Indicator, ...]:
    counties = (
        CountyFigure(code="2", name="西县", value=31.5, least=31.5, greatest=31.5),
        CountyFigure(code="1", name="东县", value=12.25, least=12.25, greatest=12.25),
    )
    trend = Trend(since="2026-10-24", before=43.21, change=0.54, turned=None, by_county=())
    short = Indicator(
        code="F", title="森林覆盖率", unit="%", value=43.75, target=45.0, met=False, by_county=counties, least=43.75, greatest=43.75,
        direction="≥", group="资源保护", formula="林地 ÷ 辖区", plan="总体规划", verified=False, due=2035, trend=trend,
    )  # fmt: skip
    kept = replace(short, code="W", title="水域面积", unit="km²", value=7.89, target=6.54, met=True, by_county=(), trend=None)
    gone = replace(
        kept, code="N", title="违法图斑", value=None, least=None, greatest=None, target=None, met=None, group="治理", reason="没有图层"
    )
    return short, kept, gone


def _uses() -> UseMatrix:
    cells = (
        UseCell(a="居住", b="居住", relation=SAME, area_m2=123_456.0, by_county=(123_456.0, 0.0)),
        UseCell(a="工矿", b="居住", relation=CONFLICT, area_m2=7_654.0, by_county=(0.0, 7_654.0)),
    )
    return UseMatrix(a=PLAN, b="land_use_plan", counties=COUNTIES, cells=cells)
