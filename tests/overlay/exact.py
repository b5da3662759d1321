"""Areas by exact rational arithmetic: every double is a fraction, every crossing too. Slow, short, and shares nothing with the kernel."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import combinations

import shapely

Edge = tuple[Fraction, Fraction, Fraction, Fraction, int]  # x1 < x2; +1 where the interior lies above


def exact_area(shapes: Sequence[shapely.Geometry], counts: Callable[[list[bool]], bool]) -> Fraction:
    """The area of all places that count; `counts` is told for each shape whether the place lies in it.

    Between two neighbouring places where an edge begins, ends or crosses another, the edges stand in one order and bound trapezoids.
    """
    edges = [(edge, k) for k, shape in enumerate(shapes) for edge in _edges(shape)]
    stops = {x for (x1, _, x2, _, _), _ in edges for x in (x1, x2)}
    for (e, _), (f, _) in combinations(edges, 2):
        left, right = max(e[0], f[0]), min(e[2], f[2])
        if left < right:
            gap, then = _height(e, left) - _height(f, left), _height(e, right) - _height(f, right)
            if gap * then < 0:
                stops.add(left + (right - left) * gap / (gap - then))
    total, order = Fraction(0), sorted(stops)
    for left, right in zip(order, order[1:], strict=False):
        middle, wind, below = (left + right) / 2, [0] * len(shapes), None
        live = sorted((_height(e, middle), e[4], k) for e, k in edges if e[0] <= left and e[2] >= right)
        for height, sign, k in live:
            if below is not None and counts([w > 0 for w in wind]):
                total += (height - below) * (right - left)
            wind[k] += sign
            below = height
    return total


def exact_overlap(a: shapely.Geometry, b: shapely.Geometry) -> float:
    """area(A ∩ B), rounded once."""
    return float(exact_area([a, b], all))


def exact_covered(a: shapely.Geometry, layer: Sequence[shapely.Geometry]) -> float:
    """How much of A the features of a layer cover together, rounded once."""
    return float(exact_area([a, *layer], lambda inside: inside[0] and any(inside[1:])))


def _edges(shape: shapely.Geometry) -> list[Edge]:
    out = []
    for part in shapely.get_parts(shapely.orient_polygons(shape)):
        for ring in (part.exterior, *part.interiors):
            points = [(Fraction(x), Fraction(y)) for x, y in ring.coords]
            for (x1, y1), (x2, y2) in zip(points, points[1:], strict=False):
                if x1 < x2:
                    out.append((x1, y1, x2, y2, 1))
                elif x2 < x1:
                    out.append((x2, y2, x1, y1, -1))
    return out


def _height(e: Edge, x: Fraction) -> Fraction:
    return e[1] + (e[3] - e[1]) * (x - e[0]) / (e[2] - e[0])
