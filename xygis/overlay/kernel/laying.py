"""What the kernel does to lay a layer out: turn, test, cut, measure, sort and gather rings."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from xygis.overlay.kernel.binding import CutStruct, at, check, compiled, long, spread, taken
from xygis.overlay.kernel.library import library
from xygis.overlay.kernel.pieces import Bools, Floats, Ints, Rings


def cut(
    xy: Floats, ring_offsets: Ints, first: Ints, last: Ints, longest_m: float, jobs: int | None = None
) -> tuple[Floats, Ints, Ints, Ints]:
    """(xy, ring offsets, rings per piece, owner): polygons cut into pieces of at most 128 vertices, in the order of the polygons."""
    lib = compiled()

    def work(start: int, end: int) -> tuple[Floats, Ints, Ints, Ints]:
        out = CutStruct()
        failed = lib.xygis_cut(
            at(xy), at(ring_offsets), at(first), at(last), long(start), long(end), ctypes.c_double(longest_m), ctypes.byref(out)
        )
        points = taken(out.xy, 2 * out.vertices, np.float64).reshape(-1, 2)
        offsets = taken(out.ring_offsets, out.rings + 1 if out.rings else 0, np.int64)
        ends, owner = taken(out.last, out.pieces, np.int64), taken(out.owner, out.pieces, np.int64)
        check(failed)
        return points, np.diff(offsets), np.diff(ends, prepend=0), owner

    found = spread(work, len(first), jobs, smallest=1)
    if not found:
        return np.zeros((0, 2)), np.zeros(1, np.int64), np.zeros(0, np.int64), np.zeros(0, np.int64)
    points, lengths, rings, owner = (np.concatenate(column) for column in zip(*found, strict=True))
    return points, np.r_[0, np.cumsum(lengths)].astype(np.int64), rings, owner


def boxed(rings: Rings, bounds: Floats, which: Ints, boxes: Floats, start: int, end: int) -> tuple[Floats, Ints, Ints]:
    """(xy, ring offsets, rings per polygon): what lies of polygon which[i] in boxes[i], for i from start to end. Compiled only.

    Where a polygon leaves its box and enters it again, its parts hang together by edges along the side of the box: no valid polygon,
    but one whose inside is right.
    """
    lib, out = compiled(), CutStruct()
    failed = lib.xygis_boxed(
        at(rings.xy), at(rings.ring_offsets), at(rings.first), at(rings.last), at(bounds), at(which), at(boxes), long(start), long(end),
        ctypes.byref(out),
    )  # fmt: skip
    points = taken(out.xy, 2 * out.vertices, np.float64).reshape(-1, 2)
    offsets = taken(out.ring_offsets, out.rings + 1 if out.rings else 0, np.int64)
    ends = taken(out.last, out.pieces, np.int64)
    taken(out.owner, 0, np.int64)
    check(failed)
    return points, offsets if len(offsets) else np.zeros(1, np.int64), np.diff(ends, prepend=0)


def sizes(xy: Floats, ring_offsets: Ints, first: Ints, last: Ints, jobs: int | None = None) -> tuple[Floats, Floats]:
    """(signed area in m², bounds) of each piece; counter-clockwise is positive."""
    if library() is None:
        from xygis.overlay.kernel import plain

        return plain.sizes(xy, ring_offsets, first, last)
    area, bounds = np.zeros(len(first)), np.zeros((len(first), 4))
    lib = compiled()

    def work(start: int, end: int) -> None:
        lib.xygis_sizes(
            at(xy),
            at(ring_offsets),
            at(first[start:end]),
            at(last[start:end]),
            long(end - start),
            at(area[start:end]),
            at(bounds[start:end]),
        )

    spread(work, len(first), jobs, smallest=4096)
    return area, bounds


def small(ring_offsets: Ints, first: Ints, last: Ints, bounds: Floats, area: Floats, longest_m: float) -> Bools:
    """Which pieces need not be cut; the plain kernel cuts none."""
    if library() is None:
        return np.ones(len(first), bool)
    out = np.zeros(len(first), np.uint8)
    compiled().xygis_small(
        at(ring_offsets), at(first), at(last), at(bounds), at(area), ctypes.c_double(longest_m), long(len(first)), at(out)
    )
    return out.astype(bool)


def hilbert(bounds: Floats) -> Ints:
    """The place of each box along a Hilbert curve over all of them."""
    if library() is None:
        from xygis.overlay.kernel import plain

        return plain.hilbert(bounds)
    key = np.zeros(len(bounds), np.int64)
    if len(bounds):
        corner = np.ascontiguousarray(bounds[:, :2].min(axis=0))
        side = float((bounds[:, 2:].max(axis=0) - corner).max()) or 1.0
        compiled().xygis_hilbert(at(bounds), long(len(bounds)), at(corner), ctypes.c_double(side), at(key))
    return key


def surely_valid(rings: Rings, jobs: int | None = None) -> Bools:
    """Which polygons are certainly valid; of the others nothing is said."""
    if library() is None:
        return np.zeros(len(rings.first), bool)
    out = np.zeros(len(rings.first), np.uint8)
    lib = compiled()

    def work(start: int, end: int) -> None:
        check(lib.xygis_sound(at(rings.xy), at(rings.ring_offsets), at(rings.first), at(rings.last), long(start), long(end), at(out)))

    spread(work, len(out), jobs, smallest=512)
    return out.astype(bool)


def orient(rings: Rings, jobs: int | None = None) -> None:
    """Turns shells counter-clockwise and holes clockwise, in place."""
    if library() is None:
        from xygis.overlay.kernel import plain

        plain.orient(rings)
        return
    lib = compiled()

    def work(start: int, end: int) -> None:
        lib.xygis_orient(at(rings.xy), at(rings.ring_offsets), at(rings.first), at(rings.last), long(start), long(end))

    spread(work, len(rings.first), jobs, smallest=4096)


Table = tuple[Floats, Ints]  # xy, ring offsets


def gather(tables: Sequence[Table], table: NDArray[np.uint8], first: Ints, last: Ints, jobs: int | None = None) -> Table:
    """The rings first[i] to last[i] - 1 of each group, from the table table[i], one after the other in the order of the groups."""
    if library() is None:
        from xygis.overlay.kernel import plain

        return plain.gather(tables, table, first, last)
    first, last = np.ascontiguousarray(first, np.int64), np.ascontiguousarray(last, np.int64)
    table = np.ascontiguousarray(table, np.uint8)
    vertices = np.zeros(len(first), np.int64)
    for k, (_, offsets) in enumerate(tables):
        mine = table == k
        vertices[mine] = offsets[last[mine]] - offsets[first[mine]]
    ring_at, vertex_at = np.r_[0, np.cumsum(last - first)].astype(np.int64), np.r_[0, np.cumsum(vertices)].astype(np.int64)
    out, out_offsets = np.empty((int(vertex_at[-1]), 2)), np.zeros(int(ring_at[-1]) + 1, np.int64)
    xys = (ctypes.c_void_p * len(tables))(*(at(xy).value for xy, _ in tables))
    rings = (ctypes.c_void_p * len(tables))(*(at(offsets).value for _, offsets in tables))
    lib = compiled()

    def work(start: int, end: int) -> None:
        where = (at(a) for a in (table, first, last, ring_at, vertex_at))
        lib.xygis_gather(xys, rings, *where, long(start), long(end), at(out), at(out_offsets))

    spread(work, len(first), jobs, smallest=1024)
    return out, out_offsets


def checksum(data: memoryview | bytes) -> str:
    """Two sums over the 8-byte words of some data (a multiple of 8 bytes), the second weighted by their place."""
    words = np.frombuffer(data, np.uint64)
    step = 1 << 20

    def work(start: int, end: int) -> tuple[int, int]:
        sums = np.zeros(2, np.uint64)
        if library() is None:
            from xygis.overlay.kernel import plain

            plain.checksum(words[start:end], start, sums)
        else:
            compiled().xygis_checksum(at(words[start:end]), long(end - start), long(start), at(sums))
        return int(sums[0]), int(sums[1])

    found = spread(work, len(words), smallest=step)
    total = [sum(f[i] for f in found) % 2**64 for i in (0, 1)]
    return f"{total[0]:016x}{total[1]:016x}"
