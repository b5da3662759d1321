"""`Motif`: a pattern as strokes on a tile, so that SVG, printed maps and legend swatches draw the very same one."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Stroke = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Motif:
    """A tile in CSS px (y down), turned by `angle_deg`, with polylines of one width."""

    width: float
    height: float
    strokes: tuple[Stroke, ...]
    stroke_px: float
    angle_deg: float = 0.0
    opacity: float = 1.0
    round_caps: bool = False

    def over(self, left: float, top: float, right: float, bottom: float) -> list[NDArray[np.float64]]:
        """The strokes of every tile that may touch a rectangle, each (n, 2) in px. Tiles hang on the origin, as in SVG."""
        turn = math.radians(self.angle_deg)
        back = np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])  # row vectors: page → tile space
        corners = np.array([[left, top], [right, top], [right, bottom], [left, bottom]]) @ back
        i0, j0 = np.floor(corners.min(axis=0) / (self.width, self.height)).astype(int)
        i1, j1 = np.ceil(corners.max(axis=0) / (self.width, self.height)).astype(int)
        out = []
        for stroke in self._joined(i1 - i0, j1 - j0):
            points, repeat_i, repeat_j = stroke
            for i in range(i0, i1) if repeat_i else (i0,):
                for j in range(j0, j1) if repeat_j else (j0,):
                    out.append((points + (i * self.width, j * self.height)) @ back.T)
        return out

    def _joined(self, columns: int, rows: int) -> list[tuple[NDArray[np.float64], bool, bool]]:
        """(points, repeat over columns, repeat over rows): strokes that run through the tile become one long line."""
        out = []
        for stroke in self.strokes:
            (x0, y0), (x1, y1) = stroke[0], stroke[-1]
            if len(stroke) == 2 and x0 == x1 and y0 == 0 and y1 == self.height:
                out.append((np.array([[x0, 0.0], [x0, rows * self.height]]), True, False))
            elif len(stroke) == 2 and y0 == y1 and x0 == 0 and x1 == self.width:
                out.append((np.array([[0.0, y0], [columns * self.width, y0]]), False, True))
            else:
                out.append((np.array(stroke, dtype=float), True, True))
        return out


MOTIFS = {
    "hatch45": Motif(width=7, height=7, strokes=(((0, 0), (0, 7)),), stroke_px=1.5, angle_deg=45),
    "hatch135": Motif(width=8, height=8, strokes=(((0, 0), (0, 8)),), stroke_px=0.9, angle_deg=-45),
    "ticks": Motif(width=12, height=12, strokes=(((1.5, 4.6), (3, 2), (4.5, 4.6)), ((7.5, 10.6), (9, 8), (10.5, 10.6))), stroke_px=1.1),
    "dashes": Motif(width=9, height=9, strokes=(((0, 4.5), (5, 4.5)),), stroke_px=1, opacity=0.75),
    "lines": Motif(width=6, height=6, strokes=(((0, 3), (6, 3)),), stroke_px=0.7, opacity=0.55),
    "bars": Motif(width=7, height=10, strokes=(((2, 1), (2, 6)), ((5.5, 6), (5.5, 10))), stroke_px=0.8, opacity=0.8),
    "waves": Motif(
        width=14,
        height=8,
        strokes=(((0, 3), (1.75, 1.8), (3.5, 3), (5.25, 4.2), (7, 3)), ((7, 7), (8.75, 5.8), (10.5, 7), (12.25, 8.2), (14, 7))),
        stroke_px=0.9,
    ),
    "grid": Motif(width=8, height=8, strokes=(((4, 0), (4, 8)), ((0, 4), (8, 4))), stroke_px=0.8),
    "hills": Motif(width=16, height=12, strokes=(((2, 9), (6, 3), (10, 9)),), stroke_px=1),
    "dots": Motif(width=9, height=9, strokes=(((1.8, 2), (2.2, 2)), ((6.3, 6.5), (6.7, 6.5))), stroke_px=1.7, round_caps=True),
    "cross": Motif(width=6, height=6, strokes=(((0, 0), (0, 6)), ((0, 0), (6, 0))), stroke_px=1.5, angle_deg=45),
    "broken": Motif(width=8, height=8, strokes=(((0, 0), (0, 3)), ((0, 5), (0, 8))), stroke_px=1.2, angle_deg=-45),
}
