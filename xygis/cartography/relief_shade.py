"""Shaded relief under a small-scale sheet, from the elevation raster of the atlas."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xygis.atlas.layer import Layer
from xygis.cartography.frame import Frame
from xygis.errors import LayerUnreadable
from xygis.geodesy.crs import from_geographic, to_geographic
from xygis.geodesy.ellipsoid import Floats
from xygis.overlay.coverage import Tile
from xygis.overlay.raster import cells_of, open_raster

_STEP_PX = 2.0
_MOST_CELLS = 4_000_000
_SUN_DEG, _HEIGHT_DEG = 315.0, 45.0
_EXAGGERATION = 1 / 130_000  # of heights, times the denominator of the scale: hills of 300 m show on a map of 150 km
_LEAST_TIMES, _MOST_TIMES = 1.2, 6.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Shade:
    """light: (rows, columns) from 0 (dark) to 1 (bright) over the frame, not a number where nothing is known. Top row first."""

    layer: Layer
    light: NDArray[np.float64]


def shade(layer: Layer, frame: Frame) -> Shade | None:
    """The relief in a frame, lit from the north-west; None where the raster cannot be read or is too large for a background."""
    if layer.path is None:
        return None
    try:
        raster = open_raster(layer.path, layer.title)
        if raster.cols * raster.rows > _MOST_CELLS:
            return None
        with cells_of(raster) as read:
            cells = read(Tile(col=0, row=0, cols=raster.cols, rows=raster.rows))
    except LayerUnreadable:
        return None
    columns, rows = int(frame.width / _STEP_PX), int(frame.height / _STEP_PX)
    x = frame.west_m + (np.arange(columns) + 0.5) * (frame.east_m - frame.west_m) / columns
    y = frame.north_m - (np.arange(rows) + 0.5) * (frame.north_m - frame.south_m) / rows
    xs, ys = np.meshgrid(x, y)
    lon, lat = to_geographic(frame.crs, xs.ravel(), ys.ravel())
    east, north = from_geographic(raster.crs, lon, lat)
    height = _sampled(cells, (east - raster.origin[0]) / raster.step[0], (north - raster.origin[1]) / raster.step[1])
    times = min(max(frame.scale * _EXAGGERATION, _LEAST_TIMES), _MOST_TIMES)
    return Shade(layer=layer, light=_lit(height.reshape(rows, columns) * times, (frame.east_m - frame.west_m) / columns))


def _sampled(cells: Floats, column: Floats, row: Floats) -> Floats:
    """Bilinear between cell centres; not a number outside."""
    column, row = column - 0.5, row - 0.5
    i, j = np.floor(row).astype(int), np.floor(column).astype(int)
    good = (i >= 0) & (j >= 0) & (i < cells.shape[0] - 1) & (j < cells.shape[1] - 1)
    i, j = np.where(good, i, 0), np.where(good, j, 0)
    a, b = row - i, column - j
    value = (cells[i, j] * (1 - b) + cells[i, j + 1] * b) * (1 - a) + (cells[i + 1, j] * (1 - b) + cells[i + 1, j + 1] * b) * a
    found: Floats = np.where(good, value, np.nan)
    return found


def _lit(height: Floats, step_m: float) -> Floats:
    down, right = np.gradient(height, step_m)
    slope = np.arctan(np.hypot(right, down))
    aspect = np.arctan2(-right, down)  # downhill, clockwise from north
    sun, zenith = np.radians(_SUN_DEG), np.radians(90 - _HEIGHT_DEG)
    light: Floats = np.cos(zenith) * np.cos(slope) + np.sin(zenith) * np.sin(slope) * np.cos(sun - aspect)
    lit: Floats = np.clip(light / np.cos(zenith), 0.0, 1.4) / 1.4
    return lit
