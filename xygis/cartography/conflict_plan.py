"""The sheet of one piece of conflicting ground: points, lengths, areas, coordinates, and every finding that speaks of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import shapely

from xygis.atlas.atlas import Atlas
from xygis.atlas.style import Style
from xygis.atlas.verdict import Verdict
from xygis.cartography.conclusion import area_lines, ground_word
from xygis.cartography.corners import boundary_corners, ground_corners
from xygis.cartography.figure import uncovered
from xygis.cartography.frame import Frame, at_round_scale, frame_around
from xygis.cartography.grounds import Ground
from xygis.cartography.legend import LegendItem, legend_items
from xygis.cartography.panels import Panel
from xygis.cartography.paper import lay_out, upright
from xygis.cartography.plan import Inset, Plan
from xygis.cartography.scene import Scene, marked, parcel_scene
from xygis.cartography.sheet_words import data_lines, short
from xygis.cartography.svg import swatch
from xygis.check.assessment import Assessment

_FILLS = 0.52  # of the map's width or height that the ground takes up
_PARCEL_TIMES = 5.0  # a parcel up to so many times as long as its ground is shown whole
_LEAST_M = 8.0


def conflict_plan(assessment: Assessment, atlas: Atlas, ground: Ground, paper: str, number: int, count: int) -> Plan:
    """number, count: which of the conflict sheets it is."""
    parcel = ground.parcel
    bounds = shapely.total_bounds(np.array(ground.bodies, dtype=object))
    layout = lay_out(paper, portrait=upright(bounds[2] - bounds[0], bounds[3] - bounds[1]), conflict=True)
    frame, whole = _frame(ground, layout.map[2], layout.map[3])
    outline = frame.metres(np.array([parcel.geometry], dtype=object))[0]
    styles = {style.id: style for style in atlas.styles}
    loud = [name for name in ground.layers if name in styles and not styles[name].quiet]
    asked = () if loud else ground.layers[:1]
    around = {style.id.split("/")[0] for style in atlas.styles if style.base} | {x.id for x in atlas.layers if x.role == "reference"}
    shown = {*ground.layers, *around} if loud else {*asked, *around}
    scene = parcel_scene(assessment, (parcel,), atlas, frame, asked=asked, only=shown)
    scene = uncovered(scene, asked[0]) if asked else scene
    scene = replace(scene, conflicts=ground.conflicts, unread=())
    boundary = boundary_corners(assessment, parcel, outline)
    titles = [atlas.layer(name).title for name in ground.layers]
    numbered = f"（{number}/{count}）" if count > 1 else ""
    words = f"{titles[0]}等 {len(titles)} 个图层" if len(titles) > 1 else titles[0]
    first = area_lines(ground)[0].split("，")[0]
    plan = Plan(
        title=f"{short(parcel.name)}　冲突图斑图{numbered}　{words}",
        caption=f"{short(parcel.name)}冲突图斑图：{words}，{ground.verdict.label}，{first}",
        date=assessment.checked_on.isoformat(),
        atlas_name=assessment.atlas_name,
        fingerprint=assessment.atlas_fingerprint,
        layout=layout,
        panels=(Panel(x=0, y=0, scene=scene, caption=""),),
        legend=_legend(scene, ground, styles),
        data=data_lines((scene,), ground.layers),
        ground=ground,
        corners=ground_corners(ground.bodies, boundary),
        boundary=boundary,
    )
    return plan if whole else replace(plan, inset=_parcel_inset(plan, scene, assessment))


def ground_style(ground: Ground, styles: dict[str, Style]) -> Style:
    """How the ground is filled: a hatch of its own for each verdict."""
    if ground.sliver:
        return styles["sliver"]
    if ground.verdict is Verdict.PROHIBITED:
        return styles["conflict"]
    style = styles[f"verdict/{ground.verdict.value}"]
    return replace(style, opacity=0.35, width_pt=1.35, pattern_colour=style.pattern_colour or style.line)


def _legend(scene: Scene, ground: Ground, styles: dict[str, Style]) -> tuple[LegendItem, ...]:
    items = [item for item in legend_items(scene) if item.style.id not in ("conflict", "sliver")]
    style = ground_style(ground, styles)
    label = ground_word(ground) if ground.sliver else f"{ground_word(ground)}（{ground.verdict.label}）"
    mine = LegendItem(group="mark", label=label, style=style, line=ground.sliver, swatch=swatch(style, line=ground.sliver))
    corner = replace(mine, label="界址点、拐点", style=replace(style, id="corner", line="#111111"), line=False, point=True)
    at = 1 if items and items[0].style.id == "parcel" else 0
    return (*items[:at], mine, corner, *items[at:])


def _frame(ground: Ground, width: float, height: float) -> tuple[Frame, bool]:
    """(frame at a round scale, whether it shows the whole parcel)."""
    zone = frame_around([ground.parcel.geometry], width, height, crs=ground.crs)
    outline = zone.metres(np.array([ground.parcel.geometry], dtype=object))[0]
    of_ground = _box(ground.bodies)
    of_parcel = _box([outline])
    near = max(of_parcel[2] - of_parcel[0], of_parcel[3] - of_parcel[1]) <= _PARCEL_TIMES * max(
        of_ground[2] - of_ground[0], of_ground[3] - of_ground[1]
    )
    west, south, east, north = _joined(of_ground, of_parcel) if near else of_ground
    fills = 0.8 if near else _FILLS
    metres_per_px = max((east - west) / width, (north - south) / height) / fills
    metres_per_px = max(metres_per_px, _LEAST_M / min(width, height))
    half_x, half_y = width * metres_per_px / 2, height * metres_per_px / 2
    x, y = (west + east) / 2, (south + north) / 2
    frame = replace(zone, west_m=x - half_x, east_m=x + half_x, south_m=y - half_y, north_m=y + half_y)
    return at_round_scale(frame), near


def _box(shapes: Sequence[shapely.Geometry]) -> tuple[float, float, float, float]:
    west, south, east, north = (float(v) for v in shapely.total_bounds(np.array(shapes, dtype=object)))
    return west, south, east, north


def _joined(a: tuple[float, ...], b: tuple[float, ...]) -> tuple[float, float, float, float]:
    return min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3])


def _parcel_inset(plan: Plan, scene: Scene, assessment: Assessment) -> Inset:
    """The whole parcel with the sheet's extent in it."""
    assert plan.ground is not None
    slot = plan.layout.slots["side" if "side" in plan.layout.slots else "c1"]
    small = frame_around(
        [plan.ground.parcel.geometry], slot.right - slot.x, 130 * plan.layout.k, widen=1.15, least_m=10, crs=plan.ground.crs
    )
    bare = replace(scene, frame=small, drawn=(), conflicts=(), gaps=(), parcels=marked((plan.ground.parcel,), small), demo=False)
    return Inset(title="本图在地块中的位置", scene=bare, box=shapely.box(*scene.frame.box()))
