"""What other answers about the project would make of the verdict: which facts to ask, and what each answer would give.

Nothing is measured here: a parcel is judged again on the measures that there are. Asked is only what could still change the
verdict of a parcel, whatever the other open facts turn out to be. Corrections of assumptions, and claims, stand apart.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import product

from xygis.atlas.law import Rule, Scalar
from xygis.atlas.project_facts import CLASS_VERSIONS, LandUse
from xygis.atlas.verdict import DataState, LayerState, Verdict, worst
from xygis.judge.facts import USE, Facts, Known, Origin, resolve_facts
from xygis.judge.finding import Finding, Need, Outcome
from xygis.judge.judging import Bench
from xygis.judge.truth import compare_all
from xygis.overlay.measure import Measure
from xygis.overlay.measuring import Question

ASKED = ("use", "open")  # kinds that are asked of the applicant; the others may be corrected or claimed
_MOST_TOGETHER = 1024  # ways in which open facts may be answered; beyond, every one of them is asked
_APPLICANT = "申请人"
_HARMLESS = (Verdict.NOTICE, Verdict.COMPLIANT)  # nobody is kept waiting for the difference

Ends = tuple[Verdict, Verdict, Verdict]  # verdict, best, worst


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIf:
    """One thing about the project, and what each answer would give; of one parcel, or of the whole."""

    fact: str  # name of a project fact, or "use"
    title: str
    kind: str  # use | open | assumed | claim
    provider: str
    stands: str  # how it counts now; empty: it is open
    outcomes: tuple[Outcome, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """A rule that what was measured does not rule out. holds: in each reading of the layers (as they are; as corrected)."""

    rule: Rule
    holds: tuple[bool | None, ...]

    def ends(self, facts: Facts) -> tuple[Verdict, Verdict]:
        """Best and worst that the rule can come to under such facts."""
        applies, _ = facts.holds(self.rule.applies_to)
        if applies is False or any(facts.holds([claim])[0] for claim in self.rule.unless):
            return Verdict.COMPLIANT, Verdict.COMPLIANT
        best, most = Verdict.PROHIBITED, Verdict.COMPLIANT
        for holds in self.holds:
            certain = (holds and applies) or (holds is not False and self.rule.verdict is Verdict.NOTICE)
            best = max(best, self.rule.verdict if certain else Verdict.COMPLIANT, key=_rank)
            most = min(most, Verdict.COMPLIANT if holds is False else self.rule.verdict, key=_rank)
        return best, most


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One parcel, ready to be judged again under other facts."""

    parcel: str
    facts: Facts
    fixed: tuple[Ends, ...]  # of findings that no fact changes: missing data, doubtful borders
    live: tuple[Live, ...]

    def ends(self, facts: Facts) -> Ends:
        """The parcel's verdict under such facts, and the best and worst that open facts and missing data can make of it."""
        found = list(self.fixed)
        for rule in self.live:
            best, most = rule.ends(facts)
            found.append((best if best is most else Verdict.UNDETERMINED, best, most))
        return _together(found)


def aside(rules: Sequence[Rule], layer: str, facts: Facts, asked: Sequence[Question]) -> tuple[Question, ...]:
    """What must be measured of a layer besides, so that claims and corrected assumptions can be judged."""
    known = {q.selection: q.distance for q in asked}
    found: dict[object, Question] = {}
    for rule in rules:
        if rule.selection.layer != layer or facts.holds(rule.applies_to)[0] is not False or not _within_reach(rule, facts):
            continue
        distance = any(c.fact == "distance_m" for c in rule.when)
        if rule.selection not in known or (distance and not known[rule.selection]):
            earlier = found.get(rule.selection)
            found[rule.selection] = Question(selection=rule.selection, distance=distance or (earlier is not None and earlier.distance))
    return tuple(found.values())


def _within_reach(rule: Rule, facts: Facts) -> bool:
    """Whether all that keeps the rule away was only assumed, or not claimed."""
    failing = [facts.get(name) for name, accepted in rule.applies_to if facts.met(name, accepted) is False]
    return all(k is not None and k.origin in (Origin.ASSUMED, Origin.NOT_CLAIMED) for k in failing)


def case_of(parcel: str, bench: Bench, area_m2: float, readings: Sequence[Sequence[Measure]], findings: Sequence[Finding]) -> Case:
    """A parcel that has been judged. readings: its measures in the order of the bench's layers, once, or as the layers are and as corrected."""
    live = []
    for place, layer in enumerate(bench.layers):
        views = [reading[place] for reading in readings]
        for rule in bench.rules:
            if rule.selection.layer == layer.id:
                holds = tuple(_holds(rule, area_m2, view) for view in views)
                if any(h is not False for h in holds):
                    live.append(Live(rule=rule, holds=holds))
    fixed = tuple((f.verdict, f.best, f.worst) for f in findings if f.selection is None)
    return Case(parcel=parcel, facts=bench.facts, fixed=fixed, live=tuple(live))


def _holds(rule: Rule, area_m2: float, measure: Measure) -> bool | None:
    if measure.state is LayerState.NO_DATA or measure.data is not DataState.READY:
        return False  # the layer as a whole stands open, as a finding of its own
    part = measure.any_part(rule.selection)
    return False if part is None else compare_all(rule.when, part, area_m2, measure.unmapped_m2).holds


def what_if(case: Case, uses: Sequence[LandUse]) -> tuple[WhatIf, ...]:
    """What to ask about a parcel, then what could be corrected or claimed; each changes its verdict."""
    names = {name for live in case.live for name, _ in (*live.rule.applies_to, *live.rule.unless)}
    now = case.ends(case.facts)[0]
    out = [q] if case.facts.use is None and names and (q := _use_question(case, uses, now)) is not None else []
    others = tuple(k for k in case.facts.known if k.origin is Origin.OPEN and k.fact.name in names)
    for known in case.facts.known:
        if known.fact.name not in names:
            continue
        if known.origin is Origin.OPEN:
            question = _open_question(case, known, [k for k in others if k is not known])
        elif known.origin in (Origin.ASSUMED, Origin.NOT_CLAIMED) and not (out and out[0].kind == "use" and known.fact.by_use):
            question = _correction(case, known, now)
        else:
            continue
        if question is not None:
            out.append(question)
    return tuple(sorted(out, key=lambda q: ("use", "open", "assumed", "claim").index(q.kind)))


def together(cases: Sequence[Case], questions: Sequence[Sequence[WhatIf]], uses: Sequence[LandUse], *, refused: bool) -> tuple[WhatIf, ...]:
    """The questions of all parcels, each once, with what every answer would make of the whole: an answer is given for all of them."""
    first: dict[tuple[str, str], WhatIf] = {}
    for q in (q for of_parcel in questions for q in of_parcel):
        first.setdefault((q.kind, q.fact), q)
    base = [(Verdict.UNDETERMINED,) * 3] if refused else []
    out = []
    for q in first.values():
        answers = _answers_of_use(cases[0], uses) if q.kind == "use" else _answers_of(q.fact, cases[0].facts)
        rows = []
        for value, label, change in answers:
            ends = [_with_others(case, change(case.facts)) for case in cases]
            verdicts = tuple((case.parcel, e[0]) for case, e in zip(cases, ends, strict=True))
            rows.append((value, label, _together([*base, *ends]), verdicts))
        out.append(replace(q, outcomes=_grouped(rows, uses if q.kind == "use" else ())))
    return tuple(sorted(out, key=lambda q: ("use", "open", "assumed", "claim").index(q.kind)))


def with_outcomes(findings: Iterable[Finding], questions: Sequence[WhatIf]) -> tuple[Finding, ...]:
    """The findings, their needs told what each answer would give; a fact that changes nothing does not matter."""
    asked = {q.fact: q.outcomes for q in questions if q.kind in ASKED}

    def told(need: Need) -> Need:
        if need.fact is None:
            return need
        return replace(need, outcomes=asked.get(need.fact, ()), matters=need.fact in asked)

    return tuple(replace(f, needs=tuple(told(n) for n in f.needs)) if any(n.fact for n in f.needs) else f for f in findings)


_Answer = tuple[Scalar, str, Callable[[Facts], Facts]]
_Row = tuple[Scalar, str, Ends, tuple[tuple[str, Verdict], ...]]


def _open_question(case: Case, known: Known, others: Sequence[Known]) -> WhatIf | None:
    """None where no way of answering the other open facts leaves a choice to this one."""
    ways = list(product(*(k.fact.values for k in others))) if math.prod(len(k.fact.values) for k in others) <= _MOST_TOGETHER else None
    answers = _answers_of(known.fact.name, case.facts)
    if ways is not None:
        settled = [_answered(case.facts, {k.fact.name: v for k, v in zip(others, way, strict=True)}) for way in ways]
        if not any(len({_matter(case.ends(change(facts))[0]) for _, _, change in answers}) > 1 for facts in settled):
            return None
    rows: list[_Row] = [(value, label, _with_others(case, change(case.facts)), ()) for value, label, change in answers]
    return WhatIf(fact=known.fact.name, title=known.fact.title, kind="open", provider=_APPLICANT, stands="", outcomes=_grouped(rows))


def _correction(case: Case, known: Known, now: Verdict) -> WhatIf | None:
    """None where no single other answer changes the verdict; of a claim, where none makes it better."""
    claim = known.origin is Origin.NOT_CLAIMED
    rows: list[_Row] = []
    for value, label, change in _answers_of(known.fact.name, case.facts):
        ends = _with_others(case, change(case.facts))
        if _matter(ends[0]) != _matter(now) and (not claim or ends[0].rank > now.rank):
            rows.append((value, label, ends, ()))
    if not rows:
        return None
    kind, stands = ("claim", "未申请") if claim else ("assumed", known.label)
    return WhatIf(fact=known.fact.name, title=known.fact.title, kind=kind, provider=_APPLICANT, stands=stands, outcomes=_grouped(rows))


def _use_question(case: Case, uses: Sequence[LandUse], now: Verdict) -> WhatIf | None:
    rows: list[_Row] = [(code, name, _with_others(case, change(case.facts)), ()) for code, name, change in _answers_of_use(case, uses)]
    if len({_matter(ends[0]) for _, _, ends, _ in rows} | {_matter(now)}) == 1:
        return None
    title = "拟定用途（用地用海分类代码）"
    return WhatIf(fact=USE, title=title, kind="use", provider=_APPLICANT, stands="非农业建设", outcomes=_grouped(rows, uses))


def _answers_of(name: str, facts: Facts) -> list[_Answer]:
    known = facts.get(name)
    assert known is not None
    return [(value, replace(known, value=value).label, _setting(name, value)) for value in known.fact.values]


def _setting(name: str, value: Scalar) -> Callable[[Facts], Facts]:
    return lambda facts: _answered(facts, {name: value})


def _answers_of_use(case: Case, uses: Sequence[LandUse]) -> list[_Answer]:
    """The second classes on land, and first classes that have none."""
    land = [u for u in uses if u.class_version == CLASS_VERSIONS[-1] and u.category != "sea" and len(u.code) <= 4]
    parents = {u.code[:2] for u in land if len(u.code) == 4}
    return [(u.code, u.name, _using(u.code)) for u in land if u.code not in parents]


def _using(code: str) -> Callable[[Facts], Facts]:
    """Where a use has been stated, it stays."""

    def change(facts: Facts) -> Facts:
        if facts.use is not None:
            return facts
        given = {k.fact.name: k.value for k in facts.known if k.origin is Origin.GIVEN and k.value is not None}
        return resolve_facts([k.fact for k in facts.known], given, code)

    return change


def _answered(facts: Facts, given: dict[str, Scalar]) -> Facts:
    known = (replace(k, value=given[k.fact.name], origin=Origin.GIVEN) if k.fact.name in given else k for k in facts.known)
    return replace(facts, known=tuple(known))


def _with_others(case: Case, facts: Facts) -> Ends:
    """As it would be judged, and the ends over every way in which the facts still open may be answered."""
    names = {name for live in case.live for name, _ in (*live.rule.applies_to, *live.rule.unless)}
    others = [k for k in facts.known if k.origin is Origin.OPEN and k.fact.name in names]
    verdict, best, most = case.ends(facts)
    if others and math.prod(len(k.fact.values) for k in others) <= _MOST_TOGETHER:
        names_of = [k.fact.name for k in others]
        ways = [case.ends(_answered(facts, dict(zip(names_of, way, strict=True)))) for way in product(*(k.fact.values for k in others))]
        best, most = max((w[1] for w in ways), key=_rank), min((w[2] for w in ways), key=_rank)
    return verdict, best, most


def _grouped(rows: Sequence[_Row], uses: Sequence[LandUse] = ()) -> tuple[Outcome, ...]:
    """Answers that come to the same, together; worst last, as the answers stand in the rule base."""
    groups: dict[tuple[Ends, tuple[tuple[str, Verdict], ...]], list[tuple[Scalar, str]]] = {}
    for value, label, ends, parcels in rows:
        groups.setdefault((ends, parcels), []).append((value, label))
    return tuple(
        Outcome(
            values=tuple(v for v, _ in members),
            label="、".join(dict.fromkeys(_classes(members, uses) if uses else (label for _, label in members))),
            verdict=ends[0],
            best=ends[1],
            worst=ends[2],
            parcels=parcels,
        )
        for (ends, parcels), members in groups.items()
    )


def _classes(members: Sequence[tuple[Scalar, str]], uses: Sequence[LandUse]) -> list[str]:
    """Second classes, or the first class where all of it is meant."""
    latest = [u for u in uses if u.class_version == CLASS_VERSIONS[-1]]
    names, codes = {u.code: u.name for u in latest}, {str(v) for v, _ in members}
    whole = {c[:2] for c in codes if {u.code for u in latest if len(u.code) == 4 and u.code[:2] == c[:2]} <= codes}
    return [names.get(str(v)[:2], label) if str(v)[:2] in whole else label for v, label in members]


def _together(found: Sequence[Ends]) -> Ends:
    return worst([f[0] for f in found]), worst([f[1] for f in found]), worst([f[2] for f in found])


def _matter(verdict: Verdict) -> Verdict:
    return Verdict.COMPLIANT if verdict in _HARMLESS else verdict


def _rank(verdict: Verdict) -> int:
    return verdict.rank
