"""Text for a terminal: columns by display width, marks at the start of a line, errors in four parts."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import date

import click

from xygis.atlas.verdict import Verdict
from xygis.errors import XygisError

_CLOSING = "，。、；：！？）】》”’〕%）"  # never at the start of a line
_OPENING = "（【《“‘〔("  # never at its end
_WORD = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,-_"
_COLOURS = {
    Verdict.PROHIBITED: "red",
    Verdict.UNDETERMINED: "magenta",
    Verdict.APPROVAL: "yellow",
    Verdict.JUSTIFICATION: "yellow",
    Verdict.NOTICE: "blue",
    Verdict.COMPLIANT: "green",
}


def width(text: str) -> int:
    """Columns that a text takes; Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 0 if unicodedata.combining(c) else 1 for c in text)


def fitted(text: str, columns: int, *, right: bool = False) -> str:
    """The text in exactly so many columns, cut with … where it is too long."""
    text = printable(text)
    if width(text) > columns and not right:  # a number is never cut
        cut = ""
        for c in text:
            if width(cut + c) > columns - 1:
                break
            cut += c
        text = cut + "…"
    gap = " " * max(0, columns - width(text))
    return gap + text if right else text + gap


def wrapped(text: str, columns: int, *, hanging: int = 0) -> list[str]:
    """The text in lines of at most so many columns. hanging: indent of all lines but the first."""
    lines, line = [], ""
    for c in printable(text):
        if line.strip() and width(line + c) > columns:
            kept = _break(line + c)
            lines.append(line[:kept].rstrip())
            line = " " * hanging + line[kept:].lstrip()
        line += c
    return [*lines, line] if line.strip() or not lines else lines


def _break(line: str) -> int:
    """Where a line may end before its last character: not within a number or Latin word, behind an opening or before a closing mark."""
    end = last = len(line) - 1
    while end > last // 2 and _held(line[end - 1], line[end]):
        end -= 1
    return end if end > last // 2 else last


def _held(before: str, after: str) -> bool:
    """Whether two characters must stand on one line."""
    return (before in _WORD and after in _WORD) or before in _OPENING or after in _CLOSING


def printable(text: str) -> str:
    """The text without control characters: a file's name must not steer the terminal."""
    return "".join(c if c.isprintable() else "�" for c in text)


def marked(verdict: Verdict) -> str:
    """Mark and word, coloured where the terminal shows colours."""
    return click.style(f"{verdict.mark} {verdict.label}", fg=_COLOURS[verdict], bold=verdict is Verdict.PROHIBITED)


def rows(table: Sequence[Sequence[str]], columns: Sequence[tuple[int, bool]], *, indent: int = 2) -> str:
    """Lines of cells; columns: (width, right-aligned). What stands beyond the last column is appended as it is."""
    lines = []
    for cells in table:
        parts = [fitted(cell, w, right=right) for cell, (w, right) in zip(cells, columns, strict=False)]
        parts += list(cells[len(columns) :])
        lines.append(" " * indent + "  ".join(parts).rstrip())
    return "\n".join(lines)


def exit_code(verdict: Verdict, *, refused: bool = False) -> int:
    """4 if any file was refused, else by the verdict (DESIGN §7)."""
    if refused:
        return 4
    if verdict in (Verdict.COMPLIANT, Verdict.NOTICE):
        return 0
    return 3 if verdict is Verdict.UNDETERMINED else 1


def error_text(error: XygisError, *, closing: bool = True, done: str = "") -> str:
    """What, where (the line itself), why, how to mend; and that nothing was done."""
    lines = [f"错误：{printable(error.what)}", ""]
    place = printable(str(error.where))
    if place:
        lines += [f"  位置    {place}", ""]
    if error.where.excerpt:
        lines += [f"  {printable(line)}" for line in error.where.excerpt] + [""]
    if error.why:
        lines.append(f"  原因    {printable(error.why)}")
    lines.append(f"  怎么改  {printable(error.fix)}")
    if closing:
        kind = {2: "用法有误", 4: "输入或图集无法读取"}.get(error.exit_code, "未完成")
        lines += ["", f"{done}退出码 {error.exit_code}（{kind}），错误代码 {error.code}"]
    return "\n".join(lines)


def day(value: str | None, option: str = "--on") -> date:
    """An option as a date; today where it is not given. The only place that reads the clock."""
    if value is None:
        return date.today()
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise click.BadParameter(f"“{value}”不是日期，应写成 2026-11-24 的形式", param_hint=option) from error
