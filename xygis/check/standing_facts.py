"""How the facts of the project stand in a check: those that were stated, and those that the rules of the concerned layers ask."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from xygis.atlas.law import Scalar
from xygis.atlas.verdict import LayerState
from xygis.judge.facts import Known, Origin
from xygis.judge.judging import Bench
from xygis.judge.questions import Case
from xygis.overlay.measure import Measure


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingFact:
    """One fact as the parcels are judged by it. parcels: ids of those for which it stands so; empty: all."""

    known: Known
    parcels: tuple[str, ...] = ()


def standing_facts(parcels: Sequence[tuple[Bench, Sequence[Measure], Case]]) -> tuple[StandingFact, ...]:
    """In the order of the rule base; a fact that stands otherwise for parcels of another use once for each way."""
    asked = {name for bench, measures, case in parcels for name in _asked(bench, measures, case)}
    ways: dict[str, dict[tuple[Scalar | None, Origin], tuple[Known, list[str]]]] = {}
    for _, _, case in parcels:
        for known in case.facts.known:
            if known.fact.name in asked or known.origin is Origin.GIVEN:
                of_fact = ways.setdefault(known.fact.name, {})
                of_fact.setdefault((known.value, known.origin), (known, []))[1].append(case.parcel)
    return tuple(
        StandingFact(known=known, parcels=tuple(ids) if len(of_fact) > 1 else ())
        for of_fact in ways.values()
        for known, ids in of_fact.values()
    )


def _asked(bench: Bench, measures: Sequence[Measure], case: Case) -> Iterator[str]:
    """Names of the facts that the rules ask of a parcel: of every layer that concerns it, and of strips beside one."""
    concerned = {m.layer for m in measures if m.state is LayerState.CONCERNED}
    rules = (*(r for r in bench.rules if r.selection.layer in concerned), *(live.rule for live in case.live))
    return (name for rule in rules for name, _ in (*rule.applies_to, *rule.unless))
