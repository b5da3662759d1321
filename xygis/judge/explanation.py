"""Why a finding stands, and why a rule says nothing: its conditions one by one, read from the trial. Nothing is judged here."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from xygis.atlas.attributes import matches
from xygis.atlas.law import Citation, Comparison, Rule, Scalar
from xygis.atlas.layer import Layer
from xygis.atlas.verdict import LayerState
from xygis.judge.facts import USE, Facts, Known, Origin
from xygis.judge.finding import Finding
from xygis.judge.judging import NO_BASE, Bench, in_force
from xygis.judge.trial import Trial, answers
from xygis.judge.truth import Doubt, Interval, Test
from xygis.overlay.measure import Measure, Part

FACT, CLAIM, ATTRIBUTE, MEASURED, DATA = "fact", "claim", "attribute", "measured", "data"
MEASURED_FROM, ATTRIBUTE_FROM, DATA_FROM = "measured", "attribute", "data"
_OF_OVERLAP = ("overlap_m2", "overlap_share", "patches")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One condition of a rule, what answers it, and where that comes from.

    kind: fact (of the project) | claim (an exception: met, where it is made) | attribute (of the layer) | measured | data (the
    layer, the boundary or the rule base could not answer). met: None where it is not known; of an attribute also where only the
    place outside or the distance is asked, so that no feature need be there.
    """

    kind: str
    name: str
    origin: str  # given | by_use | assumed | not_claimed | open | attribute | measured | data
    met: bool | None
    asked: tuple[Scalar, ...] = ()  # accepted values, or patterns of an attribute
    comparison: Comparison | None = None
    strip_m: float | None = None  # how far the features were widened before they were measured
    value: Scalar | None = None  # of a project fact
    known: Known | None = None
    measured: Interval | None = None
    found: tuple[tuple[str, float], ...] = ()  # of an attribute: (value, overlap in m²) under the parcel
    doubts: tuple[Doubt, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """A rule on a parcel: its finding where it fires, else the first condition that failed. It ends in the articles of the day."""

    code: str
    title: str
    rule: Rule | None  # None: no rule of the base speaks here
    reasons: tuple[Reason, ...]
    finding: Finding | None
    failed: Reason | None  # of a rule that says nothing
    basis: tuple[Citation, ...]
    open_rules: tuple[str, ...] = ()  # of a layer that could not answer: codes of the rules that stand open
    lenient: bool = False  # a notice that is given although not all of its conditions are known


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerTrace:
    """One layer that a parcel has to do with: what its rules found, and which of them say nothing."""

    layer: Layer
    measure: Measure
    fired: tuple[Explanation, ...]
    silent: tuple[Explanation, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelTrace:
    """general: findings that belong to no layer. layers: those concerned, without answer, or with a finding; clear ones are left out."""

    general: tuple[Explanation, ...]
    layers: tuple[LayerTrace, ...]

    @property
    def fired(self) -> tuple[Explanation, ...]:
        """Every finding with its reasons."""
        return (*self.general, *(e for t in self.layers for e in t.fired))


def trace_of(bench: Bench, area_m2: float, measures: Sequence[Measure], findings: Sequence[Finding]) -> ParcelTrace:
    """The findings of one parcel, each put beside the trial that it was made from."""
    rest = list(findings)
    layers = []
    for layer, measure in zip(bench.layers, measures, strict=True):
        of_layer = [f for f in rest if f.layer == layer.id]
        rest = [f for f in rest if f.layer != layer.id]
        if of_layer or measure.state is not LayerState.CLEAR:
            layers.append(_layer(bench, area_m2, layer, measure, of_layer))
    return ParcelTrace(general=tuple(_unanswered(bench, f, None) for f in rest), layers=tuple(layers))


def _layer(bench: Bench, area_m2: float, layer: Layer, measure: Measure, findings: Sequence[Finding]) -> LayerTrace:
    of_rule = {f.rule: f for f in findings if f.selection is not None}
    fired: list[Explanation] = []
    silent: list[Explanation] = []
    for trial in bench.trials(area_m2, layer, measure):
        finding = of_rule.get(trial.rule.code) if trial.fires else None
        (silent if finding is None else fired).append(_explained(bench, trial, measure, finding))
    fired += [_unanswered(bench, f, measure, layer) for f in findings if f.selection is None]
    rank = {id(f): n for n, f in enumerate(findings)}
    fired.sort(key=lambda e: rank[id(e.finding)])
    return LayerTrace(layer=layer, measure=measure, fired=tuple(fired), silent=tuple(silent))


def _explained(bench: Bench, trial: Trial, measure: Measure, finding: Finding | None) -> Explanation:
    reasons = (
        *(_fact(bench.facts, name, accepted) for name, accepted in trial.rule.applies_to),
        *(_claim(bench.facts, name, accepted) for name, accepted in trial.rule.unless),
        *(_attributes(trial, measure) if trial.part is not None else ()),
        *(_measured(test, trial.rule.selection.strip_m) for test in trial.tests),
    )
    return Explanation(
        code=trial.rule.code,
        title=trial.rule.title,
        rule=trial.rule,
        reasons=reasons,
        finding=finding,
        failed=None if finding is not None else _failed(reasons, trial),
        basis=in_force(trial.rule.basis, bench.instruments, bench.on),
        lenient=trial.certain and (trial.applies is None or (trial.truth is not None and trial.truth.holds is None)),
    )


def _failed(reasons: Sequence[Reason], trial: Trial) -> Reason | None:
    """The first condition that failed, in the order in which the trial goes: the project, the exceptions, the layer."""
    facts = [r for r in reasons if r.kind == FACT and r.met is False]
    claims = [r for r in reasons if r.kind == CLAIM and r.met is True]
    land = [r for r in reasons if r.kind in (ATTRIBUTE, MEASURED) and r.met is False]
    if trial.applies is False:
        return next(iter(facts), None)
    return next(iter(claims if trial.exception is not None else land), None)


def _fact(facts: Facts, name: str, accepted: tuple[Scalar, ...]) -> Reason:
    known = facts.get(name)
    value = facts.use if name == USE else known.value if known is not None else None
    return Reason(
        kind=FACT, name=name, origin=_origin(facts, name), met=facts.met(name, accepted), asked=accepted, value=value, known=known
    )


def _claim(facts: Facts, name: str, accepted: tuple[Scalar, ...]) -> Reason:
    known = facts.get(name)
    value = known.value if known is not None else None
    return Reason(
        kind=CLAIM,
        name=name,
        origin=_origin(facts, name),
        met=facts.holds(((name, accepted),))[0],
        asked=accepted,
        value=value,
        known=known,
    )


def _origin(facts: Facts, name: str) -> str:
    if name == USE:
        return Origin.OPEN.value if facts.use is None else Origin.GIVEN.value
    known = facts.get(name)
    return Origin.OPEN.value if known is None else known.origin.value


def _attributes(trial: Trial, measure: Measure) -> tuple[Reason, ...]:
    """What the features under the parcel say of themselves, against what the rule picks."""
    part = trial.part
    assert part is not None
    where = trial.rule.selection.where
    found = {field: _found(measure, field) for field, _ in where}
    alone = {field: _any_matches(found[field], patterns) for field, patterns in where}
    asked_of_overlap = any(t.comparison.fact in _OF_OVERLAP for t in trial.tests)
    return tuple(
        Reason(
            kind=ATTRIBUTE,
            name=field,
            origin=ATTRIBUTE_FROM,
            met=_picked(part, alone[field], alone.values()) if asked_of_overlap else None,
            asked=patterns,
            found=found[field],
            doubts=_unsaid(part),
        )
        for field, patterns in where
    )


def _any_matches(found: Sequence[tuple[str, float]], patterns: Sequence[str]) -> bool | None:
    """Whether any feature under the parcel says what one field is asked for."""
    met = [matches(value or None, patterns) for value, _ in found]
    return True if True in met else None if None in met else False


def _picked(part: Part, alone: bool | None, others: Collection[bool | None]) -> bool | None:
    """Whether the field holds for what the rule picked. The part decides; where it is empty, the fields that keep it so fail.

    A strip reaches beyond the features under the parcel: there the overlap alone tells.
    """
    if part.overlap_m2 > 0.0:
        return True
    if part.possible_m2 > 0.0:
        return True if alone is True else None
    if part.selection.strip_m is not None:
        return None
    return False if all(others) else alone  # each holds, but for no feature together


def _unsaid(part: Part) -> tuple[Doubt, ...]:
    return (Doubt.ATTRIBUTE,) if part.possible_m2 > part.overlap_m2 else ()


def _found(measure: Measure, field: str) -> tuple[tuple[str, float], ...]:
    """The values of a field under the parcel, largest overlap first; "" where a feature does not say."""
    sums: dict[str, float] = {}
    for hit in measure.features:
        value = dict(hit.attributes).get(field)
        key = "" if value is None else str(value)
        sums[key] = sums.get(key, 0.0) + hit.overlap_m2
    return tuple(sorted(sums.items(), key=lambda item: (-item[1], item[0])))


def _measured(test: Test, strip_m: float | None) -> Reason:
    open_beyond = test.truth.holds is True and test.open_beyond
    return Reason(
        kind=MEASURED,
        name=test.comparison.fact,
        origin=MEASURED_FROM,
        met=None if open_beyond else test.truth.holds,
        comparison=test.comparison,
        strip_m=strip_m,
        measured=test.fact,
        doubts=(*test.truth.doubts, *((Doubt.EXTENT,) if open_beyond else ())),
    )


def _unanswered(bench: Bench, finding: Finding, measure: Measure | None, layer: Layer | None = None) -> Explanation:
    """A finding that no trial made: the layer has no data, nobody made a rule, the boundary is in doubt."""
    if measure is None:
        name = "unregistered" if finding.layer else "base" if finding.rule == NO_BASE else "boundary"
    else:
        name = "unmapped" if answers(measure) and measure.unmapped_m2 > 0.0 else measure.data.value if not answers(measure) else "unruled"
    rule = next((r for r in bench.rules if r.code == finding.rule), None)
    return Explanation(
        code=finding.rule,
        title=finding.title,
        rule=rule,
        reasons=(Reason(kind=DATA, name=name, origin=DATA_FROM, met=None),),
        finding=finding,
        failed=None,
        basis=finding.basis,
        open_rules=tuple(r.code for r in bench.open_rules(layer)) if layer is not None else (),
    )
