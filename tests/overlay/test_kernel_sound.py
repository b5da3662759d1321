"""`surely_valid` may be silent, but it never says valid where GEOS says invalid."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import Polygon, box

from tests.overlay.laid import needs_compiled
from tests.overlay.nasty import comb, polygons, star
from xygis.overlay.kernel import laying
from xygis.overlay.kernel.pieces import Bools, Rings
from xygis.overlay.rings import rings_of

pytestmark = needs_compiled
Points = list[tuple[int, int]]


def polygon_rings(polygons_: list[list[np.ndarray[tuple[int, int], np.dtype[np.float64]]]]) -> Rings:
    """Polygons given as rings, closed here, however wrong they are."""
    rings = [np.vstack([r, r[:1]]) for p in polygons_ for r in p]
    ends = np.cumsum([len(p) for p in polygons_])
    return Rings(
        xy=np.ascontiguousarray(np.vstack(rings), float),
        ring_offsets=np.r_[0, np.cumsum([len(r) for r in rings])].astype(np.int64),
        first=np.r_[0, ends[:-1]].astype(np.int64),
        last=ends.astype(np.int64),
        owner=np.arange(len(polygons_)),
    )


def valid_by_geos(rings: Rings) -> Bools:
    parts = np.r_[0, rings.last]
    return np.asarray(shapely.is_valid(shapely.from_ragged_array(shapely.GeometryType.POLYGON, rings.xy, (rings.ring_offsets, parts))))


spot = st.tuples(st.integers(0, 4), st.integers(0, 4))
ring = st.lists(spot, min_size=3, max_size=6)


@settings(max_examples=400)
@given(
    polygon=st.lists(ring, min_size=1, max_size=3),
    framed=st.booleans(),
    scale=st.sampled_from([1.0, 1 / 3, 1e-9, 1e5]),
    away=st.sampled_from([0.0, 500_000.3, 37_512_000.1, 1e-3]),
)
def test_never_valid_where_geos_says_invalid(polygon: list[Points], framed: bool, scale: float, away: float) -> None:
    """Random rings on five by five points, so that touching, crossing and folding back are the rule."""
    rings = [np.array(r, float) for r in polygon]
    if framed:  # the rings are holes in a frame round them
        rings = [np.array([(-1, -1), (6, -1), (6, 6), (-1, 6)], float), *rings]
    drawn = polygon_rings([[r * scale + away for r in rings]])
    if laying.surely_valid(drawn)[0]:
        assert valid_by_geos(drawn)[0]


def test_never_valid_where_geos_says_invalid_a_hundred_thousand_times() -> None:
    """The same, by the lot; and it is not silent about everything: most valid polygons are known to be so."""
    rng = np.random.default_rng(1)
    lot = []
    for _ in range(100_000):
        k, grid = int(rng.integers(1, 4)), int(rng.integers(2, 7))
        rings = [rng.integers(0, grid, (int(rng.integers(3, 7)), 2)).astype(float) for _ in range(k)]
        if rng.random() < 0.5:
            rings[0] = np.array([(-1, -1), (grid, -1), (grid, grid), (-1, grid)], float)
        lot.append(rings)
    drawn = polygon_rings(lot)
    said, valid = laying.surely_valid(drawn), valid_by_geos(drawn)
    assert not (said & ~valid).any()
    assert said.sum() > 0.6 * valid.sum()
    assert np.array_equal(said, laying.surely_valid(drawn, jobs=1))


WRONG = {
    "a bow tie": [[(0, 0), (9, 9), (9, 0), (0, 9)]],
    "a spike": [[(0, 0), (9, 0), (9, 9), (9, 20), (9, 9), (0, 9)]],
    "a vertex on an edge": [[(0, 0), (9, 0), (9, 9), (4, 0), (0, 9)]],
    "a hole outside": [[(0, 0), (9, 0), (9, 9), (0, 9)], [(20, 20), (21, 20), (21, 21)]],
    "a hole across the shell": [[(0, 0), (9, 0), (9, 9), (0, 9)], [(5, 5), (15, 5), (15, 6)]],
    "a hole in a hole": [[(0, 0), (9, 0), (9, 9), (0, 9)], [(1, 1), (8, 1), (8, 8), (1, 8)], [(2, 2), (3, 2), (3, 3)]],
    "the shell twice": [[(0, 0), (9, 0), (9, 9), (0, 9)], [(0, 0), (9, 0), (9, 9), (0, 9)]],
    "no area": [[(0, 0), (5, 5), (9, 9)]],
    "one point": [[(1, 1), (1, 1), (1, 1)]],
    "not a number": [[(0, 0), (9, 0), (float("nan"), 9)]],
    "endless": [[(0, 0), (9, 0), (float("inf"), 9)]],
    "a fold of a nanometre": [[(0, 0), (9, 0), (9, 9), (4.5, -1e-9), (0, 9)]],
}


@pytest.mark.parametrize("case", WRONG)
def test_broken_polygons_are_doubted(case: str) -> None:
    """Each kind of defect leaves the question to the geometry library."""
    assert [False] == laying.surely_valid(polygon_rings([[np.array(r, float) for r in WRONG[case]]])).tolist()


def test_an_open_ring_is_doubted() -> None:
    """A ring that does not come back to where it began."""
    drawn = polygon_rings([[np.array([(0, 0), (9, 0), (9, 9), (0, 9)], float)]])
    drawn.xy[-1] = (1, 1)
    assert [False] == laying.surely_valid(drawn).tolist()


def test_ordinary_polygons_are_known_to_be_valid() -> None:
    """Boxes, ragged fields, holes, and a ring of 100,003 vertices need no geometry library."""
    shapes = [
        box(0, 0, 1, 1),
        star(np.random.default_rng(1), 3000, 500.0, hole=True),
        comb(25_000),
        box(0, 0, 9, 9).difference(box(3, 3, 5, 5)),
    ]
    far = [shapely.transform(s, lambda c: c + (37_512_345.678, 3_545_678.9)) for s in shapes if shapely.get_num_coordinates(s) < 5000]
    assert laying.surely_valid(rings_of(np.array([*shapes, *far], object), np.zeros(0, np.int64))).all()


@settings(max_examples=150)
@given(shapes=st.lists(polygons(), min_size=1, max_size=5))
def test_nasty_shapes_are_turned_the_right_way(shapes: list[shapely.Geometry]) -> None:
    """Shells run counter-clockwise, holes clockwise, whatever they were before; nothing else changes."""
    parts = shapely.get_parts(np.array([shapely.reverse(s) if k % 2 else s for k, s in enumerate(shapes)], object))
    rings = rings_of(parts, np.zeros(0, np.int64))
    laying.orient(rings)
    made = shapely.from_ragged_array(shapely.GeometryType.POLYGON, rings.xy, (rings.ring_offsets, np.r_[0, rings.last]))
    assert all(isinstance(p, Polygon) and p.exterior.is_ccw and not any(h.is_ccw for h in p.interiors) for p in made)
    assert shapely.equals(made, parts).all()
