"""The ways to read two columns of numbers as coordinates, and on which vertices each of them holds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xygis.errors import Where
from xygis.geodesy.crs import CGCS2000, gauss_zone, is_geographic, to_geographic, zone_code
from xygis.geodesy.ellipsoid import Floats
from xygis.vector.crs_claim import Claim

Envelope = tuple[float, float, float, float]  # lon0, lat0, lon1, lat1 in degrees
Locate = Callable[[int], Where]
Bools = NDArray[np.bool_]

_WIDEN_DEG = 0.2  # about 20 km
_CGCS2000_AREA = (73.0, 3.0, 136.0, 54.0)  # where the zones are defined; the box where no envelope is known
_SAMPLE = 64
_SLACK_DEG = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One way to read two columns of numbers."""

    code: str
    swapped: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """The two columns as they stand, which of them the format calls east, and where each vertex stands in the file."""

    first: Floats
    second: Floats
    east_first: bool
    envelope: Envelope | None
    locate: Locate

    def east_north(self, swapped: bool) -> tuple[Floats, Floats]:
        return (self.first, self.second) if self.east_first != swapped else (self.second, self.first)

    @property
    def box(self) -> Envelope | None:
        if self.envelope is None:
            return None
        a, b, c, d = self.envelope
        return a - _WIDEN_DEG, b - _WIDEN_DEG, c + _WIDEN_DEG, d + _WIDEN_DEG

    def sample(self) -> Numbers:
        """The extreme vertices and some in between: a reading that fits none of these fits not all."""
        n = len(self.first)
        if n <= 4 * _SAMPLE:
            return self
        ends = [f(v) for v in (self.first, self.second) for f in (np.argmin, np.argmax)]
        at = np.unique(np.r_[np.linspace(0, n - 1, _SAMPLE).astype(int), ends])
        return Numbers(first=self.first[at], second=self.second[at], east_first=self.east_first, envelope=self.envelope, locate=self.locate)


def readings_of_numbers(numbers: Numbers, claim: Claim) -> list[Reading]:
    """The readings that the size of the numbers and the claimed zone allow, nominal order first."""
    codes = [CGCS2000] if _share(np.maximum(abs(numbers.first), abs(numbers.second)) <= 360) > 0.5 else []
    found = sorted({z for s in (False, True) for z in prefixes(numbers, s)})
    for zone in found:
        if 25 <= zone <= 45:
            codes.append(zone_code(zone))
        elif 13 <= zone <= 23:
            codes.append(f"EPSG:{4491 + zone - 13}")
    if not codes:
        codes = _bare_codes(numbers, claim)
    return [Reading(code=c, swapped=s) for c in codes for s in (False, True)]


def fits(numbers: Numbers, reading: Reading) -> Bools:
    """Which vertices the reading puts into the envelope (or, with none, where the system may be used)."""
    east, north = numbers.east_north(reading.swapped)
    box = numbers.box
    zone = gauss_zone(reading.code)
    if zone is not None:
        away = east - zone.false_easting_m
        good = (abs(away) < 500_000) & (north > 0) & (north < 6_500_000)
        box = box or _CGCS2000_AREA
    elif is_geographic(reading.code):
        good = (abs(east) <= 360) & (abs(north) <= 90)
        if box is None and reading.code == CGCS2000:
            box = _CGCS2000_AREA
    else:
        good = (abs(east) < 1e8) & (abs(north) < 1e8)
    if box is None or not good.any():
        return np.asarray(good, dtype=bool)
    if len(east) > 4 * _SAMPLE and good.all() and _frame_fits(reading.code, east, north, box):
        return np.asarray(good, dtype=bool)
    with np.errstate(all="ignore"):
        lon, lat = to_geographic(reading.code, np.where(good, east, np.nan), np.where(good, north, np.nan))
        return np.asarray(good & (lon >= box[0]) & (lon <= box[2]) & (lat >= box[1]) & (lat <= box[3]), dtype=bool)


def _frame_fits(code: str, east: Floats, north: Floats, box: Envelope) -> bool:
    """True where the frame around all vertices lies well inside the box, and with it, the map being continuous, every vertex."""
    t = np.linspace(0.0, 1.0, 33)
    x = east.min() + t * (east.max() - east.min())
    y = north.min() + t * (north.max() - north.min())
    ends = np.repeat
    frame_x = np.r_[x, x, ends(x[0], 33), ends(x[-1], 33)]
    frame_y = np.r_[ends(y[0], 33), ends(y[-1], 33), y, y]
    with np.errstate(all="ignore"):
        lon, lat = to_geographic(code, frame_x, frame_y)
    inside = (lon > box[0] + _SLACK_DEG) & (lon < box[2] - _SLACK_DEG) & (lat > box[1] + _SLACK_DEG) & (lat < box[3] - _SLACK_DEG)
    return bool(inside.all())


def zones_of(envelope: Envelope) -> tuple[int, ...]:
    """The 3-degree zones that the envelope touches."""
    return tuple(range(int(np.floor(envelope[0] / 3 + 0.5)), int(np.floor(envelope[2] / 3 + 0.5)) + 1))


def prefixes(numbers: Numbers, swapped: bool) -> set[int]:
    """Zone numbers in front of the eastings of at least half of the vertices."""
    east, north = numbers.east_north(swapped)
    prefixed = (east >= 13e6) & (east < 46e6) & (north > 0) & (north < 6_500_000)
    if _share(prefixed) < 0.5:
        return set()
    values, counts = np.unique(np.floor(east[prefixed] / 1e6).astype(int), return_counts=True)
    return {int(v) for v, c in zip(values, counts, strict=True) if 2 * c >= len(east)}


def _bare_codes(numbers: Numbers, claim: Claim) -> list[str]:
    """Systems without a zone in the easting: the claimed zone, else those of the envelope, else all."""
    if claim.zone is not None:
        if claim.width_deg == 6 or claim.zone < 25:
            return [f"EPSG:{4502 + claim.zone - 13}"] if 13 <= claim.zone <= 23 else []
        return [zone_code(claim.zone, prefixed=False)] if claim.zone <= 45 else []
    box = numbers.box
    if claim.width_deg == 6:
        wide = range(13, 24) if box is None else range(int(box[0] // 6) + 1, int(box[2] // 6) + 2)
        return [f"EPSG:{4502 + z - 13}" for z in wide if 13 <= z <= 23]
    zones = range(25, 46) if box is None else [z for z in zones_of(box) if 25 <= z <= 45]
    return [zone_code(z, prefixed=False) for z in zones]


def _share(mask: Bools) -> float:
    return float(mask.mean()) if len(mask) else 0.0
