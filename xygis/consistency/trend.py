"""Indicators against an earlier run: what each was, how it changed, and whether it has reached or missed its target since."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from xygis.consistency.result import Indicator, Trend

REACHED, MISSED = "reached", "missed"


def with_trend(indicators: Sequence[Indicator], earlier: Mapping[str, object]) -> tuple[Indicator, ...]:
    """The same indicators, each with its trend where the earlier run knew it."""
    trends = trend_of(earlier, indicators)
    return tuple(replace(i, trend=trends.get(i.code)) for i in indicators)


def trend_of(earlier: Mapping[str, object], now: Sequence[Indicator]) -> dict[str, Trend]:
    """Code → trend. earlier: the JSON of an earlier run (`xygis/consistency/1`); what in it cannot be read counts as not known.

    Values in another unit, or worked out by another formula, are not compared, and neither is what was only known as a range.
    """
    since = earlier.get("checked_on")
    listed = earlier.get("indicators")
    before = {e["code"]: e for e in listed if isinstance(e, dict) and isinstance(e.get("code"), str)} if isinstance(listed, list) else {}
    return {i.code: _trend(before[i.code], i, since if isinstance(since, str) else "") for i in now if i.code in before}


def _trend(then: Mapping[str, object], now: Indicator, since: str) -> Trend:
    reason = _incomparable(then, now)
    if reason:
        return Trend(since=since, before=None, change=None, turned=None, by_county=(), reason=reason)
    value = _number(then.get("value"))
    rows = then.get("by_county")
    listed = [r for r in rows if isinstance(r, dict) and isinstance(r.get("code"), str | None)] if isinstance(rows, list) else []
    counties = {r.get("code"): _number(r.get("value")) for r in listed}
    return Trend(
        since=since,
        before=value,
        change=_change(value, now.value),
        turned=REACHED
        if then.get("met") is False and now.met is True
        else MISSED
        if then.get("met") is True and now.met is False
        else None,
        by_county=tuple((c.code, c.name, counties.get(c.code), _change(counties.get(c.code), c.value)) for c in now.by_county),
        reason=_lacking(value, now),
        least=value if value is not None else _number(then.get("least")),
        greatest=value if value is not None else _number(then.get("greatest")),
    )


def _lacking(value: float | None, now: Indicator) -> str:
    if value is not None and now.value is not None:
        return ""
    return "两次都没有确定的数值" if value is None and now.value is None else "其中一次没有确定的数值"


def _incomparable(then: Mapping[str, object], now: Indicator) -> str:
    if then.get("unit") != now.unit:
        return "单位已变"
    return "计算口径已变" if then.get("formula", now.formula) != now.formula else ""


def _change(before: float | None, now: float | None) -> float | None:
    return None if before is None or now is None else now - before


def _number(value: object) -> float | None:
    known = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
    return float(value) if known else None  # type: ignore[arg-type]
