"""A parcel as its boundary points are written: rounded, outer rings clockwise from the north-west corner, inner ones the other way.

Source: 用地红线坐标文件内容要求: points J1, J2, … run on through the rings of a parcel, the first one stands again at a ring's
end, ring 1 is the outer one. Rings of further parts follow with the next numbers, which readers sort out by containment.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from xygis.convert.target import flaw, rings
from xygis.errors import BadGeometry, Where
from xygis.geodesy.ellipsoid import Floats
from xygis.geodesy.plane import official_area_m2, ring_areas_m2
from xygis.intake.submission import Parcel
from xygis.numbers import M2_PER_HA, nearest
from xygis.vector.notes import Note


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundaryPoint:
    """One row of a point table. edge_m: planar length to the next row of the same ring, None on the closing row."""

    label: str
    ring: int
    north: float
    east: float
    edge_m: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """A parcel and its rows. Areas are of the points as written."""

    parcel: Parcel
    serial: int  # running number in the file, from 1
    points: tuple[BoundaryPoint, ...]
    rings: int
    ellipsoidal_m2: float
    planar_m2: float

    @property
    def corners(self) -> int:
        """Boundary points, each counted once."""
        return len(self.points) - self.rings

    @property
    def number(self) -> str:
        """地块编号 of the source, else the running number."""
        return attribute(self.parcel, NUMBER) or str(self.serial)


NUMBER = ("地块编号", "DKBH", "宗地代码", "ZDDM", "编号")
SHEET = ("图幅号", "TFH")
CLASS = ("地类编码", "DLBM")


def attribute(parcel: Parcel, names: tuple[str, ...]) -> str:
    """The first of these attributes that the parcel has, or an empty text."""
    return next((v for n in names for k, v in parcel.attributes if k.upper() == n), "")


def outlines_of(parcels: tuple[Parcel, ...], *, decimals: int) -> tuple[tuple[Outline, ...], list[Note]]:
    """The rows of every parcel, and what rounding did. Raises BadGeometry where a boundary does not survive it."""
    notes: list[Note] = []
    outlines = []
    worst = 0.0
    for serial, parcel in enumerate(parcels, start=1):
        written, off, merged = _rounded(parcel, decimals)
        worst = max(worst, off)
        if merged:
            text = f"{parcel.name} 有 {merged} 个界址点与前一点相距不足 {10.0**-decimals:g} 米，取 {decimals} 位小数后重合，只写一个"
            notes.append(Note(code="points_merged", level="warning", text=text))
        outlines.append(_outline(parcel, serial, written, decimals))
    if worst > 1e-7:
        text = f"坐标取 {decimals} 位小数，界址点最多移动 {worst * 1000:.2f} 毫米"
        notes.append(Note(code="coordinates_rounded", level="info", text=text))
    if any(_renumbered(o, decimals) for o in outlines):
        text = "点号按各地块西北角起、外圈顺时针重新编为 J1、J2……，原点号没有写入"
        notes.append(Note(code="labels_renumbered", level="warning", text=text))
    return tuple(outlines), notes


def area_ha(outline: Outline) -> float:
    """公顷 with 4 decimals, as stated by the applicant, else the official area of the points as written."""
    m2 = outline.parcel.declared_m2
    return nearest(outline.ellipsoidal_m2 if m2 is None else m2, scale=M2_PER_HA, decimals=4) / 1e4


def area_notes(outlines: tuple[Outline, ...]) -> list[Note]:
    """Which areas are somebody's statement and which are computed; and where four decimals of a hectare lose some of a statement."""
    computed = sum(o.parcel.declared_m2 is None for o in outlines)
    notes = []
    if computed:
        text = f"{computed} 个地块没有申报面积，面积项写的是按所写界址点计算的椭球面积"
        notes.append(Note(code="area_computed", level="info", text=text))
    off = max((abs(area_ha(o) * M2_PER_HA - o.parcel.declared_m2) for o in outlines if o.parcel.declared_m2 is not None), default=0.0)
    if off > 0.005:
        text = f"面积项是 4 位小数的公顷数，申报面积最多有 {off:.2f} m² 的尾数没有写入"
        notes.append(Note(code="area_rounded", level="warning", text=text))
    return notes


def _renumbered(outline: Outline, decimals: int) -> bool:
    """Whether any boundary point has another number than in the source."""
    parcel = outline.parcel
    if not parcel.point_labels:
        return False
    before = np.round(shapely.get_coordinates(parcel.geometry), decimals).tolist()
    own = {(x, y): label for (x, y), label in zip(before, parcel.point_labels, strict=True)}
    return any(own.get((p.east, p.north)) != p.label for p in outline.points)


def _rounded(parcel: Parcel, decimals: int) -> tuple[list[list[Floats]], float, int]:
    """(parts of rings as written, farthest move in metres, points that fell upon the one before)."""
    worst, merged, parts = 0.0, 0, []
    for part in shapely.get_parts(parcel.geometry):
        own = []
        for k, ring in enumerate(rings(part)):
            near = np.round(ring, decimals)
            worst = max(worst, float(np.abs(near - ring).max()))
            kept = near[np.r_[True, (np.diff(near, axis=0) != 0).any(axis=1)]]
            merged += len(near) - len(kept)
            if len(kept) < 4:
                raise _lost(parcel, decimals, (float(near[0, 0]), float(near[0, 1])), "有一圈小到只剩一两个点")
            own.append(_started(kept, clockwise=k == 0))
        parts.append(own)
    built = shapely.MultiPolygon([shapely.Polygon(own[0], own[1:]) for own in parts])
    if not built.is_valid:
        why, point = flaw(built, parcel.crs)
        raise _lost(parcel, decimals, point, f"取舍后{why}")
    return parts, worst, merged


def _lost(parcel: Parcel, decimals: int, point: tuple[float, float] | None, why: str) -> BadGeometry:
    fix = "请加上 --decimals 4，或改用 gpkg、shp（坐标不取舍）" if decimals < 4 else "请核对这里的界址点，或改用 gpkg、shp（坐标不取舍）"
    what = f"地块“{parcel.name}”的坐标取 {decimals} 位小数后边界不成立"
    return BadGeometry(what=what, where=Where(feature=parcel.name, point=point), why=why, fix=fix)


def _started(ring: Floats, *, clockwise: bool) -> Floats:
    """The closed ring from its north-west corner (the farthest point in that direction), in the direction asked for."""
    open_ring = ring[:-1]
    if bool(ring_areas_m2(ring, np.array([0, len(ring)]))[0] < 0) != clockwise:
        open_ring = open_ring[::-1]
    x, y = (open_ring - open_ring.mean(axis=0)).T
    start = int(np.lexsort((-y, -(y - x)))[0])
    turned = np.roll(open_ring, -start, axis=0)
    return np.vstack([turned, turned[:1]])


def _outline(parcel: Parcel, serial: int, parts: list[list[Floats]], decimals: int) -> Outline:
    points: list[BoundaryPoint] = []
    number, ellipsoidal, planar = 0, 0.0, 0.0
    flat = [ring for own in parts for ring in own]
    for k, ring in enumerate(flat, start=1):
        lengths = np.hypot(*np.diff(ring, axis=0).T).tolist()
        for i, (east, north) in enumerate(ring.tolist()):
            last = i == len(ring) - 1
            label = f"J{number + 1 if last else number + 1 + i}"
            edge = None if last else round(lengths[i], decimals)
            points.append(BoundaryPoint(label=label, ring=k, north=north, east=east, edge_m=edge))
        number += len(ring) - 1
    for own in parts:
        coords, offsets = np.vstack(own), np.r_[0, np.cumsum([len(r) for r in own])]
        areas = np.abs(ring_areas_m2(coords, offsets))
        planar += float(areas[0] - areas[1:].sum())
        ellipsoidal += official_area_m2(coords, offsets, parcel.crs)
    return Outline(parcel=parcel, serial=serial, points=tuple(points), rings=len(flat), ellipsoidal_m2=ellipsoidal, planar_m2=planar)
