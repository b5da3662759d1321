"""What a result can be written as: a small table of formats, and what several of them share is worked out once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

from xygis.atlas.verdict import Verdict

if TYPE_CHECKING:  # every format has its own libraries: only those at hand are loaded
    from xygis.cartography.sheet import MapSheet
    from xygis.check.assessment import Assessment
    from xygis.report.document import Document, MapBook, Pictures
    from xygis.report.legality import Legality

_Made = TypeVar("_Made")
DEFAULT_FORMATS = ("html", "pdf", "json", "gpkg", "map")
_WORD_DPI = 150  # of the maps in a Word file, which is to be mailed
CONSISTENCY_FORMATS = ("html", "pdf", "json", "gpkg", "map", "xlsx")  # what a comparison of plans is written as unless asked otherwise
_CAPTION = "图1 送审地块与管控图层套合图。"
_ALT = "送审地块与管控图层套合图：地块、冲突部分和涉及的图层"


class Renderings:
    """One assessment, and what more than one format is made of. Each is made when it is first asked for."""

    def __init__(self, assessment: Assessment, *, paper: str = "A4") -> None:
        self.assessment = assessment
        self.paper = paper  # of the printed maps: A4 or A3

    @property
    def drawn(self) -> bool:
        """Whether there is anything to draw, and an atlas to draw it on."""
        return self.assessment.atlas is not None and bool(self.assessment.parcels)

    @cached_property
    def map_page(self) -> str | None:
        if self.assessment.atlas is None or not self.drawn:
            return None
        from xygis.cartography.leaflet_page import render_map_page

        return render_map_page(self.assessment, self.assessment.atlas)

    @cached_property
    def pictures(self) -> Pictures:
        """The main figure with its legend, and one for each card of the report that has something to show."""
        from xygis.report.document import Figure, Pictures

        if self.assessment.atlas is None or not self.drawn:
            return Pictures()
        from xygis.cartography.figure import finding_figure, parcel_figure, parcel_legend
        from xygis.report.headline import finding_groups

        figures: dict[tuple[str, str], str] = {}
        for group in finding_groups(self.assessment):  # one picture a card: of the first parcel that has anything to show
            touched = [
                p
                for p, _ in group.voices
                if (p.id, group.layer) not in figures and any(m.layer == group.layer and m.pieces for m in p.measures)
            ]
            if touched and group.verdict is not Verdict.NOTICE:
                figures[(touched[0].id, group.layer)] = finding_figure(self.assessment, touched[0], group.layer, self.assessment.atlas)
        legend = tuple((i.swatch, i.label) for i in parcel_legend(self.assessment, self.assessment.atlas))
        svg = parcel_figure(self.assessment, self.assessment.atlas)
        main = Figure(svg=svg, caption=_CAPTION, alt=_ALT, legend=legend) if svg else None
        return Pictures(main=main, findings=figures, remedies=self._remedies())

    def _remedies(self) -> dict[str, str]:
        """Before and after, by parcel id."""
        if self.assessment.remedy_options is None or self.assessment.atlas is None:
            return {}
        from xygis.cartography.remedy_figure import remedy_figure
        from xygis.report.remedy_tables import MOST_FIGURES

        changed = [p for p in self.assessment.parcels if p.remedies is not None and (p.remedies.shown_cut or p.remedies.shift)]
        return {p.id: remedy_figure(self.assessment, p, self.assessment.atlas) for p in changed[:MOST_FIGURES]}

    @cached_property
    def sheets(self) -> tuple[MapSheet, ...]:
        """The printed maps: location, themes, one for each piece of conflicting ground."""
        if self.assessment.atlas is None or not self.drawn:
            return ()
        from xygis.cartography.sheet import assessment_sheets

        return assessment_sheets(self.assessment, self.assessment.atlas, self.paper)

    @cached_property
    def map_book(self) -> MapBook | None:
        """The printed maps as one PDF; None where there is nothing to draw."""
        if not self.sheets:
            return None
        from xygis.cartography.sheet import maps_pdf
        from xygis.report.document import MapBook

        return MapBook(
            pdf=maps_pdf(self.sheets),
            captions=tuple(s.caption for s in self.sheets),
            sizes_mm=tuple((s.width_mm, s.height_mm) for s in self.sheets),
        )

    @cached_property
    def document(self) -> Document:
        """What HTML, PDF and Word all say."""
        from xygis.report.assessment_document import assessment_document

        return assessment_document(self.assessment, pictures=self.pictures)

    @cached_property
    def legality(self) -> Legality:
        """合法合规性 as paragraphs to be pasted, with the report's own sentences and numbers."""
        from xygis.report.legality import legality_chapter

        return legality_chapter(self.assessment, self.document)

    @cached_property
    def fonts(self) -> tuple[Path, ...]:
        from xygis.atlas.bundled import bundled_root
        from xygis.atlas.styles import font_files

        return tuple(font_files(self.assessment.atlas.root if self.assessment.atlas is not None else bundled_root()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Output(Generic[_Made]):
    """files: (what it is called on the terminal, its name); `write` puts all of them into the folder.

    needs_map: there is no such file where there is nothing to draw.
    """

    files: tuple[tuple[str, str], ...]
    write: Callable[[_Made, Path], None]
    needs_map: bool = False


def _html(made: Renderings, folder: Path) -> None:
    from xygis.report.html import document_html
    from xygis.report.writing import write_report_html

    write_report_html(document_html(made.document, map_page=made.map_page), folder / "report.html")


def _pdf(made: Renderings, folder: Path) -> None:
    from xygis.report.pdf import document_pdf
    from xygis.report.writing import write_whole

    write_whole(folder / "report.pdf", document_pdf(made.document, made.fonts, made.map_book))


def _brief_pdf(made: Renderings, folder: Path) -> None:
    from xygis.report.brief import brief_document
    from xygis.report.pdf import brief_pdf
    from xygis.report.writing import write_whole

    write_whole(folder / "brief.pdf", brief_pdf(brief_document(made.document), made.fonts))


def _brief_html(made: Renderings, folder: Path) -> None:
    from xygis.report.brief import brief_document
    from xygis.report.html import document_html
    from xygis.report.writing import write_report_html

    write_report_html(document_html(brief_document(made.document), map_page=None), folder / "brief.html")


def _docx(made: Renderings, folder: Path) -> None:
    from xygis.report.word import document_docx
    from xygis.report.word_marks import MapPage
    from xygis.report.writing import write_whole

    maps = [MapPage(png=s.png(_WORD_DPI), caption=s.caption, width_mm=s.width_mm, height_mm=s.height_mm) for s in made.sheets]
    write_whole(folder / "report.docx", document_docx(made.document, made.fonts, maps))


def _xlsx(made: Renderings, folder: Path) -> None:
    from xygis.report.document_workbook import document_xlsx
    from xygis.report.writing import write_whole

    write_whole(folder / "report.xlsx", document_xlsx(made.document))


def _paragraphs_text(made: Renderings, folder: Path) -> None:
    from xygis.report.paragraphs import paragraphs_text
    from xygis.report.writing import write_whole

    write_whole(folder / "paragraphs.txt", paragraphs_text(made.legality))


def _paragraphs_docx(made: Renderings, folder: Path) -> None:
    from xygis.report.paragraphs import paragraphs_docx
    from xygis.report.writing import write_whole

    write_whole(folder / "paragraphs.docx", paragraphs_docx(made.legality, made.fonts))


def _map_page(made: Renderings, folder: Path) -> None:
    from xygis.report.writing import write_whole

    write_whole(folder / "map.html", (made.map_page or "").encode())


def _map_picture(made: Renderings, folder: Path) -> None:
    from xygis.cartography.sheet import write_map_png

    if made.assessment.atlas is not None:
        write_map_png(made.assessment, made.assessment.atlas, folder / "map.png")


def _map_sheets(made: Renderings, folder: Path) -> None:
    from xygis.report.writing import write_whole

    if made.map_book is not None:
        write_whole(folder / "maps.pdf", made.map_book.pdf)


def _json(made: Renderings, folder: Path) -> None:
    from xygis.report.writing import write_report_json

    write_report_json(made.assessment, folder / "report.json")


def _conflicts(suffix: str) -> Callable[[Renderings, Path], None]:
    def write(made: Renderings, folder: Path) -> None:
        from xygis.report.conflicts import write_conflicts

        write_conflicts(made.assessment, folder / f"conflicts.{suffix}")

    return write


def _csv(made: Renderings, folder: Path) -> None:
    from xygis.report.summary import summary_of_assessment
    from xygis.report.writing import write_measures_and_summary

    write_measures_and_summary(summary_of_assessment(made.assessment), folder / "measures.csv", folder / "summary.csv")


OUTPUTS: dict[str, tuple[Output[Renderings], ...]] = {
    "html": (Output(files=(("报告", "report.html"),), write=_html),),
    "pdf": (Output(files=(("打印", "report.pdf"),), write=_pdf),),
    "brief": (Output(files=(("结论", "brief.pdf"),), write=_brief_pdf), Output(files=(("结论", "brief.html"),), write=_brief_html)),
    "docx": (Output(files=(("文稿", "report.docx"),), write=_docx),),
    "xlsx": (Output(files=(("表格", "report.xlsx"),), write=_xlsx),),
    "paragraphs": (
        Output(files=(("段落", "paragraphs.txt"),), write=_paragraphs_text),
        Output(files=(("段落", "paragraphs.docx"),), write=_paragraphs_docx),
    ),
    "map": (
        Output(files=(("地图", "map.html"),), write=_map_page, needs_map=True),
        Output(files=(("图片", "map.png"),), write=_map_picture, needs_map=True),
        Output(files=(("图册", "maps.pdf"),), write=_map_sheets, needs_map=True),
    ),
    "json": (Output(files=(("数据", "report.json"),), write=_json),),
    "gpkg": (Output(files=(("图斑", "conflicts.gpkg"),), write=_conflicts("gpkg")),),
    "geojson": (Output(files=(("图斑", "conflicts.geojson"),), write=_conflicts("geojson")),),
    "csv": (Output(files=(("量算", "measures.csv"), ("汇总", "summary.csv")), write=_csv),),
}
NAMES = frozenset(name for outputs in OUTPUTS.values() for output in outputs for _, name in output.files)
