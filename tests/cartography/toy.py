"""A toy city by a river, every layer of the catalogue in it, and a check of three parcels on it, made by hand."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import numpy as np
import shapely

from xygis.atlas.atlas import Atlas
from xygis.atlas.bundled import bundled_root
from xygis.atlas.law import Selection
from xygis.atlas.verdict import DataState, LayerState, Verdict
from xygis.check.assessment import Assessment, ParcelAssessment, Project, Use
from xygis.geodesy.crs import to_geographic
from xygis.judge.finding import Finding
from xygis.overlay.measure import Measure, Patch

ORIGIN = (616_000.0, 3_545_000.0)
CRS = "EPSG:4546"
HOSTILE = "</script><img src=x onerror=alert(1)>"

# id, title, group, role, geometry, our fields
LAYERS = (
    ("counties", "行政区", "行政区", "reference", "polygon", ("county_code", "county_name")),
    ("ecological_red_line", "生态保护红线", "三条控制线", "control", "polygon", ("name", "zone")),
    ("permanent_basic_farmland", "永久基本农田", "三条控制线", "control", "polygon", ("id", "class")),
    ("urban_growth_boundary", "城镇开发边界", "三条控制线", "control", "polygon", ("zone", "name")),
    ("one_heart_four_cities", "一心四城", "城市格局", "layout", "polygon", ("name", "class")),
    ("three_hills_one_upland", "三山一岗", "城市格局", "layout", "polygon", ("name", "class")),
    ("one_river_nine_tributaries", "一江九河", "河湖水系", "layout", "polygon", ("name", "class")),
    ("river_management_zone", "河道管理范围", "河湖水系", "control", "polygon", ("name", "class")),
    ("water_source_protection", "饮用水水源保护区", "法定保护", "control", "polygon", ("name", "zone")),
    ("nature_reserves", "自然保护地", "法定保护", "control", "polygon", ("name", "zone")),
    ("wetlands", "湿地", "法定保护", "control", "polygon", ("name", "class")),
    ("ancient_city", "古城与历史文化保护线", "法定保护", "control", "polygon", ("name", "zone")),
    ("urban_park_core", "鱼梁洲中央公园", "城市格局", "layout", "polygon", ("name",)),
    ("current_land_use", "现状地类", "现状与要素", "survey", "polygon", ("class", "owner")),
    ("territorial_plan", "国土空间规划分区", "各类规划", "plan", "polygon", ("zone",)),
    ("urban_rural_plan", "城乡规划用地", "各类规划", "plan", "polygon", ("class",)),
    ("land_use_plan", "土地利用规划", "各类规划", "plan", "polygon", ("zone",)),
    ("development_plan_projects", "经济社会发展规划项目", "各类规划", "plan", "polygon", ("name",)),
    ("ecological_environment_zones", "生态环境分区管控单元", "各类规划", "plan", "polygon", ("name", "class")),
    ("forest", "公益林与天然林", "现状与要素", "survey", "polygon", ("class",)),
    ("geohazard_zones", "地质灾害易发区", "现状与要素", "survey", "polygon", ("zone",)),
    ("flood_zones", "洪涝风险控制线", "河湖水系", "control", "polygon", ("name", "zone")),
    ("highways", "公路", "基础设施", "reference", "line", ("name", "class")),
    ("railways", "铁路", "基础设施", "reference", "line", ("name", "class")),
    ("power_lines", "电力线路", "基础设施", "reference", "line", ("name", "class")),
    ("pipelines", "油气管道", "基础设施", "reference", "line", ("name", "class")),
)


def degrees(geometry: shapely.Geometry) -> shapely.Geometry:
    """Metres from the toy city's origin, as longitude and latitude."""

    def move(c: np.ndarray) -> np.ndarray:
        return np.column_stack(to_geographic(CRS, c[:, 0] + ORIGIN[0], c[:, 1] + ORIGIN[1]))

    return shapely.transform(geometry, move)


def area(*points: tuple[float, float]) -> shapely.Polygon:
    return shapely.Polygon(points)


def _features() -> dict[str, list[tuple[shapely.Geometry, dict[str, str]]]]:
    river = area((-900, -2500), (-1500, -800), (-1350, 600), (-900, 2500), (-450, 2500), (-850, 600), (-1000, -800), (-350, -2500))
    bank = area((-350, -2500), (-1000, -800), (-850, 600), (-700, 600), (-760, -700), (-120, -2500))
    window = area((330, -170), (560, -150), (540, -400), (320, -390))
    city = area((-560, 2500), (-640, 300), (-600, -900), (400, -1000), (900, -600), (1700, -420), (2600, -500), (2600, 2500)).difference(
        window
    )
    flexible = area((1000, 100), (2600, 0), (2600, 900), (1050, 850))
    fields = []
    for i in range(14):
        for j in range(10):
            x, y = 750 + i * 150 + 12 * (j % 3), -2300 + j * 160 + 9 * (i % 4)
            piece = area((x, y), (x + 140, y + 8), (x + 132, y + 148), (x - 6, y + 140)).difference(city.buffer(20))
            if not piece.is_empty and (i * 7 + j * 3) % 11:
                fields.append((piece, {"id": f"{i}-{j}", "class": "0101"}))
    whole = shapely.box(-3000, -2600, 3000, 2600)
    return {
        "counties": [
            (whole, {"county_code": "420606", "county_name": "樊城区"}),
            (shapely.box(-3000, 2600, 3000, 6000), {"county_name": "襄州区"}),
        ],
        "ecological_red_line": [
            (bank, {"name": "汉江河岸", "zone": "非自然保护地"}),
            (area((-2900, -2500), (-1900, -2500), (-2300, -1500)), {"zone": "核心保护区"}),
        ],
        "permanent_basic_farmland": [(window, {"id": "W", "class": "0102"}), *fields],
        "urban_growth_boundary": [(city.difference(flexible), {"zone": "集中建设区"}), (flexible, {"zone": "弹性发展区"})],
        "one_heart_four_cities": [
            (area((-2900, 2200), (-1900, 2300), (-1500, 500), (-1700, -900), (-2600, -200)), {"name": "鱼梁洲", "class": "心"}),
            (area((-600, 2400), (-650, -900), (900, -500), (2500, -450), (2500, 2400)), {"name": "东津", "class": "城"}),
        ],
        "three_hills_one_upland": [(area((-2900, -2500), (-1200, -2500), (-1900, -1200)), {"name": "岘山", "class": "山"})],
        "one_river_nine_tributaries": [(river, {"name": "汉江", "class": "干流"})],
        "river_management_zone": [(bank.buffer(60).difference(river), {"name": "汉江"})],
        "water_source_protection": [
            (area((-1200, 1200), (-700, 1200), (-500, 1700), (-1000, 1700)), {"name": "白家湾", "zone": "一级保护区"})
        ],
        "nature_reserves": [(area((-2800, -900), (-2000, -900), (-2100, -400)), {"name": "鱼梁洲湿地公园", "zone": "一般控制区"})],
        "wetlands": [(area((-1700, -2000), (-1200, -2200), (-1250, -1500)), {"name": "汉江湿地", "class": "一般湿地"})],
        "ancient_city": [(area((1500, 1500), (2100, 1500), (2100, 2000), (1500, 2000)), {"name": HOSTILE, "zone": "文物保护范围"})],
        "urban_park_core": [(area((-2700, 800), (-2000, 1000), (-2100, 1700), (-2700, 1800)), {"name": "中央公园"})],
        "current_land_use": [
            (shapely.box(-3000, -2600, 0, 2600), {"class": "0101"}),
            (shapely.box(0, -2600, 3000, 2600), {"class": "0701"}),
        ],
        "territorial_plan": [
            (shapely.box(-3000, -2600, 0, 2600), {"zone": "农田保护区"}),
            (shapely.box(0, -2600, 3000, 2600), {"zone": "411"}),
        ],
        "urban_rural_plan": [(shapely.box(-400, -300, 900, 900), {"class": "M1"}), (shapely.box(900, -300, 1800, 900), {"class": "R2"})],
        "land_use_plan": [
            (shapely.box(-400, -300, 900, 900), {"zone": "允许建设区"}),
            (shapely.box(900, -300, 1800, 900), {"zone": "禁止建设区"}),
        ],
        "development_plan_projects": [(shapely.box(200, 1000, 900, 1500), {"name": "东津产业园"})],
        "ecological_environment_zones": [(whole, {"name": "樊城重点管控单元", "class": "重点管控单元"})],
        "forest": [(area((-2900, -2500), (-1500, -2500), (-2000, -1600)), {"class": "国家级公益林"})],
        "geohazard_zones": [(area((-2900, -2500), (-1500, -2500), (-2000, -1900)), {"zone": "高易发区"})],
        "flood_zones": [(area((-800, 1900), (-200, 1900), (-200, 2400), (-600, 2400)), {"name": "东津行洪区", "zone": "洪泛区"})],
        "highways": [
            (shapely.LineString([(-3000, -1300), (0, -1350), (3000, -900)]), {"name": "G70 福银高速", "class": "高速公路"}),
            (shapely.LineString([(200, -2600), (260, 0), (200, 2600)]), {"name": "S218", "class": "省道"}),
        ],
        "railways": [(shapely.LineString([(1300, -2600), (1500, 0), (1350, 2600)]), {"name": "郑渝高铁", "class": "高速铁路"})],
        "power_lines": [(shapely.LineString([(-3000, 1000), (3000, 1100)]), {"name": "220 kV 津襄线", "class": "220kV"})],
        "pipelines": [(shapely.LineString([(-3000, 2100), (3000, 2250)]), {"name": "西气东输二线", "class": "天然气"})],
    }


def write_atlas(root: Path) -> None:
    """The toy city as an atlas folder."""
    import geopandas

    (root / "layers").mkdir(parents=True)
    (root / "maps").mkdir()
    shutil.copy(bundled_root() / "maps" / "styles.toml", root / "maps")
    text = ['[atlas]\nname = "玩具图集"\n']
    features = _features()
    for layer_id, title, group, role, geometry, fields in LAYERS:
        rows = features[layer_id]
        table = {field: [attributes.get(field) for _, attributes in rows] for field in fields}
        frame = geopandas.GeoDataFrame(table, geometry=[degrees(g) for g, _ in rows], crs="EPSG:4490")
        frame.to_file(root / "layers" / f"{layer_id}.gpkg", driver="GPKG")
        lines = "\n".join(f'{field} = ["{field}"]' for field in fields)
        text.append(
            f'[[layer]]\nid = "{layer_id}"\ntitle = "{title}"\ngroup = "{group}"\nrole = "{role}"\ngeometry = "{geometry}"\nstatus = "demo"\n'
            f'source = {{ file = "{layer_id}.gpkg" }}\n[layer.fields]\n{lines}\n'
        )
    (root / "layers" / "catalogue.toml").write_text("\n".join(text), "utf-8")


def make_check(atlas: Atlas) -> Assessment:
    """地块1 on farmland (prohibited), 地块2 in the flexible zone, 地块3 grazing the red line; one name is hostile."""
    from xygis.check.assessment import LayerRecord

    one = area((-80, 180), (380, 150), (370, -190), (-60, -170))
    two = area((780, 330), (1150, 310), (1130, 80), (790, 100))
    three = area((-758, -330), (-540, -320), (-530, -520), (-749.9, -560))
    window = area((330, -170), (560, -150), (540, -400), (320, -390)).buffer(0)
    hit = one.buffer(0).intersection(window)
    sliver = area((-758, -330), (-749.9, -560), (-749.92, -560), (-758.03, -330))
    use = Use(code="1001", name="工业用地", class_version="2023", assumed=False)

    def measure(
        layer: str, state: LayerState, pieces: tuple[Patch, ...] = (), overlap: float | None = 0.0, unmapped: float = 0.0
    ) -> Measure:
        known = state != LayerState.NO_DATA
        return Measure(
            layer=layer,
            state=state,
            data=DataState.READY if known else DataState.MISSING,
            overlap_m2=overlap if known else None,
            overlap_range_m2=None,
            overlap_share=0.0639 if known and overlap else (0.0 if known else None),
            outside_m2=0.0 if known else None,
            unmapped_m2=unmapped,
            distance_m=None,
            patches=len(pieces) if known else None,
            sliver_count=sum(p.sliver for p in pieces) if known else None,
            sliver_m2=0.0 if known else None,
            features=(),
            parts=(),
            pieces=pieces,
            contact_m2=None,
        )

    def patch(layer: str, shape: shapely.Polygon, size: float, *, thin: bool = False) -> Patch:
        return Patch(
            selection=Selection(layer=layer),
            geometry=degrees(shape),
            area_m2=size,
            mean_width_m=0.03 if thin else 20.0,
            sliver=thin,
            cause=None,
            feature_ids=("W",),
        )

    def finding(rule: str, layer: str, verdict: Verdict, worst: Verdict, text: str, overlap: float | None) -> Finding:
        return Finding(
            rule=rule,
            title=text,
            layer=layer,
            verdict=verdict,
            best=Verdict.COMPLIANT if verdict == Verdict.UNDETERMINED else verdict,
            worst=worst,
            needs=(),
            text=text,
            overlap_m2=overlap,
            authority="",
            documents=(),
            remedy="",
            basis=(),
        )

    def parcel(
        number: str, name: str, verdict: Verdict, shape: shapely.Polygon, measures: tuple[Measure, ...], findings: tuple[Finding, ...]
    ) -> ParcelAssessment:
        return ParcelAssessment(
            id=number,
            name=name,
            source=0,
            verdict=verdict,
            geometry=degrees(shape),
            crs="EPSG:4525",
            ellipsoidal_m2=shape.area,
            planar_m2=shape.area,
            declared_m2=None,
            use=use,
            measures=measures,
            findings=findings,
        )

    concerned, clear, unknown = LayerState.CONCERNED, LayerState.CLEAR, LayerState.NO_DATA
    parcels = (
        parcel(
            "1",
            "地块1",
            Verdict.PROHIBITED,
            one,
            (
                measure("permanent_basic_farmland", concerned, (patch("permanent_basic_farmland", hit, 9554.33),), 9554.33),
                measure("urban_growth_boundary", concerned, (), 100.0),
                measure("ecological_red_line", clear),
                measure("current_land_use", concerned, (), one.area),
            ),
            (
                finding(
                    "PBF-01", "permanent_basic_farmland", Verdict.PROHIBITED, Verdict.PROHIBITED, "占用永久基本农田 9,554.33 m²", 9554.33
                ),
            ),
        ),
        parcel(
            "2",
            HOSTILE,
            Verdict.JUSTIFICATION,
            two,
            (
                measure(
                    "urban_growth_boundary",
                    concerned,
                    (patch("urban_growth_boundary", two.intersection(shapely.box(1000, 0, 2000, 900)), 21799.43),),
                    21799.43,
                ),
            ),
            (finding("UGB-02", "urban_growth_boundary", Verdict.JUSTIFICATION, Verdict.JUSTIFICATION, "部分位于弹性发展区", 21799.43),),
        ),
        parcel(
            "3",
            "地块3",
            Verdict.UNDETERMINED,
            three,
            (
                measure("ecological_red_line", concerned, (patch("ecological_red_line", sliver, 7.62, thin=True),), 7.62),
                measure("flood_zones", unknown, (), None, unmapped=42_247.0),
            ),
            (finding("ESR-02", "ecological_red_line", Verdict.UNDETERMINED, Verdict.PROHIBITED, "与生态保护红线疑似边界误差", 7.62),),
        ),
    )
    return Assessment(
        checked_on=date(2026, 11, 24),
        verdict=Verdict.PROHIBITED,
        atlas_name=atlas.name,
        atlas_fingerprint="sha256:3fd281c6",
        plane="official",
        rules_count=0,
        rules_fingerprint="sha256:0",
        layers=tuple(LayerRecord(layer=layer, state=DataState.READY, features=1, sha256=None, note=None) for layer in atlas.layers),
        sources=(),
        project=Project(name="东津智能装备产业园一期", use=use, attributes=()),
        parcels=parcels,
        procedures=(),
        upcoming=(),
        trace=(),
        assumptions=(),
        tolerances=(),
    )
