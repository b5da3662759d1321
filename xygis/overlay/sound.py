"""Doubt about a layer's geometry is settled here: coordinates that can be, valid polygons, a record of every repair."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from xygis.atlas.layer import Layer
from xygis.errors import LayerUnreadable, Where
from xygis.geodesy.crs import gauss_zone, is_geographic
from xygis.geodesy.ellipsoid import Floats
from xygis.overlay.kernel import laying
from xygis.overlay.kernel.pieces import Ints, Rings
from xygis.overlay.rings import polygons_of, rings_of
from xygis.vector.repair import Repair, repair_polygons

Geometries = NDArray[np.object_]

_AREAL = (3, 6)
_LINEAR = (1, 5)
_ZONE_REACH_M = 1.5e6  # from the central meridian, 15 degrees: farther away Gauss-Krüger coordinates mean nothing
_POLE_M = 1.01e7  # from the equator
_FAR_M = 1e8
_DEGREES = np.array([360.0, 90.0])  # no longitude and latitude exceeds this, and no land survey lies that near to the equator


def sound_lines(layer: Layer, geometry: Geometries) -> tuple[Geometries, Ints]:
    """(lines, feature of each)."""
    _refuse_missing(layer, geometry)
    _check(layer, *shapely.get_coordinates(geometry, return_index=True))
    parts, owner = shapely.get_parts(geometry, return_index=True)
    inner, index = shapely.get_parts(parts, return_index=True)
    keep = np.isin(shapely.get_type_id(inner), _LINEAR) & ~shapely.is_empty(inner)
    return inner[keep], owner[index][keep].astype(np.int64)


def sound_polygons(layer: Layer, geometry: Geometries) -> tuple[Geometries, Ints, tuple[str, ...]]:
    """(valid polygons, feature of each, a sentence for each repair); a feature without an area is refused: nobody knows what it would restrict."""
    _refuse_missing(layer, geometry)
    _check(layer, *shapely.get_coordinates(geometry, return_index=True))
    mended, records = repair_polygons(geometry, layer.crs)
    parts, owner = shapely.get_parts(mended, return_index=True)
    inner, index = shapely.get_parts(parts, return_index=True)  # a collection holds multi-geometries
    keep = (shapely.get_type_id(inner) == _AREAL[0]) & ~shapely.is_empty(inner)
    return inner[keep], owner[index][keep].astype(np.int64), tuple(_sentence(layer, r, r.index) for r in records)


def check_coordinates(layer: Layer, rings: Rings, shift: Floats) -> None:
    """The same for flat arrays, less `shift`."""
    if len(rings.owner) == 0:
        return
    low, high = _impossible(layer)
    area, bounds = laying.sizes(rings.xy, rings.ring_offsets, rings.first, rings.last)
    lowest, highest = bounds[:, :2].min(axis=0) + shift, bounds[:, 2:].max(axis=0) + shift
    possible = bool(np.isfinite(area).all() and (lowest >= low).all() and (highest <= high).all())
    degrees = bool((np.maximum(np.abs(lowest), np.abs(highest)) <= _DEGREES).all()) and gauss_zone(layer.crs) is not None
    if not possible or degrees:
        part = np.repeat(np.arange(len(rings.owner)), rings.ring_offsets[rings.last] - rings.ring_offsets[rings.first])
        _check(layer, rings.xy + shift, rings.owner[part])


def repaired(layer: Layer, rings: Rings, shift: Floats) -> tuple[tuple[Rings, ...], tuple[str, ...]]:
    """The polygons but for features that are not valid, those features rebuilt, and a sentence for each.

    Of most polygons the kernel alone knows that they are valid.
    """
    parts_of = np.bincount(rings.owner, minlength=int(rings.owner.max(initial=-1)) + 1)
    doubtful = ~laying.surely_valid(rings) | (parts_of[rings.owner] > 1)
    features = np.unique(rings.owner[doubtful])
    if len(features) == 0:
        return (rings,), ()
    mine = np.flatnonzero(np.isin(rings.owner, features))
    polygons = polygons_of(rings, mine, shift)
    geometry = np.empty(len(features), object)
    groups = np.split(polygons, np.searchsorted(rings.owner[mine], features[1:]))
    for i, group in enumerate(groups):
        geometry[i] = group[0] if len(group) == 1 else shapely.multipolygons(group)
    mended, records = repair_polygons(geometry, layer.crs)
    if not records:
        return (rings,), ()
    touched = np.array([r.index for r in records])
    parts, index = shapely.get_parts(mended[touched], return_index=True)
    new = rings_of(parts, features[touched][index], shift)
    sentences = tuple(_sentence(layer, r, int(features[r.index])) for r in records)
    return (rings.without(np.isin(rings.owner, features[touched])), new), sentences


def valid_in_plane(rings: Rings) -> tuple[Rings, ...]:
    """Splitting edges can make rings that touch to the nanometre cross by one; every areal part is kept."""
    doubtful = np.flatnonzero(~laying.surely_valid(rings))
    polygons = polygons_of(rings, doubtful, np.zeros(2))
    bad = ~shapely.is_valid(polygons)
    if not bad.any():
        return (rings,)
    mended = shapely.make_valid(polygons[bad], method="structure", keep_collapsed=False)
    parts, index = shapely.get_parts(mended, return_index=True)
    keep = (shapely.get_type_id(parts) == _AREAL[0]) & (shapely.area(parts) > 0)
    gone = np.zeros(len(rings.owner), bool)
    gone[doubtful[bad]] = True
    return rings.without(gone), rings_of(parts[keep], rings.owner[doubtful[bad]][index[keep]])


def _refuse_missing(layer: Layer, geometry: Geometries) -> None:
    empty = shapely.is_missing(geometry) | shapely.is_empty(geometry)
    wrong = ~empty & ~np.isin(shapely.get_dimensions(geometry), (1,) if layer.geometry == "line" else (2,))
    wrong &= shapely.get_type_id(geometry) != 7  # of a collection the areal part is kept
    bad = np.flatnonzero(empty | wrong)
    if len(bad):
        what = f"{len(bad)} 个要素没有{'线' if layer.geometry == 'line' else '面'}图形（第一个是第 {bad[0] + 1} 个）"
        raise LayerUnreadable(what=what, where=Where(layer=layer.title), fix="数据可能被截断，请重新取得完整成果")


def _impossible(layer: Layer) -> tuple[Floats, Floats]:
    """(lowest, highest) coordinates that the declared system can have."""
    zone = gauss_zone(layer.crs)
    if zone is not None:
        middle, reach = np.array([zone.false_easting_m, 0.0]), np.array([_ZONE_REACH_M, _POLE_M])
    elif is_geographic(layer.crs):
        middle, reach = np.zeros(2), _DEGREES
    else:
        middle, reach = np.zeros(2), np.array([_FAR_M, _FAR_M])
    return middle - reach, middle + reach


def _check(layer: Layer, coords: Floats, owner: Ints) -> None:
    """Coordinates that cannot be in the declared system would lie elsewhere, and the layer would read as clear everywhere."""
    low, high = _impossible(layer)
    with np.errstate(invalid="ignore"):
        bad = np.flatnonzero(~((coords >= low) & (coords <= high)).all(axis=1))  # NaN is never within reach
    if gauss_zone(layer.crs) is not None and len(coords) and (np.abs(coords) <= _DEGREES).all():
        bad = np.arange(1)
    if len(bad):
        x, y = coords[bad[0]]
        what = f"第 {owner[bad[0]] + 1} 个要素的坐标 ({x:.10g}, {y:.10g}) 不可能是 {layer.crs} 坐标"
        fix = "请核对 catalogue.toml 中的 crs，或重新取得完整成果"
        raise LayerUnreadable(what=what, where=Where(file=layer.path.name if layer.path else None, layer=layer.title), fix=fix)


def _sentence(layer: Layer, record: Repair, feature: int) -> str:
    place = ""
    if record.point:
        x, y = record.point
        place = f"，坐标 ({x:.6g}, {y:.6g})" if is_geographic(layer.crs) else f"，坐标 ({x:.3f}, {y:.3f})"
    return f"第 {feature + 1} 个要素{place}：{record.text}"
