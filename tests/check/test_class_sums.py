"""How much of each class lies under every parcel: the sums that planners read first, against shapely."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest
import shapely
from shapely.geometry import box

from tests.overlay.beds import PLANE, at, declare, write_gpkg
from xygis.intake.submission import Parcel
from xygis.overlay.class_sums import class_sums
from xygis.overlay.sheet import lay_sheet
from xygis.overlay.store import LayerStore


def test_classes_add_up_to_what_shapely_measures(tmp_path: Path) -> None:
    """Random parcels over a patchwork of three classes, one patch without a class."""
    rng = np.random.default_rng(7)
    fields = [box(x, y, x + 30, y + 30) for x in range(0, 300, 30) for y in range(0, 300, 30)]
    codes = [None if i == 5 else ["0101", "0301", "0702"][i % 3] for i in range(len(fields))]
    layer = declare(write_gpkg(tmp_path / "zones.gpkg", [at(f) for f in fields], {"GHFQDM": codes}, "EPSG:4546"))
    corners = rng.uniform(0, 250, (40, 2))
    shapes = [at(shapely.affinity.rotate(box(x, y, x + 45, y + 20), 17 * i)) for i, (x, y) in enumerate(corners.tolist())]
    parcels = [Parcel(name=str(i), geometry=s, crs="EPSG:4546", declared_m2=None) for i, s in enumerate(shapes)]
    found = class_sums(lay_sheet(parcels, PLANE), LayerStore(tmp_path / "cache").get(layer, PLANE), "zone")
    expected: dict[tuple[int, str], float] = defaultdict(float)
    for i, shape in enumerate(shapes):
        for field, code in zip(fields, codes, strict=True):
            expected[i, code or ""] += shapely.intersection(shape, at(field)).area
    got = dict(zip(zip(found.parcel.tolist(), found.classes, strict=True), found.overlap_m2.tolist(), strict=True))
    assert {k for k, v in expected.items() if v > 1e-6} == set(got)
    for key, area in got.items():
        assert expected[key] == pytest.approx(area, abs=1e-6)
