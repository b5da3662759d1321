"""A whole layer that lies displaced: found to the millimetre, and never where layers merely differ."""

from __future__ import annotations

from time import process_time

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from xygis.geodesy.crs import to_geographic
from xygis.geodesy.plane import OFFICIAL
from xygis.overlay.overlap import Geometries
from xygis.overlay.shift import Shift, estimate_shift


def fields(count: int, seed: int, size: float = 60.0) -> Geometries:
    """Fields of random shape that cover a square without gaps."""
    side = size * count**0.5
    points = np.random.default_rng(seed).random((count, 2)) * side
    cells = shapely.voronoi_polygons(shapely.multipoints(points), extend_to=shapely.box(0, 0, side, side))
    parts: Geometries = shapely.get_parts(cells)
    return parts


def moved(shapes: Geometries, dx: float, dy: float) -> Geometries:
    return np.asarray(shapely.transform(shapes, lambda c: c + (dx, dy)))


def redrawn(shape: shapely.Polygon, turn: int) -> shapely.Polygon:
    """The same polygon, begun at another vertex and drawn the other way round."""
    ring = shapely.get_coordinates(shape.exterior)[:-1]
    return shapely.Polygon(np.roll(ring, turn, axis=0)[::-1])


def found(a: Geometries, b: Geometries) -> Shift:
    shift = estimate_shift(a, b)
    assert shift is not None
    return shift


@settings(max_examples=20, deadline=None)
@given(
    seed=st.integers(0, 1000), length=st.sampled_from([0.05, 0.3, 4.0, 120.0, 480.0]), bearing=st.floats(0, 2 * np.pi)
)  # fmt: skip
def test_a_displaced_layer_is_found_though_four_in_ten_features_differ(seed: int, length: float, bearing: float) -> None:
    """Six in ten features are the same, in another order, begun elsewhere and drawn the other way round; exact to 1 mm."""
    dx, dy = 1.0001 * length * np.cos(bearing), 1.0001 * length * np.sin(bearing)
    a = fields(400, seed)
    kept = np.random.default_rng(seed).permutation(len(a))[: int(0.6 * len(a))]
    same = np.array([redrawn(g, i % 5) for i, g in enumerate(moved(a[kept], dx, dy))], object)
    shift = found(a, np.concatenate([fields(160, seed + 5000), same]))
    assert (shift.dx_m, shift.dy_m) == (pytest.approx(dx, abs=1e-3), pytest.approx(dy, abs=1e-3))
    assert 0.5 < shift.explained_share <= 1.0 and shift.spread_m < 1e-3


def test_swapping_the_layers_mirrors_the_displacement() -> None:
    """As exactly as the numbers go, though only one of the layers votes."""
    a, b = fields(300, 1), moved(fields(300, 1)[:200], 0.24, -0.18)
    here, there = found(a, b), found(b, a)
    assert here == there.mirrored()


def test_order_place_and_splitting_do_not_matter() -> None:
    """Features in another order give the same answer to the bit; everything elsewhere, or cut in two, to the micrometre."""
    a, b = fields(3000, 2), moved(fields(3000, 2), 0.3, 0.1)
    expected = found(a, b)
    assert expected == found(a[::-1], b[np.random.default_rng(0).permutation(len(b))])
    x, y = 81_234.567, 3_541_234.321
    for other in (
        found(moved(a, x, y), moved(b, x, y)),
        found(np.concatenate([shapely.get_parts(shapely.intersection(a, shapely.box(-9, w, 9e3, w + 1700))) for w in (-9, 1691)]), b),
    ):
        assert (other.dx_m, other.dy_m) == (pytest.approx(expected.dx_m, abs=1e-6), pytest.approx(expected.dy_m, abs=1e-6))


def test_layers_that_agree_have_none() -> None:
    """The same layer, whole or in part, or off by less than 5 cm."""
    a = fields(500, 3)
    assert estimate_shift(a, a) is None
    assert estimate_shift(a, np.concatenate([a[:300], fields(200, 9)])) is None
    assert estimate_shift(a, moved(a, 0.03, 0.0)) is None


def test_independent_layers_have_none() -> None:
    """Nothing in common; also squares of one size laid anyhow, which all look alike."""
    assert estimate_shift(fields(800, 4), fields(800, 5)) is None
    rng = np.random.default_rng(6)
    here, there = (rng.random((400, 2)) * 2000 for _ in range(2))
    assert estimate_shift(shapely.box(*here.T, *(here + 20).T), shapely.box(*there.T, *(there + 20).T)) is None


def test_a_part_that_was_moved_is_not_the_layer() -> None:
    """A quarter of the features displaced, the others where they were."""
    a = fields(600, 7)
    assert estimate_shift(a, np.concatenate([moved(a[:150], 0.3, 0.0), a[150:]])) is None


def test_one_or_two_features_are_no_layer() -> None:
    """One parcel put 0.3 m aside may be meant: three at least must agree."""
    a = shapely.box(*np.array([(0, 0, 80, 50), (200, 0, 290, 70)], float).T)
    many = np.array([a[0].buffer(30, quad_segs=16), a[1].buffer(40, quad_segs=16)], object)
    assert estimate_shift(many, moved(many, 0.3, 0.0)) is None
    assert estimate_shift(a[:0], a) is None


def test_a_regular_pattern_means_the_smallest_displacement() -> None:
    """Squares of 50 m side by side fit onto each other at every 50 m: 0.3 m is meant, not 49.7 m."""
    x, y = (v.ravel() * 50.0 for v in np.meshgrid(np.arange(30), np.arange(30)))
    a = shapely.box(x, y, x + 50, y + 50)
    shift = found(a, moved(a, 0.3, 0.1))
    assert (shift.dx_m, shift.dy_m) == (pytest.approx(0.3, abs=1e-9), pytest.approx(0.1, abs=1e-9))


@pytest.mark.parametrize("grid", [0.01, 0.1])
def test_a_displaced_layer_that_was_also_rounded(grid: float) -> None:
    """The spread tells how far corners scatter; their median is better than that."""
    a = fields(3000, 8)
    shift = found(a, np.asarray(shapely.transform(moved(a, 0.3, -0.2), lambda c: np.round(c / grid) * grid)))
    assert (shift.dx_m, shift.dy_m) == (pytest.approx(0.3, abs=grid / 25), pytest.approx(-0.2, abs=grid / 25))
    assert grid / 10 < shift.spread_m < grid


def test_a_datum_slip_turns_and_stretches_over_a_city_and_is_found_all_the_same() -> None:
    """120 m in zone 37 is not quite the same everywhere in the official plane: told to a metre or two."""
    a = fields(3000, 9, size=1500.0)

    def plane(c: np.ndarray) -> np.ndarray:
        return np.column_stack(OFFICIAL.forward(*to_geographic("EPSG:4525", c[:, 0], c[:, 1])))

    drawn = moved(a, 37_460_000.0, 3_500_000.0)
    here, there = shapely.transform(drawn, plane), shapely.transform(moved(drawn, 96.0, -72.0), plane)
    shift = found(here, there)
    assert abs(shift.length_m - 120.0) < 2.0 and 0.01 < shift.spread_m < 2.0


def test_a_whole_city_takes_seconds() -> None:
    """50,000 against 40,000 features in a few seconds of one core; the time grows in step with their number."""
    a = fields(50_000, 10)
    b = moved(a[::-1][:40_000], 0.3, 0.0)
    began = process_time()
    assert found(a, b).dx_m == pytest.approx(0.3, abs=1e-6)
    assert process_time() - began < 10
