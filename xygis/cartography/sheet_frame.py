"""The frame of a printed map: inner line, kilometre figures in the band, ticks of longitude and latitude, neat line."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from xygis.cartography.frame import Frame, kilometres
from xygis.cartography.ink import INK, box, write
from xygis.cartography.lettering import Room
from xygis.cartography.paper import LEAST_PX, Rect
from xygis.cartography.plot import PT_PER_PX
from xygis.cartography.svg import text_width
from xygis.geodesy.crs import to_geographic

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_STEPS_S = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200)
_TICK = 7.0
GRID_LEAST_PX = 105.0
GRID_LEAST_M = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """Where a meridian or parallel meets an edge of the map. at: px along that edge, from the left or from the top."""

    edge: str  # top | bottom | left | right
    at: float
    words: str


def degree_ticks(frame: Frame, *, least_px: float = 150.0) -> tuple[Tick, ...]:
    """Ticks at round minutes or seconds, at least `least_px` apart."""
    out: list[Tick] = []
    share = np.linspace(0.0, 1.0, 65)
    x, y = frame.west_m + share * (frame.east_m - frame.west_m), frame.north_m - share * (frame.north_m - frame.south_m)
    edges = {
        "top": (x, np.full(65, frame.north_m), 0, frame.width),
        "bottom": (x, np.full(65, frame.south_m), 0, frame.width),
        "left": (np.full(65, frame.west_m), y, 1, frame.height),
        "right": (np.full(65, frame.east_m), y, 1, frame.height),
    }
    for edge, (xs, ys, axis, length) in edges.items():
        seconds = to_geographic(frame.crs, xs, ys)[axis] * 3600
        step = tick_step(frame, least_px)
        low, high = sorted((float(seconds[0]), float(seconds[-1])))
        for i in range(math.ceil(low / step), math.floor(high / step) + 1):
            rising = seconds if seconds[-1] > seconds[0] else seconds[::-1]
            along = share if seconds[-1] > seconds[0] else share[::-1]
            out.append(Tick(edge=edge, at=float(np.interp(i * step, rising, along)) * length, words=degrees_text(i * step, step)))
    return tuple(out)


def tick_step(frame: Frame, least_px: float = 150.0) -> float:
    """Seconds of arc between ticks."""
    px_per_s = frame.px_per_m * 26.2  # of longitude at 32°, the shorter; only for spacing
    return next((s for s in _STEPS_S if s * px_per_s >= least_px), _STEPS_S[-1])


def degrees_text(seconds: float, step: float) -> str:
    """112°05′, 112°05′30″, 112°05′30.5″."""
    tenths = round(seconds * 10)
    degrees, rest = divmod(tenths, 36_000)
    minutes, rest = divmod(rest, 600)
    if step >= 60:
        return f"{degrees}°{minutes:02d}′"
    return f"{degrees}°{minutes:02d}′{rest / 10:04.1f}″" if step < 1 else f"{degrees}°{minutes:02d}′{rest // 10:02d}″"


def draw_ticks(axes: Axes, frame: Frame, room: Room, k: float) -> None:
    """Ticks inside the map on all edges, figures at the upper and left one; axes of the map."""
    from matplotlib.patheffects import withStroke

    size = LEAST_PX * k
    halo = [withStroke(linewidth=2.2, foreground="#ffffff")]
    for tick in degree_ticks(frame):
        x, y = (tick.at, 0.0 if tick.edge == "top" else frame.height) if tick.edge in ("top", "bottom") else (0.0, tick.at)
        x = frame.width if tick.edge == "right" else x
        dx, dy = {"top": (0, 1), "bottom": (0, -1), "left": (1, 0), "right": (-1, 0)}[tick.edge]
        axes.plot([x, x + dx * _TICK], [y, y + dy * _TICK], color=INK, lw=1.5, zorder=8_000, solid_capstyle="butt")
        wide = text_width(tick.words, size)
        if tick.edge == "top" and wide / 2 + 60 < tick.at < frame.width - wide / 2 - 8:
            spot, align = (tick.at, _TICK + size * 0.75), "center"
            room.block((tick.at - wide / 2 - 2, 0, tick.at + wide / 2 + 2, _TICK + size * 1.5))
        elif tick.edge == "left" and 40 < tick.at < frame.height - 14:
            spot, align = (_TICK + 4, tick.at), "left"
            room.block((0, tick.at - size * 0.8, _TICK + 6 + wide, tick.at + size * 0.8))
        else:
            continue
        axes.text(
            *spot,
            tick.words,
            fontsize=size * PT_PER_PX,
            fontweight="bold",
            color=INK,
            ha=align,
            va="center_baseline",
            path_effects=halo,
            zorder=8_001,
        )


def draw_band(axes: Axes, frame: Frame, rect: Rect, band: float, k: float) -> None:
    """Inner line, and between it and the neat line kilometre figures with the zone in front of eastings; axes of the page."""
    left, top, width, height = rect
    box(axes, left, top, left + width, top + height, edge=INK, width=0.6)
    step, eastings, northings = frame.grid(least_px=GRID_LEAST_PX, least_m=GRID_LEAST_M)
    size = 11.5 * k
    for easting in eastings:
        x = left + (easting - frame.west_m) * frame.px_per_m
        words = kilometres(easting, step)
        half = text_width(words, size) / 2
        prefix = text_width(str(frame.zone), LEAST_PX * k)
        if left + half + prefix < x < left + width - half:
            for y in (top - band / 2, top + height + band / 2):
                write(axes, x, y, words, size, bold=True, align="center")
                write(axes, x - half - 2, y, str(frame.zone), LEAST_PX * k, align="right")
        _short(axes, ((x, x), (top - 5, top)), ((x, x), (top + height, top + height + 5)))
    for northing in northings:
        y = top + (frame.north_m - northing) * frame.px_per_m
        words = kilometres(northing, step)
        half = text_width(words, size) / 2
        if top + half < y < top + height - half:
            for x in (left - band / 2, left + width + band / 2):
                write(axes, x, y, words, size, bold=True, align="center", turn=90)
        _short(axes, ((left - 5, left), (y, y)), ((left + width, left + width + 5), (y, y)))


def _short(axes: Axes, *strokes: Sequence[tuple[float, float]]) -> None:
    for xs, ys in strokes:
        axes.plot(xs, ys, color=INK, lw=0.5)
