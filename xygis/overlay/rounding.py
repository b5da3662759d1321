"""Whether the vertices of one border are those of another, rounded: tested where they were rounded, in the coordinates of its file."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from xygis.geodesy.ellipsoid import Floats
from xygis.overlay.border import Border
from xygis.overlay.following import FOLLOW_M, Mask, Strand
from xygis.overlay.prepared import Ints
from xygis.overlay.proofs import ToSource

GRIDS_M = (0.001, 0.01, 0.1, 1.0)
GRIDS_DEG = (1e-8, 1e-7, 1e-6, 1e-5)  # about the same, in degrees
_NOISE_M, _NOISE_DEG = 1e-5, 1e-10  # of the way from the plane back to the file's coordinates
_SHIFTED = 0.05  # of the grid: how well a displacement of rounded vertices is known
_FEW = 4  # vertices that rounding moved
_KEPT = 0.5  # share of vertices that lay on the grid already, from which on the others were moved on purpose
_ONE_WAY = 0.8  # |mean| ÷ root mean square of the moves: rounding moves vertices every way


@dataclass(frozen=True, slots=True, kw_only=True)
class Rounding:
    """For every patch the grid that it was rounded to, 0 where none; in degrees or metres. count: vertices tested."""

    grid: Floats
    degrees: bool
    count: Ints

    @property
    def holds(self) -> Mask:
        return self.grid > 0


def rounded(
    coarse: Strand, fine: Strand, of_coarse: Border, of_fine: Border, to_source: ToSource | None, count: int, back: Floats
) -> Rounding:
    """Whether every vertex of `coarse` is one of `fine` rounded, and every vertex of `fine` rounds to one of `coarse`.

    to_source: from the plane to the coordinates of the coarse file; None: the plane itself, as in a projected system, with an
    unknown origin of the grid. back: (2,) what takes the coarse border to the fine one first, where a layer is displaced.
    First with the vertices beyond the patch, and where they do not agree, with those that bound it alone.
    """
    there, here = _checked(coarse, of_coarse, of_fine, back), _checked(fine, of_fine, of_coarse, -back)
    both = np.concatenate(
        [
            np.column_stack([there.patch, there.own, there.other, there.core]),
            np.column_stack([here.patch, here.other, here.own, here.core]),
        ]
    )
    lost = (both[:, 1:3] < 0).any(axis=1)
    lost_core = np.bincount(both[lost & (both[:, 3] > 0), 0], minlength=count) > 0
    lost_any = np.bincount(both[lost, 0], minlength=count) > 0
    pairs = _distinct(both[~lost])
    patch, core = pairs[:, 0], pairs[:, 3] > 0
    to = to_source or (lambda xy: xy)
    own, theirs = to(of_coarse.xy[pairs[:, 1]]), to(of_fine.xy[pairs[:, 2]] - back)  # both in the coordinates of the coarse file
    degrees = to_source is not None and len(own) > 0 and bool((np.abs(own) <= 360).all())
    grids, noise = (GRIDS_DEG, _NOISE_DEG) if degrees else (GRIDS_M, _NOISE_M)
    grid, tested = np.zeros(count), np.zeros(count, np.int64)
    for some, refuted in ((np.ones(len(core), bool), lost_any), (core, lost_core)):
        for g in grids:
            holds, n = _on_grid(own[some], theirs[some], patch[some], g, noise, _SHIFTED * g if back.any() else 0.0, count)
            new = holds & ~refuted & (grid == 0)
            grid[new], tested[new] = g, n[new]
    return Rounding(grid=grid, degrees=degrees, count=tested)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Checked:
    """Vertices of one border that must have a counterpart, and which node of the other that is; −1: none."""

    patch: Ints
    own: Ints
    other: Ints
    core: Mask


def _checked(strand: Strand, own: Border, opposite: Border, back: Floats) -> _Checked:
    must = strand.bends
    number, other = strand.number[must], strand.partner[must]
    if back.any():
        each, of = np.unique(number, return_inverse=True)
        other = opposite.nearest_node(own.xy[each] + back, FOLLOW_M)[of]
    return _Checked(patch=strand.patch[must], own=number, other=other, core=strand.core[must])


def _distinct(pairs: Ints) -> Ints:
    """Rows (patch, vertex of the coarse border, vertex of the fine one, whether one bounds the patch), one for each pair."""
    order = np.lexsort((-pairs[:, 3], pairs[:, 2], pairs[:, 1], pairs[:, 0]))
    rows = pairs[order]
    new = np.ones(len(rows), bool)
    new[1:] = (rows[1:, :3] != rows[:-1, :3]).any(axis=1)
    return rows[new]


def _on_grid(own: Floats, theirs: Floats, patch: Ints, grid: float, noise: float, slack: float, count: int) -> tuple[Mask, Ints]:
    """(holds, vertices moved) for pairs of a vertex of the coarse and one of the fine border, for one grid."""
    origin = np.zeros((count, 2))
    origin[patch[::-1]] = own[::-1]  # the first of each patch
    steps = (own - origin[patch]) / grid
    off_grid = (np.abs(steps - np.round(steps)) * grid > noise).any(axis=1)
    finer = (theirs - origin[patch]) / (grid / 10)
    fine_off = np.bincount(patch[(np.abs(finer - np.round(finer)) * grid / 10 > noise).any(axis=1)], minlength=count) > 0
    twice = np.where(fine_off, 0.0, grid / 20)[patch]  # the fine one was rounded too, ten times finer, from the same original
    move = theirs - own
    far = (np.abs(move) > grid / 2 + twice[:, None] + slack + noise).any(axis=1)
    refuted = np.bincount(patch[off_grid | far], minlength=count) > 0
    moved = (np.abs(move) > noise).any(axis=1)
    n, all_n = np.bincount(patch[moved], minlength=count), np.bincount(patch, minlength=count)
    size = np.maximum(n, 1)
    mean = np.hypot(np.bincount(patch[moved], move[moved, 0], count), np.bincount(patch[moved], move[moved, 1], count)) / size
    spread = np.sqrt(np.bincount(patch[moved], (move[moved] ** 2).sum(axis=1), count) / size)
    holds = ~refuted & (n >= _FEW) & (all_n - n <= _KEPT * all_n) & (mean <= _ONE_WAY * spread)
    return holds, n.astype(np.int64)
