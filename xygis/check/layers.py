"""Opens every layer of an atlas for a check: prepared data or the reason why not, validity on the day, declared extent."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import shapely

from xygis.atlas.atlas import COUNTIES, Atlas
from xygis.atlas.catalogue import PERMIT, RASTER
from xygis.atlas.crosswalk import crosswalk_file
from xygis.atlas.layer import Layer
from xygis.atlas.verdict import DataState
from xygis.check.assessment import LayerRecord
from xygis.errors import LayerUnreadable
from xygis.geodesy.plane import Plane
from xygis.overlay.near import clipped, gaps_m, within
from xygis.overlay.prepared import PreparedLayer
from xygis.overlay.shape import ParcelShape
from xygis.overlay.store import LayerStore

if TYPE_CHECKING:
    from xygis.overlay.measure import Zonal
    from xygis.overlay.raster import Raster


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenLayer:
    """prepared (of a raster layer: raster) is None exactly when the state is missing or broken."""

    layer: Layer
    record: LayerRecord
    prepared: PreparedLayer | None
    extent: shapely.Geometry | None  # where the layer says it is complete, in the plane; None: it does not say
    raster: Raster | None = None

    @property
    def usable(self) -> bool:
        """Whether there are data to measure against."""
        return self.prepared is not None or self.raster is not None


def open_layers(atlas: Atlas, on: date, store: LayerStore) -> tuple[OpenLayer, ...]:
    """All layers of the atlas as they stand on a day. No failure is raised: it becomes the layer's state."""
    store.warm([layer for layer in atlas.layers if layer.geometry != RASTER], atlas.plane)
    return tuple(_open_raster(o, on, store) if o.geometry == RASTER else _open(o, atlas.plane, on, store) for o in atlas.layers)


def open_checked(atlas: Atlas, on: date, store: LayerStore) -> tuple[OpenLayer, ...]:
    """The layers that a project is checked against: all but permits, which say what others were allowed."""
    return open_layers(replace(atlas, layers=tuple(layer for layer in atlas.layers if layer.role != PERMIT)), on, store)


def atlas_fingerprint(atlas: Atlas, records: Sequence[LayerRecord]) -> str:
    """sha256 over the catalogue, the crosswalk, the rules and the content of every layer: one changed byte changes it."""
    digest = hashlib.sha256((atlas.root / "layers" / "catalogue.toml").read_bytes())
    if any(layer.derived for layer in atlas.layers):
        digest.update(crosswalk_file(atlas.root).read_bytes())
    digest.update(atlas.rules_fingerprint().encode())
    for r in records:
        digest.update(f"\n{r.layer.id} {r.state.value} {r.sha256}".encode())
    return f"sha256:{digest.hexdigest()}"


def _open(layer: Layer, plane: Plane, on: date, store: LayerStore) -> OpenLayer:
    try:
        prepared = store.get(layer, plane)
    except LayerUnreadable as error:
        return _opened(_unreadable(layer, error), None, plane)
    state, note = _validity(layer, on)
    if state is DataState.READY and prepared.features == 0 and layer.extent is None:
        note = "图层里没有要素，又没有声明完整范围（extent），不能当作没有限制"
        record = LayerRecord(layer=layer, state=DataState.MISSING, features=0, sha256=prepared.source_sha256, note=note)
        return _opened(record, None, plane)
    for word, repairs in (("登记时", layer.repairs), ("读取时", prepared.repairs)):
        if repairs:
            repaired = f"{word}修复图形 {len(repairs)} 处：{'；'.join(repairs[:3])}{' 等' if len(repairs) > 3 else ''}"
            note = f"{note}；{repaired}" if note else repaired
    record = LayerRecord(layer=layer, state=state, features=prepared.features, sha256=prepared.source_sha256, note=note)
    return _opened(record, prepared, plane)


def _opened(record: LayerRecord, prepared: PreparedLayer | None, plane: Plane) -> OpenLayer:
    layer = record.layer
    return OpenLayer(layer=layer, record=record, prepared=prepared, extent=_declared(layer, plane) if layer.extent else None)


def _unreadable(layer: Layer, error: LayerUnreadable) -> LayerRecord:
    absent = layer.path is None or not layer.path.exists()
    state = DataState.MISSING if absent else DataState.BROKEN
    return LayerRecord(layer=layer, state=state, features=None, sha256=None, note=str(error))


def _validity(layer: Layer, on: date) -> tuple[DataState, str | None]:
    """Whether data that could be read count on the day, and what is to be said about it."""
    if layer.valid_until is not None and on > layer.valid_until:
        return DataState.EXPIRED, f"有效期至 {layer.valid_until}，基准日 {on} 已过期"
    if layer.valid_from is not None and on < layer.valid_from:
        return DataState.EXPIRED, f"自 {layer.valid_from} 起有效，基准日 {on} 尚未生效"
    late = layer.version is not None and layer.version > on
    return DataState.READY, f"数据版本 {layer.version} 晚于基准日 {on}" if late else None


def _open_raster(layer: Layer, on: date, store: LayerStore) -> OpenLayer:
    from xygis.overlay.raster_store import get_raster

    try:
        found = get_raster(layer, store.folder)
    except LayerUnreadable as error:
        return OpenLayer(layer=layer, record=_unreadable(layer, error), prepared=None, extent=None)
    state, note = _validity(layer, on)
    record = LayerRecord(layer=layer, state=state, features=None, sha256=found.source_sha256, note=note)
    return OpenLayer(layer=layer, record=record, prepared=None, extent=None, raster=found.raster)


def under_parcels(layers: Sequence[OpenLayer], shapes: Sequence[ParcelShape]) -> tuple[tuple[OpenLayer, ...], dict[str, tuple[Zonal, ...]]]:
    """(layers, what each raster layer holds under every parcel). A raster that breaks off while it is read is broken."""
    out, found = [], {}
    for opened in layers:
        if opened.raster is not None:
            from xygis.overlay.relief import zonals

            try:
                found[opened.layer.id] = zonals(opened.layer, opened.raster, shapes)
            except LayerUnreadable as error:
                opened = replace(opened, record=_unreadable(opened.layer, error), raster=None)
        out.append(opened)
    return tuple(out), found


def city_near(atlas: Atlas, layers: Sequence[OpenLayer], shape: ParcelShape) -> shapely.Geometry | None:
    """Where, around a parcel, a layer without an extent of its own is complete: the counties, else the envelope, else everywhere.

    Only the counties near the parcel are looked at, cut to its box: most parcels lie in one.
    """
    counties = next((o.prepared for o in layers if o.layer.id == COUNTIES and o.prepared is not None and o.prepared.features), None)
    if counties is not None:
        parts = counties.parts(within(gaps_m(shape, counties), 1.0))
        return shapely.union_all(clipped(shape, parts, 10.0))
    if atlas.envelope is not None:
        west, south, east, north = atlas.envelope
        return in_plane(shapely.box(west, south, east, north), atlas.plane)
    return None


def _declared(layer: Layer, plane: Plane) -> shapely.Geometry:
    assert layer.extent is not None
    rings = shapely.polygons([shapely.linearrings(ring) for ring in layer.extent])
    return in_plane(shapely.union_all(rings), plane)


def in_plane(geometry: shapely.Geometry, plane: Plane) -> shapely.Geometry:
    """A geometry in degrees, in the plane."""
    return shapely.transform(shapely.segmentize(geometry, 0.0006), lambda c: np.column_stack(plane.forward(c[:, 0], c[:, 1])))
