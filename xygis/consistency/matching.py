"""Which patches of two runs lie on the same place: pairs of (earlier, now) that overlap by more than contact, with the area."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from xygis.consistency.result import DifferencePatch
from xygis.geodesy.ellipsoid import Floats
from xygis.geodesy.plane import Plane
from xygis.overlay.dissolve import mean_widths_m
from xygis.overlay.overlap import Geometries
from xygis.overlay.prepared import Ints
from xygis.overlay.tiles import polygons_in
from xygis.overlay.tolerances import CONTACT_M

SAME_M2 = 0.01  # a patch whose area has changed by no more …
SAME_M = 0.001  # … and whose border has moved nowhere by more is the same


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlap:
    """An earlier and a present patch of the same two layers on the same place."""

    earlier: int
    now: int
    area_m2: float
    same_rule: bool


def overlaps(earlier: Sequence[DifferencePatch], now: Sequence[DifferencePatch], plane: Plane) -> list[Overlap]:
    """Those of the same rule; of other rules only for earlier patches that their own rule finds nowhere.

    Patches of one run and rule do not lie on one another: one that is there again to the bit needs no more geometry.
    """
    if not earlier or not now:
        return []
    before, after = _shapes(earlier), _shapes(now)
    left, right = shapely.STRtree(after).query(before)
    pairs = _numbers([frozenset((p.a, p.b)) for p in (*earlier, *now)])
    rules = _numbers([p.rule for p in (*earlier, *now)])
    of_pair = pairs[left] == pairs[len(earlier) + right]
    left, right = left[of_pair], right[of_pair]
    own = rules[left] == rules[len(earlier) + right]
    area = np.zeros(len(left))
    equal = own.copy()
    equal[own] = shapely.equals_exact(before[left[own]], after[right[own]], 0.0)
    area[equal] = [earlier[i].area_m2 for i in left[equal].tolist()]
    open_ = own & ~np.isin(left, left[equal]) & ~np.isin(right, right[equal])
    area[open_] = _common_m2(before, after, left[open_], right[open_], plane)
    others = ~own & ~np.isin(left, left[area > 0])
    area[others] = _common_m2(before, after, left[others], right[others], plane)
    kept = np.flatnonzero(area > 0)
    found = zip(left[kept].tolist(), right[kept].tolist(), area[kept].tolist(), own[kept].tolist(), strict=True)
    return [Overlap(earlier=e, now=n, area_m2=m2, same_rule=same) for e, n, m2, same in found]


def unchanged(before: Sequence[DifferencePatch], after: Sequence[DifferencePatch], plane: Plane) -> NDArray[np.bool_]:
    """Which of the pairs are what they were, to 0.01 m² and 1 mm of their border."""
    same = np.abs(_areas_m2(before) - _areas_m2(after)) <= SAME_M2
    left, right = _shapes(before), _shapes(after)
    open_ = np.flatnonzero(same & ~shapely.equals_exact(left, right, 0.0))
    one, other = _planar(left[open_], plane), _planar(right[open_], plane)
    near = shapely.equals_exact(shapely.normalize(one), shapely.normalize(other), SAME_M)
    for k in np.flatnonzero(~near).tolist():
        near[k] = _near(one[k], other[k]) and _near(other[k], one[k])
    same[open_] = near
    return np.asarray(same, bool)


def _areas_m2(patches: Sequence[DifferencePatch]) -> Floats:
    return np.array([p.area_m2 for p in patches], float)


def _near(one: shapely.Geometry, other: shapely.Geometry) -> bool:
    """Whether every corner of one lies on the border of the other, to a millimetre."""
    border = shapely.boundary(other)
    shapely.prepare(border)
    return bool(shapely.dwithin(border, shapely.points(shapely.get_coordinates(one)), SAME_M).all())


def _shapes(patches: Sequence[DifferencePatch]) -> Geometries:
    return np.array([p.geometry for p in patches], object)


def _planar(shapes: Geometries, plane: Plane) -> Geometries:
    """Degrees in the plane; corners that rounding has pushed across an edge are mended."""
    if len(shapes) == 0:
        return shapes
    planar: Geometries = shapely.transform(shapes, lambda c: np.column_stack(plane.forward(c[:, 0], c[:, 1])))
    bad = ~shapely.is_valid(planar)
    planar[bad] = shapely.make_valid(planar[bad])
    return planar


def _common_m2(before: Geometries, after: Geometries, left: Ints, right: Ints, plane: Plane) -> Floats:
    """Area that before[left] and after[right], in degrees, have in common, what is narrower than contact left out."""
    area: Floats = np.zeros(len(left))
    a, of_a = np.unique(left, return_inverse=True)
    b, of_b = np.unique(right, return_inverse=True)
    common, index = polygons_in(shapely.intersection(_planar(before[a], plane)[of_a], _planar(after[b], plane)[of_b]))
    size = shapely.area(common)
    wide = mean_widths_m(common, size) >= CONTACT_M
    np.add.at(area, index[wide], size[wide])
    return area


def _numbers(keys: Sequence[object]) -> Ints:
    known: dict[object, int] = {}
    return np.array([known.setdefault(k, len(known)) for k in keys], np.int64)
