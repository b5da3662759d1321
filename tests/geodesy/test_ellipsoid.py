"""The closed forms of CGCS2000 against PROJ."""

from __future__ import annotations

import numpy as np
import pyproj
import pytest

from xygis.geodesy.crs import from_geographic, to_geographic
from xygis.geodesy.ellipsoid import equal_area_to_geographic, geographic_to_equal_area
from xygis.geodesy.plane import OFFICIAL

CEA = "+proj=cea +lat_ts=32 +lon_0=112 +a=6378137 +rf=298.257222101"
ZONES = ("EPSG:4525", "EPSG:4526", "EPSG:4546", "EPSG:4547", "EPSG:4508", "EPSG:4497")


def six_degrees(meridian: float) -> tuple[np.ndarray, np.ndarray]:
    """A grid 3 degrees to both sides of a meridian, from 18° to 54° N."""
    lon, lat = np.meshgrid(np.linspace(meridian - 3, meridian + 3, 61), np.linspace(18, 54, 73))
    return lon.ravel(), lat.ravel()


@pytest.mark.parametrize(("code", "meridian"), zip(ZONES, (111, 114, 111, 114, 111, 111), strict=True))
def test_gauss_kruger_agrees_with_proj_both_ways(code: str, meridian: float) -> None:
    """Over six degrees of longitude our Gauss-Krüger agrees with PROJ to 1e-8 m, and back to 1e-13 degrees."""
    lon, lat = six_degrees(meridian)
    theirs = pyproj.Transformer.from_crs("EPSG:4490", code, always_xy=True)
    x, y = theirs.transform(lon, lat)
    ours_x, ours_y = from_geographic(code, lon, lat)
    # 1e-8 m is 2 units in the last place of a coordinate with zone number (37 500 000)
    np.testing.assert_allclose(ours_x, x, rtol=0, atol=1.5e-8)
    np.testing.assert_allclose(ours_y, y, rtol=0, atol=1e-8)
    back_lon, back_lat = to_geographic(code, np.asarray(ours_x), np.asarray(ours_y))
    exact = 1e-13 if x.max() < 1e6 else 2e-13  # with zone number the easting itself resolves only 7e-14 degrees
    np.testing.assert_allclose(back_lon, lon, rtol=0, atol=exact)
    np.testing.assert_allclose(back_lat, lat, rtol=0, atol=1e-13)


def test_equal_area_cylinder_agrees_with_proj_both_ways() -> None:
    """The official plane is PROJ's `cea` to 1e-8 m, and its inverse gives the degrees back to 1e-13."""
    lon, lat = six_degrees(112)
    to_plane = pyproj.Transformer.from_pipeline(f"+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad +step {CEA}")
    x, y = to_plane.transform(lon, lat)
    ours = OFFICIAL.forward(lon, lat)
    np.testing.assert_allclose(ours[0], x, rtol=0, atol=1e-8)
    np.testing.assert_allclose(ours[1], y, rtol=0, atol=1e-8)
    back = OFFICIAL.inverse(*ours)
    np.testing.assert_allclose(back[0], lon, rtol=0, atol=1e-13)
    np.testing.assert_allclose(back[1], lat, rtol=0, atol=1e-13)


def test_equal_area_cylinder_holds_elsewhere_and_near_its_edges() -> None:
    """Another true latitude, the equator, the southern hemisphere and 80° come back from the plane as they went in."""
    lon, lat = np.array([-170.0, 0.0, 0.0, 100.0, 112.0]), np.array([-35.0, 0.0, 79.9, -79.9, 1e-9])
    plane = geographic_to_equal_area(lon, lat, meridian_deg=10.0, true_lat_deg=0.0)
    back = equal_area_to_geographic(*plane, meridian_deg=10.0, true_lat_deg=0.0)
    np.testing.assert_allclose(back[0], lon, rtol=0, atol=1e-12)
    np.testing.assert_allclose(back[1], lat, rtol=0, atol=1e-12)


def test_arrays_handed_in_are_left_alone() -> None:
    """No projection changes the arrays that it was given."""
    lon, lat = np.array([111.5, 112.5]), np.array([31.0, 32.5])
    x, y = from_geographic("EPSG:4525", lon, lat)
    x0, y0 = x.copy(), y.copy()
    to_geographic("EPSG:4525", x, y)
    OFFICIAL.inverse(*OFFICIAL.forward(lon, lat))
    np.testing.assert_array_equal([lon, lat], [[111.5, 112.5], [31.0, 32.5]])
    np.testing.assert_array_equal([x, y], [x0, y0])
