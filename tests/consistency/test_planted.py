"""A city of planted differences under the rules of the bundled base: each is found with its area and type, and nothing else is reported.

Every kind stands in a cell of its own, 400 m apart: feature a is 200 × 150 m, feature b the same moved by (dx, dy), so that they share
(200 − dx) × (150 − dy) m². dx and dy differ from kind to kind: no two kinds have the same area. Half of the cells lie across the border
of the two counties. The plane is the grid that the layers are drawn in, so areas are worked out by hand.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import shapely

from tests.consistency.city import CRS, DAY, Row, write_layer
from tests.overlay.test_causes import curvy, drawn_again, simplified, wiggle
from xygis.atlas.atlas import COUNTIES, Atlas
from xygis.atlas.layer import Layer
from xygis.atlas.verdict import Verdict
from xygis.consistency.result import Consistency
from xygis.consistency.run import consistency
from xygis.geodesy.plane import Plane
from xygis.overlay.causes import CauseKind
from xygis.overlay.store import LayerStore

URBAN, LAND, SPACE, PROJECT, NOW = "urban_rural_plan", "land_use_plan", "territorial_plan", "development_plan_projects", "current_land_use"
RED, FARM, GROWTH = "ecological_red_line", "permanent_basic_farmland", "urban_growth_boundary"
FOREST, RIVER, WETLAND, WATER, RESERVE = "forest", "river_management_zone", "wetlands", "water_source_protection", "nature_reserves"
UNITS, TEN, HILLS, PARK, HEART = (
    "ecological_environment_zones", "one_river_nine_tributaries", "three_hills_one_upland", "urban_park_core", "one_heart_four_cities",
)  # fmt: skip
HOMES, WORKS, FIELDS = {"class": "R2"}, {"class": "M1"}, {"class": "E2"}
ALLOWED, LIMITED, PERHAPS = {"zone": "允许建设区"}, {"zone": "限制建设区"}, {"zone": "有条件建设区"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What two features that overlap must be reported as: rule and type, by the table of domain/reports.md §5.2 and domain/rules.md §2.8."""

    rule: str
    type: str
    a: str
    of_a: Mapping[str, str]
    b: str
    of_b: Mapping[str, str]


def kind(rule: str, type_: str, a: str, of_a: Mapping[str, str], b: str, of_b: Mapping[str, str] | None = None) -> Kind:
    return Kind(rule=rule, type=type_, a=a, of_a=of_a, b=b, of_b=of_b or {})


KINDS = (
    kind("LL-01", "D6", RED, {"zone": "核心保护区"}, FARM, {"class": "0101"}),
    kind("LL-02", "D6", RED, {"zone": "一般控制区"}, FARM, {"class": "0101"}),
    kind("LL-03", "D5", GROWTH, {"zone": "集中建设区"}, RED, {"zone": "一般控制区"}),
    kind("LL-03", "D5", GROWTH, {"zone": "弹性发展区"}, RED, {"zone": "核心保护区"}),
    kind("LL-04", "D5", GROWTH, {"zone": "特别用途区"}, RED, {"zone": "一般控制区"}),
    kind("LL-05", "D4", FARM, {"class": "0103"}, GROWTH, {"zone": "集中建设区"}),
    kind("PL-01", "D1", URBAN, HOMES, LAND, LIMITED),
    kind("PL-01", "D1", URBAN, WORKS, LAND, {"zone": "禁止建设区"}),
    kind("PL-02", "D1", URBAN, HOMES, LAND, PERHAPS),
    kind("PL-03", "D2", URBAN, FIELDS, LAND, ALLOWED),
    kind("PL-04", "D3", URBAN, HOMES, SPACE, {"zone": "414"}),
    kind("PL-05", "D3", URBAN, WORKS, SPACE, {"zone": "411"}),
    kind("PL-06", "D4", URBAN, HOMES, FARM, {"class": "0101"}),
    kind("PL-07", "D4", LAND, ALLOWED, FARM, {"class": "0101"}),
    kind("PL-08", "D4", SPACE, {"zone": "420"}, FARM, {"class": "0102"}),
    kind("PL-09", "D4", PROJECT, {"class": "工业"}, FARM, {"class": "0101"}),
    kind("PL-10", "D5", URBAN, WORKS, RED, {"zone": "一般控制区"}),
    kind("PL-11", "D5", LAND, ALLOWED, RED, {"zone": "核心保护区"}),
    kind("PL-12", "D5", SPACE, {"zone": "420"}, RED, {"zone": "一般控制区"}),
    kind("PL-13", "D5", PROJECT, {"class": "工业"}, RED, {"zone": "一般控制区"}),
    kind("PL-14", "D7", URBAN, HOMES, FOREST),
    kind("PL-15", "D7", LAND, ALLOWED, FOREST),
    kind("PL-17", "D8", URBAN, HOMES, RIVER),
    kind("PL-20", "D8", URBAN, WORKS, WETLAND, {"class": "一般湿地"}),
    kind("PL-24", "D8", LAND, ALLOWED, WATER, {"zone": "一级保护区"}),
    kind("PL-26", "D8", URBAN, HOMES, RESERVE, {"class": "自然公园", "zone": "核心保护区"}),
    kind("PL-29", "D9", NOW, {"class": "0701"}, SPACE, {"zone": "300"}),
    kind("PL-30", "D9", NOW, {"class": "0602"}, FARM, {"class": "0101"}),
    kind("PL-31", "D1", URBAN, HOMES, SPACE, {"zone": "300"}),
    kind("PL-32", "D1", URBAN, WORKS, SPACE, {"zone": "420"}),
    kind("PL-33", "D2", URBAN, FIELDS, SPACE, {"zone": "411"}),
    kind("PL-34", "D1", LAND, ALLOWED, SPACE, {"zone": "300"}),
    kind("PL-36", "D1", PROJECT, {"class": "工业"}, SPACE, {"zone": "300"}),
    kind("PL-37", "D1", PROJECT, {"class": "工业"}, LAND, LIMITED),
    kind("PL-50", "D8", URBAN, HOMES, UNITS, {"class": "优先保护单元"}),
    kind("PL-54", "D8", URBAN, WORKS, TEN),
    kind("PL-58", "D8", URBAN, HOMES, HILLS, {"class": "山"}),
    kind("PL-62", "D3", URBAN, HOMES, PARK),
    kind("PL-65", "D3", URBAN, WORKS, HEART, {"class": "心"}),
    kind("PL-68", "D9", NOW, {"class": "0701"}, LAND, LIMITED),
    kind("PL-69", "D9", NOW, {"class": "0601"}, URBAN, FIELDS),
    kind("PL-70", "D9", NOW, {"class": "0701"}, RED, {"zone": "一般控制区"}),
)
AGREEING = (
    kind("", "", URBAN, HOMES, LAND, ALLOWED),
    kind("", "", URBAN, FIELDS, LAND, LIMITED),
    kind("", "", URBAN, FIELDS, FARM, {"class": "0101"}),
    kind("", "", NOW, {"class": "0701"}, URBAN, HOMES),
    kind("", "", GROWTH, {"zone": "集中建设区"}, FOREST, {}),
    kind("", "", WATER, {"zone": "二级保护区"}, URBAN, HOMES),
)
COLUMNS, STEP = 8, 400.0
ELSEWHERE = (3900.0, 3900.0)  # a feature of every layer that plants nothing, so that no layer is empty


def corner(number: int) -> tuple[float, float]:
    return (number % COLUMNS) * STEP - 1600.0, (number // COLUMNS) * STEP - 1600.0


def offsets(number: int) -> tuple[float, float]:
    return 11.0 + 3.0 * (number % 17), 7.0 + 5.0 * (number % 13)


def area_m2(number: int) -> float:
    dx, dy = offsets(number)
    return (200.0 - dx) * (150.0 - dy)


def rectangle(x: float, y: float, values: Mapping[str, str]) -> Row:
    return shapely.box(x, y, x + 200.0, y + 150.0), dict(values)


def planted_city(tmp_path: Path) -> Atlas:
    """The bundled atlas with planted layers in the place of its own; a row of farmland under all permanent farmland."""
    bundled = Atlas.open()
    rows: dict[str, list[Row]] = {}
    for number, k in enumerate((*KINDS, *AGREEING)):
        (x, y), (dx, dy) = corner(number), offsets(number)
        rows.setdefault(k.a, []).append(rectangle(x, y, k.of_a))
        rows.setdefault(k.b, []).append(rectangle(x + dx, y + dy, k.of_b))
    layers: list[Layer] = []
    for layer in bundled.layers:
        if layer.id == COUNTIES:
            two = [
                (shapely.box(-2000, -2000, 100, 4200), {"county_code": "420602", "county_name": "襄城区"}),
                (shapely.box(100, -2000, 4200, 4200), {"county_code": "420606", "county_name": "樊城区"}),
            ]
            layers.append(_drawn(tmp_path, layer, two))
        elif layer.geometry == "polygon":
            spare = {"class": "0101"} if layer.id == NOW else {}
            layers.append(_drawn(tmp_path, layer, rows.get(layer.id, [rectangle(*ELSEWHERE, spare)])))
    return replace(bundled, layers=tuple(layers), plane=Plane(CRS), envelope=None)


def _drawn(tmp_path: Path, layer: Layer, rows: list[Row]) -> Layer:
    """The layer with these rows; its own words and codes stay, its columns are called as we call them."""
    path = write_layer(tmp_path, layer.id, rows).path
    fields = tuple(replace(alias, names=(alias.field,)) for alias in layer.fields)
    return replace(layer, path=path, sublayer=layer.id, crs=CRS, fields=fields, extent=None)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Consistency:
    folder = tmp_path_factory.mktemp("planted")
    return consistency(planted_city(folder), on=DAY, store=LayerStore(folder / "cache"))


def test_every_planted_difference_is_found_with_its_area_and_type(found: Consistency) -> None:
    """42 kinds: for each the patches of its rule at its place add up to (200 − dx) × (150 − dy) m², under its type."""
    assert len(KINDS) >= 30 and len({area_m2(i) for i in range(len(KINDS))}) > 35
    for number, k in enumerate(KINDS):
        here = [p for p in found.patches if p.rule == k.rule and _cell(p.geometry, found) == number]
        assert {p.difference for p in here} == {k.type}, (number, k)
        assert {(p.a, p.b) for p in here} in ({(k.a, k.b)}, {(k.b, k.a)}), (number, k)
        assert math.fsum(p.area_m2 for p in here) == pytest.approx(area_m2(number), abs=1e-3), (number, k)


def test_nothing_else_is_reported(found: Consistency) -> None:
    """Every patch with a type belongs to a planted kind; the agreeing pairs give none; no sliver, no place twice."""
    named = [p for p in found.patches if p.difference is not None]
    planted = {(number, k.rule) for number, k in enumerate(KINDS)}
    assert {(_cell(p.geometry, found), p.rule) for p in named} == planted
    assert not any(p.sliver for p in found.patches)
    by_type = Counter(k.type for k in KINDS)
    areas = {t: math.fsum(area_m2(i) for i, k in enumerate(KINDS) if k.type == t) for t in by_type}
    assert {d.type: d.area_m2 for d in found.differences if d.patches} == pytest.approx(areas, abs=1e-2)


def test_counties_close_to_a_hundredth(found: Consistency) -> None:
    """Cells, and the classes of every layer, add up to each county; differences by county add up to their total (P44)."""
    assert list(found.territory.cells_m2[:2]) == pytest.approx([2100 * 6200, 4100 * 6200], abs=0.01)
    for table in found.territory.layers:
        assert [math.fsum(r.by_county[i] for r in table.rows) for i in range(2)] == pytest.approx([2100 * 6200, 4100 * 6200], abs=0.01)
    for d in found.differences:
        assert math.fsum(t.area_m2 for t in d.by_county) == pytest.approx(d.area_m2, abs=0.01)


def facing(south: np.ndarray, north: np.ndarray, y: float) -> tuple[Row, Row]:
    """Red line below one drawing of a border at height y, farmland above another drawing of it."""
    at = np.array([0.0, y])
    below = shapely.Polygon(np.vstack([south + at, [south[-1, 0], y - 60.0], [south[0, 0], y - 60.0]]))
    above = shapely.Polygon(np.vstack([north + at, [north[-1, 0], y + 60.0], [north[0, 0], y + 60.0]]))
    return (below, {"zone": "一般控制区"}), (above, {"class": "0101"})


def test_each_cause_of_a_small_difference_is_told_apart(tmp_path: Path) -> None:
    """Six borders, 300 m apart, each spoilt in one way: the area of every sliver is that of shapely, its cause the planted one.

    Densified: a vertex more every 10 m, 4 mm off to either side. Junction: two neighbours meet 4 cm over a long edge. Rounding: to 0.1 m.
    Drawn twice: vertices of its own, 2 cm off to either side. Generalised: Douglas–Peucker with 0.15 m. Real: 0.15 m taken along 200 m.
    """
    straight = np.array([(0.0, 0.0), (400.0, 0.0)])
    dense = np.array([(0.0, 0.0), *((float(x), 0.004 * (-1) ** (x // 10)) for x in range(10, 400, 10)), (400.0, 0.0)])
    taken = np.array([(0.0, 0.0), (100.0, 0.0), (100.0, -0.15), (300.0, -0.15), (300.0, 0.0), (400.0, 0.0)])
    line, fine = wiggle(3), curvy(12, 80)
    borders = (
        (CauseKind.DENSIFIED, straight, dense),
        (CauseKind.ROUNDING, line, np.round(line, 1)),
        (CauseKind.DIGITISED_TWICE, fine, drawn_again(fine, 12)),
        (CauseKind.GENERALISED, fine, simplified(fine, 0.15)),
        (CauseKind.REAL, straight, taken),
    )
    red, farm, expected = [], [], {}
    for i, (cause, south, north) in enumerate(borders):
        a, b = facing(south, north, 300.0 * i)
        red.append(a)
        farm.append(b)
        expected[i] = (cause, shapely.intersection(a[0], b[0]).area)
    red.append(facing(straight, straight, 1500.0)[0])
    farm += [
        (shapely.Polygon([(0, 1500), (200, 1499.96), (200, 1560), (0, 1560)]), {"class": "0101"}),
        (shapely.Polygon([(200, 1499.96), (400, 1500), (400, 1560), (200, 1560)]), {"class": "0101"}),
    ]
    expected[5] = (CauseKind.JUNCTION, 0.5 * 400 * 0.04)
    bundled = Atlas.open()
    layers = [_drawn(tmp_path, bundled.layer(name), rows) for name, rows in ((RED, red), (FARM, farm))]
    atlas = replace(bundled, layers=tuple(layers), plane=Plane(CRS), envelope=None)
    result = consistency(atlas, on=DAY, layers=(RED, FARM), store=LayerStore(tmp_path / "cache"))
    assert all(p.sliver and p.rule == "LL-02" and p.difference == "D10" for p in result.patches)
    for i, (cause, area) in expected.items():
        here = [p for p in result.patches if _height(p.geometry) // 300 == i]
        contact = 0.001 * 500  # slivers of a mean width below 1 mm are contact, and none
        assert math.fsum(p.area_m2 for p in here) == pytest.approx(area, abs=contact if cause is not CauseKind.REAL else 1e-3), cause
        proven = [p for p in here if p.cause == cause]
        assert len(proven) >= 0.75 * len(here) > 0, cause
        assert {p.cause for p in here} <= {cause, CauseKind.REAL, CauseKind.DENSIFIED, CauseKind.JUNCTION}, cause
        # What is proven is set aside as a matter of tidying; what is not stays open.
        assert {p.verdict for p in here if p.cause == CauseKind.REAL} <= {Verdict.UNDETERMINED}
        assert {p.verdict for p in here if p.cause != CauseKind.REAL} <= {Verdict.NOTICE}
    assert result.verdict is Verdict.UNDETERMINED, "one strip is not proven"


def _height(geometry: shapely.Geometry) -> float:
    at = geometry.representative_point()
    _, y = Plane(CRS).forward(np.array([at.x]), np.array([at.y]))
    return float(y[0]) - 3_500_000.0 + 100.0


def _cell(geometry: shapely.Geometry, found: Consistency) -> int:
    """The number of the cell that a patch lies in."""
    assert found.atlas is not None
    at = geometry.representative_point()
    x, y = found.atlas.plane.forward(np.array([at.x]), np.array([at.y]))
    column, row = int((x[0] - 37_500_000.0 + 1600.0) // STEP), int((y[0] - 3_500_000.0 + 1600.0) // STEP)
    return row * COLUMNS + column
