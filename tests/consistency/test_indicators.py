"""Indicators on squares: every kind of formula, what is missing, sums that close, targets at their edge and in time."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
import shapely

from tests.consistency.city import DAY, make_atlas, square, write_layer
from xygis.atlas.atlas import Atlas
from xygis.atlas.redlines import read_redlines
from xygis.consistency.amounts import Span
from xygis.consistency.ground_plan import ground_plan
from xygis.consistency.indicators import Given, indicators_of, reached
from xygis.consistency.result import Consistency, Indicator
from xygis.consistency.run import consistency
from xygis.geodesy.plane import Plane
from xygis.overlay.store import LayerStore

RED, LAND = "ecological_red_line", "current_land_use"
INSTRUMENTS = """
[[instrument]]
code = "JD"
name = "决定"
version = "2017-12-03"
in_force = "2017-12-03"
read = "full"
articles = 30
"""


def declared(folder: Path, text: str) -> Atlas:
    """A city of 西县 (210 公顷) and 东县 (190 公顷): a red line of 1 公顷 across their border at x = 50, fields and a wood of 0.5 公顷 each."""
    red = write_layer(folder, RED, [square(0, 0, 100, 100, id="红", zone="核心保护区")], title="红线")
    land = write_layer(
        folder,
        LAND,
        [
            square(0, 0, 50, 100, id="田", **{"class": "0101"}),
            square(50, 0, 100, 100, id="林", **{"class": "0301"}),
            square(100, 0, 300, 100, id="宅", **{"class": "0701"}),
        ],
        title="现状",
    )
    (folder / "redlines").mkdir(exist_ok=True)
    (folder / "redlines" / "indicators.toml").write_text(text, "utf-8")
    (folder / "redlines" / "instruments.toml").write_text(INSTRUMENTS, "utf-8")
    atlas = make_atlas(folder, [red, land], [])
    return replace(atlas, law=read_redlines(folder))


def entry(code: str, unit: str, formula: str, more: str = "") -> str:
    return f'[[indicator]]\ncode = "{code}"\ntitle = "指标{code}"\nunit = "{unit}"\nformula = {formula}\n{more}\n'


def target(value: float, more: str = "") -> str:
    basis = 'basis = [{ instrument = "决定", version = "2017-12-03", article = "6" }]'
    return f'[[indicator.target]]\nvalue = {value}\neffective = "2017-12-03"\n{basis}\n{more}\n'


def run(atlas: Atlas, tmp_path: Path, *, on: date = DAY, layers: tuple[str, str] | None = None) -> Consistency:
    return consistency(atlas, on=on, store=LayerStore(tmp_path / "cache"), layers=layers)


def only(tmp_path: Path, text: str, *, on: date = DAY) -> Indicator:
    [found] = run(declared(tmp_path, text), tmp_path, on=on).indicators
    return found


def counties(indicator: Indicator) -> dict[str, float | None]:
    return {c.name: c.value for c in indicator.by_county}


def test_area_of_a_layer_in_the_unit_asked_for(tmp_path: Path) -> None:
    """The red line is 1 公顷, half of it in either county; nobody states a target."""
    found = only(tmp_path, entry("A", "公顷", f'{{ area = [{{ layer = "{RED}" }}] }}'))
    assert found.value == pytest.approx(1.0, abs=1e-9)
    assert counties(found) == pytest.approx({"西县": 0.5, "东县": 0.5})
    assert (found.target, found.met, found.verified, found.basis) == (None, None, None, ())
    assert found.formula == "红线的面积"


@pytest.mark.parametrize(("unit", "value"), [("m²", 5000.0), ("公顷", 0.5), ("km²", 0.005), ("亩", 7.5), ("万亩", 0.00075)])
def test_units_of_area(tmp_path: Path, unit: str, value: float) -> None:
    """The wood has 5000 m², which is 7.5 亩."""
    assert only(tmp_path, entry("A", unit, f'{{ area = [{{ layer = "{LAND}", class = "03*" }}] }}')).value == pytest.approx(value)


def test_area_inside_another_layer(tmp_path: Path) -> None:
    """Fields inside the red line: all 5000 m² of them, all in the west."""
    both = f'{{ area = [{{ layer = "{LAND}", class = "01*" }}, {{ layer = "{RED}", zone = "核心保护区" }}] }}'
    found = only(tmp_path, entry("A", "m²", both))
    assert counties(found) == pytest.approx({"西县": 5000.0, "东县": 0.0})
    assert found.formula == "现状（类型 01*） ∩ 红线（分区 核心保护区）的面积"


def test_three_layers_at_once_and_features_that_lie_on_one_another(tmp_path: Path) -> None:
    """A place in three layers counts once, also where a layer covers it twice: 10 × 100 m."""
    atlas = declared(tmp_path, entry("A", "m²", f'{{ area = [{{ layer = "{RED}" }}, {{ layer = "{LAND}" }}, {{ layer = "twice" }}] }}'))
    twice = write_layer(tmp_path, "twice", [square(20, 0, 30, 100, id="一"), square(20, 0, 30, 100, id="二")])
    [found] = run(replace(atlas, layers=(*atlas.layers, twice)), tmp_path).indicators
    assert found.value == pytest.approx(1000.0)


def test_share_of_the_city_comes_from_the_sums(tmp_path: Path) -> None:
    """1 of 400 公顷 is 0.25 %; the counties have 0.5 / 210 and 0.5 / 190, whose mean is not that."""
    found = only(tmp_path, entry("S", "%", f'{{ area = [{{ layer = "{RED}" }}], share_of = "counties" }}'))
    assert found.value == pytest.approx(0.25)
    assert counties(found) == pytest.approx({"西县": 100 * 0.5 / 210, "东县": 100 * 0.5 / 190})
    assert found.formula == "红线的面积 ÷ 行政区面积"


def test_share_of_another_area(tmp_path: Path) -> None:
    """Of 3 公顷 of land use, 0.5 公顷 are wood; in the west there is none."""
    found = only(tmp_path, entry("S", "%", f'{{ area = [{{ layer = "{LAND}", class = "03*" }}], share_of = [{{ layer = "{LAND}" }}] }}'))
    assert found.value == pytest.approx(100 / 6)
    assert counties(found) == pytest.approx({"西县": 0.0, "东县": 20.0})


def test_share_of_nothing_is_no_number(tmp_path: Path) -> None:
    """Where there is no wood, nothing can be a share of it."""
    found = only(tmp_path, entry("S", "%", f'{{ area = [{{ layer = "{RED}" }}], share_of = [{{ layer = "{LAND}", class = "03*" }}] }}'))
    assert found.value == pytest.approx(200.0)
    west = next(c for c in found.by_county if c.name == "西县")
    assert west.value is None and west.reason


FIGURE = '[[figure]]\ncode = "task"\ntitle = "任务"\nunit = "公顷"\n'


def test_difference_against_a_task(tmp_path: Path) -> None:
    """0.5 公顷 of fields against a task of 0.6: 0.1 short; only the west has a task of its own, which it keeps by 0.1."""
    text = FIGURE + 'value = 0.6\nby_county = { "2" = 0.4 }\nplan = "任务书"\n'
    formula = f'{{ area = [{{ layer = "{LAND}", class = "01*" }}], minus = {{ figure = "task" }} }}'
    found = only(tmp_path, text + entry("D", "公顷", formula, 'direction = "≥"') + target(0.0))
    assert found.value == pytest.approx(-0.1) and found.met is False
    assert counties(found) == {"西县": pytest.approx(0.1), "东县": None}


def test_multiple_of_the_land_of_a_base_year(tmp_path: Path) -> None:
    """2 公顷 of houses are 1.25 times the 1.6 of the base year; 1.3 times is allowed."""
    text = FIGURE + 'value = 1.6\nplan = "调查"\n'
    formula = f'{{ area = [{{ layer = "{LAND}", class = "07*" }}], share_of = {{ figure = "task" }} }}'
    found = only(tmp_path, text + entry("X", "倍", formula, 'direction = "≤"') + target(1.3))
    assert found.value == pytest.approx(1.25) and found.met is True


def test_a_task_that_nobody_knows_gives_no_number(tmp_path: Path) -> None:
    """Without the task there is no difference, and the reason says what is missing."""
    formula = f'{{ area = [{{ layer = "{RED}" }}], minus = {{ figure = "task" }} }}'
    found = only(tmp_path, FIGURE + entry("D", "公顷", formula, 'direction = "≥"') + target(0.0))
    assert (found.value, found.least, found.met, found.reason) == (None, None, None, "任务未知")


def test_count_of_features(tmp_path: Path) -> None:
    """Three patches of land use; one that reaches over a border counts where most of it lies."""
    found = only(tmp_path, entry("N", "个", f'{{ count = {{ layer = "{LAND}" }} }}'))
    assert found.value == 3.0 and counties(found) == {"西县": 1.0, "东县": 2.0}
    assert found.formula == "现状的图斑数"


def test_figures_that_come_with_the_run(tmp_path: Path) -> None:
    """Illegal patches come from elsewhere: given, they count; not given, there is no data, which is not none."""
    text = (
        '[[figure]]\ncode = "illegal"\ntitle = "违法图斑"\nunit = "个"\n'
        + entry("I", "个", '{ figure = "illegal" }', 'direction = "≤"')
        + target(0)
    )
    atlas = declared(tmp_path, text)
    [absent] = run(atlas, tmp_path).indicators
    assert (absent.value, absent.met, absent.reason) == (None, None, "违法图斑未知")
    [given] = indicators_of(atlas, DAY, {}, ground_plan({}), given={"illegal": Given(value=7.0)})
    assert (given.value, given.met) == (7.0, False)


def test_what_may_count_makes_a_range(tmp_path: Path) -> None:
    """The wood counts, the fields may: from 0.125 to 0.25 % of the city. The target decides where both ends agree."""
    wood, more = f'{{ layer = "{LAND}", class = "03*" }}', f'{{ layer = "{LAND}", class = ["01*", "03*"] }}'
    formula = f'{{ area = [{wood}], perhaps = [{more}], share_of = "counties" }}'
    for wanted, met in ((0.1, True), (0.2, None), (0.3, False)):
        found = only(tmp_path, entry("S", "%", formula, 'direction = "≥"') + target(wanted))
        assert found.value is None and (found.least, found.greatest) == pytest.approx((0.125, 0.25))
        assert found.met is met and found.reason


def test_features_without_their_class_make_a_range(tmp_path: Path) -> None:
    """Of the fields it is known, of one more patch it is not: between 0.5 and 0.7 公顷, and only in its county."""
    atlas = declared(tmp_path, entry("A", "公顷", f'{{ area = [{{ layer = "{LAND}", class = "01*" }}] }}', 'direction = "≥"') + target(0.6))
    land = write_layer(tmp_path, LAND, [square(0, 0, 50, 100, **{"class": "0101"}), square(60, 0, 80, 100, id="无", **{"class": None})])
    layers = tuple(land if layer.id == LAND else layer for layer in atlas.layers)
    [found] = run(replace(atlas, layers=layers), tmp_path).indicators
    assert found.value is None and found.met is None and (found.least, found.greatest) == pytest.approx((0.5, 0.7))
    west, east = sorted(found.by_county, key=lambda c: c.name, reverse=True)
    assert west.value == pytest.approx(0.5) and (east.least, east.greatest) == pytest.approx((0.0, 0.2))


def test_what_a_survey_leaves_out_may_be_anything(tmp_path: Path) -> None:
    """A survey that covers the west but not the east says of the east only how much it may be: never that a limit is kept."""
    atlas = declared(tmp_path, entry("A", "公顷", f'{{ area = [{{ layer = "{LAND}", class = "07*" }}] }}', 'direction = "≤"') + target(5))
    west = square(-1000, -1000, 50, 1000, id="西", **{"class": "0701"})
    land = write_layer(tmp_path, LAND, [west, square(50, 0, 100, 100, id="林", **{"class": "0301"})], role="survey")
    layers = tuple(land if layer.id == LAND else layer for layer in atlas.layers)
    [found] = run(replace(atlas, layers=layers), tmp_path).indicators
    at = {c.name: c for c in found.by_county}
    assert at["西县"].value == pytest.approx(210.0)
    assert at["东县"].value is None and (at["东县"].least, at["东县"].greatest) == pytest.approx((0.0, 189.5))
    assert found.value is None and (found.least, found.greatest) == pytest.approx((210.0, 399.5)) and found.met is False


def test_a_layer_without_the_field_knows_nothing(tmp_path: Path) -> None:
    """Asked by a field that no feature has, the area lies between nothing and all."""
    found = only(tmp_path, entry("A", "公顷", f'{{ area = [{{ layer = "{LAND}", land = "construction" }}] }}'))
    assert found.value is None and (found.least, found.greatest) == pytest.approx((0.0, 3.0))


@pytest.mark.parametrize(
    ("changes", "words"),
    [({"path": None}, "缺失"), ({"valid_until": date(2026, 1, 1)}, "过期"), ({"geometry": "line"}, "损坏")],
)
def test_data_that_cannot_be_used_give_no_value(tmp_path: Path, changes: dict[str, object], words: str) -> None:
    """Missing, expired, broken: null in every county, with the reason; never 0, never met."""
    atlas = declared(tmp_path, entry("A", "公顷", f'{{ area = [{{ layer = "{RED}" }}] }}', 'direction = "≤"') + target(5))
    layers = tuple(replace(layer, **changes) if layer.id == RED else layer for layer in atlas.layers)
    [found] = run(replace(atlas, layers=layers), tmp_path).indicators
    assert (found.value, found.least, found.met) == (None, None, None) and words in found.reason
    assert [c.value for c in found.by_county] == [None, None] and all(words in c.reason for c in found.by_county)


def test_lines_have_no_area(tmp_path: Path) -> None:
    """A layer of lines gives no area, and says so."""
    atlas = declared(tmp_path, entry("A", "公顷", '{ area = [{ layer = "roads" }] }'))
    roads = write_layer(tmp_path, "roads", [(shapely.LineString([(0, 0), (10, 10)]), {"id": "路"})], geometry="line")
    [found] = run(replace(atlas, layers=(*atlas.layers, roads)), tmp_path).indicators
    assert found.value is None and "不是面状图层" in found.reason


def test_a_layer_that_the_atlas_lacks_gives_no_value(tmp_path: Path) -> None:
    """An unknown layer is told at the run as well."""
    found = only(tmp_path, entry("A", "公顷", '{ area = [{ layer = "nowhere" }] }'))
    assert found.value is None and "nowhere" in found.reason


def test_a_layer_complete_in_one_county_is_known_there_only(tmp_path: Path) -> None:
    """The red line claims the west only: the west has its value, the east and the city have none."""
    atlas = declared(tmp_path, entry("A", "公顷", f'{{ area = [{{ layer = "{RED}" }}] }}'))
    x, y = [37_498_000.0, 37_500_050.0, 37_500_050.0, 37_498_000.0], [3_498_000.0, 3_498_000.0, 3_502_000.0, 3_502_000.0]
    lon, lat = Plane("EPSG:4525").inverse(np.array(x), np.array(y))
    ring = tuple(zip(lon.tolist(), lat.tolist(), strict=True))
    layers = tuple(replace(layer, extent=((*ring, ring[0]),)) if layer.id == RED else layer for layer in atlas.layers)
    [found] = run(replace(atlas, layers=layers), tmp_path).indicators
    assert counties(found) == {"西县": pytest.approx(0.5), "东县": None} and found.value is None
    assert "东县" in found.reason


@pytest.mark.parametrize(("direction", "wanted", "met"), [
    ("≥", 1.0, True), ("≥", 1.0001, False), ("≥", 0.9999, True),
    ("≤", 1.0, True), ("≤", 1.0001, True), ("≤", 0.9999, False),
    ("=", 1.0, True), ("=", 1.0001, False), ("=", 0.9999, False),
])  # fmt: skip
def test_a_target_met_exactly_is_met(tmp_path: Path, direction: str, wanted: float, met: bool) -> None:
    """1 公顷 against targets at, 1 m² above and 1 m² below it."""
    found = only(tmp_path, entry("A", "公顷", f'{{ area = [{{ layer = "{RED}" }}] }}', f'direction = "{direction}"') + target(wanted))
    assert found.met is met and found.direction == direction


@pytest.mark.parametrize(("direction", "span", "met"), [
    ("≥", (4.0, 6.0), None), ("≥", (5.0, 6.0), True), ("≥", (4.0, 4.9), False),
    ("≤", (4.0, 6.0), None), ("≤", (4.0, 5.0), True), ("≤", (5.1, 6.0), False),
    ("=", (4.0, 6.0), None), ("=", (5.0, 5.0), True), ("=", (5.0, 6.0), None), ("=", (5.1, 6.0), False),
])  # fmt: skip
def test_ranges_against_a_target_of_five(direction: str, span: tuple[float, float], met: bool | None) -> None:
    """Only where both ends give one answer is there an answer."""
    assert met is reached(direction, Span(least=span[0], greatest=span[1]), 5.0, 0.0)


def test_the_target_of_the_day(tmp_path: Path) -> None:
    """A target counts from its first to its last day; years are whole; before and after, nobody knows one."""
    more = 'direction = "≥"\n[[indicator.target]]\nvalue = 0.5\neffective = 2011\nuntil = 2020\nplan = "旧"\n'
    more += '[[indicator.target]]\nvalue = 2\neffective = 2021\nuntil = "2026-11-24"\nplan = "新"\ndue = 2035\nverified = true\n'
    atlas = declared(tmp_path, entry("A", "公顷", f'{{ area = [{{ layer = "{RED}" }}] }}', more))
    answers = {}
    for day in (date(2010, 12, 31), date(2011, 1, 1), date(2020, 12, 31), date(2021, 1, 1), date(2026, 11, 24), date(2026, 11, 25)):
        [found] = run(atlas, tmp_path, on=day).indicators
        answers[day.isoformat()] = (found.target, found.met, found.plan, found.due, found.verified)
    none, old, new = (None, None, "", None, None), (0.5, True, "旧", None, False), (2.0, False, "新", 2035, True)
    assert list(answers.values()) == [none, old, old, new, new, none]


def test_of_targets_that_cross_the_later_counts(tmp_path: Path) -> None:
    """The audit refuses them; a run takes the one that began last."""
    more = 'direction = "≥"\n' + target(3.0) + '[[indicator.target]]\nvalue = 0.5\neffective = 2021\nplan = "新"\n'
    assert only(tmp_path, entry("A", "公顷", f'{{ area = [{{ layer = "{RED}" }}] }}', more)).target == 0.5


def test_counties_have_targets_of_their_own(tmp_path: Path) -> None:
    """Half a 公顷 each: enough in the west, too little in the east; a code that no county has is told, not lost."""
    more = 'direction = "≥"\n' + target(1.0, 'by_county = { "2" = 0.5, "1" = 0.51, "9" = 3 }')
    found = only(tmp_path, entry("A", "公顷", f'{{ area = [{{ layer = "{RED}" }}] }}', more))
    assert {c.name: (c.target, c.met) for c in found.by_county} == {"西县": (0.5, True), "东县": (0.51, False)}
    assert found.met is True and "9" in found.reason


AREA_AND_SHARE = entry("A", "m²", f'{{ area = [{{ layer = "{RED}" }}] }}') + entry(
    "S", "%", f'{{ area = [{{ layer = "{RED}" }}], share_of = "counties" }}'
)


def test_counties_add_up_to_the_city(tmp_path: Path) -> None:
    """What lies in no county stands apart, and everything adds up to the total to 0.01 m²."""
    atlas = declared(
        tmp_path,
        entry("A", "m²", f'{{ area = [{{ layer = "{RED}" }}] }}')
        + entry("S", "%", f'{{ area = [{{ layer = "{RED}" }}], share_of = "counties" }}'),
    )
    wide = write_layer(tmp_path, RED, [square(-1100.3, 0, 77.7, 33.3)])
    layers = tuple(wide if layer.id == RED else layer for layer in atlas.layers)
    area, share = run(replace(atlas, layers=layers), tmp_path).indicators
    assert counties(area) == pytest.approx({"西县": 1050 * 33.3, "东县": 27.7 * 33.3, "市域外": 100.3 * 33.3}, abs=0.01)
    assert area.value == pytest.approx(sum(v for v in counties(area).values() if v), abs=0.01)
    assert share.value == pytest.approx(100 * (1050 + 27.7) * 33.3 / 4e6), "what lies outside the city is no share of it"
    assert "市域外" not in counties(share)


def test_without_counties_there_is_no_share_of_them(tmp_path: Path) -> None:
    """The area stands, the share of the administrative unit does not."""
    atlas = declared(tmp_path, AREA_AND_SHARE)
    area, share = run(replace(atlas, layers=atlas.layers[1:]), tmp_path).indicators
    assert area.value == pytest.approx(10_000.0) and share.value is None and "行政区" in share.reason


def test_a_run_on_two_layers_tells_only_what_it_looked_at(tmp_path: Path) -> None:
    """Of two named layers, indicators that ask about a third are left out."""
    text = entry("A", "公顷", f'{{ area = [{{ layer = "{RED}" }}] }}') + entry("B", "公顷", '{ area = [{ layer = "third" }] }')
    assert [i.code for i in run(declared(tmp_path, text), tmp_path, layers=(RED, LAND)).indicators] == ["A"]
