"""Which coordinate system parcels are written in, and the way there. Vertices are moved; none is added, dropped or rounded."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import shapely
from numpy.typing import NDArray

from xygis.errors import AmbiguousCrs, BadGeometry, UsageError, Where
from xygis.geodesy.crs import CGCS2000, WGS84, from_geographic, gauss_zone, is_geographic, local_zone, title, to_geographic, zone_code
from xygis.geodesy.ellipsoid import Floats
from xygis.intake.submission import Parcel, Submission
from xygis.vector.notes import Note
from xygis.vector.repair import repair_polygons, signed_area_m2

_CHORD_M = 0.001  # a straight edge that leaves its old place by more than this is told


def code_of_zone(text: str) -> str:
    """EPSG code of what a person types for the output: 37, 19, EPSG:4546, 4490. Only CGCS2000. Raises UsageError."""
    match = re.fullmatch(r"\s*(?:EPSG\s*[:：]\s*)?(\d{2,6})\s*", text, re.IGNORECASE)
    number = int(match.group(1)) if match else 0
    if 25 <= number <= 45:
        return zone_code(number)
    if 13 <= number <= 23:
        return f"EPSG:{4491 + number - 13}"
    code = f"EPSG:{number}"
    if code == CGCS2000 or gauss_zone(code) is not None:
        return code
    raise UsageError(
        what=f"输出坐标系“{text}”不能用",
        why="只写 2000 国家大地坐标系，其他坐标系需要转换参数",
        fix="请给出带号（37、38；6 度带 19）或 EPSG 代码，例如 --crs 37、--crs EPSG:4546、--crs EPSG:4490",
    )


def metric_code(submissions: Sequence[Submission], asked: str | None, *, prefixed: bool = False) -> tuple[str, list[Note]]:
    """The Gauss-Krüger zone of a form that holds metres only, and why where nobody asked for it.

    prefixed: the form wants eastings with the zone number in front. Raises UsageError (degrees asked), AmbiguousCrs (several systems).
    """
    if asked is not None:
        if is_geographic(asked):
            raise UsageError(what="这种格式只写以米为单位的平面坐标，不写经纬度", fix="请给出带号，例如 --crs 37")
        return asked, []
    code = _only_code(submissions)
    zone = gauss_zone(code)
    if zone is None:
        code = _zone_at(submissions)
        return code, [
            Note(code="zone_chosen", level="warning", text=f"输入是 {title(_only_code(submissions))}，按所在位置换算为 {title(code)}")
        ]
    if prefixed and not zone.prefixed:
        code = zone_code(zone.zone) if zone.width_deg == 3 else f"EPSG:{4491 + zone.zone - 13}"
        return code, [Note(code="prefix_added", level="info", text=f"横坐标按官方格式加上带号 {zone.zone}")]
    return code, []


def any_code(submissions: Sequence[Submission], asked: str | None) -> tuple[str, list[Note]]:
    """The system of a form that holds metres or degrees: what was asked for, else the input's own if it is CGCS2000."""
    if asked is not None:
        return asked, []
    code = _only_code(submissions)
    if code in (CGCS2000, WGS84):
        return CGCS2000, []
    return metric_code(submissions, None)


def degrees_code(asked: str | None) -> tuple[str, list[Note]]:
    """CGCS2000 degrees, for forms that know nothing else. Raises UsageError where metres were asked for."""
    if asked not in (None, CGCS2000):
        raise UsageError(what="这种格式只写经纬度，不写平面坐标", fix="请去掉 --crs，或换成 shp、gpkg、dxf")
    return CGCS2000, []


def moved(parcels: Sequence[Parcel], code: str) -> tuple[tuple[Parcel, ...], list[Note]]:
    """The parcels in the system `code`. Raises BadGeometry where a boundary would cross itself there.

    An edge that was straight is straight again between its moved ends; how far that is from where it was is noted.
    """
    shapes = {crs: _all_moved([p for p in parcels if p.crs == crs], code) for crs in dict.fromkeys(p.crs for p in parcels)}
    following = {crs: iter(found.tolist()) for crs, found in shapes.items()}
    out = tuple(replace(p, geometry=next(following[p.crs]), crs=code) for p in parcels)
    chord = max((_chord_m([p.geometry for p in parcels if p.crs == crs], crs, code) for crs in shapes if crs != code), default=0.0)
    if chord <= _CHORD_M:
        return out, []
    area = max(abs(signed_area_m2(a.geometry, a.crs) - signed_area_m2(b.geometry, code)) for a, b in zip(parcels, out, strict=True))
    text = (
        f"换坐标系后界址点位置不变；两个系统里的直线不是同一条线，没有加点，长直边的中段与原边最多偏离 {chord:.3f} 米，"
        f"单个地块的椭球面积最多相差 {area:.2f} m²"
    )
    return out, [Note(code="chord", level="warning", text=text)]


def moved_points(xy: Floats, source: str, code: str) -> Floats:
    """Points from one system to another; between two that differ only in the zone number in front, to the last digit."""
    a, b = gauss_zone(source), gauss_zone(code)
    if a is not None and b is not None and a.meridian_deg == b.meridian_deg:
        shifted: Floats = xy + np.array([b.false_easting_m - a.false_easting_m, 0.0])
        return shifted
    x, y = from_geographic(code, *to_geographic(source, xy[:, 0], xy[:, 1]))
    return np.column_stack([x, y])


def _all_moved(parcels: Sequence[Parcel], code: str) -> NDArray[np.object_]:
    """The shapes of parcels of one system in another, all at once: 10,000 small ones cost as much as one large one."""
    geometry = np.array([p.geometry for p in parcels], dtype=object)
    if parcels[0].crs == code:
        return geometry
    out = np.asarray(shapely.transform(geometry, lambda xy: moved_points(xy, parcels[0].crs, code)), dtype=object)
    for i in np.flatnonzero(~shapely.is_valid(out)).tolist():
        why, point = flaw(out[i], code)
        raise BadGeometry(
            what=f"地块“{parcels[i].name}”换算到 {title(code)} 后边界不成立",
            where=Where(feature=parcels[i].name, point=point),
            why=why,
            fix="请核对这里相距不足 1 厘米的界址点，或不换坐标系",
        )
    return out


def _chord_m(shapes: Sequence[shapely.Geometry], source: str, code: str) -> float:
    """How far the middle of any straight edge is from the middle of the edge between its moved ends, in metres."""
    if is_geographic(code) and is_geographic(source):
        return 0.0
    lines = shapely.get_rings(shapely.get_parts(np.array(shapes, dtype=object)))
    points, owner = shapely.get_coordinates(lines, return_index=True)
    edge = owner[1:] == owner[:-1]
    middle, new = ((points[1:] + points[:-1]) / 2)[edge], moved_points(points, source, code)
    chord = ((new[1:] + new[:-1]) / 2)[edge]
    if is_geographic(code):
        off = moved_points(chord, code, source) - middle
    else:
        off = moved_points(middle, source, code) - chord
    return float(np.hypot(*off.T).max())


def flaw(shape: shapely.Geometry, code: str) -> tuple[str, tuple[float, float] | None]:
    """What is wrong with a shape that is not valid, in Chinese, and where."""
    one = np.empty(1, dtype=object)
    one[0] = shape
    record = repair_polygons(one, code)[1][0]
    return record.reason, record.point


def rings(geometry: shapely.Geometry) -> list[Floats]:
    """Every ring, closed, shells and holes in the order of the geometry."""
    return [shapely.get_coordinates(r) for p in shapely.get_parts(geometry) for r in (p.exterior, *p.interiors)]


def _only_code(submissions: Sequence[Submission]) -> str:
    codes = list(dict.fromkeys(CGCS2000 if s.crs == WGS84 else s.crs for s in submissions))
    if len(codes) > 1:
        raise AmbiguousCrs(
            what="各输入文件的坐标系不同",
            why="；".join(f"{s.path} 是 {title(s.crs)}" for s in submissions[:4]),
            fix="请用 --crs 指明输出坐标系，例如 --crs 37，或分开转换",
        )
    return codes[0]


def _zone_at(submissions: Sequence[Submission]) -> str:
    """The 3-degree zone, with its number in front, in which the middle of all parcels lies."""
    box = shapely.total_bounds([p.geometry for s in submissions for p in s.parcels])
    lon, _ = to_geographic(submissions[0].crs, np.array([(box[0] + box[2]) / 2]), np.array([(box[1] + box[3]) / 2]))
    near = gauss_zone(local_zone(float(lon[0])))
    assert near is not None
    return zone_code(near.zone)
