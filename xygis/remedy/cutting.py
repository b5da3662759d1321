"""The smallest cut: a parcel without what it may not touch and a margin, in whole millimetres, without crumbs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from xygis.overlay.overlap import areal_parts
from xygis.overlay.shape import Areal
from xygis.overlay.tolerances import SLIVER_M2

MM = 0.001
_MITRE = 2.0  # of a sharp corner, in margins; beyond, it is cut off square
_ARC = 16  # segments of a quarter circle


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """What is left of a parcel (None: nothing), and what was given up with it."""

    geometry: Areal | None
    parts: int
    crumbs: int
    crumbs_m2: float  # planar


def cut_away(parcel: Areal, forbidden: shapely.Geometry, *, margin_m: float, crumb_m: float) -> Rest:
    """The parcel, nowhere nearer to `forbidden` than the margin. All in one metric system."""
    rest = shapely.difference(parcel, _widened(forbidden, margin_m))
    parts = areal_parts(np.array([rest], object))
    wide = ~shapely.is_empty(shapely.buffer(parts, -crumb_m / 2 + MM)) & (shapely.area(parts) >= SLIVER_M2)
    crumbs = parts[~wide]
    geometry = in_millimetres(shapely.multipolygons(parts[wide])) if wide.any() else None
    return Rest(
        geometry=geometry,
        parts=0 if geometry is None else int(shapely.get_num_geometries(geometry)),
        crumbs=len(crumbs),
        crumbs_m2=float(shapely.area(crumbs).sum()),
    )


def in_millimetres(geometry: Areal) -> Areal | None:
    """Every vertex at a whole millimetre; None where nothing is left of it. Shapes that would cross themselves are put right."""
    rounded: shapely.Geometry = shapely.transform(geometry, lambda c: np.round(c, 3))
    if not rounded.is_valid:
        rounded = shapely.set_precision(geometry, MM)
    rounded = shapely.remove_repeated_points(rounded)
    parts = areal_parts(np.array([rounded], object))
    if len(parts) == 0:
        return None
    out: Areal = parts[0] if len(parts) == 1 else shapely.multipolygons(parts)
    return out


def _widened(forbidden: shapely.Geometry, margin_m: float) -> shapely.Geometry:
    """With straight corners, as a surveyor sets them out, where they keep the margin; else with round ones."""
    if margin_m <= 0.0 or forbidden.is_empty:
        return forbidden
    least = shapely.buffer(forbidden, margin_m, quad_segs=_ARC)
    straight = shapely.buffer(forbidden, margin_m, join_style="mitre", mitre_limit=_MITRE)
    wide = straight if shapely.covers(shapely.buffer(straight, MM), least) else shapely.union(straight, least)
    return shapely.simplify(wide, MM)  # layers have vertices every 70 m of a straight border: no boundary points there
