"""How numbers are printed: units, decimals, columns that add up, and real hits that never print as nothing.

Every rendering takes its numbers from here, from unrounded m², metres and shares. None prints as –.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

M2_PER_HA = 10_000.0
M2_PER_MU = 2000.0 / 3.0
DASH = "–"
_MOST_DECIMALS = 10  # of hectares: 1e-6 m², below which nothing is measured
_TIE = 1e-9  # of one printed unit: 0.15 and 0.25 are not stored exactly, but both round up


def hectares(m2: float | None) -> str:
    """公顷 with 4 decimals."""
    return printed(m2, scale=M2_PER_HA, decimals=4)


def hectares_at_limit(m2: float | None) -> str:
    """公顷 with 4 decimals, more where these would show a whole hectare, as limits are, that the value is not: 35.00001."""
    if m2 is None or m2 % M2_PER_HA == 0.0:
        return hectares(m2)
    for decimals in range(4, _MOST_DECIMALS + 1):
        units = nearest(m2, scale=M2_PER_HA, decimals=decimals)
        if units % 10**decimals:
            return units_text(units, decimals=decimals, real=True)
    return hectares(m2)


def mu(m2: float | None) -> str:
    """亩 with 2 decimals; 1 亩 is 2000/3 m²."""
    return printed(m2, scale=M2_PER_MU, decimals=2)


def square_metres(m2: float | None) -> str:
    """m² with 2 decimals."""
    return printed(m2, scale=1.0, decimals=2)


def metres(m: float | None) -> str:
    """Metres with 2 decimals."""
    return printed(m, scale=1.0, decimals=2)


def tenths(value: float | None) -> str:
    """Elevations in metres and slopes in degrees, with 1 decimal: no raster knows them better."""
    return printed(value, scale=1.0, decimals=1)


def percent(share: float | None) -> str:
    """A share between 0 and 1 as percent with 1 decimal, sign included."""
    text = printed(share, scale=0.01, decimals=1)
    return text if text == DASH else f"{text} %"


def signed_square_metres(m2: float | None) -> str:
    """A difference in m², with its sign: +26.32, −26.32; 0.00 where it rounds to nothing, for a difference is not a hit."""
    if m2 is None:
        return DASH
    units = nearest(m2, scale=1.0, decimals=2)
    return f"{'+' if units > 0 else ''}{units_text(units, decimals=2, real=False)}"


def count(n: int | None) -> str:
    """A whole number with thousands separators."""
    return DASH if n is None else f"{n:,}"


def printed(value: float | None, *, scale: float, decimals: int) -> str:
    """value / scale with fixed decimals, halves up; a real value too small for them prints as <0.01."""
    return DASH if value is None else units_text(nearest(value, scale=scale, decimals=decimals), decimals=decimals, real=value != 0)


def units_text(units: int, *, decimals: int, real: bool) -> str:
    """Whole last-place units as text: 955433 with 2 decimals is 9,554.33. `real`: the value behind them is not 0."""
    if units == 0 and real:
        return f"<{10.0**-decimals:.{decimals}f}"
    sign = "−" if units < 0 else ""
    whole, rest = divmod(abs(units), 10**decimals)
    return f"{sign}{whole:,}.{rest:0{decimals}d}" if decimals else f"{sign}{whole:,}"


def nearest(value: float, *, scale: float, decimals: int) -> int:
    """Last-place units nearest to value / scale, halves away from zero."""
    units = abs(value) / scale * 10**decimals
    return int(math.copysign(math.floor(units + 0.5 + _TIE), value))


def close(values: Sequence[float], *, scale: float, decimals: int) -> list[int]:
    """Last-place units of values that add up to the rounded total (largest remainder).

    Each is its value rounded down or up; those with the largest remainder go up.
    """
    exact = [v / scale * 10**decimals for v in values]
    units = [math.floor(e + _TIE) for e in exact]
    missing = nearest(math.fsum(values), scale=scale, decimals=decimals) - sum(units)
    order = sorted(range(len(values)), key=lambda i: (units[i] - exact[i], i))
    for i in order[: max(0, missing)]:
        units[i] += 1
    return units


def close_grid(columns: Sequence[Sequence[float]], *, scale: float, decimals: int) -> list[list[int]]:
    """Last-place units of columns of equal length: each adds up to its closed total, and each row to its own.

    Controlled rounding: every cell goes down or up. Units are dealt out by largest remainder and moved along a chain of
    cells where a row and a column cannot both be served at once; if even that fails, the columns win, by one unit.
    """
    exact = [[v / scale * 10**decimals for v in column] for column in columns]
    units = [[math.floor(e + _TIE) for e in column] for column in exact]
    need = _needs(columns, units, scale=scale, decimals=decimals)
    row_need = _needs(list(zip(*columns, strict=True)), list(zip(*units, strict=True)), scale=scale, decimals=decimals)
    by_remainder = [
        sorted((i for i, e in enumerate(column) if e - u[i] > _TIE), key=lambda i, column=column, u=u: (u[i] - column[i], i))  # type: ignore[misc]
        for column, u in zip(exact, units, strict=True)
    ]
    raised: list[set[int]] = [set() for _ in columns]
    for j, candidates in enumerate(by_remainder):
        for _ in range(need[j]):
            if not _raise_one(j, by_remainder, raised, row_need, set()):
                raised[j].add(next(i for i in candidates if i not in raised[j]))
    return [[u + (i in raised[j]) for i, u in enumerate(column)] for j, column in enumerate(units)]


def _needs(lines: Sequence[Sequence[float]], units: Sequence[Sequence[int]], *, scale: float, decimals: int) -> list[int]:
    """How many units each line still lacks to its total, where the totals themselves are closed to the grand total."""
    totals = close([math.fsum(line) for line in lines], scale=scale, decimals=decimals)
    return [total - sum(line) for total, line in zip(totals, units, strict=True)]


def _raise_one(j: int, candidates: list[list[int]], raised: list[set[int]], row_need: list[int], seen: set[int]) -> bool:
    """Raise one more cell of column j in a row that wants it, or take over a row whose column can go elsewhere."""
    free = [i for i in candidates[j] if i not in raised[j] and i not in seen]
    for i in free:
        if row_need[i] > 0:
            row_need[i] -= 1
            raised[j].add(i)
            return True
    for i in free:
        seen.add(i)
        for k in range(len(raised)):
            if i in raised[k] and _raise_one(k, candidates, raised, row_need, seen):
                raised[k].discard(i)
                raised[j].add(i)
                return True
    return False
