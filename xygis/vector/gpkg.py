"""Reads a GeoPackage with SQLite and shapely alone, because a cold check must not wait for GDAL.

The file is opened read-only, its schema is not trusted, and what does not fit ends in one error. Curved geometry is not
read here (`CurvedGeometry`): the caller goes to GDAL or refuses, never takes the chord silently.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import numpy as np
import shapely
from numpy.typing import NDArray

from xygis.errors import BadGeometry, DamagedFile, FileEmpty, FileMissing, LayerUnreadable, TooLarge, Where, os_words

Geometries = NDArray[np.object_]
BBox = tuple[float, float, float, float]

_ENVELOPE_BYTES = (0, 32, 48, 48, 64)
# How many bytes stand before the WKB, by the flags byte; -1 where the flags are not allowed.
_SKIP = tuple(8 + _ENVELOPE_BYTES[(f >> 1) & 7] if (f >> 1) & 7 < 5 and not f & 0x20 else -1 for f in range(256))
_PLAIN = frozenset({1, 2, 3, 4, 5, 6, 7})
_NO_SYSTEM = ("undefined", 'local_cs["undefined', 'engcrs["undefined')  # how GDAL writes that nobody said which
_PATIENCE_S = 120
_STEPS = 200_000  # of SQLite's virtual machine, some milliseconds
_LONGEST_BYTES = 512 << 20  # of one value


class CurvedGeometry(BadGeometry):
    """Arcs or surfaces that shapely has no type for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RawFeatures:
    """Features as they stand in a file: nothing repaired, nothing dropped. All columns have one value per geometry."""

    geometry: Geometries  # shapely geometries, 2D; None where the file has none
    columns: dict[str, list[object]]
    crs: str | None  # "EPSG:4490", or None where the file names no system
    fids: list[int]
    sublayer: str = ""
    crs_text: str = ""  # how the file itself calls its system: WKT, an organisation and code, a name

    def __len__(self) -> int:
        return len(self.geometry)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sublayer:
    """One feature table of a GeoPackage."""

    name: str
    geometry_column: str
    geometry_type: str
    key: str
    columns: tuple[str, ...]  # without key and geometry
    crs: str | None
    crs_text: str


def sublayers(path: Path) -> tuple[Sublayer, ...]:
    """The feature tables of a GeoPackage, in the order of its contents table."""
    with _open(path) as db:
        return tuple(_sublayers(db, path))


def read_gpkg(path: Path, sublayer: str | None = None, bbox: BBox | None = None, columns: tuple[str, ...] | None = None) -> RawFeatures:
    """The features of one table (by default the first) whose bounds meet `bbox`, with all columns or the ones named.

    Raises FileMissing, FileEmpty, DamagedFile (not SQLite, cut off, unreadable geometry), LayerUnreadable (no such table,
    no geometry column, no such column) and CurvedGeometry.
    """
    with _open(path) as db:
        table = _table(_sublayers(db, path), path, sublayer)
        wanted = table.columns if columns is None else columns
        missing = [c for c in wanted if c not in table.columns]
        if missing:
            raise LayerUnreadable(
                what=f"图层缺少字段 {'、'.join(missing)}",
                where=Where(file=str(path), layer=table.name),
                fix=f"现有字段：{'、'.join(table.columns)}",
            )
        names = ", ".join(_quoted(c) for c in (table.key, table.geometry_column, *wanted))
        sql, parameters = f"SELECT {names} FROM {_quoted(table.name)}", []
        indexed = bbox is not None and _index_usable(db, table)
        if bbox is not None and indexed:
            index = _quoted(f"rtree_{table.name}_{table.geometry_column}")
            sql += f" WHERE {_quoted(table.key)} IN (SELECT id FROM {index} WHERE maxx >= ? AND minx <= ? AND maxy >= ? AND miny <= ?)"
            parameters = [bbox[0], bbox[2], bbox[1], bbox[3]]
        rows = db.execute(f"{sql} ORDER BY 1", parameters).fetchall()
    geometry = _decode([r[1] for r in rows], [r[0] for r in rows], path, table.name)
    if bbox is not None and not indexed:
        bounds = shapely.bounds(geometry)
        with np.errstate(invalid="ignore"):
            keep = (bounds[:, 2] >= bbox[0]) & (bounds[:, 0] <= bbox[2]) & (bounds[:, 3] >= bbox[1]) & (bounds[:, 1] <= bbox[3])
        rows = [r for r, k in zip(rows, keep, strict=True) if k]
        geometry = geometry[keep]
    return RawFeatures(
        geometry=geometry,
        columns={name: [r[i] for r in rows] for i, name in enumerate(wanted, start=2)},
        crs=table.crs,
        fids=[int(r[0]) if isinstance(r[0], int) else i for i, r in enumerate(rows)],
        sublayer=table.name,
        crs_text=table.crs_text,
    )


@contextmanager
def feature_rows(
    path: Path, sublayer: str | None, keep: Callable[[tuple[str, ...]], tuple[str, ...]]
) -> Iterator[tuple[Sublayer, tuple[str, ...], Callable[[int], Iterator[list[tuple[object, ...]]]]]]:
    """(table, columns, batches): a table to be read in batches of rows (key, geometry blob, *columns), in the order of keys.

    keep: which of its columns are wanted. Raises what `read_gpkg` raises but for the geometry, which nobody decodes here.
    """
    with _open(path) as db:
        table = _table(_sublayers(db, path), path, sublayer)
        columns = keep(table.columns)
        names = ", ".join(_quoted(c) for c in (table.key, table.geometry_column, *columns))
        cursor = db.execute(f"SELECT {names} FROM {_quoted(table.name)} ORDER BY 1")

        def batches(size: int) -> Iterator[list[tuple[object, ...]]]:
            while rows := cursor.fetchmany(size):
                yield rows

        yield table, columns, batches


def column_types(path: Path, sublayer: str) -> tuple[tuple[str, str], ...]:
    """(column, type as declared: TEXT(18), REAL, …) of one table, in its order. Raises what `read_gpkg` raises."""
    with _open(path) as db:
        table = _table(_sublayers(db, path), path, sublayer)
        return tuple((str(r[1]), str(r[2] or "")) for r in db.execute(f"PRAGMA table_info({_quoted(table.name)})"))


def _table(tables: list[Sublayer], path: Path, sublayer: str | None) -> Sublayer:
    table = next((t for t in tables if sublayer is None or t.name == sublayer), None)
    if table is None:
        known = "、".join(t.name for t in tables)
        raise LayerUnreadable(
            what=f"GeoPackage 中没有图层“{sublayer}”" if sublayer and tables else "GeoPackage 中没有带几何字段的图层",
            where=Where(file=str(path)),
            fix=f"现有图层：{known}" if tables else "请确认导出时带上了图形",
        )
    return table


@contextmanager
def _open(path: Path) -> Iterator[sqlite3.Connection]:
    where = Where(file=str(path))
    _check_whole(path)
    # Without a write-ahead log the file can be opened as immutable, which also works in a read-only folder.
    mode = "mode=ro" if path.with_name(path.name + "-wal").exists() else "mode=ro&immutable=1"
    try:
        with closing(sqlite3.connect(f"file:{quote(str(path.absolute()))}?{mode}", uri=True)) as db:
            db.execute("PRAGMA trusted_schema = OFF")
            db.execute("PRAGMA cell_size_check = ON")
            db.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST_BYTES)
            db.set_progress_handler(_clock(), _STEPS)  # a view may never end
            db.text_factory = lambda raw: raw.decode("utf-8", errors="replace")
            yield db
    except sqlite3.OperationalError as error:
        if str(error) != "interrupted":
            raise _damaged(where, error) from error
        raise TooLarge(
            what=f"读取 GeoPackage 超过 {_PATIENCE_S} 秒",
            where=where,
            why="其中的视图或索引可能没有尽头",
            fix="请把需要审查的地块另存为普通图层",
        ) from error
    except (sqlite3.Error, OverflowError, ValueError, TypeError) as error:  # SQLite also answers broken names and numbers this way
        raise _damaged(where, error) from error


def _damaged(where: Where, error: Exception) -> DamagedFile:
    return DamagedFile(what="GeoPackage 已损坏，无法读取", where=where, why=f"SQLite：{error}", fix="请重新导出或重新拷贝这个文件")


def _clock() -> Callable[[], int]:
    """Ends a query that has worked for too long; called by SQLite every so many steps."""
    until = time.monotonic() + _PATIENCE_S
    return lambda: int(time.monotonic() > until)


def _check_whole(path: Path) -> None:
    """A cut-off file must be found even when the pages that are missing are not asked for."""
    where = Where(file=str(path))
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(100)
    except OSError as error:
        raise FileMissing(what="找不到或打不开文件", where=where, why=os_words(error), fix="请核对路径") from error
    if not size:
        raise FileEmpty(what="文件是空的", where=where, fix="请重新导出")
    if len(head) < 100 or head[:16] != b"SQLite format 3\0":
        raise DamagedFile(what="不是有效的 GeoPackage", where=where, fix="请重新导出或重新拷贝这个文件")
    page = int.from_bytes(head[16:18]) or 0
    page = 65536 if page == 1 else page
    pages = int.from_bytes(head[28:32])
    if head[24:28] == head[92:96] and size < page * pages:
        raise DamagedFile(
            what="GeoPackage 不完整，文件被截断",
            where=where,
            why=f"应有 {page * pages:,} 字节，实有 {size:,} 字节",
            fix="请重新拷贝或重新导出这个文件",
        )


def _sublayers(db: sqlite3.Connection, path: Path) -> list[Sublayer]:
    present = {str(r[0]) for r in db.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")}
    if "gpkg_geometry_columns" not in present or "gpkg_spatial_ref_sys" not in present:
        return []
    systems = {
        int(r[0]): (str(r[1] or ""), r[2], str(r[3] or ""))
        for r in db.execute("SELECT srs_id, organization, organization_coordsys_id, definition FROM gpkg_spatial_ref_sys")
    }
    found = []
    rows = db.execute("SELECT table_name, column_name, geometry_type_name, srs_id FROM gpkg_geometry_columns ORDER BY rowid")
    for name, column, kind, srs in rows.fetchall():
        if name not in present:
            continue
        info = db.execute(f"PRAGMA table_info({_quoted(name)})").fetchall()
        names = [str(r[1]) for r in info]
        if column not in names:
            raise LayerUnreadable(what=f"图层缺少几何字段 {column}", where=Where(file=str(path), layer=str(name)), fix="请重新导出这个图层")
        keys = [str(r[1]) for r in info if r[5] and str(r[2]).upper().startswith("INT")]
        key = keys[0] if len(keys) == 1 else "rowid" if "rowid" not in names else names[0]
        organisation, code, wkt = systems.get(int(srs or 0), ("", None, ""))
        found.append(
            Sublayer(
                name=str(name),
                geometry_column=str(column),
                geometry_type=str(kind or "").upper(),
                key=key,
                columns=tuple(n for n in names if n not in (key, column)),
                crs=f"EPSG:{int(code)}" if organisation.upper() == "EPSG" and code and int(code) > 0 else None,
                crs_text="" if wkt.lower().startswith(_NO_SYSTEM) else wkt,
            )
        )
    return found


def _index_usable(db: sqlite3.Connection, table: Sublayer) -> bool:
    """A spatial index counts only while it has one entry for each row with a geometry: a stale one would hide features."""
    index = f"rtree_{table.name}_{table.geometry_column}"
    if not db.execute("SELECT 1 FROM sqlite_master WHERE name = ?", [index]).fetchone():
        return False
    entries = db.execute(f"SELECT count(*) FROM {_quoted(index + '_rowid')}").fetchone()[0]
    features = db.execute(f"SELECT count({_quoted(table.geometry_column)}) FROM {_quoted(table.name)}").fetchone()[0]
    return bool(entries == features)


def _decode(blobs: list[object], fids: list[object], path: Path, layer: str) -> Geometries:
    wkb: list[bytes | None] = []
    for blob, fid in zip(blobs, fids, strict=True):
        if blob is None:
            wkb.append(None)
            continue
        skip = _SKIP[blob[3]] if isinstance(blob, bytes) and len(blob) > 8 and blob[:2] == b"GP" else -1
        if skip < 0 or not isinstance(blob, bytes) or len(blob) < skip + 5:
            raise DamagedFile(
                what="几何数据不是 GeoPackage 格式",
                where=Where(file=str(path), layer=layer, feature=str(fid)),
                fix="请重新导出这个图层",
            )
        kind = int.from_bytes(blob[skip + 1 : skip + 5], "little" if blob[skip] else "big")
        if (kind & 0x0FFFFFFF) % 1000 not in _PLAIN:
            raise CurvedGeometry(
                what="图形含圆弧或曲面，不能直接读取",
                where=Where(file=str(path), layer=layer, feature=str(fid)),
                fix="请先把曲线转为折线（弦高误差不大于 1 毫米）再导出",
            )
        wkb.append(blob[skip:])
    out = np.empty(len(wkb), dtype=object)
    out[:] = wkb
    try:
        with np.errstate(invalid="ignore"):  # what is not a number is refused where the system is decided
            whole = shapely.from_wkb(out)
    except shapely.errors.GEOSException as error:
        raise DamagedFile(
            what="几何数据无法解码", where=Where(file=str(path), layer=layer), why=str(error), fix="请重新导出这个图层"
        ) from error
    _check_nothing_lost(whole, wkb, fids, path, layer)
    geometry = shapely.force_2d(whole)
    geometry[shapely.is_empty(geometry)] = None
    return np.asarray(geometry, dtype=object)


def _check_nothing_lost(geometry: Geometries, wkb: list[bytes | None], fids: list[object], path: Path, layer: str) -> None:
    """A multi-part geometry that says fewer parts than it has is read without the rest, and without a word."""
    many = np.flatnonzero(shapely.get_type_id(geometry) >= 4).tolist()
    sizes = [len(b) for b in shapely.to_wkb(geometry[many], output_dimension=4, include_srid=False).tolist()] if many else []
    for i, size in zip(many, sizes, strict=True):
        blob = wkb[i]
        srid_bytes = 4 if blob is not None and int.from_bytes(blob[1:5], "little" if blob[0] else "big") & 0x20000000 else 0
        if blob is not None and len(blob) != size + srid_bytes:
            raise DamagedFile(
                what="几何数据比它所说的多，部件数不符",
                where=Where(file=str(path), layer=layer, feature=str(fids[i])),
                fix="请重新导出这个图层",
            )


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
