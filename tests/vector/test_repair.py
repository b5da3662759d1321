"""Repairs keep every area, name the place, and say what they changed."""

from __future__ import annotations

import time

import numpy as np
import pytest
import shapely

from xygis.errors import BadGeometry
from xygis.vector.repair import repair_polygon, repair_polygons


def array(*shapes: shapely.Geometry | None) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    out = np.empty(len(shapes), dtype=object)
    out[:] = shapes
    return out


def test_p15_bow_tie() -> None:
    """P15: both lobes, 5000 m²; before it the signed shoelace is 0, so the change is large."""
    shape, notes, change, ok = repair_polygon(shapely.Polygon([(0, 0), (100, 100), (100, 0), (0, 100)]), None)
    assert shape.area == pytest.approx(5_000)
    assert change == pytest.approx(5_000)
    assert not ok
    assert notes[0].where.point == (50.0, 50.0)


def test_p13_areal_parts_of_a_collection_are_kept() -> None:
    """P13: polygon and line in one collection: the 100 m² stay, and so does a second polygon."""
    collection = shapely.GeometryCollection([shapely.box(0, 0, 10, 10), shapely.LineString([(0, 0), (50, 0)]), shapely.box(20, 0, 30, 10)])
    fixed, records = repair_polygons(array(collection, shapely.box(0, 0, 1, 1), None), None)
    assert fixed[0].area == 200.0
    assert fixed[1].area == 1.0
    assert fixed[2] is None
    assert [(r.index, r.code, r.small) for r in records] == [(0, "non_areal_dropped", True)]


def test_p14_a_self_touching_polygon_keeps_its_area() -> None:
    """P14: a ring that touches itself is measured after repair, with place and unchanged area."""
    shape = shapely.Polygon([(0, 0), (100, 0), (100, 100), (50, 0), (0, 100)])
    fixed, notes, change, ok = repair_polygon(shape, None)
    assert (fixed.area, change, ok) == (pytest.approx(5_000), pytest.approx(0), True)
    assert notes[0].where.point == (50.0, 0.0)
    assert notes[0].level == "info"


def test_p16_many_vertices_and_one_self_touch() -> None:
    """P16: 122 346 vertices with a ring self-intersection: place named, area kept to 1 mm², under 2 s."""
    t = np.linspace(0, 2 * np.pi, 122_343)[:-1]
    ring = np.column_stack([2_699_116.85 + 3_000 * np.cos(t), 1_208_887.851 + 3_000 * np.sin(t)])
    touch = ring[60_000]
    inlet = np.array([touch, touch + (2.0, 2.0), touch + (2.0, 1.0), touch])  # leaves the ring at a vertex and comes back to it
    shape = shapely.Polygon(np.vstack([ring[:60_000], inlet, ring[60_001:]]))
    assert not shape.is_valid
    local = shapely.get_coordinates(shape) - touch
    by_hand = abs(float(np.sum(local[:-1, 0] * local[1:, 1] - local[1:, 0] * local[:-1, 1]))) / 2
    begin = time.process_time()  # of this process: what else the machine does is not its doing
    fixed, notes, _, ok = repair_polygon(shape, None)
    assert time.process_time() - begin < 2
    moved = shapely.transform(fixed, lambda xy: xy - touch)
    assert moved.area == pytest.approx(by_hand, abs=1e-3)
    assert ok
    assert notes[0].where.point == pytest.approx(tuple(touch), abs=5)


@pytest.mark.parametrize(
    ("shape", "area"),
    [
        (shapely.Polygon([(0, 0), (10, 0), (10, 10), (0, 10)], [[(20, 0), (30, 0), (30, 10), (20, 10)]]), 200.0),
        (shapely.MultiPolygon([shapely.box(0, 0, 10, 10), shapely.box(5, 0, 15, 10)]), 150.0),
        (shapely.MultiPolygon([shapely.box(0, 0, 10, 10), shapely.box(2, 2, 4, 4)]), 100.0),
    ],
)
def test_large_changes_leave_the_boundary_to_be_verified(shape: shapely.Geometry, area: float) -> None:
    """A hole outside its shell, parts that overlap, a part inside another: areas by hand, not ok."""
    fixed, notes, _, ok = repair_polygon(shape, None)
    assert fixed.area == pytest.approx(area)
    assert not ok
    assert notes[0].level == "warning"


@pytest.mark.parametrize("shape", [shapely.Polygon([(0, 0), (5, 5), (9, 9)]), shapely.Point(0, 0), shapely.Polygon()])
def test_nothing_with_an_area_is_refused(shape: shapely.Geometry) -> None:
    """Collapsed, no polygon, empty."""
    with pytest.raises(BadGeometry):
        repair_polygon(shape, None)
