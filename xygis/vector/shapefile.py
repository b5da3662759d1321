"""Reads the polygons or lines of a shapefile without GDAL, which overlooks a cut-off file and trusts the direction of rings.

Source: ESRI Shapefile Technical Description, July 1998. Header, .shx and .dbf must agree on the number of records.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from xygis.errors import BadGeometry, DamagedFile, UnsafeFile, Where
from xygis.geodesy.edges import Offsets
from xygis.vector.crs_claim import Claim, claim_of_wkt
from xygis.vector.dbf import Table, read_dbf
from xygis.vector.gpkg import RawFeatures
from xygis.vector.layers import ForeignLayer
from xygis.vector.notes import Note
from xygis.vector.safe import check_file
from xygis.vector.shp_records import KINDS, LINES, POLYGONS, Progress, read_records


def read_shapefile(path: Path, *, encoding: str | None = None, progress: Progress | None = None) -> ForeignLayer:
    """The one layer of a shapefile. Raises DamagedFile, BadGeometry (neither polygons nor lines), BadEncoding, OldDatum, UnknownCrs."""
    where = Where(file=str(path))
    check_file(path)
    kind, geometry, starts, notes = read_records(path, progress)
    index = _sibling(path, ".shx")
    if index is None:
        notes.append(Note(code="shx_missing", level="warning", text="缺少 .shx 索引文件，已按 .shp 逐条读取", where=where))
    else:
        _check_index(index, starts, path)
    attributes = _sibling(path, ".dbf")
    table: Table | None = None
    if attributes is None:
        notes.append(Note(code="dbf_missing", level="warning", text="缺少 .dbf 属性表，只有图形没有属性", where=where))
    else:
        table = read_dbf(attributes, encoding=encoding)
        _check_count(len(table.deleted), len(geometry), ".dbf", path)
        if table.why.startswith("按内容"):
            level = "warning" if "不对" in table.why else "info"
            notes.append(Note(code="encoding_guessed", level=level, text=f"属性表编码{table.why}", where=Where(file=str(attributes))))
    fids = np.arange(1, len(geometry) + 1)
    columns = table.columns if table else {}
    if table is not None and table.deleted.any():
        keep = ~table.deleted
        notes.append(
            Note(code="deleted_records", level="info", text=f"略去 .dbf 中已标记删除的 {int(table.deleted.sum())} 条记录", where=where)
        )
        geometry, fids = geometry[keep], fids[keep]
        columns = {k: [v for v, ok in zip(c, keep, strict=True) if ok] for k, c in columns.items()}
    if kind not in (*POLYGONS, *LINES, 0):
        raise BadGeometry(what=f"Shapefile 的图形是{KINDS[kind]}，不是面或线", where=where, fix="请给出面状图层")
    claim = _claim(path)
    return ForeignLayer(
        name=path.stem,
        format="shapefile",
        features=RawFeatures(
            geometry=geometry, columns={k: list(v) for k, v in columns.items()}, crs=claim.code, fids=fids.tolist(), sublayer=path.stem
        ),
        claim=claim,
        encoding=table.encoding if table else None,
        encoding_why=table.why if table else "",
        notes=tuple(notes),
    )


def _claim(path: Path) -> Claim:
    found = _sibling(path, ".prj")
    if found is None:
        return Claim(evidence=("没有 .prj 文件，按坐标数值判断",), where=Where(file=str(path)))
    raw = found.read_bytes()[:20_000]
    text = raw.decode("utf-8", errors="replace").strip("\ufeff \r\n\t\0")
    if not text:
        return Claim(evidence=(".prj 文件是空的，按坐标数值判断",), where=Where(file=str(path)))
    return claim_of_wkt(text, source=".prj 文件", where=Where(file=str(found)))


def _sibling(path: Path, suffix: str) -> Path | None:
    """The companion file in any case of letters; a link that leads elsewhere is refused."""
    found = next((p for p in path.parent.iterdir() if p.stem == path.stem and p.suffix.lower() == suffix), None)
    if found is not None and found.is_symlink() and found.resolve().parent != path.resolve().parent:
        raise UnsafeFile(what=f"{suffix} 文件是指向别处的链接", where=Where(file=str(found)), fix="请把文件本身放在同一文件夹")
    return found if found is not None and found.is_file() else None


def _check_index(index: Path, starts: Offsets, path: Path) -> None:
    """The index must lead to the records in their order: the attributes follow the index, not the file."""
    raw = index.read_bytes()
    _check_count(max(0, len(raw) - 100) // 8, len(starts), ".shx", path)
    listed = 2 * np.frombuffer(raw, dtype=">i4", count=2 * len(starts), offset=100)[::2].astype(np.int64)
    odd = np.flatnonzero(listed != starts)
    if len(odd) or len(raw) != 100 + 8 * len(starts):
        at = int(odd[0]) if len(odd) else len(starts) - 1
        raise DamagedFile(
            what=f".shx 索引与 .shp 对不上，从第 {at + 1} 条起"
            if len(odd)
            else f".shx 有 {len(raw):,} 字节，应有 {100 + 8 * len(starts):,} 字节",
            where=Where(file=str(path), feature=str(at + 1)),
            why="图形与属性可能错位",
            fix="请重新拷贝或重新导出整套文件（.shp、.shx、.dbf 要一起）",
        )


def _check_count(count: int, geometries: int, name: str, path: Path) -> None:
    if count != geometries:
        raise DamagedFile(
            what=f"Shapefile 不完整：{name} 有 {count:,} 条记录，.shp 有 {geometries:,} 个图形",
            where=Where(file=str(path)),
            fix="请重新拷贝或重新导出整套文件（.shp、.shx、.dbf 要一起）",
        )
