"""Which patches of two runs lie on the same place: pairs of (earlier, now) that overlap by more than contact, with the area."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

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
    before, after = _planar(earlier, plane), _planar(now, plane)
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
    area[open_] = _common_m2(before[left[open_]], after[right[open_]])
    others = ~own & ~np.isin(left, left[area > 0])
    area[others] = _common_m2(before[left[others]], after[right[others]])
    kept = np.flatnonzero(area > 0)
    found = zip(left[kept].tolist(), right[kept].tolist(), area[kept].tolist(), own[kept].tolist(), strict=True)
    return [Overlap(earlier=e, now=n, area_m2=m2, same_rule=same) for e, n, m2, same in found]


def unchanged(before: DifferencePatch, after: DifferencePatch, plane: Plane) -> bool:
    """Whether a patch is what it was, to 0.01 m² and 1 mm of its border."""
    if abs(before.area_m2 - after.area_m2) > SAME_M2:
        return False
    one, other = _planar([before, after], plane)
    return bool(shapely.equals_exact(one, other, SAME_M) or (_near(one, other) and _near(other, one)))


def _near(one: shapely.Geometry, other: shapely.Geometry) -> bool:
    """Whether every corner of one lies on the border of the other, to a millimetre."""
    border = shapely.boundary(other)
    shapely.prepare(border)
    return bool(shapely.dwithin(border, shapely.points(shapely.get_coordinates(one)), SAME_M).all())


def _planar(patches: Sequence[DifferencePatch], plane: Plane) -> Geometries:
    shapes = np.array([p.geometry for p in patches], object)
    planar = shapely.transform(shapes, lambda c: np.column_stack(plane.forward(c[:, 0], c[:, 1]))) if len(shapes) else shapes
    bad = ~shapely.is_valid(planar) if len(shapes) else np.zeros(0, bool)
    planar[bad] = shapely.make_valid(planar[bad])  # corners that rounding has pushed across an edge
    return planar


def _common_m2(left: Geometries, right: Geometries) -> Floats:
    """Area of each pair in common, what is narrower than contact left out."""
    area: Floats = np.zeros(len(left))
    near = np.flatnonzero(shapely.intersects(left, right))
    common, index = polygons_in(shapely.intersection(left[near], right[near]))
    size = shapely.area(common)
    wide = mean_widths_m(common, size) >= CONTACT_M
    np.add.at(area, near[index[wide]], size[wide])
    return area


def _numbers(keys: Sequence[object]) -> Ints:
    known: dict[object, int] = {}
    return np.array([known.setdefault(k, len(known)) for k in keys], np.int64)
