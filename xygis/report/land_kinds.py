"""三大类: current land use gathered into 农用地, 建设用地 and 未利用地, as the atlas's crosswalk of classes has them."""

from __future__ import annotations

import math

from xygis.atlas.crosswalk import possible
from xygis.check.assessment import Assessment
from xygis.report.land_table import LAND_USE, classes_of
from xygis.report.table import Cell, Column, Kind, Table

LAND = "land"
_OPEN = "待核（代码可属几类）"
_UNCOVERED = "现状图层未覆盖"


def land_kinds_table(assessment: Assessment) -> Table | None:
    """Areas of the kinds, closed to the area with data; None without an atlas, its crosswalk, or land use data."""
    record = next((r for r in assessment.layers if r.layer.id == LAND_USE), None)
    derived = record.layer.derive(LAND) if record is not None else None
    found = [areas for p in assessment.parcels if (areas := classes_of(p)) is not None]
    if assessment.atlas is None or derived is None or not found:
        return None
    crosswalk = assessment.atlas.crosswalk
    titles = dict(crosswalk.land)
    sums: dict[str, list[float]] = {}
    for areas in found:
        for (code, _), m2 in areas.items():
            terms = possible(derived, code) if code else frozenset()
            kind = titles[next(iter(terms))] if len(terms) == 1 else _OPEN if code else _UNCOVERED
            sums.setdefault(kind, []).append(m2)
    order = [*titles.values(), _OPEN, _UNCOVERED]
    total_m2 = math.fsum(m2 for values in sums.values() for m2 in values)
    body: list[tuple[Cell, ...]] = []
    for kind in sorted(sums, key=order.index):
        m2 = math.fsum(sums[kind])
        body.append((kind, m2, m2, m2 / total_m2 if total_m2 else None))
    columns = (
        Column(key="kind", title="三大类", kind=Kind.NAME),
        Column(key="ha", title="公顷", kind=Kind.HA),
        Column(key="mu", title="亩", kind=Kind.MU),
        Column(key="share", title="占比", kind=Kind.SHARE),
    )
    known = crosswalk.list(derived.list)
    doubt = "" if known is not None and known.verified else "对照表未与标准原文核对。"
    return Table(
        title="三大类面积",
        columns=columns,
        rows=tuple(body),
        total=("合计", total_m2, total_m2, 1.0 if total_m2 else None),
        unit_note="尾差按最大余数法归整",
        notes=(f"按地类代码归并。{doubt}",),
    )
