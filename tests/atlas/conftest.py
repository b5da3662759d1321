"""An empty atlas made from the bundled one, and foreign files to bring into it."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from adopting import Write

from xygis.atlas.bundled import bundled_root
from xygis.atlas.start import start_atlas

DRIVERS = {".shp": "ESRI Shapefile", ".gpkg": "GPKG", ".geojson": "GeoJSON", ".fgb": "FlatGeobuf", ".gdb": "OpenFileGDB"}


@pytest.fixture
def empty_atlas(tmp_path: Path) -> Path:
    """An atlas with every layer of the bundled one declared, and none with data."""
    start_atlas(tmp_path / "图集", empty=True, plane=None, template=bundled_root())
    return tmp_path / "图集"


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """write("甲.shp", geometries, {"BSM": […]}, crs="EPSG:4526"): a file of that format, made by GDAL."""

    def write_file(
        name: str, geometries: Sequence[Any], columns: dict[str, list[Any]] | None = None, crs: str | None = "EPSG:4526", **options: Any
    ) -> Path:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import pyogrio.raw

            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            columns = columns or {"BSM": [str(i) for i in range(1, len(geometries) + 1)]}
            kinds = {g.geom_type.removeprefix("Multi") for g in geometries if g is not None}
            kind = kinds.pop() if len(kinds) == 1 else "Unknown"
            pyogrio.raw.write(
                path,
                geometry=np.array([None if g is None else shapely.to_wkb(g) for g in geometries], dtype=object),
                field_data=[np.array(v, dtype=object if isinstance(v[0], str | None) else None) for v in columns.values()],
                fields=np.array(list(columns)),
                driver=DRIVERS[path.suffix],
                geometry_type=f"Multi{kind}" if any(g is not None and g.geom_type.startswith("Multi") for g in geometries) else kind,
                promote_to_multi=any(g is not None and g.geom_type.startswith("Multi") for g in geometries),
                crs=crs,
                **options,
            )
        return path

    return write_file
