"""A parcel that fills little of its box, like a road, is looked at through small boxes: fewer candidates, the same answers."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from xygis.geodesy.plane import Plane
from xygis.overlay import near
from xygis.overlay.shape import shape_parcel

PLANE = Plane("EPSG:4525")
EAST, NORTH = 37_600_000.0, 3_540_000.0


def road(points: list[tuple[float, float]], width_m: float = 40.0) -> shapely.Geometry:
    return shapely.buffer(shapely.LineString(np.array(points) + [EAST, NORTH]), width_m / 2, cap_style="flat")


ROADS = [
    road([(0, 0), (14_000, 14_000)]),
    road([(0, 0), (9_000, 400), (9_500, 12_000), (200, 13_000)]),
    shapely.union(road([(0, 0), (6_000, 6_000)]), road([(8_000, 12_000), (12_000, 8_000)])),
]


@pytest.mark.parametrize("polygon", ROADS, ids=("diagonal", "bent", "two"))
def test_the_boxes_hold_the_parcel(polygon: shapely.Geometry) -> None:
    boxes = near._small_boxes(polygon)
    assert boxes is not None
    left = shapely.difference(polygon, shapely.union_all(shapely.box(*boxes.T)))
    assert left.area == 0.0
    assert sum((boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])) < 0.5 * shapely.box(*polygon.bounds).area


def test_a_parcel_that_fills_its_box_needs_none() -> None:
    assert near._small_boxes(shapely.box(EAST, NORTH, EAST + 500, NORTH + 300)) is None


@pytest.mark.parametrize("polygon", ROADS, ids=("diagonal", "bent", "two"))
def test_a_gap_stays_a_lower_bound_and_no_neighbour_is_lost(polygon: shapely.Geometry, monkeypatch: pytest.MonkeyPatch) -> None:
    """Against shapely's own distance, over 2,000 squares in and around the parcel's box."""
    random = np.random.default_rng(7)
    corner = random.uniform(-3_000, 16_000, (2_000, 2)) + [EAST, NORTH]
    squares = shapely.box(corner[:, 0], corner[:, 1], corner[:, 0] + 150, corner[:, 1] + 150)
    shape = shape_parcel(polygon, "EPSG:4525", PLANE)

    class Squares:
        bounds = shapely.bounds(squares)

    gaps = near.gaps_m(shape, Squares())  # type: ignore[arg-type]
    true = np.asarray(shapely.distance(shape.polygon, squares))
    assert (gaps <= true * 1.005 + 1e-6).all()
    touching = np.flatnonzero(true == 0.0)
    assert set(touching.tolist()) <= set(near.within(gaps, 0.0).tolist())
    monkeypatch.setattr(near, "_MANY", 10**9)
    assert len(near.within(gaps, 0.0)) < len(near.within(near.gaps_m(shape, Squares()), 0.0)) / 2  # type: ignore[arg-type]
