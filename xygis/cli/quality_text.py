"""The text of a quality check on a terminal: errors by rule with an example and its place, and what was not looked at."""

from __future__ import annotations

from xygis.atlas.standard import FAMILIES, LEVELS
from xygis.cli.terminal import fitted, printable, wrapped
from xygis.consistency.quality.fault import Fault, NotRun
from xygis.consistency.quality.file import FileQuality
from xygis.numbers import count
from xygis.report.quality_contract import rules_in
from xygis.report.quality_workbook import RESULTS

_MOST = 12
_WIDE = 76


def quality_text(found: FileQuality) -> str:
    """All of it, within 80 columns."""
    quality, standard = found.quality, found.standard
    said = "、".join(f"{LEVELS[level]} {count(sum(f.level == level for f in quality.faults))}" for level in LEVELS)
    ran = f"做了 {len({r.rule for r in quality.run})} 项检查"
    blocks = [f"{RESULTS[found.result]}  {found.layer.title}：{said}；{ran}"]
    by = f"{standard.name} {standard.standard or '图集自定'}" if standard else "没有登记标准属性表，只检查图形"
    about = f"文件    {printable(found.file)}（{found.table.name}，{count(len(found.table))} 个要素，{found.table.crs or '坐标系不明'}）\n标准    {by}"
    blocks.append(about)
    if quality.faults:
        head = f"  {fitted('检查项', 40)}{fitted('级别', 8)}{fitted('错误', 10, right=True)}  例"
        lines = [head]
        for rule, faults in rules_in(quality.faults):
            lines += _rule(rule, faults)
        blocks.append("\n".join(lines))
    due = [n for n in quality.skipped if n.due]
    if quality.failed or due:
        lines = ["没有做成的检查，不等于没有错误"]
        lines += _reasons([(n, "失败") for n in quality.failed] + [(n, "跳过") for n in due])
        blocks.append("\n".join(lines))
    others = sorted({n.rule for n in quality.skipped if not n.due})
    if others:
        blocks.append("\n".join(wrapped(f"不适用的检查 {len(others)} 项：{'、'.join(others)}", _WIDE, hanging=2)))
    if any(not f.read for f in quality.faults):
        blocks.append("注：标“待核”的，所依据的标准条文没有人读过原文。")
    return "\n\n".join(blocks)


def _rule(rule: str, faults: list[Fault]) -> list[str]:
    first = faults[0]
    level = LEVELS[first.level] + ("" if first.read else "·待核")
    name = f"{rule} {FAMILIES[first.family]}·{first.title}"
    line = f"  {fitted(name, 40)}{fitted(level, 8)}{fitted(count(len(faults)), 10, right=True)}"
    who = f"要素 {first.feature}：" if first.feature else ""
    place = f"（{first.place[0]:.6f}, {first.place[1]:.6f}）" if first.place else ""
    return [line, *(f"      {part}" for part in wrapped(f"{who}{first.text}{place}", _WIDE - 6))]


def _reasons(entries: list[tuple[NotRun, str]]) -> list[str]:
    by_reason: dict[tuple[str, str], list[str]] = {}
    for entry, word in entries:
        by_reason.setdefault((word, entry.reason), []).append(entry.rule)
    lines = []
    for (word, reason), rules in list(by_reason.items())[:_MOST]:
        lines += [f"  {part}" for part in wrapped(f"{word} {'、'.join(rules)}：{reason}", _WIDE, hanging=2)]
    if len(by_reason) > _MOST:
        lines.append(f"  其余 {len(by_reason) - _MOST} 种原因见 --json")
    return lines
