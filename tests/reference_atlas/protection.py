"""Protected areas, heritage and hazards, drawn over the real hills and rivers."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
import shapely.ops

from tests.reference_atlas.cities import WALL_CENTRE
from tests.reference_atlas.fabric import waves
from tests.reference_atlas.plane import blob, polygons_of

# name, class, level, centre in zone 37 km, radius m, flatness, whether it has a core
RESERVES = [
    ("湖北五道峡国家级自然保护区", "自然保护区", "国家级", 518.5, 3506.5, 8600, 0.75, True),
    ("湖北南河国家级自然保护区", "自然保护区", "国家级", 541.0, 3557.0, 6900, 0.7, True),
    ("湖北漳河源省级自然保护区", "自然保护区", "省级", 560.0, 3489.5, 6200, 0.8, True),
    ("湖北薤山国家森林公园", "森林公园", "国家级", 530.5, 3566.5, 3300, 0.8, False),
    ("湖北大薤山地质公园", "地质公园", "省级", 537.0, 3533.0, 2600, 0.8, False),
    ("湖北横冲省级森林公园", "森林公园", "省级", 544.5, 3499.0, 2700, 0.8, False),
    ("湖北保康九路寨地质公园", "地质公园", "省级", 505.0, 3494.0, 3900, 0.7, False),
    ("湖北枣阳白竹园寺国家森林公园", "森林公园", "国家级", 693.0, 3583.0, 2800, 0.9, False),
    ("湖北水镜湖国家森林公园", "森林公园", "国家级", 570.5, 3512.8, 2300, 0.7, False),
]  # fmt: skip
# name, kind of right, mineral, strategic or not, corners in zone 37 km: places of real mining, outlines made up
MINES = [
    ("堰垭磷矿", "采矿权", "磷矿", "战略性", [(531.2, 3487.5), (534.8, 3487.5), (534.8, 3489.0), (533.6, 3490.6), (531.2, 3490.6)]),
    ("白竹磷矿", "采矿权", "磷矿", "战略性", [(522.4, 3482.2), (525.9, 3482.2), (525.9, 3485.1), (523.0, 3485.1), (522.4, 3484.3)]),
    ("东巩磷矿", "采矿权", "磷矿", "战略性", [(566.0, 3480.5), (569.2, 3480.5), (569.2, 3482.6), (566.0, 3482.6)]),
    ("大阜山金红石矿普查", "探矿权", "钛矿", "战略性", [(690.0, 3553.0), (693.5, 3553.0), (693.5, 3555.4), (690.0, 3555.4)]),
    ("石花石灰岩矿", "采矿权", "石灰岩", "非战略性", [(545.2, 3571.6), (546.4, 3571.6), (546.4, 3572.3), (545.2, 3572.3)]),
    ("板桥店建筑石料矿", "采矿权", "建筑石料", "非战略性", [(603.4, 3497.2), (604.3, 3497.2), (604.3, 3497.9), (603.4, 3497.9)]),
]  # fmt: skip
SOURCES = [  # name, zone 37 km, county: intakes on rivers are laid on the nearest bank
    ("襄阳市白家湾水源地", 603.4, 3545.5, "汉江"), ("襄阳市火星观水源地", 599.6, 3546.2, "汉江"), ("襄州区汉江水源地", 610.9, 3549.9, "汉江"),
    ("老河口市汉江水源地", 559.5, 3588.0, "汉江"), ("谷城县汉江水源地", 562.5, 3573.5, "汉江"), ("宜城市汉江水源地", 622.8, 3511.5, "汉江"),
]  # fmt: skip


def wavy(shape: Any, seed: int, amount_m: float = 260) -> Any:
    """The shape with a ragged, natural-looking outline."""
    shape = shapely.segmentize(shape, 500)
    return shapely.make_valid(
        shapely.transform(
            shape, lambda xy: np.round(xy + waves(xy, np.random.default_rng(seed), [(2600, amount_m), (900, amount_m / 4)]), 2)
        )
    )


def reserves(hills: dict[str, Any], han: Any, prefecture: Any, rng: np.random.Generator) -> list[dict[str, Any]]:
    """Rows name, class, level, zone, shape; ranges do not overlap. Only 自然保护区 have a core (法典: 自然公园不分区)."""
    rows: list[dict[str, Any]] = []
    taken = shapely.Polygon()

    def add(name: str, kind: str, level: str, zone: str, shape: Any) -> None:
        nonlocal taken
        shape = shapely.difference(shapely.intersection(shape, prefecture), taken)
        shape = shapely.union_all([p for p in polygons_of(shape) if p.area > 2e5])
        if not shape.is_empty:
            rows.append({"name": name, "class": kind, "level": level, "zone": zone, "shape": shape})
            taken = shapely.union(taken, shape)

    for name, kind, level, x, y, r, flat, core in RESERVES:
        whole = wavy(blob(x * 1000, y * 1000, r, rng, corners=24, wobble=0.5, flat=flat), 41)
        if core:
            heart = wavy(shapely.buffer(whole, -r * 0.3), 43)
            add(name, kind, level, "核心保护区", heart.intersection(shapely.buffer(whole, -500)))
        add(name, kind, level, "一般控制区", whole)
    add("岘山国家森林公园", "森林公园", "国家级", "一般控制区", shapely.buffer(hills["岘山"], -150))
    add("鹿门寺国家森林公园", "森林公园", "国家级", "一般控制区", shapely.buffer(hills["鹿门山"], -250))
    glen = shapely.intersection(hills["隆中"], wavy(shapely.box(591800, 3535500, 599200, 3543500), 44, 400))
    add("隆中风景名胜区", "风景名胜区", "国家级", "核心景区", wavy(shapely.buffer(glen, -900), 45, 150))
    add("隆中风景名胜区", "风景名胜区", "国家级", "其他", glen)
    reach = shapely.union(
        shapely.intersection(han, shapely.box(612000, 3523000, 618500, 3533500)),
        shapely.intersection(han, shapely.box(590500, 3547200, 598600, 3553000)),
    )
    add(
        "湖北襄阳汉江国家湿地公园",
        "湿地公园",
        "国家级",
        "一般控制区",
        shapely.union_all([shapely.Polygon(p.exterior) for p in polygons_of(reach)]),
    )
    add(
        "湖北谷城汉江国家湿地公园",
        "湿地公园",
        "国家级",
        "一般控制区",
        shapely.intersection(han, shapely.box(560500, 3562000, 570000, 3577500)),
    )
    return rows


def sources(rivers: dict[str, Any], lakes: list[tuple[str, Any]], prefecture: Any) -> list[dict[str, Any]]:
    """Rows name, zone, shape: nested rings that do not overlap."""
    rows: list[dict[str, Any]] = []
    taken = shapely.Polygon()

    def add(name: str, rings: list[tuple[str, Any]]) -> None:
        nonlocal taken
        for zone, shape in rings:
            shape = shapely.difference(shapely.intersection(shape, prefecture), taken)
            shape = shapely.union_all([p for p in polygons_of(shapely.simplify(shape, 3)) if p.area > 1e4])
            shape = shapely.difference(shape, taken)
            if shape.is_empty:
                raise ValueError(f"{name} {zone}: nothing left of it")
            rows.append({"name": name, "zone": zone, "shape": shape})
            taken = shapely.union(taken, shape)

    for name, x, y, river in SOURCES:
        p = shapely.ops.nearest_points(rivers[river], shapely.Point(x * 1000, y * 1000))[0]
        near = [shapely.intersection(rivers[river], p.buffer(r)) for r in (900, 2100, 3600)]
        add(name, [("一级保护区", near[0].buffer(60)), ("二级保护区", near[1].buffer(220)), ("准保护区", near[2].buffer(400))])
    lake = dict(lakes)
    for name, of in (("官沟水库应急水源地", "官沟水库"), ("枣阳市熊河水库水源地", "熊河水库"), ("南漳县三道河水库水源地", "三道河水库"),
                     ("保康县寺坪水库水源地", "寺坪水库"), ("枣阳市华阳河水库水源地", "华阳河水库"), ("襄州区红水河水库水源地", "红水河水库")):  # fmt: skip
        g = lake[of]
        add(
            name,
            [("一级保护区", g.buffer(200)), ("二级保护区", wavy(g.buffer(1300), 47, 180)), ("准保护区", wavy(g.buffer(2600), 48, 240))],
        )
    return rows


def wetlands(reserve_rows: list[dict[str, Any]], rivers: dict[str, Any], lakes: list[tuple[str, Any]]) -> list[dict[str, Any]]:
    """Rows name, class, shape."""
    rows = [
        {"name": r["name"], "class": "国家重要湿地" if "襄阳" in r["name"] else "省级重要湿地", "shape": r["shape"]}
        for r in reserve_rows
        if r["class"] == "湿地公园"
    ]
    taken = shapely.union_all([r["shape"] for r in rows])
    for name in ("唐白河", "南河", "蛮河"):
        g = shapely.difference(shapely.buffer(rivers[name], 45), shapely.union(taken, rivers["汉江"]))
        rows.append(
            {"name": f"{name}河滩湿地", "class": "一般湿地", "shape": shapely.union_all([p for p in polygons_of(g) if p.area > 2e5])}
        )
    rows += [{"name": f"{name}湿地", "class": "一般湿地", "shape": g} for name, g in lakes]
    return rows


def old_city() -> dict[str, Any]:
    """The wall (7.33 km round), the moat of 180 m before it, and the protection lines, as rings around one another."""
    x, y = WALL_CENTRE
    corners = np.array(
        [
            (-1100, 520),
            (-760, 760),
            (150, 730),
            (820, 690),
            (1010, 260),
            (930, -420),
            (640, -760),
            (-300, -820),
            (-960, -700),
            (-1120, -150),
        ],
        dtype=float,
    )
    wall = shapely.Polygon(corners)
    wall = shapely.transform(wall, lambda xy: np.round(xy * (7330.0 / wall.length) + [x, y], 2))
    moat = shapely.difference(shapely.buffer(wall, 190, join_style="mitre"), shapely.buffer(wall, 10, join_style="mitre"))
    south = shapely.box(x - 3000, y - 3000, x + 3000, y + 560)  # on the north side the Han itself is the moat
    return {"wall": wall, "moat": shapely.intersection(moat, south)}


def heritage(prefecture: Any) -> list[dict[str, Any]]:
    """Rows name, zone, shape of the ancient city and the 陈老巷 district on the 樊城 side."""
    wall = old_city()["wall"]
    inner = shapely.buffer(wall, 190, join_style="mitre")
    ring = shapely.buffer(wall, -60, join_style="mitre")
    control = shapely.buffer(wall, 420, join_style="mitre")
    lane = shapely.Polygon([(606350, 3546020), (606980, 3545900), (607080, 3546190), (606930, 3546390), (606450, 3546470)])
    deng = shapely.Polygon([(604600, 3557300), (605350, 3557380), (605420, 3556700), (604700, 3556600)])
    rows = [
        ("襄阳城墙", "文物保护范围", inner.difference(ring)),
        ("襄阳古城", "名城保护范围", ring),
        ("襄阳城墙", "建设控制地带", control.difference(inner)),
        ("陈老巷历史文化街区", "历史文化街区核心保护范围", lane),
        ("陈老巷历史文化街区", "建设控制地带", shapely.buffer(lane, 160, join_style="mitre").difference(lane)),
        ("邓城遗址", "文物保护范围", deng),
        ("邓城遗址", "建设控制地带", shapely.buffer(deng, 220, join_style="mitre").difference(deng)),
    ]
    return [{"name": n, "zone": z, "shape": g} for n, z, g in rows]


def hazards(hills: dict[str, Any]) -> list[dict[str, Any]]:
    """Rows zone, shape: susceptibility falls from crest to foot; disjoint."""
    crest, slope = shapely.simplify(hills["crest"], 60), shapely.simplify(hills["slope"], 60)
    high = wavy(shapely.buffer(crest, -900), 51)
    middle = shapely.difference(slope, high)
    small = shapely.union_all([shapely.buffer(hills[n], -100) for n in ("岘山", "鹿门山", "隆中")])
    low = shapely.difference(shapely.union(hills["foot"], small), shapely.union(slope, high))
    return [{"zone": z, "shape": g} for z, g in (("高易发区", high), ("中易发区", middle), ("低易发区", low))]


def mines(prefecture: Any) -> list[dict[str, Any]]:
    """Rows name, class, mineral, rank, shape."""
    shapes = [shapely.intersection(shapely.Polygon(np.array(corners) * 1000), prefecture) for *_, corners in MINES]
    return [{"name": n, "class": k, "mineral": m, "rank": r, "shape": s} for (n, k, m, r, _), s in zip(MINES, shapes, strict=True)]


def floods(rivers: dict[str, Any], heart: Any, extent: Any, prefecture: Any) -> list[dict[str, Any]]:
    """Rows name, zone, shape inside the mapped extent; disjoint."""
    han, tang = rivers["汉江"], rivers["唐白河"]
    south = shapely.box(480000, 3480000, 640000, 3541500)
    rows, taken = [], shapely.Polygon()
    low = shapely.union(shapely.buffer(han, 350), shapely.intersection(heart, shapely.box(611800, 3540000, 616000, 3546300)))
    basin = wavy(
        shapely.Polygon([(620500, 3526500), (624000, 3522000), (625500, 3514500), (623500, 3513800), (620300, 3519500), (618300, 3524500)]),
        53,
        200,
    )
    wide = wavy(
        shapely.union_all(
            [
                shapely.intersection(shapely.buffer(han, 2600), south),
                shapely.buffer(han, 700),
                shapely.buffer(tang, 900),
                shapely.buffer(rivers["蛮河"], 500),
            ]
        ),
        55,
        120,
    )
    for name, zone, g in (
        ("汉江滩地", "洪泛区", low),
        ("汉江襄东分蓄洪民垸", "蓄滞洪区", basin),
        ("汉江襄宜防洪保护圈", "防洪保护区", wide),
    ):
        g = shapely.difference(shapely.intersection(shapely.intersection(g, extent), prefecture), taken)
        g = shapely.union_all([p for p in polygons_of(shapely.simplify(g, 5)) if p.area > 2e4])
        g = shapely.difference(g, taken)
        rows.append({"name": name, "zone": zone, "shape": g})
        taken = shapely.union(taken, g)
    return rows
