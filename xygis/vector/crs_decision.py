"""Decides which coordinate system some numbers are in, on all vertices, with its reasons; asks where two readings fit.

A reading is a system together with an axis order. Those that the file's claim and the numbers allow are tried on every
vertex against the envelope: one that fits all is taken, two are asked about, none is an error that names a point.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from xygis.errors import AmbiguousCrs, ReadAs, UnknownCrs, Where
from xygis.geodesy.crs import CGCS2000, WGS84, gauss_zone, is_geographic, title, to_geographic
from xygis.geodesy.datum_shift import DatumShift
from xygis.geodesy.ellipsoid import Floats
from xygis.vector import crs_refusal
from xygis.vector.crs_claim import Claim, code_of_user, refuse_old_datum
from xygis.vector.crs_reading import Envelope, Locate, Numbers, Reading, fits, prefixes, readings_of_numbers
from xygis.vector.crs_weighing import Weighed, others, read_as, weigh
from xygis.vector.notes import Note

_MOST_SHOWN = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class CrsDecision:
    """`swapped`: the two columns stand in the other order than the format says."""

    code: str
    swapped: bool
    evidence: tuple[str, ...]
    notes: tuple[Note, ...]
    weighed: tuple[Weighed, ...] = ()
    others: tuple[ReadAs, ...] = ()
    old: str | None = None  # the datum that the coordinates are still in; `code` says the zone


def decide_crs(
    first: Floats,
    second: Floats,
    *,
    east_first: bool,
    claim: Claim | None = None,
    envelope: Envelope | None = None,
    override: str | None = None,
    shift: DatumShift | None = None,
    locate: Locate = lambda _: Where(),
) -> CrsDecision:
    """The system of all vertices. `east_first`: the order that the format prescribes (GIS files True, TXT False).

    Raises UnknownZone, AmbiguousCrs, OutsideEnvelope, UnknownCrs, OldDatum; each names a line or a point.
    """
    claim = claim or Claim()
    _check_datum(claim, shift)
    numbers = Numbers(first=first, second=second, east_first=east_first, envelope=envelope, locate=locate)
    if not len(first) or not (np.isfinite(first).all() and np.isfinite(second).all()):
        raise UnknownCrs(what="没有可用的坐标", fix="请核对文件内容")
    if override is not None:
        code = code_of_user(override)
        chosen = _only(numbers, [Reading(code=code, swapped=s) for s in (False, True)])
        if chosen is None:
            raise crs_refusal.not_as_ordered(numbers, code, _fitting(numbers, readings_of_numbers(numbers, Claim())))
        return _decision(numbers, chosen, ("由 --crs 指定",), claim, ordered=True)
    if claim.code is not None:
        chosen = _only(numbers, [Reading(code=claim.code, swapped=s) for s in (False, True)])
        if chosen is not None:
            return _decision(numbers, chosen, claim.evidence, claim)
        crs_refusal.odd_vertex(numbers, [Reading(code=claim.code, swapped=s) for s in (False, True)])
        fitting = _fitting(numbers, readings_of_numbers(numbers, Claim()))
        if claim.firm:
            raise crs_refusal.claim_contradicted(numbers, claim, fitting)
        claim = Claim(evidence=("坐标不在经纬度范围内，按数值判断坐标系",))
    _check_prefix(numbers, claim)
    readings = readings_of_numbers(numbers, claim)
    fitting = _fitting(numbers, readings)
    codes = list(dict.fromkeys(r.code for r in fitting))
    if len(codes) > 1:
        raise _ask(numbers, codes, fitting)
    if not fitting:
        raise crs_refusal.nothing_fits(numbers, claim, readings)
    evidence = claim.evidence
    zone = gauss_zone(fitting[0].code)
    if zone is not None and not zone.prefixed and claim.zone is None:
        evidence += (f"没有写带号，图集范围内只有第 {zone.zone} 带讲得通",)
    return _decision(numbers, fitting[0], evidence, claim)


def _check_datum(claim: Claim, shift: DatumShift | None) -> None:
    """An old datum needs parameters, and parameters need an old datum; raises OldDatum and UnknownCrs."""
    if claim.old is not None and shift is None:
        raise refuse_old_datum(claim.old, claim.where)
    if claim.old is None and shift is not None:
        raise UnknownCrs(
            what="给了转换参数，文件却没有写明是旧坐标系",
            where=claim.where,
            why="；".join(claim.evidence),
            fix="坐标已是 2000 国家大地坐标系的，去掉 --parameters；是旧坐标系的，请在文件里写明 1980 西安坐标系或 1954 北京坐标系",
        )


def _fitting(numbers: Numbers, readings: list[Reading]) -> list[Reading]:
    few = numbers.sample()
    return [r for r in readings if fits(few, r).all() and fits(numbers, r).all()]


def _only(numbers: Numbers, readings: list[Reading]) -> Reading | None:
    found = _fitting(numbers, readings)
    return found[0] if found else None


def _check_prefix(numbers: Numbers, claim: Claim) -> None:
    found = {z for s in (False, True) for z in prefixes(numbers, s)}
    if claim.zone is not None and found and claim.zone not in found:
        raise crs_refusal.zone_contradicted(numbers, claim, min(found))
    if claim.width_deg is not None and found and not any((z >= 25) == (claim.width_deg == 3) for z in found):
        raise crs_refusal.width_contradicted(numbers, claim, min(found))


def _ask(numbers: Numbers, codes: list[str], fitting: list[Reading]) -> AmbiguousCrs:
    if numbers.envelope is None:
        what, why = "横坐标没有带号，无法判断是哪一带", "图集没有范围，也没有别的依据"
    else:
        what, why = "坐标有不止一种读法", "；".join(f"按 {title(c)} 也在图集范围内" for c in codes)
    options = " 或 ".join(f"--crs {c}" for c in codes[:3]) if len(codes) <= 3 else "--crs EPSG:代码"
    return AmbiguousCrs(
        what=what,
        where=numbers.locate(0),
        why=why,
        fix=f"请用 {options} 指明坐标系，或在文件中写明带号",
        readings=tuple(read_as(numbers, r) for r in fitting[:_MOST_SHOWN]),
    )


def _decision(numbers: Numbers, reading: Reading, evidence: tuple[str, ...], claim: Claim, *, ordered: bool = False) -> CrsDecision:
    code = reading.code
    if is_geographic(code) and not ordered and not claim.says_datum:
        raise crs_refusal.datum_unsaid(numbers, reading)
    notes: list[Note] = []
    lines = list(evidence)
    east, north = numbers.east_north(reading.swapped)
    zone = gauss_zone(code)
    if zone is not None and zone.prefixed:
        lines.append(f"横坐标 8 位，以 {zone.zone} 开头")
    elif zone is not None:
        lines.append(f"横坐标不带带号，按第 {zone.zone} 带（中央经线 {zone.meridian_deg:g}°）")
    elif is_geographic(code):
        lines.append("坐标是以度为单位的经纬度")
    lon, lat = to_geographic(code, *(np.array([f(v) for f in (np.min, np.max)]) for v in (east, north)))
    ending = "，在图集范围内" if numbers.envelope is not None else ""
    lines.append(f"{'位于' if is_geographic(code) else '反算为'}东经 {lon[0]:.2f}—{lon[1]:.2f}°，北纬 {lat[0]:.2f}—{lat[1]:.2f}°{ending}")
    if reading.swapped:
        nominal, found = ("东坐标在前", "北坐标在前") if numbers.east_first else ("X 为北、Y 为东", "东坐标在前、北坐标在后")
        notes.append(
            Note(code="axes_swapped", level="info", text=f"坐标顺序与规定（{nominal}）相反，{found}，已按数值对调", where=numbers.locate(0))
        )
    if code == WGS84 or (is_geographic(code) and claim.datum == "wgs84"):
        code = CGCS2000
        notes.append(Note(code="wgs84_as_cgcs2000", level="info", text="WGS84 与 CGCS2000 相差不到 1 米，按 CGCS2000 经纬度使用"))
    return CrsDecision(
        code=code,
        swapped=reading.swapped,
        evidence=tuple(lines),
        notes=tuple(notes),
        weighed=weigh(numbers, reading, claim, ordered=ordered),
        others=others(numbers, reading),
        old=claim.old,
    )
