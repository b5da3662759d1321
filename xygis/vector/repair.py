"""Makes polygons valid and says what that changed: where, why, and the official area before and after.

Every lobe and every areal part is kept; nothing is ever buffered by zero. The area before is the signed shoelace of
the rings as drawn, so that a bow-tie, whose lobes cancel there, counts as the large change that it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from xygis.errors import BadGeometry, Where
from xygis.geodesy.plane import OFFICIAL, ring_areas_m2
from xygis.vector.notes import Note
from xygis.vector.valid import are_valid, made_valid

LIMIT_M2 = 0.1  # a repair beyond both limits leaves the boundary to be verified (DESIGN §7)
LIMIT_SHARE = 1e-4

_CODES = {
    "Self-intersection": ("self_crossing_repaired", "边界自相交"),
    "Ring Self-intersection": ("self_touch_repaired", "边界自相接"),
    "Hole lies outside shell": ("hole_outside_repaired", "内圈在外圈之外"),
    "Holes are nested": ("holes_nested_repaired", "内圈相互嵌套"),
    "Nested shells": ("shells_nested_repaired", "外圈相互嵌套"),
    "Duplicate Rings": ("ring_repeated_repaired", "圈重复"),
    "Interior is disconnected": ("interior_split_repaired", "内圈把地块隔断"),
    "Too few points in geometry component": ("ring_collapsed_repaired", "圈的点数不足"),
}
_OTHER = ("geometry_repaired", "图形不规范")

Geometries = NDArray[np.object_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """One geometry that was not valid, or not all areal. Areas are official m² where the system is known, else planar."""

    index: int
    code: str
    reason: str  # in Chinese
    point: tuple[float, float] | None  # in the coordinates of the source
    before_m2: float
    after_m2: float

    @property
    def change_m2(self) -> float:
        return self.after_m2 - self.before_m2

    @property
    def small(self) -> bool:
        """True where the repair may pass as a note."""
        change = abs(self.change_m2)
        return change <= LIMIT_M2 or change <= LIMIT_SHARE * max(self.before_m2, self.after_m2)

    @property
    def text(self) -> str:
        change = "面积不变" if abs(self.change_m2) < 0.005 else f"面积由 {self.before_m2:,.2f} m² 变为 {self.after_m2:,.2f} m²"
        return f"{self.reason}，已修复，{change}"


def repair_polygons(geometry: Geometries, code: str | None) -> tuple[Geometries, list[Repair]]:
    """All geometries valid and areal, None where nothing areal is left; and a record for each that was touched.

    Only those that need it are rebuilt: 100,000 sound polygons cost one validity test each. Missing ones stay None.
    Raises BadGeometry where a boundary is a tangle; its place has the running number of the feature.
    """
    out = geometry.copy()
    kind = shapely.get_type_id(out)
    touched = np.flatnonzero((~are_valid(out) | ~np.isin(kind, (3, 6))) & (kind >= 0))
    records = []
    for i in touched:
        shape = out[i]
        reason, point = diagnosis(shape)
        with np.errstate(over="ignore", invalid="ignore"):  # absurd coordinates are refused where their system is decided
            fixed = _areal(made_valid(shape, Where(feature=str(int(i) + 1), point=point)) if not shape.is_valid else shape)
        before, after = signed_area_m2(shape, code), 0.0 if fixed is None else signed_area_m2(fixed, code)
        records.append(Repair(index=int(i), code=reason[0], reason=reason[1], point=point, before_m2=before, after_m2=after))
        out[i] = fixed
    return out, records


def repair_polygon(
    geometry: shapely.Geometry, code: str | None, *, where: Where | None = None
) -> tuple[shapely.Polygon | shapely.MultiPolygon, tuple[Note, ...], float, bool]:
    """(valid geometry, notes, change of area in m², ok). `ok` is False where the change is beyond the limit.

    Raises BadGeometry where nothing with an area is left.
    """
    where = where or Where()
    one = np.empty(1, dtype=object)
    one[0] = geometry
    fixed, records = repair_polygons(one, code)
    if fixed[0] is None or not fixed[0].area > 0:
        raise BadGeometry(what="地块没有面积", where=where, why="界址点重合或在一条直线上", fix="请核对界址点坐标")
    notes = tuple(note_of(r, where) for r in records)
    return fixed[0], notes, sum(r.change_m2 for r in records), all(r.small for r in records)


def note_of(repair: Repair, where: Where) -> Note:
    """The repair as a note at its place."""
    place = Where(file=where.file, line=where.line, layer=where.layer, feature=where.feature, point=repair.point)
    return Note(
        code=repair.code,
        level="info" if repair.small else "warning",
        text=repair.text,
        where=place,
        areas_m2=(repair.before_m2, repair.after_m2),
    )


def signed_area_m2(geometry: shapely.Geometry, code: str | None) -> float:
    """Area of the rings as drawn: per ring the size of its signed shoelace, shells added, holes taken off."""
    total = 0.0
    for part in shapely.get_parts(geometry, return_index=False):
        if part.geom_type == "GeometryCollection":
            total += signed_area_m2(part, code)
        if part.geom_type != "Polygon" or part.is_empty:
            continue
        rings = [shapely.get_coordinates(r) for r in (part.exterior, *part.interiors)]
        coords = np.vstack(rings)
        offsets = np.r_[0, np.cumsum([len(r) for r in rings])]
        if code is not None:
            coords, offsets = OFFICIAL.project(coords, offsets, code)
        areas = np.abs(ring_areas_m2(coords, offsets))
        total += float(areas[0] - areas[1:].sum())
    return max(total, 0.0)


def diagnosis(shape: shapely.Geometry) -> tuple[tuple[str, str], tuple[float, float] | None]:
    """((code, reason in Chinese), place in its own coordinates) of what makes a polygon invalid: the first that is found."""
    text = str(shapely.is_valid_reason(shape))
    if text == "Valid Geometry":
        return ("non_areal_dropped", "图形中夹有点或线，只保留面"), None
    match = re.match(r"(.*?)\s*\[(\S+) (\S+?)(?: \S+)?\]", text)
    if not match:
        return _OTHER, None
    return _CODES.get(match.group(1), _OTHER), (float(match.group(2)), float(match.group(3)))


def _areal(shape: shapely.Geometry) -> shapely.Polygon | shapely.MultiPolygon | None:
    """The parts with an area, as one valid polygon or multipolygon."""
    polygons: list[shapely.Polygon] = []
    queue = [shape]
    while queue:
        for part in shapely.get_parts(queue.pop()):
            if part.geom_type == "Polygon" and part.area > 0:
                polygons.append(part)
            elif part.geom_type in ("MultiPolygon", "GeometryCollection"):
                queue.append(part)
    if not polygons:
        return None
    if len(polygons) == 1:
        return polygons[0]
    merged = shapely.MultiPolygon(polygons)
    return merged if merged.is_valid else shapely.union_all(polygons)
