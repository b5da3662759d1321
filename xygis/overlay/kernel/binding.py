"""What stands between numpy and the compiled library: structures, addresses, memory, threads."""

from __future__ import annotations

import ctypes
import os
import threading
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from xygis.overlay.kernel.library import library
from xygis.overlay.kernel.pieces import Pieces

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

_CHUNKS_PER_JOB = 8
_CREW = "xygis-kernel"
long = ctypes.c_int64
_pointer = ctypes.c_void_p
T = TypeVar("T")


class PiecesStruct(ctypes.Structure):
    _fields_ = [(n, _pointer) for n in ("xy", "ring_offsets", "first", "last", "bounds")] + [("count", long)]


class IndexStruct(ctypes.Structure):
    _fields_ = [("level1", _pointer), ("level2", _pointer), ("count1", long), ("count2", long)]


class PairsStruct(ctypes.Structure):
    _fields_ = [("p", _pointer), ("q", _pointer), ("area", _pointer), ("count", long), ("capacity", long)]


class CutStruct(ctypes.Structure):
    _fields_ = [(n, _pointer) for n in ("xy", "ring_offsets", "last", "owner")] + [
        (n, long) for n in ("vertices", "rings", "pieces", "room_xy", "room_rings", "room_pieces", "room_owner")
    ]


class SinkStruct(ctypes.Structure):
    _fields_ = (
        [(n, long) for n in ("vertices", "rings", "parts")]
        + [(n, _pointer) for n in ("xy", "ring_offsets", "part_offsets", "owner")]
        + [("shift", ctypes.c_double * 2)]
    )


class TolerancesStruct(ctypes.Structure):
    _fields_ = [(n, ctypes.c_double) for n in ("contact", "sliver_area", "sliver_width")]


def default_jobs() -> int:
    """How many threads work at once unless somebody says otherwise."""
    return max(1, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)


def spread(work: Callable[[int, int], T], count: int, jobs: int | None = None, smallest: int = 256) -> list[T]:
    """work(from, to) over the whole range, in the order of the range; on threads where it is worth it."""
    jobs = default_jobs() if jobs is None else jobs
    step = max(smallest, -(-count // (jobs * _CHUNKS_PER_JOB)))
    bounds = [(a, min(a + step, count)) for a in range(0, count, step)]
    if jobs == 1 or len(bounds) < 2 or threading.current_thread().name.startswith(_CREW):  # a worker waits for no other
        return [work(a, b) for a, b in bounds]
    return list(_crew(jobs).map(lambda ab: work(*ab), bounds))


@cache
def _crew(jobs: int) -> ThreadPoolExecutor:
    """Threads that stay for the next call: most calls are shorter than it takes to start them."""
    from concurrent.futures import ThreadPoolExecutor

    return ThreadPoolExecutor(jobs, thread_name_prefix=_CREW)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_crew.cache_clear)  # threads do not cross into a forked process


def compiled() -> ctypes.CDLL:
    lib = library()
    assert lib is not None, "the caller takes the plain twin where there is no compiled kernel"
    return lib


def at(array: NDArray[Any]) -> ctypes.c_void_p:
    """Where an array lies; it must be contiguous and outlive the call."""
    assert array.flags.c_contiguous
    return ctypes.c_void_p(array.ctypes.data)


def pieces_struct(p: Pieces) -> PiecesStruct:
    return PiecesStruct(at(p.xy), at(p.ring_offsets), at(p.first), at(p.last), at(p.bounds), len(p))


def index_struct(p: Pieces) -> IndexStruct:
    return IndexStruct(at(p.level1), at(p.level2), len(p.level1), len(p.level2))


def taken(address: int | None, count: int, dtype: type) -> NDArray[Any]:
    """A copy of what the kernel made, whose own memory is given back."""
    if not address:
        return np.zeros(0, dtype)
    size = np.dtype(dtype).itemsize * count
    array: NDArray[Any] = np.frombuffer(ctypes.string_at(address, size), dtype)
    compiled().xygis_free(address)
    return array


def check(failed: int) -> None:
    if failed:
        raise MemoryError
