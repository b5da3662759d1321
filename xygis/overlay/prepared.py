"""`PreparedLayer`: a layer as flat arrays in the plane, ready to be measured against. Who makes one: `prepare`; who keeps it: `store`."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray

from xygis.atlas.attributes import Value, match_fields, matches, reader
from xygis.atlas.layer import Layer
from xygis.geodesy.ellipsoid import Floats
from xygis.overlay.kernel.pieces import Pieces

Ints = NDArray[np.int64]
Geometries = NDArray[np.object_]

VERSION = 4  # of the preparation; part of every cache key
ROWS = 64  # features whose attributes are kept together


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """Features are taken to say `value` in `field`; only those that say `instead_of`, where it is given."""

    field: str
    value: str
    instead_of: str | None = None

    def concerns(self, value: Value) -> bool:
        """Whether a feature that says `value` is meant."""
        return self.instead_of is None or matches(value, (self.instead_of,)) is True


def corrected(said: dict[str, Value], corrections: Sequence[Correction]) -> dict[str, Value]:
    """The attributes of one feature after the corrections, each against what the file says."""
    out = dict(said)
    for c in corrections:
        if c.concerns(said.get(c.field)):
            out[c.field] = c.value
    return out


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedLayer:
    """A layer ready to be measured against. Arrays are read-only; xy is in plane metres from `origin`.

    A part is one polygon (or line) of a feature, with the rings part_first[i] to part_last[i] - 1 of ring_offsets (a line counts
    as one ring). Pieces are parts, or what large parts were cut into, along a Hilbert curve (see kernel.pieces). The attributes of
    ROWS features at a time: JSON rows in attribute_bytes[attribute_offsets[k]:attribute_offsets[k + 1]], values as in the file.
    """

    layer: Layer
    source_sha256: str
    features: int
    repairs: tuple[str, ...]  # one sentence per repaired feature, with place and area before and after
    columns: tuple[str, ...]  # of the file
    origin: Floats
    xy: Floats
    ring_offsets: Ints
    part_first: Ints
    part_last: Ints
    owner: Ints  # feature number of each part
    bounds: Floats  # (parts, 4) plane west, south, east, north
    piece_first: Ints
    piece_last: Ints
    piece_part: Ints
    piece_bounds: Floats
    piece_area: Floats
    level1: Floats
    level2: Floats
    doubled: Ints  # (k, 2) parts that lie on one another
    cover_first: Ints  # pieces that cover each place once; none where the pieces already do
    cover_last: Ints
    cover_bounds: Floats
    cover_area: Floats
    cover_level1: Floats
    cover_level2: Floats
    attribute_offsets: Ints
    attribute_bytes: NDArray[np.uint8]
    corrections: tuple[Correction, ...] = ()  # values that are taken for others

    @property
    def id(self) -> str:
        return self.layer.id

    @property
    def geometry(self) -> str:
        """polygon | line."""
        return self.layer.geometry

    @property
    def pieces(self) -> Pieces:
        """The layer as the kernel takes it; the owner of a piece is its part."""
        return Pieces(
            origin=self.origin,
            xy=self.xy,
            ring_offsets=self.ring_offsets,
            first=self.piece_first,
            last=self.piece_last,
            owner=self.piece_part,
            bounds=self.piece_bounds,
            area=self.piece_area,
            level1=self.level1,
            level2=self.level2,
        )

    @property
    def cover(self) -> Pieces:
        """What the layer covers, each place once; the owners mean nothing."""
        if len(self.doubled) == 0:
            return self.pieces
        return Pieces(
            origin=self.origin,
            xy=self.xy,
            ring_offsets=self.ring_offsets,
            first=self.cover_first,
            last=self.cover_last,
            owner=np.zeros(len(self.cover_first), np.int64),
            bounds=self.cover_bounds,
            area=self.cover_area,
            level1=self.cover_level1,
            level2=self.cover_level2,
        )

    @property
    def part_points(self) -> Ints:
        """The vertices of each part."""
        points: Ints = self.ring_offsets[self.part_last] - self.ring_offsets[self.part_first]
        return points

    def parts(self, which: Ints) -> Geometries:
        """shapely geometries of some parts, in the plane."""
        if len(which) == 0:
            return np.empty(0, object)
        first, last = self.part_first[which], self.part_last[which]
        rings = _ranges(first, last)
        starts, ends = self.ring_offsets[rings], self.ring_offsets[rings + 1]
        coords = self.xy[_ranges(starts, ends)] + self.origin
        ring_offsets = np.r_[0, np.cumsum(ends - starts)]
        if self.geometry == "line":
            return np.asarray(shapely.from_ragged_array(shapely.GeometryType.LINESTRING, coords, (ring_offsets,)))
        part_offsets = np.r_[0, np.cumsum(last - first)]
        return np.asarray(shapely.from_ragged_array(shapely.GeometryType.POLYGON, coords, (ring_offsets, part_offsets)))

    def attributes(self, feature: int) -> dict[str, Value]:
        """All kept attributes of one feature, ours first."""
        chunk = feature // ROWS
        start, end = self.attribute_offsets[chunk], self.attribute_offsets[chunk + 1]
        row = _rows(self.attribute_bytes[start:end].tobytes())[feature % ROWS]
        said = {name: read(row[place]) for name, place, read in _readers(self.layer, self.columns)}
        return corrected(said, self.corrections) if self.corrections else said

    def column(self, name: str) -> list[Value]:
        """One attribute of all features; None where the layer has no such attribute."""
        if self.corrections:
            return [self.attributes(feature).get(name) for feature in range(self.features)]
        found = next(((place, read) for ours, place, read in _readers(self.layer, self.columns) if ours == name), None)
        if found is None:
            return [None] * self.features
        place, read = found
        offsets, blob = self.attribute_offsets.tolist(), self.attribute_bytes.tobytes()
        return [read(row[place]) for start, end in pairwise(offsets) for row in json.loads(blob[start:end])]


@lru_cache(maxsize=4096)
def _rows(rows: bytes) -> list[list[object]]:
    values: list[list[object]] = json.loads(rows)
    return values


@lru_cache(maxsize=64)
def _readers(layer: Layer, columns: tuple[str, ...]) -> tuple[tuple[str, int, Callable[[object], Value]], ...]:
    """(field, its place in a row, how it is read): ours by alias first, then theirs; personal columns are gone."""
    match = match_fields(layer, columns)
    place = {name: i for i, name in enumerate(columns)}
    wanted: dict[str, tuple[str, str]] = {}
    for ours, theirs in match.ours:
        wanted.setdefault(ours, (ours, theirs))
    for name in (*(theirs for _, theirs in match.ours), *match.others):
        wanted.setdefault(name, ("", name))
    return tuple((name, place[theirs], reader(layer, field)) for name, (field, theirs) in wanted.items())


def attribute_rows(rows: list[tuple[object, ...]]) -> list[bytes]:
    """Rows of values as JSON, ROWS together."""
    return [
        json.dumps(rows[i : i + ROWS], ensure_ascii=False, separators=(",", ":"), default=_no_value).encode()
        for i in range(0, len(rows), ROWS)
    ]


def _no_value(value: object) -> str | None:
    return None if isinstance(value, bytes) else str(value)


def _ranges(starts: Ints, ends: Ints) -> Ints:
    """Concatenated arange(start, end) of each pair."""
    lengths = ends - starts
    offsets = np.r_[0, np.cumsum(lengths)]
    out: Ints = np.arange(offsets[-1]) + np.repeat(starts - offsets[:-1], lengths)
    return out
