"""A shapefile as a receiving office tests it: widths of the standard's fields, UTF-8 with .cpg, .prj under Esri's name of the zone.

Widths: TD/T 1057-2020 (DLTB) and 《市级国土空间总体规划数据库规范（试行）》; a value that does not fit widens its field and is told.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import shapely

from xygis.convert.columns import AREA, NAME, USE, Column, columns_of, named, under_standard_names
from xygis.errors import OutputFailed, TooLarge, Where
from xygis.geodesy.crs import gauss_zone
from xygis.intake.submission import Parcel
from xygis.vector.notes import Note

_NAME_BYTES = 10
_TEXT_BYTES = 254
_MOST_BYTES = 2**31 - 1  # of .shp and of .dbf: offsets in many readers are 32 bits
_TEXT_WIDTHS = {
    **{"BSM": 18, "YSDM": 10, "XZQDM": 12, "XZQMC": 100, "TBYBH": 18, "TBBH": 8, "DLBM": 5, "DLMC": 60, "QSXZ": 2, "QSDWDM": 19},
    **{"QSDWMC": 60, "ZLDWDM": 19, "ZLDWMC": 60, "KCDLBM": 5, "GDLX": 2, "GDPDJB": 2, "TBXHDM": 6, "TBXHMC": 20, "ZZSXDM": 6},
    **{"ZZSXMC": 20, "FRDBS": 1, "CZCSXM": 4, "MSSM": 2, "HDMC": 100, "YDYHFLDM": 10, "BZ": 254},
    **{NAME: 100, USE: 100, "DKBH": 18, "TFH": 30},
}
_NUMBERS = {
    **{"TBMJ": (15, 2), "KCXS": (6, 4), "KCMJ": (15, 2), "TBDLMJ": (15, 2), "XZDWKD": (5, 1), "MJ": (15, 2), AREA: (15, 2)},
    **{"GDDB": (1, 0), "SJNF": (4, 0)},
}
_GEOGRAPHIC = (
    'GEOGCS["GCS_China_Geodetic_Coordinate_System_2000",DATUM["D_China_2000",SPHEROID["CGCS2000",6378137.0,298.257222101]],'
    'PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]'
)


def prj_text(code: str) -> str:
    """The .prj of a CGCS2000 system, as Esri writes it."""
    zone = gauss_zone(code)
    if zone is None:
        return _GEOGRAPHIC
    kind = f"Zone_{zone.zone}" if zone.prefixed else f"CM_{zone.meridian_deg:g}E"
    parameters = (
        ("False_Easting", zone.false_easting_m),
        ("False_Northing", 0.0),
        ("Central_Meridian", zone.meridian_deg),
        ("Scale_Factor", 1.0),
        ("Latitude_Of_Origin", 0.0),
    )
    inner = ",".join(f'PARAMETER["{name}",{value:.1f}]' for name, value in parameters)
    return f'PROJCS["CGCS2000_{zone.width_deg}_Degree_GK_{kind}",{_GEOGRAPHIC},PROJECTION["Gauss_Kruger"],{inner},UNIT["Meter",1.0]]'


def write_set(parcels: Sequence[Parcel], folder: Path, stem: str, on: date) -> list[Note]:
    """stem.shp, .shx, .dbf, .prj, .cpg in the folder; and what the format could not hold. Raises OutputFailed, TooLarge."""
    import fiona

    given = columns_of(parcels)
    columns, _ = named(under_standard_names(given), _fitting)
    notes = _renamed(given, columns)
    typed = [_typed(c, [p.name for p in parcels], notes) for c in columns]
    row_bytes = sum(_width(kind) for _, kind, _ in typed) + 1
    points = int(sum(shapely.get_num_coordinates(p.geometry) for p in parcels))
    if max(row_bytes * len(parcels), 16 * points + 60 * len(parcels)) > _MOST_BYTES:
        raise TooLarge(what="数据超过 Shapefile 的 2 GB 上限", fix="请改用 --to gpkg，或分批转换")
    schema = {"geometry": "Polygon", "properties": {name: kind for name, kind, _ in typed}}
    path = folder / f"{stem}.shp"
    try:
        with fiona.open(path, "w", driver="ESRI Shapefile", schema=schema, encoding="utf-8", DBF_DATE_LAST_UPDATE=on.isoformat()) as out:
            rows = zip(*(values for _, _, values in typed), strict=True)
            names = [name for name, _, _ in typed]
            out.writerecords(
                {"type": "Feature", "geometry": shapely.geometry.mapping(p.geometry), "properties": dict(zip(names, row, strict=True))}
                for p, row in zip(parcels, rows, strict=True)
            )
    except (fiona.errors.FionaError, OSError, ValueError) as error:
        raise OutputFailed(
            what="Shapefile 写不出来", where=Where(file=f"{stem}.shp"), why=str(error)[:200], fix="请换一个输出目录，或改用 --to gpkg"
        ) from error
    path.with_suffix(".prj").write_text(prj_text(parcels[0].crs), "ascii")
    path.with_suffix(".cpg").write_text("UTF-8", "ascii")
    return notes


def _fitting(name: str) -> str:
    """At most ten bytes of UTF-8, cut between characters; nothing in it that would end or split a field name."""
    kept = "".join(c if c.isalnum() or c == "_" else "_" for c in name) or "F"
    while len(kept.encode("utf-8")) > _NAME_BYTES:
        kept = kept[:-1]
    return kept


def _renamed(given: Sequence[Column], columns: Sequence[Column]) -> list[Note]:
    changed = [f"{a.name}→{b.name}" for a, b in zip(given, columns, strict=True) if a.name != b.name]
    if not changed:
        return []
    more = " 等" if len(changed) > 12 else ""
    text = f"Shapefile 的字段名最多 10 个字节（3 个汉字），已改名：{'、'.join(changed[:12])}{more}"
    return [Note(code="fields_renamed", level="warning", text=text)]


def _typed(column: Column, names: list[str], notes: list[Note]) -> tuple[str, str, list[str | float | int | None]]:
    """(name, fiona's type with width, values). Text that is longer than 254 bytes is cut, and told by parcel."""
    number = _NUMBERS.get(column.name.upper())
    values = [None if v == "" else v for v in column.values]
    if number is not None:
        figures = [_number(v, *number) for v in values]
        if all((f is None) == (v is None) for f, v in zip(figures, values, strict=True)):
            if any(f is not None and abs(f - float(v or 0)) > 1e-9 for f, v in zip(figures, values, strict=True)):
                text = f"字段 {column.name} 按标准为 {number[0]} 位、{number[1]} 位小数，多出的小数没有写入"
                notes.append(Note(code="decimals_cut", level="warning", text=text))
            kind = f"float:{number[0]}.{number[1]}" if number[1] else f"int32:{number[0]}"
            return column.name, kind, [f if f is None or number[1] else int(f) for f in figures]
    texts = [None if v is None else str(v) for v in values]
    longest = max((len(t.encode("utf-8")) for t in texts if t), default=1)
    standard = _TEXT_WIDTHS.get(column.name.upper())
    if standard is not None and longest > standard:
        text = f"字段 {column.name} 的标准宽度是 {standard} 字节，内容有 {min(longest, _TEXT_BYTES)} 字节，已加宽，没有截断"
        notes.append(Note(code="field_widened", level="warning", text=text))
    if longest > _TEXT_BYTES:
        long = [n for n, t in zip(names, texts, strict=True) if t and len(t.encode("utf-8")) > _TEXT_BYTES]
        text = f"Shapefile 的文字最多 {_TEXT_BYTES} 字节（84 个汉字），字段 {column.name} 截去了 {len(long)} 个地块的末尾：{'、'.join(long[:3])}"
        notes.append(Note(code="text_cut", level="warning", text=text))
    width = min(max(standard or 1, longest), _TEXT_BYTES)
    return column.name, f"str:{width}", [None if t is None else _cut(t) for t in texts]


def _number(value: str | float | None, width: int, decimals: int) -> float | None:
    """The value with so many decimals, or None where it is no number or too wide."""
    if value is None:
        return None
    try:
        number = round(float(value), decimals)
    except ValueError:
        return None
    return number if math.isfinite(number) and len(f"{number:.{decimals}f}") <= width else None


def _cut(text: str) -> str:
    return text.encode("utf-8")[:_TEXT_BYTES].decode("utf-8", errors="ignore")


def _width(kind: str) -> int:
    return int(kind.split(":")[1].split(".")[0])
