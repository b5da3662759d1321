"""What the parcels of one application add up to, layer by layer. Adds; measures and judges nothing."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from xygis.atlas.verdict import LayerState, Verdict, worst
from xygis.check.assessment import Assessment
from xygis.overlay.measure import Measure

DEDUCTION = "deduction"  # our field: the share of a feature that ridges take (KCXS)
PARTLY_NO_DATA = "部分无数据"


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaTotals:
    """Sums over all parcels, in m²; None where a parcel lacks the figure."""

    ellipsoidal_m2: float
    planar_m2: float | None
    declared_m2: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerTotals:
    """One layer over all parcels. Numbers are None where no parcel has data that would count."""

    layer: str
    title: str
    state: LayerState
    partial: bool  # some parcels have data and others have none
    overlap_m2: float | None
    outside_m2: float | None
    share: float | None  # of the area of all parcels
    verdict: Verdict | None  # None: no rule spoke
    deducted_m2: float | None = None  # of the overlap, what features deduct for ridges (扣除系数); None: no feature states a factor


def area_totals(assessment: Assessment) -> AreaTotals:
    """The three areas of the whole application."""
    return AreaTotals(
        ellipsoidal_m2=math.fsum(p.ellipsoidal_m2 for p in assessment.parcels),
        planar_m2=_sum([p.planar_m2 for p in assessment.parcels]),
        declared_m2=_sum([p.declared_m2 for p in assessment.parcels]),
    )


def layer_totals(assessment: Assessment) -> tuple[LayerTotals, ...]:
    """One entry for each layer of the atlas that any parcel was measured against, in the order of the atlas."""
    total_m2 = math.fsum(p.ellipsoidal_m2 for p in assessment.parcels)
    verdicts: dict[str, list[Verdict]] = {}
    measures: dict[str, list[Measure]] = {}
    for parcel in assessment.parcels:
        for measure in parcel.measures:
            measures.setdefault(measure.layer, []).append(measure)
        for finding in parcel.findings:
            verdicts.setdefault(finding.layer, []).append(finding.verdict)
    titles = {r.layer.id: r.layer.title for r in assessment.layers}
    order = [id_ for id_ in titles if id_ in measures] + [id_ for id_ in measures if id_ not in titles]
    return tuple(_layer(id_, titles.get(id_, id_), measures[id_], verdicts.get(id_, []), total_m2) for id_ in order)


def combined_state(states: Iterable[LayerState]) -> tuple[LayerState, bool]:
    """The state of several parcels together, and whether only some of them have data."""
    found = set(states)
    partial = LayerState.NO_DATA in found and len(found) > 1
    if LayerState.CONCERNED in found:
        return LayerState.CONCERNED, partial
    return (LayerState.NO_DATA if LayerState.NO_DATA in found else LayerState.CLEAR), partial


def _layer(id_: str, title: str, measures: Sequence[Measure], verdicts: list[Verdict], total_m2: float) -> LayerTotals:
    state, partial = combined_state(m.state for m in measures)
    known = [m for m in measures if m.state != LayerState.NO_DATA]
    counted = state != LayerState.NO_DATA
    overlap = math.fsum(m.overlap_m2 or 0.0 for m in known) if counted else None
    outside = math.fsum(m.outside_m2 or 0.0 for m in known) if counted else None
    verdict = worst(verdicts) if verdicts else (Verdict.COMPLIANT if state == LayerState.CLEAR else None)
    deducted = [m2 for m in known if (m2 := _deducted_m2(m)) is not None]
    return LayerTotals(
        layer=id_,
        title=title,
        state=state,
        partial=partial,
        overlap_m2=overlap,
        outside_m2=outside,
        share=min(1.0, overlap / total_m2) if overlap is not None and total_m2 > 0 else None,
        verdict=verdict,
        deducted_m2=min(math.fsum(deducted), overlap) if deducted and overlap is not None else None,
    )


def _deducted_m2(measure: Measure) -> float | None:
    """Overlap × factor over the features that state one (PITFALLS P33); a text or a factor that is none deducts nothing."""
    parts = []
    for hit in measure.features:
        stated = dict(hit.attributes).get(DEDUCTION)
        try:
            factor = float(stated) if stated is not None else math.nan
        except ValueError:
            continue
        if 0.0 <= factor < 1.0:
            parts.append(hit.overlap_m2 * factor)
    return math.fsum(parts) if parts else None


def _sum(values: Sequence[float | None]) -> float | None:
    known = [v for v in values if v is not None]
    return math.fsum(known) if known and len(known) == len(values) else None
