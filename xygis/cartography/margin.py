"""Everything around a printed map: title, neat line, kilometre figures, stamp, legend, scale bar, north arrow, notes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import shapely

from xygis.atlas.verdict import DEMO_STAMP
from xygis.cartography.frame import Frame, kilometres
from xygis.cartography.legend import HEADINGS, LegendItem, legend_items
from xygis.cartography.plot import PT_PER_PX, draw_style
from xygis.cartography.scene import Scene
from xygis.cartography.svg import text_width

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Rect = tuple[float, float, float, float]
_BAND = 17.0  # between the map and its neat line, px
_SWATCH = 26.0
_LEGEND_PX = 10.8
_TITLE_ROOM_PX, _LEAST_TITLE_PX = 600.0, 17.0  # a longer title is cut, not shrunk beyond reading
_LEAST_PITCH = 11.5  # rows closer than this run into each other
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


def draw_margin(axes: Axes, scenes: Sequence[Scene], sheet: Sheet, map_rect: Rect, page: tuple[float, float]) -> None:
    """Fills the page around the map, or around its panels. axes: the whole page in px, y down."""
    left, top, width, height = map_rect
    scene, alone = scenes[0], len(scenes) == 1
    _box(axes, left - _BAND, top - _BAND, left + width + _BAND, top + height + _BAND, edge=_INK, width=1.6)
    if alone:
        _kilometre_band(axes, scene, map_rect)
    title = sheet.title
    while text_width(title, _LEAST_TITLE_PX) > _TITLE_ROOM_PX:
        title = title[:-2] + "…"
    title_size = min(27.0, _TITLE_ROOM_PX / max(text_width(title, 1.0), 1.0))
    _write(axes, left - _BAND, 46, title, title_size, bold=True)
    scale = f"1:{round(scene.frame.scale):,}".replace(",", " ") if alone else f"1 幅位置图，{len(scenes) - 1} 幅地块图"
    _write(axes, left + width + _BAND, 50, f"{scale}　{sheet.date}", 13, colour=_INK_2, align="right")
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
    y = _legend(axes, scenes, x, right, y, bottom - below)
    y = max(y + 8, bottom - below) if y > bottom - below - 60 else y + 14
    y = _scale_block(axes, scenes, x, right, y)
    y = _heading(axes, x, right, y + 6, "资料与精度")
    for note in notes:
        _write(axes, x, y, note, 10, colour=_INK)
        y += 13.5
    foot = top + height + _BAND + 22
    words = (
        f"{sheet.atlas_name}"
        + (f" · 图集指纹 {sheet.fingerprint.removeprefix('sha256:')[:8]}" if sheet.fingerprint else "")
        + " · xygis 绘制"
    )
    _write(axes, left - _BAND, foot, words, 10.5, colour=_INK_2)
    _write(axes, left + width + _BAND, foot, "本图界线不作为行政区划或权属依据", 10.5, colour=_INK_2, align="right")


def _kilometre_band(axes: Axes, scene: Scene, map_rect: Rect) -> None:
    """Inner line, kilometre figures between it and the neat line, zone number small in front of eastings."""
    left, top, width, height = map_rect
    _box(axes, left, top, left + width, top + height, edge=_INK, width=0.6, face="none")
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


def _legend(axes: Axes, scenes: Sequence[Scene], x: float, right: float, y: float, bottom: float) -> float:
    """Legend by group; the rows move together where there are many."""
    items = legend_items(*scenes)
    scene = scenes[-1]
    groups = [(heading, [i for i in items if i.group == group]) for group, heading in HEADINGS.items()]
    groups = [(heading if scene.parcels else "图例", rows) for heading, rows in groups if rows]
    y = _heading(axes, x, right, y, "图例") if scene.parcels else y
    pitch = 19.0
    columns = 1 if (len(items) + 1.4 * len(groups)) * 15.5 <= bottom - y else 2
    lines = sum(len(_packed(rows, right - x, columns)) for _, rows in groups)
    pitch = min(pitch, (bottom - y - 25 * len(groups)) / max(lines, 1))
    room = lines
    if pitch < _LEAST_PITCH:
        pitch = _LEAST_PITCH
        room = int((bottom - y - 25 * len(groups)) / pitch) - 1
    left_out = 0
    for heading, rows in groups:
        if scene.parcels:
            _write(axes, x, y + 3, heading, 11, bold=True, colour=_INK_2)
            y += 20
        else:
            y = _heading(axes, x, right, y, heading)
        for line in _packed(rows, right - x, columns):
            if room <= 0:
                left_out += len(line)
                continue
            room -= 1
            for i, item in enumerate(line):
                _row(axes, item, x + i * (right - x) / columns, y, pitch, columns)
            y += pitch
        y += 5
    if left_out:
        _write(axes, x, y + 4, f"图例放不下，另有 {left_out} 项；请少选图层", 10, bold=True, colour=_INK)
        y += pitch
    return y


def _packed(rows: list[LegendItem], width: float, columns: int) -> list[list[LegendItem]]:
    """The items of each line: two side by side where both fit."""
    out: list[list[LegendItem]] = []
    for item in rows:
        fits = columns > 1 and text_width(item.label, _LEGEND_PX) + _SWATCH + 14 <= width / columns
        last = out[-1] if out else []
        if fits and last and len(last) < columns and text_width(last[-1].label, _LEGEND_PX) + _SWATCH + 14 <= width / columns:
            last.append(item)
        else:
            out.append([item])
    return out


def _row(axes: Axes, item: LegendItem, x: float, y: float, pitch: float, columns: int) -> None:
    half = min(pitch, 16) / 2 - 1.5
    shape: shapely.Geometry = shapely.box(x + 1, y - half, x + _SWATCH - 1, y + half)
    if item.line:
        shape = shapely.LineString([(x, y), (x + _SWATCH, y)])
    draw_style(axes, item.style, [shape], line=item.line, zorder=5)
    _write(axes, x + _SWATCH + 7, y, item.label, _LEGEND_PX if columns > 1 else 12)


def _scale_block(axes: Axes, scenes: Sequence[Scene], x: float, right: float, y: float) -> float:
    """Scale bar, north arrow and coordinate system; panels carry their own bars."""
    scene, alone = scenes[-1], len(scenes) == 1
    frame = scene.frame
    y = _heading(axes, x, right, y, "比例尺与坐标")
    y += 12
    if alone:
        _scale_bar(axes, frame, x, right, y)
    else:
        _write(axes, x, y - 6, "各幅比例尺见图内", 10.5)
    nx, below = right - 16, y
    y -= 0 if alone else 8
    axes.fill([nx, nx + 6, nx], [y - 14, y + 13, y + 8], color=_INK, lw=0, zorder=6)
    axes.fill([nx, nx - 6, nx], [y - 14, y + 13, y + 8], facecolor="#ffffff", edgecolor=_INK, lw=0.8, zorder=6)
    _write(axes, nx, y - 22, "北", 12, bold=True, align="center")
    y = below + (22 if alone else 16)
    step = frame.grid(least_px=105)[0]
    grid = f"；方里网 {step / 1000:g} km" if alone else ""
    zones = sorted({(s.frame.zone, s.frame.meridian_deg) for s in scenes})
    lines = ["2000 国家大地坐标系（CGCS2000）", f"高斯—克吕格投影，3 度带第 {'、'.join(str(z) for z, _ in zones)} 带"]
    lines.append(f"中央经线 {'、'.join(f'{m:g}°' for _, m in zones)}{grid}；上方为北")
    for line in lines:
        _write(axes, x, y, line, min(10.5, (right - x) / text_width(line, 1.0)))
        y += 13.5
    return y


def _scale_bar(axes: Axes, frame: Frame, x: float, right: float, y: float) -> None:
    whole = frame.scale_bar_m((right - x) * 0.62)
    parts, bar = 4, whole * frame.px_per_m
    for i in range(parts):
        face = _INK if i % 2 == 0 else "#ffffff"
        _box(axes, x + 4 + bar * i / parts, y, x + 4 + bar * (i + 1) / parts, y + 5, edge=_INK, width=0.6, face=face)
    in_km = whole >= 1000
    for share in (0, 2, 4):
        value = whole * share / parts
        words = f"{value / 1000:g}" if in_km else f"{value:g}"
        _write(axes, x + 4 + bar * share / parts, y - 8, words, 10.5, align="center")
    _write(axes, x + 4 + bar + 16, y - 8, "km" if in_km else "m", 10.5)


def _notes(scene: Scene, sheet: Sheet, width: float) -> list[str]:
    lines = [line for line in sheet.data if line]
    shown = lines[:4]
    if len(lines) > len(shown):
        shown.append(f"等 {len(lines)} 个图层")
    if scene.unread:
        shown.append(f"无数据：{'、'.join(scene.unread)}")
    if scene.demo:
        shown.append("控制线为演示合成，不具法律效力")
    out: list[str] = []
    for line in shown:
        out += _wrapped(line, width, 10)
    return out[:9]


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
