"""The map page of a batch of patches: where they lie, on the control lines and rivers of the city."""

from __future__ import annotations

import shapely

from xygis.atlas.atlas import Atlas
from xygis.atlas.suspect_law import SuspectVerdict
from xygis.atlas.verdict import Verdict
from xygis.cartography.leaflet_page import map_page
from xygis.cartography.page_data import Json, packed, page_data, verdict_mark
from xygis.cartography.patch_page import fitting, ground_layers, patch_ground
from xygis.cartography.scene import Scene
from xygis.cartography.words import area_text
from xygis.suspects.result import PatchResult, Suspects

_RINGED = 30
LIKE = {
    SuspectVerdict.SUSPECTED: Verdict.PROHIBITED,
    SuspectVerdict.VERIFY: Verdict.UNDETERMINED,
    SuspectVerdict.LEGAL: Verdict.COMPLIANT,
}  # drawn like
_NOTES = ("红色交叉线为疑似违法，紫色虚线框为待核，绿色虚线框为合法。圆圈为最先处置的图斑。点图斑看理由、面积和处置次序。",)


def render_suspects_page(result: Suspects, atlas: Atlas) -> tuple[str, str] | None:
    """(page, what it shows); None where there is nothing to show. To embed: `<iframe srcdoc sandbox="allow-scripts">`."""
    scene = patch_ground(atlas) if result.patches else None
    if scene is None:
        return None
    order = (*result.worked, *(p for p in result.patches if p.priority is None))
    shown = fitting(scene, ((p.area_m2, _conflict(p, i, scene)) for i, p in enumerate(order)))
    left = len(result.patches) - len(shown)
    note = f"图斑 {len(shown):,} 个" + (f"，另有排在后面的 {left:,} 个未画，全部见 suspects.gpkg" if left else "，全部画出")
    data = page_data(scene) | {"conflicts": shown, "conflictTitle": "疑似图斑", "ringsAlways": True}
    sub = f"基准日 {result.checked_on.isoformat()}，{note}"
    return map_page(scene, data, atlas, title="控违拆违图斑", sub=sub, notes=_NOTES, layers=ground_layers(scene)), note


def _conflict(patch: PatchResult, rank: int, scene: Scene) -> Json:
    at = shapely.point_on_surface(patch.geometry)
    order = f"第 {patch.priority} 个处置。" if patch.priority else ""
    return {
        "title": f"{patch.label} {patch.judgement.reasons[0].title}",
        "text": f"{order}{''.join(r.text for r in patch.judgement.reasons)}",
        "id": patch.label,
        "rank": rank,
        "place": patch.county_name,
        **verdict_mark(LIKE[patch.verdict]),
        "verdict": patch.verdict.label,
        "colour": scene.styles[f"verdict/{LIKE[patch.verdict].value}"].line,
        "area": area_text(patch.area_m2),
        "sliver": False,
        "severe": patch.verdict is SuspectVerdict.SUSPECTED,
        "ring": patch.priority is not None and patch.priority <= _RINGED,  # those to go to first are seen from afar
        "at": [round(float(at.y), 6), round(float(at.x), 6)],
        "g": packed(patch.geometry, 6),
    }
