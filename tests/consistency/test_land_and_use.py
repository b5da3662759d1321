"""Pair rules that ask what land and what use a class is, on squares of 10 000 m²."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import shapely

from tests.consistency.city import DAY, Row, make_atlas, rule, square, write_layer
from xygis.atlas.law import PairRule, Selection
from xygis.atlas.layer import Derived, Layer
from xygis.atlas.verdict import Verdict
from xygis.consistency.result import Consistency, PairFinding
from xygis.consistency.run import consistency
from xygis.overlay.store import LayerStore
from xygis.report.consistency_contract import consistency_dict
from xygis.report.consistency_html import consistency_html
from xygis.report.consistency_uses import use_tables

TOWN, LAND = "urban_rural_plan", "land_use_plan"
_TERMS = {
    "land": frozenset({"construction", "conditional", "farm", "unused"}),
    "use": frozenset({"居住", "工矿", "商业服务业", "耕地", "林地"}),
}
_CODES = {  # what each class of these plans may be: land, use
    "R": ("construction", "居住"),
    "M": ("construction", "工矿"),
    "B": ("construction", "商业服务业"),
    "C": ("construction", "居住/商业服务业"),
    "H": ("construction", "居住/工矿/商业服务业/耕地/林地"),
    "E": ("farm/unused", "耕地/林地"),
    "01": ("farm", "耕地"),
    "20": ("conditional", "居住/工矿/商业服务业/耕地/林地"),
}


def derived() -> tuple[Derived, ...]:
    return tuple(
        Derived(
            attribute=attribute,
            field="class",
            list="x",
            codes={code: frozenset(said[i].split("/")) for code, said in _CODES.items()},
            terms=_TERMS[attribute],
        )
        for i, attribute in enumerate(("land", "use"))
    )


def plan(tmp_path: Path, name: str, rows: list[Row], **changes: object) -> Layer:
    return write_layer(tmp_path, name, rows, **{"derived": derived(), **changes})


def row(number: int, class_: str | None, *, height: float = 100.0) -> Row:
    """The number-th square of a row from west to east, 100 m wide."""
    return square(100 * number + 100, 0, 100 * number + 200, height, **{"class": class_}, id=f"{number}{class_}")


def asked(layer: str, **where: str | tuple[str, ...]) -> Selection:
    return Selection(layer=layer, where=tuple((k, v if isinstance(v, tuple) else (v,)) for k, v in where.items()))


def d1() -> PairRule:
    return rule("PL-01", asked(TOWN, land="construction"), asked(LAND, land="!construction"), Verdict.JUSTIFICATION, difference="D1")


def d3(**changes: object) -> PairRule:
    both = rule("PL-03", asked(TOWN, land="construction"), asked(LAND, land="construction"), Verdict.NOTICE, difference="D3")
    return replace(both, differ="use", **changes)  # type: ignore[arg-type]


def run(tmp_path: Path, layers: list[Layer], rules: list[PairRule]) -> Consistency:
    return consistency(make_atlas(tmp_path, layers, rules), on=DAY, store=LayerStore(tmp_path / "cache"))


def finding(tmp_path: Path, town: list[str | None], land: list[str | None], of: PairRule) -> PairFinding | None:
    """The word of one rule on two plans drawn over the same squares, one class after the other."""
    layers = [plan(tmp_path, name, [row(i, c) for i, c in enumerate(codes)]) for name, codes in ((TOWN, town), (LAND, land))]
    found = run(tmp_path, layers, [of]).pairs[0].findings
    return found[0] if found else None


def test_construction_on_what_is_not(tmp_path: Path) -> None:
    """R and M over field: two squares of D1. R over R, field over field and field over R are none. E is not built on, whatever it is."""
    found = finding(tmp_path, ["R", "M", "R", "01", "01", "R"], ["01", "E", "R", "01", "R", "01"], d1())
    assert found is not None
    assert (found.verdict, found.difference) == (Verdict.JUSTIFICATION, "D1")
    assert found.area_m2 == pytest.approx(30_000)


@pytest.mark.parametrize("class_", [None, "Z9", ""])
def test_what_no_list_holds_is_possible_never_agreeing(tmp_path: Path, class_: str | None) -> None:
    """Town over a square without class, or of one that the crosswalk does not know: 无法判定, with the square in the text and the data."""
    layers = [plan(tmp_path, TOWN, [row(0, "R")]), plan(tmp_path, LAND, [row(0, class_), row(1, "R")])]
    found = run(tmp_path, layers, [d1()])
    [pair] = found.pairs
    [said] = pair.findings
    assert (said.verdict, said.best, said.worst) == (Verdict.UNDETERMINED, Verdict.COMPLIANT, Verdict.JUSTIFICATION)
    assert "1.0000 公顷" in said.text and said.needs != ()
    assert pair.overlap_m2 == pytest.approx(10_000)
    [note] = [q for q in found.quality if q.check == "class_unknown"]
    assert (note.layer, note.count, note.level) == (LAND, 1, "warning")
    assert note.area_m2 == pytest.approx(10_000) and ("Z9" in note.text) == (class_ == "Z9")


def test_a_layer_without_a_crosswalk_leaves_everything_possible(tmp_path: Path) -> None:
    """Nobody said from which field the land follows: not one square agrees, and the data are at fault."""
    layers = [plan(tmp_path, TOWN, [row(0, "R")]), plan(tmp_path, LAND, [row(0, "R")], derived=())]
    found = run(tmp_path, layers, [d1()])
    assert found.pairs[0].verdict is Verdict.UNDETERMINED
    assert [q.level for q in found.quality if q.check == "class_unknown"] == ["error"]


def test_conditional_land_is_a_word_of_its_own(tmp_path: Path) -> None:
    """有条件建设 is neither construction nor farm: a rule that asks for farm or unused passes it by, one that asks for it finds it."""
    strict = rule("PL-01", asked(TOWN, land="construction"), asked(LAND, land=("farm", "unused")), Verdict.JUSTIFICATION)
    mild = rule("PL-02", asked(TOWN, land="construction"), asked(LAND, land="conditional"), Verdict.NOTICE)
    layers = [plan(tmp_path, TOWN, [row(0, "R"), row(1, "R")]), plan(tmp_path, LAND, [row(0, "20"), row(1, "E")])]
    [pair] = run(tmp_path, layers, [strict, mild]).pairs
    assert [(f.rule, round(f.area_m2)) for f in pair.findings] == [("PL-01", 10_000), ("PL-02", 10_000)]


def test_use_that_differs(tmp_path: Path) -> None:
    """R on M differs, R on R does not, B on a mixed R-or-M class does too: 20 000 m² of D3."""
    found = finding(tmp_path, ["R", "R", "M"], ["M", "R", "C"], d3())
    assert found is not None
    assert (found.verdict, found.difference) == (Verdict.NOTICE, "D3")
    assert found.area_m2 == pytest.approx(20_000)
    assert "另有" not in found.text


@pytest.mark.parametrize(("town", "land"), [("R", "H"), ("H", "R"), ("H", "H"), ("R", "C"), ("C", "C")])
def test_a_use_that_is_not_known_may_differ(tmp_path: Path, town: str, land: str) -> None:
    """村庄建设用地 against 居住, or two classes that share a use: nobody knows."""
    found = finding(tmp_path, [town], [land], d3())
    assert found is not None
    assert found.verdict is Verdict.UNDETERMINED and found.area_m2 == 0.0
    assert "1.0000 公顷" in found.text


def test_the_same_use_on_both_sides_says_nothing(tmp_path: Path) -> None:
    """One use, known on both sides, on all squares: no finding, no area."""
    assert finding(tmp_path, ["R", "M"], ["R", "M"], d3()) is None


def test_sure_and_possible_differences_stand_apart(tmp_path: Path) -> None:
    """One square differs, one may: the verdict is the rule's, the second square is counted beside it and in the pair."""
    layers = [plan(tmp_path, TOWN, [row(0, "R"), row(1, "R")]), plan(tmp_path, LAND, [row(0, "M"), row(1, "H")])]
    [pair] = run(tmp_path, layers, [d3()]).pairs
    [found] = pair.findings
    assert found.verdict is Verdict.NOTICE and found.area_m2 == pytest.approx(10_000)
    assert "另有 1.0000 公顷" in found.text
    assert pair.overlap_m2 == pytest.approx(20_000)


def test_swapping_the_plans_mirrors_the_difference(tmp_path: Path) -> None:
    """a and b exchanged: the same area, and the other side gives way."""
    town, land = plan(tmp_path, TOWN, [row(0, "R", height=70)]), plan(tmp_path, LAND, [row(0, "M")])
    there = d3(yields="a", departments=("自然资源和规划局",))
    back = replace(there, code="PL-04", a=there.b, b=there.a, yields="b")
    [pair] = run(tmp_path, [town, land], [there, back]).pairs
    assert [(f.rule, f.yields, f.departments) for f in pair.findings] == [("PL-03", "a", ("自然资源和规划局",))]
    assert (pair.a, pair.b) == (TOWN, LAND), "the second rule was turned round and finds nothing left"
    [turned] = run(tmp_path, [town, land], [back]).pairs
    assert (turned.a, turned.b, turned.findings[0].yields) == (LAND, TOWN, "b")
    assert turned.findings[0].area_m2 == pytest.approx(pair.findings[0].area_m2) == pytest.approx(7000)


def test_the_side_that_gives_way_turns_with_the_pair(tmp_path: Path) -> None:
    """The first rule of a pair decides which layer is a; a rule written the other way round keeps its meaning."""
    town, land = plan(tmp_path, TOWN, [row(0, "R"), row(1, "R")]), plan(tmp_path, LAND, [row(0, "M"), row(1, "01")])
    turned = rule("PL-05", asked(LAND, land="farm"), asked(TOWN, land="construction"), Verdict.NOTICE)
    [pair] = run(tmp_path, [town, land], [d3(yields="a"), replace(turned, yields="b")]).pairs
    assert {f.rule: f.yields for f in pair.findings} == {"PL-03": "a", "PL-05": "a"}


def test_who_gives_way_and_who_settles_it_stand_in_the_json(tmp_path: Path) -> None:
    """yields and departments, with undecided and nobody where the rule does not say."""
    layers = [plan(tmp_path, TOWN, [row(0, "R"), row(1, "R")]), plan(tmp_path, LAND, [row(0, "M"), row(1, "01")])]
    said = consistency_dict(run(tmp_path, layers, [d3(yields="both", departments=("自然资源和规划局", "住房和城乡建设局")), d1()]))
    findings = {f["rule"]: (f["yields"], f["departments"]) for f in said["pairs"][0]["findings"]}  # type: ignore[index]
    assert findings == {"PL-03": ("both", ["自然资源和规划局", "住房和城乡建设局"]), "PL-01": ("undecided", [])}


def test_a_farmland_island_drawn_as_a_hole_is_no_conflict(tmp_path: Path) -> None:
    """开天窗: farmland that lies in a hole of the growth boundary does not overlap it, so no rule speaks (rules.md §2.8)."""
    outside = shapely.box(0, 0, 300, 300)
    hole = shapely.box(100, 100, 200, 200)
    boundary = write_layer(tmp_path, "urban_growth_boundary", [(outside - hole, {"id": "1", "zone": "集中建设区"})])
    farm = write_layer(tmp_path, "permanent_basic_farmland", [(hole, {"id": "田"})])
    yields = rule("LL-05", asked("permanent_basic_farmland"), asked("urban_growth_boundary"), Verdict.JUSTIFICATION, difference="D4")
    found = run(tmp_path, [boundary, farm], [yields])
    assert found.verdict is Verdict.COMPLIANT and found.patches == ()
    assert [(p.findings, p.overlap_m2) for p in found.pairs] == [((), 0.0)]


def test_a_farmland_island_that_is_not_cut_out_is_one(tmp_path: Path) -> None:
    """The same without the hole: 10 000 m²."""
    boundary = write_layer(tmp_path, "urban_growth_boundary", [square(0, 0, 300, 300, id="1", zone="集中建设区")])
    farm = write_layer(tmp_path, "permanent_basic_farmland", [square(100, 100, 200, 200, id="田")])
    yields = rule("LL-05", asked("permanent_basic_farmland"), asked("urban_growth_boundary"), Verdict.JUSTIFICATION, difference="D4")
    [pair] = run(tmp_path, [boundary, farm], [yields]).pairs
    assert pair.findings[0].area_m2 == pytest.approx(10_000)


def test_the_page_has_the_use_matrix_and_it_closes(tmp_path: Path) -> None:
    """Town of homes and works against itself as another plan's: each square once, rows and columns add up to the total."""
    layers = [plan(tmp_path, TOWN, [row(0, "R"), row(1, "M"), row(2, "R")]), plan(tmp_path, LAND, [row(0, "R"), row(1, "R"), row(2, "M")])]
    found = run(tmp_path, layers, [d3()])
    [table] = use_tables(found)
    assert table.total is not None and table.total[-1] == pytest.approx(30_000)
    for body in table.rows:
        assert sum(v for v in body[1:-1] if isinstance(v, float)) == pytest.approx(body[-1])
    assert "不同 2.0000" in table.notes[0] and "一致 1.0000" in table.notes[0]
    assert "用途矩阵" in consistency_html(found, county_figure=None, map_page=None)
