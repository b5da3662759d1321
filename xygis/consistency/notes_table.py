"""Rows of notes out of a table that somebody has edited: what each row says, and everything that is wrong with it in one message."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from xygis.consistency.notes import HEADS, ID_COLUMN, ID_HEAD, BadNote, NoteRow, Read, Value, read_value
from xygis.errors import FieldMissing, Where
from xygis.vector.gpkg import RawFeatures

_MOST_TOLD = 4

Cells = tuple[str, dict[str, Value | BadNote]]  # 第 12 行, cells by field and ID_COLUMN


def columns_of(names: Sequence[str], where: Where) -> dict[str, int]:
    """Field (and ID_COLUMN) → position, wherever the columns stand. Raises BadNote where one is there twice."""
    known = {ID_COLUMN: ID_COLUMN, ID_HEAD: ID_COLUMN} | {f: f for f in HEADS} | {title: f for f, title in HEADS.items()}
    found: dict[str, int] = {}
    for i, name in enumerate(names):
        field = known.get("".join(unicodedata.normalize("NFKC", name).split()))
        if field is None:
            continue
        if field in found:
            raise BadNote(what=f"“{name}”有两列", where=where, fix="请只留一列")
        found[field] = i
    return found


def rows_of_table(table: RawFeatures, path: Path) -> list[NoteRow]:
    """The notes in a table of a GeoPackage. Raises FieldMissing, BadNote."""
    where = Where(file=str(path), layer=table.sublayer)
    names = list(table.columns)
    columns = columns_of(names, where)
    if ID_COLUMN not in columns:
        raise FieldMissing(what=f"图层没有字段 {ID_COLUMN}（图斑编号）", where=where, fix="请用 xygis consistency --out 写出的文件")

    def cells() -> Iterator[Cells]:
        for i, fid in enumerate(table.fids):
            yield f"要素 {fid}", {field: _plain(table.columns[names[j]][i]) for field, j in columns.items()}

    return note_rows(cells(), where)


def note_rows(rows: Iterable[Cells], where: Where) -> list[NoteRow]:
    """One row for each name, and those without a name. Raises BadNote that lists what is wrong and where, the first few of it."""
    wrong: list[tuple[str, BadNote]] = []
    found: dict[str, NoteRow] = {}
    nameless: list[NoteRow] = []
    for place, cells in rows:
        values: dict[str, Read] = {}
        for field, cell in cells.items():
            try:
                if isinstance(cell, BadNote):
                    raise cell
                if field != ID_COLUMN:
                    values[field] = read_value(field, cell)
            except BadNote as error:
                wrong.append((place, error))
        name = cells.get(ID_COLUMN)
        row = NoteRow(id="" if name is None or isinstance(name, BadNote) else str(name).strip(), where=place, values=values)
        if not row.id:
            nameless += [row] if row.notes else []
            continue
        other = found.setdefault(row.id, row)
        if other.notes != row.notes and other.notes and row.notes:
            wrong.append((place, BadNote(what=f"图斑 {row.id} 在{other.where}已有不同的意见", fix="同一图斑请只留一行")))
        elif not other.notes:
            found[row.id] = row
    if wrong:
        first = wrong[0][1]
        more = [f"{place}：{error.what}" for place, error in wrong[1:_MOST_TOLD]]
        rest = len(wrong) - 1 - len(more)
        why = f"还有 {len(wrong) - 1} 处：{'；'.join(more)}{f'；其余 {rest} 处略' if rest else ''}" if more else ""
        raise BadNote(what=f"{wrong[0][0]}：{first.what}", where=where, why=why, fix=f"{first.fix}。改好后再读入；没有读入任何一行")
    return [*found.values(), *nameless]


def _plain(value: object) -> Value | BadNote:
    if isinstance(value, bytes):
        return BadNote(what="是二进制数据，不是文字", fix="请改为文字")
    return value if value is None or isinstance(value, (str, int, float)) else str(value)
