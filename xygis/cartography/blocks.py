"""`Block`: one part of a sheet's margin that knows how much room it needs; `stack` shares a column out among its blocks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import shapely

from xygis.atlas.verdict import DEMO_STAMP
from xygis.cartography.frame import Frame, length_text
from xygis.cartography.ink import HEADING, INK, INK_2, box, cut, heading, wrapped, write
from xygis.cartography.legend import LegendItem
from xygis.cartography.paper import LEAST_PX, Slot
from xygis.cartography.plot import draw_style
from xygis.cartography.sheet_frame import GRID_LEAST_M, GRID_LEAST_PX, tick_step
from xygis.cartography.svg import text_width

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SWATCH = 26.0
_PITCH, _LEAST_PITCH = 19.0, 14.5
_LINE = 14.5  # between lines of plain text
_GOOD_LINES = 7
_MOST_ROWS = 18  # of a legend that other blocks make way for


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Heights in px that it cannot do without, that it is well served with, that it would take at most.

    draw(axes, x, right, y, bottom) fills the room given to it.
    """

    least: float
    good: float
    natural: float
    draw: Callable[[Axes, float, float, float, float], None]


def stack(axes: Axes, slot: Slot, blocks: Sequence[Block], gap: float) -> None:
    """Blocks under each other. All grow to what serves them well, then to what they would take, the first in the column first.

    A block without least height is left out where it does not fit whole.
    """
    shown = [b for b in blocks if b.natural > 0]
    given = [b.least for b in shown]
    spare = slot.bottom - slot.top - sum(given) - gap * max(0, sum(b.least > 0 for b in shown) - 1)
    for wish in ("good", "natural"):
        for i, block in enumerate(shown):
            more = getattr(block, wish) - given[i]
            if block.least == 0 and (more <= 0 or spare < more + gap):
                continue
            more = max(0.0, min(spare, more))
            given[i] += more
            spare -= more + (gap if block.least == 0 else 0.0)
    y = slot.top
    for block, height in zip(shown, given, strict=True):
        if height > 0:
            block.draw(axes, slot.x, slot.right, y, y + height)
            y += height + gap


def stamp_block(colour: str, k: float) -> Block:
    """示意数据，非法定成果."""

    def draw(axes: Axes, x: float, right: float, y: float, bottom: float) -> None:
        box(axes, x, y, right, y + 29 * k, edge=colour, width=1.5)
        write(axes, (x + right) / 2, y + 14.5 * k, DEMO_STAMP, 15 * k, bold=True, colour=colour, align="center")

    return Block(least=30 * k, good=30 * k, natural=30 * k, draw=draw)


def text_block(title: str, lines: Sequence[str], k: float, width: float, *, more: str = "", least_lines: int = 2) -> Block:
    """A heading over plain lines, which are wrapped; those that find no room are counted in `more`, such as 等 {n} 个图层."""
    size = LEAST_PX * k
    ready = [wrapped(line, size, width) for line in lines]
    count = sum(len(r) for r in ready)

    def draw(axes: Axes, x: float, right: float, y: float, bottom: float) -> None:
        y = heading(axes, x, right, y, title, k)
        room = int((bottom - y + 4) / (_LINE * k))
        if count > room:
            room -= 1
        left = 0
        for one in ready:
            if left or len(one) > room:
                left += 1
                continue
            for words in one:
                write(axes, x, y, words, size)
                y += _LINE * k
            room -= len(one)
        if left:
            write(axes, x, y, more.format(n=len(ready)), size, colour=INK_2)

    if not count:
        return Block(least=0, good=0, natural=0, draw=draw)
    least, good, natural = ((HEADING + _LINE * rows) * k for rows in (min(count, least_lines), min(count, _GOOD_LINES), count))
    return Block(least=least, good=max(least, good), natural=natural, draw=draw)


def legend_block(items: Sequence[LegendItem], k: float, width: float, headings: Mapping[str, str]) -> Block:
    """Symbols by group, apart. Two columns where the rows would not fit in one. headings: title of each group; "" for none."""
    groups = [(title, [i for i in items if i.group == group]) for group, title in headings.items()]
    groups = [(title, rows) for title, rows in groups if rows]
    titles = sum(bool(title) for title, _ in groups) * 18 * k
    size = 11.5 * k
    two = sum(len(packed(rows, width, size)) for _, rows in groups)

    def draw(axes: Axes, x: float, right: float, y: float, bottom: float) -> None:
        y = heading(axes, x, right, y, "图例", k)
        room = bottom - y - titles + 6
        columns = 1 if len(items) * 16.0 * k <= room else 2
        lines = len(items) if columns == 1 else two
        pitch = max(_LEAST_PITCH * k, min(_PITCH * k, room / max(lines, 1)))
        free = int(room / pitch + 1e-6)
        free, left_out = (free - 1, 0) if free < lines else (free, 0)
        for title, rows in groups:
            if title and free > 0:
                write(axes, x, y, title, 11 * k, bold=True, colour=INK_2)
                y += 18 * k
            for line in packed(rows, width, size) if columns == 2 else [[row] for row in rows]:
                if free <= 0:
                    left_out += len(line)
                    continue
                free -= 1
                for i, item in enumerate(line):
                    _row(axes, item, x + i * width / 2, y, pitch, size, k, width - _SWATCH * k - 8)
                y += pitch
        if left_out:
            write(axes, x, y, f"图例放不下，另有 {left_out} 项", LEAST_PX * k, bold=True)

    least, good = (HEADING * k + titles + rows * _LEAST_PITCH * k for rows in (min(two, _MOST_ROWS), two))
    return Block(least=least, good=good, natural=max(good, HEADING * k + titles + len(items) * _PITCH * k), draw=draw)


def packed(rows: Sequence[LegendItem], width: float, size: float) -> list[list[LegendItem]]:
    """The items of each line: two side by side where both fit."""
    out: list[list[LegendItem]] = []
    half = width / 2 - _SWATCH - 16
    for item in rows:
        last = out[-1] if out else []
        fits = len(last) == 1 and text_width(item.label, size) <= half and text_width(last[0].label, size) <= half
        if fits:
            last.append(item)
        else:
            out.append([item])
    return out


def _row(axes: Axes, item: LegendItem, x: float, y: float, pitch: float, size: float, k: float, width: float) -> None:
    half = min(pitch, 16 * k) / 2 - 1.5
    wide = _SWATCH * k
    if item.point:
        axes.plot([x + wide / 2], [y], marker="o", ms=4.2 * k, mfc="#ffffff", mec=item.style.line, mew=1.1 * k, ls="none", zorder=6)
    else:
        shape: shapely.Geometry = shapely.box(x + 1, y - half, x + wide - 1, y + half)
        if item.line:
            shape = shapely.LineString([(x, y), (x + wide, y)])
        draw_style(axes, item.style, [shape], line=item.line, zorder=5)
    write(axes, x + wide + 7, y, cut(item.label, size, width), size)


def scale_block(frames: Sequence[Frame], k: float, width: float) -> Block:
    """Ratio, bar, north, coordinate system and grid; panels carry their own bars."""
    alone = len(frames) == 1
    frame = frames[-1]
    zones = sorted({(f.zone, f.meridian_deg) for f in frames})
    size = LEAST_PX * k
    lines = ["2000 国家大地坐标系（CGCS2000）", f"高斯—克吕格投影，3 度带第 {'、'.join(str(z) for z, _ in zones)} 带"]
    lines.append(f"中央经线 {'、'.join(f'{m:g}°' for _, m in zones)}；上方为坐标北")
    if alone:
        step = frame.grid(least_px=GRID_LEAST_PX, least_m=GRID_LEAST_M)[0]
        seconds = tick_step(frame)
        ticks = f"{seconds / 3600:g}°" if seconds >= 3600 else f"{seconds / 60:g}′" if seconds >= 60 else f"{seconds:g}″"
        lines.append(f"方里网 {length_text(step)}；图廓短线为经纬度，{ticks}")
    ready = [one for line in lines for one in wrapped(line, size, width)]
    head = 44.0 if alone else 22.0

    def draw(axes: Axes, x: float, right: float, y: float, bottom: float) -> None:
        y = heading(axes, x, right, y, "比例尺与坐标", k)
        if alone:
            ratio = f"1:{round(frame.scale):,}".replace(",", " ")
            write(axes, x, y + 2 * k, ratio, 15 * k, bold=True)
            start = text_width(ratio, 15 * k) + 16 * k
            _bar(axes, frame, x + start, y + 6 * k, (right - x) - start - 62 * k, k)
        else:
            write(axes, x, y, "各幅比例尺见图内", size)
        _north(axes, right - 14 * k, y + (2 * k if alone else -6 * k), k)
        y += head * k - 8 * k
        for line in ready:
            write(axes, x, y, line, size)
            y += _LINE * k

    height = (HEADING + head + _LINE * len(ready) - 8) * k
    return Block(least=height, good=height, natural=height, draw=draw)


def _north(axes: Axes, x: float, y: float, k: float) -> None:
    axes.fill([x, x + 6 * k, x], [y - 12 * k, y + 15 * k, y + 10 * k], color=INK, lw=0, zorder=6)
    axes.fill([x, x - 6 * k, x], [y - 12 * k, y + 15 * k, y + 10 * k], facecolor="#ffffff", edgecolor=INK, lw=0.8, zorder=6)
    write(axes, x - 15 * k, y, "北", 12 * k, bold=True, align="center")


def bar_length_m(frame: Frame, longest_px: float) -> int:
    """The round length of the bar."""
    return frame.scale_bar_m(longest_px)


def _bar(axes: Axes, frame: Frame, x: float, y: float, longest_px: float, k: float) -> None:
    """Four parts, and figures at 0, the middle and the end."""
    from matplotlib.patches import Rectangle

    whole = bar_length_m(frame, longest_px)
    parts, bar = 4, whole * frame.px_per_m
    for i in range(parts):
        face = INK if i % 2 == 0 else "#ffffff"
        part = Rectangle((x + bar * i / parts, y), bar / parts, 4.5 * k, facecolor=face, edgecolor=INK, lw=0.7, zorder=6)
        part.set_gid(f"scale-bar-{whole}")
        axes.add_patch(part)
    size = LEAST_PX * k
    write(axes, x, y - 8 * k, "0", size, align="center")
    if bar > 90 * k:
        write(axes, x + bar / 2, y - 8 * k, f"{whole / (2000 if whole >= 1000 else 2):g}", size, align="center")
    write(axes, x + bar, y - 8 * k, length_text(whole), size, align="center")


def table_block(
    title: str, head: Sequence[str], rows: Sequence[Sequence[str]], shares: Sequence[float], k: float, more: str, *, words: int = 1
) -> Block:
    """A three-line table: the first `words` columns are text, to the left, the others figures, to the right.

    more: said under a table that finds no room for all rows, with {shown} and {n}.
    """
    size, pitch = LEAST_PX * k, 14.5 * k

    def draw(axes: Axes, x: float, right: float, y: float, bottom: float) -> None:
        y = heading(axes, x, right, y, title, k)
        room = int((bottom - y - 22 * k) / pitch + 1e-6)
        shown = rows if len(rows) <= room else rows[: max(room - 1, 0)]
        ends = [x + (right - x) * sum(shares[: i + (i >= words)]) / sum(shares) for i in range(len(shares))]  # of words, where they begin
        axes.plot([x, right], [y - 9 * k] * 2, color=INK, lw=1.1)
        for i, (word, end) in enumerate(zip(head, ends, strict=True)):
            write(axes, end, y, word, size, bold=True, align="left" if i < words else "right")
        y += pitch
        axes.plot([x, right], [y - 6 * k] * 2, color=INK, lw=0.6)
        y += 3 * k
        for row in shown:
            for i, (cell, end) in enumerate(zip(row, ends, strict=True)):
                write(axes, end, y, cell, size, align="left" if i < words else "right")
            y += pitch
        axes.plot([x, right], [y - 6 * k] * 2, color=INK, lw=1.1)
        if len(shown) < len(rows):
            write(axes, x, y + 4 * k, more.format(shown=len(shown), n=len(rows)), size, colour=INK_2)

    if not rows:
        return Block(least=0, good=0, natural=0, draw=draw)
    least, good, natural = ((HEADING + 24) * k + (min(count, len(rows)) + 0.2) * pitch for count in (4, 10, len(rows)))
    return Block(least=least, good=good, natural=natural, draw=draw)
