"""report.xlsx: a document as a workbook. 结论 first, then 审查意见, then a sheet for every table.

A number is the printed number – rounded and closed to its total as in every other face – so that sums of a column agree with
the total below it; unrounded values stand in report.json and measures.csv. What is not known is text: 无数据, and – for 不涉及.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from xygis.atlas.verdict import DEMO_STAMP
from xygis.office_seal import as_written
from xygis.report.conclusion_sheet import conclusion_sheet
from xygis.report.document import Card, Document, TableBlock
from xygis.report.sheet_cells import TITLE_PT, Formats, put, row_pt
from xygis.report.table_sheet import HEAD_ROW, table_sheet
from xygis.visible import visible

_OPINIONS = "审查意见"
_FIRST = "结论"
_CARD_HEADS = (("规则", 10), ("事项", 30), ("结论", 12), ("最好", 12), ("最坏", 12), ("意见", 48), ("依据", 40), ("办理", 48))
_A4, _A3 = 9, 8  # as spreadsheets number paper
_NAME = 31  # characters that the name of a sheet may have
_FORBIDDEN = re.compile(r"[\[\]:*?/\\']")
_PLAIN = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


def document_xlsx(document: Document) -> bytes:
    """The file; the same bytes for the same document."""
    import xlsxwriter

    memory = io.BytesIO()
    book = xlsxwriter.Workbook(memory, _PLAIN)
    at = datetime(document.day.year, document.day.month, document.day.day)
    book.set_properties(
        {
            "title": visible(document.title)[:255],
            "subject": visible(document.subject)[:255],
            "author": "xygis",
            "keywords": document.foot,
            "comments": DEMO_STAMP if document.demo else "",
            "created": at,
        }
    )
    formats = Formats(book)
    tables = list(sheets(document))
    cards = [b for s in document.sections for b in s.blocks if isinstance(b, Card)]
    first = book.add_worksheet(_FIRST)
    if cards:
        _opinions(book.add_worksheet(_OPINIONS), cards, document, formats)
    for name, block in tables:
        sheet = book.add_worksheet(name)
        table_sheet(sheet, block, document, formats)
        print_setup(sheet, document, heads=(HEAD_ROW, HEAD_ROW))
    others = [(_OPINIONS, "每条规则的意见")] if cards else []
    others += [(name, block.printed.table.title) for name, block in tables]
    conclusion_sheet(first, document, others, formats)
    print_setup(first, document)
    first.set_portrait()
    first.fit_to_pages(1, 1)
    book.close()
    return as_written(memory.getvalue())


def sheets(document: Document) -> Iterator[tuple[str, TableBlock]]:
    """(name of the sheet, table) in the order of the document; each name once."""
    taken = {_FIRST.lower(), _OPINIONS.lower()}
    blocks = [document.overview, *(b for s in document.sections for b in s.blocks if isinstance(b, TableBlock))]
    for block in blocks:
        words = f"{block.label} {block.printed.table.title}".strip()
        name = base = _FORBIDDEN.sub(" ", visible(words)).strip()[:_NAME].strip() or "表"
        n = 1
        while name.lower() in taken:
            n += 1
            name = f"{base[: _NAME - 4]} {n}"
        taken.add(name.lower())
        yield name, block


def print_setup(sheet: Any, document: Document, *, heads: tuple[int, int] | None = None, paper: int = _A4) -> None:
    """Across, one page wide; the stamp and the fingerprint on every sheet of paper."""
    sheet.set_landscape()
    sheet.set_paper(paper)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.5, right=0.5, top=0.8, bottom=0.7)
    if heads is not None:
        sheet.repeat_rows(*heads)
    title = visible(document.title).replace("&", "&&")[:60]
    sheet.set_header(f"&L&9{title}" + (f"&R&9{DEMO_STAMP}" if document.demo else ""))
    sheet.set_footer(f"&L&8{document.foot}&R&8第 &P 页，共 &N 页")


def _opinions(sheet: Any, cards: list[Card], document: Document, formats: Formats) -> None:
    """A row for each card, worst first as in the report."""
    put(sheet, 0, 0, _OPINIONS, formats.named("title"))
    sheet.set_row(0, TITLE_PT)
    if document.demo:
        put(sheet, 0, 5, DEMO_STAMP, formats.named("stamp"))
    put(sheet, 1, 0, document.foot, formats.named("quiet"))
    for j, (head, width) in enumerate(_CARD_HEADS):
        sheet.set_column(j, j, width)
        put(sheet, HEAD_ROW, j, head, formats.named("head"))
    for i, card in enumerate(cards, start=HEAD_ROW + 1):
        said = "\n".join(f"{name}　{text}" if name else text for name, text in card.lines)
        basis = "；".join(text + ("" if verified else "（条文待核）") for text, verified in card.basis)
        done = "\n".join(f"{label}：{text}" for label, text in card.entries)
        texts = {0: card.rule, 1: card.heading, 5: said, 6: basis, 7: done}
        for j, text in texts.items():
            put(sheet, i, j, text, formats.named("name" if j == 1 else "text"), lines=True)
        for j, verdict in enumerate((card.verdict, card.best, card.worst), start=2):
            put(sheet, i, j, f"{verdict.mark} {verdict.label}", formats.verdict(verdict))
        sheet.set_row(i, row_pt([(text, _CARD_HEADS[j][1]) for j, text in texts.items()]))
    sheet.freeze_panes(HEAD_ROW + 1, 2)
    sheet.autofilter(HEAD_ROW, 0, HEAD_ROW + len(cards), len(_CARD_HEADS) - 1)
    print_setup(sheet, document, heads=(HEAD_ROW, HEAD_ROW), paper=_A3)
