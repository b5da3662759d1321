"""Layers against each other, by rules, on squares."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import jsonschema
import pytest

from tests.consistency.city import DAY, instruments, make_atlas, rule, square, write_layer, zone
from xygis.atlas.atlas import Atlas
from xygis.atlas.law import PairRule
from xygis.atlas.redlines import RedLines
from xygis.atlas.verdict import Verdict
from xygis.consistency.result import Consistency
from xygis.consistency.run import consistency
from xygis.errors import UnknownLayer, UsageError
from xygis.overlay.store import LayerStore
from xygis.report.consistency_contract import consistency_dict
from xygis.report.contract import json_text, load_schema

RED, FARM = "ecological_red_line", "permanent_basic_farmland"


@pytest.fixture
def store(tmp_path: Path) -> LayerStore:
    return LayerStore(tmp_path / "cache")


def core_and_rest() -> list[PairRule]:
    return [
        rule("LL-02", zone(RED, "!核心保护区"), zone(FARM), Verdict.JUSTIFICATION),
        rule("LL-01", zone(RED, "核心保护区"), zone(FARM), Verdict.PROHIBITED),
    ]


def city(tmp_path: Path, **changes: object) -> Atlas:
    """A red line of a core (0–40 m) and a general zone (40–100 m), farmland of two fields that reach 30 m into it."""
    red = write_layer(
        tmp_path, RED, [square(0, 0, 40, 100, id="核", zone="核心保护区"), square(40, 0, 100, 100, id="般", zone="一般控制区")], **changes
    )
    farm = write_layer(
        tmp_path,
        FARM,
        [square(20, 0, 70, 50, id="田1", **{"class": "0101"}), square(70, 0, 90, 50, id="田2"), square(200, 0, 300, 50, id="田3")],
    )
    return make_atlas(tmp_path, [red, farm], core_and_rest())


def run(atlas: Atlas, store: LayerStore, **changes: object) -> Consistency:
    return consistency(atlas, on=DAY, store=store, **changes)  # type: ignore[arg-type]


def test_each_rule_has_its_place_and_the_pair_has_the_sum(tmp_path: Path, store: LayerStore) -> None:
    """20 m of the fields lie in the core, 50 m in the general zone; a pair has one entry, its findings come worst first."""
    found = run(city(tmp_path), store)
    [pair] = found.pairs
    assert (pair.a, pair.b, pair.relation) == (RED, FARM, "overlap")
    assert [(f.rule, f.verdict) for f in pair.findings] == [("LL-01", Verdict.PROHIBITED), ("LL-02", Verdict.JUSTIFICATION)]
    assert [f.area_m2 for f in pair.findings] == pytest.approx([1000, 2500])
    assert [pair.a_m2, pair.b_m2, pair.overlap_m2] == pytest.approx([10_000, 8500, 3500])
    assert pair.verdict is found.verdict is Verdict.PROHIBITED


def test_counties_add_up_to_the_pair(tmp_path: Path, store: LayerStore) -> None:
    """West of 50 m: 20 m of core and 10 m of general zone; east of it 40 m. Parts equal totals, patches too (P44)."""
    [pair] = run(city(tmp_path), store).pairs
    shares = {s.name: s for s in pair.by_county}
    assert [shares["西县"].overlap_m2, shares["东县"].overlap_m2] == pytest.approx([1500, 2000])
    assert [shares["西县"].a_m2, shares["东县"].a_m2] == pytest.approx([5000, 5000])
    assert [shares["西县"].b_m2, shares["东县"].b_m2] == pytest.approx([1500, 7000])
    assert sum(s.patches for s in pair.by_county) == pair.patches == 3
    assert set(shares) == {"西县", "东县"}, "nothing lies outside the city"


def test_only_law_in_force_on_the_day_is_cited(tmp_path: Path, store: LayerStore) -> None:
    """The new law counts from 2027-01-01 on."""
    atlas = city(tmp_path)
    [before] = run(atlas, store).pairs
    [after] = consistency(atlas, on=date(2027, 1, 1), store=store).pairs
    assert [c.instrument for c in before.findings[0].basis] == ["旧法"]
    assert [c.instrument for c in after.findings[0].basis] == ["旧法", "新法"]


def test_a_rule_counts_from_its_first_to_its_last_day(tmp_path: Path, store: LayerStore) -> None:
    """A rule that ends on the day before is not asked; without any rule nothing was compared, and nothing is compliant."""
    red = write_layer(tmp_path, RED, [square(0, 0, 40, 100)])
    farm = write_layer(tmp_path, FARM, [square(0, 0, 40, 100)])
    old = rule("LL-09", zone(RED), zone(FARM), Verdict.NOTICE, until=date(2026, 11, 23))
    found = run(make_atlas(tmp_path, [red, farm], [old]), store)
    assert found.pairs == () and found.verdict is Verdict.UNDETERMINED
    last = rule("LL-09", zone(RED), zone(FARM), Verdict.NOTICE, until=DAY)
    assert run(make_atlas(tmp_path, [red, farm], [last]), store).verdict is Verdict.NOTICE


def test_layers_that_do_not_touch_agree(tmp_path: Path, store: LayerStore) -> None:
    """Nothing overlaps: compliant, no finding, and every type is listed with 0."""
    red = write_layer(tmp_path, RED, [square(0, 0, 40, 100, zone="核心保护区")])
    farm = write_layer(tmp_path, FARM, [square(40, 0, 80, 100)])
    found = run(make_atlas(tmp_path, [red, farm], core_and_rest()), store)
    assert found.verdict is Verdict.COMPLIANT and found.pairs[0].findings == ()
    assert [d.type for d in found.differences] == [f"D{i}" for i in range(1, 11)]
    by_type = {d.type: d.verdict for d in found.differences}
    assert by_type["D6"] is Verdict.COMPLIANT and by_type["D1"] is None, "nobody asked for D1"


@pytest.mark.parametrize(
    ("changes", "word"),
    [({"path": None}, "没有数据"), ({"valid_until": date(2026, 11, 23)}, "过期"), ({"geometry": "line"}, "")],
)
def test_a_pair_without_data_never_agrees(tmp_path: Path, store: LayerStore, changes: dict[str, object], word: str) -> None:
    """A missing or expired layer, or one of lines: the pair stands in no_data with the reason, the run is undetermined.

    PITFALLS P40: layers that do not count on one day are not laid over each other.
    """
    found = run(city(tmp_path, **changes), store)
    assert found.pairs == () and found.verdict is Verdict.UNDETERMINED
    [entry] = found.no_data
    assert (entry.a, entry.b) == (RED, FARM) and word in entry.reason and entry.rules == ("LL-01", "LL-02")
    assert {d.type: d.verdict for d in found.differences}["D6"] is Verdict.UNDETERMINED


def test_a_damaged_file_is_no_agreement(tmp_path: Path, store: LayerStore) -> None:
    """Half a GeoPackage is broken, not empty."""
    atlas = city(tmp_path)
    path = tmp_path / "layers" / f"{FARM}.gpkg"
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    found = run(atlas, store)
    assert found.verdict is Verdict.UNDETERMINED and "损坏" in found.no_data[0].reason


def test_a_rule_about_an_unknown_layer_is_no_data(tmp_path: Path, store: LayerStore) -> None:
    """The atlas does not know the second layer: said so, not skipped."""
    red = write_layer(tmp_path, RED, [square(0, 0, 40, 100)])
    atlas = make_atlas(tmp_path, [red], [rule("LL-01", zone(RED), zone("forest"), Verdict.NOTICE)])
    assert "forest" in run(atlas, store).no_data[0].reason


def test_outside_the_extent_of_a_layer_nobody_knows(tmp_path: Path, store: LayerStore) -> None:
    """A red line that is complete only near by: what was found stands, but the pair is also without data, and not compliant."""
    ring = ((110.9, 31.5), (111.0, 31.5), (111.0, 31.6), (110.9, 31.6), (110.9, 31.5))
    atlas = city(tmp_path, extent=(ring,))
    found = run(atlas, store)
    assert found.pairs[0].overlap_m2 == pytest.approx(3500)
    assert found.pairs[0].unmapped_m2 == pytest.approx(2000 * 2000)
    assert [n.rules for n in found.no_data] == [("LL-01", "LL-02")]
    empty = make_atlas(tmp_path, [atlas.layers[1], write_layer(tmp_path, FARM, [square(500, 500, 600, 600)])], core_and_rest())
    assert run(empty, store).pairs[0].verdict is Verdict.UNDETERMINED


def test_slivers_stand_apart_as_d10_and_leave_the_pair_undetermined(tmp_path: Path, store: LayerStore) -> None:
    """A strip of 0.1 × 100 m along the border is not farmland in the red line until somebody has looked at it."""
    red = write_layer(tmp_path, RED, [square(0, 0, 40, 100, zone="核心保护区")])
    farm = write_layer(tmp_path, FARM, [square(39.9, 0, 80, 100)])
    found = run(make_atlas(tmp_path, [red, farm], core_and_rest()), store)
    [pair] = found.pairs
    assert (pair.patches, pair.sliver_count) == (1, 1) and pair.overlap_m2 == pytest.approx(10)
    [finding] = pair.findings
    assert (finding.verdict, finding.best, finding.worst) == (Verdict.UNDETERMINED, Verdict.COMPLIANT, Verdict.PROHIBITED)
    assert finding.needs and found.patches[0].difference == "D10"
    counts = {d.type: d.patches for d in found.differences}
    assert counts["D6"] == 0 and counts["D10"] == 1


def test_a_feature_without_its_zone_may_be_in_the_core(tmp_path: Path, store: LayerStore) -> None:
    """The zone of the only red-line feature is not filled in: undetermined, and the data's gap is listed."""
    red = write_layer(tmp_path, RED, [square(0, 0, 40, 100, id="无", zone=None), square(900, 900, 910, 910, id="有", zone="核心保护区")])
    farm = write_layer(tmp_path, FARM, [square(0, 0, 40, 100)])
    found = run(make_atlas(tmp_path, [red, farm], core_and_rest()), store)
    assert found.verdict is Verdict.UNDETERMINED
    assert [found.pairs[0].a_m2, found.pairs[0].overlap_m2] == pytest.approx([4100, 4000])  # unknown is not nothing
    assert "缺属性" in found.pairs[0].findings[0].text
    note = next(q for q in found.quality if q.check == "missing_attribute")
    assert (note.layer, note.count, note.where) == (RED, 1, ("无",)) and note.area_m2 == pytest.approx(4000)


def test_containment_lists_what_reaches_outside(tmp_path: Path, store: LayerStore) -> None:
    """Farmland should lie in the growth plan: 100 × 50 m of it does not; inside plus outside is the whole."""
    farm = write_layer(tmp_path, FARM, [square(0, 0, 200, 50)])
    plan = write_layer(tmp_path, "territorial_plan", [square(0, -10, 60, 60), square(40, -10, 100, 60)])
    atlas = make_atlas(
        tmp_path,
        [farm, plan],
        [rule("CT-01", zone(FARM), zone("territorial_plan"), Verdict.NOTICE, relation="containment", difference=None)],
    )
    found = run(atlas, store)
    [pair] = found.pairs
    assert (pair.relation, found.verdict) == ("containment", Verdict.NOTICE)
    assert [pair.difference_m2, pair.overlap_m2, pair.a_m2] == pytest.approx([5000, 5000, 10_000])
    assert [p.difference for p in found.patches] == [None] and all(d.patches == 0 for d in found.differences)


def test_patches_carry_both_sides(tmp_path: Path, store: LayerStore) -> None:
    """The largest patch names its number, its rule, and the features of both layers."""
    patch = max(run(city(tmp_path), store).patches, key=lambda p: p.area_m2)
    assert (patch.rule, patch.county_name) == ("LL-02", "东县")
    assert re.fullmatch("1-D6-[0-9A-HJKMNP-TV-Z]{8}", patch.id)
    assert [r.id for r in patch.a_features] == ["般"] and [r.zone for r in patch.a_features] == ["一般控制区"]
    assert [r.id for r in patch.b_features] == ["田1", "田2"] and patch.b_features[0].class_ == "0101"


def test_differences_add_up_by_county_and_by_size(tmp_path: Path, store: LayerStore) -> None:
    """D6: 3500 m² in three patches; 1000 and 500 m² lie in the west, 2000 m² in the east; sizes by class."""
    found = run(city(tmp_path), store)
    d6 = next(d for d in found.differences if d.type == "D6")
    assert d6.patches == 3 and d6.area_m2 == pytest.approx(3500)
    assert {t.title: t.patches for t in d6.by_county} == {"西县": 2, "东县": 1}
    assert sum(t.area_m2 for t in d6.by_county) == pytest.approx(sum(t.area_m2 for t in d6.by_size)) == pytest.approx(3500)
    assert [t.patches for t in d6.by_size] == [0, 1, 2, 0], "500 m² is over 400; 1000 and 2000 m² are over 0.1 公顷"


def test_duplicates_inside_a_layer_are_counted_once_and_reported(tmp_path: Path, store: LayerStore) -> None:
    """The same field twice: areas as with one, and the layer is told (P12)."""
    red = write_layer(tmp_path, RED, [square(0, 0, 40, 100, zone="核心保护区")])
    farm = write_layer(tmp_path, FARM, [square(0, 0, 40, 50), square(0, 0, 40, 50)])
    found = run(make_atlas(tmp_path, [red, farm], core_and_rest()), store)
    assert [found.pairs[0].overlap_m2, found.pairs[0].b_m2] == pytest.approx([2000, 2000])
    note = next(q for q in found.quality if q.check == "self_overlap")
    assert (note.layer, note.count, note.level) == (FARM, 1, "warning") and note.area_m2 == pytest.approx(2000)


def test_two_rules_on_one_place_count_it_once_for_the_worse(tmp_path: Path, store: LayerStore) -> None:
    """A general rule after a rule about the core: the general rule keeps what the core leaves."""
    atlas = city(tmp_path)
    rules = [
        rule("LL-01", zone(RED, "核心保护区"), zone(FARM), Verdict.PROHIBITED),
        rule("LL-09", zone(FARM), zone(RED), Verdict.NOTICE, difference="D4"),
    ]
    found = run(make_atlas(tmp_path, atlas.layers[1:], rules), store)
    [pair] = found.pairs
    assert [f.area_m2 for f in pair.findings] == pytest.approx([1000, 2500])
    assert pair.overlap_m2 == pytest.approx(3500)


def test_two_named_layers_are_compared_even_without_a_rule(tmp_path: Path, store: LayerStore) -> None:
    """The numbers are given, the judgement is not; only the two take part."""
    atlas = city(tmp_path)
    third = write_layer(tmp_path, "forest", [square(0, 0, 10, 10)])
    atlas = make_atlas(tmp_path, [*atlas.layers[1:], third], atlas.law.pairs)
    found = run(atlas, store, layers=("forest", RED))
    [pair] = found.pairs
    assert (pair.a, pair.b) == ("forest", RED) and pair.overlap_m2 == pytest.approx(100)
    assert pair.verdict is Verdict.UNDETERMINED and {r.layer.id for r in found.layers} == {"counties", "forest", RED}
    assert run(atlas, store, layers=(FARM, RED)).pairs == run(atlas, store).pairs


def test_layers_must_be_two_and_known(tmp_path: Path, store: LayerStore) -> None:
    """One name is wrong usage, an unknown name names the nearest."""
    atlas = city(tmp_path)
    with pytest.raises(UsageError):
        run(atlas, store, layers=(RED,))
    with pytest.raises(UnknownLayer, match="没有图层"):
        run(atlas, store, layers=(RED, "permanent_farmland"))


def test_without_counties_the_areas_still_stand(tmp_path: Path, store: LayerStore) -> None:
    """No counties layer: one entry without a code."""
    whole = city(tmp_path)
    atlas = make_atlas(tmp_path, whole.layers[1:], whole.law.pairs, counties=False)
    [pair] = run(atlas, store).pairs
    assert [s.code for s in pair.by_county] == [None] and pair.by_county[0].overlap_m2 == pytest.approx(3500)


def test_indicators_give_the_lines_by_county_and_no_target(tmp_path: Path, store: LayerStore) -> None:
    """Farmland is 8500 m², 1500 of it in the west; nobody knows the target, so nobody knows whether it is met."""
    farm = next(i for i in run(city(tmp_path), store).indicators if i.title == f"{FARM}面积")
    assert farm.value == pytest.approx(8500) and farm.target is None and farm.met is None
    assert {c.name: c.value for c in farm.by_county} == pytest.approx({"西县": 1500, "东县": 7000})


def test_the_contract_holds_and_repeats(tmp_path: Path, store: LayerStore) -> None:
    """The JSON fits its schema, with data and without, and two runs give the same bytes."""
    schema = load_schema("xygis/consistency/1")
    atlas = city(tmp_path)
    text = json_text(consistency_dict(run(atlas, store)))
    jsonschema.validate(consistency_dict(run(atlas, store)), schema)
    assert text == json_text(consistency_dict(run(atlas, LayerStore(tmp_path / "other"))))
    jsonschema.validate(consistency_dict(run(city(tmp_path, path=None), store)), schema)


def test_a_real_plan_against_itself_yields_nothing(store: LayerStore) -> None:
    """The bundled territorial plan under two names: nothing of either reaches outside the other, no class lies on another class."""
    atlas = Atlas.open()
    plan = atlas.layer("territorial_plan")
    twin = replace(plan, id="twin")
    classes = ("300", "411", "414", "510")
    rules = [
        rule("S-1", zone(plan.id), zone(twin.id), Verdict.PROHIBITED, relation="difference", difference="D1"),
        rule("S-2", zone(twin.id), zone(plan.id), Verdict.PROHIBITED, relation="difference", difference="D2"),
        *(rule(f"S-{c}", zone(plan.id, c), zone(twin.id, f"!{c}"), Verdict.NOTICE, difference="D3") for c in classes),
    ]
    both = replace(atlas, layers=(atlas.layer("counties"), plan, twin), law=RedLines(instruments=instruments(), pairs=tuple(rules)))
    found = consistency(both, on=DAY, store=store)
    assert len(found.pairs) == 3 and found.patches == () and found.verdict is Verdict.COMPLIANT
    assert [p.difference_m2 for p in found.pairs if p.relation == "difference"] == [0.0, 0.0]
    assert found.shifts == () and sum(found.differing_m2) == 0.0


def test_swapped_plans_mirror_each_other(tmp_path: Path, store: LayerStore) -> None:
    """甲 and 乙 exchanged in every rule: the same places, areas, counties and verdicts, with the sides exchanged."""
    atlas = city(tmp_path)
    there = run(atlas, store)
    back = run(replace(atlas, law=replace(atlas.law, pairs=tuple(replace(r, a=r.b, b=r.a) for r in atlas.law.pairs))), store)
    for one, other in zip(sorted(there.patches, key=lambda p: p.area_m2), sorted(back.patches, key=lambda p: p.area_m2), strict=True):
        assert (one.rule, one.verdict, one.county_code) == (other.rule, other.verdict, other.county_code)
        assert one.area_m2 == pytest.approx(other.area_m2, abs=1e-6)
        assert (one.a, one.b, one.a_features, one.b_features) == (other.b, other.a, other.b_features, other.a_features)
    [pair], [mirrored] = there.pairs, back.pairs
    assert (pair.a_m2, pair.b_m2, pair.overlap_m2) == pytest.approx((mirrored.b_m2, mirrored.a_m2, mirrored.overlap_m2))


def test_splitting_features_changes_no_difference(tmp_path: Path, store: LayerStore) -> None:
    """The field that reaches furthest in, cut in two: the same patches."""
    whole = run(city(tmp_path), store)
    atlas = city(tmp_path)
    halves = [square(20, 0, 45, 50, id="田1a"), square(45, 0, 70, 50, id="田1b"), square(70, 0, 90, 50), square(200, 0, 300, 50)]
    farm = write_layer(tmp_path / "split", FARM, halves)
    split = run(replace(atlas, layers=tuple(farm if layer.id == FARM else layer for layer in atlas.layers)), store)
    assert [(p.rule, p.county_code) for p in split.patches] == [(p.rule, p.county_code) for p in whole.patches]
    assert [p.area_m2 for p in split.patches] == pytest.approx([p.area_m2 for p in whole.patches], abs=1e-6)
