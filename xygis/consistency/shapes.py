"""The patches file beside a report: what it is called, and a fingerprint of its shapes that notes may be written beside.

People write in consistency.gpkg, so its bytes change. What must not change is which patch lies where.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import shapely

FILE = "consistency.gpkg"
LAYER = "patches"
ABSENT_LAYER = "not_compared"  # patches of an earlier run that this one could not look for


def shapes_sha256(shapes: Iterable[tuple[str, shapely.Geometry]]) -> str:
    """sha256 over (name, shape) in the order of names; a polygon is the same alone and as the only part of a multi-part one."""
    digest = hashlib.sha256()
    for name, shape in sorted(((n, _single(s)) for n, s in shapes), key=lambda pair: pair[0]):
        digest.update(f"{name}\n".encode())
        digest.update(shapely.to_wkb(shape, output_dimension=2, byte_order=1, include_srid=False))
    return f"sha256:{digest.hexdigest()}"


def _single(shape: shapely.Geometry) -> shapely.Geometry:
    return shape.geoms[0] if shape.geom_type == "MultiPolygon" and len(shape.geoms) == 1 else shape
