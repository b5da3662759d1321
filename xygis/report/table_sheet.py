"""One table of the document as a sheet: title, heads that stay in view, filters, a row a row, total, notes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from xygis.atlas.verdict import DEMO_STAMP, LayerState
from xygis.report.cells import RIGHT, PrintedCell
from xygis.report.document import Document, TableBlock
from xygis.report.sheet_cells import TITLE_PT, Formats, display_width, number_of, put, row_pt
from xygis.report.table import Cell, Column, Kind

HEAD_ROW = 2
_WIDEST, _LEAST = 60, 7
_MARK = 2


def table_sheet(sheet: Any, block: TableBlock, document: Document, formats: Formats) -> None:
    """Fills the sheet. Columns that other faces set small under another stand by themselves here."""
    printed = block.printed
    table = printed.table
    columns = table.columns
    put(sheet, 0, 0, f"{block.label} {table.title}".strip(), formats.named("title"))
    told = (table.unit_note, document.foot, DEMO_STAMP if document.demo else "")
    put(sheet, 1, 0, "　".join(text for text in told if text), formats.named("quiet"))
    sheet.set_row(0, TITLE_PT)
    widths = [_width(column, [row[j] for row in printed.rows]) for j, column in enumerate(columns)]
    for j, column in enumerate(columns):
        put(sheet, HEAD_ROW, j, column.title, formats.named("headright" if column.kind in RIGHT else "head"))
        sheet.set_column(j, j, widths[j])
    row = HEAD_ROW
    for cells, raw in zip(printed.rows, table.rows, strict=True):
        row += 1
        _row(sheet, row, cells, raw, formats)
        sheet.set_row(row, row_pt([(cell.text, width) for cell, width in zip(cells, widths, strict=True)]))
    last = row
    if printed.total is not None and table.total is not None:
        row += 1
        _row(sheet, row, printed.total, table.total, formats, total=True)
    if table.notes:
        put(sheet, row + 2, 0, "".join(table.notes), formats.named("quiet"))
    sheet.freeze_panes(HEAD_ROW + 1, next((j + 1 for j, c in enumerate(columns[:3]) if c.kind == Kind.NAME), 1))
    if printed.rows:
        sheet.autofilter(HEAD_ROW, 0, last, len(columns) - 1)


def _row(sheet: Any, row: int, cells: Sequence[PrintedCell], raw: Sequence[Cell], formats: Formats, *, total: bool = False) -> None:
    for j, (cell, value) in enumerate(zip(cells, raw, strict=True)):
        right = cell.kind in RIGHT
        number = number_of(cell, value)
        if number is not None:
            sheet.write_number(row, j, number[0], formats.named("totalright" if total else "right", number[1]))
        elif len(cell.verdicts) == 1:
            put(sheet, row, j, f"{cell.verdicts[0].mark} {cell.text}", formats.verdict(cell.verdicts[0]))
        elif cell.verdicts:
            ends = " 至 ".join(f"{v.mark} {v.label}" for v in cell.verdicts)
            put(sheet, row, j, ends, formats.verdict(cell.verdicts[-1]))
        elif cell.state is LayerState.NO_DATA or cell.text == LayerState.NO_DATA.label:
            put(sheet, row, j, cell.text, formats.named("unknown"))
        elif cell.blank:
            put(sheet, row, j, cell.text, formats.named("totalright" if total else "blank"))
        else:
            look = ("total" if not right else "totalright") if total else "name" if cell.kind == Kind.NAME else "right" if right else "text"
            put(sheet, row, j, cell.text, formats.named(look))


def _width(column: Column, cells: Sequence[PrintedCell]) -> float:
    """As wide as its longest text, within reason; beyond, it wraps."""
    longest = max((display_width(c.text) + _MARK * len(c.verdicts) for c in cells), default=0)
    return float(min(max(longest, display_width(column.title) + 2, _LEAST), _WIDEST)) + 1.5
