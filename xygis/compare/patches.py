"""The geometry of overlaps, only for the pairs that are wanted: copied where one part lies in the other, else intersected.

Every patch has the area that was measured without geometry, to PATCH_M2; where an intersection does not, it is made anew.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from xygis.compare.pairing import PATCH_M2, PartPairs
from xygis.compare.side import Side
from xygis.geodesy.ellipsoid import Floats
from xygis.overlay.kernel.binding import spread
from xygis.overlay.overlap import areal
from xygis.overlay.prepared import Geometries, Ints

_SAME = 1e-9  # share of a part that rounding may take
_GRID_M = 1e-6
_LARGE = 2000  # vertices of a part from which on it pays to cut it to the other's box first


@dataclass(frozen=True, slots=True, kw_only=True)
class Patches:
    """One multipolygon for each pair of features, in the plane."""

    geometry: Geometries
    a: Ints  # features
    b: Ints
    overlap_m2: Floats


def patches(a: Side, b: Side, found: PartPairs, wanted: np.ndarray[tuple[int], np.dtype[np.bool_]], jobs: int | None = None) -> Patches:
    """The wanted pairs of parts as patches, one a pair of features, in their order."""
    feature = a.owner[found.a] * b.features + b.owner[found.b]
    keys, which = np.unique(feature, return_inverse=True)
    total = np.bincount(which, found.overlap_m2, len(keys))
    keep = wanted & (total[which] > PATCH_M2)
    left, right, area, which = found.a[keep], found.b[keep], found.overlap_m2[keep], which[keep]
    shapes = _shapes(a, b, left, right, area, jobs)
    order = np.argsort(which, kind="stable")
    shapes, which, area = shapes[order], which[order], area[order]
    starts = np.flatnonzero(np.r_[True, which[1:] != which[:-1]]) if len(which) else np.zeros(0, np.int64)
    parts, index = shapely.get_parts(shapes, return_index=True)
    geometry = np.asarray(shapely.multipolygons(parts, indices=np.searchsorted(starts, index, side="right") - 1)) if len(parts) else shapes
    pair = keys[which[starts]]
    return Patches(
        geometry=geometry, a=pair // b.features, b=pair % b.features, overlap_m2=np.add.reduceat(area, starts) if len(area) else area
    )


def _shapes(a: Side, b: Side, left: Ints, right: Ints, area: Floats, jobs: int | None) -> Geometries:
    """The polygons or multipolygons of pairs of parts."""
    out = np.empty(len(left), object)
    in_b = a.part_m2[left] - area <= _SAME * a.part_m2[left] + 1e-7
    in_a = ~in_b & (b.part_m2[right] - area <= _SAME * b.part_m2[right] + 1e-7)
    out[in_b], out[in_a] = a.polygons(left[in_b]), b.polygons(right[in_a])
    rest = np.flatnonzero(~in_b & ~in_a)
    polygons_a, polygons_b = _once(a, left[rest]), _once(b, right[rest])

    def work(start: int, end: int) -> Geometries:
        return _intersected(polygons_a[start:end], polygons_b[start:end], area[rest[start:end]])

    made = spread(work, len(rest), jobs, smallest=2000)
    out[rest] = np.concatenate(made) if made else np.zeros(0, object)
    return out


def _once(side: Side, parts: Ints) -> Geometries:
    """The polygon of each part, each made once."""
    unique, index = np.unique(parts, return_inverse=True)
    return side.polygons(unique)[index]


def _intersected(a: Geometries, b: Geometries, area: Floats) -> Geometries:
    """Areal intersections; a large part is cut to the other's box first."""
    a, b = _near(a, b), _near(b, a)
    made = areal(np.asarray(shapely.intersection(a, b), object))
    off = np.flatnonzero(np.abs(shapely.area(made) - area) > PATCH_M2 + 1e-8 * area)
    for i in off.tolist():
        made[i] = areal(np.array([shapely.intersection(a[i], b[i], grid_size=_GRID_M)], object))[0]
    return made


def _near(large: Geometries, other: Geometries) -> Geometries:
    many = np.flatnonzero(shapely.get_num_coordinates(large) > _LARGE)
    if len(many) == 0:
        return large
    out = large.copy()
    out[many] = shapely.intersection(large[many], shapely.buffer(shapely.box(*shapely.bounds(other[many]).T), 1.0, join_style="mitre"))
    return out
