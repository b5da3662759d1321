"""A document as a Word file: the answer on the first page, then contents and chapters, in styles, fields and tables that can be worked on.

The same document gives the same bytes. Numbers are the printed cells of the document; nothing is computed here.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from xygis.atlas.verdict import Verdict
from xygis.report.document import Document, Section
from xygis.report.pdf_data import colours
from xygis.report.word_blocks import block_xml, drawings_of, figure_drawings, figure_xml, heading
from xygis.report.word_file import Imprint, empty_word, finished
from xygis.report.word_marks import MapPage, Marks
from xygis.report.word_table import table_xml
from xygis.report.word_xml import TEXT_WIDTH_CM, WIDE_TEXT_CM, frame, instruction, link, paragraph, run

_FIGURE_CM = 13.6
_WIDE_FIGURE_CM = 12.4  # one table and the figure fill the second sheet
_LONG_TITLE = 34
_UPDATE_HINT = "在目录上按 F9 或右键“更新域”，显示页码。"


def document_docx(document: Document, fonts: Sequence[Path], maps: Sequence[MapPage] = ()) -> bytes:
    """The file. fonts: what drawings are lettered with; maps: bound behind the report, at true size. Raises OutputFailed where a drawing cannot be made."""
    width_cm = WIDE_TEXT_CM if document.landscape else TEXT_WIDTH_CM
    word = empty_word(width_cm)
    first = figure_drawings(document.figure, _figure_cm(document)) if document.figure is not None else []
    marks = Marks(word.part, [*first, *drawings_of(document, width_cm)], fonts, width_cm=width_cm)
    body = _first_page(document, marks) + _contents(document.sections, new_page=document.figure is None)
    body += "".join(_section(section, i, marks) for i, section in enumerate(document.sections))
    body += paragraph(run(document.disclaimer), "TableNote")
    imprint = Imprint(
        title=document.title,
        subject=document.subject,
        day=document.day,
        foot=document.foot,
        demo=document.demo,
        landscape=document.landscape,
    )
    return finished(word, body, imprint, [(marks.sheet(m), m.width_mm, m.height_mm) for m in maps])


def _first_page(document: Document, marks: Marks) -> str:
    size_pt = 19.0 if len(document.title) <= _LONG_TITLE else 14.0
    facts = run("　").join(run(f"{label}{chr(0xA0)}", style="Label") + run(value) for label, value in document.facts)
    body = paragraph(run(document.title, size_pt=size_pt), "Title") + paragraph(facts, "Fact")
    body += (
        _refused(document)
        + _verdict_box(document, marks)
        + _figures(document, marks)
        + _steps(document)
        + table_xml(document.overview, marks)
    )
    body += paragraph(run(document.overview_note) + _shades(document), "TableNote")
    front = [table_xml(block, marks) for block in document.front]
    figure = figure_xml(document.figure, marks, _figure_cm(document)) if document.figure is not None else ""
    return body + "".join([*front[:1], figure, *front[1:]])


def _figure_cm(document: Document) -> float:
    return _WIDE_FIGURE_CM if document.landscape else _FIGURE_CM


def _shades(document: Document) -> str:
    """What the grounds of the overview stand for."""
    colour = colours()
    keys = [run("■", colour=colour[f"heat-{shade}"]) + run(f"{chr(0xA0)}{words}{chr(0x3000)}") for shade, words in document.overview.shades]
    return "".join(keys)


def _figures(document: Document, marks: Marks) -> str:
    """The big numbers, side by side."""
    cells = [
        paragraph(run(f.label, style="Quiet"), "CellText", keep_next=True)
        + paragraph(run(f.value, bold=True, size_pt=16.0) + run(f"{chr(0xA0)}{f.unit}"), keep_next=True)
        + paragraph(run(f.note, style="Quiet"), "CellText")
        for f in document.box.figures
    ]
    if not cells:
        return ""
    widths = ((marks.width_cm - 0.2) / len(cells),) * len(cells)
    return frame([cells], widths, edge=colours()["line"], around=True) + paragraph("", "After")


def _steps(document: Document) -> str:
    """下一步, side by side."""
    cells = []
    for i, step in enumerate(document.steps, start=1):
        number = run(f"{i}　", colour=colours()["accent"], bold=True)
        cells.append(paragraph(number + run(step.title, bold=True), "CellText", keep_next=True) + paragraph(run(step.text), "CellText"))
    if not cells:
        return ""
    widths = ((TEXT_WIDTH_CM - 0.1) / len(cells),) * len(cells)
    fills = (colours()["accent-2"],) * len(cells)
    return (
        paragraph(run("下一步"), "Caption")
        + frame([cells], widths, edge=colours()["accent"], around=True, fills=fills)
        + paragraph("", "After")
    )


def _refused(document: Document) -> str:
    """Files that could not be read stand before the verdict: it does not speak of them."""
    if not document.refused:
        return ""
    said = paragraph(
        run(f"{len(document.refused)} 个文件未能读取，其中的地块没有审查", bold=True, colour=colours()["v-prohibited"]), "Lead"
    )
    for r in document.refused:
        where = f"（{r.where}）" if r.where else ""
        said += paragraph(run(r.path, bold=True) + run(f"：{r.what}{where}。{f'{r.why}。' if r.why else ''}"), "Plain")
        said += "".join(paragraph(run(line), "CellText") for line in r.excerpt)
        said += paragraph(run(f"处理办法：{r.fix}。"), "Plain")
    return frame([[said]], (TEXT_WIDTH_CM - 0.2,), edge=colours()["v-prohibited"], around=True) + paragraph("", "After")


def _verdict_box(document: Document, marks: Marks) -> str:
    box = document.box
    answer = marks.verdict(box.verdict, size_pt=18.0 if box.headline else 24.0, word=box.headline)
    word = paragraph(run("综合结论", style="Quiet"), keep_next=True) + paragraph(answer)
    why = paragraph(run(box.sentence, bold=True, size_pt=12.0), "Plain") + (paragraph(run(box.second), "Plain") if box.second else "")
    rows = [[word, why]]
    if box.rows:
        parcels = []
        for name, verdict, area in box.rows:
            mark = f"{run(chr(0xA0))}{marks.verdict(verdict)}" if verdict is not None else ""
            parcels.append(f"{run(name, bold=True)}{mark}{run(f'{chr(0xA0)}{area}')}")
        rows.append([paragraph(run("　 ").join(parcels), "Fact")])
    dashed = box.verdict is Verdict.UNDETERMINED
    colour = colours()[f"v-{box.verdict.value}"]
    left_cm = 8.2 if box.headline else 4.7
    return frame(rows, (left_cm, marks.width_cm - left_cm - 0.2), edge=colour, dashed=dashed, around=True) + paragraph("", "After")


def _contents(sections: Sequence[Section], *, new_page: bool) -> str:
    """目录 as a field: filled with the chapters, which lead there; page numbers come when Word updates it, for only Word knows them."""
    part = '<w:r><w:fldChar w:fldCharType="{}"/></w:r>'.format
    entries = [link(run(f"{s.number}　{s.title}" if s.number else s.title), _name(i)) for i, s in enumerate(sections)]
    opening = part("begin") + instruction('TOC \\o "1-1" \\h \\z \\u') + part("separate")
    lines = "".join(paragraph((opening if i == 0 else "") + entry, "TOC1", keep_next=True) for i, entry in enumerate(entries))
    closing = paragraph(run(_UPDATE_HINT, style="Quiet") + part("end"), "TOC1")
    title = paragraph(run("目录"), "TOCHeading", new_page=new_page)
    properties = '<w:sdtPr><w:docPartObj><w:docPartGallery w:val="Table of Contents"/><w:docPartUnique/></w:docPartObj></w:sdtPr>'
    return f"<w:sdt>{properties}<w:sdtContent>{title}{lines}{closing}</w:sdtContent></w:sdt>"


def _name(i: int) -> str:
    return f"_Toc{1000 + i}"


def _section(section: Section, i: int, marks: Marks) -> str:
    body = heading(section.title, _name(i), marks, number=section.number)
    body += paragraph(run(section.note), "TableNote", keep_next=True) if section.note else ""
    return body + "".join(block_xml(b, marks) for b in section.blocks)
