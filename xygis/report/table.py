"""The one table model from which every rendering is made: HTML now, Word, Excel and PDF later.

A cell holds the unrounded value (m², a share, an enum, text); the column's `kind` says how it is shown. Rounding and
closing of totals happen in `xygis.report.cells`, once, for all renderings.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from xygis.atlas.verdict import DataState, LayerState, Verdict

Cell = str | float | int | Verdict | LayerState | DataState | tuple[Verdict, Verdict] | None


class Kind(StrEnum):
    """How a column's values are shown; the unit stands in the column head or the caption, never in the cells."""

    TEXT = "text"
    NAME = "name"  # row head, bold
    CODE = "code"  # monospace
    FIGURE = "figure"  # a number already written as text (coordinates, versions): right-aligned
    HA = "ha"  # m² shown as 公顷, 4 decimals
    LIMIT_HA = "limit_ha"  # the same beside a limit: more decimals where 4 would hide on which side of it the value lies
    MU = "mu"  # m² shown as 亩, 2 decimals
    M2 = "m2"  # 2 decimals
    DIFFERENCE = "difference"  # m² with its sign, 2 decimals
    METRES = "metres"  # 2 decimals
    SHARE = "share"  # 0..1 shown as percent, 1 decimal
    COUNT = "count"
    VERDICT = "verdict"  # shape + word + colour; two verdicts: the ends of a range
    STATE = "state"  # a text stands for a mixed state and looks like no data


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """sum_of: keys of the columns that add up to this one. under: key of the column under whose text this one is set small."""

    key: str
    title: str
    kind: Kind = Kind.TEXT
    unit: str | None = None
    sum_of: tuple[str, ...] = ()
    under: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """rows: one tuple of cells per row, in the order of columns. None shows as – (不涉及); say 无数据 with the text cell."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    total: tuple[Cell, ...] | None = None
    unit_note: str = ""  # at the right of the caption: 单位：公顷（椭球面积）
    notes: tuple[str, ...] = ()
