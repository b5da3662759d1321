"""The four families of plans, which agree on most of the ground and disagree on purpose on some of it."""

# ruff: noqa: E501 — the tables below read better in long rows
from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from tests.reference_atlas.fabric import waves
from tests.reference_atlas.ground import CITY, Ground, Guide, field_noise
from tests.reference_atlas.landuse import BUILT, CULTIVATED, Uses
from tests.reference_atlas.tables import county_columns, joined, numbers, official_areas_m2

GHFQ = {"100": "生态保护区", "200": "生态控制区", "300": "农田保护区", "411": "居住生活区", "412": "综合服务区", "413": "商业商务区", "414": "工业发展区", "415": "物流仓储区",
        "416": "绿地休闲区", "417": "交通枢纽区", "418": "战略预留区", "420": "城镇弹性发展区", "430": "特别用途区", "510": "村庄建设区", "520": "一般农业区", "530": "林业发展区",
        "700": "矿产能源发展区"}  # fmt: skip
GB50137 = {"R2": "二类居住用地", "A3": "教育科研用地", "A2": "文化设施用地", "B1": "商业用地", "M1": "一类工业用地", "M2": "二类工业用地", "W1": "一类物流仓储用地",
           "S1": "城市道路用地", "U1": "供应设施用地", "G1": "公园绿地", "G2": "防护绿地", "H14": "村庄建设用地", "H2": "区域交通设施用地", "E1": "水域", "E2": "农林用地"}  # fmt: skip
OLD_PLAN = {
    "10": "城镇建设用地",
    "20": "农村居民点用地",
    "30": "采矿及其他独立建设用地",
    "40": "交通运输用地",
    "50": "耕地",
    "60": "园地林地",
    "70": "水域",
}


def territorial(guide: Guide, ground: Ground, uses: Uses, link: np.ndarray) -> tuple[np.ndarray, dict[str, Any]]:
    """GHFQ over the whole prefecture: the three lines first, then what the ground is."""
    code = np.where(np.isin(uses.dlbm, CULTIVATED), "520", "530").astype("<U3")
    code[ground.kind == "field"] = "520"
    code[ground.kind == "village"] = "510"
    code[np.isin(ground.kind, ["river", "lake", "heart"])] = "200"
    code[ground.kind == "road"] = "520"
    code[(ground.kind == "slope") & (ground.hill >= 2)] = "200"
    town = np.isin(ground.kind, ["town", "street", "moat"]) & (ground.zone >= 0)
    by_district = {"R": "411", "A": "412", "B": "413", "M": "414", "W": "415", "G": "416", "U": "412", "": "411"}
    code[town] = np.array([by_district[d] for d in uses.district])[town]
    zone_code = np.array([z["code"] for z in guide.growth])[np.maximum(ground.zone, 0)]
    waiting = town & (zone_code == "410") & np.isin(uses.dlbm, CULTIVATED)
    code[waiting & (field_noise(ground, 21, 4000) > 0.9)] = "418"
    code[town & (zone_code == "420")] = "420"
    code[town & (zone_code == "430")] = "430"
    code[uses.red_line] = "100"
    code[uses.farmland] = "300"
    shapes, first = joined(ground, [code, ground.county, _sheet(ground, 18000)], np.ones(len(code), bool), link=link)
    columns = {"BSM": numbers("42060009", len(shapes)), "YSDM": ["2090020610"] * len(shapes), **county_columns(guide, ground.county[first])}
    columns |= {"GHFQDM": code[first], "GHFQMC": [GHFQ[c] for c in code[first]], "MJ": official_areas_m2(shapes), "BZ": [""] * len(shapes)}
    return shapes, columns


def _sheet(ground: Ground, size_m: float) -> np.ndarray:
    """Number of the map sheet a face lies on, so that unions stay of a handy size."""
    return (ground.xy[:, 0] // size_m).astype(int) * 1000 + (ground.xy[:, 1] // size_m).astype(int) % 1000


def _flips(ground: Ground, town: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Faces where the two old plans part: town faces one forgot, and field faces near a town that it took for town."""
    dice = np.random.default_rng(seed).uniform(size=len(town))
    from scipy.spatial import cKDTree

    near = cKDTree(ground.xy[town]).query(ground.xy)[0] < 900
    return town & (dice < 0.07), (ground.kind == "field") & near & (dice > 0.90)


def urban_rural(guide: Guide, ground: Ground, uses: Uses, link: np.ndarray) -> tuple[np.ndarray, dict[str, Any]]:
    """The old urban and rural plan (GB 50137) of the central city and the county towns, with their near surroundings as 农林用地."""
    rng = np.random.default_rng(91)
    town = np.isin(ground.kind, ["town", "street", "moat"])
    letter = {"R": "R2", "A": "A3", "B": "B1", "M": "M2", "W": "W1", "G": "G1", "U": "U1", "": "R2"}
    code = np.array([letter[d] for d in uses.district], dtype="<U3")
    dice = rng.uniform(size=len(code))
    code[(uses.district == "A") & (dice > 0.7)] = "A2"
    code[(uses.district == "M") & (dice > 0.6)] = "M1"
    code[(uses.district == "G") & (dice > 0.75)] = "G2"
    changed = town & (dice < 0.06)  # both plans build, for another use (D3)
    code[changed] = np.where(np.isin(code[changed], ["R2", "B1"]), "M1", "R2")
    code[ground.kind == "street"] = "S1"
    forgot, took = _flips(ground, town, 92)
    from scipy.spatial import cKDTree

    around = cKDTree(ground.xy[town]).query(ground.xy)[0] < 1300
    near = np.hypot(ground.xy[:, 0] - CITY[0], ground.xy[:, 1] - CITY[1]) < 21000
    planned = town | took | (around & near & ~uses.red_line)
    code[~town] = "E2"
    code[np.isin(ground.kind, ["river", "lake"])] = "E1"
    code[ground.kind == "moat"] = "E1"
    code[ground.kind == "village"] = "H14"
    code[ground.kind == "road"] = "H2"
    code[ground.kind == "heart"] = "G1"
    code[forgot] = "E2"
    code[took] = np.where(dice[took] > 0.95, "M1", "R2")
    shapes, first = joined(
        ground,
        [code, ground.county, _sheet(ground, 2500), np.where(town, np.arange(len(code)) % 2, 0)],
        planned | (ground.kind == "heart"),
        link=link,
    )
    name = np.array([z["name"] for z in guide.growth])
    of = np.where(ground.zone[first] >= 0, name[np.maximum(ground.zone[first], 0)], "")
    columns = {"BSM": numbers("42060011", len(shapes)), **county_columns(guide, ground.county[first]), "YDDM": code[first], "YDMC": [GB50137[c] for c in code[first]],
               "PQMC": of, "MJ": official_areas_m2(shapes), "BZ": [""] * len(shapes)}  # fmt: skip
    return shapes, columns


def land_use(guide: Guide, ground: Ground, uses: Uses, link: np.ndarray) -> tuple[np.ndarray, dict[str, Any]]:
    """The old land use plan: planned class and the four control zones, whole prefecture; around the city its borders were digitised anew."""
    town = np.isin(ground.kind, ["town", "street", "moat"])
    zone_code = np.where(ground.zone >= 0, np.array([z["code"] for z in guide.growth])[np.maximum(ground.zone, 0)], "")
    built = np.isin(uses.dlbm, BUILT)
    forgot, took = _flips(ground, town, 93)
    allowed = (town & (zone_code == "410")) | (ground.kind == "village") | took
    allowed &= ~(forgot & ~built)
    zone = np.where(allowed, "010", "030").astype("<U3")
    zone[town & np.isin(zone_code, ["420"])] = "020"
    zone[took & (field_noise(ground, 25, 3000) > 0.2)] = "020"
    kind = np.array([r["zone"] for r in guide.reserves])
    core = (ground.reserve >= 0) & (kind[np.maximum(ground.reserve, 0)] == "核心保护区")
    zone[core & uses.red_line] = "040"
    code = np.where(np.isin(uses.dlbm, CULTIVATED), "50", "60").astype("<U2")
    code[np.isin(ground.kind, ["river", "lake"])] = "70"
    code[town & (zone_code != "430")] = "10"
    code[forgot & ~built] = "50"
    code[ground.kind == "village"] = "20"
    code[ground.kind == "road"] = "40"
    code[(ground.kind == "field") & (np.hypot(ground.xy[:, 0] - CITY[0], ground.xy[:, 1] - CITY[1]) > 25000)] = "50"
    code[took] = "10"
    shapes, first = joined(ground, [zone, code, ground.county, _sheet(ground, 16000)], np.ones(len(code), bool), link=link)
    shapes = _redrawn(shapes)
    names = {"010": "允许建设区", "020": "有条件建设区", "030": "限制建设区", "040": "禁止建设区"}
    columns = {"BSM": numbers("42060012", len(shapes)), "YSDM": ["2003020220"] * len(shapes), **county_columns(guide, ground.county[first]), "GHDLDM": code[first],
               "GHDLMC": [OLD_PLAN[c] for c in code[first]], "GZQDM": zone[first], "GZQMC": [names[z] for z in zone[first]], "MJ": official_areas_m2(shapes)}  # fmt: skip
    return shapes, columns


def _redrawn(shapes: np.ndarray) -> np.ndarray:
    """Every vertex within 12 km of the centre moved by some centimetres, softly: the border digitised twice."""

    def move(xy: np.ndarray) -> np.ndarray:
        near = np.hypot(xy[:, 0] - CITY[0], xy[:, 1] - CITY[1]) < 12000
        off = waves(xy, np.random.default_rng(94), [(900, 0.09), (260, 0.05)])
        return np.round(xy + off * near[:, None], 2)

    return shapely.transform(shapes, move)


PROJECTS = [
    "产业园",
    "物流园",
    "职业教育园区",
    "文旅小镇",
    "冷链基地",
    "新能源汽车零部件基地",
    "污水处理厂扩建",
    "光伏发电项目",
    "高标准农田示范区",
    "农产品加工园",
    "康养中心",
    "客运枢纽",
]


def projects(guide: Guide, ground: Ground, uses: Uses, link: np.ndarray) -> tuple[np.ndarray, dict[str, Any]]:
    """Sites of the economic and social development plan: a few faces each, mostly near towns, some where they should not be."""
    rng = np.random.default_rng(97)
    from scipy.spatial import cKDTree

    towns = np.array([t[2:] for t in guide.towns])
    distance, nearest = cKDTree(towns).query(ground.xy)
    place = np.isin(ground.kind, ["town", "field"]) & (distance < 4200)
    chosen = np.zeros(len(place), bool)
    chosen[np.sort(rng.choice(np.flatnonzero(place), 260, replace=False))] = True
    shapes, first = joined(ground, [ground.county], chosen, link=link)
    label = rng.integers(0, len(PROJECTS), len(shapes))
    kinds = np.array(["产业", "产业", "社会事业", "文化旅游", "产业", "产业", "基础设施", "能源", "农业", "产业", "社会事业", "交通"])
    names = [
        f"{guide.towns[nearest[f]][0].removesuffix('街道').removesuffix('镇').removesuffix('乡')}{PROJECTS[k]}"
        for f, k in zip(first, label, strict=True)
    ]
    columns = {"BSM": numbers("42060013", len(shapes)), **county_columns(guide, ground.county[first]), "XMMC": names, "XMLX": kinds[label],
               "JSQX": ["2021—2025", "2026—2030"] * (len(shapes) // 2) + ["2026—2030"] * (len(shapes) % 2), "MJ": official_areas_m2(shapes)}  # fmt: skip
    return shapes, columns


def ecological_zones(guide: Guide, ground: Ground, uses: Uses, link: np.ndarray) -> tuple[np.ndarray, dict[str, Any]]:
    """优先保护单元 on red line and high ground, 重点管控单元 on towns, the rest 一般管控单元; every county has its own."""
    town = np.isin(ground.kind, ["town", "street", "moat", "window"])
    kind = np.where(uses.red_line | (ground.hill >= 2), 0, np.where(town, 1, 2))
    part = np.where(kind == 1, ground.zone, 0)
    shapes, first = joined(ground, [kind, part, ground.county], np.ones(len(kind), bool), link=link)
    # Many small pieces make one unit: they are multipolygons by county, class and town.
    key = np.unique(
        np.column_stack([kind[first], np.where(kind[first] == 1, part[first], 0), ground.county[first]]), axis=0, return_inverse=True
    )
    unit = key[1].reshape(-1)
    out = np.array([shapely.multipolygons(list(shapes[unit == u])) for u in range(len(key[0]))], dtype=object)
    labels = np.array(["优先保护单元", "重点管控单元", "一般管控单元"])
    county = key[0][:, 2]
    codes, count = [], {}
    for k, _, c in key[0]:
        count[(k, c)] = count.get((k, c), 0) + 1
        codes.append(f"ZH{guide.codes[c]}{k + 1}{count[(k, c)]:04d}")
    name = [
        f"{guide.names[c]}{(guide.growth[p]['name'].removesuffix('街道') if k == 1 and p >= 0 else '')}{labels[k]}" for k, p, c in key[0]
    ]
    columns = {
        "BSM": numbers("42060014", len(out)),
        **county_columns(guide, county),
        "HJGKDYBM": codes,
        "HJGKDYMC": name,
        "GKDYFL": labels[key[0][:, 0]],
        "MJ": official_areas_m2(out),
    }
    return out, columns
