"""Which parts of two sides overlap, by how much; summed by pair of features and by pair of classes.

The pieces of the first side are taken in tiles along the space-filling curve, so that memory holds one tile and the pairs found.
Sums run in one order, whatever the tiles and however many threads: the result is the same to the bit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from xygis.compare.side import Side
from xygis.geodesy.ellipsoid import Floats
from xygis.overlay.kernel import asking
from xygis.overlay.prepared import Ints

TILE = 1 << 16  # pieces
PATCH_M2 = 1e-3  # pairs of features that share no more are contact, no patch; their area still counts
NOISE_M2 = 1e-6  # what a million rounded contacts add up to

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class PartPairs:
    """Pairs of parts that overlap, in the order of the first side's parts and then of the second's."""

    a: Ints
    b: Ints
    overlap_m2: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """One row for each pair of classes that overlap."""

    a: tuple[str, ...]
    b: tuple[str, ...]
    overlap_m2: Floats
    patches: Ints  # pairs of features that share more than contact


def part_pairs(a: Side, b: Side, *, tile: int = TILE, jobs: int | None = None, progress: Progress | None = None) -> PartPairs:
    """Every pair of parts with a positive overlap, in m² of the plane."""
    keys, areas = [], []
    for start in range(0, len(a.pieces), tile):
        end = min(start + tile, len(a.pieces))
        if progress:
            progress(end, len(a.pieces))
        i, j, area = asking.pairs(a.pieces, b.pieces, rows=(start, end), jobs=jobs)
        keys.append(a.pieces.owner[i] * len(b.part_m2) + b.pieces.owner[j])
        areas.append(area)
    key, area = np.concatenate([*keys, np.zeros(0, np.int64)]), np.concatenate([*areas, np.zeros(0)])
    key, total = _summed(key, area)
    hit = total > 0.0
    key, total = key[hit], total[hit]
    return PartPairs(a=key // max(1, len(b.part_m2)), b=key % max(1, len(b.part_m2)), overlap_m2=total)


def matrix(a: Side, b: Side, found: PartPairs) -> Matrix:
    """The pairs summed by class."""
    features, area = _summed(a.owner[found.a] * b.features + b.owner[found.b], found.overlap_m2)
    pair = a.class_of[features // max(1, b.features)] * len(b.classes) + b.class_of[features % max(1, b.features)]
    classes, total = _summed(pair, area)
    _, patches = _summed(pair, (area > PATCH_M2).astype(float))
    real = (patches > 0) | (total > NOISE_M2)
    classes, total, patches = classes[real], total[real], patches[real]
    return Matrix(
        a=tuple(a.classes[i] for i in (classes // max(1, len(b.classes))).tolist()),
        b=tuple(b.classes[i] for i in (classes % max(1, len(b.classes))).tolist()),
        overlap_m2=total,
        patches=patches.astype(np.int64),
    )


def _summed(key: Ints, value: Floats) -> tuple[Ints, Floats]:
    """(keys in order, sum of each)."""
    if len(key) == 0:
        return key, value
    order = np.argsort(key, kind="stable")
    key, value = key[order], value[order]
    starts = np.flatnonzero(np.r_[True, key[1:] != key[:-1]])
    return key[starts], np.add.reduceat(value, starts)
