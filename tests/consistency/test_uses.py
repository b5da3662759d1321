"""The matrix of use conflicts, from places whose areas are given: every sum can be done by hand."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import jsonschema
import numpy as np
import pytest

from tests.consistency.city import DAY, make_atlas, rule, square, write_layer, zone
from xygis.atlas.verdict import Verdict
from xygis.consistency.run import consistency
from xygis.consistency.uses import CONFLICT, OPEN, SAME, UNDECIDED, UseMatrix, use_matrix
from xygis.overlay.store import LayerStore
from xygis.report.consistency_contract import consistency_dict
from xygis.report.contract import load_schema

USES = ("居住", "商业服务业", "工矿", "绿地与开敞空间")
HOME, SHOP, WORK, PARK = (frozenset({use}) for use in USES)
EITHER, ANY = HOME | SHOP, frozenset(USES)
OF_A, OF_B = (HOME, WORK, ANY), (WORK, HOME, EITHER)
COUNTIES = (("420602", "襄城区"), ("420606", "樊城区"), (None, "县界之外"))


def matrix(places: list[tuple[int, int, float, int]]) -> UseMatrix:
    """places: terms of a, terms of b, m², county."""
    a, b, area, county = (np.array(column) for column in zip(*places, strict=True))
    return use_matrix(("甲", OF_A), ("乙", OF_B), a, b, area.astype(float), county, counties=COUNTIES, uses=USES)


PLACES = [
    (0, 0, 100.0, 0),  # 居住 on 工矿
    (0, 0, 50.0, 1),
    (0, 1, 30.0, 0),  # 居住 on 居住
    (0, 2, 7.0, 1),  # 居住 on 居住 or 商业
    (1, 2, 11.0, 1),  # 工矿 on 居住 or 商业: none of them
    (2, 0, 13.0, 2),  # unknown on 工矿
    (0, 0, 0.25, 0),
]


def test_each_pair_of_uses_has_its_area_by_county() -> None:
    """居住 on 工矿: 100.25 m² in the one county, 50 in the other."""
    found = {(c.a, c.b): c for c in matrix(PLACES).cells}
    homes = found["居住", "工矿"]
    assert (homes.relation, homes.area_m2, homes.by_county) == (CONFLICT, 150.25, (100.25, 50.0, 0.0))
    assert (found["居住", "居住"].relation, found["居住", "居住"].area_m2) == (SAME, 30.0)
    assert (found["工矿", "居住或商业服务业"].relation, found["工矿", "居住或商业服务业"].area_m2) == (CONFLICT, 11.0)
    assert (found["居住", "居住或商业服务业"].relation, found[UNDECIDED, "工矿"].relation) == (OPEN, OPEN)
    assert len(found) == 5


def test_the_cells_close_to_the_places() -> None:
    """Conflict, same and open add up to all that was handed in, and so does each county (P44)."""
    found = matrix(PLACES)
    assert (found.total_m2(CONFLICT), found.total_m2(SAME), found.total_m2(OPEN)) == (161.25, 30.0, 20.0)
    assert found.total_m2() == sum(area for _, _, area, _ in PLACES) == 211.25
    for number in range(len(COUNTIES)):
        assert sum(c.by_county[number] for c in found.cells) == sum(area for _, _, area, county in PLACES if county == number)


def test_exchanging_the_plans_transposes_the_matrix() -> None:
    """What is row here is column there."""
    a, b, area, county = (np.array(column) for column in zip(*PLACES, strict=True))
    back = use_matrix(("乙", OF_B), ("甲", OF_A), b, a, area.astype(float), county, counties=COUNTIES, uses=USES)
    here = {(c.a, c.b, c.relation, c.by_county) for c in matrix(PLACES).cells}
    assert {(c.b, c.a, c.relation, c.by_county) for c in back.cells} == here
    assert (back.a, back.b) == ("乙", "甲")


def test_the_order_of_the_places_and_cutting_them_change_nothing() -> None:
    """A place cut in two is the same area of the same cell."""
    cut = [(a, b, area / 2, county) for a, b, area, county in PLACES for _ in range(2)]
    assert matrix(cut[::-1]) == matrix(PLACES)


def test_uses_stand_in_the_order_of_the_crosswalk_and_the_unknown_last() -> None:
    """Rows and columns as planners list them."""
    found = matrix(PLACES)
    assert found.rows == ("居住", "工矿", UNDECIDED)
    assert found.columns == ("居住", "工矿", "居住或商业服务业")


def test_a_layer_without_a_crosswalk_is_open_not_same() -> None:
    """Empty terms are nothing known: open, under 用途未定."""
    none = use_matrix(
        ("甲", (frozenset(),)), ("乙", (frozenset(),)), *(np.array([0]),) * 2, np.array([5.0]), np.array([0]), counties=COUNTIES, uses=USES
    )
    [cell] = none.cells
    assert (cell.a, cell.b, cell.relation, cell.area_m2) == (UNDECIDED, UNDECIDED, OPEN, 5.0)


def test_no_place_makes_no_cell() -> None:
    """Two plans that build nowhere together: an empty matrix of nothing, not an error."""
    nothing = np.zeros(0, np.int64)
    found = use_matrix(("甲", ()), ("乙", ()), nothing, nothing, np.zeros(0), nothing, counties=COUNTIES, uses=USES)
    assert found.cells == () and found.total_m2() == 0.0


def test_the_json_has_the_matrix_and_null_where_nobody_made_one(tmp_path: Path) -> None:
    """null is not computed; an empty list would read as no conflict (P41)."""
    layers = [write_layer(tmp_path, name, [square(0, 0, 10, 10)]) for name in ("甲", "乙")]
    plain = consistency(
        make_atlas(tmp_path, layers, [rule("LL-01", zone("甲"), zone("乙"), Verdict.NOTICE)]), on=DAY, store=LayerStore(tmp_path / "c")
    )
    said = consistency_dict(dataclasses.replace(plain, use_matrix=(matrix(PLACES),)))
    for whole in (consistency_dict(dataclasses.replace(plain, use_matrix=None)), said):
        jsonschema.validate(whole, load_schema("xygis/consistency/1"))
    assert consistency_dict(dataclasses.replace(plain, use_matrix=None))["use_matrix"] is None
    [block] = said["use_matrix"]  # type: ignore[misc]
    assert (block["a"], block["b"]) == ("甲", "乙")
    assert (block["conflict_m2"], block["same_m2"], block["open_m2"], block["total_m2"]) == (161.25, 30.0, 20.0, 211.25)
    [homes] = [c for c in block["cells"] if (c["a"], c["b"]) == ("居住", "工矿")]
    assert (homes["relation"], homes["area_m2"]) == ("conflict", 150.25)
    assert homes["by_county"] == [
        {"code": "420602", "name": "襄城区", "area_m2": 100.25},
        {"code": "420606", "name": "樊城区", "area_m2": 50.0},
    ]


@pytest.mark.parametrize("seed", range(3))
def test_many_places_close_to_the_last_digit(seed: int) -> None:
    """50 000 places of random size: the matrix and its parts agree."""
    dice = np.random.default_rng(seed)
    n = 50_000
    area = dice.uniform(0.001, 90_000, n)
    found = use_matrix(
        ("甲", OF_A),
        ("乙", OF_B),
        dice.integers(0, 3, n),
        dice.integers(0, 3, n),
        area,
        dice.integers(0, 3, n),
        counties=COUNTIES,
        uses=USES,
    )
    assert found.total_m2() == pytest.approx(float(np.sort(area).sum()), abs=1e-2, rel=1e-12)
