"""The fifth number beside the points of a boundary-point TXT: the length of an edge, which is compared, or a height, which is left."""

from __future__ import annotations

import numpy as np

from xygis.errors import Where
from xygis.geodesy.crs import is_geographic
from xygis.intake.boundary_rings import Ring
from xygis.intake.boundary_txt import Document
from xygis.intake.edge_lengths import DOUBT_M, compare_edges
from xygis.vector.crs_decision import CrsDecision
from xygis.vector.notes import Note


def stated_edges(
    document: Document, names: list[str], rings: list[tuple[Ring, ...]], decision: CrsDecision
) -> tuple[dict[int, tuple[str, ...]], list[Note]]:
    """(why the boundary of which block must be verified, notes)."""
    owned = [(k, ring) for k, own in enumerate(rings) for ring in own]
    given = [p for _, ring in owned for p in ring.points if p.extra is not None]
    if not given:
        return {}, []
    check = None
    if not is_geographic(decision.code):
        coords = [np.array([(p.second, p.first) for p in ring.points]) for _, ring in owned]
        check = compare_edges(coords, [np.array([np.nan if p.extra is None else p.extra for p in r.points[:-1]]) for _, r in owned])
    first = Where(file=document.file, line=given[0].line)
    if check is None:
        text = f"界址点行有第五项（高程），未使用{f'，共 {len(given)} 行' if len(given) > 1 else ''}"
        return {}, [Note(code="height_ignored", level="info", text=text, where=first)]
    agreed = check.compared - len(check.odd)
    notes = [Note(code="edges_compared", level="info", text=f"写明的边长 {check.compared} 条，与坐标反算相符 {agreed} 条", where=first)]
    doubtful: dict[int, tuple[str, ...]] = {}
    for edge in check.odd:
        k, ring = owned[edge.ring]
        p = ring.points[edge.point]
        said = f"点 {p.label} 处写明边长 {edge.stated_m:,.3f} 米，坐标反算为 {edge.computed_m:,.3f} 米"
        notes.append(Note(code="edge_length_off", level="warning", text=f"{names[k]} {said}", where=document.where(p.line)))
        if abs(edge.stated_m - edge.computed_m) > DOUBT_M:
            doubtful[k] = (*doubtful.get(k, ()), said)
    return doubtful, notes
