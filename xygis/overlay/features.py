"""The features of a layer as they are kept: geometry in degrees, attributes in our words. For drawing and for preparing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from xygis.atlas.attributes import Value, match_fields, our_values
from xygis.atlas.layer import Layer
from xygis.errors import LayerUnreadable, UnknownCrs, Where, XygisError
from xygis.geodesy.crs import from_geographic, is_geographic, to_geographic
from xygis.vector.gpkg import CurvedGeometry, RawFeatures, read_gpkg

BBox = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """Geometry in CGCS2000 degrees (edges not split), and every kept column: ours by alias first, then theirs."""

    geometry: NDArray[np.object_]
    attributes: dict[str, list[Value]]

    def __len__(self) -> int:
        return len(self.geometry)


def read_layer(layer: Layer, bbox_deg: BBox | None = None) -> RawFeatures:
    """The layer's raw features, in the layer's own CRS.

    bbox_deg may be ignored where the format has no index. Raises LayerUnreadable (missing, damaged, other CRS than declared).
    """
    with layer_problem(layer):
        box = _in_layer_crs(layer, bbox_deg) if bbox_deg else None
        with np.errstate(invalid="ignore"):  # a coordinate that is no number is refused when the layer is prepared
            raw = _read(layer, box)
    same_crs(layer, raw.crs)
    return raw


@contextmanager
def layer_problem(layer: Layer) -> Iterator[None]:
    """Whatever goes wrong while a layer's file is read becomes LayerUnreadable, with the layer's title."""
    where = Where(file=layer.path.name if layer.path else None, layer=layer.title)
    if layer.path is None:
        raise LayerUnreadable(what="图层没有数据", where=where, fix=f"请向{layer.authority or '主管部门'}取得数据，用 xygis adopt 登记")
    if not layer.path.exists():
        raise LayerUnreadable(what="图层数据文件不存在", where=where, fix="请恢复该文件，或重新用 xygis adopt 登记")
    try:
        yield
    except XygisError as error:
        if isinstance(error, LayerUnreadable) and error.where.layer == layer.title:
            raise
        raise LayerUnreadable(what=f"图层数据无法读取：{error.what}", where=where, fix=error.fix) from error


def same_crs(layer: Layer, found: str | None) -> None:
    """Raises LayerUnreadable where a file names another system than the catalogue."""
    if found is not None and found != layer.crs:
        where = Where(file=layer.path.name if layer.path else None, layer=layer.title)
        what = f"数据坐标系 {found} 与图集登记的 {layer.crs} 不符"
        raise LayerUnreadable(what=what, where=where, fix="请核对 catalogue.toml 中的 crs，或重新用 xygis adopt 登记")


def _read(layer: Layer, box: BBox | None) -> RawFeatures:
    assert layer.path is not None
    if layer.path.suffix.lower() == ".gpkg":
        try:
            return read_gpkg(layer.path, layer.sublayer, box)
        except CurvedGeometry:
            pass
    from xygis.vector.foreign import read_vector

    return read_vector(layer.path, sublayer=layer.sublayer).features


def layer_features(layer: Layer, bbox_deg: BBox | None = None) -> Features:
    """The layer's features near a box of longitudes and latitudes (west, south, east, north), or all of them."""
    raw = read_layer(layer, bbox_deg)
    return Features(geometry=_in_degrees(raw.geometry, layer.crs), attributes=our_attributes(layer, raw))


def our_attributes(layer: Layer, raw: RawFeatures) -> dict[str, list[Value]]:
    """Every column that is kept, ours first; personal columns are gone."""
    match = match_fields(layer, list(raw.columns))
    out: dict[str, list[Value]] = {ours: our_values(layer, ours, raw.columns[theirs]) for ours, theirs in match.ours}
    for name in (*(theirs for _, theirs in match.ours), *match.others):
        out.setdefault(name, our_values(layer, "", raw.columns[name]))
    return out


def _in_degrees(geometry: NDArray[np.object_], code: str) -> NDArray[np.object_]:
    if code in ("EPSG:4490", "EPSG:4326"):
        return geometry
    moved: NDArray[np.object_] = shapely.transform(geometry, lambda c: np.column_stack(to_geographic(code, c[:, 0], c[:, 1])))
    return moved


def _in_layer_crs(layer: Layer, bbox: BBox) -> BBox:
    if is_geographic(layer.crs):
        return bbox
    west, south, east, north = bbox
    lon, lat = np.linspace(west, east, 9), np.linspace(south, north, 9)
    grid = np.array(np.meshgrid(lon, lat)).reshape(2, -1)
    try:
        x, y = from_geographic(layer.crs, grid[0], grid[1])
    except UnknownCrs as error:
        raise LayerUnreadable(what=f"图层坐标系 {layer.crs} 不认识", where=Where(layer=layer.title), fix=error.fix) from error
    return float(x.min()), float(y.min()), float(x.max()), float(y.max())
