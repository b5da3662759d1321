"""The borders of some polygons as a net of edges: every edge once, whatever features it stands between, found by place."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from xygis.geodesy.ellipsoid import Floats
from xygis.overlay.overlap import Geometries
from xygis.overlay.prepared import Ints

_RUN = 16  # edges of a ring that are looked for together, so that a huge ring costs what is near
_BATCH = 200_000  # points at a time
_SAME_M = 1e-7  # two distances that differ by less are equal


@dataclass(frozen=True, slots=True, kw_only=True)
class Border:
    """Nodes (vertices, each place once) and the edges between them.

    neighbour[first[n]:first[n + 1]]: the nodes that edges lead to from node n.
    """

    xy: Floats  # (nodes, 2)
    edges: Ints  # (edges, 2) nodes
    first: Ints
    neighbour: Ints
    tree: shapely.STRtree  # of the boxes of runs
    run: Ints  # (runs + 1,) where the edges of each run begin

    @property
    def degree(self) -> Ints:
        """How many edges leave each node."""
        return np.diff(self.first)

    def nearest_edge(self, points: Floats, within_m: float) -> tuple[Ints, Floats]:
        """(edge, foot): the edge nearest to each point, −1 where none is near; and the point (n, 2) on it. Of equals the shortest."""
        edge, foot = np.full(len(points), -1, np.int64), np.full((len(points), 2), np.nan)
        for at in range(0, len(points), _BATCH):
            here = points[at : at + _BATCH]
            point, found = self._around(here, within_m)
            start, end = self.xy[self.edges[found, 0]], self.xy[self.edges[found, 1]]
            along = end - start
            square = (along**2).sum(axis=1)
            share = np.clip(((here[point] - start) * along).sum(axis=1) / square, 0.0, 1.0)
            feet = start + share[:, None] * along
            off = np.hypot(*(here[point] - feet).T)
            near = np.flatnonzero(off <= within_m)
            order = near[np.lexsort((square[near], np.round(off[near] / _SAME_M), point[near]))]
            best = order[_firsts(point[order])]
            edge[at + point[best]], foot[at + point[best]] = found[best], feet[best]
        return edge, foot

    def nearest_node(self, points: Floats, within_m: float) -> Ints:
        """The node nearest to each point; −1 where none is near."""
        node = np.full(len(points), -1, np.int64)
        for at in range(0, len(points), _BATCH):
            here = points[at : at + _BATCH]
            point, found = self._around(here, within_m)
            point, ends = np.repeat(point, 2), self.edges[found].ravel()
            off = np.hypot(*(here[point] - self.xy[ends]).T)
            near = np.flatnonzero(off <= within_m)
            order = near[np.lexsort((ends[near], off[near], point[near]))]
            best = order[_firsts(point[order])]
            node[at + point[best]] = ends[best]
        return node

    def _around(self, points: Floats, within_m: float) -> tuple[Ints, Ints]:
        """(point, edge) of every edge whose run comes near a point."""
        boxes = shapely.box(*(points - within_m).T, *(points + within_m).T)
        point, run = self.tree.query(boxes)
        return expanded(point, self.run[run], self.run[run + 1])


def border_of(polygons: Geometries) -> Border:
    """The net of the rings of polygons in the plane."""
    rings = shapely.get_rings(polygons)
    coords, ring = shapely.get_coordinates(rings, return_index=True)
    _, first_at, node = np.unique(coords[:, 0] + 1j * coords[:, 1], return_index=True, return_inverse=True)
    inside = np.flatnonzero((ring[1:] == ring[:-1]) & (node[1:] != node[:-1])) if len(ring) else np.zeros(0, np.int64)
    ends = np.sort(np.column_stack([node[inside], node[inside + 1]]), axis=1)
    _, once = np.unique(ends[:, 0] * np.int64(len(first_at) + 1) + ends[:, 1], return_index=True)
    once = np.sort(once)
    edges, place = ends[once], inside[once]
    xy = coords[first_at]
    starts = np.r_[0, np.flatnonzero(np.diff(ring) > 0) + 1] if len(ring) else np.zeros(0, np.int64)
    run_of = ring[place] * np.int64(1 << 32) + (place - starts[ring[place]]) // _RUN
    run = np.r_[np.flatnonzero(np.r_[True, np.diff(run_of) > 0]), len(edges)] if len(edges) else np.zeros(1, np.int64)
    low = np.minimum(xy[edges[:, 0]], xy[edges[:, 1]])
    high = np.maximum(xy[edges[:, 0]], xy[edges[:, 1]])
    boxes = (
        shapely.box(*np.minimum.reduceat(low, run[:-1]).T, *np.maximum.reduceat(high, run[:-1]).T) if len(edges) else np.zeros(0, object)
    )
    both = np.concatenate([edges, edges[:, ::-1]])
    both = both[np.lexsort((both[:, 1], both[:, 0]))]
    return Border(
        xy=xy,
        edges=edges,
        first=np.r_[0, np.cumsum(np.bincount(both[:, 0], minlength=len(xy)))].astype(np.int64),
        neighbour=both[:, 1],
        tree=shapely.STRtree(boxes),
        run=run.astype(np.int64),
    )


def expanded(owner: Ints, low: Ints, high: Ints) -> tuple[Ints, Ints]:
    """(owner, number) for every number from low to high − 1 of each owner."""
    length = high - low
    ends = np.cumsum(length)
    total = int(ends[-1]) if len(ends) else 0
    return np.repeat(owner, length), np.arange(total) + np.repeat(low - ends + length, length)


def _firsts(sorted_values: Ints) -> Ints:
    """Where each value of a sorted array stands first."""
    if len(sorted_values) == 0:
        return np.zeros(0, np.int64)
    return np.flatnonzero(np.r_[True, sorted_values[1:] != sorted_values[:-1]])
