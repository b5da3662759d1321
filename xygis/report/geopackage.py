"""A GeoPackage of patches, in CGCS2000 degrees. The same patches give the same bytes, whenever they are written."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from xygis.errors import OutputFailed, Where, os_words
from xygis.report.qgis_style import add_styles

_CRS = "EPSG:4490"
_STAMP = "2000-01-01T00:00:00.000Z"
_NUMBERS: dict[str, type] = {"area_m2": np.float64, "width_m": np.float64, "sliver": np.bool_}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Table:
    geometry: NDArray[np.object_]
    columns: Mapping[str, NDArray[Any]]
    crs: str
    kind: str  # Polygon | MultiPolygon | Unknown, which holds any
    label: str | None = None  # QGIS expression; with it the table is drawn by its `verdict`


@dataclass(frozen=True, slots=True, kw_only=True)
class PatchLayer:
    """One table of patches; `fields` are the keys of the records, named also where there are none."""

    geometries: Sequence[shapely.Polygon | shapely.MultiPolygon]
    records: Sequence[dict[str, object]]
    fields: Sequence[str]
    label: str | None = None  # QGIS expression that labels a patch; with it QGIS draws the table by its `verdict`


def write_geopackage(
    path: Path,
    layer: str,
    geometries: Sequence[shapely.Polygon | shapely.MultiPolygon],
    records: Sequence[dict[str, object]],
    fields: Sequence[str],
    *,
    label: str | None = None,
) -> None:
    """Writes the patches, whole or not at all; with multi-part ones, all as multi-part. Raises OutputFailed."""
    write_layers(path, {layer: PatchLayer(geometries=geometries, records=records, fields=fields, label=label)})


def write_layers(path: Path, layers: Mapping[str, PatchLayer]) -> None:
    """Several tables of patches in one file, as `write_geopackage` does one. Raises OutputFailed."""
    _write_tables(path, {name: _table(layer) for name, layer in layers.items()})


def _table(layer: PatchLayer) -> _Table:
    multiple = any(g.geom_type == "MultiPolygon" for g in layer.geometries)
    shapes = [g if not multiple or g.geom_type == "MultiPolygon" else shapely.MultiPolygon([g]) for g in layer.geometries]
    columns: dict[str, NDArray[Any]] = {f: np.array([r[f] for r in layer.records], dtype=_NUMBERS.get(f, object)) for f in layer.fields}
    return _Table(geometry=np.array(shapes, dtype=object), columns=columns, crs=_CRS, kind=_kind(multiple), label=layer.label)


def _kind(multiple: bool) -> str:
    return "MultiPolygon" if multiple else "Polygon"


def write_table(
    path: Path,
    layer: str,
    geometry: NDArray[np.object_],
    columns: Mapping[str, NDArray[Any]],
    crs: str,
    *,
    multiple: bool = True,
    label: str | None = None,
) -> None:
    """A GeoPackage of one table, made beside its place and put there whole. label: as of a PatchLayer. Raises OutputFailed."""
    _write_tables(path, {layer: _Table(geometry=geometry, columns=columns, crs=crs, kind=_kind(multiple), label=label)})


def add_table(path: Path, layer: str, geometry: NDArray[np.object_], columns: Mapping[str, NDArray[Any]]) -> None:
    """One more table, of geometry of any kind in degrees, in the GeoPackage at `path`, or a new one; whole or not at all. Raises OutputFailed."""
    _write_tables(path, {layer: _Table(geometry=geometry, columns=columns, crs=_CRS, kind="Unknown")}, into=path)


def _write_tables(path: Path, tables: Mapping[str, _Table], into: Path | None = None) -> None:
    """into: a GeoPackage whose tables stay beside these, where there is one."""
    import pyogrio

    where = Where(file=str(path))
    try:
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".xygis-") as folder:
            made = Path(folder) / "table.gpkg"
            if into is not None and into.exists():
                shutil.copyfile(into, made)
            before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
            pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": _STAMP})
            try:
                for layer, table in tables.items():
                    pyogrio.raw.write(
                        str(made),
                        geometry=shapely.to_wkb(table.geometry),
                        field_data=list(table.columns.values()),
                        fields=list(table.columns),
                        layer=layer,
                        driver="GPKG",
                        geometry_type=table.kind,
                        crs=table.crs,
                        append=made.exists(),
                    )
            finally:
                pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})
            labels = [(name, table.label) for name, table in tables.items() if table.label is not None]
            if labels:
                add_styles(made, labels, _STAMP)
            with made.open("rb") as file:
                os.fsync(file.fileno())
            made.chmod(0o644)
            made.replace(path)
    except pyogrio.errors.DataSourceError as error:
        raise OutputFailed(what="GeoPackage 写不出来", where=where, why=str(error), fix="请换一个输出目录") from error
    except OSError as error:
        raise OutputFailed(what=f"GeoPackage 写不进去：{os_words(error)}", where=where, fix="请检查目录是否可写、磁盘是否已满") from error
