"""A parcel ready to be measured: its shape in the plane, and the local frame in which metres are true."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import shapely
from numpy.typing import NDArray

from xygis.geodesy.crs import from_geographic, is_geographic, local_zone, to_geographic
from xygis.geodesy.edges import split_edges
from xygis.geodesy.ellipsoid import Floats
from xygis.geodesy.plane import OFFICIAL, Plane

Geometries = NDArray[np.object_]
Areal: TypeAlias = shapely.Polygon | shapely.MultiPolygon


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalFrame:
    """Between the plane and the local Gauss-Krüger zone, where distances and widths are taken."""

    plane: Plane
    code: str  # the local zone
    scale_x: float  # local metres per plane metre, near the parcel
    scale_y: float

    def to_local(self, geometry: Geometries) -> Geometries:
        moved: Geometries = shapely.transform(geometry, self._local)
        return moved

    def to_plane(self, geometry: Geometries) -> Geometries:
        """Geometries drawn in the local zone, edges split, in the plane."""
        moved: Geometries = shapely.transform(shapely.segmentize(geometry, 70.0), self._plane)
        return moved

    def _local(self, coords: Floats) -> Floats:
        return np.column_stack(from_geographic(self.code, *self.plane.inverse(coords[:, 0], coords[:, 1])))

    def _plane(self, coords: Floats) -> Floats:
        return np.column_stack(self.plane.forward(*to_geographic(self.code, coords[:, 0], coords[:, 1])))


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelShape:
    """polygon: in the plane, edges split. degrees: the same in longitude and latitude, vertices as given."""

    polygon: Areal
    degrees: Areal
    area_m2: float  # in the atlas's plane: the reference of every share
    ellipsoidal_m2: float
    planar_m2: float  # in the projected system it was given in; of degrees, in the local 3-degree zone
    frame: LocalFrame


def shape_parcel(geometry: Areal, crs: str, plane: Plane) -> ParcelShape:
    """Projects a parcel given in `crs` into the plane. Source of the areas: DESIGN §2.5."""
    polygon = _projected(geometry, crs, plane)
    degrees = in_degrees(geometry, crs)
    official = polygon if plane == OFFICIAL else _projected(geometry, crs, OFFICIAL)
    frame = local_frame(degrees, plane)
    return ParcelShape(
        polygon=polygon,
        degrees=degrees,
        area_m2=float(polygon.area),
        ellipsoidal_m2=float(official.area),
        planar_m2=_planar_m2(degrees, frame) if is_geographic(crs) else float(geometry.area),
        frame=frame,
    )


def in_degrees(geometry: shapely.Geometry, crs: str) -> shapely.Geometry:
    """A geometry in `crs`, in longitude and latitude, its vertices as given; it need not be valid."""
    return shapely.transform(geometry, lambda c: np.column_stack(to_geographic(crs, c[:, 0], c[:, 1])))


def _planar_m2(degrees: Areal, frame: LocalFrame) -> float:
    """Area of the shape in the local zone, vertices joined straight there, as a planar tool would have it."""
    moved = shapely.transform(degrees, lambda c: np.column_stack(from_geographic(frame.code, c[:, 0], c[:, 1])))
    return float(moved.area)


def local_frame(degrees: shapely.Geometry, plane: Plane) -> LocalFrame:
    """The frame around the middle of a geometry in degrees."""
    west, south, east, north = shapely.bounds(degrees)
    lon, lat = (west + east) / 2, (south + north) / 2
    code = local_zone(lon)
    step = 1e-4
    lons, lats = np.array([lon - step, lon + step, lon, lon]), np.array([lat, lat, lat - step, lat + step])
    px, py = plane.forward(lons, lats)
    lx, ly = from_geographic(code, lons, lats)
    scale_x = np.hypot(lx[1] - lx[0], ly[1] - ly[0]) / np.hypot(px[1] - px[0], py[1] - py[0])
    scale_y = np.hypot(lx[3] - lx[2], ly[3] - ly[2]) / np.hypot(px[3] - px[2], py[3] - py[2])
    return LocalFrame(plane=plane, code=code, scale_x=float(scale_x), scale_y=float(scale_y))


def _projected(geometry: Areal, crs: str, plane: Plane) -> Areal:
    """Edges split in `crs`, every ring projected; local rounding can only matter below a micrometre."""
    if crs == plane.code:
        return geometry
    polygons = [_projected_polygon(p, crs, plane) for p in shapely.get_parts(geometry)]
    projected = polygons[0] if len(polygons) == 1 else shapely.multipolygons(polygons)
    if not projected.is_valid:
        projected = shapely.make_valid(projected, method="structure", keep_collapsed=False)
    result: Areal = projected
    return result


def _projected_polygon(polygon: shapely.Polygon, crs: str, plane: Plane) -> shapely.Polygon:
    rings = shapely.get_rings(polygon)
    offsets = np.concatenate([[0], np.cumsum(shapely.get_num_coordinates(rings))])
    coords, offsets = split_edges(shapely.get_coordinates(rings), offsets, crs)
    xy = np.column_stack(plane.forward(*to_geographic(crs, coords[:, 0], coords[:, 1])))
    shell, *holes = (xy[a:b] for a, b in zip(offsets[:-1], offsets[1:], strict=True))
    return shapely.Polygon(shell, holes)
