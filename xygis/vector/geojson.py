"""Reads GeoJSON as text: rings closed where they are not, projected numbers left to the decision on the coordinate system."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from xygis.errors import BadGeometry, DamagedFile, Where
from xygis.geodesy.ellipsoid import Floats
from xygis.vector.crs_claim import Claim, claim_of_code
from xygis.vector.gpkg import RawFeatures
from xygis.vector.layers import ForeignLayer
from xygis.vector.notes import Note
from xygis.vector.safe import read_text

_DEEPEST = 200


def read_geojson(path: Path, *, encoding: str | None = None) -> ForeignLayer:
    """The features of a GeoJSON file. Raises DamagedFile, BadEncoding, BadGeometry; each names the feature."""
    where = Where(file=str(path))
    text, used = read_text(path, encoding)
    try:
        content = json.loads(text, parse_constant=_no_constant)
    except RecursionError as error:
        raise DamagedFile(what="GeoJSON 嵌套过深", where=where, fix="请重新导出") from error
    except ValueError as error:
        line, column = getattr(error, "lineno", None), getattr(error, "colno", None)
        why = str(error)[:100] if column is None else f"第 {line} 行第 {column} 列处语法不对（{str(error)[:60]}）"
        raise DamagedFile(
            what="GeoJSON 不完整或有语法错误", where=Where(file=str(path), line=line), why=why, fix="请重新导出这个文件"
        ) from error
    if not isinstance(content, dict):
        raise DamagedFile(what="不是 GeoJSON", where=where, fix="最外层应是 FeatureCollection、Feature 或几何对象")
    features = _features(content, where)
    notes: list[Note] = []
    shapes: list[shapely.Geometry | None] = []
    properties: list[dict[str, Any]] = []
    for i, feature in enumerate(features, start=1):
        place = Where(file=str(path), feature=str(i))
        try:
            shapes.append(_shape(feature.get("geometry"), place, notes))
        except (TypeError, ValueError, OverflowError, IndexError, KeyError, AttributeError, RecursionError) as error:
            raise DamagedFile(what="几何不符合 GeoJSON 规定", where=place, why=str(error)[:100], fix="请重新导出这个文件") from error
        except shapely.errors.GEOSException as error:
            raise BadGeometry(what="几何无法读取", where=place, why=str(error)[:100], fix="请检查这个要素的坐标") from error
        own = feature.get("properties")
        properties.append(own if isinstance(own, dict) else {})
    names = list(dict.fromkeys(str(k) for p in properties for k in p))
    geometry = np.empty(len(shapes), dtype=object)
    geometry[:] = shapes
    claim = _claim(content, where)
    return ForeignLayer(
        name=path.stem,
        format="geojson",
        features=RawFeatures(
            geometry=geometry,
            columns={n: [_plain(p.get(n)) for p in properties] for n in names},
            crs=claim.code,
            fids=list(range(1, len(shapes) + 1)),
            sublayer=path.stem,
        ),
        claim=claim,
        encoding=used,
        encoding_why="",
        notes=tuple(notes),
    )


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} 不是数")


def _features(content: dict[str, Any], where: Where) -> list[dict[str, Any]]:
    kind = content.get("type")
    if kind == "FeatureCollection":
        features = content.get("features")
        if not isinstance(features, list) or not all(isinstance(f, dict) for f in features):
            raise DamagedFile(what="GeoJSON 的 features 不是要素列表", where=where, fix="请重新导出")
        if not features:
            raise BadGeometry(what="GeoJSON 里没有要素", where=where, fix="请确认导出时选中了地块")
        return features
    if kind == "Feature":
        return [content]
    if kind in ("Polygon", "MultiPolygon", "GeometryCollection", "Point", "MultiPoint", "LineString", "MultiLineString"):
        return [{"geometry": content}]
    raise DamagedFile(what=f"不是 GeoJSON：type 是 {str(kind)[:40]!r}", where=where, fix="最外层应是 FeatureCollection、Feature 或几何对象")


def _shape(geometry: Any, where: Where, notes: list[Note], depth: int = 0) -> shapely.Geometry | None:
    if geometry is None:
        return None
    if depth > _DEEPEST:
        raise ValueError(f"几何集合嵌套超过 {_DEEPEST} 层")
    kind = geometry["type"]
    if kind == "GeometryCollection":
        parts = [_shape(g, where, notes, depth + 1) for g in geometry["geometries"]]
        return shapely.GeometryCollection([p for p in parts if p is not None])
    coordinates = geometry["coordinates"]
    if not coordinates:
        return None
    if kind == "Polygon":
        return _polygon(coordinates, where, notes)
    if kind == "MultiPolygon":
        return shapely.MultiPolygon([p for p in (_polygon(c, where, notes) for c in coordinates if c) if p is not None])
    if kind in ("LineString", "MultiPoint"):
        return (shapely.LineString if kind == "LineString" else shapely.MultiPoint)(_xy(coordinates))
    if kind == "MultiLineString":
        return shapely.MultiLineString([_xy(c) for c in coordinates])
    if kind == "Point":
        return shapely.Point(_xy([coordinates])[0])
    raise ValueError(f"不认识的几何类型 {str(kind)[:40]}")


def _polygon(rings: list[Any], where: Where, notes: list[Note]) -> shapely.Polygon | None:
    closed = [_ring(c, where, notes, f"第 {k} 圈" if len(rings) > 1 else "") for k, c in enumerate(rings, start=1)]
    if closed[0] is None:
        return None
    return shapely.Polygon(closed[0], [r for r in closed[1:] if r is not None])


def _ring(coordinates: list[Any], where: Where, notes: list[Note], called: str) -> Floats | None:
    ring = _xy(coordinates)
    if not np.array_equal(ring[0], ring[-1]):
        point = (float(ring[-1, 0]), float(ring[-1, 1]))
        place = Where(file=where.file, feature=where.feature, point=point)
        notes.append(Note(code="ring_closed", level="info", text=f"{called}首尾点未闭合，已补首点，面积不变", where=place))
        ring = np.vstack([ring, ring[:1]])
    if len(ring) < 4:
        notes.append(Note(code="ring_flat", level="warning", text=f"{called or '有一圈'}不足三个点，已去掉", where=where))
        return None
    return ring


def _xy(coordinates: list[Any]) -> Floats:
    try:
        xy = np.array([(float(c[0]), float(c[1])) for c in coordinates], dtype=np.float64)
    except (TypeError, ValueError, KeyError, IndexError) as error:
        bad = next((c for c in coordinates if not _is_pair(c)), coordinates)
        raise ValueError(f"坐标 {json.dumps(bad, ensure_ascii=False)[:60]} 不是两个数") from error
    if not np.isfinite(xy).all():
        raise ValueError("坐标不是有限的数")
    return xy


def _is_pair(value: Any) -> bool:
    return isinstance(value, list) and len(value) > 1 and all(isinstance(v, (int, float)) for v in value[:2])


def _claim(content: dict[str, Any], where: Where) -> Claim:
    crs = content.get("crs")
    name = crs.get("properties", {}).get("name") if isinstance(crs, dict) and isinstance(crs.get("properties"), dict) else None
    match = re.search(r"EPSG:{1,2}[\d.]*:?(\d{4,6})$", name) if isinstance(name, str) else None
    if match:
        return claim_of_code(f"EPSG:{int(match.group(1))}", source="文件的 crs 成员", where=where)
    return Claim(code="EPSG:4326", evidence=("GeoJSON 没有写坐标系，按规定是 WGS84 经纬度",), where=where, firm=False)


def _plain(value: Any) -> object:
    return value if value is None or isinstance(value, (str, int, float, bool)) else json.dumps(value, ensure_ascii=False)
