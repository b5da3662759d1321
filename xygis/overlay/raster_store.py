"""Raster layers read through once and kept: whether a file is sound is settled before anybody asks it.

Beside the prepared layers in the cache folder lies one file per raster: what it says of itself, the sha256, size and times
of its source, and, unless it is very large, its cells, unpacked, for the memory to map. So a second check loads no GDAL.
A kept file is used only while all of that holds; one that is cut short, foreign or out of date is made anew.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import mmap
import os
import re
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from xygis.atlas.layer import Layer
from xygis.cache_folder import make_room, mark_used
from xygis.errors import LayerUnreadable, Where, os_words
from xygis.geodesy.ellipsoid import Floats
from xygis.overlay.coverage import Tile
from xygis.overlay.raster import Raster, cells_of, open_raster
from xygis.overlay.store import source_files, source_sha256
from xygis.overlay.zonal import MOST_CLASSES, tile_size
from xygis.whole_file import write_whole

VERSION = 1
_MAGIC = b"XYGISRASTER\n"
_CELLS_AT = 4096  # in the kept file
_MOST_KEPT_BYTES = 256 << 20  # a larger raster is read where it is asked
_PLAUSIBLE = {"elevation": (-500.0, 9000.0, "m"), "slope": (0.0, 90.0, "°")}  # what lies beyond is a nodata value nobody declared
_RACY_NS = 2_000_000_000  # a file changed within two seconds of being hashed may have changed again unseen


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedRaster:
    """A raster layer that was read from end to end."""

    raster: Raster
    source_sha256: str


def get_raster(layer: Layer, folder: Path) -> PreparedRaster:
    """From the cache folder, or made now. Raises LayerUnreadable where the source is missing, broken or not to be followed."""
    source = source_files(layer)[0]
    if not source.is_file():
        raise LayerUnreadable(what="不是文件", where=Where(file=source.name, layer=layer.title), fix="栅格图层应为一个 GeoTIFF 文件")
    path = folder / f"{re.sub(r'[^0-9A-Za-z_-]', '_', layer.id)[:40]}-{_key(layer)[:20]}.raster"
    header, found = _load(path, layer, source)
    stat = _stat(source)
    if found is not None and header["stat"] == stat and max(stat[1:3]) + _RACY_NS < header["hashed_ns"]:
        return found
    now, sha = time.time_ns(), source_sha256((source,))
    if found is None or found.source_sha256 != sha:
        found = PreparedRaster(raster=_read_through(layer, source), source_sha256=sha)
        if source_sha256((source,)) != sha:
            raise LayerUnreadable(what="图层数据在读取时被改动", where=Where(layer=layer.title), fix="请稍后重试")
    _save(path, layer, stat, now, found)
    return found


def _read_through(layer: Layer, source: Path) -> Raster:
    """The raster with its cells where they are few enough. Every cell is read, so that a broken file is found now."""
    raster = open_raster(source, layer.title)
    where = Where(file=source.name, layer=layer.title)
    if layer.measure == "class" and not raster.whole_numbers:
        raise LayerUnreadable(what="分类栅格的数值不是整数", where=where, fix="请导出为整数类型的分类代码")
    dtype = np.dtype(np.float32 if raster.single else np.float64)
    cells = np.empty((raster.rows, raster.cols), dtype) if raster.rows * raster.cols * dtype.itemsize <= _MOST_KEPT_BYTES else None
    width, height = tile_size(raster)
    classes: set[float] = set()
    known = False
    with cells_of(raster) as read:
        for row in range(0, raster.rows, height):
            for col in range(0, raster.cols, width):
                values = read(Tile(col=col, row=row, cols=min(width, raster.cols - col), rows=min(height, raster.rows - row)))
                finite = np.isfinite(values)
                known = known or bool(finite.any())
                _refuse_implausible(layer, values[finite], where)
                if cells is not None:
                    cells[row : row + height, col : col + width] = values
                if layer.measure == "class":
                    classes |= set(np.unique(values[finite]).tolist())
                    if len(classes) > MOST_CLASSES:
                        what = f"分类栅格有 {MOST_CLASSES} 种以上的数值"
                        raise LayerUnreadable(what=what, where=where, fix="请核对 measure：高程用 elevation，坡度用 slope")
    if not known:
        raise LayerUnreadable(what="栅格没有一个有效数值", where=where, fix="请重新取得完整的文件")
    return replace(raster, kept=cells)


def _refuse_implausible(layer: Layer, values: Floats, where: Where) -> None:
    least, greatest, unit = _PLAUSIBLE.get(layer.measure or "", (-np.inf, np.inf, ""))
    wrong = values[(values < least) | (values > greatest)]
    if len(wrong):
        what = f"栅格有 {len(wrong)} 个单元的数值不可能（如 {wrong[0]:g} {unit}），多半是没有写明的无数据值"
        fix = "请在 GeoTIFF 中写明无数据值（nodata）；坡度应以度为单位"
        raise LayerUnreadable(what=what, where=where, fix=fix)


def _key(layer: Layer) -> str:
    return hashlib.sha256(json.dumps([VERSION, layer.id, str(layer.path), layer.measure]).encode()).hexdigest()


def _stat(path: Path) -> list[int]:
    try:
        s = path.stat()
    except OSError as error:
        raise LayerUnreadable(what=f"图层数据文件无法读取：{os_words(error)}", where=Where(file=path.name), fix="请检查文件权限") from error
    return [s.st_size, s.st_mtime_ns, s.st_ctime_ns, s.st_ino]


def _save(path: Path, layer: Layer, stat: list[int], hashed_ns: int, prepared: PreparedRaster) -> None:
    r = prepared.raster
    header = {
        "key": _key(layer),
        "stat": stat,
        "hashed_ns": hashed_ns,
        "source_sha256": prepared.source_sha256,
        "cells_bytes": 0 if r.kept is None else r.kept.nbytes,
        "raster": {"crs": r.crs, "origin": r.origin, "step": r.step, "cols": r.cols, "rows": r.rows, "block": r.block}
        | {"whole_numbers": r.whole_numbers, "single": r.single},
    }
    text = json.dumps(header).encode()
    head = _MAGIC + len(text).to_bytes(8, "little") + hashlib.sha256(text).digest() + text
    if len(head) > _CELLS_AT:
        return
    chunks = [head.ljust(_CELLS_AT, b"\0")]
    if r.kept is not None:
        chunks.append(r.kept.tobytes())
    with contextlib.suppress(OSError):  # a full disk, a read-only folder: read again next time
        write_whole(path, chunks)
        make_room(path.parent)


def _load(path: Path, layer: Layer, source: Path) -> tuple[dict[str, Any], PreparedRaster | None]:
    """(header, raster) of a kept file, or ({}, None) where it is absent, cut short, foreign or of another key."""
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            if size < _CELLS_AT:
                return {}, None
            data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except OSError:
        return {}, None
    start = len(_MAGIC)
    length = int.from_bytes(data[start : start + 8], "little")
    text = data[start + 40 : start + 40 + length]
    if data[:start] != _MAGIC or hashlib.sha256(text).digest() != data[start + 8 : start + 40]:
        return {}, None
    header: dict[str, Any] = json.loads(text)
    if header["key"] != _key(layer) or size != _CELLS_AT + header["cells_bytes"]:
        return {}, None
    said: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in header["raster"].items()}
    raster = Raster(path=source, title=layer.title, **said)
    if header["cells_bytes"]:
        dtype = np.dtype(np.float32 if raster.single else np.float64)
        cells: Any = np.frombuffer(data, dtype, raster.rows * raster.cols, _CELLS_AT).reshape(raster.rows, raster.cols)
        raster = replace(raster, kept=cells)
    mark_used(path)
    return header, PreparedRaster(raster=raster, source_sha256=header["source_sha256"])
