"""Text, lines and boxes of a sheet's margin, on axes that span the whole page in px, y down."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from xygis.cartography.plot import PT_PER_PX
from xygis.cartography.svg import text_width

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INK = "#1a2027"
INK_2 = "#46515b"


def write(
    axes: Axes,
    x: float,
    y: float,
    words: str,
    size_px: float,
    *,
    bold: bool = False,
    colour: str = INK,
    align: str = "left",
    turn: float = 0.0,
) -> None:
    """One line of text, its middle height at y."""
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


def rule(axes: Axes, x: float, right: float, y: float, width_pt: float = 0.9, colour: str = INK) -> None:
    """A level line."""
    axes.plot([x, right], [y, y], color=colour, lw=width_pt, solid_capstyle="butt")


def heading(axes: Axes, x: float, right: float, y: float, words: str, k: float) -> float:
    """A ruled heading; returns where its content begins."""
    rule(axes, x, right, y)
    write(axes, x, y + 13 * k, words, 13.5 * k, bold=True)
    return y + HEADING * k


HEADING = 31.0  # height of a heading, times the factor of the lettering


def box(axes: Axes, x0: float, y0: float, x1: float, y1: float, *, edge: str, width: float, face: str = "none") -> None:
    """A rectangle with square corners."""
    from matplotlib.patches import Rectangle

    axes.add_patch(Rectangle((x0, y0), x1 - x0, y1 - y0, facecolor=face, edgecolor=edge, lw=width, joinstyle="miter", zorder=5))


def wrapped(words: str, size: float, width: float) -> list[str]:
    """Lines no wider than `width`; file names, dates and figures stay in one piece where a line can hold them."""
    out, now = [], ""
    for piece in re.findall(r"[!-~±]+|.", words):
        for part in (piece,) if text_width(piece, size) <= width else piece:
            if now and text_width(now + part, size) > width and part not in "，。、；：）":  # no line begins with these
                out.append(now)
                now = ""
            now += part
    return [*out, now] if now else out


def cut(words: str, size: float, width: float) -> str:
    """The text, or its beginning with … where it is too wide."""
    if text_width(words, size) <= width:
        return words
    while words and text_width(words + "…", size) > width:
        words = words[:-1]
    return words + "…"
