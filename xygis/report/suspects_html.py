"""The report of a batch of patches as one HTML page; its first sheet tells the head of the bureau how things stand."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass

from xygis import numbers
from xygis.atlas.suspect_law import SuspectVerdict
from xygis.report import suspects_tables as tables
from xygis.report.cells import PrintedTable, print_table
from xygis.report.contract import json_text
from xygis.report.pages import LANDSCAPE, render
from xygis.report.record_tables import versions_table
from xygis.report.suspects_contract import suspects_dict
from xygis.report.suspects_list import ordered
from xygis.report.table import Table
from xygis.report.wording import fingerprint
from xygis.suspects.result import Suspects, Tally

MARKS = {SuspectVerdict.SUSPECTED: "prohibited", SuspectVerdict.VERIFY: "undetermined", SuspectVerdict.LEGAL: "compliant"}
MOST_LISTED = 300
_DISCLAIMER = (
    "疑似违法是影像与许可套合的结论，不是行政处罚的认定；处罚以现场调查和法定程序为准。本报告由 xygis 依据上列数据与规则自动生成。"
)
_DEMO_DISCLAIMER = "本报告由 xygis 依据示意数据生成，用于演示，不作为执法依据。图斑、许可均为虚构，界线为示意。"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Figure:
    label: str
    mark: str
    value: str
    unit: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bar:
    """One row of the table at the top. widths: percent of the longest row, by verdict."""

    name: str
    cells: tuple[tuple[str, str], ...]  # (patches, 公顷) by verdict, then all
    widths: tuple[tuple[str, str], ...]  # (mark, percent)


def suspects_html(result: Suspects, *, county_figure: str | None, map_page: str | None, map_note: str = "") -> str:
    """The report. county_figure: SVG of our own making; map_page: a whole HTML document for the screen."""
    from markupsafe import Markup

    digest = hashlib.sha256(json_text(suspects_dict(result)).encode()).hexdigest()
    listed = ordered(result)
    gone = tables.gone_table(result)
    context = {
        "atlas_name": result.atlas_name,
        "mark": MARKS[result.verdict],
        "facts": _facts(result),
        "headline": _headline(result),
        "sentence": _sentence(result),
        "figures": _figures(result),
        "counties": _bars(result.by_county, result.total),
        "places": _bars([t for t in result.by_place if t.count], result.total),
        "verdicts": [(v.label, MARKS[v]) for v in SuspectVerdict],
        "top": _printed(tables.top_table(result)),
        "short": _printed(tables.places_table(result)),
        "county_figure": Markup(county_figure) if county_figure else None,  # drawn by xygis.cartography, which escapes names
        "map_page": map_page,
        "map_note": map_note,
        "list": _printed(tables.list_table(result, listed[:MOST_LISTED])),
        "left_out": len(listed) - MOST_LISTED if len(listed) > MOST_LISTED else 0,
        "since": result.since,
        "gone": _printed(gone),
        "not_read": [(a.name, a.error.what) for a in result.set_apart],
        "remarks": result.remarks,
        "assumptions": result.assumptions,
        "permits_note": result.permits_note,
        "permits_known": result.permits is not None,
        "layers": print_table(versions_table(result.layers)),
        "layer_notes": [f"{r.layer.title}：{r.note}" for r in result.layers if r.note],
        "atlas_fingerprint": fingerprint(result.atlas_fingerprint),
        "rules_fingerprint": fingerprint(result.rules_fingerprint),
        "plane": result.plane,
        "disclaimer": _DEMO_DISCLAIMER if result.demo else _DISCLAIMER,
    }
    foot = f"基准日 {result.checked_on.isoformat()} · 报告指纹 {fingerprint(digest)}"
    return render("suspects.html.j2", context, title="控违拆违图斑审查报告", demo=result.demo, foot=foot, sheet=LANDSCAPE)


def _printed(table: Table) -> PrintedTable | None:
    return print_table(table) if table.rows else None


def _facts(result: Suspects) -> list[tuple[str, str]]:
    days = sorted({p.facts.image.last for p in result.patches if p.facts.image is not None})
    span = "" if not days else days[0].isoformat() if len(days) == 1 else f"{days[0].isoformat()} 至 {days[-1].isoformat()}"
    undated = sum(p.facts.image is None for p in result.patches)
    return [
        ("图集", result.atlas_name),
        ("基准日", result.checked_on.isoformat()),
        ("影像", (span or "没有日期") + (f"；{undated} 个图斑没有日期" if undated and span else "")),
        ("许可", f"{numbers.count(result.permits)} 件" if result.permits is not None else "无数据"),
    ]


def _headline(result: Suspects) -> str:
    n = result.total.patches[0]
    if n:
        return f"{numbers.count(n)} 个图斑疑似违法"
    return "没有疑似违法图斑" if result.verdict is SuspectVerdict.LEGAL else "有图斑待核"


def _sentence(result: Suspects) -> str:
    if result.permits is None:
        return f"{result.permits_note}，合法与疑似违法都不能判断，全部列为待核。"
    first = [p for p in result.worked if p.verdict is SuspectVerdict.SUSPECTED and p.judgement.level == 1]
    if first:
        area = math.fsum(p.area_m2 for p in first)
        titles = {t.code: t.title for t in result.by_place}
        where = "、".join(dict.fromkeys(titles.get(p.judgement.place, "") for p in first if p.judgement.place))
        return f"其中 {len(first)} 个、{numbers.hectares(area)} 公顷位于{where}，须{result.law.levels[0]}。"
    return (
        "没有图斑位于核心保护区、永久基本农田和饮用水水源一级保护区。"
        if result.total.patches[0]
        else "疑似违法须先有影像日期没有许可的事实。"
    )


def _figures(result: Suspects) -> list[_Figure]:
    whole = math.fsum(result.total.area_m2)
    figures = []
    for v, n, m2 in zip(SuspectVerdict, result.total.patches, result.total.area_m2, strict=True):
        share = f"，占 {numbers.percent(m2 / whole)}" if whole else ""
        area = f"{numbers.printed(m2, scale=numbers.M2_PER_HA, decimals=2)} 公顷{share}" if n else "没有"
        figures.append(_Figure(label=v.label, mark=MARKS[v], value=numbers.count(n), unit="个", note=area))
    if result.since is not None:
        note = f"新增 {result.since.new}，已消失 {len(result.since.gone)}"
        figures.append(_Figure(label="重复图斑", mark="", value=numbers.count(result.since.persisting), unit="个", note=note))
    return figures


def _bars(rows: tuple[Tally, ...] | list[Tally], total: Tally) -> list[_Bar]:
    """The rows and the total below; areas in 公顷 close to their totals in both directions."""
    units = numbers.close_grid([[t.area_m2[k] for t in rows] for k in range(3)], scale=numbers.M2_PER_HA, decimals=2)
    most = max((t.count for t in rows), default=1) or 1
    bars = []
    for i, t in enumerate(rows):
        cells = [(_count(t.patches[k]), _area(units[k][i], t.area_m2[k])) for k in range(3)]
        cells.append((_count(t.count), _area(sum(u[i] for u in units), sum(t.area_m2))))
        widths = tuple((MARKS[v], f"{100 * t.patches[k] / most:.2f}") for k, v in enumerate(SuspectVerdict) if t.patches[k])
        bars.append(_Bar(name=t.title, cells=tuple(cells), widths=widths))
    cells = [(_count(total.patches[k]), _area(sum(units[k]), total.area_m2[k])) for k in range(3)]
    cells.append((_count(total.count), _area(sum(map(sum, units)), sum(total.area_m2))))
    return [*bars, _Bar(name=total.title, cells=tuple(cells), widths=())]


def _count(n: int) -> str:
    return numbers.count(n) if n else numbers.DASH


def _area(units: int, m2: float) -> str:
    return numbers.units_text(units, decimals=2, real=True) if m2 else numbers.DASH
