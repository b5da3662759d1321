"""Each verdict and each circumstance, on squares: 30 × 20 m patches of 600 m², images good to ±2 m."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import shapely

from tests.suspects.town import DAY, building, codes, judged, one, patch, permit, town
from xygis.atlas.suspect_law import SuspectVerdict

BOX = (100.0, 100.0, 130.0, 120.0)
WIDE = (95.0, 95.0, 135.0, 125.0)  # 5 m round BOX
LEGAL, SUSPECTED, VERIFY = SuspectVerdict.LEGAL, SuspectVerdict.SUSPECTED, SuspectVerdict.VERIFY


def test_a_building_with_both_permits_before_the_image_is_lawful(tmp_path: Path) -> None:
    """合法, with the articles and 600 m²; it is in no list to be worked off."""
    found = one(town(tmp_path, land_permits=building(WIDE)), patch(BOX))
    assert (LEGAL, None, 600.0) == (found.verdict, found.priority, pytest.approx(found.area_m2))
    assert [("土地管理法", "44"), ("城乡规划法", "40")] == [(c.instrument, c.article) for c in found.judgement.reasons[0].basis]


def test_a_building_without_any_permit_is_suspected(tmp_path: Path) -> None:
    """疑似违法 by 土地管理法 77 and 城乡规划法 64; overlapping no layer at all does not help it."""
    found = one(town(tmp_path), patch(BOX))
    assert SUSPECTED == found.verdict
    assert {"77", "64"} <= {c.article for c in found.judgement.reasons[0].basis}


@pytest.mark.parametrize("kind", ["建设用地批准书", "农用地转用批文", "建设用地规划许可证", "建设工程规划许可证"])
def test_part_of_the_permits_is_to_be_verified(tmp_path: Path, kind: str) -> None:
    """One permit of those that are needed: neither lawful nor suspected, and it says what is missing."""
    found = one(town(tmp_path, land_permits=[permit(WIDE, kind)]), patch(BOX))
    assert (VERIFY, "KW-26") == (found.verdict, codes(found)[0])
    assert "未见" in found.judgement.reasons[0].text and found.judgement.needs


@pytest.mark.parametrize(
    ("issued", "verdict", "code"),
    [
        ("2026-10-18", LEGAL, "KW-01"),  # on the very day of the image
        ("2026-10-19", SUSPECTED, "KW-21"),  # a day later: 先建后批
        ("2026-10", VERIFY, "KW-33"),  # some day of October
        (None, VERIFY, "KW-33"),
        ("去年", VERIFY, "KW-33"),
    ],
)
def test_a_permit_counts_from_its_day(tmp_path: Path, issued: str | None, verdict: SuspectVerdict, code: str) -> None:
    """Permits of the day count; later ones make it 先建后批; where the day is not known nobody is judged."""
    rows = [permit(WIDE, kind, issued) for kind in ("建设用地批准书", "建设工程规划许可证")]
    found = one(town(tmp_path, land_permits=rows), patch(BOX))
    assert (verdict, code) == (found.verdict, codes(found)[0])


@pytest.mark.parametrize(
    ("until", "on", "verdict", "code"),
    [
        ("2027-05-31", DAY, LEGAL, "KW-03"),
        ("2026-10-18", date(2026, 10, 18), LEGAL, "KW-03"),  # its last day still counts
        ("2026-10-17", DAY, SUSPECTED, "KW-22"),
        ("2026-10-31", DAY, VERIFY, "KW-03"),  # valid on the day of the image, over on the day of the check
        (None, DAY, VERIFY, "KW-33"),  # temporary use that names no end
    ],
)
def test_temporary_use_has_an_end(tmp_path: Path, until: str | None, on: date, verdict: SuspectVerdict, code: str) -> None:
    """A temporary permit makes lawful until its last day, and only if it names one."""
    found = one(town(tmp_path, land_permits=[permit(WIDE, "临时用地批准", "2025-06-01", until)]), patch(BOX, "临时用地"), on)
    assert (verdict, True) == (found.verdict, code in codes(found))
    assert ("KW-28" == codes(found)[0]) is (until == "2026-10-31")


@pytest.mark.parametrize(("until", "code"), [("2026-08-01", "KW-23"), ("2026-07-11", "KW-22")])
def test_a_building_permit_that_lapsed_between_the_images_is_to_be_verified(tmp_path: Path, until: str, code: str) -> None:
    """Ended after the earlier image (2026-07-12), the building may have been begun in time; ended before it, it was not."""
    rows = [permit(WIDE, kind, "2024-01-01", until) for kind in ("建设用地批准书", "建设工程规划许可证")]
    found = one(town(tmp_path, land_permits=rows), patch(BOX))
    assert code == codes(found)[0]
    assert found.verdict is (VERIFY if code == "KW-23" else SUSPECTED)


def test_building_beyond_the_permit_is_suspected_with_its_square_metres(tmp_path: Path) -> None:
    """The permit ends at x = 120: 10 × 20 m = 200 m² lie beyond it, more than ±2 m can explain."""
    found = one(town(tmp_path, land_permits=building((95, 95, 120, 125))), patch(BOX))
    assert (SUSPECTED, "KW-24") == (found.verdict, codes(found)[0])
    assert 200.0 == pytest.approx(found.judgement.reasons[0].area_m2)
    assert 400.0 == pytest.approx(found.facts.hits[0].overlap_m2)


@pytest.mark.parametrize(
    ("edge", "verdict", "code"),
    [
        (129.5, LEGAL, "KW-01"),  # 0.5 × 20 = 10 m², within what is allowed
        (128.4, VERIFY, "KW-34"),  # 32 m², more than allowed, but 1.6 m is within the accuracy of the image
        (125.0, SUSPECTED, "KW-24"),  # 100 m², 5 m beyond
    ],
)
def test_what_the_image_cannot_tell_is_borderline(tmp_path: Path, edge: float, verdict: SuspectVerdict, code: str) -> None:
    """A patch that reaches beyond its permit by less than the accuracy of the image is 临界."""
    found = one(town(tmp_path, land_permits=building((95, 95, edge, 125))), patch(BOX))
    assert (verdict, code) == (found.verdict, codes(found)[0])


def test_a_permit_next_door_is_nobody_elses(tmp_path: Path) -> None:
    """The neighbour's permits reach 2 m (40 of 600 m²) into the patch: it has none."""
    found = one(town(tmp_path, land_permits=building((60, 95, 102, 125))), patch(BOX))
    assert (SUSPECTED, "KW-11") == (found.verdict, codes(found)[0])
    assert any("相邻" in r and "40.00" in r for r in found.remarks)


def test_two_permits_side_by_side_cover_together(tmp_path: Path) -> None:
    """What is covered is the union of the permits of a kind; where they overlap it counts once."""
    rows = [*building((95, 95, 116, 125)), *building((112, 95, 135, 125))]
    assert LEGAL == one(town(tmp_path, land_permits=rows), patch(BOX)).verdict


def test_permits_of_another_kind_are_none(tmp_path: Path) -> None:
    """A factory on land filed for farm sheds is suspected; the sheds themselves are lawful."""
    atlas = town(tmp_path, land_permits=[permit(WIDE, "设施农用地备案")])
    assert (SUSPECTED, "KW-25") == ((found := one(atlas, patch(BOX))).verdict, codes(found)[0])
    assert (LEGAL, "KW-04") == ((sheds := one(atlas, patch(BOX, "大棚"))).verdict, codes(sheds)[0])


def test_a_rural_house_needs_its_own_two_permits(tmp_path: Path) -> None:
    """乡村建设规划许可证 and 农村宅基地批准书; without them 土地管理法 78 and 城乡规划法 65."""
    rows = [permit(WIDE, kind) for kind in ("乡村建设规划许可证", "农村宅基地批准书")]
    assert LEGAL == one(town(tmp_path / "a", land_permits=rows), patch(BOX, "农村住宅")).verdict
    found = one(town(tmp_path / "b"), patch(BOX, "农房"))
    assert SUSPECTED == found.verdict
    assert {"78", "65"} <= {c.article for c in found.judgement.reasons[0].basis}


def test_another_use_than_permitted_is_to_be_verified(tmp_path: Path) -> None:
    """A patch said to be housing on land for industry; an image does not prove a use, so nobody is accused."""
    atlas = town(tmp_path, land_permits=building(WIDE, use="工业用地"))
    found = one(atlas, patch(BOX, use="城镇住宅用地"))
    assert (VERIFY, True) == (found.verdict, "KW-27" in codes(found))
    assert LEGAL == one(atlas, patch(BOX, use="工业用地")).verdict


def test_what_kind_of_building_it_is_may_decide(tmp_path: Path) -> None:
    """Not said: without permits suspected whatever it is; with a filing for farm sheds it depends, so 待核."""
    assert SUSPECTED == (bare := one(town(tmp_path / "a"), patch(BOX, None))).verdict and bare.judgement.assumed
    found = one(town(tmp_path / "b", land_permits=[permit(WIDE, "设施农业用地备案")]), patch(BOX, "看不清"))
    assert (VERIFY, "KW-35") == (found.verdict, codes(found)[0])
    assert any("看不清" in r for r in found.remarks)


@pytest.mark.parametrize(
    ("layer", "values", "code"),
    [
        ("permanent_basic_farmland", {}, "KWP-02"),
        ("ecological_red_line", {"zone": "核心保护区", "reserve_type": "自然保护区"}, "KWP-01"),
        ("ecological_red_line", {"zone": "一般控制区", "reserve_type": "自然公园"}, "KWP-04"),
        ("water_source_protection", {"zone": "一级保护区"}, "KWP-03"),
        ("river_management_zone", {}, "KWP-05"),
    ],
)
def test_permits_do_not_make_it_lawful_where_the_law_forbids(tmp_path: Path, layer: str, values: dict[str, str | None], code: str) -> None:
    """With all permits but on such ground: 待核, never 合法; without permits it is suspected, with the place and 600 m²."""
    ground = {layer: [((50.0, 50.0, 200.0, 200.0), values)]}
    found = one(town(tmp_path / "a", land_permits=building(WIDE), **ground), patch(BOX))
    assert (VERIFY, True) == (found.verdict, "KW-96" in codes(found))
    bare = one(town(tmp_path / "b", **ground), patch(BOX))
    place = next(r for r in bare.judgement.reasons if r.place)
    assert (SUSPECTED, code, 600.0) == (bare.verdict, place.code, pytest.approx(place.area_m2))


def test_touching_farmland_within_the_accuracy_is_borderline(tmp_path: Path) -> None:
    """Farmland begins 1 m inside the patch (20 m²): with permits that is 待核, because it may be nothing, and may be something."""
    atlas = town(tmp_path, land_permits=building(WIDE), permanent_basic_farmland=[((129.0, 50.0, 300.0, 200.0), {})])
    found = one(atlas, patch(BOX))
    place = next(r for r in found.judgement.reasons if r.place)
    assert (VERIFY, False) == (found.verdict, place.sure)
    assert "临界" in place.text
    beside = town(tmp_path / "b", land_permits=building(WIDE), permanent_basic_farmland=[((131.0, 50.0, 300.0, 200.0), {})])
    assert VERIFY == one(beside, patch(BOX)).verdict  # 1 m outside as drawn
    away = town(tmp_path / "c", land_permits=building(WIDE), permanent_basic_farmland=[((133.0, 50.0, 300.0, 200.0), {})])
    assert LEGAL == one(away, patch(BOX)).verdict


def test_a_zone_that_the_red_line_does_not_name_may_be_the_core(tmp_path: Path) -> None:
    """A red-line feature without a zone: the core is possible, so it is told as 临界, and nothing is lawful there."""
    rows = [((50.0, 50.0, 200.0, 200.0), {"zone": None, "reserve_type": "自然保护区"})]
    found = one(town(tmp_path, land_permits=building(WIDE), ecological_red_line=rows), patch(BOX))
    core = next(r for r in found.judgement.reasons if r.code == "KWP-01")
    assert (VERIFY, False) == (found.verdict, core.sure)


@pytest.mark.parametrize(("version", "code"), [("2025-12-31", "KW-31"), ("2026-08-01", "KW-32")])
def test_land_built_on_before_is_no_new_building(tmp_path: Path, version: str, code: str) -> None:
    """Construction land in a survey older than the images: 历史遗留, 待核; in a younger one nobody knows, 待核 too."""
    atlas = town(tmp_path, current_land_use=[((-2000, -2000, 2000, 2000), {"class": "0702"})])
    layers = tuple(replace(x, version=date.fromisoformat(version)) if x.id == "current_land_use" else x for x in atlas.layers)
    found = one(replace(atlas, layers=layers), patch(BOX))
    assert (VERIFY, True) == (found.verdict, code in codes(found))


def test_half_on_old_building_land_is_still_new(tmp_path: Path) -> None:
    """300 of 600 m² were built on before; the other half is new, and suspected."""
    rows = [((-2000, -2000, 115, 2000), {"class": "0702"}), ((115, -2000, 2000, 2000), {"class": "0101"})]
    found = one(town(tmp_path, current_land_use=rows), patch(BOX))
    assert SUSPECTED == found.verdict
    assert 300.0 == pytest.approx(next(r for r in found.judgement.reasons if r.code == "KWP-09").area_m2)


def test_without_permits_data_nothing_is_judged(tmp_path: Path) -> None:
    """The permits layer has no data: neither 疑似违法 nor 合法, and what is needed is said."""
    found = one(town(tmp_path, land_permits=None), patch(BOX))
    assert (VERIFY, ["KW-93"]) == (found.verdict, codes(found))  # above all it does not say that there is no permit
    assert "用地审批和规划许可成果" in found.judgement.needs


@pytest.mark.parametrize("layer", ["permanent_basic_farmland", "ecological_red_line", "water_source_protection", "river_management_zone"])
def test_a_missing_layer_that_could_forbid_takes_lawful_away(tmp_path: Path, layer: str) -> None:
    """With all permits, but nobody knows whether it lies on protected ground."""
    found = one(town(tmp_path, land_permits=building(WIDE), **{layer: None}), patch(BOX))
    assert (VERIFY, True) == (found.verdict, "KW-97" in codes(found))


def test_without_a_survey_history_cannot_be_ruled_out(tmp_path: Path) -> None:
    """No current land use: a patch without permits may have stood there for long."""
    found = one(town(tmp_path, current_land_use=None), patch(BOX))
    assert (VERIFY, True) == (found.verdict, "KW-90" in codes(found))


@pytest.mark.parametrize(("after", "code"), [(None, "KW-91"), ("十月", "KW-91"), ("2026-13-40", "KW-91"), ("2027-01-05", "KW-92")])
def test_without_a_sound_date_nothing_is_judged(tmp_path: Path, after: str | None, code: str) -> None:
    """No date, a date nobody can read, a date after the check: 待核, with or without permits."""
    for name, rows in (("a", building(WIDE)), ("b", [])):
        atlas = town(tmp_path / name, **({"land_permits": rows} if rows else {}))
        found = one(atlas, patch(BOX, after=after))
        assert (VERIFY, code) == (found.verdict, codes(found)[0])
        assert not {"KW-01", "KW-11"} & set(codes(found))  # what the permits of an unknown day say is no fact


def test_permits_older_than_the_image_accuse_nobody(tmp_path: Path) -> None:
    """The permits are known up to 2026-09-30, the image is of 2026-10-18: what was permitted in between is not among them."""
    atlas = town(tmp_path)
    layers = tuple(replace(x, version=date(2026, 9, 30)) if x.id == "land_permits" else x for x in atlas.layers)
    found = one(replace(atlas, layers=layers), patch(BOX))
    assert (VERIFY, "KW-89") == (found.verdict, codes(found)[0])


def test_outside_the_city_nothing_is_judged(tmp_path: Path) -> None:
    """A patch beyond both counties is no case of this city's."""
    found = one(town(tmp_path), patch((3000, 0, 3030, 20)))
    assert (VERIFY, "KW-94" in codes(found), None) == (found.verdict, True, found.county_code)


def test_a_doubtful_outline_is_never_lawful(tmp_path: Path) -> None:
    """The outline crossed itself and was repaired: with permits 待核; without them still suspected."""
    assert VERIFY == one(town(tmp_path / "a", land_permits=building(WIDE)), patch(BOX, doubtful=("自相交",))).verdict
    assert SUSPECTED == one(town(tmp_path / "b"), patch(BOX, doubtful=("自相交",))).verdict


def test_a_patch_smaller_than_the_accuracy_says_nothing(tmp_path: Path) -> None:
    """1.5 m wide: it may be a shadow."""
    found = one(town(tmp_path), patch((100, 100, 101.5, 140)))
    assert (VERIFY, True) == (found.verdict, "KW-95" in codes(found))


def test_the_law_is_that_of_the_day_of_the_image(tmp_path: Path) -> None:
    """An image of 2026-08-14 in a water source: 水污染防治法; of 2026-08-15: 生态环境法典 (rules-corrections.md)."""
    atlas = town(tmp_path, water_source_protection=[((50, 50, 200, 200), {"zone": "一级保护区"})])
    for day, instrument in (("2026-08-14", "水污染防治法"), ("2026-08-15", "生态环境法典")):
        found = one(atlas, patch(BOX, after=day, before="2026-05-01"), date(2027, 3, 1))
        place = next(r for r in found.judgement.reasons if r.code == "KWP-03")
        assert {instrument} == {c.instrument for c in place.basis}


def test_before_the_base_begins_nothing_is_lawful(tmp_path: Path) -> None:
    """An image older than what the rule base claims to hold: permits or not, the law of that day is not all there."""
    atlas = town(tmp_path, land_permits=building(WIDE, "2018-01-01"))
    found = one(atlas, patch(BOX, after="2024-05-01", before=None))
    assert (VERIFY, True) == (found.verdict, "KW-99" in codes(found))
    assert VERIFY == one(town(tmp_path / "b"), patch(BOX, after="2015-05-01", before=None)).verdict


def test_permits_of_a_kind_nobody_knows_leave_it_open(tmp_path: Path) -> None:
    """A permit of kind 特别许可 may be what is needed."""
    found = one(town(tmp_path, land_permits=[permit(WIDE, "特别许可")]), patch(BOX))
    assert (VERIFY, "KW-33") == (found.verdict, codes(found)[0])


def test_a_patch_with_a_hole_is_measured_without_it(tmp_path: Path) -> None:
    """30 × 20 m with a yard of 10 × 10 m: 500 m²."""
    ring = shapely.box(*BOX).difference(shapely.box(110, 105, 120, 115))
    assert 500.0 == pytest.approx(one(town(tmp_path), patch(BOX, shape=ring)).area_m2)


def test_every_verdict_to_be_verified_says_what_would_settle_it(tmp_path: Path) -> None:
    """待核 without a need would be a dead end."""
    batch = [patch(BOX, after=None), patch((3000, 0, 3030, 20)), patch((200, 0, 201, 30))]
    assert all(p.judgement.needs for p in judged(town(tmp_path), *batch).patches if p.verdict is VERIFY)
