"""The relief: elevations invented over the hills, rivers and plains of the guide, as a small GeoTIFF. No measured height is in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import shapely
from scipy.ndimage import distance_transform_edt

from tests.reference_atlas.ground import Guide
from tests.reference_atlas.plane import to_degrees, to_plane

STEP_DEG = 0.0025
CELL_M = (277.0, 236.0)  # about: north to south, west to east
NO_DATA = -32768
_SEED = 420600 + 27
_MARGIN_M = 3000  # beyond the prefecture, so that slopes reach its border
# What is higher inside: (guide shape, rise in m, over how many metres from its border)
_RISES = (
    *(("foot", 130, 2600), ("slope", 330, 3600), ("crest", 620, 5200), ("荆山", 60, 3000)),
    *(("岘山", 270, 900), ("隆中", 230, 900), ("鹿门山", 300, 1100)),
)
_UPLAND = ("鄂北岗地", 55, 5000)


def write_relief(path: Path, g: Guide) -> None:
    """Metres as whole numbers, EPSG:4490, a cell of 0.0025°; no data beyond the margin."""
    import rasterio
    from rasterio.transform import Affine

    west, south, east, north = shapely.bounds(to_degrees(shapely.buffer(g.prefecture, _MARGIN_M)))
    left, top = np.floor(west / STEP_DEG) * STEP_DEG, np.ceil(north / STEP_DEG) * STEP_DEG
    cols, rows = int(np.ceil((east - left) / STEP_DEG)), int(np.ceil((top - south) / STEP_DEG))
    lon, lat = np.meshgrid(left + STEP_DEG * (np.arange(cols) + 0.5), top - STEP_DEG * (np.arange(rows) + 0.5))
    xy = shapely.get_coordinates(to_plane(shapely.points(lon.ravel(), lat.ravel())))
    height = _heights(g, xy, (rows, cols))
    path.unlink(missing_ok=True)
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=cols,
        height=rows,
        count=1,
        dtype="int16",
        crs="EPSG:4490",
        nodata=NO_DATA,
        transform=Affine(STEP_DEG, 0.0, round(float(left), 4), 0.0, -STEP_DEG, round(float(top), 4)),
        tiled=True,
        blockxsize=256,
        blockysize=256,
        compress="lzw",
        predictor=2,
    ) as data:
        data.write(height, 1)


def _heights(g: Guide, xy: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    def depth_m(geometry: Any) -> np.ndarray:
        """How far inside the shape each cell lies; 0 outside."""
        shapely.prepare(geometry)
        return distance_transform_edt(shapely.contains_xy(geometry, xy).reshape(shape), sampling=CELL_M)

    rng = np.random.default_rng(_SEED)
    ridges = 1.0 - np.abs(0.6 * _waves(xy, 7500, rng) + 0.22 * _waves(xy, 2600, rng)).reshape(shape)
    ridges += 0.07 * _waves(xy, 1300, rng).reshape(shape)
    rise = sum(m * (1 - np.exp(-depth_m(g.hills[name]) / over)) for name, m, over in _RISES)
    valley = distance_transform_edt(~shapely.contains_xy(shapely.union_all(list(g.rivers.values())), xy).reshape(shape), sampling=CELL_M)
    hills = rise * np.clip(ridges, 0.05, None) * np.minimum(1.0, 0.25 + valley / 2400)
    name, m, over = _UPLAND
    rolling = (1 - np.exp(-depth_m(g.hills[name]) / over)) * (m + 18 * _waves(xy, 3600, rng).reshape(shape))
    plain = 66 + (640_000 - xy[:, 0].reshape(shape)) * 2.2e-4 + 3 * _waves(xy, 9000, rng).reshape(shape)
    inside = shapely.buffer(g.prefecture, _MARGIN_M)
    shapely.prepare(inside)
    height = np.round(np.maximum(plain, 45) + rolling + hills)
    return np.where(shapely.contains_xy(inside, xy).reshape(shape), height, NO_DATA).astype(np.int16)


def _waves(xy: np.ndarray, length_m: float, rng: np.random.Generator) -> np.ndarray:
    """Soft noise of about -1 to 1: plane waves of about this length in a dozen directions."""
    out = np.zeros(len(xy))
    for turn, phase, stretch in rng.uniform([0, 0, 0.8], [2 * np.pi, 2 * np.pi, 1.3], (12, 3)).tolist():
        k = 2 * np.pi / (length_m * stretch)
        out += np.sin(k * (np.cos(turn) * xy[:, 0] + np.sin(turn) * xy[:, 1]) + phase)
    return out / 3.5
