"""Turns a layer's source into a `PreparedLayer`: valid, projected into the plane, cut into small pieces, sorted, with bounds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from xygis.atlas.layer import Layer
from xygis.geodesy.ellipsoid import Floats
from xygis.geodesy.plane import Plane
from xygis.overlay.cover import cover_of, doubled_parts
from xygis.overlay.kernel import laying
from xygis.overlay.kernel.pieces import Rings, whole_km
from xygis.overlay.laying_out import Parts, lay_lines, lay_pieces
from xygis.overlay.prepared import PreparedLayer, attribute_rows
from xygis.overlay.reading import Source, read_source
from xygis.overlay.rings import rings_of
from xygis.overlay.sound import check_coordinates, repaired, sound_lines, sound_polygons, valid_in_plane


def prepare(layer: Layer, plane: Plane, source_sha256: str, read: Callable[[int], None] | None = None) -> PreparedLayer:
    """Reads, repairs, projects and cuts a whole layer. Raises LayerUnreadable where that cannot be done without guessing.

    read: told now and then how many features have been read.
    """
    source = read_source(layer, _counted(read) if read else attribute_rows, planar=layer.crs == plane.code)
    return prepared_of(layer, source, plane, source_sha256)


def prepared_of(layer: Layer, source: Source[list[bytes]], plane: Plane, source_sha256: str) -> PreparedLayer:
    """The layer from features that have been read already. Raises LayerUnreadable."""
    parts, repairs = parts_in_plane(layer, source, plane)
    laid = lay_lines(parts) if layer.geometry == "line" else lay_pieces(parts)
    doubled = doubled_parts(laid.pieces) if layer.geometry == "polygon" else np.zeros((0, 2), np.int64)
    cover = cover_of(laid, doubled)
    rows = [row for some in source.rows for row in some]
    prepared = PreparedLayer(
        layer=layer,
        source_sha256=source_sha256,
        features=source.features,
        repairs=repairs,
        columns=source.columns,
        origin=laid.pieces.origin,
        xy=cover.xy,  # of the pieces, and of the cover where it has its own
        ring_offsets=cover.ring_offsets,
        part_first=laid.part_first,
        part_last=laid.part_last,
        owner=parts.owner,
        bounds=laid.part_bounds + np.tile(laid.pieces.origin, 2),
        piece_first=laid.pieces.first,
        piece_last=laid.pieces.last,
        piece_part=laid.pieces.owner,
        piece_bounds=laid.pieces.bounds,
        piece_area=laid.pieces.area,
        level1=laid.pieces.level1,
        level2=laid.pieces.level2,
        doubled=doubled,
        cover_first=cover.first,
        cover_last=cover.last,
        cover_bounds=cover.bounds,
        cover_area=cover.area,
        cover_level1=cover.level1,
        cover_level2=cover.level2,
        attribute_offsets=np.r_[0, np.cumsum([len(r) for r in rows], dtype=np.int64)].astype(np.int64),
        attribute_bytes=np.frombuffer(b"".join(rows), np.uint8),
    )
    for name in PreparedLayer.__dataclass_fields__:
        array = getattr(prepared, name)
        if isinstance(array, np.ndarray):
            array.setflags(write=False)
    return prepared


def _counted(read: Callable[[int], None]) -> Callable[[list[tuple[object, ...]]], list[bytes]]:
    """attribute_rows that tells how many rows there were so far."""
    total = 0

    def keep(rows: list[tuple[object, ...]]) -> list[bytes]:
        nonlocal total
        total += len(rows)
        read(total)
        return attribute_rows(rows)

    return keep


def parts_in_plane(layer: Layer, source: Source[Any], plane: Plane) -> tuple[Parts, tuple[str, ...]]:
    """(the source's parts, a sentence for each repair). Raises LayerUnreadable."""
    if source.rings is not None:
        check_coordinates(layer, source.rings, source.shift)
        rings, repairs = repaired(layer, source.rings, source.shift)
        return _projected(layer, rings, source.shift, plane), repairs
    assert source.geometry is not None
    if layer.geometry == "line":
        return _projected(layer, (rings_of(*sound_lines(layer, source.geometry)),), np.zeros(2), plane), ()
    polygons, owner, repairs = sound_polygons(layer, source.geometry)
    return _projected(layer, (rings_of(polygons, owner),), np.zeros(2), plane), repairs


def _projected(layer: Layer, tables: tuple[Rings, ...], shift: Floats, plane: Plane) -> Parts:
    """The parts in the plane, polygons valid there and turned the right way."""
    tables = tuple(r for r in tables if len(r.owner)) or tables[:1]
    origin = shift
    if layer.crs != plane.code:
        assert not shift.any()
        moved = [r.moved(*plane.project(r.xy, r.ring_offsets, layer.crs)) for r in tables]
        tables = tuple(t for r in moved for t in (valid_in_plane(r) if layer.geometry == "polygon" else (r,)))
    if not origin.any():
        origin = whole_km(tables[0].xy)
        tables = tuple(r.moved(r.xy - origin, r.ring_offsets) for r in tables)
    if layer.geometry == "polygon":
        for rings in tables:
            laying.orient(rings)
    return Parts(rings=tables, origin=origin)
