"""Everything around a printed map: title, neat line, kilometre figures, stamp, legend, scale bar, north arrow, notes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import shapely

from xygis.atlas.verdict import DEMO_STAMP
from xygis.cartography.frame import kilometres
from xygis.cartography.legend import HEADINGS, LegendItem, legend_items
from xygis.cartography.plot import PT_PER_PX, draw_style
from xygis.cartography.scene import Scene
from xygis.cartography.svg import text_width

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Rect = tuple[float, float, float, float]
_BAND = 17.0  # between the map and its neat line, px
_INK = "#1a2027"
_INK_2 = "#46515b"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """The words of a sheet. data: one line per layer that says how old and how good it is; "" for those not shown."""

    title: str
    date: str
    atlas_name: str
    fingerprint: str
    data: tuple[str, ...]


def draw_margin(axes: Axes, scene: Scene, sheet: Sheet, map_rect: Rect, page: tuple[float, float]) -> None:
    """Fills the page around the map. axes: the whole page in px, y down."""
    left, top, width, height = map_rect
    _neat_line(axes, scene, map_rect)
    title_size = min(27.0, 600 / max(text_width(sheet.title, 1.0), 1.0))
    _write(axes, left - _BAND, 46, sheet.title, title_size, bold=True)
    scale = round(scene.frame.scale)
    _write(axes, left + width + _BAND, 50, f"1:{scale:,}　{sheet.date}".replace(",", " "), 13, colour=_INK_2, align="right")
    x, right = left + width + _BAND + 20, page[0] - 34
    y = top - _BAND
    if scene.demo:
        red = scene.styles["verdict/prohibited"].line or "#9f1717"
        _box(axes, x, y, right, y + 30, edge=red, width=1.5)
        _write(axes, (x + right) / 2, y + 15, DEMO_STAMP, 15, bold=True, colour=red, align="center")
        y += 44
    bottom = top + height + _BAND
    notes = _notes(scene, sheet, right - x)
    below = 26 + 96 + 26 + 13.5 * len(notes) + 10  # scale and data blocks
    y = _legend(axes, scene, x, right, y, bottom - below)
    y = max(y + 8, bottom - below) if y > bottom - below - 60 else y + 14
    y = _scale_block(axes, scene, x, right, y)
    y = _heading(axes, x, right, y + 6, "资料与精度")
    for note in notes:
        _write(axes, x, y, note, 10.5, colour=_INK)
        y += 13.5
    foot = top + height + _BAND + 22
    words = (
        f"{sheet.atlas_name}"
        + (f" · 图集指纹 {sheet.fingerprint.removeprefix('sha256:')[:8]}" if sheet.fingerprint else "")
        + " · xygis 绘制"
    )
    _write(axes, left - _BAND, foot, words, 10.5, colour=_INK_2)
    _write(axes, left + width + _BAND, foot, "本图界线不作为行政区划或权属依据", 10.5, colour=_INK_2, align="right")


def _neat_line(axes: Axes, scene: Scene, map_rect: Rect) -> None:
    """Heavy outer and thin inner line, kilometre figures in the band, zone number small in front of eastings."""
    left, top, width, height = map_rect
    _box(axes, left, top, left + width, top + height, edge=_INK, width=0.6, face="none")
    _box(axes, left - _BAND, top - _BAND, left + width + _BAND, top + height + _BAND, edge=_INK, width=1.6)
    frame = scene.frame
    step, eastings, northings = frame.grid(least_px=105)
    for easting in eastings:
        x = left + (easting - frame.west_m) * frame.px_per_m
        if left + 24 < x < left + width - 24:
            words = kilometres(easting, step)
            for y in (top - _BAND / 2, top + height + _BAND / 2):
                _write(axes, x + 4, y, words, 10.5, align="center")
                _write(axes, x + 3 - text_width(words, 10.5) / 2, y + 0.8, str(frame.zone), 7.5, align="right")
        for y0, y1 in ((top - 5, top), (top + height, top + height + 5)):
            axes.plot([x, x], [y0, y1], color=_INK, lw=0.5)
    for northing in northings:
        y = top + (frame.north_m - northing) * frame.px_per_m
        if top + 24 < y < top + height - 24:
            for x in (left - _BAND / 2, left + width + _BAND / 2):
                _write(axes, x, y, kilometres(northing, step), 10.5, align="center", turn=90)
        for x0, x1 in ((left - 5, left), (left + width, left + width + 5)):
            axes.plot([x0, x1], [y, y], color=_INK, lw=0.5)


def _legend(axes: Axes, scene: Scene, x: float, right: float, y: float, bottom: float) -> float:
    """Legend by group; the rows move together where there are many."""
    items = legend_items(scene)
    groups = [(heading, [i for i in items if i.group == group]) for group, heading in HEADINGS.items()]
    groups = [(heading if scene.parcels else "图例", rows) for heading, rows in groups if rows]
    y = _heading(axes, x, right, y, "图例") if scene.parcels else y
    count = len(items) + 1.1 * len(groups)
    columns = 1 if count * 15.5 <= bottom - y else 2
    pitch = min(19.0, (bottom - y) / max(count / columns + (columns - 1) * 1.5, 1))
    for heading, rows in groups:
        if scene.parcels:
            _write(axes, x, y + 3, heading, 11, bold=True, colour=_INK_2)
            y += 17
        else:
            y = _heading(axes, x, right, y, heading)
        y = _rows(axes, rows, x, right, y, pitch, columns)
        y += 5
    return y


def _rows(axes: Axes, rows: list[LegendItem], x: float, right: float, y: float, pitch: float, columns: int) -> float:
    wide = (right - x) / columns
    swatch = 30.0 if columns == 1 else 22.0
    for i, item in enumerate(rows):
        at, row = x + (i % columns) * wide, y + (i // columns) * pitch
        half = min(pitch, 16) / 2 - 1.5
        if item.line:
            shape: shapely.Geometry = shapely.LineString([(at, row), (at + swatch, row)])
        else:
            shape = shapely.box(at + 1, row - half, at + swatch - 1, row + half)
        draw_style(axes, item.style, [shape], line=item.line, zorder=5)
        room = wide - swatch - 10
        size = min(12.0, pitch * 0.8, room / max(text_width(item.label, 1.0), 1.0))
        _write(axes, at + swatch + 7, row, item.label, max(size, 8.0))
    return y + -(-len(rows) // columns) * pitch


def _scale_block(axes: Axes, scene: Scene, x: float, right: float, y: float) -> float:
    """Scale bar, north arrow and coordinate system."""
    frame = scene.frame
    y = _heading(axes, x, right, y, "比例尺与坐标")
    whole = frame.scale_bar_m((right - x) * 0.62)
    parts, bar = 4, whole * frame.px_per_m
    y += 12
    for i in range(parts):
        face = _INK if i % 2 == 0 else "#ffffff"
        _box(axes, x + 4 + bar * i / parts, y, x + 4 + bar * (i + 1) / parts, y + 5, edge=_INK, width=0.6, face=face)
    in_km = whole >= 1000
    for share in (0, 2, 4):
        value = whole * share / parts
        words = f"{value / 1000:g}" if in_km else f"{value:g}"
        _write(axes, x + 4 + bar * share / parts, y - 8, words, 10.5, align="center")
    _write(axes, x + 4 + bar + 16, y - 8, "km" if in_km else "m", 10.5)
    nx = right - 16
    axes.fill([nx, nx + 6, nx], [y - 14, y + 13, y + 8], color=_INK, lw=0, zorder=6)
    axes.fill([nx, nx - 6, nx], [y - 14, y + 13, y + 8], facecolor="#ffffff", edgecolor=_INK, lw=0.8, zorder=6)
    _write(axes, nx, y - 22, "北", 12, bold=True, align="center")
    y += 22
    step = frame.grid(least_px=105)[0]
    grid = f"{step / 1000:g} km" if step >= 1000 else f"{step} m"
    for line in (
        "2000 国家大地坐标系（CGCS2000）",
        f"高斯—克吕格投影，3 度带第 {frame.zone} 带，中央经线 {frame.meridian_deg:g}°",
        f"方里网 {grid}，图上方为坐标北",
    ):
        _write(axes, x, y, line, min(10.5, (right - x) / text_width(line, 1.0)))
        y += 13.5
    return y


def _notes(scene: Scene, sheet: Sheet, width: float) -> list[str]:
    lines = [line for line in sheet.data if line]
    shown = lines[:7]
    if len(lines) > len(shown):
        shown.append(f"等 {len(lines)} 个图层")
    if scene.unread:
        shown.append(f"无数据：{'、'.join(scene.unread)}")
    if scene.demo:
        shown.append("控制线为演示合成，不具法律效力")
    out: list[str] = []
    for line in shown:
        out += _wrapped(line, width, 10.5)
    return out[:14]


def _wrapped(line: str, width: float, size: float) -> list[str]:
    out, now = [], ""
    for char in line:
        if text_width(now + char, size) > width:
            out.append(now)
            now = ""
        now += char
    return [*out, now]


def _heading(axes: Axes, x: float, right: float, y: float, words: str) -> float:
    axes.plot([x, right], [y, y], color=_INK, lw=0.9)
    _write(axes, x, y + 14, words, 13.5, bold=True)
    return y + 34


def _box(axes: Axes, x0: float, y0: float, x1: float, y1: float, *, edge: str, width: float, face: str = "none") -> None:
    from matplotlib.patches import Rectangle

    axes.add_patch(Rectangle((x0, y0), x1 - x0, y1 - y0, facecolor=face, edgecolor=edge, lw=width, joinstyle="miter", zorder=5))


def _write(
    axes: Axes,
    x: float,
    y: float,
    words: str,
    size_px: float,
    *,
    bold: bool = False,
    colour: str = _INK,
    align: str = "left",
    turn: float = 0.0,
) -> None:
    axes.text(
        x,
        y,
        words,
        fontsize=size_px * PT_PER_PX,
        fontweight="bold" if bold else "normal",
        color=colour,
        ha=align,
        va="center_baseline" if not turn else "center",
        rotation=turn,
        parse_math=False,
        zorder=7,
    )
