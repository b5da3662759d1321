"""Whether a rule's conditions hold, in three values: yes, no, or it depends, and on what."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum

from xygis.atlas.law import Comparison
from xygis.overlay.measure import Part

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


def compare(comparison: Comparison, fact: Interval) -> Truth:
    """One comparison over a range."""
    test = _OPERATORS[comparison.operator]
    low, high = test(fact.low, comparison.value), test(fact.high, comparison.value)
    if comparison.operator == "=" and not (fact.low <= comparison.value <= fact.high):
        return Truth(holds=False)
    if low == high and (comparison.operator != "=" or fact.low == fact.high):
        return Truth(holds=low)
    return Truth(holds=None, doubts=fact.doubts)


def compare_all(comparisons: Sequence[Comparison], part: Part, area_m2: float) -> Truth:
    """All comparisons of a rule over the part it selected."""
    truths = [compare(c, interval(c.fact, part, area_m2)) for c in comparisons]
    if any(t.holds is False for t in truths):
        return Truth(holds=False)
    if all(t.holds for t in truths):
        return Truth(holds=True)
    return Truth(holds=None, doubts=tuple(dict.fromkeys(d for t in truths for d in t.doubts)))


def interval(fact: str, part: Part, area_m2: float) -> Interval:
    """The range of one fact of a part: unknown attributes, slivers and border accuracy widen it.

    A border that merely passes within its accuracy opens nothing: coordinates decide whether land is touched at all.
    """
    match fact:
        case "overlap_m2":
            return _overlap(part)
        case "overlap_share":
            whole = _overlap(part)
            return Interval(low=whole.low / area_m2, high=whole.high / area_m2, doubts=whole.doubts)
        case "outside_m2":
            return _outside(part, area_m2)
        case "distance_m":
            distance = math.inf if part.distance_m is None else part.distance_m
            return Interval(low=distance, high=distance)
        case "patches":
            return Interval(low=part.patches, high=part.patches)
    raise KeyError(fact)


def _overlap(part: Part) -> Interval:
    low = high = part.overlap_m2
    doubts = []
    if part.possible_m2 > high:
        high = part.possible_m2
        doubts.append(Doubt.ATTRIBUTE)
    if part.overlap_m2 > 0.0:
        if part.sliver_m2 >= part.overlap_m2:
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
        if part.outside_sliver_m2 >= part.outside_m2:
            low = 0.0
            doubts.append(Doubt.SLIVER)
        if part.overlap_range_m2 is not None:
            low = max(0.0, min(low, area_m2 - part.overlap_range_m2[1]))
            high = max(high, area_m2 - part.overlap_range_m2[0])
            doubts.append(Doubt.ACCURACY)
    return Interval(low=low, high=high, doubts=tuple(doubts))
