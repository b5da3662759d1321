"""What comes within twelve months is told, and what it changes for the parcels at hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from types import SimpleNamespace
from typing import cast

import pytest

from tests.judge.desk import AREA_M2, DAY, IN_FORCE, LAW, absent, facts, layer, measured, part, procedure, rule, when
from xygis.atlas.atlas import Atlas
from xygis.atlas.law import Instrument, Procedure, Rule, Selection
from xygis.atlas.verdict import Verdict
from xygis.check.assessment import Upcoming
from xygis.check.upcoming import Judged, Sums, rules_ahead, upcoming
from xygis.judge.facts import Facts
from xygis.judge.finding import Finding
from xygis.judge.judging import Bench, rules_on
from xygis.judge.truth import Interval
from xygis.overlay.measure import Measure

THEN = date(2027, 1, 1)
EVE = THEN - timedelta(days=1)
NEW_LAW = replace(IN_FORCE, code="XF", name="新法", version=date(2026, 8, 28), in_force=THEN)
NEW = replace(LAW, instrument="新法", version=date(2026, 8, 28))


def atlas(
    rules: Sequence[Rule] = (), instruments: Sequence[Instrument] = (IN_FORCE, NEW_LAW), procedures: Sequence[Procedure] = ()
) -> Atlas:
    law = SimpleNamespace(instruments=tuple(instruments), procedures=tuple(procedures), complete_from=None)
    return cast(Atlas, SimpleNamespace(law=law, rules=tuple(rules)))


def parcel(rules: Sequence[Rule], *measures: Measure, id_: str = "1", known: Facts | None = None) -> Judged:
    bench = Bench(
        rules=rules_on(rules, DAY),
        instruments=(IN_FORCE, NEW_LAW),
        layers=tuple(layer(m.layer) for m in measures),
        facts=known or facts(),
        on=DAY,
    )
    return Judged(id=id_, name=f"地块{id_}", area_m2=AREA_M2, measures=measures, doubtful=(), bench=bench)


def told(rules: Sequence[Rule], *measures: Measure) -> Upcoming:
    (day,) = upcoming(atlas(rules), DAY, [parcel(rules, *measures)])
    return day


@pytest.mark.parametrize(
    ("in_force", "expected"),
    [
        (date(2026, 11, 23), False),
        (date(2026, 11, 24), False),  # in force today is not upcoming
        (date(2026, 11, 25), True),
        (date(2027, 1, 1), True),
        (date(2027, 11, 24), True),
        (date(2027, 11, 25), False),
    ],
)
def test_within_twelve_months_of_the_day(in_force: date, expected: bool) -> None:
    """An instrument that comes into force from tomorrow to the same day next year is listed, with the rules that cite it."""
    rules = (rule("A-01", effective=date(2000, 1, 1)), rule("B-01", basis=(replace(LAW, instrument="别法"),)))
    days = upcoming(atlas(rules, [replace(IN_FORCE, in_force=in_force)]), DAY)
    assert [(u.instrument, u.in_force, u.rules) for u in days] == ([("试验法", in_force, ("A-01",))] if expected else [])


def test_the_last_days_of_a_month_count_too() -> None:
    """Asked on 31 December, a law of 31 December next year is within twelve months; asked on 29 February, one of 28 February."""
    law = [replace(IN_FORCE, in_force=date(2027, 12, 31))]
    assert ["试验法"] == [u.instrument for u in upcoming(atlas((), law), date(2026, 12, 31))]
    assert ["试验法"] == [u.instrument for u in upcoming(atlas((), [replace(IN_FORCE, in_force=date(2029, 2, 28))]), date(2028, 2, 29))]
    assert [] == list(upcoming(atlas((), [replace(IN_FORCE, in_force=date(2029, 3, 1))]), date(2028, 2, 29)))


def test_what_ends_is_told_with_what_replaces_it() -> None:
    """A repeal is a day of change of its own, and the successor goes by its name."""
    old = replace(IN_FORCE, repealed=THEN, replaced_by="XF")
    (day,) = upcoming(atlas((), (old, NEW_LAW)), DAY)
    assert [(i.instrument, i.replaced_by) for i in day.ends] == [("试验法", "新法")]
    assert [i.instrument for i in day.begins] == ["新法"]
    (alone,) = upcoming(atlas((), (replace(old, replaced_by=None),)), DAY)
    assert (alone.instrument, alone.in_force, alone.begins) == ("试验法", THEN, ())


def test_nothing_changes_for_a_parcel_that_the_law_does_not_touch() -> None:
    """The rule changes, but it does not fire: the day is told without a change."""
    rules = (rule(until=EVE), rule(effective=THEN, basis=(NEW,)))
    day = told(rules, measured(part(0.0)))
    assert (day.rules, day.changes, day.verdicts) == (("A-01",), (), ())


def test_a_new_rule_appears_and_an_old_one_vanishes() -> None:
    """What fires only before, and what fires only after."""
    rules = (rule("OLD", until=EVE), rule("NEW", Verdict.APPROVAL, effective=THEN, basis=(NEW,)))
    day = told(rules, measured(part(10.0)))
    assert [(c.kind, c.parcel, c.subject, c.before is None, c.after is None) for c in day.changes] == [
        ("appears", "1", "NEW", True, False),
        ("vanishes", "1", "OLD", False, True),
    ]
    assert day.verdicts == (("1", Verdict.PROHIBITED, Verdict.APPROVAL),)


@pytest.mark.parametrize(
    ("changed", "fields"),
    [
        ({"verdict": Verdict.APPROVAL}, ("verdict", "best", "worst")),
        ({"basis": (NEW,)}, ("basis",)),
        ({"basis": (LAW, NEW)}, ("basis",)),
        ({"documents": ("论证报告", "综合论证报告")}, ("documents",)),
        ({"authority": "省"}, ("authority",)),
        ({"penalty": "罚款"}, ("penalty",)),
        ({"remedy": "退出"}, ("remedy",)),
        ({"title": "另一名称", "message": "另一句。"}, ("title", "text")),
        ({}, ()),
    ],
)
def test_each_thing_that_is_said_differently_is_named(changed: dict[str, object], fields: tuple[str, ...]) -> None:
    """A new version of a rule is compared field by field; one that says the same is no change."""
    rules = (rule(until=EVE), rule(**{"effective": THEN, **changed}))  # type: ignore[arg-type]
    day = told(rules, measured(part(10.0)))
    assert [c.fields for c in day.changes] == ([fields] if fields else [])


def test_a_source_that_ends_changes_the_basis() -> None:
    """Without a new version of the rule: the article that is no longer in force is no longer cited."""
    ends = replace(IN_FORCE, repealed=THEN)
    rules = (rule(basis=(LAW, NEW)),)
    judged = parcel(rules, measured(part(10.0)))
    judged = replace(judged, bench=replace(judged.bench, instruments=(ends, NEW_LAW)))
    (day,) = upcoming(atlas(rules, (ends, NEW_LAW)), DAY, [judged])
    (change,) = day.changes
    assert isinstance(change.before, Finding) and isinstance(change.after, Finding)
    assert ([c.instrument for c in change.before.basis], [c.instrument for c in change.after.basis]) == (["试验法"], ["新法"])


def test_a_layer_without_data_stays_one_finding() -> None:
    """The strictest rule of a missing layer may be another one after the change; the finding is the same, with another range."""
    rules = (rule("A", Verdict.NOTICE), rule("B", Verdict.PROHIBITED, effective=THEN, basis=(NEW,)))
    day = told(rules, absent())
    assert [(c.kind, c.fields) for c in day.changes] == [("changes", ("worst", "basis"))]


def test_days_follow_each_other() -> None:
    """Each day is compared with the state before it, not with today."""
    rules = (rule(until=EVE), rule(effective=THEN, until=date(2027, 6, 30), penalty="甲"), rule(effective=date(2027, 7, 1), penalty="乙"))
    days = upcoming(atlas(rules, (IN_FORCE,)), DAY, [parcel(rules, measured(part(10.0)))])
    sides = [
        (d.in_force, c.before.penalty, c.after.penalty)
        for d in days
        for c in d.changes
        if isinstance(c.before, Finding) and isinstance(c.after, Finding)
    ]
    assert sides == [(THEN, "", "甲"), (date(2027, 7, 1), "甲", "乙")]


def test_the_level_of_an_act_changes() -> None:
    """Acts of approval are compared too, once for the whole application."""
    acts = (procedure("省", until=EVE), procedure("国务院", effective=THEN, documents=("论证",)))
    sums = Sums(totals={"total_m2": Interval(low=1.0, high=1.0)}, exact={"total_m2": 1.0}, facts=facts())
    (day,) = upcoming(atlas((), (IN_FORCE,), acts), DAY, (), sums)
    assert [(c.kind, c.parcel, c.subject, c.fields) for c in day.changes] == [("changes", None, "农用地转用", ("level", "documents"))]


def test_how_far_back_the_base_reaches_is_no_change_of_law() -> None:
    """A check before complete_from is undetermined for that; the day on which the base becomes complete changes nothing."""
    rules = (rule(until=EVE), rule(effective=THEN))
    judged = parcel(rules, measured(part(10.0)))
    judged = replace(judged, bench=replace(judged.bench, complete_from=THEN))
    (day,) = upcoming(atlas(rules), DAY, [judged])
    assert day.changes == ()


def test_what_coming_rules_ask_is_measured_today() -> None:
    """Versions that begin within twelve months are asked for; those that have ended or lie further off are not."""
    core = Selection(layer="zones", where=(("zone", ("核心区",)),))
    rules = (
        rule("PAST", until=DAY - timedelta(days=1)),
        rule("LAST", until=DAY),
        rule("NEXT", effective=THEN, selection=core, when=(when("overlap_m2", ">", 0.0),)),
        rule("FAR", effective=date(2027, 11, 25)),
    )
    assert [r.code for r in rules_ahead(rules, DAY)] == ["LAST", "NEXT"]
