"""quality.xlsx: quality control of one file as a workbook: 概况, 错误 one row each, 未做的检查 apart.

Numbers stay numbers and text stays text: no value of the file becomes a formula or a link.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from xygis.atlas.standard import FAMILIES, LEVELS
from xygis.consistency.quality.file import FileQuality
from xygis.report.quality_contract import rules_in
from xygis.report.writing import write_whole

_MOST_ROWS = 1_000_000  # what a sheet can hold
RESULTS = {"errors": "有错误", "incomplete": "检查不全", "clean": "没有发现错误"}


def write_quality_workbook(found: FileQuality, path: Path) -> None:
    """Sheets 概况, 错误, 未做的检查. Raises OutputFailed."""
    import xlsxwriter

    memory = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(memory, options)
    book.set_properties({"title": "规划数据库质检"})
    head = book.add_format({"bold": True, "align": "center", "bg_color": "#EEF1F4", "border": 1, "border_color": "#C9D1D9", "font_size": 9})
    cell = book.add_format({"font_size": 9, "valign": "vcenter"})
    styles = (head, cell)
    _sheet(
        book.add_worksheet("概况"),
        styles,
        ("检查项", "名称", "类别", "检查了", "严重", "一般", "警告"),
        _summary(found),
        (9, 34, 14, 10, 9, 9, 9),
    )
    columns = ("检查项", "名称", "级别", "要素", "行", "字段", "值", "应为", "说明", "经度", "纬度", "面积（m²）", "标准")
    _sheet(book.add_worksheet("错误"), styles, columns, _errors(found), (8, 24, 7, 22, 8, 12, 22, 22, 50, 13, 13, 13, 10))
    _sheet(book.add_worksheet("未做的检查"), styles, ("检查项", "情况", "要素", "原因"), _not_run(found), (9, 12, 9, 70))
    book.close()
    write_whole(path, memory.getvalue())


def _summary(found: FileQuality) -> list[tuple[object, ...]]:
    quality = found.quality
    by_rule = dict(rules_in(quality.faults))
    rows: list[tuple[object, ...]] = []
    for ran in quality.run:
        mine = by_rule.get(ran.rule, [])
        title, family = (mine[0].title, FAMILIES[mine[0].family]) if mine else ("", "")
        rows.append((ran.rule, title or "没有发现错误", family, ran.features, *(sum(f.level == level for f in mine) for level in LEVELS)))
    counts = [sum(f.level == level for f in quality.faults) for level in LEVELS]
    rows.append(("合计", RESULTS[found.result], "", len(found.table), *counts))
    return rows


def _errors(found: FileQuality) -> list[tuple[object, ...]]:
    return [
        (
            f.rule,
            f.title,
            LEVELS[f.level],
            f.feature,
            f.row,
            f.field,
            f.value,
            f.expected,
            f.text,
            f.place[0] if f.place else None,
            f.place[1] if f.place else None,
            f.area_m2,
            "" if f.read else "标准待核",
        )
        for f in found.quality.faults[:_MOST_ROWS]
    ]


def _not_run(found: FileQuality) -> list[tuple[object, ...]]:
    quality = found.quality
    rows: list[tuple[object, ...]] = [(n.rule, "检查失败", n.features, n.reason) for n in quality.failed]
    rows += [(n.rule, "应做未做" if n.due else "不适用", n.features, n.reason) for n in sorted(quality.skipped, key=lambda n: not n.due)]
    return rows


def _sheet(sheet: Any, styles: tuple[Any, Any], head: Sequence[str], rows: Sequence[tuple[object, ...]], widths: Sequence[int]) -> None:
    for j, (text, width) in enumerate(zip(head, widths, strict=True)):
        sheet.set_column(j, j, width, styles[1])
        sheet.write_string(0, j, text, styles[0])
    for i, row in enumerate(rows, start=1):
        for j, value in enumerate(row):
            if isinstance(value, (int, float)):
                sheet.write_number(i, j, value, styles[1])
            elif value is not None:
                sheet.write_string(i, j, str(value)[:32000], styles[1])
    if not rows:
        sheet.write_string(1, 0, "无", styles[1])
    sheet.freeze_panes(1, 0)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    if rows:
        sheet.autofilter(0, 0, len(rows), len(head) - 1)
