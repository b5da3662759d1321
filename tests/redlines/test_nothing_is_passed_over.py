"""A parcel on a protected layer is never 符合 only because no rule speaks: every class that the catalogue knows, every kind of works."""

from __future__ import annotations

import itertools
from datetime import date
from typing import Any

import pytest

from tests.redlines.hearing import atlas, heard
from xygis.atlas.attributes import our_values
from xygis.atlas.catalogue import RASTER
from xygis.atlas.layer import Layer
from xygis.atlas.verdict import Verdict

DAYS = [date(2025, 3, 1), date(2026, 3, 14), date(2026, 11, 24), date(2027, 1, 1)]
WORKS = [
    "0601",
    "060201",
    "060202",
    "0703",
    "0701",
    "0804",
    "0901",
    "100101",
    "1002",
    "110103",
    "1202",
    "1303",
    "1309",
    "1401",
    "1506",
    "1601",
]
ASKED = ("class", "zone", "reserve_type", "setting")
INSIDE = {"urban_growth_boundary"}  # to lie inside is what the law wants
# Where the law really has nothing to say to works as such.
FREE = {
    ("geohazard_zones", "不易发区"): "地质灾害防治条例第21条只及于易发区",
    ("highways", "城市道路"): "公路法第2条、公路安全保护条例所称公路不含城市道路",
    ("highways", "桥梁"): "第11、13条的控制区按公路等级，桥梁只限采矿和危险物品（第17、18条）",
    ("highways", "渡口"): "同上",
    ("highways", "隧道"): "同上",
}
WITHOUT_A_LAW_BEFORE = {"国家公园": date(2026, 1, 1)}  # 国家公园法; until then only 生态保护红线 spoke of them
FREE_OF_FARM_ROADS = {"highways", "power_lines"}  # 第13条、第15条 are about buildings; a farm road is none
CONTROL = [x for x in atlas().layers if x.role == "control" and x.geometry != RASTER and x.id not in INSIDE]


def classes(layer: Layer) -> list[dict[str, str]]:
    """Every combination of the values that the catalogue lists for the fields that rules ask."""
    asked = {field for rule in atlas().rules if rule.selection.layer == layer.id for field, _ in rule.selection.where}
    values = {a.field: [ours for ours, _ in a.synonyms] for a in layer.fields if a.synonyms and a.field in ASKED and a.field in asked}
    return [dict(zip(values, some, strict=True)) for some in itertools.product(*values.values())]


def on(layer: Layer, attributes: dict[str, str], use: str) -> dict[str, Any]:
    where: dict[str, Any] = {"distance_m": 1.0} if layer.geometry == "line" else {"m2": 500.0}
    return {"use": use, "touches": [{"layer": layer.id, **attributes, **where}]}


@pytest.mark.parametrize("day", DAYS, ids=str)
@pytest.mark.parametrize("layer", CONTROL, ids=lambda layer: layer.id)
def test_works_on_a_protected_layer_are_always_spoken_of(layer: Layer, day: date) -> None:
    """Houses, plants, roads, farms, graves: on each class of each protected layer at least one rule says something."""
    silent = []
    for attributes, use in itertools.product(classes(layer), WORKS):
        if any((layer.id, value) in FREE for value in attributes.values()) or (use == "0601" and layer.id in FREE_OF_FARM_ROADS):
            continue
        if any(day < WITHOUT_A_LAW_BEFORE.get(value, day) for value in attributes.values()):
            continue
        if not heard(on(layer, attributes, use), day).findings:
            silent.append(f"{attributes} {use}")
    assert silent == []


@pytest.mark.parametrize("layer", [x for x in CONTROL if classes(x) != [{}]], ids=lambda layer: layer.id)
def test_a_class_spelt_otherwise_is_not_free(layer: Layer) -> None:
    """A feature whose class no rule knows leaves a house beside or upon it open or worse, never 符合."""
    (fields, *_) = classes(layer)
    strange = dict.fromkeys(fields, "另一种写法")
    assert heard(on(layer, strange, "0701"), DAYS[2]).verdict.rank <= Verdict.JUSTIFICATION.rank


@pytest.mark.parametrize("layer", [x for x in CONTROL if classes(x) != [{}]], ids=lambda layer: layer.id)
def test_a_class_left_empty_is_not_free(layer: Layer) -> None:
    """A feature that does not say its class leaves a house open or worse."""
    assert heard(on(layer, {}, "0701"), DAYS[2]).verdict.rank <= Verdict.JUSTIFICATION.rank


@pytest.mark.parametrize("layer_id", ["nature_reserves", "ecological_red_line"])
@pytest.mark.parametrize(("older", "now"), [("核心区", "核心保护区"), ("缓冲区", "核心保护区"), ("实验区", "一般控制区")])
def test_older_zones_are_read_as_the_law_groups_them(layer_id: str, older: str, now: str) -> None:
    """自然保护区条例 (2017) Art 32 bans every works of production in 核心区 and 缓冲区 alike: a buffer zone is no 实验区."""
    (layer,) = [x for x in atlas().layers if x.id == layer_id]
    assert our_values(layer, "zone", [older]) == [now]
