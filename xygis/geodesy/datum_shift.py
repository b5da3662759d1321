"""From Beijing 54 or Xi'an 80 to CGCS2000, with parameters that somebody gives and answers for; none are kept or guessed here.

Four parameters turn the plane: X' = dx + (1 + m)(X cos θ − Y sin θ), Y' = dy + (1 + m)(X sin θ + Y cos θ), X north, Y east
without the zone. Seven (布尔沙) turn space: dx dy dz in metres, rotations of the frame in seconds, m in ppm.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from xygis.errors import UsageError
from xygis.geodesy.crs import gauss_zone
from xygis.geodesy.ellipsoid import Floats

XIAN_80, BEIJING_54 = "1980 西安坐标系", "1954 北京坐标系"
_ELLIPSOIDS = {XIAN_80: "+a=6378140 +rf=298.257", BEIJING_54: "+a=6378245 +rf=298.3"}
_CGCS2000 = "+a=6378137 +rf=298.257222101"
FARTHEST_M = 300.0  # the old systems lie some 120 m away at most; beyond, an order, a unit or a sign is wrong


@dataclass(frozen=True, slots=True, kw_only=True)
class DatumShift:
    """Four numbers (dx, dy in m, θ in seconds, m in ppm) or seven (dx, dy, dz in m, rx, ry, rz in seconds, m in ppm)."""

    numbers: tuple[float, ...]

    def __str__(self) -> str:
        return f"{len(self.numbers)} 参数 {', '.join(f'{v:g}' for v in self.numbers)}"


def shift_of(text: str) -> DatumShift:
    """What stands after --parameters. Raises UsageError."""
    words = [w for w in re.split(r"[,，;\s]+", text.strip()) if w]
    try:
        numbers = tuple(float(w) for w in words)
    except ValueError:
        numbers = ()
    if len(numbers) not in (4, 7) or not np.isfinite(numbers).all():
        raise UsageError(
            what=f"看不懂转换参数“{text[:60]}”",
            fix="请给 4 个数（ΔX 米, ΔY 米, 旋转角 秒, 尺度 ppm）或 7 个数（ΔX, ΔY, ΔZ 米, RX, RY, RZ 秒, 尺度 ppm），用逗号分隔",
        )
    return DatumShift(numbers=numbers)


def shifted(shift: DatumShift, old: str, code: str, east: Floats, north: Floats) -> tuple[Floats, Floats, float]:
    """(east, north) in the CGCS2000 zone `code` of coordinates in the same zone of an old datum, and how far they moved at most, in m.

    Raises UsageError where the code is no Gauss-Krüger zone, and where the parameters move points further than they may lie apart.
    """
    zone = gauss_zone(code)
    if zone is None:
        raise UsageError(what=f"{old}的经纬度不能按参数转换", fix="请给出高斯克吕格平面坐标")
    offset = zone.false_easting_m - 500_000.0
    if len(shift.numbers) == 4:
        x, y = _turned(shift.numbers, east - offset, north)
        x += offset
    else:
        x, y = _through_space(shift.numbers, old, zone.meridian_deg, zone.false_easting_m, east, north)
    moved_m = float(np.hypot(x - east, y - north).max())
    if not moved_m <= FARTHEST_M:
        raise UsageError(
            what=f"转换参数把坐标移动了 {moved_m:,.1f} 米，不像{old}到 2000 国家大地坐标系的参数（{shift}）",
            fix=f"两者相差不超过 {FARTHEST_M:g} 米：请核对参数的次序、单位（米、秒、ppm）、旋转方向，以及是否用于这个地区",
        )
    return x, y, moved_m


def _turned(numbers: tuple[float, ...], east: Floats, north: Floats) -> tuple[Floats, Floats]:
    dx, dy, seconds, ppm = numbers
    turn, scale = np.radians(seconds / 3600), 1 + ppm * 1e-6
    return dy + scale * (north * np.sin(turn) + east * np.cos(turn)), dx + scale * (north * np.cos(turn) - east * np.sin(turn))


def _through_space(
    numbers: tuple[float, ...], old: str, meridian_deg: float, false_easting_m: float, east: Floats, north: Floats
) -> tuple[Floats, Floats]:
    import pyproj

    dx, dy, dz, rx, ry, rz, ppm = numbers
    gauss = f"+proj=tmerc +lat_0=0 +lon_0={meridian_deg} +k=1 +x_0={false_easting_m} +y_0=0"
    before = _ELLIPSOIDS[old]
    pipeline = pyproj.Transformer.from_pipeline(
        f"+proj=pipeline +step +inv {gauss} {before} +step +proj=cart {before}"
        f" +step +proj=helmert +x={dx!r} +y={dy!r} +z={dz!r} +rx={rx!r} +ry={ry!r} +rz={rz!r} +s={ppm!r} +convention=coordinate_frame"
        f" +step +inv +proj=cart {_CGCS2000} +step {gauss} {_CGCS2000}"
    )
    x, y, _ = pipeline.transform(east, north, np.zeros_like(east))
    return np.asarray(x, float), np.asarray(y, float)
