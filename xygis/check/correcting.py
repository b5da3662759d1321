"""Applies the corrections of a project file to one parcel: measured and judged by both values (PITFALLS P42)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from xygis.atlas.verdict import LayerState, worst
from xygis.check.layers import OpenLayer
from xygis.check.overrides import LAYER, STATEMENT, Corrected, Override
from xygis.judge.finding import Finding, worst_first
from xygis.judge.judging import Bench
from xygis.judge.truth import Interval
from xygis.overlay.measure import Measure
from xygis.overlay.prepared import Correction

EMPTY = "（空）"  # shown where the layer says nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrections:
    """What the corrections make of one parcel. measures: with those that are confirmed; stated: with all of them."""

    measures: tuple[Measure, ...]
    stated: tuple[Measure, ...]
    findings: tuple[Finding, ...]  # worst first
    records: tuple[Corrected, ...]


def with_corrections(
    overrides: Sequence[Override],
    opened: Sequence[OpenLayer],
    measure: Callable[[OpenLayer], Measure],
    bench: Bench,
    parcel: tuple[str, str, float, Sequence[str]],
) -> Corrections:
    """parcel: its id, name, area in m² and what is doubtful about its boundary. measure: the parcel against one layer."""
    number, name, area_m2, doubtful = parcel
    by_layer = tuple(measure(o) for o in opened)

    def measured(some: Sequence[Override]) -> tuple[Measure, ...]:
        touched = {o.layer for o in some}
        return tuple(measure(taken(o, some)) if o.layer.id in touched else m for o, m in zip(opened, by_layer, strict=True))

    def judged(measures: Sequence[Measure]) -> tuple[Finding, ...]:
        return bench.judge(name, area_m2, measures, doubtful)

    confirmed = [o for o in overrides if o.confirmed]
    sure = measured(confirmed)
    stated = measured(overrides)
    findings = judged(sure)
    claimed = [o for o in overrides if not o.confirmed]
    deciding = list(confirmed)
    if claimed:
        added = _made_worse(findings, judged(stated), claimed)
        by_itself = [o for o in claimed if _made_worse(findings, judged(measured([*confirmed, o])), [o])]
        deciding += _counted(claimed, by_itself, {f.layer for f in added})
        findings = worst_first((*findings, *added))
    now = worst([f.verdict for f in judged(by_layer)])
    records = []
    for override in overrides:
        of_layer = next(m for m in by_layer if m.layer == override.layer)
        told = _recorded(of_layer, override)
        if told:
            whose = STATEMENT if override in deciding else LAYER
            then = worst([f.verdict for f in judged(measured([override]))])
            records.append(Corrected(parcel=number, override=override, recorded=told, by_layer=now, by_statement=then, decides=whose))
    return Corrections(measures=sure, stated=stated, findings=findings, records=tuple(records))


def at_most_either(by_layer: Mapping[str, Interval | None], stated: Mapping[str, Interval | None]) -> dict[str, Interval | None]:
    """Totals while a correction is not confirmed: as by the layer, up to what the stated values would add."""
    out: dict[str, Interval | None] = {}
    for name, one in by_layer.items():
        other = stated[name]
        if one is None or other is None:
            out[name] = None
        else:
            out[name] = Interval(low=one.low, high=max(one.high, other.high), doubts=one.doubts)
    return out


def taken(opened: OpenLayer, overrides: Sequence[Override]) -> OpenLayer:
    """The layer with the stated values in place of its own."""
    if opened.prepared is None:
        return opened
    mine = [o for o in overrides if o.layer == opened.layer.id]
    corrections = tuple(_correction(o) for o in mine)
    return replace(opened, prepared=replace(opened.prepared, corrections=corrections))


def _correction(override: Override) -> Correction:
    return Correction(field=override.field, value=override.value, instead_of=override.instead_of)


def _recorded(measure: Measure, override: Override) -> tuple[tuple[str, float], ...]:
    """What the layer says of the parcel where the correction says otherwise: (value, overlap m²), the largest first."""
    if measure.state is not LayerState.CONCERNED:
        return ()
    concerned = _correction(override)
    found: dict[str, float] = {}
    for hit in measure.features:
        value = dict(hit.attributes).get(override.field)
        if value is not None and str(value) == override.value:
            continue
        if concerned.concerns(value):
            shown = EMPTY if value is None else str(value)
            found[shown] = found.get(shown, 0.0) + hit.overlap_m2
    return tuple(sorted(found.items(), key=lambda item: -item[1]))


def _counted(claimed: Sequence[Override], by_itself: Sequence[Override], layers: set[str]) -> list[Override]:
    """The unconfirmed corrections behind the findings that were added: those that make it worse alone, else all of the layer together."""
    alone = {o.layer for o in by_itself}
    return [o for o in claimed if o.layer in layers and (o in by_itself or o.layer not in alone)]


def _made_worse(by_layer: Sequence[Finding], stated: Sequence[Finding], claimed: Sequence[Override]) -> tuple[Finding, ...]:
    """What unconfirmed corrections add: findings by the stated values that are worse than every one by the layer's own."""
    out = []
    for finding in stated:
        mine = [o for o in claimed if o.layer == finding.layer]
        known = [f for f in by_layer if f.layer == finding.layer]
        if mine and all(finding.verdict.rank < f.verdict.rank or finding.worst.rank < f.worst.rank for f in known):
            said = "；".join(f"{o.field} 为“{o.value}”" for o in mine)
            out.append(replace(finding, text=f"按申请人申报的更正（{said}，未经确认）：{finding.text}"))
    return tuple(out)
