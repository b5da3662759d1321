"""Which classes of two code systems mean the same: a table `side,class,group` that a planner writes."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from xygis.atlas.attributes import fold
from xygis.errors import InputError, UsageError, Where

_HEAD = ("side", "class", "group")


@dataclass(frozen=True, slots=True, kw_only=True)
class Groups:
    """entries: (side a or b, class or class*, group); of several that fit, the longest counts."""

    entries: tuple[tuple[str, str, str], ...]
    file: str

    def of(self, side: str, classes: Sequence[str]) -> list[str]:
        """The group of each class. Raises UsageError naming those that have none: nothing may fall through."""
        found = [self._group(side, c) for c in classes]
        missing = [c or "（空）" for c, g in zip(classes, found, strict=True) if g is None]
        if missing:
            what = f"分组表没有 {side} 方的类别 {'、'.join(missing[:8])}{' 等' if len(missing) > 8 else ''}"
            raise UsageError(what=what, where=Where(file=self.file), fix=f"补一行：{side},{missing[0]},组名（可用 01* 表示以 01 开头）")
        return [g for g in found if g is not None]

    def _group(self, side: str, name: str) -> str | None:
        fits = [(len(pattern), group) for s, pattern, group in self.entries if s == side and _fits(name, pattern)]
        return max(fits)[1] if fits else None


def read_groups(path: Path) -> Groups:
    """Raises InputError for a table that cannot be read."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = [row for row in csv.reader(file) if any(cell.strip() for cell in row)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(
            what=f"分组表无法读取：{error}", where=Where(file=str(path)), fix="用 UTF-8 的 CSV，表头 side,class,group"
        ) from error
    if not rows or tuple(cell.strip().lower() for cell in rows[0]) != _HEAD:
        raise InputError(what="分组表的表头不对", where=Where(file=str(path), line=1), fix="第一行写 side,class,group")
    entries = []
    for number, row in enumerate(rows[1:], start=2):
        cells = [cell.strip() for cell in row]
        if len(cells) != 3 or cells[0] not in ("a", "b") or not cells[2]:
            raise InputError(
                what=f"分组表这一行读不懂：{','.join(row)}", where=Where(file=str(path), line=number), fix="写成 a,0101,农用地"
            )
        entries.append((cells[0], cells[1], cells[2]))
    return Groups(entries=tuple(entries), file=str(path))


def _fits(name: str, pattern: str) -> bool:
    if pattern.endswith("*"):
        return fold(name).startswith(fold(pattern[:-1]))
    return fold(name) == fold(pattern)
