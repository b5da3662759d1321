"""A document as data for typst: plain JSON, drawings as files beside it. Text is passed as data, so that no name is ever markup."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path

from xygis.atlas.verdict import DEMO_STAMP, Verdict
from xygis.report.cells import RIGHT, PrintedCell, PrintedTable
from xygis.report.document import (
    Block,
    Bullets,
    Card,
    Document,
    Figure,
    Fork,
    Heading,
    MapBook,
    Measures,
    Paragraph,
    Section,
    Stages,
    TableBlock,
)
from xygis.report.pages import TEMPLATES, folded_text
from xygis.report.table import Column, Kind
from xygis.report.wording import shortened

Data = dict[str, object]
FONT = "Noto Sans SC"
_UNBROKEN = re.compile(r"[!-~]{18,}")  # Latin text without a space that no line could take
_PIECE = 12
_SHORT = 10  # characters of a text cell that is kept on one line
_SHEET_EMS = 56.0  # width of the text at the size of tables
_WIDE_EMS = 91.0  # of a sheet that lies on its side
_GUTTER_EMS = 0.8
_WORDS_EMS = 7.0  # the least for a column of words
_SMALLEST = 0.68
_WIDEST = 60  # characters beyond which a column gets no wider


class Drawings:
    """Collects the drawings of a document under file names, and gives each text the shape that the font can set."""

    def __init__(self, known: Callable[[str], bool]) -> None:
        self._known = known
        self.files: dict[str, bytes] = {}

    def text(self, text: str) -> str:
        """A sign that the font lacks is written as its number, 〔U+1F600〕; long Latin runs may break."""
        plain = "".join(c if self._known(c) else f"〔U+{ord(c):04X}〕" for c in text if c >= " " or c == "\n")
        return _UNBROKEN.sub(lambda m: "\u200b".join(m[0][i : i + _PIECE] for i in range(0, len(m[0]), _PIECE)), plain)

    def file(self, svg: str) -> str:
        """The name under which a drawing is found; the same drawing is kept once."""
        lettered = "".join(c if self._known(c) or c in "\t\n\r" else "〓" for c in svg)
        lettered = re.sub(r"<svg\b", f'<svg font-family="{FONT}"', lettered, count=1)
        if "xmlns=" not in lettered[: lettered.index(">")]:
            lettered = lettered.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1)
        data = lettered.encode("utf-8")
        name = next((n for n, d in self.files.items() if d == data), f"drawing-{len(self.files)}.svg")
        self.files[name] = data
        return name


def document_data(document: Document, drawings: Drawings) -> Data:
    """The whole document; drawings are collected on the way."""
    t = drawings.text
    return {
        "title": t(document.title),
        "running": t(shortened(document.title, 40)),
        "date": [document.day.year, document.day.month, document.day.day],
        "stamp": DEMO_STAMP if document.demo else "",
        "foot": t(document.foot),
        "landscape": document.landscape,
        "facts": [[t(label), t(value)] for label, value in document.facts],
        "refused": [
            {
                "path": t(r.path),
                "what": t(r.what),
                "where": t(r.where),
                "why": t(r.why),
                "fix": t(r.fix),
                "excerpt": [t(x) for x in r.excerpt],
            }
            for r in document.refused
        ],
        "verdict": document.box.verdict.value,
        "headline": t(document.box.headline),
        "figures": [{"label": t(f.label), "value": t(f.value), "unit": t(f.unit), "note": t(f.note)} for f in document.box.figures],
        "front": [table_data(b, drawings) for b in document.front],
        "sentence": t(document.box.sentence),
        "second": t(document.box.second),
        "parcels": [[t(name), verdict.value if verdict is not None else "", t(area)] for name, verdict, area in document.box.rows],
        "overview": table_data(document.overview, drawings),
        "overview_note": t(document.overview_note),
        "figure": figure_data(document.figure, drawings) if document.figure is not None else None,
        "steps": [{"title": t(s.title), "text": t(s.text)} for s in document.steps],
        "sections": [_section(s, drawings) for s in document.sections],
        "disclaimer": t(document.disclaimer),
        "colours": colours(),
        "labels": {v.value: v.label for v in Verdict},
    }


def maps_data(maps: MapBook | None, drawings: Drawings) -> list[Data]:
    """What stands on the sheets of maps, numbered as annex figures."""
    if maps is None:
        return []
    return [
        {"page": i, "caption": f"附图{i}　{drawings.text(caption)}", "width": width, "height": height}
        for i, (caption, (width, height)) in enumerate(zip(maps.captions, maps.sizes_mm, strict=True), start=1)
    ]


def _section(section: Section, drawings: Drawings) -> Data:
    t = drawings.text
    blocks = [_block(b, drawings) for b in section.blocks]
    return {"key": section.key, "number": section.number, "title": t(section.title), "note": t(section.note), "blocks": blocks}


def _block(block: Block, drawings: Drawings) -> Data:
    t = drawings.text
    match block:
        case Paragraph():
            found: Data = {"text": t(block.text), "role": block.role}
        case Heading():
            found = {"text": t(block.text), "note": t(block.note)}
        case Bullets():
            found = {"items": [{"text": t(i.text), "mark": i.mark, "where": t(i.where)} for i in block.items]}
        case TableBlock():
            found = table_data(block, drawings)
        case Figure():
            found = figure_data(block, drawings)
        case Card():
            found = _card(block, drawings)
        case Stages():
            found = {"stages": [{"title": t(s.title), "who": t(s.who), "text": t(s.text), "when": s.when} for s in block.stages]}
        case Fork():
            found = {"cured": block.cured.value, "unchanged": block.unchanged.value, "sentence": t(block.sentence)}
        case Measures():
            found = {"items": [[t(big), t(text)] for big, text in block.items]}
    return {"kind": block.kind, **found}


def _card(card: Card, drawings: Drawings) -> Data:
    t = drawings.text
    return {
        "rule": t(card.rule),
        "heading": t(card.heading),
        "verdict": card.verdict.value,
        "ends": [card.best.value, card.worst.value] if card.best != card.worst else [],
        "lines": [[t(name), t(text)] for name, text in card.lines],
        "basis": [[t(text), verified] for text, verified in card.basis],
        "entries": [[t(label), t(text)] for label, text in card.entries],
        "figure": figure_data(card.figure, drawings) if card.figure is not None else None,
    }


def figure_data(figure: Figure, drawings: Drawings) -> Data:
    """A drawing with its words."""
    t = drawings.text
    legend = [[drawings.file(swatch), t(label)] for swatch, label in figure.legend]
    return {"file": drawings.file(figure.svg), "caption": t(figure.caption), "alt": t(figure.alt), "legend": legend}


def table_data(block: TableBlock, drawings: Drawings) -> Data:
    """A table with the widths of its columns: as wide as needed for figures and marks, shares of the rest for text."""
    t, printed = drawings.text, block.printed
    table = printed.table
    shown = [j for j, c in enumerate(table.columns) if c.under is None and c.key != block.grouped]
    columns = [table.columns[j] for j in shown]
    every = (*printed.rows, printed.total) if printed.total is not None else printed.rows
    widths = [_width(printed, every, j) for j in shown]

    def cells(row: Sequence[PrintedCell] | None) -> list[Data] | None:
        return None if row is None else [_cell(row[j], table.columns[j], drawings) for j in shown]

    return {
        "label": block.label,
        "title": t(table.title) if block.label or table.unit_note else "",
        "unit": t(table.unit_note),
        "heads": [{"text": t(c.title), "right": c.kind in RIGHT} for c in columns],
        "widths": widths,
        "scale": _scale(printed, every, shown, widths, _SHEET_EMS),
        "scale_wide": _scale(printed, every, shown, widths, _WIDE_EMS),
        "rows": [cells(row) for row in printed.rows],
        "under": [t(folded_text(table.columns, row)) for row in printed.rows],
        "total": cells(printed.total),
        "below": cells(printed.below),
        "groups": _groups(block, drawings),
        "shades": [[shade, t(words)] for shade, words in block.shades],
        "charts": [drawings.file(svg) if svg else "" for svg in block.charts],
        "charts_title": t(block.charts_title),
        "notes": t("".join(table.notes)),
        "long": printed.long,
    }


def _groups(block: TableBlock, drawings: Drawings) -> list[list[object]]:
    """(row, words) wherever the value of the grouping column is another than before."""
    printed = block.printed
    j = next((i for i, c in enumerate(printed.table.columns) if c.key == block.grouped), None)
    if j is None:
        return []
    texts = [row[j].text for row in printed.rows]
    return [[i, drawings.text(text)] for i, text in enumerate(texts) if text and (i == 0 or text != texts[i - 1])]


def _width(printed: PrintedTable, every: Sequence[Sequence[PrintedCell]], j: int) -> float:
    """0 for a column as wide as its content; else its share of what is left."""
    column = printed.table.columns[j]
    longest = max((len(row[j].text) for row in every), default=0)
    texts = [i for i, c in enumerate(printed.table.columns) if c.under is None and c.kind in (Kind.TEXT, Kind.NAME, Kind.CODE)]
    if column.kind not in (Kind.TEXT, Kind.NAME, Kind.CODE):
        return 0.0
    if longest <= _SHORT and any(max((len(row[i].text) for row in every), default=0) > _SHORT for i in texts):
        return 0.0
    return float(round(min(max(longest, 4), _WIDEST) ** 0.6, 2))


def _scale(
    printed: PrintedTable, every: Sequence[Sequence[PrintedCell]], shown: Sequence[int], widths: Sequence[float], sheet_ems: float
) -> float:
    """How much smaller the letters must be for columns of long figures to leave room for the words beside them; 1 mostly."""
    needed = 0.0
    for j, width in zip(shown, widths, strict=True):
        head = printed.table.columns[j].title
        longest = max((_ems(row[j].text) + 2.4 * len(row[j].verdicts) + 1.2 * (row[j].state is not None) for row in every), default=0.0)
        needed += _GUTTER_EMS + (min(longest, _WORDS_EMS) if width else max(longest, _ems(head)))
    return round(min(1.0, max(_SMALLEST, sheet_ems / needed)), 2)


def _ems(text: str) -> float:
    return sum(0.57 if c < "\u2000" else 1.0 for c in text)


def _cell(cell: PrintedCell, column: Column, drawings: Drawings) -> Data:
    found: Data = {"t": drawings.text(cell.text)}
    if cell.verdicts:
        found["v"] = [v.value for v in cell.verdicts]
        if len(cell.verdicts) == 1 and cell.text != cell.verdicts[0].label:
            found["w"] = found["t"]
    elif cell.state is not None:
        found["s"] = cell.state.value
    if cell.shade:
        found["h"] = cell.shade
    if column.kind in RIGHT:
        found["n"] = True
    if column.kind == Kind.NAME or column.sum_of:
        found["b"] = True
    return found


@lru_cache(maxsize=1)
def colours() -> dict[str, str]:
    """Names of tokens.css → #rrggbb."""
    return dict(re.findall(r"--([\w-]+):(#[0-9a-fA-F]{6})", (TEMPLATES / "tokens.css").read_text("utf-8")))


@lru_cache(maxsize=1)
def symbols() -> dict[str, bytes]:
    """File name → drawing of each mark of the sprite: v-prohibited.svg, s-no_data.svg, …"""
    sprite = (TEMPLATES / "symbols.svg").read_text("utf-8")
    found = re.findall(r'<symbol id="([\w-]+)" viewBox="([^"]+)">(.*?)</symbol>', sprite, re.DOTALL)
    return {f"{name}.svg": f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}">{body}</svg>'.encode() for name, box, body in found}


def typst_sources() -> dict[str, bytes]:
    """The templates, as virtual files."""
    folder: Path = TEMPLATES / "typst"
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*.typ"))}
