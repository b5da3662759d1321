"""Compares edge lengths that a file states with those between its points: the file's own word on its coordinates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from xygis.geodesy.ellipsoid import Floats

SAME_M = 0.02  # coordinates and lengths are each rounded to a centimetre or less
DOUBT_M = 0.1  # beyond, a digit is wrong in the one or in the other
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


def compare_edges(rings: list[Floats], stated: list[Floats]) -> EdgeCheck | None:
    """The stated lengths against the computed ones, or None where the numbers are no edge lengths.

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
        if compared - len(odd) > max(1, _MOST * compared) and (best is None or len(odd) < len(best.odd)):
            best = EdgeCheck(compared=compared, odd=tuple(odd))
    return best
