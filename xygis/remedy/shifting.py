"""The smallest shift of a whole parcel out of everything that it may not touch: the place nearest to the origin without a collision.

Looked for near first, then farther, so that a short way out of a large plan costs little. Where shapes have more edges than can be
worked out, they are taken somewhat larger and simpler: a shift found then clears all the same, but need not be the shortest.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import shapely

from xygis.overlay.overlap import areal_parts
from xygis.overlay.shape import Areal
from xygis.overlay.tolerances import CONTACT_M
from xygis.remedy.minkowski import colliding_shifts, convex_pieces, edges_of

FIRST_RADII_M = (40.0, 160.0)  # before the whole radius
MOST_HULLS = 40_000  # swept edges that are joined
_MOST_PIECES = 250  # convex pieces of a parcel
_COARSER_M = (0.25, 1.0, 4.0, 16.0)  # how much larger shapes may be taken
_ARC = 32  # segments of a quarter circle around the margin
_POCKET_M2 = 1e-6  # a gap in the collisions that is smaller comes of rounding
_MOST_TRIES = 12  # pockets that are looked at closely


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A shift in metres that clears. exact: no other clears that is shorter by more than a millimetre or so."""

    east_m: float
    north_m: float
    exact: bool

    @property
    def distance_m(self) -> float:
        return math.hypot(self.east_m, self.north_m)

    @property
    def bearing_deg(self) -> float:
        """Clockwise from grid north, 0 to 360."""
        return math.degrees(math.atan2(self.east_m, self.north_m)) % 360.0


@dataclass(frozen=True, slots=True, kw_only=True)
class NoWay:
    """Why there is no shift."""

    reason: str


def smallest_shift(parcel: Areal, obstacle_within: Callable[[float], shapely.Geometry], *, margin_m: float, radius_m: float) -> Way | NoWay:
    """The shortest shift within the radius after which the parcel stays `margin_m` clear of the obstacle.

    obstacle_within: all obstacles as one area, as far as shifts up to a distance can reach. In one metric system.
    """
    for reach_m in (*(r for r in FIRST_RADII_M if r < radius_m), radius_m):
        found = _within(parcel, obstacle_within(reach_m + margin_m + 1.0), margin_m, reach_m)
        if isinstance(found, Way) or reach_m == radius_m:
            break
    return found


def _within(parcel: Areal, obstacle: shapely.Geometry, margin_m: float, reach_m: float) -> Way | NoWay:
    simple = _simple_enough(parcel, obstacle)
    if simple is None:
        edges = len(edges_of(obstacle)[0])
        return NoWay(reason=f"地块周边 {reach_m:g} 米内管控界线过于复杂（{edges:,} 段），没有求最小平移")
    body, hard, exact = simple
    hit = colliding_shifts(hard, convex_pieces(body))
    hit = shapely.buffer(hit, margin_m, quad_segs=_ARC) if margin_m > 0.0 else hit
    if hit.is_empty or not shapely.intersects(hit, shapely.Point(0.0, 0.0)):
        return NoWay(reason="没有量得出的重叠可以移开")
    for east_m, north_m in _ways_out(hit, reach_m):
        if _clears(parcel, obstacle, east_m, north_m, margin_m):
            return Way(east_m=east_m, north_m=north_m, exact=exact)
    which = "" if exact else "（界线复杂，按稍大的范围简化后求）"
    return NoWay(reason=f"{reach_m:g} 米以内没有能避开全部禁止项的位置{which}")


def _ways_out(hit: shapely.Geometry, reach_m: float) -> Iterator[tuple[float, float]]:
    """The nearest point of each border of the collisions, nearest first; no gap that comes of rounding."""
    origin = shapely.Point(0.0, 0.0)
    parts = areal_parts(np.array([hit], object))
    outer, inner = shapely.get_exterior_ring(parts), [r for p in parts for r in p.interiors]
    pockets = [r for r in inner if shapely.area(shapely.polygons(r)) > _POCKET_M2]
    rings = np.array([*outer, *pockets], object)
    away = shapely.distance(rings, origin)
    for i in np.argsort(away, kind="stable")[:_MOST_TRIES]:
        if away[i] > reach_m:
            return
        ends = shapely.get_coordinates(shapely.shortest_line(origin, rings[i]))
        yield _outward(float(ends[-1, 0])), _outward(float(ends[-1, 1]))


def _outward(value_m: float) -> float:
    """To the millimetre away from zero: a shift that is rounded down would not clear."""
    return math.copysign(math.ceil(abs(value_m) * 1000.0 - 1e-3) / 1000.0, value_m) if abs(value_m) > 1e-6 else 0.0


def _clears(parcel: Areal, obstacle: shapely.Geometry, east_m: float, north_m: float, margin_m: float) -> bool:
    """Looked at directly, with the parcel where it would lie."""
    moved = shapely.transform(parcel, lambda c: c + np.array([east_m, north_m]))
    if margin_m > 2 * CONTACT_M:
        return bool(shapely.distance(moved, obstacle) >= margin_m - 2 * CONTACT_M)
    shared = areal_parts(np.array([shapely.intersection(moved, obstacle)], object))
    return bool((2 * shapely.area(shared) <= CONTACT_M * shapely.length(shared)).all())


def _simple_enough(parcel: Areal, obstacle: shapely.Geometry) -> tuple[shapely.Geometry, shapely.Geometry, bool] | None:
    """(parcel, obstacle, whether they are as given) with no more swept edges than can be joined; None where even the coarsest are too many."""
    for larger_m in (0.0, *_COARSER_M):
        body, hard = _larger(parcel, larger_m), _larger(obstacle, larger_m)
        if shapely.get_num_coordinates(body) > 2 * _MOST_PIECES and larger_m < _COARSER_M[-1]:
            continue
        pieces = len(convex_pieces(body))
        if pieces > _MOST_PIECES and larger_m == _COARSER_M[-1]:
            body, pieces = shapely.convex_hull(body), 1
        if pieces <= _MOST_PIECES and len(edges_of(hard)[0]) * pieces <= MOST_HULLS:
            return body, hard, larger_m == 0.0
    return None


def _larger(area: shapely.Geometry, by_m: float) -> shapely.Geometry:
    """The same or a simpler area that holds it: widened by so much, then simplified by no more."""
    if by_m == 0.0:
        return area
    wide = shapely.buffer(area, by_m, join_style="mitre", mitre_limit=2.0)
    return shapely.simplify(wide, by_m * 0.95)
