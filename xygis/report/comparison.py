"""What a comparison leaves behind: matrix.csv, and patches.gpkg where patches were asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from xygis.compare.run import Comparison
from xygis.compare.side import Side
from xygis.overlay.prepared import Ints
from xygis.report.geopackage import write_table
from xygis.report.writing import csv_bytes, write_whole


def write_matrix(comparison: Comparison, path: Path) -> None:
    """matrix.csv: one row for each pair of classes that overlap; m² unrounded."""
    m = comparison.matrix
    rows: list[tuple[str | float | int | None, ...]] = list(zip(m.a, m.b, m.overlap_m2.tolist(), m.patches.tolist(), strict=True))
    write_whole(path, csv_bytes(("class_a", "class_b", "overlap_m2", "patches"), rows))


def write_comparison_patches(comparison: Comparison, path: Path) -> None:
    """patches.gpkg: one multipolygon for each pair of features, with both sides' classes and columns; in the plane, or in degrees."""
    found, a, b = comparison.patches, comparison.a, comparison.b
    assert found is not None
    geometry, crs = found.geometry, comparison.plane.code
    if crs == "official":
        plane, crs = comparison.plane, "EPSG:4490"
        geometry = shapely.transform(geometry, lambda c: np.column_stack(plane.inverse(c[:, 0], c[:, 1])))
    classes_a, classes_b = np.array(a.classes, object), np.array(b.classes, object)
    columns = {
        "feature_a": found.a + 1,
        "feature_b": found.b + 1,
        "class_a": classes_a[a.class_of[found.a]],
        "class_b": classes_b[b.class_of[found.b]],
        "overlap_m2": found.overlap_m2,
        **_attributes("a", a, found.a),
        **_attributes("b", b, found.b),
    }
    write_table(path, "patches", geometry, columns, crs)


def _attributes(name: str, side: Side, features: Ints) -> dict[str, NDArray[Any]]:
    """The columns of one file, of the feature that each patch lies in, each called after its side."""
    out: dict[str, NDArray[Any]] = {}
    for k, column in enumerate(side.columns):
        values = [row[k] for row in side.rows]
        if all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in values if v is not None):
            numbers = np.array([np.nan if v is None else v for v in values], float)
            out[f"{name}_{column}"] = numbers[features]
        else:
            out[f"{name}_{column}"] = np.array([None if v is None or isinstance(v, bytes) else str(v) for v in values], object)[features]
    return out
