"""Why a finding stands and why a rule says nothing: read from the trial, and in agreement with the findings, always."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from tests.judge.desk import AREA_M2, DAY, IN_FORCE, LAW, absent, facts, layer, measured, part, rule, when
from tests.judge.test_knowledge_narrows import DAYS, SETTINGS, bench, cases, judged, uses
from xygis.atlas.law import Rule, Selection
from xygis.atlas.layer import Layer
from xygis.atlas.verdict import Verdict
from xygis.judge.explanation import Explanation, LayerTrace, Reason, trace_of
from xygis.judge.facts import Facts
from xygis.judge.judging import Bench
from xygis.judge.truth import Doubt
from xygis.overlay.measure import FeatureHit, Measure

CORE = Selection(layer="zones", where=(("zone", ("核心区",)), ("kind", ("山",))))


def traced(rules: Sequence[Rule], measure: Measure, known: Facts | None = None, **changes: object) -> LayerTrace:
    """The trace of one layer, for a parcel of one hectare."""
    desk = Bench(rules=tuple(rules), instruments=(IN_FORCE,), layers=(layer(),), facts=known or facts(), on=DAY)
    desk = replace(desk, **changes)  # type: ignore[arg-type]
    (trace,) = trace_of(desk, AREA_M2, [measure], desk.judge("甲", AREA_M2, [measure])).layers
    return trace


def hits(measure: Measure, *attributes: dict[str, str | None]) -> Measure:
    features = (FeatureHit(id=str(i), overlap_m2=100.0 * (i + 1), attributes=tuple(a.items())) for i, a in enumerate(attributes))
    return replace(measure, features=tuple(features))


def met(explanation: Explanation) -> list[tuple[str, str, str, bool | None]]:
    return [(r.kind, r.name, r.origin, r.met) for r in explanation.reasons]


def test_every_answer_says_where_it_comes_from() -> None:
    """Given, implied by the use, assumed, not claimed, open, of the layer, measured: each stands with its origin."""
    asked = rule(
        selection=Selection(layer="zones", where=(("zone", ("核心区",)),)),
        applies_to=(("construction", (True,)), ("temporary", (True,)), ("chemical", (True,))),
        unless=(("major", (True,)),),
    )
    measure = hits(measured(part(100.0), part(100.0, asked.selection)), {"zone": "核心区"})
    (explanation,) = traced([asked], measure, facts(temporary=True)).fired
    assert [
        ("fact", "construction", "assumed", True),
        ("fact", "temporary", "given", True),
        ("fact", "chemical", "open", None),
        ("claim", "major", "not_claimed", False),
        ("attribute", "zone", "attribute", True),
        ("measured", "overlap_m2", "measured", True),
    ] == met(explanation)
    assert (("核心区", 100.0),) == explanation.reasons[4].found
    assert (LAW,) == explanation.basis
    (by_use,) = traced([rule(applies_to=(("chemical", (True,)),))], measured(part(1.0)), facts("0602")).fired
    assert ("fact", "chemical", "by_use", True) == met(by_use)[0]


def failed(silent: Sequence[Explanation]) -> list[tuple[str, str]]:
    return [(e.failed.kind, e.failed.name) for e in silent if isinstance(e.failed, Reason)]


def test_a_silent_rule_names_the_first_condition_that_failed() -> None:
    """The project, then the exception, then the land, in the order of the trial."""
    fact = rule("A-01", applies_to=(("temporary", (True,)),))
    claim = rule("A-02", unless=(("major", (True,)),))
    land = rule("A-03", when=(when("overlap_share", ">", 0.5),))
    trace = traced([fact, claim, land], measured(part(100.0)), facts(major=True))
    assert () == trace.fired
    assert [("fact", "temporary"), ("claim", "major"), ("measured", "overlap_share")] == failed(trace.silent)


def test_of_several_fields_the_one_that_differs_is_named() -> None:
    """核心区 of a 岗: the zone holds, the kind does not; where each holds for another feature, none holds."""
    measure = measured(part(100.0), part(0.0, CORE))
    trace = traced([rule(selection=CORE)], hits(measure, {"zone": "核心区", "kind": "岗"}))
    assert [("attribute", "kind")] == failed(trace.silent)
    assert [True, False] == [r.met for r in trace.silent[0].reasons[:2]]
    apart = traced([rule(selection=CORE)], hits(measure, {"zone": "核心区", "kind": "岗"}, {"zone": "外围", "kind": "山"}))
    assert [False, False] == [r.met for r in apart.silent[0].reasons[:2]]


def test_outside_asks_for_no_feature() -> None:
    """A rule about the land outside a zone fires without a feature under the parcel: the attribute only names the place."""
    zone = Selection(layer="zones", where=(("zone", ("核心区",)),))
    (explanation,) = traced([rule(selection=zone, when=(when("outside_m2", ">", 0.0),))], measured(part(0.0), part(0.0, zone))).fired
    assert [None, True] == [r.met for r in explanation.reasons]


def test_doubt_stands_with_its_cause() -> None:
    """Nothing but a sliver: the overlap is not known to count, and the reason says why."""
    sliver = part(0.5, sliver_m2=0.5, sliver_count=1)
    (explanation,) = traced([rule()], measured(sliver)).fired
    assert [(None, (Doubt.SLIVER,))] == [(r.met, r.doubts) for r in explanation.reasons]
    beyond = traced([rule(when=(when("outside_m2", ">", 0.0),))], measured(part(9000.0), unmapped_m2=1000.0)).fired
    assert [None, None] == [e.reasons[-1].met for e in beyond]
    assert (Doubt.EXTENT,) == beyond[0].reasons[-1].doubts


def test_a_layer_without_data_is_its_own_reason() -> None:
    """Missing data, a layer without rules, a doubtful boundary: the finding stands with what is lacking, and with rule and article."""
    trace = traced([rule(), rule("A-02", applies_to=(("temporary", (True,)),))], absent())
    assert ("A-01",) == trace.fired[0].open_rules
    assert [("data", "missing", "data", None)] == met(trace.fired[0])
    assert ("A-01", (LAW,), ()) == (trace.fired[0].code, trace.fired[0].basis, trace.silent)
    assert [("data", "unruled", "data", None)] == met(traced([], measured(part(1.0))).fired[0])
    desk = Bench(rules=(rule(),), instruments=(IN_FORCE,), layers=(), facts=facts(), on=DAY, complete_from=date(2030, 1, 1))
    general = trace_of(desk, AREA_M2, [], desk.judge("甲", AREA_M2, [], ["自相交"])).general
    assert {"boundary", "base", "unregistered"} == {e.reasons[0].name for e in general}


@SETTINGS
@given(cases, uses, st.sampled_from(DAYS))
def test_the_trace_agrees_with_the_findings(case: tuple[Layer, Measure], use: str | None, on: date) -> None:
    """Every finding once, in its order; every rule of the layer either fires or names what failed; certain means that all holds."""
    at, measure = bench(case[0], {}, use, on), case[1]
    found = judged(at, measure)
    trace = trace_of(at, AREA_M2, [measure], found)
    assert list(found) == [e.finding for e in trace.fired]
    explained = [e for t in trace.layers for e in (*t.fired, *t.silent) if e.rule is not None]
    if trace.layers:
        assert sorted(r.code for r in at.rules_about(case[0])) == sorted(e.code for e in explained)
    for e in trace.fired:
        assert e.finding is not None and e.finding.rule == e.code and e.finding.basis == e.basis and e.failed is None
        holds = [r.met for r in e.reasons if r.kind in ("fact", "measured")]
        assert False not in holds and True not in [r.met for r in e.reasons if r.kind == "claim"]
        assert (None in holds) == (e.finding.verdict is Verdict.UNDETERMINED or e.lenient)
    for e in (e for t in trace.layers for e in t.silent):
        assert e.failed is not None and e.failed.met is (e.failed.kind == "claim")
        assert e.finding is None
