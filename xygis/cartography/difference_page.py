"""The map page of a consistency run: difference patches on the control lines and rivers of the city."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely

from xygis.atlas.atlas import Atlas
from xygis.atlas.verdict import Verdict
from xygis.cartography.leaflet_page import map_page
from xygis.cartography.page_data import Json, packed, page_data, verdict_mark
from xygis.cartography.patch_page import fitting, ground_layers, patch_ground
from xygis.cartography.scene import Scene
from xygis.cartography.words import area_text
from xygis.consistency.result import Consistency, DifferencePatch
from xygis.overlay.ground import FeatureRef

_TOLERANCE_DEG = 0.00003  # 3 m: patches are looked for on this map, measured in the GeoPackage
_SLIVERS_FROM = 12.5  # zoom; hundreds of thick broken lines would hide a whole city
_NOTES = (
    "差异图斑：红色交叉线为禁止类，其余用虚线框，颜色随结论。放大后可见疑似边界误差（紫色断线）。点图斑看两侧图层、面积和编号。",
    "图斑边线按 3 m 概括，面积按原图形计算。",
)


def render_difference_page(consistency: Consistency, atlas: Atlas) -> tuple[str, str] | None:
    """(page, what it shows and what it leaves out), worst and largest patches first; None where there is nothing to show.

    To embed: `<iframe srcdoc sandbox="allow-scripts">`.
    """
    scene = patch_ground(atlas) if consistency.patches else None
    if scene is None:
        return None
    shown = _shown(consistency, scene)
    left = len(consistency.patches) - len(shown)
    total = (
        f"图斑 {len(shown):,} 个，其中 D1—D10 差异图斑 {sum(p.difference is not None for p in consistency.patches):,} 个，其余为包含关系"
    )
    note = total + (f"，另有较小的 {left:,} 个未画，全部见 consistency.gpkg" if left else "，全部画出")
    data = page_data(scene) | {"conflicts": shown, "conflictTitle": "差异图斑", "sliversFrom": _SLIVERS_FROM}
    sub = f"基准日 {consistency.checked_on.isoformat()}，{note}"
    return map_page(scene, data, atlas, title="多规合一差异图斑", sub=sub, notes=_NOTES, layers=ground_layers(scene)), note


def _shown(consistency: Consistency, scene: Scene) -> list[Json]:
    """As many patches as the page can carry, worst and largest first."""
    kinds = {d.type: d.title for d in consistency.differences}
    titles = {r.layer.id: r.layer.title for r in consistency.layers}
    order = sorted(consistency.patches, key=lambda p: (p.sliver, p.verdict.rank, -p.area_m2, p.id))
    return fitting(scene, ((p.area_m2, _conflict(p, i, kinds, titles, scene)) for i, p in enumerate(order)))


def _conflict(patch: DifferencePatch, rank: int, kinds: dict[str, str], titles: dict[str, str], scene: Scene) -> Json:
    simple = shapely.simplify(patch.geometry, _TOLERANCE_DEG)
    shape = simple if not shapely.is_empty(simple) else patch.geometry
    at = shapely.point_on_surface(patch.geometry)
    a, b = titles.get(patch.a, patch.a), titles.get(patch.b, patch.b)
    sides = f"甲：{a}{_named(patch.a_features)}；乙：{b}{_named(patch.b_features)}"
    return {
        "title": f"{patch.difference} {kinds[patch.difference]}" if patch.difference in kinds else f"{a}与{b}",
        "text": f"{sides}。规则 {patch.rule}，图斑 {patch.id}。",
        "id": patch.id,
        "rank": rank,
        "place": patch.county_name,
        **verdict_mark(patch.verdict),
        "colour": scene.styles[f"verdict/{patch.verdict.value}"].line,
        "area": area_text(patch.area_m2),
        "sliver": patch.sliver,
        "severe": patch.verdict is Verdict.PROHIBITED and not patch.sliver,
        "ring": False,  # hundreds of rings would hide the patches
        "at": [round(float(at.y), 6), round(float(at.x), 6)],
        "g": packed(_visible(shape), 5),
    }


def _visible(shape: shapely.Geometry) -> shapely.Geometry:
    """A sliver is drawn as the line along its edge, because its area is too thin for any screen."""
    west, south, east, north = shapely.bounds(shape)
    if east - west < 1e-5 and north - south < 1e-5:
        return shapely.LineString(np.array([[west, south], [east + 1e-5, north + 1e-5]]))
    return shape


def _named(features: Sequence[FeatureRef]) -> str:
    words = dict.fromkeys(w for f in features if (w := " ".join(x for x in (f.zone, f.class_, f.name) if x)))
    shown = "、".join(list(words)[:3]) + ("等" if len(words) > 3 else "")
    return f"（{shown}）" if shown else ""
