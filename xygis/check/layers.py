"""Opens every layer of an atlas for a check: prepared data or the reason why not, validity on the day, declared extent."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import shapely

from xygis.atlas.atlas import COUNTIES, Atlas
from xygis.atlas.layer import Layer
from xygis.atlas.verdict import DataState
from xygis.check.assessment import LayerRecord
from xygis.errors import LayerUnreadable
from xygis.geodesy.plane import Plane
from xygis.overlay.near import clipped, gaps_m, within
from xygis.overlay.prepared import PreparedLayer
from xygis.overlay.shape import ParcelShape
from xygis.overlay.store import LayerStore


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenLayer:
    """prepared is None exactly when the state is missing or broken."""

    layer: Layer
    record: LayerRecord
    prepared: PreparedLayer | None
    extent: shapely.Geometry | None  # where the layer says it is complete, in the plane; None: it does not say


def open_layers(atlas: Atlas, on: date, store: LayerStore) -> tuple[OpenLayer, ...]:
    """All layers of the atlas as they stand on a day. No failure is raised: it becomes the layer's state."""
    return tuple(
        OpenLayer(
            layer=layer,
            record=record,
            prepared=prepared,
            extent=_declared(layer, atlas.plane) if layer.extent else None,
        )
        for layer, record, prepared in (_open(layer, atlas.plane, on, store) for layer in atlas.layers)
    )


def atlas_fingerprint(atlas: Atlas, records: Sequence[LayerRecord]) -> str:
    """sha256 over the catalogue, the rules and the content of every layer: one changed byte changes it."""
    digest = hashlib.sha256((atlas.root / "layers" / "catalogue.toml").read_bytes())
    digest.update(atlas.rules_fingerprint().encode())
    for r in records:
        digest.update(f"\n{r.layer.id} {r.state.value} {r.sha256}".encode())
    return f"sha256:{digest.hexdigest()}"


def _open(layer: Layer, plane: Plane, on: date, store: LayerStore) -> tuple[Layer, LayerRecord, PreparedLayer | None]:
    try:
        prepared = store.get(layer, plane)
    except LayerUnreadable as error:
        absent = layer.path is None or not layer.path.exists()
        state = DataState.MISSING if absent else DataState.BROKEN
        return layer, LayerRecord(layer=layer, state=state, features=None, sha256=None, note=str(error)), None
    state, note = DataState.READY, None
    if layer.valid_until is not None and on > layer.valid_until:
        state, note = DataState.EXPIRED, f"有效期至 {layer.valid_until}，基准日 {on} 已过期"
    elif layer.valid_from is not None and on < layer.valid_from:
        state, note = DataState.EXPIRED, f"自 {layer.valid_from} 起有效，基准日 {on} 尚未生效"
    elif prepared.features == 0 and layer.extent is None:
        note = "图层里没有要素，又没有声明完整范围（extent），不能当作没有限制"
        return layer, LayerRecord(layer=layer, state=DataState.MISSING, features=0, sha256=prepared.source_sha256, note=note), None
    elif layer.version is not None and layer.version > on:
        note = f"数据版本 {layer.version} 晚于基准日 {on}"
    for word, repairs in (("登记时", layer.repairs), ("读取时", prepared.repairs)):
        if repairs:
            repaired = f"{word}修复图形 {len(repairs)} 处：{'；'.join(repairs[:3])}{' 等' if len(repairs) > 3 else ''}"
            note = f"{note}；{repaired}" if note else repaired
    record = LayerRecord(layer=layer, state=state, features=prepared.features, sha256=prepared.source_sha256, note=note)
    return layer, record, prepared


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
        return _in_plane(shapely.box(west, south, east, north), atlas.plane)
    return None


def _declared(layer: Layer, plane: Plane) -> shapely.Geometry:
    assert layer.extent is not None
    rings = shapely.polygons([shapely.linearrings(ring) for ring in layer.extent])
    return _in_plane(shapely.union_all(rings), plane)


def _in_plane(geometry: shapely.Geometry, plane: Plane) -> shapely.Geometry:
    return shapely.transform(shapely.segmentize(geometry, 0.0006), lambda c: np.column_stack(plane.forward(c[:, 0], c[:, 1])))
