"""What speaks for the reading that was taken and against the others, as a surveyor would put it down: looked at on the extremes."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from xygis.errors import ReadAs
from xygis.geodesy.crs import gauss_zone, is_geographic, title, to_geographic, zone_code
from xygis.geodesy.ellipsoid import Floats
from xygis.vector.crs_claim import Claim
from xygis.vector.crs_reading import Envelope, Numbers, Reading, prefixes, zones_of

_KM_PER_DEG = 111.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """One kind of evidence: what was found, and whether it speaks for the reading."""

    kind: str  # 写明 | 带号 | 数值 | 范围 | 指定
    found: str
    says: str  # 支持 | 未写明 | 不能单独判断
    source: str = ""  # the layer or file it is of, where a submission has several

    def to_dict(self) -> dict[str, str]:
        told = {"kind": self.kind, "found": self.found, "says": self.says}
        return told | {"source": self.source} if self.source else told


def weigh(numbers: Numbers, reading: Reading, claim: Claim, *, ordered: bool) -> tuple[Weighed, ...]:
    """The evidence for a reading that fits, strongest first."""
    out = [Weighed(kind="指定", found=f"--crs {reading.code}", says="支持")] if ordered else []
    stated = bool(claim.code) or claim.zone is not None or claim.datum is not None
    said = "；".join(claim.evidence)
    out.append(Weighed(kind="写明", found=said or "文件没有写坐标系", says="支持" if stated else "不能单独判断" if said else "未写明"))
    return (*out, _prefix(numbers, reading), _size(numbers, reading), _place(numbers, reading))


def others(numbers: Numbers, chosen: Reading) -> tuple[ReadAs, ...]:
    """The readings beside the chosen one that a person might think of, and where they would put the numbers."""
    tried = [read_as(numbers, replace(chosen, swapped=not chosen.swapped))]
    zone = gauss_zone(chosen.code)
    if zone is not None and not zone.prefixed:
        near = zones_of(numbers.box) if numbers.box is not None else (zone.zone - 1, zone.zone + 1)
        meridians = [z for z in near if 25 <= z <= 45 and 3 * z != zone.meridian_deg]
        tried += [read_as(numbers, Reading(code=zone_code(z, prefixed=False), swapped=chosen.swapped)) for z in meridians[:4]]
    return tuple(tried)


def read_as(numbers: Numbers, reading: Reading, *, less_east: float = 0.0) -> ReadAs:
    """Where a reading puts the numbers: the box around them in degrees. less_east: taken off the eastings, as a zone prefix is."""
    east, north = numbers.east_north(reading.swapped)
    order = "东坐标在前" if reading.swapped != numbers.east_first else "北坐标在前"
    box = _box(reading.code, np.array([east.min(), east.max()]) - less_east, np.array([north.min(), north.max()]))
    away = None if box is None or numbers.box is None else _away_km(box, numbers.box)
    return ReadAs(code=reading.code, title=f"{title(reading.code)}，{order}", box=box, away_km=away)


def _box(code: str, x: Floats, y: Floats) -> Envelope | None:
    """The box of least and greatest coordinates in degrees; None where they cannot be coordinates of the system at all."""
    zone = gauss_zone(code)
    if zone is not None and (np.abs(x - zone.false_easting_m).max() > 500_000 or y[0] <= 0 or y[1] > 6_500_000):
        return None
    if zone is None and is_geographic(code) and (np.abs(x).max() > 360 or np.abs(y).max() > 90):
        return None
    with np.errstate(all="ignore"):
        lon, lat = to_geographic(code, x[[0, 1, 0, 1]], y[[0, 0, 1, 1]])
    if not (np.isfinite(lon).all() and np.isfinite(lat).all()):
        return None
    return float(lon.min()), float(lat.min()), float(lon.max()), float(lat.max())


def _away_km(box: Envelope, allowed: Envelope) -> float:
    """How far the box reaches beyond what is allowed, about; 0 inside."""
    lon = max(allowed[0] - box[0], box[2] - allowed[2], 0.0)
    lat = max(allowed[1] - box[1], box[3] - allowed[3], 0.0)
    return float(np.hypot(lon * np.cos(np.radians((allowed[1] + allowed[3]) / 2)), lat) * _KM_PER_DEG)


def _prefix(numbers: Numbers, reading: Reading) -> Weighed:
    zone = gauss_zone(reading.code)
    if zone is None:
        return Weighed(kind="带号", found="不是带号坐标", says="不能单独判断")
    found = prefixes(numbers, reading.swapped)
    if zone.prefixed and found:
        return Weighed(kind="带号", found=f"横坐标 8 位，以 {zone.zone} 开头，是 {zone.width_deg} 度带的带号", says="支持")
    return Weighed(kind="带号", found="横坐标前没有带号", says="不能单独判断")


def _size(numbers: Numbers, reading: Reading) -> Weighed:
    east, north = numbers.east_north(reading.swapped)
    places, unit = (6, "°") if is_geographic(reading.code) else (3, " 米")
    span = [f"{v.min():,.{places}f}—{v.max():,.{places}f}{unit}" for v in (north, east)]
    first = "东" if reading.swapped != numbers.east_first else "北"
    return Weighed(kind="数值", found=f"北 {span[0]}，东 {span[1]}；{first}坐标在前", says="支持")


def _place(numbers: Numbers, reading: Reading) -> Weighed:
    box = read_as(numbers, reading).box
    count = f"{len(numbers.first):,} 个点"
    lands = "" if box is None else f"东经 {box[0]:.4f}—{box[2]:.4f}°、北纬 {box[1]:.4f}—{box[3]:.4f}°"
    if numbers.envelope is None:
        return Weighed(kind="范围", found=f"{count}在{lands}；图集没有范围", says="不能单独判断")
    return Weighed(kind="范围", found=f"{count}都在图集范围（外扩约 20 公里）之内：{lands}", says="支持")
