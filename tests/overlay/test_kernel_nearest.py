"""The nearest piece of a layer to a parcel, against shapely's distance."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
import shapely.affinity
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from shapely.geometry import LineString, box

from tests.overlay.laid import layer_of, parcels_of, plain_kernel
from tests.overlay.nasty import polygons, star
from xygis.overlay.kernel import asking, laying
from xygis.overlay.kernel.pieces import Pieces, levels
from xygis.overlay.rings import rings_of

RADIUS_M = 10_000.0
Features = list[shapely.Geometry]


def lines_of(lines: Features) -> Pieces:
    """Lines as the kernel takes them: each one piece, whose ring is not closed."""
    rings = rings_of(np.array(lines, object), np.arange(len(lines)))
    area, bounds = laying.sizes(*rings.table, rings.first, rings.last)
    level1, level2 = levels(bounds)
    return Pieces(
        origin=np.zeros(2), xy=rings.xy, ring_offsets=rings.ring_offsets, first=rings.first, last=rings.last, owner=rings.owner,
        bounds=bounds, area=np.zeros(len(area)), level1=level1, level2=level2,
    )  # fmt: skip


def ask(
    parcels: Features, layer: Pieces, scale: tuple[float, float] = (1.0, 1.0), radius: float = RADIUS_M, **more: object
) -> NDArray[np.void]:
    p = parcels_of(parcels)
    return asking.nearest(p, np.arange(len(p)), layer, np.tile(scale, (len(p), 1)), radius, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("kernel", ["compiled", "plain"])
@settings(max_examples=60)
@given(
    parcel=polygons(),
    layer=st.lists(polygons(), min_size=1, max_size=6),
    move=st.tuples(st.sampled_from([0.0, 150.0, -163.7]), st.sampled_from([131.0, -142.9])),
    scale=st.sampled_from([(1.0, 1.0), (1.0001, 0.9999), (0.98, 1.02)]),
)
def test_the_gap_is_shapely_s_distance(
    kernel: str, parcel: shapely.Geometry, layer: Features, move: tuple[float, float], scale: tuple[float, float]
) -> None:
    """Gap in stretched metres, and two places that lie that far apart: one on the parcel, one on the piece that is named."""
    layer = [shapely.affinity.translate(g, *move) for g in layer]
    q = layer_of(layer)
    if kernel == "plain":
        with plain_kernel():
            found = ask([parcel], q, scale)[0]
    else:
        found = ask([parcel], q, scale)[0]
    stretched = [shapely.affinity.scale(g, *scale, origin=(0, 0)) for g in (parcel, *layer)]
    expected = float(shapely.distance(stretched[0], np.array(stretched[1:], object)).min())
    assert expected == pytest.approx(found["gap"], abs=1e-9)
    here, there = (np.array(found[name]) * scale for name in ("on_parcel", "on_layer"))
    assert expected == pytest.approx(math.dist(here, there), abs=1e-9)
    part = shapely.get_parts(np.array(stretched[1:], object))[q.owner[found["piece"]]]
    assert shapely.distance(shapely.Point(here), stretched[0]) < 1e-9 and shapely.distance(shapely.Point(there), part) < 1e-9


CASES = {
    "five millimetres": ([box(10.005, 0, 20, 10)], 0.005),
    "three four five": ([box(13, 14, 20, 20)], 5.0),
    "in a hole": ([box(-50, -50, 60, 60).difference(box(-3, -4, 12, 17))], 2.0),
    "touching": ([box(10, 0, 20, 10)], 0.0),
    "the nearer of two": ([box(110, 0, 120, 10), box(0, -60, 10, -50)], 50.0),
}


@pytest.mark.parametrize("case", CASES)
def test_distances_worked_out_on_paper(case: str) -> None:
    """From a square of 10 m."""
    layer, expected = CASES[case]
    assert expected == pytest.approx(ask([box(0, 0, 10, 10)], layer_of(layer))[0]["gap"], abs=1e-9)


def test_what_lies_beyond_the_radius_is_not_found() -> None:
    """Piece -1 where nothing lies within the radius; just within it, it is found. An empty layer has nothing."""
    q = layer_of([box(110, 0, 120, 10)])
    assert (-1, 0) == (ask([box(0, 0, 10, 10)], q, radius=100.0)[0]["piece"], ask([box(0, 0, 10, 10)], q, radius=100.001)[0]["piece"])
    assert -1 == ask([box(0, 0, 10, 10)], layer_of([]))[0]["piece"]
    assert -1 == ask([box(0, 0, 10, 10)], q, chosen=np.zeros(1, bool))[0]["piece"]


@pytest.mark.parametrize("kernel", ["compiled", "plain"])
def test_lines_with_land_of_their_own_width(kernel: str) -> None:
    """A road's land reaches half its width to each side: the wider road 30 m off is nearer than the narrow one 25 m off."""
    q = lines_of([LineString([(-100, 35), (100, 35)]), LineString([(-100, -25), (100, -25)])])
    half = np.array([12.0, 1.0])

    def gap(**more: object) -> tuple[float, int]:
        f = ask([box(0, 0, 10, 10)], q, half_m=half, lines=True, **more)[0]
        return float(f["gap"]), int(f["piece"])

    def both() -> None:
        assert (13.0, 0) == gap()
        assert (24.0, 1) == gap(chosen=np.array([False, True]))

    if kernel == "plain":
        with plain_kernel():
            both()
    else:
        both()


def test_a_line_through_the_parcel_or_inside_it_has_no_gap() -> None:
    """A line that crosses, one that lies wholly inside: the gap is less its half width, and the wider one wins."""
    inside, through = LineString([(4, 4), (6, 6)]), LineString([(-5, 5), (15, 5)])
    for line in (inside, through):
        assert -3.0 == pytest.approx(ask([box(0, 0, 10, 10)], lines_of([line]), half_m=np.array([3.0]), lines=True)[0]["gap"])
    for order in ((0, 1), (1, 0)):
        half = np.array([3.0, 5.0])[list(order)]
        f = ask([box(0, 0, 10, 10)], lines_of([inside, shapely.affinity.translate(inside, 1, 0)]), half_m=half, lines=True)[0]
        assert -5.0 == pytest.approx(f["gap"]) and half[f["piece"]] == 5.0


def test_a_town_of_parcels_agrees_with_shapely_whatever_the_threads() -> None:
    """300 parcels, 400 features, some of them cut: every gap is shapely's; one thread or three, not a bit differs."""
    rng = np.random.default_rng(3)
    spots = shapely.points(rng.random((700, 2)) * 5000)
    shapes = [
        shapely.affinity.translate(star(rng, int(rng.choice([5, 30, 200])), float(rng.choice([5, 30]))), spot.x, spot.y) for spot in spots
    ]
    features = np.array(shapes[300:], object)
    tree = shapely.STRtree(features)
    parcels = [s for s in shapes[:300] if not len(tree.query(s, predicate="intersects"))]
    q = layer_of(list(features))
    one, three = ask(parcels, q, jobs=1), ask(parcels, q, jobs=3)
    assert one.tobytes() == three.tobytes()
    expected = tree.query_nearest(np.array(parcels, object), return_distance=True, all_matches=False)[1]
    assert expected == pytest.approx(one["gap"], abs=1e-9)
    some = asking.nearest(parcels_of(parcels), np.array([5, 2]), q, np.ones((len(parcels), 2)), RADIUS_M)
    assert [one[5].tobytes(), one[2].tobytes()] == [f.tobytes() for f in some]
