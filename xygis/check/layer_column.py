"""`LayerColumn`: what many parcels have to do with one layer, a row a parcel."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xygis.atlas.verdict import LayerState, Verdict, worst
from xygis.judge.finding import Finding, worst_first
from xygis.overlay.kernel.pieces import Bools, Floats, Ints
from xygis.overlay.measure import Measure

STATES = (LayerState.CLEAR, LayerState.CONCERNED, LayerState.NO_DATA)


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerColumn:
    """Numbers are NaN (patches −1) exactly where the state is no_data; distance_m also where nothing lies within the radius.

    rank: of the worst finding about the layer; rules: the codes of its findings. failed: could not be worked out, and says why.
    """

    layer: str
    title: str
    state: NDArray[np.int8]  # number in STATES
    overlap_m2: Floats
    outside_m2: Floats
    unmapped_m2: Floats
    distance_m: Floats
    patches: Ints
    sliver_count: Ints
    sliver_m2: Floats
    rank: Ints
    rules: NDArray[np.object_]  # of text
    failed: NDArray[np.object_]
    # Of a raster layer only (see measure.Zonal); NaN: not measured, or no data.
    elevation_min_m: Floats
    elevation_mean_m: Floats
    elevation_max_m: Floats
    slope_mean_deg: Floats
    slope_max_deg: Floats
    slope_share_above_25: Floats


TERRAIN = ("elevation_min_m", "elevation_mean_m", "elevation_max_m", "slope_mean_deg", "slope_max_deg", "slope_share_above_25")
NUMBERS = tuple(f.name for f in fields(LayerColumn) if f.name not in ("layer", "title"))
_TYPES = {"state": "i1", "patches": "i8", "sliver_count": "i8", "rank": "i8"}
_TEXTS = ("rules", "failed")


def empty_columns(count: int) -> dict[str, NDArray[Any]]:
    """Room for `count` rows, everything unknown."""
    out: dict[str, NDArray[Any]] = {n: np.full(count, np.nan) for n in NUMBERS if n not in (*_TYPES, *_TEXTS)}
    out |= {n: np.zeros(count, t) for n, t in _TYPES.items()}
    out |= {n: np.full(count, "", object) for n in _TEXTS}
    out["rank"][:] = Verdict.UNDETERMINED.rank
    out["state"][:] = STATES.index(LayerState.NO_DATA)
    out["patches"][:] = -1
    return out


def no_numbers(columns: dict[str, NDArray[Any]], where: Bools) -> None:
    """Makes rows no_data: no number but what is unmapped."""
    columns["state"][where] = STATES.index(LayerState.NO_DATA)
    for name in ("overlap_m2", "outside_m2", "distance_m", "sliver_m2"):
        columns[name][where] = np.nan
    columns["patches"][where] = -1
    columns["sliver_count"][where] = 0


def row_of(measure: Measure, findings: tuple[Finding, ...]) -> tuple[object, ...]:
    """The row of one pair, in the order of NUMBERS."""
    return (
        STATES.index(measure.state),
        _or_nan(measure.overlap_m2),
        _or_nan(measure.outside_m2),
        measure.unmapped_m2,
        _or_nan(measure.distance_m),
        -1 if measure.patches is None else measure.patches,
        measure.sliver_count or 0,
        _or_nan(measure.sliver_m2),
        worst([f.verdict for f in findings]).rank,
        codes_of(findings),
        "",
        *(_or_nan(getattr(measure.zonal, name, None)) for name in TERRAIN),
    )


def failed_row(why: str) -> tuple[object, ...]:
    """The row of a pair that could not be worked out: it decides nothing, and says why."""
    nan = float("nan")
    state = STATES.index(LayerState.NO_DATA)
    return (state, nan, nan, nan, nan, -1, 0, nan, Verdict.UNDETERMINED.rank, "", why[:200], *([nan] * len(TERRAIN)))


def _or_nan(value: float | None) -> float:
    return float("nan") if value is None else value


def codes_of(findings: tuple[Finding, ...]) -> str:
    """The codes of findings that are more than compliant, each once, worst first."""
    return " ".join(dict.fromkeys(f.rule for f in worst_first(findings)))[:120]
