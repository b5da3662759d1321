"""Conflicts of use where two plans both build: use group against use group, in m² by county, from arrays of places."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from xygis.atlas.crosswalk import Terms, parted
from xygis.geodesy.ellipsoid import Floats
from xygis.overlay.kernel.pieces import Ints

UNDECIDED = "用途未定"
SAME, CONFLICT, OPEN = "same", "conflict", "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class UseCell:
    """All places where the one plan has use a and the other use b. open: one of them is not known well enough to say."""

    a: str
    b: str
    relation: str  # same | conflict | open
    area_m2: float
    by_county: tuple[float, ...]  # m², in the order of the matrix's counties


@dataclass(frozen=True, slots=True, kw_only=True)
class UseMatrix:
    """Two plans where both build. Its cells close to the area of the places that it was made from, in each county."""

    a: str  # layer
    b: str
    counties: tuple[tuple[str | None, str], ...]  # code, name
    cells: tuple[UseCell, ...]  # by the order of the use groups, undecided last; only those with an area

    def total_m2(self, relation: str | None = None) -> float:
        """Area of the cells of one relation, or of all."""
        return math.fsum(cell.area_m2 for cell in self.cells if relation in (None, cell.relation))

    @property
    def rows(self) -> tuple[str, ...]:
        """The uses of a that occur."""
        return tuple(dict.fromkeys(cell.a for cell in self.cells))

    @property
    def columns(self) -> tuple[str, ...]:
        """The uses of b that occur, in the order of the rows where they are the same."""
        found = {cell.b: cell for cell in self.cells}
        return tuple(
            sorted(found, key=lambda name: (name == UNDECIDED, "或" in name, name not in self.rows, _place(name, self.rows), name))
        )


def use_matrix(
    a: tuple[str, Sequence[Terms]],
    b: tuple[str, Sequence[Terms]],
    group_a: Ints,
    group_b: Ints,
    area_m2: Floats,
    county: Ints,
    *,
    counties: Sequence[tuple[str | None, str]],
    uses: Sequence[str],
) -> UseMatrix:
    """The matrix of some places on which both plans build.

    a, b: layer id, and the terms that its group numbers stand for (`Ground.terms`). group_a, group_b: number of the terms of
    each place; area_m2: its official area; county: its number in `counties`. uses: all use groups in their order.
    A place counts as it is handed in: places must not lie on one another.
    """
    everything = frozenset(uses)
    shape = (max(len(a[1]), 1), max(len(b[1]), 1), len(counties))
    flat = np.ravel_multi_index((group_a, group_b, county), shape) if len(area_m2) else np.zeros(0, np.int64)
    sums = np.bincount(flat, weights=area_m2, minlength=math.prod(shape)).reshape(shape)
    seen = np.bincount(flat, minlength=math.prod(shape)).reshape(shape).sum(axis=2) > 0
    order = {use: i for i, use in enumerate(uses)}
    found = []
    for i, j in np.argwhere(seen).tolist():
        of_a, of_b = a[1][i] or everything, b[1][j] or everything
        by_county = tuple(sums[i, j].tolist())
        cell = UseCell(
            a=_title(of_a, uses),
            b=_title(of_b, uses),
            relation={True: CONFLICT, False: SAME, None: OPEN}[parted(of_a, of_b)],
            area_m2=math.fsum(by_county),
            by_county=by_county,
        )
        found.append((_rank(of_a, order), _rank(of_b, order), cell))
    return UseMatrix(a=a[0], b=b[0], counties=tuple(counties), cells=tuple(c for _, _, c in sorted(found, key=lambda entry: entry[:2])))


def _title(terms: Terms, uses: Sequence[str]) -> str:
    return UNDECIDED if len(terms) == len(uses) else "或".join(use for use in uses if use in terms)


def _rank(terms: Terms, order: dict[str, int]) -> tuple[int, ...]:
    """One use by its place, then those of several, undecided last."""
    return (len(terms) == len(order), len(terms), *sorted(order[use] for use in terms))


def _place(name: str, names: Sequence[str]) -> int:
    return names.index(name) if name in names else len(names)
