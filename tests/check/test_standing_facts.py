"""What is known of the project stands in the result: what was stated, and what the rules of the concerned layers ask."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import jsonschema

from xygis.atlas.atlas import Atlas
from xygis.atlas.bundled import bundled_root
from xygis.atlas.verdict import Verdict
from xygis.check.assessment import Assessment
from xygis.check.run import check
from xygis.cli.check_text import check_text
from xygis.intake.read import read_submission
from xygis.judge.finding import Outcome
from xygis.judge.questions import WhatIf
from xygis.report.contract import assessment_dict, load_schema
from xygis.report.html import assessment_html

DAY = date(2026, 11, 24)
ATLAS = Atlas.open()
SAMPLE = read_submission(bundled_root() / "layers" / "demo" / "示例地块.txt", envelope=ATLAS.envelope)


def judged(**project: object) -> Assessment:
    return check(SAMPLE, ATLAS, on=DAY, project=project)


def standing(assessment: Assessment) -> dict[str, tuple[object, str]]:
    document = json.loads(json.dumps(assessment_dict(assessment)))
    jsonschema.validate(document, load_schema("xygis/assessment/1"))
    return {f["fact"]: (f["value"], f["origin"]) for f in document["project"]["facts"]}


def test_each_fact_stands_with_its_origin() -> None:
    """A highway that claims to be a national project: stated, implied by the use, assumed, and not claimed."""
    found = standing(judged(use="1207", major_project=True, tailings=False))
    assert found["major_project"] == (True, "given")
    assert found["building"] == (False, "by_use")
    assert found["temporary"] == (False, "assumed")
    assert found["independent_site"] == (None, "not_claimed")
    assert found["tailings"] == (False, "given")  # no concerned layer asks it: it was stated


def test_what_nobody_asks_is_not_listed() -> None:
    """No parcel lies in a historic quarter: whether its facilities are necessary there is no matter."""
    assert "necessary_public_facility" not in standing(judged(use="1207"))


def test_parcels_of_other_uses_are_named() -> None:
    """A road and a field in one file: each fact stands for the parcels whose use implies it."""
    road, field = (replace(p, use_text=use) for p, use in zip(SAMPLE.parcels[1:3], ("1207", "0101"), strict=True))
    made = check(replace(SAMPLE, parcels=(road, field)), ATLAS, on=DAY)
    construction = [f for f in made.project.facts if f.known.fact.name == "construction"]
    assert [(f.known.value, f.parcels) for f in construction] == [(True, ("1",)), (False, ("2",))]


def test_the_report_shows_them() -> None:
    page = assessment_html(judged(use="1207", major_project=True), map_page=None, main_figure=None, finding_figures={})
    assert "选址难以避让的国家重点（重大）建设项目" in page and "须附证明" in page and "按用途推定" in page


def test_a_road_is_not_offered_to_be_a_cemetery() -> None:
    """可更正 leaves out what would be another use altogether; what any use may be stays."""
    offered = {q.fact for q in judged(use="1207").questions if q.kind == "assumed"}
    assert offered.isdisjoint({"burial", "mining", "agricultural_facility"})
    assert "land_applied" in offered


def test_questions_are_numbered_like_their_neighbours() -> None:
    """尚需明确 fills its column: a blank and a number stand before the question."""
    outcome = Outcome(values=("1001",), label="工业用地", verdict=Verdict.NOTICE, best=Verdict.NOTICE, worst=Verdict.NOTICE)
    kinds = {"use": "尚需明确", "assumed": "可更正", "claim": "可申请"}
    questions = [WhatIf(fact=k, title="拟定用途", kind=k, provider="", stands="", outcomes=(outcome,)) for k in kinds]
    lines = check_text(replace(judged(), questions=tuple(questions)), show_all=False).splitlines()
    heads = [line for line in lines if line.startswith(("审批", "尚需", "可"))]
    assert {line.split()[0] for line in heads} == {"审批", "尚需", *kinds.values()}
    assert all(line.split()[1] == "1" for line in heads)
