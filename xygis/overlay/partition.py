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
from xygis.overlay.disjoint import Disjoint
from xygis.overlay.dissolve import without_dust
from xygis.overlay.kernel.binding import spread
from xygis.overlay.kernel.library import library
from xygis.overlay.kernel.pieces import Bools
from xygis.overlay.polygons import Polygons, Stock, joined
from xygis.overlay.prepared import Geometries, Ints
from xygis.overlay.tiles import polygons_in

_NONE = np.zeros(0, np.int64)
GAP = -1  # the stack of a place that a layer does not cover
TILE_M = 2_000.0  # what no layer has covered yet is looked at in squares of this side; results do not depend on it
_SPECK_M2 = 1e-6  # a smaller cut is none: its place stays with the neighbour that has the rest of the cell
_AROUND_M = 1.0  # of a common box
_SAME_M2 = 1e-4  # areas of one cell by two ways differ by less
_SPECK_SHARE = 1e-9  # of the cell, which is what sums of rounded areas come to

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cut:
    """One layer laid on some cells. Cell i is of parent[i]: its cut with polygon[i], or for GAP what no polygon covers of it.

    whole: the cell is its parent, or the polygon, unchanged: 1 the parent, 2 the polygon, 0 neither.
    """

    parents: Polygons
    polygons: Polygons
    parent: Ints
    polygon: Ints
    whole: Ints
    rests: dict[int, Ints] = field(repr=False)  # parent → the polygons that meet it, where something of it is left

    def uncut(self) -> tuple[Polygons, Ints]:
        """(polygons, which cells they are): those that nothing cuts."""
        parent, polygon = np.flatnonzero(self.whole == 1), np.flatnonzero(self.whole == 2)
        return joined([self.parents[self.parent[parent]], self.polygons[self.polygon[polygon]]]), np.r_[parent, polygon]

    def shapes(self, which: Ints, area_m2: Floats, jobs: int | None) -> Geometries:
        """The geometry of some cells: polygons or multipolygons. area_m2: what each was measured."""
        out = np.empty(len(which), object)
        whole, parent, polygon = self.whole[which], self.parent[which], self.polygon[which]
        out[whole == 1] = self.parents[parent[whole == 1]].shapes(jobs)
        out[whole == 2] = self.polygons[polygon[whole == 2]].shapes(jobs)
        cut = np.flatnonzero((whole == 0) & (polygon != GAP))
        parent_box, polygon_box = self.parents.bounds, self.polygons.bounds

        def intersect(start: int, end: int) -> Geometries:
            here = cut[start:end]
            boxes = _common(parent_box[parent[here]], polygon_box[polygon[here]])
            return _intersections(self.parents, parent[here], self.polygons, polygon[here], boxes, area_m2[here])

        out[cut] = _concatenated(spread(intersect, len(cut), jobs))
        rest = np.flatnonzero((whole == 0) & (polygon == GAP))
        parents = _Made(self.parents, parent[rest], jobs)
        polygons = _Made(self.polygons, np.concatenate([*(self.rests[p] for p in parent[rest].tolist()), _NONE]), jobs)

        def subtract(start: int, end: int) -> Geometries:
            here = parent[rest[start:end]].tolist()
            return np.array([_rest(parents[np.array([p])][0], polygons[self.rests[p]]) for p in here], object)

        out[rest] = _concatenated(spread(subtract, len(rest), jobs))
        return out


def _common(one: Floats, other: Floats) -> Floats:
    """The boxes in which two boxes meet, and a little around them."""
    low, high = np.maximum(one[:, :2], other[:, :2]) - _AROUND_M, np.minimum(one[:, 2:], other[:, 2:]) + _AROUND_M
    return np.hstack([low, high])


def _intersections(a: Polygons, of_a: Ints, b: Polygons, of_b: Ints, boxes: Floats, area_m2: Floats) -> Geometries:
    """Polygon of_a[i] of a with polygon of_b[i] of b, which meet in boxes[i] and in area_m2[i].

    What lies outside the box is taken off first, which is most of it. Where that leaves no valid polygons, or the result has another
    area than the kernel measured, the whole polygons are intersected.
    """
    out, whole = np.empty(len(of_a), object), np.ones(len(of_a), bool)
    if library() is not None:
        (one, sound), (other, also) = a.boxed(of_a, boxes), b.boxed(of_b, boxes)
        some = np.flatnonzero(sound & also)
        out[some] = shapely.intersection(one[some], other[some])
        whole[some] = np.abs(shapely.area(out[some]) - area_m2[some]) > _SAME_M2 + _SPECK_SHARE * area_m2[some]
    out[whole] = shapely.intersection(a[of_a[whole]].shapes(1), b[of_b[whole]].shapes(1))
    return out


class _Made:
    """The shapes of those polygons that somebody needs, each made once."""

    def __init__(self, polygons: Polygons, needed: Ints, jobs: int | None) -> None:
        wanted = np.zeros(len(polygons), bool)
        wanted[needed] = True
        some = np.flatnonzero(wanted)
        self._place = np.cumsum(wanted) - 1
        self._shapes = polygons[some].shapes(jobs)

    def __getitem__(self, which: Ints) -> Geometries:
        shapes: Geometries = self._shapes[self._place[which]]
        return shapes


def _concatenated(chunks: Sequence[Geometries]) -> Geometries:
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
        return without_dust(self._last.shapes(which, self.area_m2[which], jobs))

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
        nothing = Polygons.of()
        empty = _Cut(parents=nothing, polygons=nothing, parent=_NONE, polygon=_NONE, whole=_NONE, rests={})
        return Partition(layers=(), counties=counties, stack=_NONE.reshape(0, 0), county=_NONE, area_m2=np.zeros(0), _last=empty)
    return Partition(
        layers=tuple(layers), counties=counties, stack=cells.stack, county=cells.county, area_m2=cells.area_m2, _last=cells.cut
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cells:
    """Cells on the way. polygons: one each; after the last layer none, then `cut` makes them.

    alike: the same number where stack and county are.
    """

    polygons: Polygons
    stack: Ints
    county: Ints
    alike: Ints
    area_m2: Floats
    outside: int  # the county of what lies in none
    cut: _Cut | None = None

    @classmethod
    def of(cls, counties: Counties, tile_m: float) -> _Cells:
        """The territory in tiles, without any layer."""
        tiles = [_tiles(shape, tile_m) for shape in counties.shapes]
        county = np.repeat(np.arange(len(tiles), dtype=np.int64), [len(t) for t in tiles])
        shapes = _concatenated(tiles)
        return cls(
            polygons=Polygons.of(Stock.of(shapes)),
            stack=np.zeros((len(shapes), 0), np.int64),
            county=county,
            alike=county,
            area_m2=np.asarray(shapely.area(shapes), float),
            outside=len(counties) - 1,
        )

    def laid(self, layer: Disjoint, jobs: int | None, *, last: bool) -> _Cells:
        """The cells that one more layer makes of these."""
        cell, polygon, area = met = self.polygons.meetings(layer.polygons, jobs)
        polygon_m2, count = layer.polygons.area_m2, len(self.area_m2)
        slack, polygon_slack = (_SPECK_M2 + _SPECK_SHARE * a for a in (self.area_m2, polygon_m2))
        left = self.area_m2 - np.bincount(cell, area, count)
        full = area >= self.area_m2[cell] - slack[cell]
        real = full | (area > _SPECK_M2)
        # A cell that one polygon covers is its own; of several such (contact of the layer with itself) the first.
        first_full = _first_true(cell, full, count)
        keep = np.where(first_full[cell] >= 0, np.arange(len(cell)) == first_full[cell], real)
        cell, polygon, area, full = cell[keep], polygon[keep], area[keep], full[keep]
        rest = np.flatnonzero((first_full < 0) & (left > slack))
        specks = np.where((first_full < 0) & (left <= slack), left, 0.0)
        area = np.where(full, self.area_m2[cell], area)
        covered = np.bincount(cell, area, count)
        rests = _by_cell(cell, polygon, rest)
        cell, polygon, area, whole = self._whole(cell, polygon, _with_specks(cell, area, specks, full), full, polygon_m2 - polygon_slack)
        beyond, of = _beyond(layer.polygons, polygon_m2, self.polygons, *met, jobs)
        parent = np.r_[cell, rest, count + np.arange(len(of))]
        cut = _Cut(
            parents=joined([self.polygons, beyond]),
            polygons=layer.polygons,
            parent=parent,
            polygon=np.r_[polygon, np.full(len(rest) + len(of), GAP)],
            whole=np.r_[whole, np.array([0 if len(rests[r]) else 1 for r in rest.tolist()], np.int64), np.ones(len(of), np.int64)],
            rests=rests,
        )
        now = np.r_[layer.stack[polygon], np.full(len(rest), GAP), layer.stack[of]]
        county = np.r_[self.county, np.full(len(of), self.outside)]
        alike = np.r_[self.alike, np.full(len(of), self.alike.max(initial=-1) + 1)]  # of what lies outside all cells no layer had anything
        made = _Cells(
            polygons=self.polygons,
            stack=np.column_stack([np.concatenate([self.stack, np.full((len(of), self.stack.shape[1]), GAP)])[parent], now]),
            county=county[parent],
            alike=_numbered(alike[parent] * (layer.stacks + 1) + now + 1),
            area_m2=np.r_[area, self.area_m2[rest] - covered[rest], beyond.area_m2],
            outside=self.outside,
            cut=cut,
        )
        return made if last else made._shaped(jobs)

    def _whole(self, cell: Ints, polygon: Ints, area: Floats, full: Bools, least_m2: Floats) -> tuple[Ints, Ints, Floats, Ints]:
        """(cell, polygon, area, whole as in _Cut) with every polygon that lies in cells which are alike as one cell: itself.

        least_m2: what of each polygon has to lie in them.
        """
        key = self.alike[cell] * len(least_m2) + polygon
        order = np.argsort(key, kind="stable")
        starts = np.flatnonzero(np.r_[True, np.diff(key[order]) > 0]) if len(key) else _NONE
        together = np.add.reduceat(area[order], starts) if len(key) else area
        group = np.zeros(len(key), np.int64)
        group[order] = np.repeat(np.arange(len(starts)), np.diff(np.r_[starts, len(key)]))
        inside = together[group] >= least_m2[polygon]
        several = np.bincount(group, minlength=len(starts))[group] > 1
        inside &= several | ~full
        first = np.zeros(len(key), bool)
        first[order[starts]] = True
        kept = first | ~inside
        return cell[kept], polygon[kept], np.where(inside, together[group], area)[kept], np.where(inside, 2, np.where(full, 1, 0))[kept]

    def _shaped(self, jobs: int | None) -> _Cells:
        """The same cells with their polygons; one that falls apart into several becomes several."""
        assert self.cut is not None
        cut = np.flatnonzero(self.cut.whole == 0)
        flat, index = without_dust(self.cut.shapes(cut, self.area_m2[cut], jobs))
        area = np.asarray(shapely.area(flat), float)
        # What is measured stays the measure: dust and rounding go to the polygons of their cell, in proportion.
        total = np.bincount(index, area, len(cut))
        area *= (self.area_m2[cut] / np.where(total > 0, total, 1.0))[index]
        uncut, kept = self.cut.uncut()
        source = np.r_[kept, cut[index]]
        order = np.argsort(source, kind="stable")
        source = source[order]
        return _Cells(
            polygons=joined([uncut, Polygons.of(Stock.of(flat))])[order],
            stack=self.stack[source],
            county=self.county[source],
            alike=self.alike[source],
            area_m2=np.r_[self.area_m2[kept], area][order],
            outside=self.outside,
        )


def _beyond(
    polygons: Polygons, polygon_m2: Floats, cells: Polygons, cell: Ints, polygon: Ints, area: Floats, jobs: int | None
) -> tuple[Polygons, Ints]:
    """(polygons, index): what of a layer lies outside all cells there are so far, and of which polygon it is."""
    over = polygon_m2 - np.bincount(polygon, area, len(polygons))
    out = np.flatnonzero(over > _SPECK_M2 + _SPECK_SHARE * polygon_m2)
    order = np.argsort(polygon, kind="stable")
    meeting = _by_cell(polygon[order], cell[order], out)
    met = _Made(cells, np.concatenate([*meeting.values(), _NONE]), jobs)
    whole = polygons[out].shapes(jobs)
    shapes = [_rest(shape, met[meeting[p]]) if len(meeting[p]) else shape for p, shape in zip(out.tolist(), whole, strict=True)]
    flat, index = without_dust(np.array(shapes, object))
    return Polygons.of(Stock.of(flat)), out[index]


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


def _numbered(key: Ints) -> Ints:
    """The rank of each key among the different ones."""
    order = np.argsort(key, kind="stable")
    out = np.zeros(len(key), np.int64)
    out[order] = np.cumsum(np.r_[False, np.diff(key[order]) > 0]) if len(key) else key
    return out


def _first_true(cell: Ints, mark: Bools, count: int) -> Ints:
    """For each cell the first place in `cell` that is marked; -1 where none is."""
    out = np.full(count, -1, np.int64)
    at = np.flatnonzero(mark)[::-1]
    out[cell[at]] = at
    return out


def _with_specks(cell: Ints, area: Floats, specks: Floats, full: Bools) -> Floats:
    """The areas, with what is too small to be a cell added to the largest neighbour in the same cell. In the order of the cells."""
    out = area.copy()
    if len(cell):
        starts = np.flatnonzero(np.r_[True, np.diff(cell) > 0])
        largest = np.repeat(np.maximum.reduceat(area, starts), np.diff(np.r_[starts, len(cell)]))
        at = np.flatnonzero(area == largest)
        first = at[np.r_[True, np.diff(cell[at]) > 0]]
        first = first[~full[first]]
        out[first] += specks[cell[first]]
    return out


def _by_cell(cell: Ints, polygon: Ints, wanted: Ints) -> dict[int, Ints]:
    start, end = np.searchsorted(cell, wanted), np.searchsorted(cell, wanted, side="right")
    return {c: polygon[a:b] for c, a, b in zip(wanted.tolist(), start.tolist(), end.tolist(), strict=True)}
