"""The tables that show where the result comes from: procedures, three areas, needs, data versions, trace, boundary points."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import shapely

from xygis.atlas.field_titles import FIELD_TITLES
from xygis.atlas.verdict import DataState, LayerState, Verdict
from xygis.check.assessment import Assessment, LayerRecord
from xygis.check.overrides import STATEMENT, Corrected
from xygis.geodesy.crs import is_geographic, to_geographic
from xygis.intake.submission import Submission
from xygis.judge.facts import Known, Origin
from xygis.numbers import M2_PER_HA, square_metres
from xygis.report.table import Cell, Column, Kind, Table
from xygis.report.totals import area_totals
from xygis.report.wording import basis_line, fingerprint, layer_titles, listed, shortened

_ORIGIN_WORDS = {
    Origin.GIVEN: "申报",
    Origin.BY_USE: "按用途推定",
    Origin.ASSUMED: "假定",
    Origin.NOT_CLAIMED: "未申报",
    Origin.OPEN: "未申报",
}
_UNSTATED_WORDS = {Origin.NOT_CLAIMED: "按不适用计", Origin.OPEN: "待明确"}
_STEP_WORDS = {"run": "已做", "skipped": "未做", "failed": "失败"}
MOST_POINTS = 240


def procedures_table(assessment: Assessment) -> Table:
    """审批事项与层级, with the margin to the threshold that would move an act up a level."""
    body: tuple[tuple[Cell, ...], ...] = tuple(
        (
            str(n),
            a.act,
            a.phase or None,
            f"{a.level}（{a.authority}）" if a.authority else a.level,
            a.counted_m2,
            None if a.margin_ha is None else a.margin_ha * M2_PER_HA,
            a.reason,
            f"材料：{'、'.join(a.documents)}" if a.documents else None,
            f"依据：{basis_line(a.basis)}" if a.basis else None,
        )
        for n, a in enumerate(assessment.procedures, start=1)
    )
    columns = (
        Column(key="n", title="序号"),
        Column(key="act", title="事项", kind=Kind.NAME),
        Column(key="phase", title="阶段"),
        Column(key="level", title="层级"),
        Column(key="counted", title="计入面积（公顷）", kind=Kind.LIMIT_HA),
        Column(key="margin", title="距限额（公顷）", kind=Kind.LIMIT_HA),
        Column(key="reason", title="理由"),
        Column(key="documents", title="材料", under="act"),
        Column(key="basis", title="依据", under="act"),
    )
    return Table(title="审批事项与层级", columns=columns, rows=body)


def areas_table(assessment: Assessment) -> Table:
    """三种面积对照: official, planar, declared, and how far the declared one is off."""
    body: tuple[tuple[Cell, ...], ...] = tuple(
        (
            p.name,
            p.ellipsoidal_m2,
            "经纬度" if p.planar_m2 is None else p.planar_m2,
            "未申报" if p.declared_m2 is None else p.declared_m2,
            None if p.declared_m2 is None else p.declared_m2 - p.ellipsoidal_m2,
        )
        for p in assessment.parcels
    )
    total = area_totals(assessment)
    difference = None if total.declared_m2 is None else total.declared_m2 - total.ellipsoidal_m2
    columns = (
        Column(key="parcel", title="地块", kind=Kind.NAME),
        Column(key="ellipsoidal", title="椭球面积", kind=Kind.M2),
        Column(key="planar", title="平面面积", kind=Kind.M2),
        Column(key="declared", title="申报面积", kind=Kind.M2),
        Column(key="difference", title="申报差", kind=Kind.DIFFERENCE),
    )
    sums = ("合计", total.ellipsoidal_m2, total.planar_m2, total.declared_m2, difference) if len(body) > 1 else None
    return Table(title="三种面积对照", columns=columns, rows=body, total=sums, unit_note="单位：m²", notes=("判定一律采用椭球面积。",))


def needs_table(assessment: Assessment) -> Table:
    """尚需材料: what would settle the open questions, who provides it, and what each outcome would be."""
    titles = layer_titles(assessment)
    found: dict[tuple[str, str], tuple[list[str], list[str], list[Verdict]]] = {}
    for parcel in assessment.parcels:
        for f in parcel.findings:
            for need in (n for n in f.needs if n.matters):
                uses, names, ends = found.setdefault((need.text, need.provider), ([], [], []))
                uses.append(titles.get(f.layer, f.title))
                names.append(parcel.name)
                ends += (f.best, f.worst)
    body: tuple[tuple[Cell, ...], ...] = tuple(
        (
            str(i),
            text,
            "、".join(dict.fromkeys(uses)),
            listed(list(dict.fromkeys(names))),
            provider or "申请人",
            (max(ends, key=lambda v: v.rank), min(ends, key=lambda v: v.rank)),
        )
        for i, ((text, provider), (uses, names, ends)) in enumerate(found.items(), start=1)
    )
    columns = (
        Column(key="n", title="序号"),
        Column(key="need", title="材料", kind=Kind.NAME),
        Column(key="use", title="用于判定"),
        Column(key="parcels", title="地块"),
        Column(key="provider", title="由谁提供"),
        Column(key="ends", title="补齐后的结论", kind=Kind.VERDICT),
    )
    return Table(title="尚需材料", columns=columns, rows=body)


def questions_table(assessment: Assessment) -> Table:
    """尚需明确: what about the project could still change the verdict, and what each answer would give; a row an answer."""
    standing = {"assumed": "按缺省计", "claim": "未申请"}
    body: tuple[tuple[Cell, ...], ...] = tuple(
        (
            q.title if first else "",
            (standing.get(q.kind, "未申报") + (f"：{q.stands}" if q.kind == "assumed" else "")) if first else "",
            o.label,
            (o.best, o.worst),
        )
        for q in assessment.questions
        for first, o in ((k == 0, o) for k, o in enumerate(q.outcomes))
    )
    columns = (
        Column(key="question", title="项目情况", kind=Kind.NAME),
        Column(key="stands", title="现状"),
        Column(key="answer", title="如申报为"),
        Column(key="verdict", title="全部地块的结论", kind=Kind.VERDICT),
    )
    return Table(title="尚需明确", columns=columns, rows=body)


def corrections_table(assessment: Assessment) -> Table:
    """更正: what the applicant says against a layer, both values side by side, and what each makes of the parcel."""
    titles = {r.layer.id: r.layer.title for r in assessment.layers}
    names = {p.id: p.name for p in assessment.parcels}
    body: tuple[tuple[Cell, ...], ...] = tuple(
        (
            names[c.parcel],
            f"{titles[c.override.layer]}（{FIELD_TITLES.get(c.override.field, c.override.field)}）",
            "、".join(f"{value}（{square_metres(m2)} m²）" for value, m2 in c.recorded),
            c.by_layer,
            c.override.value,
            c.by_statement,
            _deciding(c),
            f"理由：{c.override.reason}",
        )
        for c in assessment.corrections
    )
    columns = (
        Column(key="parcel", title="地块", kind=Kind.NAME),
        Column(key="layer", title="图层（字段）"),
        Column(key="recorded", title="图层记载"),
        Column(key="verdict_recorded", title="按图层", kind=Kind.VERDICT),
        Column(key="stated", title="申报更正为"),
        Column(key="verdict_stated", title="按更正", kind=Kind.VERDICT),
        Column(key="confirmed", title="确认"),
        Column(key="reason", title="理由", under="parcel"),
    )
    return Table(title="对图层的更正", columns=columns, rows=body)


def _deciding(corrected: Corrected) -> str:
    """By which of both values the parcel is judged, and on whose word."""
    said = corrected.override
    if said.confirmed:
        return f"{said.confirmed_by}，{said.document}：按更正判定"
    return "未经确认，因更严，按更正判定" if corrected.decides == STATEMENT else "未经确认，按图层判定"


def project_table(assessment: Assessment) -> Table:
    """项目情况: how each fact stands that a rule of a concerned layer asks or that was stated, and where that comes from."""
    names = {p.id: p.name for p in assessment.parcels}
    body: tuple[tuple[Cell, ...], ...] = tuple(
        (
            f.known.fact.title,
            _UNSTATED_WORDS.get(f.known.origin) or f.known.label,
            _ORIGIN_WORDS[f.known.origin] + (f"（{listed([names[i] for i in f.parcels])}）" if f.parcels else ""),
            _proof(f.known),
        )
        for f in assessment.project.facts
    )
    columns = (
        Column(key="fact", title="项目情况", kind=Kind.NAME),
        Column(key="value", title="取值"),
        Column(key="origin", title="来源"),
        Column(key="proof", title="证明"),
    )
    return Table(title="项目情况", columns=columns, rows=body)


def _proof(known: Known) -> str | None:
    """Of an exception or special case what it takes; None of any other fact, and of one that is denied."""
    if known.fact.kind != "claim" or known.value is False:
        return None
    return "如申报，须附证明" if known.origin is Origin.NOT_CLAIMED else "须附证明"


def layers_table(assessment: Assessment) -> Table:
    """数据版本: every layer as it took part."""
    partly = {
        m.layer
        for p in assessment.parcels
        for m in p.measures
        if m.data == DataState.READY and (m.state == LayerState.NO_DATA or m.unmapped_m2 > 0)
    }
    return versions_table(assessment.layers, partly)


def versions_table(records: Sequence[LayerRecord], partly: Collection[str] = ()) -> Table:
    """数据版本 of some layers; `partly`: ids of those that do not cover everything that was asked."""
    body = tuple(_layer_row(r, r.layer.id in partly) for r in records)
    columns = (
        Column(key="layer", title="图层", kind=Kind.NAME),
        Column(key="state", title="状态", kind=Kind.STATE),
        Column(key="status", title="性质"),
        Column(key="version", title="版本", kind=Kind.FIGURE),
        Column(key="features", title="要素数", kind=Kind.COUNT),
        Column(key="accuracy", title="精度（m）", kind=Kind.FIGURE),
        Column(key="authority", title="来源"),
        Column(key="sha256", title="内容指纹", kind=Kind.CODE),
    )
    return Table(title="数据版本", columns=columns, rows=body)


def _layer_row(record: LayerRecord, partly: bool) -> tuple[Cell, ...]:
    layer = record.layer
    state: Cell = "范围不全" if partly and record.state == DataState.READY else record.state
    accuracy = "未知" if layer.accuracy_m is None else f"{layer.accuracy_m:g}"
    version = layer.version.isoformat() if layer.version else "未注"
    return (layer.title, state, layer.status.label, version, record.features, accuracy, layer.authority, fingerprint(record.sha256))


def trace_table(assessment: Assessment) -> Table:
    """计算记录: what failed, what was skipped and why, and what was run."""
    order = ("failed", "skipped", "run")
    steps = sorted(assessment.trace, key=lambda s: order.index(s.status) if s.status in order else 0)
    body: tuple[tuple[Cell, ...], ...] = tuple((_STEP_WORDS.get(s.status, s.status), s.step, s.detail) for s in steps)
    columns = (Column(key="status", title="情况"), Column(key="step", title="步骤", kind=Kind.NAME), Column(key="detail", title="说明"))
    return Table(title="计算记录", columns=columns, rows=body)


def points_table(assessment: Assessment) -> Table:
    """界址点坐标, as given and in degrees. Cut at MOST_POINTS; the file itself holds the rest."""
    body: list[tuple[Cell, ...]] = []
    count = 0
    for source in assessment.sources:
        for parcel in source.parcels if isinstance(source, Submission) else ():
            rings = [
                np.asarray(ring.coords)[:-1, :2] for part in shapely.get_parts(parcel.geometry) for ring in (part.exterior, *part.interiors)
            ]
            points = np.concatenate(rings)
            count += len(points)
            labels = parcel.point_labels if len(parcel.point_labels) == len(points) else [f"J{i}" for i in range(1, len(points) + 1)]
            lon, lat = to_geographic(parcel.crs, points[:, 0], points[:, 1])
            degrees = is_geographic(parcel.crs)
            for label, (x, y), x_deg, y_deg in zip(labels, points, lon, lat, strict=True):
                if len(body) < MOST_POINTS:
                    plane = ("", "") if degrees else (f"{y:.3f}", f"{x:.3f}")
                    body.append((shortened(parcel.name, 18), label, *plane, f"{x_deg:.7f}", f"{y_deg:.7f}"))
    columns = (
        Column(key="parcel", title="地块"),
        Column(key="point", title="点号"),
        Column(key="north", title="X（北，m）", kind=Kind.FIGURE),
        Column(key="east", title="Y（东，m）", kind=Kind.FIGURE),
        Column(key="lon", title="经度（°）", kind=Kind.FIGURE),
        Column(key="lat", title="纬度（°）", kind=Kind.FIGURE),
    )
    notes = (f"共 {count} 个界址点，此处列前 {len(body)} 个；全部坐标见送审文件。",) if count > len(body) else ()
    return Table(title="界址点坐标", columns=columns, rows=tuple(body), notes=notes)
