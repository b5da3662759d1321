"""The answer in two sentences and the next steps."""

from dataclasses import replace

import pytest
from sample_assessment import (
    UGB,
    VARIANTS,
    assessment,
    compliant,
    empty_atlas,
    parcel_grazing_red_line,
    parcel_in_flexible_zone,
    three_parcels,
)

from xygis.atlas.law import Selection
from xygis.atlas.verdict import Verdict
from xygis.report.headline import finding_groups, headline, next_steps, path, second_sentence, verdict_without_prohibitions


def test_the_answer_names_parcel_layer_and_number():
    """Worst parcel, layer, 公顷 and 亩, and what it means."""
    assert headline(three_parcels()) == "地块1 压占永久基本农田 0.9554 公顷（14.33 亩），现方案不能报批。"


def test_the_cure_and_what_is_open_follow():
    """Second sentence: remedy first, then what else there is."""
    assert second_sentence(three_parcels()) == "调整选址避让。另有 1 项禁止、2 项须报批或论证、2 项待补材料定论。"


@pytest.mark.parametrize(
    ("made", "sentence"),
    [
        (compliant, "未发现与管控图层冲突，符合空间准入。"),
        (empty_atlas, "地块1 缺永久基本农田数据，现在还不能判定。"),
        (lambda: assessment(parcel_grazing_red_line()), "地块3 与生态保护红线重叠 7.62 m²，结论未定，现在还不能判定。"),
        (lambda: assessment(parcel_in_flexible_zone()), "地块2 涉及现状地类 7.5646 公顷（113.47 亩），须报省政府批准。"),
    ],
)
def test_every_verdict_has_its_sentence(made, sentence):
    """Clear, without data, grazing a line, or to be approved."""
    assert headline(made()) == sentence


@pytest.mark.parametrize("variant", VARIANTS)
def test_there_are_one_to_three_next_steps(variant):
    """Never nothing to do, never a long list."""
    assert 1 <= len(next_steps(VARIANTS[variant]())) <= 3


def test_one_place_under_two_rules_is_one_step():
    """Farmland that the growth boundary leaves out is to be avoided once."""
    titles = [s.title for s in next_steps(three_parcels())]
    assert titles == ["避让永久基本农田", "补地块3 J1—J4 段界址核实说明", "补洪涝风险控制线数据"]


def test_the_path_starts_with_the_applicant():
    """What can be done now comes first; permits come last."""
    stages = path(three_parcels())
    assert [s.when for s in stages][:2] == ["now", "now"]
    assert stages[-1].when == "later"


def test_curing_the_prohibition_leaves_the_next_worst():
    """Once the farmland is left out, the open questions decide."""
    assert verdict_without_prohibitions(three_parcels()) == Verdict.UNDETERMINED


def test_a_verdict_without_findings_is_not_called_clear():
    """A parcel whose boundary is in doubt, with no finding, is not said to comply."""
    doubtful = replace(compliant(), verdict=Verdict.UNDETERMINED)
    assert "符合" not in headline(doubtful)


def test_the_same_rule_on_many_parcels_is_one_group():
    """Forty parcels give one card for each rule and verdict."""
    assert len(finding_groups(VARIANTS["forty"]())) == 7


def test_outside_the_boundary_counts_what_lies_outside():
    """A finding on the growth boundary as a whole speaks of the area outside, whatever overlaps inside."""
    made = three_parcels().parcels[0]
    outside = next(f for f in made.findings if f.rule == "UGB-04")
    inside = next(m for m in made.measures if m.layer == UGB)
    told = replace(outside, overlap_m2=inside.overlap_m2, selection=Selection(layer=UGB))
    sentence = headline(assessment(replace(made, findings=(told,))))
    assert sentence == "地块1 有 0.9554 公顷（14.33 亩） 位于城镇开发边界以外，现方案不能报批。"


def test_a_finding_on_a_zone_speaks_of_that_zone():
    """The flexible zone covers a parcel wholly inside the boundary: the number is the zone's."""
    made = three_parcels().parcels[1]
    told = next(f for f in made.findings if f.rule == "UGB-02")
    told = replace(told, selection=Selection(layer=UGB, where=(("zone", ("弹性发展区",)),)))
    assert headline(assessment(replace(made, findings=(told,)))).startswith("地块2 涉及城镇开发边界 2.1799 公顷（32.70 亩）")


def test_a_doubtful_outline_is_not_called_missing_data():
    """A finding on the parcel's own boundary, which is of no layer, is told by its title."""
    made = three_parcels().parcels[2]
    told = replace(made.findings[0], rule="BOUNDARY-01", layer="", title="界址存疑", overlap_m2=None)
    assert headline(assessment(replace(made, findings=(told,)))) == "地块3 界址存疑，现在还不能判定。"
