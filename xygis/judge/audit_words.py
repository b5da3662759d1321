"""Words that mean nothing: layers, fields, values and project facts that the atlas does not know, each with its line and the nearest."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from xygis.atlas.atlas import Atlas
from xygis.atlas.attributes import fold
from xygis.atlas.catalogue import RASTER
from xygis.atlas.crosswalk import DERIVED
from xygis.atlas.law import Rule, Scalar, Selection
from xygis.atlas.layer import Layer
from xygis.atlas.redlines import FACTS, RASTER_FACTS
from xygis.atlas.silences import FILE, Silence
from xygis.errors import did_you_mean
from xygis.judge.facts import USE, accepts
from xygis.judge.problem import Problem, place

Conditions = Sequence[tuple[str, tuple[Scalar, ...]]]


def word_problems(atlas: Atlas, silences: Sequence[Silence]) -> Iterator[Problem]:
    """Everything that rules, totals, procedures, pairs, indicators and silences name and nobody knows."""
    folder = atlas.root / "redlines"
    for rule in atlas.rules:
        at = _Place(rule.path, rule.line, rule.code)
        yield from _selection(atlas, rule.selection, at)
        yield from _measured(atlas, rule, at)
        yield from _conditions(atlas, (*rule.applies_to, *rule.unless), at)
        yield from _case_facts(atlas, rule, at)
    for total in atlas.law.totals:
        if total.selection is not None:
            path = folder / "totals.toml"
            line = next((n for n, text in enumerate(_lines(path), 1) if f'"{total.name}"' in text), 1)
            yield from _selection(atlas, total.selection, _Place(path, line, total.name))
    totals = {t.name for t in atlas.law.totals}
    for act in atlas.law.procedures:
        at = _Place(folder / "procedures.toml", act.line, f"{act.act}（{act.level}）")
        yield from _conditions(atlas, act.applies_to, at)
        for comparison in act.when:
            if comparison.fact not in totals:
                yield at.problem(comparison.fact, f"totals.toml 没有合计 {comparison.fact}", totals)
    for pair in atlas.law.pairs:
        at = _Place(pair.path, pair.line, pair.code)
        for side in (pair.a, pair.b):
            yield from _told(atlas, side, at)
            yield from _derived(atlas, side.layer, [(pair.differ, ())] if pair.differ else [], at)
    for indicator in atlas.law.indicators.rules:
        at = _Place(indicator.path, indicator.line, indicator.code)
        for selection in indicator.selections:
            yield from _told(atlas, selection, at)
    for silence in silences:
        at = _Place(folder / FILE, silence.line, "silence")
        for layer_id in silence.layers:
            yield from _selection(atlas, Selection(layer=layer_id, where=silence.where), at)
        yield from _conditions(atlas, silence.applies_to, at)


class _Place:
    """Where a table stands; a problem names the line below its head on which the word stands."""

    def __init__(self, path: Path, line: int, code: str) -> None:
        self.path, self.line, self.code = path, line, code

    def problem(self, word: str, text: str, known: Collection[str]) -> Problem:
        asked = did_you_mean(word, known)
        hint = f"，{asked}" if asked else f"；可用：{'、'.join(sorted(known))}" if known else ""
        return Problem(where=place(self.path.name, self._line_of(word), self.code), text=text + hint)

    def _line_of(self, word: str) -> int:
        lines = _lines(self.path)
        whole = re.compile(rf"(?<!\w){re.escape(word)}(?!\w)")
        for number in range(self.line, len(lines) + 1):
            if number > self.line and re.match(r"\[\[\w+\]\]", lines[number - 1]):
                break  # the next table of the file, not a case of this one
            if whole.search(lines[number - 1]):
                return number
        return self.line


@lru_cache(maxsize=64)
def _lines(path: Path) -> tuple[str, ...]:
    return tuple(path.read_text("utf-8").splitlines()) if path.is_file() else ()


def _layer(atlas: Atlas, layer_id: str) -> Layer | None:
    return next((layer for layer in atlas.layers if layer.id == layer_id), None)


def _selection(atlas: Atlas, selection: Selection, at: _Place) -> Iterator[Problem]:
    layer = _layer(atlas, selection.layer)
    if layer is None:
        yield at.problem(selection.layer, f"图集没有图层 {selection.layer}", [layer.id for layer in atlas.layers])
        return
    fields = {alias.field for alias in layer.fields} | ({"class"} if layer.measure == "class" else set())
    for field, patterns in selection.where:
        if field not in fields:
            yield at.problem(field, f"图层 {layer.id} 没有登记字段 {field}", fields)
            continue
        words = _words(layer, field)
        for pattern in patterns if words else ():
            bare = fold(pattern.removeprefix("!"))
            head = bare.endswith("*")
            if not any(fold(w).startswith(bare[:-1]) if head else fold(w) == bare for w in words) and not _longer(layer, field, bare):
                yield at.problem(pattern.strip("!*"), f"图层 {layer.id} 的字段 {field} 没有取值“{pattern}”", words)


def _told(atlas: Atlas, selection: Selection, at: _Place) -> Iterator[Problem]:
    """As _selection, of pairs and indicators, which may also ask for land and use."""
    plain = tuple(condition for condition in selection.where if condition[0] not in DERIVED)
    yield from _selection(atlas, replace(selection, where=plain), at)
    yield from _derived(atlas, selection.layer, [c for c in selection.where if c[0] in DERIVED], at)


def _derived(atlas: Atlas, layer_id: str, asked: Sequence[tuple[str, tuple[str, ...]]], at: _Place) -> Iterator[Problem]:
    """Land and use that somebody asks for: the layer must say from which code they follow, and the words must be terms of the crosswalk."""
    layer = _layer(atlas, layer_id)
    for attribute, patterns in asked if layer is not None else ():
        assert layer is not None
        derived = layer.derive(attribute)
        if derived is None:
            yield at.problem(attribute, f"图层 {layer_id} 没有登记 {attribute} 按哪个字段、哪套分类取得（crosswalk）", ())
            continue
        met = {term for terms in derived.codes.values() if terms != derived.terms for term in terms}
        for pattern in patterns:
            word = pattern.removeprefix("!")
            if word not in derived.terms:
                yield at.problem(word, f"{attribute} 没有取值“{word}”", derived.terms)
            elif word not in met:
                yield at.problem(word, f"图层 {layer_id} 的分类 {derived.list} 没有一个代码是“{word}”", met)


def _words(layer: Layer, field: str) -> tuple[str, ...]:
    alias = layer.alias(field)
    return () if alias is None else alias.words


def _longer(layer: Layer, field: str, code: str) -> bool:
    """Whether it is a longer code of the layer's list: 0101K is a 0101."""
    alias = layer.alias(field)
    return alias is not None and any(code.removesuffix("*")[:n] in alias.codes for n in range(len(code), 0, -1))


def _measured(atlas: Atlas, rule: Rule, at: _Place) -> Iterator[Problem]:
    layer = _layer(atlas, rule.selection.layer)
    for fact in (c.fact for c in rule.when if layer is not None and c.fact not in measurable(layer)):
        yield at.problem(fact, f"图层 {rule.selection.layer} 量不出 {fact}", ())


def measurable(layer: Layer) -> tuple[str, ...]:
    """The facts that a layer of this kind can give."""
    if layer.geometry != RASTER:
        return tuple(fact for fact in FACTS if fact not in RASTER_FACTS)
    areas = ("overlap_m2", "overlap_share", "outside_m2")
    if layer.measure == "class":
        return areas
    return areas + tuple(fact for fact in RASTER_FACTS if layer.measure == "elevation" or fact.startswith("slope"))


def _conditions(atlas: Atlas, conditions: Conditions, at: _Place) -> Iterator[Problem]:
    facts = {f.name: f for f in atlas.law.facts}
    for name, accepted in conditions:
        if name == USE:
            codes = [u.code for u in atlas.law.uses]
            for value in accepted:
                if not any(accepts(code, (value,)) for code in codes):
                    yield at.problem(str(value).strip("*"), f"uses.toml 没有用途代码“{value}”", ())
        elif name not in facts:
            yield at.problem(name, f"facts.toml 没有项目事实 {name}", facts)
        else:
            for value in accepted:
                unclaimed = facts[name].kind == "claim" and value is False  # holds where nobody claims it
                if value != "*" and not unclaimed and not any(accepts(v, (value,)) for v in facts[name].values):
                    yield at.problem(str(value), f"项目事实 {name} 没有取值“{value}”", [str(v) for v in facts[name].values])


def _case_facts(atlas: Atlas, rule: Rule, at: _Place) -> Iterator[Problem]:
    layer = _layer(atlas, rule.selection.layer)
    fields = {alias.field for alias in layer.fields} if layer is not None else set()
    known = {f.name for f in atlas.law.facts} | {USE, *FACTS, *(field for field, _ in rule.selection.where), *fields}
    for case in rule.cases:
        for name, _ in case.facts:
            if name not in known:
                yield at.problem(name, f"算例“{case.note}”所列 {name} 既不是项目事实，也不是图层的字段", known)
