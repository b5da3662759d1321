"""Layer `quality_errors` of a GeoPackage: every error that quality control found, each with its point, line or polygon, none left out."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from xygis.atlas.standard import FAMILIES, LEVELS
from xygis.consistency.quality.fault import Fault
from xygis.errors import OutputFailed, Where

LAYER = "quality_errors"
_STAMP = "2000-01-01T00:00:00.000Z"  # the same errors give the same bytes, whenever they are written


def write_quality_errors(faults: Sequence[Fault], path: Path) -> None:
    """Adds the layer to the GeoPackage at `path`, or makes it; whole or not at all. Raises OutputFailed."""
    import pyogrio

    where = Where(file=str(path))
    columns = _columns(faults)
    geometry = np.array([f.geometry for f in faults], object) if faults else np.zeros(0, object)
    try:
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".xygis-") as folder:
            made = Path(folder) / "table.gpkg"
            if path.exists():
                shutil.copyfile(path, made)
            before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
            pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": _STAMP})
            try:
                pyogrio.raw.write(
                    str(made),
                    geometry=shapely.to_wkb(geometry),
                    field_data=list(columns.values()),
                    fields=list(columns),
                    layer=LAYER,
                    driver="GPKG",
                    geometry_type="Unknown",
                    crs="EPSG:4490",
                    append=made.exists(),
                )
            finally:
                pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})
            with made.open("rb") as file:
                os.fsync(file.fileno())
            made.chmod(0o644)
            made.replace(path)
    except pyogrio.errors.DataSourceError as error:
        raise OutputFailed(what="GeoPackage 写不出来", where=where, why=str(error), fix="请换一个输出目录") from error
    except OSError as error:
        raise OutputFailed(
            what=f"GeoPackage 写不进去：{error.strerror or error}", where=where, fix="请检查目录是否可写、磁盘是否已满"
        ) from error


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
