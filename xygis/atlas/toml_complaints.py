"""Says in Chinese what is wrong with a TOML file, on which line, and how to mend it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from xygis.errors import os_words

_TWICE = "同一个键只写一次，删去重复的"
_PLAIN = "每行写成 名称 = 值，文字加引号"
_LONGEST_LINE = 80  # characters of the line that is shown
_WORDS = (  # what the standard parser says begins with → what is told
    ("Cannot overwrite", "同一个键写了两次"),
    ("Duplicate", "同一个键写了两次"),
    ("Cannot declare", "同一节写了两次"),
    ("Cannot", "与前面写的节或表相抵触"),
    ("Illegal character '\\n'", "文字没有写完就换行"),
    ("Illegal character '\\r'", "文字没有写完就换行"),
    ("Illegal character", "有不允许的字符"),
    ("Found invalid character", "有不允许的字符"),
    ("Unterminated", "文字没有写完"),
    ("Expected '='", "键的后面缺等号"),
    ("Expected newline", "值的后面多了内容"),
    ("Expected", "缺少括号或引号"),
    ("Unclosed", "括号没有闭合"),
    ("Unescaped", "反斜杠后面的字符不对"),
    ("Escaped", "反斜杠后面的字符不对"),
    ("Invalid hex", "反斜杠后面的字符不对"),
    ("Invalid date", "日期读不懂"),
    ("Invalid value", "值读不懂"),
    ("Exceeds the limit", "数字太长"),
)
_SLIPS = (  # what is often written wrong, searched in the line without its proper strings → how to mend it
    (r"[“”‘’＂＇「」]", '引号改用半角，例如 use = "1001"'),
    (r"[＝，；：［］｛｝]", "等号、逗号和括号改用半角"),
    (r"(?i)=\s*(true|false|yes|no|是|否)\s*(#.*)?$", "写成 true 或 false，小写，不加引号"),
    (r"[\"']", "引号不成对，补上缺的引号"),
    (r"^[^=#]*[^\x00-\x7f#][^=#]*(=|\]|$)", '中文键要加引号，例如 "名称" = 值'),
    (r"=\s*(#.*)?$", "等号后面缺值"),
    (r"=\s*0\d", '代码是文字，要加引号，例如 use = "0604"'),
    (r"=\s*[^\s\[\]{}\d+.-]", '文字要加引号，例如 use = "1001"'),
)
_PROPER = re.compile(r'"(?:\\.|[^"\\])*"|\'[^\']*\'')


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """what: a phrase without a full stop. excerpt: the line itself, as errors show it."""

    what: str
    line: int | None
    fix: str
    excerpt: tuple[str, ...] = ()


def complaint(error: ValueError | RecursionError, text: str) -> Complaint:
    """What tomllib refused in a text, for the person who wrote it."""
    if isinstance(error, RecursionError):
        return Complaint(what="括号或节套得太深", line=None, fix=_PLAIN)
    said = str(error)
    lines = text.splitlines()
    line = _line(said, lines)
    written = lines[line - 1] if line is not None and line <= len(lines) else ""
    what = next((words for start, words in _WORDS if said.startswith(start)), "这一行读不懂")
    excerpt = (f"{line:>3} | {written[:_LONGEST_LINE]}",) if written else ()
    return Complaint(what=what, line=line, fix=_mend(said, written), excerpt=excerpt)


def unreadable(error: OSError) -> str:
    """Why a file could not be opened."""
    if isinstance(error, IsADirectoryError):
        return "是文件夹，不是文件"
    if isinstance(error, FileNotFoundError):
        return "没有这个文件"
    if isinstance(error, PermissionError):
        return "没有读取权限"
    return os_words(error)


def _line(said: str, lines: list[str]) -> int | None:
    found = re.search(r"at line (\d+)", said)
    if found:
        return int(found.group(1))
    filled = [number for number, text in enumerate(lines, 1) if text.strip()]
    return filled[-1] if filled and "end of document" in said else None


def _mend(said: str, written: str) -> str:
    """By what was said where that is plain, else by what is often written wrong in such a line."""
    if said.startswith(("Cannot", "Duplicate")):
        return _TWICE
    if said.startswith(("Unescaped", "Escaped", "Invalid hex")):
        return r"反斜杠写两次（\\），或改用单引号"
    bare = _PROPER.sub("0", written).strip()
    return next((fix for pattern, fix in _SLIPS if re.search(pattern, bare)), _PLAIN)
