"""Names of coordinate systems, and the way from each to longitude and latitude.

A coordinate system is named by its EPSG code as text ("EPSG:4525"). The CGCS2000 family is computed here, without a
projection library; every other system goes through PROJ, which is only then imported.
Coordinates are always x = east, y = north (or longitude, latitude), whatever axis order the registry prescribes.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from xygis.errors import UnknownCrs
from xygis.geodesy.ellipsoid import Floats, gauss_to_geographic, geographic_to_gauss

if TYPE_CHECKING:
    import pyproj

CGCS2000 = "EPSG:4490"
WGS84 = "EPSG:4326"  # agrees with CGCS2000 to well under a metre; read as 4490, with a note
_GEOGRAPHIC = (CGCS2000, WGS84)


@dataclass(frozen=True, slots=True, kw_only=True)
class GaussZone:
    """A CGCS2000 Gauss-Krüger zone."""

    code: str
    meridian_deg: float
    false_easting_m: float
    width_deg: int  # 3 or 6
    zone: int
    prefixed: bool  # eastings carry the zone number in front


def gauss_zone(code: str) -> GaussZone | None:
    """The CGCS2000 Gauss-Krüger zone that an EPSG code names, or None."""
    match = re.fullmatch(r"EPSG:(\d+)", code)
    n = int(match.group(1)) if match else 0
    for first, last, zone0, width, prefixed in (
        (4513, 4533, 25, 3, True),
        (4534, 4554, 25, 3, False),
        (4491, 4501, 13, 6, True),
        (4502, 4512, 13, 6, False),
    ):
        if first <= n <= last:
            zone = zone0 + n - first
            meridian = 3.0 * zone if width == 3 else 6.0 * zone - 3
            easting = 500_000.0 + (zone * 1e6 if prefixed else 0)
            return GaussZone(code=code, meridian_deg=meridian, false_easting_m=easting, width_deg=width, zone=zone, prefixed=prefixed)
    return None


def zone_code(zone: int, *, prefixed: bool = True) -> str:
    """EPSG code of a CGCS2000 3-degree zone (25 to 45)."""
    if not 25 <= zone <= 45:
        raise UnknownCrs(what=f"没有 CGCS2000 3 度带第 {zone} 带", fix="3 度带带号应在 25 至 45 之间，请核对带号")
    return f"EPSG:{(4513 if prefixed else 4534) + zone - 25}"


def local_zone(lon: float) -> str:
    """The 3-degree zone (without prefix) in which distances at this longitude are true."""
    return zone_code(min(45, max(25, math.floor(lon / 3 + 0.5))), prefixed=False)


def is_geographic(code: str) -> bool:
    """True where coordinates are degrees."""
    if code in _GEOGRAPHIC:
        return True
    return gauss_zone(code) is None and bool(_proj_crs(code).is_geographic)


def title(code: str) -> str:
    """What a person calls the system: CGCS2000，3 度带第 37 带（EPSG:4525）."""
    z = gauss_zone(code)
    if z is not None:
        band = f"第 {z.zone} 带" if z.prefixed else f"中央经线 {z.meridian_deg:g}°"
        return f"CGCS2000，{z.width_deg} 度带{band}（{code}）"
    if code == CGCS2000:
        return "CGCS2000 经纬度（EPSG:4490）"
    if code == WGS84:
        return "WGS84 经纬度（EPSG:4326）"
    return f"{_proj_crs(code).name}（{code}）"


def to_geographic(code: str, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """(longitude, latitude) in CGCS2000 degrees of coordinates in `code`."""
    if code in _GEOGRAPHIC:
        return x, y
    z = gauss_zone(code)
    if z is not None:
        return gauss_to_geographic(x, y, meridian_deg=z.meridian_deg, false_easting_m=z.false_easting_m)
    lon, lat = _transformer(code).transform(x, y)
    return np.asarray(lon, float), np.asarray(lat, float)


def from_geographic(code: str, lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Coordinates in `code` of CGCS2000 longitude and latitude in degrees."""
    if code in _GEOGRAPHIC:
        return lon, lat
    z = gauss_zone(code)
    if z is not None:
        return geographic_to_gauss(lon, lat, meridian_deg=z.meridian_deg, false_easting_m=z.false_easting_m)
    x, y = _transformer(code).transform(lon, lat, direction="INVERSE")
    return np.asarray(x, float), np.asarray(y, float)


def from_wkt(text: str) -> str | None:
    """EPSG code of a WKT or .prj text, or None where it names no system we know. Old datums come back as they are.

    Esri writes `CGCS2000_3_Degree_GK_Zone_37` without a code; the projection library knows most of these names.
    """
    import pyproj

    try:
        crs = pyproj.CRS.from_user_input(text)
    except pyproj.exceptions.CRSError:
        return None
    for confidence in (70, 25):
        epsg = crs.to_epsg(min_confidence=confidence)
        if epsg is not None:
            return f"EPSG:{epsg}"
    return None


@lru_cache(maxsize=64)
def _proj_crs(code: str) -> pyproj.CRS:
    import pyproj

    try:
        return pyproj.CRS.from_user_input(code)
    except pyproj.exceptions.CRSError as error:
        raise UnknownCrs(what=f"不认识的坐标系 {code}", fix="请给出 EPSG 代码，例如 EPSG:4525") from error


@lru_cache(maxsize=64)
def _transformer(code: str) -> pyproj.Transformer:
    import pyproj

    return pyproj.Transformer.from_crs(_proj_crs(code), _proj_crs(CGCS2000), always_xy=True)
