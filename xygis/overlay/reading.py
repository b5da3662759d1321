"""A layer's source as flat rings and attribute rows: nothing repaired, nothing dropped but personal columns.

A GeoPackage of polygons goes from SQLite straight into flat arrays, a batch at a time; everything else by way of shapely.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xygis.atlas.attributes import match_fields
from xygis.atlas.layer import Layer
from xygis.geodesy.ellipsoid import Floats
from xygis.overlay.features import layer_problem, read_layer, same_crs
from xygis.overlay.kernel.laying import Filling, read_blobs, whole_corner
from xygis.overlay.kernel.library import library
from xygis.overlay.kernel.pieces import Rings
from xygis.overlay.prepared import ROWS, attribute_rows
from xygis.vector.gpkg import feature_rows

Geometries = NDArray[np.object_]
_BATCH = 32 * ROWS
_VERTEX_BYTES, _RING_BYTES, _PART_BYTES = 16, 68, 77  # no file needs fewer


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A layer as its file has it. `rings` for polygons, without `shift`, a whole number of metres; else `geometry`."""

    features: int
    rings: Rings | None
    shift: Floats
    geometry: Geometries | None
    columns: tuple[str, ...]
    rows: list[bytes]


def read_source(layer: Layer, *, planar: bool) -> Source:
    """Everything in the layer's source. planar: its coordinates are metres in the plane, so that an origin can be taken off.

    Raises LayerUnreadable (missing, damaged, other CRS than declared).
    """
    straight = _straight(layer, planar=planar) if library() is not None and layer.geometry == "polygon" else None
    return straight or _by_shapely(layer)


def _by_shapely(layer: Layer) -> Source:
    raw = read_layer(layer)
    columns = _kept(layer, tuple(raw.columns))
    rows: list[tuple[object, ...]] = list(zip(*(raw.columns[c] for c in columns), strict=True)) if columns else [()] * len(raw)
    return Source(
        features=len(raw), rings=None, shift=np.zeros(2), geometry=raw.geometry, columns=columns, rows=attribute_rows(rows)
    )  # fmt: skip


def _kept(layer: Layer, columns: tuple[str, ...]) -> tuple[str, ...]:
    dropped = set(match_fields(layer, columns).dropped)
    return tuple(c for c in columns if c not in dropped)


def _straight(layer: Layer, *, planar: bool) -> Source | None:
    """A GeoPackage of nothing but polygons; None where it is anything else."""
    if layer.path is None or layer.path.suffix.lower() != ".gpkg" or not layer.path.is_file():
        return None
    with layer_problem(layer), feature_rows(layer.path, layer.sublayer, lambda names: _kept(layer, names)) as (table, columns, batches):
        same_crs(layer, table.crs)
        journal = layer.path.with_name(layer.path.name + "-wal")
        size = layer.path.stat().st_size + (journal.stat().st_size if journal.exists() else 0)
        read = _stream(batches(_BATCH), size, planar=planar)
    if read is None:
        return None
    rings, shift, features, rows = read
    return Source(features=features, rings=rings, shift=shift, geometry=None, columns=columns, rows=rows)


def _stream(batches: Iterator[list[tuple[object, ...]]], size: int, *, planar: bool) -> tuple[Rings, Floats, int, list[bytes]] | None:
    """(rings, shift, features, rows); the next batch is fetched while the one before is taken apart."""
    from concurrent.futures import Future, ThreadPoolExecutor

    # Memory that is never written to is never given out, so the upper bound costs nothing.
    filling = Filling.of(size // _VERTEX_BYTES + 64, size // _RING_BYTES + 64, size // _PART_BYTES + 64)
    features, rows, shift = 0, [], np.zeros(2)
    last: Future[bool] | None = None
    with ThreadPoolExecutor(1) as pool:
        for batch in batches:
            blobs = [r[1] for r in batch]
            if not all(isinstance(b, bytes) for b in blobs):
                return None
            if features == 0 and planar:
                shift = whole_corner(blobs[0])  # type: ignore[arg-type]  # bytes, as just seen
            if last is not None and not last.result():
                return None
            last = pool.submit(read_blobs, blobs, filling, features, shift)  # type: ignore[arg-type]  # as above
            rows += attribute_rows([r[2:] for r in batch])
            features += len(batch)
        if last is not None and not last.result():
            return None
    return filling.rings(), shift, features, rows
