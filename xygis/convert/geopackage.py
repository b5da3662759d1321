"""A GeoPackage with one table of parcels, every attribute under its own name."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from xygis.convert.columns import AREA, Column, columns_of, named
from xygis.intake.submission import Parcel
from xygis.report.geopackage import write_table
from xygis.vector.notes import Note


def write_geopackage(parcels: Sequence[Parcel], path: Path) -> list[Note]:
    """Multi-part polygons in the parcels' own system; what is not known is NULL. Raises OutputFailed."""
    columns, notes = named(columns_of(parcels), str, reserved=("fid", "geom", "ogc_fid"))
    geometry = np.array([p.geometry for p in parcels], dtype=object)
    parts, index = shapely.get_parts(geometry, return_index=True)
    whole = np.asarray(shapely.multipolygons(parts, indices=index))
    write_table(path, "parcels", whole, {c.name: _array(c) for c in columns}, parcels[0].crs)
    return notes


def _array(column: Column) -> NDArray[Any]:
    if column.name == AREA:
        return np.array([np.nan if v is None else v for v in column.values], dtype=float)
    return np.array(column.values, dtype=object)
