"""Which version of a rule counts on a day, and which instruments may be cited."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from tests.judge.desk import IN_FORCE, LAW, facts, judge, measured, part, procedure, rule, total, when
from xygis.atlas.law import Citation, Selection
from xygis.judge.application import acts_of, totals_of
from xygis.judge.judging import in_force, questions, rules_on

NEW_YEAR = date(2027, 1, 1)
DAY_BEFORE = date(2026, 12, 31)
OLD = rule("V", message="旧", until=DAY_BEFORE)
NEW = rule("V", message="新", effective=NEW_YEAR)


@pytest.mark.parametrize(("on", "text"), [(DAY_BEFORE, "旧"), (NEW_YEAR, "新"), (date(2020, 7, 1), "旧"), (date(2099, 1, 1), "新")])
def test_the_version_of_the_day(on: date, text: str) -> None:
    """2026-12-31 and 2027-01-01 give different versions; the first and the last day of validity count (PITFALLS P37)."""
    live = rules_on([OLD, NEW], on)
    assert [f.text for f in judge(live, measured(part(10.0)), on=on)] == [text]


def test_before_its_first_day_a_rule_does_not_exist() -> None:
    """The day before it takes effect, no version counts."""
    assert rules_on([OLD, NEW], date(2020, 6, 30)) == ()


@pytest.mark.parametrize(
    ("on", "cited"),
    [
        (date(2020, 6, 30), []),
        (date(2020, 7, 1), ["试验法"]),
        (date(2026, 12, 31), ["试验法"]),
        (date(2027, 1, 1), []),  # the first day on which it is no longer in force
    ],
)
def test_only_what_is_in_force_is_cited(on: date, cited: list[str]) -> None:
    """An instrument is cited from its first day in force to the day before its repeal."""
    repealed = replace(IN_FORCE, repealed=NEW_YEAR)
    assert [c.instrument for c in in_force([LAW], [repealed], on)] == cited
    (finding,) = judge([rule(effective=date(2000, 1, 1))], measured(part(10.0)), on=on, instruments=[repealed])
    assert [c.instrument for c in finding.basis] == cited


def test_another_version_of_an_instrument_is_another_instrument() -> None:
    """A citation of the 2010 text is not carried by the 2020 text; an unknown instrument is never cited."""
    other = Citation(instrument="试验法", version=date(2010, 1, 1), article="1", verified=True)
    unknown = Citation(instrument="无此法", version=date(2020, 1, 1), article=None, verified=False)
    assert in_force([other, unknown, LAW], [IN_FORCE], NEW_YEAR) == (LAW,)


def test_a_missing_layer_cites_the_law_of_the_day_too() -> None:
    """The finding about a missing layer names the basis of its strictest rule, only if in force."""
    from tests.judge.desk import absent

    (finding,) = judge([rule()], absent(), on=date(2020, 6, 30))
    assert finding.basis == ()


def test_procedures_have_their_days() -> None:
    """A procedure counts from its first to its last day."""
    old, new = procedure("国务院", until=DAY_BEFORE), procedure("省", effective=NEW_YEAR)
    sums = totals_of([total("total_m2")], [(100.0, [])])
    for on, level in ((DAY_BEFORE, "国务院"), (NEW_YEAR, "省"), (NEW_YEAR + timedelta(days=1), "省")):
        (act,) = acts_of([old, new], sums, {"total_m2": 100.0}, facts(), [IN_FORCE], on)
        assert act.level == level


def test_each_selection_is_asked_once_and_distance_only_where_wanted() -> None:
    """Two rules on one selection, one of them about distance: one question, with distance; no question about what cannot apply."""
    core = Selection(layer="zones", where=(("zone", ("核心区",)),))
    rules = [
        rule("A"),
        rule("B", when=(when("distance_m", "<", 100.0),)),
        rule("C", selection=core),
        rule("D", selection=Selection(layer="other")),
        rule("E", selection=Selection(layer="zones", strip_m=30.0), applies_to=(("temporary", (True,)),)),
    ]
    asked = {q.selection: q.distance for q in questions(rules, "zones", facts())}
    assert asked == {Selection(layer="zones"): True, core: False}
