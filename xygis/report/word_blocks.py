"""One block of the document model (xygis.report.document) in Word; each by its kind."""

from __future__ import annotations

import re
from collections.abc import Iterable

from xygis.atlas.verdict import Verdict
from xygis.report.document import Block, Bullets, Card, Document, Figure, Fork, Heading, Measures, Paragraph, Stages, TableBlock
from xygis.report.pdf_data import colours
from xygis.report.rasters import Drawing
from xygis.report.word_marks import Marks
from xygis.report.word_table import caption, table_xml
from xygis.report.word_xml import TAB, TEXT_WIDTH_CM, bookmark, frame, paragraph, run

CARD_FIGURE_CM = 4.9
_BAR_CM = 0.2  # by which a frame with a bar is narrower
_FULL_CM = TEXT_WIDTH_CM - _BAR_CM
_SWATCH_CM = 0.75
_LEGEND_CM = 4.0  # of a symbol with its word
_STYLES = {"text": "BodyText", "lead": "Lead", "note": "TableNote", "summary": "Summary"}
_MARKS = {"checked": ("√", "v-compliant"), "note": ("○", "ink-3"), "warning": ("△", "v-approval")}
_STAGE_FILLS = {"now": "accent-2", "then": "paper-2", "later": "paper"}
_NUMBERED = re.compile(r"^(图)(\d+)\s*")


def drawings_of(document: Document, width_cm: float = TEXT_WIDTH_CM) -> list[Drawing]:
    """Every drawing that the document is made with, in its size on paper; that of the first page is asked for apart."""
    found: list[Drawing] = []
    for section in document.sections:
        for block in section.blocks:
            if isinstance(block, Card) and block.figure is not None:
                found.append(Drawing(block.figure.svg, CARD_FIGURE_CM))
            if isinstance(block, Figure):
                found += figure_drawings(block, width_cm)
    return found


def figure_drawings(figure: Figure, width_cm: float) -> list[Drawing]:
    """The figure, then the swatches of its legend."""
    return [Drawing(figure.svg, width_cm), *(Drawing(swatch, _SWATCH_CM) for swatch, _ in figure.legend)]


def block_xml(block: Block, marks: Marks) -> str:
    """The block as paragraphs and tables."""
    match block:
        case Paragraph():
            return paragraph(run(block.text), _STYLES.get(block.role, "BodyText"))
        case Heading():
            aside = f"{run('　')}{run(block.note, style='Quiet')}" if block.note else ""
            return paragraph(run(block.text) + aside, "Heading2")
        case Bullets():
            return "".join(_bullet(i.text, i.mark, i.where) for i in block.items)
        case TableBlock():
            return table_xml(block, marks)
        case Figure():
            return figure_xml(block, marks, marks.width_cm)
        case Card():
            return _card(block, marks)
        case Stages():
            return _stages(block)
        case Fork():
            return _fork(block, marks)
        case Measures():
            return _measures(block)


def figure_xml(figure: Figure, marks: Marks, width_cm: float) -> str:
    """The drawing, its legend, and its caption with a number that counts."""
    found = _NUMBERED.match(figure.caption)
    label = f"{found[1]}{found[2]}" if found else ""
    text = figure.caption[found.end() :] if found else figure.caption
    return (
        paragraph(marks.picture(Drawing(figure.svg, width_cm), figure.alt), "FigureLine")
        + _legend(figure, marks, width_cm)
        + caption(label, text, "FigureCaption")
    )


def _legend(figure: Figure, marks: Marks, width_cm: float) -> str:
    """Every symbol with its word, in columns."""
    cells = [
        paragraph(marks.picture(Drawing(swatch, _SWATCH_CM), "", raised_pt=-2.0) + run(f"{chr(0xA0)}{words}"), "Legend")
        for swatch, words in figure.legend
    ]
    if not cells:
        return ""
    columns = max(1, int(width_cm / _LEGEND_CM))
    cells += [paragraph("", "Legend")] * (-len(cells) % columns)
    return frame([cells[i : i + columns] for i in range(0, len(cells), columns)], (width_cm / columns,) * columns)


def citations(basis: Iterable[tuple[str, bool]]) -> str:
    """Articles; those that nobody has read are marked."""
    return run("；").join(run(text) + ("" if verified else run(" ") + run("条文待核", style="Unread")) for text, verified in basis)


def _bullet(text: str, mark: str, where: str) -> str:
    sign, colour = _MARKS.get(mark, _MARKS["note"])
    place = run(f"（{where}）", style="Quiet") if where else ""
    return paragraph(run(sign, colour=colours()[colour]) + TAB + run(text) + place, "Point")


def _card(card: Card, marks: Marks) -> str:
    """A heading with the verdict, then what is said beside a picture of the place; the bar at the left in the verdict's colour."""
    title = marks.verdict(card.verdict) + run(f"　{card.heading}")
    head = paragraph(title + TAB + run(card.rule, style="Quiet"), "Heading2")
    said = "".join(paragraph((run(f"{name}　", bold=True) if name else "") + run(text), "Plain") for name, text in card.lines)
    ends = marks.verdict(card.best) + run(" 至 ") + marks.verdict(card.worst)
    entries = [("结论范围", ends)] if card.best != card.worst else []
    entries += [("依据", citations(card.basis))] if card.basis else []
    entries += [(label, run(text)) for label, text in card.entries]
    listed = "".join(paragraph(run(label, style="Label") + TAB + content, "Entry") for label, content in entries)
    colour = colours()[f"v-{card.verdict.value}"]
    dashed = card.verdict is Verdict.UNDETERMINED
    if card.figure is None:
        return head + frame([[said + listed]], (_FULL_CM,), edge=colour, dashed=dashed) + paragraph("", "After")
    picture = paragraph(marks.picture(Drawing(card.figure.svg, CARD_FIGURE_CM), card.figure.alt), align="right")
    words = paragraph(run(card.figure.caption), "CellSmall", align="right")
    widths = (_FULL_CM - CARD_FIGURE_CM - 0.4, CARD_FIGURE_CM + 0.4)
    return head + frame([[said + listed, picture + words]], widths, edge=colour, dashed=dashed) + paragraph("", "After")


def _stages(stages: Stages) -> str:
    """The way to a permit, a stage a column, four in a row; what can be done now is tinted."""
    shown, rows = stages.stages, []
    columns = min(4, len(shown))
    for start in range(0, len(shown), columns):
        cells = []
        for i, s in enumerate(shown[start : start + columns], start=start + 1):
            who = paragraph(run(s.who), "CellSmall")
            cells.append(
                paragraph(run(f"{i}　", colour=colours()["accent"], bold=True) + run(s.title, bold=True), "CellText")
                + who
                + paragraph(run(s.text), "CellText")
            )
        rows.append(cells + [paragraph("", "CellText")] * (columns - len(cells)))
    fills = [colours()[_STAGE_FILLS.get(s.when, "paper")] for s in shown]
    return frame(rows, (_FULL_CM / columns,) * columns, edge=colours()["accent"], around=True, fills=fills) + paragraph("", "After")


def _fork(fork: Fork, marks: Marks) -> str:
    """What becomes of the application either way, side by side."""
    cured = paragraph(run("消除禁止项后：", bold=True) + marks.verdict(fork.cured), "Plain", keep_next=True)
    cured += paragraph(run("其余意见不变时的结论；调整界址后须重新审查。"), "CellText")
    unchanged = paragraph(run("不调整：", bold=True) + marks.verdict(fork.unchanged), "Plain", keep_next=True) + paragraph(
        run(fork.sentence), "CellText"
    )
    return frame([[cured, unchanged]], (_FULL_CM / 2,) * 2, edge=colours()["line"], around=True) + paragraph("", "After")


def _measures(measures: Measures) -> str:
    """Large figures with their sentence, side by side."""
    cells = [
        paragraph(run(big, bold=True, colour=colours()["accent"], size_pt=10.5), "CellText") + paragraph(run(text), "CellText")
        for big, text in measures.items
    ]
    if not cells:
        return ""
    return frame([cells], (_FULL_CM / len(cells),) * len(cells), edge=colours()["line"], around=True) + paragraph("", "After")


def heading(text: str, name: str, marks: Marks, *, number: str = "", new_page: bool = False) -> str:
    """A chapter's head that the table of contents leads to."""
    words = (run(number, colour=colours()["accent"]) + run("　") if number else "") + run(text)
    return paragraph(bookmark(words, name, marks.number()), "Heading1", new_page=new_page)
