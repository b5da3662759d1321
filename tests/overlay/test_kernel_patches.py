"""Patches of a parcel without geometry: areas against exact arithmetic, number and width against shapely's geometry."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
import shapely.affinity
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from shapely.geometry import MultiPolygon, Polygon, box

from tests.overlay.exact import exact_covered
from tests.overlay.laid import layer_of, needs_compiled, parcels_of, plain_kernel, slack
from tests.overlay.nasty import drawn, needle, polygons, star
from xygis.overlay.kernel import asking
from xygis.overlay.overlap import areal_parts, patches_of, union
from xygis.overlay.tolerances import CONTACT_M, SLIVER_M, SLIVER_M2

TOLERANCES = (CONTACT_M, SLIVER_M2, SLIVER_M)
HAIRLINE_M = 1e-4  # what is thinner may hold two patches together, or part them: neither answer is wrong
AREAS = ("inside_m2", "inside_sliver_m2", "inside_contact_m2", "outside_m2", "outside_sliver_m2", "outside_contact_m2")
some = settings(max_examples=120)
Features = list[shapely.Geometry]


def facts(parcels: Features, layer: Features, origin: tuple[float, float] = (0.0, 0.0), jobs: int | None = None) -> NDArray[np.void]:
    return asking.patch_facts(parcels_of(parcels, origin), layer_of(layer, origin), TOLERANCES, jobs=jobs)


def geometric_facts(inside: shapely.Geometry, outside: shapely.Geometry) -> tuple[float, ...]:
    a, b = patches_of(inside), patches_of(outside)
    return (a.total_m2, a.sliver_m2, a.contact_m2, b.total_m2, b.sliver_m2, b.contact_m2, len(a.area_m2), int(a.sliver.sum()))


def check(found: np.void, parcel: shapely.Geometry, layer: Features) -> None:
    """Facts are those of geometry, as drawn or with hairlines opened or closed, and the areas add up to the parcel's."""
    both = found["inside_m2"] + found["inside_contact_m2"] + found["outside_m2"] + found["outside_contact_m2"]
    assert abs(both - parcel.area) <= slack(parcel.area)
    whole = union(areal_parts(np.asarray(shapely.intersection(np.array(layer, object), parcel), object)))
    rest, numbers = shapely.difference(parcel, whole), np.array(found.tolist())
    if (np.abs(numbers - geometric_facts(whole, rest)) <= [*[1e-5] * 6, 0, 0]).all():
        return
    table = np.array([geometric_facts(a, b) for a in _variants(whole) for b in _variants(rest)])
    rounding = np.array([HAIRLINE_M * parcel.length * 0.1 + 1e-6] * 6 + [0, 0])  # of opened and closed geometry
    least, greatest = table.min(axis=0) - rounding, table.max(axis=0) + rounding
    assert ((numbers >= least) & (numbers <= greatest)).all(), (numbers, least, greatest)


def _variants(shape: shapely.Geometry) -> Features:
    widths = [w for width in (1e-7, HAIRLINE_M / 3, HAIRLINE_M) for w in (-width, width)] if not shape.is_empty else []
    return [shape, *(shape.buffer(w, join_style="mitre").buffer(-w, join_style="mitre") for w in widths)]


@some
@given(parcel=polygons(), layer=st.lists(polygons(), min_size=1, max_size=5))
def test_the_covered_area_is_the_exact_one(parcel: shapely.Geometry, layer: Features) -> None:
    """What a layer covers of a parcel, overlapping features counted once, is what fractions say; with the rest it is the parcel."""
    found, exact = facts([parcel], layer)[0], exact_covered(parcel, layer)
    assert abs(found["inside_m2"] + found["inside_contact_m2"] - exact) <= slack(exact)
    both = found["inside_m2"] + found["inside_contact_m2"] + found["outside_m2"] + found["outside_contact_m2"]
    assert abs(both - parcel.area) <= slack(parcel.area)


@some
@given(parcel=polygons(drawn), layer=st.lists(polygons(drawn), min_size=1, max_size=5), tall=st.sampled_from([None, 0.1, 8.0]))
def test_patches_are_those_of_geometry(parcel: shapely.Geometry, layer: Features, tall: float | None) -> None:
    """How many patches, which are slivers, which mere contact: as shapely's union says, for tall parcels and for wide ones."""
    if tall is not None:
        parcel = shapely.affinity.scale(parcel, 1 / tall, tall)
    check(facts([parcel], layer)[0], parcel, layer)


@settings(max_examples=60)
@given(parcel=polygons(drawn), layer=st.lists(polygons(drawn), min_size=1, max_size=5))
def test_the_plain_kernel_finds_the_same_patches(parcel: shapely.Geometry, layer: Features) -> None:
    """With XYGIS_KERNEL=plain: the same areas; patches and slivers as geometry has them."""
    with plain_kernel():
        plain = facts([parcel], layer)[0]
    check(plain, parcel, layer)
    found = facts([parcel], layer)[0]
    for name in ("inside", "outside"):
        a, b = (f[f"{name}_m2"] + f[f"{name}_contact_m2"] for f in (found, plain))
        assert abs(a - b) <= slack(parcel.area)


@some
@given(parcel=polygons(drawn), layer=st.lists(polygons(drawn), min_size=1, max_size=4))
def test_far_from_the_origin_the_facts_are_the_same(parcel: shapely.Geometry, layer: Features) -> None:
    """In zone 37 with its prefix, counted from a whole kilometre: not one bit differs."""
    here, there = facts([parcel], layer), facts([parcel], layer, origin=(37_512_000.0, 3_545_000.0))
    assert here.tobytes() == there.tobytes()


CASES = {
    "a strip that covers the left third": ([box(0, 0, 100, 50)], [box(0, -100, 30, 200)], (1500, 0, 3500, 1)),
    "a strip that covers the upper part of a tall one": ([box(0, 0, 50, 100)], [box(-9, 60, 99, 999)], (2000, 0, 3000, 1)),
    "two strips with a gap": ([box(0, 0, 100, 50)], [box(-1, -9, 30, 99), box(60, -9, 999, 99)], (3500, 0, 1500, 2)),
    "two features side by side": ([box(0, 0, 100, 50)], [box(-1, -9, 30, 99), box(30, -9, 60, 99)], (3000, 0, 2000, 1)),
    "two features on each other": ([box(0, 0, 100, 50)], [box(-1, -9, 40, 99), box(30, -9, 60, 99)], (3000, 0, 2000, 1)),
    "the same feature twice": ([box(0, 0, 100, 50)], [box(-1, -9, 30, 99)] * 2, (1500, 0, 3500, 1)),
    "exactly the parcel": ([box(0, 0, 100, 50)], [box(0, 0, 100, 50)], (5000, 0, 0, 1)),
    "wholly covered": ([box(0, 0, 100, 50)], [box(-9, -9, 999, 999)], (5000, 0, 0, 1)),
    "wholly clear": ([box(0, 0, 100, 50)], [box(500, 500, 600, 600)], (0, 0, 5000, 0)),
    "touching along an edge": ([box(0, 0, 100, 50)], [box(100, 0, 200, 50), box(0, 50, 100, 90)], (0, 0, 5000, 0)),
    "in the layer's hole": ([box(40, 40, 50, 50)], [box(0, 0, 100, 100).difference(box(30, 30, 60, 60))], (0, 0, 100, 0)),
    "an island in the hole": (
        [box(30, 30, 60, 60)],
        [box(0, 0, 100, 100).difference(box(30, 30, 60, 60)), box(40, 40, 50, 50)],
        (100, 0, 800, 1),
    ),
    "a cross cut out of the middle": ([box(0, 0, 90, 90)], [box(30, -9, 60, 99), box(-9, 30, 99, 60)], (4500, 0, 3600, 1)),
    "corner to corner": ([box(0, 0, 20, 20)], [box(0, 0, 10, 10), box(10, 10, 20, 20)], (200, 0, 200, 2)),
    "a covered strip of ten centimetres": ([box(0, 0, 100, 0.1)], [box(-9, -9, 200, 200)], (10, 10, 0, 1)),
    "a clear strip of ten centimetres": ([box(0, 0, 100, 0.1)], [box(500, 500, 600, 600)], (0, 0, 10, 0)),
    "a parcel of two parts, both covered": ([MultiPolygon([box(0, 0, 9, 9), box(20, 0, 29, 9)])], [box(-9, -9, 99, 99)], (162, 0, 0, 2)),
    "a parcel with a hole, covered": ([box(0, 0, 90, 90).difference(box(30, 30, 60, 60))], [box(-9, -9, 99, 99)], (7200, 0, 0, 1)),
    "a parcel with a hole that the layer fills": ([box(0, 0, 90, 90).difference(box(30, 30, 60, 60))], [box(30, 30, 60, 60)], (0, 0, 7200, 0)),
}  # fmt: skip


@pytest.mark.parametrize("kernel", ["compiled", "plain"])
@pytest.mark.parametrize("case", CASES)
def test_cases_worked_out_on_paper(case: str, kernel: str) -> None:
    """Inside, of it slivers, outside, patches: as anybody can reckon."""
    parcels, layer, expected = CASES[case]
    if kernel == "plain":
        with plain_kernel():
            f = facts(parcels, layer)[0]
    else:
        f = facts(parcels, layer)[0]
    assert expected == pytest.approx((f["inside_m2"], f["inside_sliver_m2"], f["outside_m2"], f["inside_patches"]), abs=1e-6)


def test_a_spike_so_steep_that_its_crossings_fall_together() -> None:
    """A spike of a tenth of a millimetre through six borders of a flat parcel of 300 m: its 1.75 cm² are counted once each."""
    spike = Polygon([(0, 0), (10, 0), (10, 10), (5.00005, 10), (5, 50), (4.99995, 10), (0, 10)])
    ring = box(-135, 13.5, 165, 16.5).difference(box(-85, 14, 115, 16))
    f = facts([MultiPolygon([ring, box(-35, 14.5, 65, 15.5)])], [spike])[0]
    assert 1.75e-4 == pytest.approx(f["inside_contact_m2"], abs=1e-9) and 600 - 1.75e-4 == pytest.approx(f["outside_m2"], abs=1e-6)


def test_needles_have_their_exact_area() -> None:
    """Parcels and features that are needles, down to a nanometre: covered and left areas are exact, however steep."""
    rng = np.random.default_rng(1)
    for _ in range(300):
        parcel = (
            box(*(rng.random(2) * 20), *(25 + rng.random(2) * 40)) if rng.random() < 0.5 else needle(rng).buffer(2.0, join_style="mitre")
        )
        layer = [g for g in (needle(rng) for _ in range(4)) if g.is_valid]
        found, exact = facts([parcel], layer)[0], exact_covered(parcel, layer)
        assert abs(found["inside_m2"] + found["inside_contact_m2"] - exact) <= slack(exact)
        both = sum(found[name] for name in ("inside_m2", "inside_contact_m2", "outside_m2", "outside_contact_m2"))
        assert abs(both - parcel.area) <= slack(parcel.area)


def test_contact_has_no_area() -> None:
    """A strip of half a millimetre is contact: 0 m² inside, no patch, its raw area set apart. One of two millimetres is a sliver."""
    thin, thick = facts([box(0, 0, 100, 50)] * 2, [box(-9, 0, 0.0005, 50)])[0], facts([box(0, 0, 100, 50)], [box(-9, 0, 0.002, 50)])[0]
    assert (0.0, 0, 0) == (thin["inside_m2"], thin["inside_patches"], thin["inside_slivers"])
    assert 0.025 == pytest.approx(thin["inside_contact_m2"], abs=1e-9)
    assert 0.1 == pytest.approx(thick["inside_m2"], abs=1e-9) == pytest.approx(thick["inside_sliver_m2"], abs=1e-9)
    assert (1, 1) == (thick["inside_patches"], thick["inside_slivers"])


def ragged(seed: int) -> tuple[Features, Features]:
    """Parcels and features of a small town: sizes from 5 m to 500 m, holes, up to 2000 vertices, all over each other."""
    rng = np.random.default_rng(seed)

    def some(count: int, sizes: list[float], vertices: list[int]) -> Features:
        shapes = [star(rng, int(rng.choice(vertices)), float(rng.choice(sizes)), hole=bool(rng.random() < 0.3)) for _ in range(count)]
        return [shapely.affinity.translate(s, *(rng.random(2) * 800)) for s in shapes]

    parcels = some(40, [5.0, 60.0, 200.0], [4, 12, 60])
    pairs = [MultiPolygon([p, shapely.affinity.translate(p, 500, 30)]) for p in parcels[:8] if p.length < 1000]
    return [*parcels, *pairs], some(25, [30.0, 150.0, 500.0], [5, 40, 400, 2000])


@pytest.mark.parametrize("seed", range(3))
def test_ragged_parcels_in_a_layer_that_was_cut(seed: int) -> None:
    """A layer whose large features lie there in small pieces gives the facts of the whole features: seams are no borders."""
    parcels, layer = ragged(seed)
    found = facts(parcels, layer)
    for f, parcel in zip(found, parcels, strict=True):
        check(f, parcel, layer)


@needs_compiled
def test_the_plain_kernel_understands_pieces_that_the_compiled_one_cut() -> None:
    """A layer prepared with the compiled kernel, asked with the plain one: pieces that run back along their cuts mislead nobody."""
    parcels, layer = ragged(7)
    p, q = parcels_of(parcels), layer_of(layer)
    compiled, pairs = asking.patch_facts(p, q, TOLERANCES), asking.pairs(p, q)
    with plain_kernel():
        plain, plain_pairs = asking.patch_facts(p, q, TOLERANCES), asking.pairs(p, q)
    for name in ("inside_m2", "outside_m2"):
        assert (np.abs(compiled[name] - plain[name]) <= 1e-3).all()
    for k in range(len(p)):
        area = pairs[2][pairs[0] == k].sum()
        assert abs(area - plain_pairs[2][plain_pairs[0] == k].sum()) <= slack(area)


def test_threads_and_neighbours_change_no_bit() -> None:
    """One parcel alone, all by one thread, all by three: the same facts to the bit."""
    parcels, layer = ragged(11)
    parcels = parcels * 5
    whole = facts(parcels, layer, jobs=1)
    assert whole.tobytes() == facts(parcels, layer, jobs=3).tobytes()
    alone = [facts([parcel], layer)[0].tobytes() for parcel in parcels[:10]]
    assert alone == [f.tobytes() for f in whole[:10]]


def test_some_parcels_and_some_features() -> None:
    """`which`: only these parcels are asked, the others' facts are 0. `chosen`: only these pieces count."""
    parcels = [box(0, 0, 10, 10), box(20, 0, 30, 10), box(40, 0, 50, 10)]
    p, q = parcels_of(parcels), layer_of([box(0, 0, 50, 5), box(0, 5, 50, 8)])
    for _ in range(2):
        f = asking.patch_facts(p, q, TOLERANCES, which=np.array([2, 0]))
        assert [80.0, 0.0, 80.0] == pytest.approx(f["inside_m2"].tolist()) and [20.0, 0.0, 20.0] == pytest.approx(f["outside_m2"].tolist())
        f = asking.patch_facts(p, q, TOLERANCES, chosen=q.owner == 1)
        assert [30.0] * 3 == pytest.approx(f["inside_m2"].tolist())
        with plain_kernel():
            g = asking.patch_facts(p, q, TOLERANCES, which=np.array([2, 0]), chosen=q.owner == 1)
        assert [30.0, 0.0, 30.0] == pytest.approx(g["inside_m2"].tolist())
    none = asking.patch_facts(p, q, TOLERANCES, chosen=np.zeros(len(q), bool))
    assert [0.0] * 3 == none["inside_m2"].tolist() and [100.0] * 3 == none["outside_m2"].tolist()


def test_a_layer_without_features_leaves_everything() -> None:
    """Nothing covers nothing: the whole parcel is outside."""
    f = facts([box(0, 0, 10, 10), Polygon([(0, 0), (9, 0), (0, 9)])], [])
    assert [100.0, 40.5] == f["outside_m2"].tolist() and [0, 0] == f["inside_patches"].tolist()


def test_a_covering_made_of_many_tiles_is_one_patch() -> None:
    """A parcel of 1 km over 400 tiles that share every border: one patch, all of it, whatever the direction of the sweep."""
    tiles = [box(x, y, x + 50, y + 50) for x in range(0, 1000, 50) for y in range(0, 1000, 50)]
    for parcel in (box(3, 3, 997, 997), box(3, 3, 997, 400), box(3, 3, 400, 997), shapely.Point(500, 500).buffer(400)):
        f = facts([parcel], tiles)[0]
        assert (1, 0) == (f["inside_patches"], f["inside_slivers"]) and parcel.area == pytest.approx(f["inside_m2"], rel=1e-9)
        checked = facts([parcel], tiles[::2])[0]
        assert parcel.area == pytest.approx(checked["inside_m2"] + checked["outside_m2"], rel=1e-9)
