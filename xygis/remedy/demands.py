"""What a rule demands of a parcel's place: keep clear of some features, or stay inside them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from xygis.atlas.law import Comparison, Rule, Selection
from xygis.atlas.verdict import LayerState, Verdict
from xygis.judge.finding import Finding
from xygis.judge.judging import Bench
from xygis.judge.trial import answers
from xygis.overlay.measure import Measure

_AREAS = ("overlap_m2", "overlap_share", "patches")


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """Keep `apart_m` metres clear of a selection, or stay inside it. rules: the codes behind it.

    strict: a rule behind it only counts from some size on, and the demand keeps clear altogether: more than the rule asks.
    """

    kind: Literal["clear", "inside"]
    selection: Selection
    apart_m: float = 0.0
    strict: bool = False
    rules: tuple[str, ...] = ()


def demand_of(rule: Rule) -> Demand | None:
    """What makes the rule silent; None where no place of the boundary does (relief, or a rule that asks for overlap).

    A rule speaks where all its comparisons hold: breaking one of them is enough, and the first that can be broken is.
    """
    found = (_breaking(rule, c) for c in rule.when)
    return next((d for d in found if d is not None), None)


def _breaking(rule: Rule, comparison: Comparison) -> Demand | None:
    more, least = comparison.operator in (">", ">="), comparison.value
    codes = (rule.code,)
    if comparison.fact in _AREAS and more:
        return Demand(kind="clear", selection=rule.selection, strict=least > 0.0, rules=codes)
    if comparison.fact == "outside_m2" and more:
        return Demand(kind="inside", selection=rule.selection, strict=least > 0.0, rules=codes)
    if comparison.fact == "distance_m" and comparison.operator in ("<", "<="):
        return Demand(kind="clear", selection=rule.selection, apart_m=least, rules=codes)
    return None


def merged(demands: Iterable[Demand]) -> tuple[Demand, ...]:
    """Each demand once, with the codes of all rules that make it."""
    out: dict[tuple[str, Selection, float], Demand] = {}
    for d in demands:
        key = (d.kind, d.selection, d.apart_m)
        held = out.get(key)
        rules = d.rules if held is None else tuple(dict.fromkeys((*held.rules, *d.rules)))
        strict = d.strict and (held is None or held.strict)
        out[key] = Demand(kind=d.kind, selection=d.selection, apart_m=d.apart_m, strict=strict, rules=rules)
    return tuple(out.values())


def certain(findings: Iterable[Finding], verdicts: Iterable[Verdict], layer: str | None = None) -> tuple[Finding, ...]:
    """The findings that say one of these verdicts for sure; of one layer, if asked."""
    wanted = tuple(verdicts)
    return tuple(f for f in findings if f.verdict in wanted and layer in (None, f.layer))


def standing_prohibitions(bench: Bench, findings: Iterable[Finding], measures: Iterable[Measure]) -> tuple[Rule, ...]:
    """The rules that may forbid the project wherever it is moved to: what a shift has to keep clear of.

    A rule that hangs on an open question about the project counts unless it already stands open where the parcel lies now:
    a shift must not raise a question that was not there, and cannot answer one that was. Layers that could not answer are left out.
    """
    heard = {m.layer for m in measures if answers(m) and m.state is not LayerState.NO_DATA}
    open_now = {(f.rule, f.layer) for f in findings if f.verdict is Verdict.UNDETERMINED}
    out = []
    for rule in bench.rules:
        if rule.verdict is not Verdict.PROHIBITED or rule.selection.layer not in heard:
            continue
        applies, _ = bench.facts.holds(rule.applies_to)
        if applies is False or any(bench.facts.holds((claim,))[0] for claim in rule.unless):
            continue
        if applies is True or (rule.code, rule.selection.layer) not in open_now:
            out.append(rule)
    return tuple(out)
