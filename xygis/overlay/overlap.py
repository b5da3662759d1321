"""Areas of overlap: pieces, their union, and what of it is contact, sliver or real. Never counts a place twice."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from xygis.geodesy.ellipsoid import Floats
from xygis.overlay.tolerances import CONTACT_M, SLIVER_M, SLIVER_M2

Geometries = NDArray[np.object_]
_GRID_M = 1e-7
_HAIR_M = 2e-4  # wider than what rounding and split edges leave between two drawings of one border
_FEW_PAIRS = 4  # for each piece


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
    narrow = np.flatnonzero(width < SLIVER_M)
    width[narrow] = _widths_of_bodies(parts[narrow], width[narrow])
    contact = width < CONTACT_M
    order = np.argsort(-area[~contact], kind="stable")
    parts, area, width, thin = parts[~contact][order], area[~contact][order], width[~contact][order], float(area[contact].sum())
    return Patches(geometry=parts, area_m2=area, mean_width_m=width, sliver=(area < SLIVER_M2) | (width < SLIVER_M), contact_m2=thin)


def _widths_of_bodies(parts: Geometries, width: Floats) -> Floats:
    """Mean widths without the hair that hangs on a piece where a border runs along an edge: it has no area, only perimeter.

    A piece whose body, hair taken off, is more than four times as wide counts with that; every other keeps the width it has,
    as does a wedge, whose broad end is twice its mean.
    """
    bodies, index = shapely.get_parts(shapely.set_precision(parts, _HAIR_M), return_index=True)
    best = np.zeros(len(parts))
    sized = shapely.area(bodies) > 0
    np.maximum.at(best, index[sized], 2 * shapely.area(bodies[sized]) / shapely.length(bodies[sized]))
    return np.where(best > 4 * width, best, width)


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
    """Union of pieces, checked against them; equal pieces are taken once.

    The general union can lose a narrow neighbour (PITFALLS P18). So its area must lie between the largest piece and the sum,
    and where it is less than the sum, no piece may be missing from it; if it fails, it is made again on a fine grid.
    """
    pieces = pieces[shapely.area(pieces) > 0]
    if len(pieces) > 1:
        _, first = np.unique(shapely.to_wkb(shapely.normalize(pieces)), return_index=True)
        pieces = pieces[np.sort(first)]
    if len(pieces) == 0:
        return shapely.Polygon()
    if len(pieces) == 1:
        return pieces[0]
    whole = shapely.union_all(pieces)
    area = np.asarray(shapely.area(pieces), float)
    total = float(area.sum())
    slack = 1e-6 + 1e-9 * total
    sound = area.max() - slack <= whole.area <= total + slack
    if not sound or (whole.area < total - slack and not _complete(whole, pieces, total, slack)):
        whole = shapely.union_all(pieces, grid_size=_GRID_M)
    return whole


def _complete(whole: shapely.Geometry, pieces: Geometries, total: float, slack: float) -> bool:
    """Whether a union holds all its pieces: by area where few of them overlap, else by a point inside each."""
    left, right = shapely.STRtree(pieces).query(pieces, predicate="intersects")
    once = left < right
    if once.sum() <= _FEW_PAIRS * len(pieces):  # Bonferroni: no less than the sum minus every pairwise overlap
        shared = float(shapely.area(shapely.intersection(pieces[left[once]], pieces[right[once]])).sum())
        return bool(whole.area >= total - shared - slack)
    shapely.prepare(whole)
    return bool(shapely.dwithin(whole, shapely.point_on_surface(pieces), 1e-6).all())
