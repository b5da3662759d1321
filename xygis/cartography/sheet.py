"""Printed maps: A4 landscape with neat line, kilometre figures, legend, scale bar, north arrow, stamp and a note on the data."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xygis.atlas.atlas import Atlas
from xygis.atlas.styles import font_files
from xygis.cartography.leaflet_page import atlas_view, check_title, render_atlas_page
from xygis.cartography.lettering import Room
from xygis.cartography.margin import Sheet, draw_margin
from xygis.cartography.panels import Panel, parcel_panels
from xygis.cartography.plot import draw_scene, letter_scene
from xygis.cartography.plot_panel import draw_panel
from xygis.check.assessment import Assessment, LayerRecord
from xygis.errors import OutputFailed, UsageError, Where
from xygis.whole_file import write_whole

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DPI = 200
PAGE = (1122.5, 793.7)  # A4 landscape in px of 1/96 inch
MAP = (52.0, 96.0, 820.0, 646.0)  # left, top, width, height of the map inside its neat line


def write_map_png(assessment: Assessment, atlas: Atlas, path: Path) -> None:
    """The parcels of a check on the layers around them, A4 landscape, 200 dpi."""
    panels = parcel_panels(assessment, atlas, MAP[2], MAP[3], gap=10, round_scale=True)
    if not panels:
        raise UsageError(what="没有能画的地块", fix="请先改正送审文件")
    sheet = Sheet(
        title=f"{check_title(assessment)}　位置图",
        date=assessment.checked_on.isoformat(),
        atlas_name=assessment.atlas_name,
        fingerprint=assessment.atlas_fingerprint,
        data=tuple(
            _data_line(panels, r.layer.id, r.layer.title, r.layer.version, r.layer.accuracy_m) for r in _hits_first(panels, assessment)
        ),
    )
    _write(panels, sheet, atlas, path, "png")


def _hits_first(panels: Sequence[Panel], assessment: Assessment) -> list[LayerRecord]:
    hit = {d.layer.id for panel in panels for d in panel.scene.drawn if d.hit}
    return sorted(assessment.layers, key=lambda r: r.layer.id not in hit)


def write_atlas_map(atlas: Atlas, layer_ids: Sequence[str], path: Path) -> None:
    """Layers of an atlas as a map page (.html) or a printed map (.png, .pdf), by the suffix of `path`."""
    suffix = path.suffix.lower()
    if suffix in (".html", ".htm"):
        _put(path, render_atlas_page(atlas, layer_ids).encode("utf-8"))
        return
    if suffix not in (".png", ".pdf"):
        raise UsageError(what=f"不能输出“{path.suffix}”格式的地图", where=Where(file=path.name), fix="文件名应以 .html、.png 或 .pdf 结尾")
    panels = (Panel(x=0, y=0, scene=atlas_view(atlas, layer_ids, MAP[2], MAP[3], round_scale=True), caption=""),)
    layers = [atlas.layer(layer_id) for layer_id in layer_ids]
    sheet = Sheet(
        title=atlas.name,
        date=max((layer.version.isoformat() for layer in layers if layer.version), default=""),
        atlas_name=atlas.name,
        fingerprint="",
        data=tuple(_data_line(panels, layer.id, layer.title, layer.version, layer.accuracy_m) for layer in layers),
    )
    _write(panels, sheet, atlas, path, suffix[1:])


def _data_line(panels: Sequence[Panel], layer_id: str, title: str, version: object, accuracy_m: float | None) -> str:
    """生态保护红线 2022-11-07，±0.5 m; nothing for a layer that the map does not show."""
    if not any(d.layer.id == layer_id for panel in panels for d in panel.scene.drawn):
        return ""
    accuracy = f"，±{accuracy_m:g} m" if accuracy_m is not None else ""
    return f"{title} {version or '版本不详'}{accuracy}"


def _write(panels: Sequence[Panel], sheet: Sheet, atlas: Atlas, path: Path, kind: str) -> None:
    with _plain_figure(atlas) as figure:
        for panel in panels:
            frame = panel.scene.frame
            left, top = MAP[0] + panel.x, MAP[1] + panel.y
            axes = figure.add_axes((left / PAGE[0], 1 - (top + frame.height) / PAGE[1], frame.width / PAGE[0], frame.height / PAGE[1]))
            axes.set_xticks([])
            axes.set_yticks([])
            draw_scene(axes, panel.scene)
            room = Room(width=frame.width, height=frame.height)
            if len(panels) > 1:
                draw_panel(axes, panel.scene, panel.caption, room, figures=not panel.locator)
            letter_scene(axes, panel.scene, room, locator=panel.locator)
        margin = figure.add_axes((0, 0, 1, 1), zorder=-1)
        margin.set_xlim(0, PAGE[0])
        margin.set_ylim(PAGE[1], 0)
        margin.axis("off")
        draw_margin(margin, [panel.scene for panel in panels], sheet, MAP, PAGE)
        out = io.BytesIO()
        stamp = {"Software": "xygis"} if kind == "png" else {"Creator": "xygis", "CreationDate": None}
        figure.savefig(out, format=kind, dpi=DPI, metadata=stamp)
    _put(path, out.getvalue())


@contextmanager
def _plain_figure(atlas: Atlas) -> Iterator[Figure]:
    """A figure without a window, lettered with the atlas's own font; matplotlib's settings stay as they were."""
    import matplotlib as mpl
    from matplotlib import font_manager
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    files = font_files(atlas.root)
    known = {entry.fname for entry in font_manager.fontManager.ttflist}
    for file in files:
        if str(file) not in known:
            font_manager.fontManager.addfont(str(file))
    family = font_manager.FontProperties(fname=str(files[0])).get_name()
    settings: Any = {"font.family": [family], "lines.scale_dashes": False, "pdf.fonttype": 42, "axes.unicode_minus": False}
    with mpl.rc_context(settings):
        figure = Figure(figsize=(PAGE[0] / 96, PAGE[1] / 96), dpi=DPI, facecolor="#ffffff")
        FigureCanvasAgg(figure)
        yield figure


def _put(path: Path, content: bytes) -> None:
    """The file appears whole or not at all."""
    try:
        write_whole(path, (content,))
    except OSError as error:
        raise OutputFailed(
            what=f"地图无法写出：{error.strerror}", where=Where(file=path.name), fix="请检查目录是否存在、是否可写、磁盘是否已满"
        ) from error
