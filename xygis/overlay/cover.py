"""What a layer covers, each place once: its pieces, but for parts that lie on one another, which are dissolved cluster by cluster."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import shapely

from xygis.overlay.dissolve import connected
from xygis.overlay.kernel import asking, laying
from xygis.overlay.kernel.pieces import Floats, Ints, Pieces, Rings, levels
from xygis.overlay.laying_out import Laid, Parts, lay_pieces
from xygis.overlay.overlap import areal_parts, union
from xygis.overlay.rings import polygons_of, rings_of

OVERLAP_M2 = 1e-3  # parts that share more than this lie on one another


def doubled_parts(pieces: Pieces) -> Ints:
    """(k, 2) numbers of parts that lie on one another by more than OVERLAP_M2."""
    left, right, area = asking.pairs(pieces, pieces, within=True)
    hit = area > OVERLAP_M2 / 16  # pieces of large parts may share little each
    both = np.column_stack([pieces.owner[left[hit]], pieces.owner[right[hit]]])
    if len(both) == 0:
        return np.zeros((0, 2), np.int64)
    both, which = np.unique(np.sort(both, axis=1), axis=0, return_inverse=True)
    return np.ascontiguousarray(both[np.bincount(which.ravel(), area[hit]) > OVERLAP_M2])


def cover_of(laid: Laid, doubled: Ints) -> Pieces:
    """The cover, in tables that begin with those of the pieces; of no pieces where it is the pieces themselves."""
    pieces = laid.pieces
    if len(doubled) == 0:
        return _with(pieces, first=pieces.first[:0], last=pieces.last[:0], bounds=pieces.bounds[:0], area=pieces.area[:0])
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
    bounds = np.vstack([pieces.bounds[kept], dissolved.bounds])
    turn = np.argsort(laying.hilbert(np.ascontiguousarray(bounds)), kind="stable")
    return _with(
        replace(pieces, xy=xy, ring_offsets=ring_offsets),
        first=np.r_[pieces.first[kept], dissolved.first + base][turn],
        last=np.r_[pieces.last[kept], dissolved.last + base][turn],
        bounds=np.ascontiguousarray(bounds[turn]),
        area=np.r_[pieces.area[kept], dissolved.area][turn],
    )


def _with(pieces: Pieces, *, first: Ints, last: Ints, bounds: Floats, area: Floats) -> Pieces:
    """Other pieces of the same rings, which are no part's."""
    level1, level2 = levels(bounds)
    owner = np.zeros(len(first), np.int64)
    return replace(pieces, first=first, last=last, owner=owner, bounds=bounds, area=area, level1=level1, level2=level2)
