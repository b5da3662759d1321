"""Formats that only GDAL reads: FileGDB, FlatGeobuf, and GeoPackages with arcs. GDAL is caged before it is loaded.

The format has already been decided from content; GDAL must agree, and no driver that follows addresses or other files is there.
"""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import numpy as np
import shapely

from xygis.errors import BadGeometry, DamagedFile, UnsafeFile, Where
from xygis.vector.arcs import stroked
from xygis.vector.crs_claim import Claim, claim_of_code, claim_of_wkt
from xygis.vector.gpkg import Geometries, RawFeatures
from xygis.vector.layers import ForeignLayer
from xygis.vector.notes import Note

_DRIVERS = {
    "filegdb": ("OpenFileGDB",),
    "flatgeobuf": ("FlatGeobuf",),
    "geopackage": ("GPKG",),
}
_SKIPPED = (
    "OGR_VRT,VRT,GDALG,WFS,OAPIF,OGCAPI,CSW,GeoRSS,HTTP,MVT,MBTiles,PMTiles,Carto,AmigoCloud,Elasticsearch,NGW,PLSCENES,EEDA,EEDAI,"
    "PostgreSQL,MySQL,MSSQLSpatial,ODBC,PGEO,OCI,MongoDBv3,ADBC,GTI,STACTA,STACIT,WMS,WMTS,WCS,DAAS,PLMOSAIC,IIP,TileDB,GMLAS,PDF,ODS,XLSX"
)
ARC_STEP_DEG = 0.05  # chord error 0.1 mm for each kilometre of radius
_COARSE_STEP_DEG = 5.0
_WITH_ARCS = ("filegdb", "geopackage")


def gdal() -> ModuleType:
    """pyogrio, loaded with the drivers above left out and with GDAL's own log, which would go to the terminal, sent nowhere."""
    if "pyogrio" not in sys.modules:
        ours = {"GDAL_SKIP": _SKIPPED, "CPL_LOG": os.devnull, "CPL_DEBUG": "OFF"}
        before = {k: os.environ.get(k) for k in ours}
        os.environ.update(ours)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                import pyogrio  # registers the drivers
        finally:
            for key, value in before.items():
                if value is None:
                    del os.environ[key]
                else:
                    os.environ[key] = value
    import pyogrio
    import pyogrio.raw

    pyogrio.set_gdal_config_options(
        {
            "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none",
            "OGR_ARC_STEPSIZE": str(ARC_STEP_DEG),
            "GDAL_HTTP_MAX_RETRY": "0",
            "OGR_GEOMETRY_ACCEPT_UNCLOSED_RING": "YES",
        }
    )
    return pyogrio  # type: ignore[no-any-return]


def read_ogr(path: Path, kind: str, *, encoding: str | None = None) -> list[ForeignLayer]:
    """All layers with geometry of a file whose format is `kind`. Raises DamagedFile, UnsafeFile, BadGeometry, UnknownCrs."""
    where = Where(file=str(path))
    library = gdal()
    with _refusing(where):
        listed = [(str(name), str(shape)) for name, shape in library.list_layers(path) if shape is not None]
        for name, _ in listed[:1]:
            driver = library.read_info(path, layer=name).get("driver")
            if driver is not None and driver not in _DRIVERS[kind]:
                raise UnsafeFile(what="文件内容与格式不符", where=where, why=f"GDAL 认作 {driver}", fix="请重新导出")
    if not listed:
        raise BadGeometry(what="文件里没有带图形的图层", where=where, fix="请确认导出时选中了地块")
    return [_layer(library, path, kind, name, encoding) for name, _ in listed]


def _layer(library: ModuleType, path: Path, kind: str, name: str, encoding: str | None) -> ForeignLayer:
    where = Where(file=str(path), layer=name)
    said: list[str] = []
    with _refusing(where, said):
        meta, fids, wkb, fields = library.raw.read(path, layer=name, force_2d=True, return_fids=True, encoding=encoding)
    try:
        geometry = np.asarray(shapely.from_wkb(wkb), dtype=object)
    except shapely.errors.GEOSException as error:
        raise DamagedFile(what="几何数据无法解码", where=where, why=str(error)[:100], fix="请重新导出这个图层") from error
    geometry[shapely.is_empty(geometry)] = None
    notes = [Note(code="gdal_warning", level="warning", text=f"GDAL 提示：{t[:200]}", where=where) for t in said[:20]]
    if kind in _WITH_ARCS:
        notes += _note_of_arcs(library, path, name, geometry, where)
    columns = {str(n): [_plain(v) for v in values] for n, values in zip(meta["fields"], fields, strict=True)}
    claim = _claim(meta.get("crs"), where)
    return ForeignLayer(
        name=name,
        format=kind,
        features=RawFeatures(geometry=geometry, columns=columns, crs=claim.code, fids=[int(f) for f in fids], sublayer=name),
        claim=claim,
        encoding=meta.get("encoding"),
        encoding_why="",
        notes=tuple(notes),
    )


def _note_of_arcs(library: ModuleType, path: Path, name: str, geometry: Geometries, where: Where) -> list[Note]:
    """Read again with long chords: where vertices differ there are arcs, and the area says how far the short chords are from them."""
    library.set_gdal_config_options({"OGR_ARC_STEPSIZE": str(_COARSE_STEP_DEG)})
    try:
        with _refusing(where):
            _, _, wkb, _ = library.raw.read(path, layer=name, columns=[], force_2d=True)
            coarse = np.asarray(shapely.from_wkb(wkb), dtype=object)
    finally:
        library.set_gdal_config_options({"OGR_ARC_STEPSIZE": str(ARC_STEP_DEG)})
    found = stroked(geometry, coarse, fine_step=ARC_STEP_DEG, coarse_step=_COARSE_STEP_DEG)
    if not found.features:
        return []
    text = (
        f"有 {len(found.features)} 个要素含圆弧或曲线，按每 {ARC_STEP_DEG}° 一段转为折线：半径 10 公里以内弦高误差不超过 1 毫米，"
        f"面积误差合计约 {found.left_out:.4f}（坐标单位的平方）"
    )
    return [Note(code="arcs_stroked", level="info", text=text, where=where)]


def _claim(crs: object, where: Where) -> Claim:
    if not crs:
        return Claim(evidence=("文件没有写坐标系，按坐标数值判断",), where=where)
    text = str(crs)
    return claim_of_code(text, source="文件", where=where) if text.startswith("EPSG:") else claim_of_wkt(text, source="文件", where=where)


@contextmanager
def _refusing(where: Where, said: list[str] | None = None) -> Iterator[None]:
    """GDAL's errors become ours; its warnings are collected for notes."""
    from pyogrio import errors

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            yield
        except (
            errors.DataSourceError,
            errors.DataLayerError,
            errors.CRSError,
            errors.FeatureError,
            errors.GeometryError,
            errors.FieldError,
            UnicodeError,
            ValueError,
            RuntimeError,
        ) as error:
            raise DamagedFile(what="文件已损坏，无法读取", where=where, why=str(error)[:150], fix="请重新拷贝或重新导出这个文件") from error
    if said is not None:
        said += dict.fromkeys(str(w.message) for w in caught if issubclass(w.category, RuntimeWarning))


def _plain(value: object) -> object:
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and value != value:
        return None
    return value if value is None or isinstance(value, (str, int, float, bool)) else str(value)
