"""The first sheet of report.xlsx: the answer, the parcels, what to do next, and where everything else stands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from xygis.atlas.verdict import DEMO_STAMP
from xygis.report.document import Document
from xygis.report.sheet_cells import TITLE_PT, Formats, put, row_pt

_WIDTHS = (34, 16, 18, 62)
_LAST = len(_WIDTHS) - 1
_ACROSS = sum(_WIDTHS)


def conclusion_sheet(sheet: Any, document: Document, others: Sequence[tuple[str, str]], formats: Formats) -> None:
    """others: (name, title) of the sheets that follow."""
    sheet.hide_gridlines(2)
    for j, width in enumerate(_WIDTHS):
        sheet.set_column(j, j, width)
    put(sheet, 0, 0, document.title, formats.named("title"))
    sheet.set_row(0, TITLE_PT)
    put(sheet, 1, 0, document.foot, formats.named("quiet"))
    if document.demo:
        put(sheet, 1, _LAST, DEMO_STAMP, formats.named("stamp"))
    row = _facts(sheet, 2, document, formats)
    row = _answer(sheet, row + 1, document, formats)
    put(sheet, row + 1, 0, "下一步", formats.named("head"))
    row += 2
    for i, step in enumerate(document.steps, start=1):
        put(sheet, row, 0, f"{i} {step.title}", formats.named("name"))
        _across(sheet, row, 1, step.text, formats.named("text"), beside=((f"{i} {step.title}", _WIDTHS[0]),))
        row += 1
    put(sheet, row + 1, 0, "工作表", formats.named("head"))
    for i, (name, title) in enumerate(others, start=row + 2):
        sheet.write_url(i, 0, f"internal:'{name}'!A1", formats.named("link"), string=name)
        put(sheet, i, 1, title, formats.named("quiet"))
    put(sheet, row + 3 + len(others), 0, document.disclaimer, formats.named("quiet"))


def _facts(sheet: Any, row: int, document: Document, formats: Formats) -> int:
    """What was checked, and what could not be read; the row below."""
    for label, value in document.facts:
        put(sheet, row, 0, label, formats.named("quiet"))
        put(sheet, row, 1, value, formats.named("line"))
        row += 1
    for refused in document.refused:
        put(sheet, row, 0, "未能读取", formats.named("stamp"))
        _across(sheet, row, 1, f"{refused.path}：{refused.what}。处理办法：{refused.fix}。", formats.named("text"))
        row += 1
    return row


def _answer(sheet: Any, row: int, document: Document, formats: Formats) -> int:
    """The verdict in a word, in a sentence, and parcel by parcel; the row below."""
    box = document.box
    put(sheet, row, 0, "综合结论", formats.named("head"))
    put(sheet, row, 1, f"{box.verdict.mark} {box.verdict.label}", formats.verdict(box.verdict))
    _across(sheet, row + 1, 0, box.sentence, formats.named("name"))
    _across(sheet, row + 2, 0, box.second, formats.named("text"))
    row += 4
    for j, head in enumerate(("地块", "结论", "面积")):
        put(sheet, row, j, head, formats.named("headright" if j == 2 else "head"))
    for name, verdict, area in box.rows:
        row += 1
        put(sheet, row, 0, name, formats.named("name"))
        sheet.set_row(row, row_pt([(name, _WIDTHS[0])]))
        if verdict is not None:
            put(sheet, row, 1, f"{verdict.mark} {verdict.label}", formats.verdict(verdict))
        put(sheet, row, 2, area, formats.named("right"))
    return row + 1


def _across(sheet: Any, row: int, column: int, text: str, look: Any, *, beside: Sequence[tuple[str, float]] = ()) -> None:
    """Text over all columns from this one on; the row as high as it takes."""
    sheet.merge_range(row, column, row, _LAST, "", look)
    put(sheet, row, column, text, look)
    sheet.set_row(row, row_pt([(text, _ACROSS - sum(_WIDTHS[:column])), *beside]))
