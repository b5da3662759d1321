"""What the tests of adoption share: a place, squares there, and the shortest way to adopt and to check."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from xygis.atlas.adopt import Adoption, adopt_layer
from xygis.atlas.atlas import Atlas
from xygis.atlas.verdict import DataStatus
from xygis.check.assessment import Assessment
from xygis.check.run import check
from xygis.geodesy.crs import to_geographic
from xygis.intake.submission import Parcel, Submission
from xygis.overlay.store import LayerStore

DAY = date(2026, 11, 24)
EAST, NORTH = 38_387_000.0, 3_545_000.0  # near 112.8° E, 32.0° N, in zone 38 with its number in front
FARMLAND = "permanent_basic_farmland"
RED_LINE = "ecological_red_line"

Write = Callable[..., Path]


def square(east_m: float, north_m: float, side_m: float = 100.0) -> shapely.Polygon:
    """A square, its lower left corner so many metres from the origin of these tests."""
    return shapely.box(EAST + east_m, NORTH + north_m, EAST + east_m + side_m, NORTH + north_m + side_m)


def degrees(coords: Any) -> Any:
    """Longitude and latitude of coordinates in EPSG:4526; for shapely.transform."""
    return np.column_stack(to_geographic("EPSG:4526", coords[:, 0], coords[:, 1]))


def adopt(root: Path, file: Path, layer: str = FARMLAND, **options: Any) -> Adoption:
    """Adopts a file as a statutory layer of 2022."""
    defaults: dict[str, Any] = {"fields": {}, "version": date(2022, 11, 7), "status": DataStatus.STATUTORY}
    return adopt_layer(Atlas.open(root), file, layer, **{**defaults, **options})


def run(root: Path, cache: Path, *shapes: shapely.Polygon, on: date = DAY) -> Assessment:
    """Checks some parcels drawn in EPSG:4526."""
    parcels = tuple(Parcel(name=f"地块{i}", geometry=s, crs="EPSG:4526", declared_m2=None) for i, s in enumerate(shapes, 1))
    submission = Submission(
        path="t.txt", sha256="0" * 64, format="boundary_txt", encoding=None, crs="EPSG:4526", evidence=(), notes=(), parcels=parcels
    )
    return check(submission, Atlas.open(root), on=on, store=LayerStore(cache))
