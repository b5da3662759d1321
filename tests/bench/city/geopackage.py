"""Writes features as one GeoPackage layer: BSM, the columns given, MJ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pyogrio.raw
import shapely

CRS = "EPSG:4525"


def write(
    path: Path, geometry: Sequence[shapely.Geometry], columns: Mapping[str, Sequence[str]], *, first: int = 0, crs: str = CRS
) -> None:
    """first: number of the first feature; above 0 the features are added to the file. MJ is the area as stored, m²."""
    features = np.asarray(geometry, object)
    if first == 0:
        path.unlink(missing_ok=True)
    numbers = np.char.zfill((first + np.arange(len(features))).astype(str), 12)
    pyogrio.raw.write(
        path,
        shapely.to_wkb(features),
        [
            np.char.add("440100", numbers).astype(object),
            *(np.asarray(c, object) for c in columns.values()),
            np.round(shapely.area(features), 2),
        ],
        ["BSM", *columns, "MJ"],
        layer=path.stem,
        driver="GPKG",
        geometry_type="MultiPolygon",
        promote_to_multi=True,
        crs=crs,
        append=first > 0,
        layer_options={} if first else {"SPATIAL_INDEX": "YES"},
    )
