"""Cutting polygons into small pieces: nothing is lost, nothing stays large."""

from __future__ import annotations

import re

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import Polygon, box

from tests.overlay.exact import exact_area
from tests.overlay.laid import layer_of, needs_compiled, slack
from tests.overlay.nasty import comb, polygons, star
from xygis.overlay.kernel import build, laying
from xygis.overlay.kernel.pieces import Floats, Ints
from xygis.overlay.laying_out import LONGEST_M
from xygis.overlay.rings import rings_of

pytestmark = needs_compiled
MOST_VERTICES = int(re.findall(r"#define MOST_VERTICES (\d+)", (build.HERE / "cutting.c").read_text("utf-8"))[0])


def pieces_of(polygons_: list[shapely.Geometry], longest_m: float, jobs: int | None = None) -> tuple[Floats, Ints, Ints, Ints]:
    rings = rings_of(shapely.get_parts(np.array(polygons_, object)), np.zeros(0, np.int64))
    laying.orient(rings)
    return laying.cut(*rings.table, rings.first, rings.last, longest_m, jobs=jobs)


def sizes_of(cut: tuple[Floats, Ints, Ints, Ints]) -> tuple[Floats, Floats, Ints]:
    """(area, bounds, vertices) of each piece."""
    xy, offsets, count, _ = cut
    last = np.cumsum(count)
    first = last - count
    return *laying.sizes(xy, offsets, first, last), offsets[last] - offsets[first]


LARGE = {
    "a disc of 20,000 vertices": shapely.Point(0, 0).buffer(3000, quad_segs=5000),
    "a ragged ring with a hole": star(np.random.default_rng(1), 5000, 2000.0, hole=True),
    "a comb": comb(3000),
    "a slanting strip of 5 km": Polygon([(0, 0), (5000, 3000), (4999, 3002), (-1, 2)]),
    "a plain box, nothing to cut": box(0, 0, 9000, 9000),
    "a thousand holes": Polygon(
        box(0, 0, 330, 330).exterior, [box(x, y, x + 5, y + 5).exterior for x in range(5, 320, 10) for y in range(5, 320, 10)]
    ),
    "far from the origin": shapely.transform(shapely.Point(0, 0).buffer(900, quad_segs=900), lambda c: c + (37_512_345.678, 3_545_678.9)),
}  # fmt: skip


@pytest.mark.parametrize("shape", LARGE)
def test_pieces_are_small_and_make_the_whole(shape: str) -> None:
    """No piece has more vertices than cutting.c allows, none badly fills a box longer than it may be, and their areas add up to the polygon's."""
    polygon = LARGE[shape]
    area, bounds, vertices = sizes_of(pieces_of([polygon], LONGEST_M))
    assert vertices.max() <= MOST_VERTICES
    box_m2, side = np.prod(bounds[:, 2:] - bounds[:, :2], axis=1), (bounds[:, 2:] - bounds[:, :2]).max(axis=1)
    assert ((side <= LONGEST_M) | (box_m2 <= 4 * area + 1)).all()
    assert (area > -1e-6).all()
    assert abs(area.sum() - polygon.area) <= slack(polygon.area)
    outer = shapely.bounds(polygon)
    assert (bounds[:, :2].min(axis=0) >= outer[:2] - 1e-9).all() and (bounds[:, 2:].max(axis=0) <= outer[2:] + 1e-9).all()


@settings(max_examples=80)
@given(shapes=st.lists(polygons(), min_size=1, max_size=4), longest=st.sampled_from([3.0, 7.7, 1000.0]))
def test_nasty_polygons_lose_nothing(shapes: list[shapely.Geometry], longest: float) -> None:
    """Holes that touch, spikes, islands, hairs: cut as small as can be, each polygon keeps its exact area."""
    cut = pieces_of(shapes, longest)
    parts = shapely.get_parts(np.array(shapes, object))
    found = np.bincount(cut[3], sizes_of(cut)[0], len(parts))
    exact = np.array([float(exact_area([p], all)) for p in parts])
    assert (np.abs(found - exact) <= slack(exact)).all()
    assert (np.diff(cut[3]) >= 0).all(), "pieces stand in the order of their polygons"


def test_a_crowd_in_one_spot_is_not_cut_for_ever() -> None:
    """A hundred vertices within a millimetre stay one piece: nothing is cut below half a metre on account of vertices."""
    area, bounds, _ = sizes_of(pieces_of([shapely.Point(5, 5).buffer(0.001, quad_segs=100), shapely.Point(5, 5).buffer(1e-9)], 1.0))
    assert 2 == len(area) and (area > 0).all()


def test_threads_change_no_bit() -> None:
    """By one thread or by three: the same pieces in the same order."""
    shapes = [star(np.random.default_rng(k), 500, 300.0, hole=bool(k % 2)) for k in range(12)]
    one, three = pieces_of(shapes, LONGEST_M, jobs=1), pieces_of(shapes, LONGEST_M, jobs=3)
    assert [a.tobytes() for a in one] == [a.tobytes() for a in three]


def test_laid_out_in_any_order_the_pieces_are_the_same() -> None:
    """Features turned round and begun elsewhere give pieces of the same areas along the same curve."""
    shapes = [star(np.random.default_rng(k), 300, 400.0) for k in range(4)]
    turned = [Polygon(np.roll(shapely.get_coordinates(s)[:-1][::-1], 7, axis=0)) for s in shapes]
    one, other = layer_of(shapes), layer_of(turned)
    assert np.bincount(one.owner, one.area) == pytest.approx(np.bincount(other.owner, other.area), rel=1e-9)
    assert len(one) == len(other)
