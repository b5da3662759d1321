"""Two small maps whose overlaps anybody can work out, written in whatever format and system a test wants."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
import shapely.affinity
from shapely.geometry import box

from tests.overlay.nasty import star
from xygis.compare.run import Comparison
from xygis.geodesy.plane import Plane

CRS = "EPSG:4525"
PLANE = Plane(CRS)  # planar metres, so that expected areas can be worked out on paper
CORNER = (37_512_000.0, 3_545_000.0)
Features = Sequence[shapely.Geometry]
Columns = Mapping[str, Sequence[object]]

LAND = ([box(0, 0, 100, 100), box(100, 0, 200, 100), box(0, 100, 200, 200)], {"DLBM": ["0101", "0301", "0701"]})
PLAN = ([box(50, 50, 150, 150), box(150, 0, 200, 200)], {"YDDM": ["R", "G"]})
MATRIX = {("0101", "R"): 2500, ("0301", "R"): 2500, ("0301", "G"): 5000, ("0701", "R"): 5000, ("0701", "G"): 5000}


def write(path: Path, features: Features, columns: Columns, crs: str = CRS, layer: str | None = None) -> Path:
    """A file of features drawn in metres from the corner, in the system `crs`; the format is that of the name."""
    moved = [shapely.affinity.translate(f, *CORNER) for f in features]
    if crs != CRS:  # an edge that is straight in one system is bent in the other, by 0.3 mm on 150 m
        moved = [shapely.segmentize(f, 2.0) for f in moved]
    frame = gpd.GeoDataFrame(dict(columns), geometry=moved, crs=CRS).to_crs(crs)
    options = {"COORDINATE_PRECISION": 15} if path.suffix == ".geojson" else {}
    frame.to_file(path, engine="pyogrio", layer=layer, **options)
    return path


def as_dict(result: Comparison) -> dict[tuple[str, str], float]:
    m = result.matrix
    return dict(zip(zip(m.a, m.b, strict=True), m.overlap_m2.tolist(), strict=True))


def town(seed: int, count: int) -> tuple[list[shapely.Geometry], dict[str, list[str]]]:
    """Ragged features of five classes on 2 km, some with holes, some large enough to be cut; they lie on one another."""
    rng = np.random.default_rng(seed)
    shapes = [
        shapely.affinity.translate(
            star(rng, int(rng.choice([5, 30, 300])), float(rng.choice([20, 90, 300])), hole=bool(k % 3 == 0)), *(rng.random(2) * 2000)
        )
        for k in range(count)
    ]
    return shapes, {"LB": [f"类{k % 5}" for k in range(count)]}
