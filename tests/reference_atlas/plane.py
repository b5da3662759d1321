"""The working plane of the maker: Gauss-Krüger, central meridian 111° E, on a grid of 0.01 m, and the way back to degrees."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from xygis.geodesy.crs import from_geographic, to_geographic

CODE = "EPSG:4546"
GRID_M = 0.01


def to_plane(geometry: Any) -> Any:
    """Degrees to plane metres on the grid; a geometry or an array of them."""

    def forward(xy: np.ndarray) -> np.ndarray:
        return np.round(np.column_stack(from_geographic(CODE, xy[:, 0], xy[:, 1])), 2)

    return shapely.transform(geometry, forward)


def to_degrees(geometry: Any) -> Any:
    """Plane metres to degrees with nine decimals; equal points stay equal, so shared borders stay bit-identical."""

    def inverse(xy: np.ndarray) -> np.ndarray:
        return np.round(np.column_stack(to_geographic(CODE, xy[:, 0], xy[:, 1])), 9)

    return shapely.transform(geometry, inverse)


def chaikin(xy: np.ndarray, *, rounds: int, closed: bool) -> np.ndarray:
    """Corners of a line cut `rounds` times. xy: (n, 2), a ring repeats its first point."""
    for _ in range(rounds):
        a, b = xy[:-1], xy[1:]
        cut = np.empty((2 * len(a), 2))
        cut[0::2], cut[1::2] = 0.75 * a + 0.25 * b, 0.25 * a + 0.75 * b
        xy = np.vstack([cut, cut[:1]]) if closed else np.vstack([xy[:1], cut, xy[-1:]])
    return xy


def smooth_polygon(polygon: Any, *, tolerance_m: float, rounds: int = 2) -> Any:
    """A polygon or multipolygon generalised to `tolerance_m` and rounded off."""
    parts = []
    for part in shapely.get_parts(shapely.simplify(polygon, tolerance_m)):
        rings = [shapely.get_coordinates(part.exterior)] + [shapely.get_coordinates(r) for r in part.interiors]
        rings = [chaikin(r, rounds=rounds, closed=True) for r in rings if len(r) > 4]
        if rings:
            parts.append(shapely.make_valid(shapely.Polygon(rings[0], rings[1:])))
    return shapely.set_precision(shapely.union_all(parts), GRID_M)


def smooth_line(points: Any, *, rounds: int = 3) -> Any:
    """A soft line through way points given in metres."""
    return shapely.LineString(np.round(chaikin(np.asarray(points, dtype=float), rounds=rounds, closed=False), 2))


def blob(
    x: float, y: float, radius_m: float, rng: np.random.Generator, *, corners: int = 16, wobble: float = 0.25, flat: float = 1.0
) -> Any:
    """A natural-looking closed shape around a point; `flat` squeezes it from north to south."""
    turn = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    phase = rng.uniform(0, 2 * np.pi, 3)
    r = radius_m * (
        1 + wobble * (0.6 * np.sin(2 * turn + phase[0]) + 0.3 * np.sin(3 * turn + phase[1]) + 0.2 * np.sin(5 * turn + phase[2]))
    )
    xy = np.column_stack([x + r * np.cos(turn), y + flat * r * np.sin(turn)])
    return shapely.Polygon(np.round(xy, 2))


def polygons_of(geometry: Any) -> list[Any]:
    """The polygon parts of anything, lines and points dropped."""
    return [p for p in shapely.get_parts(shapely.get_parts(geometry)) if p.geom_type == "Polygon" and p.area > 0]
