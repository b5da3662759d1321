"""What a conflict sheet letters on the map: numbers of points, lengths of edges, the area of the ground, the parcel's name."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import shapely

from xygis.cartography.conclusion import area_lines, ground_word
from xygis.cartography.corners import Corner
from xygis.cartography.frame import Frame
from xygis.cartography.grounds import Ground
from xygis.cartography.ink import cut
from xygis.cartography.lettering import Room
from xygis.cartography.paper import LEAST_PX
from xygis.cartography.placing import Placed, Spot, Wanted, along, around, beside, place_all
from xygis.cartography.sheet_words import short
from xygis.cartography.svg import text_width
from xygis.numbers import hectares, metres, mu, square_metres

MOST_LABELS = 40  # of points, and of edges, on one sheet: of more every n-th point and the longest edges; the rest stand in the table
_SYMBOL = 3.2
_OUTWARDS = tuple((math.cos(i * math.pi / 8), math.sin(i * math.pi / 8)) for i in range(16))


def annotate(
    ground: Ground, corners: Sequence[Corner], boundary: Sequence[Corner], frame: Frame, room: Room, k: float, colour: str
) -> tuple[tuple[Placed, ...], dict[str, int]]:
    """(labels with their places, how many of each kind found none: point | edge | area | name)."""
    own = {(round(c.x, 2), round(c.y, 2)) for c in corners}
    others = [c for c in boundary if (round(c.x, 2), round(c.y, 2)) not in own]
    known = {frozenset((_at(c.x, c.y), _at(*c.next))) for c in corners}
    outline = frame.metres(np.array([ground.parcel.geometry], dtype=object))[0]
    for shape in (*ground.bodies, outline):
        room.edges.append(shapely.buffer(shapely.boundary(frame.page(np.array([shape], dtype=object))[0]), 0.8))
    inside = [c for c in symbols(corners, others) if _in(frame, c.x, c.y)]
    for corner in inside:
        x, y = _page(frame, corner.x, corner.y)
        room.edges.append(shapely.box(x - _SYMBOL, y - _SYMBOL, x + _SYMBOL, y + _SYMBOL))
    whole = ground.area_m2 is not None and ground.area_m2 > 0.999 * ground.parcel.ellipsoidal_m2
    area = _area(ground, frame, k, colour, whole=whole)
    inner = any(spot.leader is None for spot in area.spots)
    wanted = [area] if inner else []
    wanted += [_point(c, frame, k, colour if (round(c.x, 2), round(c.y, 2)) in own else "#111111") for c in inside]
    wanted += [] if inner else [area]
    wanted += [] if whole else [_name(ground, outline, frame, k)]
    edges = [c for c in corners if _edge_in(frame, c)]
    edges += [c for c in others_edges(boundary, known) if _edge_in(frame, c)]
    edges = _once(edges, frame)
    longest = sorted(edges, key=lambda c: -c.to_next_m)[:MOST_LABELS]
    wanted += [_edge(c, frame, k, colour if frozenset((_at(c.x, c.y), _at(*c.next))) in known else "#111111") for c in longest]
    placed, left = place_all(wanted, room)
    points = sum(_in(frame, c.x, c.y) for c in (*corners, *others))
    counts = {"point": points - len(inside), "edge": len(edges) - len(longest), "area": 0, "name": 0}
    for one in left:
        counts[one.kind] += 1
    return placed, counts


def symbols(corners: Sequence[Corner], boundary: Sequence[Corner]) -> list[Corner]:
    """The points that get a symbol and a number: all, or every n-th of the ground's and of the parcel's."""
    out = []
    for points in (corners, boundary):
        step = -(-len(points) // MOST_LABELS) if len(points) > MOST_LABELS else 1
        out += list(points[::step])
    return out


def others_edges(boundary: Sequence[Corner], known: set[frozenset[tuple[float, float]]]) -> list[Corner]:
    """Edges of the parcel that are no edges of the ground."""
    return [c for c in boundary if frozenset((_at(c.x, c.y), _at(*c.next))) not in known]


def _once(edges: Sequence[Corner], frame: Frame) -> list[Corner]:
    """Edges without those that lie on another one of the same printed length: the two sides of a sliver."""
    seen: dict[tuple[str, int, int], Corner] = {}
    for c in edges:
        x, y = _page(frame, (c.x + c.next[0]) / 2, (c.y + c.next[1]) / 2)
        seen.setdefault((metres(c.to_next_m), round(x / 6), round(y / 6)), c)
    return list(seen.values())


def _at(x: float, y: float) -> tuple[float, float]:
    return round(x, 2), round(y, 2)


def _page(frame: Frame, x: float, y: float) -> tuple[float, float]:
    k = frame.px_per_m
    return (x - frame.west_m) * k, (frame.north_m - y) * k


def _in(frame: Frame, x: float, y: float) -> bool:
    return frame.west_m < x < frame.east_m and frame.south_m < y < frame.north_m


def _edge_in(frame: Frame, corner: Corner) -> bool:
    """Whether the middle of an edge is on the map."""
    return _in(frame, (corner.x + corner.next[0]) / 2, (corner.y + corner.next[1]) / 2)


def _point(corner: Corner, frame: Frame, k: float, colour: str) -> Wanted:
    size = 11.0 * k
    spots = around(_page(frame, corner.x, corner.y), (corner.out[0], -corner.out[1]), size, corner.label)
    return Wanted(lines=(corner.label,), size=size, colour=colour, kind="point", spots=spots)


def _edge(corner: Corner, frame: Frame, k: float, colour: str) -> Wanted:
    size, words = LEAST_PX * k, metres(corner.to_next_m)
    out = (corner.edge_out[0], -corner.edge_out[1])
    spots = along(_page(frame, corner.x, corner.y), _page(frame, *corner.next), out, size, words)
    return Wanted(lines=(words,), size=size, colour=colour, kind="edge", spots=spots)


def _area(ground: Ground, frame: Frame, k: float, colour: str, *, whole: bool) -> Wanted:
    """What the ground is and how large, in three units; in it where it fits, in m² alone where that fits, else beside it."""
    first, second = area_lines(ground)
    title = f"{ground.verdict.label}：{ground_word(ground)}" if ground.sliver else ground_word(ground)
    if whole:
        title = f"{cut(short(ground.parcel.name), 12.0 * k, 110 * k)}（全部）"
    lines = (title, first.split("，")[0], *second.split("　")) if second else (title, first)
    shape = frame.page(np.array([max(ground.bodies, key=lambda b: b.area)], dtype=object))[0]
    shape = shapely.clip_by_rect(shape, 0, 0, frame.width, frame.height)
    full, brief = (_boxed(words, 12.0 * k, colour, "area", shape, inside=True) for words in (lines, lines[:2]))
    fits = [any(spot.leader is None for spot in one.spots) for one in (full, brief)]
    return brief if fits == [False, True] else full


def _name(ground: Ground, outline: shapely.Geometry, frame: Frame, k: float) -> Wanted:
    parcel = ground.parcel
    area = parcel.ellipsoidal_m2
    lines = (cut(short(parcel.name), 12.0 * k, 150 * k), f"{square_metres(area)} m²", f"{hectares(area)} 公顷　{mu(area)} 亩")
    shape = shapely.clip_by_rect(frame.page(np.array([outline], dtype=object))[0], 0, 0, frame.width, frame.height)
    taken = frame.page(np.array(ground.bodies, dtype=object))
    rest = shapely.difference(shape, shapely.union_all(taken))
    free = rest if not rest.is_empty and rest.area > 400 else shape
    return _boxed(lines, 12.0 * k, "#111111", "name", free, inside=free is rest)


def _boxed(lines: tuple[str, ...], size: float, colour: str, kind: str, shape: shapely.Geometry, *, inside: bool) -> Wanted:
    half_w, half_h = max(text_width(line, size) for line in lines) / 2 + 5, len(lines) * size * 1.32 / 2 + 3
    spots: list[Spot] = []
    parts = [p for p in shapely.get_parts(shape) if p.geom_type == "Polygon"]
    if parts:
        largest = max(parts, key=lambda p: p.area)
        x, y = shapely.get_coordinates(shapely.maximum_inscribed_circle(largest, 2.0))[0]
        near = [(float(x) + dx * half_w, float(y) + dy * half_h) for dx, dy in ((0, 0), (0, 0.7), (0, -0.7), (0.5, 0), (-0.5, 0))]
        if inside:
            boxes = [
                (a, b) for a, b in near if largest.contains(shapely.box(a - half_w - 3, b - half_h - 3, a + half_w + 3, b + half_h + 3))
            ]
            spots += [Spot(x=a, y=b) for a, b in boxes]
        anchor = (float(x), float(y))
        west, north, east, south = shapely.bounds(shape)
        reach = math.hypot(east - west, south - north) / 2
        for more in (18.0, 40.0, 70.0, 110.0, 160.0):
            for turn, (dx, dy) in enumerate(_OUTWARDS):
                edge = _exit(shape, anchor, (dx, dy), reach * 2 + 10)
                spots.append(_beside_at(anchor, turn, edge + more, half_w, half_h))
    return Wanted(lines=lines, size=size, colour=colour, kind=kind, spots=tuple(spots), boxed=True)


def _exit(shape: shapely.Geometry, anchor: tuple[float, float], way: tuple[float, float], reach: float) -> float:
    """How far it is from the anchor to where a ray finally leaves the shape."""
    ray = shapely.LineString([anchor, (anchor[0] + way[0] * reach, anchor[1] + way[1] * reach)])
    inside = shapely.intersection(ray, shape)
    return float(np.hypot(*(shapely.get_coordinates(inside) - anchor).T).max()) if not inside.is_empty else 0.0


def _beside_at(anchor: tuple[float, float], turn: int, off: float, half_w: float, half_h: float) -> Spot:
    return beside(anchor, turn * math.pi / 8, half_w, half_h, off, tied=True)
