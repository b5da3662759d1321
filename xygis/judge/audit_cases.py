"""The cases of a rule, run: attributes pick the selection, the other facts are measured or stated."""

from __future__ import annotations

from collections.abc import Iterator

from xygis.atlas.atlas import Atlas
from xygis.atlas.attributes import matches
from xygis.atlas.law import Rule, RuleCase
from xygis.atlas.redlines import RASTER_FACTS
from xygis.atlas.verdict import Verdict
from xygis.errors import XygisError
from xygis.judge.facts import USE, resolve_facts
from xygis.judge.message import message
from xygis.judge.problem import Problem, place
from xygis.judge.truth import compare_all
from xygis.overlay.measure import Part

_CASE_AREA_M2 = 1e12  # of an imagined parcel, where a case gives no share


def case_problems(atlas: Atlas) -> Iterator[Problem]:
    """Rules without a case on either side, and cases that come out otherwise."""
    for rule in atlas.rules:
        where = place(rule.path.name, rule.line, rule.code)
        fires = [c for c in rule.cases if c.verdict is not Verdict.COMPLIANT]
        if not fires or len(fires) == len(rule.cases):
            yield Problem(where=where, text="算例应至少有一个触发、一个不触发")
        for case in rule.cases:
            try:
                got = case_verdict(atlas, rule, case)
            except XygisError as error:
                yield Problem(where=where, text=f"算例“{case.note}”：{error}")
                continue
            if got is not case.verdict:
                yield Problem(where=where, text=f"算例“{case.note}”应为{case.verdict.label}，算得{got.label}")


def case_verdict(atlas: Atlas, rule: Rule, case: RuleCase) -> Verdict:
    """What the engine makes of a case: attributes pick the selection, the other facts are measured or stated."""
    given = dict(case.facts)
    names = {f.name for f in atlas.law.facts}
    attributes = {field for field, _ in rule.selection.where}
    use = given.get(USE)
    facts = resolve_facts(
        atlas.law.facts, {k: v for k, v in given.items() if k in names and k not in attributes}, str(use) if use else None
    )
    met = [matches(_plain(given.get(field)), patterns) for field, patterns in rule.selection.where]
    share = given.get("overlap_share")
    area_m2 = _CASE_AREA_M2
    overlap_m2 = _number(given.get("overlap_m2", float(share) * area_m2 if isinstance(share, (int, float)) else 0.0))
    if isinstance(share, (int, float)) and share > 0 and "overlap_m2" in given:
        area_m2 = overlap_m2 / share
    outside_m2 = _number(given.get("outside_m2", 0.0))
    if "outside_m2" in given and "overlap_m2" in given and share is None:
        area_m2 = overlap_m2 + outside_m2
    sure, possible = all(m is True for m in met), all(m is not False for m in met)
    part = Part(
        selection=rule.selection,
        overlap_m2=overlap_m2 if sure else 0.0,
        possible_m2=overlap_m2 if possible else 0.0,
        outside_m2=outside_m2 if sure else overlap_m2 + outside_m2,
        overlap_range_m2=None,
        sliver_m2=0.0,
        sliver_count=0,
        patches=int(_number(given.get("patches", 1 if overlap_m2 else 0))),
        distance_m=_number(given["distance_m"]) if "distance_m" in given else (0.0 if overlap_m2 else None),
        names=(),
        facts=tuple((name, float(value), float(value)) for name in RASTER_FACTS if isinstance(value := given.get(name), (int, float))),
    )
    message(rule, part, max(area_m2, 1.0), sliver=False)
    holds = compare_all(rule.when, part, max(area_m2, 1e-9)).holds
    applies, _ = facts.holds(rule.applies_to)
    if holds is False or applies is False or any(facts.holds([claim])[0] for claim in rule.unless):
        return Verdict.COMPLIANT
    return rule.verdict if holds and applies else Verdict.UNDETERMINED


def _number(value: object) -> float:
    return float(value) if isinstance(value, (int, float, str)) else 0.0


def _plain(value: object) -> str | float | int | None:
    return value if isinstance(value, (str, int, float)) else None
