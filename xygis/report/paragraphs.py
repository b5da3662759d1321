"""Paragraphs to be pasted into a 选址论证报告, as plain text and as Word, from the same chapter."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from xygis.atlas.verdict import DEMO_STAMP
from xygis.report.document import Block, Paragraph
from xygis.report.legality import CHAPTER, TITLE, TO_FILL_IN, Legality
from xygis.report.word_blocks import block_xml, heading
from xygis.report.word_file import Imprint, empty_word, finished
from xygis.report.word_marks import Marks
from xygis.report.word_xml import bookmark, paragraph, run
from xygis.visible import visible

_STYLES = {"summary": "Summary"}


def paragraphs_text(chapter: Legality) -> bytes:
    """UTF-8 with a byte-order mark and Windows line ends: without the mark, Word asks for the encoding and proposes a wrong one.

    One paragraph a line, without indent: the style of the report into which it is pasted gives that.
    """
    lines = [chapter.title, *([DEMO_STAMP] if chapter.demo else []), ""]
    for section in chapter.sections:
        lines += [f"{section.number} {section.title}", *(b.text for b in section.blocks if isinstance(b, Paragraph)), ""]
    return ("\r\n".join(visible(line) for line in [*lines, chapter.source]) + "\r\n").encode("utf-8-sig")


def paragraphs_docx(chapter: Legality, fonts: Sequence[Path]) -> bytes:
    """The same with its tables, in heading styles; what has to be filled in is highlighted."""
    word = empty_word()
    marks = Marks(word.part, (), fonts)
    body = heading(TITLE, "_Toc1000", marks, number=CHAPTER)
    for i, section in enumerate(chapter.sections, start=1):
        body += paragraph(bookmark(run(f"{section.number}　{section.title}"), f"_Toc{1000 + i}", marks.number()), "Heading2")
        body += "".join(_block(b, marks) for b in section.blocks)
    body += paragraph(run(chapter.source), "TableNote")
    imprint = Imprint(title=chapter.title, subject=chapter.subject, day=chapter.day, foot=chapter.foot, demo=chapter.demo)
    return finished(word, body, imprint)


def _block(block: Block, marks: Marks) -> str:
    if not isinstance(block, Paragraph):
        return block_xml(block, marks)
    before, mark, after = block.text.partition(TO_FILL_IN)
    return paragraph(run(before) + run(mark, style="ToFillIn") + run(after), _STYLES.get(block.role, "BodyText"))
