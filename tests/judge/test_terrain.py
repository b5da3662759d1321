"""Rules about slope and elevation: cells without data make a fact a range, and a range that meets the threshold decides nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.judge.desk import absent, judge, layer, measured, part, rule, when
from xygis.atlas.verdict import LayerState, Verdict
from xygis.judge.finding import Finding
from xygis.overlay.measure import Measure, Zonal
from xygis.overlay.relief import facts_of

STEEP = rule(when=(when("slope_share_above_25", ">", 0.2),), message="{slope_share_above_25}，{elevation_max_m}米")
HIGH = rule(when=(when("elevation_max_m", ">", 800.0),))
LOW = rule(when=(when("elevation_max_m", "<=", 800.0),))


def ground(unmapped_share: float = 0.0, **facts: float) -> Measure:
    """A parcel of one hectare on a raster, fully mapped unless said otherwise."""
    zonal = Zonal(unmapped_share=unmapped_share, slope_unmapped_share=unmapped_share, **facts)
    whole = replace(part(overlap_m2=10_000.0 * (1 - unmapped_share)), facts=facts_of(zonal))
    return replace(measured(whole, unmapped_m2=10_000.0 * unmapped_share), state=LayerState.CONCERNED, zonal=zonal)


def verdicts(found: tuple[Finding, ...]) -> set[Verdict]:
    return {f.verdict for f in found if f.rule == "A-01"}


@pytest.mark.parametrize(("share", "expected"), [(0.0, set()), (0.2, set()), (0.21, {Verdict.PROHIBITED})])
def test_a_threshold_is_exact_where_all_is_known(share: float, expected: set[Verdict]) -> None:
    """More than a fifth on steep ground: 20 % is not more."""
    assert expected == verdicts(judge([STEEP], ground(slope_share_above_25=share)))


def test_the_message_prints_percent_and_metres() -> None:
    (finding,) = judge([STEEP], ground(slope_share_above_25=0.345, elevation_max_m=812.34))
    assert "34.5 %，812.3米" == finding.text


def test_cells_without_data_may_be_steep() -> None:
    """A tenth of the known ground is steep and a third is unknown: up to 40 %, so 无法判定; with little unknown it is decided."""
    assert {Verdict.UNDETERMINED} == verdicts(judge([STEEP], ground(0.34, slope_share_above_25=0.1)))
    found = judge([STEEP], ground(0.05, slope_share_above_25=0.1))  # at most 14.5 %
    assert all(f.title != STEEP.title for f in found)
    assert Verdict.UNDETERMINED in {f.verdict for f in found}  # of the layer, which lacks a twentieth
    assert Verdict.PROHIBITED in verdicts(judge([STEEP], ground(0.34, slope_share_above_25=0.6)))  # at least 39.6 %


def test_a_greatest_height_is_at_least_what_is_known() -> None:
    """900 m seen: higher than 800 for sure, whatever is unknown. 700 m seen and a part unknown: neither high nor low for sure."""
    assert Verdict.PROHIBITED in verdicts(judge([HIGH], ground(0.1, elevation_max_m=900.0)))
    for asked in (HIGH, LOW):
        assert {Verdict.UNDETERMINED} == verdicts(judge([asked], ground(0.1, elevation_max_m=700.0)))


def test_what_was_never_measured_is_open() -> None:
    """A slope raster knows no height; a layer without data knows nothing. Neither is 0."""
    for asked in (HIGH, LOW):
        found = judge([asked], ground(slope_share_above_25=0.0))
        assert {Verdict.UNDETERMINED} == verdicts(found)
        assert all(f.needs for f in found)
    assert {Verdict.UNDETERMINED} == verdicts(judge([STEEP], absent(), layers={"zones": layer(geometry="raster", measure="elevation")}))
