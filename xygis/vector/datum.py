"""What a person says about the datum of degrees: WGS84 and CGCS2000 are taken, GCJ-02 and BD-09 are shifted back, with their accuracy.

Map apps shift coordinates by some hundred metres (GCJ-02; Baidu shifts once more, BD-09). The numbers do not show it, so only the
person who exported the file can say. The way back uses the formulae that circulate in public; no authority has published or checked
them, so a boundary that was shifted back is never good enough to call a parcel clear.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import shapely

from xygis.errors import BadGeometry, UnknownCrs, UsageError, Where
from xygis.geodesy.crs import is_geographic
from xygis.geodesy.ellipsoid import Floats
from xygis.vector.crs_claim import Claim
from xygis.vector.notes import Note

if TYPE_CHECKING:
    from xygis.vector.layers import ForeignLayer

DATUMS = ("wgs84", "cgcs2000", "gcj02", "bd09")
TITLES = {"wgs84": "WGS84", "cgcs2000": "CGCS2000", "gcj02": "GCJ-02", "bd09": "BD-09"}
ACCURACY_M = 10  # nobody vouches for the formulae; comparisons in public speak of a few metres
SHIFTED = ("gcj02", "bd09")
_CHINA = (72.004, 0.8293, 137.8347, 55.8271)  # where the formula shifts at all
_KRASOVSKY_M, _KRASOVSKY_E2 = 6378245.0, 0.00669342162296594323
_BAIDU = np.pi * 3000.0 / 180.0
_ROUNDS = 30


def known_datum(text: str | None, where: Where) -> str | None:
    """The datum as one of DATUMS, however it is spelled. Raises UnknownCrs for any other word."""
    if text is None:
        return None
    plain = text.lower().replace("-", "").replace("_", "")
    if plain not in DATUMS:
        raise UnknownCrs(what=f"没有叫“{text[:30]}”的坐标基准", where=where, fix=f"--datum 可用 {'、'.join(DATUMS)}")
    return plain


def in_stated_datum(layer: ForeignLayer, datum: str | None) -> ForeignLayer:
    """The layer with its degrees in WGS84 or CGCS2000. Raises UsageError where a shift is ordered for coordinates that are no degrees."""
    coords = shapely.get_coordinates(layer.features.geometry) if datum is not None else np.empty((0, 2))
    if datum is None or not len(coords):
        return layer
    degrees = bool(np.isfinite(coords).all() and (np.abs(coords) <= 180).all())
    if datum not in SHIFTED:
        return replace(layer, claim=with_datum(layer.claim, datum)) if degrees else layer
    title = TITLES[datum]
    where = Where(file=layer.claim.where.file, layer=layer.name)
    if not degrees or (layer.claim.code is not None and layer.claim.firm and not is_geographic(layer.claim.code)):
        raise UsageError(
            what=f"坐标不是经纬度，不能按 {title} 换算",
            where=replace(where, point=(float(coords[0, 0]), float(coords[0, 1]))),
            fix="请去掉 --datum；平面坐标没有这种偏移",
        )
    turned = bool(np.median(coords[:, 0]) < np.median(coords[:, 1]))  # in China longitude is the larger number
    lon, lat = (coords[:, 1], coords[:, 0]) if turned else (coords[:, 0], coords[:, 1])
    outside = np.flatnonzero((lon < _CHINA[0]) | (lon > _CHINA[2]) | (lat < _CHINA[1]) | (lat > _CHINA[3]))
    if len(outside):
        x, y = float(lon[outside[0]]), float(lat[outside[0]])
        raise BadGeometry(what=f"有点在 {title} 的适用范围之外", where=replace(where, point=(x, y)), fix="请核对坐标和 --datum")
    back = to_wgs84(datum, lon, lat)
    moved_m = 111_320.0 * np.hypot((back[0] - lon) * np.cos(np.radians(lat)), back[1] - lat)
    geometry = shapely.set_coordinates(layer.features.geometry.copy(), np.column_stack(back))
    evidence = (
        f"由 --datum {datum} 说明为 {title}，已按公开的近似公式换算为 WGS84，各点移动 {moved_m.min():.0f}—{moved_m.max():.0f} 米，"
        f"精度只有约 ±{ACCURACY_M} 米",
    )
    doubt = f"坐标由 {title} 近似换算，精度只有约 ±{ACCURACY_M} 米，不能据此确定界址，须用 CGCS2000 实测坐标复核"
    note = Note(code="datum_shifted", level="warning", text=doubt, where=where)
    return replace(
        layer,
        features=replace(layer.features, geometry=geometry, crs="EPSG:4326"),
        claim=Claim(code="EPSG:4326", evidence=evidence, where=where),
        notes=(*layer.notes, note),
        imprecise=doubt,
    )


def with_datum(claim: Claim, datum: str | None) -> Claim:
    """The claim, completed by what a person says of the datum of its degrees; a code that is written needs no completion."""
    if datum is None or claim.says_datum:
        return claim
    evidence = (*claim.evidence, f"由 --datum {datum} 说明为 {TITLES[datum]}")
    code = "EPSG:4326" if claim.open_datum and datum == "wgs84" else claim.code
    return replace(claim, code=code, datum=datum, open_datum=False, evidence=evidence)


def to_wgs84(datum: str, lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """(longitude, latitude) in WGS84 degrees of GCJ-02 or BD-09 degrees: the public formula turned round until it no longer moves."""
    if datum == "bd09":
        lon, lat = _turned_round(_baidu, lon, lat)
    return _turned_round(_gcj02, lon, lat)


def from_wgs84(datum: str, lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """The other way: WGS84 degrees as a map app would show them."""
    shifted = _gcj02(lon, lat)
    return _baidu(*shifted) if datum == "bd09" else shifted


def _turned_round(forward: object, lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    assert callable(forward)
    x, y = lon, lat
    for _ in range(_ROUNDS):
        there_x, there_y = forward(x, y)
        x, y = x + (lon - there_x), y + (lat - there_y)
    return x, y


def _gcj02(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    x, y = lon - 105.0, lat - 35.0
    pi = np.pi
    wave = (20.0 * np.sin(6.0 * x * pi) + 20.0 * np.sin(2.0 * x * pi)) * 2.0 / 3.0
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * np.sqrt(np.abs(x)) + wave
    north += (20.0 * np.sin(y * pi) + 40.0 * np.sin(y / 3.0 * pi)) * 2.0 / 3.0
    north += (160.0 * np.sin(y / 12.0 * pi) + 320.0 * np.sin(y * pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * np.sqrt(np.abs(x)) + wave
    east += (20.0 * np.sin(x * pi) + 40.0 * np.sin(x / 3.0 * pi)) * 2.0 / 3.0
    east += (150.0 * np.sin(x / 12.0 * pi) + 300.0 * np.sin(x / 30.0 * pi)) * 2.0 / 3.0
    phi = np.radians(lat)
    magic = 1.0 - _KRASOVSKY_E2 * np.sin(phi) ** 2
    north_deg = north * 180.0 / (_KRASOVSKY_M * (1.0 - _KRASOVSKY_E2) / magic**1.5 * pi)
    east_deg = east * 180.0 / (_KRASOVSKY_M / np.sqrt(magic) * np.cos(phi) * pi)
    return lon + east_deg, lat + north_deg


def _baidu(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """BD-09 degrees of GCJ-02 degrees."""
    z = np.hypot(lon, lat) + 0.00002 * np.sin(lat * _BAIDU)
    theta = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * _BAIDU)
    return z * np.cos(theta) + 0.0065, z * np.sin(theta) + 0.006
