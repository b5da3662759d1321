"""Whether a whole layer lies displaced against another by a constant: a slip of datum, zone or false easting.

Corners are compared by the two edges that leave them, which a displacement does not change. Corners that look alike vote for
the displacement between them; where one displacement explains most corners, it is the layer's.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import shapely
from numpy.typing import NDArray

from xygis.geodesy.ellipsoid import Floats
from xygis.overlay.kernel.binding import spread
from xygis.overlay.overlap import Geometries
from xygis.overlay.prepared import Ints
from xygis.overlay.tiles import polygons_in

LEAST_M = 0.05  # a smaller displacement is not looked for …
MOST_M = 500.0  # … nor a larger one
LEAST_SHARE = 0.3  # of the corners must be explained
_LEAST_CORNERS, _LEAST_FEATURES = 12, 3
_SAMPLE = 3000  # corners that vote
_MOST_PAIRS = 3_000_000
_EDGE_M = 2.0  # shorter edges look alike everywhere
_FLAT_M = 0.02  # a vertex nearer to the line between its neighbours is no corner
_ALIKE_M = 0.15  # in each component of an edge: coordinates rounded to 0.1 m still look alike
_CELLS_M = (0.2, 2.0)  # of the vote; the wide one for a displacement that turns and stretches over a city
_TIE = 0.9  # displacements with nearly as many votes (a regular pattern): the smallest is meant

_Range: TypeAlias = tuple[Ints, Ints]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """Layer b lies (dx_m, dy_m) east and north of where layer a has the same corners, in the plane."""

    dx_m: float
    dy_m: float
    matched: int  # corners explained, of `corners` that were looked at
    corners: int
    spread_m: float  # median distance of their own displacements from it

    @property
    def explained_share(self) -> float:
        return self.matched / self.corners

    @property
    def length_m(self) -> float:
        return float(np.hypot(self.dx_m, self.dy_m))

    def mirrored(self) -> Shift:
        """The same, as layer a against layer b."""
        return Shift(dx_m=-self.dx_m, dy_m=-self.dy_m, matched=self.matched, corners=self.corners, spread_m=self.spread_m)


@dataclass(frozen=True, slots=True, kw_only=True)
class Corners:
    """Corners of rings; a border between two features has its own twice. first, second: the edges that leave them, west first."""

    xy: Floats
    first: Floats
    second: Floats
    feature: Ints

    def __len__(self) -> int:
        return len(self.xy)


def estimate_shift(a: Geometries, b: Geometries) -> Shift | None:
    """The displacement of polygons b against polygons a, in the plane; None where there is none or no telling.

    None for layers that agree already, that have too little in common (less than LEAST_SHARE of the corners of the smaller one),
    or too few corners. Independent of the order of features, of their vertices and of which layer is named first (mirrored).
    """
    return shift_between(corners_of(a), corners_of(b))


def shift_between(of_a: Corners, of_b: Corners) -> Shift | None:
    """The same for layers whose corners are known, for one that is compared with many."""
    if min(len(of_a), len(of_b)) < _LEAST_CORNERS:
        return None
    if _rank(of_b) < _rank(of_a):
        found = _estimate(of_b, of_a)
        return found.mirrored() if found is not None else None
    return _estimate(of_a, of_b)


def _rank(corners: Corners) -> tuple[int, float]:
    """The smaller layer votes; of two of a size, the one with the shorter edges."""
    return len(corners), math.fsum(np.abs(corners.first).sum(axis=1)) + math.fsum(np.abs(corners.second).sum(axis=1))


def _estimate(few: Corners, many: Corners) -> Shift | None:
    sample, moves, corners = _moves(few, many)
    for cell in _CELLS_M:
        found = _mode(sample, moves, corners, few.feature, cell)
        if found is not None:
            return found
    return None


def corners_of(geometry: Geometries) -> Corners:
    """The corners of a layer's polygons that are distinct enough to be found again."""
    polygons, _ = polygons_in(geometry)

    def work(start: int, end: int) -> Corners:
        return _corners(polygons[start:end], start)

    found = spread(work, len(polygons), smallest=1_000)
    none = np.zeros((0, 2))
    return Corners(
        xy=np.concatenate([*(c.xy for c in found), none]),
        first=np.concatenate([*(c.first for c in found), none]),
        second=np.concatenate([*(c.second for c in found), none]),
        feature=np.concatenate([*(c.feature for c in found), np.zeros(0, np.int64)]),
    )


def _corners(polygons: Geometries, number: int) -> Corners:
    """The same of some polygons; number: of the first one."""
    rings, part = shapely.get_rings(polygons, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    keep = np.r_[ring[1:] == ring[:-1], False] if len(xy) else np.zeros(0, bool)  # the closing vertex repeats the first
    xy, ring = xy[keep], ring[keep]
    for _ in range(2):  # what is flat only because of a flat neighbour stays a corner
        before, after = _neighbours(ring)
        chord = xy[after] - xy[before]
        to = xy - xy[before]
        length = np.hypot(chord[:, 0], chord[:, 1])
        off = np.abs(chord[:, 0] * to[:, 1] - chord[:, 1] * to[:, 0]) / np.where(length > 0, length, 1.0)
        bent = off > _FLAT_M
        xy, ring = xy[bent], ring[bent]
    before, after = _neighbours(ring)
    first, second = xy[before] - xy, xy[after] - xy
    keep = (np.hypot(*first.T) >= _EDGE_M) & (np.hypot(*second.T) >= _EDGE_M)
    xy, first, second, ring = xy[keep], first[keep], second[keep], ring[keep]
    swap = (first[:, 0] > second[:, 0]) | ((first[:, 0] == second[:, 0]) & (first[:, 1] > second[:, 1]))
    first[swap], second[swap] = second[swap], first[swap]
    return Corners(xy=xy, first=first, second=second, feature=number + part[ring])


def _neighbours(ring: Ints) -> _Range:
    """The vertex before and after each one in its ring."""
    n = len(ring)
    starts = np.flatnonzero(np.r_[True, ring[1:] != ring[:-1]]) if n else np.zeros(0, np.int64)
    ends = np.r_[starts[1:], n] - 1 if n else starts
    before, after = np.arange(n) - 1, np.arange(n) + 1
    before[starts], after[ends] = ends, starts
    return before, after


def _moves(few: Corners, many: Corners) -> tuple[Ints, Floats, Ints]:
    """(sample, move, corners): what each sampled corner would have to move by to lie on a corner that looks like it.

    sample: index into few; corners: all that were sampled. The most distinctive corners go first where there are too many pairs.
    """
    size = 2 * _ALIKE_M
    cell = np.floor((many.first + many.second) / size).astype(np.int64)
    column = np.int64(1) << 32
    keys = cell[:, 0] * column + cell[:, 1]
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    sampled = _sampled(few)
    here = np.floor((few.first[sampled] + few.second[sampled]) / size).astype(np.int64)
    lows, highs = [], []
    for k in (-1, 0, 1):
        base = (here[:, 0] + k) * column + here[:, 1]
        lows.append(np.searchsorted(keys, base - 1, "left"))
        highs.append(np.searchsorted(keys, base + 1, "right"))
    low, high = np.array(lows), np.array(highs)
    count = (high - low).sum(axis=0)
    distinctive = np.argsort(count, kind="stable")
    taken = distinctive[: max(1, int(np.searchsorted(np.cumsum(count[distinctive]), _MOST_PAIRS, "right")))]
    who, where = [], []
    for k in range(3):
        length = high[k, taken] - low[k, taken]
        ends = np.cumsum(length)
        where.append(np.arange(ends[-1]) + np.repeat(low[k, taken] - ends + length, length))
        who.append(np.repeat(sampled[taken], length))
    left, right = np.concatenate(who), order[np.concatenate(where)]
    straight = _alike(few.first[left], many.first[right]) & _alike(few.second[left], many.second[right])
    crossed = _alike(few.first[left], many.second[right]) & _alike(few.second[left], many.first[right])
    left, right = left[straight | crossed], right[straight | crossed]
    move = many.xy[right] - few.xy[left]
    near = np.hypot(move[:, 0], move[:, 1]) <= MOST_M
    return left[near], move[near], np.sort(sampled[taken])


def _sampled(corners: Corners) -> Ints:
    """Some corners, picked by their shape: the same ones in whatever order they come and wherever they lie."""
    x, y = np.round((corners.first + corners.second) * 1e3).astype(np.int64).T
    lot = ((x * 73_856_093) ^ (y * 19_349_663)) % 1_000_003
    picked = np.arange(len(corners))
    if len(corners) > _SAMPLE:
        picked = np.flatnonzero(lot <= np.partition(lot, _SAMPLE)[_SAMPLE])
    by = (corners.xy[picked, 1], corners.xy[picked, 0], corners.second[picked, 0], corners.first[picked, 0], lot[picked])
    return picked[np.lexsort(by)[:_SAMPLE]].astype(np.int64)


def _alike(one: Floats, other: Floats) -> NDArray[np.bool_]:
    alike: NDArray[np.bool_] = np.all(np.abs(one - other) <= _ALIKE_M, axis=1)
    return alike


def _mode(sample: Ints, move: Floats, corners: Ints, feature: Ints, cell_m: float) -> Shift | None:
    """The displacement that most sampled corners vote for, if it may be called one."""
    if len(sample) < _LEAST_CORNERS:
        return None
    row = np.int64(1) << 20
    index = np.floor(move / cell_m).astype(np.int64)
    key = index[:, 0] * row + index[:, 1]
    voted = np.unique(np.column_stack([key, sample]), axis=0) if len(key) < 200_000 else _unique_pairs(key, sample)
    cells, votes = np.unique(voted[:, 0], return_counts=True)
    around = np.zeros(len(cells), np.int64)
    for dx in (-1, 0, 1):
        for dy in (-1, 0, 1):
            at = np.minimum(np.searchsorted(cells, cells + dx * row + dy), len(cells) - 1)
            around += np.where(cells[at] == cells + dx * row + dy, votes[at], 0)
    best = np.flatnonzero(around >= _TIE * around.max())
    column = np.floor((cells[best] + row // 2) / row)
    centre = (np.column_stack([column, cells[best] - column * row]) + 0.5) * cell_m
    at = centre[np.lexsort((centre[:, 1], centre[:, 0], np.round(np.hypot(*centre.T), 6)))[0]]
    for _ in range(3):
        own = _own_moves(sample, move, at, 1.5 * cell_m)
        if len(own) == 0:
            return None
        at = np.median(move[own], axis=0)
    own = _own_moves(sample, move, at, 1.5 * cell_m)
    spread = float(np.median(np.hypot(*(move[own] - at).T)))
    length = float(np.hypot(*at))
    still = len(np.unique(sample[np.hypot(*move.T) <= LEAST_M / 2]))
    clear = length >= max(LEAST_M, 3 * spread) and len(own) >= 2 * still
    if not clear or len(own) < max(_LEAST_CORNERS, LEAST_SHARE * len(corners)) or len(np.unique(feature[sample[own]])) < _LEAST_FEATURES:
        return None
    return Shift(dx_m=float(at[0]), dy_m=float(at[1]), matched=len(own), corners=len(corners), spread_m=spread)


def _unique_pairs(key: Ints, sample: Ints) -> Ints:
    order = np.lexsort((sample, key))
    pairs = np.column_stack([key[order], sample[order]])
    new = np.r_[True, (pairs[1:] != pairs[:-1]).any(axis=1)]
    return pairs[new]


def _own_moves(sample: Ints, move: Floats, at: Floats, within_m: float) -> Ints:
    """For each sampled corner the pair whose move is nearest to `at`, if it is near."""
    off = np.hypot(*(move - at).T)
    near = np.flatnonzero(off <= within_m)
    near = near[np.lexsort((move[near, 1], move[near, 0], off[near], sample[near]))]
    first = np.ones(len(near), bool)
    first[1:] = sample[near][1:] != sample[near][:-1]
    return near[first]
