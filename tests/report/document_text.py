"""Every word of a document in reading order, one line a row of a table: what all faces have to say. `python tests/report/document_text.py`
writes the golden text anew; read the difference before it is committed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from xygis.report.document import (
    Block,
    Bullets,
    Card,
    Document,
    Figure,
    Fork,
    Heading,
    Measures,
    Paragraph,
    Stages,
    TableBlock,
)

GOLDEN = Path(__file__).parent / "golden" / "three_parcels.txt"


def lines(document: Document) -> list[list[str]]:
    """Lines of pieces; a piece stands together in every face."""
    box = document.box
    out = [[document.title], *([label, value] for label, value in document.facts)]
    out += [[box.verdict.label], [box.sentence], [box.second]]
    out += [[name, verdict.label if verdict is not None else "", area] for name, verdict, area in box.rows]
    out += _table(document.overview)
    out += [[document.overview_note]]
    out += _block(document.figure) if document.figure is not None else []
    out += [[step.title, step.text] for step in document.steps]
    for section in document.sections:
        out.append([section.number, section.title, section.note])
        for block in section.blocks:
            out += _block(block)
    return [[piece for piece in line if piece] for line in [*out, [document.disclaimer]]]


def _block(block: Block) -> Iterator[list[str]]:
    match block:
        case Paragraph():
            yield [block.text]
        case Heading():
            yield [block.text, block.note]
        case Bullets():
            yield from ([i.text, i.where] for i in block.items)
        case TableBlock():
            yield from _table(block)
        case Figure():
            yield from ([label] for _, label in block.legend)
            yield [block.caption]
        case Card():
            yield [block.verdict.label, block.heading, block.rule]
            yield from ([name, text] for name, text in block.lines)
            yield from ([text, "" if verified else "条文待核"] for text, verified in block.basis)
            yield from ([label, text] for label, text in block.entries)
        case Stages():
            yield from ([s.title, s.who, s.text] for s in block.stages)
        case Fork():
            yield [block.cured.label, block.unchanged.label, block.sentence]
        case Measures():
            yield from ([big, text] for big, text in block.items)


def _table(block: TableBlock) -> Iterator[list[str]]:
    table = block.printed.table
    if block.label or table.unit_note:
        yield [f"{block.label} {table.title}".strip(), table.unit_note]
    yield [c.title for c in table.columns if c.under is None]
    for row in (*block.printed.rows, *([block.printed.total] if block.printed.total is not None else ())):
        yield [v.label for cell in row for v in cell.verdicts] + [
            cell.text
            for column, cell in zip(table.columns, row, strict=True)
            if not cell.verdicts and not (column.under is not None and cell.blank)
        ]
    yield list(table.notes)


def text(document: Document) -> str:
    """The golden form."""
    return "\n".join(" | ".join(line) for line in lines(document) if line) + "\n"


if __name__ == "__main__":
    from sample_assessment import three_parcels

    from xygis.report.assessment_document import assessment_document

    GOLDEN.parent.mkdir(exist_ok=True)
    GOLDEN.write_text(text(assessment_document(three_parcels())), "utf-8")
