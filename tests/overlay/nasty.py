"""Shapes on a coarse grid, where everything that is rare in drawings is frequent: shared edges, T-junctions, vertices on edges,
spikes, holes that touch their shell, islands in holes, identical polygons, and gaps of a nanometre beside them.
"""

from __future__ import annotations

import math

import numpy as np
import shapely
from hypothesis import strategies as st
from shapely.geometry import MultiPolygon, Polygon, box

GRID = (0.0, 10.0, 20.0, 30.0, 40.0, 50.0, 60.0)
ODD = (10.5, 33.333, 29.9995, 30.001, 0.1 + 0.2)  # half a millimetre and a millimetre beside the grid, and what no grid holds
HAIR = (30.0 + 1e-9, 20.0 - 1e-9)

drawn = st.sampled_from(GRID + ODD)
hairy = st.sampled_from(GRID + ODD + HAIR)


@st.composite
def polygons(draw: st.DrawFn, at: st.SearchStrategy[float] = hairy) -> shapely.Geometry:
    """A valid polygon or multipolygon with an area."""
    kind = draw(st.sampled_from(["box", "hull", "holed", "ring and island", "spike", "strip", "stairs"]))
    x, y = draw(at), draw(at)
    if kind == "hull":
        points = draw(st.lists(st.tuples(at, at), min_size=3, max_size=6, unique=True))
        hull = shapely.convex_hull(shapely.MultiPoint(points))
        if isinstance(hull, Polygon) and hull.area > 1e-3:
            return hull
    if kind == "holed":  # the hole touches the shell in a corner
        outer = Polygon([(x, y), (x + 30, y), (x + 40, y + 30), (x, y + 20)])
        return Polygon(outer.exterior, [[(x, y), (x + 10, y + 5), (x + 5, y + 10)]])
    if kind == "ring and island":
        ring = box(x, y, x + 30, y + 30).difference(box(x + 5, y + 5, x + 25, y + 25))
        return MultiPolygon([ring, box(x + 10, y + 10, x + 20, y + 20)])
    if kind == "spike":  # a tenth of a millimetre wide at its foot, 40 m long
        return Polygon([(x, y), (x + 10, y), (x + 10, y + 10), (x + 5.00005, y + 10), (x + 5, y + 50), (x + 4.99995, y + 10), (x, y + 10)])
    if kind == "strip":
        width, length = draw(st.sampled_from([1e-4, 5e-4, 0.01, 0.1, 0.3, 2.0])), draw(st.sampled_from([5.0, 20.0, 50.0]))
        return box(x, y, x + length, y + width) if draw(st.booleans()) else box(x, y, x + width, y + length)
    if kind == "stairs":
        return Polygon(
            [(x, y), (x + 30, y), (x + 30, y + 10), (x + 20, y + 10), (x + 20, y + 20), (x + 10, y + 20), (x + 10, y + 30), (x, y + 30)]
        )
    return box(x, y, x + draw(st.sampled_from([10.0, 20.0, 0.7])), y + draw(st.sampled_from([10.0, 30.0])))


def star(rng: np.random.Generator, vertices: int, radius: float, *, hole: bool = False, depth: float | None = None) -> Polygon:
    """A ragged polygon round (0, 0), with a ragged hole where wanted; valid, because its rays never turn back.

    depth: of its notches, as a share of the radius; by default about as deep as they are wide.
    """
    turn = np.arange(vertices) * (2 * math.pi / vertices)

    def ring(reach: np.ndarray[tuple[int], np.dtype[np.float64]]) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
        return np.column_stack([reach * np.cos(turn), reach * np.sin(turn)])

    depth = min(0.5, 20 / vertices) if depth is None else depth
    outer = radius * (1 - depth * rng.random(vertices))
    return Polygon(ring(outer), [ring(outer * 0.6)] if hole else None)


def needle(rng: np.random.Generator) -> Polygon:
    """From a nanometre to a metre wide, up to 100 m long; steep, flat, slanting, or a hair beside steep and flat."""
    width, length, middle = 10.0 ** rng.uniform(-9, 0), rng.uniform(10, 100), rng.random(2) * 60
    turn = rng.choice([0, math.pi / 2, 1e-9, math.pi / 2 + 1e-9, rng.random() * 7])
    along = np.array([math.cos(turn), math.sin(turn)])
    across = np.array([-along[1], along[0]]) * width
    tip = middle + along * length
    ends = [tip] if rng.random() < 0.5 else [tip + across, tip - across]
    return shapely.orient_polygons(Polygon([middle - across, middle + across, *ends]))


def comb(teeth: int, pitch: float = 2.0, height: float = 10.0) -> Polygon:
    """A back one metre high with teeth half a pitch wide on it: 4 vertices a tooth, and an area that anybody can work out."""
    left = np.arange(teeth) * pitch
    width = pitch / 2
    tops = np.stack(
        [np.column_stack([left, np.full(teeth, h)]) + (d, 0) for h, d in ((1, 0), (1 + height, 0), (1 + height, width), (1, width))], 1
    )
    points = np.vstack([[(0.0, 0.0)], tops.reshape(-1, 2), [(left[-1] + width, 0.0)]])
    return Polygon(points)
