"""`Sheet`: many parcels ready to be measured at once, as flat arrays in the plane. `shape` is the same for one parcel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from numpy.typing import NDArray

from xygis.geodesy.crs import from_geographic, is_geographic, local_zone, to_geographic
from xygis.geodesy.ellipsoid import Floats
from xygis.geodesy.plane import OFFICIAL, Plane
from xygis.overlay.kernel import laying
from xygis.overlay.kernel.binding import spread
from xygis.overlay.kernel.pieces import Pieces, Rings
from xygis.overlay.prepared import Geometries, Ints
from xygis.overlay.rings import lay_whole, rings_of
from xygis.overlay.shape import shape_parcel

if TYPE_CHECKING:
    from xygis.intake.submission import Parcel

_STEP_DEG = 1e-4


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One piece a parcel, all its rings; areas in m². scale: (parcels, 2) local metres per plane metre; zone: the local zone."""

    plane: Plane
    pieces: Pieces
    area_m2: Floats  # in the atlas's plane: the reference of every share
    ellipsoidal_m2: Floats
    scale: Floats
    zone: NDArray[np.str_]

    def __len__(self) -> int:
        return len(self.area_m2)


def lay_sheet(parcels: Sequence[Parcel], plane: Plane) -> Sheet:
    """The parcels in their order."""
    geometry = np.array([p.geometry for p in parcels], object)
    codes = np.array([p.crs for p in parcels])
    tables, elsewhere = [], np.zeros(len(parcels))
    for code in dict.fromkeys(codes.tolist()):
        mine = np.flatnonzero(codes == code)
        parts, index = shapely.get_parts(geometry[mine], return_index=True)
        rings = rings_of(parts, mine[index])
        tables.append(_in_plane(rings, code, plane, geometry))
        if plane != OFFICIAL:
            elsewhere[mine] = _official(rings, code, len(parcels))[mine]
    pieces = lay_whole(_joined(tables), len(parcels))
    scale, zone = _frames(pieces.bounds + np.tile(pieces.origin, 2), plane)
    official = pieces.area if plane == OFFICIAL else elsewhere
    return Sheet(plane=plane, pieces=pieces, area_m2=pieces.area, ellipsoidal_m2=official, scale=scale, zone=zone)


def true_metres(sheet: Sheet, which: Ints, start: Floats, end: Floats) -> Floats:
    """Length in the local zone of each parcel of the line between two places (n, 2) of the plane."""
    out = np.zeros(len(which))

    def work(a: int, b: int) -> None:
        zone, here, there, found = sheet.zone[which[a:b]], start[a:b], end[a:b], out[a:b]
        for code in np.unique(zone).tolist():
            mine = zone == code
            places = [here[mine], there[mine]]
            if code != sheet.plane.code:
                places = [np.column_stack(from_geographic(code, *sheet.plane.inverse(p[:, 0], p[:, 1]))) for p in places]
            found[mine] = np.hypot(*(places[1] - places[0]).T)

    spread(work, len(which), smallest=2000)
    return out


def _in_plane(rings: Rings, code: str, plane: Plane, geometry: Geometries) -> Rings:
    if code == plane.code:
        return rings
    moved = rings.moved(*plane.project(rings.xy, rings.ring_offsets, code))
    doubtful = np.unique(moved.owner[~laying.surely_valid(moved)])
    if len(doubtful) == 0:
        return moved
    mended = np.array([shape_parcel(geometry[i], code, plane).polygon for i in doubtful.tolist()], object)
    parts, index = shapely.get_parts(mended, return_index=True)
    return _joined([moved.without(np.isin(moved.owner, doubtful)), rings_of(parts, doubtful[index])])


def _joined(tables: Sequence[Rings]) -> Rings:
    if len(tables) == 1:
        return tables[0]
    if not tables:
        return rings_of(np.zeros(0, object), np.zeros(0, np.int64))
    vertices, rings = np.cumsum([0] + [len(t.xy) for t in tables]), np.cumsum([0] + [len(t.ring_offsets) - 1 for t in tables])
    return Rings(
        xy=np.vstack([t.xy for t in tables]),
        ring_offsets=np.concatenate([np.zeros(1, np.int64), *(t.ring_offsets[1:] + v for t, v in zip(tables, vertices[:-1], strict=True))]),
        first=np.concatenate([t.first + r for t, r in zip(tables, rings[:-1], strict=True)]),
        last=np.concatenate([t.last + r for t, r in zip(tables, rings[:-1], strict=True)]),
        owner=np.concatenate([t.owner for t in tables]),
    )


def _official(rings: Rings, code: str, count: int) -> Floats:
    """Official area of each parcel, m²."""

    def work(start: int, end: int) -> Floats:
        first, last = int(rings.first[start]), int(rings.last[end - 1])
        offsets = rings.ring_offsets[first : last + 1]
        xy, projected = OFFICIAL.project(rings.xy[offsets[0] : offsets[-1]], offsets - offsets[0], code)
        ring = np.arange(len(projected) - 1)
        area = np.abs(laying.sizes(np.ascontiguousarray(xy), projected, ring, ring + 1, jobs=1)[0])
        shell = np.zeros(len(ring), bool)
        shell[rings.first[start:end] - first] = True
        return np.add.reduceat(np.where(shell, area, -area), rings.first[start:end] - first)

    found = spread(work, len(rings.owner), smallest=500)
    area: Floats = np.bincount(rings.owner, np.concatenate(found), count).astype(float) if found else np.zeros(count)
    return area


def _frames(bounds: Floats, plane: Plane) -> tuple[Floats, NDArray[np.str_]]:
    """(scale, local zone) at the middle of each box of the plane."""
    if len(bounds) == 0:
        return np.zeros((0, 2)), np.zeros(0, str)
    lon, lat = plane.inverse((bounds[:, 0] + bounds[:, 2]) / 2, (bounds[:, 1] + bounds[:, 3]) / 2)
    number = np.round(lon / 3.0)
    zone, scale = np.empty(len(lon), "U9"), np.ones((len(lon), 2))
    for n in np.unique(number).tolist():
        mine = number == n
        code = local_zone(n * 3.0)
        zone[mine] = code
        if code == plane.code:
            continue
        x, y = lon[mine], lat[mine]
        for axis, (dx, dy) in enumerate(((_STEP_DEG, 0.0), (0.0, _STEP_DEG))):
            here = np.column_stack(plane.forward(x + dx, y + dy)) - np.column_stack(plane.forward(x - dx, y - dy))
            true = np.column_stack(from_geographic(code, x + dx, y + dy)) - np.column_stack(from_geographic(code, x - dx, y - dy))
            scale[mine, axis] = np.hypot(*true.T) / np.hypot(*here.T)
    return scale, zone


def degrees_of(parcels: Sequence[Parcel]) -> Geometries:
    """The parcels in longitude and latitude, vertices as given."""
    out = np.array([p.geometry for p in parcels], object)
    codes = np.array([p.crs for p in parcels])
    for code in dict.fromkeys(codes.tolist()):
        if not is_geographic(code):
            mine = codes == code
            out[mine] = shapely.transform(out[mine], lambda c, code=code: np.column_stack(to_geographic(code, c[:, 0], c[:, 1])))
    return out
