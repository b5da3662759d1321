"""From measures to findings: three values, slivers, open facts, claims, unknown attributes, and data that cannot answer."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.judge.desk import AREA_M2, DAY, FACTS, absent, fact, facts, judge, layer, measured, part, rule, when
from xygis.atlas.law import ProjectFact, Scalar, Selection
from xygis.atlas.verdict import DataState, Verdict, worst
from xygis.errors import BadRule, UsageError
from xygis.judge.facts import resolve_facts
from xygis.judge.judging import NO_BASE
from xygis.overlay.measure import Measure, Part

CORE = Selection(layer="zones", where=(("zone", ("核心区",)),))
P, U, A, N, C = Verdict.PROHIBITED, Verdict.UNDETERMINED, Verdict.APPROVAL, Verdict.NOTICE, Verdict.COMPLIANT


def verdict_of(findings: tuple[object, ...]) -> Verdict:
    return worst([f.verdict for f in findings])  # type: ignore[attr-defined]


def test_a_rule_fires_on_its_fact_and_says_so() -> None:
    """1234.5 m² on a layer whose rule forbids any overlap: prohibited, with numbers, authority and basis."""
    (finding,) = judge([rule()], measured(part(1234.5)))
    assert (finding.verdict, finding.best, finding.worst) == (P, P, P)
    assert finding.text == "压占 1,234.50 m²，占 12.3 %，外 8,765.50 m²，距 0.00 m。"
    assert (finding.authority, finding.documents, finding.remedy) == ("国务院", ("论证报告",), "避让")
    assert [c.instrument for c in finding.basis] == ["试验法"]
    assert finding.needs == ()


def test_a_rule_that_does_not_fire_says_nothing() -> None:
    """No overlap, no finding."""
    assert judge([rule()], measured(part(0.0))) == ()


def test_all_conditions_must_hold() -> None:
    """Overlap and a rest outside: both needed; one that surely fails ends it, whatever the other is."""
    both = rule(when=(when("overlap_m2", ">", 0.0), when("outside_m2", ">", 0.0)))
    assert len(judge([both], measured(part(5000.0)))) == 1
    assert judge([both], measured(part(AREA_M2))) == ()
    open_and_false = part(0.5, sliver_m2=0.5, sliver_count=1, outside_m2=0.0)
    assert judge([both], measured(open_and_false)) == ()


@pytest.mark.parametrize("verdict", [P, A, Verdict.JUSTIFICATION])
def test_nothing_but_slivers_is_undetermined_and_asks_for_the_boundary(verdict: Verdict) -> None:
    """Where only suspected boundary errors overlap, the verdict is a range from compliant to the rule's own (DESIGN §6)."""
    (finding,) = judge([rule(verdict=verdict)], measured(part(0.8, sliver_m2=0.8, sliver_count=2, patches=2)))
    assert (finding.verdict, finding.best, finding.worst) == (U, C, verdict)
    assert "核实界址" in finding.needs[0].text
    assert "疑似边界误差（2 处，共 0.80 m²）" in finding.text


def test_slivers_beside_a_real_patch_change_nothing() -> None:
    """One real patch and three slivers: prohibited, no doubt."""
    (finding,) = judge([rule()], measured(part(100.8, sliver_m2=0.8, sliver_count=3, patches=4)))
    assert (finding.verdict, finding.needs) == (P, ())


def test_a_rest_outside_of_nothing_but_slivers_is_undetermined() -> None:
    """0.5 m² of suspected boundary error outside the growth boundary: undetermined; 500 m² outside: certain."""
    outside = rule(when=(when("outside_m2", ">", 0.0),), verdict=A)
    (doubtful,) = judge([outside], measured(part(AREA_M2 - 0.5, outside_m2=0.5, outside_sliver_m2=0.5)))
    assert (doubtful.verdict, doubtful.worst) == (U, A)
    (certain,) = judge([outside], measured(part(9500.0, outside_m2=500.0, outside_sliver_m2=0.5)))
    assert certain.verdict is A
    assert judge([outside], measured(part(AREA_M2, outside_m2=0.0))) == ()


def test_an_unknown_attribute_is_undetermined_and_names_the_field() -> None:
    """A feature that does not say its zone may be the core zone: undetermined, the zone is asked for, from whom keeps the layer."""
    (finding,) = judge([rule(selection=CORE)], measured(part(500.0), part(0.0, CORE, possible_m2=500.0)))
    assert (finding.verdict, finding.best, finding.worst) == (U, C, P)
    assert "zone" in finding.needs[0].text
    assert finding.needs[0].provider == "林业局"
    assert finding.overlap_m2 == 500.0
    (sure,) = judge([rule(selection=CORE)], measured(part(700.0), part(200.0, CORE, possible_m2=700.0)))
    assert sure.verdict is P


def test_an_unknown_feature_nearer_than_the_sure_one_is_undetermined() -> None:
    """Core zone 900 m away, something of unknown zone at 20 m, the rule forbids within 500 m: undetermined, not clear."""
    near = rule(selection=CORE, when=(when("distance_m", "<", 500.0),))
    doubt = part(0.0, CORE, distance_m=900.0, possible_distance_m=20.0)
    (finding,) = judge([near], measured(part(0.0), doubt))
    assert (finding.verdict, finding.worst) == (U, P)
    assert judge([near], measured(part(0.0), part(0.0, CORE, distance_m=900.0, possible_distance_m=900.0))) == ()
    (sure,) = judge([near], measured(part(0.0), part(0.0, CORE, distance_m=499.9, possible_distance_m=499.9)))
    assert sure.verdict is P


def test_nothing_within_the_search_radius_is_far() -> None:
    """No distance is farther than any threshold, and never near."""
    for operator, fires in (("<", False), ("<=", False), (">", True), (">=", True)):
        found = judge([rule(when=(when("distance_m", operator, 500.0),))], measured(part(0.0, distance_m=None)))
        assert bool(found) is fires


@pytest.mark.parametrize(("overlap_m2", "verdict"), [(349_999.0, None), (350_000.0, None), (350_001.0, P)])
def test_more_than_means_more_than(overlap_m2: float, verdict: Verdict | None) -> None:
    """超过 35 公顷: 34.9999 no, 35.0000 no, 35.0001 yes (PITFALLS P32)."""
    found = judge([rule(when=(when("overlap_m2", ">", 350_000.0),))], measured(part(overlap_m2)))
    assert [f.verdict for f in found] == ([verdict] if verdict else [])


@pytest.mark.parametrize("operator", [">", ">=", "<", "<=", "="])
@pytest.mark.parametrize("value", [99.0, 100.0, 101.0])
def test_operators(operator: str, value: float) -> None:
    """Each operator on, below and above its threshold."""
    expected = {">": value > 100, ">=": value >= 100, "<": value < 100, "<=": value <= 100, "=": value == 100}[operator]
    assert bool(judge([rule(when=(when("overlap_m2", operator, 100.0),))], measured(part(value)))) is expected


def test_a_threshold_inside_the_range_is_critical() -> None:
    """Overlap 100 m², good to ±20: over 110 is open, over 130 is no, over 70 is yes (DESIGN §6 临界)."""
    here = measured(part(100.0, overlap_range_m2=(80.0, 120.0)))
    (open_,) = judge([rule(when=(when("overlap_m2", ">", 110.0),))], here)
    assert open_.verdict is U
    assert "核实界址" in open_.needs[0].text
    assert judge([rule(when=(when("overlap_m2", ">", 130.0),))], here) == ()
    (yes,) = judge([rule(when=(when("overlap_m2", ">", 70.0),))], here)
    assert yes.verdict is P


def test_a_border_that_only_passes_within_its_accuracy_opens_nothing() -> None:
    """Not touched, although the border may lie 2 m nearer: clear; coordinates decide whether land is touched."""
    assert judge([rule()], measured(part(0.0, overlap_range_m2=(0.0, 150.0), distance_m=1.0))) == ()


def test_a_layer_that_covers_the_parcel_covers_it_wholly() -> None:
    """Everything inside: the share is 1 and not less, whatever the last digits of the areas."""
    inside = part(AREA_M2 * (1 - 1e-12), outside_m2=0.0)
    assert len(judge([rule(when=(when("overlap_share", ">=", 1.0),))], measured(inside))) == 1
    assert judge([rule(when=(when("overlap_share", "<", 1.0),))], measured(inside)) == ()


def test_an_open_fact_is_undetermined_and_is_asked_for() -> None:
    """A rule about chemical works, nothing known of the project: undetermined, the fact stands in needs with its name."""
    chemical = rule(applies_to=(("chemical", (True,)),))
    (finding,) = judge([chemical], measured(part(10.0)))
    assert (finding.verdict, finding.best, finding.worst) == (U, C, P)
    assert [(n.text, n.fact) for n in finding.needs] == [("是否chemical", "chemical")]
    assert judge([chemical], measured(part(10.0)), known=facts(chemical=False)) == ()
    assert judge([chemical], measured(part(10.0)), known=facts(chemical=True))[0].verdict is P
    assert judge([chemical], measured(part(0.0))) == ()  # nothing is touched: nothing is asked


def test_the_use_settles_what_it_implies() -> None:
    """The longest prefix of the use code decides; without a use the fact stays open, and the use itself can be asked."""
    chemical = rule(applies_to=(("chemical", (True,)),))
    longest_first = (fact("chemical", "open", u0602=True, u06=False),)
    for use, expected in (("0602", P), ("060201", P), ("0601", None), (None, U), ("0701", U)):
        found = judge([chemical], measured(part(10.0)), known=resolve_facts(longest_first, {}, use))
        assert [f.verdict for f in found] == ([expected] if expected else [])
    housing = rule(applies_to=(("use", ("07*", "1001")),))
    for use, expected in (("0701", P), ("1001", P), ("100101", None), ("0601", None), (None, U)):
        found = judge([housing], measured(part(10.0)), known=facts(use))
        assert [f.verdict for f in found] == ([expected] if expected else [])
    assert judge([housing], measured(part(10.0)))[0].needs[0].fact == "use"


def test_an_exception_counts_as_not_claimed_until_it_is() -> None:
    """A major project is an exception: prohibited until somebody claims it, and no range is opened for it (DESIGN §2.3)."""
    guarded = rule(unless=(("major", (True,)), ("limited", (1, 2))))
    assert judge([guarded], measured(part(10.0)))[0].verdict is P
    assert judge([guarded], measured(part(10.0)), known=facts(major=True)) == ()
    assert judge([guarded], measured(part(10.0)), known=facts(limited=2)) == ()
    assert judge([guarded], measured(part(10.0)), known=facts(limited=3))[0].verdict is P
    only = rule(applies_to=(("major", (True,)),))
    assert judge([only], measured(part(10.0))) == ()
    not_claimed = rule(applies_to=(("major", (False,)),))
    assert judge([not_claimed], measured(part(10.0)))[0].verdict is P


def test_assumed_facts_count_and_are_told() -> None:
    """Construction is assumed when nothing is said, not when the use says otherwise, and what is given goes first."""
    building = rule(applies_to=(("construction", (True,)),))
    assert judge([building], measured(part(10.0)))[0].verdict is P
    assert judge([building], measured(part(10.0)), known=facts("0101")) == ()
    assert judge([building], measured(part(10.0)), known=facts("0101", construction=True))[0].verdict is P
    assert "未申报" in next(k for k in facts().known if k.fact.name == "construction").sentence


@pytest.mark.parametrize(("given_", "hint"), [({"chemicall": True}, "chemical"), ({"zzz": 1}, "temporary"), ({"limited": 9}, "1、2、3")])
def test_unknown_facts_and_values_are_refused_with_a_hint(given_: dict[str, Scalar], hint: str) -> None:
    """A misspelt fact or a value that nobody allows is a usage error that names what is meant or possible."""
    with pytest.raises(UsageError) as refused:
        resolve_facts(FACTS, given_, None)
    assert hint in refused.value.fix


def test_a_notice_keeps_nobody_waiting() -> None:
    """A notice is given even where it may not be needed: its doubt does not make the parcel undetermined."""
    for given_part in (part(0.4, sliver_m2=0.4, sliver_count=1), part(100.0, overlap_range_m2=(0.0, 200.0))):
        (finding,) = judge([rule(verdict=N)], measured(given_part))
        assert finding.verdict is N
    assert judge([rule(verdict=N, applies_to=(("chemical", (True,)),))], measured(part(10.0)))[0].verdict is N


@pytest.mark.parametrize("data", [DataState.MISSING, DataState.BROKEN, DataState.EXPIRED])
def test_a_layer_that_cannot_answer_is_undetermined(data: DataState) -> None:
    """Missing, broken or expired: one finding, undetermined, from compliant to the worst of its rules (PITFALLS P35)."""
    rules = [rule("A-01", A), rule("P-01", P), rule("N-01", N)]
    (finding,) = judge(rules, absent(data))
    assert (finding.rule, finding.verdict, finding.best, finding.worst) == ("P-01", U, C, P)
    assert "保护区" in finding.needs[0].text
    assert "无法判定" in finding.text


def test_a_layer_without_rules_that_cannot_answer_is_undetermined_too() -> None:
    """No rule asks about it, yet nobody may read its absence as clear."""
    base, finding = judge([], absent())
    assert (finding.verdict, finding.worst) == (U, U)
    assert base.rule == NO_BASE  # and a base without any rule says so


def test_an_expired_layer_keeps_its_numbers() -> None:
    """Expired: the findings are undetermined, the overlap is still shown (PITFALLS P38)."""
    old = {"zones": layer(valid_until=date(2025, 12, 31))}
    (finding,) = judge([rule()], measured(part(1234.0), data=DataState.EXPIRED), layers=old)
    assert finding.verdict is U
    assert finding.overlap_m2 == 1234.0
    assert "1,234.00 m²" in finding.text
    assert "2025-12-31" in finding.text


def test_a_parcel_partly_off_the_map_stays_open_and_what_was_found_stands() -> None:
    """Concerned, and 3000 m² unmapped: the prohibition stands, and the rest is undetermined (DESIGN §7)."""
    findings = judge([rule()], measured(part(2000.0), unmapped_m2=3000.0))
    assert [f.verdict for f in findings] == [P, U]
    assert "3,000.00 m²" in findings[1].text
    assert [f.verdict for f in judge([rule(verdict=A)], measured(part(2000.0), unmapped_m2=3000.0))] == [U, A]


def test_what_lies_outside_only_for_want_of_a_map_is_open() -> None:
    """4000 m² outside the growth boundary, all of it unmapped: nobody knows; with 1000 m² of it mapped, certain."""
    outside = rule(when=(when("outside_m2", ">", 0.0),))
    findings = judge([outside], measured(part(6000.0), unmapped_m2=4000.0))
    assert [f.verdict for f in findings] == [U, U]
    assert all("覆盖本地块的保护区成果" in f.needs[0].text for f in findings)
    assert [f.verdict for f in judge([outside], measured(part(5000.0), unmapped_m2=4000.0))] == [P, U]
    small = rule(when=(when("overlap_m2", "<", 7000.0),))
    assert {f.verdict for f in judge([small], measured(part(6000.0), unmapped_m2=4000.0))} == {U}


def test_a_doubtful_boundary_is_undetermined_but_prohibitions_stand() -> None:
    """A large repair leaves the parcel undetermined with 核实界址; a prohibition found still comes first (DESIGN §7)."""
    assert [f.verdict for f in judge([rule()], measured(part(10.0)), doubtful=["图形自相交"])] == [P, U]
    (alone,) = judge([rule()], measured(part(0.0)), doubtful=["图形自相交"])
    assert "核实界址" in alone.needs[0].text


def test_findings_stand_worst_first() -> None:
    """Prohibited, undetermined, approval, justification, notice; and the undetermined with the worst outlook first."""
    rules = [
        rule("N", N),
        rule("J", Verdict.JUSTIFICATION),
        rule("UA", A, applies_to=(("chemical", (True,)),)),
        rule("A", A),
        rule("UP", P, applies_to=(("chemical", (True,)),)),
        rule("P", P),
    ]
    assert [f.rule for f in judge(rules, measured(part(10.0)))] == ["P", "UP", "UA", "A", "J", "N"]


def test_a_template_with_an_unknown_name_is_a_rule_error_with_its_line() -> None:
    """A misspelt variable in a message names the rule, its file and line, and what there is."""
    with pytest.raises(BadRule) as refused:
        judge([rule(message="压占 {overlap}", line=17)], measured(part(10.0)))
    assert (refused.value.where.file, refused.value.where.line) == ("试验.toml", 17)
    assert "overlap_m2" in refused.value.fix


areas = st.sampled_from([0.0, 0.5, 100.0, 5000.0, AREA_M2])
comparisons = st.tuples(
    st.sampled_from(["overlap_m2", "outside_m2", "overlap_share"]),
    st.sampled_from([">", ">=", "<", "<="]),
    st.sampled_from([0.0, 0.3, 2000.0]),
)


@st.composite
def parts(draw: st.DrawFn) -> Part:
    overlap = draw(areas)
    slivers = overlap if overlap == 0.5 or draw(st.booleans()) and overlap == 0.0 else 0.0
    possible = max(overlap, draw(areas))
    reach = draw(st.sampled_from([None, 0.0, 50.0]))
    return part(
        overlap,
        possible_m2=possible,
        sliver_m2=slivers,
        sliver_count=1 if slivers else 0,
        overlap_range_m2=None if reach is None else (max(0.0, overlap - reach), min(AREA_M2, overlap + reach)),
    )


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    chosen=st.lists(
        st.tuples(comparisons, st.sampled_from([P, A, N]), st.sampled_from([(), (("chemical", (True,)),), (("temporary", (True,)),)])),
        max_size=4,
    ),
    here=st.lists(parts(), min_size=1, max_size=3),
    data=st.sampled_from([DataState.MISSING, DataState.BROKEN, DataState.EXPIRED]),
    unmapped=st.sampled_from([0.0, 3000.0, AREA_M2]),
)
def test_knowing_less_never_improves_the_verdict_to_clear(
    chosen: list[tuple[tuple[str, str, float], Verdict, tuple[tuple[str, tuple[Scalar, ...]], ...]]],
    here: list[Part],
    data: DataState,
    unmapped: float,
) -> None:
    """Taking a layer's data away leaves the parcel no better than undetermined, and what else was prohibited stays so (P35, P36)."""
    ids = [f"layer{i}" for i in range(len(here))]
    rules = [
        rule(f"R{k}", verdict, when=(when(*c),), applies_to=applies, selection=Selection(layer=ids[k % len(ids)]))
        for k, (c, verdict, applies) in enumerate(chosen)
    ]
    known = [measured(_of(p, i), layer_id=i) for p, i in zip(here, ids, strict=True)]
    before = judge(rules, *known)
    for k, layer_id in enumerate(ids):
        for less in (absent(data, layer_id), absent(DataState.READY, layer_id, unmapped_m2=max(unmapped, 1.0))):
            after = judge(rules, *known[:k], less, *known[k + 1 :])
            assert verdict_of(after).rank <= U.rank
            others = [f for f in before if f.layer != layer_id]
            assert [f for f in after if f.layer != layer_id] == others
        mine = [f for f in before if f.layer == layer_id]
        if unmapped and mine and known[k].overlap_m2:
            partly = [f for f in judge(rules, *_replaced(known, k, unmapped)) if f.layer == layer_id]
            assert verdict_of(tuple(partly)).rank <= max(U.rank, verdict_of(tuple(mine)).rank)
            assert any(f.verdict is U for f in partly)


def _of(given_part: Part, layer_id: str) -> Part:
    from dataclasses import replace

    return replace(given_part, selection=Selection(layer=layer_id))


def _replaced(known: list[Measure], k: int, unmapped: float) -> list[Measure]:
    from dataclasses import replace

    return [*known[:k], replace(known[k], unmapped_m2=unmapped), *known[k + 1 :]]


def test_days_are_days() -> None:
    """The test day lies within the validity of the test law."""
    assert date(2020, 7, 1) < DAY


def test_a_fact_stated_against_the_use_lifts_nothing() -> None:
    """工业用地 that is said to be no 非农业建设: what is stated counts, what the use says stays possible, and the need says why."""
    fact = ProjectFact(
        name="construction",
        title="是否非农业建设",
        kind="assume",
        values=(True, False),
        default=True,
        by_use=(("10", True), ("01", False)),
        labels=(("true", "非农业建设"), ("false", "不属非农业建设")),
    )
    stated = resolve_facts([fact], {"construction": False}, "1001")
    assert stated.met("construction", (True,)) is None and stated.met("construction", (False,)) is True
    known = stated.get("construction")
    assert known is not None
    assert known.dispute == "是否非农业建设：申报“不属非农业建设”，用途代码表明“非农业建设”，两者不符，须改正其一"
    agreeing = resolve_facts([fact], {"construction": True}, "1001").get("construction")
    assert agreeing is not None and agreeing.dispute is None
    without_use = resolve_facts([fact], {"construction": False}, None)
    assert without_use.met("construction", (True,)) is False
