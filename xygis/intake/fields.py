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


NUMBER = ("地块编号", "DKBH", "宗地编号", "ZDBH")

_UNITS = {"公顷": ("公顷", "HA", "HM2"), "亩": ("亩", "MU"), "m²": ("平方米", "M2", "㎡", "M²")}


def area_column(columns: Iterable[str]) -> tuple[str | None, str]:
    """(the column with the area, the unit that its name says, else m²): 申报面积（公顷）, MJ_亩, 面积_M2."""
    names = list(columns)
    bare: dict[str, tuple[str, str]] = {}
    for column in names:
        plain = _plain(column)
        for unit, words in _UNITS.items():
            for word in words:
                short = re.sub(rf"[(（\[_]?{word}[)）\]]?$", "", plain)
                if short != plain and (plain[len(short)] in "(（[_" or not word.isascii()):
                    bare.setdefault(short, (column, unit))
    whole = pick(names, AREA)
    found = next((bare[n] for n in AREA if n in bare), None)
    if whole is not None and (found is None or AREA.index(_plain(whole)) <= min(AREA.index(n) for n in AREA if n in bare)):
        return whole, "m²"
    return found if found is not None else (None, "m²")


def _plain(name: str) -> str:
    return re.sub(r"\s", "", name).upper()
