"""Single shapes of the city: fractal blobs with holes, winding strips, rotated rectangles, bow-ties."""

from __future__ import annotations

import numpy as np
import shapely

from tests.bench.city.tessellation import X0, Y0, Floats, Geometries

Rng = np.random.Generator


def ring(rng: Rng, cx: float, cy: float, r: float, n: int, *, rough: float = 0.35) -> Floats:
    """Closed star-shaped ring with a fractal outline; always simple. (n + 1, 2)."""
    theta = 2 * np.pi * (np.arange(n) + rng.uniform(0.1, 0.9, n)) / n
    radius = np.ones(n)
    k = 1
    while k <= min(256, n // 3):
        radius += rough * rng.uniform(0.3, 1) / k**1.1 * np.sin(k * theta + rng.uniform(0, 2 * np.pi)) * 0.6
        k = k + 1 if k < 6 else int(k * 1.7)
    radius = r * np.maximum(radius, 0.25)
    xy = np.round(np.c_[cx + radius * np.cos(theta), cy + radius * np.sin(theta)], 4)
    return np.r_[xy, xy[:1]]


def blob(rng: Rng, cx: float, cy: float, r: float, n: int, holes: int = 0) -> shapely.Polygon:
    """Polygon with `holes` disjoint holes laid on a grid inside its inner disc."""
    shell = ring(rng, cx, cy, r, n)
    inner = 0.66 * np.hypot(shell[:, 0] - cx, shell[:, 1] - cy).min()
    inside = []
    if holes:
        g = int(np.ceil(np.sqrt(holes * 1.5)))
        s = 2 * inner / g
        cells = [(i, j) for i in range(g) for j in range(g) if np.hypot((i + 0.5) * s - inner, (j + 0.5) * s - inner) < inner - 0.7 * s]
        places = np.array(cells or [(0, 0)])
        for i, j in places[rng.permutation(len(places))[:holes]]:
            x, y = cx - inner + (i + 0.5) * s, cy - inner + (j + 0.5) * s
            inside.append(ring(rng, x, y, s * rng.uniform(0.1, 0.24), int(rng.integers(6, 40)), rough=0.2))
    return shapely.Polygon(shell, inside)


def blobs(
    rng: Rng,
    count: int,
    side: float,
    *,
    radius: tuple[float, float],
    vertices: tuple[float, float, int],
    holes: tuple[float, int] = (0.0, 0),
) -> Geometries:
    """radius: median in m and sigma; vertices: median, sigma, cap; holes: how likely, at most how many."""
    out = []
    for _ in range(count):
        cx, cy = X0 + rng.uniform(0, side), Y0 + rng.uniform(0, side)
        n = int(np.clip(rng.lognormal(np.log(vertices[0]), vertices[1]), 8, vertices[2]))
        h = int(rng.integers(1, holes[1] + 1)) if rng.random() < holes[0] else 0
        out.append(blob(rng, cx, cy, rng.lognormal(np.log(radius[0]), radius[1]), n, h))
    return np.array(out, object)


def strip(rng: Rng, side: float, length: float, width: float) -> shapely.Geometry:
    """A river: it may cross itself, hence the buffer, which keeps it valid."""
    step = 25.0
    n = max(3, int(length / step))
    a = rng.uniform(0, 2 * np.pi) + np.cumsum(rng.normal(0, 0.12, n))
    x = X0 + rng.uniform(0, side) + np.cumsum(np.cos(a)) * step
    y = Y0 + rng.uniform(0, side) + np.cumsum(np.sin(a)) * step
    river = shapely.buffer(shapely.linestrings(np.c_[x, y]), width / 2, quad_segs=4)
    return shapely.transform(river, lambda c: np.round(c, 4))


def rect(rng: Rng, cx: float, cy: float, w: float, h: float, *, extra: int = 0, angle: float | None = None) -> shapely.Polygon:
    """Rotated rectangle; `extra` points on its border are moved a little."""
    a = rng.uniform(0, np.pi) if angle is None else angle
    p = np.array([[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.5, 0.5]]) * [w, h]
    if extra:
        t = np.sort(rng.uniform(0, 4, extra))
        k, f = t.astype(int), (t % 1)[:, None]
        q = p[k] * (1 - f) + p[(k + 1) % 4] * f
        q *= 1 + rng.uniform(-0.03, 0.03, (extra, 1))
        order = np.argsort(np.r_[np.arange(4), t], kind="stable")
        p = np.r_[p, q][order]
    p = p @ np.array([[np.cos(a), np.sin(a)], [-np.sin(a), np.cos(a)]]) + [cx, cy]
    p = np.round(p, 4)
    return shapely.polygons(np.r_[p, p[:1]])


def bowtie(cx: float, cy: float, r: float) -> shapely.Polygon:
    """Self-crossing ring with two unequal lobes, inside a disc of radius r."""
    a, b = (cx - r, cy - r * 0.5), (cx + r * 0.7, cy + r * 0.6)
    return shapely.Polygon(np.round([a, b, (cx + r * 0.7, cy - r * 0.6), (cx - r, cy + r * 0.4), a], 4))
