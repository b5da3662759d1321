"""The parcels to be checked: exact copies of patches, copies moved by millimetres, rectangles, blobs, holes, bow-ties."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyogrio.raw
import shapely

from tests.bench.city.geopackage import write
from tests.bench.city.layers import LAYERS
from tests.bench.city.shapes import Rng, blob, bowtie, rect
from tests.bench.city.tessellation import X0, Y0, Geometries, Tessellation


def parcels(out: Path, rng: Rng, factor: float, side: float, ground: Tessellation) -> Geometries:
    """10,000 parcels at M, named P0, P1, … under XMMC."""
    n = int(10_000 * factor)
    kind = rng.random(n)
    hub = rng.uniform(0.1, 0.9, (12, 2)) * side
    made = np.empty(n, object)
    patches = ground.polygons(rng.choice(ground.nx * ground.ny, n, replace=False))
    for i in range(n):
        x, y = hub[rng.integers(12)] + rng.normal(0, side / 14, 2) if rng.random() < 0.6 else rng.uniform(0, side, 2)
        cx, cy = X0 + np.clip(x, 0, side), Y0 + np.clip(y, 0, side)
        area = np.clip(rng.lognormal(np.log(15_000), 1.1), 200, 3e6)
        q = rng.uniform(0.4, 2.5)
        w, h = np.sqrt(area * q), np.sqrt(area / q)
        if kind[i] < 0.15:  # the parcel is a patch: the border is the same
            made[i] = patches[i]
        elif kind[i] < 0.20:  # the patch moved by 5 mm: slivers
            made[i] = shapely.transform(patches[i], lambda c: np.round(c + [0.005, -0.003], 4))
        elif kind[i] < 0.75:
            made[i] = rect(rng, cx, cy, w, h, extra=int(rng.choice([0, 0, 2, 6, 14, 40])))
        elif kind[i] < 0.93:
            made[i] = blob(rng, cx, cy, np.sqrt(area / np.pi), int(np.clip(rng.lognormal(3.4, 0.9), 8, 3000)))
        elif kind[i] < 0.96:
            made[i] = blob(rng, cx, cy, np.sqrt(area / np.pi), 60, holes=2)
        elif kind[i] < 0.997:
            one = rect(rng, cx, cy, w * 0.4, h * 0.4, angle=0.3)
            made[i] = shapely.multipolygons([one, rect(rng, cx + w, cy + h * 0.2, w * 0.5, h * 0.4, angle=0.3)])
        else:
            made[i] = bowtie(cx, cy, w / 2)
    write(out / "parcels.gpkg", made, {"XMMC": np.char.add("P", np.arange(n).astype(str))})
    return made


def one_parcel(out: Path, made: Geometries) -> int:
    """A copy of the parcel of about 30 ha that meets most layers, for the cold check; returns its number."""
    met = np.zeros(len(made))
    for name in LAYERS:
        _, _, wkb, _ = pyogrio.raw.read(out / f"{name}.gpkg", columns=[])
        tree = shapely.STRtree(shapely.from_wkb(wkb))
        met[np.unique(tree.query(shapely.centroid(made))[0])] += 1
    away = np.abs(np.log(shapely.area(made) / 300_000))
    i = int(np.argmax(met - away))
    write(out / "one_parcel.gpkg", made[i : i + 1], {"XMMC": [f"P{i}"]})
    return i
