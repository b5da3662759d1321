"""`Partition`: all layers laid over one another as one planar partition. Every place is in exactly one cell, and gaps are cells too.

The layers are laid on one after the other. Which cell meets which polygon of the next layer, and in how many square metres, is
asked of the kernel, without geometry; geometry is made where a cell is really cut, and in the last step only for whom asks. What
a cut leaves of a cell is a cell again, so that the areas of the cells add up to the territory whatever the layers are like.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import shapely

from xygis.geodesy.ellipsoid import Floats
from xygis.overlay.counties import Counties
from xygis.overlay.disjoint import Disjoint, pieces_of
from xygis.overlay.dissolve import without_dust
from xygis.overlay.kernel import asking
from xygis.overlay.kernel.binding import spread
from xygis.overlay.kernel.pieces import Bools, Pieces
from xygis.overlay.prepared import Geometries, Ints
from xygis.overlay.tiles import polygons_in

GAP = -1  # the stack of a place that a layer does not cover
TILE_M = 2_000.0  # what no layer has covered yet is looked at in squares of this side; results do not depend on it
_SPECK_M2 = 1e-6  # a smaller cut is none: its place stays with the neighbour that has the rest of the cell
_SPECK_SHARE = 1e-9  # of the cell, which is what sums of rounded areas come to

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cut:
    """One layer laid on some cells. Cell i is of parent[i]: its cut with polygon[i], or for GAP what no polygon covers of it.

    whole: the cell is its parent, or the polygon, unchanged: 1 the parent, 2 the polygon, 0 neither.
    """

    parents: Geometries
    polygons: Geometries
    parent: Ints
    polygon: Ints
    whole: Ints
    rests: dict[int, Ints] = field(repr=False)  # parent → the polygons that meet it, where something of it is left

    def shapes(self, which: Ints, jobs: int | None) -> Geometries:
        """The geometry of some cells: polygons or multipolygons."""
        out = np.empty(len(which), object)
        whole, parent, polygon = self.whole[which], self.parent[which], self.polygon[which]
        out[whole == 1] = self.parents[parent[whole == 1]]
        out[whole == 2] = self.polygons[polygon[whole == 2]]
        cut = np.flatnonzero((whole == 0) & (polygon != GAP))

        def intersect(start: int, end: int) -> Geometries:
            here = cut[start:end]
            return np.asarray(shapely.intersection(self.parents[parent[here]], self.polygons[polygon[here]]), object)

        out[cut] = _joined(spread(intersect, len(cut), jobs))
        rest = np.flatnonzero((whole == 0) & (polygon == GAP))

        def subtract(start: int, end: int) -> Geometries:
            return np.array([_rest(self.parents[p], self.polygons[self.rests[p]]) for p in parent[rest[start:end]].tolist()], object)

        out[rest] = _joined(spread(subtract, len(rest), jobs))
        return out


def _joined(chunks: Sequence[Geometries]) -> Geometries:
    return np.concatenate([*chunks, np.zeros(0, object)])


def _rest(parent: shapely.Geometry, polygons: Geometries) -> shapely.Geometry:
    return shapely.difference(parent, shapely.union_all(polygons))


@dataclass(frozen=True, slots=True, kw_only=True)
class Partition:
    """The cells of all layers together.

    stack[:, k]: what layer k has in each cell (see Disjoint), or GAP. county: number in counties; cells outside all counties lie in at
    least one layer. area_m2: official areas, which close: the cells of a county add up to it.
    """

    layers: tuple[Disjoint, ...]
    counties: Counties
    stack: Ints  # (cells, layers)
    county: Ints
    area_m2: Floats
    _last: _Cut = field(repr=False)

    def __len__(self) -> int:
        return len(self.area_m2)

    def column(self, layer: str) -> Ints:
        """The stack of each cell in a layer."""
        return self.stack[:, self.number(layer)]

    def number(self, layer: str) -> int:
        return next(k for k, one in enumerate(self.layers) if one.layer == layer)

    def geometry(self, which: Ints, jobs: int | None = None) -> tuple[Geometries, Ints]:
        """(polygons, index) of some cells, in the plane: index[i] is the place in `which` that polygon i belongs to."""
        return without_dust(self._last.shapes(which, jobs))

    def by_county(self, chosen: Bools) -> Floats:
        """m² of some cells in each county."""
        return np.asarray(np.bincount(self.county[chosen], self.area_m2[chosen], len(self.counties)), float)


def partition(
    layers: Sequence[Disjoint], counties: Counties, *, tile_m: float = TILE_M, jobs: int | None = None, progress: Progress | None = None
) -> Partition:
    """Lays layers over the counties; without any, there are no cells. The order of the layers decides on time, not on the result; the last is laid most cheaply."""
    cells = _Cells.of(counties, tile_m)
    for number, layer in enumerate(layers):
        if progress:
            progress(number + 1, len(layers))
        cells = cells.laid(layer, jobs, last=number == len(layers) - 1)
    if cells.cut is None:
        none = np.zeros(0, np.int64)
        empty = _Cut(parents=np.zeros(0, object), polygons=np.zeros(0, object), parent=none, polygon=none, whole=none, rests={})
        return Partition(layers=(), counties=counties, stack=none.reshape(0, 0), county=none, area_m2=np.zeros(0), _last=empty)
    return Partition(
        layers=tuple(layers), counties=counties, stack=cells.stack, county=cells.county, area_m2=cells.area_m2, _last=cells.cut
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cells:
    """Cells on the way. geometry: one polygon each; after the last layer none, then `cut` makes them."""

    geometry: Geometries
    stack: Ints
    county: Ints
    area_m2: Floats
    outside: int  # the county of what lies in none
    cut: _Cut | None = None

    @classmethod
    def of(cls, counties: Counties, tile_m: float) -> _Cells:
        """The territory in tiles, without any layer."""
        shapes, county = [], []
        for number, shape in enumerate(counties.shapes):
            tiles = _tiles(shape, tile_m)
            shapes.append(tiles)
            county.append(np.full(len(tiles), number, np.int64))
        geometry, which = _joined(shapes), np.concatenate([*county, np.zeros(0, np.int64)])
        return cls(
            geometry=geometry,
            stack=np.zeros((len(geometry), 0), np.int64),
            county=which,
            area_m2=np.asarray(shapely.area(geometry), float),
            outside=len(counties) - 1,
        )

    def laid(self, layer: Disjoint, jobs: int | None, *, last: bool) -> _Cells:
        """The cells that one more layer makes of these."""
        near = _near(self.geometry, layer.polygons)
        cell, polygon, area = _meetings(pieces_of(self.geometry[near]), layer.pieces, len(layer.polygons), jobs)
        met = cell, polygon, area = near[cell], polygon, area
        polygon_m2 = np.asarray(shapely.area(layer.polygons), float)
        slack = _SPECK_M2 + _SPECK_SHARE * self.area_m2
        covered = np.bincount(cell, area, len(self.area_m2))
        left = self.area_m2 - covered
        full = area >= self.area_m2[cell] - slack[cell]
        real = full | (area > _SPECK_M2)
        # A cell that one polygon covers is its own; of several such (contact of the layer with itself) the first.
        first_full = _first_true(cell, full, len(self.area_m2))
        keep = np.where(first_full[cell] >= 0, np.arange(len(cell)) == first_full[cell], real)
        cell, polygon, area, full = cell[keep], polygon[keep], area[keep], full[keep]
        rest = np.flatnonzero((first_full < 0) & (left > slack))
        specks = np.where((first_full < 0) & (left <= slack), left, 0.0)
        area = np.where(full, self.area_m2[cell], area)
        area = _with_specks(cell, area, specks, full)
        inside = ~full & (area >= polygon_m2[polygon] - _SPECK_M2 - _SPECK_SHARE * polygon_m2[polygon])
        untouched = np.bincount(cell, minlength=len(self.area_m2))[rest] == 0
        beyond, of = _beyond(layer.polygons, polygon_m2, self.geometry, *met)
        count, none = len(self.area_m2), np.full((len(beyond), self.stack.shape[1]), GAP)
        parent = np.r_[cell, rest, count + np.arange(len(beyond))]
        cut = _Cut(
            parents=np.concatenate([self.geometry, beyond]),
            polygons=layer.polygons,
            parent=parent,
            polygon=np.r_[polygon, np.full(len(rest) + len(beyond), GAP)],
            whole=np.r_[np.where(full, 1, np.where(inside, 2, 0)), np.where(untouched, 1, 0), np.ones(len(beyond), np.int64)],
            rests=_by_cell(cell, polygon, rest[~untouched]),
        )
        now = np.r_[layer.stack[polygon], np.full(len(rest), GAP), layer.stack[of]]
        made = _Cells(
            geometry=self.geometry,
            stack=np.column_stack([np.concatenate([self.stack, none])[parent], now]),
            county=np.r_[self.county, np.full(len(beyond), self.outside)][parent],
            area_m2=np.r_[area, self.area_m2[rest] - np.bincount(cell, area, count)[rest], shapely.area(beyond)],
            outside=self.outside,
            cut=cut,
        )
        return made if last else made._shaped(jobs)

    def _shaped(self, jobs: int | None) -> _Cells:
        """The same cells with their geometry; one that falls apart into several polygons becomes several."""
        assert self.cut is not None
        shapes = self.cut.shapes(np.arange(len(self.area_m2)), jobs)
        cut = np.flatnonzero(self.cut.whole == 0)  # the others are polygons already, with the area that they had
        flat, index = without_dust(shapes[cut])
        area = np.asarray(shapely.area(flat), float)
        # What is measured stays the measure: dust and rounding go to the polygons of their cell, in proportion.
        total = np.bincount(index, area, len(cut))
        area *= (self.area_m2[cut] / np.where(total > 0, total, 1.0))[index]
        kept = np.flatnonzero(self.cut.whole)
        source = np.r_[kept, cut[index]]
        order = np.argsort(source, kind="stable")
        source = source[order]
        return _Cells(
            geometry=np.concatenate([shapes[kept], flat])[order],
            stack=self.stack[source],
            county=self.county[source],
            area_m2=np.r_[self.area_m2[kept], area][order],
            outside=self.outside,
        )


def _beyond(
    polygons: Geometries, polygon_m2: Floats, cells: Geometries, cell: Ints, polygon: Ints, area: Floats
) -> tuple[Geometries, Ints]:
    """(polygons, index): what of a layer lies outside all cells there are so far, and of which polygon it is."""
    over = polygon_m2 - np.bincount(polygon, area, len(polygons))
    out = np.flatnonzero(over > _SPECK_M2 + _SPECK_SHARE * polygon_m2)
    order = np.argsort(polygon, kind="stable")
    meeting = _by_cell(polygon[order], cell[order], out)
    shapes = np.array([_rest(polygons[p], cells[meeting[p]]) if len(meeting[p]) else polygons[p] for p in out.tolist()], object)
    flat, index = without_dust(shapes)
    return flat, out[index]


def _tiles(shape: shapely.Geometry, tile_m: float) -> Geometries:
    """An area in squares of a grid that is the same for every area."""
    west, south, east, north = shapely.bounds(shape)
    x = np.arange(np.floor(west / tile_m), np.ceil(east / tile_m)) * tile_m
    y = np.arange(np.floor(south / tile_m), np.ceil(north / tile_m)) * tile_m
    gx, gy = (g.ravel() for g in np.meshgrid(x, y))
    boxes = shapely.box(gx, gy, gx + tile_m, gy + tile_m)
    shapely.prepare(shape)
    boxes = boxes[shapely.intersects(shape, boxes)]
    out = boxes.copy()
    cut = ~shapely.covers(shape, boxes)
    out[cut] = shapely.intersection(shapely.intersection(boxes[cut], shape), boxes[cut])
    return polygons_in(out)[0]


def _near(cells: Geometries, polygons: Geometries) -> Ints:
    """Numbers of the cells whose box touches that of a polygon: of a small layer, few."""
    if len(polygons) > len(cells) / 4:
        return np.arange(len(cells), dtype=np.int64)
    return np.unique(shapely.STRtree(cells).query(polygons)[1]).astype(np.int64)


def _meetings(p: Pieces, q: Pieces, polygons: int, jobs: int | None) -> tuple[Ints, Ints, Floats]:
    """(cell, polygon, m² of both) of all that overlap, in the order of the cells and then of the polygons."""
    if len(p) == 0 or len(q) == 0:
        return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0)
    i, j, area = asking.pairs(p, q, jobs=jobs)
    key = p.owner[i] * polygons + q.owner[j]
    order = np.argsort(key, kind="stable")
    key, area = key[order], area[order]
    starts = np.flatnonzero(np.r_[True, key[1:] != key[:-1]]) if len(key) else np.zeros(0, np.int64)
    total = np.add.reduceat(area, starts) if len(key) else area
    key = key[starts]
    return key // polygons, key % polygons, total


def _first_true(cell: Ints, mark: Bools, count: int) -> Ints:
    """For each cell the first place in `cell` that is marked; -1 where none is."""
    out = np.full(count, -1, np.int64)
    at = np.flatnonzero(mark)[::-1]
    out[cell[at]] = at
    return out


def _with_specks(cell: Ints, area: Floats, specks: Floats, full: Bools) -> Floats:
    """The areas, with what is too small to be a cell added to the largest neighbour in the same cell."""
    out = area.copy()
    order = np.lexsort((-area, cell))
    first = order[np.flatnonzero(np.r_[True, cell[order][1:] != cell[order][:-1]])] if len(cell) else order
    first = first[~full[first]]
    out[first] += specks[cell[first]]
    return out


def _by_cell(cell: Ints, polygon: Ints, wanted: Ints) -> dict[int, Ints]:
    start, end = np.searchsorted(cell, wanted), np.searchsorted(cell, wanted, side="right")
    return {c: polygon[a:b] for c, a, b in zip(wanted.tolist(), start.tolist(), end.tolist(), strict=True)}
