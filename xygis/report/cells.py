"""A table's cells as they are printed: rounded once, closed to their totals, the same in every rendering."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from xygis import numbers
from xygis.atlas.verdict import DataState, LayerState, Verdict
from xygis.report.table import Cell, Column, Kind, Table

_SCALES: dict[Kind, tuple[float, int]] = {
    Kind.HA: (numbers.M2_PER_HA, 4),
    Kind.MU: (numbers.M2_PER_MU, 2),
    Kind.M2: (1.0, 2),
    Kind.SHARE: (0.01, 1),
}
RIGHT = frozenset({*_SCALES, Kind.LIMIT_HA, Kind.DIFFERENCE, Kind.METRES, Kind.COUNT, Kind.FIGURE})


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedCell:
    """What stands in one cell. `blank`: the dash of 不涉及; `verdicts`: one, or the two ends of a range.

    shade: how dark the ground is, 0 for none, 1 … 5 from pale to dark.
    """

    text: str
    kind: Kind
    blank: bool = False
    verdicts: tuple[Verdict, ...] = ()
    state: LayerState | None = None
    shade: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedTable:
    """A table ready to be set. below: a second line under the total, in another unit."""

    table: Table
    rows: tuple[tuple[PrintedCell, ...], ...]
    total: tuple[PrintedCell, ...] | None
    below: tuple[PrintedCell, ...] | None = None

    def texts(self, row: int) -> dict[str, str]:
        """Column key → what is printed in that row: sentences take their numbers from here."""
        return {column.key: cell.text for column, cell in zip(self.table.columns, self.rows[row], strict=True)}

    @property
    def long(self) -> bool:
        """Too long to be kept on one page."""
        return len(self.rows) > 14


def print_table(table: Table) -> PrintedTable:
    """The table with every cell as text. Columns and rows that add up before rounding add up in print."""
    body = [list(row) for row in table.rows]
    every = body + ([list(table.total)] if table.total is not None else [])
    units = _closed_units(table, every)
    printed = tuple(
        tuple(_print(cell, column.kind, units.get((i, j))) for j, (cell, column) in enumerate(zip(row, table.columns, strict=True)))
        for i, row in enumerate(every)
    )
    return PrintedTable(table=table, rows=printed[: len(body)], total=printed[-1] if table.total is not None else None)


def _closed_units(table: Table, every: list[list[Cell]]) -> dict[tuple[int, int], int]:
    """(row, column) → last-place units, for the cells that had to be rounded together."""
    units: dict[tuple[int, int], int] = {}
    index = {c.key: j for j, c in enumerate(table.columns)}
    last = len(table.rows) if table.total is not None else None
    for j, column in enumerate(table.columns):
        if column.kind not in _SCALES:
            continue
        members = [index[key] for key in column.sum_of]
        if members:
            _close_across(units, table.columns, every, members, j, last)
    for j, column in enumerate(table.columns):
        if column.kind in _SCALES and last is not None and (last, j) not in units:
            _close_down(units, column, every, j, last)
    return units


def _close_down(units: dict[tuple[int, int], int], column: Column, every: list[list[Cell]], j: int, last: int) -> None:
    """A column with its total below."""
    values = [_number(row[j]) for row in every[:last]]
    if not _adds_up(values, every[last][j]):
        return
    scale, decimals = _SCALES[column.kind]
    closed = numbers.close(values, scale=scale, decimals=decimals)
    units.update({(i, j): u for i, u in enumerate(closed)})
    units[last, j] = sum(closed)


def _close_across(
    units: dict[tuple[int, int], int], columns: Sequence[Column], every: list[list[Cell]], members: list[int], j: int, last: int | None
) -> None:
    """Columns that add up to column j; with a total row below, in both directions at once."""
    scale, decimals = _SCALES[columns[j].kind]
    if last is not None and all(_adds_up([_number(row[m]) for row in every[:last]], every[last][m]) for m in (*members, j)):
        grid = numbers.close_grid([[_number(row[m]) for row in every[:last]] for m in members], scale=scale, decimals=decimals)
        for m, column in zip(members, grid, strict=True):
            units.update({(i, m): u for i, u in enumerate(column)})
            units[last, m] = sum(column)
        for i, row_units in enumerate(zip(*grid, strict=True)):
            units[i, j] = sum(row_units)
        units[last, j] = sum(map(sum, grid))
        return
    for i, row in enumerate(every):
        values = [_number(row[m]) for m in members]
        if _adds_up(values, row[j]):
            closed = numbers.close(values, scale=scale, decimals=decimals)
            units.update({(i, m): u for m, u in zip(members, closed, strict=True)})
            units[i, j] = sum(closed)


def _number(cell: Cell) -> float:
    return float(cell) if isinstance(cell, (int, float)) else 0.0


def _adds_up(values: Sequence[float], total: Cell) -> bool:
    if not isinstance(total, (int, float)):
        return False
    return math.isclose(math.fsum(values), total, rel_tol=1e-9, abs_tol=1e-6)


def _print(cell: Cell, kind: Kind, units: int | None) -> PrintedCell:
    if isinstance(cell, Verdict):
        return PrintedCell(text=cell.label, kind=kind, verdicts=(cell,))
    if isinstance(cell, LayerState):
        return PrintedCell(text=cell.label, kind=kind, state=cell)
    if isinstance(cell, DataState):
        return PrintedCell(text=cell.label, kind=kind, state=None if cell == DataState.READY else LayerState.NO_DATA)
    if isinstance(cell, tuple):
        return PrintedCell(text=f"{cell[0].label} 至 {cell[1].label}", kind=kind, verdicts=cell)
    if cell is None:
        return PrintedCell(text=numbers.DASH, kind=kind, blank=True)
    if isinstance(cell, str):
        return PrintedCell(text=cell, kind=kind, state=LayerState.NO_DATA if kind == Kind.STATE else None)
    return PrintedCell(text=_figure(cell, kind, units), kind=kind)


def _figure(value: float | int, kind: Kind, units: int | None) -> str:
    if kind in _SCALES:
        scale, decimals = _SCALES[kind]
        u = numbers.nearest(value, scale=scale, decimals=decimals) if units is None else units
        text = numbers.units_text(u, decimals=decimals, real=value != 0)
        return f"{text} %" if kind == Kind.SHARE else text
    if kind == Kind.LIMIT_HA:
        return numbers.hectares_at_limit(value)
    if kind == Kind.METRES:
        return numbers.metres(value)
    if kind == Kind.DIFFERENCE:
        return numbers.signed_square_metres(value)
    return numbers.count(int(value)) if kind == Kind.COUNT else f"{value:g}"
