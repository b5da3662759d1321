"""Makes the reference atlas: every GeoPackage of `layers/`, the relief and the sample boundary file, the same bytes on every run.

    python -m tests.reference_atlas.make_atlas [--out layers]

Reads only what lies in the repository: `shapes.geojson` beside this file, `layers/base.gpkg` and `layers/odbl.gpkg`.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from tests.reference_atlas import farmland, landuse, lines, plans, protection
from tests.reference_atlas.demo_parcels import write_parcels
from tests.reference_atlas.fabric import neighbours
from tests.reference_atlas.ground import Ground, Guide, cut, guide
from tests.reference_atlas.permits import made_permits, write_batch
from tests.reference_atlas.plane import polygons_of, to_plane
from tests.reference_atlas.relief import write_relief
from tests.reference_atlas.tables import county_columns, county_of, numbers, official_areas_m2
from tests.reference_atlas.write import write

ROOT = Path(__file__).resolve().parents[2]
RECORD = Path(__file__).with_name("made.json")
SOURCES = ("base", "odbl")
# The mapped area of the flood layer ends east of 东津: what lies beyond has no data.
FLOOD_EXTENT_DEG = [(110.7, 31.15), (112.36, 31.15), (112.36, 32.7), (110.7, 32.7)]
FUNCTIONS = {
    "鱼梁洲": "生态绿心、城市中央公园、生态旅游", "襄城": "行政、历史文化、教育、旅游", "樊城": "商贸、工业、物流", "襄州": "商贸物流、农副产品加工、装备制造",
    "东津": "行政商务金融、科教、高铁枢纽",
}  # fmt: skip
BOUNDS = {  # 四至为示意文字
    "鱼梁洲": ("汉江东汊", "汉江西汊", "汉江", "唐白河口"), "襄城": ("汉江", "卧龙", "岘山", "汉江"), "樊城": ("小清河", "牛首", "汉江", "二广高速"),
    "襄州": ("滚河口", "小清河", "唐白河", "福银高速"), "东津": ("绕城高速", "汉江", "淳河", "唐白河"),
}  # fmt: skip


class _Press:
    """Writes layers and keeps what it wrote, so that the sample parcels can be checked against it."""

    def __init__(self, out: Path) -> None:
        self.out, self.made = out, {}

    def __call__(self, file: str, table: str, made: tuple[Any, dict[str, Any]]) -> None:
        self.made[file] = (np.asarray(made[0], dtype=object), made[1])
        write(self.out / f"{file}.gpkg", table, *made)


def _surface(shape: Any) -> Any:
    parts = polygons_of(shapely.set_precision(shape, 0.01))
    return parts[0] if len(parts) == 1 else shapely.multipolygons(parts)


def _named(
    press: _Press, file: str, table: str, number: str, g: Guide, rows: list[dict[str, Any]], columns: dict[str, str], **fixed: str
) -> None:
    """A layer of shapes drawn one by one. columns: standard field → key of the row."""
    shapes = np.array([_surface(r["shape"]) for r in rows], dtype=object)
    data: dict[str, Any] = {"BSM": numbers(number, len(rows)), **county_columns(g, county_of(g, shapes))}
    data |= {field: [r[key] for r in rows] for field, key in columns.items()}
    data |= {"MJ": official_areas_m2(shapes)} | {k: [v] * len(rows) for k, v in fixed.items()}
    press(file, table, (shapes, data))


def _drawn_layers(press: _Press, g: Guide) -> None:
    """Layers that are shapes of their own."""
    unit = {z["name"]: z["shape"] for z in g.growth if z["city"] and z["code"] == "410"}
    wet = shapely.union_all([*g.rivers.values(), g.heart])
    cities = [{"name": "鱼梁洲", "class": "心", "shape": g.heart}]
    taken = wet
    for name in ("襄城", "樊城", "襄州", "东津"):
        shape = shapely.buffer(shapely.simplify(shapely.buffer(unit[name], 900).buffer(-520), 60), 0).difference(taken)
        shape = max(polygons_of(shapely.set_precision(shape, 0.01)), key=shapely.area)
        cities.append({"name": name, "class": "城", "shape": shape})
        taken = shapely.union(taken, shape)
    for r in cities:
        r |= {"function": FUNCTIONS[r["name"]], **dict(zip("dxnb", BOUNDS[r["name"]], strict=True))}
    _named(press, "one_heart_four_cities", "YXSC", "42060005", g, cities,
           {"ZXMC": "name", "LX": "class", "GN": "function", "SZ_D": "d", "SZ_X": "x", "SZ_N": "n", "SZ_B": "b"},
           LY="公开报道与示意绘制", PFRQ="2013-01-07", SXX="现行")  # fmt: skip
    hills = [{"name": n, "class": "岗" if n == "鄂北岗地" else "山", "shape": g.hills[n]} for n in ("荆山", "岘山", "鹿门山", "鄂北岗地")]
    _named(
        press,
        "three_hills_one_upland",
        "SSYG",
        "42060006",
        g,
        hills,
        {"MC": "name", "LX": "class"},
        GKCS="严控开山采石，修复裸露山体",
        LY="示意绘制",
        SXX="现行",
    )
    streams = [{"name": n, "class": "干流" if n == "汉江" else "支流", "shape": s} for n, s in g.rivers.items()]
    _named(
        press,
        "one_river_nine_tributaries",
        "YJJH",
        "42060007",
        g,
        streams,
        {"MC": "name", "HLDJ": "class"},
        LY="公开资料概略绘制",
        SXX="现行",
    )
    zones, taken = [], g.heart
    for name, s in g.rivers.items():
        width = 120 if name == "汉江" else 50 if name in ("唐白河", "南河") else 30
        band = shapely.intersection(shapely.simplify(shapely.buffer(s, width, quad_segs=3), 2), g.prefecture)
        band = _surface(shapely.difference(shapely.set_precision(band, 0.01), taken))
        zones.append({"name": f"{name}河道管理范围", "class": "干流" if name == "汉江" else "支流", "shape": band})
        taken = shapely.union(taken, band)
    _named(
        press,
        "river_management_zone",
        "HHAX",
        "42060008",
        g,
        zones,
        {"MC": "name", "HLDJ": "class"},
        AXLX="外缘边界线",
        GKCS="有堤防的河道为两岸堤防之间，无堤防的为设计洪水位以下",
    )
    _named(
        press,
        "water_source_protection",
        "YYSSYBHQ",
        "42060016",
        g,
        protection.sources(g.rivers, g.lakes, g.prefecture),
        {"BHQMC": "name", "BHQJB": "zone"},
        PFWH="示意",
    )
    _named(
        press,
        "nature_reserves",
        "XZZRBHDFB",
        "42060017",
        g,
        g.reserves,
        {"ZRBHDMC": "name", "ZRBHDLX": "class", "ZRBHDJB": "level", "ZRBHDFQ": "zone"},
    )
    _named(press, "wetlands", "SD", "42060018", g, protection.wetlands(g.reserves, g.rivers, g.lakes), {"SDMC": "name", "SDJB": "class"})
    _named(
        press,
        "ancient_city",
        "LSWHBHX",
        "42060019",
        g,
        protection.heritage(g.prefecture),
        {"MC": "name", "BHQX": "zone"},
        YSDM="2090020227",
        GKCS="以公布的保护规划为准",
    )
    park = shapely.transform(g.heart, lambda xy: _shrunk(xy, g.heart))
    _named(
        press,
        "urban_park_core",
        "ZYGY",
        "42060020",
        g,
        [{"name": "鱼梁洲中央公园", "shape": park}],
        {"MC": "name"},
        GKCS="只建公园服务设施",
    )
    _named(press, "geohazard_zones", "DZZHYFQ", "42060021", g, protection.hazards(g.hills), {"YFQDJ": "zone"})
    _named(
        press,
        "mineral_rights",
        "KYQ",
        "42060027",
        g,
        protection.mines(g.prefecture),
        {"KQMC": "name", "KQLX": "class", "KZ": "mineral", "ZLX": "rank"},
    )
    extent = to_plane(shapely.segmentize(shapely.Polygon(FLOOD_EXTENT_DEG), 0.02))
    _named(
        press,
        "flood_zones",
        "HLFXKZX",
        "42060022",
        g,
        protection.floods(g.rivers, g.heart, extent, g.prefecture),
        {"MC": "name", "KZXLX": "zone"},
        YSDM="2090020229",
    )


def _shrunk(xy: np.ndarray, heart: Any) -> np.ndarray:
    """鱼梁洲中央公园 of 513 ha: the island drawn in towards its northern half."""
    centre = shapely.get_coordinates(heart.centroid)[0] + [0, 500]
    return np.round(centre + (xy - centre) * (5.13e6 / heart.area) ** 0.5, 2)


def _line_layers(press: _Press, base: Path, g: Guide) -> None:
    """Roads, railways, power lines, pipelines."""
    roads = np.array([r["shape"] for r in g.roads], dtype=object)
    county = county_columns(
        g, np.array([int(np.argmin(shapely.distance(g.counties, shapely.line_interpolate_point(s, 0.5, normalized=True)))) for s in roads])
    )
    press("highways", "GLZX", (roads, {"BSM": numbers("42060023", len(roads)), **county, "GLMC": [r["name"] for r in g.roads], "GLBH": [r["number"] for r in g.roads],
          "GLDJ": [r["class"] for r in g.roads], "KD": [r["width_m"] for r in g.roads]}))  # fmt: skip
    city = shapely.union_all([z["shape"] for z in g.growth if z["city"]])
    rails = lines.railways(g.prefecture, base / "odbl.gpkg", city, shapely.union_all([z["shape"] for z in g.growth if not z["city"]]))
    press("railways", "TLZX", ([r["shape"] for r in rails], {"BSM": numbers("42060024", len(rails)), "TLMC": [r["name"] for r in rails],
          "TLLX": [r["class"] for r in rails], "TLHJ": [r["setting"] for r in rails], "LY": [r["source"] for r in rails]}))  # fmt: skip
    power = [(n, kv, shapely.intersection(shapely.LineString(np.array(p) * 1000), g.prefecture)) for n, kv, p in lines.POWER]
    power = [(n, kv, s) for n, kv, line in power for s in shapely.get_parts(line) if s.length > 300]
    press("power_lines", "DLXL", ([s for *_, s in power], {"BSM": numbers("42060025", len(power)), "XLMC": [n for n, *_ in power], "DYDJ": [kv for _, kv, _ in power],
          "DYDJMC": [f"{kv}kV" for _, kv, _ in power]}))  # fmt: skip
    pipes = [(n, k, s) for n, k, p in lines.PIPES for s in lines.clipped_path(p, g.prefecture)]
    press("pipelines", "GXZX", ([s for *_, s in pipes], {"BSM": numbers("42060026", len(pipes)), "GXMC": [n for n, *_ in pipes], "GXLX": [k for _, k, _ in pipes],
          "GJ": [813 if k == "天然气" else 711 for _, k, _ in pipes]}))  # fmt: skip


def make(out: Path, base: Path) -> tuple[Guide, Ground, landuse.Uses]:
    """Write every layer into `out`, reading base.gpkg and odbl.gpkg from `base`."""
    out.mkdir(parents=True, exist_ok=True)
    press = _Press(out)
    g = guide(base)
    ground = cut(g)
    link = neighbours(ground.faces)
    uses = landuse.uses(g, ground)
    counties = np.array([shapely.coverage_union_all(ground.faces[ground.county == c]) for c in range(len(g.codes))], dtype=object)
    n = len(counties)
    press(
        "counties",
        "XJXZQ",
        (
            counties,
            {
                "BSM": numbers("42060000", n),
                "YSDM": ["2090010200"] * n,
                "XZQDM": g.codes,
                "XZQMC": g.names,
                "MJ": official_areas_m2(counties),
            },
        ),
    )
    press("current_land_use", "DLTB", farmland.survey(g, ground, uses, link))
    press("permanent_basic_farmland", "YJJBNT", farmland.permanent(g, ground, uses))
    press("ecological_red_line", "STBHHX", farmland.red_line(g, ground, uses, link))
    press("urban_growth_boundary", "CZKFBJ", farmland.growth_boundary(g, ground, link))
    press("territorial_plan", "GHFQ", plans.territorial(g, ground, uses, link))
    press("urban_rural_plan", "CXGHYD", plans.urban_rural(g, ground, uses, link))
    press("land_use_plan", "TDGHDL", plans.land_use(g, ground, uses, link))
    press("development_plan_projects", "FZGHXM", plans.projects(g, ground, uses, link))
    press("ecological_environment_zones", "HJGKDY", plans.ecological_zones(g, ground, uses, link))
    press("forest", "STGYL", farmland.forest(g, ground, uses, link))
    _drawn_layers(press, g)
    _line_layers(press, base, g)
    permits, batch = made_permits(g, ground, uses, press.made)
    press("land_permits", "JSYDXK", permits)
    write_batch(out, batch)
    write_relief(out / "relief.tif", g)
    write_parcels(out, g, ground, uses, press.made)
    return g, ground, uses


def record() -> dict[str, dict[str, str]]:
    """SHA-256 of all that goes in (maker, guide shapes, base) and of all that comes out."""
    here = Path(__file__).parent
    inputs = [*sorted(here.glob("*.py")), here / "shapes.geojson", *[ROOT / "layers" / f"{n}.gpkg" for n in SOURCES]]
    layers = ROOT / "layers"
    outputs = [p for p in sorted([*layers.glob("*.gpkg"), *layers.glob("*.tif")]) if p.stem not in SOURCES]
    outputs += sorted(p for p in (layers / "demo").iterdir() if p.suffix in (".txt", ".gpkg"))
    skipped = ("__init__.py", "trace_shapes.py")

    def digest(paths: list[Path]) -> dict[str, str]:
        return {
            p.relative_to(ROOT).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest()
            for p in paths
            if p.name not in skipped and not p.name.startswith("test_")
        }

    return {"inputs": digest(inputs), "outputs": digest(outputs)}


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "layers")
    out = parser.parse_args().out
    make(out, ROOT / "layers")
    if out.resolve() == ROOT / "layers":
        RECORD.write_text(json.dumps(record(), ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
