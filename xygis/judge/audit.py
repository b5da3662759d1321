"""The rule base checks itself: unknown words, dead or premature bases, missing or failing cases, gaps in time, gaps and contradictions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from xygis.atlas.atlas import Atlas
from xygis.atlas.catalogue import PERMIT
from xygis.atlas.law import PairRule, Rule
from xygis.atlas.silences import FILE, Precedence, Silence, Told, read_silences
from xygis.atlas.verdict import Verdict
from xygis.judge.audit_acts import act_problems
from xygis.judge.audit_articles import article_problems
from xygis.judge.audit_bases import basis_problems
from xygis.judge.audit_cases import case_problems
from xygis.judge.audit_gaps import enumerate_cells
from xygis.judge.audit_indicators import indicator_problems
from xygis.judge.audit_numbers import number_problems
from xygis.judge.audit_words import word_problems
from xygis.judge.problem import Problem, place

_CODE = re.compile(r"[A-Z]+(-[A-Z]+)?-[0-9]{2,3}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """What is wrong with a rule base, and how much was gone through to say so."""

    problems: tuple[Problem, ...]
    cells: int  # combinations of layer, day, place, attributes and project facts


def audit(atlas: Atlas) -> Audit:
    """Everything that is wrong with the rule base of an atlas; no problems when it is sound."""
    told = read_silences(atlas.root)
    words = tuple(word_problems(atlas, told.silences))
    out = [*words, *_missing(atlas, told), *_form(atlas, told), *case_problems(atlas), *basis_problems(atlas), *article_problems(atlas)]
    out += [*number_problems(atlas), *indicator_problems(atlas)]
    out += _versions((*atlas.rules, *atlas.law.pairs))
    if atlas.rules and atlas.law.complete_from is None:
        out.append(Problem(where="base.toml", text="没有写明规则库自哪一天起完整（complete_from）"))
    answered = {r.selection.layer for r in atlas.rules}
    asked = [layer for layer in atlas.layers if layer.role != PERMIT]  # of permits nobody asks before there is a building
    out += [Problem(where=f"catalogue.toml {layer.id}", text="没有规则回答这个图层") for layer in asked if layer.id not in answered]
    if words:  # what is named wrongly cannot be enumerated
        return Audit(problems=tuple(out), cells=0)
    enumeration = enumerate_cells(atlas, told.silences, told.precedences)
    return Audit(problems=(*out, *enumeration.problems, *act_problems(atlas)), cells=enumeration.cells)


def _missing(atlas: Atlas, told: Told) -> Iterator[Problem]:
    """Rules that the register knows and nobody holds any more, or only in a milder form."""
    strictest: dict[str, Verdict] = {}
    for rule in atlas.rules:
        strictest[rule.code] = min(strictest.get(rule.code, rule.verdict), rule.verdict, key=lambda v: v.rank)
    for entry in told.register:
        where = place(FILE, entry.line, entry.code)
        if entry.code not in strictest:
            yield Problem(where=where, text=f"规则 {entry.code} 已不在规则库：恢复它；依法废止的，从 [register] 删去")
        elif strictest[entry.code].rank > entry.verdict.rank:
            now = strictest[entry.code].label
            yield Problem(
                where=where, text=f"规则 {entry.code} 登记为{entry.verdict.label}，现在最严只是{now}：改回，或依法改正 [register]"
            )
    for precedence in told.precedences:
        for code in (precedence.first, *precedence.then):
            if code not in strictest:
                yield Problem(where=place(FILE, precedence.line, code), text=f"规则 {code} 已不存在")


def _form(atlas: Atlas, told: Told) -> Iterator[Problem]:
    """What is written in a form that misleads: codes, instruments given twice, reasons and authorities left out."""
    for rule in atlas.rules:
        where = place(rule.path.name, rule.line, rule.code)
        if not _CODE.fullmatch(rule.code):
            yield Problem(where=where, text=f"规则代码“{rule.code}”应为大写字母、连字符和数字，如 PBF-01")
        if rule.verdict is Verdict.APPROVAL and not rule.authority:
            yield Problem(where=where, text="须报批的规则没有写批准机关（authority）")
    codes = [use.code for use in atlas.law.uses]
    for fact in atlas.law.facts:
        for prefix, _ in fact.by_use:
            if codes and not any(code.startswith(prefix) for code in codes):
                yield Problem(where=f"facts.toml {fact.name}", text=f"by_use 的用途代码“{prefix}”不在 uses.toml")
    seen: set[tuple[str, date]] = set()
    for instrument in atlas.law.instruments:
        if (instrument.name, instrument.version) in seen:
            yield Problem(where=f"instruments.toml {instrument.code}", text=f"{instrument.name}（{instrument.version}）登记了两次")
        seen.add((instrument.name, instrument.version))
    reasons: tuple[Silence | Precedence, ...] = (*told.silences, *told.precedences)
    for said in reasons:
        if not said.reason.strip():
            yield Problem(where=place(FILE, said.line), text="没有写理由（reason）")


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
                other = "" if earlier.path == later.path else f"{earlier.path.name} "
                yield Problem(where=where, text=f"与 {other}第 {earlier.line} 行的版本在 {later.effective} 重叠")
            elif earlier.until + timedelta(days=1) < later.effective:
                yield Problem(where=where, text=f"{earlier.until} 至 {later.effective} 之间没有有效版本")
