"""Gaps and contradictions, by enumeration: every combination that a rule of a layer asks about is answered, and answered in one way.

A gap is a parcel in the layer and a project about which no rule fires and no silence is declared (`redlines/audit.toml`).
A contradiction is two rules of one article of which, for one parcel and project, one forbids what the other lets be approved,
unless it is declared which goes first. A rule that never fires and a declaration that nothing needs are named too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np

from xygis.atlas.atlas import Atlas
from xygis.atlas.law import Rule, Selection
from xygis.atlas.layer import Layer
from xygis.atlas.silences import FILE, Precedence, Silence
from xygis.atlas.verdict import Verdict
from xygis.judge.cells import NOT_CLAIMED, OUTSIDE, Asked, Bools, Cells, TooManyCells, asked_by, cells_of, first_cell
from xygis.judge.judging import rules_on
from xygis.judge.problem import Problem, place

_PERMITS = (Verdict.APPROVAL, Verdict.JUSTIFICATION)


@dataclass(slots=True, kw_only=True)
class Enumeration:
    """What the audit went through, and what it found."""

    problems: list[Problem] = field(default_factory=list)
    cells: int = 0  # combinations of layer, day, place, attributes and project facts


def enumerate_cells(atlas: Atlas, silences: Sequence[Silence], precedences: Sequence[Precedence]) -> Enumeration:
    """Every layer on every day on which its rules change."""
    out = Enumeration()
    used: set[int] = set()  # lines of declarations that something needed
    fired: set[tuple[str, int]] = set()  # rules that fire in some cell
    seen: set[tuple[str, str]] = set()
    for layer in atlas.layers:
        for day in _days(atlas, layer):
            declared = [s for s in silences if layer.id in s.layers and (s.until is None or day <= s.until)]
            try:
                table = _Table.of(atlas, layer, day, declared)
            except TooManyCells as error:
                out.problems.append(Problem(where=f"catalogue.toml {layer.id}", text=str(error)))
                break
            out.cells += int(np.prod(table.cells.shape))
            fired.update((r.path.name, r.line) for r, truth in zip(table.rules, table.fires, strict=True) if truth.any())
            for problem in (*table.gaps(atlas, used), *table.contradictions(precedences, used)):
                if (problem.where, problem.text) not in seen:  # the same on a later day says nothing new
                    seen.add((problem.where, problem.text))
                    out.problems.append(Problem(where=problem.where, text=f"{day} 起：{problem.text}"))
    out.problems += _dead(atlas, fired)
    out.problems += _idle(silences, precedences, used, {r.code for r in atlas.rules})
    return out


def _days(atlas: Atlas, layer: Layer) -> list[date]:
    """The first day of the base, and every later day on which a rule about the layer begins or has ended."""
    rules = [r for r in atlas.rules if r.selection.layer == layer.id]
    first = atlas.law.complete_from or min((r.effective for r in rules), default=date.min)
    changes = {r.effective for r in rules} | {r.until + timedelta(days=1) for r in rules if r.until is not None}
    return [day for day in sorted({first, *changes}) if day >= first and rules_on(tuple(rules), day)]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Table:
    """The cells of one layer on one day, and where each rule fires."""

    layer: Layer
    cells: Cells
    rules: tuple[Rule, ...]
    fires: tuple[Bools, ...]
    silences: tuple[tuple[Silence, Bools], ...]

    @classmethod
    def of(cls, atlas: Atlas, layer: Layer, day: date, silences: Sequence[Silence]) -> _Table:
        rules = tuple(r for r in rules_on(atlas.rules, day) if r.selection.layer == layer.id)
        quiet = [Asked(selection=Selection(layer=layer.id, where=s.where), when=(), applies_to=s.applies_to, within=True) for s in silences]
        cells = cells_of(layer, atlas.law, [*(asked_by(r) for r in rules), *quiet])
        silent = tuple((s, cells.where(q)) for s, q in zip(silences, quiet, strict=True))
        return cls(layer=layer, cells=cells, rules=rules, fires=tuple(cells.where(asked_by(r)) for r in rules), silences=silent)

    def gaps(self, atlas: Atlas, used: set[int]) -> Iterator[Problem]:
        """One problem for each rule that comes nearest, with the first cell and how many there are."""
        unanswered = ~self.cells.place_is(OUTSIDE) & self.cells.reached() & ~np.any([np.zeros(self.cells.shape, bool), *self.fires], axis=0)
        for silence, truth in self.silences:
            if (unanswered & truth).any():
                used.add(silence.line)
        for _, truth in self.silences:
            unanswered = unanswered & ~truth
        if not unanswered.any():
            return
        cell = first_cell(unanswered)
        near, missed = min(((r, self._missed(r, cell)) for r in self.rules), key=lambda item: len(item[1]))
        count = int(unanswered.sum())
        text = (
            f"{self.layer.title}：{self._words(atlas, cell)}，没有规则回答，这样的组合共 {count} 种；"
            f"最近的是 {near.code}，不合的条件：{'、'.join(missed)}。补规则，或在 {FILE} 写明 [[silence]] 及理由"
        )
        yield Problem(where=place(near.path.name, near.line, near.code), text=text)

    def contradictions(self, precedences: Sequence[Precedence], used: set[int]) -> Iterator[Problem]:
        for i, first in enumerate(self.rules):
            for j, then in enumerate(self.rules):
                if first.verdict is not Verdict.PROHIBITED or then.verdict not in _PERMITS:
                    continue
                article = next((c for c in _articles(first) if c in _articles(then)), None)
                if article is None or not (self.fires[i] & self.fires[j]).any():
                    continue
                declared = next((p for p in precedences if p.first == first.code and then.code in p.then), None)
                if declared is not None:
                    used.add(declared.line)
                    continue
                text = (
                    f"与 {then.code}（{then.path.name}:{then.line}）同据{article[0]}第{article[1]}条，同一情形一个{first.verdict.label}、"
                    f"一个{then.verdict.label}：加 unless 或 applies_to 分开，或在 {FILE} 写明 [[precedence]] 及理由"
                )
                yield Problem(where=place(first.path.name, first.line, first.code), text=text)

    def _missed(self, rule: Rule, cell: tuple[int, ...]) -> list[str]:
        """The conditions of a rule that a cell does not meet."""
        return [name for name, asked in _single(rule) if not self.cells.where(asked)[cell]]

    def _words(self, atlas: Atlas, cell: tuple[int, ...]) -> str:
        facts = {f.name: f for f in atlas.law.facts}
        out = []
        for axis, value in self.cells.words(cell):
            if value is NOT_CLAIMED:
                continue
            known = facts.get(axis.name) if axis.kind == "fact" else None
            text = str(value).lower() if isinstance(value, bool) else str(value)
            out.append(dict(known.labels).get(text, f"{axis.name} = {text}") if known else f"{axis.name} = {text}" if axis.name else text)
        return "、".join(out)


def _single(rule: Rule) -> Iterator[tuple[str, Asked]]:
    """Each condition of a rule by itself."""
    anywhere = Selection(layer=rule.selection.layer)
    for name, patterns in rule.selection.where:
        yield name, Asked(selection=Selection(layer=anywhere.layer, where=((name, patterns),)), when=(), applies_to=(), within=True)
    for comparison in rule.when:
        yield comparison.fact, Asked(selection=anywhere, when=(comparison,), applies_to=())
    for condition in rule.applies_to:
        yield condition[0], Asked(selection=anywhere, when=(), applies_to=(condition,))
    for claim in rule.unless:
        yield claim[0], Asked(selection=anywhere, when=(), applies_to=(), unless=(claim,))


def _articles(rule: Rule) -> list[tuple[str, str]]:
    """(instrument, article number) of every citation, without paragraph and item."""
    return [(c.instrument, c.article.split("(")[0] if c.article[0].isdigit() else c.article) for c in rule.basis if c.article]


def _dead(atlas: Atlas, fired: set[tuple[str, int]]) -> Iterator[Problem]:
    for rule in atlas.rules:
        past = rule.until is not None and atlas.law.complete_from is not None and rule.until < atlas.law.complete_from
        if (rule.path.name, rule.line) not in fired and not past and any(layer.id == rule.selection.layer for layer in atlas.layers):
            yield Problem(where=place(rule.path.name, rule.line, rule.code), text="任何组合都不会触发：条件互相矛盾，或取值不存在")


def _idle(silences: Sequence[Silence], precedences: Sequence[Precedence], used: set[int], codes: set[str]) -> Iterator[Problem]:
    for silence in silences:
        if silence.line not in used:
            yield Problem(where=place(FILE, silence.line, "silence"), text="没有未回答的组合需要这条说明：删去，或改正其条件")
    for precedence in precedences:
        if precedence.line not in used and {precedence.first, *precedence.then} <= codes:
            yield Problem(where=place(FILE, precedence.line, precedence.first), text="没有矛盾需要这条说明：删去，或改正规则代码")
