"""Indicators that cannot be relied on: targets without a source or out of force, versions that cross, codes given twice, figures unused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta

from xygis.atlas.atlas import Atlas
from xygis.atlas.indicators import FILE, IndicatorRule, StatedFigure, Target
from xygis.atlas.law import Citation, Instrument
from xygis.judge.problem import Problem, place


def indicator_problems(atlas: Atlas) -> Iterator[Problem]:
    """Everything that is wrong with indicators.toml besides words that the atlas does not know."""
    told = atlas.law.indicators
    known = {(i.name, i.version): i for i in atlas.law.instruments}
    for codes, lines in (
        ([r.code for r in told.rules], [r.line for r in told.rules]),
        ([f.code for f in told.figures], [f.line for f in told.figures]),
    ):
        seen = Counter(codes)
        yield from (
            Problem(where=place(FILE, n, c), text=f"代码 {c} 用了 {seen[c]} 次") for c, n in zip(codes, lines, strict=True) if seen[c] > 1
        )
    for rule in told.rules:
        for target in rule.targets:
            yield from _target(rule, target, known)
        yield from _versions(rule)
    used = {q.figure for r in told.rules for q in (r.formula.of, r.formula.other) if q is not None}
    for figure in told.figures:
        where = place(FILE, figure.line, figure.code)
        if figure.code not in used:
            yield Problem(where=where, text="登记数没有指标使用")
        if (figure.value is not None or figure.by_county) and not _sourced(figure):
            yield Problem(where=where, text="登记数有值而没有来源：写 basis 或 plan；不知道的，删去 value")


def _target(rule: IndicatorRule, target: Target, known: dict[tuple[str, date], Instrument]) -> Iterator[Problem]:
    where = place(FILE, target.line, rule.code)
    if not _sourced(target):
        yield Problem(where=where, text="目标值没有来源：写 basis 或 plan；来源不明的目标不列")
    if target.until is not None and target.until < target.effective:
        yield Problem(where=where, text=f"目标值自 {target.effective} 起有效，却止于 {target.until}")
    if target.due is not None and target.due < target.effective.year:
        yield Problem(where=where, text=f"应在 {target.due} 年达到，目标值自 {target.effective} 才有效")
    cited = [(c, known[c.instrument, c.version]) for c in target.basis if (c.instrument, c.version) in known]
    last = target.until or date.max
    for citation, instrument in cited:
        if instrument.in_force > target.effective:
            yield Problem(where=where, text=f"依据{_name(citation)}自 {instrument.in_force} 起才施行，目标值自 {target.effective} 起有效")
        if instrument.repealed is not None and instrument.repealed <= last:
            yield Problem(
                where=where, text=f"依据{_name(citation)}自 {instrument.repealed} 起失效，目标值仍有效：写 until，另列接替它的目标"
            )


def _versions(rule: IndicatorRule) -> Iterator[Problem]:
    """Two targets must not count on one day."""
    ordered = sorted(rule.targets, key=lambda t: t.effective)
    for earlier, later in zip(ordered, ordered[1:], strict=False):
        if earlier.until is None or earlier.until >= later.effective:
            day = later.effective - timedelta(days=1)
            text = f"与第 {earlier.line} 行的目标值在 {later.effective} 重叠：前一个写 until = {day}"
            yield Problem(where=place(FILE, later.line, rule.code), text=text)


def _sourced(told: Target | StatedFigure) -> bool:
    return bool(told.basis or told.plan.strip())


def _name(citation: Citation) -> str:
    return f"{citation.instrument}（{citation.version}）"
