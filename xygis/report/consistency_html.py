"""The consistency report as one HTML page for the screen and A4 landscape; its first sheet stands alone."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass

from xygis import numbers
from xygis.atlas.verdict import Verdict
from xygis.consistency.indicators import LINES
from xygis.consistency.result import Consistency
from xygis.report import consistency_tables as tables
from xygis.report.cells import PrintedTable, print_table
from xygis.report.consistency_causes import causes_table
from xygis.report.consistency_contract import consistency_json
from xygis.report.consistency_heat import heat_table, per_mille
from xygis.report.consistency_since import not_compared_table, remarks, since_groups_table, since_line, since_table
from xygis.report.consistency_uses import use_tables
from xygis.report.consistency_what_if import balance_table, changes_table
from xygis.report.indicator_rows import indicator_groups
from xygis.report.indicator_tables import by_county_table, how_table, indicators_table
from xygis.report.indicator_words import since_words
from xygis.report.pages import LANDSCAPE, render
from xygis.report.record_tables import versions_table
from xygis.report.table import Table
from xygis.report.wording import fingerprint

_HEADLINES = {
    Verdict.PROHIBITED: "存在禁止类冲突",
    Verdict.UNDETERMINED: "无法判定",
    Verdict.APPROVAL: "存在须报批的冲突",
    Verdict.JUSTIFICATION: "存在须论证的差异",
    Verdict.NOTICE: "只有提示类差异",
    Verdict.COMPLIANT: "未发现差异",
}
_CALLS = {
    Verdict.PROHIBITED: "须先行消除",
    Verdict.APPROVAL: "须报批后处理",
    Verdict.JUSTIFICATION: "须论证协调",
    Verdict.NOTICE: "可随规划调整一并处理",
}
_USES = "uses_"
_DISCLAIMER = "本报告由 xygis 依据上列数据与规则自动生成，供规划协调参考，不替代行政审批。"
_DEMO_DISCLAIMER = "本报告由 xygis 依据示意数据生成，用于演示，不作为行政审批依据。界线为示意，不代表行政区域界线。"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Figure:
    """One of the big numbers at the top."""

    label: str
    value: str
    unit: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Numbered:
    printed: PrintedTable
    label: str


def consistency_html(consistency: Consistency, *, county_figure: str | None, map_page: str | None, map_note: str = "") -> str:
    """The report. county_figure: SVG of our own making; map_page: a whole HTML document for the screen."""
    from markupsafe import Markup

    digest = hashlib.sha256(consistency_json(consistency).encode()).hexdigest()
    title = "多规合一一致性报告"
    context = {
        "atlas_name": consistency.atlas_name,
        "verdict": consistency.verdict,
        "facts": _facts(consistency),
        "headline": _HEADLINES[consistency.verdict],
        "sentence": sentence(consistency),
        "figures": _figures(consistency),
        "heat": heat_table(consistency),
        "county_figure": Markup(county_figure) if county_figure else None,  # drawn by xygis.cartography, which escapes names
        "map_page": map_page,
        "what_if": consistency.what_if,
        "map_note": map_note,
        "nothing_unknown": not consistency.no_data,
        "atlas_fingerprint": fingerprint(consistency.atlas_fingerprint),
        "rules_count": consistency.rules_count,
        "rules_fingerprint": fingerprint(consistency.rules_fingerprint),
        "layer_notes": [f"{r.layer.title}：{r.note}" for r in consistency.layers if r.note],
        "plane": consistency.plane,
        "tolerances": _tolerances(consistency),
        "since": since_line(consistency.tracking) if consistency.tracking is not None else "",
        "since_remarks": remarks(consistency),
        "disclaimer": _DEMO_DISCLAIMER if consistency.demo else _DISCLAIMER,
        "indicator_groups": indicator_groups(consistency.indicators),
        "indicators_since": since_words(consistency.indicators),
        **_tables(consistency),
    }
    foot = f"基准日 {consistency.checked_on.isoformat()} · 报告指纹 {fingerprint(digest)}"
    return render("consistency.html.j2", context, title=title, demo=consistency.demo, foot=foot, sheet=LANDSCAPE)


def sentence(consistency: Consistency) -> str:
    """What the verdict rests on, with the numbers."""
    verdict = consistency.verdict
    missing = f"{len(consistency.no_data)} 对图层缺数据，未计为一致" if consistency.no_data else ""
    if not consistency.pairs:
        return f"没有一对图层可以比对。{missing}。" if missing else "规则库在基准日没有可用的图层对规则，没有比对。"
    if verdict is Verdict.COMPLIANT:
        return f"比对的 {len(consistency.pairs)} 对图层之间没有差异图斑。"
    if verdict is Verdict.UNDETERMINED:
        unsure = sum(p.verdict is Verdict.UNDETERMINED for p in consistency.pairs)
        parts = [missing] if missing else []
        parts += [f"{unsure} 对图层只有疑似边界误差、缺少属性或没有规则，待核实"] if unsure else []
        return "；".join(parts) + "。"
    kinds = {d.type: d.title for d in consistency.differences}
    areas: dict[str, float] = {}
    for p in consistency.patches:
        if p.verdict is verdict:
            name = kinds.get(p.difference or "", "") or p.rule
            areas[name] = areas.get(name, 0.0) + p.area_m2
    largest = sorted(areas, key=lambda name: -areas[name])[:3]
    found = "、".join(f"{name} {tables.area_words(areas[name])}" for name in largest)
    return f"{found}，{_CALLS[verdict]}。" + (f"另有 {missing}。" if missing else "")


def _facts(consistency: Consistency) -> list[tuple[str, str]]:
    layers = {name for p in consistency.pairs for name in (p.a, p.b)} | {name for n in consistency.no_data for name in (n.a, n.b)}
    missing = f"；其中 {len(consistency.no_data)} 对缺数据，列为“无数据”，不计为一致" if consistency.no_data else "；没有缺数据的图层对"
    whole = {(p.a, p.b, p.relation) for p in consistency.pairs} | {(n.a, n.b, n.relation) for n in consistency.no_data}
    return [
        ("图集", consistency.atlas_name),
        ("基准日", consistency.checked_on.isoformat()),
        ("比对", f"{len(layers)} 个图层，{len(whole)} 对，规则 {consistency.rules_count} 条{missing}"),
    ]


def _figures(consistency: Consistency) -> list[_Figure]:
    differences = consistency.differences
    area = math.fsum(consistency.differing_m2)
    city = math.fsum(c.area_m2 for c in consistency.counties)
    slivers = differences[-1]
    lines = [p for p in consistency.pairs if p.relation == "overlap" and p.a in LINES and p.b in LINES]
    agreeing = sum(p.verdict is Verdict.COMPLIANT for p in consistency.pairs)
    figures = [
        _Figure(
            label="差异图斑",
            value=numbers.count(consistency.patch_count),
            unit="个",
            note=f"其中边界误差 {numbers.count(slivers.patches)} 个",
        ),
        _Figure(
            label="差异面积",
            value=numbers.printed(area, scale=numbers.M2_PER_HA, decimals=1),
            unit="公顷",
            note=f"重叠处只计一次，占市域 {per_mille(area, city)}" if city else "没有行政区图层，未算占比",
        ),
    ]
    if lines:
        crossing = math.fsum(p.overlap_m2 for p in lines)
        value, unit = (numbers.printed(crossing, scale=numbers.M2_PER_HA, decimals=1), "公顷") if crossing else ("0", "公顷")
        figures.append(_Figure(label="三线交叉重叠", value=value, unit=unit, note=f"三条控制线两两比对 {len(lines)} 对"))
    figures.append(
        _Figure(
            label="一致的图层对",
            value=str(agreeing),
            unit=f"/ {len(consistency.pairs)} 对",
            note="；".join(
                [
                    f"无数据 {len(consistency.no_data)} 对" if consistency.no_data else "没有缺数据的图层对",
                    *([f"指标未达标 {missed} 项"] if (missed := sum(i.met is False for i in consistency.indicators)) else []),
                ]
            ),
        )
    )
    return figures


def _tables(consistency: Consistency) -> dict[str, object]:
    """Every table, numbered in the order in which they stand; 表1 is the heat table."""
    named: Sequence[tuple[str, Table]] = (
        ("balance", balance_table(consistency)),
        ("changes", changes_table(consistency)),
        ("conflicts", tables.conflicts_table(consistency)),
        ("sizes", tables.sizes_table(consistency)),
        ("no_data", tables.no_data_table(consistency)),
        *_since(consistency),
        ("types", tables.types_table(consistency)),
        *((f"{_USES}{i}", table) for i, table in enumerate(use_tables(consistency))),
        ("causes", causes_table(consistency)),
        ("findings", tables.findings_table(consistency)),
        ("pairs", tables.pairs_table(consistency)),
        ("indicators", indicators_table(consistency.indicators)),
        ("indicators_by_county", by_county_table(consistency.indicators)),
        ("indicators_how", how_table(consistency.indicators)),
        ("quality", tables.quality_table(consistency)),
        ("layers", versions_table(consistency.layers)),
    )
    found: dict[str, object] = dict.fromkeys(("since_states", "since_counties", "since_types", "since_not_compared"))
    n = 1
    for key, table in named:
        if table.rows:
            n += 1
            found[key] = _Numbered(printed=print_table(table), label=f"表{n}")
        else:
            found[key] = None
    found["uses"] = [found[key] for key, _ in named if key.startswith(_USES)]
    found["quality_words"] = tables.quality_words(consistency)
    return found


def _since(consistency: Consistency) -> tuple[tuple[str, Table], ...]:
    """与上次比对."""
    tracking = consistency.tracking
    if tracking is None:
        return ()
    return (
        ("since_states", since_table(tracking)),
        ("since_not_compared", not_compared_table(tracking)),
        ("since_counties", since_groups_table(tracking.by_county, "各县（市、区）与上次比对", "县（市、区）")),
        ("since_types", since_groups_table(tracking.by_type, "各类型与上次比对", "类型")),
    )


def _tolerances(consistency: Consistency) -> str:
    t = dict(consistency.tolerances)
    return (
        f"平均宽小于 {t['contact_m']:g} m 的重叠为相接，不计；面积小于 {t['sliver_area_m2']:g} m² 或平均宽小于 {t['sliver_width_m']:g} m"
        " 的图斑为疑似边界误差（D10），单独列出，不作为一致。图斑按县（市、区）界切分，是否边界误差按切分前判断。"
    )
