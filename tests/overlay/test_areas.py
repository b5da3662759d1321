"""Areas of overlap against shapely's, whatever order, direction or number the features of a layer come in."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely.geometry import Polygon, box

from tests.overlay.beds import Maker, at, reference_m2
from xygis.overlay.tolerances import CONTACT_M

quick = settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])

# A coarse grid makes shared edges, T-junctions, vertices on edges, touching corners and identical polygons likely; the odd
# fractions beside it make lines cross at points that no grid holds.
nasty = st.sampled_from([0.0, 10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 10.5, 33.333, 29.9995, 30.001, 0.1 + 0.2])


@st.composite
def shapes(draw: st.DrawFn) -> Polygon:
    """A box, a triangle, a quadrilateral, or one of them with a hole that may touch its shell; always with an area."""
    points = draw(st.lists(st.tuples(nasty, nasty), min_size=2, max_size=5, unique=True))
    if len(points) == 2:
        (x0, y0), (x1, y1) = points
        polygon = box(min(x0, x1), min(y0, y1), max(x0, x1) + 10.0, max(y0, y1) + 10.0)
        if draw(st.booleans()):
            polygon = polygon.difference(box(min(x0, x1), min(y0, y1) + 2.5, min(x0, x1) + 5.0, min(y0, y1) + 5.0))
        return polygon
    hull = shapely.convex_hull(shapely.MultiPoint(points))
    if hull.geom_type != "Polygon" or hull.area < 1e-3:
        return box(points[0][0], points[0][1], points[0][0] + 20.0, points[0][1] + 20.0)
    inner = shapely.transform(hull, lambda c: (c - c[0]) * 0.5 + c[0])  # shares a corner with the shell
    return hull.difference(inner) if draw(st.booleans()) else hull


layers = st.lists(shapes(), min_size=1, max_size=7)


def slack(area: float) -> float:
    """What issue 2 allows, and the contact that the tolerance sets to 0."""
    return 1e-6 + 1e-9 * area


@quick
@given(parcel=shapes(), features=layers)
def test_overlap_and_outside_equal_shapely_s(lay: Maker, parcel: Polygon, features: list[Polygon]) -> None:
    """Overlap, outside and share equal those of a union by shapely to 1e-6 m² and 1e-9; they add up to the parcel."""
    m = lay(features).ask(at(parcel))
    # The reference is taken near 0, where doubles are fine: at real northings shapely's union moves a border by 5e-8 m at times.
    expected = reference_m2(parcel, features)
    assert m.overlap_m2 is not None
    assert m.contact_m2 is not None
    rest = CONTACT_M * parcel.length if m.outside_m2 == 0.0 else 0.0  # a rest that is contact counts as covered
    assert expected == pytest.approx(m.overlap_m2 + m.contact_m2, abs=slack(expected) + rest)
    assert m.contact_m2 <= CONTACT_M * parcel.length  # nothing but contact is set to 0
    assert m.outside_m2 is not None
    assert m.overlap_share is not None
    assert parcel.area == pytest.approx(m.overlap_m2 + m.outside_m2, abs=CONTACT_M * parcel.length)
    assert m.overlap_m2 / parcel.area == pytest.approx(m.overlap_share, abs=1e-8)
    assert 0.0 <= m.overlap_share <= 1.0
    assert m.overlap_m2 == pytest.approx(math.fsum(p.area_m2 for p in m.pieces), abs=1e-9 + rest)


def _moved(features: list[Polygon]) -> list[shapely.Geometry]:
    return features[::-1]


def _reversed(features: list[Polygon]) -> list[shapely.Geometry]:
    return [shapely.reverse(f) for f in features]


def _started_elsewhere(features: list[Polygon]) -> list[shapely.Geometry]:
    out = []
    for f in features:
        for p in shapely.get_parts(f):
            ring = np.array(p.exterior.coords)
            out.append(Polygon(np.vstack([ring[2:-1], ring[:3]]), [np.array(r.coords) for r in p.interiors]))
    return out


def _duplicated(features: list[Polygon]) -> list[shapely.Geometry]:
    return [*features, *features, features[0]]


def _split(features: list[Polygon]) -> list[shapely.Geometry]:
    west, east = box(-100, -100, 30, 200), box(30, -100, 300, 200)
    halves = [shapely.intersection(f, side) for f in features for side in (west, east)]
    return [p for h in halves for p in shapely.get_parts(h) if p.geom_type == "Polygon" and p.area > 0]


def _joined(features: list[Polygon]) -> list[shapely.Geometry]:
    """All in one multipolygon, which is then invalid where they overlap."""
    return [shapely.MultiPolygon([p for f in features for p in shapely.get_parts(f)])]


def _collected(features: list[Polygon]) -> list[shapely.Geometry]:
    return [shapely.GeometryCollection([*features, shapely.Point(0, 0), shapely.LineString([(0, 0), (60, 60)])])]


CHANGES: list[Callable[[list[Polygon]], list[shapely.Geometry]]] = [
    *(_moved, _reversed, _started_elsewhere, _duplicated, _split, _joined, _collected)
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda f: f.__name__.strip("_"))
def test_the_same_place_gives_the_same_area(lay: Maker, change: Callable[[list[Polygon]], list[shapely.Geometry]]) -> None:
    """Reordering, reversing, starting elsewhere, duplicating, splitting or joining a layer's features changes no area."""

    @settings(max_examples=20, deadline=None, derandomize=True)
    @given(parcel=shapes(), features=layers)
    def holds(parcel: Polygon, features: list[Polygon]) -> None:
        before = lay(features).ask(at(parcel))
        after = lay(change(features)).ask(at(parcel))
        assert before.state == after.state
        # what is contact hangs on how pieces connect; it may move from one side to the other, and is known
        contact = before.contact_m2 + after.contact_m2
        assert before.overlap_m2 == pytest.approx(after.overlap_m2, abs=slack(parcel.area) + contact)
        assert before.outside_m2 == pytest.approx(after.outside_m2, abs=CONTACT_M * parcel.length)
        assert abs(before.patches - after.patches) <= 1  # two patches may hang together by the rounding of one point
        assert sum(h.overlap_m2 for h in after.features) >= after.overlap_m2 - CONTACT_M * parcel.length
        assert bool(after.features) == (after.overlap_m2 > 0)
        assert all(h.overlap_m2 <= after.overlap_m2 + slack(parcel.area) for h in after.features)

    holds()


def test_what_two_features_share_counts_once(lay: Maker) -> None:
    """Two features of 5000 m² that share 2500 m²: 7500 m², not 10 000 (PITFALLS P12)."""
    m = lay([box(0, 0, 100, 50), box(0, 25, 100, 75)]).ask(at(box(0, 0, 100, 100)))
    assert pytest.approx(m.overlap_m2, abs=1e-6) == 7500.0
    assert pytest.approx(m.outside_m2, abs=1e-6) == 2500.0
    assert pytest.approx([h.overlap_m2 for h in m.features], abs=1e-6) == [5000.0, 5000.0]


def test_an_exact_duplicate_counts_once(lay: Maker) -> None:
    """A feature that lies in the layer twice: 5000 m², share one half, both named (PITFALLS P12)."""
    m = lay([box(0, 0, 100, 50)] * 2, BSM=["a", "b"]).ask(at(box(0, 0, 100, 100)))
    assert pytest.approx(m.overlap_m2, abs=1e-6) == 5000.0
    assert pytest.approx(m.overlap_share, abs=1e-12) == 0.5
    assert [h.id for h in m.features] == ["a", "b"]


def test_a_feature_s_own_overlap_counts_once(lay: Maker) -> None:
    """A feature whose own parts overlap hits with 7500 m², not 10 000: as a collection, and as a multipolygon that needs repair."""
    parts = [box(0, 0, 100, 50), box(0, 25, 100, 75)]
    for feature in (shapely.GeometryCollection(parts), shapely.MultiPolygon(parts)):
        m = lay([feature]).ask(at(box(0, 0, 100, 100)))
        assert pytest.approx(m.overlap_m2, abs=1e-6) == 7500.0
        assert pytest.approx([h.overlap_m2 for h in m.features], abs=1e-6) == [7500.0]


def test_the_areal_part_of_a_mixed_result_is_kept(lay: Maker) -> None:
    """Polygon plus shared edge: 100 m² kept (PITFALLS P13)."""
    u = Polygon([(0, 0), (10, 0), (10, 10), (20, 10), (20, -10), (0, -10)])
    m = lay([u]).ask(at(box(0, 0, 20, 10).union(box(10, -10, 20, 0)).difference(box(10, 0, 20, 10)).buffer(0)))
    assert pytest.approx(m.overlap_m2, abs=1e-6) == 100.0 + 0.0


def test_the_areal_part_of_a_collection_is_kept(lay: Maker) -> None:
    """A layer feature that is a collection, even one inside another, keeps its areal part (PITFALLS P13)."""
    inner = shapely.GeometryCollection([box(0, 0, 10, 10), shapely.Point(5, 5)])
    nested = shapely.GeometryCollection([shapely.LineString([(0, 0), (9, 9)]), inner, shapely.MultiPolygon([box(20, 0, 30, 10)])])
    m = lay([nested]).ask(at(box(0, 0, 100, 100)))
    assert pytest.approx(m.overlap_m2, abs=1e-6) == 200.0
    assert len(m.features) == 1


def test_a_bow_tie_keeps_both_lobes_and_says_so(lay: Maker) -> None:
    """A self-crossing statutory polygon counts with both lobes, 5000 m², with place and areas in its record (PITFALLS P14, P15)."""
    bed = lay([Polygon([(0, 0), (100, 100), (100, 0), (0, 100)])])
    assert pytest.approx(bed.ask(at(box(0, 0, 100, 100))).overlap_m2, abs=1e-6) == 5000.0
    (repair,) = bed.prepared.repairs
    assert "第 1 个要素" in repair
    assert "500050" in repair
    assert "5,000.00 m²" in repair


def test_hundred_small_hits_are_one_sum(lay: Maker) -> None:
    """100 hits of 1 m²: 100 m² (PITFALLS P31)."""
    m = lay([box(3 * i, 3 * j, 3 * i + 1, 3 * j + 1) for i in range(10) for j in range(10)]).ask(at(box(-5, -5, 50, 50)))
    assert pytest.approx(m.overlap_m2, abs=1e-6) == 100.0
    assert 100 == len(m.features) == m.patches


def _seconds(work: Callable[[], object]) -> float:
    """Processor time of the quicker of two runs."""
    times = []
    for _ in range(2):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def test_six_thousand_features_are_all_counted(lay: Maker) -> None:
    """6000 features hit: 6000 counted, area complete, and the time grows no faster than the features do (PITFALLS P9)."""
    bed = lay([box(10 * i, 10 * j, 10 * i + 8, 10 * j + 8) for i in range(100) for j in range(60)])
    few, many = at(box(-1, -1, 1000, 99)), at(box(-1, -1, 1000, 600))
    m = bed.ask(many)
    assert 6000 == len(m.features) == m.patches
    assert pytest.approx(m.overlap_m2, abs=1e-4) == 6000 * 64.0
    assert _seconds(lambda: bed.ask(many)) < 18 * _seconds(lambda: bed.ask(few))  # six times the features


def test_hundreds_of_features_on_one_spot_count_it_once(lay: Maker) -> None:
    """A parcel of 800 points under 300 stacked features: each place counted once, and not by cutting every pair."""
    bed = lay([shapely.Point(0, 0).buffer(150 + i / 100, quad_segs=50) for i in range(300)])
    one = lay([shapely.Point(0, 0).buffer(150, quad_segs=50)])
    parcel = at(shapely.Point(0, 0).buffer(100, quad_segs=200))
    m = bed.ask(parcel)
    assert len(m.features) == 300
    assert parcel.area == pytest.approx(m.overlap_m2, rel=1e-9)
    assert m.overlap_share == 1.0
    assert _seconds(lambda: bed.ask(parcel)) < 3000 * _seconds(lambda: one.ask(parcel))  # pairs would be 45,000


def test_both_zones_are_measured_not_the_first(lay: Maker) -> None:
    """A parcel in the core and in the control zone: both parts measured, their sum the parcel's overlap with both (PITFALLS P10)."""
    from xygis.atlas.law import Selection

    core, control = (Selection(layer="zones", where=(("zone", (z,)),)) for z in ("核心区", "控制区"))
    bed = lay([box(0, 0, 50, 100), box(50, 0, 120, 100)], GHFQDM=["核心区", "控制区"])
    m = bed.ask(at(box(0, 0, 100, 100)), core, control)
    areas = [p.overlap_m2 for s in (core, control) if (p := m.part(s)) is not None]
    assert pytest.approx(areas, abs=1e-6) == [5000.0, 5000.0]
    assert sum(areas) == pytest.approx(m.overlap_m2, abs=1e-6)


@quick
@given(a=shapes(), b=shapes())
def test_a_parcel_is_its_overlap_and_the_rest(lay: Maker, a: Polygon, b: Polygon) -> None:
    """area(A) = area(A ∩ B) + area(A − B), and A ∩ B = B ∩ A (PITFALLS P18)."""
    there, back = lay([b]).ask(at(a)), lay([a]).ask(at(b))
    assert a.area == pytest.approx(there.overlap_m2 + there.outside_m2, abs=CONTACT_M * a.length)
    assert there.overlap_m2 == pytest.approx(back.overlap_m2, abs=slack(a.area))


def test_parcel_minus_narrow_neighbours(lay: Maker) -> None:
    """Forty strips 2 mm to 10 cm wide across a parcel leave parcel area minus strip area, never nothing (PITFALLS P18)."""
    widths = np.linspace(0.002, 0.1, 40)
    strips = [shapely.transform(box(-5, 5 * i, 205, 5 * i + w), lambda c: c @ [[1, 0.013], [-0.007, 1]]) for i, w in enumerate(widths)]
    parcel = box(0, -10, 200, 220)
    m = lay(strips).ask(at(parcel))
    expected = math.fsum(shapely.intersection(s, parcel).area for s in strips)
    assert expected == pytest.approx(m.overlap_m2, abs=1e-5)
    assert parcel.area - expected == pytest.approx(m.outside_m2, abs=1e-4)
    assert m.sliver_count == 40
