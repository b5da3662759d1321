"""suspects.gpkg: every patch with the columns of the list, for a GIS."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from xygis.report.geopackage import write_table
from xygis.report.suspects_list import ListColumn, list_columns, ordered
from xygis.suspects.result import PatchResult, Suspects

LAYER = "suspects"


def write_suspects_gpkg(result: Suspects, path: Path) -> None:
    """One table of multi-part polygons in CGCS2000 degrees; a number that is not known is NULL. Raises OutputFailed."""
    rows = ordered(result)
    shapes = [p.geometry if p.geometry.geom_type == "MultiPolygon" else shapely.MultiPolygon([p.geometry]) for p in rows]
    geometry = np.empty(len(shapes), object)
    geometry[:] = shapes
    columns = list_columns(result)
    write_table(path, LAYER, geometry, {("fid_in_batch" if c.key == "id" else c.key): _typed(c, rows) for c in columns}, "EPSG:4490")


def _typed(column: ListColumn, rows: tuple[PatchResult, ...]) -> NDArray[Any]:
    values = [column.value(p) for p in rows]
    if column.number:
        return np.array([np.nan if v is None else v for v in values], float)
    return np.array([None if v in (None, "") else str(v) for v in values], object)
