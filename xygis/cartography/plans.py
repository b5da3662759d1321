"""Which sheets a check gets: where it lies, the themes of maps/sheets.toml, and one for each piece of conflicting ground."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import shapely

from xygis.atlas.atlas import COUNTIES, Atlas
from xygis.atlas.sheets import SheetEntry, read_sheets
from xygis.atlas.verdict import LayerState
from xygis.cartography.conflict import find_conflicts
from xygis.cartography.conflict_plan import conflict_plan
from xygis.cartography.frame import Frame, at_round_scale, frame_around
from xygis.cartography.grounds import grounds
from xygis.cartography.ink import cut
from xygis.cartography.legend import legend_items
from xygis.cartography.panels import MOST_PANELS, Panel, joint_frame, parcel_panels, scattered, zone_of
from xygis.cartography.paper import Layout, lay_out, upright
from xygis.cartography.plan import Inset, Plan, Register
from xygis.cartography.scene import Scene, atlas_scene, city, draw_layers, marked
from xygis.cartography.sheet_words import check_name, data_lines, missing_words, short
from xygis.check.assessment import Assessment, ParcelAssessment
from xygis.numbers import hectares

MOST_CONFLICTS = 12
_PLACE_M = 12_000.0  # least side of a map of where parcels lie
_PANEL_GAP = 10.0


def assessment_plans(assessment: Assessment, atlas: Atlas, paper: str = "A4") -> tuple[Plan, ...]:
    """The sheets of a check in their order; none where no parcel could be read. Raises UsageError for a paper that is not known."""
    if not assessment.parcels:
        lay_out(paper)
        return ()
    plans = [_theme(assessment, atlas, entry, paper) for entry in read_sheets(atlas) if entry.check_title is not None]
    found = grounds(assessment, atlas)
    shown = found[:MOST_CONFLICTS]
    plans += [conflict_plan(assessment, atlas, g, paper, i, len(shown)) for i, g in enumerate(shown, start=1)]
    if len(shown) < len(found):
        note = f"冲突部分共 {len(found)} 处，图册绘结论最重的 {len(shown)} 处，其余 {len(found) - len(shown)} 处见 conflicts.gpkg。"
        plans = [replace(plan, notes=(*plan.notes, note)) if i == 0 or plan.ground else plan for i, plan in enumerate(plans)]
    return tuple(replace(plan, number=f"第 {i} 幅，共 {len(plans)} 幅") for i, plan in enumerate(plans, start=1))


def overview_plan(assessment: Assessment, atlas: Atlas, paper: str = "A4") -> Plan:
    """The one sheet of map.png: the parcels on every layer around them that is not quiet."""
    layout = lay_out(paper)
    panels = parcel_panels(assessment, atlas, layout.map[2], layout.map[3], gap=_PANEL_GAP, round_scale=True)
    return _plan(assessment, atlas, layout, panels, "位置图")


def _theme(assessment: Assessment, atlas: Atlas, entry: SheetEntry, paper: str) -> Plan:
    if entry.place:
        return _place(assessment, atlas, entry, paper)
    layout = lay_out(paper, portrait=_upright(assessment))
    width, height = layout.map[2:]
    notes = missing_words(entry)
    shown = assessment
    if len(assessment.parcels) >= MOST_PANELS and scattered(assessment, width, height):
        worst = sorted(assessment.parcels, key=lambda p: p.verdict.rank)[: MOST_PANELS - 1]
        shown = replace(assessment, parcels=tuple(p for p in assessment.parcels if p in worst))
        rest = len(assessment.parcels) - len(worst)
        notes = (*notes, f"地块分散，本图绘结论最重的 {len(worst)} 个；其余 {rest} 个见 map.html。")

    def view(parcels: Sequence[ParcelAssessment], frame: Frame) -> Scene:
        return _theme_scene(assessment, parcels, atlas, frame, entry)

    panels = parcel_panels(shown, atlas, width, height, gap=_PANEL_GAP, round_scale=True, view=view)
    plan = _plan(assessment, atlas, layout, panels, entry.check_title or "", notes)
    return plan if len(panels) > 1 else replace(plan, inset=city_inset(atlas, panels[0].scene.frame, layout))


def _place(assessment: Assessment, atlas: Atlas, entry: SheetEntry, paper: str) -> Plan:
    """The parcels among counties, rivers and roads; as numbered dots where they are small or far apart."""
    layout = lay_out(paper, portrait=False)
    width, height = layout.map[2:]
    frame = joint_frame(assessment, width, height)
    around = city(atlas)
    west, south, east, north = frame.box()
    wide = max((east - west) * 1.5, _PLACE_M * width / height)
    whole = frame_around([around], width, height, widen=1.06) if around is not None else None
    if whole is not None and wide > (whole.east_m - whole.west_m) * 0.5:
        frame = whole
    else:
        x, y, half = (west + east) / 2, (south + north) / 2, wide / 2
        tall = half * height / width
        frame = replace(frame, west_m=x - half, east_m=x + half, south_m=y - tall, north_m=y + tall)
    scene = _theme_scene(assessment, assessment.parcels, atlas, at_round_scale(frame), entry)
    panel = Panel(x=0, y=0, scene=replace(scene, conflicts=()), caption="")
    plan = _plan(assessment, atlas, layout, (panel,), entry.check_title or "", missing_words(entry))
    rows = sorted(assessment.parcels, key=lambda p: p.verdict.rank)
    register = Register(
        title="送审地块",
        head=("编号", "名称", "公顷", "结论"),
        rows=tuple((p.id, cut(short(p.name), 10.5, 84.0), hectares(p.ellipsoidal_m2), f"{p.verdict.mark} {p.verdict.label}") for p in rows),
        shares=(0.5, 1.45, 0.9, 1.25),
    )
    dots = tuple(replace(i, label="送审地块（编号）", point=True) if i.style.id == "parcel" else i for i in plan.legend)
    return replace(plan, inset=city_inset(atlas, panel.scene.frame, layout), locator=True, register=register, legend=dots)


def _plan(assessment: Assessment, atlas: Atlas, layout: Layout, panels: Sequence[Panel], title: str, notes: tuple[str, ...] = ()) -> Plan:
    scenes = [panel.scene for panel in panels]
    name = check_name(assessment)
    return Plan(
        title=f"{name}　{title}",
        caption=f"{name}{title}",
        date=assessment.checked_on.isoformat(),
        atlas_name=assessment.atlas_name,
        fingerprint=assessment.atlas_fingerprint,
        layout=layout,
        panels=tuple(panels),
        legend=legend_items(*scenes),
        data=data_lines(scenes),
        notes=notes + _unread(scenes),
    )


def _unread(scenes: Sequence[Scene]) -> tuple[str, ...]:
    titles = dict.fromkeys(title for scene in scenes for title in scene.unread)
    return (f"无数据，图上不显示：{'、'.join(titles)}。",) if titles else ()


def _theme_scene(assessment: Assessment, parcels: Sequence[ParcelAssessment], atlas: Atlas, frame: Frame, entry: SheetEntry) -> Scene:
    """The parcels on the layers of one theme and its context."""
    styles = {style.id: style for style in atlas.styles}
    hits = {m.layer for p in parcels for m in p.measures if m.state == LayerState.CONCERNED}
    outlines = frame.metres(np.array([p.geometry for p in parcels], dtype=object))
    only = {*entry.layers, *entry.context}
    drawn, unread = draw_layers(atlas, frame, styles, asked=entry.layers, only=only, hits=hits, outlines=outlines)
    found = [
        c
        for p, g in zip(parcels, outlines, strict=True)
        for c in find_conflicts(p, g, atlas, frame, assessment.checked_on)
        if c.layer in entry.layers
    ]
    return Scene(
        frame=frame,
        styles=styles,
        drawn=drawn,
        parcels=marked(parcels, frame),
        conflicts=tuple(found),
        gaps=(),
        unread=unread,
        demo=assessment.demo,
    )


def _upright(assessment: Assessment) -> bool:
    """Whether the parcels stand better on a portrait sheet; scattered ones are shown in panels, landscape."""
    if len(assessment.parcels) > 1:
        return False
    frame = frame_around([assessment.parcels[0].geometry], 100, 100, crs=zone_of(assessment.parcels[0]))
    west, south, east, north = shapely.bounds(frame.metres(np.array([assessment.parcels[0].geometry], dtype=object))[0])
    return upright(east - west, north - south)


def city_inset(atlas: Atlas, frame: Frame, layout: Layout) -> Inset | None:
    """The counties with the sheet's extent; None where it shows most of the city itself."""
    around = city(atlas)
    if around is None or all(layer.id != COUNTIES for layer in atlas.layers):
        return None
    slot = layout.slots["side" if "side" in layout.slots else "c1"]
    small = frame_around([around], slot.right - slot.x, 150 * layout.k, widen=1.06)
    if (frame.east_m - frame.west_m) > 0.5 * (small.east_m - small.west_m):
        return None
    corners = frame.degrees(np.array([shapely.box(*frame.box())], dtype=object))
    scene = atlas_scene(atlas, small, (COUNTIES,))
    return Inset(title="本图位置", scene=replace(scene, demo=False), box=small.metres(corners)[0])
