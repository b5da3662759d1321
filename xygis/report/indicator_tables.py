"""The tables of the indicators: value against target, by county, and how each is worked out."""

from __future__ import annotations

from collections.abc import Sequence

from xygis import numbers
from xygis.consistency.result import Indicator
from xygis.report.indicator_words import (
    conclusion,
    margin_words,
    number,
    since_words,
    source_words,
    target_words,
    trend_words,
    value_words,
)
from xygis.report.table import Cell, Column, Kind, Table
from xygis.report.wording import shortened

Rows = tuple[tuple[Cell, ...], ...]


def indicators_table(indicators: Sequence[Indicator]) -> Table:
    """规划指标: one row each."""
    body: Rows = tuple(
        (i.title, i.unit, target_words(i), value_words(i, i.decimals), margin_words(i), conclusion(i), trend_words(i), source_words(i))
        for i in indicators
    )
    columns = (
        Column(key="title", title="指标", kind=Kind.NAME),
        Column(key="unit", title="单位"),
        Column(key="target", title="目标", kind=Kind.FIGURE),
        Column(key="value", title="现值", kind=Kind.FIGURE),
        Column(key="margin", title="余量", kind=Kind.FIGURE),
        Column(key="met", title="结论"),
        Column(key="trend", title=since_words(indicators)),
        Column(key="source", title="目标来源"),
    )
    return Table(title="规划指标", columns=columns, rows=body)


def by_county_table(indicators: Sequence[Indicator]) -> Table:
    """各县（市、区）的指标: what is known of at least one county. Areas add up to the total; shares of the city come from its sums."""
    shown = [i for i in indicators if any(c.least is not None for c in i.by_county)]
    names = list(dict.fromkeys((c.code, c.name) for i in shown for c in i.by_county))
    names.sort(key=lambda n: n[0] is None)
    if len(names) < 2:
        return Table(title="各县（市、区）指标", columns=(), rows=())
    body = []
    for i in shown:
        cells = _closed(i)
        body.append((i.title, i.unit, *(cells.get(n, "") for n in names), value_words(i, i.decimals)))
    columns = (
        Column(key="title", title="指标", kind=Kind.NAME),
        Column(key="unit", title="单位"),
        *(Column(key=f"c{code}", title=shortened(name, 12), kind=Kind.FIGURE) for code, name in names),
        Column(key="total", title="全市", kind=Kind.FIGURE),
    )
    note = "比例按各县（市、区）合计的面积相除，不是各县比例的平均。"
    return Table(title="各县（市、区）指标", columns=columns, rows=tuple(body), notes=(note,))


def _closed(indicator: Indicator) -> dict[tuple[str | None, str], str]:
    """The cell of each county; where the total is the sum of known values, rounded so that they add up to it."""
    rows = indicator.by_county
    values = [c.value for c in rows if c.value is not None]
    decimals = indicator.decimals
    if indicator.value is None or len(values) < len(rows) or abs(sum(values) - indicator.value) > 1e-9 * max(1.0, abs(indicator.value)):
        return {(c.code, c.name): value_words(c, decimals) for c in rows}
    units = numbers.close(values, scale=1.0, decimals=decimals)
    return {
        (c.code, c.name): numbers.units_text(u, decimals=decimals, real=True) if c.value else number(0.0, decimals)
        for c, u in zip(rows, units, strict=True)
    }


def how_table(indicators: Sequence[Indicator]) -> Table:
    """指标口径: the formula in words, and what is to be known about it."""
    body: Rows = tuple((i.code, i.title, i.formula, i.note) for i in indicators)
    columns = (
        Column(key="code", title="代码", kind=Kind.CODE),
        Column(key="title", title="指标", kind=Kind.NAME),
        Column(key="formula", title="算式"),
        Column(key="note", title="说明"),
    )
    return Table(title="指标口径", columns=columns, rows=body)
