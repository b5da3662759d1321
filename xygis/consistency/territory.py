"""The territory by what each layer says of it: every class, gap and overlap of a layer, county by county, as sums over the same cells.

The rows of a layer add up to the counties, because every place is in exactly one cell (`overlay.partition`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from xygis.consistency.ground_plan import GroundPlan
from xygis.overlay.ground import Ground
from xygis.overlay.kernel.pieces import Bools
from xygis.overlay.partition import GAP, Partition

NOT_COVERED, SEVERAL, UNSAID = "", "+", "?"  # keys of a gap, of a place under several features, of features that do not say
_TITLES = {NOT_COVERED: "未覆盖", SEVERAL: "图层内重叠", UNSAID: "未填类别"}
_FIELDS = ("class", "zone", "name")  # what a layer's classes are, the first that any of its features says


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassRow:
    """One class of one layer. by_county: m² in the order of the run's counties."""

    key: str
    title: str
    area_m2: float
    by_county: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerTable:
    """A layer over the territory; its rows add up to the counties. field: the attribute that the classes come from."""

    layer: str
    field: str | None
    rows: tuple[ClassRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Territory:
    """What the cells are summed to. cells_m2: by county, to be held against the counties' own areas."""

    cells: int
    cells_m2: tuple[float, ...]
    layers: tuple[LayerTable, ...]


def territory_of(plan: GroundPlan) -> Territory:
    """The table of every layer that was laid over the counties. What lies outside the counties is left to the pairs."""
    cells, grounds = plan.cells, plan.grounds
    inside = np.ones(len(cells), bool) if len(cells.counties) == 1 else cells.county < len(cells.counties) - 1
    laid = [grounds[one.layer] for one in cells.layers if one.layer in grounds]
    laid.sort(key=lambda g: g.prepared.id)
    return Territory(
        cells=len(cells), cells_m2=tuple(cells.by_county(inside).tolist()), layers=tuple(_table(cells, inside, ground) for ground in laid)
    )


def _table(cells: Partition, inside: Bools, ground: Ground) -> LayerTable:
    field = next((name for name in _FIELDS if any(v is not None for v in ground.column(name))), None)
    values = ground.column(field) if field else []
    features = [UNSAID if v is None else str(v) for v in values] if field else ["有"] * ground.prepared.features
    keys = [*features, *[SEVERAL] * len(ground.disjoint.together), NOT_COVERED]  # GAP is the last
    names = sorted(set(keys), key=lambda k: (k in _TITLES, k))
    at = {name: i for i, name in enumerate(names)}
    stack = cells.column(ground.prepared.id)
    row = np.array([at[k] for k in keys], np.int64)[np.where(stack == GAP, len(keys) - 1, stack)]
    counties = len(cells.counties)
    sums = np.bincount((row * counties + cells.county)[inside], cells.area_m2[inside], len(names) * counties).reshape(-1, counties)
    return LayerTable(
        layer=ground.prepared.id,
        field=field,
        rows=tuple(
            ClassRow(key=name, title=_TITLES.get(name, name), area_m2=float(sums[i].sum()), by_county=tuple(sums[i].tolist()))
            for i, name in enumerate(names)
            if sums[i].any()
        ),
    )
