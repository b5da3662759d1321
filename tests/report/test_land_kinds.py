"""三大类: every square metre under one kind, doubtful codes under none."""

import math
from dataclasses import replace
from types import SimpleNamespace

import pytest
from sample_assessment import LAND_USE, three_parcels

from xygis.atlas.atlas import Atlas
from xygis.report.land_kinds import land_kinds_table


@pytest.fixture(scope="module")
def atlas():
    return Atlas.open()


def _made(atlas, *, crosswalk=None):
    made = three_parcels()
    derived = atlas.layer(LAND_USE).derived
    layers = tuple(replace(r, layer=replace(r.layer, derived=derived)) if r.layer.id == LAND_USE else r for r in made.layers)
    return replace(made, layers=layers, atlas=crosswalk or SimpleNamespace(crosswalk=atlas.crosswalk))


def test_kinds_add_up_to_the_project(atlas):
    """水田, 旱地, 果园, 林地 and 农村道路 are farm land, 农村宅基地 is building land (TD/T 1055-2019 A.4); together 269 400.02 m²."""
    table = land_kinds_table(_made(atlas))
    areas = {row[0]: row[1] for row in table.rows}
    assert set(areas) <= {"农用地", "建设用地", "未利用地", "待核（代码可属几类）", "现状图层未覆盖"}
    assert math.isclose(math.fsum(areas.values()), 269_400.02, abs_tol=0.02)
    assert areas["建设用地"] == pytest.approx(9_240.78, abs=0.01)  # 0702 农村宅基地


def test_a_code_that_may_be_either_is_neither(atlas):
    """10 交通运输用地 without its second figure is farm land or building land: it stands apart."""
    made = _made(atlas)

    def vague(measure):
        hits = tuple(replace(h, attributes=(("class", "10"), ("name", "交通运输用地"))) for h in measure.features)
        return replace(measure, features=hits) if measure.layer == LAND_USE else measure

    parcels = tuple(replace(p, measures=tuple(vague(m) for m in p.measures)) for p in made.parcels)
    assert [row[0] for row in land_kinds_table(replace(made, parcels=parcels)).rows] == ["待核（代码可属几类）"]


def test_without_an_atlas_there_is_no_such_table():
    """Nothing is guessed from the codes alone."""
    assert land_kinds_table(three_parcels()) is None
