"""Formats that only GDAL reads: FileGDB, FlatGeobuf, KML, DXF, and GeoPackages with arcs. GDAL is caged before it is loaded.

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

from xygis.errors import BadGeometry, DamagedFile, UnknownCrs, UnsafeFile, Where
from xygis.vector.crs_claim import Claim, claim_of_code, claim_of_wkt
from xygis.vector.gpkg import RawFeatures
from xygis.vector.layers import ForeignLayer
from xygis.vector.notes import Note

_DRIVERS = {
    "filegdb": ("OpenFileGDB",),
    "flatgeobuf": ("FlatGeobuf",),
    "kml": ("KML", "LIBKML"),
    "dxf": ("DXF",),
    "geopackage": ("GPKG",),
}
_SKIPPED = (
    "OGR_VRT,VRT,GDALG,WFS,OAPIF,OGCAPI,CSW,GeoRSS,HTTP,MVT,MBTiles,PMTiles,Carto,AmigoCloud,Elasticsearch,NGW,PLSCENES,EEDA,EEDAI,"
    "PostgreSQL,MySQL,MSSQLSpatial,ODBC,PGEO,OCI,MongoDBv3,ADBC,GTI,STACTA,STACIT,WMS,WMTS,WCS,DAAS,PLMOSAIC,IIP,TileDB,GMLAS,PDF,ODS,XLSX"
)
ARC_STEP_DEG = 0.05  # chord error 0.1 mm for each kilometre of radius
_ARCS = f"图中的圆弧按每 {ARC_STEP_DEG}° 一段转为折线，半径 10 公里以内弦高误差不超过 1 毫米"


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


def read_ogr(path: Path, kind: str, *, encoding: str | None = None, datum: str | None = None) -> list[ForeignLayer]:
    """All layers with geometry of a file whose format is `kind`. Raises DamagedFile, UnsafeFile, BadGeometry, UnknownCrs."""
    where = Where(file=str(path))
    if kind == "kml":
        _datum_stated(datum, where)
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
    if kind in ("filegdb", "geopackage", "dxf"):
        notes.append(Note(code="arcs_stroked", level="info", text=_ARCS, where=where))
    columns = {str(n): [_plain(v) for v in values] for n, values in zip(meta["fields"], fields, strict=True)}
    claim = _claim(kind, meta.get("crs"), where)
    return ForeignLayer(
        name=name,
        format=kind,
        features=RawFeatures(geometry=geometry, columns=columns, crs=claim.code, fids=[int(f) for f in fids], sublayer=name),
        claim=claim,
        encoding=meta.get("encoding"),
        encoding_why="",
        notes=tuple(notes),
    )


def _claim(kind: str, crs: object, where: Where) -> Claim:
    if kind == "kml":
        return Claim(code="EPSG:4326", evidence=("KML 是经纬度，由 --datum wgs84 说明为 WGS84",), where=where)
    if kind == "dxf" or not crs:
        return Claim(evidence=("文件没有写坐标系，按坐标数值判断",), where=where)
    text = str(crs)
    return claim_of_code(text, source="文件", where=where) if text.startswith("EPSG:") else claim_of_wkt(text, source="文件", where=where)


def _datum_stated(datum: str | None, where: Where) -> None:
    if datum is not None and datum.lower() in ("wgs84", "wgs-84", "epsg:4326"):
        return
    raise UnknownCrs(
        what="KML 没有说明坐标基准",
        where=where,
        why="同一格式既有 WGS84 的，也有经偏移的 GCJ-02（奥维、高德等），两者相差三五百米",
        fix="确认是 WGS84 后加 --datum wgs84；是 GCJ-02 的请从原软件导出 WGS84 或 CGCS2000 坐标",
    )


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
