"""Reads the polygons of a shapefile without GDAL, which overlooks a cut-off file and trusts the direction of rings.

Source: ESRI Shapefile Technical Description, July 1998. Header, .shx and .dbf must agree on the number of records.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import shapely

from xygis.errors import BadGeometry, DamagedFile, UnsafeFile, Where
from xygis.geodesy.ellipsoid import Floats
from xygis.vector.crs_claim import Claim, claim_of_wkt
from xygis.vector.dbf import Table, read_dbf
from xygis.vector.gpkg import Geometries, RawFeatures
from xygis.vector.layers import ForeignLayer
from xygis.vector.notes import Note
from xygis.vector.rings import assemble

_POLYGONS = (5, 15, 25)
_KINDS = {0: "空", 1: "点", 3: "线", 8: "多点", 11: "点", 13: "线", 18: "多点", 21: "点", 23: "线", 28: "多点", 31: "多面体"}


def read_shapefile(path: Path, *, encoding: str | None = None) -> ForeignLayer:
    """The one layer of a shapefile. Raises DamagedFile, BadGeometry (not polygons), BadEncoding, OldDatum, UnknownCrs."""
    where = Where(file=str(path))
    data = path.read_bytes()
    kind = _check_header(data, path)
    notes: list[Note] = []
    geometry, notes_of_rings = _records(data, path)
    notes += notes_of_rings
    index = _sibling(path, ".shx")
    if index is None:
        notes.append(Note(code="shx_missing", level="warning", text="缺少 .shx 索引文件，已按 .shp 逐条读取", where=where))
    else:
        _check_count((index.stat().st_size - 100) // 8, len(geometry), ".shx", path)
    attributes = _sibling(path, ".dbf")
    table: Table | None = None
    if attributes is None:
        notes.append(Note(code="dbf_missing", level="warning", text="缺少 .dbf 属性表，只有图形没有属性", where=where))
    else:
        table = read_dbf(attributes, encoding=encoding)
        _check_count(len(table.deleted), len(geometry), ".dbf", path)
    fids = np.arange(1, len(geometry) + 1)
    columns = table.columns if table else {}
    if table is not None and table.deleted.any():
        keep = ~table.deleted
        notes.append(
            Note(code="deleted_records", level="info", text=f"略去 .dbf 中已标记删除的 {int(table.deleted.sum())} 条记录", where=where)
        )
        geometry, fids = geometry[keep], fids[keep]
        columns = {k: [v for v, ok in zip(c, keep, strict=True) if ok] for k, c in columns.items()}
    if kind not in _POLYGONS and kind != 0:
        raise BadGeometry(what=f"Shapefile 的图形是{_KINDS[kind]}，不是面", where=where, fix="请给出面状图层")
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


def _check_header(data: bytes, path: Path) -> int:
    where = Where(file=str(path))
    if len(data) < 100:
        raise DamagedFile(what=".shp 不完整，缺少文件头", where=where, fix="请重新拷贝或重新导出整套文件")
    stated = 2 * int.from_bytes(data[24:28])
    if stated > len(data):
        raise DamagedFile(
            what=f".shp 不完整：应有 {stated:,} 字节，实有 {len(data):,} 字节", where=where, fix="请重新拷贝或重新导出整套文件"
        )
    kind = int.from_bytes(data[32:36], "little")
    if kind not in _POLYGONS and kind not in _KINDS:
        raise DamagedFile(what=f".shp 的图形类型 {kind} 不认识", where=where, fix="请重新导出")
    return kind


def _records(data: bytes, path: Path) -> tuple[Geometries, list[Note]]:
    out: list[shapely.Geometry | None] = []
    notes: list[Note] = []
    at, end = 100, 2 * int.from_bytes(data[24:28])
    while at + 8 <= end:
        length = 2 * int.from_bytes(data[at + 4 : at + 8])
        body = data[at + 8 : at + 8 + length]
        if length < 4 or len(body) < length:
            raise _damaged(path, len(out) + 1)
        kind = int.from_bytes(body[:4], "little")
        if kind in _POLYGONS:
            out.append(_polygon(body, path, len(out) + 1, notes))
        elif kind in _KINDS:
            out.append(None)
        else:
            raise _damaged(path, len(out) + 1)
        at += 8 + length
    geometry = np.empty(len(out), dtype=object)
    geometry[:] = out
    return geometry, notes


def _polygon(body: bytes, path: Path, number: int, notes: list[Note]) -> shapely.Geometry | None:
    if len(body) < 44:
        raise _damaged(path, number)
    parts, points = (int.from_bytes(body[i : i + 4], "little") for i in (36, 40))
    if len(body) < 44 + 4 * parts + 16 * points:
        raise _damaged(path, number)
    starts = np.frombuffer(body, dtype="<i4", count=parts, offset=44).astype(np.int64)
    coords: Floats = np.frombuffer(body, dtype="<f8", count=2 * points, offset=44 + 4 * parts).reshape(-1, 2).astype(np.float64)
    if not points or not parts:
        return None
    if starts[0] != 0 or (np.diff(starts) <= 0).any() or starts[-1] >= points:
        raise _damaged(path, number)
    where = Where(file=str(path), feature=str(number))
    if not np.isfinite(coords).all():
        raise BadGeometry(what="坐标不是有限的数", where=where, fix="请重新导出")
    rings = []
    for ring in np.split(coords, starts[1:]):
        if not np.array_equal(ring[0], ring[-1]):
            point = (float(ring[-1, 0]), float(ring[-1, 1]))
            place = Where(file=str(path), feature=str(number), point=point)
            notes.append(Note(code="ring_closed", level="info", text="首尾点未闭合，已补首点，面积不变", where=place))
            ring = np.vstack([ring, ring[:1]])
        if len(ring) < 4:
            notes.append(Note(code="ring_flat", level="warning", text="有一圈不足三个点，已去掉", where=where))
            continue
        rings.append(ring)
    if len(rings) == 1:
        return shapely.Polygon(rings[0])
    built = assemble(rings)
    for indices, code, text in (
        (built.duplicates, "ring_repeated", "有一圈与别的圈完全相同，已去掉"),
        (built.flat, "ring_flat", "有一圈没有面积，已去掉"),
    ):
        for i in indices:
            place = Where(file=str(path), feature=str(number), point=(float(rings[i][0, 0]), float(rings[i][0, 1])))
            notes.append(Note(code=code, level="warning", text=text, where=place))
    return built.geometry


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


def _check_count(count: int, geometries: int, name: str, path: Path) -> None:
    if count != geometries:
        raise DamagedFile(
            what=f"Shapefile 不完整：{name} 有 {count:,} 条记录，.shp 有 {geometries:,} 个图形",
            where=Where(file=str(path)),
            fix="请重新拷贝或重新导出整套文件（.shp、.shx、.dbf 要一起）",
        )


def _damaged(path: Path, number: int) -> DamagedFile:
    return DamagedFile(
        what=f".shp 第 {number} 个图形已损坏", where=Where(file=str(path), feature=str(number)), fix="请重新拷贝或重新导出整套文件"
    )
