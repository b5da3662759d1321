"""summary.gpkg: every parcel of a run with the columns of summary.csv, for a GIS."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from xygis.check.portfolio import Portfolio
from xygis.overlay.sheet import degrees_of
from xygis.report.geopackage import write_table
from xygis.report.summary import Summary, SummaryColumn
from xygis.report.table import Kind


def write_summary_gpkg(portfolio: Portfolio, summary: Summary, path: Path) -> None:
    """One table of multi-part polygons in CGCS2000 degrees; what is not known is NULL. Raises OutputFailed."""
    shapes = degrees_of(portfolio.parcels)
    parts, index = shapely.get_parts(shapes, return_index=True)
    geometry = np.asarray(shapely.multipolygons(parts, indices=index)) if len(parts) else shapes
    write_table(path, "summary", geometry, {c.column.key: _typed(c) for c in summary.columns}, "EPSG:4490", label='"name"')


def _typed(c: SummaryColumn) -> NDArray[Any]:
    if c.column.kind in (Kind.M2, Kind.METRES, Kind.COUNT):  # a count too: only a float can be NULL
        return np.array([np.nan if v is None else v for v in c.values()], float)
    return np.array([None if v is None else str(v) for v in c.values()], object)
