"""Reads the attribute table of a shapefile with its encoding decided strictly: .cpg, then the header's code page, then the bytes."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from xygis.errors import BadEncoding, DamagedFile, Where

# Language driver ids of the dBASE header that occur in China and around it.
_LDID = {0x4D: "gb18030", 0x7A: "gb18030", 0x57: "cp1252", 0x03: "cp1252", 0x01: "cp437", 0x02: "cp850", 0x4F: "big5", 0x78: "big5"}
_GBK_NAMES = ("936", "gbk", "gb2312", "gb18030", "cp936", "ansi936", "oem936")


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """columns: one text per record, blank as ""; `deleted` marks records that dBASE has struck out."""

    columns: dict[str, list[str]]
    deleted: np.ndarray[tuple[int], np.dtype[np.bool_]]
    encoding: str
    why: str


def dbf_fields(path: Path) -> tuple[tuple[str, int, int], ...]:
    """(letter of the type, width, decimals) of every field, in the order of `Table.columns`. Raises DamagedFile."""
    data = path.read_bytes()
    _, head, _ = _header(data, path)
    fields = []
    at = 32
    while at + 32 <= head and data[at] != 0x0D:
        fields.append((chr(data[at + 11]), int(data[at + 16]), int(data[at + 17])))
        at += 32
    return tuple(fields)


def read_dbf(path: Path, *, encoding: str | None = None) -> Table:
    """All records as text. Raises DamagedFile, BadEncoding."""
    data = path.read_bytes()
    count, head, width = _header(data, path)
    _whole(data, count, head, width, path)
    fields = []
    at, start = 32, 1
    while at + 32 <= head and data[at] != 0x0D:
        fields.append((data[at : at + 11].split(b"\0")[0], start, data[at + 16]))
        start += data[at + 16]
        at += 32
    if start > width or width < 1:
        raise DamagedFile(what=".dbf 的字段定义与记录长度不符", where=Where(file=str(path)), fix="请重新导出")
    rows = np.frombuffer(data, dtype=np.uint8, count=count * width, offset=head).reshape(count, width)
    raw: dict[bytes, list[bytes]] = {}
    for key, offset, size in fields:
        cells = np.ascontiguousarray(rows[:, offset : offset + size])
        raw[key if key not in raw else key + b"_%d" % len(raw)] = [bytes(c).strip(b" \0") for c in cells]
    chosen, why = _encoding(path, data[29], [*raw, *(v for c in raw.values() for v in c)], encoding)
    columns = {_cell(key, chosen) or "": [_cell(v, chosen) or "" for v in values] for key, values in raw.items()}
    return Table(columns=columns, deleted=rows[:, 0] == ord("*"), encoding=chosen, why=why)


def _header(data: bytes, path: Path) -> tuple[int, int, int]:
    if len(data) < 33:
        raise DamagedFile(what=".dbf 不完整，缺少文件头", where=Where(file=str(path)), fix="请重新拷贝或重新导出整套文件")
    count, head, width = int.from_bytes(data[4:8], "little"), int.from_bytes(data[8:10], "little"), int.from_bytes(data[10:12], "little")
    if head < 33 or not width:
        raise DamagedFile(what=".dbf 的文件头不正确", where=Where(file=str(path)), fix="请重新导出")
    return count, head, width


def _whole(data: bytes, count: int, head: int, width: int, path: Path) -> None:
    if len(data) < head + count * width:
        have = max(0, len(data) - head) // width
        raise DamagedFile(
            what=f".dbf 不完整：文件头写有 {count:,} 条记录，实有 {have:,} 条",
            where=Where(file=str(path)),
            fix="请重新拷贝或重新导出整套文件",
        )


def _encoding(path: Path, ldid: int, cells: list[bytes], ordered: str | None) -> tuple[str, str]:
    if ordered is not None:
        if not _decodes(cells, ordered):
            raise BadEncoding(what=f"属性表不是 {ordered} 编码", where=Where(file=str(path)), fix="去掉 --encoding，让程序判断")
        return ordered.lower(), "由 --encoding 指定"
    stated, source = _cpg(path), ".cpg 文件"
    if stated is None:
        stated, source = _LDID.get(ldid), f".dbf 文件头（代码页 0x{ldid:02X}）"
    # A one-byte code page accepts all bytes, so it proves nothing against text that is strictly UTF-8 or GBK.
    if stated == "gb18030" and _surely_utf8(cells):
        return "utf-8", f"按内容判断为 utf-8，{source}写的 {stated} 不对"
    if stated and not stated.startswith(("cp", "iso")) and _decodes(cells, stated):
        return stated, f"{source}写明 {stated}"
    for found in ("utf-8", "gb18030"):
        if _decodes(cells, found):
            if stated and all(c.isascii() for c in cells):
                return stated, f"{source}写明 {stated}"
            said = f"，{source}写的 {stated} 不对" if stated else "，没有 .cpg"
            return found, f"按内容判断为 {found}{said}"
    if stated and _decodes(cells, stated):
        return stated, f"{source}写明 {stated}"
    raise BadEncoding(
        what="属性表的文字编码无法识别",
        where=Where(file=str(path)),
        why="既不是 UTF-8 也不是 GB18030",
        fix="请用 --encoding 指明，或重新导出",
    )


def _surely_utf8(cells: list[bytes]) -> bool:
    """True for UTF-8 whose characters all take three bytes or more, as Chinese does; GBK text never comes out so by chance."""
    if not _decodes(cells, "utf-8"):
        return False
    beyond = [c for cell in cells for c in (_cell(cell, "utf-8") or "") if c > "\x7f"]
    return bool(beyond) and min(beyond) >= "\u0800"


def _cpg(path: Path) -> str | None:
    found = next((p for p in path.parent.glob("*") if p.stem == path.stem and p.suffix.lower() == ".cpg"), None)
    if found is None:
        return None
    name = re.sub(r"[^a-z0-9]", "", found.read_bytes()[:40].decode("ascii", errors="ignore").lower())
    if name in _GBK_NAMES:
        return "gb18030"
    name = {"88591": "iso8859-1", "iso88591": "iso8859-1", "65001": "utf-8", "utf8": "utf-8"}.get(name, name)
    try:
        return codecs.lookup(name).name
    except LookupError:
        return None


def _decodes(cells: list[bytes], encoding: str) -> bool:
    try:
        b"\n".join(cells).decode(encoding)
    except UnicodeError:
        return all(_cell(c, encoding) is not None for c in cells)
    except (LookupError, ValueError):
        return False
    return True


def _cell(raw: bytes, encoding: str) -> str | None:
    """Text of a cell or a name; a character cut in half by the field's width is left out. None where it does not decode."""
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as error:
        return raw[: error.start].decode(encoding) if error.start and len(raw) - error.start <= 3 else None
