"""What rules ask for: selections by attribute, strips along features, accuracy, extents, distances to a class."""

from __future__ import annotations

import math

import pytest
import shapely
from shapely.geometry import LineString, box

from tests.overlay.beds import Maker, at
from xygis.atlas.law import Selection
from xygis.atlas.verdict import LayerState
from xygis.overlay.measuring import Question

PARCEL = at(box(0, 0, 100, 100))
WHOLE = Selection(layer="zones")


def zone(*patterns: str) -> Selection:
    return Selection(layer="zones", where=(("zone", patterns),))


def strip(width_m: float) -> Selection:
    return Selection(layer="zones", strip_m=width_m)


def test_a_feature_of_unknown_class_is_possible_not_sure(lay: Maker) -> None:
    """1000 m² surely core zone, 2000 m² of unknown zone: overlap 1000, possible 3000, and the layer's own total 3000."""
    bed = lay([box(0, 0, 10, 100), box(10, 0, 30, 100), box(30, 0, 40, 100)], GHFQDM=["核心区", None, "控制区"])
    part = bed.part(PARCEL, zone("核心区"))
    assert part.overlap_m2 == pytest.approx(1000.0, abs=1e-6)
    assert part.possible_m2 == pytest.approx(3000.0, abs=1e-6)
    assert bed.ask(PARCEL).overlap_m2 == pytest.approx(4000.0, abs=1e-6)


def test_possible_counts_a_place_once(lay: Maker) -> None:
    """An unknown feature on top of a known one adds nothing to what is possible."""
    part = lay([box(0, 0, 50, 100), box(0, 0, 50, 100)], GHFQDM=["核心区", "  "]).part(PARCEL, zone("核心区"))
    assert (part.overlap_m2, part.possible_m2) == (pytest.approx(5000.0, abs=1e-6), pytest.approx(5000.0, abs=1e-6))


def test_patterns(lay: Maker) -> None:
    """Prefixes, exclusions, full-width letters and blanks are understood alike (PITFALLS P11)."""
    columns = ["1101", " １１０２ ", "1201", "r1"]
    bed = lay([box(0, 10 * i, 100, 10 * i + 10) for i in range(4)], GHFQDM=columns)
    for patterns, strips in ((("11*",), 2), (("!11*",), 2), (("11*", "!1102"), 1), (("R1",), 1), (("9*",), 0)):
        assert bed.part(PARCEL, zone(*patterns)).overlap_m2 == pytest.approx(1000.0 * strips, abs=1e-6)


def test_a_field_that_the_layer_lacks_leaves_everything_open(lay: Maker) -> None:
    """Where the column is missing, nothing is sure and everything possible; nothing is silently clear."""
    part = lay([box(0, 0, 50, 100)]).part(PARCEL, zone("核心区"))
    assert (part.overlap_m2, part.possible_m2) == (0.0, pytest.approx(5000.0, abs=1e-6))


def test_distance_to_a_class_and_to_what_may_be_one(lay: Maker) -> None:
    """The nearest core zone is 300 m away; a feature of unknown zone 20 m away is kept in mind, a control zone is not."""
    bed = lay([box(110, 0, 115, 9), box(120, 0, 130, 100), box(400, 0, 500, 100)], GHFQDM=["控制区", None, "核心区"])
    part = bed.part(PARCEL, Question(selection=zone("核心区"), distance=True))
    assert part.distance_m == pytest.approx(300.0, abs=1e-3)
    assert part.possible_distance_m == pytest.approx(20.0, abs=1e-3)
    assert bed.ask(PARCEL).distance_m == pytest.approx(10.0, abs=1e-3)


def test_names_come_in_order_of_overlap(lay: Maker) -> None:
    """Names of the features hit, the largest overlap first, each once."""
    bed = lay([box(0, 0, 5, 100), box(10, 0, 40, 100), box(50, 0, 55, 100)], MC=["甲", "乙", "甲"])
    assert bed.part(PARCEL, WHOLE).names == ("乙", "甲")


def test_a_strip_along_a_line_by_hand(lay: Maker) -> None:
    """A road of 200 m inside a wide parcel with a 30 m strip: 2 r L + π r², true metres (arcs of 128 chords)."""
    road, r = LineString([(0, 0), (200, 0)]), 30.0
    part = lay([road], geometry="line").part(at(box(-500, -500, 700, 500)), strip(r))
    arcs = 128 / 2 * math.sin(2 * math.pi / 128) * r * r  # a 128-gon stands for the circle
    assert part.overlap_m2 == pytest.approx(2 * r * 200 + arcs, rel=1e-5)
    assert part.overlap_m2 == pytest.approx(2 * r * 200 + math.pi * r * r, rel=1e-3)


def test_a_strip_along_a_polygon_by_hand(lay: Maker) -> None:
    """20 m around a square of 100 m: 100² + 4·20·100 + π 20², the parts of one feature counted once."""
    ring = shapely.MultiPolygon([box(0, 0, 100, 100), box(110, 0, 210, 100)])
    m = lay([box(0, 0, 100, 100)]).part(at(box(-500, -500, 700, 500)), strip(20))
    assert m.overlap_m2 == pytest.approx(10_000 + 8_000 + math.pi * 400, rel=1e-4)
    both = lay([ring]).part(at(box(-500, -500, 700, 500)), strip(20))
    assert both.overlap_m2 == pytest.approx(250 * 140 - (4 - math.pi) * 400 - 2 * _notch(20, 5), rel=1e-3)


def _notch(r: float, half_gap: float) -> float:
    """What two rounded corners with a gap between their squares leave free above it: the area between the arcs."""
    # Each side, from the middle of the gap to its square, lies under an arc of radius r: half_gap wide, r high at the square.
    under = (half_gap * math.sqrt(r * r - half_gap**2) + r * r * math.asin(half_gap / r)) / 2
    return 2 * (half_gap * r - under)


def test_a_strip_counts_from_the_edge_of_the_land(lay: Maker) -> None:
    """A road with 24 m of land and a 30 m strip reaches 42 m from its centre line, whether the width is a number or text."""
    for width in (24, 24.0, "24", " 24.0 "):
        bed = lay([LineString([(0, 0), (0, 2000)])], geometry="line", KD=[width])
        parcel = at(box(-100, 900, 100, 1000))
        assert bed.ask(parcel).overlap_m2 == pytest.approx(24 * 100, rel=1e-6)
        assert bed.part(parcel, strip(30)).overlap_m2 == pytest.approx(84 * 100, rel=1e-6)


@pytest.mark.parametrize("width", [None, "", "不详", -5, 0, math.nan, "nan"])
def test_a_width_that_is_none_counts_as_a_line(lay: Maker, width: object) -> None:
    """An unknown, senseless or negative width leaves the line, and its strip counts from there."""
    bed = lay([LineString([(0, 0), (0, 2000)])], geometry="line", KD=[width])
    parcel = at(box(-100, 900, 100, 1000))
    assert bed.ask(parcel).overlap_m2 == 0.0
    assert bed.part(parcel, strip(30)).overlap_m2 == pytest.approx(60 * 100, rel=1e-6)


def test_land_of_an_uncommonly_wide_line_is_found(lay: Maker) -> None:
    """A corridor with 300 m of land touches a parcel 140 m from its centre line."""
    bed = lay([LineString([(240, -1000), (240, 1000)])], geometry="line", KD=[300])
    assert bed.ask(PARCEL).overlap_m2 == pytest.approx(10 * 100, rel=1e-5)


def test_distance_is_to_the_edge_of_the_land(lay: Maker) -> None:
    """A road of 24 m land 40 m away is 28 m away, and one of 100 m land 70 m away is nearer: 20 m."""
    narrow, wide = LineString([(140, -1000), (140, 1000)]), LineString([(-70, -1000), (-70, 1000)])
    assert lay([narrow], geometry="line", KD=[24]).ask(PARCEL).distance_m == pytest.approx(28.0, abs=1e-3)
    assert lay([narrow, wide], geometry="line", KD=[24, 100]).ask(PARCEL).distance_m == pytest.approx(20.0, abs=1e-3)


def test_a_line_concerns_through_its_strip_but_its_own_land_stays_its_own(lay: Maker) -> None:
    """A road 10 m away with a 30 m strip: the layer is concerned by 20 m, yet the question about its land says 0 m²."""
    bed = lay([LineString([(110, -1000), (110, 1000)])], geometry="line")
    m = bed.ask(PARCEL, strip(30))
    assert m.state is LayerState.CONCERNED
    assert m.overlap_m2 == pytest.approx(20 * 100, rel=1e-5)
    own, strip_part = m.part(WHOLE), m.part(strip(30))
    assert own is not None
    assert strip_part is not None
    assert own.overlap_m2 == 0.0
    assert strip_part.overlap_m2 == pytest.approx(20 * 100, rel=1e-5)


def test_two_roads_with_one_number_are_two_features(lay: Maker) -> None:
    """Features that share an id stay apart in the list (PITFALLS P11)."""
    bed = lay([LineString([(20, -500), (20, 500)]), LineString([(80, -500), (80, 500)])], geometry="line", BSM=["G70", "G70"], KD=[10, 10])
    assert [h.overlap_m2 for h in bed.ask(PARCEL, strip(5)).features] == pytest.approx([2000.0, 2000.0], rel=1e-5)


def test_segments_of_one_road_count_their_joint_once(lay: Maker) -> None:
    """A multi-line whose strips overlap at the joint hits with the area of its union."""
    road = shapely.MultiLineString([[(-500, 50), (50, 50)], [(50, 50), (600, 50)]])
    m = lay([road], geometry="line", KD=[20]).ask(PARCEL)
    assert m.overlap_m2 == pytest.approx(2000.0, rel=1e-6)
    assert [h.overlap_m2 for h in m.features] == pytest.approx([2000.0], rel=1e-6)


def test_overlap_range_by_hand(lay: Maker) -> None:
    """A border across the parcel that may lie 2 m to either side: 3000 m² is between 2800 and 3200."""
    part = lay([box(-500, -500, 30, 500)], accuracy_m=2.0).part(PARCEL, WHOLE)
    assert part.overlap_range_m2 == pytest.approx((2800.0, 3200.0), abs=0.01)


def test_overlap_range_of_an_island(lay: Maker) -> None:
    """A square of 20 m wholly inside, good to 1 m: 18² to 20² + 4·20 + π."""
    part = lay([box(40, 40, 60, 60)], accuracy_m=1.0).part(PARCEL, WHOLE)
    assert part.overlap_range_m2 == pytest.approx((324.0, 480 + math.pi), abs=0.01)


def test_overlap_range_does_not_open_borders_between_neighbours(lay: Maker) -> None:
    """Neighbours of one layer form one area: only its outer border moves, not the one between them."""
    part = lay([box(-500, -500, 15, 500), box(15, -500, 30, 500)], accuracy_m=2.0).part(PARCEL, WHOLE)
    assert part.overlap_range_m2 == pytest.approx((2800.0, 3200.0), abs=0.01)


def test_overlap_range_where_nothing_is_touched_or_known(lay: Maker) -> None:
    """A zone 1 m away, good to 3 m, may overlap by up to 2 m; with unknown accuracy there is no range; exact means no width."""
    beside = [box(101, -500, 500, 500)]
    assert lay(beside, accuracy_m=3.0).part(PARCEL, WHOLE).overlap_range_m2 == pytest.approx((0.0, 200.0), abs=0.01)
    assert lay(beside).part(PARCEL, WHOLE).overlap_range_m2 is None
    assert lay(beside, accuracy_m=0.0).part(PARCEL, WHOLE).overlap_range_m2 == (0.0, 0.0)
    assert lay([box(5000, 0, 5100, 100)], accuracy_m=3.0).part(PARCEL, WHOLE).overlap_range_m2 == (0.0, 0.0)
    assert lay([box(-500, -500, 500, 500)], accuracy_m=0.0).part(PARCEL, WHOLE).overlap_range_m2 == pytest.approx((1e4, 1e4), abs=1e-6)


def test_half_outside_the_declared_extent_is_no_data(lay: Maker) -> None:
    """Half the parcel outside the layer's extent and nothing hit: no_data, numbers unknown, 5000 m² unmapped (PITFALLS P36)."""
    for features in ([], [box(300, 0, 400, 100)]):
        m = lay(features).ask(PARCEL, WHOLE, extent=at(box(-500, -500, 50, 500)))
        assert m.state is LayerState.NO_DATA
        assert m.overlap_m2 is m.outside_m2 is m.distance_m is m.overlap_share is m.patches is None
        assert m.unmapped_m2 == pytest.approx(5000.0, abs=1e-6)


def test_a_hit_inside_the_extent_stays_a_hit(lay: Maker) -> None:
    """Partly outside the extent, but something overlaps: concerned, and the unmapped area beside it."""
    m = lay([box(0, 0, 20, 100)]).ask(PARCEL, extent=at(box(-500, -500, 50, 500)))
    assert m.state is LayerState.CONCERNED
    assert (m.overlap_m2, m.unmapped_m2) == pytest.approx((2000.0, 5000.0), abs=1e-6)


def test_an_empty_layer_is_clear_only_inside_its_extent(lay: Maker) -> None:
    """No features: clear inside the extent, nothing unmapped; a parcel that only reaches its edge is inside."""
    for extent in (at(box(-500, -500, 500, 500)), at(box(0, 0, 100, 100)), None):
        m = lay([]).ask(PARCEL, WHOLE, extent=extent)
        assert m.state is LayerState.CLEAR
        assert (m.overlap_m2, m.unmapped_m2, m.distance_m) == (0.0, 0.0, None)
        assert m.outside_m2 == pytest.approx(10_000.0, abs=1e-6)
