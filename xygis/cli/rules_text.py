"""The page of a rule on a terminal: a heading, one sentence, then section by section, within 80 columns."""

from __future__ import annotations

from xygis.cli.terminal import fitted, marked, printable, wrapped
from xygis.report.rule_page import Line, RulePage

_HEAD = 10  # columns of the section titles
_WIDTH = 80
_STANDINGS = {"current": "", "coming": "  （尚未施行）", "past": "  （已停用）"}


def page_text(page: RulePage) -> str:
    """All of a page; readable without colour."""
    rule = page.rule
    lines = [
        f"{rule.code}  {printable(rule.title)}  {marked(rule.verdict)}{_STANDINGS[page.standing]}{'' if rule.verified else '  条文待核'}"
    ]
    lines += [*wrapped(page.sentence, _WIDTH), ""]
    lines.append(fitted("主题", _HEAD) + printable(page.subject))
    for section in page.sections:
        for n, line in enumerate(section.lines):
            lines += _set(section.title if n == 0 else "", line, bullet=len(section.lines) > 1)
    return "\n".join(lines)


def _set(title: str, line: Line, *, bullet: bool) -> list[str]:
    """One line under its heading: the text and what restricts it, then the words of the article."""
    note = f"〔{line.note}〕" if line.note else ""
    verdict = f" → {line.verdict.label}" if line.verdict is not None else ""
    body = wrapped(f"{'· ' if bullet else ''}{line.text}{verdict}{note}", _WIDTH - _HEAD, hanging=2 if bullet else 0)
    for quote in line.quotes:
        body += [f"    {part}" for part in wrapped(f"“{quote}”", _WIDTH - _HEAD - 4, hanging=2)]
    return [fitted(title if n == 0 else "", _HEAD) + text for n, text in enumerate(body)]
