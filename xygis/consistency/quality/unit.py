"""A layer against the administrative unit: Q305 beyond it, Q409 gaps in it, Q505 areas that do not add up to it, Q605 another county."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import shapely

from xygis.consistency.quality.county_codes import declared
from xygis.consistency.quality.fault import Fault, NotRun
from xygis.consistency.quality.shapes import Mask, Shapes, moved_to, polygons
from xygis.consistency.quality.subject import Outcome, Subject, rows_where, skipping
from xygis.consistency.quality.table import Geometries
from xygis.geodesy.ellipsoid import Floats
from xygis.geodesy.plane import Plane
from xygis.overlay.counties import Counties
from xygis.overlay.dissolve import mean_widths_m
from xygis.overlay.overlap import areal
from xygis.overlay.prepared import Ints
from xygis.overlay.tiles import polygons_in
from xygis.overlay.tolerances import ALL, CONTACT_M

_ROUNDING_M2 = 0.005  # of one stored area
_SAME = 1e-11  # of an area: the same area, added up in another order
_NOTHING_M2 = 0.01  # of a county: what floating point leaves when its patches are added up
_CODES = ("Q305", "Q409", "Q505", "Q605")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Laid:
    """The sound parts cut along the county borders, in the plane."""

    pieces: Geometries
    county: Ints
    row: Ints
    m2: Floats


def against_unit(subject: Subject) -> Outcome:
    """All four; what depends on broken geometry, or on an error that another check already tells, is skipped and said so."""
    shapes, standard, counties = subject.shapes, subject.standard, subject.counties
    if standard is None or subject.layer.geometry != "polygon":
        return skipping(subject, _CODES, "图层没有登记标准属性表" if standard is None else "线状图层", due=False)
    if counties is None:
        return skipping(subject, _CODES, "图集没有行政区图层")
    if shapes is None:
        return skipping(subject, _CODES, "没有可以核对的图形")
    if standard.unit == "free" and standard.county is None:
        return skipping(subject, _CODES, "标准不要求与行政区一致", due=False)
    laid = _laid(shapes, counties, subject.plane)
    faults: list[Fault] = []
    sound = int(shapes.sound.sum())
    left = len(subject.table) - sound
    skipped: list[NotRun] = []
    done: list[tuple[str, int]] = []
    if standard.unit == "free":
        skipped += [subject.not_run(c, "标准不要求与行政区一致", due=False) for c in ("Q305", "Q409", "Q505")]
    else:
        faults += _outside(subject, counties, laid)
        done.append(("Q305", sound))
    if standard.county is None or standard.county == standard.unique[-1]:
        skipped.append(subject.not_run("Q605", "图层本身就是行政区" if standard.county else "标准没有行政区代码字段", due=False))
    else:
        faults += _elsewhere(subject, counties, laid)
        done.append(("Q605", sound))
    if standard.unit != "cover":
        skipped += [] if standard.unit == "free" else [subject.not_run(c, "标准不要求铺满", due=False) for c in ("Q409", "Q505")]
        return Outcome(faults=faults, done=done, skipped=skipped)
    if left:
        skipped += [subject.not_run(c, f"有 {left} 个要素的图形无效或缺失，先改图形") for c in ("Q409", "Q505")]
        return Outcome(faults=faults, done=done, skipped=skipped)
    if subject.layer.extent is not None and subject.complete:
        skipped += [subject.not_run(c, "图层登记的完整范围小于市域", due=False) for c in ("Q409", "Q505")]
        return Outcome(faults=faults, done=done, skipped=skipped)
    claimed = _claimed(subject, counties, laid)
    gaps = _gaps(subject, shapes, counties, claimed, laid)
    faults += gaps
    done.append(("Q409", len(claimed)))
    sums = _sums(subject, shapes, counties, claimed, bool(gaps) or any(f.rule in ("Q305", "Q605") for f in faults))
    return Outcome(faults=[*faults, *sums.faults], done=[*done, *sums.done], skipped=[*skipped, *sums.skipped])


def _laid(shapes: Shapes, counties: Counties, plane: Plane) -> _Laid:
    chains = shapes.chains
    xy, offsets = shapes.official if plane.code == "official" else plane.project(chains.xy, chains.offsets, shapes.code)
    parts = polygons(xy, offsets, chains.part)
    bad = ~shapely.is_valid(parts)  # splitting edges can make rings that touch cross by a nanometre
    parts[bad] = shapely.make_valid(parts[bad], method="structure", keep_collapsed=False)
    flat, index = polygons_in(parts)
    pieces, county, parent = counties.split(flat)
    return _Laid(pieces=pieces, county=county, row=shapes.owner[index[parent]], m2=np.asarray(shapely.area(pieces), float))


def _outside(subject: Subject, counties: Counties, laid: _Laid) -> list[Fault]:
    beyond = np.flatnonzero(laid.county == len(counties) - 1)
    beyond = beyond[np.argsort(laid.row[beyond], kind="stable")]
    if not len(beyond):
        return []
    whole = np.bincount(laid.row, laid.m2, len(subject.table))
    rows, starts = np.unique(laid.row[beyond], return_index=True)
    area = np.add.reduceat(laid.m2[beyond], starts)
    shapes = np.split(_degrees(laid.pieces[beyond], subject.plane), starts[1:])
    faults = []
    for row, m2, some in zip(rows.tolist(), area.tolist(), shapes, strict=True):
        text = f"越出行政区 {m2:,.2f} m²" if m2 < whole[row] * ALL else f"整个在行政区之外，{m2:,.2f} m²"
        shape = some[0] if len(some) == 1 else shapely.multipolygons(polygons_in(some)[0])
        faults.append(subject.fault("Q305", text, row=row, value=f"{m2:,.2f} m²", expected="0", geometry=shape, area_m2=m2))
    return faults


def _elsewhere(subject: Subject, counties: Counties, laid: _Laid) -> list[Fault]:
    """Features of which most lies in another county than they say; what lies in none is told by Q305."""
    area = np.zeros((len(subject.table), len(counties)))
    np.add.at(area, (laid.row, laid.county), laid.m2)
    inside = area[:, :-1]
    main = inside.argmax(axis=1) if inside.shape[1] else np.zeros(len(area), np.int64)
    column = subject.column(subject.standard.county) if subject.standard and subject.standard.county else None
    faults = []
    for row, code in enumerate(declared(subject)):
        if code is None or not inside[row].any():
            continue
        there = str(counties.codes[int(main[row])])
        if there != code and inside[row, main[row]] > inside[row].sum() / 2:
            text = f"行政区代码 {code}（{subject.county_names[code]}），图形主要在{counties.names[int(main[row])]}"
            faults.append(subject.fault("Q605", text, row=row, field=column, value=code, expected=there))
    return faults


def _claimed(subject: Subject, counties: Counties, laid: _Laid) -> list[int]:
    """The counties that the table should cover: all where it claims the whole atlas, else those it names, else those it mostly covers."""
    every = list(range(len(counties) - 1))
    if subject.complete:
        return every
    named = {c for c in declared(subject) if c is not None}
    if named:
        return [i for i in every if counties.codes[i] in named]
    covered = np.bincount(laid.county, laid.m2, len(counties))[:-1]
    return [i for i in every if covered[i] > counties.areas_m2[i] / 2]


def _gaps(subject: Subject, shapes: Shapes, counties: Counties, claimed: list[int], laid: _Laid) -> list[Fault]:
    """What is left of a county. Looked for only where areas do not add up, or cannot be added because features overlap."""
    covered = np.bincount(laid.county, laid.m2, len(counties))
    twice = np.unique(laid.county[np.isin(laid.row, np.unique(subject.overlaps.features))])
    faults = []
    for i in claimed:
        if counties.areas_m2[i] - covered[i] <= _NOTHING_M2 and i not in twice:
            continue
        here = np.isin(shapes.owner, np.unique(laid.row[laid.county == i]))
        whole = _union(shapes, here, subject.plane)
        rest, _ = polygons_in(areal(np.array([shapely.difference(counties.shapes[i], whole)], object)))
        rest = rest[mean_widths_m(rest, np.asarray(shapely.area(rest), float)) >= CONTACT_M]
        for gap in rest:
            area = float(gap.area)
            text = f"{counties.names[i]}有 {area:,.2f} m² 没有图斑"
            faults.append(
                subject.fault("Q409", text, value=f"{area:,.2f} m²", expected="0", geometry=_degree(gap, subject.plane), area_m2=area)
            )
    return faults


def _union(shapes: Shapes, chosen: Mask, plane: Plane) -> shapely.Geometry:
    """Some parts as one area in the plane: by their edges where all borders match, which the area proves; else by a general union."""
    parts = shapes.parts[chosen]
    if not len(parts):
        return shapely.Polygon()
    try:
        whole = shapely.coverage_union_all(parts)
        if not whole.is_valid:  # borders that meet in a point of one side only
            whole = shapely.make_valid(whole, method="structure", keep_collapsed=False)
        sound = abs(whole.area - math.fsum(shapely.area(parts).tolist())) <= _SAME * whole.area
    except shapely.errors.GEOSException:
        sound = False
    if not sound:
        whole = shapely.union_all(parts)
    flat, _ = polygons_in(np.array([whole], object))
    moved = moved_to(flat, shapes.code, plane)
    bad = ~shapely.is_valid(moved)
    moved[bad] = shapely.make_valid(moved[bad], method="structure", keep_collapsed=False)
    return shapely.union_all(moved)


def _sums(subject: Subject, shapes: Shapes, counties: Counties, claimed: list[int], disturbed: bool) -> Outcome:
    """Σ stored area of a county = its area; told only where nothing else explains the difference."""
    standard, tolerances = subject.standard, subject.standards.tolerances
    column = subject.column(standard.area) if standard and standard.area else None
    if column is None or subject.plane.code != "official":
        reason = "表里没有面积字段" if column is None else "图集的量算平面不是椭球面积"
        return skipping(subject, ("Q505",), reason, due=column is not None)
    values, bad = subject.numbers(column)
    official = shapes.feature_m2
    with np.errstate(invalid="ignore"):
        off = np.abs(values - official)
        wrong = np.isnan(values) | (values <= 0) | ((off > tolerances.area_m2) & (off > tolerances.area_share * official))
    codes = np.array([c or "" for c in declared(subject)], object)
    if disturbed or len(bad) or wrong.any() or len(subject.overlaps) or (codes == "").any():
        return skipping(subject, ("Q505",), "有缝隙、重叠、越界、面积或行政区代码不符的图斑，先改这些")
    faults = []
    for i in claimed:
        mine = rows_where(codes == counties.codes[i])
        total, control = float(values[mine].sum()), float(counties.areas_m2[i])
        limit = tolerances.sum_m2 + tolerances.sum_share * control + _ROUNDING_M2 * len(mine)
        if abs(total - control) > limit:
            text = f"{counties.names[i]} {column} 合计与控制面积相差 {total - control:+,.2f} m²，允许 {limit:,.2f} m²"
            faults.append(
                subject.fault(
                    "Q505",
                    text,
                    field=column,
                    value=f"{total:.2f}",
                    expected=f"{control:.2f}",
                    area_m2=abs(total - control),
                    geometry=_degree(counties.shapes[i].representative_point(), subject.plane),
                )
            )
    return Outcome(faults=faults, done=[("Q505", len(claimed))])


def _degree(shape: shapely.Geometry, plane: Plane) -> shapely.Geometry:
    return _degrees(np.array([shape], object), plane)[0]


def _degrees(shapes: Geometries, plane: Plane) -> Geometries:
    moved: Geometries = shapely.transform(shapes, lambda c: np.column_stack(plane.inverse(c[:, 0], c[:, 1])))
    return moved
