"""A table in Word: three lines, heads repeated on every page, no merged cells, so that Word can sort it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from xml.sax.saxutils import quoteattr

from xygis.report.cells import RIGHT, PrintedCell, PrintedTable
from xygis.report.document import TableBlock
from xygis.report.pages import folded_text
from xygis.report.pdf_data import colours
from xygis.report.table import Column, Kind
from xygis.report.word_marks import Marks
from xygis.report.word_xml import TAB, TEXT_WIDTH_CM, field, paragraph, run, twips
from xygis.visible import visible

_HALF, _DIGIT = (
    100,
    118,
)  # twips of a Latin letter and of a figure in a cell, wide enough for any stand-in font; a Chinese character takes two letters
_PADDING = 116
_MARK = 250  # of a verdict's mark
_GAP = 90
_LEAST = 900  # of a column of text, more where a code stands in it
_WIDE_LEAST = 1400  # on a sheet that lies on its side
_LONGEST_CODE = 22
_UNBROKEN = 12  # half widths of a text that is kept on one line
_MOST = 64  # half widths that a text asks for, however long it is
_FOLDED = 0.6  # of what is folded under a text counts for the width of its column
_HEAD = 8  # half widths that a head is not broken below
_EVEN = 0.7  # below 1: long texts get more room than short ones, but not in proportion
_DARK = 5  # the shade that takes white letters
_TOGETHER = 9  # rows of a table that is not torn between two pages
_CODE = re.compile("[!-~]+")
_TEXTS = (Kind.TEXT, Kind.NAME, Kind.CODE)


def table_xml(block: TableBlock, marks: Marks) -> str:
    """Caption, table and notes."""
    printed = block.printed
    table = printed.table
    shown = [j for j, c in enumerate(table.columns) if c.under is None]
    widths = _widths(printed, shown, twips(marks.width_cm))
    heads = "".join(
        _cell(paragraph(run(table.columns[j].title), "CellHead", align=_align(table.columns[j])), w)
        for j, w in zip(shown, widths, strict=True)
    )
    rows = f"<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>{heads}</w:tr>"
    every = (*printed.rows, *(row for row in (printed.total, printed.below) if row is not None))
    longest = max((_half_widths(c.text) for row in every for c in row), default=0)
    together = len(every) <= _TOGETHER and longest <= 2 * _MOST
    for i, cells in enumerate(every):
        total, keep = cells is printed.total, together and i < len(every) - 1
        ruled = total and printed.below is not None  # the look of a last row is then that of the line below
        rows += _row(table.columns, cells, shown, widths, marks, total=total, keep=keep, ruled=ruled)
    last, look = ("1", "0660") if printed.total is not None and printed.below is None else ("0", "0620")
    grid = "".join(f'<w:gridCol w:w="{w}"/>' for w in widths)
    title = f"{block.label} {table.title}".strip()
    return (
        f'{_caption(block)}<w:tbl><w:tblPr><w:tblStyle w:val="ThreeLine"/><w:tblW w:w="{sum(widths)}" w:type="dxa"/>'
        f'<w:tblLayout w:type="fixed"/><w:tblLook w:val="{look}" w:firstRow="1" w:lastRow="{last}" w:firstColumn="0" w:lastColumn="0" '
        f'w:noHBand="1" w:noVBand="1"/><w:tblCaption w:val={quoteattr(visible(title))}/></w:tblPr><w:tblGrid>{grid}</w:tblGrid>{rows}</w:tbl>'
        f"{paragraph(run(''.join(table.notes)), 'TableNote') if table.notes else paragraph('', 'After')}"
    )


def caption(label: str, text: str, style: str, *, aside: str = "") -> str:
    """表 n as a field that counts, then the words; `aside` at the right, small."""
    word = label.rstrip("0123456789")
    number = run(label)
    if word != label:
        number = run(word) + field(f"SEQ {word} \\* ARABIC", label.removeprefix(word))
    number += run("　" if label else "")
    return paragraph(f"{number}{run(text)}{TAB + run(aside, style='Quiet') if aside else ''}", style)


def _caption(block: TableBlock) -> str:
    """A table without a number follows a head of its own: then only its unit is told."""
    table = block.printed.table
    if block.label:
        return caption(block.label, table.title, "Caption", aside=table.unit_note)
    return paragraph(run(table.unit_note, style="Quiet"), "CellText", align="right", keep_next=True) if table.unit_note else ""


def _row(
    columns: Sequence[Column],
    cells: Sequence[PrintedCell],
    shown: Sequence[int],
    widths: Sequence[int],
    marks: Marks,
    *,
    total: bool,
    keep: bool,
    ruled: bool,
) -> str:
    folded = folded_text(columns, cells)
    under = next((c.under for c in columns if c.under), None)
    body = ""
    for j, width in zip(shown, widths, strict=True):
        small = paragraph(run(folded), "CellSmall", keep_next=keep) if folded and columns[j].key == under else ""
        said = paragraph(_content(cells[j], columns[j], marks, total), "CellText", align=_align(columns[j]), keep_next=keep)
        body += _cell(said + small, width, shade=cells[j].shade, ruled=ruled)
    return f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{body}</w:tr>"


def _content(cell: PrintedCell, column: Column, marks: Marks, total: bool) -> str:
    if len(cell.verdicts) == 1:
        return marks.verdict(cell.verdicts[0], word=cell.text)
    if cell.verdicts:
        return run(" 至 ").join(marks.verdict(v) for v in cell.verdicts)
    if cell.state is not None:
        return marks.state(cell.state, cell.text)
    if cell.blank:
        return run(cell.text, colour="#5f6b76")
    bold = total or column.kind == Kind.NAME or bool(column.sum_of)
    return run(cell.text, bold=bold, colour="#ffffff" if cell.shade == _DARK else "")


def _cell(content: str, width: int, *, shade: int = 0, ruled: bool = False) -> str:
    looks = '<w:tcBorders><w:top w:val="single" w:sz="6" w:space="0" w:color="1A2027"/></w:tcBorders>' if ruled else ""
    looks += f'<w:shd w:val="clear" w:color="auto" w:fill="{colours()[f"heat-{shade}"].lstrip("#").upper()}"/>' if shade else ""
    return f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{looks}</w:tcPr>{content}</w:tc>'


def _align(column: Column) -> str:
    return "right" if column.kind in RIGHT else "left"


def _widths(printed: PrintedTable, shown: Sequence[int], whole: int) -> list[int]:
    """Twips of each column, together `whole`, the width of the text: figures and marks are never broken, texts share the rest."""
    columns = printed.table.columns
    wide = whole > twips(TEXT_WIDTH_CM)
    every = (*printed.rows, printed.total) if printed.total is not None else printed.rows
    unders = {c.under for c in columns if c.under}
    folded = max((_half_widths(folded_text(columns, row)) for row in every), default=0)
    rigid: dict[int, float] = {}
    asked: dict[int, float] = {}  # half widths that a text wants
    least: dict[int, float] = {}
    for j in shown:
        column = columns[j]
        longest = max((_half_widths(row[j].text) for row in every), default=0)
        if column.kind in _TEXTS and (longest > _UNBROKEN or column.key in unders):
            under = min(folded * _FOLDED, _MOST * _FOLDED * 2) if column.key in unders else 0.0
            asked[j] = max(float(min(longest, _MOST)), under, _HEAD * 1.0)
            code = max((len(word) for row in every for word in _CODE.findall(row[j].text)), default=0)
            least[j] = max(_WIDE_LEAST if wide else _LEAST, min(code, _LONGEST_CODE) * _DIGIT + _PADDING)
        else:
            letter = _letter(column)
            rigid[j] = max(longest, min(_half_widths(column.title), _HEAD)) * letter + _PADDING + _marks_width(every, j) + _gaps(every, j)
    rest = whole - sum(rigid.values())
    natural = {j: a * _letter(columns[j]) + _PADDING for j, a in asked.items()}
    if not asked or rest < sum(least.values()):  # more columns than fit: all of them give way
        found = rigid | least
        found = {j: w * whole / sum(found.values()) for j, w in found.items()}
    elif sum(natural.values()) <= rest:  # everything fits on a line: the column with text folded under it takes what is left
        takers = [j for j in asked if columns[j].key in unders] or list(shown)
        spare = (rest - sum(natural.values())) / len(takers)
        found = rigid | natural
        found |= {j: found[j] + spare for j in takers}
    else:
        found = rigid | _shares(asked, least, natural if wide else {}, rest)
    widths = [round(found[j]) for j in shown]
    widths[-1] += whole - sum(widths)
    return widths


def _shares(asked: dict[int, float], least: dict[int, float], natural: dict[int, float], rest: float) -> dict[int, float]:
    """What each text gets of the rest, long ones more; none more than it would naturally take, as far as that is told."""
    full: dict[int, float] = {}
    while True:
        weights = {j: a**_EVEN for j, a in asked.items() if j not in full}
        spare = rest - sum(full.values()) - sum(least[j] for j in weights)
        found = {j: least[j] + spare * w / sum(weights.values()) for j, w in weights.items()}
        satisfied = {j: natural[j] for j, w in found.items() if j in natural and asked[j] < _MOST and w > natural[j]}
        if not satisfied or len(satisfied) == len(found):
            return full | found
        full |= satisfied


def _letter(column: Column) -> int:
    return _DIGIT if column.kind in RIGHT or column.kind == Kind.CODE else _HALF


def _marks_width(every: Sequence[Sequence[PrintedCell]], j: int) -> int:
    """Of the marks that stand before verdicts and states."""
    return max((max(len(row[j].verdicts), int(row[j].state is not None)) for row in every), default=0) * _MARK


def _gaps(every: Sequence[Sequence[PrintedCell]], j: int) -> int:
    """Word sets a little space between Chinese and Latin."""
    return _GAP if any(not row[j].text.isascii() and any(c.isascii() and c.isalnum() for c in row[j].text) for row in every) else 0


def _half_widths(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WFA" else 1 for c in text)
