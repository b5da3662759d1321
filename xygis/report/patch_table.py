"""附表 压占图斑清单: every piece of overlap that a finding speaks of, with its size and its place."""

from __future__ import annotations

import shapely

from xygis.atlas.verdict import Verdict, worst
from xygis.check.assessment import Assessment, ParcelAssessment
from xygis.overlay.measure import Measure, Patch
from xygis.report.lines import BOUNDARY, zone_findings
from xygis.report.table import Cell, Column, Kind, Table
from xygis.report.wording import layer_titles, row_name

MOST_ROWS = 200


def conflicts(assessment: Assessment) -> list[tuple[ParcelAssessment, Measure, Patch, Verdict]]:
    """Pieces of the layers on which a finding worse than 提示 stands, in the order of parcels and findings."""
    survey = {r.layer.id for r in assessment.layers if r.layer.role == "survey"}  # land use has a table of its own
    found = []
    for parcel in assessment.parcels:
        for measure in sorted((m for m in parcel.measures if m.layer not in survey), key=lambda m: _verdict(parcel, m.layer).rank):
            by_zone = _zone_verdicts(parcel, measure)
            for piece in _whole_pieces(measure):
                verdict = _verdict(parcel, measure.layer)
                if measure.layer == BOUNDARY and not piece.sliver:
                    # inside the growth boundary only a zone can be in conflict; what lies outside has no piece
                    verdict = worst([v for id_ in piece.feature_ids if (v := by_zone.get(id_)) is not None])
                if verdict.rank < Verdict.NOTICE.rank:
                    found.append((parcel, measure, piece, verdict))
    return found


def patch_table(assessment: Assessment) -> Table:
    """The list, cut at MOST_ROWS with a word on where the rest stands."""
    titles = layer_titles(assessment)
    pieces = conflicts(assessment)
    body: list[tuple[Cell, ...]] = []
    for i, (parcel, measure, piece, verdict) in enumerate(pieces[:MOST_ROWS], start=1):
        x, y = centre(piece)
        ids = "、".join(piece.feature_ids[:2]) + ("等" if len(piece.feature_ids) > 2 else "")
        title = titles.get(measure.layer, measure.layer)
        body.append((str(i), row_name(parcel), title, ids, piece.area_m2, piece.mean_width_m, f"{x:.5f}, {y:.5f}", verdict))
    columns = (
        Column(key="n", title="序号"),
        Column(key="parcel", title="地块"),
        Column(key="layer", title="图层"),
        Column(key="feature", title="图斑标识码", kind=Kind.CODE),
        Column(key="m2", title="压占面积（m²）", kind=Kind.M2),
        Column(key="width", title="平均宽（m）", kind=Kind.METRES),
        Column(key="centre", title="中心点（°）", kind=Kind.FIGURE),
        Column(key="verdict", title="结论", kind=Kind.VERDICT),
    )
    rest = len(pieces) - len(body)
    notes = (f"另有 {rest} 个图斑，全部图斑见 conflicts.gpkg。",) if rest else ()
    return Table(title="压占图斑清单", columns=columns, rows=tuple(body), notes=notes)


def centre(piece: Patch) -> tuple[float, float]:
    """A point inside the piece, in degrees."""
    point = shapely.point_on_surface(piece.geometry)
    return float(point.x), float(point.y)


def _whole_pieces(measure: Measure) -> tuple[Patch, ...]:
    """Pieces of the whole layer; those of single selections only where there are no others, so that none counts twice."""
    whole = tuple(p for p in measure.pieces if not p.selection.where and p.selection.strip_m is None)
    return whole or measure.pieces


def _verdict(parcel: ParcelAssessment, layer: str) -> Verdict:
    return worst([f.verdict for f in parcel.findings if f.layer == layer])


def _zone_verdicts(parcel: ParcelAssessment, measure: Measure) -> dict[str, Verdict]:
    """Feature id → the worst word on the zone that it belongs to."""
    found = {zone: worst([f.verdict for f in fs]) for zone, fs in zone_findings(parcel, measure.layer).items() if fs}
    return {h.id: found[str(z)] for h in measure.features if (z := dict(h.attributes).get("zone")) is not None and str(z) in found}
