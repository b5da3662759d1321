"""What has become of every difference since the last run, on squares. Nothing counts as resolved that nobody looked for."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import jsonschema
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.consistency.city import DAY, rule, square, zone
from tests.consistency.round import FARM, PLAN, RED, RULES, Bureau, at, edit, gone, states
from tests.consistency.test_identity import box, patch
from xygis.atlas.verdict import Verdict
from xygis.consistency.earlier import AlteredFile, Earlier, read_earlier
from xygis.consistency.identity import identified
from xygis.consistency.result import Consistency, DifferencePatch
from xygis.consistency.states import PatchState
from xygis.consistency.territory import Territory
from xygis.consistency.tracking import tracked
from xygis.errors import DamagedFile, FileMissing, UnknownFormat, UsageError
from xygis.report.consistency_contract import consistency_dict
from xygis.report.contract import load_schema

HUNDRED = square(100, 0, 110, 10, id="田1")  # 10 × 10 m
FAR = square(300, 300, 320, 320, id="田9")  # 400 m², which nobody touches


@pytest.fixture
def bureau(tmp_path: Path) -> Bureau:
    return Bureau(tmp_path)


def closes(found: Consistency) -> None:
    """上次 = 已消除 + 持续 + 变化 + 未比对; 本次 = 持续 + 变化 + 新增; and so by county and by type."""
    assert found.tracking is not None
    now = found.tracking.by_state
    assert sum(t.patches for t in now) == len(found.patches)
    assert sum(t.area_m2 for t in now) == pytest.approx(sum(p.area_m2 for p in found.patches), abs=1e-9)
    for groups in (found.tracking.by_county, found.tracking.by_type):
        for field in ("earlier_patches", "earlier_m2", "patches", "area_m2"):
            assert sum(getattr(t, field) for t in groups) == pytest.approx(sum(getattr(t, field) for t in now), abs=1e-9)


def tally(found: Consistency) -> dict[str, tuple[int, float, int, float]]:
    """状态 → (上次个数, 上次 m², 本次个数, 本次 m²), what is not nothing."""
    assert found.tracking is not None
    rows = {t.state.label: (t.earlier_patches, round(t.earlier_m2, 2), t.patches, round(t.area_m2, 2)) for t in found.tracking.by_state}
    closes(found)
    return {k: v for k, v in rows.items() if any(v)}


def test_the_same_data_again_persist(bureau: Bureau) -> None:
    """Nothing has changed: every patch persists under its name."""
    first, folder = bureau.run([HUNDRED, FAR])
    second, _ = bureau.run([HUNDRED, FAR], since=folder)
    assert [s[:2] for s in states(second)] == [s[:2] for s in states(first)]
    assert tally(second) == {"持续": (2, 500.0, 2, 500.0)}


def test_a_shift_within_a_millimetre_persists(bureau: Bureau) -> None:
    """0.4 mm is noise, 3 mm are not: the area is the same, the border has moved."""
    _, folder = bureau.run([HUNDRED])
    noise, _ = bureau.run([square(100.0004, 0, 110.0004, 10)], since=folder)
    moved, _ = bureau.run([square(100.003, 0, 110.003, 10)], since=folder)
    assert [s[2] for s in states(noise)] == ["持续"] and [s[2] for s in states(moved)] == ["变化（移位）"]


def test_a_shrunk_patch_keeps_its_name(bureau: Bureau) -> None:
    """100 m² become 60: changed, with both areas; the neighbour is left alone."""
    first, folder = bureau.run([HUNDRED, FAR])
    second, _ = bureau.run([square(100, 0, 106, 10), FAR], since=folder)
    assert states(second) == [(at(first, 400).id, 400.0, "持续"), (at(first, 100).id, 60.0, "变化（缩小）")]
    assert at(second, 60).track.before_m2 == pytest.approx(100)  # type: ignore[union-attr]
    assert tally(second) == {"持续": (1, 400.0, 1, 400.0), "变化": (1, 100.0, 1, 60.0)}


def test_a_grown_patch_keeps_its_name_over_a_third_run(bureau: Bureau) -> None:
    """100, then 130, then 250 m²: one name all along, though the place would now be called otherwise."""
    first, folder = bureau.run([HUNDRED])
    _, folder = bureau.run([square(100, 0, 113, 10)], since=folder)
    third, _ = bureau.run([square(100, 0, 125, 10)], since=folder)
    assert states(third) == [(first.patches[0].id, 250.0, "变化（扩大）")]
    fresh, _ = bureau.run([square(100, 0, 125, 10)])
    assert fresh.patches[0].id != first.patches[0].id


def test_of_a_split_patch_the_largest_part_keeps_the_name(bureau: Bureau) -> None:
    """100 m² fall into 60 and 30: the smaller one has a new name and says where it is from."""
    first, folder = bureau.run([HUNDRED])
    second, _ = bureau.run([square(100, 0, 106, 10), square(107, 0, 110, 10)], since=folder)
    large, small = at(second, 60), at(second, 30)
    assert (large.id, large.track.text) == (first.patches[0].id, "变化（分割、缩小）")  # type: ignore[union-attr]
    assert small.id != large.id and small.track is not None
    assert (small.track.split_from, small.track.text, small.track.before_m2) == (large.id, "变化（分割）", None)
    assert tally(second) == {"变化": (1, 100.0, 2, 90.0)}


def test_merged_patches_go_by_the_name_of_the_largest(bureau: Bureau) -> None:
    """60 and 30 m² grow together: the larger one's name stays, the other is recorded."""
    first, folder = bureau.run([square(100, 0, 106, 10), square(107, 0, 110, 10)])
    second, _ = bureau.run([HUNDRED], since=folder)
    [one] = second.patches
    assert one.track is not None and (one.id, one.track.text) == (at(first, 60).id, "变化（合并、扩大）")
    assert [(m.id, round(m.area_m2, 2)) for m in one.track.merged] == [(at(first, 30).id, 30.0)]
    assert tally(second) == {"变化": (2, 90.0, 1, 100.0)}


def test_a_patch_that_is_gone_is_resolved_and_one_elsewhere_is_new(bureau: Bureau) -> None:
    """Moved away by 15 m: nothing of it is left where it was."""
    first, folder = bureau.run([HUNDRED, FAR])
    second, _ = bureau.run([square(125, 0, 135, 10), FAR], since=folder)
    assert [(g.patch.id, g.state, g.reason) for g in gone(second)] == [(at(first, 100).id, PatchState.RESOLVED, "")]
    assert tally(second) == {"已消除": (1, 100.0, 0, 0), "持续": (1, 400.0, 1, 400.0), "新增": (0, 0, 1, 100.0)}


def test_a_neighbour_that_only_touches_is_no_successor(bureau: Bureau) -> None:
    """Across the county border the patch next to it grows; what was here is resolved all the same."""
    first, folder = bureau.run([square(40, 0, 50, 10), square(52, 0, 60, 10)])
    second, _ = bureau.run([square(50, 0, 60, 10)], since=folder)
    assert [g.patch.id for g in gone(second)] == [at(first, 100).id] and gone(second)[0].state is PatchState.RESOLVED
    assert states(second) == [(at(first, 80).id, 100.0, "变化（扩大）")]


def test_less_than_a_millimetre_in_common_is_no_successor(bureau: Bureau) -> None:
    """0.4 mm of the old place are contact (DESIGN §6): one is resolved, one is new. 4 cm are the old patch, moved."""
    _, folder = bureau.run([HUNDRED])
    beside, _ = bureau.run([square(109.9996, 0, 119.9996, 10)], since=folder)
    assert set(tally(beside)) == {"已消除", "新增"}
    on_it, _ = bureau.run([square(109.96, 0, 119.96, 10)], since=folder)
    assert set(tally(on_it)) == {"变化"}


def test_a_new_patch_never_takes_the_name_of_an_earlier_one() -> None:
    """Inside a frame that keeps its name a square comes up that would be called the same: same centre, same size."""
    frame = shapely.difference(box(0, 0, 14.2, 14.2), box(2.075, 2.075, 12.125, 12.125))
    before = identified([patch(frame)])
    inner = patch(box(2.1, 2.1, 12.1, 12.1))
    assert identified([inner])[0].id == before[0].id, "else this test shows nothing"
    smaller = patch(shapely.difference(frame, box(-1, -1, 15, 1)))
    found = tracked(empty(identified([smaller, inner])), earlier_of(before))
    assert {p.track.state.label: p.id == before[0].id for p in found.patches if p.track} == {"变化": True, "新增": False}


def test_a_missing_layer_resolves_nothing(bureau: Bureau) -> None:
    """Farmland is not there this month: not compared, with the reason; next month the patch has its name and notes again."""
    first, folder = bureau.run([HUNDRED])
    second, folder = bureau.run([HUNDRED], since=folder, absent=FARM)
    [entry] = gone(second)
    assert (entry.state, FARM in entry.reason) == (PatchState.NOT_COMPARED, True)
    assert tally(second) == {"未比对": (1, 100.0, 0, 0)}
    third, _ = bureau.run([square(100, 0, 107, 10)], since=folder)
    assert states(third) == [(first.patches[0].id, 70.0, "变化（缩小）")]


def test_a_rule_that_has_ended_resolves_nothing(bureau: Bureau) -> None:
    """The rule counts until today; tomorrow its patches are not compared. A rule that is not in the book any more: the same."""
    rules = [replace(RULES[0], until=DAY), RULES[1]]
    _, folder = bureau.run([HUNDRED], rules=rules)
    ended, _ = bureau.run([HUNDRED], rules=rules, on=DAY + timedelta(days=1), since=folder)
    struck, _ = bureau.run([HUNDRED], rules=RULES[1:], since=folder)
    assert [(g.state.label, g.reason) for g in gone(ended)] == [("未比对", "规则 LL-01 在基准日 2026-11-25 不适用")]
    assert [(g.state.label, g.reason) for g in gone(struck)] == [("未比对", "规则库里没有规则 LL-01")]


def test_a_run_over_two_layers_resolves_nothing_of_others(bureau: Bureau) -> None:
    """Only plans and farmland are compared this time; and then the others are not called new as if they had come up."""
    _, folder = bureau.run([HUNDRED])
    second, narrow = bureau.run([HUNDRED], layers=(PLAN, FARM), since=folder)
    assert [(g.state.label, g.reason) for g in gone(second)] == [("未比对", "这次没有按这条规则比对这一对图层")]
    alone, narrow = bureau.run([HUNDRED], layers=(PLAN, FARM))
    third, _ = bureau.run([HUNDRED], since=narrow)
    assert third.patches[0].track is not None and third.patches[0].track.reason == "上次没有比对这一对图层"


def test_outside_the_extent_nobody_has_looked(bureau: Bureau) -> None:
    """Farmland now claims to be complete only in the west of the city: what has gone in the east is not compared."""
    _, folder = bureau.run([HUNDRED, square(-200, 0, -190, 10)])
    lonlat = [p.geometry for p in read_earlier(folder / "report.json").patches]
    west = min(lonlat, key=lambda g: g.bounds[0]).buffer(0.0005).exterior.coords
    second, _ = bureau.run([square(-400, 0, -390, 10)], since=folder, extent=(tuple(west),))
    assert {g.patch.county_name: (g.state.label, g.reason) for g in gone(second)} == {
        "西县": ("已消除", ""),
        "东县": ("未比对", f"图斑不全在{FARM}登记的完整范围内"),
    }


def test_a_feature_that_lost_its_zone_resolves_nothing(bureau: Bureau) -> None:
    """The red line does not say its zone any more: the rule of the core finds nothing, and that proves nothing."""
    rules = [rule("LL-01", zone(RED, "核心保护区"), zone(FARM), Verdict.PROHIBITED)]
    core = [square(-900, -900, 900, 900, zone="核心保护区"), square(2000, 0, 2001, 1, zone="一般控制区")]
    _, folder = bureau.run([HUNDRED], red=core, rules=rules)
    second, _ = bureau.run([HUNDRED], red=[square(-900, -900, 900, 900), core[1]], rules=rules, since=folder)
    [entry] = gone(second)
    assert entry.state is PatchState.NOT_COMPARED and "0.0100 公顷因要素缺属性无法归类" in entry.reason


def test_a_place_that_another_rule_claims_is_not_resolved(bureau: Bureau) -> None:
    """The general zone becomes core: the same patch, the same name, another rule; no conflict has gone away."""
    rules = [
        rule("LL-01", zone(RED, "核心保护区"), zone(FARM), Verdict.PROHIBITED),
        rule("LL-02", zone(RED, "!核心保护区"), zone(FARM), Verdict.NOTICE),
    ]
    first, folder = bureau.run([HUNDRED], red=[square(-900, -900, 900, 900, zone="一般控制区")], rules=rules)
    second, _ = bureau.run([HUNDRED], red=[square(-900, -900, 900, 900, zone="核心保护区")], rules=rules, since=folder)
    assert states(second) == [(first.patches[0].id, 100.0, "变化（改归规则）")]
    assert second.patches[0].track is not None and second.patches[0].track.before_rule == "LL-02"
    some, _ = bureau.run(
        [HUNDRED], red=[square(-900, -900, 102, 900, zone="核心保护区"), square(112, -900, 900, 900, zone="一般控制区")], rules=rules, since=folder
    )  # fmt: skip
    [entry] = gone(some)
    assert entry.state is PatchState.RESOLVED and entry.elsewhere == (some.patches[0].id,), "a fifth of it is now in the core"


def test_the_contract_holds_and_says_the_same(bureau: Bureau) -> None:
    """report.json of a compared run is valid and has the entries by state, county and type."""
    _, folder = bureau.run([HUNDRED, FAR, square(-300, 0, -290, 10)])
    found, out = bureau.run([square(100, 0, 106, 10), FAR], since=folder)
    document = json.loads((out / "report.json").read_text("utf-8"))
    assert document == json.loads(json.dumps(consistency_dict(found)))
    jsonschema.validate(document, load_schema("xygis/consistency/1"))
    tracking = document["tracking"]
    assert {t["state"]: t["earlier_patches"] for t in tracking["by_state"]} == {
        "resolved": 1, "persisting": 1, "changed": 1, "not_compared": 0, "new": 0
    }  # fmt: skip
    assert {(t["name"], t["state"]) for t in tracking["by_county"]} == {("西县", "resolved"), ("东县", "persisting"), ("东县", "changed")}
    html = (out / "report.html").read_text("utf-8")
    assert "与上次比对" in html and "已消除 1，持续 1，变化 1，未比对 0；本次新增 0" in html


def test_an_earlier_report_without_its_patches_is_refused(bureau: Bureau) -> None:
    """Missing, altered and foreign files: one clear message each; written notes alter nothing."""
    _, folder = bureau.run([HUNDRED, FAR])
    gpkg = folder / "consistency.gpkg"
    edit(gpkg, "update patches set opinion = '甲调'")
    assert read_earlier(folder / "report.json").edited
    edit(gpkg, "delete from patches where area_m2 < 200")
    with pytest.raises(AlteredFile, match="对不上"):
        read_earlier(folder / "report.json")
    gpkg.unlink()
    with pytest.raises(FileMissing, match="不在报告旁边"):
        read_earlier(folder / "report.json")


@pytest.mark.parametrize(
    ("text", "error", "word"),
    [
        ("{", DamagedFile, "JSON"),
        ("[]", UnknownFormat, "多规合一"),
        ('{"schema": "xygis/assessment/1"}', UnknownFormat, "多规合一"),
        ('{"schema": "xygis/consistency/1", "verdict": "undetermined", "error": {}}', UnknownFormat, "没有完成"),
        ('{"schema": "xygis/consistency/1", "pairs": []}', UnknownFormat, "没有图斑清单"),
        (
            '{"schema": "xygis/consistency/1", "patches": [], "compared": [], "patches_file": {"name": "../x.gpkg"}}',
            DamagedFile,
            "图斑文件",
        ),
    ],
)
def test_a_file_that_is_no_report_is_refused(tmp_path: Path, text: str, error: type[Exception], word: str) -> None:
    """Whatever it is, the message says what to give instead."""
    (tmp_path / "report.json").write_text(text, "utf-8")
    with pytest.raises(error, match=word):
        read_earlier(tmp_path / "report.json")


def test_a_report_with_a_broken_entry_is_refused(bureau: Bureau) -> None:
    """A patch without an area, a verdict that is none, an opinion that is none, a name twice."""
    _, folder = bureau.run([HUNDRED])
    good = json.loads((folder / "report.json").read_text("utf-8"))
    for change in ({"area_m2": None}, {"verdict": "fine"}, {"notes": {"opinion": "丙调"}}, {"id": "x"}):
        bad = good | {"patches": [good["patches"][0] | change]}
        (folder / "report.json").write_text(json.dumps(bad), "utf-8")
        with pytest.raises(DamagedFile):
            read_earlier(folder / "report.json")


def test_another_city_or_another_measure_is_refused(bureau: Bureau) -> None:
    """Nothing in common and another name: not everything resolved, but the wrong file. Planar and official areas do not compare."""
    found, folder = bureau.run([HUNDRED])
    earlier = read_earlier(folder / "report.json")
    elsewhere = replace(earlier, atlas_name="别市", patches=tuple(replace(p, geometry=shapely.box(1, 1, 2, 2)) for p in earlier.patches))
    with pytest.raises(UsageError, match="另一套图集"):
        tracked(found, elsewhere)
    with pytest.raises(UsageError, match="面积口径"):
        tracked(found, replace(earlier, plane="EPSG:4526 平面面积"))
    renamed = tracked(found, replace(earlier, atlas_name="新名"))
    assert renamed.tracking is not None and "新名" in renamed.tracking.remarks[0]


def test_copied_away_the_two_files_still_belong_together(bureau: Bureau, tmp_path: Path) -> None:
    """An archive of last month is as good as its folder."""
    _, folder = bureau.run([HUNDRED])
    archive = tmp_path / "存档"
    archive.mkdir()
    for name in ("report.json", "consistency.gpkg"):
        shutil.copy(folder / name, archive / name)
    again, _ = bureau.run([HUNDRED], since=archive)
    assert tally(again) == {"持续": (1, 100.0, 1, 100.0)}


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_the_order_of_patches_decides_nothing(data: st.DataObject) -> None:
    """Cells of a grid, some taken away, some joined: shuffled on both sides, every patch has the same name, state and origin."""
    cell = st.tuples(st.integers(0, 5), st.integers(0, 5), st.integers(1, 3), st.integers(1, 3))
    sides = []
    for _ in range(2):
        rows = data.draw(st.lists(cell, max_size=8))
        union = shapely.union_all([box(10 * x, 10 * y, 10 * (x + w), 10 * (y + h)) for x, y, w, h in rows])
        sides.append([patch(g, rule=f"LL-0{i % 2}") for i, g in enumerate(shapely.get_parts(shapely.normalize(union)))])
    before, now = identified(sides[0]), identified(sides[1])
    run = empty(now)
    earlier = earlier_of(before)
    one = tracked(run, earlier)
    shuffled = replace(run, patches=tuple(data.draw(st.permutations(now))))
    other = tracked(shuffled, replace(earlier, patches=tuple(data.draw(st.permutations(before)))))
    assert one.patches == other.patches and one.tracking == other.tracking
    assert len({p.id for p in one.patches}) == len(one.patches)
    closes(one)
    assert one.tracking is not None
    assert sum(t.earlier_patches for t in one.tracking.by_state) == len(before)
    assert sum(t.earlier_m2 for t in one.tracking.by_state) == pytest.approx(sum(p.area_m2 for p in before), abs=1e-9)


def empty(patches: tuple[DifferencePatch, ...]) -> Consistency:
    """A run of which only the patches matter."""
    return Consistency(
        checked_on=DAY, verdict=Verdict.NOTICE, atlas_name="试验", atlas_fingerprint="", plane="p", rules_count=0, rules_fingerprint="",
        layers=(), counties=(), territory=Territory(cells=0, cells_m2=(), layers=()), differing_m2=(), pairs=(), no_data=(), patches=patches, differences=(), quality=(),
        indicators=(), tolerances=(),
    )  # fmt: skip


def earlier_of(patches: tuple[DifferencePatch, ...]) -> Earlier:
    """The same, as the run before."""
    return Earlier(
        file="report.json", sha256="", checked_on=date(2026, 10, 1), atlas_name="试验", plane="p", patches=patches, compared=(), unplaced=(),
        edited=False, document={},
    )  # fmt: skip
