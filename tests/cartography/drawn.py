"""Sheets drawn once for many tests: every text with its size and the rectangle that it really covers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from xygis.cartography.placing import Placed
from xygis.cartography.sheet import MapSheet
from xygis.cartography.sheet_draw import draw_plan, plain_figure


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """size_pt: of the font; area: in px of 1/96 inch, turned as it stands."""

    words: str
    size_pt: float
    area: shapely.Polygon


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnSheet:
    sheet: MapSheet
    texts: tuple[Text, ...]
    placed: tuple[Placed, ...]
    bars: tuple[tuple[float, float], ...]  # (length in m that it says, width in px) of each part of the scale bar

    @property
    def words(self) -> list[str]:
        return [text.words for text in self.texts]


def draw_all(sheets: Sequence[MapSheet]) -> tuple[DrawnSheet, ...]:
    return tuple(_draw(sheet) for sheet in sheets)


def _draw(sheet: MapSheet) -> DrawnSheet:
    from matplotlib.patches import Rectangle
    from matplotlib.text import Text as Letters

    layout = sheet.plan.layout
    with plain_figure(sheet.atlas, layout.width, layout.height, 96) as figure:
        placed = draw_plan(figure, sheet.plan, sheet.atlas)
        figure.draw_without_rendering()
        found = [t for t in figure.findobj(Letters) if t.get_text().strip() and t.get_visible()]
        texts = tuple(_text(t) for t in found)
        bars = [r for r in figure.findobj(Rectangle) if str(r.get_gid() or "").startswith("scale-bar-")]
        widths = tuple((float(str(r.get_gid()).removeprefix("scale-bar-")), float(r.get_width())) for r in bars)
    return DrawnSheet(sheet=sheet, texts=texts, placed=placed, bars=widths)


def _text(letters: object) -> Text:
    turn = letters.get_rotation()  # type: ignore[attr-defined]
    around = letters.get_window_extent()  # type: ignore[attr-defined]
    middle = ((around.x0 + around.x1) / 2, (around.y0 + around.y1) / 2)
    letters.set_rotation(0)  # type: ignore[attr-defined]
    level = letters.get_window_extent()  # type: ignore[attr-defined]
    letters.set_rotation(turn)  # type: ignore[attr-defined]
    half_w, half_h = level.width / 2, level.height / 2
    a = math.radians(turn)
    corners = np.array([[-half_w, -half_h], [half_w, -half_h], [half_w, half_h], [-half_w, half_h]])
    corners = corners @ np.array([[math.cos(a), math.sin(a)], [-math.sin(a), math.cos(a)]]) + middle
    return Text(words=letters.get_text(), size_pt=letters.get_fontsize(), area=shapely.Polygon(corners))  # type: ignore[attr-defined]
