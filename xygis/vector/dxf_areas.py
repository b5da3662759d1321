"""The outlines of each CAD layer become areas: rings nested, doubles dropped, gaps told, the stroked arcs accounted for."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace

import numpy as np
import shapely

from xygis.errors import BadGeometry, Where
from xygis.geodesy.ellipsoid import Floats
from xygis.vector.chains import MEET_M, OpenChain, chained
from xygis.vector.crs_claim import Claim
from xygis.vector.dxf_outlines import CHORD_M, Outline
from xygis.vector.gpkg import RawFeatures
from xygis.vector.layers import ForeignLayer
from xygis.vector.notes import Note
from xygis.vector.rings import assemble

_GAPS_TOLD = 5
_LABELS_KEPT = 5


@dataclass(slots=True, kw_only=True)
class Drawn:
    """What is drawn on one CAD layer."""

    outlines: list[Outline] = field(default_factory=list)


Label = tuple[str, tuple[float, float]]


def areas_of(
    drawn: dict[str, Drawn], labels: list[Label], where: Where, encoding: str, evidence: str, notes: list[Note]
) -> list[ForeignLayer]:
    """A layer for each CAD layer with areas on it. Raises BadGeometry where nothing is closed, or something nearly is."""
    found: list[ForeignLayer] = []
    gaps: list[tuple[str, OpenChain]] = []
    claim = Claim(evidence=("DXF 不写坐标系，按坐标数值判断", evidence), where=where)
    texts = _Labels(labels)
    for name, own in drawn.items():
        place = Where(file=where.file, layer=name)
        areas = _Areas.of(own.outlines, place)
        gaps += [(name, c) for c in areas.open]
        if not areas.shapes:
            continue
        geometry = np.empty(len(areas.shapes), dtype=object)
        geometry[:] = areas.shapes
        fids = list(range(1, len(areas.shapes) + 1))
        columns: dict[str, list[object]] = {"Layer": [name] * len(fids)}
        if any(inside := [texts.inside(s) for s in areas.shapes]):
            columns["图内文字"] = list(inside)
        found.append(
            ForeignLayer(
                name=name,
                format="dxf",
                features=RawFeatures(geometry=geometry, columns=columns, crs=None, fids=fids, sublayer=name),
                claim=claim,
                encoding=encoding,
                encoding_why="",
                notes=(*(notes if not found else ()), *areas.notes),
                doubts=tuple((fids[i], text) for i, text in areas.doubts),
            )
        )
    _refuse_nearly_closed(gaps, where)
    if not found:
        raise _nothing_closed(gaps, where, notes)
    more = [*_notes_of_repeats(found, where), *_notes_of_open_lines(gaps, where)]
    return [replace(found[0], notes=(*found[0].notes, *more)), *found[1:]]


@dataclass(slots=True, kw_only=True)
class _Areas:
    """The areas of one layer; doubts by position."""

    shapes: list[shapely.Geometry]
    doubts: list[tuple[int, str]]
    notes: list[Note]
    open: list[OpenChain]

    @classmethod
    def of(cls, outlines: list[Outline], place: Where) -> _Areas:
        notes: list[Note] = []
        rings = [_ring(o.points) for o in outlines if not o.hatch and o.closed]
        pieces = [o.points for o in outlines if not o.hatch and not o.closed]
        joined, chains = chained(pieces)
        rings += [ring for ring, _ in joined]
        if n := sum(used > 1 for _, used in joined):
            text = f"有 {n} 圈边界由首尾相接的分段线拼成（相接处相差不到 {MEET_M:g} 米）"
            notes.append(Note(code="lines_joined", level="info", text=text, where=place))
        rings = [r for r in rings if len(r) > 3]
        built = assemble(rings)
        if built.duplicates:
            at = _point(rings[built.duplicates[0]])
            text = f"有 {len(built.duplicates)} 圈与别的圈完全相同，已去掉"
            notes.append(Note(code="ring_repeated", level="warning", text=text, where=_at(place, at)))
        shapes = [] if built.geometry is None else list(shapely.get_parts(built.geometry))
        doubts = []
        for i, shape in enumerate(shapes):
            if shape.interiors:
                text = f"边界之内有 {len(shape.interiors)} 个闭合圈，已按洞扣除；若里面的是地块、外面的是图框，请分到不同图层，再用 --layer 指明"
                doubts.append((i, text))
                notes.append(Note(code="rings_as_holes", level="warning", text=text, where=_at(place, _point(shape.interiors[0].coords))))
        hatches = _hatches(outlines)
        own = [h for h in hatches if not any(_same(h, s) for s in shapes)]
        if len(own) < len(hatches):
            text = f"有 {len(hatches) - len(own)} 处填充与闭合线围成的面相同，只算一次"
            notes.append(Note(code="hatch_repeated", level="info", text=text, where=place))
        curved = [o for o in outlines if o.curved]
        if curved:
            most = sum(o.left_out_m2 for o in curved)
            text = (
                f"有 {len(curved)} 段圆弧或曲线转为折线，弦与弧相距不超过 {CHORD_M * 1000:g} 毫米，"
                f"面积误差合计不超过 {max(most, 0.0001):.4f} m²"
            )
            notes.append(Note(code="arcs_stroked", level="info", text=text, where=place))
        return cls(shapes=[*shapes, *own], doubts=doubts, notes=notes, open=[c for c in chains if len(c.points) > 2])


def _ring(points: Floats) -> Floats:
    """The points with the first one again at the end; a last one that nearly is the first becomes it."""
    if np.hypot(*(points[0] - points[-1])) <= MEET_M:
        return np.vstack([points[:-1], points[:1]])
    return np.vstack([points, points[:1]])


def _hatches(outlines: list[Outline]) -> list[shapely.Geometry]:
    groups: dict[int, list[Floats]] = defaultdict(list)
    for o in outlines:
        if o.hatch:
            groups[o.hatch].append(_ring(o.points))
    found: list[shapely.Geometry] = []
    for rings in groups.values():
        built = assemble([r for r in rings if len(r) > 3])
        found += [] if built.geometry is None else list(shapely.get_parts(built.geometry))
    return found


def _same(a: shapely.Geometry, b: shapely.Geometry) -> bool:
    """Two areas that differ by no more than a millimetre along their border; a hatch knows nothing of holes that lines were taken for."""
    if np.abs(np.subtract(a.bounds, b.bounds)).max() > 2 * MEET_M:
        return False
    return bool(shapely.hausdorff_distance(a.exterior, b.exterior) <= 2 * MEET_M) and len(a.interiors) == len(b.interiors)


class _Labels:
    """The drawing's texts, to be asked which of them stand in an area."""

    def __init__(self, labels: list[Label]) -> None:
        self.texts = [t for t, _ in labels]
        self.tree = shapely.STRtree(shapely.points(np.array([p for _, p in labels]).reshape(-1, 2)))

    def inside(self, shape: shapely.Geometry) -> str | None:
        if not self.texts or not shape.is_valid:
            return None
        found = sorted(self.tree.query(shape, predicate="contains").tolist())
        return " ".join(self.texts[i] for i in found[:_LABELS_KEPT]) or None


def _refuse_nearly_closed(gaps: list[tuple[str, OpenChain]], where: Where) -> None:
    near = [(name, c) for name, c in gaps if c.nearly_closed]
    if not near:
        return
    name, first = near[0]
    raise BadGeometry(
        what=f"有 {len(near)} 圈边界差一点没有闭合，缺口 {first.gap_m:.3f} 米",
        where=Where(file=where.file, layer=name, point=_point(first.points[-1:])),
        why=_told(near),
        fix="请在 CAD 中用 PEDIT 的“闭合（C）”把它闭合；若它不是地块，用 --layer 只读地块所在的图层",
    )


def _nothing_closed(gaps: list[tuple[str, OpenChain]], where: Where, notes: list[Note]) -> BadGeometry:
    worst = max(gaps, key=lambda g: g[1].gap_m, default=None)
    place = Where(file=where.file, layer=worst[0], point=_point(worst[1].points[-1:])) if worst else where
    unread = "；".join(n.text for n in notes if n.code in ("entities_unread", "xref_unread", "hidden_layers"))
    lines = f"有 {len(gaps)} 条线没有闭合，最大缺口 {worst[1].gap_m:.3f} 米：{_told(gaps)}" if worst else "模型空间里没有可用的线"
    return BadGeometry(
        what="图纸里没有闭合的多段线",
        where=place,
        why="；".join(filter(None, (lines, unread))),
        fix="请在 CAD 的模型空间中把地块边界画成闭合的多段线（LWPOLYLINE）",
    )


def _notes_of_repeats(found: list[ForeignLayer], where: Where) -> list[Note]:
    """A warning where two CAD layers hold the same areas: one parcel drawn as outline and as hatch, mostly."""
    owners: dict[bytes, list[str]] = defaultdict(list)
    for layer in found:
        for shape in layer.features.geometry:
            owners[shapely.normalize(shapely.Polygon(np.round(shapely.get_coordinates(shape.exterior), 2))).wkb].append(layer.name)
    repeated = [names for names in owners.values() if len(set(names)) > 1]
    if not repeated:
        return []
    names = "、".join(f"“{n}”" for n in dict.fromkeys(n for own in repeated for n in own))
    text = f"图层{names}上有 {len(repeated)} 处相同的面，会各算一个地块；请用 --layer 只读地块边界所在的图层"
    return [Note(code="layers_repeat", level="warning", text=text, where=where)]


def _notes_of_open_lines(gaps: list[tuple[str, OpenChain]], where: Where) -> list[Note]:
    if not gaps:
        return []
    worst = max(gaps, key=lambda g: g[1].gap_m)
    place = Where(file=where.file, layer=worst[0], point=_point(worst[1].points[-1:]))
    text = f"有 {len(gaps)} 条线没有闭合，未计入；最大缺口 {worst[1].gap_m:.3f} 米；{_told(gaps)}"
    return [Note(code="open_lines", level="warning", text=text, where=place)]


def _told(gaps: list[tuple[str, OpenChain]]) -> str:
    """The smallest gaps first, each with both ends: those are the ones that somebody meant to close."""
    ordered = sorted(gaps, key=lambda g: g[1].gap_m)
    said = [
        f"图层“{name}” ({c.points[0][0]:.3f}, {c.points[0][1]:.3f}) 至 ({c.points[-1][0]:.3f}, {c.points[-1][1]:.3f}) 缺 {c.gap_m:.3f} 米"
        for name, c in ordered[:_GAPS_TOLD]
    ]
    return "、".join(said) + ("等" if len(ordered) > _GAPS_TOLD else "")


def _point(points: object) -> tuple[float, float]:
    first = np.asarray(points)[0]
    return float(first[0]), float(first[1])


def _at(place: Where, point: tuple[float, float]) -> Where:
    return Where(file=place.file, layer=place.layer, feature=place.feature, point=point)
