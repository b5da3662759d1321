"""Closed rings become polygons by what lies inside what, never by their number or direction alone.

Rings are nested by area: at even depth a shell, at odd depth a hole of the shell around it. Vertices stay as given.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from xygis.geodesy.ellipsoid import Floats
from xygis.vector.valid import made_valid

_HALF = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Assembly:
    """What became of some rings; the tuples hold indices of the rings handed in."""

    geometry: shapely.Polygon | shapely.MultiPolygon | None  # None where no ring encloses an area
    shells: tuple[int, ...]
    holes: tuple[int, ...]
    duplicates: tuple[int, ...]  # the same ring a second time, left out
    flat: tuple[int, ...]  # enclose nothing, left out


def assemble(rings: list[Floats]) -> Assembly:
    """Polygon or multipolygon of closed rings (each (n ≥ 4, 2)) in any order and direction; it may still be invalid.

    Raises BadGeometry where a ring is a tangle.
    """
    faces: dict[int, shapely.Geometry] = {}
    duplicates, flat, seen = [], [], set()
    for i, ring in enumerate(rings):
        face = shapely.Polygon(ring)
        if not face.is_valid:
            face = made_valid(face)
        same = shapely.normalize(shapely.Polygon(ring)).wkb
        if face.area <= 0:
            flat.append(i)
        elif same in seen:
            duplicates.append(i)
        else:
            faces[i] = face
            seen.add(same)
    depth, parent = _nest(faces)
    shells = [i for i in sorted(faces) if depth[i] % 2 == 0]
    holes = [i for i in sorted(faces) if depth[i] % 2]
    own: dict[int, list[Floats]] = {i: [] for i in shells}
    for i in holes:
        own[parent[i]].append(rings[i])
    parts = [shapely.Polygon(rings[i], own[i]) for i in shells]
    geometry = None if not parts else parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)
    return Assembly(geometry=geometry, shells=tuple(shells), holes=tuple(holes), duplicates=tuple(duplicates), flat=tuple(flat))


def _nest(faces: dict[int, shapely.Geometry]) -> tuple[dict[int, int], dict[int, int]]:
    """How many faces lie around each one, and the smallest of them. Around: larger, and over more than half of it."""
    depth, parent = dict.fromkeys(faces, 0), dict.fromkeys(faces, -1)
    if len(faces) < 2:
        return depth, parent
    order = sorted(faces, key=lambda i: faces[i].area)
    shapes = np.array([faces[i] for i in order], dtype=object)
    for small, large in zip(*shapely.STRtree(shapes).query(shapes, predicate="intersects"), strict=True):
        if large <= small:
            continue
        inner, outer = shapes[small], shapes[large]
        if not outer.covers(inner) and inner.intersection(outer).area <= _HALF * inner.area:
            continue
        i, j = order[small], order[large]
        depth[i] += 1
        if parent[i] < 0 or faces[j].area < faces[parent[i]].area:
            parent[i] = j
    return depth, parent
