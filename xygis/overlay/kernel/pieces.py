"""`Pieces`: polygons or lines as flat arrays with bounds and a packed index, in the order of a space-filling curve."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

NEAREST = np.dtype([("gap", "f8"), ("on_parcel", "f8", 2), ("on_layer", "f8", 2), ("piece", "i8")])
FACTS = np.dtype(
    [(n, "f8") for n in ("inside_m2", "inside_sliver_m2", "inside_contact_m2", "outside_m2", "outside_sliver_m2", "outside_contact_m2")]
    + [(n, "i8") for n in ("inside_patches", "inside_slivers")]
)
FAN = 32  # boxes of one level below each box of the next; as in kernel.h


@dataclass(frozen=True, slots=True, kw_only=True)
class Pieces:
    """Small areal pieces (shells counter-clockwise, holes clockwise), or pieces of lines.

    Piece i has the rings first[i] to last[i] - 1; ring r is xy[ring_offsets[r]:ring_offsets[r + 1]], closed unless it is a
    line. Coordinates are metres from `origin`, whole numbers, so that nothing is lost by taking it off. owner: the part that a
    piece was cut from. level1, level2: bounds of every FAN pieces, and of every FAN boxes of level1.
    """

    origin: Floats  # (2,)
    xy: Floats  # (n, 2)
    ring_offsets: Ints
    first: Ints
    last: Ints
    owner: Ints
    bounds: Floats  # (pieces, 4) west, south, east, north, from origin
    area: Floats  # m²
    level1: Floats
    level2: Floats

    def __len__(self) -> int:
        return len(self.first)

    def only(self, which: Ints) -> Pieces:
        """Some of the pieces, in another order, to ask about: without an index, for that of the whole is not theirs."""
        return Pieces(
            origin=self.origin, xy=self.xy, ring_offsets=self.ring_offsets, first=self.first[which], last=self.last[which],
            owner=self.owner[which], bounds=np.ascontiguousarray(self.bounds[which]), area=self.area[which],
            level1=np.zeros((0, 4)), level2=np.zeros((0, 4)),
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Rings:
    """Polygons as a file has them: part i has the rings first[i] to last[i] - 1, shell first; owner: its feature.

    Not every ring need belong to a part. Lines have one ring a part, which is not closed.
    """

    xy: Floats
    ring_offsets: Ints
    first: Ints
    last: Ints
    owner: Ints

    @property
    def table(self) -> tuple[Floats, Ints]:
        return self.xy, self.ring_offsets

    def without(self, gone: Bools) -> Rings:
        """The same but for some parts."""
        kept = ~gone
        first, last = np.ascontiguousarray(self.first[kept]), np.ascontiguousarray(self.last[kept])
        return Rings(xy=self.xy, ring_offsets=self.ring_offsets, first=first, last=last, owner=self.owner[kept])

    def moved(self, xy: Floats, ring_offsets: Ints) -> Rings:
        """The same parts with other coordinates."""
        return Rings(xy=xy, ring_offsets=ring_offsets, first=self.first, last=self.last, owner=self.owner)


def whole_km(xy: Floats) -> Floats:
    """An origin: the whole number of kilometres below the first vertex; (0, 0) where there is none."""
    return np.floor(xy[0] / 1000.0) * 1000.0 if len(xy) else np.zeros(2)


def levels(bounds: Floats) -> tuple[Floats, Floats]:
    """The two upper levels of the packed index over boxes in their order."""
    one = _above(bounds)
    return one, _above(one)


def _above(bounds: Floats) -> Floats:
    if len(bounds) == 0:
        return np.zeros((0, 4))
    starts = np.arange(0, len(bounds), FAN)
    low, high = np.minimum.reduceat(bounds[:, :2], starts), np.maximum.reduceat(bounds[:, 2:], starts)
    return np.ascontiguousarray(np.hstack([low, high]))
