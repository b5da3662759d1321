"""Layer `quality_errors` of a GeoPackage: every error that quality control found, each with its point, line or polygon, none left out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xygis.atlas.standard import FAMILIES, LEVELS
from xygis.consistency.quality.fault import Fault
from xygis.report.geopackage import add_table

LAYER = "quality_errors"


def write_quality_errors(faults: Sequence[Fault], path: Path) -> None:
    """Adds the layer to the GeoPackage at `path`, or makes it; whole or not at all. Raises OutputFailed."""
    add_table(path, LAYER, np.array([f.geometry for f in faults], object) if faults else np.zeros(0, object), _columns(faults))


def _columns(faults: Sequence[Fault]) -> dict[str, NDArray[Any]]:
    texts = {
        "rule": [f.rule for f in faults],
        "title": [f.title for f in faults],
        "family": [FAMILIES[f.family] for f in faults],
        "level": [LEVELS[f.level] for f in faults],
        "layer": [f.layer for f in faults],
        "feature": [f.feature for f in faults],
        "field": [f.field for f in faults],
        "value": [f.value for f in faults],
        "expected": [f.expected for f in faults],
        "text": [f.text for f in faults],
        "unread": ["" if f.read else "标准待核" for f in faults],
    }
    columns: dict[str, NDArray[Any]] = {name: np.array(values, object) for name, values in texts.items()}
    columns["row"] = np.array([f.row or 0 for f in faults], np.int64)
    columns["area_m2"] = np.array([np.nan if f.area_m2 is None else f.area_m2 for f in faults], np.float64)
    columns["lon"] = np.array([f.place[0] if f.place else np.nan for f in faults], np.float64)
    columns["lat"] = np.array([f.place[1] if f.place else np.nan for f in faults], np.float64)
    return columns
