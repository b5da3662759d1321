"""Where the number and verdict of each parcel stand, and what layer labels must keep clear of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from xygis.cartography.lettering import Room
from xygis.cartography.scene import Marked, Scene
from xygis.cartography.svg import text_width

MOST_PILLS = 30  # parcels that are labelled on one map
PILL_TEXT = 13.5
LEAST_PX = 12.0  # a conflict that would be smaller is drawn as a ring of this size


@dataclass(frozen=True, slots=True, kw_only=True)
class Pill:
    """A rounded plate with its middle at (x, y), 2 × half wide; tie: the point of the parcel that it is tied to."""

    x: float
    y: float
    half: float
    colour: str
    tie: tuple[float, float] | None


def place_dot(parcel: Marked, scene: Scene, room: Room) -> Pill:
    """Only the number, on a map that shows where the parcels lie."""
    shape = scene.frame.page(np.array([parcel.geometry], dtype=object))[0]
    mid = shapely.centroid(shape)
    spots = [
        (mid.x + dx, mid.y + dy) for dx, dy in ((0, 0), (16, -16), (-16, -16), (16, 16), (-16, 16), (30, 0), (-30, 0), (0, -30), (0, 30))
    ]
    x, y = next((spot for spot in spots if _free(spot, 8, room, high=9)), spots[0])
    room.block((x - 10, y - 10, x + 10, y + 10))
    colour = scene.styles[f"verdict/{parcel.verdict.value}"].line or "#111111"
    return Pill(x=x, y=y, half=10, colour=colour, tie=None if (x, y) == spots[0] else (float(mid.x), float(mid.y)))


def place_pill(parcel: Marked, scene: Scene, room: Room) -> Pill:
    """Inside a large parcel, otherwise next to it, off the pills that stand already and off other parcels."""
    words, verdict = parcel.verdict.label, scene.styles[f"verdict/{parcel.verdict.value}"]
    half = (text_width(words, PILL_TEXT) + 36) / 2
    shape = scene.frame.page(np.array([parcel.geometry], dtype=object))[0]
    west, north, east, south = (float(v) for v in shapely.bounds(shape))
    inner = shapely.point_on_surface(shape)
    mid = (inner.x, inner.y)
    torn = any(c.parcel == parcel.number and c.severe for c in scene.conflicts)  # what is in conflict stays in sight
    fits = east - west > 4 * half and south - north > 90 and not torn
    around = [(east + half + 8, mid[1]), (mid[0], south + 24), (mid[0], north - 24), (west - half - 8, mid[1])]
    spots = [mid, *around] if fits else around
    spots += [(mid[0] + dx * (half + 8), mid[1] + dy * 34) for dy in (-1, 1, -2, 2, -3, 3) for dx in (0, 1, -1)]
    others = [scene.frame.page(np.array([p.geometry], dtype=object))[0] for p in scene.parcels if p is not parcel]
    free = [spot for spot in spots if _free(spot, half, room)]
    clear = (
        spot
        for spot in free
        if not any(shapely.box(spot[0] - half, spot[1] - 15, spot[0] + half, spot[1] + 15).intersects(o) for o in others)
    )
    x, y = next(clear, free[0] if free else spots[0])
    room.block((x - half - 2, y - 16, x + half + 2, y + 16))
    point = shapely.Point(x, y)
    edge = None if point.within(shape) else shapely.get_coordinates(shapely.shortest_line(shape, point))[0]
    return Pill(x=x, y=y, half=half, colour=verdict.line or "#111111", tie=None if edge is None else (float(edge[0]), float(edge[1])))


def _free(spot: tuple[float, float], half: float, room: Room, *, high: float = 16) -> bool:
    x, y = spot
    west, north, east, south = x - half - 2, y - high, x + half + 2, y + high
    inside = west > 3 and north > 3 and east < room.width - 3 and south < room.height - 20
    return inside and not any(shapely.box(west, north, east, south).intersects(other) for other in room.taken)


def keep_parcels_clear(scene: Scene, room: Room) -> None:
    """Layer labels stay off the outlines of parcels; inside a large one they may stand."""
    for parcel in scene.parcels:
        shape = scene.frame.page(np.array([parcel.geometry], dtype=object))[0]
        small = shape.area < 0.12 * room.width * room.height
        room.taken.append(shapely.buffer(shape if small else shapely.boundary(shape), 4))
    for conflict in scene.conflicts:
        if conflict.severe or conflict.sliver:
            shape = scene.frame.page(np.array([conflict.geometry], dtype=object))[0]
            room.taken.append(shapely.buffer(shape, 3 if shape.length > 3 * LEAST_PX else LEAST_PX))
