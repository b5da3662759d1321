"""Keeps prepared layers: who makes one, under which key it lies, and how it is found stale.

One file per layer in the user's cache folder, never inside an atlas. Its header names the preparation version, the layer's
catalogue entry, the plane, the sha256 of the source, and the source's size and times. A file is used only when all of
that holds; when merely the times differ, the source is hashed again. Files appear whole (os.replace) or not at all, and
one that is cut short, foreign or of another version is built anew. Where the folder cannot be written, layers live in memory.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import math
import mmap
import os
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xygis.atlas.layer import Layer
from xygis.cache_folder import cache_folder
from xygis.errors import LayerUnreadable, Where
from xygis.geodesy.plane import Plane
from xygis.overlay.kernel.laying import checksum
from xygis.overlay.prepared import VERSION, PreparedLayer
from xygis.whole_file import write_whole

_MAGIC = b"XYGISLAYER3\n"
_ARRAYS = (
    *("origin", "xy", "ring_offsets", "part_first", "part_last", "owner", "bounds"),
    *("piece_first", "piece_last", "piece_part", "piece_bounds", "piece_area", "level1", "level2", "doubled"),
    *("cover_first", "cover_last", "cover_bounds", "cover_area", "cover_level1", "cover_level2"),
    *("attribute_offsets", "attribute_bytes"),
)
_ALIGNED = 64
_RACY_NS = 2_000_000_000  # a file changed within two seconds of being hashed may have changed again unseen

Progress = Callable[[str], None]


class LayerStore:
    """Prepared layers by content. Safe to share between processes; holds what it has opened."""

    def __init__(self, folder: Path | None = None, progress: Progress | None = None) -> None:
        self.folder = folder if folder is not None else default_folder()
        self._progress = progress
        self._open: dict[str, PreparedLayer] = {}

    def get(self, layer: Layer, plane: Plane) -> PreparedLayer:
        """The prepared layer, from the cache or made now. Raises LayerUnreadable where the source is missing or broken."""
        files = source_files(layer)
        key = _key(layer, plane)
        stat = _stat(files)
        held = self._open.get(key)
        path = self._path(layer, key)
        header, arrays = _load(path, key) if held is None else (None, None)
        if header is not None and arrays is not None:
            if header["stat"] == stat and _settled(stat, header["hashed_ns"]):
                return self._hold(key, _assemble(layer, header, arrays))
            now = time.time_ns()
            sha = source_sha256(files)
            if sha == header["source_sha256"]:
                prepared = _assemble(layer, header, arrays)
                self._save(path, key, stat, now, prepared)
                return self._hold(key, prepared)
        now = time.time_ns()
        if held is not None and held.source_sha256 == source_sha256(files):
            return held
        if self._progress:
            self._progress(layer.title)
        from concurrent.futures import ThreadPoolExecutor

        from xygis.overlay import prepare as room  # reads files: nothing that a ready cache needs

        with ThreadPoolExecutor(1) as pool:  # the source is hashed while it is read
            digest = pool.submit(source_sha256, files)
            prepared = room.prepare(layer, plane, "")
            sha = digest.result()
        prepared = replace(prepared, source_sha256=sha)
        now_stat = _stat(files)
        if (now_stat != stat or not _settled(stat, now)) and source_sha256(files) != sha:
            raise LayerUnreadable(what="图层数据在读取时被改动", where=Where(layer=layer.title), fix="请稍后重试")
        self._save(path, key, stat, now, prepared)
        return self._hold(key, prepared)

    def warm(self, layers: Sequence[Layer], plane: Plane) -> None:
        """Prepares what is not ready, two layers at a time, the largest first. What cannot be prepared says so when it is asked for."""
        sizes = {layer.id: size for layer in layers if (size := self._unprepared(layer, plane))}
        if len(sizes) < 2:
            return
        from concurrent.futures import ThreadPoolExecutor

        def prepare_one(layer: Layer) -> None:
            with contextlib.suppress(LayerUnreadable):
                self.get(layer, plane)

        with ThreadPoolExecutor(2) as pool:
            list(pool.map(prepare_one, sorted((x for x in layers if x.id in sizes), key=lambda x: -sizes[x.id])))

    def _unprepared(self, layer: Layer, plane: Plane) -> int:
        """The size of a layer's source that has no cache file; 0 where it has one, or cannot be read."""
        key = _key(layer, plane)
        if key in self._open or self._path(layer, key).exists():
            return 0
        try:
            return sum(s[0] for s in _stat(source_files(layer)))
        except LayerUnreadable:
            return 0

    def _path(self, layer: Layer, key: str) -> Path:
        return self.folder / f"{_plain(layer.id)}-{key[:20]}.layer"

    def _hold(self, key: str, prepared: PreparedLayer) -> PreparedLayer:
        self._open[key] = prepared
        return prepared

    def _save(self, path: Path, key: str, stat: list[list[int]], hashed_ns: int, prepared: PreparedLayer) -> None:
        arrays = {name: np.ascontiguousarray(getattr(prepared, name)) for name in _ARRAYS}
        offset, table = 0, {}
        for name, array in arrays.items():
            table[name] = [array.dtype.str, list(array.shape), offset]
            offset += -(-array.nbytes // _ALIGNED) * _ALIGNED
        chunks = [part for array in arrays.values() for part in (_bytes(array), bytes(-array.nbytes % _ALIGNED))]
        header = {
            "key": key,
            "stat": stat,
            "hashed_ns": hashed_ns,
            "source_sha256": prepared.source_sha256,
            "features": prepared.features,
            "repairs": list(prepared.repairs),
            "columns": list(prepared.columns),
            "arrays": table,
            "data_bytes": offset,
            "sums": [_sum_of(array) for array in arrays.values()],
        }
        text = json.dumps(header, ensure_ascii=False).encode()
        head = _MAGIC + len(text).to_bytes(8, "little") + hashlib.sha256(text).digest() + text
        head += bytes(-len(head) % _ALIGNED)
        with contextlib.suppress(OSError):  # a full disk, a read-only folder: used from memory, and prepared again next time
            _seal_of(path).unlink(missing_ok=True)
            write_whole(path, (head, *chunks), durable=False)  # its sums will tell


def _bytes(array: NDArray[Any]) -> memoryview:
    return memoryview(array.view(np.uint8).reshape(-1).data) if array.size else memoryview(b"")


def _sum_of(array: NDArray[Any]) -> str:
    """The checksum of an array, filled up with zeros to whole words."""
    data, rest = _bytes(array), array.nbytes % 8
    if rest == 0:
        return checksum(data)
    return checksum(bytes(data) + bytes(8 - rest))


def _plain(layer_id: str) -> str:
    """The id as part of a file name: whatever an atlas calls its layers, the file lies in the folder."""
    return re.sub(r"[^\w-]", "_", layer_id)[:40]


def default_folder() -> Path:
    """The user's cache folder for prepared layers."""
    return cache_folder() / "layers"


def source_files(layer: Layer) -> tuple[Path, ...]:
    """Every file that holds the layer's data: the file itself, a shapefile's companions, a folder's content, a journal."""
    path = layer.path
    where = Where(layer=layer.title, file=path.name if path else None)
    if path is None:
        raise LayerUnreadable(what="图层没有数据", where=where, fix=f"请向{layer.authority or '主管部门'}取得数据，用 xygis adopt 登记")
    if path.is_dir():
        return tuple(sorted(p for p in path.rglob("*") if p.is_file()))
    if not path.is_file():
        raise LayerUnreadable(what="图层数据文件不存在", where=where, fix="请恢复该文件，或重新用 xygis adopt 登记")
    if path.suffix.lower() == ".shp":
        return tuple(sorted(p for p in path.parent.glob(f"{path.stem}.*") if p.is_file()))
    journal = path.with_name(path.name + "-wal")
    return (path, journal) if journal.is_file() else (path,)


def source_sha256(files: tuple[Path, ...]) -> str:
    """sha256 of one file; of several: of their names and digests."""
    digests = []
    for path in files:
        try:
            with path.open("rb") as file:
                digests.append(hashlib.file_digest(file, "sha256").hexdigest())
        except OSError as error:
            raise LayerUnreadable(
                what=f"图层数据文件无法读取：{error.strerror}", where=Where(file=path.name), fix="请检查文件权限"
            ) from error
    if len(files) == 1:
        return digests[0]
    return hashlib.sha256("\n".join(f"{p.name} {d}" for p, d in zip(files, digests, strict=True)).encode()).hexdigest()


def _key(layer: Layer, plane: Plane) -> str:
    entry: list[Any] = [VERSION, layer.id, str(layer.path), layer.sublayer, layer.crs, layer.geometry, plane.code, layer.sensitive]
    entry += [[a.field, a.names, a.synonyms] for a in layer.fields]
    return hashlib.sha256(json.dumps(entry, ensure_ascii=False).encode()).hexdigest()


def _stat(files: tuple[Path, ...]) -> list[list[int]]:
    try:
        return [[s.st_size, s.st_mtime_ns, s.st_ctime_ns, s.st_ino] for s in (p.stat() for p in files)]
    except OSError as error:
        raise LayerUnreadable(what=f"图层数据文件无法读取：{error.strerror}", fix="请检查文件权限") from error


def _settled(stat: list[list[int]], hashed_ns: int) -> bool:
    return all(max(s[1], s[2]) + _RACY_NS < hashed_ns for s in stat)


def _load(path: Path, key: str) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """(header, arrays) of a cache file, or (None, None) where it is absent, cut short, foreign or of another key."""
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            if size < len(_MAGIC) + 40:
                return None, None
            data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except OSError:
        return None, None
    start = len(_MAGIC)
    length = int.from_bytes(data[start : start + 8], "little")
    text = data[start + 40 : start + 40 + length]
    if data[:start] != _MAGIC or hashlib.sha256(text).digest() != data[start + 8 : start + 40]:
        return None, None
    header: dict[str, Any] = json.loads(text)
    base = -(-(start + 40 + length) // 64) * 64
    if header["key"] != key or size != base + header["data_bytes"]:
        return None, None
    arrays = {}
    for name, (dtype, shape, offset) in header["arrays"].items():
        count = math.prod(shape)
        arrays[name] = np.frombuffer(data, np.dtype(dtype), count, base + offset).reshape(shape)
    return (header, arrays) if _whole(path, header, arrays) else (None, None)


def _whole(path: Path, header: dict[str, Any], arrays: dict[str, Any]) -> bool:
    """Whether the numbers are those that were written. Seen once to be so, a seal says it as long as nobody touches the file."""
    seal = _seal_of(path)
    try:
        now = json.dumps(_stat((path,))[0])
        if seal.is_file() and seal.read_text("ascii") == now:
            return True
    except (OSError, UnicodeDecodeError, LayerUnreadable):
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


def _assemble(layer: Layer, header: dict[str, Any], arrays: dict[str, Any]) -> PreparedLayer:
    return PreparedLayer(
        layer=layer,
        source_sha256=header["source_sha256"],
        features=header["features"],
        repairs=tuple(header["repairs"]),
        columns=tuple(header["columns"]),
        **arrays,
    )
