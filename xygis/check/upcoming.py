"""What the law will say within twelve months, and what that would change for the parcels of a check.

The same measures are judged again by the rules of each coming day of change; what differs from the day before is told.
Layers and project facts are taken as they are today.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from xygis.atlas.atlas import Atlas
from xygis.atlas.law import Citation, Instrument, Procedure, Rule
from xygis.atlas.redlines import RedLines
from xygis.atlas.verdict import Verdict, worst
from xygis.check.assessment import Change, Coming, Upcoming
from xygis.judge.application import Act, acts_of
from xygis.judge.facts import Facts
from xygis.judge.finding import Finding
from xygis.judge.judging import Bench, in_force, rules_on
from xygis.judge.truth import Interval
from xygis.overlay.measure import Measure

_FINDING_FIELDS = ("verdict", "best", "worst", "title", "text", "basis", "authority", "documents", "penalty", "remedy")
_ACT_FIELDS = ("level", "authority", "phase", "order", "reason", "basis", "documents")


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A parcel as it was judged today: all that a judgement of another day needs."""

    id: str
    name: str
    area_m2: float
    measures: tuple[Measure, ...]
    doubtful: tuple[str, ...]
    bench: Bench

    def on(self, day: date, rules: Sequence[Rule]) -> tuple[Finding, ...]:
        """The findings of that day. How far back the rule base reaches is no law and changes nothing here."""
        bench = replace(self.bench, rules=rules_on(rules, day), on=day, complete_from=None)
        return bench.judge(self.name, self.area_m2, self.measures, self.doubtful)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """The totals of the application, and the facts that its acts of approval turn on."""

    totals: Mapping[str, Interval | None]
    exact: Mapping[str, float | None]
    facts: Facts

    def acts(self, law: RedLines, day: date) -> tuple[Act, ...]:
        return acts_of(law.procedures, self.totals, self.exact, self.facts, law.instruments, day)


def horizon(on: date) -> date:
    """The last day that counts as within twelve months: the same day next year."""
    return date(min(on.year + 1, date.max.year), on.month, 28 if (on.month, on.day) == (2, 29) else on.day)


def rules_ahead(rules: Sequence[Rule], on: date) -> tuple[Rule, ...]:
    """The versions that count today or on any day within twelve months: what a check measures for."""
    last = horizon(on)
    return tuple(r for r in rules if r.effective <= last and (r.until is None or on <= r.until))


def upcoming(atlas: Atlas, on: date, parcels: Sequence[Judged] = (), sums: Sums | None = None) -> tuple[Upcoming, ...]:
    """Each day within twelve months on which the law changes: what begins and ends, and what that changes for these parcels."""
    out = []
    was = _state(atlas, on, parcels, sums)
    for day in days_of_change(atlas, on):
        now = _state(atlas, day, parcels, sums)
        begins = [i for i in atlas.law.instruments if i.in_force == day]
        ends = [i for i in atlas.law.instruments if i.repealed == day]
        out.append(
            Upcoming(
                instrument=next((i.name for i in (*begins, *ends)), ""),
                in_force=day,
                rules=_codes(atlas, day),
                begins=tuple(Coming(instrument=i.name, version=i.version) for i in begins),
                ends=tuple(Coming(instrument=i.name, version=i.version, replaced_by=_named(atlas, i)) for i in ends),
                changes=changes(was, now),
                verdicts=tuple((id_, old, new) for id_, new in now.verdicts.items() if (old := was.verdicts[id_]) is not new),
            )
        )
        was = now
    return tuple(out)


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What the law of one day says of the parcels and of the application."""

    findings: Mapping[str, tuple[Finding, ...]]  # by parcel id
    acts: tuple[Act, ...]

    @property
    def verdicts(self) -> dict[str, Verdict]:
        return {id_: worst([f.verdict for f in findings]) for id_, findings in self.findings.items()}


def _state(atlas: Atlas, day: date, parcels: Sequence[Judged], sums: Sums | None) -> State:
    return State(
        findings={p.id: p.on(day, atlas.rules) for p in parcels},
        acts=sums.acts(atlas.law, day) if sums is not None else (),
    )


def changes(was: State, now: State) -> tuple[Change, ...]:
    """What appears, vanishes or says something else, parcel by parcel, then the acts of the application."""
    out = [c for id_ in now.findings for c in _compared(_keyed(was.findings[id_]), _keyed(now.findings[id_]), id_)]
    return (*out, *_compared({a.act: a for a in was.acts}, {a.act: a for a in now.acts}, None))


def days_of_change(atlas: Atlas, on: date) -> tuple[date, ...]:
    """Every day from tomorrow to the horizon on which an instrument, a rule or a procedure begins or ceases to count."""
    days: set[date] = set()
    for i in atlas.law.instruments:
        days |= {i.in_force, *([i.repealed] if i.repealed else [])}
    versions: Iterable[Rule | Procedure] = (*atlas.rules, *atlas.law.procedures)
    for v in versions:
        days |= {v.effective, *([v.until + timedelta(days=1)] if v.until else [])}
    return tuple(sorted(d for d in days if on < d <= horizon(on)))


def _codes(atlas: Atlas, day: date) -> tuple[str, ...]:
    """Codes of the rules whose version or whose sources in force are others on this day than on the day before."""
    eve = day - timedelta(days=1)

    def state(on: date) -> dict[str, tuple[date, tuple[Citation, ...]]]:
        return {r.code: (r.effective, in_force(r.basis, atlas.law.instruments, on)) for r in rules_on(atlas.rules, on)}

    old, new = state(eve), state(day)
    return tuple(code for code in dict.fromkeys((*new, *old)) if old.get(code) != new.get(code))


def _named(atlas: Atlas, instrument: Instrument) -> str | None:
    """The name of what replaces an instrument; the register knows it by its code."""
    return next((i.name for i in atlas.law.instruments if i.code == instrument.replaced_by), instrument.replaced_by)


def _compared(old: Mapping[Any, Finding | Act], new: Mapping[Any, Finding | Act], parcel: str | None) -> list[Change]:
    out = []
    for key in dict.fromkeys((*new, *old)):
        was, now = old.get(key), new.get(key)
        fields = _differing(was, now)
        shown = now or was
        if shown is None or (was is not None and now is not None and not fields):
            continue
        kind = "appears" if was is None else "vanishes" if now is None else "changes"
        subject, title = (shown.act, shown.act) if isinstance(shown, Act) else (shown.rule, shown.title)
        out.append(Change(kind=kind, parcel=parcel, subject=subject, title=title, fields=fields, before=was, after=now))
    return out


def _keyed(findings: Sequence[Finding]) -> dict[tuple[str, str, int], Finding]:
    """Findings by layer and rule; those of no selection (a layer without an answer) by their title, whichever rule is strictest."""
    out: dict[tuple[str, str, int], Finding] = {}
    for f in findings:
        name, n = f.rule if f.selection is not None else f.title, 0
        while (f.layer, name, n) in out:
            n += 1
        out[f.layer, name, n] = f
    return out


def _differing(was: Finding | Act | None, now: Finding | Act | None) -> tuple[str, ...]:
    """The fields that say something else; none where there is only one side."""
    if was is None or now is None:
        return ()
    names = _ACT_FIELDS if isinstance(now, Act) else _FINDING_FIELDS
    return tuple(name for name in names if _plain(getattr(was, name)) != _plain(getattr(now, name)))


def _plain(value: object) -> object:
    """Of a basis only which articles it names, in whatever order they stand."""
    if isinstance(value, tuple) and value and isinstance(value[0], Citation):
        return sorted((c.instrument, c.version, c.article or "") for c in value)
    return value
