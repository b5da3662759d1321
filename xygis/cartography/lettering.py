"""Where labels stand: each at the middle of its feature, turned along it where it is narrow, none over another."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import shapely

from xygis.atlas.style import Style
from xygis.cartography.scene import Drawn, Scene
from xygis.cartography.svg import text_width

_LEAST_SCALE = {"layout": 8_000}  # names of whole quarters mean nothing in a close-up
_COUNTIES_SCALE = 40_000
_ROADS_SCALE = 250_000
Rect = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A line of text with its middle at (x, y), in page units, y down."""

    text: str
    x: float
    y: float
    size: float
    turn_deg: float
    style: Style
    bold: bool = True


@dataclass(slots=True, kw_only=True)
class Room:
    """What is taken on the page; grows while a map is lettered."""

    width: float
    height: float
    taken: list[shapely.Geometry] = field(default_factory=list)
    edges: list[shapely.Geometry] = field(default_factory=list)  # lines that a leader may cross and a label may not

    def block(self, rect: Rect) -> None:
        """Keeps a rectangle free of labels."""
        self.taken.append(shapely.box(*rect))

    def place(self, label: Label, *, pad: float = 3.0) -> bool:
        """Takes the label's place if it is free and inside the page."""
        half_w, half_h = text_width(label.text, label.size) / 2 + pad, label.size * 0.62 + pad / 2
        turn = math.radians(label.turn_deg)
        corners = np.array([[-half_w, -half_h], [half_w, -half_h], [half_w, half_h], [-half_w, half_h]])
        corners = corners @ np.array([[math.cos(turn), math.sin(turn)], [-math.sin(turn), math.cos(turn)]]) + (label.x, label.y)
        low, high = corners.min(axis=0), corners.max(axis=0)
        if low[0] < 4 or low[1] < 4 or high[0] > self.width - 4 or high[1] > self.height - 4:
            return False
        shape = shapely.Polygon(corners)
        if any(shape.intersects(other) for other in self.taken):
            return False
        self.taken.append(shape)
        return True


def place_labels(
    scene: Scene, room: Room, *, size: float = 12.5, most_per_style: int = 6, plain: bool = True, thin: bool = False
) -> tuple[Label, ...]:
    """Labels of the layers, the most prominent first. `plain`: also label features without names, once per style.

    thin: names of the base map that do not fit in their features stand beside them.
    """
    out: list[Label] = []
    page = shapely.box(0, 0, scene.frame.width, scene.frame.height)
    for drawn in sorted(scene.drawn, key=lambda d: (_rank(d), -d.style.order)):
        if drawn.style.text is None or not _LEAST_SCALE.get(drawn.layer.role, 0) <= scene.frame.scale:
            continue
        if drawn.layer.id == "counties" and scene.frame.scale < _COUNTIES_SCALE:
            continue
        wanted = (
            named_groups(drawn) if drawn.style.name else ([(drawn.style.label.removeprefix("其中："), drawn.geometry)] if plain else [])
        )
        done = 0
        for words, geometry in wanted:
            label_size = size * _weight(drawn)
            if scene.frame.scale > _ROADS_SCALE and drawn.layer.geometry == "line":
                break
            shapes = shapely.intersection(scene.frame.page(geometry), page)
            seen = [s for s in shapes if not s.is_empty]
            spots = _candidates(words, seen, label_size, drawn)
            if thin and drawn.style.base and drawn.style.name and drawn.layer.id != "counties" and drawn.layer.geometry == "polygon":
                spots = [*spots, *_beside(words, seen, label_size, drawn.style)]
            for label in spots:
                if room.place(label):
                    out.append(label)
                    done += 1
                    break
            if done >= most_per_style:
                break
    return tuple(out)


def _rank(drawn: Drawn) -> int:
    """Layout names and rivers tell where one is; then what the parcel hits; then the rest."""
    if drawn.layer.role == "layout":
        return 0
    return 1 if drawn.hit else 2


def _weight(drawn: Drawn) -> float:
    if drawn.layer.id == "counties":
        return 1.1
    return 1.22 if drawn.layer.role == "layout" and drawn.layer.geometry == "polygon" else 1.0


def named_groups(drawn: Drawn) -> list[tuple[str, np.ndarray[tuple[int, ...], np.dtype[np.object_]]]]:
    """(name, its features), largest on the page first."""
    groups: dict[str, list[shapely.Geometry]] = {}
    for name, geometry in zip(drawn.names, drawn.geometry, strict=True):
        if name:
            groups.setdefault(name, []).append(geometry)
    measure = shapely.area if drawn.layer.geometry == "polygon" else shapely.length
    order = sorted(groups.items(), key=lambda item: -float(measure(np.array(item[1], dtype=object)).sum()))
    return [(name, np.array(shapes, dtype=object)) for name, shapes in order]


def _candidates(words: str, shapes: Sequence[shapely.Geometry], size: float, drawn: Drawn) -> list[Label]:
    """Places worth trying, best first."""
    if not shapes:
        return []
    if drawn.layer.geometry == "line":
        return _along_line(words, shapes, size, drawn.style)
    polygons = [p for shape in shapes for p in shapely.get_parts(shape) if p.geom_type == "Polygon" and p.area > 60]
    out: list[Label] = []
    for polygon in sorted(polygons, key=lambda p: -p.area)[:4]:
        out += _in_polygon(words, polygon, size, drawn)
    return out


def _in_polygon(words: str, polygon: shapely.Polygon, size: float, drawn: Drawn) -> list[Label]:
    circle = shapely.maximum_inscribed_circle(polygon, 1.0)
    (x, y), (x1, y1) = shapely.get_coordinates(circle)
    radius, width = math.hypot(x1 - x, y1 - y), text_width(words, size)
    style = drawn.style
    if radius * 2 >= width * 0.9 or drawn.layer.role == "layout" and radius > size * 2.2:
        near = [(0.0, 0.0), (0.0, -0.45), (0.0, 0.45), (-0.4, 0.0), (0.4, 0.0)]
        return [Label(text=words, x=x + dx * radius, y=y + dy * radius, size=size, turn_deg=0, style=style) for dx, dy in near]
    if radius < size * 0.45:
        return []
    reach = shapely.intersection(polygon, shapely.Point(x, y).buffer(max(radius * 2.2, width * 0.6)))
    corners = shapely.get_coordinates(shapely.minimum_rotated_rectangle(reach))
    edges = np.diff(corners, axis=0)[:2] if len(corners) >= 3 else np.zeros((0, 2))
    if not len(edges):
        return []
    edge = edges[int(np.hypot(edges[:, 0], edges[:, 1]).argmax())]
    if np.hypot(*edge) < width * 0.85:
        return [Label(text=words, x=x, y=y, size=size, turn_deg=0, style=style)] if radius > size else []
    return [Label(text=words, x=x, y=y, size=size, turn_deg=_upright(edge), style=style)]


def _along_line(words: str, shapes: Sequence[shapely.Geometry], size: float, style: Style) -> list[Label]:
    lines = [p for shape in shapes for p in shapely.get_parts(shape) if p.geom_type == "LineString"]
    need = text_width(words, size)
    out: list[Label] = []
    for line in sorted(lines, key=lambda p: -p.length)[:3]:
        if line.length < need * 1.3:
            continue
        for share in (0.5, 0.3, 0.7, 0.15, 0.85):
            at = line.length * share
            a, b = line.interpolate(max(0.0, at - need / 2)), line.interpolate(min(line.length, at + need / 2))
            middle = line.interpolate(at)
            out.append(
                Label(text=words, x=middle.x, y=middle.y, size=size, turn_deg=_upright(np.array([b.x - a.x, b.y - a.y])), style=style)
            )
    return out


def _beside(words: str, shapes: Sequence[shapely.Geometry], size: float, style: Style) -> list[Label]:
    """Spots along the outside of narrow features, then next to small ones."""
    need, off = text_width(words, size), size * 0.95
    out: list[Label] = []
    polygons = [p for shape in shapes for p in shapely.get_parts(shape) if p.geom_type == "Polygon"]
    for polygon in sorted(polygons, key=lambda p: -p.length)[:3]:
        ring = shapely.simplify(polygon.exterior, 2.0)
        for share in np.arange(0.05, 1.0, 0.09) if ring.length > need * 2.6 else ():
            at = ring.length * float(share)
            a, b = ring.interpolate(max(0.0, at - need / 2)), ring.interpolate(min(ring.length, at + need / 2))
            way = np.array([b.x - a.x, b.y - a.y])
            chord = float(np.hypot(*way))
            if chord < need * 0.9:
                continue
            for side in (1, -1):
                x, y = (a.x + b.x) / 2 - way[1] / chord * off * side, (a.y + b.y) / 2 + way[0] / chord * off * side
                label = Label(text=words, x=float(x), y=float(y), size=size, turn_deg=_upright(way), style=style)
                if not polygon.intersects(shapely.Point(label.x, label.y).buffer(size * 0.6)):
                    out.append(label)
        west, north, east, south = polygon.bounds
        x, y = (west + east) / 2, (north + south) / 2
        around = ((east + need / 2 + 5, y), (west - need / 2 - 5, y), (x, south + size * 0.9), (x, north - size * 0.9))
        out += [Label(text=words, x=a, y=b, size=size, turn_deg=0, style=style) for a, b in around]
    return out


def _upright(edge: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> float:
    """Angle of a direction, turned so that text does not stand on its head."""
    angle = math.degrees(math.atan2(edge[1], edge[0]))
    if angle > 90:
        angle -= 180
    return angle + 180 if angle <= -90 else angle
