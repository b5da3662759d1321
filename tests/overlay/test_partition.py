"""Layers laid over one another, on squares whose areas anybody can work out."""

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
from xygis.overlay import partition as partitions
from xygis.overlay.counties import OUTSIDE, Counties, counties_of
from xygis.overlay.cover import doubled_parts
from xygis.overlay.dissolve import dissolve
from xygis.overlay.ground import Ground, lay_out
from xygis.overlay.laying_out import Parts, lay_pieces
from xygis.overlay.partition import GAP, Partition, partition
from xygis.overlay.places import Places, patches, places
from xygis.overlay.prepared import PreparedLayer, attribute_rows
from xygis.overlay.rings import rings_of
from xygis.overlay.tiles import cut_large

box = shapely.box
PLANE = Plane("EPSG:4525")
AT = (37_500_000.0, 3_500_000.0)  # somewhere in zone 37, so that degrees make sense


def layer(*geometry: shapely.Geometry, rows: Sequence[dict[str, object]] = (), name: str = "layer") -> PreparedLayer:
    """A prepared layer straight in the plane, moved to a place on earth."""
    moved = shapely.transform(np.array(geometry, object), lambda c: c + AT) if geometry else np.zeros(0, object)
    parts, owner = shapely.get_parts(moved, return_index=True)
    parts = shapely.orient_polygons(parts) if len(parts) else parts  # as preparation leaves them
    laid = lay_pieces(Parts(rings=(rings_of(parts, owner),), origin=np.zeros(2)))
    names = ("id", "name", "class", "zone", "county_code", "county_name")
    values = [*rows, *({"id": str(i + 1)} for i in range(len(rows), len(geometry)))]
    blobs = attribute_rows([tuple(v.get(n) for n in names) for v in values])
    return PreparedLayer(
        layer=declare(None, layer_id=name),
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
        doubled=doubled_parts(laid.pieces),
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


def ground(*geometry: shapely.Geometry, rows: Sequence[dict[str, object]] = (), counties: Counties = COUNTIES, name: str = "a") -> Ground:
    return lay_out(layer(*geometry, rows=rows, name=name), counties)


def second(*geometry: shapely.Geometry, rows: Sequence[dict[str, object]] = ()) -> Ground:
    return ground(*geometry, rows=rows, name="b")


def laid(*grounds: Ground, counties: Counties = COUNTIES, tile_m: float = 2000.0, jobs: int | None = None) -> Partition:
    return partition([g.disjoint for g in grounds], counties, tile_m=tile_m, jobs=jobs)


def both(cells: Partition) -> Places:
    """Where there is something of every layer."""
    return places(cells, np.flatnonzero((cells.stack != GAP).all(axis=1)))


def only_a(cells: Partition) -> Places:
    return places(cells, np.flatnonzero((cells.column("a") != GAP) & (cells.column("b") == GAP)))


def covered(cells: Partition, name: str) -> list[float]:
    return cells.by_county(cells.column(name) != GAP).tolist()


def cut(found: Places, cells: Partition, a: Ground, b: Ground | None) -> dict[str, float]:
    """Area of the patches by county name."""
    areas: dict[str, float] = {}
    for p in patches(found, cells, a, b, PLANE):
        name = cells.counties.names[p.county]
        areas[name] = areas.get(name, 0.0) + p.area_m2
    return areas


def test_overlap_of_two_squares_is_split_at_the_county_border() -> None:
    """Squares of 100 m, one 30 m further east: 70 × 100 m overlap, of which 20 m lie west of the border at 50 m."""
    a, b = ground(box(0, 0, 100, 100)), second(box(30, 0, 130, 100))
    cells = laid(a, b)
    assert both(cells).total_m2 == pytest.approx(7000)
    assert cut(both(cells), cells, a, b) == pytest.approx({"西县": 2000, "东县": 5000})


def test_every_place_is_in_one_cell_and_gaps_are_cells() -> None:
    """The counties are 2000 × 2000 m: the squares, what both cover, and 3 987 000 m² that no layer covers."""
    cells = laid(ground(box(0, 0, 100, 100)), second(box(30, 0, 130, 100)))
    here = {(a >= 0, b >= 0): 0.0 for a, b in cells.stack.tolist()}
    for (a, b), area in zip(cells.stack.tolist(), cells.area_m2.tolist(), strict=True):
        here[a >= 0, b >= 0] += area
    assert here == pytest.approx({(True, False): 3000, (True, True): 7000, (False, True): 3000, (False, False): 3_987_000})
    assert cells.by_county(np.ones(len(cells), bool)).tolist() == pytest.approx([1_900_000, 2_100_000, 0])


def test_features_that_lie_on_each_other_are_a_place_of_both() -> None:
    """Two features that share 2500 m²: 7500 m², not 10 000, and one place is of both; an exact duplicate adds nothing (P12)."""
    halves, twice = ground(box(0, 0, 50, 100), box(25, 0, 75, 100)), ground(box(0, 0, 50, 100), box(0, 0, 50, 100))
    b = second(box(-10, -10, 200, 200))
    cells = laid(halves, b)
    assert both(cells).total_m2 == pytest.approx(7500) and sum(covered(cells, "a")) == pytest.approx(7500)
    assert halves.disjoint.together == ((0, 1),) and halves.disjoint.features_in(2) == (0, 1)
    assert cells.area_m2[cells.column("a") == 2].sum() == pytest.approx(2500)
    assert both(laid(twice, b)).total_m2 == pytest.approx(5000) and sum(covered(laid(twice, b), "a")) == pytest.approx(5000)


def test_contact_inside_a_layer_is_no_place_of_both() -> None:
    """Neighbours drawn 0.0005 m over each other: the strip is the first one's, counted once."""
    a = ground(box(0, 0, 50, 100), box(49.9995, 0, 100, 100))
    assert a.disjoint.together == () and a.disjoint.polygons.area_m2.sum() == pytest.approx(10_000, abs=1e-6)
    cells = laid(a, second(box(-10, -10, 200, 200)))
    assert cells.area_m2[cells.column("a") == 0].sum() == pytest.approx(5000, abs=1e-4)


def test_a_feature_inside_another_is_seen_to_lie_on_it() -> None:
    """A square of 20 m inside one of 100 m, and a third that only touches: 400 m² lie double, the union is 20 000 m²."""
    g = ground(box(0, 0, 100, 100), box(40, 40, 60, 60), box(100, 0, 200, 100))
    cells = laid(g)
    assert g.disjoint.together == ((0, 1),) and cells.area_m2[cells.column("a") == 3].sum() == pytest.approx(400)
    assert sum(covered(cells, "a")) == pytest.approx(20_000)


def test_neighbours_make_one_patch_that_names_them_all() -> None:
    """Two fields side by side under one zone are one patch of 200 m² with both ids."""
    a = ground(box(0, 0, 10, 10), box(10, 0, 20, 10), rows=[{"id": "甲", "class": "0101"}, {"id": "乙", "class": "0102"}])
    b = second(box(-5, -5, 30, 30), rows=[{"id": "区", "zone": "集中建设区"}])
    cells = laid(a, b)
    [patch] = patches(both(cells), cells, a, b, PLANE)
    assert [r.id for r in patch.a] == ["甲", "乙"]
    assert [(r.id, r.zone) for r in patch.b] == [("区", "集中建设区")]
    assert patch.area_m2 == pytest.approx(200)


def test_patches_that_meet_in_a_point_stay_two() -> None:
    """Two squares corner to corner are two patches."""
    assert len(both(laid(ground(box(0, 0, 10, 10), box(10, 10, 20, 20)), second(box(-5, -5, 30, 30)))).area_m2) == 2


def test_a_place_that_other_layers_cut_up_stays_one() -> None:
    """A third layer of slanting strips divides the cells, not the patch: 7000 m², one place."""
    strips = [shapely.affinity.rotate(box(x, -400, x + 7, 500), 31, origin=(50, 50)) for x in range(-300, 400, 7)]
    cells = laid(ground(box(0, 0, 100, 100)), second(box(30, 0, 130, 100)), ground(*strips, name="c"))
    assert len(cells) > 30
    found = both(cells)
    assert found.area_m2.tolist() == [pytest.approx(7000)]


def test_slivers_stand_apart_and_contact_falls_away() -> None:
    """A strip of 0.1 × 100 m is suspected boundary error; one of 0.0005 m is contact: 0 m², its raw area in the trace."""
    b = second(box(0, 0, 100, 100))
    thin = both(laid(ground(box(-50, 0, 0.1, 100)), b))
    assert thin.total_m2 == pytest.approx(10) and thin.sliver.tolist() == [True]
    touch = both(laid(ground(box(-50, 0, 0.0005, 100)), b))
    assert touch.total_m2 == 0.0 and touch.contact_m2 == pytest.approx(0.05, rel=1e-4)
    small = both(laid(ground(box(-50, 0, 0.9, 1)), b))
    assert small.sliver.tolist() == [True], "0.9 m² is under 1 m²"


def test_a_county_border_makes_no_slivers() -> None:
    """A real patch of which 5 cm reach into the next county is real on both sides."""
    a, b = ground(box(0, 0, 50.05, 100)), second(box(-10, -10, 200, 200))
    cells = laid(a, b)
    found = patches(both(cells), cells, a, b, PLANE)
    assert sorted(p.area_m2 for p in found) == pytest.approx([5, 5000])
    assert not any(p.sliver for p in found)


def test_what_lies_in_no_county_is_kept_under_its_own_name() -> None:
    """A patch that reaches 100 m beyond the last county: that part counts as 市域外, and the parts add up (P44)."""
    a, b = ground(box(900, 0, 1100, 100)), second(box(0, 0, 2000, 100))
    cells = laid(a, b)
    assert cut(both(cells), cells, a, b) == pytest.approx({"东县": 10_000, OUTSIDE: 10_000})
    assert covered(cells, "a") == pytest.approx([10_000, 0, 10_000]) and COUNTIES.codes == ("1", "2", None)
    assert covered(cells, "b") == pytest.approx([95_000, 5_000, 100_000])


def test_counties_that_claim_the_same_place_share_it_out() -> None:
    """Counties drawn 20 m over each other: the patch is still counted once."""
    counties = counties_of(layer(box(0, 0, 60, 100), box(40, 0, 100, 100), rows=[{"county_code": "1"}, {"county_code": "2"}]))
    a = ground(box(0, 0, 100, 100), counties=counties)
    assert covered(laid(a, counties=counties), "a") == pytest.approx([6000, 4000, 0])


def test_without_counties_everything_stands_under_one_entry() -> None:
    """No counties layer: the areas are right, undivided, and what no layer covers is no cell."""
    counties = counties_of(None)
    a, b = ground(box(0, 0, 10, 10), counties=counties), ground(box(5, 0, 25, 10), counties=counties, name="b")
    cells = laid(a, b, counties=counties)
    assert counties.codes == (None,) and covered(cells, "a") == [pytest.approx(100)] and cells.area_m2.sum() == pytest.approx(250)


def test_difference_is_what_reaches_outside() -> None:
    """100 m of a square, less the 70 m that two overlapping zones cover: 30 × 100 m."""
    a, b = ground(box(0, 0, 100, 100)), second(box(30, 0, 80, 100), box(60, -10, 300, 110))
    cells = laid(a, b)
    assert only_a(cells).total_m2 == pytest.approx(3000)
    [patch] = patches(only_a(cells), cells, a, None, PLANE)
    assert patch.b == () and [r.id for r in patch.a] == ["1"]


def test_unknown_attributes_are_possible_but_not_sure() -> None:
    """A feature without a zone is neither in nor out."""
    g = ground(*[box(i, 0, i + 1, 1) for i in range(3)], rows=[{"zone": "核心保护区"}, {"zone": None}, {"zone": "一般控制区"}])
    sure, possible = g.chosen(Selection(layer="layer", where=(("zone", ("核心保护区",)),)))
    assert (sure.tolist(), possible.tolist()) == ([True, False, False], [True, True, False])


def test_no_layer_makes_no_cells() -> None:
    assert len(partition([], COUNTIES)) == 0


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
    """Overlap is the intersection of the unions (shapely); with the difference it makes the whole; counties add up to the city."""
    a, b = ground(*drawn(left)), second(*drawn(right))
    cells = laid(a, b)
    common, rest = both(cells), only_a(cells)
    union_a, union_b = shapely.union_all(a.parts), shapely.union_all(b.parts)
    assert common.total_m2 + common.contact_m2 == pytest.approx(union_a.intersection(union_b).area, rel=1e-9, abs=1e-3)
    assert common.total_m2 + rest.total_m2 == pytest.approx(union_a.area, rel=1e-6)
    assert sum(covered(cells, "a")) == pytest.approx(union_a.area, rel=1e-9)
    assert cells.by_county(np.ones(len(cells), bool)).tolist() == pytest.approx([*COUNTIES.areas_m2.tolist(), 0.0], rel=1e-12)
    for found, of_b in ((common, b), (rest, None)):
        areas = [p.area_m2 for p in patches(found, cells, a, of_b, PLANE)]
        assert sum(areas) == pytest.approx(found.total_m2, rel=1e-9, abs=1e-6)


@settings(max_examples=30, deadline=None)
@given(boxes, boxes, boxes)
def test_geometry_has_the_area_that_was_measured_without_it(
    first: list[tuple[int, int, int, int, int]],
    then: list[tuple[int, int, int, int, int]],
    last: list[tuple[int, int, int, int, int]],
) -> None:
    """Every cell of three layers, made as a polygon, has its area; no two of them overlap, and together they are the city."""
    cells = laid(ground(*drawn(first)), second(*drawn(then)), ground(*drawn(last), name="c"), tile_m=300.0)
    polygons, index = cells.geometry(np.arange(len(cells)))
    assert np.bincount(index, shapely.area(polygons), len(cells)) == pytest.approx(cells.area_m2, abs=1e-4)
    left, right = shapely.STRtree(polygons).query(polygons, predicate="intersects")
    once = left < right
    assert shapely.area(shapely.intersection(polygons[left[once]], polygons[right[once]])).sum() < 1e-4
    assert shapely.area(polygons).sum() == pytest.approx(COUNTIES.areas_m2.sum(), rel=1e-10)


@settings(max_examples=30, deadline=None)
@given(boxes, boxes, st.sampled_from([70.0, 333.0, 5000.0]), st.sampled_from([1, 2]))
def test_tiles_workers_and_order_change_nothing(
    left: list[tuple[int, int, int, int, int]], right: list[tuple[int, int, int, int, int]], tile_m: float, jobs: int
) -> None:
    """Square size, number of workers and order of the layers: the same places, the same m²; the sides swapped mirror it."""
    a, b = ground(*drawn(left)), second(*drawn(right))
    reference, other = laid(a, b), laid(b, a, tile_m=tile_m, jobs=jobs)
    for which in (both, only_a):
        assert sorted(which(other).area_m2) == pytest.approx(sorted(which(reference).area_m2), abs=1e-4)


@settings(max_examples=20, deadline=None)
@given(boxes, boxes)
def test_splitting_features_changes_no_place(
    left: list[tuple[int, int, int, int, int]], right: list[tuple[int, int, int, int, int]]
) -> None:
    """Every feature of one layer cut in two along a slanting line: the same places."""
    half = shapely.Polygon([(-2000, -2000), (2000, -1300), (2000, 3000), (-2000, 3000)])
    halves = [piece for shape in drawn(left) for piece in (shape.intersection(half), shape.difference(half)) if not piece.is_empty]
    b = second(*drawn(right))
    whole, split = laid(ground(*drawn(left)), b), laid(ground(*halves), b)
    assert sorted(both(split).area_m2) == pytest.approx(sorted(both(whole).area_m2), abs=1e-4)
    assert sorted(only_a(split).area_m2) == pytest.approx(sorted(only_a(whole).area_m2), abs=1e-4)


def test_cells_of_polygons_that_leave_their_common_box_and_enter_it_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """A comb of five teeth over a bar, and a ring whose hole the bar's box cuts: what GEOS makes of the whole polygons, with either kernel."""
    comb = shapely.union_all([box(0, 60, 900, 100), *(box(x, -100, x + 50, 80) for x in range(0, 900, 200))])
    ring = shapely.difference(box(0, 300, 900, 700), box(100, 350, 800, 650))
    bar, cross = box(-50, 0, 850, 40), shapely.union_all([box(-50, 400, 950, 420), box(420, 200, 430, 900)])
    expected = sorted(shapely.area(shapely.get_parts(shapely.intersection([comb, ring], [bar, cross]))).tolist())
    for compiled in (True, False):
        if not compiled:
            monkeypatch.setattr(partitions, "library", lambda: None)
        cells = laid(ground(comb, ring), second(bar, cross))
        polygons, index = cells.geometry(np.flatnonzero((cells.stack != GAP).all(axis=1)))
        assert shapely.is_valid(polygons).all() and len(index) == len(polygons)
        across = places(cells, np.flatnonzero((cells.stack != GAP).all(axis=1)))
        assert sorted(across.area_m2.tolist()) == pytest.approx(expected, abs=1e-6)
