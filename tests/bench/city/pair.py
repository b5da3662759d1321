"""Current and planned land use: even stripes of the city share every border, odd ones share none."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np

from tests.bench.city.geopackage import write
from tests.bench.city.layers import FACTOR, SIDE_M
from tests.bench.city.tessellation import X0, Y0, Geometries, smooth, tessellate

PAIR = ("luse_current", "luse_plan")
_SEED = 20260202
_STRIPES = 8
_CURRENT = (
    "0101 0102 0103 0201 0202 0301 0302 0305 0307 0401 0404 0601 0602 0701 0702 0809 0810 1001 1003 1006 1101 1104 1107 1202 1203 1206 1207"
)
_PLAN = "0101 0102 0103 0201 0202 0301 0302 0401 0601 0602 0701 0703 0801 0901 1001 1101 1201 1301 1401 1701"
CURRENT_CODES = np.array(_CURRENT.split())
PLAN_CODES = np.array(_PLAN.split())


def pair(out: Path, size: str) -> None:
    """luse_current.gpkg (200,000 patches at M) and luse_plan.gpkg (150,000), class code under DLBM."""
    factor = FACTOR[size]
    side, rng = SIDE_M * np.sqrt(factor), np.random.default_rng([_SEED, int(factor * 20)])
    width = side / _STRIPES
    current: list[tuple[Geometries, np.ndarray]] = []
    plan: list[tuple[Geometries, np.ndarray]] = []

    def cells(n: int) -> tuple[int, int]:
        share = n * factor / _STRIPES
        return max(2, int(round(np.sqrt(share * width / side)))), max(2, int(round(np.sqrt(share * side / width))))

    for stripe in range(_STRIPES):
        corner = (X0 + stripe * width, Y0)
        shape = cells(200_000)
        n = shape[0] * shape[1]
        now = tessellate(rng, corner, (width, side), shape, median=6.0)
        wish = (smooth(rng, now.cx, now.cy, 5000) + rng.normal(0, 0.5, n)) * 5 + 13
        code = wish.clip(0, len(CURRENT_CODES) - 1).astype(int)
        current.append((now.polygons(np.arange(n)), CURRENT_CODES[code]))
        if stripe % 2 == 0:
            later = now
            same = (code * len(PLAN_CODES)) // len(CURRENT_CODES)
            planned = np.where(rng.random(n) < 0.7, same, rng.integers(0, len(PLAN_CODES), n))
        else:
            shape = cells(100_000)
            n = shape[0] * shape[1]
            later = tessellate(rng, corner, (width, side), shape, median=6.0)
            wish = (smooth(rng, later.cx, later.cy, 5000) + rng.normal(0, 0.4, n)) * 4 + 9
            planned = wish.clip(0, len(PLAN_CODES) - 1).astype(int)
        plan.append((later.polygons(np.arange(n)), PLAN_CODES[planned]))
    with tempfile.TemporaryDirectory(dir=out, prefix="pair-") as folder:
        for name, parts in (("luse_current", current), ("luse_plan", plan)):
            codes = np.concatenate([p[1] for p in parts])
            write(Path(folder) / f"{name}.gpkg", np.concatenate([p[0] for p in parts]), {"DLBM": codes})
        for name in PAIR:  # once the second is there, both are whole
            (Path(folder) / f"{name}.gpkg").replace(out / f"{name}.gpkg")
