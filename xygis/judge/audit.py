"""The rule base checks itself: unknown layers, fields and facts; dead or premature bases; missing or failing cases; gaps in time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from xygis.atlas.atlas import Atlas
from xygis.atlas.attributes import matches
from xygis.atlas.catalogue import RASTER
from xygis.atlas.law import Instrument, Rule, RuleCase
from xygis.atlas.layer import Layer
from xygis.atlas.redlines import FACTS, RASTER_FACTS
from xygis.atlas.verdict import Verdict
from xygis.errors import XygisError
from xygis.judge.audit_articles import article_problems
from xygis.judge.facts import USE, resolve_facts
from xygis.judge.message import message
from xygis.judge.problem import Problem
from xygis.judge.truth import compare_all
from xygis.overlay.measure import Part

_CASE_AREA_M2 = 1e12  # of an imagined parcel, where a case gives no share


def audit(atlas: Atlas) -> tuple[Problem, ...]:
    """Everything that is wrong with the rule base of an atlas; empty when it is sound."""
    out = [p for rule in atlas.rules for p in _rule(atlas, rule)]
    out += _versions(atlas.rules)
    out += article_problems(atlas)
    if atlas.rules and atlas.law.complete_from is None:
        out.append(Problem(where="base.toml", text="没有写明规则库自哪一天起完整（complete_from）"))
    answered = {r.selection.layer for r in atlas.rules}
    out += [Problem(where=f"catalogue.toml {layer.id}", text="没有规则回答这个图层") for layer in atlas.layers if layer.id not in answered]
    return tuple(out)


def _rule(atlas: Atlas, rule: Rule) -> Iterator[Problem]:
    where = f"{rule.path.name}:{rule.line} {rule.code}"
    layer = next((layer for layer in atlas.layers if layer.id == rule.selection.layer), None)
    if layer is None:
        yield Problem(where=where, text=f"图集没有图层 {rule.selection.layer}")
        return
    for field, _ in rule.selection.where:
        if layer.alias(field) is None and not (layer.measure == "class" and field == "class"):
            yield Problem(where=where, text=f"图层 {layer.id} 没有登记字段 {field}")
    for fact in (c.fact for c in rule.when if c.fact not in _measured(layer)):
        yield Problem(where=where, text=f"图层 {layer.id} 量不出 {fact}")
    facts = {f.name for f in atlas.law.facts} | {USE}
    for name, _ in (*rule.applies_to, *rule.unless):
        if name not in facts:
            yield Problem(where=where, text=f"facts.toml 没有项目事实 {name}")
    yield from _basis(atlas, rule, where)
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


def _measured(layer: Layer) -> tuple[str, ...]:
    """The facts that a layer of this kind can give."""
    if layer.geometry != RASTER:
        return tuple(fact for fact in FACTS if fact not in RASTER_FACTS)
    areas = ("overlap_m2", "overlap_share", "outside_m2")
    if layer.measure == "class":
        return areas
    return areas + tuple(fact for fact in RASTER_FACTS if layer.measure == "elevation" or fact.startswith("slope"))


def _basis(atlas: Atlas, rule: Rule, where: str) -> Iterator[Problem]:
    if not rule.basis:
        yield Problem(where=where, text="没有依据")
        return
    cited = [i for c in rule.basis for i in atlas.law.instruments if (i.name, i.version) == (c.instrument, c.version)]
    if not any(_covers(i, rule) for i in cited):
        yield Problem(where=where, text="规则有效期内，没有一件依据自始至终有效")


def _covers(instrument: Instrument, rule: Rule) -> bool:
    if instrument.in_force > rule.effective:
        return False
    return instrument.repealed is None or (rule.until is not None and rule.until < instrument.repealed)


def _versions(rules: tuple[Rule, ...]) -> Iterator[Problem]:
    """Versions of one code follow each other without overlap and without a gap."""
    by_code: dict[str, list[Rule]] = {}
    for rule in rules:
        by_code.setdefault(rule.code, []).append(rule)
    for code, versions in by_code.items():
        ordered = sorted(versions, key=lambda r: r.effective)
        for earlier, later in zip(ordered, ordered[1:], strict=False):
            where = f"{later.path.name}:{later.line} {code}"
            if earlier.until is None or earlier.until >= later.effective:
                yield Problem(where=where, text=f"与第 {earlier.line} 行的版本在 {later.effective} 重叠")
            elif earlier.until + timedelta(days=1) < later.effective:
                yield Problem(where=where, text=f"{earlier.until} 至 {later.effective} 之间没有有效版本")


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
