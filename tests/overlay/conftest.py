"""The fixture that makes a bed: a layer of a few features, prepared."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
import shapely

from tests.overlay.beds import CRS, PLANE, Bed, Maker, at, declare, write_gpkg
from xygis.geodesy.plane import Plane
from xygis.overlay.prepare import prepare


@pytest.fixture
def lay(tmp_path: Path) -> Maker:
    """Makes a bed of features (in metres from the origin, unless a CRS is named) and columns."""

    def make(
        features: Sequence[shapely.Geometry],
        *,
        crs: str | None = None,
        plane: Plane | None = None,
        geometry: str = "polygon",
        accuracy_m: float | None = None,
        **columns: Sequence[object],
    ) -> Bed:
        drawn = [at(g) for g in features] if crs is None else list(features)
        path = write_gpkg(tmp_path / "bed.gpkg", drawn, columns, crs or CRS)
        layer = declare(path, crs=crs or CRS, geometry=geometry, accuracy_m=accuracy_m)
        plane = plane or (PLANE if crs is None else Plane())
        return Bed(layer=layer, prepared=prepare(layer, plane, "sha"), plane=plane)

    return make
