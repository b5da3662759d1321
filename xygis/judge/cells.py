"""Every combination that the rules about one layer tell apart, and which rules fire in each: what the audit enumerates.

A cell is a parcel that meets one kind of feature of the layer (`fields`), lies in it in one way (`place`), for one kind of
project (`facts`). Values that no rule tells apart share a cell, so the table is complete and small. Truth is kept as boolean
arrays with one axis for each thing asked, broadcast against each other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import prod
from typing import Any

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
    """One thing that is asked. values: what it can be, one for all that no rule tells apart."""

    kind: str  # field | fact | place | raster
    name: str
    values: tuple[object, ...]
    thresholds: tuple[Comparison, ...] = ()  # of a raster fact: what rules compare it with


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
        for name, accepted in asked.applies_to:
            out &= self._told("fact", name, [fact_holds(v, accepted) for v in self._axis("fact", name).values])
        for name, accepted in asked.unless:
            out &= ~self._told("fact", name, [fact_holds(v, accepted) for v in self._axis("fact", name).values])
        return out

    def words(self, cell: Sequence[int]) -> tuple[tuple[Axis, object], ...]:
        """What a cell says, axis by axis."""
        return tuple((axis, axis.values[i]) for axis, i in zip(self.axes, cell, strict=True))

    def place_is(self, place: str) -> Bools:
        return self._told("place", "", [value == place for value in self._axis("place", "").values])

    def reached(self) -> Bools:
        """The cells in which each raster fact meets some threshold that a rule sets: below all of them there is nothing to answer."""
        out = np.ones([1] * len(self.axes), bool)
        for axis in self.axes:
            if axis.kind == "raster":
                met = [any(met_by(c, float(str(v))) for c in axis.thresholds) for v in axis.values]
                out = out & self._told("raster", axis.name, met)
        return out

    def chosen(self, selection: Selection) -> Bools:
        """The cells whose feature is in a selection."""
        out = np.ones([1] * len(self.axes), bool)
        for field, patterns in selection.where:
            out = out & self._told("field", field, [matches(str(v), patterns) is True for v in self._axis("field", field).values])
        return out

    def _compared(self, comparison: Comparison, chosen: Bools) -> Bools:
        if comparison.fact in RASTER_FACTS:
            values = self._axis("raster", comparison.fact).values
            return self._told("raster", comparison.fact, [met_by(comparison, float(str(v))) for v in values])
        inside, across = chosen & self.place_is(INSIDE), chosen & self.place_is(ACROSS)
        return inside & _met(comparison, 1.0) | across & _met(comparison, 0.5) | ~(inside | across) & _met(comparison, 0.0)

    def _axis(self, kind: str, name: str) -> Axis:
        return next(axis for axis in self.axes if (axis.kind, axis.name) == (kind, name))

    def _told(self, kind: str, name: str, answers: Sequence[bool]) -> Bools:
        """One answer for each value of an axis, to be spread over all others."""
        shape = [len(answers) if (axis.kind, axis.name) == (kind, name) else 1 for axis in self.axes]
        return np.array(answers, bool).reshape(shape)


def cells_of(layer: Layer, law: RedLines, asked: Sequence[Asked]) -> Cells:
    """The table of a layer. Raises TooManyCells."""
    fields = dict.fromkeys(field for a in asked for field, _ in a.selection.where)
    facts = dict.fromkeys(name for a in asked for name, _ in (*a.applies_to, *a.unless))
    rasters = dict.fromkeys(c.fact for a in asked for c in a.when if c.fact in RASTER_FACTS)
    axes = (
        Axis(kind="place", name="", values=(INSIDE, ACROSS, OUTSIDE)),
        *(_field_axis(layer, field, asked) for field in fields),
        *(_fact_axis(law, name, asked) for name in facts),
        *(_raster_axis(fact, asked) for fact in rasters),
    )
    count = prod(len(axis.values) for axis in axes)
    if count > _MOST_CELLS:
        raise TooManyCells(f"{layer.id} 的规则问到 {count} 种组合，无法逐一核对")
    return Cells(axes=axes)


def _field_axis(layer: Layer, field: str, asked: Sequence[Asked]) -> Axis:
    """What the layer can say in a field; codes too coarse for some rule are left out, because a check takes them as unknown."""
    patterns = list(dict.fromkeys(p for a in asked for f, p in a.selection.where if f == field))
    told = {v: [matches(v, p) for p in patterns] for v in _field_values(layer, field, [w for p in patterns for w in p])}
    return _axis("field", field, {value: tuple(answers) for value, answers in told.items() if None not in answers})


def _fact_axis(law: RedLines, name: str, asked: Sequence[Asked]) -> Axis:
    wanted = list(dict.fromkeys(values for a in asked for n, values in (*a.applies_to, *a.unless) if n == name))
    fact = next((f for f in law.facts if f.name == name), None)
    possible = tuple(use.code for use in law.uses) if name == USE else fact_values(fact)
    return _axis("fact", name, {value: tuple(fact_holds(value, w) for w in wanted) for value in possible})


def _raster_axis(fact: str, asked: Sequence[Asked]) -> Axis:
    compared = [c for a in asked for c in a.when if c.fact == fact]
    numbers = sorted({v for c in compared for v in (c.value - 0.01, c.value, c.value + 0.01)})
    axis = _axis("raster", fact, {v: tuple(met_by(c, v) for c in compared) for v in numbers})
    return replace(axis, thresholds=tuple(compared))


def first_cell(truth: Bools) -> tuple[int, ...]:
    """The first cell of a table that holds; one has to."""
    return tuple(int(i) for i in np.unravel_index(np.flatnonzero(truth)[0], truth.shape))


def asked_by(rule: Rule) -> Asked:
    return Asked(selection=rule.selection, when=rule.when, applies_to=rule.applies_to, unless=rule.unless)


def _axis(kind: str, name: str, told: Mapping[Any, tuple[bool | None, ...]]) -> Axis:
    """The values told apart by some answer; those that none tells apart stand together under the first.

    Keys of a mapping would make True and 1 the same: facts hold either truth values or numbers, never both.
    """
    first: dict[tuple[bool | None, ...], object] = {}
    for value, answers in told.items():
        first.setdefault(answers, value)
    return Axis(kind=kind, name=name, values=tuple(first.values()))


def _field_values(layer: Layer, field: str, patterns: Sequence[str]) -> tuple[str, ...]:
    """Every word or code that the layer's lists hold; without a list, the words of the rules and one other."""
    alias = layer.alias(field)
    if alias is not None and alias.words:
        return alias.words
    return (*dict.fromkeys(p.strip("!*") for p in patterns), OTHER)


def fact_values(fact: ProjectFact | None) -> tuple[object, ...]:
    """Everything that a fact can be, an exception also not claimed."""
    if fact is None:
        return ()
    return (*fact.values, NOT_CLAIMED) if fact.kind == "claim" else fact.values


def fact_holds(value: object, accepted: tuple[Scalar, ...]) -> bool:
    """Whether a value of a fact meets a condition; an exception that nobody claimed counts as not claimed."""
    if value is NOT_CLAIMED:
        return False in accepted
    return accepts(value, accepted)  # type: ignore[arg-type]


def _met(comparison: Comparison, share: float) -> bool:
    """Whether a comparison holds for a parcel of which that share lies in what is selected."""
    facts = {"overlap_share": share, "overlap_m2": share * _AREA_M2, "outside_m2": (1 - share) * _AREA_M2, "patches": float(share > 0)}
    return met_by(comparison, facts.get(comparison.fact, 0.0 if share else float("inf")))
