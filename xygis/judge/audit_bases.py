"""The bases of the law in time: what a rule, procedure or pair rests on has to be in force on every day on which it counts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from xygis.atlas.atlas import Atlas
from xygis.atlas.law import Citation, Instrument, PairRule, Rule, counts_on
from xygis.judge.problem import Problem, place


@dataclass(frozen=True, slots=True)
class Dated:
    """A rule, procedure or pair in one version."""

    where: str
    code: str
    basis: tuple[Citation, ...]
    effective: date
    until: date | None
    verified: bool


def dated(atlas: Atlas) -> Iterator[Dated]:
    """Everything that rests on a basis, in the order of the files."""
    items: tuple[Rule | PairRule, ...] = (*atlas.rules, *atlas.law.pairs)
    for item in items:
        yield Dated(place(item.path.name, item.line, item.code), item.code, item.basis, item.effective, item.until, item.verified)
    for act in atlas.law.procedures:
        code = f"{act.act}（{act.level}）"
        verified = all(c.verified for c in act.basis)
        yield Dated(place("procedures.toml", act.line, code), code, act.basis, act.effective, act.until, verified)


def basis_problems(atlas: Atlas) -> Iterator[Problem]:
    """A version without a basis, with days on which nothing carries it, or with a citation that is never in force while it counts."""
    known = {(i.name, i.version): i for i in atlas.law.instruments}
    for item in dated(atlas):
        if not item.basis:
            yield Problem(where=item.where, text="没有依据")
            continue
        cited = [(c, known[c.instrument, c.version]) for c in item.basis if (c.instrument, c.version) in known]
        bare = _first_bare_day(item, [i for _, i in cited])
        if bare is not None:
            yield Problem(where=item.where, text=f"{bare} 没有一件依据有效，规则却仍有效：分为两个版本，或改引接替它的文件")
        for citation, instrument in cited:
            if not _together(item, instrument):
                gone = f"自 {instrument.repealed} 起失效" if instrument.repealed else f"自 {instrument.in_force} 起才施行"
                name = f"{citation.instrument}（{citation.version}）"
                yield Problem(where=item.where, text=f"依据{name}{gone}，在本版本的有效期内从未有效")


def _first_bare_day(item: Dated, cited: list[Instrument]) -> date | None:
    """The first day of the version on which nothing it cites is in force; only days on which something ends need asking."""
    days = [item.effective, *(i.repealed for i in cited if i.repealed is not None)]
    for day in sorted(days):
        if counts_on(item, day) and not any(i.in_force_on(day) for i in cited):
            return day
    return None


def _together(item: Dated, instrument: Instrument) -> bool:
    last = item.until or date.max
    ends = instrument.repealed - timedelta(days=1) if instrument.repealed else date.max
    return max(item.effective, instrument.in_force) <= min(last, ends)
