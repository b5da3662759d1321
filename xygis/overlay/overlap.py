"""Areas of overlap: pieces, their union, and what of it is contact, sliver or real. Never counts a place twice."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from xygis.geodesy.ellipsoid import Floats
from xygis.overlay.tolerances import CONTACT_M, SLIVER_M, SLIVER_M2

Geometries = NDArray[np.object_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Patches:
    """The connected pieces of some area, widest first, contact set apart."""

    geometry: Geometries  # plane polygons
    area_m2: Floats
    mean_width_m: Floats
    sliver: NDArray[np.bool_]
    contact_m2: float

    @property
    def total_m2(self) -> float:
        return float(self.area_m2.sum())

    @property
    def sliver_m2(self) -> float:
        return float(self.area_m2[self.sliver].sum())


def patches_of(geometry: shapely.Geometry) -> Patches:
    """Splits an area into connected pieces and judges each by area and mean width 2A/P (DESIGN §6)."""
    parts = areal_parts(np.array([geometry], object))
    area = np.asarray(shapely.area(parts), float)
    with np.errstate(divide="ignore", invalid="ignore"):
        width = np.where(area > 0, 2 * area / shapely.length(parts), 0.0)
    contact = width < CONTACT_M
    order = np.argsort(-area[~contact], kind="stable")
    parts, area, width, thin = parts[~contact][order], area[~contact][order], width[~contact][order], float(area[contact].sum())
    return Patches(geometry=parts, area_m2=area, mean_width_m=width, sliver=(area < SLIVER_M2) | (width < SLIVER_M), contact_m2=thin)


def areal_parts(geometry: Geometries) -> Geometries:
    """The polygons in some geometries; lines, points and empty ones fall away, collections are opened (PITFALLS P13)."""
    parts = shapely.get_parts(shapely.get_parts(geometry))
    polygons: Geometries = parts[(shapely.get_type_id(parts) == 3) & ~shapely.is_empty(parts)]
    return polygons


def areal(geometry: Geometries) -> Geometries:
    """Each geometry reduced to its areal part, shape kept one to one."""
    mixed = np.flatnonzero(shapely.get_type_id(geometry) == 7)
    if len(mixed) == 0:
        return geometry
    out = geometry.copy()
    for i in mixed:
        out[i] = shapely.multipolygons(areal_parts(geometry[i : i + 1]))
    return out


def intersections(polygon: shapely.Geometry, geometry: Geometries) -> Geometries:
    """Areal intersection of the polygon with each geometry."""
    return areal(np.asarray(shapely.intersection(geometry, polygon), object))


def union(pieces: Geometries) -> shapely.Geometry:
    """Union of pieces, checked against their areas: max ≤ area ≤ sum, and no less than sum minus the pairwise overlaps.

    The general union can lose a narrow neighbour (PITFALLS P18); where the bounds fail, it is made again on a fine grid.
    """
    area = shapely.area(pieces)
    pieces = pieces[area > 0]
    area = area[area > 0]
    if len(pieces) == 0:
        return shapely.Polygon()
    if len(pieces) == 1:
        return pieces[0]
    whole = shapely.union_all(pieces)
    total = float(area.sum())
    slack = 1e-6 + 1e-9 * total
    if not area.max() - slack <= whole.area <= total + slack or (whole.area < total - slack and whole.area < _least(pieces, total) - slack):
        whole = shapely.union_all(pieces, grid_size=1e-7)
    return whole


def _least(pieces: Geometries, total: float) -> float:
    """A lower bound of the union's area: the sum minus every pairwise overlap (Bonferroni)."""
    left, right = shapely.STRtree(pieces).query(pieces, predicate="intersects")
    once = left < right
    return total - float(shapely.area(shapely.intersection(pieces[left[once]], pieces[right[once]])).sum())
