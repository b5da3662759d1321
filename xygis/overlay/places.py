"""Places: cells of a partition that hang together, with what is contact and what a sliver; and these as patches, county by county."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import shapely

from xygis.geodesy.ellipsoid import Floats
from xygis.geodesy.plane import Plane
from xygis.overlay.dissolve import connected, mean_widths_m
from xygis.overlay.ground import FeatureRef, Ground
from xygis.overlay.kernel.binding import spread
from xygis.overlay.kernel.pieces import Bools
from xygis.overlay.partition import GAP, Partition
from xygis.overlay.prepared import Geometries, Ints
from xygis.overlay.tiles import polygons_in
from xygis.overlay.tolerances import CONTACT_M, SLIVER_M, SLIVER_M2

Areal: TypeAlias = shapely.Polygon | shapely.MultiPolygon
_GRID_M = 1e-5  # cuts of one line computed twice differ by less; nothing that is real is thinner


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Connected areas in the plane, contact dropped. Cell cells[k] of the partition belongs to place[k]."""

    geometry: Geometries  # polygons
    area_m2: Floats
    mean_width_m: Floats
    cells: Ints
    place: Ints
    contact_m2: float

    @property
    def sliver(self) -> Bools:
        return (self.area_m2 < SLIVER_M2) | (self.mean_width_m < SLIVER_M)

    @property
    def total_m2(self) -> float:
        return float(self.area_m2.sum())


@dataclass(frozen=True, slots=True, kw_only=True)
class PairPatch:
    """A place as far as it lies in one county. `b` is empty for a difference.

    mean_width_m and sliver are those of the whole place, before it was cut along county borders.
    """

    geometry: Areal  # lon/lat degrees, CGCS2000
    area_m2: float
    mean_width_m: float
    sliver: bool
    county: int  # number in Counties
    a: tuple[FeatureRef, ...]
    b: tuple[FeatureRef, ...]


def places(cells: Partition, which: Ints, jobs: int | None = None) -> Places:
    """The connected areas that some cells of a partition make up. Cells that only meet in a point stay apart."""
    drawn, cell = cells.geometry(which, jobs)
    polygons, source = _rounded(drawn, jobs)
    area = _areas(polygons, source, _areas(drawn, cell, cells.area_m2[which]))
    index = cell[source]
    left, right = shapely.STRtree(polygons).query(polygons, predicate="dwithin", distance=_GRID_M)
    label = connected(len(polygons), left, right)
    groups = _groups(label)

    def join(start: int, end: int) -> list[Geometries]:
        return [_union(polygons[g]) for g in groups[start:end]]

    joined = [one for chunk in spread(join, len(groups), jobs, smallest=64) for one in chunk]
    place = np.zeros(len(polygons), np.int64)
    made = 0
    for group, shapes in zip(groups, joined, strict=True):
        place[group] = made + (_home(polygons[group], shapes) if len(shapes) > 1 else 0)
        made += len(shapes)
    geometry = np.concatenate([*joined, np.zeros(0, object)])
    total = np.asarray(np.bincount(place, area, made), float)
    width = mean_widths_m(geometry, total)
    kept = np.flatnonzero(width >= CONTACT_M)
    number = np.full(made, -1, np.int64)
    number[kept] = np.arange(len(kept))
    inside = number[place] >= 0
    pairs = np.unique(np.column_stack([number[place[inside]], which[index[inside]]]), axis=0)
    return Places(
        geometry=geometry[kept],
        area_m2=total[kept],
        mean_width_m=width[kept],
        cells=pairs[:, 1],
        place=pairs[:, 0],
        contact_m2=float(total[width < CONTACT_M].sum()),
    )


def patches(found: Places, cells: Partition, a: Ground, b: Ground | None, plane: Plane) -> tuple[PairPatch, ...]:
    """The places county by county, in degrees, with what the features say; largest first. b None: a difference."""
    shapes, county, place = _by_county(found, cells)
    area = np.asarray(shapely.area(shapes), float)
    whole = np.bincount(place, area, len(found.area_m2))
    area *= (found.area_m2 / np.where(whole > 0, whole, 1.0))[place]  # what was measured without geometry is the measure
    degrees = shapely.transform(shapes, lambda c: np.column_stack(plane.inverse(c[:, 0], c[:, 1])))
    sliver = found.sliver
    of_a, of_b = _features(found, cells, a), _features(found, cells, b) if b is not None else [()] * len(found.area_m2)
    order = np.lexsort((shapely.bounds(shapes)[:, 0], -area)) if len(shapes) else np.zeros(0, np.int64)
    return tuple(
        PairPatch(
            geometry=degrees[i],
            area_m2=float(area[i]),
            mean_width_m=float(found.mean_width_m[place[i]]),
            sliver=bool(sliver[place[i]]),
            county=int(county[i]),
            a=a.refs(of_a[int(place[i])]),
            b=b.refs(of_b[int(place[i])]) if b is not None else (),
        )
        for i in order.tolist()
    )


def _rounded(polygons: Geometries, jobs: int | None) -> tuple[Geometries, Ints]:
    """(polygons, which one each comes from) on a fine grid: a hair that rounding leaves between two borders is gone, and joins nothing."""

    def work(start: int, end: int) -> Geometries:
        return np.asarray(shapely.set_precision(polygons[start:end], _GRID_M), object)

    return polygons_in(np.concatenate([*spread(work, len(polygons), jobs), np.zeros(0, object)]))


def _by_county(found: Places, cells: Partition) -> tuple[Geometries, Ints, Ints]:
    """(shapes, county, place): a place whose cells all lie in one county is one shape, unchanged."""
    county = cells.county[found.cells]
    starts = np.flatnonzero(np.r_[True, np.diff(found.place) > 0]) if len(found.place) else np.zeros(0, np.int64)
    low, high = (f.reduceat(county, starts) if len(starts) else county for f in (np.minimum, np.maximum))
    one = np.flatnonzero(low == high)
    several = np.flatnonzero(low != high)
    if len(several) == 0:
        return found.geometry, low, np.arange(len(found.geometry), dtype=np.int64)
    cut, number, owner = cells.counties.split(found.geometry[several])
    shapes = np.concatenate([found.geometry[one], cut])
    return shapes, np.r_[low[one], number], np.r_[one, several[owner]]


def _features(found: Places, cells: Partition, ground: Ground) -> list[tuple[int, ...]]:
    """The features of a layer in each place."""
    stack = cells.column(ground.prepared.id)[found.cells]
    pairs = np.unique(np.column_stack([found.place, stack])[stack != GAP], axis=0)
    groups = np.split(pairs[:, 1], np.searchsorted(pairs[:, 0], np.arange(1, len(found.area_m2))))
    return [tuple(sorted({f for s in g.tolist() for f in ground.disjoint.features_in(s)})) for g in groups]


def _areas(polygons: Geometries, index: Ints, measured_m2: Floats) -> Floats:
    """The area of each polygon; those that come from one thing add up to what it measures. index: which of the measured."""
    area = np.asarray(shapely.area(polygons), float)
    total = np.bincount(index, area, len(measured_m2))
    scaled: Floats = area * (measured_m2 / np.where(total > 0, total, 1.0))[index]
    return scaled


def _groups(label: Ints) -> Sequence[Ints]:
    order = np.argsort(label, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(label[order]) > 0]) if len(order) else np.zeros(0, np.int64)
    return np.split(order, starts[1:]) if len(order) else []


def _union(polygons: Geometries) -> Geometries:
    """Disjoint polygons joined, as polygons, on a fine grid: what was cut apart with rounded vertices grows together again."""
    if len(polygons) == 1:
        return polygons
    return polygons_in(np.array([shapely.union_all(polygons, grid_size=_GRID_M)], object))[0]


def _home(polygons: Geometries, joined: Geometries) -> Ints:
    """Which of the joined polygons each one lies in, by a point inside it."""
    nearest: Ints = shapely.STRtree(joined).nearest(shapely.point_on_surface(polygons)).astype(np.int64)
    return nearest
