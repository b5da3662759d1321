"""Amounts that may be known only between two ends, or not at all: by county and in sum, and what share or difference two of them make."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A number between its ends; both are the same where it is known."""

    least: float
    greatest: float


NOTHING = "没有可作分母的面积"  # there is nothing of which it could be a share

Known = Span | str  # a text says why nothing is known


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """One entry per county, the last outside all, and the total."""

    by_county: tuple[Known, ...]
    total: Known


def exactly(value: float) -> Span:
    return Span(least=value, greatest=value)


def summed(by_county: Sequence[Known]) -> Amount:
    """The total is the sum of the counties; where one is not known, the total is not either, for the same reasons."""
    reasons = list(dict.fromkeys(k for k in by_county if isinstance(k, str)))
    if reasons:
        return Amount(by_county=tuple(by_county), total="；".join(reasons))
    spans = [k for k in by_county if isinstance(k, Span)]
    total = Span(least=math.fsum(s.least for s in spans), greatest=math.fsum(s.greatest for s in spans))
    return Amount(by_county=tuple(by_county), total=total)


def unknown(reason: str, counties: int) -> Amount:
    return Amount(by_county=(reason,) * counties, total=reason)


def share(a: Amount, b: Amount) -> Amount:
    """a ÷ b, the total from the totals, not from the shares of the counties."""
    return _combined(a, b, _quotient)


def difference(a: Amount, b: Amount) -> Amount:
    """a − b."""
    return _combined(a, b, lambda x, y: Span(least=x.least - y.greatest, greatest=x.greatest - y.least))


def _combined(a: Amount, b: Amount, of: Callable[[Span, Span], Known]) -> Amount:
    pairs = zip(a.by_county, b.by_county, strict=True)
    return Amount(by_county=tuple(_both(x, y, of) for x, y in pairs), total=_both(a.total, b.total, of))


def _both(x: Known, y: Known, of: Callable[[Span, Span], Known]) -> Known:
    if isinstance(x, str) or isinstance(y, str):
        return "；".join(dict.fromkeys(k for k in (x, y) if isinstance(k, str)))
    return of(x, y)


def _quotient(x: Span, y: Span) -> Known:
    if y.least <= 0.0:
        return NOTHING if y.greatest <= 0.0 else "分母可能为零"
    return Span(least=x.least / y.greatest, greatest=x.greatest / y.least)
