"""One sentence for each layer, as planners write them: 不涉及, 涉及, 贴界, 无数据, and 综上.

Every number is the printed cell of the table beside it. Nothing is said to be 不涉及 that has not been measured whole, with
data in force, and without a doubt about the boundary.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from xygis import numbers
from xygis.atlas.verdict import DataState, LayerState, Verdict
from xygis.check.assessment import Assessment, LayerRecord
from xygis.judge.finding import Finding
from xygis.report.headline import finding_groups
from xygis.report.layer_tables import measures_of
from xygis.report.lines import BOUNDARY, THREE_LINES, LineRow
from xygis.report.totals import area_totals
from xygis.report.wording import basis_line, listed

_MOST_NEEDS = 2


def layer_sentence(
    assessment: Assessment, record: LayerRecord, row: LineRow, cells: dict[str, str], zones: Sequence[dict[str, str]] = ()
) -> str:
    """What the report says of one layer; `cells`: its row of the chapter's table as printed, by column key; `zones`: those below it."""
    title = record.layer.title
    if row.state == LayerState.NO_DATA:
        return _without_data(record, row, assessment) + _doubts(assessment, record)
    if row.state == LayerState.CLEAR:
        return _clear(record, row, cells) + _parts(zones) + _doubts(assessment, record)
    area = area_totals(assessment).ellipsoidal_m2
    whole = f"项目用地总面积 {numbers.hectares(area)} 公顷（{numbers.mu(area)} 亩），其中" if row.layer in THREE_LINES else "项目用地"
    size = f"{cells['ha']} 公顷（{cells['mu']} 亩）"
    if row.layer == BOUNDARY:
        said = f"{whole} {size}位于{title}以外，占项目用地 {cells['share']}。"
    else:
        count = f"，涉及图斑 {cells['patches']} 个" if cells["patches"] not in ("", numbers.DASH) else ""
        verb = {"layout": "位于", "plan": "位于"}.get(record.layer.role, "占用")
        said = f"{whole}{verb}{title} {size}，占项目用地 {cells['share']}{count}。"
    return said + _parts(zones) + _judged(row) + _doubts(assessment, record)


def summary_sentence(assessment: Assessment) -> str:
    """综上: whether the project complies, and on what that depends."""
    groups = finding_groups(assessment)
    titles = {r.layer.id: r.layer.title for r in assessment.layers}

    def layers(verdict: Verdict) -> str:
        found = list(dict.fromkeys(titles.get(g.layer, g.title) for g in groups if g.verdict == verdict))
        return "、".join(found[:4]) + (f"等 {len(found)} 项" if len(found) > 4 else "")

    if not assessment.parcels:
        return "没有可以审查的地块，不能得出结论。"
    open_ones = layers(Verdict.UNDETERMINED)
    match assessment.verdict:
        case Verdict.PROHIBITED:
            rest = f"；{open_ones}尚不能判定" if open_ones else ""
            return f"综上，项目不符合{layers(Verdict.PROHIBITED)}管控要求，现方案不能报批{rest}。"
        case Verdict.UNDETERMINED:
            return f"综上，{f'{open_ones}尚不能判定，' if open_ones else ''}现在不能得出项目符合的结论；补齐材料后重新审查。"
        case Verdict.APPROVAL | Verdict.JUSTIFICATION:
            parts = [f"{layers(v)}{words}" for v, words in _CONDITIONS if layers(v)]
            return f"综上，项目有条件符合：{'，'.join(parts)}；其余各项未见冲突。"
        case Verdict.NOTICE:
            return f"综上，项目符合各项管控要求；{layers(Verdict.NOTICE)}列有提示事项。"
        case _:
            return "综上，项目符合各项管控要求。"


_CONDITIONS = ((Verdict.APPROVAL, "须报批"), (Verdict.JUSTIFICATION, "须论证或征求意见"))


def _without_data(record: LayerRecord, row: LineRow, assessment: Assessment) -> str:
    title = record.layer.title
    if record.state != DataState.READY and record.state != DataState.EXPIRED:
        return f"未提供{title}，本项无法判定。"
    named = {p.id: p.name for p in assessment.parcels}
    without = [named[id_] for id_, state in zip(row.parcels, row.states, strict=True) if state == LayerState.NO_DATA]
    if len(without) == len(row.parcels):
        return f"项目用地在{title}图层范围以外，本项无法判定；没有数据不等于没有限制。"
    return f"{listed(without)}在{title}图层范围以外，无法判定；其余地块没有重叠。"


def _clear(record: LayerRecord, row: LineRow, cells: dict[str, str]) -> str:
    title = record.layer.title
    version = f"{record.layer.version.isoformat()} 版" if record.layer.version is not None else "版本未注"
    source = f"经与{title}（{version}，来源：{record.layer.authority or '未注'}）套合"
    far = cells.get("distance", "")
    distance = "" if far in ("", numbers.DASH) else f"，{far[1:]} m 内没有该图层要素" if far.startswith(">") else f"，最近距离 {far} m"
    if record.state == DataState.EXPIRED:
        return f"{source}，没有重叠{distance}；但该图层已过有效期，不能据此认定不涉及。"
    if row.verdict not in (None, Verdict.COMPLIANT):
        return f"{source}，没有重叠{distance}。{_judged(row)}"
    if row.layer == BOUNDARY:
        return f"{source}，项目用地全部位于{title}以内。"
    return f"{source}，项目用地范围不涉及{title}，无压占{distance}。"


def _parts(zones: Sequence[dict[str, str]]) -> str:
    """界内：集中建设区 11.1384 公顷; the zones as the table names them."""
    return "，".join(f"{z['layer']} {z['ha']} 公顷" for z in zones) + ("。" if zones else "")


def _judged(row: LineRow) -> str:
    """依据…，须报国务院批准。建议…; nothing where no rule speaks of the layer."""
    if not row.findings:
        return "没有规则据此作出结论，仅列示。" if row.verdict is None else ""
    worst = row.findings[0]
    basis = basis_line(worst.basis[:3])
    said = f"{f'依据{basis}，' if basis else ''}{_meaning(worst)}。"
    if worst.verdict in (Verdict.PROHIBITED, Verdict.JUSTIFICATION) and worst.remedy:
        said += f"建议：{worst.remedy.split('；')[0].split('。')[0]}。"
    return said


def _meaning(finding: Finding) -> str:
    who = finding.authority
    match finding.verdict:
        case Verdict.PROHIBITED:
            return "不符合管控要求"
        case Verdict.UNDETERMINED:
            needs = list(dict.fromkeys(n.text for n in finding.needs if n.matters))
            more = "等" if len(needs) > _MOST_NEEDS else ""
            bring = "" if needs and needs[0].startswith("核实") else "补齐"
            settle = f"，{bring}{'、'.join(needs[:_MOST_NEEDS])}{more}后定论" if needs else ""
            ends = f"（{finding.best.label}至{finding.worst.label}）" if finding.best != finding.worst else ""
            return f"现在无法判定{ends}{settle}"
        case Verdict.APPROVAL:
            return f"须报{who}批准" if who else "须报批"
        case Verdict.JUSTIFICATION:
            return f"须论证或征求{who}意见" if who else "须论证或征求意见"
        case Verdict.NOTICE:
            return "列为提示事项"
        case _:
            return "符合管控要求"


def _doubts(assessment: Assessment, record: LayerRecord) -> str:
    """贴界, land beyond the layer's extent, data out of force: whatever else is said, this is said too."""
    title = record.layer.title
    measures = measures_of(assessment, record.layer.id)
    concerned = any(m.state == LayerState.CONCERNED for _, m in measures)
    said = ""
    slivers = [(p.name, m.sliver_m2 or 0.0) for p, m in measures if m.sliver_count]
    if slivers:
        tolerances, limits = dict(assessment.tolerances), ""
        if "sliver_area_m2" in tolerances and "sliver_width_m" in tolerances:
            limits = f"，面积小于 {tolerances['sliver_area_m2']:g} m² 或平均宽小于 {tolerances['sliver_width_m']:g} m"
        overlap = numbers.square_metres(math.fsum(m2 for _, m2 in slivers))
        names = listed([name for name, _ in slivers])
        said += f"{names} 与{title}的重叠中有 {overlap} m²{limits}，疑似边界误差，需核实原始坐标，不作为“不涉及”。"
    beyond = [(p.name, m.unmapped_m2) for p, m in measures if m.unmapped_m2 > 0.0]
    if concerned and beyond:
        m2 = numbers.square_metres(math.fsum(v for _, v in beyond))
        said += f"{listed([name for name, _ in beyond])} 另有 {m2} m² 在{title}图层范围以外，那里没有数据。"
    if concerned and record.state == DataState.EXPIRED:
        said += f"{title}图层已过有效期，须以现行成果复核。"
    return said
