"""What a comparison leaves behind: matrix.csv, and patches.gpkg where patches were asked for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import shapely

from xygis.compare.run import Comparison
from xygis.report.geopackage import write_table
from xygis.report.writing import csv_bytes, write_whole

_CHUNK = 1 << 16


def write_matrix(comparison: Comparison, path: Path) -> None:
    """matrix.csv: one row for each pair of classes that overlap; m² unrounded."""
    m = comparison.matrix
    rows: list[tuple[str | float | int | None, ...]] = list(zip(m.a, m.b, m.overlap_m2.tolist(), m.patches.tolist(), strict=True))
    write_whole(path, csv_bytes(("class_a", "class_b", "overlap_m2", "patches"), rows))


def write_comparison_patches(comparison: Comparison, path: Path) -> None:
    """patches.gpkg: one multipolygon for each pair of features, with both sides' numbers and classes; in the plane, or in degrees."""
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
    }
    write_table(path, "patches", geometry, columns, crs)
