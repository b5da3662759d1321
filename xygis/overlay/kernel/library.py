"""Loads the compiled kernel: once, only if it fits the sources beside it, and never with XYGIS_KERNEL=plain."""

from __future__ import annotations

import ctypes
import os
from functools import cache

from xygis.overlay.kernel.build import LIBRARY, sources_sha256


@cache
def library() -> ctypes.CDLL | None:
    """The library; None where the plain twins have to do: switched off, not compiled, compiled from other sources."""
    if os.environ.get("XYGIS_KERNEL", "").lower() == "plain" or not LIBRARY.is_file():
        return None
    try:
        loaded = ctypes.CDLL(str(LIBRARY))
        stated = loaded.xygis_sources
    except (OSError, AttributeError):  # made for another machine, or no library at all
        return None
    stated.restype = ctypes.c_char_p
    if stated() != sources_sha256().encode():
        return None
    loaded.xygis_free.argtypes = [ctypes.c_void_p]
    return loaded


def kernel_name() -> str:
    """compiled | plain: what does the work, for people and traces."""
    return "plain" if library() is None else "compiled"
