"""Over the real rule base: what is not known never makes a verdict better, and what becomes known only narrows it (DESIGN §2)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.judge.desk import AREA_M2, absent, measured, part
from xygis.atlas.atlas import Atlas
from xygis.atlas.catalogue import RASTER
from xygis.atlas.law import Scalar, Selection
from xygis.atlas.layer import Layer
from xygis.atlas.verdict import Verdict, worst
from xygis.judge.facts import Origin, resolve_facts
from xygis.judge.finding import Finding
from xygis.judge.judging import Bench, rules_on
from xygis.judge.questions import case_of, what_if
from xygis.overlay.measure import Measure, Part

ATLAS = Atlas.open(None)
LAYERS = [layer for layer in ATLAS.layers if layer.geometry != RASTER and any(r.selection.layer == layer.id for r in ATLAS.rules)]
DAYS = [date(2026, 8, 14), date(2026, 11, 28), date(2027, 1, 1)]
OPEN = [f for f in ATLAS.law.facts if f.kind == "open"]
CLAIMS = [f for f in ATLAS.law.facts if f.kind == "claim"]
SETTINGS = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def bench(layer: Layer, given: dict[str, Scalar], use: str | None, on: date) -> Bench:
    facts = resolve_facts(ATLAS.law.facts, given, use)
    rules = tuple(r for r in rules_on(ATLAS.rules, on) if r.selection.layer == layer.id)
    return Bench(rules=rules, instruments=ATLAS.law.instruments, layers=(layer,), facts=facts, on=on)


def ends(findings: tuple[Finding, ...]) -> tuple[Verdict, Verdict]:
    """(best, worst) that the parcel can come to."""
    return worst([f.best for f in findings]), worst([f.worst for f in findings])


@st.composite
def measures(draw: st.DrawFn, layer: Layer) -> Measure:
    """Every selection that a rule asks of the layer, each hit or missed, for sure or perhaps."""
    selections = dict.fromkeys([Selection(layer=layer.id), *(r.selection for r in ATLAS.rules if r.selection.layer == layer.id)])
    parts = []
    for selection in selections:
        overlap_m2 = draw(st.sampled_from([0.0, 0.5, 400.0, AREA_M2]))
        possible_m2 = draw(st.sampled_from([overlap_m2, AREA_M2]))
        range_m2 = draw(st.sampled_from([None, (max(0.0, overlap_m2 - 100.0), min(AREA_M2, overlap_m2 + 100.0))]))
        away = 0.0 if overlap_m2 else draw(st.sampled_from([None, 3.0, 80.0, 900.0, 5000.0]))
        parts.append(part(overlap_m2, selection, possible_m2=possible_m2, overlap_range_m2=range_m2, distance_m=away))
    return measured(*parts, layer_id=layer.id)


def judged(at: Bench, measure: Measure) -> tuple[Finding, ...]:
    return at.judge("甲", AREA_M2, [measure])


cases = st.sampled_from(LAYERS).flatmap(lambda layer: st.tuples(st.just(layer), measures(layer)))
uses = st.sampled_from([None, "1001", "0701", "0703", "1202", "1002", "0101", "060202"])


@SETTINGS
@given(cases, uses, st.sampled_from(DAYS), st.sampled_from(OPEN), st.data())
def test_an_open_fact_holds_all_its_values(case: tuple[Layer, Measure], use: str | None, on: date, fact, data: st.DataObject) -> None:
    """The range while a fact is open contains the range of each of its values; the other open facts stand as they may."""
    layer, measure = case
    others = {f.name: data.draw(st.sampled_from(f.values)) for f in OPEN if f is not fact and data.draw(st.booleans())}
    unknown = bench(layer, others, use, on)
    known = unknown.facts.get(fact.name)
    assert known is not None
    best, most = ends(judged(unknown, measure))
    for value in fact.values:
        if known.origin is not Origin.OPEN:
            continue
        best_then, most_then = ends(judged(bench(layer, {**others, fact.name: value}, use, on), measure))
        assert most.rank <= most_then.rank, f"{layer.id} {fact.name}={value}"
        assert best.rank >= best_then.rank, f"{layer.id} {fact.name}={value}"


@SETTINGS
@given(cases, uses, st.sampled_from(DAYS))
def test_a_missing_layer_holds_whatever_it_may_say(case: tuple[Layer, Measure], use: str | None, on: date) -> None:
    """Without data a layer is undetermined, and its range contains what any data would give."""
    layer, measure = case
    at = bench(layer, {}, use, on)
    best, most = ends(judged(at, absent(layer_id=layer.id)))
    best_then, most_then = ends(judged(at, measure))
    assert most.rank <= most_then.rank and best.rank >= best_then.rank


@SETTINGS
@given(cases, uses, st.sampled_from(DAYS))
def test_a_sure_border_lies_within_what_an_unsure_one_may_be(case: tuple[Layer, Measure], use: str | None, on: date) -> None:
    """Border accuracy only widens: the range with it contains the range without it."""
    layer, measure = case
    exact = replace(measure, parts=tuple(_exact(p) for p in measure.parts))
    at = bench(layer, {}, use, on)
    best, most = ends(judged(at, measure))
    best_then, most_then = ends(judged(at, exact))
    assert most.rank <= most_then.rank and best.rank >= best_then.rank


def _exact(p: Part) -> Part:
    return replace(p, overlap_range_m2=None)


@SETTINGS
@given(cases, st.sampled_from(DAYS), st.sampled_from(CLAIMS))
def test_an_exception_that_nobody_claims_counts_as_not_claimed(case: tuple[Layer, Measure], on: date, claim) -> None:
    """Not claimed and denied give the same findings."""
    if False not in claim.values:
        return
    layer, measure = case
    silent, denied = (judged(bench(layer, given, None, on), measure) for given in ({}, {claim.name: False}))
    assert [(f.rule, f.verdict, f.best, f.worst) for f in silent] == [(f.rule, f.verdict, f.best, f.worst) for f in denied]


@SETTINGS
@given(cases, st.sampled_from([None, "1001", "0703"]), st.sampled_from(DAYS), st.data())
def test_what_if_judges_as_the_judge_does(case: tuple[Layer, Measure], use: str | None, on: date, data: st.DataObject) -> None:
    """The verdict and the range that a question shows for an answer are those of a check that is given the answer."""
    layer, measure = case
    at = bench(layer, {}, use, on)
    again = case_of("1", at, AREA_M2, [[measure]], judged(at, measure))
    fact = data.draw(st.sampled_from([k.fact for k in at.facts.known]))
    value = data.draw(st.sampled_from(fact.values))
    then = bench(layer, {fact.name: value}, use, on)
    found = judged(then, measure)
    assert again.ends(then.facts) == (worst([f.verdict for f in found]), *ends(found))
    for question in what_if(again, ATLAS.law.uses):
        if question.kind in ("assumed", "claim"):
            for outcome in question.outcomes:
                assert outcome.verdict is not worst([f.verdict for f in judged(at, measure)])


def test_a_question_says_what_each_answer_gives() -> None:
    """Industry within 1 km of the Han: chemical works are forbidden (长江保护法 26), other works are not."""
    (river,) = [la for la in ATLAS.layers if la.id == "one_river_nine_tributaries"]
    selections = dict.fromkeys([Selection(layer=river.id), *(r.selection for r in ATLAS.rules if r.selection.layer == river.id)])
    measure = measured(*(part(AREA_M2 if s.strip_m == 1000.0 else 0.0, s) for s in selections), layer_id=river.id)
    at = bench(river, {}, "1001", date(2026, 8, 14))
    asked = {q.fact: q for q in what_if(case_of("1", at, AREA_M2, [[measure]], judged(at, measure)), ATLAS.law.uses)}
    outcomes = {v: o.verdict for o in asked["chemical"].outcomes for v in o.values}
    assert outcomes[True] is Verdict.PROHIBITED and outcomes[False] is Verdict.NOTICE
    housing = bench(river, {}, "0701", date(2026, 8, 14))  # by its use no chemical works: nothing to ask
    assert what_if(case_of("1", housing, AREA_M2, [[measure]], judged(housing, measure)), ATLAS.law.uses) == ()
