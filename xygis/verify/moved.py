"""Which boundary points of a parcel have moved, by how many metres and in which direction."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely

from xygis.geodesy import crs
from xygis.geodesy.ellipsoid import Floats
from xygis.intake.submission import Parcel

_MOST = 6  # points that are told one by one


def moved_points(name: str, before: str, before_crs: str, now: Parcel) -> tuple[str, ...]:
    """Sentences; empty where the boundary is the same, or where `before` (WKT in `before_crs`) is none that can be compared."""
    try:
        old = shapely.from_wkt(before)
        if old is None or before == shapely.to_wkt(now.geometry, rounding_precision=-1) and before_crs == now.crs:
            return ()
        if before_crs != now.crs:
            return (f"地块“{name}”的坐标系由 {before_crs} 变为 {now.crs}，坐标不能逐点比",)
        then, there = _points(old), _points(now.geometry)
        where_then, where_now = _metres(then, now.crs), _metres(there, now.crs)
    except (shapely.errors.ShapelyError, ValueError, TypeError, AttributeError, IndexError):
        return ()
    labels = _labels(now, len(there))
    if len(then) == len(there):
        return _shifted(name, where_now - where_then, labels)
    known = {tuple(p) for p in then.tolist()}
    staying = {tuple(p) for p in there.tolist()}
    new = [label for label, p in zip(labels, there.tolist(), strict=True) if tuple(p) not in known]
    gone = [p for p in then.tolist() if tuple(p) not in staying]
    told = [f"地块“{name}”的界址点由 {len(then)} 个变为 {len(there)} 个"]
    if new:
        told.append(f"新的点：{'、'.join(n.strip() for n in new[:_MOST])}{f' 等 {len(new)} 个' if len(new) > _MOST else ''}")
    if gone:
        shown = "、".join(f"({x:.10g}, {y:.10g})" for x, y in gone[:_MOST])
        told.append(f"不再有的点（东、北）：{shown}{f' 等 {len(gone)} 个' if len(gone) > _MOST else ''}")
    return tuple(told)


def _shifted(name: str, by: Floats, labels: Sequence[str]) -> tuple[str, ...]:
    far = np.hypot(by[:, 0], by[:, 1])
    places = np.flatnonzero(far > 0.0)
    if not len(places):
        return ()
    if len(places) == len(labels) and float(np.ptp(by, axis=0).max()) < 1e-6:
        return (f"地块“{name}”整体移动 {far[0]:.3f} m（{_direction(*by[0])}）",)
    order = places[np.argsort(-far[places], kind="stable")]
    told = [f"地块“{name}”的{labels[i]}移动 {_length(far[i])}（{_direction(*by[i])}）" for i in order[:_MOST]]
    if len(order) > _MOST:
        told.append(f"地块“{name}”另有 {len(order) - _MOST} 个点移动，都不超过 {_length(far[order[_MOST]])}")
    return tuple(told)


def _length(metres: float) -> str:
    return f"{metres:.3f} m" if metres >= 0.0005 else "不足 0.001 m"


def _direction(east: float, north: float) -> str:
    ways = [f"向{'北' if north > 0 else '南'} {abs(north):.3f} m"] if abs(north) >= 0.0005 else []
    ways += [f"向{'东' if east > 0 else '西'} {abs(east):.3f} m"] if abs(east) >= 0.0005 else []
    return "、".join(ways) or "方向不计"


def _points(geometry: shapely.Geometry) -> Floats:
    """(n, 2): the vertices of all rings, each without its closing one."""
    rings = [r for part in shapely.get_parts(geometry) for r in (part.exterior, *part.interiors)]
    return np.concatenate([shapely.get_coordinates(ring)[:-1] for ring in rings])


def _metres(points: Floats, code: str) -> Floats:
    if not crs.is_geographic(code):
        return points
    zone = crs.local_zone(float(points[0, 0]))
    return np.column_stack(crs.from_geographic(zone, points[:, 0], points[:, 1]))


def _labels(parcel: Parcel, count: int) -> list[str]:
    """J1, J2 … as the file has them, else 第 1 点 …"""
    rings = [r for part in shapely.get_parts(parcel.geometry) for r in (part.exterior, *part.interiors)]
    if len(parcel.point_labels) == count + len(rings):
        kept: list[str] = []
        at = 0
        for ring in rings:
            size = len(shapely.get_coordinates(ring))
            kept += parcel.point_labels[at : at + size - 1]
            at += size
        if all(kept):
            return [f"界址点 {label} " for label in kept]
    return [f"第 {i + 1} 点" for i in range(count)]
