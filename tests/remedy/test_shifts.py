"""The smallest shift: by hand where a hand can, against every place of a grid where it cannot; what does not clear is not told."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.remedy.town import remedies, town, unplaced
from xygis.atlas.verdict import Verdict
from xygis.check.remedies import Shift
from xygis.remedy.minkowski import colliding_shifts, convex_pieces
from xygis.remedy.shifting import NoWay, Way, smallest_shift

SQUARE = shapely.box(0, 0, 100, 100)
EAST = shapely.box(90, -3000, 3000, 3000)
FAR = 3000


def shift_of(folder: Path, layers: dict[str, shapely.Geometry], parcel: shapely.Geometry = SQUARE, **options: float) -> Shift | None:
    return remedies(town(folder, layers), parcel, **options).shift


def moved(shift: Shift) -> tuple[float, float]:
    return round(shift.distance_m, 2), round(shift.bearing_deg, 2)


@pytest.mark.parametrize("margin_m", [0.0, 1.0, 2.5])
def test_out_of_a_half_plane_by_the_overlap_and_the_margin(tmp_path: Path, margin_m: float) -> None:
    """10 m in the east: due west (270°) by 10 m and the margin; the parcel keeps its shape."""
    shift = shift_of(tmp_path, {"farmland": EAST}, margin_m=margin_m)
    assert shift is not None
    assert (10 + margin_m, 270.0) == moved(shift)
    assert shift.exact
    assert Verdict.COMPLIANT is shift.changed.after
    assert shapely.box(-10 - margin_m, 0, 90 - margin_m, 100).equals(unplaced(shift.changed.geometry))


def test_two_layers_are_left_diagonally(tmp_path: Path) -> None:
    """10 m in the east and 5 m in the north, margin 1: 11 m west, 6 m south; √157 m at 180° + atan(11/6)."""
    shift = shift_of(tmp_path, {"farmland": EAST, "red_line": shapely.box(-FAR, 95, FAR, FAR)})
    assert shift is not None
    assert (round(math.sqrt(157), 2), round(180 + math.degrees(math.atan(11 / 6)), 2)) == moved(shift)


def test_what_must_lie_inside_is_moved_inside(tmp_path: Path) -> None:
    """30 m out of the growth boundary: 31 m west."""
    shift = shift_of(tmp_path, {"growth": shapely.box(-FAR, -FAR, 70, FAR)})
    assert shift is not None
    assert (31.0, 270.0) == moved(shift)


def test_a_boundary_too_small_for_the_parcel_has_no_place_for_it(tmp_path: Path) -> None:
    """A zone of 101 m cannot hold 100 m and a margin of 1 m on either side; one of 102.02 m does, 3.98 m to the west."""
    assert shift_of(tmp_path / "a", {"growth": shapely.box(-5, -FAR, 96, FAR)}) is None
    shift = shift_of(tmp_path / "b", {"growth": shapely.box(-5, -FAR, 97.02, FAR)})
    assert shift is not None
    assert (3.98, 270.0) == moved(shift)


def test_enclosed_on_all_sides_there_is_none_and_the_radius_is_said(tmp_path: Path) -> None:
    """A ring of farmland about the parcel leaves no place within the radius."""
    ring = shapely.box(-700, -700, 700, 700).difference(shapely.box(-2, -2, 95, 95))
    found = remedies(town(tmp_path, {"farmland": ring}), SQUARE, shift_radius_m=300.0)
    assert found.shift is None
    (unsolved,) = [u for u in found.unsolved if u.kind == "shift"]
    assert "300 米以内没有" in unsolved.reason


def test_a_farther_place_is_found_where_the_radius_allows(tmp_path: Path) -> None:
    """The same parcel gets out beyond the ring: its edge and the margin, 801 m to the nearest side."""
    ring = shapely.box(-700, -700, 700, 700).difference(shapely.box(-2, -2, 95, 95))
    shift = shift_of(tmp_path, {"farmland": ring}, shift_radius_m=1000.0)
    assert shift is not None
    assert 701.0 == round(shift.distance_m, 2)


def test_a_hole_in_a_layer_that_just_holds_the_parcel_is_found(tmp_path: Path) -> None:
    """A window of 110 × 110 m, 50 m east and 30 m north: nearer than the way out of the farmland."""
    window = shapely.box(45, 25, 155, 135)
    shift = shift_of(tmp_path, {"farmland": shapely.box(-FAR, -FAR, FAR, FAR).difference(window)})
    assert shift is not None
    assert (46.0, 26.0) == (shift.east_m, shift.north_m)
    assert Verdict.COMPLIANT is shift.changed.after


def test_the_way_is_not_the_way_down_the_slope(tmp_path: Path) -> None:
    """In a pocket: the east wall is 10 m in, so west seems best, but there the pocket's back is; the way out is over the south.

    Walls east (x ≥ 90), west (x ≤ −5) and north (y ≥ 103), open to the south beyond y = −150: the parcel is 100 m wide and
    the pocket 95 m, so it fits nowhere inside and has to go south until its top is below the east wall's end at −150: 251 m.
    """
    walls = shapely.union_all([shapely.box(90, -150, FAR, FAR), shapely.box(-FAR, -150, -5, FAR), shapely.box(-FAR, 103, FAR, FAR)])
    shift = shift_of(tmp_path, {"farmland": walls})
    assert shift is not None
    assert (251.0, 180.0) == moved(shift)


def test_a_parcel_with_a_courtyard_moves_around_what_stands_in_it(tmp_path: Path) -> None:
    """A ring-shaped parcel whose courtyard (20…80) holds a protected spot (75…85): 6 m east puts the spot into the yard."""
    ring = SQUARE.difference(shapely.box(20, 20, 80, 80))
    shift = shift_of(tmp_path, {"farmland": shapely.box(75, 45, 85, 55)}, ring)
    assert shift is not None
    assert (6.0, 90.0) == moved(shift)
    assert Verdict.COMPLIANT is shift.changed.after


def test_a_parcel_of_two_parts_moves_as_one(tmp_path: Path) -> None:
    """Both parts have to be clear: the second would run into the red line 8 m to the west, so it is 11 m another way."""
    parts = shapely.MultiPolygon([shapely.box(50, 0, 100, 100), shapely.box(-100, 0, -50, 100)])
    walls = {"farmland": shapely.box(90, 60, 300, FAR), "red_line": shapely.box(-FAR, -200, -108, FAR)}
    shift = shift_of(tmp_path, walls, parts)
    assert shift is not None
    assert (41.0, 180.0) == moved(shift)


def test_a_shift_never_leaves_what_is_known(tmp_path: Path) -> None:
    """Farmland in the north-east, 10 m in, its data end 6 m to the west: not 11 m west, where nobody knows, but 21 m south."""
    rings = "extent = [[[110.99993, 31.0], [112.0, 31.0], [112.0, 33.0], [110.99993, 33.0], [110.99993, 31.0]]]"
    found = remedies(town(tmp_path, {"farmland": shapely.box(90, 80, FAR, FAR)}, extent={"farmland": rings}), SQUARE)
    assert found.shift is not None
    assert (21.0, 180.0) == moved(found.shift)


def test_a_prohibition_that_does_not_touch_yet_is_kept_clear_of(tmp_path: Path) -> None:
    """The red line lies 4 m west of the parcel: the shift out of the farmland goes another way."""
    shift = shift_of(tmp_path, {"farmland": shapely.box(90, 80, FAR, FAR), "red_line": shapely.box(-FAR, -FAR, -4, FAR)})
    assert shift is not None
    assert (21.0, 180.0) == moved(shift)


# Shapes from a few whole numbers, so that a failure can be drawn on paper.
_corners = st.lists(st.tuples(st.integers(-30, 30), st.integers(-30, 30)), min_size=4, max_size=9, unique=True)


def _shape(points: list[tuple[int, int]]) -> shapely.Geometry:
    """A polygon around its middle, concave as it comes."""
    xy = np.array(points, float)
    middle = xy.mean(axis=0) + np.array([0.37, 0.19])
    return shapely.Polygon(xy[np.argsort(np.arctan2(*(xy - middle).T))])


def _grid(reach: int) -> np.ndarray:
    x, y = np.meshgrid(np.arange(-reach, reach + 1.0), np.arange(-reach, reach + 1.0))
    return np.column_stack([x.ravel(), y.ravel()])


def _everywhere(parcel: shapely.Polygon, shifts: np.ndarray) -> np.ndarray:
    """The parcel (without holes) at each of the shifts."""
    return np.asarray(shapely.polygons(shapely.get_coordinates(parcel)[None] + shifts[:, None]))


@settings(max_examples=60)
@given(corners=_corners, walls=st.lists(st.tuples(_corners, st.integers(-40, 40), st.integers(-40, 40)), min_size=1, max_size=4))
def test_no_place_of_a_grid_is_clear_and_nearer(
    corners: list[tuple[int, int]], walls: list[tuple[list[tuple[int, int]], int, int]]
) -> None:
    """Every shift of a grid of 1 m is tried by moving the parcel: none is clear by the margin and shorter than the one found."""
    parcel = _shape(corners)
    shapes = [shapely.transform(_shape(c), lambda p, x=x, y=y: p * 2 + np.array([x, y])) for c, x, y in walls]
    obstacle = shapely.union_all([s for s in shapes if s.is_valid])
    if not parcel.is_valid or parcel.area < 20 or obstacle.is_empty or not obstacle.intersects(parcel):
        return
    reach, margin_m = 30, 1.0
    found = smallest_shift(parcel, lambda _: obstacle, margin_m=margin_m, radius_m=float(reach))
    shifts = _grid(reach)
    shapely.prepare(obstacle)
    away = shapely.distance(_everywhere(parcel, shifts), obstacle)
    clear = np.hypot(*shifts[away >= margin_m].T)
    nearest = float(clear.min()) if len(clear) else math.inf
    if isinstance(found, Way):
        assert found.distance_m <= nearest + 0.005
        there = shapely.transform(parcel, lambda c: c + np.array([found.east_m, found.north_m]))
        assert shapely.distance(there, obstacle) >= margin_m - 0.002
    else:
        assert isinstance(found, NoWay)
        assert nearest > reach


@settings(max_examples=60)
@given(corners=_corners, wall=_corners)
def test_the_collisions_are_exactly_the_shifts_that_collide(corners: list[tuple[int, int]], wall: list[tuple[int, int]]) -> None:
    """Each shift of a grid: inside the collisions where the moved parcel meets the wall, outside where it does not."""
    parcel, obstacle = _shape(corners), _shape(wall)
    if not (parcel.is_valid and obstacle.is_valid) or min(parcel.area, obstacle.area) < 10:
        return
    hit = colliding_shifts(obstacle, convex_pieces(parcel))
    shifts = _grid(64)[::7]
    inside = shapely.distance(hit, shapely.points(shifts)) == 0.0
    sure = shapely.distance(shapely.boundary(hit), shapely.points(shifts)) > 1e-6
    meets = shapely.intersects(_everywhere(parcel, shifts), obstacle)
    assert (inside == meets)[sure].all()


def test_shapes_beyond_measure_are_taken_larger_and_said_not_to_be_exact() -> None:
    """A coast of 60 000 points is simplified to the safe side: it clears, is said not to be exact, and costs little more."""
    t = np.linspace(0, 1, 60_000)
    coast = np.column_stack([90 + 0.05 * np.sin(t * 9000), -3000 + 6000 * t])
    obstacle = shapely.Polygon([*coast, (3000, 3000), (3000, -3000)])
    found = smallest_shift(SQUARE, lambda _: obstacle, margin_m=1.0, radius_m=500.0)
    assert isinstance(found, Way) and not found.exact
    assert 11.0 <= found.distance_m <= 11.7
    there = shapely.transform(SQUARE, lambda c: c + np.array([found.east_m, found.north_m]))
    assert shapely.distance(there, obstacle) >= 1.0 - 0.002
