"""Labels of points, edges and areas: each at the first of its spots that is free, with a leader where it stands off, or counted as left out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from xygis.cartography.lettering import Room
from xygis.cartography.svg import text_width

_AT_ONCE = 6  # spots that are tried together
_LINE = 1.32  # height of a line of text, of its size
_RINGS = (22.0, 34.0, 48.0, 66.0, 90.0)
Point = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """A place for the middle of a label; leader: the point that a line ties it to."""

    x: float
    y: float
    turn_deg: float = 0.0
    leader: Point | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Lines of text that want a place. kind: point | edge | area | name."""

    lines: tuple[str, ...]
    size: float
    colour: str
    kind: str
    spots: tuple[Spot, ...]
    boxed: bool = False

    @property
    def width(self) -> float:
        return max(text_width(line, self.size) for line in self.lines) + (10 if self.boxed else 3)

    @property
    def height(self) -> float:
        return len(self.lines) * self.size * _LINE + (6 if self.boxed else 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A label at its spot."""

    wanted: Wanted
    spot: Spot

    @property
    def outline(self) -> shapely.Polygon:
        return outline(self.wanted, self.spot)


def place_all(wanted: Sequence[Wanted], room: Room) -> tuple[tuple[Placed, ...], tuple[Wanted, ...]]:
    """(placed, left out), in the order given, which is that of importance. Takes the room that labels and leaders need."""
    placed: list[Placed] = []
    left_out: list[Wanted] = []
    edges = np.array(room.edges, dtype=object)
    for one in wanted:
        spot = _first_free(one, np.array(room.taken, dtype=object), edges, room)
        if spot is None:
            left_out.append(one)
            continue
        room.taken.append(outline(one, spot))
        line = leader_line(one, spot)
        if line is not None:
            room.taken.append(line.buffer(1.0))
        placed.append(Placed(wanted=one, spot=spot))
    return tuple(placed), tuple(left_out)


def _first_free(one: Wanted, taken: NDArray[np.object_], edges: NDArray[np.object_], room: Room) -> Spot | None:
    """The best spot on the page whose label covers nothing, and whose leader crosses no label and no other leader."""
    for start in range(0, len(one.spots), _AT_ONCE):
        spots = one.spots[start : start + _AT_ONCE]
        shapes = np.array([outline(one, spot) for spot in spots], dtype=object)
        bounds = shapely.bounds(shapes)
        free = (bounds[:, :2] >= 4).all(axis=1) & (bounds[:, 2] <= room.width - 4) & (bounds[:, 3] <= room.height - 4)
        for others in (taken, edges):
            if len(others) and free.any():
                free[free] = ~shapely.intersects(shapes[free][:, None], others[None, :]).any(axis=1)
        for i in np.flatnonzero(free).tolist():
            line = leader_line(one, spots[i])
            if line is None or not len(taken) or not shapely.intersects(taken, line).any():
                return spots[i]
    return None


def outline(one: Wanted, spot: Spot) -> shapely.Polygon:
    """The rectangle that a label covers."""
    half_w, half_h = one.width / 2, one.height / 2
    turn = math.radians(spot.turn_deg)
    corners = np.array([[-half_w, -half_h], [half_w, -half_h], [half_w, half_h], [-half_w, half_h]])
    return shapely.Polygon(corners @ np.array([[math.cos(turn), math.sin(turn)], [-math.sin(turn), math.cos(turn)]]) + (spot.x, spot.y))


def leader_line(one: Wanted, spot: Spot) -> shapely.LineString | None:
    """From the point to the nearest side of the label."""
    if spot.leader is None:
        return None
    line: shapely.LineString = shapely.shortest_line(shapely.Point(spot.leader), outline(one, spot))
    return line


def around(point: Point, out: Point, size: float, words: str) -> tuple[Spot, ...]:
    """Spots next to a point, first to the side it looks out to (a unit vector), then all round, then tied to it from farther off."""
    half_w, half_h = text_width(words, size) / 2 + 3, size * _LINE / 2
    start = math.atan2(out[1], out[0])
    turns = [start + sign * step * math.pi / 8 for step in range(9) for sign in ((1, -1) if step % 8 else (1,))]
    near = [beside(point, turn, half_w, half_h, 5.0, tied=False) for turn in turns]
    far = [beside(point, turn, half_w, half_h, ring, tied=True) for ring in _RINGS for turn in turns[:11]]
    return (*near, *far)


def beside(point: Point, turn: float, half_w: float, half_h: float, off: float, *, tied: bool) -> Spot:
    """The label whose rectangle stands `off` from the point in that direction."""
    dx, dy = math.cos(turn), math.sin(turn)
    reach = min(half_w / abs(dx) if abs(dx) > 1e-9 else math.inf, half_h / abs(dy) if abs(dy) > 1e-9 else math.inf)
    x, y = point[0] + dx * (reach + off), point[1] + dy * (reach + off)
    return Spot(x=x, y=y, leader=point if tied else None)


def along(start: Point, end: Point, out: Point, size: float, words: str) -> tuple[Spot, ...]:
    """Spots for the length of an edge: along it outside or inside where it is long enough, else level and tied to its middle."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = math.hypot(dx, dy)
    middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
    turn = math.degrees(math.atan2(dy, dx))
    turn = turn - 180 if turn > 90 else turn + 180 if turn <= -90 else turn
    near = size * _LINE / 2 + 3
    rows = ((near, (0.0, 0.15, -0.15)), (-near, (0.0, 0.15, -0.15, 0.28, -0.28)), (near + size * 1.4, (0.0, 0.2, -0.2)))
    spots = []
    if length > text_width(words, size) + 14:  # outside, inside, in a second row outside
        for off, shares in rows:
            for share in shares:
                spots.append(Spot(x=middle[0] + out[0] * off + dx * share, y=middle[1] + out[1] * off + dy * share, turn_deg=turn))
    tied = around(middle, out, size, words)
    return (*spots, *(spot for spot in tied if spot.leader is not None))
