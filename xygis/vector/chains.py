"""Open pieces of line put together where their ends meet: closed ones become rings, the others are told with their gap."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from xygis.geodesy.ellipsoid import Floats

MEET_M = 0.001  # ends this near are one point


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenChain:
    """A run of pieces that does not close."""

    points: Floats
    pieces: int

    @property
    def gap_m(self) -> float:
        return float(np.hypot(*(self.points[0] - self.points[-1])))

    @property
    def length_m(self) -> float:
        return float(np.hypot(*np.diff(self.points, axis=0).T).sum())

    @property
    def nearly_closed(self) -> bool:
        """True where somebody surely meant to close it: at most a metre is missing, and little of the whole."""
        return len(self.points) > 3 and self.gap_m <= 1.0 and self.length_m >= 10.0 * self.gap_m


def chained(pieces: list[Floats]) -> tuple[list[tuple[Floats, int]], list[OpenChain]]:
    """(rings with the number of pieces in each, open chains). Pieces go on only where exactly two ends meet; a fork ends a chain."""
    node = _nodes(np.array([p[k] for p in pieces for k in (0, -1)]).reshape(-1, 2))
    ends: dict[int, list[tuple[int, int]]] = defaultdict(list)  # node → (piece, which end)
    for i in range(len(pieces)):
        for side in (0, 1):
            ends[node[2 * i + side]].append((i, side))
    left = set(range(len(pieces)))
    rings: list[tuple[Floats, int]] = []
    chains: list[OpenChain] = []
    beginnings = [(i, s) for n in ends if len(ends[n]) != 2 for i, s in ends[n]] + [(i, 0) for i in range(len(pieces))]
    for i, side in beginnings:
        if i not in left:
            continue
        points, used, closed = _walk(pieces, node, ends, left, i, side)
        if closed and len(points) > 3:
            rings.append((points, used))
        else:
            chains.append(OpenChain(points=points, pieces=used))
    return rings, chains


def _walk(
    pieces: list[Floats], node: list[int], ends: dict[int, list[tuple[int, int]]], left: set[int], first: int, side: int
) -> tuple[Floats, int, bool]:
    """From one end of a piece on, as long as there is one way to go."""
    start = node[2 * first + side]
    at, entered, run = first, side, []
    while True:
        left.discard(at)
        run.append(pieces[at] if entered == 0 else pieces[at][::-1])
        here = node[2 * at + 1 - entered]
        onward = [(i, s) for i, s in ends[here] if i in left] if len(ends[here]) == 2 else []
        if not onward:
            break
        at, entered = onward[0]
    closed = here == start
    points = np.vstack([run[0], *(p[1:] for p in run[1:])])
    if closed:
        points[-1] = points[0]
    return points, len(run), closed


def _nodes(points: Floats) -> list[int]:
    """A number for each end; ends within MEET_M of one another share it."""
    cells: dict[tuple[int, int], list[int]] = defaultdict(list)
    numbers: list[int] = []
    representatives: list[tuple[float, float]] = []
    for x, y in points.tolist():
        column, row = int(x // MEET_M), int(y // MEET_M)
        found = next(
            (
                n
                for i in (-1, 0, 1)
                for j in (-1, 0, 1)
                for n in cells.get((column + i, row + j), ())
                if abs(representatives[n][0] - x) <= MEET_M and abs(representatives[n][1] - y) <= MEET_M
            ),
            None,
        )
        if found is None:
            found = len(representatives)
            representatives.append((x, y))
            cells[column, row].append(found)
        numbers.append(found)
    return numbers
