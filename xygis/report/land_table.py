"""附表 土地利用现状分类面积: current land use by class and parcel, closed to the area of the parcels."""

from __future__ import annotations

import math

from xygis.atlas.verdict import LayerState
from xygis.check.assessment import Assessment, ParcelAssessment
from xygis.report.overlay_tables import MOST_COLUMNS
from xygis.report.table import Cell, Column, Kind, Table
from xygis.report.wording import column_names

LAND_USE = "current_land_use"
_UNCOVERED_M2 = 0.01  # less than this between classes and parcel is rounding


def land_table(assessment: Assessment) -> Table | None:
    """Areas by class, or None where no parcel has land use data."""
    parcels = assessment.parcels
    per_parcel = [classes_of(p) for p in parcels]
    if all(classes is None for classes in per_parcel):
        return None
    by_parcel = 1 < len(parcels) <= MOST_COLUMNS
    labels = dict.fromkeys(key for classes in per_parcel if classes for key in classes)
    keys = sorted(labels, key=lambda k: (k[0] == "", k))
    total_m2 = math.fsum(v for classes in per_parcel if classes for v in classes.values())
    body: list[tuple[Cell, ...]] = []
    for key in keys:
        areas = [None if classes is None else classes.get(key) for classes in per_parcel]
        row_m2 = math.fsum(a for a in areas if a is not None)
        cells: list[Cell] = ["无数据" if classes is None else area for classes, area in zip(per_parcel, areas, strict=True)]
        body.append((*key, *(cells if by_parcel else ()), row_m2, row_m2, row_m2, row_m2 / total_m2 if total_m2 else None))
    sums: list[Cell] = ["无数据" if classes is None else math.fsum(classes.values()) for classes in per_parcel]
    columns = [Column(key="class", title="编码", kind=Kind.CODE), Column(key="name", title="地类", kind=Kind.NAME)]
    if by_parcel:
        columns += [Column(key=f"p{p.id}", title=n, kind=Kind.M2) for p, n in zip(parcels, column_names(parcels), strict=True)]
    columns += [
        Column(key="m2", title="合计" if by_parcel else "m²", kind=Kind.M2, sum_of=tuple(f"p{p.id}" for p in parcels) if by_parcel else ()),
        Column(key="ha", title="公顷", kind=Kind.HA),
        Column(key="mu", title="亩", kind=Kind.MU),
        Column(key="share", title="占比", kind=Kind.SHARE),
    ]
    return Table(
        title="土地利用现状分类面积",
        columns=tuple(columns),
        rows=tuple(body),
        total=("", "合计", *(sums if by_parcel else ()), total_m2, total_m2, total_m2, 1.0 if total_m2 else None),
        unit_note="未注单位的为 m²；尾差按最大余数法归整",
    )


def classes_of(parcel: ParcelAssessment) -> dict[tuple[str, str], float] | None:
    """(code, name) → m² of one parcel; what no feature covers stands as a class of its own. None without data."""
    measure = next((m for m in parcel.measures if m.layer == LAND_USE), None)
    if measure is None or measure.state == LayerState.NO_DATA:
        return None
    found: dict[tuple[str, str], list[float]] = {}
    for hit in measure.features:
        attributes = dict(hit.attributes)
        code = str(attributes.get("class") or "")
        name = str(attributes.get("class_name") or attributes.get("name") or code or "未注地类")
        found.setdefault((code, name), []).append(hit.overlap_m2)
    areas = {key: math.fsum(values) for key, values in found.items()}
    uncovered = parcel.ellipsoidal_m2 - math.fsum(areas.values())
    if uncovered > _UNCOVERED_M2:
        areas["", "现状图层未覆盖"] = uncovered
    return areas
