"""How one indicator is told: value, target, margin, conclusion, source; the same words on the page, in tables and on a terminal."""

from __future__ import annotations

import math
from collections.abc import Sequence

from xygis import numbers
from xygis.atlas.verdict import Verdict
from xygis.consistency.amounts import NOTHING
from xygis.consistency.result import CountyFigure, Indicator
from xygis.report.wording import basis_line

NO_DATA = "无数据"
NO_TARGET = "目标未知"
_MET = {True: "达标", False: "未达标", None: "无法判定"}
_MARKS = {True: Verdict.COMPLIANT, False: Verdict.PROHIBITED, None: Verdict.UNDETERMINED}
_MOST_DECIMALS = 10


def number(value: float, decimals: int, beside: float | None = None) -> str:
    """A value with fixed decimals; more where it would read as the target beside it, which it is not."""
    if beside is None or value == beside:
        return numbers.printed(value, scale=1.0, decimals=decimals)
    for d in range(decimals, _MOST_DECIMALS + 1):
        if numbers.nearest(value, scale=1.0, decimals=d) != numbers.nearest(beside, scale=1.0, decimals=d):
            return numbers.printed(value, scale=1.0, decimals=d)
    return numbers.printed(value, scale=1.0, decimals=decimals)


def value_words(figure: Indicator | CountyFigure, decimals: int) -> str:
    """The value, its two ends, or 无数据."""
    beside = figure.target if figure.met is False else None
    if figure.value is not None:
        return number(figure.value, decimals, beside)
    if figure.least is None or figure.greatest is None:
        return numbers.DASH if figure.reason == NOTHING else NO_DATA
    return f"{number(figure.least, decimals)}—{number(figure.greatest, decimals, beside)}"


def target_words(indicator: Indicator) -> str:
    """≥ 45.00, or 目标未知."""
    if indicator.target is None:
        return NO_TARGET
    decimals = indicator.decimals
    while decimals < _MOST_DECIMALS and not math.isclose(round(indicator.target, decimals), indicator.target, rel_tol=1e-12, abs_tol=1e-12):
        decimals += 1
    return f"{indicator.direction} {numbers.printed(indicator.target, scale=1.0, decimals=decimals)}"


def margin(indicator: Indicator) -> float | None:
    """By how much the target is kept (+) or missed (−), in the unit; None where that is not known as one number."""
    if indicator.value is None or indicator.target is None:
        return None
    if indicator.direction == "=":
        return -abs(indicator.value - indicator.target)
    return (indicator.value - indicator.target) * (1.0 if indicator.direction == "≥" else -1.0)


def margin_words(indicator: Indicator) -> str:
    """+0.87, −0.74, 0.00; of a range nothing."""
    found = margin(indicator)
    if found is None:
        return numbers.DASH
    if indicator.met and found <= 0.0:
        found = 0.0
    beside = 0.0 if indicator.met is False else None
    return ("+" if found > 0.0 else "") + number(found, indicator.decimals, beside)


def signed(value: float, decimals: int) -> str:
    """A change, with its sign; nothing that rounds to nothing has one."""
    text = numbers.units_text(numbers.nearest(value, scale=1.0, decimals=decimals), decimals=decimals, real=False)
    return f"+{text}" if value > 0.0 and text.strip("0.,") else text


def conclusion(indicator: Indicator) -> str:
    """达标, 未达标, 无法判定, 目标未知, 无数据."""
    if indicator.least is None:
        return NO_DATA
    return NO_TARGET if indicator.target is None else _MET[indicator.met]


def mark(indicator: Indicator) -> Verdict | None:
    """The sign of the conclusion; None where no target is known or no value, which have none."""
    return None if indicator.target is None or indicator.least is None else _MARKS[indicator.met]


def source_words(indicator: Indicator) -> str:
    """Where the target stands, and by when it is due."""
    parts = [basis_line(indicator.basis), indicator.plan]
    words = "；".join(p for p in parts if p)
    if words and indicator.verified is False and "条文待核" not in words:
        words += "（条文待核）"
    return f"{words}，到 {indicator.due} 年" if words and indicator.due else words


def trend_words(indicator: Indicator) -> str:
    """+0.12（原 36.02），新达标; the ends of then; why there is no comparison; empty where there is nothing to compare."""
    trend = indicator.trend
    if trend is None:
        return ""
    turned = {"reached": "，新达标", "missed": "，转为未达标"}.get(trend.turned or "", "")
    decimals = indicator.decimals
    if trend.change is not None and trend.before is not None:
        return f"{signed(trend.change, decimals)}（原 {number(trend.before, decimals)}）{turned}"
    if trend.least is None or trend.greatest is None:
        return "" if indicator.least is None and not turned else f"不可比：{trend.reason}{turned}"
    ends = dict.fromkeys(number(end, decimals) for end in (trend.least, trend.greatest))
    return f"原 {'—'.join(ends)}{turned}"


def since_words(indicators: Sequence[Indicator]) -> str:
    """较 2026-09-30; 较上次 where there is no one day."""
    days = {i.trend.since for i in indicators if i.trend is not None and i.trend.since}
    return f"较 {days.pop()}" if len(days) == 1 else "较上次"
