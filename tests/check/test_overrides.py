"""PITFALLS P42: what an applicant says against a layer stands beside what the layer says, with the reason, and never makes it better unseen."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import jsonschema
import pytest

from xygis.atlas.atlas import Atlas
from xygis.atlas.bundled import bundled_root
from xygis.atlas.verdict import Verdict
from xygis.check.assessment import Assessment
from xygis.check.portfolio import screen_parcels
from xygis.check.project import project_statement, read_project
from xygis.check.run import check
from xygis.cli.check_text import check_text
from xygis.errors import UnknownLayer, UsageError
from xygis.intake.read import read_submission
from xygis.report.contract import assessment_dict, load_schema
from xygis.report.record_tables import corrections_table

DAY = date(2026, 11, 24)
ATLAS = Atlas.open()
SAMPLE = read_submission(bundled_root() / "layers" / "demo" / "示例地块.txt", envelope=ATLAS.envelope)
CORE = {
    "layer": "nature_reserves",
    "field": "zone",
    "value": "一般控制区",
    "reason": "总体规划调整后为一般控制区",
}  # 地块3 lies in a core zone
CONFIRMED = {"confirmed_by": "省林业局", "document": "鄂林保函〔2026〕15号"}
DRY = {"layer": "current_land_use", "field": "class", "value": "0702", "reason": "2026年度变更调查为农村宅基地"}


def judged(*overrides: dict[str, str], use: str | None = None) -> Assessment:
    given: dict[str, object] = {"override": list(overrides)}
    if use is not None:
        given["use"] = use
    return check(SAMPLE, ATLAS, on=DAY, project=given)


def rules(assessment: Assessment, parcel: str, layer: str) -> dict[str, Verdict]:
    return {f.rule: f.verdict for p in assessment.parcels if p.name == parcel for f in p.findings if f.layer == layer}


def test_an_unconfirmed_correction_does_not_lift_what_the_layer_forbids() -> None:
    plain, said = judged(), judged({**CORE, "parcel": "地块3"})
    assert rules(plain, "地块3", "nature_reserves")["NR-01"] is Verdict.PROHIBITED
    assert rules(said, "地块3", "nature_reserves") == rules(plain, "地块3", "nature_reserves")
    assert [p.verdict for p in said.parcels] == [p.verdict for p in plain.parcels]


def test_both_values_are_kept_with_the_reason_and_the_verdict_by_each() -> None:
    (record,) = judged({**CORE, "parcel": "地块3"}).corrections
    (value, overlap_m2) = record.recorded[0]
    plain = next(m for p in judged().parcels if p.name == "地块3" for m in p.measures if m.layer == "nature_reserves")
    assert value == "核心保护区"
    assert overlap_m2 == pytest.approx(sum(f.overlap_m2 for f in plain.features if dict(f.attributes)["zone"] == value))
    assert record.override.reason == CORE["reason"]
    assert record.by_layer is Verdict.PROHIBITED


def test_a_confirmed_correction_is_what_the_parcel_is_judged_by() -> None:
    said = judged({**CORE, **CONFIRMED})
    found = rules(said, "地块3", "nature_reserves")
    assert "NR-01" not in found and found["NR-02"] is Verdict.JUSTIFICATION
    assert {c.parcel for c in said.corrections} == {"3"}
    assert any(
        dict(f.attributes)["zone"] == "一般控制区"
        for p in said.parcels
        for m in p.measures
        for f in m.features
        if "zone" in dict(f.attributes)
    )


def test_a_correction_for_the_worse_counts_without_anybody_confirming_it() -> None:
    """A parcel in a general zone that its applicant says is core is judged as core, and the finding says on whose word."""
    there = next(p for p in judged().parcels if rules(judged(), p.name, "nature_reserves"))
    said = judged({**CORE, "value": "核心保护区", "instead_of": "核心保护区"})
    assert said.corrections == ()  # the layer says so already
    assert "更正没有用到" in " ".join(said.remarks)
    assert there.name
    worse = check(SAMPLE, ATLAS, on=DAY, project={"override": [{**DRY, "value": "0101", "reason": "现场为水田"}]})
    added = [f for p in worse.parcels for f in p.findings if f.text.startswith("按申请人申报的更正")]
    assert added and all(f.layer == "current_land_use" and "未经确认" in f.text for f in added)
    plain = judged()
    for before, after in zip(plain.parcels, worse.parcels, strict=True):
        assert after.verdict.rank <= before.verdict.rank


def test_totals_follow_the_layer_until_somebody_confirms() -> None:
    """地块4 lies on farmland. Said to be built-up it still needs 农用地转用 of the same area; confirmed, it does not."""
    alone = replace(SAMPLE, parcels=SAMPLE.parcels[3:4])
    plain, said, sure = (
        {a.act: (a.level, a.counted_m2) for a in check(alone, ATLAS, on=DAY, project={"use": "1001", "override": some}).procedures}
        for some in ([], [DRY], [{**DRY, **CONFIRMED}])
    )
    assert plain == said
    assert plain["农用地转用"][0] == "省"
    assert "农用地转用" not in sure and "补充耕地" not in sure


def test_totals_reach_up_to_what_is_said_for_the_worse() -> None:
    """地块1 lies on built-up land; said to be farmland, nobody may read that 农用地转用 is not needed."""
    alone = replace(SAMPLE, parcels=SAMPLE.parcels[:1])
    farm = {**DRY, "value": "0101", "reason": "现场为水田"}
    plain = {a.act for a in check(alone, ATLAS, on=DAY, project={"use": "1001"}).procedures}
    said = {a.act: a.level for a in check(alone, ATLAS, on=DAY, project={"use": "1001", "override": [farm]}).procedures}
    assert "农用地转用" not in plain
    assert said["农用地转用"] == "无法判定"


def test_whose_value_decides_is_said() -> None:
    """The layer's while nobody confirms; the stated one where it is confirmed or, of its own, the stricter."""

    def decides(*overrides: dict[str, str]) -> dict[tuple[str, str], str]:
        return {(c.parcel, c.override.field): c.decides for c in judged(*overrides).corrections}

    core, farm = {**CORE, "parcel": "地块3"}, {**DRY, "value": "0101", "reason": "现场为水田", "parcel": "地块1"}
    assert decides(core) == {("3", "zone"): "layer"}
    assert decides({**core, **CONFIRMED}) == {("3", "zone"): "statement"}
    assert decides(farm) == {("1", "class"): "statement"}
    assert decides(farm, core) == {("1", "class"): "statement", ("3", "zone"): "layer"}


def test_report_and_terminal_say_whose_value_decides() -> None:
    farm = {**DRY, "value": "0101", "reason": "现场为水田", "parcel": "地块1"}
    said = judged(farm, {**CORE, "parcel": "地块3"})
    words = [row[6] for row in corrections_table(said).rows]
    assert words == ["未经确认，因更严，按更正判定", "未经确认，按图层判定"]
    shown = "".join(line.strip() for line in check_text(said, show_all=False).splitlines())
    assert all(word in shown for word in words)


def test_the_contract_carries_them_and_they_read_back() -> None:
    said = judged({**CORE, **CONFIRMED}, DRY)
    document = json.loads(json.dumps(assessment_dict(said)))
    jsonschema.validate(document, load_schema("xygis/assessment/1"))
    assert {c["layer"] for c in document["corrections"]} == {"nature_reserves", "current_land_use"}
    assert project_statement({"override": document["project"]["overrides"]}).overrides == said.project.overrides


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"layer": "nature_reserve"}, "nature_reserves"),
        ({"field": "zoen"}, "zone"),
        ({"value": "一般控制曲"}, "一般控制区"),
        ({"reason": " "}, "理由"),
        ({"parcel": "地块9"}, "地块"),
        ({"confirmed_by": "省林业局"}, "document"),
        ({"layer": "relief"}, "删去"),
        ({"raeson": "x"}, "reason"),
    ],
)
def test_a_correction_that_means_nothing_is_refused_with_the_mend(change: dict[str, str], words: str) -> None:
    with pytest.raises((UsageError, UnknownLayer)) as caught:
        judged({**CORE, **change})
    assert words in f"{caught.value.what}{caught.value.fix}"


def test_read_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "项目.toml"
    path.write_text('name = "试验"\n[[override]]\nlayer = "forest"\nfield = "class"\nvalue = "商品林"\nreason = "已调出"\n', "utf-8")
    (override,) = read_project(path).overrides
    assert (override.layer, override.value, override.confirmed) == ("forest", "商品林", False)


def test_a_run_over_many_parcels_refuses_them() -> None:
    with pytest.raises(UsageError, match="批量汇总不能对图层作更正"):
        screen_parcels([SAMPLE], ATLAS, on=DAY, project={"override": [CORE]})
