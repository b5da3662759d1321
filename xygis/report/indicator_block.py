"""The indicators as a table with a bar beside each: the rows of the page, for every face that sets tables."""

from __future__ import annotations

from collections.abc import Sequence

from xygis import numbers
from xygis.atlas.verdict import LayerState
from xygis.consistency.result import Indicator
from xygis.report.cells import PrintedCell, PrintedTable
from xygis.report.document import TableBlock
from xygis.report.indicator_rows import BAR_PX, Bar, IndicatorGroup, IndicatorRow, indicator_groups
from xygis.report.indicator_words import since_words
from xygis.report.pdf_data import colours
from xygis.report.table import Column, Kind, Table

CHART_TITLE = "对照（竖线为目标）"


def indicators_printed(indicators: Sequence[Indicator], label: str) -> TableBlock:
    """规划指标, grouped as in the atlas; the source of the target stands small under the title."""
    groups = indicator_groups(indicators)
    rows = [(group, row) for group in groups for row in group.rows]
    trend = any(row.trend for _, row in rows)
    columns = (
        Column(key="group", title="类别"),
        Column(key="title", title="指标", kind=Kind.NAME),
        Column(key="unit", title="单位"),
        Column(key="target", title="目标", kind=Kind.FIGURE),
        Column(key="value", title="现值", kind=Kind.FIGURE),
        Column(key="margin", title="余量", kind=Kind.FIGURE),
        *((Column(key="trend", title=since_words(indicators)),) if trend else ()),
        Column(key="met", title="结论", kind=Kind.VERDICT),
        Column(key="sub", title="说明", under="title"),
    )
    table = Table(title="规划指标", columns=columns, rows=(), notes=(indicator_notes(indicators),))
    printed = PrintedTable(table=table, rows=tuple(_cells(group, row, trend) for group, row in rows), total=None)
    charts = tuple(chart(row.bar) if row.bar is not None else "" for _, row in rows)
    return TableBlock(printed=printed, label=label, charts=charts, charts_title=CHART_TITLE, grouped="group")


def indicator_notes(indicators: Sequence[Indicator]) -> str:
    """How the table is to be read."""
    rows = [row for group in indicator_groups(indicators) for row in group.rows]
    said = "余量为正是达到目标后的余地，为负是差额。目标未知的，图集没有登记目标值，是否达标不作判断。"
    said += "浅色段为可能计入的部分。" if any(r.bar is not None and r.bar.perhaps_length > 0 for r in rows) else ""
    said += "三角为上次的值。" if any(r.trend for r in rows) else ""
    return f"{said}对照条从零起。"


def _cells(group: IndicatorGroup, row: IndicatorRow, trend: bool) -> tuple[PrintedCell, ...]:
    def text(words: str, kind: Kind = Kind.TEXT, state: LayerState | None = None) -> PrintedCell:
        return PrintedCell(text=words, kind=kind, blank=words == numbers.DASH, state=state)

    unknown = LayerState.NO_DATA if row.no_data else None
    met = PrintedCell(text=row.conclusion, kind=Kind.VERDICT, verdicts=(row.mark,) if row.mark is not None else (), state=unknown)
    return (
        text(group.title),
        text(row.title, Kind.NAME),
        text(row.unit),
        text(row.target, Kind.FIGURE),
        text(row.value, Kind.FIGURE, unknown),
        text(row.margin, Kind.FIGURE),
        *((text(row.trend),) if trend else ()),
        met,
        text(row.sub),
    )


def chart(bar: Bar) -> str:
    """The bar as SVG: value from zero, what may come on top, the target as a line, the earlier value as a triangle."""
    ink = colours()
    parts = [f'<rect x="0" y="5" width="{BAR_PX:.0f}" height="10" fill="{ink["paper-3"]}"/>']
    if bar.perhaps_length > 0:
        parts.append(f'<rect x="{bar.perhaps_start:.2f}" y="5" width="{bar.perhaps_length:.2f}" height="10" fill="{ink["heat-4"]}"/>')
    parts.append(f'<rect x="{bar.start:.2f}" y="5" width="{bar.length:.2f}" height="10" fill="{ink["accent"]}"/>')
    if bar.before is not None:
        parts.append(f'<path d="M{bar.before:.2f} 5l-3.5 -5h7z" fill="{ink["ink-2"]}"/>')
    parts.append(
        f'<rect x="{bar.target - 1.25:.2f}" y="1" width="2.5" height="18" fill="{ink["ink"]}" stroke="#ffffff" stroke-width="1.6" paint-order="stroke"/>'
    )
    return f'<svg class="bul" viewBox="-2 0 306 20" width="306" height="20" aria-hidden="true">{"".join(parts)}</svg>'
