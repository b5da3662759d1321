"""The name of a difference patch is that of the place: nothing else may change it."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.consistency.city import square
from tests.consistency.round import FARM, PLAN, RED, Bureau
from xygis.atlas.verdict import Verdict
from xygis.consistency.identity import identified, named
from xygis.consistency.result import DifferencePatch

FIELDS = [square(10 * i, 0, 10 * i + 8, 5 + i, id=f"田{i}") for i in range(-5, 6)]
M = 1e-5  # degrees, about a metre


@pytest.fixture
def bureau(tmp_path: Path) -> Bureau:
    return Bureau(tmp_path)


def patch(shape: shapely.Geometry, **changes: object) -> DifferencePatch:
    given_: dict[str, object] = {
        "id": "", "rule": "LL-01", "difference": "D6", "a": "red", "b": "farm", "verdict": Verdict.PROHIBITED, "county_code": "420602",
        "county_name": "襄城区", "geometry": shape, "area_m2": float(shapely.area(shape)) / M**2, "mean_width_m": 1.0, "sliver": False,
        "a_features": (), "b_features": (),
    }  # fmt: skip
    return DifferencePatch(**{**given_, **changes})  # type: ignore[arg-type]


def box(west: float, south: float, east: float, north: float) -> shapely.Geometry:
    """Metres, about, from a corner of the city."""
    return shapely.box(112 + west * M, 32 + south * M, 112 + east * M, 32 + north * M)


def names(*patches: DifferencePatch) -> set[str]:
    return {p.id for p in identified(patches)}


def test_a_name_tells_county_and_type_and_is_easily_read_out() -> None:
    """420602-D6- and eight signs, none of which is taken for another; a rule without a type stands for itself."""
    assert re.fullmatch("420602-D6-[0-9A-HJKMNP-TV-Z]{8}", *names(patch(box(0, 0, 5, 5))))
    assert next(iter(names(patch(box(0, 0, 5, 5), difference=None, county_code=None)))).startswith("000000-LL-01-")


def test_a_second_run_gives_the_same_names_whatever_the_order_of_features(bureau: Bureau) -> None:
    """Same data, features and layers of the command the other way round: the same names on the same areas."""
    first, _ = bureau.run(FIELDS)
    second, _ = bureau.run(FIELDS[::-1])
    assert {(p.id, round(p.area_m2, 6)) for p in first.patches} == {(p.id, round(p.area_m2, 6)) for p in second.patches}
    plan = [square(-30, 0, 30, 30)]
    one, _ = bureau.run(FIELDS, plan=plan, layers=(PLAN, FARM))
    other, _ = bureau.run(FIELDS, plan=plan, layers=(FARM, PLAN))
    assert [p.id for p in one.patches] == [p.id for p in other.patches]


def test_what_happens_elsewhere_changes_no_name(bureau: Bureau) -> None:
    """A larger patch, which running numbers would put first, leaves all names as they were."""
    before, _ = bureau.run(FIELDS)
    after, _ = bureau.run([*FIELDS, square(-700, -700, -300, -300)])
    assert {p.id for p in before.patches} < {p.id for p in after.patches} and len(after.patches) == len(before.patches) + 1


def test_what_else_is_compared_changes_no_name(bureau: Bureau) -> None:
    """Plans that cut through the fields cut the same places otherwise, and round them otherwise: their names stay."""
    fields = [square(9.37 * i, 0.123, 9.37 * i + 7.777, 5.55 + i / 3, id=f"田{i}") for i in range(-5, 25)]
    plan = [
        (shapely.transform(g, lambda c: c @ [[0.8, 0.6], [-0.6, 0.8]]), v)
        for g, v in [square(3.3 * i, -300, 3.3 * i + 1.7, 300) for i in range(-30, 90)]
    ]
    alone, _ = bureau.run(fields, layers=(RED, FARM))
    among, _ = bureau.run(fields, plan=plan)
    names_ = [{p.id for p in found.patches if p.rule == "LL-01"} for found in (alone, among)]
    assert names_[0] == names_[1] and len(names_[0]) == len(alone.patches) >= 30


def test_a_field_drawn_in_two_halves_has_the_name_of_the_whole(bureau: Bureau) -> None:
    """Splitting a feature changes nothing, vertices on straight edges do not either."""
    whole, _ = bureau.run([square(-90, 0, -50, 33)])
    halves, _ = bureau.run([square(-90, 0, -71.3, 33), square(-71.3, 0, -50, 33)])
    assert [p.id for p in whole.patches] == [p.id for p in halves.patches]


def test_rule_type_pair_and_county_are_part_of_the_name() -> None:
    """The same place under four different heads has four names."""
    shape = box(0, 0, 5, 5)
    changes: list[dict[str, object]] = [{}, {"rule": "LL-02"}, {"difference": "D10"}, {"b": "forest"}, {"county_code": "420606"}]
    assert len({*(next(iter(names(patch(shape, **c)))) for c in changes)}) == 5
    assert names(patch(shape)) == names(patch(shape, a="farm", b="red")), "which of the two is 甲 is a matter of the rules"


def test_an_island_and_the_ring_around_it_are_told_apart() -> None:
    """Same centre, other size."""
    ring = shapely.difference(box(0, 0, 30, 30), box(10, 10, 20, 20))
    assert len(names(patch(ring), patch(box(12, 12, 18, 18)))) == 2


def test_two_patches_with_one_code_get_two_names_in_any_order() -> None:
    """Twins by code (same centre to a decimetre, same size to a tenth): their shapes decide who is who."""
    a, b = patch(box(0, 0, 40, 1)), patch(box(19.5, -19.5, 20.5, 20.5))
    one = {p.geometry.wkb: p.id for p in named([a, b], lambda _: False)}
    other = {p.geometry.wkb: p.id for p in named([b, a], lambda _: False)}
    assert one == other and len(set(one.values())) == 2


def test_a_name_that_is_taken_is_not_given_again() -> None:
    """An earlier run's name belongs to its patch for good."""
    free = next(iter(names(patch(box(0, 0, 5, 5)))))
    [other] = named([patch(box(0, 0, 5, 5))], {free}.__contains__)
    assert other.id != free and other.id.startswith("420602-D6-")


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10), st.permutations(range(8)), st.floats(-1e-13, 1e-13), st.data())
def test_order_start_and_the_noise_of_arithmetic_do_not_matter(seed: int, order: list[int], noise: float, data: st.DataObject) -> None:
    """Rings that begin elsewhere, features in another order, coordinates off by 10 nm: the same names."""
    random = np.random.default_rng(seed)
    shapes = [shapely.buffer(box(50 * k, 0, 50 * k + 1, 1), (1 + random.random()) * M * 9) for k in range(8)]
    patches = [patch(s) for s in shapes]
    turned = []
    for p in patches:
        ring = shapely.get_coordinates(p.geometry)[:-1]
        k = data.draw(st.integers(0, len(ring) - 1))
        moved = np.roll(ring, k, axis=0) + noise
        turned.append(replace(p, geometry=shapely.polygons(moved)))
    assert names(*patches) == names(*(turned[i] for i in order))
