"""Which parts of a parcel stand in conflict: the geometry of an overlap with the finding that it led to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import shapely

from xygis.atlas.atlas import Atlas
from xygis.atlas.law import Rule, counts_on
from xygis.atlas.verdict import Verdict
from xygis.cartography.frame import Frame
from xygis.check.assessment import ParcelAssessment
from xygis.judge.finding import Finding, worst_first
from xygis.overlay.measure import Measure, Patch


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """A piece that a finding speaks of. A sliver is too thin to see: its geometry is the line along it."""

    parcel: str  # id of the parcel
    layer: str
    finding: Finding
    geometry: shapely.Geometry  # metres; line where `sliver`
    area_m2: float | None  # of this piece, as measured; None where the piece is only a drawing
    sliver: bool
    outside: bool = False  # what lies outside the layer, where the law wants it inside
    body: shapely.Geometry | None = None  # metres; of a sliver the polygon itself, else None: the geometry is it

    @property
    def severe(self) -> bool:
        """Prohibited, or possibly so: cross-hatched on every map."""
        return self.finding.worst == Verdict.PROHIBITED


def find_conflicts(parcel: ParcelAssessment, outline: shapely.Geometry, atlas: Atlas, frame: Frame, on: date) -> list[Conflict]:
    """Pieces behind the findings of a parcel, each once, under the worst finding. outline: the parcel in metres; on: day of the check."""
    out: list[Conflict] = []
    seen: set[tuple[str, bytes]] = set()
    for finding, pieces in conflicts_by_finding(parcel, outline, atlas, frame, on):
        for conflict in pieces:
            key = (finding.layer, shapely.to_wkb(conflict.geometry))
            if key not in seen:
                seen.add(key)
                out.append(conflict)
    return out


def conflicts_by_finding(
    parcel: ParcelAssessment, outline: shapely.Geometry, atlas: Atlas, frame: Frame, on: date
) -> list[tuple[Finding, list[Conflict]]]:
    """(finding, its pieces) of everything worse than a notice, worst first; without pieces where nothing can be drawn."""
    out = []
    for finding in worst_first(parcel.findings):
        measure = next((m for m in parcel.measures if m.layer == finding.layer), None)
        if measure is not None and finding.verdict.rank <= Verdict.JUSTIFICATION.rank:
            out.append((finding, _pieces(parcel.id, finding, measure, outline, _rule(atlas, finding.rule, on), frame)))
    return out


def _rule(atlas: Atlas, code: str, on: date) -> Rule | None:
    """The version of a rule that counts on a day."""
    return next((r for r in atlas.rules if r.code == code and counts_on(r, on)), None)


def _pieces(parcel: str, finding: Finding, measure: Measure, outline: shapely.Geometry, rule: Rule | None, frame: Frame) -> list[Conflict]:
    pieces: Sequence[Patch] = measure.pieces
    if rule is not None:
        chosen = tuple(p for p in pieces if p.selection == rule.selection)
        if any(c.fact == "outside_m2" for c in rule.when):
            return _outside(parcel, finding, measure, outline, chosen, frame)
        pieces = chosen if chosen or not finding.overlap_m2 else pieces
    if not pieces or (rule is not None and not any(c.fact.startswith(("overlap", "patches")) for c in rule.when)):
        return []
    shapes = frame.metres(np.array([p.geometry for p in pieces], dtype=object))
    return [
        Conflict(
            parcel=parcel,
            layer=finding.layer,
            finding=finding,
            geometry=spine(shape) if piece.sliver else shape,
            area_m2=piece.area_m2,
            sliver=piece.sliver,
            body=shape if piece.sliver else None,
        )
        for piece, shape in zip(pieces, shapes, strict=True)
    ]


def _outside(
    parcel: str, finding: Finding, measure: Measure, outline: shapely.Geometry, inside: Sequence[Patch], frame: Frame
) -> list[Conflict]:
    """What of the parcel lies outside the layer; drawn only, its area is the measure's."""
    shapes = frame.metres(np.array([p.geometry for p in inside], dtype=object)) if inside else np.array([], dtype=object)
    rest = shapely.difference(outline, shapely.union_all(shapely.buffer(shapes, 0.01))) if len(shapes) else outline
    parts = [part for part in shapely.get_parts(rest) if part.area > 0.05]
    area = measure.outside_m2 if len(parts) == 1 else None
    return [
        Conflict(parcel=parcel, layer=finding.layer, finding=finding, geometry=part, area_m2=area, sliver=False, outside=True)
        for part in parts
    ]


def spine(shape: shapely.Geometry) -> shapely.LineString:
    """One long side of a thin polygon, as the line that stands for it on a map."""
    ring = shapely.get_coordinates(shapely.get_exterior_ring(shape))[:-1]
    centred = ring - ring.mean(axis=0)
    axis = np.linalg.svd(centred, full_matrices=False)[2][0]
    along = centred @ axis
    start, end = int(along.argmin()), int(along.argmax())
    if start == end:
        return shapely.LineString(np.vstack([ring[0], ring[0]]))
    low, high = min(start, end), max(start, end)
    return shapely.LineString(ring[low : high + 1])
