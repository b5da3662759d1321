"""Tables of a chapter: the layers it speaks of, the zones and classes of a plan under the project, control strips entered."""

from __future__ import annotations

import math
from collections.abc import Sequence

from xygis.atlas.layer import Layer
from xygis.atlas.verdict import LayerState
from xygis.check.assessment import Assessment, ParcelAssessment
from xygis.overlay.measure import Measure
from xygis.report.lines import BOUNDARY, LineRow
from xygis.report.overlay_tables import authority_cell, basis_cell, verdict_cell
from xygis.report.table import Cell, Column, Kind, Table
from xygis.report.wording import listed

_UNCOVERED_M2 = 0.01  # less than this between classes and project is rounding
_NAMELESS = "未注明"


def chapter_table(assessment: Assessment, title: str, rows: Sequence[LineRow]) -> Table:
    """T1: state, number of patches, area in both units, share of the project, nearest distance, verdict; basis and level below."""
    project_m2 = math.fsum(p.ellipsoidal_m2 for p in assessment.parcels)
    columns = (
        Column(key="layer", title="图层", kind=Kind.NAME),
        Column(key="state", title="状态", kind=Kind.STATE),
        Column(key="patches", title="图斑数", kind=Kind.COUNT),
        Column(key="ha", title="公顷", kind=Kind.HA),
        Column(key="mu", title="亩", kind=Kind.MU),
        Column(key="share", title="占项目", kind=Kind.SHARE),
        Column(key="distance", title="最近距离（m）", kind=Kind.METRES),
        Column(key="verdict", title="结论", kind=Kind.VERDICT),
        Column(key="basis", title="依据", under="layer"),
        Column(key="authority", title="办理层级", under="layer"),
    )
    unit = "椭球面积" if assessment.plane == "official" else f"{assessment.plane} 平面面积"
    return Table(title=title, columns=columns, rows=tuple(_chapter_row(assessment, row, project_m2) for row in rows), unit_note=unit)


def _chapter_row(assessment: Assessment, row: LineRow, project_m2: float) -> tuple[Cell, ...]:
    total = row.total_m2
    known: Cell = total if isinstance(total, float) else None if total is None else ""  # 无数据 once is enough
    share = total / project_m2 if isinstance(total, float) and project_m2 > 0 else known
    return (
        row.title,
        row.state_cell,
        _patches(assessment, row),
        total,
        known,
        share,
        _nearest(assessment, row),
        verdict_cell(row),
        basis_cell(row),
        authority_cell(row),
    )


def measures_of(assessment: Assessment, layer: str) -> list[tuple[ParcelAssessment, Measure]]:
    """Every parcel with its measure of one layer; parcels that were not measured against it are left out."""
    return [(p, m) for p in assessment.parcels for m in p.measures if m.layer == layer]


def _patches(assessment: Assessment, row: LineRow) -> Cell:
    """Pieces of overlap with the whole layer; of a zone and of what lies outside, none are counted."""
    if row.zone or row.layer == BOUNDARY or row.state != LayerState.CONCERNED:
        return None if row.state == LayerState.CLEAR else ""
    return sum(m.patches or 0 for _, m in measures_of(assessment, row.layer)) or ""


def _nearest(assessment: Assessment, row: LineRow) -> Cell:
    """Of a layer that no parcel touches, the distance from the nearest parcel; beyond the search radius, that word."""
    if row.state != LayerState.CLEAR or row.layer == BOUNDARY:
        return "" if row.state == LayerState.NO_DATA else None
    known = [m.distance_m for _, m in measures_of(assessment, row.layer) if m.distance_m is not None]
    radius = dict(assessment.tolerances).get("search_radius_m")
    return min(known) if known else (f">{radius:,.0f}" if radius is not None else "")


def plan_table(assessment: Assessment, layer: Layer) -> Table | None:
    """T3: zones and classes of one plan under the project, closed to its area; None where no parcel has data or overlaps."""
    found: dict[tuple[str, str], list[float]] = {}
    parcels: dict[tuple[str, str], dict[str, None]] = {}
    covered_m2 = uncovered_m2 = 0.0
    for parcel, measure in measures_of(assessment, layer.id):
        if measure.state == LayerState.NO_DATA:
            continue
        for hit in measure.features:
            key = _class(dict(hit.attributes))
            found.setdefault(key, []).append(hit.overlap_m2)
            parcels.setdefault(key, {})[parcel.name] = None
        covered_m2 += math.fsum(h.overlap_m2 for h in measure.features)
        uncovered_m2 += max(0.0, measure.outside_m2 or 0.0)
    if not found:
        return None
    total_m2 = covered_m2 + (uncovered_m2 if uncovered_m2 > _UNCOVERED_M2 else 0.0)
    body: list[tuple[Cell, ...]] = []
    for key, values in sorted(found.items(), key=lambda item: -math.fsum(item[1])):
        m2 = math.fsum(values)
        body.append((*key, listed(list(parcels[key])), m2, m2, m2 / total_m2 if total_m2 else None))
    if uncovered_m2 > _UNCOVERED_M2:
        body.append(("", "规划图层未覆盖", "", uncovered_m2, uncovered_m2, uncovered_m2 / total_m2))
    columns = (
        Column(key="code", title="代码", kind=Kind.CODE),
        Column(key="name", title="分区或用地", kind=Kind.NAME),
        Column(key="parcels", title="地块"),
        Column(key="ha", title="公顷", kind=Kind.HA),
        Column(key="mu", title="亩", kind=Kind.MU),
        Column(key="share", title="占比", kind=Kind.SHARE),
    )
    return Table(
        title=layer.title,
        columns=columns,
        rows=tuple(body),
        total=("", "合计", "", total_m2, total_m2, 1.0 if total_m2 else None),
        unit_note="尾差按最大余数法归整",
    )


def _class(attributes: dict[str, str | float | int | None]) -> tuple[str, str]:
    """(code, words): the class or zone that a feature of a plan names, in whichever fields it does."""
    names = ("class_name", "name", "zone", "class")
    code = next((str(v) for k in ("code", "class", "zone") if (v := attributes.get(k)) not in (None, "") and str(v).isascii()), "")
    words = list(dict.fromkeys(str(v) for k in names if (v := attributes.get(k)) not in (None, "") and str(v) != code))
    return code, "，".join(words[:2]) or code or _NAMELESS


def strips_table(assessment: Assessment, layers: Sequence[Layer]) -> Table:
    """Control strips that the project enters: layer, class, width of the strip, parcels, area, finding."""
    body: list[tuple[Cell, ...]] = []
    for layer in layers:
        sums: dict[tuple[tuple[tuple[str, tuple[str, ...]], ...], float], list[tuple[str, float]]] = {}
        for parcel, measure in measures_of(assessment, layer.id):
            for part in measure.parts:
                if part.selection.strip_m is not None and (part.possible_m2 or part.overlap_m2):
                    key = (part.selection.where, part.selection.strip_m)
                    sums.setdefault(key, []).append((parcel.name, max(part.overlap_m2, part.possible_m2)))
        for (where, strip_m), hits in sums.items():
            kind = "、".join(value for _, patterns in where for value in patterns if not value.startswith("!")) or "全部"
            m2 = math.fsum(v for _, v in hits)
            body.append((layer.title, kind, f"{strip_m:g}", listed([name for name, _ in hits]), m2, m2))
    columns = (
        Column(key="layer", title="设施", kind=Kind.NAME),
        Column(key="class", title="类别"),
        Column(key="strip", title="控制带宽（m）", kind=Kind.FIGURE),
        Column(key="parcels", title="进入的地块"),
        Column(key="ha", title="公顷", kind=Kind.HA),
        Column(key="mu", title="亩", kind=Kind.MU),
    )
    return Table(title="进入控制带的用地", columns=columns, rows=tuple(body))
