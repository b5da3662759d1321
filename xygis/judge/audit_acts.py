"""The acts of approval, by enumeration over the totals and facts that they turn on: no entry is idle, and more land never needs less.

First match of an act decides (`procedures.toml`), so an entry below a wider one is never reached, and a threshold in the wrong place
sends a larger application to a lower level.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

import numpy as np

from xygis.atlas.atlas import Atlas
from xygis.atlas.law import Comparison, Procedure, ProjectFact, counts_on
from xygis.judge.cells import Bools, fact_holds, fact_values
from xygis.judge.problem import Problem, place
from xygis.judge.truth import met_by

LEVELS = ("无法判定", "乡镇", "县", "市", "省", "国务院")  # from the lowest; 无法判定: it depends on who approves the project
_NONE = -1  # of an application that needs no such act


def act_problems(atlas: Atlas) -> Iterator[Problem]:
    """Every act on every day on which its entries change."""
    said: set[tuple[str, str]] = set()
    entries = atlas.law.procedures
    for act in dict.fromkeys(p.act for p in entries):
        of_act = [p for p in entries if p.act == act]
        for day in sorted({p.effective for p in of_act} | {p.until + timedelta(days=1) for p in of_act if p.until is not None}):
            live = [p for p in of_act if counts_on(p, day)]
            for problem in _on(atlas, live, day):
                if (problem.where, problem.text) not in said:
                    said.add((problem.where, problem.text))
                    yield problem


def _on(atlas: Atlas, live: Sequence[Procedure], day: date) -> Iterator[Problem]:
    strange = [p for p in live if p.level not in LEVELS]
    for p in strange:
        yield Problem(where=_place(p), text=f"没有“{p.level}”这一级；可用：{'、'.join(LEVELS)}")
    if strange or not live:
        return
    amounts = {
        name: _amounts([c for p in live for c in p.when if c.fact == name]) for name in dict.fromkeys(c.fact for p in live for c in p.when)
    }
    known = {f.name: f for f in atlas.law.facts}
    facts = {name: _values(known.get(name)) for name in dict.fromkeys(name for p in live for name, _ in p.applies_to)}
    axes: list[tuple[str, Sequence[object]]] = [*amounts.items(), *facts.items()]
    level = np.full([len(values) for _, values in axes], _NONE)
    for entry in live:
        holds = _holds(entry, axes)
        decides = holds & (level == _NONE)
        if not decides.any():
            yield Problem(where=_place(entry), text=f"{day} 起轮不到这一项：同一事项前面的条目已经包括它")
        level = np.where(decides, LEVELS.index(entry.level), level)
    for number, (name, values) in enumerate(axes):
        if name in amounts and (np.diff(level, axis=number) < 0).any():
            at = int(np.flatnonzero((np.diff(level, axis=number) < 0).any(axis=tuple(i for i in range(level.ndim) if i != number)))[0])
            text = f"{day} 起：{name} 从 {values[at]:g} 增到 {values[at + 1]:g} m²，{live[0].act}的审批级别反而降低或不再需要"
            yield Problem(where=_place(live[0]), text=text)


def _holds(entry: Procedure, axes: Sequence[tuple[str, Sequence[object]]]) -> Bools:
    out: Bools = np.ones([len(values) for _, values in axes], bool)
    for number, (name, values) in enumerate(axes):
        shape = [1] * len(axes)
        shape[number] = len(values)
        for comparison in (c for c in entry.when if c.fact == name):
            out = out & np.array([met_by(comparison, float(str(v))) for v in values], bool).reshape(shape)
        for accepted in (accepted for fact, accepted in entry.applies_to if fact == name):
            out = out & np.array([fact_holds(v, accepted) for v in values], bool).reshape(shape)
    return out


def _amounts(compared: Sequence[Comparison]) -> list[float]:
    """None of it, each threshold, and just above each."""
    return sorted({0.0, *(v for c in compared for v in (c.value, c.value + 1.0))})


def _values(fact: ProjectFact | None) -> tuple[object, ...]:
    return fact_values(fact) or (None,)


def _place(entry: Procedure) -> str:
    return place("procedures.toml", entry.line, f"{entry.act}（{entry.level}）")
