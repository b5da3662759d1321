"""PITFALLS P33: gross and net stand side by side with the factor; judging and shares take the gross."""

from __future__ import annotations

from datetime import date

import jsonschema
import pytest

from tests.check.sites import submitted
from xygis.atlas.atlas import Atlas
from xygis.atlas.bundled import bundled_root
from xygis.check.run import check
from xygis.intake.read import read_submission
from xygis.report.contract import assessment_dict, load_schema
from xygis.report.html import assessment_html
from xygis.report.totals import layer_totals

DAY = date(2026, 11, 24)
ATLAS = Atlas.open()
SAMPLE = read_submission(bundled_root() / "layers" / "demo" / "示例地块.txt", envelope=ATLAS.envelope)
FIELD = submitted([p for p in SAMPLE.parcels if p.name == "地块2"])


def test_the_net_area_is_the_overlap_less_factor_times_overlap() -> None:
    """地块2 lies on 旱地 of which the survey says that ridges take 9.36 %: 39,710.22 m² gross, 35,993.34 m² net."""
    assessment = check(FIELD, ATLAS, on=DAY)
    (total,) = [t for t in layer_totals(assessment) if t.layer == "permanent_basic_farmland"]
    (measure,) = [m for m in assessment.parcels[0].measures if m.layer == "permanent_basic_farmland"]
    stated = {str(dict(f.attributes)["deduction"]) for f in measure.features}
    assert stated == {"0.0936"}
    assert total.overlap_m2 is not None and total.deducted_m2 is not None
    assert total.deducted_m2 == pytest.approx(39_710.22 * 0.0936, abs=0.02)
    assert total.share == pytest.approx(total.overlap_m2 / assessment.parcels[0].ellipsoidal_m2)  # of the gross


def test_both_are_printed_with_the_name_of_the_factor() -> None:
    assessment = check(FIELD, ATLAS, on=DAY)
    document = assessment_dict(assessment)
    jsonschema.validate(document, load_schema("xygis/assessment/1"))
    farmland = next(t for t in document["totals"]["by_layer"] if t["layer"] == "permanent_basic_farmland")  # type: ignore[index,call-overload]
    assert farmland["net_m2"] == pytest.approx(farmland["overlap_m2"] - farmland["deducted_m2"])
    page = assessment_html(assessment, map_page=None, main_figure=None, finding_figures={})
    assert "永久基本农田毛面积 39,710" in page and "KCXS" in page and "净面积 35,993" in page


def test_a_layer_that_states_no_factor_has_no_net_area() -> None:
    document = assessment_dict(check(FIELD, ATLAS, on=DAY))
    assert all("net_m2" not in t for t in document["totals"]["by_layer"] if t["layer"] == "territorial_plan")  # type: ignore[index,call-overload]
