"""The indicators of the bundled base: sound, sourced, and worked out again by geopandas; and an audit that finds what is wrong."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

from tests.redlines import law_text
from xygis.atlas.atlas import COUNTIES, Atlas
from xygis.atlas.attributes import matches
from xygis.atlas.bundled import bundled_root
from xygis.atlas.codes import read_codes
from xygis.atlas.redlines import read_redlines
from xygis.check.layers import open_layers
from xygis.consistency.ground_plan import ground_plan
from xygis.consistency.indicators import indicator_layers, indicators_of
from xygis.consistency.result import Indicator
from xygis.judge.audit_articles import article_problems
from xygis.judge.audit_indicators import indicator_problems
from xygis.judge.audit_words import word_problems
from xygis.overlay.store import LayerStore

DAY = date(2026, 11, 24)
EQUAL_AREA = "+proj=cea +lat_ts=32 +lon_0=112 +a=6378137 +rf=298.257222101 +units=m"


@pytest.fixture(scope="module")
def atlas() -> Atlas:
    return Atlas.open()


@pytest.fixture(scope="module")
def found(atlas: Atlas) -> dict[str, Indicator]:
    """The indicators of the bundled atlas, without the comparison of its layers."""

    wanted = indicator_layers(atlas, None) | {COUNTIES}
    few = replace(atlas, layers=tuple(layer for layer in atlas.layers if layer.id in wanted))
    opened = {o.layer.id: o for o in open_layers(few, DAY, LayerStore())}
    return {i.code: i for i in indicators_of(atlas, DAY, opened, ground_plan(opened))}


def test_the_bundled_indicators_are_sound(atlas: Atlas) -> None:
    """The audit has nothing to say of them."""
    mine = [p for p in (*word_problems(atlas, ()), *article_problems(atlas), *indicator_problems(atlas)) if "indicators.toml" in p.where]
    assert mine == []


def test_targets_quote_their_source(atlas: Atlas) -> None:
    """Words that a target is taken from stand in the text that we hold."""
    quoted = 0
    for rule in atlas.law.indicators.rules:
        for citation in (c for t in rule.targets for c in t.basis if c.says):
            assert citation.article is not None
            name = f"{citation.instrument}({citation.version})"
            article = law_text.parse(name, (law_text.LAWS / f"{name}.txt").read_text("utf-8")).words(citation.article)
            assert all(law_text.joined(words) in article for words in citation.says), rule.code
            quoted += 1
    assert quoted == 5


def test_every_figure_that_the_decision_sets_is_there(atlas: Atlas) -> None:
    """Forest cover 45 % (¶6), 80 % of the parks (¶11), 6 counties, 50 townships and 1000 villages (¶17), with their years."""
    of_decision = {
        (t.basis[0].article, t.value, r.unit, t.due)
        for r in atlas.law.indicators.rules
        for t in r.targets
        if t.basis and t.basis[0].instrument == "襄阳市委绿色增长极决定"
    }
    assert of_decision == {
        ("6", 45.0, "%", 2022),
        ("11", 80.0, "%", 2020),
        ("17", 6.0, "个", 2020),
        ("17", 50.0, "个", 2020),
        ("17", 1000.0, "个", 2020),
    }


def test_the_three_spaces_divide_every_class(atlas: Atlas) -> None:
    """生产, 生活, 生态: each class of the land survey is in exactly one of them."""
    lists = [dict(s.where)["class"] for r in atlas.law.indicators.rules if r.code.startswith("PLE-") for s in r.formula.of.selections]
    assert len(lists) == 3
    finest = [c for c in read_codes(bundled_root())["dlbm"] if len(c) >= 4 or c == "09"]
    wrong = {code: n for code in finest if (n := sum(matches(code, patterns) is True for patterns in lists)) != 1}
    assert wrong == {}


def test_construction_land_is_the_same_everywhere(atlas: Atlas) -> None:
    """One list of construction classes: that of the approval totals."""
    total = next(t for t in atlas.law.totals if t.name == "construction_land_m2")
    assert total.selection is not None
    wanted = set(dict(total.selection.where)["class"])
    for code in ("CO-A", "CO-C", "CO-Y", "UGB-B"):
        rule = next(r for r in atlas.law.indicators.rules if r.code == code)
        assert set(dict(rule.formula.of.selections[-1].where)["class"]) == wanted, code


WRONG = """
[[figure]]
code = "task"
title = "任务"
unit = "公顷"
value = 3

[[figure]]
code = "idle"
title = "闲置"
unit = "公顷"

[[indicator]]
code = "A"
title = "甲"
unit = "公顷"
direction = "≥"
formula = { area = [{ layer = "ecological_red_lime" }], minus = { figure = "task" } }
[[indicator.target]]
value = 1
effective = 2010
[[indicator.target]]
value = 2
effective = 2018
until = 2016
due = 2012
plan = "规划"

[[indicator]]
code = "A"
title = "乙"
unit = "公顷"
direction = "≥"
formula = { area = [{ layer = "ecological_red_line", zoen = "核心保护区" }, { layer = "current_land_use", class = "99*" }] }
[[indicator.target]]
value = 1
effective = 2020
basis = [{ instrument = "自然保护区条例", version = "2017-10-07", article = "99" }]
[[indicator.target]]
value = 1
effective = 2016
until = 2019
basis = [{ instrument = "自然保护区条例", version = "2017-10-07", article = "18" }]
"""


def test_the_audit_finds_what_is_wrong(atlas: Atlas, tmp_path: Path) -> None:
    """Unknown layer, field and value with the nearest; no source; dates that cannot be; sources out of force; codes twice; idle figures."""
    (tmp_path / "redlines").mkdir()
    (tmp_path / "redlines" / "instruments.toml").write_bytes((bundled_root() / "redlines" / "instruments.toml").read_bytes())
    (tmp_path / "redlines" / "indicators.toml").write_text(WRONG, "utf-8")
    broken = replace(atlas, root=tmp_path, law=read_redlines(tmp_path))
    told = [f"{p.where} {p.text}" for p in (*word_problems(broken, ()), *article_problems(broken), *indicator_problems(broken))]
    for place, words in (
        (":18 A", "图集没有图层 ecological_red_lime，是否应为"),
        (":34 A", "没有登记字段 zoen，是否应为"),
        (":34 A", "没有取值“99*”"),
        (":19 A", "目标值没有来源"),
        (":22 A", "自 2018-01-01 起有效，却止于 2016-12-31"),
        (":22 A", "应在 2012 年达到"),
        (":22 A", "与第 19 行的目标值在 2018-01-01 重叠"),
        (":35 A", "自 2026-03-15 起失效"),
        (":35 A", "没有第99条"),
        (":39 A", "自 2017-10-07 起才施行"),
        (":13 A", "代码 A 用了 2 次"),
        (":29 A", "代码 A 用了 2 次"),
        (":2 task", "有值而没有来源"),
        (":8 idle", "没有指标使用"),
    ):
        assert any(f"indicators.toml{place} " in line and words in line for line in told), (place, words, *told)
    assert len(told) == 14, told


def test_targets_of_the_day(found: dict[str, Indicator]) -> None:
    """45 % still counts and is missed; the plan for 2020 has run out; what nobody knows is not known."""
    assert (found["FC-S"].target, found["FC-S"].met) == (45.0, False)
    assert found["CO-C"].target is None and found["CO-C"].met is None
    assert found["IL-N"].value is None and found["IL-N"].met is None
    assert all((i.target is None) <= (i.met is None) for i in found.values())


def test_counties_add_up(found: dict[str, Indicator]) -> None:
    """Areas of the counties add up to the city's to 0.01 m²."""
    m2 = {"km²": 1e6, "公顷": 1e4, "万亩": 2e7 / 3}
    areas = [i for i in found.values() if i.unit in m2 and i.value is not None]
    assert len(areas) >= 12
    for i in areas:
        assert i.value is not None
        assert abs(sum(c.value or 0.0 for c in i.by_county) - i.value) * m2[i.unit] <= 0.01, i.code


def test_geopandas_finds_the_same_areas(atlas: Atlas, found: dict[str, Indicator]) -> None:
    """Areas and shares from the files by GeoPandas in an equal-area projection by PROJ, to 0.01 m² a county."""
    peer = _Peer(atlas)
    esr, pbf, ugb, land = "ecological_red_line", "permanent_basic_farmland", "urban_growth_boundary", "current_land_use"
    peer.close(found["ESR-A"], 1e6, peer.area(esr))
    peer.close(found["PBF-A"], 2e7 / 3, peer.area(pbf))
    peer.close(found["UGB-A"], 1e6, peer.area(ugb))
    peer.close(found["CL-A"], 2e7 / 3, peer.area(land, "01"))
    peer.close(found["WA-A"], 1e6, peer.area(land, "1101", "1102", "1103", "1104", "1107"))
    built = ("05", "06", "07", "08", "09", "1001", "1002", "1003", "1004", "1005", "1007", "1008", "1009", "1109", "1201")
    peer.close(found["CO-A"], 1e6, peer.area(land, *built))
    peer.close(found["CO-C"], 1e6, peer.inside("one_heart_four_cities", land, *built))
    city = sum(peer.city.values())
    assert found["ESR-S"].value == pytest.approx(100 * sum(peer.area(esr).values()) / city, abs=1e-9)
    least, most = (sum(peer.area(land, *c).values()) for c in (("0301", "0302", "0303", "0304"), ("0301", "0302", "0303", "0304", "0305")))
    assert (found["FC-S"].least, found["FC-S"].greatest) == pytest.approx((100 * least / city, 100 * most / city), abs=1e-9)


def _split(shape: shapely.Geometry) -> shapely.Geometry:
    """国土调查办发〔2008〕32号, step 2: an edge longer than 70 m becomes ⌊length/70⌋ + 1 equal pieces, straight in degrees."""
    if shape.geom_type == "MultiPolygon":
        return shapely.MultiPolygon([_split(part) for part in shape.geoms])
    return shapely.Polygon(_ring(shape.exterior), [_ring(hole) for hole in shape.interiors])


def _ring(ring: shapely.LinearRing) -> np.ndarray[Any, Any]:
    points = shapely.get_coordinates(ring)
    east, north = np.diff(points, axis=0).T * 111_320.0
    east = east * np.cos(np.radians((points[1:, 1] + points[:-1, 1]) / 2))
    pieces = np.floor(np.hypot(east, north) / 70.0).astype(int) + 1
    parts = [
        a + np.linspace(0.0, 1.0, n, endpoint=False)[:, None] * (b - a) for a, b, n in zip(points[:-1], points[1:], pieces, strict=True)
    ]
    return np.vstack([*parts, points[-1:]])


class _Peer:
    """The bundled files in GeoPandas, in an equal-area projection by PROJ."""

    def __init__(self, atlas: Atlas) -> None:
        self.atlas = atlas
        self.counties = self._read("counties")[["XZQMC", "geometry"]]
        self.city = dict(zip(self.counties["XZQMC"], self.counties.area, strict=True))
        self._cut: dict[str, Any] = {}

    def area(self, layer_id: str, *beginnings: str) -> dict[str, float]:
        """By county, of the features whose DLBM begins so."""
        return self._sums(self._by_county(layer_id), beginnings)

    def inside(self, outer: str, layer_id: str, *beginnings: str) -> dict[str, float]:
        import geopandas

        frame = self._by_county(layer_id)
        return self._sums(geopandas.overlay(frame, self._read(outer)[["geometry"]], keep_geom_type=True), beginnings)

    def _sums(self, frame: Any, beginnings: tuple[str, ...]) -> dict[str, float]:
        chosen = frame[frame["DLBM"].str.startswith(beginnings)] if beginnings else frame
        sums = chosen.area.groupby(chosen["XZQMC"]).sum()
        return {name: float(sums.get(name, 0.0)) for name in self.counties["XZQMC"]}

    def _by_county(self, layer_id: str) -> Any:
        import geopandas

        if layer_id not in self._cut:
            frame = self._read(layer_id)
            kept = frame[[c for c in ("DLBM", "geometry") if c in frame]]
            self._cut[layer_id] = geopandas.overlay(kept, self.counties, keep_geom_type=True)
        return self._cut[layer_id]

    def _read(self, layer_id: str) -> Any:
        import geopandas

        layer = self.atlas.layer(layer_id)
        frame = geopandas.read_file(layer.path, layer=layer.sublayer)
        frame["geometry"] = [_split(shape) for shape in frame.geometry]
        return frame.to_crs(EQUAL_AREA)

    @staticmethod
    def close(indicator: Indicator, m2: float, wanted: dict[str, float]) -> None:
        got = {c.name: (c.value or 0.0) * m2 for c in indicator.by_county if c.code is not None}
        apart = {name: got[name] - wanted[name] for name in wanted if abs(got[name] - wanted[name]) > 0.01}
        assert apart == {}, indicator.code
