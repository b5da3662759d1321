"""Whether a rule's conditions hold, in three values: yes, no, or it depends, and on what."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from xygis.atlas.law import Comparison
from xygis.atlas.redlines import RASTER_FACTS
from xygis.overlay.measure import Part
from xygis.overlay.tolerances import ALL

_OPERATORS: dict[str, Callable[[float, float], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
    "=": operator.eq,
}


class Doubt(Enum):
    """Why a measured fact is a range."""

    SLIVER = "sliver"  # nothing but suspected boundary errors
    ACCURACY = "accuracy"  # the border is only that accurate
    ATTRIBUTE = "attribute"  # a feature does not say what it is
    EXTENT = "extent"  # part of the parcel lies where the layer has no data


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A fact between two values, and why they differ."""

    low: float
    high: float
    doubts: tuple[Doubt, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """holds: True, False, or None where it depends on `doubts`."""

    holds: bool | None
    doubts: tuple[Doubt, ...] = ()


def met_by(comparison: Comparison, number: float) -> bool:
    """Whether a known number meets a comparison."""
    return _OPERATORS[comparison.operator](number, comparison.value)


def compare(comparison: Comparison, fact: Interval) -> Truth:
    """One comparison over a range."""
    test = _OPERATORS[comparison.operator]
    low, high = test(fact.low, comparison.value), test(fact.high, comparison.value)
    if comparison.operator == "=" and not (fact.low <= comparison.value <= fact.high):
        return Truth(holds=False)
    if low == high and (comparison.operator != "=" or fact.low == fact.high):
        return Truth(holds=low)
    return Truth(holds=None, doubts=fact.doubts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Test:
    """One comparison of a rule, the fact it was put to, and what came of it.

    mapped: the fact if features may also lie where the layer has no data; the same as `fact` where the layer covers the parcel.
    """

    comparison: Comparison
    fact: Interval
    truth: Truth
    mapped: Interval

    @property
    def open_beyond(self) -> bool:
        """Whether it might fail if features also lay where the layer has no data."""
        return self.mapped is not self.fact and not compare(self.comparison, self.mapped).holds


def weigh(comparisons: Sequence[Comparison], part: Part, area_m2: float, unmapped_m2: float = 0.0) -> tuple[Test, ...]:
    """Each comparison of a rule over the part it selected; unmapped_m2: how much of the parcel the layer does not cover."""
    tests = []
    for c in comparisons:
        fact = interval(c.fact, part, area_m2)
        mapped = _mapped(c.fact, fact, area_m2, unmapped_m2) if unmapped_m2 > 0.0 else fact
        tests.append(Test(comparison=c, fact=fact, truth=compare(c, fact), mapped=mapped))
    return tuple(tests)


def truth_of(tests: Sequence[Test]) -> Truth:
    """All of them together. What holds only because nothing is mapped there is open."""
    if any(t.truth.holds is False for t in tests):
        return Truth(holds=False)
    if all(t.truth.holds for t in tests):
        if any(t.open_beyond for t in tests):
            return Truth(holds=None, doubts=(Doubt.EXTENT,))
        return Truth(holds=True)
    return Truth(holds=None, doubts=tuple(dict.fromkeys(d for t in tests for d in t.truth.doubts)))


def compare_all(comparisons: Sequence[Comparison], part: Part, area_m2: float, unmapped_m2: float = 0.0) -> Truth:
    """All comparisons of a rule over the part it selected."""
    return truth_of(weigh(comparisons, part, area_m2, unmapped_m2))


def interval(fact: str, part: Part, area_m2: float) -> Interval:
    """The range of one fact of a part: unknown attributes, slivers and border accuracy widen it.

    A border that merely passes within its accuracy opens nothing: coordinates decide whether land is touched at all.
    """
    match fact:
        case "overlap_m2":
            return overlap(part)
        case "overlap_share":
            whole = overlap(part)
            reference_m2 = part.overlap_m2 if part.outside_m2 == 0.0 and part.overlap_m2 > 0.0 else area_m2  # all of it is 1, exactly
            return Interval(low=whole.low / reference_m2, high=min(1.0, whole.high / reference_m2), doubts=whole.doubts)
        case "outside_m2":
            return _outside(part, area_m2)
        case "distance_m":
            distance = math.inf if part.distance_m is None else part.distance_m
            if part.possible_distance_m is not None and part.possible_distance_m < distance:
                return Interval(low=part.possible_distance_m, high=distance, doubts=(Doubt.ATTRIBUTE,))
            return Interval(low=distance, high=distance)
        case "patches":
            if 0 < part.patches == part.sliver_count:
                return Interval(low=0, high=part.patches, doubts=(Doubt.SLIVER,))
            return Interval(low=part.patches, high=part.patches)
    if fact in RASTER_FACTS:
        return _of_raster(fact, part)
    raise KeyError(fact)


def _of_raster(fact: str, part: Part) -> Interval:
    """As measured, cells without data taken as anything; a fact that was not measured is anything."""
    low, high = next(((low, high) for name, low, high in part.facts if name == fact), (-math.inf, math.inf))
    return Interval(low=low, high=high, doubts=(Doubt.EXTENT,) if low != high else ())


def _mapped(fact: str, known: Interval, area_m2: float, unmapped_m2: float) -> Interval:
    """The range of a fact if features may also lie where the layer has no data."""
    if fact in RASTER_FACTS:
        return known  # the cells without data are in it
    match fact:
        case "overlap_m2":
            return replace(known, high=known.high + unmapped_m2)
        case "overlap_share":
            return replace(known, high=min(1.0, known.high + unmapped_m2 / area_m2))
        case "outside_m2":
            return replace(known, low=max(0.0, known.low - unmapped_m2))
        case "distance_m":
            return replace(known, low=0.0)
    return replace(known, high=math.inf)


def overlap(part: Part) -> Interval:
    """The overlap as a range: unknown attributes may add to it, slivers alone may be nothing, the border may move."""
    low = high = part.overlap_m2
    doubts = []
    if part.possible_m2 > high:
        high = part.possible_m2
        doubts.append(Doubt.ATTRIBUTE)
    if part.overlap_m2 > 0.0:
        if part.sliver_m2 >= part.overlap_m2 * ALL:
            low = 0.0
            doubts.append(Doubt.SLIVER)
        if part.overlap_range_m2 is not None:
            low, high = min(low, part.overlap_range_m2[0]), max(high, part.overlap_range_m2[1])
            doubts.append(Doubt.ACCURACY)
    return Interval(low=low, high=high, doubts=tuple(doubts))


def _outside(part: Part, area_m2: float) -> Interval:
    low = high = part.outside_m2
    doubts = []
    if part.possible_m2 > part.overlap_m2:
        low = max(0.0, low - (part.possible_m2 - part.overlap_m2))
        doubts.append(Doubt.ATTRIBUTE)
    if 0.0 < part.outside_m2 < area_m2:
        if part.outside_sliver_m2 >= part.outside_m2 * ALL:
            low = 0.0
            doubts.append(Doubt.SLIVER)
        if part.overlap_range_m2 is not None:
            low = max(0.0, min(low, area_m2 - part.overlap_range_m2[1]))
            high = max(high, area_m2 - part.overlap_range_m2[0])
            doubts.append(Doubt.ACCURACY)
    return Interval(low=low, high=high, doubts=tuple(doubts))
