"""At the border: touch, contact, slivers, gaps, and borders drawn twice with different vertices or in different systems."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from shapely.geometry import Polygon, box

from tests.overlay.beds import CRS, ORIGIN, Maker, at
from xygis.atlas.verdict import LayerState
from xygis.geodesy.crs import from_geographic, to_geographic


def drawn_in(geometry: shapely.Geometry, code: str) -> shapely.Geometry:
    """A geometry in degrees, its vertices alone converted."""
    return shapely.transform(geometry, lambda c: np.column_stack(from_geographic(code, c[:, 0], c[:, 1])))


def in_degrees(geometry: shapely.Geometry, code: str = CRS) -> shapely.Geometry:
    return shapely.transform(geometry, lambda c: np.column_stack(to_geographic(code, c[:, 0], c[:, 1])))


def test_a_layer_that_covers_all_gives_the_whole_parcel(lay: Maker) -> None:
    """A layer over everything: overlap is the parcel's area to 1e-9, share exactly 1, nothing outside (PITFALLS P21)."""
    for cover in (box(-500, -500, 900, 900), box(0, 0, 123.4, 77.7)):
        m = lay([cover]).ask(at(box(0, 0, 123.4, 77.7)))
        assert m.overlap_m2 == pytest.approx(123.4 * 77.7, rel=1e-9)
        assert m.overlap_share == 1.0
        assert m.outside_m2 == 0.0


def test_a_mosaic_that_covers_all_gives_share_one(lay: Maker) -> None:
    """Crooked neighbours that share their borders cover a parcel whole: share exactly 1."""
    rng = np.random.default_rng(7)
    x, y = np.meshgrid(np.linspace(-50, 250, 11), np.linspace(-50, 250, 11))
    x, y = x + rng.uniform(-9, 9, x.shape), y + rng.uniform(-9, 9, y.shape)
    cells = [
        Polygon([(x[j, i], y[j, i]) for j, i in ((r, c), (r, c + 1), (r + 1, c + 1), (r + 1, c))]) for r in range(10) for c in range(10)
    ]
    measured = lay(cells).ask(at(shapely.Point(100, 100).buffer(90)))
    assert measured.overlap_share == 1.0
    assert measured.outside_m2 == 0.0


@pytest.mark.parametrize("gap_m", [0.001, 0.005, 1.0, 49.9995])
def test_a_gap_is_a_distance_never_an_overlap(lay: Maker, gap_m: float) -> None:
    """A neighbour 1 mm, 5 mm, 1 m or 50 m away: clear, 0 m², and that distance (PITFALLS P21, P34)."""
    m = lay([box(100 + gap_m, -50, 200, 150)]).ask(at(box(0, 0, 100, 100)))
    assert m.state is LayerState.CLEAR
    assert m.overlap_m2 == 0.0
    assert m.overlap_share == 0.0
    assert m.distance_m == pytest.approx(gap_m, abs=2e-5)


def test_distance_to_a_corner(lay: Maker) -> None:
    """Corner to corner over 30 m and 40 m is 50.000 m (PITFALLS P34)."""
    m = lay([box(130, 140, 200, 200)]).ask(at(box(0, 0, 100, 100)))
    assert m.distance_m == pytest.approx(50.0, abs=5e-5)


def test_distance_is_true_metres_in_the_official_plane(lay: Maker) -> None:
    """In the equal-area plane, where a metre is stretched by 1 % at 33.6° N, a 5 mm and a 5 km gap are what they are on the ground."""
    for gap_m in (0.005, 5000.0):
        for east, north in ((1.0, 0.0), (0.0, 1.0)):
            there = shapely.transform(box(0, 0, 100, 100), lambda c, e=east, n=north, g=gap_m: c + [e * (100 + g), n * (100 + g)])
            here, far = (shapely.transform(g, lambda c: c + [500_000.0, 3_720_000.0]) for g in (box(0, 0, 100, 100), there))
            m = lay([far], crs=CRS).ask(here)
            assert m.distance_m == pytest.approx(gap_m, rel=1e-6, abs=2e-5)


def test_nothing_within_the_search_radius_is_none(lay: Maker) -> None:
    """9.9 km away there is a distance; 10.1 km away there is none, and no placeholder (PITFALLS P34)."""
    parcel = at(box(0, 0, 100, 100))
    near, far = (lay([box(100 + d, 0, 300 + d, 100)]).ask(parcel).distance_m for d in (9_900, 10_100))
    assert near == pytest.approx(9900, rel=1e-6)
    assert far is None
    assert lay([]).ask(parcel).distance_m is None


@pytest.mark.parametrize(
    "neighbour",
    [
        box(100, 0, 200, 100),
        box(100, 20, 200, 60),
        box(100, 100, 200, 200),
        Polygon([(100, 50), (200, 0), (200, 100)]),
        box(-50, -50, 150, 150).difference(box(0, 0, 100, 100)),
    ],
    ids=["common edge", "T-junction", "common corner", "corner on edge", "filled hole"],
)
def test_touch_is_no_overlap(lay: Maker, neighbour: shapely.Geometry) -> None:
    """Common edge, T-junction, common corner, filled hole: clear, 0 m², distance 0 (PITFALLS P22)."""
    m = lay([neighbour]).ask(at(box(0, 0, 100, 100)))
    assert m.state is LayerState.CLEAR
    assert (m.overlap_m2, m.overlap_share, m.distance_m, m.patches) == (0.0, 0.0, 0.0, 0)
    assert m.features == ()
    assert m.outside_m2 == pytest.approx(10_000.0, abs=1e-6)


def test_a_thin_true_overlap_is_told_apart_and_never_clear(lay: Maker) -> None:
    """5 mm × 1000 m = 5 m²: in the total, set apart as suspected boundary error, never clear (PITFALLS P20)."""
    m = lay([box(0, 99.995, 1000, 200)]).ask(at(box(0, 0, 1000, 100)))
    assert m.state is LayerState.CONCERNED
    assert m.overlap_m2 == pytest.approx(5.0, abs=1e-6)
    assert (m.sliver_count, m.sliver_m2) == (1, pytest.approx(5.0, abs=1e-6))
    assert m.patches == 1
    assert [p.sliver for p in m.pieces] == [True]


@pytest.mark.parametrize(("width_m", "state"), [(0.00099, LayerState.CLEAR), (0.00102, LayerState.CONCERNED)])
def test_the_geometry_tolerance_works_on_both_sides(lay: Maker, width_m: float, state: LayerState) -> None:
    """An overlap or a rest of less than 1 mm mean width is contact, 0 m², with its raw area in the trace; above it counts (PITFALLS P24)."""
    parcel = at(box(0, 0, 500, 100))
    over = lay([box(0, 100 - width_m, 500, 200)]).ask(parcel)
    assert over.state is state
    assert over.contact_m2 == pytest.approx(500 * width_m if state is LayerState.CLEAR else 0.0, abs=1e-5)
    assert over.overlap_m2 == pytest.approx(0.0 if state is LayerState.CLEAR else 500 * width_m, abs=1e-5)
    assert over.distance_m == 0.0
    rest = lay([box(0, width_m, 500, 200)]).ask(parcel)
    assert rest.outside_m2 == pytest.approx(0.0 if state is LayerState.CLEAR else 500 * width_m, abs=1e-5)
    assert (rest.overlap_share == 1.0) == (state is LayerState.CLEAR)


def test_a_hair_along_the_border_does_not_hide_an_encroachment(lay: Maker) -> None:
    """50 m² of true overlap with a hair of 0.05 mm along 1 km of border is no boundary error; nor is such a rest outside."""
    parcel = at(box(0, 0, 1000, 100))
    over = lay([box(0, 99.99995, 1000, 200).union(box(900, 95, 910, 150))]).ask(parcel)
    assert over.overlap_m2 == pytest.approx(50.05, abs=1e-3)
    assert over.sliver_count == 0
    rest = lay([box(0, 0.00005, 1000, 200).difference(box(900, -1, 910, 5))]).ask(parcel)
    assert rest.outside_m2 == pytest.approx(50.05, abs=1e-3)
    assert rest.parts[0].outside_sliver_m2 == 0.0


def test_a_corner_outside_is_not_lost_to_rounding(lay: Maker) -> None:
    """A corner of 0.04 m² left over between two features stays outside, although rounding hangs a hair of nanometres on it."""
    parcel = at(Polygon([(10.5, 0), (0, 40), (10, 10)]))
    features = [Polygon([(10, 0), (10, 20), (0, 20), (0, 0)]), Polygon([(20, 0), (20, 40), (0.3, 40), (0.3, 0)])]
    for layer in (features, [shapely.union_all(features)]):
        assert lay(layer).ask(parcel).outside_m2 == pytest.approx(0.0364285714, abs=1e-6)


def test_contacts_are_judged_after_the_union(lay: Maker) -> None:
    """Thirty strips of 0.5 mm side by side are an overlap of 15 mm, not thirty contacts of nothing."""
    strips = [box(0, 100 - 0.0005 * (i + 1), 500, 100 - 0.0005 * i) for i in range(30)]
    m = lay(strips).ask(at(box(0, 0, 500, 100)))
    assert m.overlap_m2 == pytest.approx(7.5, abs=1e-3)
    assert m.patches == 1
    assert len(m.features) > 0


@pytest.mark.parametrize("length_m", [1000.0, 9400.0])
@pytest.mark.parametrize("code", ["EPSG:4490", "EPSG:4525", "EPSG:4526"])
def test_extra_vertices_on_one_side_of_a_border_are_no_encroachment(lay: Maker, length_m: float, code: str) -> None:
    """An east-west border of 1 km or 9.4 km with a vertex each 20 m on one side only: 0 m², whichever system it is drawn in (PITFALLS P23)."""
    west, lat = 112.1, 32.0
    east = west + length_m / (111_320 * np.cos(np.radians(lat)))
    corners = drawn_in(Polygon([(west, lat), (east, lat), (east, lat - 0.02), (west, lat - 0.02)]), code)
    ring = np.array(corners.exterior.coords)
    border = np.linspace(ring[0], ring[1], int(length_m / 20) + 1)  # on the straight line of this system
    above = drawn_in(Polygon([(west, lat + 0.02), (east, lat + 0.02)] + [(east, lat), (west, lat)]), code)
    top = np.array(above.exterior.coords)[:2]
    neighbour = Polygon(np.vstack([top, border[::-1]]))
    for parcel, feature in ((corners, neighbour), (neighbour, corners)):
        m = lay([feature], crs=code).ask(parcel, crs=code)
        assert m.state is LayerState.CLEAR
        assert (m.overlap_m2, m.distance_m) == (0.0, 0.0)


def test_the_same_pair_in_three_systems(lay: Maker) -> None:
    """The same parcel and layer, given in degrees or in either zone: the same overlap to 1 cm² and the same relation (PITFALLS P19)."""
    parcel = shapely.segmentize(Polygon([(112.49, 32.0), (112.51, 32.001), (112.512, 32.012), (112.488, 32.01)]), 0.0002)
    zone = shapely.segmentize(Polygon([(112.495, 31.99), (112.52, 31.99), (112.52, 32.006), (112.5, 32.02)]), 0.0002)
    found = []
    for code in ("EPSG:4490", "EPSG:4525", "EPSG:4526"):
        for layer_code in ("EPSG:4490", "EPSG:4525", "EPSG:4526"):
            m = lay([drawn_in(zone, layer_code)], crs=layer_code).ask(drawn_in(parcel, code), crs=code)
            found.append((m.overlap_m2, m.outside_m2, m.state, m.patches))
    for overlap_m2, outside_m2, state, patches in found:
        assert overlap_m2 == pytest.approx(found[0][0], abs=1e-4)
        assert outside_m2 == pytest.approx(found[0][1], abs=1e-4)
        assert (state, patches) == (LayerState.CONCERNED, 1)


def test_a_trip_through_three_decimals_leaves_slivers_not_clear_and_not_real(lay: Maker) -> None:
    """A neighbour rounded to the millimetre overlaps by contact or suspected boundary errors only (PITFALLS P17)."""
    rng = np.random.default_rng(3)
    line = np.column_stack([np.linspace(0, 800, 60), 100 + rng.uniform(-5, 5, 60)])
    parcel = Polygon([*line, (800, 0), (0, 0)])
    exact = Polygon([*line, (800, 300), (0, 300)])
    rounded = shapely.transform(exact, lambda c: np.round(c, 3))
    assert lay([exact]).ask(at(parcel)).overlap_m2 == 0.0
    m = lay([rounded]).ask(at(parcel))
    assert m.overlap_m2 == m.sliver_m2
    assert m.overlap_m2 < 0.5


def test_huge_and_tiny_parcels(lay: Maker) -> None:
    """A parcel of 30 km and one of 10 cm are measured to 1e-9 of their area."""
    for size in (30_000.0, 0.1):
        m = lay([box(size / 4, -size, 2 * size, 2 * size)]).ask(at(box(0, 0, size, size)))
        assert m.overlap_m2 == pytest.approx(0.75 * size * size, rel=1e-7)
    assert ORIGIN[1] > 3e6  # these are real northings, not coordinates near 0
