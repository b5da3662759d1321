"""One prepared layer as one file: a header, flat arrays that the memory maps, sums over them, and a seal beside it.

A file appears whole (os.replace) or not at all; one that is absent, cut short, foreign, of another key, or whose numbers are
not those that were written, is not read. The sums are taken once: the seal then says that the file is as it was, by its size
and times, so that the next reader need not look at every number.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import math
import mmap
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xygis.cache_folder import make_room, mark_used
from xygis.overlay.kernel.laying import checksum
from xygis.whole_file import write_whole

_MAGIC = b"XYGISLAYER3\n"
ARRAYS = (
    *("origin", "xy", "ring_offsets", "part_first", "part_last", "owner", "bounds"),
    *("piece_first", "piece_last", "piece_part", "piece_bounds", "piece_area", "level1", "level2", "doubled"),
    *("cover_first", "cover_last", "cover_bounds", "cover_area", "cover_level1", "cover_level2"),
    *("attribute_offsets", "attribute_bytes"),
)
_ALIGNED = 64
_RACY_NS = 2_000_000_000  # a file is sealed only when its last change is older: within that time another could hide
_LEFT_S = 3600  # what a killed writer left behind is cleared away after this

Header = dict[str, Any]
Arrays = dict[str, NDArray[Any]]


def write_layer_file(path: Path, about: Mapping[str, Any], prepared: object) -> None:
    """The arrays of a prepared layer, and what is to be known about them. Raises OSError, and then leaves what was there."""
    arrays = {name: np.ascontiguousarray(getattr(prepared, name)) for name in ARRAYS}
    offset, table = 0, {}
    for name, array in arrays.items():
        table[name] = [array.dtype.str, list(array.shape), offset]
        offset += -(-array.nbytes // _ALIGNED) * _ALIGNED
    chunks = [part for array in arrays.values() for part in (_bytes(array), bytes(-array.nbytes % _ALIGNED))]
    header = {**about, "arrays": table, "data_bytes": offset, "sums": [_sum_of(array) for array in arrays.values()]}
    text = json.dumps(header, ensure_ascii=False).encode()
    head = _MAGIC + len(text).to_bytes(8, "little") + hashlib.sha256(text).digest() + text
    head += bytes(-len(head) % _ALIGNED)
    _clear_away(path)
    _seal_of(path).unlink(missing_ok=True)
    write_whole(path, (head, *chunks), durable=False)  # its sums will tell
    make_room(path.parent)


def read_layer_file(path: Path, key: str) -> tuple[Header, Arrays] | None:
    """(header, arrays), or None where the file is absent, cut short, foreign, of another key or not as it was written."""
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            if size < len(_MAGIC) + 40:
                return None
            data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except OSError:
        return None
    start = len(_MAGIC)
    length = int.from_bytes(data[start : start + 8], "little")
    text = data[start + 40 : start + 40 + length]
    if data[:start] != _MAGIC or hashlib.sha256(text).digest() != data[start + 8 : start + 40]:
        return None
    header: Header = json.loads(text)
    base = -(-(start + 40 + length) // _ALIGNED) * _ALIGNED
    if header["key"] != key or size != base + header["data_bytes"]:
        return None
    arrays: Arrays = {}
    for name, (dtype, shape, offset) in header["arrays"].items():
        count = math.prod(shape)
        arrays[name] = np.frombuffer(data, np.dtype(dtype), count, base + offset).reshape(shape)
    return (header, arrays) if _whole(path, header, arrays) else None


def _whole(path: Path, header: Header, arrays: Arrays) -> bool:
    """Whether the numbers are those that were written. Seen once to be so, a seal says it as long as nobody touches the file."""
    seal = _seal_of(path)
    try:
        s = path.stat()
        now = json.dumps([s.st_size, s.st_mtime_ns, s.st_ctime_ns, s.st_ino])
        if seal.is_file() and seal.read_text("ascii") == now:
            mark_used(seal)  # not the file: its times are what the seal says
            return True
    except (OSError, UnicodeDecodeError):
        return False  # gone while we looked
    if header["sums"] != [_sum_of(array) for array in arrays.values()]:
        return False
    with contextlib.suppress(OSError):
        if time.time_ns() - path.stat().st_mtime_ns > _RACY_NS:
            with path.open("rb") as file:
                os.fsync(file.fileno())  # what is sealed is on the disk
            write_whole(seal, (now.encode(),), durable=False)
    return True


def _seal_of(path: Path) -> Path:
    return path.with_suffix(".seal")


def _clear_away(path: Path) -> None:
    """Removes what writers of this file left behind when they were killed."""
    with contextlib.suppress(OSError):
        for left in path.parent.glob(f".{path.name[:40]}.*.part"):
            if time.time() - left.stat().st_mtime > _LEFT_S:
                left.unlink()


def _bytes(array: NDArray[Any]) -> memoryview:
    return memoryview(array.view(np.uint8).reshape(-1).data) if array.size else memoryview(b"")


def _sum_of(array: NDArray[Any]) -> str:
    """The checksum of an array, filled up with zeros to whole words."""
    data, rest = _bytes(array), array.nbytes % 8
    if rest == 0:
        return checksum(data)
    return checksum(bytes(data) + bytes(8 - rest))
