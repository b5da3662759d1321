"""The indicators as the page shows them: groups of rows, each with a bar against its target."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from xygis.atlas.verdict import Verdict
from xygis.consistency.result import Indicator
from xygis.report.indicator_words import conclusion, margin_words, mark, source_words, target_words, trend_words, value_words

BAR_PX = 300.0  # width of every bar
_HEADROOM = 1.12  # of the larger of value and target, so that neither ends at the edge


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A bullet chart in px from the left: the bar from `zero`, what may come on top, the target, the earlier value."""

    start: float
    length: float
    perhaps_start: float
    perhaps_length: float
    target: float
    zero: float
    before: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorRow:
    """One indicator in words. sub: what is set small below it."""

    title: str
    unit: str
    target: str
    value: str
    margin: str
    conclusion: str
    mark: Verdict | None
    no_data: bool
    bar: Bar | None
    trend: str
    sub: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorGroup:
    title: str
    rows: tuple[IndicatorRow, ...]


def indicator_groups(indicators: Sequence[Indicator]) -> tuple[IndicatorGroup, ...]:
    """The groups in the order of the atlas."""
    titles = dict.fromkeys(i.group for i in indicators)
    return tuple(IndicatorGroup(title=t, rows=tuple(_row(i) for i in indicators if i.group == t)) for t in titles)


def _row(indicator: Indicator) -> IndicatorRow:
    i = indicator
    source = source_words(i)
    short = "、".join(c.name for c in i.by_county if c.met is False)
    parts = [f"目标来源：{source}" if source else "", i.reason, f"未达到本县（市、区）目标：{short}" if short else ""]
    return IndicatorRow(
        title=i.title,
        unit=i.unit,
        target=target_words(i) if i.target is not None else "未知",
        value=value_words(i, i.decimals),
        margin=margin_words(i),
        conclusion=conclusion(i),
        mark=mark(i),
        no_data=i.least is None,
        bar=_bar(i),
        trend=trend_words(i),
        sub="。".join(p for p in parts if p),
    )


def _bar(indicator: Indicator) -> Bar | None:
    """None where there is nothing to hold against each other. The axis begins at zero, or below where a value does."""
    least, greatest, target = indicator.least, indicator.greatest, indicator.target
    if least is None or greatest is None or target is None:
        return None
    before = indicator.trend.before if indicator.trend else None
    shown = [least, greatest, target, *([before] if before is not None else [])]
    low, high = min(0.0, *shown) * _HEADROOM, max(0.0, *shown) * _HEADROOM
    scale = BAR_PX / (high - low) if high > low else 0.0

    def at(value: float) -> float:
        return (value - low) * scale

    ends = sorted((at(0.0), at(least if least >= 0.0 else greatest if greatest < 0.0 else 0.0)))
    return Bar(
        start=ends[0],
        length=ends[1] - ends[0],
        perhaps_start=at(least),
        perhaps_length=at(greatest) - at(least),
        target=at(target),
        zero=at(0.0),
        before=None if before is None else at(before),
    )
