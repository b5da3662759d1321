"""What every face is today (三调地类), which of them are permanent basic farmland, and which lie in the ecological red line."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from tests.reference_atlas.fabric import groups, neighbours
from tests.reference_atlas.ground import Ground, Guide, field_noise

NAMES = {
    "0101": "水田", "0102": "水浇地", "0103": "旱地", "0201": "果园", "0202": "茶园", "0301": "乔木林地", "0302": "竹林地", "0305": "灌木林地", "0307": "其他林地",
    "0404": "其他草地", "05H1": "商业服务业设施用地", "0508": "物流仓储用地", "0601": "工业用地", "0602": "采矿用地", "0701": "城镇住宅用地", "0702": "农村宅基地",
    "08H1": "机关团体新闻出版用地", "08H2": "科教文卫用地", "0809": "公用设施用地", "0810": "公园与绿地", "0810A": "广场用地", "09": "特殊用地", "1003": "公路用地",
    "1004": "城镇村道路用地", "1101": "河流水面", "1103": "水库水面", "1104": "坑塘水面", "1106": "内陆滩涂", "1202": "设施农用地", "1109": "水工建筑用地",
}  # fmt: skip
CULTIVATED = ("0101", "0102", "0103")
FARM = (*CULTIVATED, "0201", "0202", "0301", "0302", "0305", "0307", "1104", "1202")
BUILT = ("05H1", "0508", "0601", "0602", "0701", "0702", "08H1", "08H2", "0809", "0810", "0810A", "09", "1003", "1004", "1109")


@dataclass(frozen=True, slots=True, kw_only=True)
class Uses:
    """Per face: today's class, whether permanent basic farmland, whether red line, and the kind of district of a city face."""

    dlbm: np.ndarray
    farmland: np.ndarray  # bool
    red_line: np.ndarray  # bool
    district: np.ndarray  # R A B M W G of a city face, "" elsewhere


def _pick(values: np.ndarray, shares: list[tuple[str, float]]) -> np.ndarray:
    """The class each value in [0, 1) falls to, by cumulative shares."""
    edges = np.cumsum([s for _, s in shares])
    return np.array([c for c, _ in shares], dtype="<U5")[np.minimum(np.searchsorted(edges, values), len(shares) - 1)]


def uses(guide: Guide, ground: Ground) -> Uses:
    """Decide all of it from smooth noise and place, the same every time."""
    rng = np.random.default_rng(77)
    n = len(ground.faces)
    x, y = ground.xy[:, 0], ground.xy[:, 1]
    dice = rng.uniform(size=n)
    rank = (np.argsort(np.argsort(field_noise(ground, 3, 5200))) + 0.5) / n
    wet = field_noise(ground, 4, 16000) * 0.9 + np.where(y < 3532000, 0.7, -0.25)
    kind = ground.kind
    dlbm = np.full(n, "0103", dtype="<U5")

    field = kind == "field"
    dlbm[field] = np.where(wet[field] > 0.35, "0101", np.where(wet[field] > -0.05, "0102", "0103"))
    dlbm[field & (dice > 0.80)] = "0103"
    dlbm[field & (rank > 0.90)] = "0301"
    dlbm[field & (rank < 0.05)] = "0201"
    dlbm[field & (dice < 0.045)] = _pick(
        rng.uniform(size=n), [("1104", 0.35), ("0307", 0.25), ("0201", 0.15), ("0404", 0.15), ("1202", 0.10)]
    )[field & (dice < 0.045)]
    slope = kind == "slope"
    steep = ground.hill >= 2
    on_slope = np.where(steep, _pick(dice, [("0301", 0.72), ("0305", 0.12), ("0302", 0.03), ("0404", 0.05), ("0103", 0.06), ("0202", 0.02)]),
                        _pick(dice, [("0301", 0.50), ("0305", 0.10), ("0307", 0.06), ("0404", 0.05), ("0103", 0.19), ("0101", 0.05), ("0201", 0.03),
                                     ("0202", 0.02)]))  # fmt: skip
    dlbm[slope] = on_slope[slope]
    dlbm[slope & (ground.hill == 4)] = np.where(dice < 0.86, "0301", "0305")[slope & (ground.hill == 4)]

    town = np.isin(kind, ["town"])
    rank_town = np.zeros(n)
    noise_town = field_noise(ground, 6, 3600)[town]
    rank_town[town] = (np.argsort(np.argsort(noise_town)) + 0.5) / max(1, town.sum())
    district = np.full(n, "", dtype="<U1")
    base = _pick(rank_town, [("M", 0.25), ("W", 0.04), ("R", 0.34), ("B", 0.10), ("R", 0.15), ("A", 0.12)])
    base = np.where(
        dice < 0.10,
        "G",
        np.where((dice < 0.15) & (base == "R"), "A", np.where((dice < 0.21) & (base == "R"), "B", np.where(dice > 0.975, "U", base))),
    )
    district[town] = base[town]
    code = np.array([z["code"] for z in guide.growth])
    zone_code = np.where(ground.zone >= 0, code[np.maximum(ground.zone, 0)], "")
    district[(zone_code == "430") & town] = "G"
    built_use = {"R": "0701", "A": "08H2", "B": "05H1", "M": "0601", "W": "0508", "G": "0810", "U": "0809"}
    for letter, dl in built_use.items():
        dlbm[town & (district == letter)] = dl
    dlbm[town & (district == "A") & (dice > 0.85)] = "08H1"
    # Not all of the growth boundary is built yet: fields wait in the reserve and on the rim of 东津.
    name = np.array([z["name"] for z in guide.growth])
    of = np.where(ground.zone >= 0, name[np.maximum(ground.zone, 0)], "")
    waiting = town & ((zone_code == "420") | ((of == "东津") & (x > 620800) & (dice > 0.35)) | ((zone_code == "410") & (dice > 0.93)))
    dlbm[waiting] = np.where(dice[waiting] > 0.5, "0103", "0101")
    dlbm[waiting & (dice < 0.36)] = "0307"
    park = town & (zone_code == "430")
    dlbm[park] = np.where(dice < 0.5, "0810", "0301")[park]

    heart = kind == "heart"
    dlbm[heart] = _pick(
        dice,
        [
            ("0810", 0.46),
            ("0301", 0.18),
            ("0103", 0.08),
            ("0702", 0.06),
            ("05H1", 0.05),
            ("1106", 0.08),
            ("1004", 0.0),
            ("0404", 0.05),
            ("1104", 0.04),
        ],
    )[heart]
    for k, dl in (("road", "1003"), ("street", "1004"), ("village", "0702"), ("lake", "1103"), ("river", "1101"), ("moat", "1101")):
        dlbm[kind == k] = dl
    dlbm[(kind == "window")] = "0101"

    red_line = _red_line(guide, ground, dlbm)
    area = shapely.area(ground.faces)
    clustered = field_noise(ground, 9, 9000) + 0.5 * field_noise(ground, 10, 2600)
    wanted = (
        np.isin(dlbm, CULTIVATED)
        & (field | (slope & (ground.hill <= 1) & (dice > 0.2)) | (slope & (ground.hill >= 2)) | (kind == "window"))
        & ~red_line
        & (area > 9000)
    )
    farmland = wanted & ((clustered > np.quantile(clustered[wanted], 0.17)) | (kind == "window")) & ((dice < 0.97) | (kind == "window"))
    return Uses(dlbm=dlbm, farmland=farmland, red_line=red_line, district=district)


def _red_line(guide: Guide, ground: Ground, dlbm: np.ndarray) -> np.ndarray:
    """All of the reserves, the ridges of the three hills, clusters of forest on high ground, and stretches of the big rivers."""
    n = len(ground.faces)
    kind = np.array([r["class"] for r in guide.reserves])
    glen = ground.reserve >= 0
    reserve_kind = np.where(glen, kind[np.maximum(ground.reserve, 0)], "")
    thick = field_noise(ground, 12, 15000)
    open_ground = ~np.isin(ground.kind, ["road", "street", "town", "village", "window"])
    forest = np.isin(dlbm, ["0301", "0302", "0305", "0307", "0404"])
    red = glen & open_ground & ((reserve_kind != "风景名胜区") | forest)
    red |= (ground.kind == "slope") & (ground.hill == 3) & (thick > -0.25) & forest
    red |= (ground.kind == "slope") & (ground.hill == 2) & (thick > 0.45) & forest
    red |= (ground.kind == "slope") & (ground.hill == 4)
    wild = field_noise(ground, 13, 12000) > 0.1
    south = (ground.xy[:, 1] < 3541500) | (ground.xy[:, 0] < 596000)
    red |= (ground.kind == "river") & (ground.river == 0) & south & wild
    red |= (
        (ground.kind == "river")
        & np.isin(ground.river, [1, 4, 5, 6, 7])
        & wild
        & (np.hypot(ground.xy[:, 0] - 612000, ground.xy[:, 1] - 3549000) > 9000)
    )
    # A cluster of less than 20 ha is no red line.
    link = neighbours(ground.faces)
    a, b = link[:, 0].astype(int), link[:, 1].astype(int)
    both = red[a] & red[b]
    group = groups(a[both], b[both], n)
    size = np.bincount(group, weights=shapely.area(ground.faces) * red)
    return red & (size[group] > 2e5)
