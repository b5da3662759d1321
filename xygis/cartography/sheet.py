"""Printed maps: the sheets of a check, posters of an atlas; as PDF with bookmarks, as PNG, and as pictures for a report's annex."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from xygis.atlas.atlas import Atlas
from xygis.atlas.sheets import SheetEntry
from xygis.cartography.leaflet_page import render_atlas_page
from xygis.cartography.plan import Plan
from xygis.cartography.plans import assessment_plans, overview_plan
from xygis.cartography.poster import layers_plan, poster_plan
from xygis.cartography.sheet_draw import draw_plan, plain_figure
from xygis.cartography.sheet_pdf import pdf_of
from xygis.check.assessment import Assessment
from xygis.errors import OutputFailed, UsageError, Where, os_words
from xygis.whole_file import write_whole

if TYPE_CHECKING:
    from collections.abc import Callable

DPI = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class MapSheet:
    """One printed sheet, ready to be drawn. caption: what stands under it in a report; width and height of the paper in mm."""

    title: str
    caption: str
    width_mm: float
    height_mm: float
    plan: Plan = field(repr=False)
    atlas: Atlas = field(repr=False)

    def png(self, dpi: int = DPI) -> bytes:
        """The sheet as a picture."""
        return _rendered(self, "png", dpi)

    def svg(self) -> bytes:
        """The sheet as a drawing, its lettering as outlines."""
        return _rendered(self, "svg", 72)

    def pdf(self) -> bytes:
        """The sheet alone, as a page."""
        return pdf_of((self.plan,), self.atlas)


def assessment_sheets(assessment: Assessment, atlas: Atlas, paper: str = "A4") -> tuple[MapSheet, ...]:
    """The printed maps of a check: location, themes of maps/sheets.toml, one for each piece of conflicting ground.

    Landscape or portrait as fits the parcel. None where no parcel could be read. Raises UsageError for another paper than A4, A3.
    """
    return tuple(_sheet(plan, atlas) for plan in assessment_plans(assessment, atlas, paper))


def _sheet(plan: Plan, atlas: Atlas) -> MapSheet:
    width, height = plan.layout.size_mm
    return MapSheet(title=plan.title, caption=plan.caption, width_mm=width, height_mm=height, plan=plan, atlas=atlas)


def maps_pdf(sheets: Sequence[MapSheet]) -> bytes:
    """All sheets as one PDF with bookmarks. At least one."""
    return pdf_of([sheet.plan for sheet in sheets], sheets[0].atlas)


def write_map_png(assessment: Assessment, atlas: Atlas, path: Path) -> None:
    """The parcels of a check on the layers around them, A4 landscape, 200 dpi."""
    if not assessment.parcels:
        raise UsageError(what="没有能画的地块", fix="请先改正送审文件")
    _put(path, _sheet(overview_plan(assessment, atlas), atlas).png())


def write_atlas_map(atlas: Atlas, layer_ids: Sequence[str], path: Path, paper: str = "A4") -> None:
    """Layers of an atlas as a map page (.html) or a printed map (.png, .pdf), by the suffix of `path`."""
    if path.suffix.lower() in (".html", ".htm"):
        _put(path, render_atlas_page(atlas, layer_ids).encode("utf-8"))
        return
    _write(atlas, lambda: layers_plan(atlas, layer_ids, paper), path)


def write_poster(atlas: Atlas, entry: SheetEntry, path: Path, paper: str = "A3") -> None:
    """A sheet of the atlas as .png or .pdf, by the suffix of `path`. Raises UsageError for another suffix, OutputFailed."""
    _write(atlas, lambda: poster_plan(atlas, entry, paper), path)


def _write(atlas: Atlas, plan: Callable[[], Plan], path: Path) -> None:
    suffix = path.suffix.lower()
    if suffix not in (".png", ".pdf"):
        raise UsageError(what=f"不能输出“{path.suffix}”格式的地图", where=Where(file=path.name), fix="文件名应以 .html、.png 或 .pdf 结尾")
    sheet = _sheet(plan(), atlas)
    _put(path, sheet.png() if suffix == ".png" else sheet.pdf())


def _rendered(sheet: MapSheet, kind: str, dpi: int) -> bytes:
    layout = sheet.plan.layout
    with plain_figure(sheet.atlas, layout.width, layout.height, dpi) as figure:
        draw_plan(figure, sheet.plan, sheet.atlas)
        out = io.BytesIO()
        figure.savefig(out, format=kind, dpi=dpi, metadata={"Software": "xygis"} if kind == "png" else {"Date": None, "Creator": "xygis"})
    return out.getvalue()


def _put(path: Path, content: bytes) -> None:
    """The file appears whole or not at all."""
    try:
        write_whole(path, (content,))
    except OSError as error:
        raise OutputFailed(
            what=f"地图无法写出：{os_words(error)}", where=Where(file=path.name), fix="请检查目录是否存在、是否可写、磁盘是否已满"
        ) from error
