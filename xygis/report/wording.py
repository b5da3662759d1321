"""How parcels, sizes, articles and files are called in Chinese sentences."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from xygis import numbers
from xygis.atlas.law import Citation
from xygis.check.assessment import Assessment, ParcelAssessment
from xygis.numbers import square_metres
from xygis.report.totals import LayerTotals

_DIGITS = "〇一二三四五六七八九"
_SMALL_M2 = 100.0  # below this, 公顷 would hide the size
_NAME_LENGTH = 8  # longer parcel names do not fit a column head
FORMATS = {
    "boundary_txt": "坐标交换文件",
    "shapefile": "Shapefile",
    "geopackage": "GeoPackage",
    "geojson": "GeoJSON",
    "filegdb": "FileGDB",
    "kml": "KML",
    "dxf": "DXF",
    "flatgeobuf": "FlatGeobuf",
    "wkt": "WKT",
    "xlsx": "Excel 界址点表",
    "csv": "CSV 界址点表",
}


def net_sentences(totals: Iterable[LayerTotals]) -> tuple[str, ...]:
    """毛面积, 扣除 and 净面积 of each layer whose features state a factor (PITFALLS P33)."""
    return tuple(
        f"{t.title}毛面积 {square_metres(t.overlap_m2)} m²，按图斑的扣除系数（KCXS，田坎）扣除 {square_metres(t.deducted_m2)} m²，"
        f"净面积 {square_metres(t.overlap_m2 - t.deducted_m2)} m²；判定、占比和限额一律采用毛面积"
        for t in totals
        if t.overlap_m2 and t.deducted_m2
    )


def size(m2: float) -> str:
    """0.9554 公顷（14.33 亩）; small areas in m²."""
    if abs(m2) < _SMALL_M2:
        return f"{numbers.square_metres(m2)} m²"
    return f"{numbers.hectares(m2)} 公顷（{numbers.mu(m2)} 亩）"


def numeral(n: int) -> str:
    """三十五 for 35; up to 9999, as articles of law are numbered."""
    text = ""
    for value, unit in ((1000, "千"), (100, "百"), (10, "十")):
        digit, n = divmod(n, value)
        if digit:
            text += ("" if value == 10 and digit == 1 and not text else _DIGITS[digit]) + unit
        elif text and n and not text.endswith("零"):
            text += "零"
    return text + (_DIGITS[n] if n or not text else "")


def article(text: str) -> str:
    """第三十五条 for "35", 第二十六条第二款 for "26(2)"; what is not a number stands as it is."""
    match = re.fullmatch(r"(\d{1,4})(?:\((\d{1,2})\))?", text.strip())
    if match is None:
        section = re.fullmatch(f"([{_DIGITS}十百千零]+)(?:\\(([{_DIGITS}十]+)\\))?", text.strip())
        return text if section is None else f"第{section[1]}条" + (f"（{section[2]}）" if section[2] else "")
    clause = f"第{numeral(int(match[2]))}款" if match[2] else ""
    return f"第{numeral(int(match[1]))}条{clause}"


def basis(citations: Iterable[Citation], *, versions: bool = True) -> list[tuple[str, bool]]:
    """One (text, verified) per instrument: 土地管理法（2019-08-26）第三十五条、第四十四条."""
    grouped: dict[tuple[str, str, bool], list[str]] = {}
    for c in citations:
        articles = grouped.setdefault((c.instrument, c.version.isoformat(), c.verified), [])
        if c.article:
            articles.append(article(c.article))
    return [
        (f"{name}（{version}）{'、'.join(articles)}" if versions else f"{name} {'、'.join(articles)}".rstrip(), verified)
        for (name, version, verified), articles in grouped.items()
    ]


def basis_line(citations: Sequence[Citation]) -> str:
    """The same in one short line, for table cells."""
    return "；".join(text + ("" if verified else "（条文待核）") for text, verified in basis(citations, versions=False))


def column_names(parcels: Sequence[ParcelAssessment]) -> list[str]:
    """Names short and distinct enough for column heads; else 1 号, 2 号, …"""
    names = [p.name for p in parcels]
    if len(set(names)) == len(names) and all(0 < len(n) <= _NAME_LENGTH for n in names):
        return names
    return [f"{p.id} 号" for p in parcels]


def row_name(parcel: ParcelAssessment) -> str:
    """The name at the head of a row; long ones are cut behind their number. The table of areas has them whole."""
    return parcel.name if len(parcel.name) <= 18 else f"{parcel.id} 号 {shortened(parcel.name, 14)}"


def names_are_short(parcels: Sequence[ParcelAssessment]) -> bool:
    """Whether column heads carry the names themselves."""
    return column_names(parcels) == [p.name for p in parcels]


def shortened(text: str, length: int = 24) -> str:
    """Text cut to a length for headlines; the full text stands elsewhere."""
    return text if len(text) <= length else f"{text[: length - 1]}…"


def listed(names: Sequence[str], *, most: int = 3) -> str:
    """地块1、地块2 等 5 个地块."""
    shown = "、".join(shortened(n, 16) for n in names[:most])
    return shown if len(names) <= most else f"{shown}等 {len(names)} 个地块"


def document_title(assessment: Assessment) -> str:
    """东津产业园一期用地合规性审查报告; without a project name, after the parcel or the file."""
    name = assessment.project.name
    if not name:
        parcels = assessment.parcels
        name = parcels[0].name if len(parcels) == 1 else (f"{parcels[0].name}等 {len(parcels)} 个地块" if parcels else "送审")
    return f"{name}用地合规性审查报告"


def layer_titles(assessment: Assessment) -> dict[str, str]:
    """Layer id → title."""
    return {r.layer.id: r.layer.title for r in assessment.layers}


def fingerprint(digest: str | None) -> str:
    """The first eight figures of a digest in two groups: 9b1f 44d0."""
    if not digest:
        return numbers.DASH
    plain = digest.split(":")[-1]
    return f"{plain[:4]} {plain[4:8]}"
