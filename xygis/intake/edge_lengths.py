"""Compares edge lengths that a file states with those between its points: the file's own word on its coordinates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from xygis.geodesy.ellipsoid import Floats

# Two points rounded to a centimetre are at most 0.014 m out along an edge, its own length 0.005 m: together below 0.02.
SAME_M = 0.02
# Beyond this a digit is wrong in the one or in the other: the error allowed to a boundary point of the first class (TD/T 1001-2012,
# 一级界址点允许误差 ±10 cm; not read in the official text).
DOUBT_M = 0.1
_MOST = 0.6  # of the numbers must be edge lengths for the column to be one


@dataclass(frozen=True, slots=True, kw_only=True)
class OddEdge:
    """An edge whose stated length is another: from which point of which ring, and both lengths in metres."""

    ring: int
    point: int
    stated_m: float
    computed_m: float


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeCheck:
    """What a column of numbers beside the points turned out to be."""

    compared: int
    odd: tuple[OddEdge, ...]
    ends: bool = False  # a length stands with the point where its edge ends


def compare_edges(rings: list[Floats], stated: list[Floats], *, named: bool = False) -> EdgeCheck | None:
    """The stated lengths against the computed ones, or None where the numbers are no edge lengths (never where their head names them).

    rings: closed, (n + 1, 2) in metres. stated: (n,) for each, NaN where nothing is stated. A length stands with the point where
    its edge begins, or with the one where it ends: that which fits more of them is taken.
    """
    best: EdgeCheck | None = None
    for turn in (0, 1):
        odd: list[OddEdge] = []
        compared = 0
        for k, (ring, lengths) in enumerate(zip(rings, stated, strict=True)):
            edges = np.roll(np.hypot(*np.diff(ring, axis=0).T), turn)
            known = np.flatnonzero(~np.isnan(lengths))
            compared += len(known)
            off = known[np.abs(edges[known] - lengths[known]) > SAME_M]
            odd += [OddEdge(ring=k, point=int(i), stated_m=float(lengths[i]), computed_m=float(edges[i])) for i in off]
        known_as_edges = named or compared - len(odd) > max(1, _MOST * compared)
        if known_as_edges and (best is None or len(odd) < len(best.odd)):
            best = EdgeCheck(compared=compared, odd=tuple(odd), ends=bool(turn))
    return best
