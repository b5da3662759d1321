"""The first page of a consistency report: facts under the title, the conclusion in a sentence, the big numbers."""

from __future__ import annotations

import math

from xygis import numbers
from xygis.atlas.verdict import Verdict
from xygis.consistency.result import Consistency
from xygis.report.consistency_heat import per_mille
from xygis.report.consistency_tables import area_words, line_pairs
from xygis.report.consistency_what_if import what_if_sentence
from xygis.report.document import KeyFigure, VerdictBox

TITLE = "多规合一一致性报告"
HEADLINES = {
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


def verdict_box(consistency: Consistency) -> VerdictBox:
    """The answer, what it rests on, and the big numbers."""
    return VerdictBox(
        verdict=consistency.verdict,
        headline=_supposed(consistency) + HEADLINES[consistency.verdict],
        sentence=sentence(consistency) + _changes(consistency),
        second="",
        rows=(),
        figures=key_figures(consistency),
    )


def _supposed(consistency: Consistency) -> str:
    """What stands before the answer of a run that supposes another layer, so that nobody takes it for the state of the city."""
    return "假设方案：" if consistency.what_if is not None else ""


def _changes(consistency: Consistency) -> str:
    """What the supposed layer would change, and what has become of the patches of an earlier run."""
    words = what_if_sentence(consistency.what_if) if consistency.what_if is not None else ""
    if consistency.tracking is not None:
        states = "、".join(
            f"{t.state.label} {numbers.count(max(t.patches, t.earlier_patches))}"
            for t in consistency.tracking.by_state
            if t.patches or t.earlier_patches
        )
        words += f"与上次（{consistency.tracking.checked_on}）比：{states}。" if states else ""
    return words


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
    found = "、".join(f"{name} {area_words(areas[name])}" for name in largest)
    return f"{found}，{_CALLS[verdict]}。" + (f"另有 {missing}。" if missing else "")


def facts(consistency: Consistency) -> tuple[tuple[str, str], ...]:
    """The line under the title."""
    layers = {name for p in consistency.pairs for name in (p.a, p.b)} | {name for n in consistency.no_data for name in (n.a, n.b)}
    missing = f"；其中 {len(consistency.no_data)} 对缺数据，列为“无数据”，不计为一致" if consistency.no_data else "；没有缺数据的图层对"
    whole = {(p.a, p.b, p.relation) for p in consistency.pairs} | {(n.a, n.b, n.relation) for n in consistency.no_data}
    return (
        ("图集", consistency.atlas_name),
        ("基准日", consistency.checked_on.isoformat()),
        ("比对", f"{len(layers)} 个图层，{len(whole)} 对，规则 {consistency.rules_count} 条{missing}"),
    )


def key_figures(consistency: Consistency) -> tuple[KeyFigure, ...]:
    """The big numbers."""
    differences = consistency.differences
    area = math.fsum(consistency.differing_m2)
    city = math.fsum(c.area_m2 for c in consistency.counties)
    slivers = differences[-1]
    lines = line_pairs(consistency)
    agreeing = sum(p.verdict is Verdict.COMPLIANT for p in consistency.pairs)
    figures = [
        KeyFigure(
            label="差异图斑",
            value=numbers.count(consistency.patch_count),
            unit="个",
            note=f"其中边界误差 {numbers.count(slivers.patches)} 个",
        ),
        KeyFigure(
            label="差异面积",
            value=numbers.printed(area, scale=numbers.M2_PER_HA, decimals=1),
            unit="公顷",
            note=f"重叠处只计一次，占市域 {per_mille(area, city)}" if city else "没有行政区图层，未算占比",
        ),
    ]
    if lines:
        crossing = math.fsum(p.overlap_m2 for p in lines)
        value, unit = (numbers.printed(crossing, scale=numbers.M2_PER_HA, decimals=1), "公顷") if crossing else ("0", "公顷")
        figures.append(KeyFigure(label="三线交叉重叠", value=value, unit=unit, note=f"三条控制线两两比对 {len(lines)} 对"))
    figures.append(
        KeyFigure(
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
    return tuple(figures)
