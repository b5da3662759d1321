"""Long arrays in blocks that fit a processor's cache, on threads: the same numbers several times as fast."""

from __future__ import annotations

import os
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Pair = tuple[Floats, Floats]

_BLOCK = 8_192
_WORTH_THREADS = 32  # blocks


def in_blocks(f: Callable[[Floats, Floats], Pair], a: Floats, b: Floats) -> Pair:
    """f(a, b) of a function that works element by element on two arrays of one shape."""
    if a.ndim != 1 or a.shape != b.shape or len(a) <= _BLOCK:
        return f(a, b)
    out = np.empty(len(a)), np.empty(len(a))

    def work(start: int) -> None:
        here = slice(start, start + _BLOCK)
        out[0][here], out[1][here] = f(a[here], b[here])

    starts = range(0, len(a), _BLOCK)
    if len(starts) < _WORTH_THREADS:
        for start in starts:
            work(start)
        return out
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(os.cpu_count()) as crew:
        for _ in crew.map(work, starts):
            pass
    return out
