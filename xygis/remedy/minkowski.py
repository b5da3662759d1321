"""The shifts by which a parcel would hit an obstacle: the Minkowski sum of the obstacle and the parcel mirrored at the origin.

A shift s hits where parcel + s and obstacle share a point, so where s = o − p for some o of the obstacle, p of the parcel. For a
convex piece C of the mirrored parcel the sum is the obstacle put at one point of C, and every edge of the obstacle swept by C; each
swept edge is a convex hull. So nothing is approximated, concave or with holes as the shapes may be.
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from xygis.geodesy.ellipsoid import Floats
from xygis.overlay.overlap import areal_parts

Geometries = NDArray[np.object_]
_GRID_M = 1e-6
_FLAT = 1e-9  # share of an area by which a hull may be larger and still be the same


def convex_pieces(polygon: shapely.Geometry) -> list[Floats]:
    """Convex polygons that together are a polygon or several: (n, 2) corners of each. Triangles, joined where they stay convex."""
    out: list[Floats] = []
    for part in areal_parts(np.array([polygon], object)):
        hull = shapely.convex_hull(part)
        if hull.area <= part.area * (1 + _FLAT):
            out.append(_corners(hull))
            continue
        out += [_corners(piece) for piece in _joined(shapely.get_parts(shapely.constrained_delaunay_triangles(part)))]
    return out


def edges_of(area: shapely.Geometry) -> tuple[Floats, Floats]:
    """(start, end) of every edge of every ring, (n, 2) each."""
    coords, ring = shapely.get_coordinates(shapely.get_rings(areal_parts(np.array([area], object))), return_index=True)
    same = np.flatnonzero(ring[1:] == ring[:-1]) if len(ring) else np.zeros(0, np.int64)
    return coords[same], coords[same + 1]


def colliding_shifts(obstacle: shapely.Geometry, pieces: list[Floats]) -> shapely.Geometry:
    """All shifts by which the parcel made of these convex pieces meets the obstacle."""
    start, end = edges_of(obstacle)
    if len(start) == 0:
        return shapely.Polygon()
    hulls: list[Geometries] = []
    for corners in pieces:
        mirrored = -corners
        hulls.append(np.array([shapely.transform(obstacle, lambda c, at=mirrored[0]: c + at)], object))
        points = np.concatenate([start[:, None] + mirrored, end[:, None] + mirrored], axis=1)
        owner = np.repeat(np.arange(len(start)), points.shape[1])
        hulls.append(shapely.convex_hull(shapely.multipoints(shapely.points(points.reshape(-1, 2)), indices=owner)))
    return _joined_up(areal_parts(np.concatenate(hulls)))


def _joined_up(hulls: Geometries) -> shapely.Geometry:
    """Their union. Nearly all overlap one another, so it is only looked at whether the largest got lost; whoever uses it tries the place."""
    whole = shapely.union_all(hulls)
    if whole.area < shapely.area(hulls).max() * (1 - _FLAT):
        whole = shapely.union_all(hulls, grid_size=_GRID_M)
    return whole


def _corners(polygon: shapely.Geometry) -> Floats:
    corners: Floats = shapely.get_coordinates(shapely.get_exterior_ring(polygon))[:-1]
    return corners


def _joined(triangles: Geometries) -> list[shapely.Geometry]:
    """Neighbours joined one after the other as long as the two together are convex."""
    left = list(triangles)
    out: list[shapely.Geometry] = []
    while left:
        piece = left.pop()
        grown = True
        while grown:
            grown = False
            for i, other in enumerate(left):
                hull = shapely.convex_hull(shapely.union(piece, other)) if shapely.intersects(piece, other) else None
                if hull is not None and hull.area <= (piece.area + other.area) * (1 + _FLAT):
                    piece, grown = hull, True
                    del left[i]
                    break
        out.append(piece)
    return out
