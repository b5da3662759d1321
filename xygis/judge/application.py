"""The whole application: totals over all parcels, and which act of approval goes to which level."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from xygis.atlas.law import Citation, Comparison, Instrument, Procedure, Total, counts_on
from xygis.atlas.verdict import DataState, LayerState
from xygis.judge.facts import Facts
from xygis.judge.judging import in_force
from xygis.judge.truth import Interval, compare, overlap
from xygis.numbers import M2_PER_HA, hectares_at_limit
from xygis.overlay.measure import Measure

UNDETERMINED_LEVEL = "无法判定"
_NOISE_M2, _NOISE_SHARE = 1e-6, 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One act of approval for the whole application."""

    act: str
    level: str  # 国务院 | 省 | 市 | 县 | 无法判定
    reason: str
    counted_m2: float | None
    margin_ha: float | None  # to the nearest threshold that would move it up a level
    documents: tuple[str, ...]
    basis: tuple[Citation, ...]
    phase: str = ""  # 选址前期 | 用地报批 | 开工前
    order: int = 0  # place on the way to a permit
    authority: str = ""  # who decides, where the level alone does not say it


def totals_of(totals: Sequence[Total], parcels: Sequence[tuple[float, Sequence[Measure]]]) -> dict[str, Interval | None]:
    """Each total as a range over (area, measures) of every parcel; None where a layer could not answer."""
    out: dict[str, Interval | None] = {}
    for total in totals:
        out[total.name] = _total(total, parcels, out)
    return out


def _total(total: Total, parcels: Sequence[tuple[float, Sequence[Measure]]], earlier: Mapping[str, Interval | None]) -> Interval | None:
    lows, highs = [], []
    for area_m2, measures in parcels:
        if total.selection is None:
            lows.append(area_m2)
            highs.append(area_m2)
            continue
        measure = next((m for m in measures if m.layer == total.selection.layer), None)
        if measure is None or measure.state is LayerState.NO_DATA or measure.data is not DataState.READY or measure.unmapped_m2 > 0.0:
            return None
        part = measure.part(total.selection)
        assert part is not None
        range_m2 = overlap(part)
        unknown_m2 = max(0.0, part.possible_m2 - part.overlap_m2)
        lows.append(range_m2.low + (unknown_m2 if total.unknown_counts else 0.0))
        highs.append(max(range_m2.high, part.possible_m2))
    low, high = math.fsum(lows), math.fsum(highs)
    noise = _NOISE_M2 + _NOISE_SHARE * high  # two layers that cover the same land never measure alike to the last digit
    for name in total.minus:
        other = earlier[name]
        if other is None:
            return None
        low, high = low - other.high, high - other.low
    if total.minus:
        low, high = (0.0 if value < noise else value for value in (low, high))
    return Interval(low=low, high=high)


def acts_of(
    procedures: Sequence[Procedure],
    totals: Mapping[str, Interval | None],
    exact: Mapping[str, float | None],
    facts: Facts,
    instruments: Sequence[Instrument],
    on: date,
) -> tuple[Act, ...]:
    """The acts that the application needs, in the order of the way to a permit.

    Of each act the first procedure that holds decides; `exact` are measured totals.
    """
    live = [p for p in procedures if counts_on(p, on)]
    out = []
    for act in dict.fromkeys(p.act for p in live):
        chosen = _decide([p for p in live if p.act == act], totals, exact, facts, instruments, on)
        if chosen is not None:
            out.append(chosen)
    return tuple(sorted(out, key=lambda act: act.order))


def _decide(
    candidates: Sequence[Procedure],
    totals: Mapping[str, Interval | None],
    exact: Mapping[str, float | None],
    facts: Facts,
    instruments: Sequence[Instrument],
    on: date,
) -> Act | None:
    rooms: list[tuple[str, float]] = []  # (level that a threshold leads to, hectares to it)
    for procedure in candidates:
        applies, open_facts = facts.holds(procedure.applies_to)
        if applies is False:
            continue
        holds, doubtful = _when(procedure, totals)
        counted = next((exact[c.fact] for c in procedure.when if c.fact in exact), exact.get("total_m2"))
        if holds is False:
            rooms += [(procedure.level, room) for c in procedure.when if (room := _room_ha(c, exact)) is not None]
            continue
        if holds is None or applies is None:
            reason = f"{procedure.reason}（{'；'.join((*doubtful, *(f'{name}待定' for name in _titles(facts, open_facts))))}）"
            level = UNDETERMINED_LEVEL
            rooms += [(procedure.level, room) for c in procedure.when if (room := _room_ha(c, exact, signed=True)) is not None]
            nearest_ha = min((room for _, room in rooms), default=None)
        else:
            reason, level = procedure.reason, procedure.level
            nearest_ha = min((room for to, room in rooms if to != level), default=None)  # another way to the same level is no limit
        return Act(
            act=procedure.act,
            level=level,
            reason=reason,
            counted_m2=counted,
            margin_ha=nearest_ha,
            documents=procedure.documents,
            basis=in_force(procedure.basis, instruments, on),
            phase=procedure.phase,
            order=procedure.order,
            authority=procedure.authority,
        )
    return None


def _titles(facts: Facts, names: Sequence[str]) -> list[str]:
    return [known.fact.title if (known := facts.get(name)) else name for name in names]


def _room_ha(comparison: Comparison, exact: Mapping[str, float | None], *, signed: bool = False) -> float | None:
    """How far below a threshold the application stays; None where there is none, or another condition decided.

    signed: also how far above it, as a negative number (hectares).
    """
    value = exact.get(comparison.fact)
    if value is None or comparison.operator != ">" or comparison.value <= 0.0 or not (signed or comparison.value >= value):
        return None
    return (comparison.value - value) / M2_PER_HA


def _when(procedure: Procedure, totals: Mapping[str, Interval | None]) -> tuple[bool | None, tuple[str, ...]]:
    result, doubtful = True, []
    for comparison in procedure.when:
        total = totals.get(comparison.fact)
        holds = None if total is None else compare(comparison, total).holds
        if holds is False:
            return False, ()
        if holds is None:
            result = False
            doubtful.append(_doubt(comparison, total))
    return (True if result else None), tuple(dict.fromkeys(doubtful))


def _doubt(comparison: Comparison, total: Interval | None) -> str:
    """Why a comparison stays open: no data, a threshold within the range, or whether there is any such land at all."""
    if total is None:
        return "缺少图层，面积待定"
    if comparison.value <= 0.0:
        return "是否涉及待定"
    low, high, limit = (hectares_at_limit(m2) for m2 in (total.low, total.high, comparison.value))
    return f"临界：计入面积在 {low} 至 {high} 公顷之间，限额 {limit} 公顷"
