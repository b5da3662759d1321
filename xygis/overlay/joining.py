"""Joins polygons that hang together by taking away the borders between them: cells of one partition need no other union.

On a fine grid the two sides of a border run over the same vertices, in opposite directions, so that what is left when such edges have
cancelled is the outline of the whole. Where one side has a vertex that the other lacks, its edge is split there first. Each result is
tested; what is not surely right is left to GEOS.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from xygis.geodesy.ellipsoid import Floats
from xygis.overlay.dissolve import connected
from xygis.overlay.kernel import asking, laying
from xygis.overlay.kernel.binding import spread
from xygis.overlay.kernel.pieces import Bools, Rings
from xygis.overlay.polygons import pieces_of, summed
from xygis.overlay.prepared import Geometries, Ints
from xygis.overlay.rings import rings_of
from xygis.overlay.tiles import polygons_in

_PER_M = 100_000.0
GRID_M = 1 / _PER_M  # cuts of one line computed twice differ by less; nothing that is real is thinner
_NEAR_M = 1.5 * GRID_M  # of a vertex from an edge that it lies on
_OVERLAP_M2 = 1e-6  # less is rounding
_MULTIPLIERS = (6364136223846793005, 2862933555777941757, 3202034522624059733)  # odd, with their bits well mixed
_NEXT = ((0, 1), (1, -1), (1, 0), (1, 1))  # half of a grid point's neighbours; the other half has it among theirs


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """The connected areas, and what went where: share[i] of the area of polygon[i] into area place[i].

    A polygon of which the grid leaves nothing is in none; nearly every other one is in one.
    """

    areas: Geometries  # polygons
    polygon: Ints
    place: Ints
    share: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class _Edges:
    """Directed edges between grid points, the area to the left, and the polygon of each."""

    start: Ints
    end: Ints
    owner: Ints

    def __len__(self) -> int:
        return len(self.start)

    def __getitem__(self, which: Ints | Bools) -> _Edges:
        return _Edges(start=self.start[which], end=self.end[which], owner=self.owner[which])


def join(polygons: Geometries, jobs: int | None = None) -> Joined:
    """The connected areas that disjoint polygons make up, on the grid. Those that only meet in a point stay apart."""
    rings = rings_of(polygons, np.arange(len(polygons)))
    laying.orient(rings)
    grid, number = _grid_points(rings.xy)
    edges = _edges(rings, number)
    edges, *pairs = _cancelled(edges, len(grid))
    edges, *more = _cancelled(_merged(edges, grid), len(grid))
    edges, *last = _cancelled(_split(edges, grid, jobs), len(grid))
    pairs = [np.concatenate(found) for found in zip(pairs, more, last, strict=True)]
    label = connected(len(polygons), np.r_[pairs[0], pairs[1]], np.r_[pairs[1], pairs[0]])
    left = np.zeros(len(polygons), bool)
    left[label[edges.owner]] = True
    areas, of = _outlines(edges, label, grid, jobs)
    areas, of, label = _without_overlaps(areas, of, label, jobs)
    number = np.full(len(polygons), -1, np.int64)
    number[of] = np.arange(len(of))
    place = number[label]
    settled = np.flatnonzero(place >= 0)
    found = Joined(areas=areas, polygon=settled, place=place[settled], share=np.ones(len(settled)))
    return _with_unions(found, polygons, np.flatnonzero(left[label] & (place < 0)), label)


def _grid_points(xy: Floats) -> tuple[NDArray[np.int64], Ints]:
    """(x and y in grid units of each different point, the point of each vertex)."""
    x, y = (np.rint(xy[:, k] * _PER_M).astype(np.int64) for k in (0, 1))
    for multiplier in _MULTIPLIERS:
        key = _key(x, y, multiplier)
        order = np.argsort(key, kind="stable")
        new = np.r_[True, np.diff(key[order]) != 0] if len(key) else np.zeros(0, bool)
        xs, ys = x[order], y[order]
        if np.array_equal((np.diff(xs) != 0) | (np.diff(ys) != 0), new[1:]):
            number = np.zeros(len(key), np.int64)
            number[order] = np.cumsum(new) - 1
            return np.column_stack([xs[new], ys[new]]), number
    raise AssertionError("three different hashes of one set of points collide")


def _key(x: Ints, y: Ints, multiplier: int) -> Ints:
    return x * np.int64(multiplier) + y  # wraps around


def _edges(rings: Rings, number: Ints) -> _Edges:
    """The edges of all rings; those that the grid makes points are left out."""
    last = np.zeros(len(number), bool)
    last[rings.ring_offsets[1:] - 1] = True  # the closing vertex begins no edge
    begin = np.flatnonzero(~last)
    owner = np.repeat(rings.owner, rings.ring_offsets[rings.last] - rings.ring_offsets[rings.first])
    edges = _Edges(start=number[begin], end=number[begin + 1], owner=owner[begin])
    return edges[edges.start != edges.end]


def _cancelled(edges: _Edges, points: int) -> tuple[_Edges, Ints, Ints]:
    """(the edges that no other runs against, owner, owner: the two of each pair that ran against each other)."""
    if len(edges) == 0:
        return edges, edges.owner, edges.owner
    back = edges.start > edges.end
    low, high = np.where(back, edges.end, edges.start), np.where(back, edges.start, edges.end)
    order = np.argsort((low * points + high) * 2 + back, kind="stable")
    low, high, back = low[order], high[order], back[order]
    starts = np.flatnonzero(np.r_[True, (np.diff(low) != 0) | (np.diff(high) != 0)])
    size = np.diff(np.r_[starts, len(order)])
    forth = size - np.add.reduceat(back.astype(np.int64), starts)
    both = np.repeat(np.minimum(forth, size - forth), size)
    rank = np.arange(len(order)) - np.repeat(starts, size)
    rank = np.where(back, rank - np.repeat(forth, size), rank)
    gone = rank < both
    one, other = edges.owner[order[gone & ~back]], edges.owner[order[gone & back]]
    return edges[np.sort(order[~gone])], one, other


def _merged(edges: _Edges, grid: Ints) -> _Edges:
    """The edges with grid points that are neighbours taken for one: a crossing computed twice may fall on two."""
    points = _points(edges, len(grid))
    key = _key(grid[points, 0], grid[points, 1], _MULTIPLIERS[0])
    order = np.argsort(key, kind="stable")
    key = key[order]
    left, right = [], []
    for dx, dy in _NEXT:
        wanted = key + (np.int64(dx) * np.int64(_MULTIPLIERS[0]) + np.int64(dy))  # a hash that adds up
        at = np.minimum(np.searchsorted(key, wanted), max(len(key) - 1, 0))
        hit = np.flatnonzero(key[at] == wanted)
        one, other = order[hit], order[at[hit]]
        near = (np.abs(grid[points[one]] - grid[points[other]]) <= 1).all(axis=1)  # a hash is no proof
        left.append(one[near])
        right.append(other[near])
    one, other = np.concatenate(left), np.concatenate(right)
    label = connected(len(points), np.r_[one, other], np.r_[other, one])
    now = np.arange(len(grid))
    now[points] = points[label]
    moved = _Edges(start=now[edges.start], end=now[edges.end], owner=edges.owner)
    return moved[moved.start != moved.end]


def _points(edges: _Edges, count: int) -> Ints:
    """The grid points that some edges run over."""
    used = np.zeros(count, bool)
    used[edges.start] = used[edges.end] = True
    points: Ints = np.flatnonzero(used)
    return points


def _split(edges: _Edges, grid: Ints, jobs: int | None) -> _Edges:
    """The edges split at every point of another edge that lies on them."""
    points = _points(edges, len(grid))
    origin = grid[points].min(axis=0) if len(points) else np.zeros(2)
    xy = (grid - origin) / _PER_M
    lines = shapely.linestrings(np.stack([xy[edges.start], xy[edges.end]], axis=1))
    dots = shapely.points(xy[points])
    tree = shapely.STRtree(lines)

    def near(start: int, end: int) -> Ints:
        found: Ints = tree.query(dots[start:end], predicate="dwithin", distance=_NEAR_M).astype(np.int64)
        found[0] += start
        return found

    dot, edge = np.concatenate([*spread(near, len(dots), jobs, smallest=4096), np.zeros((2, 0), np.int64)], axis=1)
    point = points[dot]
    inner = (point != edges.start[edge]) & (point != edges.end[edge])
    point, edge = point[inner], edge[inner]
    along = ((xy[point] - xy[edges.start[edge]]) * (xy[edges.end[edge]] - xy[edges.start[edge]])).sum(axis=1)
    order = np.lexsort((along, edge))
    point, edge = point[order], edge[order]
    whole = np.ones(len(edges), bool)
    whole[edge] = False
    parted = np.flatnonzero(~whole)
    # Each parted edge becomes the chain of its start, its points and its end.
    at = np.r_[parted, edge, parted]
    turn = np.r_[np.zeros(len(parted)), np.ones(len(edge)), np.full(len(parted), 2)]
    node = np.r_[edges.start[parted], point, edges.end[parted]]
    order = np.lexsort((turn, at))  # stable: the points of an edge keep their order
    at, node = at[order], node[order]
    begin = np.flatnonzero(at[1:] == at[:-1])
    chain = _Edges(start=node[begin], end=node[begin + 1], owner=edges.owner[at[begin]])
    kept = edges[whole]
    return _Edges(
        start=np.r_[kept.start, chain.start], end=np.r_[kept.end, chain.end], owner=np.r_[kept.owner, chain.owner]
    )  # fmt: skip


def _outlines(edges: _Edges, label: Ints, grid: Ints, jobs: int | None) -> tuple[Geometries, Ints]:
    """(polygons, label of each): what the edges of a label enclose, where that is one valid polygon."""
    group = label[edges.owner]
    following = _following(edges, group, grid)
    loops, open_ = _loops(following, edges.start)
    if not loops:
        return np.zeros(0, object), np.zeros(0, np.int64)
    lengths = np.array([len(loop) for loop in loops], np.int64)
    order = np.concatenate(loops)
    of = group[order[np.r_[0, np.cumsum(lengths)[:-1]]]]
    xy = grid[edges.start[order]] / _PER_M
    area = _signed(xy, lengths)
    # The shell of a group first, then its holes.
    turn = np.lexsort((area < 0, of))
    starts = np.r_[0, np.cumsum(lengths)]
    closed = np.concatenate([np.r_[np.arange(starts[i], starts[i + 1]), starts[i]] for i in turn.tolist()])
    first = np.flatnonzero(np.r_[True, np.diff(of[turn]) != 0])
    shells = np.add.reduceat((area[turn] > 0).astype(np.int64), first)
    offsets = np.r_[0, np.cumsum(lengths[turn] + 1)]
    spans = np.r_[first, len(turn)]
    polygons = np.asarray(shapely.from_ragged_array(shapely.GeometryType.POLYGON, xy[closed], (offsets, spans)), object)
    rings = Rings(
        xy=xy[closed] - xy[0], ring_offsets=offsets.astype(np.int64), first=spans[:-1].astype(np.int64), last=spans[1:].astype(np.int64),
        owner=np.arange(len(polygons)),
    )  # fmt: skip
    good = (shells == 1) & laying.surely_valid(rings, jobs)
    doubtful = np.flatnonzero((shells == 1) & ~good)
    good[doubtful] = shapely.is_valid(polygons[doubtful])
    labels = of[turn][first]
    good &= ~np.isin(labels, group[open_])
    return polygons[good], labels[good]


def _without_overlaps(areas: Geometries, of: Ints, label: Ints, jobs: int | None) -> tuple[Geometries, Ints, Ints]:
    """(areas, label of each, labels): without those that lie on one another; their labels become one, for a union to join them.

    A layer that runs over itself by less than contact has such polygons.
    """
    one, other = _overlapping(areas, jobs)
    if len(one) == 0:
        return areas, of, label
    cluster = connected(len(areas), np.r_[one, other], np.r_[other, one])
    apart = np.ones(len(areas), bool)
    apart[one] = apart[other] = False
    now = np.arange(len(label))
    now[of] = of[cluster]
    return areas[apart], of[apart], now[label]


def _overlapping(areas: Geometries, jobs: int | None) -> tuple[Ints, Ints]:
    """(one, other) of areas that lie on one another by more than rounding."""
    pieces = pieces_of(areas)
    i, j, area = asking.pairs(pieces, pieces, within=True, jobs=jobs)
    one, other, area = summed(pieces.owner[i], pieces.owner[j], area, len(areas))
    real = area > _OVERLAP_M2
    return one[real], other[real]


def _signed(xy: Floats, lengths: Ints) -> Floats:
    """The signed area of rings that do not repeat their first vertex."""
    starts = np.r_[0, np.cumsum(lengths)[:-1]]
    after = np.arange(1, len(xy) + 1)
    after[np.cumsum(lengths) - 1] = starts
    local = xy - np.repeat(xy[starts], lengths, axis=0)
    cross = local[:, 0] * local[after, 1] - local[after, 0] * local[:, 1]
    return np.asarray(np.add.reduceat(cross, starts) / 2, float)


def _following(edges: _Edges, group: Ints, grid: Ints) -> Ints:
    """The edge that goes on where each edge ends, in its group; -1 where none does. Where several could, the one nearest to the inside."""
    points = len(grid)
    key_out, key_in = group * points + edges.start, group * points + edges.end
    order = np.argsort(key_out, kind="stable")
    sorted_out = key_out[order]
    low = np.searchsorted(sorted_out, key_in)
    count = np.searchsorted(sorted_out, key_in, side="right") - low
    following = np.where(count > 0, order[np.minimum(low, max(len(order) - 1, 0))], -1) if len(order) else order
    for edge in np.flatnonzero(count > 1).tolist():
        back = _angle(grid, edges.end[edge], edges.start[edge])
        out = order[low[edge] : low[edge] + count[edge]]
        turn = [(back - _angle(grid, edges.start[o], edges.end[o])) % (2 * np.pi) for o in out.tolist()]
        following[edge] = out[int(np.argmin(turn))]  # clockwise from where it came
    return following


def _angle(grid: Ints, start: int, end: int) -> float:
    dx, dy = (grid[end] - grid[start]).tolist()
    return float(np.arctan2(dy, dx))


def _loops(following: Ints, start: Ints) -> tuple[list[Ints], list[int]]:
    """(edges in rings, as they go on from one to the next; edges of what does not close). A ring that meets itself in a point is two."""
    after, begin = following.tolist(), start.tolist()
    seen = bytearray(len(after))
    loops: list[Ints] = []
    unclosed: list[int] = []
    for first in range(len(after)):
        if seen[first]:
            continue
        path: list[int] = []
        at: dict[int, int] = {}
        edge = first
        while edge >= 0 and not seen[edge]:
            seen[edge] = 1
            node = begin[edge]
            if node in at:  # a loop is closed here
                loop = path[at[node] :]
                del path[at[node] :]
                for e in loop:
                    del at[begin[e]]
                loops.append(np.array(loop, np.int64))
            at[node] = len(path)
            path.append(edge)
            edge = after[edge]
        if edge >= 0 and begin[edge] == begin[path[0]]:
            loops.append(np.array(path, np.int64))
        else:
            unclosed.append(path[0])
    return loops, unclosed


def _with_unions(found: Joined, polygons: Geometries, again: Ints, label: Ints) -> Joined:
    """With some more polygons, those that the borders did not settle, joined by GEOS."""
    areas, polygon, place, share = [found.areas], [found.polygon], [found.place], [found.share]
    count = len(found.areas)
    order = again[np.argsort(label[again], kind="stable")]
    for group in _groups(order, label):
        parts, source = polygons_in(np.asarray(shapely.set_precision(polygons[group], GRID_M), object))
        if len(parts) == 0:
            continue
        shapes, _ = polygons_in(np.array([shapely.union_all(parts, grid_size=GRID_M)], object))
        part_m2 = shapely.area(parts)
        areas.append(shapes)
        polygon.append(group[source])
        place.append(count + shapely.STRtree(shapes).nearest(shapely.point_on_surface(parts)).astype(np.int64))
        share.append(part_m2 / np.bincount(source, part_m2, len(group))[source])
        count += len(shapes)
    return Joined(
        areas=np.concatenate(areas), polygon=np.concatenate(polygon), place=np.concatenate(place), share=np.concatenate(share)
    )  # fmt: skip


def _groups(order: Ints, label: Ints) -> Sequence[Ints]:
    starts = np.flatnonzero(np.r_[True, np.diff(label[order]) != 0]) if len(order) else np.zeros(0, np.int64)
    return np.split(order, starts[1:]) if len(order) else []
