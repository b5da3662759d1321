"""界址点成果表 as a Word document: a page a parcel on A4, table heads repeated, page numbers, text as data."""

from __future__ import annotations

import io
import re
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from xygis.convert.outline import BoundaryPoint, Outline
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
from xygis.errors import TooLarge

if TYPE_CHECKING:
    from docx.document import Document

MOST_POINTS = 20_000  # several hundred pages; beyond, a word processor takes minutes to open it
_WIDTHS_CM = (1.5, 2.1, 1.4, 4.1, 4.3, 3.2)
_FACT_WIDTHS_CM = (3.3, 5.0, 3.3, 5.0)
_SUMMARY_WIDTHS_CM = (1.1, 4.2, 1.8, 2.9, 1.3, 2.6, 2.0, 1.9, 2.6)
_GREY = "F2F2F2"
_PLACE = "PLACE"  # where the text of a cell goes
_WESTERN, _SONG, _HEI = "Times New Roman", "宋体", "黑体"


def point_document(outlines: tuple[Outline, ...], *, decimals: int, producer: str, on: date) -> bytes:
    """The file. With several parcels the first page lists them all with their total. Raises TooLarge."""
    points = sum(len(o.points) for o in outlines)
    if points > MOST_POINTS:
        raise TooLarge(what=f"界址点有 {points:,} 行，Word 表最多写 {MOST_POINTS:,} 行", fix="请改用 --to points-xlsx，或把地块分批转换")
    import docx

    document = docx.Document()
    _prepare(document, producer, on)
    if len(outlines) > 1:
        _summary(document, outlines)
    for k, outline in enumerate(outlines):
        _parcel(document, outline, decimals, producer, on, new_page=k > 0 or len(outlines) > 1)
    memory = io.BytesIO()
    document.save(memory)
    return memory.getvalue()


def _prepare(document: Document, producer: str, on: date) -> None:
    """A4, Chinese fonts in every style in use, 第 n 页 共 m 页 at the foot."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml.ns import qn
    from docx.shared import Cm, Pt, RGBColor

    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.2)
    section.top_margin, section.bottom_margin = Cm(2.0), Cm(2.0)
    for name, size, east in (("Normal", 10.5, _SONG), ("Heading 1", 16, _HEI)):
        style: Any = document.styles[name]
        style.font.name, style.font.size = _WESTERN, Pt(size)
        style.font.color.rgb = RGBColor(0, 0, 0)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for key in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{key}"), None)
        fonts.set(qn("w:ascii"), _WESTERN)
        fonts.set(qn("w:hAnsi"), _WESTERN)
        fonts.set(qn("w:eastAsia"), east)
        style.paragraph_format.space_before = style.paragraph_format.space_after = Pt(0 if name == "Normal" else 6)
    document.styles["Heading 1"].paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    document.styles["Heading 1"].font.bold = False
    _page_number(section.footer.paragraphs[0])
    at = datetime(on.year, on.month, on.day)
    properties = document.core_properties
    properties.title, properties.author, properties.comments = TITLE, producer[:255], ""
    properties.created = properties.modified = at


def _page_number(paragraph: Any) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for before, code, after in (("第 ", "PAGE", " 页"), ("  共 ", "NUMPAGES", " 页")):
        paragraph.add_run(before)
        field = OxmlElement("w:fldSimple")
        field.set(qn("w:instr"), code)
        run = OxmlElement("w:r")
        text = OxmlElement("w:t")
        text.text = "1"
        run.append(text)
        field.append(run)
        paragraph._p.append(field)
        paragraph.add_run(after)


def _parcel(document: Document, outline: Outline, decimals: int, producer: str, on: date, *, new_page: bool) -> None:
    heading = document.add_heading(TITLE, level=1)
    heading.paragraph_format.page_break_before = new_page
    _fact_table(document, facts(outline, producer, on))
    document.add_paragraph().paragraph_format.line_spacing = 0.5
    cells = [_cells(serial, p, decimals) for serial, p in enumerate(outline.points, start=1)]
    _table(document, HEADS, cells, _WIDTHS_CM, right=(3, 4, 5))
    for k, text in enumerate(remarks(outline)):
        _small(document, text, space_pt=4 if k == 0 else 0)
    signature = document.add_paragraph("".join(f"{s}：{'　' * 8}" for s in SIGNATURES).rstrip("　"))
    signature.paragraph_format.space_before = _points(12)


def _cells(serial: int, p: BoundaryPoint, decimals: int) -> tuple[str, ...]:
    edge = "" if p.edge_m is None else f"{p.edge_m:.{decimals}f}"
    return (str(serial), p.label, str(p.ring), f"{p.north:.{decimals}f}", f"{p.east:.{decimals}f}", edge)


def _summary(document: Document, outlines: tuple[Outline, ...]) -> None:
    document.add_heading(SUMMARY_TITLE, level=1)
    rows: list[tuple[str, ...]] = []
    for o in outlines:
        m2, ha, mu = rounded_areas(o.ellipsoidal_m2)
        stated = "" if o.parcel.declared_m2 is None else f"{o.parcel.declared_m2:,.2f}"
        rows.append(
            (
                str(o.serial),
                o.parcel.name,
                o.number,
                o.parcel.use_text or "",
                str(o.corners),
                f"{m2:,.2f}",
                f"{ha:,.4f}",
                f"{mu:,.2f}",
                stated,
            )
        )
    (m2, ha, mu), same = total_areas(outlines)
    rows.append(("", "合计", "", "", str(sum(o.corners for o in outlines)), f"{m2:,.2f}", f"{ha:,.4f}", f"{mu:,.2f}", ""))
    scale = sum(_WIDTHS_CM) / sum(_SUMMARY_WIDTHS_CM)
    _table(document, SUMMARY_HEADS, rows, tuple(w * scale for w in _SUMMARY_WIDTHS_CM), right=(4, 5, 6, 7, 8), left=(1, 2, 3), size=9)
    if not same:
        _small(document, TAIL_REMARK)


def _small(document: Document, text: str, *, space_pt: float = 4) -> None:
    paragraph = document.add_paragraph()
    paragraph.paragraph_format.space_before = _points(space_pt)
    paragraph.add_run(text).font.size = _points(9)


def _points(size: float) -> Any:
    from docx.shared import Pt

    return Pt(size)


def _fact_table(document: Document, lines: tuple[tuple[tuple[str, str], ...], ...]) -> None:
    table = _grid(document, len(lines), _FACT_WIDTHS_CM)
    for row, pairs in zip(table.rows, lines, strict=True):
        cells = list(row.cells)
        if len(pairs) == 1:
            cells[1:] = [cells[1].merge(cells[3])]
        for j, text in enumerate(t for pair in pairs for t in pair):
            _put(cells[j], text, grey=j % 2 == 0, align="center" if j % 2 == 0 else "left")


def _table(
    document: Document,
    heads: tuple[str, ...],
    rows: list[tuple[str, ...]],
    widths_cm: tuple[float, ...],
    *,
    right: tuple[int, ...] = (),
    left: tuple[int, ...] = (),
    size: float = 10.5,
) -> None:
    """Rows are copies of the text of one row of the library's, because its own way takes a minute for ten thousand."""
    from docx.oxml import OxmlElement, parse_xml
    from docx.oxml.ns import nsdecls

    table = _grid(document, 2, widths_cm)
    for cell, text in zip(table.rows[0].cells, heads, strict=True):
        _put(cell, text, grey=True, align="center", bold=True, size=size)
    for j, cell in enumerate(table.rows[1].cells):
        _put(cell, _PLACE, align="right" if j in right else "left" if j in left else "center", size=size)
    head, row = table._tbl.tr_lst
    head.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    row.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
    table._tbl.remove(row)
    pieces = re.sub(r' xmlns:\w+="[^"]*"', "", row.xml).split(_PLACE)
    body = "".join(_row(pieces, texts) for texts in rows)
    for made in list(parse_xml(f"<w:tbl {nsdecls('w')}>{body}</w:tbl>")):
        table._tbl.append(made)


def _row(pieces: list[str], texts: tuple[str, ...]) -> str:
    """The row's text with what stands in its cells, escaped."""
    return pieces[0] + "".join(escape(text) + piece for text, piece in zip(texts, pieces[1:], strict=True))


def _grid(document: Document, rows: int, widths_cm: tuple[float, ...]) -> Any:
    from docx.enum.table import WD_TABLE_ALIGNMENT
    from docx.shared import Cm

    table = document.add_table(rows=rows, cols=len(widths_cm), style="Table Grid")
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    for row in table.rows:
        row.height = Cm(0.62)  # at least
    for column, width in zip(table.columns, widths_cm, strict=True):
        column.width = Cm(width)
        for cell in column.cells:
            cell.width = Cm(width)
    return table


def _put(cell: Any, text: str, *, align: str, grey: bool = False, bold: bool = False, size: float = 10.5) -> None:
    from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    paragraph = cell.paragraphs[0]
    paragraph.alignment = {"center": WD_ALIGN_PARAGRAPH.CENTER, "right": WD_ALIGN_PARAGRAPH.RIGHT, "left": WD_ALIGN_PARAGRAPH.LEFT}[align]
    run = paragraph.add_run(text)
    run.font.size, run.font.bold = _points(size), bold
    cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
    if grey:
        shade = OxmlElement("w:shd")
        for key, value in (("val", "clear"), ("color", "auto"), ("fill", _GREY)):
            shade.set(qn(f"w:{key}"), value)
        cell._tc.get_or_add_tcPr().append(shade)
