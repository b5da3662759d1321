"""Which column of somebody's table is the name, the area, the use."""

from __future__ import annotations

import re
from collections.abc import Iterable

NAME = ("地块名称", "地块名", "DKMC", "XMMC", "项目名称", "项目名", "ZDMC", "名称", "NAME", "MC")
AREA = ("申报面积", "地块面积", "地块面", "DKMJ", "XMMJ", "YDMJ", "ZDMJ", "MJ", "面积", "AREA")
USE = ("地块用途", "地块用", "土地用途", "YDYT", "DKYT", "TDYT", "GHYT", "用途", "YT", "USE")


def pick(columns: Iterable[str], names: tuple[str, ...]) -> str | None:
    """The column that bears the first of the names that any bears; case and spaces do not matter."""
    known = {_plain(c): c for c in reversed(list(columns))}
    return next((known[n] for n in names if n in known), None)


def _plain(name: str) -> str:
    return re.sub(r"\s", "", name).upper()
