"""A GeoPackage with one table of patches, in CGCS2000 degrees. The same patches give the same bytes, whenever they are written."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import shapely

from xygis.errors import OutputFailed, Where
from xygis.report.writing import write_whole

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
    import pyogrio

    multiple = any(g.geom_type == "MultiPolygon" for g in geometries)
    shapes = [g if not multiple or g.geom_type == "MultiPolygon" else shapely.MultiPolygon([g]) for g in geometries]
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "patches.gpkg"
        before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": _STAMP})
        try:
            pyogrio.raw.write(
                str(made),
                geometry=shapely.to_wkb(np.array(shapes, dtype=object)),
                field_data=[np.array([r[f] for r in records], dtype=_NUMBERS.get(f, object)) for f in fields],
                fields=list(fields),
                layer=layer,
                driver="GPKG",
                geometry_type="MultiPolygon" if multiple else "Polygon",
                crs=_CRS,
            )
        except pyogrio.errors.DataSourceError as error:
            raise OutputFailed(what="图斑写不成 GeoPackage", where=Where(file=str(path)), why=str(error), fix="请换一个输出目录") from error
        finally:
            pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})
        data = made.read_bytes()
    write_whole(path, data)
