"""The numbers of `coverage` in numpy alone, where nothing is compiled; an independent way to the same shares."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from xygis.geodesy.ellipsoid import Floats
from xygis.overlay.prepared import Ints

if TYPE_CHECKING:
    from xygis.overlay.coverage import Outlines, Tile

LEAST_SHARE = 1e-9  # of a cell: what is smaller is rounding


def cell_shares(shapes: Outlines, i: int, tile: Tile) -> Floats:
    """(rows, cols) the covered share of every cell of a tile, 0 to 1."""
    out = np.zeros((tile.rows, tile.cols))
    rows, cols, shares = _window(shapes, i, tile)
    out[rows, cols] = shares
    return out


def cell_statistics(shapes: Outlines, chosen: Ints, tile: Tile, values: Floats, threshold: float) -> Floats:
    """(k, 6) as `coverage.cell_statistics`."""
    out = np.empty((len(chosen), 6))
    for n, i in enumerate(chosen.tolist()):
        rows, cols, shares = _window(shapes, i, tile)
        here = values[rows, cols]
        known = np.isfinite(here) & (shares > 0.0)
        v, w = here[known], shares[known]
        low, high = (v.min(), v.max()) if len(v) else (np.inf, -np.inf)
        out[n] = w.sum(), shares.sum() - w.sum(), (w * v).sum(), low, high, w[v >= threshold].sum()
        if known.sum() == (shares > 0.0).sum():
            out[n, 1] = 0.0
    return out


def class_weights(shapes: Outlines, chosen: Ints, tile: Tile, numbers: NDArray[np.int32], classes: int) -> Floats:
    """(k, classes + 1) as `coverage.class_weights`."""
    out = np.empty((len(chosen), classes + 1))
    for n, i in enumerate(chosen.tolist()):
        rows, cols, shares = _window(shapes, i, tile)
        here = numbers[rows, cols]
        number = np.where((here >= 0) & (here < classes), here, classes)
        out[n] = np.bincount(number.ravel(), shares.ravel(), classes + 1)
    return out


def _window(shapes: Outlines, i: int, tile: Tile) -> tuple[slice, slice, Floats]:
    """Rows and columns of the tile that polygon i may meet, and the shares of their cells.

    Every edge is cut where it crosses a border of cells, so that each piece lies in one cell: it covers what lies right of
    it in that cell, and all of its height in the cells further right. Summed along a row, these make up the shares.
    """
    west, top, east, bottom = shapes.bounds[i]
    left, right = (int(v) for v in np.clip([np.floor(west), np.ceil(east)], tile.col, tile.col + tile.cols))
    first, last = (int(v) for v in np.clip([np.floor(top), np.ceil(bottom)], tile.row, tile.row + tile.rows))
    rows, cols = last - first, right - left
    where = slice(first - tile.row, last - tile.row), slice(left - tile.col, right - tile.col)
    if rows <= 0 or cols <= 0:
        return *where, np.zeros((max(rows, 0), max(cols, 0)))
    start, end = shapes.rings[shapes.polygons[i]], shapes.rings[shapes.polygons[i + 1]]
    xy = shapes.xy[start:end] - (left, first)
    edges = np.ones(len(xy) - 1, bool)
    edges[shapes.rings[shapes.polygons[i] + 1 : shapes.polygons[i + 1]] - start - 1] = False  # none from one ring to the next
    a, step = xy[:-1][edges], np.diff(xy, axis=0)[edges]
    edge, t = _cuts(a, step, (cols, rows))
    piece = edge[1:] == edge[:-1]
    edge, t0, t1 = edge[1:][piece], t[:-1][piece], t[1:][piece]
    middle = a[edge] + step[edge] * ((t0 + t1) / 2)[:, None]
    height = step[edge, 1] * (t1 - t0)
    col, row = np.floor(middle[:, 0]).astype(np.int64), np.floor(middle[:, 1]).astype(np.int64)
    inside = (row >= 0) & (row < rows) & (col < cols)
    col, row, x, height = col[inside], row[inside], middle[inside, 0], height[inside]
    covered = np.where(col < 0, 1.0, 1.0 - (x - col)) * height  # left of the window: the whole row
    place = row * (cols + 1) + np.maximum(col, 0)
    size = rows * (cols + 1)
    added = np.bincount(place, covered, size) + np.bincount(place + 1, height - covered, size)
    shares = np.abs(np.cumsum(added.reshape(rows, cols + 1)[:, :cols], axis=1))
    shares[shares < LEAST_SHARE] = 0.0
    return *where, np.minimum(shares, 1.0)


def _cuts(a: Floats, step: Floats, size: tuple[int, int]) -> tuple[Ints, Floats]:
    """(edge, place along it from 0 to 1) of every end and every crossing with a border of cells, in order."""
    every = np.arange(len(a))
    edges, places = [every, every], [np.zeros(len(a)), np.ones(len(a))]
    for axis in (0, 1):
        from_, to = a[:, axis], a[:, axis] + step[:, axis]
        low = np.maximum(np.ceil(np.minimum(from_, to)), 0.0)
        count = np.maximum(np.minimum(np.floor(np.maximum(from_, to)), size[axis]) - low + 1, 0.0).astype(np.int64)
        count[step[:, axis] == 0.0] = 0
        edge = np.repeat(every, count)
        border = low[edge] + np.arange(len(edge)) - np.repeat(np.cumsum(count) - count, count)
        edges.append(edge)
        places.append(np.clip((border - from_[edge]) / step[edge, axis], 0.0, 1.0))
    edge, place = np.concatenate(edges), np.concatenate(places)
    order = np.lexsort((place, edge))
    return edge[order], place[order]
