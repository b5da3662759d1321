"""The points of one block become closed rings: closed where the closing point is missing or wrong, repeats dropped, all noted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from xygis.errors import BadGeometry, BadLine
from xygis.geodesy.ellipsoid import Floats
from xygis.intake.boundary_txt import Block, Document, Point
from xygis.vector.notes import Note

_SAME_M = 0.01  # a closing point this near to the first one was meant to be it
_SPIKE_COS = float(np.cos(np.radians(0.5)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Ring:
    """One closed ring as written, first point again at the end."""

    number: int  # counted in the parcel, from 1: what is written may be 1 for all
    points: tuple[Point, ...]


def rings_of(document: Document, block: Block, name: str) -> tuple[tuple[Ring, ...], tuple[Note, ...]]:
    """The rings of a block in the order of the file. Raises BadGeometry where a ring has fewer than three points."""
    if not block.points:
        raise BadGeometry(what=f"地块“{name}”没有界址点", where=document.where(block.line), fix="请补上界址点，或删去这一行")
    rings: list[Ring] = []
    notes: list[Note] = []
    closings = 0
    before: list[Point] = []
    chains = _chains(block.points)
    for number, chain in enumerate(chains, start=1):
        if before and before[0].ring == chain[0].ring and not _same(before[0], before[-1]):
            text = f"{name} 点 {chain[0].label} 起点号从头编起，圈号仍是 {chain[0].ring}，按另一圈读取"
            place = document.where(chain[0].line, (chain[0].second, chain[0].first))
            notes.append(Note(code="ring_restarted", level="warning", text=text, where=place))
        before = chain
        points, said, closed = _closed(document, chain, name, number, several=len(chains) > 1)
        rings.append(Ring(number=number, points=points))
        notes += said
        closings += closed
    notes += _count_note(document, block, name, len(block.points), closings, len(rings))
    return tuple(rings), tuple(notes)


def spikes(document: Document, ring: Ring, east: Floats, north: Floats, name: str) -> list[Note]:
    """A warning for each vertex where the boundary turns back upon itself (inner angle below half a degree)."""
    xy = np.column_stack([east, north])[:-1]
    back, ahead = np.roll(xy, 1, axis=0) - xy, np.roll(xy, -1, axis=0) - xy
    lengths = np.hypot(*back.T) * np.hypot(*ahead.T)
    with np.errstate(invalid="ignore", divide="ignore"):
        cos = (back * ahead).sum(axis=1) / lengths
    return [
        Note(
            code="spike",
            level="warning",
            text=f"{name} 点 {ring.points[i].label} 处有尖刺（夹角小于 0.5°）",
            where=document.where(ring.points[i].line, (float(xy[i, 0]), float(xy[i, 1]))),
        )
        for i in np.flatnonzero(cos > _SPIKE_COS)
    ]


def _chains(points: tuple[Point, ...]) -> list[list[Point]]:
    """Points cut into rings: at a change of ring number, and after a ring has come back to its first point."""
    chains: list[list[Point]] = []
    done = False
    for p, following in zip(points, (*points[1:], None), strict=True):
        if not chains or p.ring != chains[-1][0].ring or (done and not _same(p, chains[-1][-1])) or _restarts(p, following, chains[-1]):
            chains.append([])
            done = False
        chains[-1].append(p)
        done = done or (len(chains[-1]) > 3 and (_same(p, chains[-1][0]) or _labelled_alike(p, chains[-1][0])))
    return chains


def _restarts(p: Point, following: Point | None, chain: list[Point]) -> bool:
    """True where the labels begin anew, the second one too, though nothing was closed and the ring number stays."""
    if len(chain) < 3 or following is None or following.ring != p.ring:
        return False
    return _labelled_alike(p, chain[0]) and _labelled_alike(following, chain[1]) and not _same(p, chain[0])


def _labelled_alike(a: Point, b: Point) -> bool:
    return bool(a.label) and _bare(a.label) == _bare(b.label)


def _closed(document: Document, chain: list[Point], name: str, number: int, *, several: bool) -> tuple[tuple[Point, ...], list[Note], int]:
    notes: list[Note] = []
    called = f"{name} 第 {number} 圈" if several else name
    points = [chain[0]]
    for p in chain[1:]:
        if _same(p, points[-1]):
            text = f"{called} 点 {p.label} 与前一点重复，已去掉一个，面积不变"
            notes.append(Note(code="point_repeated", level="info", text=text, where=document.where(p.line, (p.second, p.first))))
        else:
            points.append(p)
    first, last = points[0], points[-1]
    closed = int(len(points) > 1 and _same(first, last))
    if not closed and len(points) > 3 and first.label and _bare(first.label) == _bare(last.label):
        points[-1], closed = _closing(document, first, last, called, notes), 1
    elif not closed:
        points.append(first)
        text = f"{called} 首尾点未闭合，已补首点，面积不变"
        notes.append(Note(code="ring_closed", level="info", text=text, where=document.where(last.line, (last.second, last.first))))
    if len(points) < 4:
        raise BadGeometry(
            what=f"地块“{name}”第 {number} 圈只有 {len(points) - 1} 个不同的点，围不成面",
            where=document.where(chain[0].line),
            fix="请补全界址点",
        )
    return tuple(points), notes, closed


def _closing(document: Document, first: Point, last: Point, name: str, notes: list[Note]) -> Point:
    """The closing point carries the first one's label but not its coordinates."""
    gap = float(np.hypot(first.first - last.first, first.second - last.second))
    twice = last.first == last.second and last.first in (first.first, first.second)  # exporters that write X twice
    if gap > _SAME_M and not twice:
        raise BadLine(
            what=f"闭合点 {last.label} 与首点 {first.label} 点号相同，坐标相差 {gap:,.3f}",
            where=document.where(last.line),
            why=f"首点在第 {first.line} 行，写 ({first.first:.3f}, {first.second:.3f})，看不出哪一个对",
            fix="请核对后改成一样；若是另一个点，请改点号并补上闭合点",
        )
    text = f"{name} 闭合点 {last.label} 的坐标与首点不同，已按首点闭合"
    notes.append(
        Note(code="closing_point_corrected", level="info", text=text, where=document.where(last.line, (first.second, first.first)))
    )
    return first


def _count_note(document: Document, block: Block, name: str, written: int, closings: int, rings: int) -> list[Note]:
    stated = block.fields.get("point_count", "")
    allowed = {written, written - closings, written - closings + rings}
    if not stated or (stated.isdigit() and int(stated[:9]) in allowed):
        return []
    text = f"{name} 写明界址点 {stated[:20]} 个，实有 {written} 个"
    return [Note(code="point_count", level="warning", text=text, where=document.where(block.line))]


def _same(a: Point, b: Point) -> bool:
    return a.first == b.first and a.second == b.second


def _bare(label: str) -> str:
    return label.upper().lstrip("J")
