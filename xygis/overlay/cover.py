"""What a layer covers, each place once: its pieces, but for parts that lie on one another, which are dissolved cluster by cluster."""

from __future__ import annotations

import numpy as np
import shapely

from xygis.overlay.dissolve import connected
from xygis.overlay.kernel import asking, laying
from xygis.overlay.kernel.pieces import Bools, Floats, Ints, Pieces, Rings, levels
from xygis.overlay.laying_out import Laid, Parts, lay_pieces
from xygis.overlay.overlap import areal_parts, union
from xygis.overlay.rings import polygons_of, rings_of

OVERLAP_M2 = 1e-3  # parts that share more than this lie on one another
_NONE = np.zeros(0, np.int64)


def doubled_parts(pieces: Pieces) -> Ints:
    """(k, 2) numbers of parts that lie on one another by more than OVERLAP_M2."""
    left, right, area = asking.pairs(pieces, pieces, within=True)
    hit = area > OVERLAP_M2 / 16  # pieces of large parts may share little each
    both = np.column_stack([pieces.owner[left[hit]], pieces.owner[right[hit]]])
    if len(both) == 0:
        return np.zeros((0, 2), np.int64)
    both, which = np.unique(np.sort(both, axis=1), axis=0, return_inverse=True)
    return np.ascontiguousarray(both[np.bincount(which.ravel(), area[hit]) > OVERLAP_M2])


def with_cover(laid: Laid, doubled: Ints) -> tuple[Pieces, Pieces]:
    """(the pieces, the cover) in one table of coordinates; a cover of no pieces means that it is the pieces themselves."""
    pieces = laid.pieces
    if len(doubled) == 0:
        return pieces, _some(pieces, np.zeros(len(pieces), bool))
    count = len(laid.part_first)
    label = connected(count, np.r_[doubled[:, 0], doubled[:, 1]], np.r_[doubled[:, 1], doubled[:, 0]])
    members = np.unique(doubled)
    rings = Rings(
        xy=pieces.xy, ring_offsets=pieces.ring_offsets, first=laid.part_first, last=laid.part_last, owner=np.arange(count, dtype=np.int64)
    )
    order = np.argsort(label[members], kind="stable")
    members = members[order]
    polygons = polygons_of(rings, members, np.zeros(2))
    starts = np.flatnonzero(np.r_[True, np.diff(label[members]) > 0])
    joined = areal_parts(np.array([union(group) for group in np.split(polygons, starts[1:])], object))
    new = rings_of(shapely.orient_polygons(joined), np.zeros(len(joined), np.int64))
    dissolved = lay_pieces(Parts(rings=(new,), origin=pieces.origin)).pieces
    alone = np.ones(count, bool)
    alone[members] = False
    kept = alone[pieces.owner]
    base = len(pieces.ring_offsets) - 1
    xy = np.vstack([pieces.xy, dissolved.xy])
    ring_offsets = np.r_[pieces.ring_offsets, dissolved.ring_offsets[1:] + len(pieces.xy)]
    whole = _with(pieces, xy, ring_offsets, pieces.first, pieces.last, pieces.bounds, pieces.area)
    bounds = np.vstack([pieces.bounds[kept], dissolved.bounds])
    turn = np.argsort(laying.hilbert(np.ascontiguousarray(bounds)), kind="stable")
    cover = _with(
        pieces,
        xy,
        ring_offsets,
        np.r_[pieces.first[kept], dissolved.first + base][turn],
        np.r_[pieces.last[kept], dissolved.last + base][turn],
        np.ascontiguousarray(bounds[turn]),
        np.r_[pieces.area[kept], dissolved.area][turn],
    )
    return whole, cover


def _some(pieces: Pieces, which: Bools) -> Pieces:
    return _with(
        pieces, pieces.xy, pieces.ring_offsets, pieces.first[which], pieces.last[which], pieces.bounds[which], pieces.area[which]
    )  # fmt: skip


def _with(pieces: Pieces, xy: Floats, ring_offsets: Ints, first: Ints, last: Ints, bounds: Floats, area: Floats) -> Pieces:
    level1, level2 = levels(bounds)
    owner = pieces.owner if len(first) == len(pieces.owner) and first is pieces.first else np.zeros(len(first), np.int64)
    return Pieces(
        origin=pieces.origin,
        xy=xy,
        ring_offsets=ring_offsets,
        first=first,
        last=last,
        owner=owner,
        bounds=bounds,
        area=area,
        level1=level1,
        level2=level2,
    )
