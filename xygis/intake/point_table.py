"""Point tables (界址点成果表) out of Excel or CSV become layers of parcels: rings closed, directions settled by numbers, lengths compared."""

from __future__ import annotations

import csv
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import shapely

from xygis.errors import BadGeometry, BadLine, TooLarge, UnknownFormat, UsageError, Where, XygisError
from xygis.geodesy.dms import spelled, unpacked
from xygis.intake.point_columns import wkt_column
from xygis.intake.point_rings import Rings, is_closed, rings_of_group
from xygis.intake.point_rows import Group, Table, read_table
from xygis.intake.text import Text
from xygis.vector.crs_claim import Claim, refuse_old_datum
from xygis.vector.gpkg import RawFeatures
from xygis.vector.layers import ForeignLayer
from xygis.vector.notes import Note
from xygis.vector.wkt import geometry_of
from xygis.vector.workbook import MAX_ROWS, Cell, Sheet

_HEAD_LINES = 200
_DELIMITERS = (",", "\t", ";", "，", "|")
_OLD = (
    ("1980 西安坐标系", r"西安(19)?80|(19)?80年?西安|西安坐标系|XI.?AN_?(19)?80"),
    ("1954 北京坐标系", r"北京(19)?54|(19)?54年?北京|北京坐标系|BEIJING_?(19)?54"),
)
_NEW = re.compile(r"2000国家大地坐标系|国家2000|CGCS_?2000|大地2000", re.IGNORECASE)
_WGS84 = re.compile(r"WGS[\s_-]?(?:19)?84", re.IGNORECASE)
_MAP_APP = re.compile(r"GCJ|BD-?09|火星|高德|百度|腾讯", re.IGNORECASE)  # beside any other datum: which of the two, only a person knows
_MERIDIAN = re.compile(r"中央(?:经线|子午线)[:=]?(?:东经)?(\d{2,3})(?:[°度EÉ]|$)?")
_ZONE = re.compile(r"(?:带号|第)[:=]?(\d{2})带?")
_WIDTH = re.compile(r"([36三六])度(?:分)?带")
_HEADLESS = "表头应有“点号、X坐标、Y坐标”（或东、北坐标，经度、纬度）；几个地块放在一张表里时，加一列“地块编号”"


def sheets_of_csv(text: Text, file: str) -> list[Sheet]:
    """A CSV file as one sheet without a name, in the separator under which it is a table; [] where under none. Raises TooLarge."""
    delimiter = _delimiter(text)
    if delimiter is None:
        return []
    if len(text.lines) > MAX_ROWS:
        raise TooLarge(
            what=f"表格有 {len(text.lines):,} 行，超过上限 {MAX_ROWS:,} 行", where=Where(file=file), fix="请只导出需要审查的地块"
        )
    return [Sheet(name="", rows=_rows(text.lines, delimiter))]


def looks_like_point_table(text: Text) -> bool:
    """True where some line of a text is the head of a point table or has a column of WKT."""
    return _delimiter(text) is not None


def _delimiter(text: Text) -> str | None:
    """The separator under which one of the first lines is a head."""
    first = text.lines[:_HEAD_LINES]
    return next((d for d in _DELIMITERS if any(_looks_like_head(cells) for _, cells in _rows(first, d))), None)


def layers_of_workbook(path: Path, shown: str, *, chosen: tuple[str, ...] = ()) -> list[ForeignLayer]:
    """A layer for each sheet with a point table. Raises what `read_sheets_caged` and `layers_of_sheets` raise."""
    from xygis.vector.caged import read_sheets_caged

    try:
        sheets = read_sheets_caged(path)
    except XygisError as error:
        error.where = replace(error.where, file=shown)
        raise
    if missing := [name for name in chosen if name not in {s.name for s in sheets}]:
        raise UsageError(what=f"没有工作表“{missing[0]}”", where=Where(file=shown), fix=f"现有工作表：{'、'.join(s.name for s in sheets)}")
    return layers_of_sheets([s for s in sheets if not chosen or s.name in chosen], shown, "xlsx", None, chosen=bool(chosen))


def layers_of_sheets(sheets: list[Sheet], shown: str, kind: str, encoding: str | None, *, chosen: bool = False) -> list[ForeignLayer]:
    """Raises UnknownFormat where no sheet holds points, BadLine and BadGeometry with the line, OldDatum."""
    where = Where(file=shown)
    found: list[ForeignLayer] = []
    without: list[str] = []
    for sheet in sheets:
        if sheet.hidden and not chosen:
            without.append(f"{sheet.name}（隐藏）")
            continue
        layer = _layer_of_wkt(sheet, shown, kind, encoding)
        table = None if layer else read_table(sheet, shown)
        if table is not None:
            layer = _layer(sheet, table, shown, kind, encoding)
        if layer is None:
            without.append(sheet.name)
        else:
            found.append(layer)
    if not found:
        raise UnknownFormat(
            what="表格里找不到界址点的表头" if sheets else "表格是空的",
            where=where,
            why=f"看过的工作表：{'、'.join(without[:8])}" if kind == "xlsx" and without else "",
            fix=_HEADLESS,
        )
    if without:
        note = Note(
            code="sheet_skipped",
            level="warning",
            text=f"没有读取这些工作表（没有界址点表头，或已隐藏）：{'、'.join(without[:8])}",
            where=where,
        )
        found[0] = replace(found[0], notes=(note, *found[0].notes))
    return found


def _layer(sheet: Sheet, table: Table, shown: str, kind: str, encoding: str | None) -> ForeignLayer:
    where = Where(file=shown, layer=sheet.name)
    if not table.groups:
        raise BadGeometry(what="表头下面没有界址点", where=where, fix="请在表头之后逐行写点号和坐标")
    packed = _unpack(table, where)
    east_is_first, notes = _directions(table, where)
    notes += [*packed, *table.notes]
    shapes: list[shapely.Geometry] = []
    doubts: list[tuple[int, str]] = []
    lines: dict[tuple[float, float], int] = {}
    closing = any(is_closed(g) for g in table.groups)
    for fid, group in enumerate(table.groups, start=1):
        made: Rings = rings_of_group(group, where, east_is_first=east_is_first, closing=closing)
        shapes.append(made.geometry)
        notes += made.notes
        lines = made.lines | lines
        doubts += [(fid, text) for text in made.doubts]
    geometry = np.empty(len(shapes), dtype=object)
    geometry[:] = shapes
    claim = _claim(table, where)
    claim = replace(claim, evidence=(_columns_told(sheet, table, east_is_first=east_is_first), *claim.evidence))
    return ForeignLayer(
        name=sheet.name or Path(shown).stem,
        format=kind,
        features=RawFeatures(
            geometry=geometry, columns=_attributes(table.groups), crs=claim.code, fids=list(range(1, len(shapes) + 1)), sublayer=sheet.name
        ),
        claim=claim,
        encoding=encoding,
        encoding_why="",
        notes=tuple(notes),
        doubts=tuple(doubts),
        lines=lines,
    )


def _columns_told(sheet: Sheet, table: Table, *, east_is_first: bool) -> str:
    """Which columns were read as what, and how much there was, for whoever checks."""
    first, second = table.columns.heads
    north, east = (second, first) if east_is_first else (first, second)
    sheet_ = f"工作表“{sheet.name}”" if sheet.name else "表格"
    points = sum(len(g.points) for g in table.groups)
    words = ("纬度", "经度") if table.columns.degrees else ("北坐标", "东坐标")
    return f"{sheet_}第 {table.head_line} 行是表头，{words[0]}取“{north}”列，{words[1]}取“{east}”列，{len(table.groups)} 个地块共 {points} 行界址点"


def _attributes(groups: tuple[Group, ...]) -> dict[str, list[object]]:
    columns: dict[str, list[object]] = {
        "地块名称": [g.name or g.number or None for g in groups],
        "地块编号": [g.number or None for g in groups],
        "申报面积": [g.area or None for g in groups],
        "地块用途": [g.use or None for g in groups],
    }
    return {k: v for k, v in columns.items() if any(v)}


def _directions(table: Table, where: Where) -> tuple[bool, list[Note]]:
    """Whether the column that is nominally north holds eastings, by the size of the numbers; said where the head says otherwise."""
    first = float(np.median([p.first for g in table.groups for p in g.points]))
    second = float(np.median([p.second for g in table.groups for p in g.points]))
    turned = _is_east(first, second)
    if not turned:
        return False, []
    heads = table.columns.heads
    if table.columns.explicit:
        text = f"表头“{heads[0]}”一列的数值是东坐标（或经度），与表头相反，已按数值对调"
        return True, [Note(code="axes_swapped", level="warning", text=text, where=where)]
    text = f"“{heads[0]}”一列是东坐标、“{heads[1]}”一列是北坐标（测量习惯 X 为北），已按数值判断"
    return True, [Note(code="axes_swapped", level="info", text=text, where=where)]


def _unpack(table: Table, where: Where) -> list[Note]:
    """Degrees, minutes and seconds run together become degrees where the head says longitude and latitude and every number can be one."""
    points = [p for g in table.groups for p in g.points]
    both = [(unpacked(p.first), unpacked(p.second)) for p in points]
    if not table.columns.degrees or not all(a is not None and b is not None for a, b in both):
        return []
    found = iter(both)
    for group in table.groups:
        group.points = [replace(p, first=a or 0.0, second=b or 0.0) for p, (a, b) in zip(group.points, found, strict=False)]
    first, second = points[0].first, points[0].second
    text = f"坐标是度分秒连写，如 {first:g}… 读作 {spelled(both[0][0] or 0.0)}，{second:g}… 读作 {spelled(both[0][1] or 0.0)}"
    return [Note(code="degrees_unpacked", level="warning", text=text, where=Where(file=where.file, layer=where.layer, line=points[0].line))]


def _is_east(value: float, other: float) -> bool:
    """True where only the first of two coordinates can be the easting."""
    if abs(value) <= 180 and abs(other) <= 180:
        return value > other and abs(other) <= 90  # in China longitude is the larger number
    if 13e6 <= value < 46e6:
        return True
    return 0 < value < 1e6 <= other < 6.5e6


def _claim(table: Table, where: Where) -> Claim:
    """What the words around the table say of the coordinate system. Raises OldDatum."""
    evidence: list[str] = []
    zone: int | None = None
    width: int | None = None
    datum: str | None = None
    heads = [(table.head_line, head) for head in table.columns.heads]
    shifted = any(_MAP_APP.search(text) for _, text in (*table.words, *heads))
    for line, text in (*table.words, *heads):
        for name, pattern in _OLD:
            if re.search(pattern, text, re.IGNORECASE) and not _NEW.search(text):
                raise refuse_old_datum(name, Where(file=where.file, layer=where.layer, line=line))
        named = "cgcs2000" if _NEW.search(text) else "wgs84" if _WGS84.search(text) else None
        if named is None and not _MERIDIAN.search(text) and not _WIDTH.search(text):
            continue
        datum = datum or (None if shifted else named)
        evidence.append(f"表中第 {line} 行写明“{text[:60]}”")
        if found := _WIDTH.search(text):
            width = 3 if found.group(1) in "3三" else 6
        if found := _MERIDIAN.search(text):
            meridian = int(found.group(1))
            zone = (meridian + 3) // 6 if width == 6 else meridian // 3 if meridian % 3 == 0 else None
        elif found := _ZONE.search(text):
            zone = int(found.group(1))
    kind = "经纬度" if table.columns.degrees else "坐标"
    evidence = list(dict.fromkeys(evidence)) or [f"表格没有写坐标系，按{kind}数值判断"]
    return Claim(zone=zone, width_deg=width, datum=datum, evidence=tuple(evidence[:3]), where=where)


def _layer_of_wkt(sheet: Sheet, shown: str, kind: str, encoding: str | None) -> ForeignLayer | None:
    """A table with a column of well-known text: a feature a line, the other columns as attributes."""
    head = next(((at, c) for at, (_, cells) in enumerate(sheet.rows[:20]) if (c := wkt_column(cells)) is not None), None)
    if head is None:
        return None
    at, column = head
    names = [str(c) if c is not None else "" for c in sheet.rows[at][1]]
    shapes: list[shapely.Geometry] = []
    columns: dict[str, list[object]] = {n: [] for k, n in enumerate(names) if n and k != column}
    fids = []
    for line, cells in sheet.rows[at + 1 :]:
        place = Where(file=shown, layer=sheet.name, line=line)
        text = cells[column] if column < len(cells) else None
        if not isinstance(text, str):
            raise BadLine(what=f"“{names[column]}”一列是空的", where=place, fix="请补上图形，或删去这一行")
        shapes.append(geometry_of(re.sub(r"^SRID\s*=\s*\d+\s*;", "", text.strip(), flags=re.IGNORECASE), place))
        fids.append(line)
        for k, n in enumerate(names):
            if n and k != column:
                columns[n].append(cells[k] if k < len(cells) else None)
    if not shapes:
        return None
    geometry = np.empty(len(shapes), dtype=object)
    geometry[:] = shapes
    srids = {m.group(1) for _, cells in sheet.rows[at + 1 :] if (m := re.match(r"SRID\s*=\s*(\d+)", str(cells[column]), re.IGNORECASE))}
    if len(srids) > 1:
        raise BadGeometry(
            what="各行写的 SRID 不同", where=Where(file=shown), why="、".join(sorted(srids)), fix="请把不同坐标系的地块分开送审"
        )
    from xygis.vector.crs_claim import claim_of_code

    place = Where(file=shown, layer=sheet.name)
    claim = (
        claim_of_code(f"EPSG:{int(srids.pop())}", source="文件（SRID）", where=place)
        if srids
        else Claim(evidence=("表格没有写坐标系，按坐标数值判断",), where=place)
    )
    return ForeignLayer(
        name=sheet.name or Path(shown).stem,
        format=kind,
        features=RawFeatures(geometry=geometry, columns=columns, crs=claim.code, fids=fids, sublayer=sheet.name),
        claim=claim,
        encoding=encoding,
        encoding_why="",
        notes=(),
    )


def _rows(lines: tuple[str, ...], delimiter: str) -> list[tuple[int, list[Cell]]]:
    reader = csv.reader((line + "\n" for line in lines), delimiter=delimiter)
    rows: list[tuple[int, list[Cell]]] = []
    try:
        for cells in reader:
            plain: list[Cell] = [c.strip() or None for c in cells]
            if any(plain):
                rows.append((reader.line_num, plain))
    except csv.Error:
        return []
    return rows


def _looks_like_head(cells: list[Cell]) -> bool:
    from xygis.intake.point_columns import find_columns

    try:
        return wkt_column(cells) is not None or find_columns([(1, cells)], 0, Where()) is not None
    except BadLine:
        return True
