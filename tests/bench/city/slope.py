"""The 10 m raster: slope-like float32, tiled and compressed, with a few holes without data."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.bench.city.geopackage import CRS
from tests.bench.city.tessellation import X0, Y0

_CELL_M = 10.0
_TILE = 256
_NODATA = -9999.0


def write_slope(path: Path, side: float, seed: int) -> None:
    """Needs rasterio. Reaches 1 km beyond the city on every side."""
    import rasterio
    from rasterio.transform import from_origin

    n = int(np.ceil((side + 2000) / _CELL_M))
    north = Y0 + side + 1000
    rng = np.random.default_rng(seed)
    x = X0 - 1000 + (np.arange(n) + 0.5) * _CELL_M
    waves = [(rng.uniform(0, 2 * np.pi), rng.uniform(0.3, 4) / 6000, rng.uniform(0, 6.28)) for _ in range(8)]
    shape = {"height": n, "width": n, "count": 1, "dtype": "float32", "crs": CRS, "nodata": _NODATA}
    packing = {"tiled": True, "blockxsize": _TILE, "blockysize": _TILE, "compress": "deflate", "predictor": 3, "zlevel": 1}
    grid = from_origin(X0 - 1000, north, _CELL_M, _CELL_M)
    with rasterio.open(path, "w", driver="GTiff", transform=grid, **shape, **packing) as raster:
        for row in range(0, n, _TILE):
            k = min(_TILE, n - row)
            y = north - (row + np.arange(k) + 0.5) * _CELL_M
            z = np.zeros((k, n))
            for a, w, p in waves:  # cos(u + v) expanded: outer products only
                u, v = 2 * np.pi * w * np.cos(a) * (x - X0), 2 * np.pi * w * np.sin(a) * (y - Y0) + p
                z += np.cos(v)[:, None] * np.cos(u) - np.sin(v)[:, None] * np.sin(u)
            z = np.round(np.abs(z) * 7 + rng.random((k, n)), 2).astype("float32")
            if (row // _TILE) % 7 == 3:
                z[40:70, n // 3 : n // 3 + 60] = _NODATA
            raster.write(z, 1, window=((row, row + k), (0, n)))
