"""The covered share of every raster cell, by hand, against shapely's intersections, and compiled against plain."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from xygis.overlay import coverage, coverage_plain
from xygis.overlay.coverage import Outlines, Tile, cell_shares, cell_statistics, class_weights, outlines
from xygis.overlay.kernel.library import library

GRID = Tile(col=0, row=0, cols=3, rows=3)
WAYS = (coverage, coverage_plain)
needs_compiler = pytest.mark.skipif(library() is None, reason="no compiled kernel here")


def laid_out(*polygons: shapely.Geometry) -> Outlines:
    """Polygons already in cells, y downwards."""
    return outlines(np.array(polygons, object), (0.0, 0.0), (1.0, 1.0))


@pytest.fixture(params=["compiled", "plain"])
def _kernel(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "plain":
        monkeypatch.setattr(coverage, "library", lambda: None)


@pytest.mark.usefixtures("_kernel")
def test_triangle_over_nine_cells() -> None:
    """Half of a 3 x 3 grid under its diagonal: whole cells below, halves on it, nothing above."""
    shares = cell_shares(laid_out(shapely.Polygon([(0, 0), (3, 3), (0, 3)])), 0, GRID)
    assert_allclose(shares, [[0.5, 0, 0], [1, 0.5, 0], [1, 1, 0.5]], atol=1e-15)


@pytest.mark.usefixtures("_kernel")
def test_slanting_edge_leaves_unequal_shares() -> None:
    """A triangle of base 2 and height 1: the edge falls by half a cell in each, leaving 3/4 and 1/4."""
    shares = cell_shares(laid_out(shapely.Polygon([(0, 0), (2, 1), (0, 1)])), 0, GRID)
    assert_allclose(shares[0], [0.75, 0.25, 0], atol=1e-15)


@pytest.mark.usefixtures("_kernel")
def test_square_on_cell_borders_touches_no_neighbour() -> None:
    """A square drawn on the borders of a cell covers that cell alone: not a hair of the next counts."""
    shares = cell_shares(laid_out(shapely.box(1, 1, 2, 2)), 0, GRID)
    assert_allclose(shares, [[0, 0, 0], [0, 1, 0], [0, 0, 0]], atol=0)


@pytest.mark.usefixtures("_kernel")
def test_hole_and_second_part() -> None:
    """What lies in a hole is not covered; a second part counts, whatever way its ring runs."""
    ring = shapely.Polygon(shapely.box(0, 0, 2, 2).exterior, [shapely.box(0.5, 0.5, 1, 1).exterior.coords[::-1]])
    turned = shapely.Polygon(shapely.box(2, 2, 3, 2.25).exterior.coords[::-1])
    shares = cell_shares(laid_out(shapely.MultiPolygon([ring, turned])), 0, GRID)
    assert_allclose(shares, [[0.75, 1, 0], [1, 1, 0], [0, 0, 0.25]], atol=1e-15)


@pytest.mark.usefixtures("_kernel")
def test_polygon_larger_than_the_tile_on_every_side() -> None:
    """Edges outside a tile still cover what lies between them in it."""
    shares = cell_shares(laid_out(shapely.Polygon([(-5, -5), (10, -5), (10, 10), (-5, 10)])), 0, GRID)
    assert_allclose(shares, np.ones((3, 3)), atol=1e-14)
    leaning = shapely.Polygon([(-4, -3), (1.5, -3), (4.5, 9), (-4, 9)])
    expected = [[shapely.area(shapely.intersection(leaning, shapely.box(c, r, c + 1, r + 1))) for c in range(3)] for r in range(3)]
    assert_allclose(cell_shares(laid_out(leaning), 0, GRID), expected, atol=1e-14)


@pytest.mark.usefixtures("_kernel")
def test_statistics_of_three_cells_by_hand() -> None:
    """Cells 10, 20 and one without data, half covered each: mean 15, extremes 10 and 20, half a cell without data."""
    values = np.array([[10.0, 20.0, np.nan], [99.0, 99.0, 99.0], [99.0, 99.0, 99.0]])
    found = cell_statistics(laid_out(shapely.box(0, 0, 3, 0.5)), np.array([0]), GRID, values, 20.0)
    assert_allclose(found, [[1.0, 0.5, 15.0, 10.0, 20.0, 0.5]], atol=1e-15)


@pytest.mark.usefixtures("_kernel")
def test_class_weights_by_hand() -> None:
    """Half of each of three cells, of classes 0, 1 and none."""
    numbers = np.array([[0, 1, -1], [0, 0, 0], [0, 0, 0]], np.int32)
    found = class_weights(laid_out(shapely.box(0, 0, 3, 0.5)), np.array([0]), GRID, numbers, 2)
    assert_allclose(found, [[0.5, 0.5, 0.5]], atol=1e-15)


@st.composite
def shapes_on_a_grid(draw: st.DrawFn) -> shapely.Polygon:
    """Stars around a middle, with a hole now and then; some vertices on cell borders, some far outside."""
    n = draw(st.integers(3, 12))
    angles = np.sort(draw(st.lists(st.floats(0, 6.28), min_size=n, max_size=n, unique=True)))
    radii = np.array(draw(st.lists(st.one_of(st.floats(0.05, 9), st.sampled_from([1.0, 2.0, 3.0])), min_size=n, max_size=n)))
    middle = np.array(draw(st.tuples(st.sampled_from([0.0, 1.0, 2.5, 4.0, 7.3]), st.sampled_from([0.0, 1.5, 3.0, 6.9]))))
    shell = middle + np.round(np.c_[np.cos(angles), np.sin(angles)] * radii[:, None], draw(st.sampled_from([0, 1, 12])))
    star = shapely.make_valid(shapely.Polygon(shell), method="structure", keep_collapsed=False)
    if draw(st.booleans()):
        star = shapely.difference(star, shapely.Point(middle).buffer(0.3, quad_segs=2))
    return star


@given(shapes_on_a_grid())
def test_shares_are_shapely_intersections_and_add_up(star: shapely.Geometry) -> None:
    """Every share is the intersection area of polygon and cell, compiled and plain alike; together they are its area."""
    if star.is_empty or star.geom_type not in ("Polygon", "MultiPolygon"):
        return
    tile = Tile(col=-12, row=-12, cols=32, rows=32)
    col, row = np.meshgrid(np.arange(-12, 20), np.arange(-12, 20))
    expected = shapely.area(shapely.intersection(star, shapely.box(col, row, col + 1, row + 1)))
    for way in WAYS:
        shares = way.cell_shares(laid_out(star), 0, tile)
        assert_allclose(shares, expected, atol=5e-9)
        assert shares.sum() == pytest.approx(star.area, abs=1e-7)


@given(shapes_on_a_grid(), st.floats(-3, 9), st.floats(-0.9, 0.9))
def test_a_split_parcel_adds_up(star: shapely.Geometry, x: float, lean: float) -> None:
    """Weights, sums and shares above of two halves are those of the whole; extremes are the extremes of both."""
    line = shapely.Polygon([(x - 50 * lean, -50), (99, -50), (99, 50), (x + 50 * lean, 50)])
    halves = [shapely.intersection(star, line), shapely.difference(star, line)]
    if any(h.is_empty or h.geom_type not in ("Polygon", "MultiPolygon") for h in (star, *halves)):
        return
    tile = Tile(col=-12, row=-12, cols=32, rows=32)
    values = np.random.default_rng(5).normal(20, 9, (32, 32))
    values[::5, ::7] = np.nan
    for way in WAYS:
        whole, left, right = way.cell_statistics(laid_out(star, *halves), np.arange(3), tile, values, 25.0)
        additive = [0, 1, 2, 5]
        assert_allclose((left + right)[additive], whole[additive], atol=1e-6)


@needs_compiler
@given(st.lists(shapes_on_a_grid(), min_size=1, max_size=4), st.integers(-3, 3))
def test_plain_and_compiled_give_the_same_numbers(stars: list[shapely.Geometry], shift: int) -> None:
    """To 1e-9, over a tile that cuts through the polygons."""
    stars = [s for s in stars if not s.is_empty and s.geom_type in ("Polygon", "MultiPolygon")]
    if not stars:
        return
    shapes, chosen = laid_out(*stars), np.arange(len(stars))
    tile = Tile(col=shift, row=-shift, cols=6, rows=5)
    values = np.random.default_rng(7).normal(20, 9, (5, 6))
    values[1, 2] = np.nan
    ours, plain = (way.cell_statistics(shapes, chosen, tile, values, 25.0) for way in WAYS)
    assert_allclose(ours[:, [0, 1, 2, 5]], plain[:, [0, 1, 2, 5]], rtol=1e-9, atol=1e-8)
    numbers = np.arange(30, dtype=np.int32).reshape(5, 6) % 4 - 1
    assert_allclose(*(way.class_weights(shapes, chosen, tile, numbers, 3) for way in WAYS), rtol=1e-9, atol=1e-8)


def test_far_from_the_origin_nothing_is_lost() -> None:
    """Zone-prefixed eastings of 4e7 m: 12.5 m cells still give the area to a hundredth of a square centimetre."""
    square = shapely.transform(shapely.Point(0, 0).buffer(333.3), lambda c: c + (37_512_345.678, 3_541_234.567))
    shapes = outlines(np.array([square], object), (37_500_000.0, 3_550_000.0), (12.5, -12.5))
    west, north, east, south = shapes.bounds[0]
    tile = Tile(col=int(west), row=int(north), cols=int(east - west) + 2, rows=int(south - north) + 2)
    assert cell_shares(shapes, 0, tile).sum() * 12.5**2 == pytest.approx(square.area, abs=1e-5)
