"""The outline of patches, taken apart: which stretch of it runs along the border of layer a, which along that of layer b."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from xygis.geodesy.ellipsoid import Floats
from xygis.overlay.border import Border, expanded
from xygis.overlay.overlap import Geometries
from xygis.overlay.prepared import Ints
from xygis.overlay.tiles import polygons_in

ON_M = 5e-5  # a point computed on an edge is not farther from it, though patches are cut on a grid of 1e-5 m
_MOST_PAIRS = 4_000_000  # of pieces of either side; no sliver has as many
_TINY_M = 5e-5  # a shorter piece of outline says nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """Straight pieces of outline, ring after ring, each with the patch on its left. Stretches are numbered through.

    A stretch is a run of pieces of one ring on the border of one side. a, b: the edge that a piece lies on, −1 where it lies on
    none, or on edges of both sides.
    """

    start: Floats
    end: Floats
    patch: Ints
    stretch: Ints
    a: Ints
    b: Ints

    @property
    def lengths_m(self) -> Floats:
        lengths: Floats = np.hypot(*(self.end - self.start).T)
        return lengths


def outline_of(patches: Geometries, a: Border, b: Border) -> Outline:
    """Takes the outlines of patches apart. A piece that comes from neither side (a county border) belongs to none."""
    polygons, patch = polygons_in(patches)
    rings, polygon = shapely.get_rings(shapely.orient_polygons(polygons), return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    inside = np.flatnonzero(ring[1:] == ring[:-1]) if len(ring) else np.zeros(0, np.int64)
    inside = inside[np.hypot(*(xy[inside + 1] - xy[inside]).T) > _TINY_M]
    start, end, ring = xy[inside], xy[inside + 1], ring[inside]
    middle = (start + end) / 2
    on_a, on_b = a.nearest_edge(middle, ON_M)[0], b.nearest_edge(middle, ON_M)[0]
    both = (on_a >= 0) & (on_b >= 0)
    on_a[both], on_b[both] = -1, -1
    side = np.where(on_a >= 0, 1, np.where(on_b >= 0, 2, 0))
    order = _from_a_change(ring, side)
    side, ring = side[order], ring[order]
    stretch = np.cumsum(np.r_[0, (side[1:] != side[:-1]) | (ring[1:] != ring[:-1])]) if len(side) else np.zeros(0, np.int64)
    return Outline(start=start[order], end=end[order], patch=patch[polygon[ring]], stretch=stretch, a=on_a[order], b=on_b[order])


def widths_m(outline: Outline, count: int) -> Floats:
    """For each of `count` patches, how far the two sides of its outline lie apart at most, everywhere; infinite where one is missing."""
    widths = np.full(count, np.inf)
    numbers = [np.bincount(outline.patch[e >= 0], minlength=count) for e in (outline.a, outline.b)]
    small = np.flatnonzero((numbers[0] > 0) & (numbers[1] > 0) & (numbers[0] * numbers[1] <= _MOST_PAIRS))
    if len(small) == 0:
        return widths
    rank = np.full(count, -1, np.int64)
    rank[small] = np.arange(len(small))
    sides = []
    for edge in (outline.a, outline.b):
        own = np.flatnonzero((edge >= 0) & (rank[outline.patch] >= 0))
        own = own[np.argsort(rank[outline.patch[own]], kind="stable")]
        lines = shapely.linestrings(np.stack([outline.start[own], outline.end[own]], axis=1))
        sides.append(shapely.multilinestrings(lines, indices=rank[outline.patch[own]]))
    widths[small] = shapely.hausdorff_distance(*sides)
    return widths


def _from_a_change(ring: Ints, side: NDArray[np.int_]) -> Ints:
    """The order in which every ring begins where the side changes."""
    if len(ring) == 0:
        return np.zeros(0, np.int64)
    starts = np.flatnonzero(np.r_[True, ring[1:] != ring[:-1]])
    ends = np.r_[starts[1:], len(ring)]
    before = np.arange(len(ring)) - 1
    before[starts] = ends - 1
    turn = np.where(side != side[before], np.arange(len(ring)), len(ring))
    first = np.minimum.reduceat(turn, starts)
    first = np.where(first == len(ring), starts, first)
    number, at = expanded(np.arange(len(starts)), starts, ends)
    shifted = at + (first - starts)[number]
    return np.where(shifted >= ends[number], shifted - (ends - starts)[number], shifted)
