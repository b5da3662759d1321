"""A layer's source as flat rings and attribute rows: nothing repaired, nothing dropped but personal columns.

A GeoPackage of polygons goes from SQLite straight into flat arrays, a batch at a time; everything else by way of shapely.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from xygis.atlas.attributes import match_fields
from xygis.atlas.layer import Layer
from xygis.errors import LayerUnreadable, Where
from xygis.geodesy.ellipsoid import Floats
from xygis.overlay.features import layer_problem, read_layer, same_crs
from xygis.overlay.kernel.blobs import Filling, read_blobs, whole_corner
from xygis.overlay.kernel.library import library
from xygis.overlay.kernel.pieces import Rings
from xygis.overlay.prepared import ROWS
from xygis.vector.gpkg import feature_rows

Geometries = NDArray[np.object_]
_BATCH = 32 * ROWS
_VERTEX_BYTES, _RING_BYTES, _PART_BYTES = 16, 68, 77  # no file needs fewer


Row = tuple[object, ...]
Kept = TypeVar("Kept")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source(Generic[Kept]):
    """A layer as its file has it. `rings` for polygons, without `shift`, a whole number of metres; else `geometry`."""

    features: int
    rings: Rings | None
    shift: Floats
    geometry: Geometries | None
    columns: tuple[str, ...]
    rows: tuple[Kept, ...]  # what `keep` made of some attribute rows at a time


def read_source(layer: Layer, keep: Callable[[list[Row]], Kept], *, planar: bool, columns: tuple[str, ...] | None = None) -> Source[Kept]:
    """Everything in the layer's source.

    planar: its coordinates are metres in the plane, so that an origin can be taken off. columns: only these; by default all but
    personal ones. Raises LayerUnreadable (missing, damaged, other CRS than declared, no such column).
    """
    if library() is not None and layer.geometry == "polygon" and layer.path is not None and layer.path.suffix.lower() == ".gpkg":
        straight = _straight(layer, keep, columns, planar=planar)
        if straight is not None:
            return straight
    return _by_shapely(layer, keep, columns)


def _by_shapely(layer: Layer, keep: Callable[[list[Row]], Kept], columns: tuple[str, ...] | None) -> Source[Kept]:
    raw = read_layer(layer)
    kept = _kept(layer, tuple(raw.columns), columns)
    rows: list[Row] = list(zip(*(raw.columns[c] for c in kept), strict=True)) if kept else [()] * len(raw)
    made = tuple(keep(rows[i : i + _BATCH]) for i in range(0, len(rows), _BATCH))
    return Source(features=len(raw), rings=None, shift=np.zeros(2), geometry=raw.geometry, columns=kept, rows=made)


def _kept(layer: Layer, names: tuple[str, ...], columns: tuple[str, ...] | None) -> tuple[str, ...]:
    if columns is not None:
        missing = [c for c in columns if c not in names]
        if missing:
            where = Where(file=layer.path.name if layer.path else None, layer=layer.title)
            raise LayerUnreadable(what=f"图层缺少字段 {'、'.join(missing)}", where=where, fix=f"现有字段：{'、'.join(names)}")
        return columns
    dropped = set(match_fields(layer, names).dropped)
    return tuple(c for c in names if c not in dropped)


def _straight(layer: Layer, keep: Callable[[list[Row]], Kept], columns: tuple[str, ...] | None, *, planar: bool) -> Source[Kept] | None:
    """A GeoPackage of nothing but polygons; None where it is anything else."""
    with layer_problem(layer):
        assert layer.path is not None
        journal = layer.path.with_name(layer.path.name + "-wal")
        size = layer.path.stat().st_size + (journal.stat().st_size if journal.exists() else 0)
        with feature_rows(layer.path, layer.sublayer, lambda names: _kept(layer, names, columns)) as (table, kept, batches):
            same_crs(layer, table.crs)
            read = _stream(batches(_BATCH), keep, size, planar=planar)
    if read is None:
        return None
    rings, shift, features, rows = read
    return Source(features=features, rings=rings, shift=shift, geometry=None, columns=kept, rows=rows)


def _stream(
    batches: Iterator[list[Row]], keep: Callable[[list[Row]], Kept], size: int, *, planar: bool
) -> tuple[Rings, Floats, int, tuple[Kept, ...]] | None:
    """(rings, shift, features, rows); the next batch is fetched while the one before is taken apart."""
    from concurrent.futures import Future, ThreadPoolExecutor

    # Memory that is never written to is never given out, so the upper bound costs nothing.
    filling = Filling.of(size // _VERTEX_BYTES + 64, size // _RING_BYTES + 64, size // _PART_BYTES + 64)
    features, shift = 0, np.zeros(2)
    rows: list[Kept] = []
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
            rows.append(keep([r[2:] for r in batch]))
            features += len(batch)
        if last is not None and not last.result():
            return None
    return filling.rings(), shift, features, tuple(rows)
