"""Reads the polygons or lines of a shapefile without GDAL, which overlooks a cut-off file and trusts the direction of rings.

Source: ESRI Shapefile Technical Description, July 1998. Header, .shx and .dbf must agree on the number of records.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import shapely

from xygis.errors import BadGeometry, DamagedFile, UnsafeFile, Where
from xygis.geodesy.edges import Offsets
from xygis.geodesy.ellipsoid import Floats
from xygis.vector.crs_claim import Claim, claim_of_wkt
from xygis.vector.dbf import Table, read_dbf
from xygis.vector.gpkg import Geometries, RawFeatures
from xygis.vector.layers import ForeignLayer
from xygis.vector.notes import Note
from xygis.vector.rings import assemble

_POLYGONS = (5, 15, 25)
_FARTHEST = 1e9  # no coordinate of any map system is larger
_LINES = (3, 13, 23)  # records laid out like polygons
_KINDS = {0: "空", 1: "点", 3: "线", 8: "多点", 11: "点", 13: "线", 18: "多点", 21: "点", 23: "线", 28: "多点", 31: "多面体"}


def read_shapefile(path: Path, *, encoding: str | None = None) -> ForeignLayer:
    """The one layer of a shapefile. Raises DamagedFile, BadGeometry (neither polygons nor lines), BadEncoding, OldDatum, UnknownCrs."""
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
    if kind not in (*_POLYGONS, *_LINES, 0):
        raise BadGeometry(what=f"Shapefile 的图形是{_KINDS[kind]}，不是面或线", where=where, fix="请给出面状图层")
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
    """One geometry per record. Single closed rings, which most are, are built all at once."""
    notes: list[Note] = []
    odd: dict[int, shapely.Geometry | None] = {}
    plain: dict[int, Floats] = {}
    at, end, number = 100, 2 * int.from_bytes(data[24:28]), 0
    while at + 8 <= end:
        number += 1
        length = 2 * int.from_bytes(data[at + 4 : at + 8])
        body = data[at + 8 : at + 8 + length]
        kind = int.from_bytes(body[:4], "little")
        if length < 4 or len(body) < length or (kind not in _POLYGONS and kind not in _KINDS):
            raise _damaged(path, number)
        if kind in _POLYGONS:
            rings = _rings(body, path, number)
            if len(rings) == 1 and len(rings[0]) > 3 and (rings[0][0] == rings[0][-1]).all():
                plain[number - 1] = rings[0]
            else:
                for ring in rings:
                    _check_finite(ring, np.zeros(len(ring), dtype=np.int64), np.array([number - 1]), path)
                odd[number - 1] = _polygon(rings, Where(file=str(path), feature=str(number)), notes)
        elif kind in _LINES:
            odd[number - 1] = _line(_rings(body, path, number), path, number)
        at += 8 + length
    geometry = np.full(number, None, dtype=object)
    for i, shape in odd.items():
        geometry[i] = shape
    if plain:
        coords = np.concatenate(list(plain.values()))
        owner = np.repeat(np.arange(len(plain)), [len(r) for r in plain.values()])
        _check_finite(coords, owner, np.array(list(plain)), path)
        geometry[list(plain)] = shapely.polygons(shapely.linearrings(coords, indices=owner))
    return geometry, notes


def _rings(body: bytes, path: Path, number: int) -> list[Floats]:
    """The rings of one record, as they stand."""
    if len(body) < 44:
        raise _damaged(path, number)
    parts, points = int.from_bytes(body[36:40], "little"), int.from_bytes(body[40:44], "little")
    if len(body) < 44 + 4 * parts + 16 * points:
        raise _damaged(path, number)
    if not points or not parts:
        return []
    coords: Floats = np.frombuffer(body, dtype="<f8", count=2 * points, offset=44 + 4 * parts).reshape(-1, 2)
    if parts == 1:
        return [coords]
    starts = np.frombuffer(body, dtype="<i4", count=parts, offset=44).astype(np.int64)
    if starts[0] != 0 or (np.diff(starts) <= 0).any() or starts[-1] >= points:
        raise _damaged(path, number)
    return np.split(coords, starts[1:])


def _line(chains: list[Floats], path: Path, number: int) -> shapely.Geometry | None:
    """A line of one chain or several; a chain of a single point is damage."""
    if any(len(chain) < 2 or not np.isfinite(chain).all() for chain in chains):
        raise _damaged(path, number)
    lines = [shapely.LineString(chain) for chain in chains]
    return lines[0] if len(lines) == 1 else shapely.MultiLineString(lines) if lines else None


def _polygon(rings: list[Floats], where: Where, notes: list[Note]) -> shapely.Geometry | None:
    """Rings nested by containment; closed where they are open, left out where they enclose nothing, all noted."""
    closed = []
    for ring in rings:
        if not (ring[0] == ring[-1]).all():
            text = "首尾点未闭合，已补首点，面积不变"
            notes.append(Note(code="ring_closed", level="info", text=text, where=_at(where, ring[-1])))
            ring = np.vstack([ring, ring[:1]])
        if len(ring) < 4 or not np.isfinite(ring).all():
            notes.append(Note(code="ring_flat", level="warning", text="有一圈不足三个点，已去掉", where=where))
            continue
        closed.append(ring)
    built = assemble(closed)
    for indices, code, text in (
        (built.duplicates, "ring_repeated", "有一圈与别的圈完全相同，已去掉"),
        (built.flat, "ring_flat", "有一圈没有面积，已去掉"),
    ):
        notes += [Note(code=code, level="warning", text=text, where=_at(where, closed[i][0])) for i in indices]
    return built.geometry


def _at(where: Where, point: Floats) -> Where:
    return Where(file=where.file, feature=where.feature, point=(float(point[0]), float(point[1])))


def _check_finite(coords: Floats, owner: Offsets, numbers: Offsets, path: Path) -> None:
    with np.errstate(invalid="ignore"):
        bad = np.flatnonzero(~(np.abs(coords) <= _FARTHEST).all(axis=1))
    if len(bad):
        feature = str(int(numbers[owner[bad[0]]]) + 1)
        raise BadGeometry(what="坐标不是有限的数，或大得不可能", where=Where(file=str(path), feature=feature), fix="请重新导出")


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
