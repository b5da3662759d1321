"""Which parts of a layer lie near a parcel, how far the nearest is, and strips along features; all in true local metres."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import shapely
from numpy.typing import NDArray

from xygis.geodesy.ellipsoid import Floats
from xygis.overlay.kernel import asking
from xygis.overlay.kernel.pieces import Pieces
from xygis.overlay.prepared import Ints, PreparedLayer
from xygis.overlay.rings import lay_whole, rings_of
from xygis.overlay.shape import ParcelShape
from xygis.overlay.tolerances import CONTACT_M, SEARCH_RADIUS_M

Geometries = NDArray[np.object_]
_MANY = 256  # features whose boxes touch the parcel's, from which a closer look pays
_FILLS = 0.25  # share of its box that a parcel may fill for that
_PLAIN = 5_000  # vertices that it may have
_CELLS = 16  # along each side of its box
_QUARTER_SEGMENTS = 32  # of a buffer's arcs: deviates by 0.0003 of the radius at most


def gaps_m(shape: ParcelShape, layer: PreparedLayer) -> Floats:
    """Distance in local metres between the parcel's bounding box and that of each part; a lower bound but for 0.5 %."""
    west, south, east, north = shapely.bounds(shape.polygon)
    b = layer.bounds
    dx = np.maximum(np.maximum(b[:, 0] - east, west - b[:, 2]), 0.0) * shape.frame.scale_x
    dy = np.maximum(np.maximum(b[:, 1] - north, south - b[:, 3]), 0.0) * shape.frame.scale_y
    gaps: Floats = np.hypot(dx, dy)
    touched = np.flatnonzero(gaps == 0.0)
    if len(touched) > _MANY and (boxes := _small_boxes(shape.polygon)) is not None:
        gaps[touched] = _gaps_to(boxes, b[touched], shape)
    return gaps


def _gaps_to(boxes: Floats, b: Floats, shape: ParcelShape) -> Floats:
    """Like gaps_m, to the nearest of several boxes that together hold the parcel."""
    least = np.full(len(b), np.inf)
    for west, south, east, north in boxes.tolist():
        dx = np.maximum(np.maximum(b[:, 0] - east, west - b[:, 2]), 0.0) * shape.frame.scale_x
        dy = np.maximum(np.maximum(b[:, 1] - north, south - b[:, 3]), 0.0) * shape.frame.scale_y
        np.minimum(least, np.hypot(dx, dy), out=least)
    return least


@lru_cache(maxsize=4)
def _small_boxes(polygon: shapely.Polygon | shapely.MultiPolygon) -> Floats | None:
    """Boxes that together hold a parcel that fills little of its own, like a road; None where they would not help."""
    west, south, east, north = shapely.bounds(polygon)
    if polygon.area > _FILLS * (east - west) * (north - south) or shapely.get_num_coordinates(polygon) > _PLAIN:
        return None
    x, y = np.linspace(west, east, _CELLS + 1), np.linspace(south, north, _CELLS + 1)
    cells = shapely.box(*(a.ravel() for a in np.meshgrid(x[:-1], y[:-1])), *(a.ravel() for a in np.meshgrid(x[1:], y[1:])))
    held = shapely.intersection(polygon, cells)
    boxes: Floats = shapely.bounds(held[~shapely.is_empty(held)]) + np.array([-1.0, -1.0, 1.0, 1.0]) * CONTACT_M
    return boxes


def within(gaps: Floats, distance_m: float) -> Ints:
    """Numbers of the parts whose box comes within a distance."""
    return np.flatnonzero(gaps <= distance_m * 1.005 + CONTACT_M)


def nearest_m(shape: ParcelShape, layer: PreparedLayer, half_m: Floats, allowed: NDArray[np.bool_] | None = None) -> float | None:
    """Distance to the nearest part within the search radius, None where there is none; contact is 0.

    half_m: half the land width of each part, for lines; the distance is to the edge of the land. allowed: which parts count.
    The nearest is found in a locally scaled plane; the line to it is then measured in the local zone.
    """
    pieces, parcel = layer.pieces, _piece_of(shape.polygon)
    lines = layer.geometry == "line"
    (found,) = asking.nearest(
        parcel,
        np.zeros(1, np.int64),
        pieces,
        np.array([[shape.frame.scale_x, shape.frame.scale_y]]),
        SEARCH_RADIUS_M * 1.01,
        half_m=half_m[pieces.owner] if lines else None,
        chosen=None if allowed is None else allowed[pieces.owner],
        lines=lines,
        jobs=1,
    )
    if found["piece"] < 0:
        return None
    half = float(half_m[pieces.owner[found["piece"]]]) if lines else 0.0
    ends = np.vstack([found["on_parcel"], found["on_layer"]]) + pieces.origin
    true = float(shape.frame.to_local(np.array([shapely.linestrings(ends)], object))[0].length) - half
    if true > SEARCH_RADIUS_M:
        return None
    return 0.0 if true < CONTACT_M / 2 else true


@lru_cache(maxsize=4)
def _piece_of(polygon: shapely.Polygon | shapely.MultiPolygon) -> Pieces:
    parts = shapely.get_parts(polygon)
    return lay_whole(rings_of(parts, np.zeros(len(parts), np.int64)), 1)


def widened(shape: ParcelShape, geometry: Geometries, by_m: Floats | float) -> Geometries:
    """Geometries widened (or, with negative numbers, narrowed) by metres, in the plane; only their part near the parcel."""
    if len(geometry) == 0:
        return geometry
    reach = float(np.max(np.abs(by_m))) * 1.05 + 5.0
    local = shape.frame.to_local(clipped(shape, geometry, reach))
    buffered = shapely.buffer(local, by_m, quad_segs=_QUARTER_SEGMENTS)
    out = np.asarray(shape.frame.to_plane(np.asarray(buffered, object)), object)
    crossed = np.flatnonzero(~shapely.is_valid(out))  # projecting can make rings that nearly touch cross by a nanometre
    out[crossed] = shapely.make_valid(out[crossed], method="structure", keep_collapsed=False)
    return out


def clipped(shape: ParcelShape, geometry: Geometries, reach_m: float) -> Geometries:
    """The part of each geometry within reach of the parcel's box; valid, empty where nothing is left."""
    west, south, east, north = shapely.bounds(shape.polygon)
    dx, dy = 2 * reach_m / shape.frame.scale_x, 2 * reach_m / shape.frame.scale_y
    return np.asarray(shapely.intersection(geometry, shapely.box(west - dx, south - dy, east + dx, north + dy)), object)
