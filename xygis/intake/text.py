"""Bytes become lines: which encoding, and what full-width signs mean. Nothing is guessed that cannot be said."""

from __future__ import annotations

import codecs
import re
import unicodedata
from dataclasses import dataclass

from xygis.errors import BadEncoding, UnknownFormat, Where

_BOMS = ((codecs.BOM_UTF8, "utf-8-sig", "UTF-8"), (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"), (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"))
# Signs that Chinese input methods put where ASCII is meant; digits come out of NFKC.
_SIGNS = str.maketrans("，：＝＠【】［］（）－．＋　\u00a0", ",:=@[][]()-.+  ")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A decoded file."""

    encoding: str  # utf-8 | utf-16 | gb18030 | as ordered
    why: str  # a sentence for people
    lines: tuple[str, ...]

    def excerpt(self, line: int) -> tuple[str, ...]:
        """The line (counted from 1) with the ones around it, marked from below, as it is printed with an error."""
        width = len(str(line + 1))
        shown = []
        for n in range(max(1, line - 1), min(len(self.lines), line + 1) + 1):
            text = self.lines[n - 1].rstrip()[:72]
            shown.append(f"{n:>{width}} | {text}")
            if n == line:
                shown.append(" " * width + " | " + "^" * max(1, display_width(text)))
        return tuple(shown)


def decode(data: bytes, *, file: str, encoding: str | None = None) -> Text:
    """Text of a file: BOM, then UTF-8 strictly, then GB18030, which accepts almost any bytes and so must come last."""
    where = Where(file=file)
    if encoding is not None:
        try:
            text = data.decode(encoding)
        except LookupError as error:
            raise BadEncoding(what=f"没有叫“{encoding}”的编码", where=where, fix="可用 utf-8、gb18030、utf-16") from error
        except (UnicodeError, ValueError) as error:
            at = f"第 {error.start + 1} 字节处无法解码" if isinstance(error, UnicodeDecodeError) else ""
            raise BadEncoding(what=f"文件不是 {encoding} 编码", where=where, why=at, fix="去掉 --encoding，让程序判断") from error
        return _text(text.removeprefix("\ufeff"), encoding.lower(), "由 --encoding 指定", file)
    for bom, name, shown in _BOMS:
        if data.startswith(bom):
            try:
                return _text(data.decode(name), shown.lower(), f"{shown}（有字节顺序标记）", file)
            except UnicodeError as error:
                raise BadEncoding(what=f"文件开头标明是 {shown}，内容却不是", where=where, fix="请用记事本打开，另存为 UTF-8") from error
    if wide := _wide(data):
        return _text(wide[0], "utf-16", f"UTF-16（没有字节顺序标记，{wide[1]}）", file)
    if data.count(0) * 8 > len(data):
        raise UnknownFormat(what="不是文本文件，也不是认识的数据格式", where=where, fix="请给出坐标交换文件、Shapefile 压缩包或 GeoPackage")
    try:
        return _text(data.decode("utf-8"), "utf-8", "UTF-8", file)
    except UnicodeDecodeError as error:
        first = error.start
    try:
        return _text(data.decode("gb18030"), "gb18030", "GB18030（不是合法的 UTF-8）", file)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, first) + 1
        raise BadEncoding(
            what="文字编码既不是 UTF-8 也不是 GB18030",
            where=Where(file=file, line=line),
            why=f"第 {error.start + 1} 字节处无法解码",
            fix="请用记事本打开，另存为 UTF-8；或用 --encoding 指明编码",
        ) from error


def _wide(data: bytes) -> tuple[str, str] | None:
    """UTF-16 that forgot its mark: zeros in every other byte only, as ASCII signs have them, and a text of this format."""
    zeros = data[0::2].count(0), data[1::2].count(0)
    if len(data) % 2 or not any(zeros) or min(zeros) * 8 > max(zeros):
        return None
    name, shown = ("utf-16-le", "低字节在前") if zeros[1] > zeros[0] else ("utf-16-be", "高字节在前")
    try:
        text = data.decode(name)
    except UnicodeDecodeError:
        return None
    return (text, shown) if re.search("[@＠]", text) and not _CONTROL.search(text) else None


def _text(text: str, encoding: str, why: str, file: str) -> Text:
    if found := _CONTROL.search(text):
        line = text.count("\n", 0, found.start()) + 1
        raise UnknownFormat(
            what="文件含有文本中不该有的控制字符，可能是二进制文件或已损坏",
            where=Where(file=file, line=line),
            fix="请重新导出，或给出坐标交换文件、Shapefile 压缩包、GeoPackage",
        )
    # Only real line ends: str.splitlines would also cut at form feeds and at U+2028.
    return Text(encoding=encoding, why=why, lines=tuple(re.split(r"\r\n|\n|\r", text)))


def ascii_signs(text: str) -> str:
    """Full-width digits, commas, colons, equal signs, brackets as their ASCII twins."""
    return unicodedata.normalize("NFKC", text.translate(_SIGNS))


def display_width(text: str) -> int:
    """Columns on a terminal."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
