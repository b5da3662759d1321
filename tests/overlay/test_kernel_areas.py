"""Areas of pairs: against exact rational arithmetic, and the laws that areas obey."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
import shapely.affinity
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import Polygon, box

from tests.overlay.exact import exact_overlap
from tests.overlay.laid import by_part, layer_of, needs_compiled, parcels_of, plain_kernel, slack
from tests.overlay.nasty import comb, polygons, star
from xygis.overlay.kernel import asking
from xygis.overlay.kernel.pieces import Floats

few = st.lists(polygons(), min_size=1, max_size=4)
some = settings(max_examples=120)


def areas(a: list[shapely.Geometry], b: list[shapely.Geometry], origin: tuple[float, float] = (0.0, 0.0)) -> Floats:
    """The overlap of every shape of a with every shape of b."""
    p, q = layer_of(a, origin), layer_of(b, origin)
    parts = by_part(p, q, asking.pairs(p, q))
    whose = [np.repeat(np.arange(len(side)), [len(shapely.get_parts(g)) for g in side]) for side in (a, b)]
    out = np.zeros((len(a), len(b)))
    np.add.at(out, (whose[0][: parts.shape[0], None], whose[1][None, : parts.shape[1]]), parts)
    return out


@some
@given(a=few, b=few)
def test_every_area_is_the_exact_one(a: list[shapely.Geometry], b: list[shapely.Geometry]) -> None:
    """On a grid of nasty shapes every overlap is what fractions say, to 1e-6 m² and a billionth."""
    exact = np.array([[exact_overlap(x, y) for y in b] for x in a])
    assert (np.abs(areas(a, b) - exact) <= slack(exact)).all()


@some
@given(a=few, b=few)
def test_the_plain_kernel_finds_the_same_areas(a: list[shapely.Geometry], b: list[shapely.Geometry]) -> None:
    """With XYGIS_KERNEL=plain the same numbers come out."""
    with plain_kernel():
        plain = areas(a, b)
    assert (np.abs(areas(a, b) - plain) <= slack(plain)).all()


@some
@given(a=polygons(), b=few)
def test_it_does_not_matter_who_asks_whom(a: shapely.Geometry, b: list[shapely.Geometry]) -> None:
    """A ∩ B = B ∩ A."""
    assert (np.abs(areas([a], b) - areas(b, [a]).T) <= slack(a.area)).all()


@some
@given(a=polygons(), x=st.sampled_from([5.0, 10.0, 20.0, 30.001, 33.0]), y=st.sampled_from([0.3, 10.0, 25.0, 40.0]))
def test_inside_and_outside_make_the_whole(a: shapely.Geometry, x: float, y: float) -> None:
    """Four quarters of the plane, which share only borders, have exactly the shape between them."""
    quarters = [box(-200, -200, x, y), box(x, -200, 300, y), box(-200, y, x, 300), box(x, y, 300, 300)]
    assert abs(areas([a], quarters).sum() - a.area) <= slack(a.area)


@some
@given(a=polygons(), b=few)
def test_a_layer_and_what_it_leaves_make_the_whole(a: shapely.Geometry, b: list[shapely.Geometry]) -> None:
    """The overlap with a layer dissolved, and with the rest of the world, add up to the shape."""
    layer = shapely.union_all(np.array(b, object))
    rest = box(-300, -300, 400, 400).difference(layer)
    assert abs(areas([a], [layer, rest]).sum() - a.area) <= slack(a.area) + 1e-7  # the rest is drawn by GEOS, which rounds


grid8 = st.integers(0, 160).map(lambda n: n / 8)


@some
@given(points=st.lists(st.tuples(grid8, grid8, grid8, grid8), min_size=2, max_size=8), power=st.sampled_from([-6, -1, 1, 10]))
def test_drawn_twice_as_large_the_area_is_four_times_as_large(points: list[tuple[float, float, float, float]], power: int) -> None:
    """Scaling by a power of two scales every area by its square, to the bit."""
    shapes = [Polygon([(x, y), (x + u + 1, y), (x + u + 1, y + v + 1)]) for x, y, u, v in points]
    large = [shapely.affinity.scale(s, 2.0**power, 2.0**power, origin=(0, 0)) for s in shapes]
    if power > 3:  # these will be cut, which rounds
        assert (np.abs(areas(large, large) / 4.0**power - areas(shapes, shapes)) <= slack(400.0)).all()
    else:
        assert np.array_equal(areas(large, large), areas(shapes, shapes) * 4.0**power)


@needs_compiled
@some
@given(
    points=st.lists(st.tuples(grid8, grid8, grid8, grid8), min_size=2, max_size=8), x=st.integers(-5000, 5000), y=st.integers(-5000, 5000)
)
def test_moved_by_whole_metres_the_area_is_the_same(points: list[tuple[float, float, float, float]], x: int, y: int) -> None:
    """Translation changes no bit, nor does another origin, in zone 37 with its prefix or without."""
    shapes = [Polygon([(x, y), (x + u + 1, y), (x + u + 1, y + v + 1)]) for x, y, u, v in points]
    here = areas(shapes, shapes)
    assert np.array_equal(
        here, areas([shapely.affinity.translate(s, x, y) for s in shapes], [shapely.affinity.translate(s, x, y) for s in shapes])
    )
    assert np.array_equal(here, areas(shapes, shapes, origin=(37_512_000.0, 3_545_000.0)))


@some
@given(a=few, b=few)
def test_sides_with_different_origins_meet_where_they_lie(a: list[shapely.Geometry], b: list[shapely.Geometry]) -> None:
    """A parcel counted from one whole kilometre and a layer from another: the same areas as from one."""
    p, q = layer_of(a), layer_of([shapely.affinity.translate(g, -2000, 3000) for g in b], origin=(2000.0, -3000.0))
    here = layer_of(b)
    found, expected = by_part(p, q, asking.pairs(p, q)), by_part(p, here, asking.pairs(p, here))
    assert (np.abs(found - expected) <= slack(expected)).all()


def city(seed: int, count: int) -> list[shapely.Geometry]:
    """Ragged shapes all over 3 km, some of them with holes, some large enough to be cut."""
    rng = np.random.default_rng(seed)
    sizes = rng.choice([5.0, 40.0, 250.0], count)
    shapes = [star(rng, int(rng.choice([5, 40, 200])), size, hole=bool(rng.random() < 0.3)) for size in sizes]
    return [shapely.affinity.translate(s, *(rng.random(2) * 3000)) for s in shapes]


def test_tiles_and_threads_change_no_bit() -> None:
    """Whole, in tiles of 1, 7 or 100 pieces, by one thread or by three: the same pairs, the same areas, in the same order."""
    p, q = layer_of(city(1, 300)), layer_of(city(2, 300))
    whole = asking.pairs(p, q, jobs=1)
    assert len(whole[0]) > 1000
    for jobs in (2, 3):
        assert all(np.array_equal(a, b) for a, b in zip(whole, asking.pairs(p, q, jobs=jobs), strict=True))
    for tile in (1, 7, 100):
        rows = [asking.pairs(p, q, rows=(k, min(k + tile, len(p)))) for k in range(0, len(p), tile)]
        joined = [np.concatenate(column) for column in zip(*rows, strict=True)]
        assert all(np.array_equal(a, b) for a, b in zip(whole, joined, strict=True))


def test_the_order_of_features_changes_no_bit() -> None:
    """The features of a layer shuffled: each pair of features has the same area, to the bit where none is cut."""
    a = [g for g in city(3, 150) if shapely.get_num_coordinates(g) <= 64 and g.length < 500]
    b = [g for g in city(4, 150) if shapely.get_num_coordinates(g) <= 64 and g.length < 500]
    turn = np.random.default_rng(5).permutation(len(b))
    assert np.array_equal(areas(a, b)[:, turn], areas(a, [b[i] for i in turn]))


def test_a_layer_on_itself_names_each_pair_once() -> None:
    """`within`: only different features, each pair once, with the area they share."""
    shapes = [box(0, 0, 10, 10), box(5, 0, 15, 10), box(10, 0, 20, 10), box(0, 0, 10, 10)]
    q = layer_of(shapes)
    i, j, area = asking.pairs(q, q, within=True)
    found = {(min(u, v), max(u, v)): m for u, v, m in zip(q.owner[i].tolist(), q.owner[j].tolist(), area.tolist(), strict=True)}
    assert {(0, 1): 50.0, (0, 3): 100.0, (1, 2): 50.0, (1, 3): 50.0} == found
    with plain_kernel():
        i, j, area = asking.pairs(q, q, within=True)
    assert len(i) == 4 and area.sum() == 250.0


@needs_compiled
def test_equal_parcels_and_features_share_their_whole_area() -> None:
    """A parcel that is exactly a feature, drawn from another corner, overlaps it by its area, to the bit."""
    rng = np.random.default_rng(6)
    feature = star(rng, 40, 60.0)
    coords = shapely.get_coordinates(feature)[:-1]
    again = Polygon(np.roll(coords, 13, axis=0))
    q = layer_of([feature])
    assert q.area.tolist() == asking.pairs(parcels_of([again]), q)[2].tolist()


@needs_compiled
def test_a_ring_of_a_hundred_thousand_vertices() -> None:
    """A comb of 25,000 teeth (100,002 vertices): cut into pieces, its overlap with strips across it is what paper says."""
    big = comb(25_000)
    assert shapely.get_num_coordinates(big) == 100_003
    q = layer_of([big])
    strips = [box(0, 0, 50_000, 1), box(0, 1, 50_000, 11), box(100, 5, 200, 8), box(1000.5, 2, 1001.25, 3), box(-10, 11, 60_000, 12)]
    expected = np.array([49_999.0, 250_000.0, 150.0, 0.5, 0.0])
    p = layer_of(strips)
    assert by_part(p, q, asking.pairs(p, q))[:, 0] == pytest.approx(expected, rel=1e-9, abs=1e-6)
    ragged = star(np.random.default_rng(7), 100_000, 5000.0, hole=True)
    tiles = [box(x, y, x + 1000, y + 1000) for x in range(-5000, 5000, 1000) for y in range(-5000, 5000, 1000)]
    found = areas(tiles, [ragged])[:, 0]
    assert abs(found.sum() - ragged.area) <= slack(ragged.area)
    near = shapely.area(shapely.intersection(np.array(tiles[:25], object), ragged))
    assert (np.abs(found[:25] - near) <= slack(near)).all()
    again = layer_of([shapely.reverse(ragged)])
    assert abs(by_part(q, q, asking.pairs(q, q)).sum() - big.area) <= slack(big.area)
    assert abs(by_part(again, again, asking.pairs(again, again)).sum() - ragged.area) <= slack(ragged.area)


def test_nothing_overlaps_nothing() -> None:
    """Empty sides give no pairs; shapes that only touch, in an edge or a point, share nothing."""
    none, one = layer_of([]), layer_of([box(0, 0, 10, 10)])
    for p, q in ((none, one), (one, none), (none, none)):
        assert [0, 0, 0] == [len(column) for column in asking.pairs(p, q)]
    touching = layer_of([box(10, 0, 20, 10), box(0, 10, 10, 20), box(10, 10, 20, 20), box(-5, -5, 0, 30)])
    assert 0.0 == np.abs(asking.pairs(one, touching)[2]).sum()
