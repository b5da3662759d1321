"""The bounding box that a GeoPackage states for one of its layers, without reading any geometry."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path
from urllib.parse import quote

Bounds = tuple[float, float, float, float]


def stated_bounds(path: Path, sublayer: str | None) -> Bounds | None:
    """(west, south, east, north) in the layer's own units, or None where the file does not say, or cannot be read."""
    if not path.is_file():
        return None
    query = "select min_x, min_y, max_x, max_y from gpkg_contents where data_type = 'features'"
    try:
        with contextlib.closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)) as db:
            row = db.execute(query + (" and table_name = ?" if sublayer else ""), (sublayer,) if sublayer else ()).fetchone()
    except sqlite3.Error:
        return None  # not a GeoPackage, or a damaged one: whoever reads the layer itself reports it
    return (row[0], row[1], row[2], row[3]) if row and None not in row else None
