"""The plain twins of the compiled loops: the same numbers by numpy and shapely, slower. For machines without a C compiler."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

import numpy as np
import shapely
from numpy.typing import NDArray

from xygis.overlay.kernel.pieces import FACTS, NEAREST, Bools, Floats, Ints, Pieces, Rings
from xygis.overlay.overlap import Geometries, patches_of, union

_ORDER = 16  # of the Hilbert curve


def sizes(xy: Floats, ring_offsets: Ints, first: Ints, last: Ints) -> tuple[Floats, Floats]:
    """See laying.sizes."""
    if len(first) == 0:
        return np.zeros(0), np.zeros((0, 4))
    points, offsets = _one(xy, ring_offsets, first, last)
    local = points - np.repeat(points[offsets[:-1]], np.diff(offsets), axis=0)
    cross = np.zeros(len(points))
    cross[:-1] = local[:-1, 0] * local[1:, 1] - local[1:, 0] * local[:-1, 1]
    cross[offsets[1:] - 1] = 0.0
    starts = offsets[np.r_[0, np.cumsum(last - first)[:-1]]]
    bounds = np.hstack([np.minimum.reduceat(points, starts), np.maximum.reduceat(points, starts)])
    return np.add.reduceat(cross, starts) / 2, np.ascontiguousarray(bounds)


def hilbert(bounds: Floats) -> Ints:
    """See laying.hilbert."""
    if len(bounds) == 0:
        return np.zeros(0, np.int64)
    corner = bounds[:, :2].min(axis=0)
    side = float((bounds[:, 2:].max(axis=0) - corner).max()) or 1.0
    place = (((bounds[:, :2] + bounds[:, 2:]) / 2 - corner) / side * (2**_ORDER - 1)).astype(np.int64)
    x, y, key = place[:, 0].copy(), place[:, 1].copy(), np.zeros(len(bounds), np.int64)
    for bit in range(_ORDER - 1, -1, -1):
        s = 1 << bit
        right, up = (x & s) > 0, (y & s) > 0
        key += s * s * ((3 * right) ^ up)
        turned = ~up & right
        x[turned], y[turned] = 2**_ORDER - 1 - x[turned], 2**_ORDER - 1 - y[turned]
        x, y = np.where(up, x, y), np.where(up, y, x)
    return key


def orient(rings: Rings) -> None:
    """See laying.orient."""
    count = len(rings.ring_offsets) - 1
    area, _ = sizes(rings.xy, rings.ring_offsets, np.arange(count), np.arange(1, count + 1))
    shell = np.zeros(count, bool)
    shell[rings.first] = True
    for r in np.flatnonzero((area < 0) == shell).tolist():
        start, end = rings.ring_offsets[r], rings.ring_offsets[r + 1]
        rings.xy[start:end] = rings.xy[start:end][::-1].copy()


def gather(tables: Sequence[tuple[Floats, Ints]], table: NDArray[np.uint8], first: Ints, last: Ints) -> tuple[Floats, Ints]:
    """See laying.gather."""
    ring_base = np.r_[0, np.cumsum([len(offsets) - 1 for _, offsets in tables])]
    vertex_base = np.r_[0, np.cumsum([len(xy) for xy, _ in tables])]
    xy = np.vstack([t[0] for t in tables])
    offsets = np.concatenate([o[:-1] + vertex_base[k] for k, (_, o) in enumerate(tables)] + [vertex_base[-1:]])
    ends = np.concatenate([o[1:] + vertex_base[k] for k, (_, o) in enumerate(tables)])
    rings = _ranges(first + ring_base[table], last + ring_base[table])
    starts, stops = offsets[rings], ends[rings]
    return xy[_ranges(starts, stops)], np.r_[0, np.cumsum(stops - starts)].astype(np.int64)


def _one(xy: Floats, ring_offsets: Ints, first: Ints, last: Ints) -> tuple[Floats, Ints]:
    return gather([(xy, ring_offsets)], np.zeros(len(first), np.uint8), first, last)


def checksum(words: NDArray[np.uint64], place: int, sums: NDArray[np.uint64]) -> None:
    """See laying.checksum."""
    weights = (np.arange(place, place + len(words), dtype=np.uint64) << np.uint64(1)) + np.uint64(1)
    sums[0], sums[1] = words.sum(dtype=np.uint64), (words * weights).sum(dtype=np.uint64)


def pairs(p: Pieces, q: Pieces, first: int, end: int, *, within: bool) -> tuple[Ints, Ints, Floats]:
    """See asking.pairs."""
    here, there = _polygons(p, p.origin - q.origin), _polygons(q, np.zeros(2))
    left, right = shapely.STRtree(there).query(here[first:end], predicate="intersects")
    left = left + first
    if within:
        left, right = left[q.owner[right] > q.owner[left]], right[q.owner[right] > q.owner[left]]
    order = np.lexsort((right, left))
    left, right = left[order], right[order]
    area = np.asarray(shapely.area(shapely.intersection(here[left], there[right])), float)
    hit = area > 0
    return left[hit].astype(np.int64), right[hit].astype(np.int64), area[hit]


def patch_facts(
    parcels: Pieces, layer: Pieces, tolerances: tuple[float, float, float], *, which: Ints | None, chosen: Bools | None
) -> NDArray[np.void]:
    """See asking.patch_facts; the tolerances are those of `overlap`."""
    out = np.zeros(len(parcels), FACTS)
    shift = parcels.origin - layer.origin
    polygons, features = _polygons(parcels, shift), _polygons(layer, np.zeros(2))
    if chosen is not None:
        features = features[chosen]
    tree = shapely.STRtree(features)
    for i in range(len(parcels)) if which is None else which.tolist():
        near = features[np.sort(tree.query(polygons[i], predicate="intersects"))]
        whole = union(_areal(shapely.intersection(near, polygons[i])))
        inside, outside = patches_of(whole), patches_of(shapely.difference(polygons[i], whole))
        out[i] = (
            *(inside.total_m2, inside.sliver_m2, inside.contact_m2, outside.total_m2, outside.sliver_m2, outside.contact_m2),
            *(len(inside.area_m2), int(inside.sliver.sum())),
        )
    return out


def nearest(
    parcels: Pieces,
    which: Ints,
    layer: Pieces,
    scale: Floats,
    radius_m: float,
    *,
    half_m: Floats | None,
    chosen: Bools | None,
    lines: bool,
) -> NDArray[np.void]:
    """See asking.nearest."""
    out = np.zeros(len(which), NEAREST)
    out["gap"], out["piece"] = radius_m, -1
    polygons = _polygons(parcels, parcels.origin - layer.origin)
    numbers = np.arange(len(layer)) if chosen is None else np.flatnonzero(chosen)
    there = _lines(layer)[numbers] if lines else _polygons(layer, np.zeros(2))[numbers]
    half = np.zeros(len(numbers)) if half_m is None else half_m[numbers]
    for k, i in enumerate(which.tolist()):
        stretched = shapely.transform(there, lambda c, i=i: c * scale[i])
        here = shapely.transform(polygons[i], lambda c, i=i: c * scale[i])
        gaps = shapely.distance(here, stretched) - half
        gaps[np.isnan(gaps)] = np.inf  # of a piece nothing is left but bridges along cuts, which are no border
        best = int(np.argmin(gaps)) if len(gaps) else -1
        if best < 0 or gaps[best] >= radius_m:
            continue
        ends = shapely.get_coordinates(shapely.shortest_line(here, stretched[best])) / scale[i]
        out[k] = (float(gaps[best]), ends[0], ends[1], numbers[best])
    return out


def _polygons(pieces: Pieces, shift: Floats) -> Geometries:
    """Each piece as a valid areal geometry: its shells less its holes. Pieces cut by the compiled kernel run back along their cuts."""
    xy, offsets = _one(pieces.xy, pieces.ring_offsets, pieces.first, pieces.last)
    number = np.arange(len(offsets) - 1)
    shell = sizes(xy, offsets, number, number + 1)[0] > 0  # shapely.is_ccw errs where a ring runs back on itself
    rings = np.asarray(shapely.linearrings(xy + shift, indices=np.repeat(number, np.diff(offsets))))
    ends = np.cumsum(pieces.last - pieces.first)
    spans = list(zip((ends - (pieces.last - pieces.first)).tolist(), ends.tolist(), strict=True))
    out = np.empty(len(pieces), object)
    for i, (start, end) in enumerate(spans):
        mine, shells = rings[start:end], shell[start:end]
        out[i] = shapely.polygons(mine[shells][0], holes=mine[~shells]) if shells.sum() == 1 else None
    for i in np.flatnonzero(shapely.is_missing(out) | ~shapely.is_valid(out)).tolist():
        sound = shapely.make_valid(shapely.polygons(rings[slice(*spans[i])]), method="structure", keep_collapsed=False)
        out[i] = reduce(shapely.symmetric_difference, sound)  # so that an island in a hole stays
    return out


def _lines(pieces: Pieces) -> Geometries:
    xy, offsets = _one(pieces.xy, pieces.ring_offsets, pieces.first, pieces.last)
    return np.asarray(shapely.linestrings(xy, indices=np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))))


def _areal(geometry: Geometries) -> Geometries:
    parts = shapely.get_parts(shapely.get_parts(geometry))
    kept: Geometries = parts[shapely.get_type_id(parts) == 3]
    return kept


def _ranges(starts: Ints, ends: Ints) -> Ints:
    lengths = ends - starts
    offsets = np.r_[0, np.cumsum(lengths)]
    out: Ints = np.arange(offsets[-1]) + np.repeat(starts - offsets[:-1], lengths)
    return out
