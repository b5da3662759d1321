"""How much the arcs of a layer changed when GDAL stroked them: read twice, finely and coarsely, and compared.

Where the two readings have the same vertices there were no arcs. The area between an arc and its chords grows with the square of the
step, so the difference of the two areas says how far the fine one is from the arc itself (Richardson's extrapolation).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from xygis.vector.gpkg import Geometries


@dataclass(frozen=True, slots=True, kw_only=True)
class Stroked:
    """features: positions of those with arcs; left_out: area between arcs and chords, in the square of the layer's unit."""

    features: tuple[int, ...]
    left_out: float


def stroked(fine: Geometries, coarse: Geometries, *, fine_step: float, coarse_step: float) -> Stroked:
    """What differs between two readings of the same features."""
    differ = np.flatnonzero(shapely.get_num_coordinates(fine) != shapely.get_num_coordinates(coarse))
    if not len(differ):
        return Stroked(features=(), left_out=0.0)
    share = (fine_step / coarse_step) ** 2
    change = np.abs(shapely.area(fine[differ]) - shapely.area(coarse[differ]))
    return Stroked(features=tuple(differ.tolist()), left_out=float(change.sum() * share / (1 - share)))
