"""The points of one parcel in a table become rings and a polygon: closed, nested by containment, edge lengths compared with the column."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import shapely

from xygis.errors import BadGeometry, BadLine, Where
from xygis.geodesy.ellipsoid import Floats
from xygis.intake.edge_lengths import DOUBT_M, EdgeCheck, OddEdge, compare_edges
from xygis.intake.point_rows import Group, TablePoint
from xygis.vector.notes import Note
from xygis.vector.rings import assemble

_EDGES_TOLD = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Rings:
    """A parcel's geometry, east first, with what was seen on the way."""

    geometry: shapely.Polygon | shapely.MultiPolygon
    notes: tuple[Note, ...]
    doubts: tuple[str, ...]
    lines: dict[tuple[float, float], int]  # of the points


def rings_of_group(group: Group, where: Where, *, east_is_first: bool, closing: bool) -> Rings:
    """Raises BadGeometry (too few points, no area) and BadLine (a closing point that is elsewhere), with the line.

    closing: whether some ring of the table is written with its closing point. Where the table contradicts itself, a boundary is
    doubtful: lengths that do not fit, a ring left open where the others are closed.
    """
    name = group.name or group.number or "地块"
    notes: list[Note] = []
    coords: list[Floats] = []
    chains = _chains(group.points)
    said: list[str] = []
    lines: dict[tuple[float, float], int] = {}
    for number, chain in enumerate(chains, start=1):
        called = f"{name} 第 {number} 圈" if len(chains) > 1 else name
        points = _closed(chain, called, where, notes)
        first, second = np.array([p.first for p in points]), np.array([p.second for p in points])
        xy = np.column_stack([first, second] if east_is_first else [second, first])
        coords.append(xy)
        for p, (x, y) in zip(chain, xy.tolist(), strict=False):
            lines.setdefault((x, y), p.line)
        edges, doubtful = _edges(points, xy, called, where)
        notes += [*edges, *_gaps_in_labels(chain, called, where)]
        said += [n.text for n in edges if doubtful]
        if closing and not _same(chain[0], chain[-1]):
            notes.append(_open_among_closed(chain, called, where))
            said.append(notes[-1].text)
    built = assemble(coords)
    if built.geometry is None:
        place = Where(file=where.file, layer=where.layer, line=group.points[0].line)
        raise BadGeometry(what=f"“{name}”没有面积", where=place, why="界址点重合或在一条直线上", fix="请核对界址点坐标")
    for indices, code, text in (
        (built.duplicates, "ring_repeated", "有一圈与前面一圈完全相同，已去掉"),
        (built.flat, "ring_flat", "有一圈没有面积，已去掉"),
        (built.shells[1:], "ring_outside", "有一圈不在别的圈之内，按地块的另一部分计入；若是另一个地块，请加“地块编号”列"),
    ):
        for i in indices:
            place = Where(
                file=where.file, layer=where.layer, line=chains[i][0].line, point=(float(coords[i][0, 0]), float(coords[i][0, 1]))
            )
            notes.append(Note(code=code, level="warning", text=f"{name} {text}", where=place))
    doubts = tuple(said)
    if built.holes and not any(p.ring for p in group.points):
        text = f"{name} 有 {len(built.holes)} 圈在另一圈之内，表里没有圈号，已按洞扣除；若是另一个地块，请加“地块编号”列"
        place = Where(file=where.file, layer=where.layer, line=chains[built.holes[0]][0].line)
        notes.append(Note(code="rings_as_holes", level="warning", text=text, where=place))
        doubts = (*doubts, text)
    return Rings(geometry=built.geometry, notes=tuple(notes), doubts=doubts, lines=lines)


def _chains(points: list[TablePoint]) -> list[list[TablePoint]]:
    """Points cut into rings: at a new ring number, after a ring has come back to its first point, where labels begin anew."""
    chains: list[list[TablePoint]] = []
    done = False
    for i, p in enumerate(points):
        fresh = not chains or p.ring != chains[-1][0].ring
        if not fresh:
            fresh = (done and not _same(p, chains[-1][-1])) or _begins_anew(points, i, chains[-1])
        if fresh:
            chains.append([])
            done = False
        chains[-1].append(p)
        done = done or (len(chains[-1]) > 3 and _same(p, chains[-1][0]))
    return chains


def _begins_anew(points: list[TablePoint], i: int, chain: list[TablePoint]) -> bool:
    """True where the labels of an unclosed ring start again: this one is its first label elsewhere, the next one its second label."""
    if len(chain) < 3 or not chain[0].label or points[i].label != chain[0].label or _same(points[i], chain[0]):
        return False
    return i + 1 < len(points) and points[i + 1].label == chain[1].label


def _closed(chain: list[TablePoint], name: str, where: Where, notes: list[Note]) -> list[TablePoint]:
    points = [chain[0]]
    for p in chain[1:]:
        if _same(p, points[-1]):
            text = f"{name} 点 {p.label} 与前一点重复，已去掉一个，面积不变"
            notes.append(Note(code="point_repeated", level="info", text=text, where=Where(file=where.file, layer=where.layer, line=p.line)))
        else:
            points.append(p)
    first, last = points[0], points[-1]
    place = Where(file=where.file, layer=where.layer, line=last.line)
    if len(points) > 1 and not _same(first, last):
        if len(points) > 3 and first.label and re.sub(r"^J", "", first.label.upper()) == re.sub(r"^J", "", last.label.upper()):
            gap = _length(first, last)
            raise BadLine(
                what=f"闭合点 {last.label} 与首点点号相同，坐标相差 {gap:,.3f}",
                where=place,
                why=f"首点在第 {first.line} 行，写 ({_text(first)})；闭合点写 ({_text(last)})，看不出哪一个对",
                fix="请核对后改成一样；若是另一个点，请改点号并补上闭合点",
            )
        points.append(first)
        notes.append(Note(code="ring_closed", level="info", text=f"{name} 首尾点未闭合，已补首点，面积不变", where=place))
    if len(points) < 4:
        raise BadGeometry(
            what=f"“{name}”只有 {len(points) - 1} 个不同的点，围不成面",
            where=Where(file=where.file, layer=where.layer, line=chain[0].line),
            fix="请补全界址点",
        )
    return points


def _edges(points: list[TablePoint], xy: Floats, name: str, where: Where) -> tuple[list[Note], bool]:
    """(a warning where the column of lengths disagrees with the coordinates, whether by more than measuring explains).

    points: closed, the first one again at the end; its line there may be the one with the length of the last edge.
    """
    lengths = [p.edge_m for p in points[:-1]]
    if lengths[0] is None:
        lengths[0] = points[-1].edge_m
    if np.abs(xy).max() <= 360 or sum(v is not None for v in lengths) < 2:
        return [], False
    check = compare_edges([xy], [np.array([np.nan if v is None else v for v in lengths])], named=True)
    if check is None or not check.odd:
        return [], False
    told = "；".join(_edge_told(e, points, check) for e in check.odd[:_EDGES_TOLD])
    place = Where(file=where.file, layer=where.layer, line=points[check.odd[0].point].line)
    text = f"{name} 有 {len(check.odd)} 条边长与坐标反算不符：{told}"
    far = any(abs(e.stated_m - e.computed_m) > DOUBT_M for e in check.odd)
    return [Note(code="edge_lengths_off", level="warning", text=text, where=place)], far


def _edge_told(edge: OddEdge, points: list[TablePoint], check: EdgeCheck) -> str:
    start = edge.point if not check.ends else (edge.point - 1) % (len(points) - 1)
    between = f"{points[start].label}—{points[start + 1].label}"
    return f"{between} 写 {edge.stated_m:.2f} 米，算得 {edge.computed_m:.2f} 米"


def is_closed(group: Group) -> bool:
    """Whether some ring of the parcel ends with its first point."""
    return any(len(c) > 3 and _same(c[0], c[-1]) for c in _chains(group.points))


def _open_among_closed(chain: list[TablePoint], name: str, where: Where) -> Note:
    text = f"{name} 有一圈没有写闭合点，而别的圈写了，后面的界址点可能丢失"
    return Note(
        code="ring_open_among_closed", level="warning", text=text, where=Where(file=where.file, layer=where.layer, line=chain[-1].line)
    )


def _gaps_in_labels(chain: list[TablePoint], name: str, where: Where) -> list[Note]:
    """A warning where the numbers of the points leave one out; neighbours share points, so it may be as it should."""
    found = [re.fullmatch(r"([A-Za-z]*)(\d{1,6})", p.label) for p in chain]
    for before, after, p in zip(found, found[1:], chain[1:], strict=False):
        if before and after and before.group(1) == after.group(1) and int(after.group(2)) > int(before.group(2)) + 1:
            text = f"{name} 点号由 {before.group()} 跳到 {after.group()}，请核对中间是否缺点"
            return [Note(code="labels_leave_out", level="warning", text=text, where=Where(file=where.file, layer=where.layer, line=p.line))]
    return []


def _length(a: TablePoint, b: TablePoint) -> float:
    return float(np.hypot(a.first - b.first, a.second - b.second))


def _text(p: TablePoint) -> str:
    places = 8 if max(abs(p.first), abs(p.second)) <= 360 else 3
    return f"{p.first:.{places}f}, {p.second:.{places}f}"


def _same(a: TablePoint, b: TablePoint) -> bool:
    return a.first == b.first and a.second == b.second
