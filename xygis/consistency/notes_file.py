"""A file of notes that somebody has worked in: a workbook or a GeoPackage, told apart by content."""

from __future__ import annotations

import re
import unicodedata
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

from xygis.consistency.notes import HEADS, ID_COLUMN, ID_HEAD, BadNote, NoteRow, Value
from xygis.consistency.notes_table import Cells, columns_of, note_rows, rows_of_table
from xygis.errors import DamagedFile, FieldMissing, TooLarge, UnknownFormat, Where
from xygis.vector.gpkg import read_gpkg, sublayers
from xygis.vector.safe import check_file
from xygis.vector.workbook import look_through

_MOST_ROWS = 1_048_576
_MOST_BYTES = 2 << 30  # unpacked: 300,000 rows take 200 MB
_MOST_COLUMNS = 256
_HEAD_WITHIN = 20  # rows: somebody may have put a title above
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z]{1,3})(\d+):([A-Z]{1,3})(\d+)"')
_CHUNK = 1 << 20
_DAYS_TO_1904 = 1462


def read_notes(path: Path) -> list[NoteRow]:
    """What the rows of a workbook or a GeoPackage say. Raises UnknownFormat, DamagedFile, FieldMissing, BadNote and what is unsafe."""
    check_file(path)
    with path.open("rb") as file:
        head = file.read(16)
    if head.startswith(b"SQLite format 3\0"):
        return _of_geopackage(path)
    if head.startswith(b"PK"):
        return _of_workbook(path)
    raise UnknownFormat(
        what="不是 Excel 工作簿（.xlsx），也不是 GeoPackage", where=Where(file=str(path)), fix="请另存为 .xlsx；旧的 .xls 和 CSV 不读"
    )


def _of_geopackage(path: Path) -> list[NoteRow]:
    tables = [t.name for t in sublayers(path) if ID_COLUMN in columns_of(t.columns, Where(file=str(path), layer=t.name))]
    if not tables:
        raise FieldMissing(
            what=f"GeoPackage 里没有带字段 {ID_COLUMN}（图斑编号）的图层",
            where=Where(file=str(path)),
            fix="请用 xygis consistency --out 写出的 consistency.gpkg",
        )
    return _joined([rows_of_table(read_gpkg(path, name), path) for name in tables], Where(file=str(path)))


def _of_workbook(path: Path) -> list[NoteRow]:
    where = Where(file=str(path))
    look_through(path, where, most_bytes=_MOST_BYTES)
    import warnings

    import openpyxl

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about styles and extensions, which are of no concern
        try:
            # Formulas are seen as such: the value that a workbook remembers for one may be old, or missing.
            book = openpyxl.load_workbook(path, read_only=True, data_only=False, keep_links=False)
        except Exception as error:
            raise _damaged(where, error) from error
        try:
            tables = [rows for sheet in book.worksheets if (rows := _of_sheet(book, sheet, path)) is not None]
        except (zipfile.BadZipFile, KeyError, SyntaxError, TypeError, ValueError, AttributeError, IndexError) as error:
            raise _damaged(where, error) from error
        finally:
            book.close()
    if not tables:
        raise FieldMissing(what=f"没有一张表有“{ID_HEAD}”这一列", where=where, fix="请保留表头；列可以换位置，不能改名")
    return _joined(tables, where)


def _joined(tables: list[list[NoteRow]], where: Where) -> list[NoteRow]:
    """The rows of several tables as one: a patch may stand in two only with the same notes."""
    if len(tables) == 1:
        return tables[0]
    named: dict[str, NoteRow] = {}
    for row in (r for rows in tables for r in rows if r.id):
        other = named.setdefault(row.id, row)
        if other.notes != row.notes and other.notes and row.notes:
            raise BadNote(what=f"图斑 {row.id} 在两张表里有不同的意见", where=where, fix="同一图斑请只留一行")
        if not other.notes:
            named[row.id] = row
    return [*named.values(), *(r for rows in tables for r in rows if not r.id)]


def _of_sheet(book: Any, sheet: Any, path: Path) -> list[NoteRow] | None:
    """None: a sheet without our heads."""
    where = Where(file=str(path), layer=str(sheet.title))
    sheet.reset_dimensions()  # the stated extent may lie
    rows = enumerate(sheet.iter_rows(max_col=_MOST_COLUMNS), start=1)
    for line, cells in rows:
        names = ["" if c.value is None else str(c.value) for c in cells]
        if ID_HEAD in ("".join(unicodedata.normalize("NFKC", n).split()) for n in names):
            columns = columns_of(names, where)
            _refuse_merged(book, sheet, line, columns, where)
            late = _DAYS_TO_1904 if book.epoch.year == 1904 else 0
            return note_rows(_cells(rows, columns, late, where), where)
        if line == _HEAD_WITHIN:
            break
    return None


def _cells(rows: Iterator[tuple[int, Any]], columns: dict[str, int], late: int, where: Where) -> Iterator[Cells]:
    for line, cells in rows:
        if line > _MOST_ROWS:
            raise TooLarge(what=f"超过 {_MOST_ROWS:,} 行", where=where, fix="请删去多余的行")
        found = {field: _value(cells[j], field, late) for field, j in columns.items() if j < len(cells)}
        if any(v is not None for v in found.values()):
            yield f"第 {line} 行", {field: found.get(field) for field in columns}


def _value(cell: Any, field: str, late: int) -> Value | BadNote:
    value = cell.value
    title = HEADS.get(field, ID_HEAD)
    if value is None:
        return None
    if cell.data_type == "f":
        return BadNote(what=f"“{title}”是公式", fix="公式不读；请复制后“选择性粘贴”为数值")
    if cell.data_type == "e":
        return BadNote(what=f"“{title}”是错误值 {value}", fix="请改正这一格")
    if isinstance(value, (datetime, date, str)):
        return value
    if isinstance(value, (int, float)):
        return value + late if field == "due" and late and not isinstance(value, bool) and value < 100_000 else value
    return str(value)


def _refuse_merged(book: Any, sheet: Any, head: int, columns: dict[str, int], where: Where) -> None:
    """A merged cell holds one value for several rows: to which of them it belongs, a person must say."""
    from openpyxl.utils import column_index_from_string

    tail = b""
    with book._archive.open(sheet._worksheet_path) as part:
        while chunk := part.read(_CHUNK):
            for west, top, east, bottom in _MERGED.findall(tail + chunk):
                first, last = column_index_from_string(west.decode()) - 1, column_index_from_string(east.decode()) - 1
                if int(bottom) <= head:
                    continue
                touched = [HEADS.get(f, ID_HEAD) for f, j in columns.items() if first <= j <= last]
                if touched:
                    raise BadNote(
                        what=f"第 {int(top)}—{int(bottom)} 行的“{'”“'.join(touched)}”是合并单元格",
                        where=where,
                        fix="请取消合并，每个图斑的一行都填上；没有读入任何一行",
                    )
            tail = (tail + chunk)[-200:]


def _damaged(where: Where, error: Exception) -> DamagedFile:
    return DamagedFile(
        what="Excel 文件已损坏，无法读取", where=where, why=str(error)[:120], fix="请用 Excel 或 WPS 打开，另存为 .xlsx 再试"
    )
