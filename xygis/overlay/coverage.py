"""How much of every raster cell a polygon covers, exactly, and statistics of cells weighted by it: compiled, else in numpy."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from xygis.geodesy.ellipsoid import Floats
from xygis.overlay.kernel.library import library
from xygis.overlay.prepared import Geometries, Ints

STATISTICS = ("weight", "without", "sum", "least", "greatest", "above")  # columns of `cell_statistics`


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """A window of a raster, in its cells."""

    col: int
    row: int
    cols: int
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlines:
    """Polygons in cells of a raster: x counts columns and y rows, both from the raster's first corner.

    xy (n, 2), rings closed, shells one way round and holes the other; ring k is xy[rings[k]:rings[k+1]], polygon i has the
    rings polygons[i]:polygons[i+1]. bounds (p, 4): first column, first row, last column, last row, unrounded.
    """

    xy: Floats
    rings: Ints
    polygons: Ints
    bounds: Floats
    cells: Floats  # size of each polygon, in cells

    def __len__(self) -> int:
        return len(self.cells)


def outlines(polygons: Geometries, origin: tuple[float, float], step: tuple[float, float]) -> Outlines:
    """Polygons or multipolygons in the raster's system, none empty, as `Outlines`.

    origin: the raster's first corner; step: width and height of a cell, signed (a north-up raster has a negative height).
    """
    _, xy, offsets = shapely.to_ragged_array(shapely.orient_polygons(polygons))
    rings, parts = offsets[0].astype(np.int64), offsets[1].astype(np.int64)
    owned = parts[offsets[2].astype(np.int64)] if len(offsets) == 3 else parts
    cells = np.ascontiguousarray((xy - origin) / step)
    first = rings[owned[:-1]]
    low, high = np.minimum.reduceat(cells, first), np.maximum.reduceat(cells, first)
    return Outlines(
        xy=cells,
        rings=rings,
        polygons=owned,
        bounds=np.hstack([low, high]),
        cells=shapely.area(polygons) / abs(step[0] * step[1]),
    )


def cell_shares(shapes: Outlines, i: int, tile: Tile) -> Floats:
    """(rows, cols) the covered share of every cell of a tile, 0 to 1."""
    compiled = library()
    if compiled is None:
        from xygis.overlay import coverage_plain

        return coverage_plain.cell_shares(shapes, i, tile)
    out, scratch = np.zeros((tile.rows, tile.cols)), _scratch(tile)
    compiled.xygis_cell_shares(*_polygons(shapes), ctypes.c_int64(i), _tile(tile), _pointer(scratch), _pointer(out))
    return out


def cell_statistics(shapes: Outlines, chosen: Ints, tile: Tile, values: Floats, threshold: float) -> Floats:
    """(k, 6) statistics of the polygons `chosen` over one tile, in the order of STATISTICS.

    values (rows, cols); cells that are not finite have no data. least and greatest are inf and -inf where nothing has data.
    above: weight of the cells at or above the threshold.
    """
    compiled = library()
    if compiled is None:
        from xygis.overlay import coverage_plain

        return coverage_plain.cell_statistics(shapes, chosen, tile, values, threshold)
    out = np.empty((len(chosen), len(STATISTICS)))
    values, scratch = np.ascontiguousarray(values, np.float64), _scratch(tile)
    compiled.xygis_cell_statistics(
        *_polygons(shapes),
        _pointer(chosen),
        ctypes.c_int64(len(chosen)),
        _tile(tile),
        _pointer(values),
        ctypes.c_double(threshold),
        _pointer(scratch),
        _pointer(out),
    )
    return out


def class_weights(shapes: Outlines, chosen: Ints, tile: Tile, numbers: NDArray[np.int32], classes: int) -> Floats:
    """(k, classes + 1) weight of every class under the polygons `chosen`; the last column is what has no data.

    numbers (rows, cols): the number of each cell's class, -1 where it has none.
    """
    compiled = library()
    if compiled is None:
        from xygis.overlay import coverage_plain

        return coverage_plain.class_weights(shapes, chosen, tile, numbers, classes)
    out = np.empty((len(chosen), classes + 1))
    numbers, scratch = np.ascontiguousarray(numbers, np.int32), _scratch(tile)
    compiled.xygis_class_weights(
        *_polygons(shapes),
        _pointer(chosen),
        ctypes.c_int64(len(chosen)),
        _tile(tile),
        _pointer(numbers),
        ctypes.c_int64(classes),
        _pointer(scratch),
        _pointer(out),
    )
    return out


def _polygons(shapes: Outlines) -> tuple[ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p]:
    return _pointer(shapes.xy), _pointer(shapes.rings), _pointer(shapes.polygons)


def _tile(tile: Tile) -> ctypes.Array[ctypes.c_int64]:
    return (ctypes.c_int64 * 4)(tile.col, tile.row, tile.cols, tile.rows)


def _scratch(tile: Tile) -> Floats:
    return np.zeros(tile.rows * (tile.cols + 1))


def _pointer(array: NDArray[np.float64] | Ints | NDArray[np.int32]) -> ctypes.c_void_p:
    """Where an array lies; the caller keeps it alive."""
    return ctypes.c_void_p(array.ctypes.data)
