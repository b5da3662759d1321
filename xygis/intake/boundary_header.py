"""What the header of a boundary-point TXT says of the coordinate system, under all the names that exporters give it."""

from __future__ import annotations

import re
from dataclasses import replace

from xygis.errors import UnknownCrs, UnknownZone, Where
from xygis.intake.boundary_txt import Document, HeaderLine
from xygis.intake.text import ascii_signs
from xygis.vector.crs_claim import Claim, old_datum

_SYSTEM = ("坐标系", "坐标系统", "坐标系名称", "大地坐标系", "坐标系类型")
_ZONE = ("带号", "分带号", "投影带号")
_WIDTH = ("几度分带", "分带", "度带", "分带类型")
_MERIDIAN = ("中央子午线", "中央经线", "中央子午线经度")
_UNIT = ("计量单位", "单位", "坐标单位")
_PROJECTION = ("投影类型", "投影", "投影方式")


def claim_of_header(document: Document) -> Claim:
    """The claim of the header. Raises UnknownCrs (a local system, another projection), UnknownZone; each with its line."""
    claim = replace(_claim(document), datum=_datum(document))
    found = _find(document, _SYSTEM)
    old = old_datum(found[1].value) if found and found[1].value else None
    if old is None or found is None:
        return claim
    evidence = (f"文件头“{found[0]}={found[1].value[:40]}”", *claim.evidence)
    return replace(claim, old=old, evidence=evidence, where=document.where(found[1].line))


def _claim(document: Document) -> Claim:
    evidence = []
    if found := _find(document, _SYSTEM):
        evidence.append(_system(document, *found))
    if found := _find(document, _PROJECTION):
        word = re.sub(r"[\s\-—·]", "", found[1].value).lower()
        if word and not re.search(r"高斯|gauss|无|经纬|地理", word):
            raise _unknown(document, found, "不是高斯克吕格投影")
    unit = _find(document, _UNIT)
    if unit and unit[1].value and not re.fullmatch(r"米|m|meter|metre|度|degree", unit[1].value.strip().lower()):
        raise _unknown(document, unit, "只能读以米或度为单位的坐标")
    width = _number(document, _WIDTH)
    if width and width[0] not in (3, 6):
        raise _unknown(document, (width[1], width[2]), "只能读 3 度带和 6 度带")
    zone = _number(document, _ZONE) or _meridian(document, width[0] if width else None)
    if zone is None:
        place = document.where(width[2].line) if width else Where()
        return Claim(evidence=tuple(e for e in evidence if e), width_deg=width[0] if width else None, where=place)
    number, key, line = zone
    if (
        not (13 <= number <= 23 or 25 <= number <= 45)
        or (width and width[0] == 3 and number < 25)
        or (width and width[0] == 6 and number > 23)
    ):
        raise UnknownZone(
            what=f"带号 {number} 与{f' {width[0]} 度分带' if width else '我国的分带'}不符",
            where=document.where(line.line),
            why="我国 3 度带带号为 25 至 45，6 度带带号为 13 至 23",
            fix="核对带号；若坐标没有加带号又不清楚带号，请删去这一行",
        )
    evidence.append(f"文件头“{key}={line.value}”")
    return Claim(
        zone=number, width_deg=width[0] if width else None, evidence=tuple(e for e in evidence if e), where=document.where(line.line)
    )


def metres_stated(document: Document) -> int | None:
    """The line that says that coordinates are in metres."""
    found = _find(document, _UNIT)
    return found[1].line if found and re.fullmatch(r"米|m|meter|metre", found[1].value.strip().lower()) else None


def _datum(document: Document) -> str | None:
    """The datum that the header names for degrees; what it names at all is one that we take, or it was refused before."""
    found = _find(document, _SYSTEM)
    if found is None or not found[1].value or old_datum(found[1].value):
        return None
    return "wgs84" if re.search(r"WGS", found[1].value.upper()) else "cgcs2000"


def _system(document: Document, key: str, line: HeaderLine) -> str:
    value = line.value
    if not value:
        return ""
    if old_datum(value):
        return ""
    plain = value.upper().replace(" ", "")
    if "2000" in plain or re.search(r"WGS_?-?84|WGS1984", plain):
        return f"文件头“{key}={value[:40]}”"
    raise _unknown(document, (key, line), "可能是地方独立坐标系")


def _unknown(document: Document, found: tuple[str, HeaderLine], why: str) -> UnknownCrs:
    return UnknownCrs(
        what=f"文件头“{found[0]}={found[1].value[:40]}”不能使用",
        where=document.where(found[1].line),
        why=why,
        fix="请转换为 2000 国家大地坐标系的高斯克吕格坐标（米）再送审",
    )


def _find(document: Document, names: tuple[str, ...]) -> tuple[str, HeaderLine] | None:
    return next(((n, document.header[n]) for n in names if n in document.header), None)


def _number(document: Document, names: tuple[str, ...]) -> tuple[int, str, HeaderLine] | None:
    found = _find(document, names)
    if not found or not found[1].value:
        return None
    match = re.fullmatch(r"第?\s*(\d{1,3})(?:\.0*)?\s*(?:度|°)?\s*(?:分?带)?", ascii_signs(found[1].value).translate(_CHINESE))
    if not match:
        raise _unknown(document, found, "应写成整数：几度分带写 3 或 6，带号写 37 或 38 这样的数")
    return int(match.group(1)), found[0], found[1]


_CHINESE = str.maketrans("三六", "36")


def _meridian(document: Document, width: int | None) -> tuple[int, str, HeaderLine] | None:
    """The zone that a central meridian means: 111 → 37."""
    found = _find(document, _MERIDIAN)
    if not found or not found[1].value:
        return None
    match = re.match(r"[东经E\s]*(\d{2,3})(?:\.0+)?(?![\d.])", ascii_signs(found[1].value))
    degrees = int(match.group(1)) if match else 0
    if not degrees or degrees % 3:
        raise _unknown(document, found, "中央经线应是 3 的倍数")
    return (degrees + 3) // 6 if width == 6 else degrees // 3, found[0], found[1]
