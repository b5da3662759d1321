"""suspects.xlsx: the list to be worked off, a row a patch, and the tables by county and by place. Numbers stay numbers, text stays text."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from xygis.atlas.suspect_law import SuspectVerdict
from xygis.atlas.verdict import DEMO_STAMP
from xygis.office_seal import as_written
from xygis.report.suspects_list import list_columns, ordered
from xygis.report.writing import write_whole
from xygis.suspects.result import Suspects, Tally

_FILLS = {
    SuspectVerdict.SUSPECTED: ("#F9D6D5", "#9B1C1C"),
    SuspectVerdict.VERIFY: ("#E4E1F2", "#4C3A8C"),
    SuspectVerdict.LEGAL: ("#DDF0E3", "#1B6A3C"),
}
_MOST_TEXT = 32_000


def write_suspects_workbook(result: Suspects, path: Path) -> None:
    """Sheets 清单, 按县, 按区域, 说明. Raises OutputFailed."""
    import xlsxwriter

    memory = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(memory, options)
    book.set_properties({"title": "控违拆违图斑清单", "comments": DEMO_STAMP if result.demo else ""})
    styles = _styles(book)
    _list_sheet(book.add_worksheet("清单"), result, styles)
    _tally_sheet(book.add_worksheet("按县"), "县（市、区）", result.by_county, result.total, styles)
    _tally_sheet(book.add_worksheet("按区域"), "所在区域（最严格的一处）", result.by_place, result.total, styles)
    _notes_sheet(book.add_worksheet("说明"), result, styles)
    book.close()
    write_whole(path, as_written(memory.getvalue()))


def _styles(book: Any) -> dict[str, Any]:
    base: dict[str, object] = {"font_name": "Microsoft YaHei", "font_size": 9, "valign": "top"}
    made: dict[str, dict[str, object]] = {
        "title": {"bold": True, "font_size": 13},
        "stamp": {"bold": True, "font_color": "#9B1C1C"},
        "head": {"bold": True, "align": "center", "valign": "vcenter", "bg_color": "#EEF1F4", "border": 1, "border_color": "#C9D1D9"},
        "cell": {"text_wrap": True},
        "whole": {"num_format": "#,##0"},
        "area": {"num_format": "#,##0.00"},
        "hectares": {"num_format": "#,##0.0000"},
        "total": {"bold": True, "top": 1},
        "total_whole": {"bold": True, "top": 1, "num_format": "#,##0"},
        "total_hectares": {"bold": True, "top": 1, "num_format": "#,##0.0000"},
    }
    made |= {v.value: {"bg_color": fill, "font_color": ink, "bold": True} for v, (fill, ink) in _FILLS.items()}
    return {name: book.add_format(base | extra) for name, extra in made.items()}


def _list_sheet(sheet: Any, result: Suspects, styles: dict[str, Any]) -> None:
    columns = list_columns(result)
    for j, column in enumerate(columns):
        sheet.set_column(j, j, column.width)
        sheet.write_string(0, j, column.title, styles["head"])
    rows = ordered(result)
    for i, patch in enumerate(rows, start=1):
        for j, column in enumerate(columns):
            value = column.value(patch)
            if value is None:
                sheet.write_blank(i, j, None, styles["cell"])
            elif column.number:
                sheet.write_number(i, j, float(value), styles["area" if column.key.endswith("_m2") else "whole"])
            else:
                sheet.write_string(i, j, str(value)[:_MOST_TEXT], styles[patch.verdict.value if column.key == "verdict" else "cell"])
    sheet.freeze_panes(1, 3)
    sheet.autofilter(0, 0, max(1, len(rows)), len(columns) - 1)
    sheet.set_landscape()
    sheet.set_paper(8)  # A3
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    if result.demo:
        sheet.set_header(f"&C{DEMO_STAMP}")


def _tally_sheet(sheet: Any, head: str, rows: Sequence[Tally], total: Tally, styles: dict[str, Any]) -> None:
    heads = [head, *(f"{v.label}（{unit}）" for v in SuspectVerdict for unit in ("个", "公顷")), "合计（个）", "合计（公顷）"]
    for j, text in enumerate(heads):
        sheet.set_column(j, j, 26 if j == 0 else 15)
        sheet.write_string(0, j, text, styles["head"])
    for i, row in enumerate((*rows, total), start=1):
        prefix = "total_" if row is total else ""
        sheet.write_string(i, 0, row.title[:_MOST_TEXT], styles["total" if row is total else "cell"])
        pairs = [*zip(row.patches, row.area_m2, strict=True), (row.count, sum(row.area_m2))]
        for k, (count, area_m2) in enumerate(pairs):
            sheet.write_number(i, 1 + 2 * k, count, styles[f"{prefix}whole"])
            sheet.write_number(i, 2 + 2 * k, area_m2 / 1e4, styles[f"{prefix}hectares"])
    sheet.freeze_panes(1, 1)


def _notes_sheet(sheet: Any, result: Suspects, styles: dict[str, Any]) -> None:
    sheet.set_column(0, 0, 110)
    lines = [
        f"基准日 {result.checked_on.isoformat()}",
        f"图集 {result.atlas_name}",
        result.permits_note,
        *result.assumptions,
        *result.remarks,
    ]
    lines += [f"没有读取：{a.name}，{a.error.what}" for a in result.set_apart]
    sheet.write_string(0, 0, "控违拆违图斑清单", styles["title"])
    sheet.write_string(1, 0, DEMO_STAMP if result.demo else "", styles["stamp"])
    for i, text in enumerate(lines, start=2):
        sheet.write_string(i, 0, text[:_MOST_TEXT], styles["cell"])
