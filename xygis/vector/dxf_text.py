"""The text of a drawing as a DXF library can take it: decoded by evidence, version and subclass marks put right where exporters forget them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from xygis.errors import BadEncoding, DamagedFile, Where

_NEWER = re.compile(r"^[ \t]*0[ \t]*\n[ \t]*(LWPOLYLINE|SPLINE|ELLIPSE|HATCH|MTEXT)[ \t]*$", re.MULTILINE)
_VERSION = re.compile(r"(\$ACADVER[ \t]*\n[ \t]*1[ \t]*\n[ \t]*)(AC\d+)")
_FIRST_WITH_SUBCLASSES = "AC1015"
_FIRST_IN_UTF8 = "AC1021"
_MARKS = ("AcDbEntity", "AcDbPolyline")
_BEFORE_MARKS = ("5", "102", "330", "360", "999")
_OWN_GROUPS = ("90", "70", "43", "38", "39", "10")
_UNICODE = re.compile(r"\\U\+([0-9A-Fa-f]{4})")
_MULTIBYTE = re.compile(r"\\M\+([1-5])([89A-Fa-f][0-9A-Fa-f]{3})")
_MIF_PAGES = {"1": "cp932", "2": "big5", "3": "cp949", "4": "johab", "5": "gb18030"}
_CODE_PAGES = {"ANSI_936": "gb18030", "GB2312": "gb18030", "ANSI_950": "big5", "ANSI_1252": "cp1252", "UTF-8": "utf-8"}


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawingText:
    """why: a sentence where the file's own word on its encoding was missing or wrong, else empty."""

    text: str
    encoding: str
    why: str


def drawing_text(data: bytes, where: Where, encoding: str | None) -> DrawingText:
    """The drawing decoded and made regular. Raises BadEncoding, and DamagedFile where vertices or the ends of blocks are missing."""
    text, used, why = _decoded(data, where, encoding)
    text = text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\ufeff \t\n")
    opened, closed = (len(re.findall(rf"^[ \t]*0[ \t]*\n[ \t]*{word}[ \t]*$", text, re.MULTILINE)) for word in ("BLOCK", "ENDBLK"))
    if opened != closed:
        raise DamagedFile(
            what=f"有 {opened} 个图块开头、{closed} 个图块结尾，对不上",
            where=where,
            why="图块里的图形会丢失",
            fix="请在 CAD 中打开，用 AUDIT 或 RECOVER 修复后另存为 DXF",
        )
    return DrawingText(text=_marked(_versioned(_unescaped(text)), where), encoding=used, why=why)


def _decoded(data: bytes, where: Where, encoding: str | None) -> tuple[str, str, str]:
    version = _value(data, rb"\$ACADVER", b"1") or ""
    page = (_value(data, rb"\$DWGCODEPAGE", b"3") or "").upper()
    stated = "utf-8" if version >= _FIRST_IN_UTF8 else _CODE_PAGES.get(page, "")
    if encoding is not None:
        tried = [encoding]
    elif data.isascii():
        return data.decode("ascii"), "ascii", ""
    else:
        # UTF-8 strictly and first, for GBK takes almost any bytes; a western code page takes all of them and turns Chinese into nonsense.
        tried = list(
            dict.fromkeys(["utf-8", *([stated] if stated not in ("", "cp1252") else []), "gb18030", *([stated] if stated else [])])
        )
    for name in tried:
        try:
            text = data.decode(name)
        except (UnicodeError, LookupError, ValueError):
            continue
        said = f"写明的代码页是 {page}" if page else "没有写代码页"
        return text, name, "" if encoding or name == stated else f"图纸{said}，文字其实是 {name}，已按内容读取"
    raise BadEncoding(
        what="图纸的文字编码无法识别", where=where, why=f"写明的代码页是 {page or '空'}", fix="请用 --encoding 指明，例如 gb18030"
    )


def _unescaped(text: str) -> str:
    r"""Characters written as \U+5730 (Unicode) or \M+5B5D8 (a code page and its bytes), as files have them that hold only ASCII."""
    if "\\U+" not in text and "\\M+" not in text:
        return text
    return _MULTIBYTE.sub(_multibyte, _UNICODE.sub(_unicode, text))


def _unicode(found: re.Match[str]) -> str:
    code = int(found.group(1), 16)
    return found.group() if code < 0x20 or 0x7F <= code < 0xA0 or 0xD800 <= code < 0xE000 else chr(code)


def _multibyte(found: re.Match[str]) -> str:
    try:
        return bytes.fromhex(found.group(2)).decode(_MIF_PAGES[found.group(1)])
    except UnicodeDecodeError:
        return found.group()


def _value(data: bytes, name: bytes, group: bytes) -> str | None:
    found = re.search(name + rb"\s+" + group + rb"\s+(\S+)", data[: 1 << 20])
    return found.group(1).decode("ascii", "replace") if found else None


def _versioned(text: str) -> str:
    """Light polylines came with R2000: a file that has them and calls itself older, or nothing, is an R2000 file."""
    found = _VERSION.search(text)
    if not _NEWER.search(text) or (found and found.group(2) >= _FIRST_WITH_SUBCLASSES):
        return text
    if found:
        return _VERSION.sub(rf"\g<1>{_FIRST_WITH_SUBCLASSES}", text, count=1)
    header = re.search(r"^([ \t]*2[ \t]*\n[ \t]*HEADER[ \t]*\n)", text, re.MULTILINE)
    own = f"9\n$ACADVER\n1\n{_FIRST_WITH_SUBCLASSES}\n"
    if header:
        return text[: header.end()] + own + text[header.end() :]
    return f"0\nSECTION\n2\nHEADER\n{own}0\nENDSEC\n{text}"


def _marked(text: str, where: Where) -> str:
    """Each LWPOLYLINE with its subclass marks, which hand-made exporters leave out. Raises DamagedFile where one has not as many
    vertices as it says: the library would take what is there.
    """
    if "LWPOLYLINE" not in text:
        return text
    marked = text.count("LWPOLYLINE") <= text.count("AcDbPolyline")
    lines = text.split("\n")
    out: list[str] = []
    entity = own = inside = False  # whether AcDbEntity and AcDbPolyline are still to come; whether this is a light polyline
    begin = stated = found = 0
    for at in range(0, len(lines) - 1, 2):
        code = lines[at].strip()
        if code == "0":
            if inside and found != stated:
                raise _vertices_lost(where, begin, stated, found)
            inside = entity = own = lines[at + 1].strip() == "LWPOLYLINE"
            begin, stated, found = at + 1, 0, 0
        elif inside:
            value = lines[at + 1].strip()
            found += code == "10"
            if code == "90" and value.isdigit():
                stated = int(value[:9])
            if code == "100":
                if value not in _MARKS:
                    place = Where(file=where.file, line=at + 2)
                    raise DamagedFile(what=f"多段线里有不认识的标记“{value[:40]}”", where=place, fix="请在 CAD 中用 AUDIT 修复后另存为 DXF")
                entity = entity and value != "AcDbEntity"
                own = own and value != "AcDbPolyline"
            elif entity and code not in _BEFORE_MARKS:
                out += ["100", "AcDbEntity"]
                entity = False
            if own and code in _OWN_GROUPS:
                out += ["100", "AcDbPolyline"]
                own = False
        if not marked:
            out += [lines[at], lines[at + 1]]
    return text if marked else "\n".join(out) + "\n"


def _vertices_lost(where: Where, line: int, stated: int, found: int) -> DamagedFile:
    return DamagedFile(
        what=f"一条多段线写明有 {stated} 个顶点，实有 {found} 个",
        where=Where(file=where.file, line=line),
        why="顶点可能丢失",
        fix="请在 CAD 中打开核对这条线，再另存为 DXF",
    )
