"""Turns a layer's source into a `PreparedLayer`: valid, projected into the plane, cut into small pieces, sorted, with bounds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from xygis.atlas.layer import Layer
from xygis.geodesy.ellipsoid import Floats
from xygis.geodesy.plane import Plane
from xygis.overlay.kernel import asking, laying
from xygis.overlay.kernel.pieces import Pieces, Rings, levels
from xygis.overlay.prepared import Ints, PreparedLayer, attribute_rows
from xygis.overlay.reading import Source, read_source
from xygis.overlay.sound import check_coordinates, repaired, rings_of, sound_lines, sound_polygons, valid_in_plane

LONGEST_M = 150.0  # a piece that fills its box badly is cut down to this side
LINE_VERTICES = 64  # of a piece of a line
OVERLAP_M2 = 1e-3  # parts that share more than this lie on one another


def prepare(layer: Layer, plane: Plane, source_sha256: str) -> PreparedLayer:
    """Reads, repairs, projects and cuts a whole layer. Raises LayerUnreadable where that cannot be done without guessing."""
    source = read_source(layer, attribute_rows, planar=layer.crs == plane.code)
    parts, repairs = parts_in_plane(layer, source, plane)
    laid = _line_pieces(parts) if layer.geometry == "line" else lay_pieces(parts)
    rows = [row for some in source.rows for row in some]
    prepared = PreparedLayer(
        layer=layer,
        source_sha256=source_sha256,
        features=source.features,
        repairs=repairs,
        columns=source.columns,
        origin=laid.pieces.origin,
        xy=laid.pieces.xy,
        ring_offsets=laid.pieces.ring_offsets,
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
        doubled=doubled_parts(laid.pieces) if layer.geometry == "polygon" else np.zeros((0, 2), np.int64),
        attribute_offsets=np.r_[0, np.cumsum([len(r) for r in rows], dtype=np.int64)].astype(np.int64),
        attribute_bytes=np.frombuffer(b"".join(rows), np.uint8),
    )
    for name in PreparedLayer.__dataclass_fields__:
        array = getattr(prepared, name)
        if isinstance(array, np.ndarray):
            array.setflags(write=False)
    return prepared


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Valid polygons, or lines, in the plane, less `origin`, in one or more tables of rings."""

    rings: tuple[Rings, ...]
    origin: Floats

    @property
    def owner(self) -> Ints:
        """The feature of each part, table after table."""
        return np.concatenate([r.owner for r in self.rings])


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
    if not origin.any() and len(tables[0].xy):
        origin = np.floor(tables[0].xy[0] / 1000.0) * 1000.0
        tables = tuple(r.moved(r.xy - origin, r.ring_offsets) for r in tables)
    if layer.geometry == "polygon":
        for rings in tables:
            laying.orient(rings)
    return Parts(rings=tables, origin=origin)


@dataclass(frozen=True, slots=True, kw_only=True)
class Laid:
    """Pieces, and where the rings of the whole parts lie among theirs."""

    pieces: Pieces
    part_first: Ints
    part_last: Ints
    part_bounds: Floats


def lay_pieces(parts: Parts) -> Laid:
    """Polygons as small pieces in the order of a Hilbert curve; the rings of those that were cut stand after them, whole."""
    sheets = [s for rings in parts.rings for s in _sheet(rings)]  # tables of whole parts at even places, of cut ones at odd
    base = np.cumsum([0] + [len(r.owner) for r in parts.rings])
    table = np.concatenate([np.full(len(s.first), k, np.uint8) for k, s in enumerate(sheets)])
    first, last = np.concatenate([s.first for s in sheets]), np.concatenate([s.last for s in sheets])
    owner = np.concatenate([s.part + base[k // 2] for k, s in enumerate(sheets)])
    area, bounds = np.concatenate([s.area for s in sheets]), np.vstack([s.bounds for s in sheets])
    order = np.argsort(laying.hilbert(bounds), kind="stable")
    table, first, last, owner, area = table[order], first[order], last[order], owner[order], area[order]
    bounds = np.ascontiguousarray(bounds[order])
    # First all pieces in their order, then the large parts, which geometry is made of.
    cut = [_others(len(r.owner), sheets[2 * k].part) for k, r in enumerate(parts.rings)]
    source_table = np.concatenate([table, *(np.full(len(c), 2 * k, np.uint8) for k, c in enumerate(cut))])
    source_first = np.concatenate([first, *(r.first[c] for r, c in zip(parts.rings, cut, strict=True))])
    source_last = np.concatenate([last, *(r.last[c] for r, c in zip(parts.rings, cut, strict=True))])
    xy, ring_offsets = laying.gather([s.table for s in sheets], source_table, source_first, source_last)
    ends = np.cumsum(source_last - source_first)
    starts = ends - (source_last - source_first)
    whole = np.flatnonzero(table % 2 == 0)
    here = np.r_[whole, np.arange(len(order), len(starts))]
    there = np.concatenate([owner[whole], *(c + base[k] for k, c in enumerate(cut))])
    part_first, part_last = np.zeros(base[-1], np.int64), np.zeros(base[-1], np.int64)
    part_first[there], part_last[there] = starts[here], ends[here]
    level1, level2 = levels(bounds)
    pieces = Pieces(
        origin=parts.origin,
        xy=xy,
        ring_offsets=ring_offsets,
        first=np.ascontiguousarray(starts[: len(order)]),
        last=np.ascontiguousarray(ends[: len(order)]),
        owner=owner,
        bounds=bounds,
        area=area,
        level1=level1,
        level2=level2,
    )
    part_bounds = np.vstack([laying.sizes(*r.table, r.first, r.last)[1] for r in parts.rings])
    return Laid(pieces=pieces, part_first=part_first, part_last=part_last, part_bounds=part_bounds)


def _others(count: int, some: Ints) -> Ints:
    """The numbers below `count` that are not among some."""
    rest = np.ones(count, bool)
    rest[some] = False
    return np.flatnonzero(rest)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sheet:
    """Pieces whose rings stand in one table, and the part that each belongs to."""

    table: tuple[Floats, Ints]
    first: Ints
    last: Ints
    part: Ints
    area: Floats
    bounds: Floats


def _sheet(rings: Rings) -> tuple[_Sheet, _Sheet]:
    """(the parts that are small, the pieces that the others were cut into)."""
    area, bounds = laying.sizes(*rings.table, rings.first, rings.last)
    small = laying.small(rings.ring_offsets, rings.first, rings.last, bounds, area, LONGEST_M)
    whole, large = np.flatnonzero(small), np.flatnonzero(~small)
    kept = _Sheet(
        table=rings.table, first=rings.first[whole], last=rings.last[whole], part=whole, area=area[whole], bounds=bounds[whole]
    )  # fmt: skip
    if len(large) == 0:
        none = np.zeros(0, np.int64)
        return kept, _Sheet(
            table=(np.zeros((0, 2)), np.zeros(1, np.int64)), first=none, last=none, part=none, area=np.zeros(0), bounds=np.zeros((0, 4))
        )
    xy, offsets, count, owner = laying.cut(*rings.table, rings.first[large], rings.last[large], LONGEST_M)
    last = np.cumsum(count)
    first = last - count
    cut_area, cut_bounds = laying.sizes(xy, offsets, first, last)
    return kept, _Sheet(table=(xy, offsets), first=first, last=last, part=large[owner], area=cut_area, bounds=cut_bounds)


def _line_pieces(parts: Parts) -> Laid:
    """Lines as runs of at most LINE_VERTICES vertices, each run a ring that is not closed."""
    (rings,) = parts.rings
    lengths = np.diff(rings.ring_offsets)
    runs = np.maximum(1, -(-(lengths - 1) // (LINE_VERTICES - 1)))
    owner = np.repeat(np.arange(len(lengths)), runs)
    turn = np.arange(len(owner)) - np.repeat(np.cumsum(runs) - runs, runs)
    start = rings.ring_offsets[:-1][owner] + turn * (LINE_VERTICES - 1)
    end = np.minimum(start + LINE_VERTICES, rings.ring_offsets[1:][owner])
    # The runs come first, then the whole lines: a vertex between two runs stands in both.
    offsets = np.r_[start, rings.ring_offsets[:-1]], np.r_[end, rings.ring_offsets[1:]]
    counts = offsets[1] - offsets[0]
    at = np.r_[0, np.cumsum(counts)].astype(np.int64)
    xy = rings.xy[np.arange(at[-1]) - np.repeat(at[:-1] - offsets[0], counts)]
    number = np.arange(len(counts))
    _, bounds = laying.sizes(xy, at, number, number + 1)
    n = len(owner)
    order = np.argsort(laying.hilbert(np.ascontiguousarray(bounds[:n])), kind="stable")
    piece_bounds = np.ascontiguousarray(bounds[:n][order])
    level1, level2 = levels(piece_bounds)
    pieces = Pieces(
        origin=parts.origin,
        xy=xy,
        ring_offsets=at,
        first=order.astype(np.int64),
        last=order.astype(np.int64) + 1,
        owner=owner[order].astype(np.int64),
        bounds=piece_bounds,
        area=np.zeros(n),
        level1=level1,
        level2=level2,
    )
    return Laid(pieces=pieces, part_first=number[n:], part_last=number[n:] + 1, part_bounds=bounds[n:])


def doubled_parts(pieces: Pieces) -> Ints:
    """(k, 2) numbers of parts that lie on one another by more than OVERLAP_M2."""
    left, right, area = asking.pairs(pieces, pieces, within=True)
    hit = area > OVERLAP_M2 / 16  # pieces of large parts may share little each
    both = np.column_stack([pieces.owner[left[hit]], pieces.owner[right[hit]]])
    if len(both) == 0:
        return np.zeros((0, 2), np.int64)
    both, which = np.unique(np.sort(both, axis=1), axis=0, return_inverse=True)
    return np.ascontiguousarray(both[np.bincount(which.ravel(), area[hit]) > OVERLAP_M2])
