"""Makes small GeoTIFFs for tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from numpy.typing import ArrayLike
from rasterio.transform import Affine, from_origin

CORNER = (500_000.0, 3_550_000.0)  # north-west, in the zone of CRS
CRS = "EPSG:4546"  # CGCS2000, central meridian 111° E
CELL_M = 10.0


def write_tif(path: Path, values: ArrayLike, *, crs: str | None = CRS, transform: Affine | None = None, **profile: Any) -> Path:
    """One band (or several, where values are (bands, rows, columns)), cells of 10 m unless a transform is given."""
    cells = np.asarray(values)
    bands = cells if cells.ndim == 3 else cells[None]
    count, rows, cols = bands.shape
    transform = from_origin(*CORNER, CELL_M, CELL_M) if transform is None else transform
    with rasterio.open(
        path, "w", driver="GTiff", height=rows, width=cols, count=count, dtype=cells.dtype, crs=crs, transform=transform, **profile
    ) as data:
        data.write(bands)
    return path
