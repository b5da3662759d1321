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
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from xygis.atlas.layer import Layer
from xygis.cache_folder import cache_folder
from xygis.errors import LayerUnreadable, Where, os_words
from xygis.geodesy.plane import Plane
from xygis.overlay.layer_file import Arrays, Header, read_layer_file, write_layer_file
from xygis.overlay.prepared import VERSION, PreparedLayer

_RACY_NS = 2_000_000_000  # a file changed within two seconds of being hashed may have changed again unseen

Progress = Callable[[str], None]  # told the title of a layer that will take its time
Reading = Callable[[Layer, int | None], None]  # told how many features have been read so far; None: the layer is done


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What the cache holds for a layer."""

    source_sha256: str
    size_bytes: int
    pieces: int


class LayerStore:
    """Prepared layers by content. Safe to share between processes; holds what it has opened."""

    def __init__(self, folder: Path | None = None, progress: Progress | None = None) -> None:
        self.folder = folder if folder is not None else default_folder()
        self._progress = progress
        self.reading: Reading | None = None
        self._open: dict[str, PreparedLayer] = {}

    def get(self, layer: Layer, plane: Plane) -> PreparedLayer:
        """The prepared layer, from the cache or made now. Raises LayerUnreadable where the source is missing or broken."""
        files = source_files(layer)
        key = _key(layer, plane)
        stat = _stat(files)
        held = self._open.get(key)
        path = self._path(layer, key)
        found = read_layer_file(path, key) if held is None else None
        if found is not None:
            header, arrays = found
            if _surely_of(header, stat):
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
            try:
                prepared = room.prepare(layer, plane, "", self._counter(layer))
            finally:
                if self.reading:
                    self.reading(layer, None)
            sha = digest.result()
        prepared = replace(prepared, source_sha256=sha)
        # Whatever was hashed before or after the change: it need not be what was read.
        if _stat(files) != stat or (not _settled(stat, now) and source_sha256(files) != sha):
            raise LayerUnreadable(what="图层数据在读取时被改动", where=Where(layer=layer.title), fix="请稍后重试")
        self._save(path, key, stat, now, prepared)
        return self._hold(key, prepared)

    def peek(self, layer: Layer, plane: Plane) -> Kept | None:
        """What `get` would take from the cache; None where it would have to prepare, or fail. Prepares nothing."""
        key = _key(layer, plane)
        path = self._path(layer, key)
        found = read_layer_file(path, key)
        if found is None:
            return None
        header, _ = found
        try:
            files = source_files(layer)
            if not _surely_of(header, _stat(files)) and source_sha256(files) != header["source_sha256"]:
                return None
            size = path.stat().st_size
        except (LayerUnreadable, OSError):
            return None
        return Kept(source_sha256=header["source_sha256"], size_bytes=size, pieces=header["arrays"]["piece_first"][1][0])

    def unprepared(self, layers: Sequence[Layer], plane: Plane) -> dict[str, int]:
        """The bytes of each layer's source that has no cache file, and can be read; by id."""
        return {layer.id: size for layer in layers if (size := self._unprepared(layer, plane))}

    def warm(self, layers: Sequence[Layer], plane: Plane) -> None:
        """Prepares what is not ready, two layers at a time, the largest first. What cannot be prepared says so when it is asked for."""
        sizes = self.unprepared(layers, plane)
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

    def _counter(self, layer: Layer) -> Callable[[int], None] | None:
        reading = self.reading
        return None if reading is None else lambda features: reading(layer, features)

    def _path(self, layer: Layer, key: str) -> Path:
        return self.folder / f"{_plain(layer.id)}-{key[:20]}.layer"

    def _hold(self, key: str, prepared: PreparedLayer) -> PreparedLayer:
        self._open[key] = prepared
        return prepared

    def _save(self, path: Path, key: str, stat: list[list[int]], hashed_ns: int, prepared: PreparedLayer) -> None:
        about = {
            "key": key,
            "stat": stat,
            "hashed_ns": hashed_ns,
            "source_sha256": prepared.source_sha256,
            "features": prepared.features,
            "repairs": list(prepared.repairs),
            "columns": list(prepared.columns),
        }
        with contextlib.suppress(OSError):  # a full disk, a read-only folder: used from memory, and prepared again next time
            write_layer_file(path, about, prepared)


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
                what=f"图层数据文件无法读取：{os_words(error)}", where=Where(file=path.name), fix="请检查文件权限"
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
        raise LayerUnreadable(what=f"图层数据文件无法读取：{os_words(error)}", fix="请检查文件权限") from error


def _surely_of(header: Header, stat: list[list[int]]) -> bool:
    """Whether size and times alone say that a cache was made of the source as it is."""
    return bool(header["stat"] == stat and _settled(stat, header["hashed_ns"]))


def _settled(stat: list[list[int]], hashed_ns: int) -> bool:
    return all(max(s[1], s[2]) + _RACY_NS < hashed_ns for s in stat)


def _assemble(layer: Layer, header: Header, arrays: Arrays) -> PreparedLayer:
    return PreparedLayer(
        layer=layer,
        source_sha256=header["source_sha256"],
        features=header["features"],
        repairs=tuple(header["repairs"]),
        columns=tuple(header["columns"]),
        corrections=(),
        **arrays,
    )
