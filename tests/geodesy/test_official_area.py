"""The official area (图斑椭球面积) against the standard's own formula, and the three areas against each other."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.geodesy.trapezoid import standard_area_m2
from xygis.geodesy.crs import from_geographic
from xygis.geodesy.plane import OFFICIAL, Plane, official_area_m2, ring_areas_m2
from xygis.overlay.shape import shape_parcel

PLACES = {  # code, longitudes of the middle
    "zone 37": ("EPSG:4525", 110.0, 112.4),
    "zone 38": ("EPSG:4526", 112.6, 114.5),
    "across 112°30′, in zone 37": ("EPSG:4525", 112.49, 112.51),
    "across 112°30′, in zone 38": ("EPSG:4526", 112.49, 112.51),
}


@st.composite
def parcels(draw: st.DrawFn, code: str, west: float, east: float) -> shapely.Polygon:
    """A star-shaped parcel 20 m to 5 km across, half of them with a hole, coordinates to 0.1 mm as the standard keeps them."""
    lon, lat = draw(st.floats(west, east)), draw(st.floats(31.0, 33.0))
    radius = 10 ** draw(st.floats(math.log10(20), math.log10(2500)))
    n = draw(st.integers(3, 9))
    angles = [2 * math.pi * (i + draw(st.floats(0, 0.45))) / n for i in range(n)]
    reach = np.array([radius * draw(st.floats(0.5, 1.0)) for _ in range(n)])
    x, y = (c.item() for c in from_geographic(code, np.array([lon]), np.array([lat])))
    star = np.column_stack([reach * np.cos(angles), reach * np.sin(angles)])
    hole = [np.round(star * 0.3 + [x, y], 4)] if draw(st.booleans()) else []
    return shapely.Polygon(np.round(star + [x, y], 4), hole)


@pytest.mark.parametrize("place", PLACES)
def test_official_area_is_the_standard_s_area(place: str) -> None:
    """Random parcels of 20 m to 5 km, with holes, in both zones and across their seam: equal to 1e-8."""
    code, west, east = PLACES[place]

    @settings(max_examples=40, deadline=None, derandomize=True)
    @given(parcels(code, west, east))
    def holds(parcel: shapely.Polygon) -> None:
        expected = standard_area_m2(parcel, code)
        assert expected == pytest.approx(shape_parcel(parcel, code, OFFICIAL).ellipsoidal_m2, rel=1e-8)
        rings = [np.array(r.coords) for r in (parcel.exterior, *parcel.interiors)]
        area = official_area_m2(np.vstack(rings), np.r_[0, np.cumsum([len(r) for r in rings])], code)
        assert expected == pytest.approx(area, rel=1e-8)

    holds()


def test_a_hundredth_degree_tile_of_degrees() -> None:
    """A tile of 0.01° from 32° N, given in degrees, is 1 047 748.26 m² (PITFALLS P27)."""
    tile = shapely.box(112.0, 32.0, 112.01, 32.01)
    shape = shape_parcel(tile, "EPSG:4490", OFFICIAL)
    assert round(shape.ellipsoidal_m2, 2) == 1_047_748.26
    assert shape.planar_m2 == pytest.approx(_by_proj_m2(tile, 4546), rel=1e-9)  # square degrees are no area: the local zone is


@pytest.mark.parametrize(("code", "planar_m2"), [("EPSG:4525", 4_193_097), ("EPSG:4526", 4_193_042)])
def test_one_area_on_both_sides_of_the_zone_seam(code: str, planar_m2: int) -> None:
    """A parcel across 112°30′ has one official area whichever zone it is given in; its planar area differs (PITFALLS P28)."""
    tile = shapely.segmentize(shapely.box(112.49, 32.0, 112.53, 32.01), 0.0005)
    given_ = shapely.transform(tile, lambda c: np.column_stack(from_geographic(code, c[:, 0], c[:, 1])))
    shape = shape_parcel(given_, code, OFFICIAL)
    assert round(shape.ellipsoidal_m2, 2) == 4_190_993.04
    assert planar_m2 == pytest.approx(shape.planar_m2, abs=1)


def test_planar_and_official_area_part_with_distance_from_the_meridian() -> None:
    """A planar square kilometre 100 km from the meridian is officially 999 751 m²; both are given (PITFALLS P26)."""
    square = shapely.box(38_600_000 - 500, 3_545_000 - 500, 38_600_000 + 500, 3_545_000 + 500)
    shape = shape_parcel(square, "EPSG:4526", OFFICIAL)
    assert pytest.approx(shape.planar_m2, abs=1e-3) == 1_000_000.0
    assert pytest.approx(shape.ellipsoidal_m2, abs=5) == 999_751
    assert standard_area_m2(square, "EPSG:4526") == pytest.approx(shape.ellipsoidal_m2, rel=1e-8)


def test_with_a_projected_plane_the_official_area_stays_official() -> None:
    """In an atlas measured in EPSG:4526 the share refers to planar m², while `ellipsoidal_m2` stays ellipsoidal."""
    square = shapely.box(38_600_000, 3_545_000, 38_601_000, 3_546_000)
    shape = shape_parcel(square, "EPSG:4526", Plane("EPSG:4526"))
    assert 1_000_000.0 == shape.area_m2 == shape.planar_m2
    assert standard_area_m2(square, "EPSG:4526") == pytest.approx(shape.ellipsoidal_m2, rel=1e-8)


def test_area_does_not_depend_on_direction_start_or_place_in_the_file() -> None:
    """Reversing rings or starting elsewhere changes nothing beyond rounding; the signed area tells the direction."""
    ring = np.array([[500_000.0, 3.55e6], [500_400, 3.55e6], [500_400, 3_550_300], [500_000, 3_550_300], [500_000, 3.55e6]])
    turned = np.vstack([ring[2:-1], ring[:3]])
    areas = [official_area_m2(r, np.array([0, 5]), "EPSG:4546") for r in (ring, ring[::-1], turned)]
    assert areas[0] == pytest.approx(areas[1], abs=1e-7) == pytest.approx(areas[2], abs=1e-7)
    signed = ring_areas_m2(np.vstack([ring, ring[::-1]]), np.array([0, 5, 10]))
    np.testing.assert_allclose(signed, [120_000.0, -120_000.0], rtol=0, atol=1e-9)


def test_degrees_make_no_plane() -> None:
    """Square degrees are refused as a plane for areas, with a proposal."""
    from xygis.errors import UnknownCrs

    with pytest.raises(UnknownCrs) as refused:
        Plane("EPSG:4490")
    assert "EPSG:4525" in refused.value.fix


def _by_proj_m2(polygon: shapely.Polygon, epsg: int) -> float:
    """Planar area after PROJ has moved the vertices."""
    import pyproj

    to_grid = pyproj.Transformer.from_crs(4490, epsg, always_xy=True)
    return float(shapely.transform(polygon, lambda c: np.column_stack(to_grid.transform(c[:, 0], c[:, 1]))).area)
