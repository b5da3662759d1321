"""One row for each control line or zone that the report lists: its area in every parcel, its state, and the findings on it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from xygis.atlas.attributes import matches
from xygis.atlas.verdict import LayerState, Verdict, worst
from xygis.check.assessment import Assessment, ParcelAssessment
from xygis.judge.finding import Finding
from xygis.overlay.measure import Measure
from xygis.report.table import Cell
from xygis.report.totals import PARTLY_NO_DATA, combined_state

FARMLAND, RED_LINE, BOUNDARY = "permanent_basic_farmland", "ecological_red_line", "urban_growth_boundary"
THREE_LINES = (FARMLAND, RED_LINE, BOUNDARY)
NO_DATA = LayerState.NO_DATA.label
FEWEST_ROWS = 8
UNZONED = "分区未注明"
_LISTED_ROLES = ("control", "layout")
_SPOKEN_ROLES = ("plan",)  # listed where a finding speaks of them; land use and counties have tables of their own


@dataclass(frozen=True, slots=True, kw_only=True)
class LineRow:
    """`areas_m2`: one per parcel; None where the parcel is not concerned, the word 无数据 where nobody knows."""

    layer: str
    title: str
    states: tuple[LayerState, ...]  # one per parcel
    areas_m2: tuple[float | str | None, ...]
    findings: tuple[Finding, ...]  # worst first
    verdict: Verdict | None  # None: no rule speaks of it, or not of it alone
    zone: bool  # a part of the layer in the row above
    parcels: tuple[str, ...]  # ids, in step with areas_m2

    @property
    def state(self) -> LayerState:
        return combined_state(self.states)[0]

    @property
    def state_cell(self) -> Cell:
        """The state, or the word for a mixed one."""
        state, partial = combined_state(self.states)
        return PARTLY_NO_DATA if partial and state == LayerState.NO_DATA else state

    @property
    def total_m2(self) -> float | str | None:
        """Sum over the parcels; the word 无数据 where no parcel has a number and one lacks data."""
        if self.state == LayerState.CONCERNED:
            return math.fsum(a for a in self.areas_m2 if isinstance(a, float))
        return NO_DATA if self.state == LayerState.NO_DATA else None


def line_rows(assessment: Assessment) -> tuple[LineRow, ...]:
    """The three lines first, with their zones; then every other layer that is concerned, without data or spoken of, worst first."""
    parcels = assessment.parcels
    records = {r.layer.id: r.layer for r in assessment.layers}
    first = [row for id_ in THREE_LINES if id_ in records for row in layer_rows(assessment, id_, records[id_].title)]
    others = []
    for id_, layer in records.items():
        if id_ in THREE_LINES or layer.role not in _LISTED_ROLES + _SPOKEN_ROLES:
            continue
        (row,) = layer_rows(assessment, id_, layer.title)
        spoken = row.verdict is not None and row.verdict != Verdict.COMPLIANT
        if spoken or (layer.role in _LISTED_ROLES and row.state != LayerState.CLEAR):
            others.append(_named(row, parcels) if layer.role == "layout" else row)
    listed = [*first, *sorted(others, key=lambda r: r.verdict.rank if r.verdict is not None else len(Verdict))]
    for role in ("layout", "control"):  # where the page has room, say of the next layers that they are not concerned
        quiet = [r for r in records.values() if r.role == role and all(row.layer != r.id for row in listed)]
        room = max(0, FEWEST_ROWS - len(listed))
        listed += [_row(r.id, r.title, parcels, [_overlap(_measure(p, r.id)) for p in parcels], []) for r in quiet[:room]]
    return tuple(listed)


def layer_rows(assessment: Assessment, id_: str, title: str) -> list[LineRow]:
    """The row of one layer, of the three lines with their zones below it."""
    parcels = assessment.parcels
    if id_ in THREE_LINES:
        return _line_with_zones(id_, title, parcels)
    return [_row(id_, title, parcels, [_overlap(_measure(p, id_)) for p in parcels], _findings(parcels, id_))]


def parcel_lines(assessment: Assessment, parcel: ParcelAssessment) -> tuple[LineRow, ...]:
    """The three lines of one parcel, without zones."""
    titles = {r.layer.id: r.layer.title for r in assessment.layers}
    return tuple(_line_with_zones(id_, titles[id_], (parcel,))[0] for id_ in THREE_LINES if id_ in titles)


def zones(measure: Measure | None) -> dict[str, float]:
    """Zone → overlap in m², as the features name it."""
    found: dict[str, list[float]] = {}
    for hit in measure.features if measure is not None else ():
        values = dict(hit.attributes)
        if "zone" in values and hit.overlap_m2 > 0:
            found.setdefault(UNZONED if values["zone"] is None else str(values["zone"]), []).append(hit.overlap_m2)
    return {zone: math.fsum(areas) for zone, areas in found.items()}


def zone_findings(parcel: ParcelAssessment, layer: str) -> dict[str, tuple[Finding, ...]]:
    """Zone → findings that speak of that zone alone."""
    measure = _measure(parcel, layer)
    found = [f for f in parcel.findings if f.layer == layer]
    return {zone: tuple(f for f in found if _speaks_of_zone(f, zone, area, measure)) for zone, area in zones(measure).items()}


def spoken_m2(parcel: ParcelAssessment, finding: Finding) -> float:
    """The area that a finding speaks of: its overlap, or of the growth boundary as a whole what lies outside it."""
    measure = _measure(parcel, finding.layer)
    if finding.layer == BOUNDARY and measure is not None and measure.outside_m2:
        of_zones = zone_findings(parcel, BOUNDARY).values()
        if not any(f is finding for findings in of_zones for f in findings):
            return measure.outside_m2
    return finding.overlap_m2 or 0.0


def _speaks_of_zone(finding: Finding, zone: str, area_m2: float, measure: Measure | None) -> bool:
    """By what its rule selected; where that is not known, by the area, unless the whole layer has the same."""
    if finding.selection is not None:
        patterns = dict(finding.selection.where).get("zone")
        return patterns is not None and bool(matches(zone, patterns))
    whole = measure.overlap_m2 if measure is not None and measure.outside_m2 else None
    return _same(finding.overlap_m2, area_m2) and not _same(whole, area_m2)


def _line_with_zones(id_: str, title: str, parcels: Sequence[ParcelAssessment]) -> list[LineRow]:
    """The line itself (of the growth boundary, what lies outside it), then its zones."""
    of_zone: dict[str, list[Finding]] = {}
    areas: dict[str, list[float | str | None]] = {}
    for i, parcel in enumerate(parcels):
        found = zone_findings(parcel, id_)
        for zone, area in zones(_measure(parcel, id_)).items():
            areas.setdefault(zone, [NO_DATA if _no_data(p, id_) else None for p in parcels])[i] = area
            of_zone.setdefault(zone, []).extend(found[zone])
    rest = [f for f in _findings(parcels, id_) if not any(f is g for found in of_zone.values() for g in found)]
    if id_ == BOUNDARY:
        rows = [_row(id_, f"{title}以外", parcels, [_outside(_measure(p, id_)) for p in parcels], rest)]
    else:
        rows = [_row(id_, title, parcels, [_overlap(_measure(p, id_)) for p in parcels], _findings(parcels, id_))]
    doubtful = any(f.selection is None and f.verdict != Verdict.COMPLIANT and not _same_as_outside(f, parcels) for f in rest)
    for zone, values in areas.items():
        label = zone if not zone.isdigit() else f"{title} {zone}"
        row = _row(
            id_,
            f"{'界内' if id_ == BOUNDARY else '其中'}：{label}",
            parcels,
            values,
            of_zone[zone],
            settled=id_ == BOUNDARY and not doubtful,
            zone=True,
        )
        rows.append(row)
    return rows


def _row(
    id_: str,
    title: str,
    parcels: Sequence[ParcelAssessment],
    areas: Sequence[float | str | None],
    findings: Sequence[Finding],
    *,
    settled: bool = False,
    zone: bool = False,
) -> LineRow:
    """settled: that no finding speaks of it means that it complies, although it is concerned."""
    states = tuple(LayerState.NO_DATA if a == NO_DATA else LayerState.CLEAR if a is None else LayerState.CONCERNED for a in areas)
    if findings:
        verdict: Verdict | None = worst([f.verdict for f in findings])
    else:
        verdict = Verdict.COMPLIANT if settled or set(states) == {LayerState.CLEAR} else None
    return LineRow(
        layer=id_,
        title=title,
        states=states,
        areas_m2=tuple(areas),
        findings=tuple(sorted(findings, key=lambda f: f.verdict.rank)),
        verdict=verdict,
        zone=zone,
        parcels=tuple(p.id for p in parcels),
    )


def _named(row: LineRow, parcels: Sequence[ParcelAssessment]) -> LineRow:
    """一心四城（东津）: the layer with the names of its parts, where they are few."""
    from dataclasses import replace

    names = dict.fromkeys(
        str(name)
        for parcel in parcels
        for hit in getattr(_measure(parcel, row.layer), "features", ())
        if (name := dict(hit.attributes).get("name"))
    )
    return replace(row, title=f"{row.title}（{'、'.join(names)}）") if 0 < len(names) <= 2 and len("".join(names)) <= 12 else row


def _measure(parcel: ParcelAssessment, layer: str) -> Measure | None:
    return next((m for m in parcel.measures if m.layer == layer), None)


def _no_data(parcel: ParcelAssessment, layer: str) -> bool:
    measure = _measure(parcel, layer)
    return measure is None or measure.state == LayerState.NO_DATA


def _overlap(measure: Measure | None) -> float | str | None:
    if measure is None or measure.state == LayerState.NO_DATA:
        return NO_DATA
    return measure.overlap_m2 or None


def _outside(measure: Measure | None) -> float | str | None:
    if measure is None or measure.state == LayerState.NO_DATA:
        return NO_DATA
    return measure.outside_m2 or None


def _findings(parcels: Sequence[ParcelAssessment], layer: str) -> list[Finding]:
    return [f for p in parcels for f in p.findings if f.layer == layer]


def _same(a: float | None, b: float | None) -> bool:
    return a is not None and b is not None and a > 0 and math.isclose(a, b, rel_tol=1e-6)


def _same_as_outside(finding: Finding, parcels: Sequence[ParcelAssessment]) -> bool:
    return any(_same(finding.overlap_m2, m.outside_m2) for p in parcels if (m := _measure(p, finding.layer)) is not None)
