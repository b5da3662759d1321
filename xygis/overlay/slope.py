"""Slope of a surface of elevations: Horn's method over the eight neighbours, cells measured in true metres."""

from __future__ import annotations

import numpy as np

from xygis.geodesy.crs import to_geographic
from xygis.geodesy.ellipsoid import Floats
from xygis.overlay.coverage import Tile
from xygis.overlay.raster import Raster

_A_M = 6_378_137.0  # CGCS2000
_E2 = (2 - 1 / 298.257222101) / 298.257222101


def slope_deg(elevation_m: Floats, width_m: Floats, height_m: Floats) -> Floats:
    """(rows, cols) slope in degrees of a surface given with one cell of margin all round: (rows + 2, cols + 2).

    width_m, height_m (rows,): size of the cells of each row. Not a number where the cell or one of its eight neighbours
    has no data, as at the border of a raster. Source: Horn (1981), Hill shading and the reflectance map, as in gdaldem.
    """
    z = elevation_m
    with np.errstate(invalid="ignore", over="ignore"):  # what overflows is no number, and so no data
        return _horn(z, width_m, height_m)


def _horn(z: Floats, width_m: Floats, height_m: Floats) -> Floats:
    west, east = z[:-2, :-2] + 2 * z[1:-1, :-2] + z[2:, :-2], z[:-2, 2:] + 2 * z[1:-1, 2:] + z[2:, 2:]
    north, south = z[:-2, :-2] + 2 * z[:-2, 1:-1] + z[:-2, 2:], z[2:, :-2] + 2 * z[2:, 1:-1] + z[2:, 2:]
    rise = np.hypot((east - west) / (8 * width_m[:, None]), (north - south) / (8 * height_m[:, None]))
    slope: Floats = np.degrees(np.arctan(rise)) + 0 * z[1:-1, 1:-1]
    return slope


def cell_sizes_m(raster: Raster, tile: Tile) -> tuple[Floats, Floats]:
    """(width, height) in metres on the ellipsoid of the cells of each row, taken in the middle of the tile.

    The same in every coordinate system: a degree of longitude shrinks to the north, and a projected metre is not a metre.
    """
    x = raster.origin[0] + raster.step[0] * (tile.col + tile.cols / 2)
    y = raster.origin[1] + raster.step[1] * (tile.row + 0.5 + np.arange(tile.rows))
    dx, dy = raster.step[0] / 2, raster.step[1] / 2
    xs = np.concatenate([np.full(tile.rows, v) for v in (x - dx, x + dx, x, x)])
    ys = np.concatenate([y, y, y - dy, y + dy])
    lon, lat = (v.reshape(4, -1) for v in to_geographic(raster.crs, xs, ys))
    return _metres(lon[0], lat[0], lon[1], lat[1]), _metres(lon[2], lat[2], lon[3], lat[3])


def _metres(lon0: Floats, lat0: Floats, lon1: Floats, lat1: Floats) -> Floats:
    """Length of a short line between two places in degrees."""
    middle = np.radians((lat0 + lat1) / 2)
    w2 = 1 - _E2 * np.sin(middle) ** 2
    east = np.radians(lon1 - lon0) * np.cos(middle) * _A_M / np.sqrt(w2)
    north = np.radians(lat1 - lat0) * _A_M * (1 - _E2) / w2**1.5
    length: Floats = np.hypot(east, north)
    return length
