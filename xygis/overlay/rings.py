"""Between shapely geometries and flat rings, and many rings as one piece: light, because a cold check comes this way."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from xygis.geodesy.ellipsoid import Floats
from xygis.overlay.kernel import laying
from xygis.overlay.kernel.pieces import Ints, Pieces, Rings, whole_km

Geometries = NDArray[np.object_]


def rings_of(parts: Geometries, owner: Ints, shift: Floats | None = None) -> Rings:
    """Polygons or lines as flat arrays."""
    if len(parts) == 0:
        none = np.zeros(0, np.int64)
        return Rings(xy=np.zeros((0, 2)), ring_offsets=np.zeros(1, np.int64), first=none, last=none, owner=none)
    _, coords, offsets = shapely.to_ragged_array(parts)
    xy = np.ascontiguousarray(coords[:, :2])
    ring_offsets = np.asarray(offsets[0], np.int64)
    part_offsets = np.asarray(offsets[1], np.int64) if len(offsets) > 1 else np.arange(len(ring_offsets), dtype=np.int64)
    return Rings(
        xy=xy if shift is None else xy - shift,
        ring_offsets=ring_offsets,
        first=np.ascontiguousarray(part_offsets[:-1]),
        last=np.ascontiguousarray(part_offsets[1:]),
        owner=np.asarray(owner, np.int64),
    )


def polygons_of(rings: Rings, parts: Ints, shift: Floats) -> Geometries:
    """shapely polygons of some parts."""
    if len(parts) == 0:
        return np.zeros(0, object)
    first, last = rings.first[parts], rings.last[parts]
    xy, offsets = laying.gather([(rings.xy, rings.ring_offsets)], np.zeros(len(parts), np.uint8), first, last)
    part_offsets = np.r_[0, np.cumsum(last - first)]
    return np.asarray(shapely.from_ragged_array(shapely.GeometryType.POLYGON, xy + shift, (offsets, part_offsets)))


def lay_whole(rings: Rings, count: int) -> Pieces:
    """One piece for each owner 0 to count - 1, all its rings, turned the right way; without an index, as what is asked about."""
    origin = whole_km(rings.xy)
    rings = rings.moved(rings.xy - origin, rings.ring_offsets)
    laying.orient(rings)
    order = np.argsort(rings.owner, kind="stable")
    xy, offsets = laying.gather([rings.table], np.zeros(len(order), np.uint8), rings.first[order], rings.last[order])
    lengths = np.bincount(rings.owner, rings.last - rings.first, count).astype(np.int64)
    last = np.cumsum(lengths)
    first = last - lengths
    area, bounds = laying.sizes(xy, offsets, first, last)
    return Pieces(
        origin=origin,
        xy=xy,
        ring_offsets=offsets,
        first=first,
        last=last,
        owner=np.arange(count, dtype=np.int64),
        bounds=bounds,
        area=area,
        level1=np.zeros((0, 4)),
        level2=np.zeros((0, 4)),
    )
