"""What a file says of its coordinate system, before anybody has looked at its numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass

from xygis.errors import OldDatum, UnknownCrs, Where
from xygis.geodesy.crs import from_wkt, gauss_zone

_ESRI_GAUSS = re.compile(r"CGCS2000_(3|6)_Degree_GK_(Zone|CM)_(\d+)E?", re.IGNORECASE)
_XIAN_80 = ((2327, 2390), (4610, 4610))
_BEIJING_54 = ((2401, 2442), (4214, 4214), (21413, 21463), (21473, 21483), (4555, 4555), (4568, 4589), (4652, 4766))


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What is written: a code, or only a zone, or nothing. `firm` is False where a format merely prescribes it."""

    code: str | None = None
    zone: int | None = None
    width_deg: int | None = None  # 3 | 6
    evidence: tuple[str, ...] = ()
    where: Where = Where()
    firm: bool = True
    old: str | None = None  # the old datum that is written; it stops where no parameters are given
    datum: str | None = None  # of degrees, where something says it besides a code: wgs84 | cgcs2000
    open_datum: bool = False  # the format prescribes degrees and never says their datum (KML)

    @property
    def says_datum(self) -> bool:
        """Whether degrees under this claim are in a datum that somebody or something has named."""
        return self.datum is not None or self.old is not None or (self.code is not None and not self.open_datum)


def old_datum(text: str) -> str | None:
    """The name of the old datum that a text or an EPSG code means, or None. New Beijing (EPSG:4555) counts as old."""
    match = re.fullmatch(r"EPSG:(\d+)", text.strip())
    if match:
        n = int(match.group(1))
        for ranges, name in ((_XIAN_80, "1980 西安坐标系"), (_BEIJING_54, "1954 北京坐标系")):
            if any(a <= n <= b for a, b in ranges):
                return name
        return None
    plain = re.sub(r"[\s_\-’'“”\"年]", "", text).lower()
    if "2000" in plain.split("geogcs")[0] and "80" not in plain and "54" not in plain:
        return None
    if re.search(r"xi'?an(19)?80|西安|(19)?80国家大地|^(19)?80(坐标系)?$", plain):
        return "1980 西安坐标系"
    if re.search(r"beijing(19)?54|北京|^(19)?54(坐标系)?$|krasovsky|克拉索夫斯基", plain):
        return "1954 北京坐标系"
    return None


def refuse_old_datum(name: str, where: Where) -> OldDatum:
    return OldDatum(
        what=f"坐标系是 {name}，不能直接使用",
        where=where,
        why="转换到 2000 国家大地坐标系需要本地的转换参数，软件没有，也不猜",
        fix="请先由测绘单位转换为 2000 国家大地坐标系，再送审；或用 --parameters 给出测绘单位的四参数或七参数",
    )


def claim_of_old_datum(name: str, text: str, *, evidence: str, where: Where) -> Claim:
    """The claim of an old datum: with the zone, where a code or a name says it."""
    zone, width = _old_zone(text)
    return Claim(old=name, zone=zone, width_deg=width, evidence=(evidence,), where=where)


def _old_zone(text: str) -> tuple[int | None, int | None]:
    """(zone, width) of an old EPSG code or Esri's name; where the width is not said, the number of the zone says it."""
    match = re.fullmatch(r"EPSG:(\d+)", text.strip())
    n = int(match.group(1)) if match else 0
    for first, zone, count, width in (
        *((2327, 13, 11, 6), (2338, 13, 11, 6), (2349, 25, 21, 3), (2370, 25, 21, 3)),
        *((21413, 13, 11, 6), (21453, 13, 11, 6), (2401, 25, 21, 3), (2422, 25, 21, 3)),
    ):
        if first <= n < first + count:
            return zone + n - first, width
    named = re.search(r"(?:_|\s)Zone_?\s?(\d{2})", text, re.IGNORECASE)
    meridian = re.search(r"CM_?\s?(\d{2,3})E", text, re.IGNORECASE)
    if named:
        return int(named.group(1)), None
    if meridian and "3_Degree" in text:
        return int(meridian.group(1)) // 3, 3
    return None, None


def claim_of_wkt(text: str, *, source: str, where: Where) -> Claim:
    """The claim of a WKT or .prj text. `source` is how a person calls it, e.g. “.prj 文件”.

    Raises UnknownCrs where the text names a system that we do not know.
    """
    text = text.strip()
    name = _name_in(text)
    if old := old_datum(text):
        return claim_of_old_datum(old, name, evidence=f"{source}写明“{name}”", where=where)
    evidence = (f"{source}写明“{name}”",)
    spaced = f" {source}" if source[0] == "." else source
    if match := _ESRI_GAUSS.search(name):
        width, kind, number = int(match.group(1)), match.group(2).lower(), int(match.group(3))
        code = _esri_code(width, kind, number)
        if code:
            return Claim(code=code, evidence=evidence, where=where)
    if name in ("GCS_China_Geodetic_Coordinate_System_2000", "China_Geodetic_Coordinate_System_2000", "CGCS2000", "GCS_CGCS2000"):
        return Claim(code="EPSG:4490", evidence=evidence, where=where)
    if name in ("GCS_WGS_1984", "WGS 84", "WGS_1984"):
        return Claim(code="EPSG:4326", evidence=evidence, where=where)
    found = from_wkt(text)
    if found is None:
        raise UnknownCrs(
            what=f"不认识{spaced}写的坐标系“{name}”",
            where=where,
            why="可能是地方独立坐标系，或者文字不完整",
            fix="请转换为 2000 国家大地坐标系，或者用 --crs 指明，例如 --crs EPSG:4525",
        )
    if old := old_datum(found):
        return claim_of_old_datum(old, found, evidence=evidence[0], where=where)
    return Claim(code=found, evidence=evidence, where=where)


def claim_of_code(code: str, *, source: str, where: Where, firm: bool = True) -> Claim:
    """The claim of an EPSG code."""
    if old := old_datum(code):
        return claim_of_old_datum(old, code, evidence=f"{source}写明 {code}", where=where)
    return Claim(code=code, evidence=(f"{source}写明 {code}",), where=where, firm=firm)


def code_of_user(text: str) -> str:
    """EPSG code of what a person typed after --crs: EPSG:4525, epsg:4525 or 4525."""
    match = re.fullmatch(r"\s*(?:EPSG\s*[:：]\s*)?(\d{4,6})\s*", text, re.IGNORECASE)
    if not match:
        raise UnknownCrs(what=f"看不懂坐标系“{text}”", fix="请给出 EPSG 代码，例如 --crs EPSG:4525")
    code = f"EPSG:{int(match.group(1))}"
    if old := old_datum(code):
        raise refuse_old_datum(old, Where())
    return code


def _name_in(text: str) -> str:
    match = re.search(r'^\s*\w+\s*\[\s*"([^"]*)"', text)
    return match.group(1) if match else text[:60]


def _esri_code(width: int, kind: str, number: int) -> str | None:
    """EPSG code of Esri's CGCS2000_3_Degree_GK_Zone_37 or …_CM_111E."""
    zone = number if kind == "zone" else number // 3 if width == 3 else (number + 3) // 6
    first = {(3, "zone"): 4513, (3, "cm"): 4534, (6, "zone"): 4491, (6, "cm"): 4502}[width, kind]
    code = f"EPSG:{first + zone - (25 if width == 3 else 13)}"
    found = gauss_zone(code)
    return code if found and found.zone == zone and found.width_deg == width else None
