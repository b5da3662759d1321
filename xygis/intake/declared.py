"""The area that an applicant states: its number, its unit, and which unit is meant where none is written."""

from __future__ import annotations

import math
import re

from xygis.errors import Where
from xygis.intake.text import ascii_signs
from xygis.vector.notes import Note

_M2 = {"公顷": 1e4, "亩": 2000 / 3, "m²": 1.0}
_WORDS = {
    "公顷": ("公顷", "ha", "hm2", "hm^2", "hectare"),
    "亩": ("亩", "mu"),
    "m²": ("平方米", "平米", "m2", "m^2", "sqm", "㎡"),
}
_IN = {unit: 1 / m2 for unit, m2 in _M2.items()}
_SAME_SHARE = 0.005
_OFF_SHARE = 0.01  # planar and ellipsoidal area differ by a thousandth at most
_DOUBT_SHARE = 0.05  # of the computed area: no measuring is that far off
_NEAR = math.log(3)  # units lie a factor 15 apart or more; an area as stated differs from the computed one by much less


def declared_area(text: str, computed_m2: float, *, usual: str, where: Where) -> tuple[float | None, tuple[Note, ...]]:
    """(m², notes) of an area as written. `usual`: the unit that the format prescribes, "公顷" or "m²".

    Without a unit the one is taken that comes near the computed area, and said where it is not the usual one.
    """
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if abs(number / (computed_m2 * _IN[usual]) - 1) <= _SAME_SHARE:  # most files: a number in the usual unit that is right
        return number * _M2[usual], ()
    plain = ascii_signs(text).replace(" ", "").lower()
    match = re.fullmatch(r"(\d+(?:\.\d*)?|\.\d+)(.*)", re.sub(r"(?<=\d),(?=\d{3}(?:\D|$))", "", plain))
    if not plain or (match and float(match.group(1)) == 0):
        return None, ()
    unit = next((u for u, words in _WORDS.items() if match and match.group(2) in words), None)
    if match is None or (match.group(2) and unit is None):
        return None, (Note(code="declared_area_unread", level="warning", text=f"看不懂申报面积“{text[:30]}”，未使用", where=where),)
    value = float(match.group(1))
    if unit is not None:
        note = Note(code="area_unit_written", level="info", text=f"申报面积“{text}”带单位，按{unit}读取", where=where)
        return value * _M2[unit], (note, *_mismatch(value * _M2[unit], computed_m2, where))
    distance = {u: abs(math.log(value * m2 / computed_m2)) for u, m2 in _M2.items()}
    nearest = min(distance, key=lambda u: distance[u])
    if distance[nearest] > _NEAR:
        text = f"申报面积 {value:g} 与计算面积 {computed_m2:,.2f} m² 相差悬殊（约 {math.exp(distance[usual]):,.0f} 倍），三种单位都对不上，按{usual}读取，请核对界址点"
        return value * _M2[usual], (Note(code="declared_area_far", level="warning", text=text, where=where),)
    if distance[usual] <= _NEAR:
        return value * _M2[usual], _mismatch(value * _M2[usual], computed_m2, where)
    text = f"申报面积 {value:g} 没有写单位，规定的单位是{usual}，按数值判断是{nearest}"
    note = Note(code="area_unit_guessed", level="warning", text=text, where=where)
    return value * _M2[nearest], (note,)


def doubts_of_area(declared_m2: float | None, computed_m2: float) -> tuple[str, ...]:
    """Why a boundary must be verified whose area is not the stated one by far: points were lost, moved or mistyped."""
    if declared_m2 is None or abs(declared_m2 / computed_m2 - 1) <= _DOUBT_SHARE:
        return ()
    return (f"申报面积 {declared_m2:,.2f} m² 与图形面积 {computed_m2:,.2f} m² 相差超过 {_DOUBT_SHARE:.0%}，界址点可能丢失或有误",)


def _mismatch(declared_m2: float, computed_m2: float, where: Where) -> tuple[Note, ...]:
    """A remark where the declared area is further off than any projection could explain: points or decimals may be lost."""
    off = declared_m2 / computed_m2 - 1
    if abs(off) <= _OFF_SHARE:
        return ()
    text = f"申报面积 {declared_m2:,.2f} m² 与图形面积 {computed_m2:,.2f} m² 相差 {abs(off):.1%}，请核对界址点"
    return (Note(code="declared_area_off", level="warning", text=text, where=where),)
