"""The built city: growth boundary of the central city drawn by hand, of county towns and townships grown around their points."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import shapely

from tests.reference_atlas.plane import blob, to_plane

# zone 37, km
UNITS_KM = {
    "樊城": [(596.6, 3550.2), (596.9, 3553.0), (599.2, 3554.4), (599.4, 3556.4), (603.2, 3558.2), (605.6, 3558.0), (607.0, 3555.6),
           (608.0, 3553.0), (608.8, 3550.2), (609.7, 3548.6), (609.3, 3547.0), (607.3, 3546.1), (604.6, 3546.0), (601.6, 3546.6), (598.9, 3547.5)],
    "襄城": [(598.3, 3544.2), (601.0, 3544.9), (604.6, 3544.6), (607.4, 3544.75), (609.2, 3545.3), (611.0, 3545.25), (612.6, 3544.2), (613.7, 3542.7),
           (612.2, 3541.4), (610.2, 3540.6), (609.1, 3539.7), (608.6, 3540.9), (608.0, 3542.3), (605.9, 3543.0), (602.6, 3543.2), (600.0, 3542.9), (598.6, 3543.1)],
    "襄州": [(610.3, 3551.3), (609.5, 3553.2), (608.4, 3556.8), (608.0, 3559.4), (609.6, 3562.0), (613.4, 3562.2), (614.0, 3560.3), (617.6, 3560.0),
           (619.9, 3558.2), (620.0, 3555.6), (616.8, 3553.9), (613.8, 3552.7)],
    "东津": [(616.4, 3550.4), (617.4, 3552.0), (619.6, 3552.9), (622.3, 3552.2), (623.9, 3549.6), (624.9, 3548.9), (624.9, 3546.4), (623.4, 3545.7),
           (623.5, 3543.2), (621.6, 3541.7), (618.2, 3541.3), (616.7, 3542.0), (615.9, 3543.7), (616.3, 3545.4), (616.2, 3548.0)],
    "余家湖": [(608.3, 3530.6), (609.7, 3531.4), (611.6, 3530.9), (612.4, 3528.6), (611.2, 3526.9), (608.9, 3526.6), (607.9, 3528.2)],
    "深圳工业园": [(609.3, 3564.6), (612.8, 3564.9), (613.2, 3567.6), (610.0, 3568.0)],
}  # fmt: skip
RESERVE_KM = {  # 城镇弹性发展区
    "樊城": [(594.4, 3551.4), (596.75, 3551.6), (596.9, 3553.0), (599.2, 3554.4), (599.4, 3556.4), (596.8, 3555.7), (594.9, 3553.6)],
    "东津": [(623.9, 3549.6), (624.9, 3548.9), (624.9, 3546.4), (623.4, 3545.7), (625.9, 3545.2), (627.0, 3547.3), (626.4, 3550.0), (624.8, 3550.9)],
    "襄州": [(617.6, 3560.0), (619.9, 3558.2), (620.0, 3557.0), (622.2, 3557.6), (621.9, 3559.9), (619.2, 3561.6)],
    "余家湖": [(608.9, 3526.6), (611.2, 3526.9), (611.0, 3525.4), (609.1, 3525.2)],
}  # fmt: skip
SPECIAL_KM = {  # 特别用途区
    "岘山北麓": [(602.6, 3543.2), (605.9, 3543.0), (608.0, 3542.3), (608.3, 3541.6), (606.9, 3541.5), (605.0, 3542.3), (602.9, 3542.5)],
    "月亮湾公园": [(616.4, 3550.4), (616.2, 3548.0), (615.75, 3548.3), (615.85, 3550.2)],
    "唐白河湿地绿廊": [(613.8, 3552.7), (616.8, 3553.9), (617.3, 3553.2), (614.4, 3552.0)],
    "长虹北路郊野公园": [(599.4, 3556.4), (603.2, 3558.2), (602.8, 3559.1), (599.6, 3557.8)],
}  # fmt: skip
FIELDS_INSIDE_KM = [  # 开天窗: 城镇开发边界内保留的永久基本农田
    [(619.2, 3543.1), (621.0, 3543.3), (621.3, 3544.7), (619.4, 3544.9)],
    [(620.6, 3550.0), (622.0, 3549.7), (622.3, 3550.9), (620.9, 3551.2)],
    [(611.3, 3559.4), (612.7, 3559.2), (613.0, 3560.4), (611.6, 3560.7)],
    [(600.6, 3553.2), (601.9, 3553.5), (601.6, 3554.5), (600.4, 3554.2)],
]  # fmt: skip
COUNTY_TOWNS = {("城关镇", "420624"): 2900, ("城关镇", "420625"): 2500, ("城关镇", "420626"): 1500, ("光化街道", "420682"): 3500,
                ("北城街道", "420683"): 4200, ("鄢城街道", "420684"): 3100}  # fmt: skip
IN_CITY = {"隆中街道", "清河口街道", "张湾街道", "东津镇", "高新区团山镇", "高新区米庄镇", "卧龙镇"}
WALL_CENTRE = (607_900.0, 3_543_700.0)


def polygon_km(points: Any) -> Any:
    """A polygon from points in km."""
    return shapely.Polygon(np.round(np.asarray(points) * 1000, 2))


def towns(base: Path) -> list[tuple[str, str, float, float]]:
    """(name, county code, x, y) of every township in the prefecture."""
    meta, _, wkb, columns = pyogrio.raw.read(base, layer="places")
    table = dict(zip(meta["fields"], columns, strict=True))
    xy = shapely.get_coordinates(to_plane(shapely.from_wkb(wkb)))
    rows = zip(table["name"], table["county_code"], xy, strict=True)
    return sorted((str(n), str(c), float(p[0]), float(p[1])) for n, c, p in rows if int(c) > 0)


def ragged(polygon: Any, rng: np.random.Generator, *, amount_m: float = 60) -> Any:
    """A hand-drawn outline with some steps in it, as parcels along a real boundary make them."""
    xy = shapely.get_coordinates(shapely.segmentize(polygon, 700))[:-1]
    return shapely.make_valid(shapely.Polygon(np.round(xy + rng.uniform(-amount_m, amount_m, xy.shape), 2)))


def growth(base: Path, prefecture: Any, water: Any, rng: np.random.Generator) -> list[dict[str, Any]]:
    """Pieces of the urban growth boundary: unit, town, zone code, shape; disjoint, off the water."""
    zones: list[dict[str, Any]] = []
    taken = shapely.union_all([water, *[polygon_km(p) for p in FIELDS_INSIDE_KM]])

    def add(name: str, code: str, shape: Any, *, city: bool) -> None:
        nonlocal taken
        shape = shapely.difference(shapely.intersection(shape, prefecture), taken)
        shape = shapely.union_all([p for p in shapely.get_parts(shape) if p.area > 3e4])
        if not shape.is_empty:
            zones.append({"name": name, "code": code, "shape": shape, "city": city})
            taken = shapely.union(taken, shape)

    for name, points in UNITS_KM.items():
        add(name, "410", ragged(polygon_km(points), rng), city=True)
    for name, points in SPECIAL_KM.items():
        add(name, "430", polygon_km(points), city=True)
    for name, points in RESERVE_KM.items():
        add(name, "420", polygon_km(points), city=True)
    for name, code, x, y in towns(base):
        if name in IN_CITY:
            continue
        big = COUNTY_TOWNS.get((name, code))
        radius = big or rng.uniform(380, 720)
        core = shapely.simplify(blob(x, y, radius, rng, corners=18 if big else 11, wobble=0.34, flat=0.85), 40)
        add(name, "410", core, city=False)
        side = rng.uniform(0, 2 * np.pi)
        reserve = blob(x + radius * 0.95 * np.cos(side), y + radius * 0.95 * np.sin(side), radius * 0.42, rng, corners=10)
        if big or rng.uniform() < 0.45:
            add(name, "420", shapely.simplify(reserve, 30), city=False)
        if big:
            side += rng.uniform(1.5, 4)
            park = blob(x + radius * np.cos(side), y + radius * np.sin(side), radius * 0.3, rng, corners=10)
            add(name, "430", shapely.simplify(park, 30), city=False)
    return zones


def villages(region: Any, near: tuple[float, float], rng: np.random.Generator, *, count: int) -> list[Any]:
    """Small village outlines scattered over the farmland, denser around the city."""
    west, south, east, north = region.bounds
    xy = rng.uniform((west, south), (east, north), (count * 6, 2))
    far = np.hypot(xy[:, 0] - near[0], xy[:, 1] - near[1])
    shapely.prepare(region)
    keep = shapely.contains_xy(region, xy) & (rng.uniform(size=len(xy)) < np.where(far < 24000, 0.95, 0.30))
    xy, far = xy[keep][:count], far[keep][:count]
    out = []
    for (x, y), d in zip(xy, far, strict=True):
        r = rng.uniform(70, 150) if d < 24000 else rng.uniform(110, 230)
        out.append(blob(x, y, r, rng, corners=int(rng.integers(6, 9)), wobble=0.4, flat=rng.uniform(0.6, 1)))
    return out
