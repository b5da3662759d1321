"""The one model of a report that HTML, PDF and Word all render: what is said, in which order, in which words.

Nothing here knows a format. Text is plain text: whoever renders it escapes it. Numbers are printed already, once, by
`xygis.report.cells` and `xygis.numbers`; a face that formats a number itself would disagree with the others sooner or later.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import ClassVar

from xygis.atlas.verdict import Verdict
from xygis.report.cells import PrintedTable
from xygis.report.headline import NextStep, PathStage


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """role: "text", "lead" (opens what follows), "note" (small, under a table) or "summary" (the conclusion in a sentence).

    about: id of the layer of which it speaks; "" where it speaks of none or of several.
    """

    kind: ClassVar[str] = "paragraph"
    text: str
    role: str = "text"
    about: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A head inside a section; `note` stands small beside it."""

    kind: ClassVar[str] = "heading"
    text: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bullet:
    """mark: "checked" (found so), "note" (to be known), "warning" (to be looked at). `where` stands small behind the text."""

    text: str
    mark: str = "checked"
    where: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bullets:
    """A list of short statements."""

    kind: ClassVar[str] = "bullets"
    items: tuple[Bullet, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TableBlock:
    """A table with its number: 表1, 附表2; "" for a table that follows its own heading.

    shades: what each ground of a cell stands for. charts: a drawing for each row, as SVG, "" for none; it repeats what the cells say.
    grouped: key of a column whose value may stand once above its rows instead of in each.
    """

    kind: ClassVar[str] = "table"
    printed: PrintedTable
    label: str = ""
    shades: tuple[tuple[int, str], ...] = ()
    charts: tuple[str, ...] = ()
    charts_title: str = ""
    grouped: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A drawing as SVG of our own making, names escaped in it already. `legend`: (swatch as SVG, label)."""

    kind: ClassVar[str] = "figure"
    svg: str
    caption: str
    alt: str
    legend: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What one rule says of one or more parcels."""

    kind: ClassVar[str] = "card"
    rule: str
    heading: str
    verdict: Verdict
    best: Verdict
    worst: Verdict
    lines: tuple[tuple[str, str], ...]  # (parcel where there are several, text)
    basis: tuple[tuple[str, bool], ...]  # (citation, verified)
    authority: str
    documents: tuple[str, ...]
    needs: tuple[str, ...]
    remedy: str
    penalty: str
    figure: Figure | None

    @property
    def entries(self) -> tuple[tuple[str, str], ...]:
        """What stands under the text as (label, words): whose word it takes, with what, and what else would do."""
        asked = "征求意见" if self.verdict == Verdict.JUSTIFICATION else "审批机关"
        bring = "" if self.needs and self.needs[0].startswith("核实") else "补齐"
        missing = f"{bring}{'、'.join(self.needs).replace('、等', '等')}后重新审查" if self.needs else ""
        listed = (
            (asked, self.authority),
            ("所需材料", "、".join(self.documents)),
            ("如何定论", missing),
            ("整改建议", self.remedy),
            ("法律责任", self.penalty),
        )
        return tuple((label, text) for label, text in listed if text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stages:
    """审批路径: the stages of the way to a permit."""

    kind: ClassVar[str] = "stages"
    stages: tuple[PathStage, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fork:
    """What becomes of the application if the prohibitions are cured, and if nothing is done."""

    kind: ClassVar[str] = "fork"
    cured: Verdict
    unchanged: Verdict
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """A few large figures, each with a sentence: the tolerances."""

    kind: ClassVar[str] = "measures"
    items: tuple[tuple[str, str], ...]


Block = Paragraph | Heading | Bullets | TableBlock | Figure | Card | Stages | Fork | Measures


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """`key` is fixed for links and tests; `number` is 一, 二, …, 附, or "" for the parts of the conclusion."""

    key: str
    number: str
    title: str
    note: str = ""
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFigure:
    """One of the big numbers beside the answer, with its unit and a word on it."""

    label: str
    value: str
    unit: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictBox:
    """The answer. rows: (parcel or count, verdict, area). headline: what the verdict is called here, where not by its own word."""

    verdict: Verdict
    sentence: str
    second: str
    rows: tuple[tuple[str, Verdict | None, str], ...]
    headline: str = ""
    figures: tuple[KeyFigure, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedFile:
    """A file that could not be read: what, where, why, how to mend it, and the lines around the place."""

    path: str
    what: str
    where: str
    why: str
    fix: str
    excerpt: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A whole report: the first page (facts, verdict, overview, main figure, next steps), then its sections.

    landscape: its sheets lie on their side, and the first has the overview at the left and the figure at the right.
    front: further tables of the first page: the first under the overview, the others under the figure.
    """

    title: str
    subject: str  # the atlas
    day: date  # 基准日
    demo: bool  # the stamp stands on every page
    foot: str  # at the bottom of every page: day and fingerprint
    facts: tuple[tuple[str, str], ...]
    refused: tuple[RefusedFile, ...]
    box: VerdictBox
    overview: TableBlock  # 表1
    overview_note: str
    figure: Figure | None
    steps: tuple[NextStep, ...]
    sections: tuple[Section, ...]
    disclaimer: str
    landscape: bool = False
    front: tuple[TableBlock, ...] = ()

    def section(self, key: str) -> Section:
        """Raises KeyError where the report has no such section."""
        found = next((s for s in self.sections if s.key == key), None)
        if found is None:
            raise KeyError(key)
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Pictures:
    """What was drawn for a report, handed to its builder. findings: (parcel id, layer id) → SVG.

    remedies: parcel id → SVG, before and after.
    """

    main: Figure | None = None
    findings: Mapping[tuple[str, str], str] = field(default_factory=dict)
    remedies: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class MapBook:
    """The printed maps that are bound behind a report at their true size: a PDF of a page each, and what each is called."""

    pdf: bytes
    captions: tuple[str, ...]
    sizes_mm: tuple[tuple[float, float], ...]  # width, height
