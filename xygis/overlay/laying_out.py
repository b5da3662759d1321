"""Cuts valid polygons and lines into small pieces along a Hilbert curve; the rings of what was cut stand after them, whole."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from xygis.geodesy.ellipsoid import Floats
from xygis.overlay.kernel import laying
from xygis.overlay.kernel.pieces import Ints, Pieces, Rings, levels

LONGEST_M = 150.0  # a piece that fills its box badly is cut down to this side
LINE_VERTICES = 64  # of a piece of a line


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Valid polygons, or lines, in the plane, less `origin`, in one or more tables of rings."""

    rings: tuple[Rings, ...]
    origin: Floats

    @property
    def owner(self) -> Ints:
        """The feature of each part, table after table."""
        return np.concatenate([r.owner for r in self.rings])


@dataclass(frozen=True, slots=True, kw_only=True)
class Laid:
    """Pieces, and where the rings of the whole parts lie among theirs."""

    pieces: Pieces
    part_first: Ints
    part_last: Ints
    part_bounds: Floats


def lay_pieces(parts: Parts) -> Laid:
    """Polygons as small pieces in the order of a Hilbert curve; the rings of those that were cut stand after them, whole."""
    laid = [_sheet(rings) for rings in parts.rings]
    sheets = [s for whole, cut, _ in laid for s in (whole, cut)]  # tables of whole parts at even places, of cut ones at odd
    base = np.cumsum([0] + [len(r.owner) for r in parts.rings])
    table = np.concatenate([np.full(len(s.first), k, np.uint8) for k, s in enumerate(sheets)])
    first, last = np.concatenate([s.first for s in sheets]), np.concatenate([s.last for s in sheets])
    owner = np.concatenate([s.part + base[k // 2] for k, s in enumerate(sheets)])
    area, bounds = np.concatenate([s.area for s in sheets]), np.vstack([s.bounds for s in sheets])
    order = np.argsort(laying.hilbert(bounds), kind="stable")
    table, first, last, owner, area = table[order], first[order], last[order], owner[order], area[order]
    bounds = np.ascontiguousarray(bounds[order])
    # First all pieces in their order, then the large parts, which geometry is made of.
    others = [_others(len(r.owner), sheets[2 * k].part) for k, r in enumerate(parts.rings)]
    source_table = np.concatenate([table, *(np.full(len(c), 2 * k, np.uint8) for k, c in enumerate(others))])
    source_first = np.concatenate([first, *(r.first[c] for r, c in zip(parts.rings, others, strict=True))])
    source_last = np.concatenate([last, *(r.last[c] for r, c in zip(parts.rings, others, strict=True))])
    xy, ring_offsets = laying.gather([s.table for s in sheets], source_table, source_first, source_last)
    ends = np.cumsum(source_last - source_first)
    starts = ends - (source_last - source_first)
    whole = np.flatnonzero(table % 2 == 0)
    here = np.r_[whole, np.arange(len(order), len(starts))]
    there = np.concatenate([owner[whole], *(c + base[k] for k, c in enumerate(others))])
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
    part_bounds = np.vstack([bounds for _, _, bounds in laid])
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


def _sheet(rings: Rings) -> tuple[_Sheet, _Sheet, Floats]:
    """(the parts that are small, the pieces that the others were cut into, the bounds of all parts)."""
    area, bounds = laying.sizes(*rings.table, rings.first, rings.last)
    small = laying.small(rings.ring_offsets, rings.first, rings.last, bounds, area, LONGEST_M)
    whole, large = np.flatnonzero(small), np.flatnonzero(~small)
    kept = _Sheet(
        table=rings.table, first=rings.first[whole], last=rings.last[whole], part=whole, area=area[whole], bounds=bounds[whole]
    )  # fmt: skip
    if len(large) == 0:
        none = np.zeros(0, np.int64)
        table = np.zeros((0, 2)), np.zeros(1, np.int64)
        return kept, _Sheet(table=table, first=none, last=none, part=none, area=np.zeros(0), bounds=np.zeros((0, 4))), bounds
    xy, offsets, count, owner = laying.cut(*rings.table, rings.first[large], rings.last[large], LONGEST_M)
    last = np.cumsum(count)
    first = last - count
    cut_area, cut_bounds = laying.sizes(xy, offsets, first, last)
    return kept, _Sheet(table=(xy, offsets), first=first, last=last, part=large[owner], area=cut_area, bounds=cut_bounds), bounds


def lay_lines(parts: Parts) -> Laid:
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
