"""界址点成果表 as a workbook: a sheet a parcel that prints on A4, numbers as numbers, text never a formula or a link."""

from __future__ import annotations

import io
import re
from datetime import date, datetime
from typing import Any

from xygis.convert.outline import Outline
from xygis.convert.point_table import (
    HEADS,
    SIGNATURES,
    SUMMARY_HEADS,
    SUMMARY_TITLE,
    TAIL_REMARK,
    TITLE,
    facts,
    remarks,
    rounded_areas,
    total_areas,
)

_WIDTHS = (6.5, 9.5, 6.5, 19, 20, 14)
_SUMMARY_WIDTHS = (6, 30, 13, 20, 10, 16, 13, 12, 16)
_SUMMARY = "地块汇总"
_FACT_ROWS = 8
_LINE_CHARACTERS = {1: 32, 2: 12}  # Chinese characters that a text has room for, by how many stand on its line


def point_workbook(outlines: tuple[Outline, ...], *, decimals: int, producer: str, on: date) -> bytes:
    """The file. With several parcels the first sheet lists them all with their total."""
    import xlsxwriter

    memory = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(memory, options)
    book.set_properties({"title": TITLE, "company": producer, "created": datetime(on.year, on.month, on.day)})
    styles = _styles(book, decimals)
    names = _sheet_names(outlines)
    if len(outlines) > 1:
        _summary(book.add_worksheet(_SUMMARY), outlines, styles)
    for outline, name in zip(outlines, names, strict=True):
        _parcel(book.add_worksheet(name), outline, styles, producer, on)
    book.close()
    return memory.getvalue()


def _styles(book: Any, decimals: int) -> dict[str, Any]:
    base: dict[str, object] = {"font_name": "宋体", "font_size": 10.5, "valign": "vcenter"}
    box: dict[str, object] = {"border": 1}
    figure = box | {"align": "right", "indent": 1}
    made: dict[str, dict[str, object]] = {
        "title": {"font_name": "黑体", "font_size": 16, "align": "center"},
        "label": box | {"align": "center", "bg_color": "#F2F2F2", "text_wrap": True},
        "text": box | {"align": "left", "indent": 1, "text_wrap": True},
        "head": box | {"bold": True, "align": "center", "bg_color": "#F2F2F2", "text_wrap": True},
        "centre": box | {"align": "center"},
        "metres": figure | {"num_format": "0." + "0" * decimals},
        "m2": figure | {"num_format": "#,##0.00"},
        "m2_left": box | {"align": "left", "indent": 1, "num_format": "#,##0.00"},
        "hectares": figure | {"num_format": "#,##0.0000"},
        "count": figure | {"num_format": "#,##0"},
        "remark": {"font_size": 9, "text_wrap": True, "valign": "top"},
        "sign": {"align": "left"},
    }
    return {name: book.add_format(base | extra) for name, extra in made.items()}


def _sheet_names(outlines: tuple[Outline, ...]) -> list[str]:
    """Names that Excel takes: no []:*?/\\ and no apostrophe at an end, 31 characters, no two alike whatever the case of letters."""
    taken = {_SUMMARY.upper(), "HISTORY"}
    names = []
    for o in outlines:
        own = re.sub(r"[\[\]:*?/\\]", "_", o.parcel.name).strip("' ")[:31] or f"地块{o.serial}"
        name = own
        while name.upper() in taken:
            ending = f"-{o.serial}" if name == own else f"-{o.serial}-{len(taken)}"
            name = own[: 31 - len(ending)] + ending
        taken.add(name.upper())
        names.append(name)
    return names


def _page(sheet: Any, widths: tuple[float, ...], *, repeated: tuple[int, int]) -> None:
    for j, width in enumerate(widths):
        sheet.set_column(j, j, width)
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.7, right=0.6, top=0.7, bottom=0.8)
    sheet.center_horizontally()
    sheet.repeat_rows(*repeated)
    sheet.set_footer("&C&10第 &P 页  共 &N 页")
    sheet.hide_gridlines(2)


def _parcel(sheet: Any, outline: Outline, styles: dict[str, Any], producer: str, on: date) -> None:
    head = 1 + _FACT_ROWS
    _page(sheet, _WIDTHS, repeated=(0, head))
    sheet.set_row(0, 30)
    sheet.merge_range(0, 0, 0, 5, TITLE, styles["title"])
    _facts(sheet, outline, styles, producer, on)
    for j, text in enumerate(HEADS):
        sheet.write_string(head, j, text, styles["head"])
    sheet.set_row(head, 22)
    sheet.freeze_panes(head + 1, 0)
    row = head
    for serial, p in enumerate(outline.points, start=1):
        row = head + serial
        sheet.write_number(row, 0, serial, styles["centre"])
        sheet.write_string(row, 1, p.label, styles["centre"])
        sheet.write_number(row, 2, p.ring, styles["centre"])
        sheet.write_number(row, 3, p.north, styles["metres"])
        sheet.write_number(row, 4, p.east, styles["metres"])
        _put(sheet, row, 5, p.edge_m, styles["metres"])
        sheet.set_row(row, 17)
    for text in remarks(outline):
        row += 1
        sheet.set_row(row, 26 if len(text) > 60 else 14)
        sheet.merge_range(row, 0, row, 5, text, styles["remark"])
    sheet.set_row(row + 1, 28)
    for j, text in zip((0, 3, 4), SIGNATURES, strict=True):
        sheet.write_string(row + 1, j, f"{text}：", styles["sign"])
    sheet.print_area(0, 0, row + 1, 5)


def _facts(sheet: Any, outline: Outline, styles: dict[str, Any], producer: str, on: date) -> None:
    """Two to a row or one: a label over two columns, its text over the rest; long texts wrap."""
    m2, ha, mu = rounded_areas(outline.ellipsoidal_m2)
    numbers: dict[str, tuple[float | None, str]] = {
        "面积（m²）": (m2, "m2"),
        "面积（公顷）": (ha, "hectares"),
        "面积（亩）": (mu, "m2"),
        "平面面积（m²）": (round(outline.planar_m2, 2), "m2"),
        "申报面积（m²）": (outline.parcel.declared_m2, "m2_left"),
    }
    for row, pairs in enumerate(facts(outline, producer, on), start=1):
        longest = max(1, *(len(text) for _, text in pairs))
        sheet.set_row(row, 4 + 15.0 * (1 + (longest - 1) // _LINE_CHARACTERS[len(pairs)]))
        last = 5 if len(pairs) == 1 else 3
        for k, (label, text) in enumerate(pairs):
            if k == 0:
                sheet.merge_range(row, 0, row, 1, label, styles["label"])
            else:
                sheet.write_string(row, 4, label, styles["label"])
            number, style = numbers.get(label, (None, "text"))
            if k == 0:
                sheet.merge_range(row, 2, row, last, "", styles[style])
            _put(sheet, row, 2 if k == 0 else 5, text if number is None else number, styles[style])


def _put(sheet: Any, row: int, column: int, value: str | float | None, style: Any) -> None:
    """A number as a number, text as text, None as an empty cell with its border."""
    if value is None:
        sheet.write_blank(row, column, None, style)
    elif isinstance(value, str):
        sheet.write_string(row, column, value[:32000], style)
    else:
        sheet.write_number(row, column, value, style)


def _summary(sheet: Any, outlines: tuple[Outline, ...], styles: dict[str, Any]) -> None:
    _page(sheet, _SUMMARY_WIDTHS, repeated=(0, 1))
    sheet.set_landscape()
    last = len(SUMMARY_HEADS) - 1
    sheet.set_row(0, 30)
    sheet.merge_range(0, 0, 0, last, SUMMARY_TITLE, styles["title"])
    for j, text in enumerate(SUMMARY_HEADS):
        sheet.write_string(1, j, text, styles["head"])
    sheet.freeze_panes(2, 0)
    for row, o in enumerate(outlines, start=2):
        sheet.set_row(row, 4 + 14.0 * (1 + len(o.parcel.name) // 14))
        _put(sheet, row, 0, o.serial, styles["centre"])
        for j, text in enumerate((o.parcel.name, o.number, o.parcel.use_text or ""), start=1):
            _put(sheet, row, j, text, styles["text"])
        _figures(sheet, row, (o.corners, *rounded_areas(o.ellipsoidal_m2), o.parcel.declared_m2), styles)
    row = 2 + len(outlines)
    total, same = total_areas(outlines)
    sheet.set_row(row, 20)
    sheet.merge_range(row, 0, row, 3, "合计", styles["head"])
    declared = [o.parcel.declared_m2 for o in outlines if o.parcel.declared_m2 is not None]
    stated = sum(declared) if len(declared) == len(outlines) else None  # a total of some would pass for that of all
    _figures(sheet, row, (sum(o.corners for o in outlines), *total, stated), styles)
    if not same:
        sheet.merge_range(row + 1, 0, row + 1, last, TAIL_REMARK, styles["remark"])


def _figures(sheet: Any, row: int, values: tuple[float | None, ...], styles: dict[str, Any]) -> None:
    """Points, the three areas and the declared one, from the fifth column on."""
    for j, (value, style) in enumerate(zip(values, ("count", "m2", "hectares", "m2", "m2"), strict=True), start=4):
        _put(sheet, row, j, value, styles[style])
