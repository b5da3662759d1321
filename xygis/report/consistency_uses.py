"""用途矩阵: where two plans both build, use against use, as one table for each pair of plans."""

from __future__ import annotations

import math

from xygis.consistency.result import Consistency
from xygis.consistency.uses import CONFLICT, OPEN, SAME, UseMatrix
from xygis.numbers import hectares
from xygis.report.consistency_tables import titles
from xygis.report.table import Cell, Column, Kind, Table


def use_tables(consistency: Consistency) -> tuple[Table, ...]:
    """A table for each matrix of the run; its cells add up to its rows, columns and total."""
    names = titles(consistency)
    return tuple(_table(matrix, names) for matrix in consistency.use_matrix or () if matrix.cells)


def _table(matrix: UseMatrix, names: dict[str, str]) -> Table:
    a, b = names.get(matrix.a, matrix.a), names.get(matrix.b, matrix.b)
    area = {(cell.a, cell.b): cell.area_m2 for cell in matrix.cells}
    body: tuple[tuple[Cell, ...], ...] = tuple(
        (row, *(area.get((row, column)) for column in matrix.columns), math.fsum(area.get((row, c), 0.0) for c in matrix.columns))
        for row in matrix.rows
    )
    sums = tuple(math.fsum(area.get((row, column), 0.0) for row in matrix.rows) for column in matrix.columns)
    columns = (
        Column(key="use", title=f"{a} ＼ {b}", kind=Kind.NAME),
        *(Column(key=f"use{i}", title=column, kind=Kind.HA) for i, column in enumerate(matrix.columns)),
        Column(key="sum", title="合计", kind=Kind.HA),
    )
    note = (
        f"单位：公顷。均规划为建设的 {hectares(matrix.total_m2())} 公顷中，用途一致 {hectares(matrix.total_m2(SAME))}、"
        f"不同 {hectares(matrix.total_m2(CONFLICT))}、未定 {hectares(matrix.total_m2(OPEN))}；按地类对照表归类。"
    )
    return Table(title=f"用途矩阵：{a}（行）与{b}（列）", columns=columns, rows=body, total=("合计", *sums, math.fsum(sums)), notes=(note,))
