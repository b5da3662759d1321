"""What a comparison of plans can be written as, and what several of these formats share, worked out once."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from xygis.outputs import Output

if TYPE_CHECKING:  # every format has its own libraries: only those at hand are loaded
    from xygis.atlas.atlas import Atlas
    from xygis.consistency.result import Consistency
    from xygis.report.document import Document


class ConsistencyRenderings:
    """One run, and what more than one format is made of. Each is made when it is first asked for."""

    def __init__(self, consistency: Consistency, atlas: Atlas) -> None:
        self.consistency = consistency
        self.atlas = atlas

    @property
    def drawn(self) -> bool:
        """Whether there is anything to show on a map."""
        return self.map_page is not None

    @cached_property
    def _page(self) -> tuple[str, str] | None:
        from xygis.cartography.difference_page import render_difference_page

        return render_difference_page(self.consistency, self.atlas)

    @property
    def map_page(self) -> str | None:
        return self._page[0] if self._page is not None else None

    @property
    def map_note(self) -> str:
        """What the map shows, and what it leaves out."""
        return self._page[1] if self._page is not None else ""

    @cached_property
    def json(self) -> str:
        from xygis.report.consistency_contract import consistency_json

        return consistency_json(self.consistency)

    @cached_property
    def digest(self) -> str:
        """Of the JSON: the fingerprint at the foot of every sheet."""
        from xygis.report.consistency_parts import json_digest

        return json_digest(self.json)

    @cached_property
    def document(self) -> Document:
        """What PDF and Word say."""
        from xygis.report.consistency_document import consistency_document

        return consistency_document(self.consistency, county_figure=self.county_figure, digest=self.digest)

    @cached_property
    def fonts(self) -> tuple[Path, ...]:
        from xygis.atlas.styles import font_files

        return tuple(font_files(self.atlas.root))

    @cached_property
    def county_figure(self) -> str | None:
        """Counties by the share of them that differs, pins where the largest conflicts lie; None without counties."""
        from xygis.cartography.county_figure import county_figure
        from xygis.report.consistency_tables import largest_conflicts, permil_by_county

        values = permil_by_county(self.consistency)
        if not values:
            return None
        points = [p.geometry.representative_point() for p in largest_conflicts(self.consistency)]
        pins = [(str(i), point.x, point.y) for i, point in enumerate(points, start=1)]
        return county_figure(values, self.atlas, unit="‰", title="各县（市、区）差异图斑占辖区面积", pins=pins)


def _html(made: ConsistencyRenderings, folder: Path) -> None:
    from xygis.report.consistency_html import consistency_html
    from xygis.report.writing import write_report_html

    page = consistency_html(
        made.consistency,
        county_figure=made.county_figure,
        map_page=made.map_page,
        map_note=made.map_note,
        digest=made.digest,
    )
    write_report_html(page, folder / "report.html")


def _pdf(made: ConsistencyRenderings, folder: Path) -> None:
    from xygis.report.pdf import document_pdf
    from xygis.report.writing import write_whole

    write_whole(folder / "report.pdf", document_pdf(made.document, made.fonts))


def _docx(made: ConsistencyRenderings, folder: Path) -> None:
    from xygis.report.word import document_docx
    from xygis.report.writing import write_whole

    write_whole(folder / "report.docx", document_docx(made.document, made.fonts))


def _map_page(made: ConsistencyRenderings, folder: Path) -> None:
    from xygis.report.writing import write_whole

    write_whole(folder / "map.html", (made.map_page or "").encode("utf-8"))


def _json(made: ConsistencyRenderings, folder: Path) -> None:
    from xygis.report.writing import write_whole

    write_whole(folder / "report.json", made.json.encode("utf-8"))


def _gpkg(made: ConsistencyRenderings, folder: Path) -> None:
    from xygis.report.consistency_patches import write_patches
    from xygis.report.quality_errors import write_quality_errors

    write_patches(made.consistency, folder / "consistency.gpkg")
    write_quality_errors(made.consistency.quality_check.faults, folder / "consistency.gpkg")


def _xlsx(made: ConsistencyRenderings, folder: Path) -> None:
    from xygis.report.consistency_workbook import write_notes_workbook

    write_notes_workbook(made.consistency, folder / "consistency.xlsx")


def _csv(made: ConsistencyRenderings, folder: Path) -> None:
    from xygis.report.consistency_patches import write_patches_csv

    write_patches_csv(made.consistency, folder / "consistency.csv")


CONSISTENCY_OUTPUTS: dict[str, tuple[Output[ConsistencyRenderings], ...]] = {
    "html": (Output(files=(("报告", "report.html"),), write=_html),),
    "pdf": (Output(files=(("打印", "report.pdf"),), write=_pdf),),
    "docx": (Output(files=(("文稿", "report.docx"),), write=_docx),),
    "map": (Output(files=(("地图", "map.html"),), write=_map_page, needs_map=True),),
    "json": (Output(files=(("数据", "report.json"),), write=_json),),
    "gpkg": (Output(files=(("图斑", "consistency.gpkg"),), write=_gpkg),),
    "xlsx": (Output(files=(("意见", "consistency.xlsx"),), write=_xlsx),),
    "csv": (Output(files=(("清单", "consistency.csv"),), write=_csv),),
}
NAMES = frozenset(name for outputs in CONSISTENCY_OUTPUTS.values() for output in outputs for _, name in output.files)
