"""summary.xlsx: a run over many parcels as a workbook. 概况 answers how many and which, 汇总 has a row a parcel.

Numbers stay numbers and text stays text: nothing is computed, nothing becomes a link, no cell can carry a formula.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from xygis.atlas.verdict import DEMO_STAMP, Verdict
from xygis.check.assessment import Refused
from xygis.check.portfolio import Portfolio
from xygis.report.summary import Summary
from xygis.report.workbook_overview import overview_sheet
from xygis.report.workbook_rows import rows_sheet
from xygis.report.writing import write_whole

_MOST_ROWS = 1_000_000  # what a sheet can hold
_FILLS = {
    Verdict.PROHIBITED: ("#F9D6D5", "#9B1C1C"),
    Verdict.UNDETERMINED: ("#E4E1F2", "#4C3A8C"),
    Verdict.APPROVAL: ("#FBE3C4", "#8A4B08"),
    Verdict.JUSTIFICATION: ("#FBF1C7", "#7A5C00"),
    Verdict.NOTICE: ("#DCEAF7", "#1F4E79"),
    Verdict.COMPLIANT: ("#FFFFFF", "#5F6B76"),
}


def write_workbook(portfolio: Portfolio, summary: Summary, path: Path) -> None:
    """Sheets 概况, 汇总, 未审查, 图层. Raises OutputFailed."""
    import xlsxwriter

    memory = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(memory, options)
    book.set_properties({"title": "地块审查汇总", "comments": DEMO_STAMP if portfolio.demo else ""})
    styles = _styles(book)
    apart = _apart(portfolio)
    overview_sheet(book.add_worksheet("概况"), portfolio, styles, len(apart))
    rows_sheet(book.add_worksheet("汇总"), portfolio, summary, styles)
    _plain_sheet(book.add_worksheet("未审查"), styles, ("文件", "地块", "原因"), apart, (40, 20, 90))
    layers = [
        (r.layer.id, r.layer.title, r.state.label, str(r.layer.version or ""), r.layer.status.label, str(r.features or ""), r.note or "",
         r.sha256 or "")
        for r in portfolio.layers
    ]  # fmt: skip
    heads = ("图层", "名称", "数据", "版本", "性质", "要素", "说明", "sha256")
    _plain_sheet(book.add_worksheet("图层"), styles, heads, layers, (28, 22, 8, 12, 10, 9, 60, 66))
    book.close()
    write_whole(path, memory.getvalue())


def _styles(book: Any) -> dict[str, Any]:
    """Formats by name; of a verdict by its value."""
    base: dict[str, object] = {"font_name": "Microsoft YaHei", "font_size": 9, "valign": "vcenter"}
    thin: dict[str, object] = {"border": 1, "border_color": "#C9D1D9"}
    made: dict[str, dict[str, object]] = {
        "title": {"bold": True, "font_size": 14},
        "stamp": {"bold": True, "font_size": 11, "font_color": "#9B1C1C"},
        "quiet": {"font_color": "#5F6B76"},
        "head": {"bold": True, "align": "center", "bg_color": "#EEF1F4", "text_wrap": True} | thin,
        "cell": {},
        "name": {"bold": True},
        "reason": {"indent": 1},
        "none": {"italic": True, "font_color": "#5F6B76", "bg_color": "#EDEDED", "align": "right"},
        "area": {"num_format": '[=0]"–";[<0.005]"<0.01";#,##0.00'},
        "metres": {"num_format": "#,##0.00"},
        "share": {"num_format": "0.0 %"},
        "hectares": {"num_format": "#,##0.0000"},
        "count": {"num_format": '[=0]"–";#,##0', "align": "right"},
    }
    made |= {v.value: {"bg_color": fill, "font_color": ink} for v, (fill, ink) in _FILLS.items()}
    return {name: book.add_format(base | extra) for name, extra in made.items()}


def _apart(portfolio: Portfolio) -> list[tuple[str, str, str]]:
    """What could not be checked: (file, parcel, why)."""
    rows = [(s.path, "", str(s.error)) for s in portfolio.sources if isinstance(s, Refused)]
    rows += [(portfolio.sources[i].path, a.name, str(a.error)) for i, a in portfolio.set_apart]
    for column in portfolio.columns:
        for i in np.flatnonzero(column.failed != "").tolist():
            file = portfolio.sources[int(portfolio.source_of[i])].path
            rows.append((file, portfolio.names[i], f"{column.title}：{column.failed[i]}"))
    return rows


def _plain_sheet(sheet: Any, styles: dict[str, Any], head: Sequence[str], rows: Sequence[tuple[str, ...]], widths: Sequence[int]) -> None:
    for j, (text, width) in enumerate(zip(head, widths, strict=True)):
        sheet.set_column(j, j, width, styles["cell"])
        sheet.write_string(0, j, text, styles["head"])
    for i, row in enumerate(rows[:_MOST_ROWS], start=1):
        for j, text in enumerate(row):
            sheet.write_string(i, j, text[:32000], styles["cell"])
    if not rows:
        sheet.write_string(1, 0, "无", styles["quiet"])
    sheet.freeze_panes(1, 0)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    if rows:
        sheet.autofilter(0, 0, len(rows), len(head) - 1)
