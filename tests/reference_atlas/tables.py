"""Rows of the standard tables: unions of faces, their official areas, running numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from tests.reference_atlas.fabric import groups, neighbours, united
from tests.reference_atlas.ground import Ground, Guide
from tests.reference_atlas.plane import to_degrees
from xygis.geodesy.plane import OFFICIAL, ring_areas_m2


def official_areas_m2(shapes: Any) -> np.ndarray:
    """Official area of each shape (plane metres in, m² rounded to 2 decimals out), holes taken off."""
    degrees = to_degrees(np.asarray(shapes, dtype=object))
    parts, of = shapely.get_parts(degrees, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    outer = np.r_[True, part[1:] != part[:-1]]
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    offsets = np.r_[0, np.cumsum(np.bincount(ring, minlength=len(rings)))]
    areas = np.abs(ring_areas_m2(*OFFICIAL.project(xy, offsets, "EPSG:4490")))
    total = np.bincount(of[part], weights=np.where(outer, areas, -areas), minlength=len(degrees))
    return np.round(total, 2)


def joined(ground: Ground, keys: list[Any], keep: np.ndarray, *, link: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Unions of neighbouring faces that agree in every key, and the first face of each, in a fixed order."""
    rows = np.flatnonzero(keep)
    code = np.zeros(len(ground.faces), dtype=np.int64)
    for key in keys:
        values = np.unique(np.asarray(key), return_inverse=True)[1].reshape(-1)
        code = code * (values.max() + 1) + values
    link = neighbours(ground.faces) if link is None else link
    a, b = link[:, 0].astype(int), link[:, 1].astype(int)
    same = keep[a] & keep[b] & (code[a] == code[b])
    shapes, first = united(ground.faces[rows], groups(a[same], b[same], len(code))[rows])
    parts, index = shapely.get_parts(shapes, return_index=True)
    return parts, rows[first[index]]


def numbers(prefix: str, count: int) -> list[str]:
    """Eighteen-digit BSM: county or city code, layer number, running number."""
    return [f"{prefix}{n:0{18 - len(prefix)}d}" for n in range(1, count + 1)]


def county_columns(guide: Guide, county: np.ndarray) -> dict[str, list[str]]:
    """XZQDM and XZQMC."""
    return {"XZQDM": [guide.codes[c] for c in county], "XZQMC": [guide.names[c] for c in county]}


def county_of(guide: Guide, shapes: Any) -> np.ndarray:
    """Row of the county that holds most of each shape."""
    overlap = np.array([shapely.area(shapely.intersection(c, np.asarray(shapes, dtype=object))) for c in guide.counties])
    return overlap.argmax(axis=0)
