"""What the kernel answers about parcels and a layer: areas of pairs, facts of patches, the nearest piece. Results never depend
on how many threads work.
"""

from __future__ import annotations

import ctypes

import numpy as np
from numpy.typing import NDArray

from xygis.overlay.kernel.binding import (
    PairsStruct,
    TolerancesStruct,
    at,
    check,
    compiled,
    index_struct,
    long,
    pieces_struct,
    spread,
    taken,
)
from xygis.overlay.kernel.library import library
from xygis.overlay.kernel.pieces import FACTS, NEAREST, Bools, Floats, Ints, Pieces


def pairs(
    p: Pieces, q: Pieces, *, rows: tuple[int, int] | None = None, jobs: int | None = None, within: bool = False
) -> tuple[Ints, Ints, Floats]:
    """(piece of p, piece of q, area in m²) of every pair that overlaps, in the order of p and then of q.

    rows: only the pieces of p from one number to another. within: p is q, and only pairs of different owners count, each once.
    """
    first, end = (0, len(p)) if rows is None else rows
    if library() is None:
        from xygis.overlay.kernel import plain

        return plain.pairs(p, q, first, end, within=within)
    lib = compiled()
    shift = p.origin - q.origin
    a, b, index = pieces_struct(p), pieces_struct(q), index_struct(q)
    owner = at(q.owner) if within else None

    def work(start: int, end_: int) -> tuple[Ints, Ints, Floats]:
        out = PairsStruct()
        failed = lib.xygis_pairs(
            ctypes.byref(a), at(p.area), ctypes.byref(b), at(q.area), ctypes.byref(index), at(shift), owner, long(first + start),
            long(first + end_),
            ctypes.byref(out),
        )  # fmt: skip
        found = taken(out.p, out.count, np.int64), taken(out.q, out.count, np.int64), taken(out.area, out.count, np.float64)
        check(failed)
        return found

    found = spread(work, end - first, jobs)
    if not found:
        return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0)
    return tuple(np.concatenate(column) for column in zip(*found, strict=True))  # type: ignore[return-value]  # three columns


def patch_facts(
    parcels: Pieces,
    layer: Pieces,
    tolerances: tuple[float, float, float],
    *,
    which: Ints | None = None,
    chosen: Bools | None = None,
    jobs: int | None = None,
) -> NDArray[np.void]:
    """For each parcel (all its rings one piece) the FACTS of what the layer covers and leaves; areas in m².

    A parcel that reaches over too many edges has none: NaN, and -1 patches.
    tolerances: contact width, sliver area and sliver width. which: only these parcels, the others' facts are 0. chosen: which
    pieces of the layer count.
    """
    if library() is None:
        from xygis.overlay.kernel import plain

        return plain.patch_facts(parcels, layer, tolerances, which=which, chosen=chosen)
    lib, shift = compiled(), parcels.origin - layer.origin
    asked = parcels if which is None else parcels.only(which)
    a, b, index, limits = pieces_struct(asked), pieces_struct(layer), index_struct(layer), TolerancesStruct(*tolerances)
    picked = None if chosen is None else np.ascontiguousarray(chosen, np.uint8)
    out = np.zeros(len(asked), FACTS)

    def work(start: int, end: int) -> None:
        check(
            lib.xygis_patches(
                ctypes.byref(a), at(asked.area), ctypes.byref(b), ctypes.byref(index), at(shift), None if picked is None else at(picked),
                ctypes.byref(limits), long(start), long(end), at(out),
            )
        )  # fmt: skip

    spread(work, len(asked), jobs, smallest=32)
    if which is None:
        return out
    every = np.zeros(len(parcels), FACTS)
    every[which] = out
    return every


def nearest(
    parcels: Pieces,
    which: Ints,
    layer: Pieces,
    scale: Floats,
    radius_m: float,
    *,
    half_m: Floats | None = None,
    chosen: Bools | None = None,
    lines: bool = False,
    jobs: int | None = None,
) -> NDArray[np.void]:
    """NEAREST for each of some parcels: gap in stretched metres (less half_m), the two places from layer.origin, the piece or -1.

    scale: (parcels, 2) true metres per plane metre. A parcel and a layer that overlap have no meaning here.
    """
    if library() is None:
        from xygis.overlay.kernel import plain

        return plain.nearest(parcels, which, layer, scale, radius_m, half_m=half_m, chosen=chosen, lines=lines)
    lib, shift = compiled(), parcels.origin - layer.origin
    a, b, index = pieces_struct(parcels), pieces_struct(layer), index_struct(layer)
    which, scale = np.ascontiguousarray(which, np.int64), np.ascontiguousarray(scale)
    picked = None if chosen is None else np.ascontiguousarray(chosen, np.uint8)
    half = None if half_m is None else np.ascontiguousarray(half_m)
    widest = 0.0 if half is None or len(half) == 0 else float(half.max())
    out = np.zeros(len(which), NEAREST)

    def work(start: int, end: int) -> None:
        check(
            lib.xygis_nearest(
                ctypes.byref(a), at(which), ctypes.byref(b), ctypes.byref(index), at(shift), at(scale), None if half is None else at(half),
                ctypes.c_double(widest), None if picked is None else at(picked), ctypes.c_int(lines), ctypes.c_double(radius_m),
                long(start), long(end), at(out),
            )
        )  # fmt: skip

    spread(work, len(which), jobs, smallest=32)
    return out
