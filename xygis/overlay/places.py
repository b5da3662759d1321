"""Places: cells of a partition that hang together, with what is contact and what a sliver; and these as patches, county by county."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import shapely

from xygis.geodesy.ellipsoid import Floats
from xygis.geodesy.plane import Plane
from xygis.overlay.dissolve import mean_widths_m
from xygis.overlay.ground import FeatureRef, Ground
from xygis.overlay.joining import join
from xygis.overlay.kernel.pieces import Bools
from xygis.overlay.partition import GAP, Partition
from xygis.overlay.prepared import Geometries, Ints
from xygis.overlay.tolerances import CONTACT_M, SLIVER_M, SLIVER_M2

Areal: TypeAlias = shapely.Polygon | shapely.MultiPolygon


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
    drawn_m2 = _areas(drawn, cell, cells.area_m2[which])
    found = join(drawn, jobs)
    made = len(found.areas)
    total = np.asarray(np.bincount(found.place, drawn_m2[found.polygon] * found.share, made), float)
    width = mean_widths_m(found.areas, total)
    kept = np.flatnonzero(width >= CONTACT_M)
    number = np.full(made, -1, np.int64)
    number[kept] = np.arange(len(kept))
    inside = number[found.place] >= 0
    pairs = np.unique(np.column_stack([number[found.place[inside]], which[cell[found.polygon[inside]]]]), axis=0)
    return Places(
        geometry=found.areas[kept],
        area_m2=total[kept],
        mean_width_m=width[kept],
        cells=pairs[:, 1],
        place=pairs[:, 0],
        contact_m2=max(0.0, float(drawn_m2.sum() - total[kept].sum())),
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
