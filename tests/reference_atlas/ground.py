"""The ground: guide shapes put together, cut into faces, and every face told what lies on it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from tests.reference_atlas import cities, lines, protection, water
from tests.reference_atlas.fabric import clip_lines, faces_of, field_lines, inside, noise, slope_lines, without_crumbs
from tests.reference_atlas.plane import polygons_of, to_plane

SEED = 420600
CITY = (610_000.0, 3_549_000.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Guide:
    """What stands before the ground is cut: real shapes and the hand-drawn city."""

    codes: list[str]
    names: list[str]
    counties: np.ndarray
    prefecture: Any
    han: Any
    heart: Any
    hills: dict[str, Any]
    rivers: dict[str, Any]
    lakes: list[tuple[str, Any]]
    towns: list[tuple[str, str, float, float]]
    growth: list[dict[str, Any]]
    roads: list[dict[str, Any]]
    reserves: list[dict[str, Any]]
    old_city: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Faces of the prefecture that share every border, with one label of each kind per face."""

    faces: np.ndarray
    xy: np.ndarray  # a point in each face
    county: np.ndarray  # row of Guide.counties
    kind: np.ndarray  # river, lake, moat, heart, road, street, village, town, field, slope, window
    zone: np.ndarray  # row of Guide.growth, -1 outside
    reserve: np.ndarray  # row of Guide.reserves, -1 outside
    river: np.ndarray  # number of the river in the order of Guide.rivers, -1 off the water
    hill: np.ndarray  # 0 plain, 1 foot, 2 slope, 3 crest, 4 the hills by the city


def guide(layers: Path) -> Guide:
    """Read the guide shapes and the shippable base, and draw what is drawn by hand."""
    text = (Path(__file__).parent / "shapes.geojson").read_text(encoding="utf-8")
    shapes = [(f["properties"], shapely.geometry.shape(f["geometry"])) for f in json.loads(text)["features"]]
    county = [p for p, _ in shapes if p["kind"] == "county"]
    counties = to_plane(np.array([g for p, g in shapes if p["kind"] == "county"]))
    prefecture = shapely.coverage_union_all(counties)
    named = {p["name"]: to_plane(g) for p, g in shapes if p["kind"] != "county"}
    for seed, name in enumerate(("岘山", "隆中", "鹿门山")):
        edge = protection.wavy(named[name], 60 + seed, 170)
        named[name] = shapely.union_all(polygons_of(shapely.set_precision(shapely.intersection(edge, prefecture), 0.01)))
    han, heart = shapely.intersection(named.pop("汉江"), prefecture), named.pop("鱼梁洲")
    han = shapely.difference(shapely.set_precision(han, 0.01), heart)
    rng = np.random.default_rng(SEED)
    rivers = water.rivers(layers / "base.gpkg", han, prefecture)
    lakes = water.reservoirs(prefecture, rng)
    old = protection.old_city()
    wet = shapely.union_all([*rivers.values(), heart, *[g for _, g in lakes]])
    growth = cities.growth(layers / "base.gpkg", prefecture, wet, rng)
    towns = cities.towns(layers / "base.gpkg")
    return Guide(
        codes=[p["code"] for p in county], names=[p["name"] for p in county], counties=counties, prefecture=prefecture, han=han, heart=heart,
        hills=named, rivers=rivers, lakes=lakes, towns=towns, growth=growth, roads=lines.highways(prefecture, han, towns),
        reserves=protection.reserves(named, han, prefecture, rng), old_city=old,
    )  # fmt: skip


def cut(g: Guide) -> Ground:
    """Cut the prefecture into faces and label them."""
    rng = np.random.default_rng(SEED + 1)
    built = shapely.union_all([z["shape"] for z in g.growth])
    city = shapely.union_all([z["shape"] for z in g.growth if z["city"]])
    hills = shapely.union_all([g.hills[n] for n in ("foot", "slope", "crest", "岘山", "鹿门山", "隆中")]).difference(built)
    hills = shapely.union_all(polygons_of(shapely.set_precision(hills, 0.01)))
    plain = g.prefecture.difference(shapely.union_all([hills, built, g.han]))

    def field_size(x: float, y: float) -> float:
        far = np.hypot(x - CITY[0], y - CITY[1])
        return float(np.interp(far, [9000, 20000, 34000, 60000], [1.8e5, 3.8e5, 1.35e6, 2.3e6]))

    fields = field_lines(
        plain, field_size, rng, turn=0.32, scales=[(42000, 3600), (9000, 420), (2300, 60)], step_m=450, jitter=0.15, bend=0.045
    )
    slopes = slope_lines(hills, 2200, rng)
    blocks = field_lines(built, lambda x, y: 4.2e5, rng, turn=-0.2, scales=[(30000, 1500), (9000, 140)], step_m=1200, jitter=0.05, bend=0.0)
    main = _streets(city, rng)
    roads, cuts = lines.corridors(g.roads)
    villages = cities.villages(plain.buffer(-250), CITY, rng, count=1500)
    inner = shapely.union(city, shapely.buffer(city, 300))
    roads_out = shapely.difference(roads, inner)
    surfaces = [
        *g.counties, *g.rivers.values(), g.heart, *[s for _, s in g.lakes], g.old_city["wall"], g.old_city["moat"], hills, g.hills["slope"], g.hills["crest"],
        *[z["shape"] for z in g.growth], *[r["shape"] for r in g.reserves], roads_out, main, *[cities.polygon_km(p) for p in cities.FIELDS_INSIDE_KM], *villages,
    ]  # fmt: skip
    borders = [b for s in surfaces for b in shapely.get_parts(shapely.boundary(s))]
    net = [*borders, *cuts, *clip_lines(fields, plain), *clip_lines(slopes, hills), *clip_lines(blocks, built)]
    faces = faces_of(net)
    point = shapely.point_on_surface(faces)
    keep = inside(point, [g.prefecture]) == 0
    faces, point = faces[keep], point[keep]
    hard = _labels(g, point, hills, roads_out, main, villages)
    code = np.unique(np.column_stack([np.unique(v, return_inverse=True)[1] for v in hard.values()]), axis=0, return_inverse=True)[
        1
    ].reshape(-1)
    faces, code = without_crumbs(faces, code, least_m2=2500, least_width_m=9)
    point = shapely.point_on_surface(faces)
    hard = _labels(g, point, hills, roads_out, main, villages)
    return Ground(faces=faces, xy=shapely.get_coordinates(point), **hard)


def _streets(city: Any, rng: np.random.Generator) -> Any:
    """Main streets of the central city as one surface."""
    axes = field_lines(city, lambda x, y: 1.5e6, rng, turn=-0.2, scales=[(30000, 1500), (9000, 140)], step_m=1600, jitter=0.05, bend=0.0)
    axes = shapely.union_all(clip_lines(axes, city))
    surface = shapely.intersection(shapely.buffer(axes, 22, cap_style="flat", join_style="mitre", quad_segs=1), city)
    return shapely.union_all(polygons_of(surface))


def _labels(g: Guide, point: Any, hills: Any, roads: Any, streets: Any, villages: list[Any]) -> dict[str, np.ndarray]:
    zone = inside(point, [z["shape"] for z in g.growth])
    river = inside(point, list(g.rivers.values()))
    lake = inside(point, [s for _, s in g.lakes])
    special = inside(point, [g.old_city["moat"], g.heart, shapely.union_all([cities.polygon_km(p) for p in cities.FIELDS_INSIDE_KM])])
    tree = shapely.STRtree(np.array(villages, dtype=object))
    village = np.zeros(len(point), dtype=bool)
    village[tree.query(point, predicate="within")[0]] = True
    hill = inside(point, [shapely.union_all([g.hills[n] for n in ("岘山", "鹿门山", "隆中")]), g.hills["crest"], g.hills["slope"], hills])
    kind = np.full(len(point), "field", dtype="<U8")
    on_hill = inside(point, [hills]) == 0
    kind[on_hill] = "slope"
    kind[village & (zone < 0)] = "village"
    kind[zone >= 0] = "town"
    kind[inside(point, [streets]) == 0] = "street"
    kind[(special == 2)] = "window"
    kind[inside(point, [roads]) == 0] = "road"
    kind[special == 1] = "heart"
    kind[special == 0] = "moat"
    kind[lake >= 0] = "lake"
    kind[river >= 0] = "river"
    return {
        "county": inside(point, list(g.counties)), "kind": kind, "zone": np.where(np.isin(kind, ["town", "street", "moat"]), zone, -1),
        "reserve": inside(point, [r["shape"] for r in g.reserves]), "river": river, "hill": np.array([0, 4, 3, 2, 1])[hill + 1] * on_hill,
    }  # fmt: skip


def field_noise(ground: Ground, seed: int, length: float) -> np.ndarray:
    """A smooth random value per face, the same for the same seed."""
    return noise(ground.xy, np.random.default_rng(SEED + seed), length)
