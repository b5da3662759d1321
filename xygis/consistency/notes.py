"""What people write on a difference patch: 处理意见, 责任部门, 期限, 状态, 备注; the closed lists, and how a cell is read."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from xygis.errors import InputError, did_you_mean

LONGEST = 32_767  # UTF-16 units that a cell of a workbook holds
_YEARS = (2000, 2199)
_EPOCH = date(1899, 12, 30)
_DATE = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[ T]0{1,2}:00(?::00(?:\.0+)?)?)?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")


class Opinion(StrEnum):
    """处理意见: which of the two plans gives way. Source: domain practice, 差异图斑 §5.2."""

    A = "甲调"
    B = "乙调"
    BOTH = "双调"
    KEEP = "保留"
    OPEN = "待定"


class Progress(StrEnum):
    """状态: how far the work on a patch has come."""

    OPEN = "未处理"
    RUNNING = "处理中"
    DONE = "已处理"
    VERIFIED = "已核验"


class BadNote(InputError):
    """A cell that does not say what its column asks for."""

    code = "bad-note"


@dataclass(frozen=True, slots=True, kw_only=True)
class PatchNotes:
    """None and "" where nobody has written anything."""

    opinion: Opinion | None = None
    department: str = ""
    due: date | None = None
    progress: Progress | None = None
    remark: str = ""

    def __bool__(self) -> bool:
        return self != NO_NOTES


NO_NOTES = PatchNotes()
# our name → the column head in a workbook; the columns of the GeoPackage are our names
HEADS = {"opinion": "处理意见", "department": "责任部门", "due": "期限", "progress": "状态", "remark": "备注"}
ID_HEAD = "图斑编号"
ID_COLUMN = "patch_id"
LISTS: dict[str, tuple[str, ...]] = {"opinion": tuple(Opinion), "progress": tuple(Progress)}

Value = str | float | int | date | None
Read = Opinion | Progress | date | str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteRow:
    """One row that somebody brought. `values` has only the fields whose column is there: a column taken away clears nothing."""

    id: str
    where: str  # 第 12 行
    values: dict[str, Read]

    @property
    def notes(self) -> PatchNotes:
        return over(NO_NOTES, self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unplaced:
    """Notes on a patch that is not there (找不到图斑), kept for people to decide on."""

    id: str
    where: str
    notes: PatchNotes


def over(notes: PatchNotes, row: NoteRow) -> PatchNotes:
    """The notes with what a row says in place of what they said."""
    return replace(notes, **row.values)  # type: ignore[arg-type]  # `read_value` gives each field its type


def read_value(field: str, value: Value) -> Read:
    """A cell as the field's own kind. Raises BadNote without a place, which the reader of the file adds."""
    match field:
        case "due":
            return _day(value)
        case "opinion" | "progress":
            word = "".join(unicodedata.normalize("NFKC", _text(value)).split())
            if not word:
                return None
            if word not in LISTS[field]:
                near = did_you_mean(word, LISTS[field])
                raise BadNote(what=f"{HEADS[field]}“{word[:40]}”不在列表中", fix=f"可填：{'、'.join(LISTS[field])}。{near}")
            return Opinion(word) if field == "opinion" else Progress(word)
        case _:
            return _checked(field, _text(value))


def notes_to_dict(notes: PatchNotes) -> dict[str, object]:
    """JSON: null and "" where nothing is written."""
    said = {f.name: getattr(notes, f.name) for f in fields(notes)}
    return {k: v.isoformat() if isinstance(v, date) else v for k, v in said.items()}


def notes_from_dict(said: object) -> PatchNotes:
    """The reverse of `notes_to_dict`. Raises BadNote."""
    if not isinstance(said, dict):
        return NO_NOTES
    values = {name: read_value(name, v) for name in HEADS if (v := said.get(name)) is not None and isinstance(v, (str, int, float))}
    return replace(NO_NOTES, **values)  # type: ignore[arg-type]


def _text(value: Value) -> str:
    """Text as it stands, line ends as \\n; a number without the .0 that spreadsheets give it."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(" ").removesuffix(" 00:00:00")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value).replace("\r\n", "\n").replace("\r", "\n")


def _checked(field: str, text: str) -> str:
    bad = next(
        (c for c in text if (ord(c) < 32 and c not in "\t\n") or 0xD800 <= ord(c) <= 0xDFFF or ord(c) in (0xFFFD, 0xFFFE, 0xFFFF)), None
    )
    if bad is not None:
        raise BadNote(
            what=f"{HEADS[field]}里有显示不出来的字符 U+{ord(bad):04X}", fix="请删去或改正这个字符；多半是粘贴带来的，或文字编码坏了"
        )
    units = len(text) + sum(ord(c) > 0xFFFF for c in text)
    if units > LONGEST:
        raise BadNote(what=f"{HEADS[field]}有 {units:,} 字，Excel 一格最多 {LONGEST:,} 字", fix="请缩短，长文放到附件里，在这里写附件名")
    return text


def _day(value: Value) -> date | None:
    """A date cell, a date as text, or the running number that a spreadsheet stores for a date."""
    if isinstance(value, datetime):
        value = value.date()
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        compact = _COMPACT.fullmatch(_text(value))
        value = _text(value) if compact else _serial(float(value))
    if isinstance(value, str):
        text = unicodedata.normalize("NFKC", value).strip()
        if not text:
            return None
        found = _DATE.fullmatch(text) or _COMPACT.fullmatch(text)
        try:
            value = date(*map(int, found.groups())) if found else None
        except ValueError:
            value = None
        if value is None:
            raise BadNote(what=f"期限“{text[:40]}”不是日期", fix="请写成 2026-12-31")
    if isinstance(value, date) and not _YEARS[0] <= value.year <= _YEARS[1]:
        raise BadNote(what=f"期限 {value} 不合常理", fix=f"年份应在 {_YEARS[0]}—{_YEARS[1]} 之间，例如 2026-12-31")
    return value if isinstance(value, date) else None


def _serial(number: float) -> date:
    try:
        return _EPOCH + timedelta(days=int(number))
    except (OverflowError, ValueError) as error:
        raise BadNote(what=f"期限 {number:g} 不是日期", fix="请写成 2026-12-31") from error
