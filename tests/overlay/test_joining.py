"""Polygons joined by taking away the borders between them, against areas worked out by hand and against the union that GEOS makes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
import shapely
import shapely.affinity
from hypothesis import given, settings
from hypothesis import strategies as st

from xygis.overlay import joining
from xygis.overlay.joining import GRID_M, Joined, join

box = shapely.box
AT = (37_500_000.0, 3_500_000.0)  # large coordinates, as plans have them


def joined(*polygons: shapely.Geometry) -> Joined:
    parts = shapely.get_parts(np.array(polygons, object))
    return join(np.asarray(shapely.transform(parts, lambda c: c + AT), object))


def areas(found: Joined) -> list[float]:
    return sorted(shapely.area(found.areas).tolist())


def test_neighbours_are_one_area() -> None:
    """Two squares of 100 m² that share a side: one of 200 m², which both went into."""
    found = joined(box(0, 0, 10, 10), box(10, 0, 20, 10))
    assert areas(found) == pytest.approx([200]) and found.polygon.tolist() == [0, 1] and found.place.tolist() == [0, 0]


def test_a_point_joins_nothing() -> None:
    """Two squares that meet in a corner stay two, each valid."""
    found = joined(box(0, 0, 10, 10), box(10, 10, 20, 20))
    assert areas(found) == pytest.approx([100, 100]) and found.place[0] != found.place[1]


def test_a_vertex_on_one_side_only() -> None:
    """Two squares beside one of twice the side, which has no vertex where they meet (T-junction): 400 m² without a seam."""
    found = joined(box(0, 0, 10, 10), box(0, 10, 10, 20), box(10, 0, 20, 20))
    assert areas(found) == pytest.approx([400]) and shapely.get_num_interior_rings(found.areas).tolist() == [0]
    assert shapely.length(found.areas).tolist() == pytest.approx([80])


def test_a_vertex_beside_the_line_by_rounding() -> None:
    """The vertex on a slanted side falls beside it by less than a hundredth of a millimetre: no hair is left between the two."""
    x, y = 3.3333333, 3.3333333 * 7 / 11
    left, right = shapely.Polygon([(0, 0), (x, y), (11, 7), (0, 7)]), shapely.Polygon([(0, 0), (11, 0), (11, 7)])
    found = joined(left, right)
    assert areas(found) == pytest.approx([77], abs=1e-3) and shapely.length(found.areas).tolist() == pytest.approx([36], abs=1e-3)


def test_a_crossing_computed_twice() -> None:
    """The common corner of four squares, a hundredth of a millimetre apart in one of them: one area of 400 m²."""
    odd = shapely.Polygon([(0, 0), (10, 0), (10 + GRID_M, 10 + GRID_M), (0, 10)])
    found = joined(odd, box(10, 0, 20, 10), box(0, 10, 10, 20), box(10, 10, 20, 20))
    assert areas(found) == pytest.approx([400], abs=1e-3) and shapely.get_num_interior_rings(found.areas).tolist() == [0]


def test_a_ring_of_squares_has_a_hole() -> None:
    """Eight squares around a ninth that is missing: 800 m² with a hole of 100 m²."""
    found = joined(*(box(x, y, x + 10, y + 10) for x in (0, 10, 20) for y in (0, 10, 20) if (x, y) != (10, 10)))
    assert areas(found) == pytest.approx([800]) and shapely.get_num_interior_rings(found.areas).tolist() == [1]


def test_a_hole_that_touches_the_outline() -> None:
    """A square with a hole whose corner lies on its side, in two halves: valid, a hole, 100 − 8 m²."""
    hole = shapely.Polygon([(5, 0), (7, 2), (5, 4), (3, 2)])
    whole = shapely.difference(box(0, 0, 10, 10), hole)
    found = joined(*(shapely.intersection(whole, half) for half in (box(0, 0, 10, 3), box(0, 3, 10, 10))))
    assert areas(found) == pytest.approx([92]) and shapely.is_valid(found.areas).all()


def test_two_areas_one_inside_the_hole_of_the_other() -> None:
    """A square in the middle of a ring, with a gap: two areas, and the hole stays empty."""
    ring = shapely.difference(box(0, 0, 30, 30), box(5, 5, 25, 25))
    found = joined(shapely.intersection(ring, box(0, 0, 15, 30)), shapely.intersection(ring, box(15, 0, 30, 30)), box(10, 10, 20, 20))
    assert areas(found) == pytest.approx([100, 500])


def test_what_the_grid_leaves_nothing_of() -> None:
    """A strip narrower than the grid is in no area, and joins nothing; the square beside it is as it was."""
    found = joined(box(0, 0, 10, 10), box(50, 0, 50 + GRID_M / 5, 10))
    assert areas(found) == pytest.approx([100]) and found.polygon.tolist() == [0]
    assert len(joined(box(0, 0, 2e-6, 10)).areas) == 0 and len(join(np.zeros(0, object)).areas) == 0


def test_what_borders_do_not_settle_is_left_to_geos(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two squares that lie on each other have no common border to take away: their union is 150 m², whoever makes it."""
    found = joined(box(0, 0, 10, 10), box(5, 0, 15, 10))
    assert areas(found) == pytest.approx([150]) and shapely.is_valid(found.areas).all()
    monkeypatch.setattr(joining, "_outlines", lambda *_: (np.zeros(0, object), np.zeros(0, np.int64)))
    found = joined(box(0, 0, 10, 10), box(10, 0, 20, 10), box(40, 0, 50, 10))
    assert areas(found) == pytest.approx([100, 200]) and found.share.tolist() == [1, 1, 1]


@st.composite
def cells(draw: st.DrawFn) -> list[shapely.Geometry]:
    """Some cells of what many lines cut a square into: every border is shared, vertices and corners fall anywhere."""
    angle = st.floats(0, 360, allow_nan=False)
    lines = [box(0, 0, 100, 100).boundary]
    for _ in range(draw(st.integers(2, 9))):
        line = shapely.LineString([(-200, draw(st.integers(0, 100))), (200, draw(st.integers(0, 100)))])
        lines.append(shapely.affinity.rotate(line, draw(angle), origin=(draw(st.integers(20, 80)), draw(st.integers(20, 80)))))
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(shapely.union_all(lines))))
    inside = [f for f in faces if shapely.contains_xy(box(0, 0, 100, 100), *f.representative_point().coords[0])]
    return [f for f, kept in zip(inside, draw(st.lists(st.booleans(), min_size=len(inside), max_size=len(inside))), strict=True) if kept]


@settings(max_examples=120, deadline=None)
@given(cells())
def test_any_cells_join_to_what_geos_makes_of_them(chosen: Sequence[shapely.Geometry]) -> None:
    """The areas and their sizes are those of a union on the same grid, but for what is thinner than contact; all are valid polygons."""
    found = joined(*chosen)
    assert shapely.is_valid(found.areas).all()
    moved = shapely.transform(np.array(chosen, object), lambda c: c + AT) if chosen else np.zeros(0, object)
    rounded = shapely.set_precision(moved, GRID_M) if len(moved) else moved
    union = shapely.get_parts(shapely.union_all(rounded, grid_size=GRID_M))
    assert shapely.area(shapely.symmetric_difference(shapely.union_all(found.areas), shapely.union_all(union))) < 0.01
    assert [round(a, 2) for a in areas(found) if a > 0.05] == pytest.approx(
        [round(a, 2) for a in sorted(shapely.area(union).tolist()) if a > 0.05], abs=0.02
    )
