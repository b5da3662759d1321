"""`Rows`: what a run over many parcels keeps of itself, so that the next one works out only what has changed.

One file a layer in the folder of the results. A row is taken over when the layer's data, its catalogue entry, the rules of the day
about it, the project's facts, the plane, the version of xygis and the parcel itself are all the same. A file carries its own digest:
one that is damaged, cut short or foreign is not believed. Files appear whole or not at all, so a run that is killed leaves what it had finished.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xygis.check.layer_column import NUMBERS
from xygis.whole_file import write_whole

FOLDER = ".xygis-portfolio"
_MAGIC = b"XYGISROWS1\n"
_DIGEST = 32
KEY_BYTES = 16  # what makes a parcel the same in another run
Columns = dict[str, NDArray[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """In the folder `<results>/.xygis-portfolio`."""

    folder: Path

    def load(self, layer: str, key: str) -> tuple[dict[bytes, int], Columns]:
        """(row of each parcel, columns) as they were kept for the same key; empty where there is nothing to take over."""
        try:
            data = self._path(layer).read_bytes()
        except OSError:
            return {}, {}
        head = len(_MAGIC) + _DIGEST
        if data[:head] != _MAGIC + _digest(memoryview(data)[head:]):
            return {}, {}
        with np.load(io.BytesIO(data[head:]), allow_pickle=False) as kept:  # whole, as this program wrote it
            if str(kept["key"]) != key:
                return {}, {}
            parcels = kept["parcels"].tobytes()
            count = len(parcels) // KEY_BYTES
            columns = {name: _unpacked(kept, name, count) for name in NUMBERS}
        return {parcels[KEY_BYTES * i : KEY_BYTES * (i + 1)]: i for i in range(count)}, columns

    def save(self, layer: str, key: str, parcels: NDArray[np.void], columns: Columns) -> None:
        """Keeps some rows in place of what was kept before; a folder that cannot be written keeps nothing."""
        memory = io.BytesIO()
        packed = {k: v for name, column in columns.items() for k, v in _packed(name, column).items()}
        np.savez(memory, key=np.array(key), parcels=np.frombuffer(parcels.tobytes(), np.uint8), **packed)  # type: ignore[arg-type]  # arrays by name
        data = memory.getbuffer()
        with contextlib.suppress(OSError):
            write_whole(self._path(layer), (_MAGIC + _digest(data), data), durable=False)

    def _path(self, layer: str) -> Path:
        plain = re.sub(r"[^\w-]", "_", layer)[:60]
        return self.folder / FOLDER / f"{plain}.rows"


def _digest(data: memoryview) -> bytes:
    return hashlib.blake2b(data, digest_size=_DIGEST).digest()


def _packed(name: str, column: NDArray[Any]) -> Columns:
    """A column as it is kept: texts as numbers of words, nothing where all are unknown."""
    if column.dtype == object:
        words = list(dict.fromkeys(column.tolist()))
        place = {word: i for i, word in enumerate(words)}
        return {f"{name}.words": np.array(words or [""]), name: np.array([place[t] for t in column.tolist()], np.int32)}
    return {} if column.dtype == float and bool(np.isnan(column).all()) else {name: column}


def _unpacked(kept: Mapping[str, NDArray[Any]], name: str, count: int) -> NDArray[Any]:
    if name not in kept:
        return np.full(count, np.nan)
    column: NDArray[Any] = kept[name]
    if f"{name}.words" in kept:
        words: NDArray[Any] = kept[f"{name}.words"].astype(object)
        column = words[column]
    return column
