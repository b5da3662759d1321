"""Reads the records of a .shp as geometries: single closed rings, which most are, many at a time; the file is mapped, not loaded.

Source: ESRI Shapefile Technical Description, July 1998.
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import shapely

from xygis.errors import BadGeometry, DamagedFile, Where
from xygis.geodesy.edges import Offsets
from xygis.geodesy.ellipsoid import Floats
from xygis.vector.gpkg import Geometries
from xygis.vector.notes import Note
from xygis.vector.rings import assemble

POLYGONS = (5, 15, 25)
LINES = (3, 13, 23)  # records laid out like polygons
KINDS = {0: "空", 1: "点", 3: "线", 8: "多点", 11: "点", 13: "线", 18: "多点", 21: "点", 23: "线", 28: "多点", 31: "多面体"}
Progress = Callable[[int, int], None]  # (bytes read, bytes in all)

_HEADER = 100
_FARTHEST = 1e9  # no coordinate of any map system is larger
_BATCH = 500_000  # vertices that become geometries at once
_RECORD = struct.Struct(">2i")
_SHAPE = struct.Struct("<i32x2i")
_KIND = struct.Struct("<i")


def read_records(path: Path, progress: Progress | None = None) -> tuple[int, Geometries, Offsets, list[Note]]:
    """(type of the file, one geometry per record, where each record starts in bytes, notes). Raises DamagedFile and BadGeometry, naming the record."""
    with path.open("rb") as file:
        size = path.stat().st_size
        if size < _HEADER:
            raise DamagedFile(
                what=f".shp 不完整，缺少文件头（只有 {size} 字节）", where=Where(file=str(path)), fix="请重新拷贝或重新导出整套文件"
            )
        data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)  # unmapped when the last view of it is gone
    kind, end = _header(data, path)
    reader = _Reader(data, end, path)
    reader.run(progress)
    return kind, reader.geometry(), np.array(reader.starts, dtype=np.int64), reader.notes


def _header(data: mmap.mmap, path: Path) -> tuple[int, int]:
    """(type of the file, where its records end)."""
    where = Where(file=str(path))
    stated = 2 * int.from_bytes(data[24:28])
    if stated > len(data):
        raise DamagedFile(
            what=f".shp 不完整：应有 {stated:,} 字节，实有 {len(data):,} 字节", where=where, fix="请重新拷贝或重新导出整套文件"
        )
    kind = int.from_bytes(data[32:36], "little")
    if kind not in POLYGONS and kind not in KINDS:
        raise DamagedFile(what=f".shp 的图形类型 {kind} 不认识", where=where, fix="请重新导出")
    return kind, stated


class _Reader:
    """The state of one pass over the records. Rings of plain records wait until there are enough of them."""

    def __init__(self, data: mmap.mmap, end: int, path: Path) -> None:
        self.data, self.end, self.path = data, end, path
        self.notes: list[Note] = []
        self.parts: list[Geometries] = []
        self.shapes: list[object] = []  # of the batch: a geometry, None, or a place kept for a plain ring
        self.rings: list[Floats] = []
        self.places: list[int] = []  # where in the batch each plain ring belongs
        self.waiting = 0
        self.number = 0
        self.starts: list[int] = []

    def run(self, progress: Progress | None) -> None:
        data, end, at = self.data, self.end, _HEADER
        while at + 8 <= end:
            self.number += 1
            self.starts.append(at)
            length = 2 * _RECORD.unpack_from(data, at)[1]
            body = at + 8
            at = body + length
            if length < 4 or at > len(data):
                raise self._damaged()
            kind = _KIND.unpack_from(data, body)[0]
            if kind in POLYGONS:
                self._polygon(body, length)
            elif kind not in KINDS:
                raise self._damaged()
            elif kind in LINES:
                self.shapes.append(self._line(self._chains(body, length)))
            else:
                self.shapes.append(None)
            if self.waiting > _BATCH:
                self._flush()
                if progress is not None:
                    progress(at, end)
        self._flush()

    def geometry(self) -> Geometries:
        out = np.full(self.number, None, dtype=object)
        at = 0
        for part in self.parts:
            out[at : at + len(part)] = part
            at += len(part)
        return out

    def _polygon(self, body: int, length: int) -> None:
        chains = self._chains(body, length)
        if len(chains) == 1 and len(chains[0]) > 3:
            self.places.append(len(self.shapes))
            self.rings.append(chains[0])
            self.waiting += len(chains[0])
            self.shapes.append(None)
            return
        for chain in chains:
            self._check_finite(chain, self.number)
        self.shapes.append(self._nested(chains, self.number))

    def _chains(self, body: int, length: int) -> list[Floats]:
        """The rings or lines of one record, as they stand."""
        if length < 44:
            raise self._damaged()
        _, parts, points = _SHAPE.unpack_from(self.data, body)
        if parts < 0 or points < 0 or length < 44 + 4 * parts + 16 * points:
            raise self._damaged()
        if not points or not parts:
            return []
        flat = np.frombuffer(self.data, dtype="<f8", count=2 * points, offset=body + 44 + 4 * parts)
        coords: Floats = flat.reshape(-1, 2) if parts == 1 and points > 3 else flat.reshape(-1, 2).copy()
        if parts == 1:
            return [coords]
        starts = np.frombuffer(self.data, dtype="<i4", count=parts, offset=body + 44).astype(np.int64)
        if starts[0] != 0 or (np.diff(starts) <= 0).any() or starts[-1] >= points:
            raise self._damaged()
        return np.split(coords, starts[1:])

    def _flush(self) -> None:
        """The batch becomes geometries; no view of the mapped file is kept."""
        batch = np.full(len(self.shapes), None, dtype=object)
        batch[:] = self.shapes
        first = self.number - len(self.shapes) + 1
        if self.rings:
            lengths = np.array([len(r) for r in self.rings])
            coords = np.concatenate(self.rings)
            self.rings = []
            ends = np.cumsum(lengths)
            starts = ends - lengths
            self._check_batch(coords, ends, first)
            closed = (coords[starts] == coords[ends - 1]).all(axis=1)
            if closed.all():
                batch[self.places] = shapely.polygons(shapely.linearrings(coords, indices=np.repeat(np.arange(len(ends)), lengths)))
            else:
                for place, start, end in zip(self.places, starts.tolist(), ends.tolist(), strict=True):
                    batch[place] = self._nested([coords[start:end]], first + place)
        self.parts.append(batch)
        self.shapes, self.places, self.waiting = [], [], 0

    def _nested(self, rings: list[Floats], number: int) -> shapely.Geometry | None:
        """Rings nested by containment; closed where they are open, left out where they enclose nothing, all noted."""
        where = Where(file=str(self.path), feature=str(number))
        closed = []
        for ring in rings:
            if not (ring[0] == ring[-1]).all():
                text = "首尾点未闭合，已补首点，面积不变"
                self.notes.append(Note(code="ring_closed", level="info", text=text, where=_at(where, ring[-1])))
                ring = np.vstack([ring, ring[:1]])
            if len(ring) < 4:
                self.notes.append(Note(code="ring_flat", level="warning", text="有一圈不足三个点，已去掉", where=where))
                continue
            closed.append(ring)
        built = assemble(closed)
        for indices, code, text in (
            (built.duplicates, "ring_repeated", "有一圈与别的圈完全相同，已去掉"),
            (built.flat, "ring_flat", "有一圈没有面积，已去掉"),
        ):
            self.notes += [Note(code=code, level="warning", text=text, where=_at(where, closed[i][0])) for i in indices]
        return built.geometry

    def _line(self, chains: list[Floats]) -> shapely.Geometry | None:
        """A line of one chain or several; a chain of a single point is damage."""
        if any(len(chain) < 2 or not np.isfinite(chain).all() for chain in chains):
            raise self._damaged()
        lines = [shapely.LineString(chain) for chain in chains]
        return lines[0] if len(lines) == 1 else shapely.MultiLineString(lines) if lines else None

    def _check_batch(self, coords: Floats, ends: Offsets, first: int) -> None:
        with np.errstate(invalid="ignore"):
            fine = bool(coords.max() <= _FARTHEST and coords.min() >= -_FARTHEST)  # false also where a number is none
        if not fine:
            at = int(np.flatnonzero(~_usable(coords))[0])
            place = self.places[int(np.searchsorted(ends, at, side="right"))]
            raise self._not_finite(coords[at], first + place)

    def _check_finite(self, coords: Floats, number: int) -> None:
        bad = np.flatnonzero(~_usable(coords))
        if len(bad):
            raise self._not_finite(coords[bad[0]], number)

    def _not_finite(self, point: Floats, number: int) -> BadGeometry:
        return BadGeometry(
            what=f"坐标不是有限的数，或大得不可能：({point[0]:.3f}, {point[1]:.3f})",
            where=Where(file=str(self.path), feature=str(number)),
            fix="请核对这个图形的坐标，重新导出",
        )

    def _damaged(self) -> DamagedFile:
        where = Where(file=str(self.path), feature=str(self.number))
        return DamagedFile(what=f".shp 第 {self.number} 个图形已损坏", where=where, fix="请重新拷贝或重新导出整套文件")


def _usable(coords: Floats) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    with np.errstate(invalid="ignore"):
        return np.asarray((np.abs(coords) <= _FARTHEST).all(axis=1))


def _at(where: Where, point: Floats) -> Where:
    return Where(file=where.file, feature=where.feature, point=(float(point[0]), float(point[1])))
