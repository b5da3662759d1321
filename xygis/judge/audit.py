"""The rule base checks itself: unknown words, dead or premature bases, missing or failing cases, gaps in time, gaps and contradictions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from xygis.atlas.atlas import Atlas
from xygis.atlas.law import PairRule, Rule
from xygis.atlas.silences import read_silences
from xygis.judge.audit_acts import act_problems
from xygis.judge.audit_articles import article_problems
from xygis.judge.audit_bases import basis_problems
from xygis.judge.audit_cases import case_problems
from xygis.judge.audit_gaps import enumerate_cells
from xygis.judge.audit_words import word_problems
from xygis.judge.problem import Problem, place


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """What is wrong with a rule base, and how much was gone through to say so."""

    problems: tuple[Problem, ...]
    cells: int  # combinations of layer, day, place, attributes and project facts


def audit(atlas: Atlas) -> Audit:
    """Everything that is wrong with the rule base of an atlas; no problems when it is sound."""
    silences, precedences = read_silences(atlas.root)
    words = tuple(word_problems(atlas, silences))
    out = [*words, *case_problems(atlas), *basis_problems(atlas), *article_problems(atlas)]
    out += _versions((*atlas.rules, *atlas.law.pairs))
    if atlas.rules and atlas.law.complete_from is None:
        out.append(Problem(where="base.toml", text="没有写明规则库自哪一天起完整（complete_from）"))
    answered = {r.selection.layer for r in atlas.rules}
    out += [Problem(where=f"catalogue.toml {layer.id}", text="没有规则回答这个图层") for layer in atlas.layers if layer.id not in answered]
    if words:  # what is named wrongly cannot be enumerated
        return Audit(problems=tuple(out), cells=0)
    enumeration = enumerate_cells(atlas, silences, precedences)
    return Audit(problems=(*out, *enumeration.problems, *act_problems(atlas)), cells=enumeration.cells)


def _versions(items: tuple[Rule | PairRule, ...]) -> Iterator[Problem]:
    """Versions of one code follow each other without overlap and without a gap."""
    by_code: dict[str, list[Rule | PairRule]] = {}
    for item in items:
        by_code.setdefault(item.code, []).append(item)
    for code, versions in by_code.items():
        ordered = sorted(versions, key=lambda r: r.effective)
        for earlier, later in zip(ordered, ordered[1:], strict=False):
            where = place(later.path.name, later.line, code)
            if earlier.until is None or earlier.until >= later.effective:
                yield Problem(where=where, text=f"与第 {earlier.line} 行的版本在 {later.effective} 重叠")
            elif earlier.until + timedelta(days=1) < later.effective:
                yield Problem(where=where, text=f"{earlier.until} 至 {later.effective} 之间没有有效版本")
