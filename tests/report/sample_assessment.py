"""Assessments written by hand, so that the report can be tested without the engine: a project of three parcels and its variants."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import shapely

from xygis.atlas.law import Citation, Selection
from xygis.atlas.layer import Layer
from xygis.atlas.verdict import DataState, DataStatus, LayerState, Verdict, worst
from xygis.check.assessment import Assessment, LayerRecord, ParcelAssessment, Project, Refused, Step, Upcoming, Use
from xygis.errors import UnknownZone, Where
from xygis.intake.submission import Parcel, Submission
from xygis.judge.application import Act
from xygis.judge.finding import Finding, Need
from xygis.overlay.measure import FeatureHit, Measure, Part, Patch
from xygis.vector.notes import Note

DAY = date(2026, 11, 24)
LAND_LAW = date(2019, 8, 26)
PBF, ESR, UGB = "permanent_basic_farmland", "ecological_red_line", "urban_growth_boundary"
CITY, RIVER, FLOOD, LAND_USE = "one_heart_four_cities", "river_management_zone", "flood_zones", "current_land_use"
HOSTILE = "</script><img src=x onerror=alert(1)>{{7*7}}"
_LAYERS = (
    ("counties", "行政区", "基础", "reference", "XJXZQ", "民政", None),
    (ESR, "生态保护红线", "三条控制线", "control", "STBHHX", "市自然资源和规划局", 0.5),
    (PBF, "永久基本农田", "三条控制线", "control", "YJJBNT", "市自然资源和规划局", 0.5),
    (UGB, "城镇开发边界", "三条控制线", "control", "CZKFBJ", "市自然资源和规划局", 0.5),
    (CITY, "一心四城", "城市格局", "layout", "YXSC", "市自然资源和规划局", 50.0),
    ("three_hills_one_upland", "三山一岗", "城市格局", "layout", "SSYG", "市自然资源和规划局", 50.0),
    (RIVER, "河道管理范围", "水系", "control", "HHAX", "市水利和湖泊局", 2.0),
    ("water_source_protection", "饮用水水源保护区", "水系", "control", None, "市生态环境局", 5.0),
    ("nature_reserves", "自然保护地", "法定保护地", "control", "XZZRBHDFB", "市林业局", 5.0),
    ("wetlands", "湿地", "法定保护地", "control", "SD", "市林业局", 5.0),
    ("ancient_city", "古城与历史文化保护线", "法定保护地", "control", "LSWHBHX", "市自然资源和规划局", 5.0),
    (LAND_USE, "现状地类", "现状", "survey", "DLTB", "2025 年度国土变更调查", 0.5),
    (FLOOD, "洪涝风险控制线", "水系", "control", "HLFXKZX", "市水利和湖泊局", 5.0),
    ("highways", "公路及建筑控制区", "基础设施", "control", None, "市交通运输局", 2.0),
)
_TITLES = {id_: title for id_, title, *_ in _LAYERS}


def layer_record(id_: str, *, state: DataState = DataState.READY, note: str | None = None) -> LayerRecord:
    """One layer as it took part; demo data."""
    title, group, role, table, authority, accuracy = next(row[1:] for row in _LAYERS if row[0] == id_)
    layer = Layer(
        id=id_,
        title=title,
        group=group,
        role=role,
        table=table,
        path=Path("layers") / f"{id_}.gpkg",
        sublayer=None,
        crs="EPSG:4490",
        geometry="polygon",
        status=DataStatus.DEMO,
        version=date(2022, 11, 7),
        valid_from=None,
        valid_until=None,
        authority=authority,
        provenance="示意数据",
        accuracy_m=accuracy,
        extent=None,
        fields=(),
        sensitive=(),
        codes="dlbm" if id_ == LAND_USE else None,
    )
    ready = state in (DataState.READY, DataState.EXPIRED)
    return LayerRecord(
        layer=layer, state=state, features=len(title) * 311 if ready else None, sha256="9b1f44d0a7" + "0" * 54 if ready else None, note=note
    )


def citation(instrument: str, article: str | None, version: date = LAND_LAW, *, verified: bool = True) -> Citation:
    return Citation(instrument=instrument, version=version, article=article, verified=verified)


def clear(layer: str, distance_m: float | None = 1234.567) -> Measure:
    """A layer that the parcel does not touch."""
    return Measure(
        layer=layer,
        state=LayerState.CLEAR,
        data=DataState.READY,
        overlap_m2=0.0,
        overlap_range_m2=(0.0, 0.0),
        overlap_share=0.0,
        outside_m2=0.0,
        unmapped_m2=0.0,
        distance_m=distance_m,
        patches=0,
        sliver_count=0,
        sliver_m2=0.0,
        features=(),
        parts=(),
        pieces=(),
        contact_m2=0.0,
    )


def no_data(layer: str, *, unmapped_m2: float, data: DataState = DataState.READY) -> Measure:
    """A layer without data, or a parcel outside its extent."""
    return Measure(
        layer=layer,
        state=LayerState.NO_DATA,
        data=data,
        overlap_m2=None,
        overlap_range_m2=None,
        overlap_share=None,
        outside_m2=None,
        unmapped_m2=unmapped_m2,
        distance_m=None,
        patches=None,
        sliver_count=None,
        sliver_m2=None,
        features=(),
        parts=(),
        pieces=(),
        contact_m2=None,
    )


def concerned(
    layer: str,
    area_m2: float,
    hits: tuple[tuple[str, float, dict[str, str]], ...],
    *,
    sliver: bool = False,
    outside_m2: float = 0.0,
    at: tuple[float, float] = (112.236, 32.025),
) -> Measure:
    """A layer that covers `sum of hits` m² of a parcel of `area_m2`."""
    overlap = sum(h[1] for h in hits)
    x, y = at
    pieces = tuple(
        Patch(
            selection=Selection(layer=layer),
            geometry=shapely.box(x + i * 1e-4, y, x + i * 1e-4 + 5e-5, y + 5e-5),
            area_m2=m2,
            mean_width_m=0.034 if sliver else 46.99,
            sliver=sliver,
            cause="同一界线两次数字化" if sliver else None,
            feature_ids=(id_,),
        )
        for i, (id_, m2, _) in enumerate(hits)
    )
    part = Part(
        selection=Selection(layer=layer),
        overlap_m2=overlap,
        possible_m2=overlap,
        outside_m2=outside_m2,
        overlap_range_m2=(max(0.0, overlap - 111.07), overlap + 111.44),
        sliver_m2=overlap if sliver else 0.0,
        sliver_count=len(hits) if sliver else 0,
        patches=len(hits),
        distance_m=0.0,
        names=tuple(a["name"] for _, _, a in hits if "name" in a),
    )
    return Measure(
        layer=layer,
        state=LayerState.CONCERNED,
        data=DataState.READY,
        overlap_m2=overlap,
        overlap_range_m2=part.overlap_range_m2,
        overlap_share=overlap / area_m2,
        outside_m2=outside_m2,
        unmapped_m2=0.0,
        distance_m=0.0,
        patches=len(hits),
        sliver_count=part.sliver_count,
        sliver_m2=part.sliver_m2,
        features=tuple(FeatureHit(id=id_, overlap_m2=m2, attributes=tuple(a.items())) for id_, m2, a in hits),
        parts=(part,),
        pieces=pieces,
        contact_m2=0.0,
    )


def finding(
    rule: str,
    title: str,
    layer: str,
    verdict: Verdict,
    text: str,
    *,
    basis: tuple[Citation, ...],
    best: Verdict | None = None,
    worst_: Verdict | None = None,
    overlap_m2: float | None = None,
    needs: tuple[Need, ...] = (),
    authority: str = "",
    documents: tuple[str, ...] = (),
    remedy: str = "",
) -> Finding:
    return Finding(
        rule=rule,
        title=title,
        layer=layer,
        verdict=verdict,
        best=best or verdict,
        worst=worst_ or verdict,
        needs=needs,
        text=text,
        overlap_m2=overlap_m2,
        authority=authority,
        documents=documents,
        remedy=remedy,
        basis=basis,
    )


INDUSTRY = Use(code="1001", name="工业用地", class_version="2023", assumed=False)


def parcel(
    id_: str, name: str, area_m2: float, measures: tuple[Measure, ...], findings: tuple[Finding, ...], **changes: object
) -> ParcelAssessment:
    """A parcel with every layer of the atlas measured: those not given are clear."""
    given = {m.layer: m for m in measures}
    every = tuple(given.get(layer) or clear(layer, 400.0 + 97.3 * i) for i, (layer, *_) in enumerate(_LAYERS))
    x = 112.232 + 0.006 * (int(id_) - 1)
    made = ParcelAssessment(
        id=id_,
        name=name,
        source=0,
        verdict=worst([f.verdict for f in findings]),
        geometry=shapely.box(x, 32.025, x + 0.004, 32.028),
        crs="EPSG:4525",
        ellipsoidal_m2=area_m2,
        planar_m2=area_m2 * 1.000335,
        declared_m2=area_m2 if id_ != "2" else area_m2 + 26.32,
        use=INDUSTRY,
        measures=every,
        findings=tuple(sorted(findings, key=lambda f: f.verdict.rank)),
    )
    return replace(made, **changes)


def _land(area_m2: float, *shares: tuple[str, str, float]) -> Measure:
    hits = tuple((f"4206{i:014d}", area_m2 * share, {"class": code, "name": name}) for i, (code, name, share) in enumerate(shares))
    return concerned(LAND_USE, area_m2, hits)


def parcel_on_farmland(name: str = "地块1") -> ParcelAssessment:
    """14.95 ha, of which 0.96 ha lie on permanent basic farmland and outside the growth boundary."""
    area = 149_527.268
    taken = 9_554.331
    return parcel(
        "1",
        name,
        area,
        (
            concerned(PBF, area, (("420607211000018834", taken, {"name": "东津镇陈坡村"}),)),
            concerned(UGB, area, (("420607204000000011", area - taken, {"zone": "集中建设区", "name": "东津"}),), outside_m2=taken),
            concerned(CITY, area, (("4", area, {"name": "东津"}),)),
            _land(area, ("0101", "水田", 0.578), ("0103", "旱地", 0.3127), ("0702", "农村宅基地", 0.0618), ("1006", "农村道路", 0.0475)),
        ),
        (
            finding(
                "PBF-01",
                "占用永久基本农田",
                PBF,
                Verdict.PROHIBITED,
                "占用永久基本农田 9,554.33 m²，涉及图斑 1 个。非农业建设不得占用永久基本农田。",
                overlap_m2=taken,
                basis=(citation("土地管理法", "35"), citation("土地管理法", "44"), citation("土地管理法", "46")),
                authority="国务院",
                documents=("重大建设项目论证报告", "永久基本农田补划方案"),
                remedy="调整选址避让",
            ),
            finding(
                "UGB-04",
                "部分位于城镇开发边界以外",
                UGB,
                Verdict.PROHIBITED,
                "9,554.33 m² 位于城镇开发边界以外。产业园区不得在城镇开发边界以外布局。",
                overlap_m2=taken,
                basis=(
                    citation("城镇开发边界管理办法（试行）", None, date(2026, 3, 1), verified=False),
                    citation("城乡规划法", "42", date(2019, 4, 23)),
                ),
                remedy="退入边界以内",
            ),
            finding(
                "GD-03",
                "占用农用地，须办理转用和征收",
                LAND_USE,
                Verdict.APPROVAL,
                "占用农用地，权属未申报，按集体土地计。",
                overlap_m2=area * 0.8907,
                basis=(citation("土地管理法", "44"),),
                authority="省政府",
                documents=("农用地转用方案", "补充耕地方案", "征收土地申请"),
            ),
        ),
    )


def parcel_in_flexible_zone(name: str = "地块2") -> ParcelAssessment:
    """7.76 ha, a quarter of it in the flexible zone."""
    area, flexible = 77_625.75, 21_799.43
    return parcel(
        "2",
        name,
        area,
        (
            concerned(
                UGB,
                area,
                (
                    ("420607204000000011", area - flexible, {"zone": "集中建设区", "name": "东津"}),
                    ("420607204000000031", flexible, {"zone": "弹性发展区", "name": "东津"}),
                ),
            ),
            concerned(CITY, area, (("4", area, {"name": "东津"}),)),
            _land(area, ("0103", "旱地", 0.6342), ("0201", "果园", 0.1821), ("0307", "其他林地", 0.1582), ("1006", "农村道路", 0.0255)),
        ),
        (
            finding(
                "UGB-02",
                "部分位于弹性发展区",
                UGB,
                Verdict.JUSTIFICATION,
                "21,799.43 m² 位于弹性发展区，须在规模不突破的前提下先调入集中建设区。",
                overlap_m2=flexible,
                basis=(citation("城镇开发边界划定要求", None, date(2019, 6, 1), verified=False),),
                authority="市自然资源和规划局",
                documents=("弹性发展区调整论证报告",),
                remedy="先用集中建设区部分，其余列入二期",
            ),
            finding(
                "GD-03",
                "占用农用地，须办理转用和征收",
                LAND_USE,
                Verdict.APPROVAL,
                "占用农用地，权属未申报，按集体土地计。",
                overlap_m2=area * 0.9745,
                basis=(citation("土地管理法", "44"),),
                authority="省政府",
                documents=("农用地转用方案", "补充耕地方案", "征收土地申请"),
            ),
        ),
    )


def parcel_grazing_red_line(name: str = "地块3") -> ParcelAssessment:
    """4.22 ha, grazing the red line by 7.6 m² and outside the extent of the flood layer."""
    area, grazed = 42_247.004, 7.623
    verify = Need(text=f"{name} J1—J4 段界址核实说明", provider="勘测定界单位")
    flood = Need(text="洪涝风险控制线数据", provider="市水利和湖泊局")
    return parcel(
        "3",
        name,
        area,
        (
            concerned(ESR, area, (("420607201000000127", grazed, {"name": "汉江襄阳段", "zone": "一般控制区"}),), sliver=True),
            concerned(UGB, area, (("420607204000000011", area - grazed, {"zone": "集中建设区", "name": "东津"}),), outside_m2=grazed),
            concerned(CITY, area, (("4", area, {"name": "东津"}),)),
            no_data(FLOOD, unmapped_m2=area),
            _land(area, ("0103", "旱地", 0.5342), ("0307", "其他林地", 0.4421), ("1006", "农村道路", 0.0237)),
        ),
        (
            finding(
                "ESR-02",
                "与生态保护红线疑似边界误差",
                ESR,
                Verdict.UNDETERMINED,
                "重叠 7.62 m²，平均宽 0.03 m，小于边界疑似误差标准 0.2 m。成因：同一界线两次数字化。",
                best=Verdict.COMPLIANT,
                worst_=Verdict.PROHIBITED,
                overlap_m2=grazed,
                needs=(verify,),
                basis=(citation("自然资发〔2022〕142号", "一", date(2022, 8, 16)),),
                remedy="以红线成果坐标为准，与其共边",
            ),
            finding(
                "FZ-02",
                "缺洪涝风险控制线数据",
                FLOOD,
                Verdict.UNDETERMINED,
                "地块全部位于该图层声明范围之外，本项无法判定。没有数据不等于没有限制。",
                best=Verdict.COMPLIANT,
                worst_=Verdict.JUSTIFICATION,
                needs=(flood,),
                basis=(citation("防洪法", "33", date(2016, 7, 2)),),
            ),
            finding(
                "CJ-01",
                "距汉江岸线不足 1 公里",
                RIVER,
                Verdict.NOTICE,
                "最近距离 109.32 m。1 公里范围内禁止新建、扩建化工园区和化工项目；招商时请列为准入条件。",
                basis=(citation("长江保护法", "26", date(2020, 12, 26)),),
            ),
        ),
    )


def compliant_parcel(id_: str = "1", name: str = "地块1", area: float = 20_000.0) -> ParcelAssessment:
    return parcel(
        id_,
        name,
        area,
        (
            concerned(UGB, area, (("420607204000000011", area, {"zone": "集中建设区"}),)),
            concerned(CITY, area, (("4", area, {"name": "东津"}),)),
        ),
        (),
    )


def submission(parcels: tuple[ParcelAssessment, ...], path: str = "东津产业园一期界址.txt") -> Submission:
    return Submission(
        path=path,
        sha256="7c4109ae" + "0" * 56,
        format="boundary_txt",
        encoding="gb18030",
        crs="EPSG:4525",
        evidence=("文件头“带号=37”，横坐标 8 位且以 37 开头，反算位置在图集范围内", "坐标顺序 X=北、Y=东，与文件头“[属性描述]”一致"),
        notes=(
            Note(code="ring_closed", level="info", text="地块2 首尾点未闭合，已补首点，面积不变", where=Where(file=path, line=31)),
            Note(
                code="declared_planar",
                level="warning",
                text="地块2 申报面积等于平面面积，与椭球面积相差 26.32 m²；判定一律采用椭球面积",
                where=Where(file=path, line=24),
            ),
        ),
        parcels=tuple(
            Parcel(
                name=p.name, geometry=shapely.box(37616412.35, 3545318.2, 37616785.6, 3545662.1), crs="EPSG:4525", declared_m2=p.declared_m2
            )
            for p in parcels
        ),
    )


def assessment(*parcels: ParcelAssessment, name: str | None = "东津智能装备产业园一期", **changes: object) -> Assessment:
    """A whole assessment of these parcels."""
    made = Assessment(
        checked_on=DAY,
        verdict=worst([p.verdict for p in parcels]),
        atlas_name="襄阳市国土空间一张图",
        atlas_fingerprint="sha256:3fd281c6" + "0" * 56,
        plane="official",
        rules_count=90,
        rules_fingerprint="sha256:a90e17b4" + "0" * 56,
        layers=tuple(layer_record(id_, note="范围只覆盖汉江以西" if id_ == FLOOD else None) for id_, *_ in _LAYERS),
        sources=(submission(parcels),),
        project=Project(name=name, use=INDUSTRY, attributes=()),
        parcels=parcels,
        procedures=(
            Act(
                act="用地预审",
                level="省",
                reason="须经国务院、省批准用地的，由省预审",
                counted_m2=None,
                margin_ha=None,
                documents=("用地预审申请表",),
                basis=(),
            ),
            Act(
                act="农用地转用",
                level="国务院",
                reason="占用永久基本农田",
                counted_m2=239_945.12,
                margin_ha=None,
                documents=("农用地转用方案", "补充耕地方案"),
                basis=(citation("土地管理法", "44"),),
            ),
            Act(
                act="土地征收",
                level="省",
                reason="永久基本农田以外的耕地不超过 35 公顷，其他土地不超过 70 公顷",
                counted_m2=195_427.81,
                margin_ha=15.457219,
                documents=("征收土地申请",),
                basis=(citation("土地管理法", "46"),),
            ),
        ),
        upcoming=(Upcoming(instrument="耕地保护和质量提升法", in_force=date(2027, 1, 1), rules=("GD-03", "PBF-01")),),
        trace=(
            Step(step="读入送审文件", status="run", detail="东津产业园一期界址.txt，3 个地块"),
            Step(step="量算 洪涝风险控制线", status="skipped", detail="地块3 在图层声明范围之外"),
            Step(step="核对申报面积", status="run", detail="差 26.32 m²"),
        ),
        assumptions=("权属未申报，按集体土地计", "重大项目类型未申报，按不属于国家重点建设项目计", "1001 按用地用海分类 2023 版"),
        tolerances=(
            ("contact_m", 0.001),
            ("sliver_area_m2", 1.0),
            ("sliver_width_m", 0.2),
            ("search_radius_m", 10_000.0),
            ("repair_m2", 0.1),
            ("repair_share", 1e-4),
            ("mapping_minimum_construction_m2", 200.0),
            ("mapping_minimum_agricultural_m2", 400.0),
            ("mapping_minimum_other_m2", 600.0),
        ),
    )
    return replace(made, **changes)


def three_parcels() -> Assessment:
    """The project of the mock-up."""
    return assessment(parcel_on_farmland(), parcel_in_flexible_zone(), parcel_grazing_red_line())


def many_parcels(n: int) -> Assessment:
    """n parcels, in turn like the three of the mock-up."""
    makers = (parcel_on_farmland, parcel_in_flexible_zone, parcel_grazing_red_line)
    return assessment(*(replace(makers[i % 3](f"地块{i + 1}"), id=str(i + 1)) for i in range(n)))


def hostile() -> Assessment:
    """Three parcels whose names, project and notes try to break out of the page."""
    bad = Note(code="x", level="warning", text=HOSTILE, where=Where(file=HOSTILE))
    made = assessment(
        parcel_on_farmland(HOSTILE), parcel_in_flexible_zone("很长的地块名称" * 12), parcel_grazing_red_line("=1+1"), name=HOSTILE
    )
    source = made.sources[0]
    assert isinstance(source, Submission)
    return replace(made, sources=(replace(source, path=f"{HOSTILE}.txt", notes=(bad,), evidence=(HOSTILE,)),))


def compliant() -> Assessment:
    """One parcel that nothing speaks against."""
    return assessment(compliant_parcel(), procedures=(), upcoming=())


def empty_atlas() -> Assessment:
    """Every layer declared, none with data."""
    area = 16_344.3
    measures = tuple(no_data(id_, unmapped_m2=area, data=DataState.MISSING) for id_, *_ in _LAYERS)
    findings = tuple(
        finding(
            f"{id_[:3].upper()}-00",
            f"缺{title}数据",
            id_,
            Verdict.UNDETERMINED,
            f"未提供{title}，本项无法判定。",
            best=Verdict.COMPLIANT,
            worst_=Verdict.PROHIBITED,
            needs=(Need(text=f"{title}数据", provider=authority),),
            basis=(citation("土地管理法", "35"),),
        )
        for id_, title, _, role, _, authority, _ in _LAYERS
        if role == "control"
    )
    return assessment(
        parcel("1", "地块1", area, measures, findings),
        layers=tuple(layer_record(id_, state=DataState.MISSING, note="没有数据文件") for id_, *_ in _LAYERS),
        procedures=(),
    )


def with_refused() -> Assessment:
    """One good file and one that could not be read."""
    made = assessment(parcel_on_farmland())
    error = UnknownZone(
        what="坐标带号 40 不在图集范围内",
        where=Where(file="襄州地块.txt", line=9, excerpt=("  8 | 几度分带=3", "  9 | 带号=40", " 10 | 投影类型=高斯克吕格")),
        fix="核对[属性描述]中的“带号”；若坐标未加带号，请删去该行后重试",
        why="图集只覆盖第 37、38 带",
    )
    return replace(made, sources=(*made.sources, Refused(path="襄州地块.txt", error=error)))


VARIANTS = {
    "three": three_parcels,
    "one": lambda: assessment(parcel_on_farmland()),
    "five": lambda: many_parcels(5),
    "forty": lambda: many_parcels(40),
    "hostile": hostile,
    "compliant": compliant,
    "empty": empty_atlas,
    "refused": with_refused,
}
