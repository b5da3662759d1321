"""A GeoPackage with one table of patches, in CGCS2000 degrees. The same patches give the same bytes, whenever they are written."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from xygis.errors import OutputFailed, Where

_CRS = "EPSG:4490"
_STAMP = "2000-01-01T00:00:00.000Z"
_NUMBERS: dict[str, type] = {"area_m2": np.float64, "width_m": np.float64, "sliver": np.bool_}


def write_geopackage(
    path: Path,
    layer: str,
    geometries: Sequence[shapely.Polygon | shapely.MultiPolygon],
    records: Sequence[dict[str, object]],
    fields: Sequence[str],
) -> None:
    """Writes the patches, whole or not at all; with multi-part ones, all as multi-part. Raises OutputFailed."""
    multiple = any(g.geom_type == "MultiPolygon" for g in geometries)
    shapes = [g if not multiple or g.geom_type == "MultiPolygon" else shapely.MultiPolygon([g]) for g in geometries]
    columns: dict[str, NDArray[Any]] = {f: np.array([r[f] for r in records], dtype=_NUMBERS.get(f, object)) for f in fields}
    write_table(path, layer, np.array(shapes, dtype=object), columns, _CRS, multiple=multiple)


def write_table(
    path: Path, layer: str, geometry: NDArray[np.object_], columns: Mapping[str, NDArray[Any]], crs: str, *, multiple: bool = True
) -> None:
    """A GeoPackage of one table, made beside its place and put there whole. Raises OutputFailed."""
    import pyogrio

    where = Where(file=str(path))
    try:
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".xygis-") as folder:
            made = Path(folder) / "table.gpkg"
            before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
            pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": _STAMP})
            try:
                pyogrio.raw.write(
                    str(made),
                    geometry=shapely.to_wkb(geometry),
                    field_data=list(columns.values()),
                    fields=list(columns),
                    layer=layer,
                    driver="GPKG",
                    geometry_type="MultiPolygon" if multiple else "Polygon",
                    crs=crs,
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
