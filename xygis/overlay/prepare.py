"""Turns a layer's raw features into a `PreparedLayer`: valid, projected into the plane, flat arrays with bounds."""

from __future__ import annotations

import json

import numpy as np
import shapely
from numpy.typing import NDArray

from xygis.atlas.layer import Layer
from xygis.errors import LayerUnreadable, Where
from xygis.geodesy.crs import gauss_zone, is_geographic
from xygis.geodesy.ellipsoid import Floats
from xygis.geodesy.plane import Plane
from xygis.overlay.features import our_attributes, read_layer
from xygis.overlay.prepared import Ints, PreparedLayer
from xygis.vector.repair import repair_polygons

Geometries = NDArray[np.object_]

_AREAL = (3, 6)
_LINEAR = (1, 5)
_ZONE_REACH_M = 1.5e6  # from the central meridian, 15 degrees: farther away Gauss-Krüger coordinates mean nothing
_POLE_M = 1.01e7  # from the equator
_FAR_M = 1e8
_DEGREES = np.array([360.0, 90.0])  # no longitude and latitude exceeds this, and no land survey lies that near to the equator


def prepare(layer: Layer, plane: Plane, source_sha256: str) -> PreparedLayer:
    """Reads, repairs and projects a whole layer. Raises LayerUnreadable where that cannot be done without guessing."""
    raw = read_layer(layer)
    geometry, repairs = _sound(layer, raw.geometry)
    kinds = _LINEAR if layer.geometry == "line" else _AREAL
    parts, owner = shapely.get_parts(geometry, return_index=True)
    inner, index = shapely.get_parts(parts, return_index=True)  # a collection holds multi-geometries
    parts, owner = inner, owner[index]
    keep = np.isin(shapely.get_type_id(parts), kinds) & ~shapely.is_empty(parts)
    xy, ring_offsets, part_offsets, origin = _project(layer, parts[keep], plane)
    owner = owner[keep][origin].astype(np.int64)
    columns = our_attributes(layer, raw)
    blobs = [
        json.dumps({k: v[i] for k, v in columns.items()}, ensure_ascii=False, separators=(",", ":")).encode() for i in range(len(geometry))
    ]
    prepared = PreparedLayer(
        id=layer.id,
        geometry=layer.geometry,
        source_sha256=source_sha256,
        features=len(geometry),
        repairs=repairs,
        xy=xy,
        ring_offsets=ring_offsets,
        part_offsets=part_offsets,
        owner=owner,
        bounds=_bounds(xy, ring_offsets, part_offsets),
        attribute_offsets=np.r_[0, np.cumsum([len(b) for b in blobs], dtype=np.int64)].astype(np.int64),
        attribute_bytes=np.frombuffer(b"".join(blobs), np.uint8),
    )
    for array in (prepared.xy, ring_offsets, part_offsets, owner, prepared.bounds, prepared.attribute_offsets):
        array.setflags(write=False)
    return prepared


def _sound(layer: Layer, geometry: Geometries) -> tuple[Geometries, tuple[str, ...]]:
    """Valid geometries of the right kind; a feature without any is refused, because nobody knows what it would restrict."""
    empty = shapely.is_missing(geometry) | shapely.is_empty(geometry)
    wrong = ~empty & ~np.isin(shapely.get_dimensions(geometry), (1,) if layer.geometry == "line" else (2,))
    wrong &= shapely.get_type_id(geometry) != 7  # of a collection the areal part is kept
    bad = np.flatnonzero(empty | wrong)
    if len(bad):
        what = f"{len(bad)} 个要素没有{'线' if layer.geometry == 'line' else '面'}图形（第一个是第 {bad[0] + 1} 个）"
        raise LayerUnreadable(what=what, where=Where(layer=layer.title), fix="数据可能被截断，请重新取得完整成果")
    _check_coordinates(layer, geometry)
    if layer.geometry == "line":
        return geometry, ()
    mended, records = repair_polygons(geometry, layer.crs)
    sentences = []
    for r in records:
        place = f"，坐标 ({r.point[0]:.6g}, {r.point[1]:.6g})" if r.point and is_geographic(layer.crs) else ""
        if r.point and not place:
            place = f"，坐标 ({r.point[0]:.3f}, {r.point[1]:.3f})"
        sentences.append(f"第 {r.index + 1} 个要素{place}：{r.text}")
    return mended, tuple(sentences)


def _check_coordinates(layer: Layer, geometry: Geometries) -> None:
    """Coordinates that cannot be in the declared system would lie elsewhere, and the layer would read as clear everywhere."""
    coords, owner = shapely.get_coordinates(geometry, return_index=True)
    zone = gauss_zone(layer.crs)
    if zone is not None:
        middle, reach = np.array([zone.false_easting_m, 0.0]), np.array([_ZONE_REACH_M, _POLE_M])
    elif is_geographic(layer.crs):
        middle, reach = np.zeros(2), _DEGREES
    else:
        middle, reach = np.zeros(2), np.array([_FAR_M, _FAR_M])
    with np.errstate(invalid="ignore"):
        bad = np.flatnonzero(~(np.abs(coords - middle) <= reach).all(axis=1))  # NaN is never within reach
    if zone is not None and len(coords) and (np.abs(coords) <= _DEGREES).all():
        bad = np.arange(1)
    if len(bad):
        x, y = coords[bad[0]]
        what = f"第 {owner[bad[0]] + 1} 个要素的坐标 ({x:.10g}, {y:.10g}) 不可能是 {layer.crs} 坐标"
        fix = "请核对 catalogue.toml 中的 crs，或重新取得完整成果"
        raise LayerUnreadable(what=what, where=Where(file=layer.path.name if layer.path else None, layer=layer.title), fix=fix)


def _project(layer: Layer, parts: Geometries, plane: Plane) -> tuple[Floats, Ints, Ints, Ints]:
    """(xy, ring offsets, part offsets, which of `parts` each projected part comes from)."""
    if len(parts) == 0:
        return np.zeros((0, 2)), np.zeros(1, np.int64), np.zeros(1, np.int64), np.zeros(0, np.int64)
    _, coords, offsets = shapely.to_ragged_array(parts)
    rings = np.asarray(offsets[0], np.int64)
    xy, rings = plane.project(np.ascontiguousarray(coords[:, :2]), rings, layer.crs)
    if layer.geometry == "line":
        return xy, rings, np.arange(len(rings), dtype=np.int64), np.arange(len(parts), dtype=np.int64)
    polygons = np.asarray(offsets[1], np.int64)
    projected = np.asarray(shapely.from_ragged_array(shapely.GeometryType.POLYGON, xy, (rings, polygons)))
    if shapely.is_valid(projected).all():
        return xy, rings, polygons, np.arange(len(parts), dtype=np.int64)
    return _mended(projected)


def _mended(projected: Geometries) -> tuple[Floats, Ints, Ints, Ints]:
    """Splitting edges can make rings that touch to the nanometre cross by one; every areal part is kept."""
    bad = np.flatnonzero(~shapely.is_valid(projected))
    projected[bad] = shapely.make_valid(projected[bad], method="structure", keep_collapsed=False)
    parts, origin = shapely.get_parts(projected, return_index=True)
    keep = (shapely.get_type_id(parts) == _AREAL[0]) & (shapely.area(parts) > 0)
    parts, origin = parts[keep], origin[keep]
    _, coords, offsets = shapely.to_ragged_array(parts)
    return np.ascontiguousarray(coords), np.asarray(offsets[0], np.int64), np.asarray(offsets[1], np.int64), np.asarray(origin, np.int64)


def _bounds(xy: Floats, rings: Ints, parts: Ints) -> Floats:
    starts = rings[parts[:-1]]
    if len(starts) == 0:
        return np.zeros((0, 4))
    return np.column_stack([np.minimum.reduceat(xy, starts), np.maximum.reduceat(xy, starts)])
