"""The ten rivers as water surfaces, and the reservoirs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import shapely

from tests.reference_atlas.fabric import waves
from tests.reference_atlas.plane import GRID_M, blob, polygons_of, smooth_line, to_plane

WIDTH_M = {"南河": 130, "北河": 70, "小清河": 60, "唐白河": 260, "沮河": 80, "漳河": 80, "蛮河": 90, "淳河": 55, "滚河": 75}
# Lower courses near the city drawn by hand in zone 37, km, so that they meet the Han where they do.
BY_HAND_KM = {
    "小清河": [(590.6, 3581.6), (591.8, 3576), (594.6, 3571), (599.2, 3567), (603.0, 3563.2), (605.6, 3559.8), (607.3, 3556.6),
             (608.4, 3553.0), (609.4, 3550.4), (610.6, 3548.4)],
    "淳河": [(645.5, 3541.5), (639, 3540.4), (633, 3541.9), (628, 3540.2), (622.5, 3540.9), (618, 3539.4), (615.2, 3540.3), (613.3, 3541.0)],
}  # fmt: skip
RESERVOIRS = [("三道河水库", 575.6, 3515.6, 1900, 0.5), ("熊河水库", 667.5, 3533.5, 1800, 0.6), ("西排子河水库", 592.5, 3585.0, 1300, 0.8),
              ("寺坪水库", 513.5, 3538.0, 1500, 0.4), ("官沟水库", 587.0, 3564.2, 620, 0.7), ("红水河水库", 596.8, 3572.5, 760, 0.7),
              ("华阳河水库", 665.0, 3578.5, 950, 0.7), ("孟桥川水库", 567.5, 3597.0, 780, 0.7), ("石门集水库", 588.5, 3502.8, 1000, 0.5)]  # fmt: skip


def rivers(base: Path, han: Any, prefecture: Any) -> dict[str, Any]:
    """Name → water surface, disjoint, the main stream first."""
    meta, _, wkb, columns = pyogrio.raw.read(base, layer="rivers")
    names = dict(zip(meta["fields"], columns, strict=True))["name"]
    lines = to_plane(shapely.force_2d(shapely.from_wkb(wkb)))
    out, taken = {"汉江": han}, han
    for name, width in WIDTH_M.items():
        if name in BY_HAND_KM:
            path = smooth_line(np.array(BY_HAND_KM[name]) * 1000)
        else:
            path = shapely.line_merge(shapely.union_all(lines[names == name]))
            if name == "唐白河":  # the old line runs on beside the Han; the mouth is at 张湾
                path = shapely.difference(path, shapely.box(600000, 3540000, 611900, 3553000))
            path = max(shapely.get_parts(path), key=shapely.length)
            path = smooth_line(shapely.get_coordinates(shapely.simplify(path, 350)))
        path = shapely.segmentize(path, 160)
        path = shapely.transform(path, lambda xy: xy + waves(xy, np.random.default_rng(21), [(1900, 110), (700, 35)]))
        band = shapely.simplify(shapely.buffer(path, width / 2, quad_segs=3, cap_style="flat", join_style="bevel"), width * 0.08)
        band = shapely.difference(shapely.intersection(band, prefecture), taken, grid_size=GRID_M)
        out[name] = shapely.union_all([p for p in polygons_of(band) if p.area > 5e4])
        taken = shapely.union(taken, out[name], grid_size=GRID_M)
    return out


def reservoirs(prefecture: Any, rng: np.random.Generator) -> list[tuple[str, Any]]:
    """(name, surface) of the reservoirs, ragged like drowned valleys."""
    found = [(name, blob(x * 1000, y * 1000, r, rng, corners=26, wobble=0.75, flat=flat)) for name, x, y, r, flat in RESERVOIRS]
    return [(name, shapely.buffer(g, 0).intersection(prefecture)) for name, g in found]
