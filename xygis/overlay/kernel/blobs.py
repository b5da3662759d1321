"""Polygons from the blobs of a GeoPackage into flat arrays, batch by batch."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass

import numpy as np

from xygis.overlay.kernel.binding import SinkStruct, at, compiled, long
from xygis.overlay.kernel.pieces import Floats, Ints, Rings, whole_km


@dataclass(slots=True, kw_only=True)
class Filling:
    """Room for the rings of a table that is read batch by batch, and how much of it is filled."""

    xy: Floats
    ring_offsets: Ints
    part_offsets: Ints
    owner: Ints
    vertices: int = 0
    ring_count: int = 0
    parts: int = 0

    @classmethod
    def of(cls, vertices: int, rings: int, parts: int) -> Filling:
        """Room for at most so many; only what is filled takes memory."""
        filling = cls(
            xy=np.empty((vertices, 2)),
            ring_offsets=np.empty(rings, np.int64),
            part_offsets=np.empty(parts, np.int64),
            owner=np.empty(parts, np.int64),
        )
        filling.ring_offsets[0] = filling.part_offsets[0] = 0
        return filling

    def holds(self, size: int) -> bool:
        """Whether whatever so many bytes of blobs contain still fits."""
        fits = self.vertices + size // 16 < len(self.xy) and self.ring_count + size // 68 + 1 < len(self.ring_offsets)
        return fits and self.parts + size // 77 + 1 < len(self.part_offsets)

    def rings(self) -> Rings:
        """What was filled in."""
        return Rings(
            xy=self.xy[: self.vertices],
            ring_offsets=self.ring_offsets[: self.ring_count + 1],
            first=self.part_offsets[: self.parts],
            last=self.part_offsets[1 : self.parts + 1],
            owner=self.owner[: self.parts],
        )


def whole_corner(blob: bytes) -> Floats:
    """A whole number of kilometres near the first vertex of a GeoPackage blob; (0, 0) where it has none."""
    one = Filling.of(len(blob) // 16 + 4, len(blob) // 16 + 4, len(blob) // 16 + 4)
    if not read_blobs([blob], one, 0, np.zeros(2)):
        return np.zeros(2)
    first = one.rings().xy[:1]
    return whole_km(first[(np.abs(first) <= 1e9).all(axis=1)])  # a coordinate that is no number is none


def read_blobs(blobs: list[bytes], into: Filling, first: int, shift: Floats) -> bool:
    """Adds the polygons of GeoPackage blobs, less `shift`, for features from number `first`; False where one is anything else."""
    offsets = np.zeros(len(blobs) + 1, np.int64)
    np.cumsum(np.fromiter(map(len, blobs), np.int64, len(blobs)), out=offsets[1:])
    lib = compiled()
    lib.xygis_read_blobs.restype = long
    sink = SinkStruct(
        into.vertices, into.ring_count, into.parts, *(at(a) for a in (into.xy, into.ring_offsets, into.part_offsets, into.owner))
    )
    data = b"".join(blobs)
    if not into.holds(len(data)):
        return False  # more than a file of that size can have: a view over its tables
    bad = lib.xygis_read_blobs(data, at(offsets), long(len(blobs)), long(first), at(shift), ctypes.byref(sink))
    into.vertices, into.ring_count, into.parts = sink.vertices, sink.rings, sink.parts
    return bool(bad < 0)
