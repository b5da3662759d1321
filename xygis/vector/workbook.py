"""The sheets of an Excel workbook as plain rows: values only, no formulas run, no merged cells needed, within limits.

openpyxl reads row by row; before it sees the file its parts are looked through for bombs and for entity definitions.
"""

from __future__ import annotations

import warnings
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

from xygis.errors import DamagedFile, TooLarge, UnsafeFile, Where
from xygis.vector.safe import check_file

Cell = str | float | None
Rows = list[tuple[int, list[Cell]]]  # (line as it is counted in the file, cells)

MAX_ROWS = 200_000
MAX_CELLS = 5_000_000
_MAX_COLUMNS = 256
_MAX_BYTES = 120 << 20
_MAX_PARTS = 2000
_MAX_RATIO = 200
_RATIO_FROM_BYTES = 20 << 20
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One sheet, or a whole CSV file."""

    name: str
    rows: Rows
    hidden: bool = False


def read_workbook(path: Path) -> list[Sheet]:
    """All sheets with anything in them, in whatever process this is called. Raises DamagedFile, UnsafeFile, TooLarge."""
    where = Where(file=str(path))
    check_file(path)
    look_through(path, where)
    import openpyxl

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about styles and extensions, which are of no concern
        try:
            book = openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
        except Exception as error:
            raise _damaged(where, error) from error
        try:
            return [s for sheet in book.worksheets if (s := _sheet(sheet, where)).rows]
        finally:
            book.close()


def _sheet(sheet: object, where: Where) -> Sheet:
    title = str(getattr(sheet, "title", ""))
    place = Where(file=where.file, layer=title)
    rows: Rows = []
    cells = 0
    sheet.reset_dimensions()  # type: ignore[attr-defined]  # the stated extent may lie, both ways
    try:
        for number, row in enumerate(sheet.iter_rows(values_only=True), start=1):  # type: ignore[attr-defined]
            cells += len(row)
            if number > MAX_ROWS or cells > MAX_CELLS:
                raise TooLarge(what=f"工作表超过 {MAX_ROWS:,} 行或 {MAX_CELLS:,} 格", where=place, fix="请删去多余的行列，只留界址点表")
            if len(row) > _MAX_COLUMNS and any(v is not None for v in row[_MAX_COLUMNS:]):
                raise TooLarge(
                    what=f"工作表超过 {_MAX_COLUMNS} 列", where=Where(file=where.file, layer=title, line=number), fix="请删去多余的列"
                )
            values = [_cell(v) for v in row[:_MAX_COLUMNS]]
            if any(v is not None for v in values):
                rows.append((number, values))
    except TooLarge:
        raise
    except Exception as error:
        raise _damaged(place, error) from error
    return Sheet(name=title, rows=rows, hidden=getattr(sheet, "sheet_state", "visible") != "visible")


def _cell(value: object) -> Cell:
    if value is None or isinstance(value, float):
        return value
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, int):
        return float(value)
    return str(value).strip() or None


def _damaged(where: Where, error: Exception) -> DamagedFile:
    return DamagedFile(
        what="Excel 文件已损坏，无法读取", where=where, why=str(error)[:120], fix="请用 Excel 或 WPS 打开，另存为 .xlsx 后再送审"
    )


def look_through(path: Path, where: Where, *, most_bytes: int = _MAX_BYTES) -> None:
    """Refuses bombs, doubles, passwords and entity definitions; nothing is kept of what is unpacked."""
    total = 0
    try:
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
            if len(infos) > _MAX_PARTS or len({i.filename.casefold() for i in infos}) < len(infos):
                raise UnsafeFile(what="Excel 文件的内部结构不正常（部件过多或重名）", where=where, fix="请用 Excel 另存为 .xlsx")
            for info in infos:
                if info.flag_bits & 1:
                    raise UnsafeFile(what="Excel 文件有密码", where=where, fix="请去掉密码后另存为 .xlsx")
                total += _look_at(archive, info, where, most_bytes - total)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, OSError, RuntimeError) as error:
        raise _damaged(where, error) from error


def _look_at(archive: zipfile.ZipFile, info: zipfile.ZipInfo, where: Where, most_bytes: int) -> int:
    """Bytes of one part. Raises UnsafeFile."""
    size = 0
    tail = b""
    is_xml = info.filename.lower().endswith((".xml", ".rels", ".vml"))
    with archive.open(info) as part:
        while chunk := part.read(_CHUNK):
            size += len(chunk)
            if size > most_bytes or (size > _RATIO_FROM_BYTES and size > _MAX_RATIO * max(1, info.compress_size)):
                raise UnsafeFile(what="Excel 文件解压后的大小超过上限，可能是压缩炸弹", where=where, fix="请用 Excel 另存，只留界址点表")
            plain = (tail + chunk).replace(b"\0", b"")  # UTF-16 as well
            if is_xml and (b"<!DOCTYPE" in plain or b"<!ENTITY" in plain):
                raise UnsafeFile(
                    what="Excel 文件里有 DOCTYPE 或实体定义", where=where, why=f"在部件 {info.filename[:60]}", fix="请用 Excel 另存为 .xlsx"
                )
            tail = chunk[-32:]
    return size
