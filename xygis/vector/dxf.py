"""Closed outlines of a drawing's model space become polygons, CAD layer by CAD layer; what is open is told with its gap.

ezdxf parses; blocks are opened here, with limits; arcs are stroked by `dxf_outlines`; open pieces are put together by `chains`.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from xygis.errors import BadGeometry, DamagedFile, TooLarge, UsageError, Where, XygisError
from xygis.geodesy.ellipsoid import Floats
from xygis.vector.dxf_areas import Drawn, areas_of
from xygis.vector.dxf_library import drawing_library
from xygis.vector.dxf_outlines import DRAWN, Outline, TooManyChords, outlines_of
from xygis.vector.dxf_text import DrawingText, drawing_text
from xygis.vector.layers import ForeignLayer
from xygis.vector.notes import Note
from xygis.vector.safe import read_bytes

if TYPE_CHECKING:
    from ezdxf.document import Drawing

MAX_BYTES = 100 << 20  # the parser needs some twenty times as much memory
MAX_ENTITIES = 200_000
_DEEPEST = 12
_LABELS = ("TEXT", "MTEXT")
_UNREAD = {
    "REGION": "面域，请用 EXPLODE 炸开",
    "3DSOLID": "三维实体",
    "BODY": "三维实体",
    "ACAD_PROXY_ENTITY": "代理实体，请在原软件（天正、CASS 等）中炸开或导出为普通图形",
    "MLINE": "多线，请用 EXPLODE 炸开",
    "SOLID": "填充面；若是地块，请用 BOUNDARY 描出闭合多段线",
    "TRACE": "填充面；若是地块，请用 BOUNDARY 描出闭合多段线",
    "3DFACE": "三维面；若是地块，请用 BOUNDARY 描出闭合多段线",
    "MESH": "三维网格；若是地块，请用 BOUNDARY 描出闭合多段线",
    "WIPEOUT": "遮罩；若是地块，请用 BOUNDARY 描出闭合多段线",
}
# What can bound no parcel. Anything else that is not read is told: it may be a boundary under a name that we do not know.
_NO_BOUNDARY = frozenset(
    (
        *("POINT", "ATTRIB", "ATTDEF", "DIMENSION", "ARC_DIMENSION", "LARGE_RADIAL_DIMENSION", "LEADER", "MULTILEADER", "MLEADER"),
        *("TOLERANCE", "VIEWPORT", "IMAGE", "OLE2FRAME", "OLEFRAME", "ACAD_TABLE", "RAY"),
        *("XLINE", "SHAPE", "LIGHT", "SUN", "SEQEND", "PDFUNDERLAY", "DWFUNDERLAY", "DGNUNDERLAY", "RTEXT"),
    )
)
_UNITS = {1: "英寸", 2: "英尺", 4: "毫米", 5: "厘米", 6: "米", 7: "千米"}
_SCALE = {4: 0.001, 5: 0.01}
_LARGEST_M = 5e7  # no coordinate of a Gauss zone is larger, the zone's number in front


def read_dxf(path: Path, *, encoding: str | None = None, layers: tuple[str, ...] = ()) -> list[ForeignLayer]:
    """A layer for each CAD layer with closed outlines. layers: only these.

    Raises DamagedFile, TooLarge, BadEncoding, BadGeometry (nothing closed, or an outline closed all but for a gap), UsageError.
    """
    where = Where(file=str(path))
    source = drawing_text(read_bytes(path, limit=MAX_BYTES), where, encoding)
    drawing = _parsed(source, where)
    gathered = _Gathered(where=where)
    with _damage_told(where):
        for entity, layer in _entities(drawing, gathered):
            gathered.take(entity, layer)
    if missing := [name for name in layers if name not in gathered.seen]:
        known = "、".join(list(gathered.seen)[:20])
        raise UsageError(what=f"图纸里没有图层“{missing[0]}”", where=where, fix=f"现有图层：{known or '没有'}")
    notes = [*_notes_of_file(source, where), *gathered.notes()]
    factor, said, evidence = _scale(int(drawing.header.get("$INSUNITS", 0) or 0), gathered, where)
    notes += said
    drawn = {
        name: replace(own, outlines=[replace(o, points=o.points * factor, left_out_m2=o.left_out_m2 * factor**2) for o in own.outlines])
        for name, own in gathered.layers.items()
        if not layers or name in layers
    }
    hidden = [] if layers else [name for name in drawn if name in _hidden(drawing)]
    if hidden:
        text = f"图层{'、'.join(f'“{n}”' for n in hidden[:8])}已关闭或冻结，没有读取；要读取请用 --layer 指明"
        notes.append(Note(code="hidden_layers", level="warning", text=text, where=where))
    labels = [(text, (x * factor, y * factor)) for text, (x, y) in gathered.labels]
    return areas_of({n: d for n, d in drawn.items() if n not in hidden}, labels, where, source.encoding, (source.told, evidence), notes)


@dataclass(slots=True, kw_only=True)
class _Gathered:
    """What the model space holds, while it is gone through."""

    where: Where
    layers: dict[str, Drawn] = field(default_factory=dict)
    seen: dict[str, int] = field(default_factory=dict)  # every CAD layer with anything on it
    labels: list[tuple[str, tuple[float, float]]] = field(default_factory=list)
    unread: Counter[str] = field(default_factory=Counter)
    references: list[str] = field(default_factory=list)
    count: int = 0
    shapeless: int = 0  # closed, and of too few points

    def take(self, entity: Any, layer: str) -> None:
        kind = entity.dxftype()
        self.count += 1
        self.seen[layer] = self.seen.get(layer, 0) + 1
        if kind in _LABELS:
            text = entity.plain_text() if kind == "MTEXT" else entity.dxf.get("text", "")
            at = entity.dxf.get("insert")
            if at is not None and str(text).strip():
                self.labels.append((" ".join(str(text).split())[:60], (float(at.x), float(at.y))))
        elif kind not in DRAWN:
            self.leave(entity)
        else:
            place = Where(file=self.where.file, layer=layer, feature=_attribute(entity, "handle", str(self.count)))
            own = self.layers.setdefault(layer, Drawn())
            found = _outlines(entity, self.count, place)
            own.outlines += [o for o in found if len(o.points) > 1]
            self.shapeless += not found or any(o.closed and len(o.points) < 3 for o in found)

    def leave(self, entity: Any) -> None:
        """An entity that is not read: counted where it could be a boundary."""
        kind = str(entity.dxftype())
        if kind not in _NO_BOUNDARY:
            self.unread[kind[:40]] += 1

    def notes(self) -> list[Note]:
        found = []
        for kind, n in self.unread.items():
            text = f"有 {n} 个 {kind} 没有读取（{_UNREAD.get(kind, '不认识的实体，请在原软件中炸开')}）"
            found.append(Note(code="entities_unread", level="warning", text=text, where=self.where))
        if self.shapeless:
            text = f"有 {self.shapeless} 个闭合图形顶点不足三个，或没有边界，没有读取"
            found.append(Note(code="shapeless", level="warning", text=text, where=self.where))
        if self.references:
            text = f"外部参照没有读取：{'、'.join(self.references[:5])}；若地块在其中，请先绑定（XREF 绑定）"
            found.append(Note(code="xref_unread", level="warning", text=text, where=self.where))
        return found


def _outlines(entity: Any, number: int, place: Where) -> list[Outline]:
    try:
        found = outlines_of(entity, number)
    except TooManyChords as error:
        raise BadGeometry(what="圆弧太大，无法按 1 毫米精度转为折线", where=place, fix="请核对这个圆弧；地块边界请改为折线") from error
    except (ArithmeticError, ValueError, TypeError, AttributeError, IndexError) as error:
        raise DamagedFile(
            what=f"{entity.dxftype()} 的数据不完整", where=place, why=str(error)[:100], fix="请在 CAD 中用 AUDIT 修复后另存"
        ) from error
    for outline in found:
        if not (np.isfinite(outline.points).all() and (np.abs(outline.points) < 1e12).all()):
            raise BadGeometry(what=f"{entity.dxftype()} 的坐标不是有限的数，或大得不可能", where=place, fix="请在 CAD 中删去或改正这个图形")
    return found


def _parsed(source: DrawingText, where: Where) -> Drawing:
    with _damage_told(where):
        return drawing_library().read(io.StringIO(source.text))  # type: ignore[no-any-return]


@contextmanager
def _damage_told(where: Where) -> Iterator[None]:
    """Whatever the parser trips over in a strange file, it is the file that is damaged."""
    try:
        yield
    except (XygisError, MemoryError):
        raise
    except Exception as error:
        raise DamagedFile(
            what="DXF 不完整或不符合规定",
            where=where,
            why=str(error)[:150],
            fix="请在 CAD 中打开，用 AUDIT 或 RECOVER 修复后另存为 DXF（AutoCAD 2004 或 2007 格式）",
        ) from error


def _entities(drawing: Drawing, gathered: _Gathered) -> Iterator[tuple[Any, str]]:
    """(entity, CAD layer) of the model space with all blocks opened; what stands on layer 0 of a block lies on the block's layer."""
    space = drawing.modelspace()
    if _count(space, drawing, gathered.where, {}, ()) > MAX_ENTITIES:
        raise TooLarge(
            what=f"图纸（图块展开后）超过 {MAX_ENTITIES:,} 个图形", where=gathered.where, fix="请用 WBLOCK 只导出地块边界所在的图层"
        )
    stack: list[tuple[Any, str]] = [(e, "") for e in reversed(list(space))]
    while stack:
        entity, outer = stack.pop()
        own = _attribute(entity, "layer", "0")
        layer = outer if outer and own == "0" else own
        if entity.dxftype() != "INSERT":
            yield entity, layer
            continue
        place = Where(file=gathered.where.file, layer=layer)
        name = str(entity.dxf.get("name", ""))[:60]
        block = entity.block()
        if block is None:
            raise DamagedFile(what=f"图块“{name}”没有定义", where=place, fix="请在 CAD 中用 AUDIT 修复，或炸开图块后另存")
        if block.block.is_xref:
            gathered.references.append(name)
            continue
        for strange in block:
            if strange.dxftype() not in (*DRAWN, *_LABELS, "INSERT"):
                gathered.leave(strange)  # opening a block passes over what the library does not know
        stack += reversed([(e, layer) for e in _opened(entity, place, name)])


def _count(entities: Any, drawing: Drawing, where: Where, known: dict[str, int], above: tuple[str, ...]) -> int:
    """How many entities there will be once all blocks are opened, before any is: a few nested blocks can stand for thousands of millions."""
    total = 0
    for entity in entities:
        total += 1
        if entity.dxftype() != "INSERT":
            continue
        name = str(entity.dxf.get("name", ""))
        if name.casefold() in above or len(above) >= _DEEPEST:
            place = Where(file=where.file, layer=_attribute(entity, "layer", "0"))
            raise DamagedFile(what=f"图块“{name[:60]}”嵌套过深或引用了自己", where=place, fix="请在 CAD 中炸开图块后另存")
        block = drawing.blocks.get(name)
        if block is None or block.block is None or block.block.is_xref:
            continue
        if name not in known:
            known[name] = _count(block, drawing, where, known, (*above, name.casefold()))
        total += max(1, int(entity.mcount)) * known[name]
    return total


def _attribute(entity: Any, name: str, otherwise: str) -> str:
    """An attribute as text; entities that the library does not know have none."""
    try:
        return str(entity.dxf.get(name) or otherwise)
    except AttributeError:
        return otherwise


def _opened(insert: Any, place: Where, name: str) -> list[Any]:
    """The block's entities where the insert puts them."""
    left: list[str] = []
    found: list[Any] = []
    try:
        for one in insert.multi_insert() if insert.mcount > 1 else [insert]:
            found += one.virtual_entities(skipped_entity_callback=lambda e, _: left.append(e.dxftype()))
    except (ArithmeticError, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise DamagedFile(what=f"图块“{name}”无法展开", where=place, why=str(error)[:100], fix="请在 CAD 中炸开图块后另存") from error
    if lost := sorted(set(left) & set(DRAWN)):
        raise BadGeometry(what=f"图块“{name}”里的 {'、'.join(lost)} 无法展开", where=place, fix="请在 CAD 中炸开图块后另存")
    return found


def _hidden(drawing: Drawing) -> set[str]:
    return {str(layer.dxf.name) for layer in drawing.layers if layer.is_off() or layer.is_frozen()}


def _notes_of_file(source: DrawingText, where: Where) -> list[Note]:
    if not source.why:
        return []
    return [Note(code="encoding_guessed", level="info", text=source.why, where=where)]


def _scale(units: int, gathered: _Gathered, where: Where) -> tuple[float, list[Note], str]:
    """(factor to metres, notes, evidence). Templates say millimetres while people draw in metres: the numbers have the last word."""
    all_points: list[Floats] = [o.points for own in gathered.layers.values() for o in own.outlines]
    largest = max((float(np.abs(p).max()) for p in all_points if len(p)), default=0.0)
    name = _UNITS.get(units, "没有写" if not units else f"代码 {units}")
    said = f"图纸单位（$INSUNITS）{name if name == '没有写' else f'写的是{name}'}"
    if largest <= _LARGEST_M:
        evidence = f"{said}，坐标数值是米的大小，按米读取" if units not in (0, 6) else f"{said}，按米读取"
        level = "info" if units in (0, 4, 6) else "warning"
        notes = [] if units in (0, 6) else [Note(code="units_by_numbers", level=level, text=evidence, where=where)]
        return 1.0, notes, evidence
    factor = _SCALE.get(units)
    if factor is None or largest * factor > _LARGEST_M:
        raise BadGeometry(
            what=f"坐标数值大到 {largest:,.0f}，不会是米",
            where=where,
            why=said,
            fix="请在 CAD 中把图形缩放到米（毫米图用 SCALE 0.001），或改正图纸单位后另存",
        )
    text = f"{said}，坐标已乘以 {factor:g} 换算为米"
    return factor, [Note(code="units_scaled", level="warning", text=text, where=where)], text
