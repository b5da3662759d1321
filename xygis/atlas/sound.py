"""Makes a foreign layer's features fit to be a layer: every one with a valid geometry of the right kind, or refused with its place."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from xygis.errors import BadGeometry, Where
from xygis.geodesy.crs import from_geographic, local_zone, to_geographic
from xygis.geodesy.plane import Plane, ring_areas_m2
from xygis.vector.gpkg import Geometries
from xygis.vector.repair import Repair, repair_polygons

KIND_NAMES = {"polygon": "面", "line": "线"}
_DIMENSION = {"polygon": 2, "line": 1}
_COLLECTION = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairedFeature:
    """A repair, and the feature it was made on. `dropped`: nothing with an area was left, the feature is gone."""

    feature: str
    repair: Repair
    dropped: bool

    @property
    def text(self) -> str:
        """One sentence with place and areas."""
        place = "" if self.repair.point is None else f"（{self.repair.point[0]:.3f}, {self.repair.point[1]:.3f}）"
        return f"要素 {self.feature}{place}：{f'{self.repair.reason}，没有面积，未登记' if self.dropped else self.repair.text}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """Valid geometries, which of the given features they are, and what was mended."""

    geometry: Geometries
    kept: NDArray[np.bool_]  # one per feature handed in
    repairs: tuple[RepairedFeature, ...]


def make_sound(geometry: Geometries, kind: str, crs: str, labels: list[str], where: Where) -> Sound:
    """kind: polygon | line; labels: what a person calls each feature. Raises BadGeometry with count and first place."""
    _refuse(
        shapely.is_missing(geometry) | shapely.is_empty(geometry), "没有图形", "请补全图形，或在源数据中删去这些要素后重试", labels, where
    )
    dimension = shapely.get_dimensions(geometry)
    wrong = (dimension != _DIMENSION[kind]) & (shapely.get_type_id(geometry) != _COLLECTION)
    if kind == "line":
        wrong |= shapely.get_type_id(geometry) == _COLLECTION
    other = "、".join(
        sorted(
            {shapely.get_type_id(g) in (0, 4) and "点" or shapely.get_type_id(g) in (1, 2, 5) and "线" or "面" for g in geometry[wrong][:1]}
        )
    )
    _refuse(wrong, f"的图形是{other}，这个图层应为{KIND_NAMES[kind]}", f"请给出{KIND_NAMES[kind]}状数据", labels, where)
    if kind == "line":
        return Sound(geometry=geometry, kept=np.ones(len(geometry), bool), repairs=())
    mended, records = repair_polygons(geometry, crs)
    gone = shapely.is_missing(mended)
    _refuse(gone & (dimension != 2), "的图形里没有面", "请给出面状数据", labels, where)
    repairs = tuple(RepairedFeature(feature=labels[r.index], repair=r, dropped=bool(gone[r.index])) for r in records)
    return Sound(geometry=mended[~gone], kept=~gone, repairs=repairs)


def area_m2(geometry: Geometries, crs: str, plane: Plane) -> float:
    """Sum of the areas of some polygons in the plane that the atlas measures in; what two of them share counts twice."""
    parts = shapely.get_parts(geometry)
    if not len(parts):
        return 0.0
    _, coords, (rings, polygons) = shapely.to_ragged_array(parts)
    rings = np.asarray(rings, np.int64)
    xy, split = plane.project(np.ascontiguousarray(coords[:, :2]), rings, crs)
    areas = np.abs(ring_areas_m2(xy, split))
    areas[np.setdiff1d(np.arange(len(areas)), polygons[:-1])] *= -1  # the first ring of a polygon is its shell, the rest are holes
    return float(areas.sum())


def length_m(geometry: Geometries, crs: str) -> float:
    """Sum of the lengths of some lines, in the 3-degree zone of their middle."""
    middle = shapely.get_coordinates(geometry).mean(axis=0)
    lon, _ = to_geographic(crs, middle[:1], middle[1:])
    zone = local_zone(float(lon[0]))
    moved = shapely.transform(geometry, lambda c: np.column_stack(from_geographic(zone, *to_geographic(crs, c[:, 0], c[:, 1]))))
    return float(shapely.length(moved).sum())


def _refuse(bad: NDArray[np.bool_], what: str, fix: str, labels: list[str], where: Where) -> None:
    found = np.flatnonzero(bad)
    if len(found):
        place = Where(file=where.file, layer=where.layer, feature=labels[found[0]])
        raise BadGeometry(what=f"{len(found)} 个要素{what}", where=place, why="位置是其中第一个", fix=fix)
