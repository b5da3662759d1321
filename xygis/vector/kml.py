"""Reads KML (also from 奥维, .ovkml, and out of KMZ) with the bare XML parser: no entities, no addresses followed, folders kept as layers.

Source: OGC KML 2.3 (12-007r2): coordinates are longitude,latitude[,altitude] in tuples separated by blanks.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

import numpy as np
import shapely

from xygis.errors import BadEncoding, BadGeometry, DamagedFile, UnsafeFile, Where
from xygis.geodesy.ellipsoid import Floats
from xygis.vector.crs_claim import Claim
from xygis.vector.gpkg import RawFeatures
from xygis.vector.layers import ForeignLayer
from xygis.vector.notes import Note
from xygis.vector.safe import read_bytes

_DEEPEST = 64
_LIMIT_BYTES = 128 << 20
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_CLOSED_DEG = 1e-8  # about a millimetre


def read_kml(path: Path, *, encoding: str | None = None) -> list[ForeignLayer]:
    """A layer for each folder with placemarks in it. Raises UnsafeFile, DamagedFile, BadGeometry, BadEncoding."""
    where = Where(file=str(path))
    text, used, why = _decoded(read_bytes(path, limit=_LIMIT_BYTES), where, encoding)
    marks, links = _Reader(str(path)).run(text)
    if not any(m.shapes for m in marks):
        raise BadGeometry(
            what="KML 里没有图形",
            where=where,
            why=f"有 {links} 处 NetworkLink 指向别的文件或网址，不予读取" if links else "没有带坐标的地标",
            fix="请在原软件中把地块另存为 KML 或 KMZ，再送审",
        )
    notes = [Note(code="encoding_guessed", level="warning", text=why, where=where)] if why else []
    if links:
        text = f"有 {links} 处 NetworkLink 指向别的文件或网址，没有读取"
        notes.append(Note(code="network_link", level="warning", text=text, where=where))
    marks, said = _closed_lines_as_areas(marks, where)
    notes += said
    claim = Claim(code="EPSG:4490", open_datum=True, evidence=("KML 是经纬度，格式里没有坐标基准",), where=where)
    folders = dict.fromkeys(m.folder or path.stem for m in marks)
    return [
        _layer(name, [(i, m) for i, m in enumerate(marks, start=1) if (m.folder or path.stem) == name], claim, used, notes if not k else [])
        for k, name in enumerate(folders)
    ]


@dataclass(slots=True, kw_only=True)
class _Mark:
    """One Placemark while it is read; kinds: what its shapes were called in the file."""

    folder: str
    line: int
    name: str = ""
    data: dict[str, str] = field(default_factory=dict)
    shapes: list[shapely.Geometry] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)


class _Reader:
    """The state of one pass through the elements."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.open: list[str] = []  # local names of the elements that are open
        self.folders: list[str] = []
        self.marks: list[_Mark] = []
        self.mark: _Mark | None = None
        self.rings: list[tuple[bool, Floats]] = []  # of the polygon that is open; True: outer
        self.text: list[str] = []
        self.key = ""
        self.links = 0
        self.parser = expat.ParserCreate("utf-8")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._characters
        self.parser.StartDoctypeDeclHandler = self._refuse_doctype
        self.parser.EntityDeclHandler = self._refuse_doctype

    def run(self, text: str) -> tuple[list[_Mark], int]:
        try:
            self.parser.Parse(text.encode("utf-8"), True)
        except expat.ExpatError as error:
            raise DamagedFile(
                what="KML 不完整或有语法错误",
                where=Where(file=self.file, line=error.lineno),
                why=str(error)[:100],
                fix="请在原软件中重新导出这个文件",
            ) from error
        return self.marks, self.links

    def _refuse_doctype(self, *_: object) -> None:
        raise UnsafeFile(
            what="KML 里有 DOCTYPE 或实体定义",
            where=Where(file=self.file, line=self.parser.CurrentLineNumber),
            why="它可以引用别的文件，或膨胀到占满内存；正常的 KML 不含它",
            fix="请在原软件中重新导出",
        )

    def _characters(self, data: str) -> None:
        self.text.append(data)

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(":")[2]
        self.open.append(name)
        self.text = []
        if len(self.open) > _DEEPEST:
            raise DamagedFile(
                what="KML 嵌套过深", where=Where(file=self.file, line=self.parser.CurrentLineNumber), fix="请在原软件中重新导出"
            )
        if name in ("Folder", "Document"):
            self.folders.append("")
        elif name == "Placemark":
            self.mark = _Mark(folder="/".join(f for f in self.folders if f), line=self.parser.CurrentLineNumber)
        elif name == "Polygon":
            self.rings = []
        elif name in ("Data", "SimpleData"):
            self.key = attributes.get("name", "").strip()[:60]
        elif name == "NetworkLink":
            self.links += 1

    def _end(self, _: str) -> None:
        name = self.open.pop()
        parent = self.open[-1] if self.open else ""
        text = "".join(self.text).strip()
        self.text = []
        mark = self.mark
        if name == "name" and parent in ("Folder", "Document") and self.folders:
            self.folders[-1] = text[:60].replace("/", "／")
        elif name in ("Folder", "Document") and self.folders:
            self.folders.pop()
        elif mark is None:
            return
        elif name == "Placemark":
            self.marks.append(mark)
            self.mark = None
        elif name == "name" and parent == "Placemark":
            mark.name = text[:200]
        elif self.key and ((name == "value" and parent == "Data") or name == "SimpleData"):
            mark.data[self.key] = text[:500]
        elif name == "coordinates":
            self._coordinates(mark, text, parent)
        elif name == "Polygon":
            self._polygon(mark)
        elif name in ("Track", "Model"):
            mark.shapes.append(shapely.Point())  # a thing that is no area: counted with the points and lines

    def _coordinates(self, mark: _Mark, text: str, parent: str) -> None:
        xy = self._xy(mark, text)
        if parent == "LinearRing" and "Polygon" in self.open:
            self.rings.append(("outerBoundaryIs" in self.open, xy))
        elif parent == "LinearRing":
            self.rings = [(True, xy)]
            self._polygon(mark)
        elif parent == "LineString" and len(xy) > 1:
            mark.shapes.append(shapely.LineString(xy))
        elif parent in ("Point", "LineString") and len(xy):
            mark.shapes.append(shapely.Point(xy[0]))

    def _xy(self, mark: _Mark, text: str) -> Floats:
        tuples = re.sub(r"\s*,\s*", ",", text).split()
        values = []
        for i, one in enumerate(tuples, start=1):
            parts = one.split(",")
            try:
                if not 2 <= len(parts) <= 3:
                    raise ValueError(one)
                values.append((float(parts[0]), float(parts[1])))
            except ValueError as error:
                raise BadGeometry(
                    what=f"地标“{mark.name}”的第 {i} 个坐标“{one[:60]}”看不懂",
                    where=self._place(mark),
                    fix="应写成“经度,纬度[,高程]”，两点之间用空格隔开",
                ) from error
        found = np.array(values, dtype=np.float64).reshape(-1, 2)
        if not np.isfinite(found).all():
            raise BadGeometry(what=f"地标“{mark.name}”的坐标不是有限的数", where=self._place(mark), fix="请重新导出")
        return found

    def _polygon(self, mark: _Mark) -> None:
        """The polygon whose rings have been read; an outline without area is an error, a hole without area a note."""
        closed: list[tuple[bool, Floats]] = []
        for outer, xy in self.rings:
            ring = xy
            if len(ring) and not np.array_equal(ring[0], ring[-1]):
                point = (float(ring[-1, 0]), float(ring[-1, 1]))
                place = Where(file=self.file, line=mark.line, point=point)
                mark.notes.append(Note(code="ring_closed", level="info", text=f"{mark.name} 首尾点未闭合，已补首点，面积不变", where=place))
                ring = np.vstack([ring, ring[:1]])
            if len(ring) >= 4:
                closed.append((outer, ring))
            elif outer:
                raise BadGeometry(
                    what=f"地标“{mark.name}”的外圈只有 {len(xy)} 个点，围不成面", where=self._place(mark), fix="请在原软件中补全边界"
                )
            else:
                text = f"{mark.name} 有一个内圈不足三个点，已去掉"
                mark.notes.append(Note(code="ring_flat", level="warning", text=text, where=self._place(mark)))
        self.rings = []
        shells = [ring for outer, ring in closed if outer]
        if len(shells) != 1:
            raise BadGeometry(
                what=f"地标“{mark.name}”的面有 {len(shells)} 个外圈", where=self._place(mark), fix="一个面应有一个外圈，请重新导出"
            )
        mark.shapes.append(shapely.Polygon(shells[0], [ring for outer, ring in closed if not outer]))

    def _place(self, mark: _Mark) -> Where:
        return Where(file=self.file, line=mark.line, feature=str(len(self.marks) + 1))


def _closed_lines_as_areas(marks: list[_Mark], where: Where) -> tuple[list[_Mark], list[Note]]:
    """Map apps draw areas as lines. Where a file has no area at all, its closed lines are taken as such, and it is said."""
    areal = any(s.geom_type == "Polygon" for m in marks for s in m.shapes)
    closed = sum(_is_closed(s) for m in marks for s in m.shapes)
    if not closed:
        return marks, []
    if areal:
        text = f"另有 {closed} 条首尾相接的线，没有当作地块；若是地块，请在原软件中转为面"
        return marks, [Note(code="closed_lines_left", level="warning", text=text, where=where)]
    for mark in marks:
        mark.shapes = [_area_of(s) if _is_closed(s) else s for s in mark.shapes]
    text = f"文件里没有面，把 {closed} 条首尾相接的线当作地块边界"
    return marks, [Note(code="closed_lines_as_areas", level="warning", text=text, where=where)]


def _is_closed(shape: shapely.Geometry) -> bool:
    if shape.geom_type != "LineString" or len(shape.coords) < 4:
        return False
    xy = shapely.get_coordinates(shape)
    return bool(np.hypot(*(xy[0] - xy[-1])) <= _CLOSED_DEG)


def _area_of(line: shapely.Geometry) -> shapely.Polygon:
    xy = shapely.get_coordinates(line)
    xy[-1] = xy[0]
    return shapely.Polygon(xy)


def _layer(name: str, marks: list[tuple[int, _Mark]], claim: Claim, encoding: str, notes: list[Note]) -> ForeignLayer:
    geometry = np.empty(len(marks), dtype=object)
    geometry[:] = [_one(m.shapes) for _, m in marks]
    keys = list(dict.fromkeys(k for _, m in marks for k in m.data))
    columns: dict[str, list[object]] = {k: [m.data.get(k) for _, m in marks] for k in keys}
    columns["名称"] = [m.name or m.data.get("名称") for _, m in marks]
    return ForeignLayer(
        name=name,
        format="kml",
        features=RawFeatures(geometry=geometry, columns=columns, crs=claim.code, fids=[i for i, _ in marks], sublayer=name),
        claim=claim,
        encoding=encoding,
        encoding_why="",
        notes=(*notes, *(n for _, m in marks for n in m.notes)),
    )


def _one(shapes: list[shapely.Geometry]) -> shapely.Geometry:
    """The shapes of one placemark as one geometry; a placemark without any is an empty point, which is no area and no gap."""
    if len(shapes) == 1:
        return shapes[0]
    if shapes and all(s.geom_type == "Polygon" for s in shapes):
        return shapely.MultiPolygon(shapes)
    return shapely.GeometryCollection(shapes) if shapes else shapely.Point()


def _decoded(data: bytes, where: Where, encoding: str | None) -> tuple[str, str, str]:
    """(text, encoding, what to say of it): as ordered, by mark, as the XML declaration says, UTF-8 strictly, GB18030."""
    written = re.match(rb"\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.-]{1,30})[\"']", data)
    declared = written.group(1).decode("ascii").lower() if written else ""
    marked = next((name for bom, name in _BOMS if data.startswith(bom)), None)
    own = "gb18030" if declared in ("gb2312", "gbk", "gb18030") else declared
    tried = [encoding] if encoding else [marked] if marked else list(dict.fromkeys([*([own] if own else []), "utf-8", "gb18030"]))
    for name in tried:
        try:
            text = data.decode(name)
        except (UnicodeError, LookupError, ValueError):
            continue
        why = f"文件写明编码是 {declared}，其实是 {name}" if own and not encoding and not marked and name != own else ""
        return re.sub(r"^\ufeff?\s*<\?xml[^>]*\?>", "", text, count=1), name.removesuffix("-sig"), why
    raise BadEncoding(what="文字编码无法识别", where=where, fix="请另存为 UTF-8，或用 --encoding 指明编码")
