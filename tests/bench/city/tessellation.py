"""Patches that share wiggly borders exactly: the ground of farmland, forest, mineral and both land use maps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

X0, Y0 = 37_460_000.0, 2_520_000.0  # south-west corner of the city in EPSG:4525: zone-prefixed easting, northing
_BLOCK = 2_000_000  # edges that are drawn at a time, so that the largest city fits into memory

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Geometries = NDArray[np.object_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tessellation:
    """Jittered quads; cell k stands in row k // nx. The outer border is straight, so tessellations tile side by side."""

    nx: int
    ny: int
    xy: Floats  # (n, 2): every edge's vertices, both ends included
    start: Ints  # where each edge begins in xy; horizontal edges first, then vertical ones
    horizontal: int  # how many edges are horizontal
    cx: Floats  # centres of the cells
    cy: Floats
    cell: tuple[float, float]  # width and height before jitter, m

    def polygons(self, cells: NDArray[np.integer]) -> Geometries:
        """Polygons of the given cells, outer ring anticlockwise from the south-west corner."""
        cells = np.asarray(cells, np.int64)
        row, column = cells // self.nx, cells % self.nx
        bottom, top = row * self.nx + column, (row + 1) * self.nx + column
        left = self.horizontal + row * (self.nx + 1) + column
        edges = np.c_[bottom, left + 1, top, left].ravel()
        length = self.start[edges + 1] - self.start[edges] - 1  # the last vertex is the next edge's first
        forward = np.tile([True, True, False, False], len(cells))
        first = np.where(forward, self.start[edges], self.start[edges + 1] - 1)
        one = np.ones(len(cells), np.int64)  # the ring is closed with its first vertex
        first = np.c_[first.reshape(-1, 4), self.start[bottom]].ravel()
        length = np.c_[length.reshape(-1, 4), one].ravel()
        step = np.c_[np.where(forward, 1, -1).reshape(-1, 4), one].ravel()
        place = np.arange(length.sum()) - np.repeat(np.r_[0, np.cumsum(length)[:-1]], length)
        index = np.repeat(first, length) + place * np.repeat(step, length)
        rings = np.r_[0, np.cumsum(length.reshape(-1, 5).sum(1))]
        made = shapely.from_ragged_array(shapely.GeometryType.POLYGON, self.xy[index], (rings, np.arange(len(cells) + 1)))
        return np.asarray(made)


def tessellate(
    rng: np.random.Generator,
    corner: tuple[float, float],
    size: tuple[float, float],
    cells: tuple[int, int],
    *,
    median: float,
    sigma: float = 1.0,
    cap: int = 400,
) -> Tessellation:
    """A rectangle of nx × ny cells. Inner vertices an edge are log-normal: `median`, `sigma`, at most `cap`."""
    (x0, y0), (w, h), (nx, ny) = corner, size, cells
    gx, gy = np.meshgrid(np.linspace(0, w, nx + 1), np.linspace(0, h, ny + 1))
    jitter = rng.uniform(-0.2, 0.2, (2, ny + 1, nx + 1))
    jitter[0][:, [0, -1]] = 0
    jitter[1][[0, -1], :] = 0
    vx, vy = x0 + gx + jitter[0] * w / nx, y0 + gy + jitter[1] * h / ny
    a = np.c_[np.r_[vx[:, :-1].ravel(), vx[:-1].ravel()], np.r_[vy[:, :-1].ravel(), vy[:-1].ravel()]]
    b = np.c_[np.r_[vx[:, 1:].ravel(), vx[1:].ravel()], np.r_[vy[:, 1:].ravel(), vy[1:].ravel()]]
    horizontal, m = (ny + 1) * nx, len(a)
    inner = np.minimum(np.exp(rng.normal(np.log(median), sigma, m)).astype(np.int64), cap)
    start = np.r_[0, np.cumsum(inner + 2)]
    return Tessellation(
        nx=nx,
        ny=ny,
        xy=_edges(rng, a, b, start, _border(nx, ny)),
        start=start,
        horizontal=horizontal,
        cx=(0.25 * (vx[:-1, :-1] + vx[1:, :-1] + vx[:-1, 1:] + vx[1:, 1:])).ravel(),
        cy=(0.25 * (vy[:-1, :-1] + vy[1:, :-1] + vy[:-1, 1:] + vy[1:, 1:])).ravel(),
        cell=(w / nx, h / ny),
    )


def smooth(rng: np.random.Generator, x: Floats, y: Floats, scale_m: float) -> Floats:
    """Low-frequency random field in about [-1, 1]."""
    out = np.zeros(np.shape(x))
    for _ in range(6):
        a, w, p = rng.uniform(0, 2 * np.pi), rng.uniform(0.5, 1.5) / scale_m, rng.uniform(0, 2 * np.pi)
        out += np.cos(2 * np.pi * w * ((x - X0) * np.cos(a) + (y - Y0) * np.sin(a)) + p)
    return out / np.sqrt(6)


def _border(nx: int, ny: int) -> NDArray[np.bool_]:
    """Which edges lie on the outer border."""
    flat = np.zeros((ny + 1, nx), bool)
    flat[[0, -1]] = True
    upright = np.zeros((ny, nx + 1), bool)
    upright[:, [0, -1]] = True
    return np.r_[flat.ravel(), upright.ravel()]


def _edges(rng: np.random.Generator, a: Floats, b: Floats, start: Ints, border: NDArray[np.bool_]) -> Floats:
    """Vertices of all edges from a to b: three sine waves across the straight line, rounded to 0.1 mm."""
    m = len(a)
    phase, swing = rng.uniform(0, 2 * np.pi, (3, m)), rng.uniform(0.2, 1, (3, m)) * ~border
    xy = np.empty((start[-1], 2))
    for first in range(0, m, _BLOCK):
        last = min(first + _BLOCK, m)
        count = np.diff(start[first : last + 1])
        edge = np.repeat(np.arange(first, last), count)
        t = (np.arange(start[first], start[last]) - start[edge]) / (count[edge - first] - 1)
        d = np.zeros(len(t))
        for k in range(3):
            d += (swing[k] * 0.035 / (k + 1))[edge] * np.sin((2 * k + 2) * np.pi * t + phase[k][edge])
        inner = (t > 0) & (t < 1) & ~border[edge]
        noise = rng.uniform(-0.05, 0.05, len(t))
        d = d * np.sin(np.pi * t) + noise * np.sin(np.pi * t) / (count[edge - first] - 1)
        d[~inner] = 0
        dx, dy = (b[:, 0] - a[:, 0])[edge], (b[:, 1] - a[:, 1])[edge]
        xy[start[first] : start[last]] = np.round(np.c_[a[edge, 0] + t * dx - d * dy, a[edge, 1] + t * dy + d * dx], 4)
    return xy
