"""From an old datum with given parameters: as other formulas have it, and refused where the parameters cannot be right."""

from __future__ import annotations

import numpy as np
import pytest

from xygis.errors import UsageError
from xygis.geodesy.datum_shift import BEIJING_54, XIAN_80, DatumShift, shift_of, shifted

SEVEN = DatumShift(numbers=(-10.5, 101.25, 48.75, 0.4, -0.3, 1.2, -2.5))
EAST, NORTH = np.array([37_618_000.0, 37_635_500.0]), np.array([3_541_000.0, 3_552_000.0])
ELLIPSOIDS = {XIAN_80: (6_378_140.0, 1 / 298.257), BEIJING_54: (6_378_245.0, 1 / 298.3)}
GRS80 = (6_378_137.0, 1 / 298.257222101)


def meridian_arc(a: float, f: float, lat: np.ndarray) -> np.ndarray:
    """By Simpson's rule: slow, and shares nothing with a series."""
    e2, count = f * (2 - f), 2_000
    t = np.linspace(0, 1, 2 * count + 1)[:, None] * lat
    y = a * (1 - e2) * (1 - e2 * np.sin(t) ** 2) ** -1.5
    return lat / (6 * count) * (y[0] + y[-1] + 4 * y[1::2].sum(axis=0) + 2 * y[2:-1:2].sum(axis=0))


def gauss(a: float, f: float, lon: np.ndarray, lat: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The textbook series to the sixth power; east without prefix."""
    e2 = f * (2 - f)
    ep2, t, c = e2 / (1 - e2), np.tan(lat), np.cos(lat)
    n, eta2, m = a / np.sqrt(1 - e2 * np.sin(lat) ** 2), ep2 * c**2, c * lon
    north = meridian_arc(a, f, lat) + n * t * (
        m**2 / 2 + (5 - t**2 + 9 * eta2 + 4 * eta2**2) * m**4 / 24 + (61 - 58 * t**2 + t**4) * m**6 / 720
    )
    east = n * (m + (1 - t**2 + eta2) * m**3 / 6 + (5 - 18 * t**2 + t**4 + 14 * eta2 - 58 * eta2 * t**2) * m**5 / 120)
    return east + 500_000, north


def cartesian(a: float, f: float, lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
    e2 = f * (2 - f)
    n = a / np.sqrt(1 - e2 * np.sin(lat) ** 2)
    return np.array([n * np.cos(lat) * np.cos(lon), n * np.cos(lat) * np.sin(lon), n * (1 - e2) * np.sin(lat)])


def geographic(a: float, f: float, xyz: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    e2, p = f * (2 - f), np.hypot(xyz[0], xyz[1])
    lat = np.arctan2(xyz[2], p * (1 - e2))
    for _ in range(20):
        n = a / np.sqrt(1 - e2 * np.sin(lat) ** 2)
        lat = np.arctan2(xyz[2] + e2 * n * np.sin(lat), p)
    return np.arctan2(xyz[1], xyz[0]), lat


@pytest.mark.parametrize("old", [XIAN_80, BEIJING_54])
def test_seven_parameters_as_the_textbook_has_them(old: str) -> None:
    """Old longitude and latitude → space → 布尔沙 → CGCS2000 → plane, by formulas of our own: to a millimetre."""
    lon, lat = np.radians([112.25, 112.43]), np.radians([31.99, 32.08])
    meridian = np.radians(111.0)
    e0, n0 = gauss(*ELLIPSOIDS[old], lon - meridian, lat)
    dx, dy, dz, rx, ry, rz, ppm = SEVEN.numbers
    rx, ry, rz = np.radians(np.array([rx, ry, rz]) / 3600)
    turn = np.array([[1, rz, -ry], [-rz, 1, rx], [ry, -rx, 1]])
    moved = np.array([[dx], [dy], [dz]]) + (1 + ppm * 1e-6) * turn @ cartesian(*ELLIPSOIDS[old], lon, lat)
    lon2, lat2 = geographic(*GRS80, moved)
    e1, n1 = gauss(*GRS80, lon2 - meridian, lat2)
    x, y, moved_m = shifted(SEVEN, old, "EPSG:4525", e0 + 37e6, n0)
    assert np.abs(x - 37e6 - e1).max() < 0.001 and np.abs(y - n1).max() < 0.001
    assert moved_m == pytest.approx(np.hypot(e1 - e0, n1 - n0).max(), abs=0.001)
    bare = shifted(SEVEN, old, "EPSG:4546", e0, n0)
    assert np.abs(bare[0] + 37e6 - x).max() < 1e-6


def test_four_parameters_turn_the_plane_without_the_zone() -> None:
    """By hand; the prefix takes no part, so that a scale does not move by its 37 million metres."""
    shift = DatumShift(numbers=(3.0, 116.0, 0.5, 2.0))
    x, y, _ = shifted(shift, XIAN_80, "EPSG:4525", EAST, NORTH)
    turn, e = np.radians(0.5 / 3600), EAST - 37e6
    assert np.allclose(x - 37e6, 116 + (1 + 2e-6) * (NORTH * np.sin(turn) + e * np.cos(turn)), atol=1e-6)
    assert np.allclose(y, 3 + (1 + 2e-6) * (NORTH * np.cos(turn) - e * np.sin(turn)), atol=1e-6)


@pytest.mark.parametrize("text", ["", "1,2,3", "a,b,c,d", "1,2,3,4,5", "nan,0,0,0", "1e400,0,0,0"])
def test_parameters_that_are_none_are_wrong_usage(text: str) -> None:
    with pytest.raises(UsageError, match="转换参数"):
        shift_of(text)


@pytest.mark.parametrize(
    "numbers", [(1_000.0, 0.0, 0.0, 0.0), (0.0, 0.0, 60.0, 0.0), (0.0, 0.0, 0.0, 1_000.0), (0.0, 0.0, 0.0, 0.0, 0.0, 100.0, 0.0)]
)
def test_parameters_that_move_too_far_are_refused(numbers: tuple[float, ...]) -> None:
    """Another order, minutes for seconds, a plain factor for ppm."""
    with pytest.raises(UsageError, match="移动了"):
        shifted(DatumShift(numbers=numbers), XIAN_80, "EPSG:4525", EAST, NORTH)


def test_signs_that_chinese_keyboards_write_are_understood() -> None:
    assert shift_of(" 1，2;3\t4 ") == DatumShift(numbers=(1.0, 2.0, 3.0, 4.0))
