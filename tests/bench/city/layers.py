"""The ten layers of the city. Density is constant: only the extent grows from S to L."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import shapely

from tests.bench.city.geopackage import write
from tests.bench.city.shapes import Rng, blob, blobs, bowtie, rect, ring, strip
from tests.bench.city.tessellation import X0, Y0, Geometries, Tessellation, smooth, tessellate

FACTOR = {"S": 1 / 20, "M": 1.0, "L": 10.0}
SIDE_M = 60_000.0  # side of the M city
LAYERS = (
    *("red_line", "farmland", "growth_boundary", "reserve", "water_source"),
    *("river", "forest", "geohazard", "heritage", "mineral"),
)
OVERLAPPING = ("geohazard", "red_line", "reserve", "river", "water_source")  # their own features overlap each other
_AT_ONCE = 400_000


def farmland(out: Path, rng: Rng, factor: float, side: float) -> Tessellation:
    """300,000 patches at M: 2% with ponds, a few bow-ties."""
    n = int(round(np.sqrt(600_000 * factor)))
    ground = tessellate(rng, (X0, Y0), (side, side), (n, n), median=6.0)
    wish = smooth(rng, ground.cx, ground.cy, 9000) + rng.normal(0, 0.5, n * n)
    keep = np.sort(np.argsort(-wish, kind="stable")[: int(300_000 * factor)])
    kind = (smooth(rng, ground.cx[keep], ground.cy[keep], 12000) * 1.2 + 1.5).clip(0, 2).astype(int)
    code = np.array(["0101", "0102", "0103"])[kind]
    chance = rng.random(len(keep))
    for a in range(0, len(keep), _AT_ONCE):
        ids, luck = keep[a : a + _AT_ONCE], chance[a : a + _AT_ONCE]
        patches = ground.polygons(ids)
        width = ground.cell[0]
        for i in np.flatnonzero(luck < 0.02):  # one to four ponds or graves
            x, y = ground.cx[ids[i]], ground.cy[ids[i]]
            ponds = []
            for j in range(int(rng.integers(1, 5))):
                cx, cy = x + (j % 2 - 0.5) * width * 0.24, y + (j // 2 - 0.5) * width * 0.24
                ponds.append(ring(rng, cx, cy, width * rng.uniform(0.02, 0.08), int(rng.integers(5, 24)), rough=0.2))
            patches[i] = shapely.Polygon(shapely.get_coordinates(patches[i]), ponds)
        for i in np.flatnonzero((luck >= 0.02) & (luck < 0.0202)):
            patches[i] = bowtie(ground.cx[ids[i]], ground.cy[ids[i]], width * 0.3)
        write(out / "farmland.gpkg", patches, {"DLBM": code[a : a + _AT_ONCE]}, first=a)
    return ground


def other_layers(out: Path, rng: Rng, factor: float, side: float) -> None:
    """The nine layers beside farmland, in this order: each draws from the same stream of random numbers."""

    def count(n: int) -> int:
        return max(3, int(round(n * factor)))

    def save(name: str, patches: Sequence[shapely.Geometry], codes: Sequence[str]) -> None:
        write(out / f"{name}.gpkg", patches, {"DLBM": np.array(codes)[rng.integers(0, len(codes), len(patches))]})

    save(
        "red_line",
        blobs(rng, count(300), side, radius=(1000, 0.6), vertices=(1500, 1.2, 60_000), holes=(0.5, 60)),
        ["H1", "H2", "H3", "H4"],
    )
    save(
        "growth_boundary",
        _apart(blobs(rng, count(90), side, radius=(1500, 0.4), vertices=(1200, 0.8, 12_000), holes=(0.3, 10))),
        ["C1", "C2", "C3"],
    )
    save("reserve", blobs(rng, count(40), side, radius=(2500, 0.5), vertices=(3000, 0.9, 30_000), holes=(0.2, 8)), ["N1", "N2"])
    nested = []  # grade I inside grade II
    for _ in range(count(60)):
        (cx, cy), r, n = rng.uniform(0, side, 2) + [X0, Y0], rng.uniform(400, 1500), int(rng.integers(60, 900))
        nested += [blob(rng, cx, cy, r, n), blob(rng, cx, cy, r * 0.4, n // 3 + 8)]
    write(out / "water_source.gpkg", nested, {"DLBM": ["W2", "W1"] * (len(nested) // 2)})
    save("river", [strip(rng, side, rng.uniform(2000, 25_000), rng.uniform(15, 160)) for _ in range(count(110))], ["R1", "R2", "R3"])
    k = int(round(np.sqrt(40_000 * factor)))
    woods = tessellate(rng, (X0, Y0), (side, side), (k, k), median=14.0, sigma=1.1, cap=900)
    save("forest", woods.polygons(np.flatnonzero(smooth(rng, woods.cx, woods.cy, 8000) > 0)), ["0301", "0305", "0307"])
    save("geohazard", blobs(rng, count(2000), side, radius=(90, 0.7), vertices=(40, 0.4, 400)), ["G1", "G2", "G3"])
    save("heritage", _heritage(rng, count(500), side), ["1", "2"])
    k = max(3, int(round(np.sqrt(count(200)))))
    ground = tessellate(rng, (X0, Y0), (side, side), (k, k), median=1.5, sigma=0.5)
    save("mineral", ground.polygons(np.sort(rng.permutation(k * k)[: k * k // 3])), ["K1", "K2"])


def _apart(shapes: Geometries) -> list[shapely.Geometry]:
    """Those that meet none before them."""
    keep: list[shapely.Geometry] = []
    for shape in shapes:
        if not keep or not shapely.intersects(shape, keep).any():
            keep.append(shape)
    return keep


def _heritage(rng: Rng, count: int, side: float) -> list[shapely.Geometry]:
    """Rectangles kept apart by a grid."""
    n = int(np.ceil(np.sqrt(count)))
    s = side / n
    places = [(X0 + (i + 0.5) * s, Y0 + (j + 0.5) * s) for i in range(n) for j in range(n)]
    return [rect(rng, x, y, *rng.uniform(60, min(400, s * 0.6), 2), extra=6) for x, y in places]
