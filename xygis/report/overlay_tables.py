"""The tables of overlaps: control layers over the project, the three lines parcel by parcel, and the layers not concerned."""

from __future__ import annotations

import math

from xygis.atlas.verdict import LayerState
from xygis.check.assessment import Assessment, ParcelAssessment
from xygis.report.lines import BOUNDARY, LineRow, line_rows, parcel_lines
from xygis.report.table import Cell, Column, Kind, Table
from xygis.report.wording import basis_line, column_names, row_name

_UNSPOKEN = "仅列示"  # no rule speaks of it
MOST_COLUMNS = 4  # with more parcels, tables show totals only


def overlay_table(assessment: Assessment) -> Table:
    """表1 管控图层套合结果: one row per control line, one column per parcel where they are few."""
    parcels = assessment.parcels
    project_m2 = math.fsum(p.ellipsoidal_m2 for p in parcels)
    rows = line_rows(assessment)
    one = len(parcels) == 1
    by_parcel = 1 < len(parcels) <= MOST_COLUMNS
    keys = [f"p{p.id}" for p in parcels] if by_parcel else []
    columns = [Column(key="layer", title="管控图层", kind=Kind.NAME), Column(key="state", title="状态", kind=Kind.STATE)]
    columns += [Column(key=key, title=name, kind=Kind.HA) for key, name in zip(keys, column_names(parcels), strict=False)]
    if len(parcels) > MOST_COLUMNS:
        columns.append(Column(key="parcels", title="涉及地块", kind=Kind.COUNT, unit="个"))
    columns += [
        Column(key="ha", title="合计" if by_parcel else "公顷", kind=Kind.HA, sum_of=tuple(keys)),
        Column(key="mu", title="亩", kind=Kind.MU),
        Column(key="share", title="占项目" if not one else "占地块", kind=Kind.SHARE),
        Column(key="verdict", title="结论", kind=Kind.VERDICT),
        Column(key="basis", title="依据", under=None if one else "layer"),
        Column(key="authority", title="办理层级", under=None if one else "layer"),
    ]
    body = tuple(_row(row, project_m2, by_parcel=by_parcel, count=len(parcels) > MOST_COLUMNS) for row in rows)
    unit = "单位：公顷（椭球面积）" if assessment.plane == "official" else f"单位：公顷（{assessment.plane} 平面面积）"
    return Table(
        title="管控图层套合结果",
        columns=tuple(columns),
        rows=body,
        unit_note=unit if by_parcel else unit.replace("单位：公顷（", "").rstrip("）"),
    )


def parcel_lines_table(assessment: Assessment) -> Table:
    """三条控制线 parcel by parcel: area in both units, share of the parcel, verdict, basis, level."""
    body: list[tuple[Cell, ...]] = []
    for parcel in assessment.parcels:
        for row in parcel_lines(assessment, parcel):
            area = row.total_m2
            share = area / parcel.ellipsoidal_m2 if isinstance(area, float) else area
            body.append(
                (
                    row_name(parcel),
                    row.title,
                    row.state_cell,
                    area,
                    area,
                    share,
                    verdict_cell(row),
                    basis_cell(row),
                    authority_cell(row),
                )
            )
    columns = (
        Column(key="parcel", title="地块", kind=Kind.NAME),
        Column(key="line", title="管控线"),
        Column(key="state", title="状态", kind=Kind.STATE),
        Column(key="ha", title="公顷", kind=Kind.HA),
        Column(key="mu", title="亩", kind=Kind.MU),
        Column(key="share", title="占地块", kind=Kind.SHARE),
        Column(key="verdict", title="结论", kind=Kind.VERDICT),
        Column(key="basis", title="依据"),
        Column(key="authority", title="办理层级"),
    )
    return Table(title="三条控制线分地块结果", columns=columns, rows=tuple(body), unit_note="椭球面积")


def clear_table(assessment: Assessment) -> Table:
    """附表 不涉及的图层: every layer that no parcel touches, with the nearest distance of each parcel."""
    parcels = assessment.parcels
    radius = dict(assessment.tolerances).get("search_radius_m")
    far = f">{radius:,.0f}" if radius is not None else "–"
    many = len(parcels) > MOST_COLUMNS
    body: list[tuple[Cell, ...]] = []
    for record in assessment.layers:
        measures = [m for p in parcels for m in p.measures if m.layer == record.layer.id]
        if record.layer.role == "reference" or not measures or any(m.state != LayerState.CLEAR for m in measures):
            continue
        distances = [m.distance_m for m in measures]
        if many:
            known = [d for d in distances if d is not None]
            nearest = min(known, default=None)
            body.append(
                (
                    record.layer.title,
                    far if nearest is None else nearest,
                    "–" if nearest is None else parcels[distances.index(nearest)].name,
                )
            )
        else:
            body.append((record.layer.title, *(far if d is None else d for d in distances)))
    columns = [Column(key="layer", title="图层", kind=Kind.NAME)]
    if many:
        columns += [Column(key="nearest", title="最近距离", kind=Kind.METRES), Column(key="parcel", title="最近的地块")]
    else:
        columns += [Column(key=f"p{p.id}", title=name, kind=Kind.METRES) for p, name in zip(parcels, column_names(parcels), strict=True)]
    notes = (f"{far} 表示搜索半径内没有该图层要素。",) if any(far in row for row in body) else ()
    return Table(title="不涉及的图层", columns=tuple(columns), rows=tuple(body), unit_note="列最近距离，单位：m", notes=notes)


def parcels_table(assessment: Assessment) -> Table:
    """分地块结论: one row per parcel, for runs with many."""
    body = tuple(_parcel_row(p) for p in assessment.parcels)
    total_m2 = math.fsum(p.ellipsoidal_m2 for p in assessment.parcels)
    columns = (
        Column(key="id", title="序号", kind=Kind.CODE),
        Column(key="parcel", title="地块", kind=Kind.NAME),
        Column(key="ha", title="公顷", kind=Kind.HA),
        Column(key="mu", title="亩", kind=Kind.MU),
        Column(key="verdict", title="结论", kind=Kind.VERDICT),
        Column(key="finding", title="主要意见"),
    )
    return Table(
        title="分地块结论", columns=columns, rows=body, total=("", "合计", total_m2, total_m2, assessment.verdict, ""), unit_note="椭球面积"
    )


def _parcel_row(parcel: ParcelAssessment) -> tuple[Cell, ...]:
    first = parcel.findings[0].title if parcel.findings else "未发现管控冲突"
    return (parcel.id, row_name(parcel), parcel.ellipsoidal_m2, parcel.ellipsoidal_m2, parcel.verdict, first)


def _row(row: LineRow, project_m2: float, *, by_parcel: bool, count: bool) -> tuple[Cell, ...]:
    total = row.total_m2
    known = total if isinstance(total, float) else None if total is None else ""  # 无数据 once is enough
    share = total / project_m2 if isinstance(total, float) and project_m2 > 0 else known
    cells: list[Cell] = [row.title, row.state_cell]
    if by_parcel:
        cells += row.areas_m2
    if count:
        cells.append(sum(isinstance(a, float) for a in row.areas_m2) or (None if row.state == LayerState.CLEAR else ""))
    return (*cells, total, known, share, verdict_cell(row), basis_cell(row), authority_cell(row))


def verdict_cell(row: LineRow) -> Cell:
    """The verdict; of a zone that no rule names apart, nothing: the line above says it."""
    if row.verdict is not None:
        return row.verdict
    return "" if row.zone or row.findings else _UNSPOKEN


def basis_cell(row: LineRow) -> str:
    """Where its worst finding stands in the law; the full list is in the finding."""
    return basis_line(row.findings[0].basis[:3]) if row.findings and not _as_above(row) else ""


def authority_cell(row: LineRow) -> str:
    return row.findings[0].authority if row.findings and not _as_above(row) else ""


def _as_above(row: LineRow) -> bool:
    """A zone whose findings the line above has already shown."""
    return row.zone and row.layer != BOUNDARY
