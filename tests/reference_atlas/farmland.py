"""Rows of the survey and of the three lines: DLTB, YJJBNT, STBHHX, CZKFBJ."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from tests.reference_atlas.ground import Ground, Guide, field_noise
from tests.reference_atlas.landuse import CULTIVATED, NAMES, Uses
from tests.reference_atlas.tables import county_columns, joined, numbers, official_areas_m2

GHFQ = {"410": "城镇集中建设区", "420": "城镇弹性发展区", "430": "特别用途区"}
STATE_OWNED = ("1101", "1103", "1106", "1109", "1003", "05H1", "0508", "0601", "0701", "08H1", "08H2", "0809", "0810", "0810A", "1004")


def _village_unit(guide: Guide, ground: Ground, first: np.ndarray) -> tuple[list[str], list[str]]:
    """ZLDWDM (19 digits) and ZLDWMC from the nearest township and a running village number."""
    from scipy.spatial import cKDTree

    xy = np.array([t[2:] for t in guide.towns])
    near = cKDTree(xy).query(ground.xy[first])[1]
    sheet = (ground.xy[first, 0] // 3000).astype(int) % 10 * 10 + (ground.xy[first, 1] // 3000).astype(int) % 10
    codes = [f"{guide.codes[c]}{100 + n % 90:03d}{200 + s:03d}0000000" for c, n, s in zip(ground.county[first], near, sheet, strict=True)]
    return codes, [f"{guide.towns[n][0]}第{s + 1}村" for n, s in zip(near, sheet, strict=True)]


def survey(guide: Guide, ground: Ground, uses: Uses, link: np.ndarray) -> tuple[np.ndarray, dict[str, Any]]:
    """DLTB of the whole prefecture: neighbours of one class on one sheet of the survey are one patch."""
    x, y = ground.xy[:, 0], ground.xy[:, 1]
    far = np.hypot(x - 610000, y - 3549000)
    size = np.where(far < 22000, 1700, 5200)
    line = np.isin(ground.kind, ["river", "lake", "road", "street"])
    sheet = np.where(line, (x // 12000) * 1e6 + (y // 12000), np.where(ground.hill >= 2, 4e12, 0) + (x // size) * 1e6 + (y // size))
    shapes, first = joined(ground, [uses.dlbm, ground.county, sheet.astype(np.int64)], np.ones(len(x), bool), link=link)
    n, area, dlbm = len(shapes), official_areas_m2(shapes), uses.dlbm[first]
    unit, unit_name = _village_unit(guide, ground, first)
    owner = np.where(np.isin(dlbm, STATE_OWNED), "20", "30")
    ridge = np.where(dlbm == "0103", 0.0936, np.where(dlbm == "0101", 0.0742, 0.0))
    ridge = np.where(np.isin(dlbm, CULTIVATED) & (ground.hill[first] >= 1), ridge + 0.03, ridge)
    taken = np.round(area * ridge, 2)
    columns = {
        "BSM": numbers("42060001", n), "YSDM": ["2001010100"] * n, "TBBH": [f"{k % 9999 + 1:04d}" for k in range(n)], "DLBM": dlbm, "DLMC": [NAMES[d] for d in dlbm],
        "QSXZ": owner, "QSDWDM": unit, "ZLDWDM": unit, "ZLDWMC": unit_name, "TBMJ": area,
        "KCDLBM": np.where(ridge > 0, "1203", ""), "KCXS": ridge, "KCMJ": taken, "TBDLMJ": np.round(area - taken, 2),
        "GDLX": np.where(ridge > 0, np.where(ground.hill[first] >= 1, "TT", "PD"), ""), "GDPDJB": _slope(ground, first, dlbm),
        "CZCSXM": np.where(np.isin(dlbm, ["0702"]), "203", np.where(np.isin(dlbm, ["05H1", "0508", "0601", "0701", "08H1", "08H2", "0809", "0810", "1004"]), "201", "")),
        "SJNF": [2025] * n, "MSSM": ["00"] * n,
    }  # fmt: skip
    return shapes, columns


def _slope(ground: Ground, first: np.ndarray, dlbm: np.ndarray) -> np.ndarray:
    steep = np.where(
        ground.hill[first] >= 2, "4", np.where(ground.hill[first] == 1, "3", np.where(field_noise(ground, 31, 8000)[first] > 0.6, "2", "1"))
    )
    return np.where(np.isin(dlbm, CULTIVATED), steep, "")


def permanent(guide: Guide, ground: Ground, uses: Uses) -> tuple[np.ndarray, dict[str, Any]]:
    """YJJBNT: one patch for each protected field, borders shared with its neighbours."""
    rows = np.flatnonzero(uses.farmland)
    rows = rows[np.lexsort((ground.xy[rows, 0], -np.round(ground.xy[rows, 1] / 3000), ground.county[rows]))]
    shapes, n = ground.faces[rows], len(rows)
    area, dlbm = official_areas_m2(shapes), uses.dlbm[rows]
    unit, unit_name = _village_unit(guide, ground, rows)
    ridge = np.where(dlbm == "0103", 0.0936, np.where(dlbm == "0101", 0.0742, 0.0))
    taken = np.round(area * ridge, 2)
    good = np.clip(np.round(6.5 + 1.8 * field_noise(ground, 33, 20000)[rows]), 3, 10).astype(int)
    county = ground.county[rows]
    columns = {
        "BSM": numbers("42060002", n), **county_columns(guide, county), "YJJBNTTBBH": [f"{guide.codes[c]}{k + 1:08d}" for k, c in enumerate(county)],
        "TBBH": [f"{k % 9999 + 1:04d}" for k in range(n)], "DLBM": dlbm, "DLMC": [NAMES[d] for d in dlbm], "QSXZ": ["30"] * n, "QSDWDM": unit,
        "ZLDWDM": unit, "ZLDWMC": unit_name, "YJJBNTTBMJ": area, "KCDLBM": np.where(ridge > 0, "1203", ""), "KCXS": ridge, "KCMJ": taken,
        "YJJBNTMJ": np.round(area - taken, 2), "GDLX": ["PD"] * n, "GDPDJB": _slope(ground, rows, dlbm), "GDDB": good, "SJNF": [2022] * n,
        "BHKSSJ": ["2022-11-07"] * n, "WDGD": np.where(good <= 8, "1", "0"), "SFWYYJJBNT": ["1"] * n,
    }  # fmt: skip
    return shapes, columns


def red_line(guide: Guide, ground: Ground, uses: Uses, link: np.ndarray) -> tuple[np.ndarray, dict[str, Any]]:
    """STBHHX: patches by county, reserve and zone. A few outside reserves have no ZRBHDFQ, as happens in real deliveries."""
    open_line = np.where(np.isin(ground.kind, ["river"]), 1, 0)
    shapes, first = joined(ground, [ground.county, np.where(ground.reserve >= 0, ground.reserve, -1), open_line], uses.red_line, link=link)
    n = len(shapes)
    reserve = ground.reserve[first]
    pick = np.maximum(reserve, 0)
    kinds = np.array([r["class"] for r in guide.reserves])[pick]
    name = np.where(reserve >= 0, np.array([r["name"] for r in guide.reserves])[pick], "")
    level = np.where(reserve >= 0, np.array([r["level"] for r in guide.reserves])[pick], "")
    outside = (reserve < 0) | (kinds == "风景名胜区")
    kind = np.where(outside, "非自然保护地", np.where(kinds == "自然保护区", "自然保护区", "自然公园"))
    zone = np.where(outside, "非自然保护地", np.array([r["zone"] for r in guide.reserves])[pick])
    zone[np.flatnonzero(outside)[::41]] = ""
    zone[np.flatnonzero(kind == "自然公园")[3::9]] = ""
    water, hill = open_line[first] == 1, ground.hill[first]
    line = np.where(water, "水土保持", np.where(hill == 4, "生物多样性维护", np.where(hill >= 3, "水源涵养", "生物多样性维护")))
    county = ground.county[first]
    columns = {
        "BSM": numbers("42060003", n), **county_columns(guide, county), "SHENG": ["湖北省"] * n, "SHI": ["襄阳市"] * n, "XIAN": [guide.names[c] for c in county],
        "HXBM": [f"{guide.codes[c]}-{11 if not w else 14}-{k + 1:04d}" for k, (c, w) in enumerate(zip(county, water, strict=True))],
        "HXMC": [f"{'汉江中游' if w else '鄂西北秦巴山地' if h != 4 else '襄阳岘山鹿门山'}{t}生态保护红线" for w, h, t in zip(water, hill, line, strict=True)],
        "HXLX": line, "LXBM": np.where(line == "水源涵养", "11", np.where(line == "水土保持", "14", "12")), "MJ": official_areas_m2(shapes),
        "ZRBHDMC": np.where(outside & (kinds != "风景名胜区"), "", name), "ZRBHDJB": np.where(outside, "", level), "ZRBHDLX": kind, "ZRBHDFQ": zone,
        "XTYZBLX": np.where(water, "河流", "森林"), "GKCS": ["生态保护红线内自然保护地核心保护区外，禁止开发性、生产性建设活动"] * n, "BZ": [""] * n,
    }  # fmt: skip
    return shapes, columns


def growth_boundary(guide: Guide, ground: Ground, link: np.ndarray) -> tuple[np.ndarray, dict[str, Any]]:
    """CZKFBJ: three kinds of zones of every town; farmland windows are holes in it."""
    shapes, first = joined(ground, [ground.county, ground.zone], ground.zone >= 0, link=link)
    code = np.array([z["code"] for z in guide.growth])[ground.zone[first]]
    name = np.array([z["name"] for z in guide.growth])[ground.zone[first]]
    n = len(shapes)
    columns = {"BSM": numbers("42060004", n), **county_columns(guide, ground.county[first]), "GHFQDM": code, "GHFQMC": [GHFQ[c] for c in code], "MC": name,
               "MJ": official_areas_m2(shapes), "BZ": [""] * n}  # fmt: skip
    return shapes, columns


def forest(guide: Guide, ground: Ground, uses: Uses, link: np.ndarray) -> tuple[np.ndarray, dict[str, Any]]:
    """STGYL: public welfare and natural forest on the wooded faces of the hills."""
    wood = np.isin(uses.dlbm, ["0301", "0302", "0305"]) & (ground.kind == "slope")
    thick = field_noise(ground, 35, 11000)
    kind = np.where(thick > 0.25, "国家级公益林", np.where(thick > -0.35, "省级公益林", "天然林"))
    wood &= (thick > -0.9) & ((ground.hill >= 2) | (thick > 0))
    sheet = (ground.xy[:, 0] // 7000).astype(int) * 1000 + (ground.xy[:, 1] // 7000).astype(int) % 1000
    shapes, first = joined(ground, [kind, ground.county, sheet], wood, link=link)
    n = len(shapes)
    names = [f"{guide.names[c]}{k}" for c, k in zip(ground.county[first], kind[first], strict=True)]
    columns = {"BSM": numbers("42060015", n), **county_columns(guide, ground.county[first]), "MC": names,
               "GYLLX": kind[first], "LZ": np.where(uses.dlbm[first] == "0301", "防护林", "特种用途林"), "MJ": official_areas_m2(shapes)}  # fmt: skip
    return shapes, columns


def simple_unions(shapes: list[Any]) -> np.ndarray:
    """Shapes as an array of polygons or multipolygons on the grid."""
    return np.array([shapely.set_precision(s, 0.01) for s in shapes], dtype=object)
