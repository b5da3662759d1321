"""Layer against layer, on squares whose areas anybody can work out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
import shapely
import shapely.affinity
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.overlay.beds import declare
from xygis.atlas.law import Selection
from xygis.geodesy.plane import Plane
from xygis.overlay.counties import OUTSIDE, Counties, counties_of
from xygis.overlay.dissolve import dissolve
from xygis.overlay.ground import Ground, lay_out
from xygis.overlay.laying_out import Parts, lay_pieces
from xygis.overlay.pairing import Places, Side, difference, overlap, patches, without
from xygis.overlay.prepared import PreparedLayer, attribute_rows
from xygis.overlay.rings import rings_of
from xygis.overlay.tiles import cut_large

box = shapely.box
PLANE = Plane("EPSG:4525")
AT = (37_500_000.0, 3_500_000.0)  # somewhere in zone 37, so that degrees make sense


def layer(*geometry: shapely.Geometry, rows: Sequence[dict[str, object]] = ()) -> PreparedLayer:
    """A prepared layer straight in the plane, moved to a place on earth."""
    moved = shapely.transform(np.array(geometry, object), lambda c: c + AT) if geometry else np.zeros(0, object)
    parts, owner = shapely.get_parts(moved, return_index=True)
    laid = lay_pieces(Parts(rings=(rings_of(parts, owner),), origin=np.zeros(2)))
    names = ("id", "name", "class", "zone", "county_code", "county_name")
    values = [*rows, *({"id": str(i + 1)} for i in range(len(rows), len(geometry)))]
    blobs = attribute_rows([tuple(v.get(n) for n in names) for v in values])
    return PreparedLayer(
        layer=declare(None, layer_id="layer"),
        source_sha256="",
        features=len(geometry),
        repairs=(),
        columns=names,
        origin=np.zeros(2),
        xy=laid.pieces.xy,
        ring_offsets=laid.pieces.ring_offsets,
        part_first=laid.part_first,
        part_last=laid.part_last,
        owner=owner.astype(np.int64),
        bounds=laid.part_bounds,
        piece_first=laid.pieces.first,
        piece_last=laid.pieces.last,
        piece_part=laid.pieces.owner,
        piece_bounds=laid.pieces.bounds,
        piece_area=laid.pieces.area,
        level1=laid.pieces.level1,
        level2=laid.pieces.level2,
        doubled=np.zeros((0, 2), np.int64),
        cover_first=np.zeros(0, np.int64),
        cover_last=np.zeros(0, np.int64),
        cover_bounds=np.zeros((0, 4)),
        cover_area=np.zeros(0),
        cover_level1=np.zeros((0, 4)),
        cover_level2=np.zeros((0, 4)),
        attribute_offsets=np.r_[0, np.cumsum([len(b) for b in blobs])].astype(np.int64),
        attribute_bytes=np.frombuffer(b"".join(blobs), np.uint8),
    )


EAST_WEST = layer(
    box(-1000, -1000, 50, 1000),
    box(50, -1000, 1000, 1000),
    rows=[{"county_code": "2", "county_name": "西县"}, {"county_code": "1", "county_name": "东县"}],
)
COUNTIES = counties_of(EAST_WEST)


def ground(*geometry: shapely.Geometry, rows: Sequence[dict[str, object]] = (), counties: Counties = COUNTIES) -> Ground:
    return lay_out(layer(*geometry, rows=rows), counties)


def whole(g: Ground) -> Side:
    return Side(ground=g, chosen=np.ones(len(g.parts), bool))


def cut(places: Places, a: Ground, b: Ground, counties: Counties = COUNTIES) -> dict[str, float]:
    """Area of the patches by county name."""
    found: dict[str, float] = {}
    for p in patches(places, a, b, counties, PLANE):
        found[counties.names[p.county]] = found.get(counties.names[p.county], 0.0) + p.area_m2
    return found


def test_overlap_of_two_squares_is_split_at_the_county_border() -> None:
    """Squares of 100 m, one 30 m further east: 70 × 100 m overlap, of which 20 m lie west of the border at 50 m."""
    a, b = ground(box(0, 0, 100, 100)), ground(box(30, 0, 130, 100))
    places = overlap(whole(a), whole(b))
    assert places.total_m2 == pytest.approx(7000)
    assert cut(places, a, b) == pytest.approx({"西县": 2000, "东县": 5000})


def test_features_that_lie_on_each_other_are_counted_once() -> None:
    """Two features that share 2500 m²: 7500 m², not 10 000; an exact duplicate adds nothing (P12)."""
    halves = ground(box(0, 0, 50, 100), box(25, 0, 75, 100))
    twice = ground(box(0, 0, 50, 100), box(0, 0, 50, 100))
    b = ground(box(-10, -10, 200, 200))
    assert overlap(whole(halves), whole(b)).total_m2 == pytest.approx(7500)
    assert halves.areas_m2(np.ones(2, bool)).sum() == pytest.approx(7500)
    assert overlap(whole(twice), whole(b)).total_m2 == pytest.approx(5000)
    assert twice.areas_m2(np.ones(2, bool)).sum() == pytest.approx(5000)
    assert [d.area_m2 for d in halves.doubled] == pytest.approx([2500])


def test_a_feature_inside_another_is_seen_to_lie_on_it() -> None:
    """A square of 20 m inside one of 100 m, and a third that only touches: 400 m² lie double, the union is 20 000 m²."""
    g = ground(box(0, 0, 100, 100), box(40, 40, 60, 60), box(100, 0, 200, 100))
    assert [d.parts for d in g.doubled] == [(0, 1)] and g.doubled[0].area_m2 == pytest.approx(400)
    assert g.areas_m2(np.ones(3, bool)).sum() == pytest.approx(20_000)


def test_neighbours_make_one_patch_that_names_them_all() -> None:
    """Two fields side by side under one zone are one patch of 200 m² with both ids."""
    a = ground(box(0, 0, 10, 10), box(10, 0, 20, 10), rows=[{"id": "甲", "class": "0101"}, {"id": "乙", "class": "0102"}])
    b = ground(box(-5, -5, 30, 30), rows=[{"id": "区", "zone": "集中建设区"}])
    [patch] = patches(overlap(whole(a), whole(b)), a, b, COUNTIES, PLANE)
    assert [r.id for r in patch.a] == ["甲", "乙"]
    assert [(r.id, r.zone) for r in patch.b] == [("区", "集中建设区")]
    assert patch.area_m2 == pytest.approx(200)


def test_patches_that_meet_in_a_point_stay_two() -> None:
    """Two squares corner to corner are two patches."""
    a, b = ground(box(0, 0, 10, 10), box(10, 10, 20, 20)), ground(box(-5, -5, 30, 30))
    assert len(overlap(whole(a), whole(b)).area_m2) == 2


def test_slivers_stand_apart_and_contact_falls_away() -> None:
    """A strip of 0.1 × 100 m is suspected boundary error; one of 0.0005 m is contact: 0 m², its raw area in the trace."""
    b = ground(box(0, 0, 100, 100))
    thin = overlap(whole(ground(box(-50, 0, 0.1, 100))), whole(b))
    assert thin.total_m2 == pytest.approx(10) and thin.sliver.tolist() == [True]
    touch = overlap(whole(ground(box(-50, 0, 0.0005, 100))), whole(b))
    assert touch.total_m2 == 0.0 and touch.contact_m2 == pytest.approx(0.05, rel=1e-5)
    small = overlap(whole(ground(box(-50, 0, 0.9, 1))), whole(b))
    assert small.sliver.tolist() == [True], "0.9 m² is under 1 m²"


def test_a_county_border_makes_no_slivers() -> None:
    """A real patch of which 5 cm reach into the next county is real on both sides."""
    a, b = ground(box(0, 0, 50.05, 100)), ground(box(-10, -10, 200, 200))
    found = patches(overlap(whole(a), whole(b)), a, b, COUNTIES, PLANE)
    assert sorted(p.area_m2 for p in found) == pytest.approx([5, 5000])
    assert not any(p.sliver for p in found)


def test_what_lies_in_no_county_is_kept_under_its_own_name() -> None:
    """A patch that reaches 100 m beyond the last county: that part counts as 市域外, and the parts add up (P44)."""
    a, b = ground(box(900, 0, 1100, 100)), ground(box(0, 0, 2000, 100))
    places = overlap(whole(a), whole(b))
    assert cut(places, a, b) == pytest.approx({"东县": 10_000, OUTSIDE: 10_000})
    assert whole(a).areas_m2().tolist() == pytest.approx([10_000, 0, 10_000]) and COUNTIES.codes == ("1", "2", None)


def test_counties_that_claim_the_same_place_share_it_out() -> None:
    """Counties drawn 20 m over each other: the patch is still counted once."""
    counties = counties_of(layer(box(0, 0, 60, 100), box(40, 0, 100, 100), rows=[{"county_code": "1"}, {"county_code": "2"}]))
    a = ground(box(0, 0, 100, 100), counties=counties)
    assert whole(a).areas_m2().tolist() == pytest.approx([6000, 4000, 0])


def test_without_counties_everything_stands_under_one_entry() -> None:
    """No counties layer: the areas are right, undivided."""
    counties = counties_of(None)
    a = ground(box(0, 0, 10, 10), counties=counties)
    assert counties.codes == (None,) and whole(a).areas_m2().tolist() == [pytest.approx(100)]


def test_difference_is_what_reaches_outside() -> None:
    """100 m of a square, less the 70 m that two overlapping zones cover: 30 × 100 m."""
    a, b = ground(box(0, 0, 100, 100)), ground(box(30, 0, 80, 100), box(60, -10, 300, 110))
    places = difference(whole(a), whole(b))
    assert places.total_m2 == pytest.approx(3000)
    [patch] = patches(places, a, b, COUNTIES, PLANE)
    assert patch.b == () and [r.id for r in patch.a] == ["1"]


def test_difference_is_not_known_where_the_other_layer_is_not_complete() -> None:
    """Only the part of the difference inside the other layer's extent counts."""
    a, b = ground(box(0, 0, 100, 100)), ground(box(30, 0, 200, 100))
    extent = shapely.transform(box(10, -50, 500, 500), lambda c: c + AT)
    assert difference(whole(a), whole(b), extent).total_m2 == pytest.approx(2000)


def test_a_place_claimed_by_a_worse_rule_is_left_out() -> None:
    """The core zone has the 20 m that it covers, the general rule the rest."""
    a, b = ground(box(0, 0, 100, 100)), ground(box(0, 0, 20, 100), box(0, 0, 60, 100))
    core = overlap(whole(a), Side(ground=b, chosen=np.array([True, False])))
    rest = without(overlap(whole(a), whole(b)), [core])
    assert [core.total_m2, rest.total_m2] == pytest.approx([2000, 4000])
    assert without(overlap(whole(a), whole(b)), []).total_m2 == pytest.approx(6000)


def test_unknown_attributes_are_possible_but_not_sure() -> None:
    """A feature without a zone is neither in nor out."""
    g = ground(*[box(i, 0, i + 1, 1) for i in range(3)], rows=[{"zone": "核心保护区"}, {"zone": None}, {"zone": "一般控制区"}])
    sure, possible = g.chosen(Selection(layer="layer", where=(("zone", ("核心保护区",)),)))
    assert (sure.tolist(), possible.tolist()) == ([True, False, False], [True, True, False])


def test_cutting_a_large_polygon_changes_no_area() -> None:
    """A disc of 4000 vertices with a hole, in tiles of at most 256: same area, same union."""
    disc = shapely.Point(0, 0).buffer(1000, quad_segs=1000).difference(box(-100, -300, 200, 50))
    tiles, owner = cut_large(np.array([box(0, 0, 1, 1), disc], object))
    assert shapely.get_num_coordinates(tiles).max() <= 256 and (owner == 0).sum() == 1
    assert shapely.area(tiles[owner == 1]).sum() == pytest.approx(disc.area, rel=1e-12)
    joined, _ = dissolve(tiles[owner == 1])
    assert len(joined) == 1 and joined[0].symmetric_difference(disc).area < 1e-6


boxes = st.lists(
    st.tuples(st.integers(-200, 200), st.integers(-200, 200), st.integers(1, 150), st.integers(1, 150), st.sampled_from([0, 17, 45])),
    min_size=1,
    max_size=6,
)


def drawn(rows: list[tuple[int, int, int, int, int]]) -> list[shapely.Geometry]:
    return [shapely.affinity.rotate(box(x, y, x + w, y + h), turn) for x, y, w, h, turn in rows]


@settings(max_examples=60, deadline=None)
@given(boxes, boxes)
def test_overlap_and_difference_close(left: list[tuple[int, int, int, int, int]], right: list[tuple[int, int, int, int, int]]) -> None:
    """Overlap is the intersection of the unions; with the difference it makes the whole; counties add up."""
    a, b = ground(*drawn(left)), ground(*drawn(right))
    common, rest = overlap(whole(a), whole(b)), difference(whole(a), whole(b))
    union_a, union_b = shapely.union_all(a.parts), shapely.union_all(b.parts)
    assert common.total_m2 == pytest.approx(union_a.intersection(union_b).area, rel=1e-9, abs=1e-3)
    assert common.total_m2 + rest.total_m2 == pytest.approx(union_a.area, rel=1e-6)
    assert whole(a).areas_m2().sum() == pytest.approx(union_a.area, rel=1e-9)
    for places in (common, rest):
        found = patches(places, a, b, COUNTIES, PLANE)
        assert sum(p.area_m2 for p in found) == pytest.approx(places.total_m2, rel=1e-9, abs=1e-6)
