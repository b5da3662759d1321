"""Citations that cannot be looked up: an article the law does not have, a number nobody can read, an instrument nobody registered."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from xygis.atlas.atlas import Atlas
from xygis.atlas.indicators import FILE
from xygis.atlas.law import Citation, Instrument, PairRule, Rule
from xygis.judge.problem import Problem, place

_CHINESE = "一二三四五六七八九十"
# "35", "26(2)" (second paragraph), "26(2)(三)", "26(三)" (item)
_NUMBERED = re.compile(rf"([1-9][0-9]*)(\([1-9][0-9]*\))?(\([{_CHINESE}]+\))?")
# parts of a notice, "一(一)", "一(一)4"; its annexes, "附件1"
_SECTION = re.compile(rf"[{_CHINESE}]+(\([{_CHINESE}]+\)[0-9]*)?|附件[1-9][0-9]*")


@dataclass(frozen=True, slots=True)
class _Citing:
    """A rule, procedure, pair, target or figure, by its place."""

    where: str
    basis: tuple[Citation, ...]


def article_problems(atlas: Atlas) -> Iterator[Problem]:
    """Every citation of rules, procedures, pairs and indicators that points at nothing, in the order of the files."""
    known = {(i.name, i.version): i for i in atlas.law.instruments}
    for citing in _citing(atlas):
        for citation in citing.basis:
            text = _wrong(citation, known.get((citation.instrument, citation.version)))
            if text:
                yield Problem(where=citing.where, text=text)


def _citing(atlas: Atlas) -> Iterator[_Citing]:
    dated: tuple[Rule | PairRule, ...] = (*atlas.rules, *atlas.law.pairs)
    for item in dated:
        yield _Citing(place(item.path.name, item.line, item.code), item.basis)
    for act in atlas.law.procedures:
        yield _Citing(place("procedures.toml", act.line, f"{act.act}（{act.level}）"), act.basis)
    told = atlas.law.indicators
    yield from (_Citing(place(FILE, t.line, r.code), t.basis) for r in told.rules for t in r.targets)
    yield from (_Citing(place(FILE, f.line, f.code), f.basis) for f in told.figures)


def _wrong(citation: Citation, instrument: Instrument | None) -> str | None:
    name = f"{citation.instrument}（{citation.version}）"
    if instrument is None:
        return f"依据{name}未在 instruments.toml 登记"
    if citation.article is None:
        return f"引用{name}的词语却没有写条款号" if citation.says else None
    numbered = _NUMBERED.fullmatch(citation.article)
    if numbered is None and _SECTION.fullmatch(citation.article) is None:
        return f"{name}的条款号“{citation.article}”读不懂"
    if instrument.articles is None:
        return None
    if numbered is None:
        return f"{name}以条编号，没有“{citation.article}”"
    if int(numbered.group(1)) > instrument.articles:
        return f"{name}共{instrument.articles}条，没有第{numbered.group(1)}条"
    return None
