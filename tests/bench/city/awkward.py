"""Single parcels that are hard to check cold: a bow-tie, holes, another zone, 20 km × 40 m. All meet at one place."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyogrio.raw
import shapely

from tests.bench.city.geopackage import CRS, write
from tests.bench.city.shapes import blob, bowtie, rect

AWKWARD = ("bowtie", "hole", "zone38", "strip")
_SEED = 20260303
_OTHER_ZONE = "EPSG:4526"
_LONGEST_M = 5.0  # edges are split before they go to the other zone, so that every program sees the same outline


def awkward(out: Path) -> None:
    """one_<kind>.gpkg around the parcel in one_parcel.gpkg."""
    import pyproj

    _, _, wkb, _ = pyogrio.raw.read(out / "one_parcel.gpkg", columns=[])
    parcel = shapely.make_valid(shapely.from_wkb(wkb[0]))
    centre = shapely.point_on_surface(parcel)
    rng = np.random.default_rng(_SEED)
    there = pyproj.Transformer.from_crs(CRS, _OTHER_ZONE, always_xy=True)
    moved = shapely.transform(shapely.segmentize(parcel, _LONGEST_M), lambda c: np.column_stack(there.transform(c[:, 0], c[:, 1])))
    shapes = {
        "bowtie": (bowtie(centre.x, centre.y, 500.0), CRS),
        "hole": (blob(rng, centre.x, centre.y, 320.0, 400, holes=6), CRS),
        "zone38": (moved, _OTHER_ZONE),
        "strip": (rect(rng, centre.x, centre.y, 20_000.0, 40.0, angle=0.7), CRS),
    }
    for kind, (shape, crs) in shapes.items():
        write(out / f"one_{kind}.gpkg", [shape], {"XMMC": [kind]}, crs=crs)
