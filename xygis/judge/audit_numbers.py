"""Numbers that a rule counts by against the words that it quotes: 三十五公顷 is more than 350000 m², 不少于30米 a strip of 30 m."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from xygis.atlas.atlas import Atlas
from xygis.atlas.law import Citation
from xygis.judge.problem import Problem, place

_DIGITS = "零一二三四五六七八九"
_NUMBER = r"([0-9]+(?:\.[0-9]+)?|[零一二三四五六七八九十百千]+)"
_METRES = re.compile(_NUMBER + r"(公里|千米|米)")
_HECTARES = re.compile(_NUMBER + r"公顷")
_FACTOR = {"公里": 1000.0, "千米": 1000.0, "米": 1.0}


def number_problems(atlas: Atlas) -> Iterator[Problem]:
    """Strips and thresholds that none of the quoted words knows; rules that quote no number are not asked."""
    for rule in atlas.rules:
        told = {_value(n) * _FACTOR[unit] for n, unit in _METRES.findall(_said(rule.basis))}
        if rule.selection.strip_m is not None and told and rule.selection.strip_m not in told:
            text = f"外侧 {rule.selection.strip_m:g} 米，所引条文说的是 {_listed(told)} 米"
            yield Problem(where=place(rule.path.name, rule.line, rule.code), text=text)
    for act in atlas.law.procedures:
        told = {_value(n) * 10_000.0 for n in _HECTARES.findall(_said(act.basis))}
        asked = {c.value for c in act.when if c.value > 0.0}
        if asked != told and (asked or told):
            text = f"限额 {_listed(asked) or '没有'} m²，所引条文说的是 {_listed(told) or '没有限额'} m²"
            yield Problem(where=place("procedures.toml", act.line, f"{act.act}（{act.level}）"), text=text)


def _said(basis: Sequence[Citation]) -> str:
    return "；".join(word for citation in basis for word in citation.says)


def _listed(values: set[float]) -> str:
    return "、".join(f"{v:g}" for v in sorted(values))


def _value(number: str) -> float:
    """三十五 → 35, 一百 → 100, 200 → 200."""
    if number[0].isdigit():
        return float(number)
    total, digit = 0, 0
    for c in number:
        if c in _DIGITS:
            digit = _DIGITS.index(c)
        else:
            total += (digit or 1) * {"十": 10, "百": 100, "千": 1000}[c]
            digit = 0
    return float(total + digit)
