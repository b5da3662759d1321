"""The summary of many parcels as an Excel workbook and as a GeoPackage: numbers as numbers, the same columns as summary.csv."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from xygis.atlas.verdict import DEMO_STAMP, LayerState, Verdict
from xygis.check.assessment import Refused
from xygis.check.portfolio import Portfolio
from xygis.overlay.sheet import degrees_of
from xygis.report.geopackage import write_table
from xygis.report.summary import Summary, SummaryColumn
from xygis.report.table import Kind
from xygis.report.writing import write_whole

_FORMATS = {Kind.M2: "#,##0.00", Kind.METRES: "#,##0.00", Kind.COUNT: "0"}
_WIDTHS = {Kind.M2: 13, Kind.METRES: 11, Kind.COUNT: 6, Kind.STATE: 8, Kind.VERDICT: 12, Kind.CODE: 18, Kind.NAME: 16, Kind.TEXT: 20}
_COLOURS = {
    Verdict.PROHIBITED: "#F9D6D5",
    Verdict.UNDETERMINED: "#E4E1F2",
    Verdict.APPROVAL: "#FBE3C4",
    Verdict.JUSTIFICATION: "#FBF1C7",
}


def write_workbook(portfolio: Portfolio, summary: Summary, path: Path) -> None:
    """summary.xlsx: sheets 汇总, 未审查, 图层. Text stays text: nothing is computed, nothing becomes a link."""
    import xlsxwriter

    memory = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(memory, options)
    book.set_properties({"title": "地块审查汇总", "comments": DEMO_STAMP if portfolio.demo else ""})
    _summary_sheet(book, portfolio, summary)
    _apart_sheet(book, portfolio)
    _layer_sheet(book, portfolio)
    book.close()
    write_whole(path, memory.getvalue())


def write_summary_gpkg(portfolio: Portfolio, summary: Summary, path: Path) -> None:
    """summary.gpkg: every parcel with the columns of summary.csv, in CGCS2000 degrees."""
    shapes = degrees_of(portfolio.parcels)
    single = shapely.get_type_id(shapes) == 3
    parts, index = shapely.get_parts(shapes, return_index=True)
    geometry = np.asarray(shapely.multipolygons(parts, indices=index)) if single.any() and len(parts) else shapes
    columns = {c.column.key: _typed(c) for c in summary.columns}
    write_table(path, "summary", geometry, columns, "EPSG:4490")


def _typed(c: SummaryColumn) -> NDArray[Any]:
    if c.column.kind in (Kind.M2, Kind.METRES):
        return np.array([np.nan if v is None else v for v in c.values], float)
    if c.column.kind is Kind.COUNT:
        return np.array([-1 if v is None else v for v in c.values], np.int64)
    return np.array([None if v is None else str(v) for v in c.values], object)


def _summary_sheet(book: Any, portfolio: Portfolio, summary: Summary) -> None:
    sheet = book.add_worksheet("汇总")
    base = {"font_name": "Microsoft YaHei", "font_size": 9, "valign": "vcenter"}
    head = book.add_format(base | {"bold": True, "align": "center", "border": 1, "bg_color": "#EEF1F4", "text_wrap": True})
    title = book.add_format(base | {"bold": True, "font_size": 12})
    plain = book.add_format(base)
    numbers = {kind: book.add_format(base | {"num_format": text}) for kind, text in _FORMATS.items()}
    coloured = {v: book.add_format(base | {"bg_color": colour}) for v, colour in _COLOURS.items()}
    stamp = f"　{DEMO_STAMP}" if portfolio.demo else ""
    sheet.write_string(0, 0, f"地块审查汇总　基准日 {portfolio.checked_on}　{portfolio.atlas.name}{stamp}", title)
    start = 0
    for j, c in enumerate(summary.columns):
        text = f"{c.column.title}（{c.column.unit}）" if c.column.unit else c.column.title
        if c.group is None:
            sheet.merge_range(1, j, 2, j, text, head)
        else:
            sheet.write_string(2, j, text, head)
            last = j + 1 == len(summary.columns) or summary.columns[j + 1].group != c.group
            if last:
                sheet.merge_range(1, start, 1, j, c.group, head) if start < j else sheet.write_string(1, j, c.group, head)
        if j + 1 < len(summary.columns) and summary.columns[j + 1].group != c.group:
            start = j + 1
        sheet.set_column(j, j, _WIDTHS.get(c.column.kind, 12), numbers.get(c.column.kind, plain))
        _write_column(sheet, j, c, plain, numbers, coloured)
    sheet.freeze_panes(3, 1)
    sheet.autofilter(2, 0, 2 + len(portfolio.parcels), max(0, len(summary.columns) - 1))
    sheet.repeat_rows(1, 2)
    sheet.set_landscape()


def _write_column(sheet: Any, j: int, c: SummaryColumn, plain: Any, numbers: dict[Kind, Any], coloured: dict[Verdict, Any]) -> None:
    kind = c.column.kind
    verdicts, states = {v.value: v for v in Verdict}, {s.value: s for s in LayerState}
    for i, value in enumerate(c.values, start=3):
        if value is None:
            continue
        if kind in numbers:
            sheet.write_number(i, j, value, numbers[kind])
        elif kind is Kind.VERDICT:
            verdict = verdicts[str(value)]
            sheet.write_string(i, j, verdict.label, coloured.get(verdict, plain))
        elif kind is Kind.STATE:
            sheet.write_string(i, j, states[str(value)].label, plain)
        else:
            sheet.write_string(i, j, str(value)[:32000], plain)


def _apart_sheet(book: Any, portfolio: Portfolio) -> None:
    rows = [(s.path, "", str(s.error)) for s in portfolio.sources if isinstance(s, Refused)]
    rows += [(portfolio.sources[i].path, a.name, str(a.error)) for i, a in portfolio.set_apart]
    for column in portfolio.columns:
        rows += [("", portfolio.names[i], f"{column.title}：{column.failed[i]}") for i in np.flatnonzero(column.failed != "").tolist()]
    _plain_sheet(book, "未审查", ("文件", "地块", "原因"), rows, (40, 20, 90))


def _layer_sheet(book: Any, portfolio: Portfolio) -> None:
    rows = [
        (r.layer.id, r.layer.title, r.state.label, str(r.layer.version or ""), r.layer.status.value, str(r.features or ""), r.sha256 or "", r.note or "")
        for r in portfolio.layers
    ]  # fmt: skip
    _plain_sheet(book, "图层", ("图层", "名称", "数据", "版本", "性质", "要素", "sha256", "说明"), rows, (26, 22, 10, 12, 10, 10, 66, 60))


def _plain_sheet(book: Any, name: str, head: Sequence[str], rows: Sequence[tuple[str, ...]], widths: Sequence[int]) -> None:
    sheet = book.add_worksheet(name)
    bold = book.add_format({"bold": True, "bg_color": "#EEF1F4", "border": 1, "font_name": "Microsoft YaHei", "font_size": 9})
    plain = book.add_format({"font_name": "Microsoft YaHei", "font_size": 9})
    for j, (text, width) in enumerate(zip(head, widths, strict=True)):
        sheet.set_column(j, j, width, plain)
        sheet.write_string(0, j, text, bold)
    for i, row in enumerate(rows, start=1):
        for j, text in enumerate(row):
            sheet.write_string(i, j, text[:32000], plain)
    sheet.freeze_panes(1, 0)
    if rows:
        sheet.autofilter(0, 0, len(rows), len(head) - 1)
