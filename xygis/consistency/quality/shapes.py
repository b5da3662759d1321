"""`Shapes`: the geometry of a table as flat arrays; what is broken set apart first, so that nothing is measured on it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from xygis.consistency.quality.table import Geometries, Table, finite
from xygis.geodesy.crs import is_geographic, to_geographic
from xygis.geodesy.edges import Offsets
from xygis.geodesy.ellipsoid import Floats
from xygis.geodesy.plane import OFFICIAL, Plane, ring_areas_m2
from xygis.overlay.prepared import Ints
from xygis.vector.valid import are_valid

Mask = NDArray[np.bool_]

_DIMENSION = {"polygon": 2, "line": 1}
_M_PER_DEG = 111_320.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Chains:
    """Rings or lines of sound features, edge by edge in local metres. `closed` where the last vertex is the first again."""

    xy: Floats  # (n, 2) as the file has them
    offsets: Offsets
    part: Ints  # part of each chain
    outer: Mask  # of each chain: the shell of its part
    step_m: Floats  # (n, 2) from each vertex to the next of its chain; zero at the last
    length_m: Floats  # (n,)
    closed: bool

    @property
    def chain(self) -> Ints:
        """Which chain each vertex is in."""
        return np.repeat(np.arange(len(self.offsets) - 1), np.diff(self.offsets))


@dataclass(frozen=True, slots=True, kw_only=True)
class Shapes:
    """missing, odd (wrong kind), endless (coordinates that are no numbers) and broken features, and the parts of the rest."""

    code: str
    missing: Mask
    odd: Mask
    endless: Mask
    broken: Mask
    parts: Geometries  # polygons or lines of sound features, in the system of the file
    owner: Ints  # feature of each part
    chains: Chains
    official: tuple[Floats, Offsets]  # the chains in the equal-area plane, edges split; of lines nothing
    part_m2: Floats  # official area; 0 of lines
    part_length_m: Floats  # of all rings

    @property
    def sound(self) -> Mask:
        return ~(self.missing | self.odd | self.endless | self.broken)

    @property
    def feature_m2(self) -> Floats:
        """Official area of each feature; NaN where it is not sound."""
        area = np.bincount(self.owner, self.part_m2, len(self.missing)).astype(float)
        area[~self.sound] = np.nan
        return area

    def degrees(self, geometry: Geometries) -> Geometries:
        """Some geometries of this system in longitude and latitude."""
        if is_geographic(self.code):
            return geometry
        moved: Geometries = shapely.transform(geometry, lambda c: np.column_stack(to_geographic(self.code, c[:, 0], c[:, 1])))
        return moved

    def lonlat(self, xy: Floats) -> Floats:
        """Points of this system as (longitude, latitude)."""
        return xy if is_geographic(self.code) or not len(xy) else np.column_stack(to_geographic(self.code, xy[:, 0], xy[:, 1]))


def shapes_of(table: Table, kind: str) -> Shapes | None:
    """None where the table has no system: nothing can be measured. kind: polygon | line."""
    if table.crs is None:
        return None
    geometry = table.geometry
    missing = shapely.is_missing(geometry) | shapely.is_empty(geometry)
    odd = ~missing & (shapely.get_dimensions(geometry) != _DIMENSION[kind])
    odd |= ~missing & (shapely.get_type_id(geometry) == 7)
    endless = ~missing & ~odd & ~finite(geometry)
    looked = np.flatnonzero(~(missing | odd | endless))
    broken = np.zeros(len(geometry), bool)
    broken[looked] = ~are_valid(geometry[looked])
    if kind == "line":
        broken[looked] |= shapely.length(geometry[looked]) == 0
    kept = np.flatnonzero(~(missing | odd | endless | broken))
    parts, index = shapely.get_parts(geometry[kept], return_index=True)
    owner = kept[index].astype(np.int64)
    chains = _chains(parts, table.crs, closed=kind == "polygon")
    official = (np.zeros((0, 2)), np.zeros(1, np.int64))
    if kind == "polygon" and len(parts):
        official = OFFICIAL.project(chains.xy, chains.offsets, table.crs)
    count = len(parts)
    return Shapes(
        code=table.crs,
        missing=missing,
        odd=odd,
        endless=endless,
        broken=broken,
        parts=parts,
        owner=owner,
        chains=chains,
        official=official,
        part_m2=_areas(chains, official, count) if kind == "polygon" else np.zeros(count),
        part_length_m=np.bincount(chains.part[chains.chain], chains.length_m, count).astype(float),
    )


def in_metres(geometry: Geometries, code: str) -> Geometries:
    """Polygons in the equal-area plane, for areas and widths of what was found."""
    return moved_to(geometry, code, OFFICIAL)


def moved_to(geometry: Geometries, code: str, plane: Plane) -> Geometries:
    """Polygons in a plane, edges split as the land survey does."""
    xy, offsets, part, _ = _rings(geometry)
    if not len(xy):
        return np.zeros(0, object)
    moved, cut = plane.project(xy, offsets, code)
    return polygons(moved, cut, part)


def polygons(xy: Floats, offsets: Offsets, part: Ints) -> Geometries:
    """One polygon for each part, the first of its rings the shell."""
    if not len(part):
        return np.zeros(0, object)
    first = np.flatnonzero(np.r_[True, part[1:] != part[:-1]])
    made = shapely.from_ragged_array(shapely.GeometryType.POLYGON, xy, (offsets, np.r_[first, len(part)]))
    return np.asarray(made, object)


def _rings(parts: Geometries) -> tuple[Floats, Offsets, Ints, Mask]:
    """(xy, offsets, part, outer) of the rings of polygons."""
    if not len(parts):
        return np.zeros((0, 2)), np.zeros(1, np.int64), np.zeros(0, np.int64), np.zeros(0, bool)
    _, coords, (rings, shells) = shapely.to_ragged_array(parts)
    counts = np.diff(shells)
    part = np.repeat(np.arange(len(counts)), counts).astype(np.int64)
    outer = np.zeros(len(part), bool)
    outer[np.asarray(shells[:-1])[counts > 0]] = True
    return np.ascontiguousarray(coords[:, :2]), np.asarray(rings, np.int64), part, outer


def _chains(parts: Geometries, code: str, *, closed: bool) -> Chains:
    if closed:
        xy, offsets, part, outer = _rings(parts)
    else:
        xy, index = shapely.get_coordinates(parts, return_index=True)
        offsets = np.r_[0, np.cumsum(np.bincount(index, minlength=len(parts)))].astype(np.int64)
        part, outer = np.arange(len(parts), dtype=np.int64), np.ones(len(parts), bool)
    step = np.zeros_like(xy)
    if len(xy):
        step[:-1] = np.diff(xy, axis=0)
        step[offsets[1:] - 1] = 0.0
        if is_geographic(code):
            step[:, 0] *= np.cos(np.radians(xy[:, 1]))
            step *= _M_PER_DEG
    return Chains(xy=xy, offsets=offsets, part=part, outer=outer, step_m=step, length_m=np.hypot(step[:, 0], step[:, 1]), closed=closed)


def _areas(chains: Chains, official: tuple[Floats, Offsets], count: int) -> Floats:
    """Official area of each part (国土调查办发〔2008〕32号)."""
    if not len(chains.part):
        return np.zeros(count)
    areas = np.abs(ring_areas_m2(*official))
    return np.bincount(chains.part, np.where(chains.outer, areas, -areas), count).astype(float)
