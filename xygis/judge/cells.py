"""Every combination that the rules about one layer tell apart, and which rules fire in each: what the audit enumerates.

A cell is a parcel that meets one kind of feature of the layer (`fields`), lies in it in one way (`place`), for one kind of
project (`facts`). Values that no rule tells apart share a cell, so the table is complete and small. Truth is kept as boolean
arrays with one axis for each thing asked, broadcast against each other.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import prod

import numpy as np
from numpy.typing import NDArray

from xygis.atlas.attributes import matches
from xygis.atlas.law import Comparison, ProjectFact, Rule, Scalar, Selection
from xygis.atlas.layer import Layer
from xygis.atlas.redlines import RASTER_FACTS, RedLines
from xygis.judge.facts import USE, accepts
from xygis.judge.truth import met_by

Bools = NDArray[np.bool_]
Condition = tuple[str, tuple[Scalar, ...]]

INSIDE, ACROSS, OUTSIDE = "全部位于其中", "部分位于其中", "全部位于其外"
NOT_CLAIMED = "未申报"
OTHER = "其他"
_MOST_CELLS = 20_000_000
_AREA_M2 = 1e6  # of an imagined parcel


class TooManyCells(ValueError):
    """The rules of a layer ask more than can be enumerated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """One thing that is asked. values: what it can be, as far as anybody asks; same: how many real values each stands for."""

    kind: str  # field | fact | place | raster
    name: str
    values: tuple[object, ...]
    same: tuple[tuple[object, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What one rule, or one declared silence, asks of a parcel and its project."""

    selection: Selection
    when: tuple[Comparison, ...]
    applies_to: tuple[Condition, ...]
    unless: tuple[Condition, ...] = ()
    within: bool = False  # whether the feature itself has to be in the selection, whatever is compared


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """The axes of one layer's table."""

    axes: tuple[Axis, ...]

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(len(axis.values) for axis in self.axes)

    def where(self, asked: Asked) -> Bools:
        """The cells in which it holds."""
        out = np.ones(self.shape, bool)
        chosen = self.chosen(asked.selection)
        if asked.within:
            out &= chosen
        for comparison in asked.when:
            out &= self._compared(comparison, chosen)
        for condition in asked.applies_to:
            out &= self._along("fact", condition[0], lambda v, c=condition: _fact_holds(v, c[1]))
        for claim in asked.unless:
            out &= ~self._along("fact", claim[0], lambda v, c=claim: _fact_holds(v, c[1]))
        return out

    def words(self, cell: Sequence[int]) -> tuple[tuple[Axis, object], ...]:
        """What a cell says, axis by axis."""
        return tuple((axis, axis.values[i]) for axis, i in zip(self.axes, cell, strict=True))

    def _along(self, kind: str, name: str, test: Callable[[object], bool]) -> Bools:
        for number, axis in enumerate(self.axes):
            if (axis.kind, axis.name) == (kind, name):
                shape = [1] * len(self.axes)
                shape[number] = len(axis.values)
                return np.array([test(v) for v in axis.values], bool).reshape(shape)
        raise KeyError(name)

    def place_is_not(self, place: str) -> Bools:
        return self._along("place", "", lambda v: v != place)

    def chosen(self, selection: Selection) -> Bools:
        """The cells whose feature is in a selection."""
        out = np.ones([1] * len(self.axes), bool)
        for field, patterns in selection.where:
            out = out & self._along("field", field, lambda v, p=patterns: matches(str(v), p) is True)
        return out

    def _compared(self, comparison: Comparison, chosen: Bools) -> Bools:
        if comparison.fact in RASTER_FACTS:
            return self._along("raster", comparison.fact, lambda v: met_by(comparison, float(str(v))))
        inside, across = (self._along("place", "", lambda v, w=w: v == w) for w in (INSIDE, ACROSS))
        whole, part, none = chosen & inside, chosen & across, ~chosen | ~(inside | across)
        return whole & _met(comparison, 1.0) | part & _met(comparison, 0.5) | none & _met(comparison, 0.0)


def cells_of(layer: Layer, law: RedLines, asked: Sequence[Asked]) -> Cells:
    """The table of a layer. Raises TooManyCells."""
    axes = [_axis("place", "", (INSIDE, ACROSS, OUTSIDE), [lambda v, w=w: v == w for w in (INSIDE, ACROSS, OUTSIDE)])]
    fields = dict.fromkeys(field for a in asked for field, _ in a.selection.where)
    for field in fields:
        patterns = dict.fromkeys(p for a in asked for f, p in a.selection.where if f == field)
        values = [v for v in _field_values(layer, field, [w for p in patterns for w in p]) if all(matches(v, p) is not None for p in patterns)]
        axes.append(_axis("field", field, values, [lambda v, p=p: matches(str(v), p) is True for p in patterns]))
    known = {f.name: f for f in law.facts}
    for name in dict.fromkeys(name for a in asked for name, _ in (*a.applies_to, *a.unless)):
        wanted = dict.fromkeys(values for a in asked for n, values in (*a.applies_to, *a.unless) if n == name)
        possible = tuple(u.code for u in law.uses) if name == USE else _fact_values(known.get(name))
        axes.append(_axis("fact", name, possible, [lambda v, w=w: _fact_holds(v, w) for w in wanted]))
    for fact in dict.fromkeys(c.fact for a in asked for c in a.when if c.fact in RASTER_FACTS):
        compared = [c for a in asked for c in a.when if c.fact == fact]
        numbers = sorted({v for c in compared for v in (c.value - 0.01, c.value, c.value + 0.01)})
        axes.append(_axis("raster", fact, tuple(numbers), [lambda v, c=c: met_by(c, float(str(v))) for c in compared]))
    if prod(len(axis.values) for axis in axes) > _MOST_CELLS:
        raise TooManyCells(f"{layer.id} 的规则问到 {prod(len(a.values) for a in axes)} 种组合")
    return Cells(axes=tuple(axes))


def first_cells(truth: Bools, most: int) -> Iterator[tuple[int, ...]]:
    """The first cells of a table that hold."""
    for flat in itertools.islice(np.flatnonzero(truth), most):
        yield tuple(int(i) for i in np.unravel_index(flat, truth.shape))


def asked_by(rule: Rule) -> Asked:
    return Asked(selection=rule.selection, when=rule.when, applies_to=rule.applies_to, unless=rule.unless)


def _axis(kind: str, name: str, values: Sequence[object], tests: Sequence[Callable[[object], bool]]) -> Axis:
    """The values told apart by some test; those that no test tells apart stand together under the first."""
    groups: dict[tuple[bool, ...], list[object]] = {}
    for value in values:
        groups.setdefault(tuple(test(value) for test in tests), []).append(value)
    return Axis(kind=kind, name=name, values=tuple(g[0] for g in groups.values()), same=tuple(tuple(g) for g in groups.values()))


def _field_values(layer: Layer, field: str, patterns: Sequence[str]) -> tuple[str, ...]:
    """Every word or code that the layer's lists hold; without a list, the words of the rules and one other."""
    alias = layer.alias(field)
    if alias is not None and (alias.synonyms or alias.codes):
        return (*(ours for ours, _ in alias.synonyms), *sorted(alias.codes))
    return (*dict.fromkeys(p.strip("!*") for p in patterns), OTHER)


def _fact_values(fact: ProjectFact | None) -> tuple[object, ...]:
    if fact is None:
        return ()
    return (*fact.values, NOT_CLAIMED) if fact.kind == "claim" else fact.values


def _fact_holds(value: object, accepted: tuple[Scalar, ...]) -> bool:
    if value is NOT_CLAIMED:
        return False in accepted
    return accepts(value, accepted)  # type: ignore[arg-type]


def _met(comparison: Comparison, share: float) -> bool:
    """Whether a comparison holds for a parcel of which that share lies in what is selected."""
    facts = {"overlap_share": share, "overlap_m2": share * _AREA_M2, "outside_m2": (1 - share) * _AREA_M2, "patches": float(share > 0)}
    return met_by(comparison, facts.get(comparison.fact, 0.0 if share else float("inf")))
