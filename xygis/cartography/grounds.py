"""`Ground`: one piece of conflicting ground of a parcel with every finding that speaks of it. One sheet is drawn for each."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from xygis.atlas.atlas import Atlas
from xygis.atlas.verdict import Verdict
from xygis.cartography.conflict import Conflict, conflicts_by_finding
from xygis.cartography.frame import Frame, frame_around
from xygis.cartography.panels import zone_of
from xygis.check.assessment import Assessment, ParcelAssessment
from xygis.judge.finding import Finding

# Two findings speak of the same ground where its borders agree to this: one layer follows the other, or what lies outside
# one is what lies inside the next. Each finding still prints its own area.
_SAME_WIDTH_M, _SAME_REACH_M = 0.03, 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """conflicts: its pieces, in metres of `crs`; area_m2: their measured area, None where it was not measured."""

    parcel: ParcelAssessment
    findings: tuple[Finding, ...]  # worst first
    areas_m2: tuple[float | None, ...]  # of each finding, as measured
    conflicts: tuple[Conflict, ...]
    crs: str

    @property
    def verdict(self) -> Verdict:
        return self.findings[0].verdict

    @property
    def area_m2(self) -> float | None:
        return self.areas_m2[0]

    @property
    def sliver(self) -> bool:
        return all(c.sliver for c in self.conflicts)

    @property
    def bodies(self) -> tuple[shapely.Geometry, ...]:
        """The pieces as polygons."""
        return tuple(c.geometry if c.body is None else c.body for c in self.conflicts)

    @property
    def layers(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(f.layer for f in self.findings))


def grounds(assessment: Assessment, atlas: Atlas) -> tuple[Ground, ...]:
    """Every ground of a check, the worst and largest first."""
    out: list[Ground] = []
    for parcel in assessment.parcels:
        frame = frame_around([parcel.geometry], 100, 100, crs=zone_of(parcel))
        outline = frame.metres(np.array([parcel.geometry], dtype=object))[0]
        found = [(f, c) for f, c in conflicts_by_finding(parcel, outline, atlas, frame, assessment.checked_on) if c]
        out += _grouped(parcel, found, frame)
    return tuple(sorted(out, key=lambda g: (g.verdict.rank, -(g.area_m2 or 0.0))))


def _grouped(parcel: ParcelAssessment, found: Sequence[tuple[Finding, list[Conflict]]], frame: Frame) -> list[Ground]:
    groups: list[tuple[shapely.Geometry, list[tuple[Finding, list[Conflict]]]]] = []
    for finding, conflicts in found:
        whole = shapely.union_all(np.array([c.geometry if c.body is None else c.body for c in conflicts], dtype=object))
        mates = next((mates for ground, mates in groups if _same(ground, whole)), None)
        if mates is None:
            groups.append((whole, [(finding, conflicts)]))
        else:
            mates.append((finding, conflicts))
    return [
        Ground(
            parcel=parcel,
            findings=tuple(f for f, _ in mates),
            areas_m2=tuple(_area(parcel, f, c) for f, c in mates),
            conflicts=tuple(mates[0][1]),
            crs=frame.crs,
        )
        for _, mates in groups
    ]


def _area(parcel: ParcelAssessment, finding: Finding, conflicts: Sequence[Conflict]) -> float | None:
    """What was measured: the pieces added up; of what lies outside, the measure's own figure."""
    if any(c.outside for c in conflicts):
        return next((m.outside_m2 for m in parcel.measures if m.layer == finding.layer), None)
    known = [c.area_m2 for c in conflicts if c.area_m2 is not None]
    return math.fsum(known) if len(known) == len(conflicts) else finding.overlap_m2


def _same(a: shapely.Geometry, b: shapely.Geometry) -> bool:
    if a.is_empty or b.is_empty:
        return False
    differ = shapely.symmetric_difference(a, b).area
    if differ > 1e-3 * max(a.area, b.area) + _SAME_WIDTH_M * max(a.length, b.length) / 2:
        return False
    return bool(shapely.hausdorff_distance(a, b) <= _SAME_REACH_M)
