"""Figures of a check for the report: all its parcels, or one parcel with what one finding speaks of. Inline SVG."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import numpy as np
import shapely

from xygis.atlas.atlas import Atlas
from xygis.cartography.conflict import Conflict, find_conflicts
from xygis.cartography.frame import Frame, frame_around
from xygis.cartography.legend import LegendItem, legend_items
from xygis.cartography.lettering import Label
from xygis.cartography.panels import parcel_panels
from xygis.cartography.scene import Drawn, Scene, parcel_scene
from xygis.cartography.svg import n, text_width
from xygis.cartography.svg_map import svg_map
from xygis.cartography.words import area_text
from xygis.check.assessment import Assessment, ParcelAssessment


def parcel_figure(assessment: Assessment, atlas: Atlas, width_px: float = 760, height_px: float = 490) -> str:
    """All parcels on the layers around them, numbered, with their verdicts; a panel each where they lie far apart.

    Empty where no parcel could be read.
    """
    title = "送审地块与管控图层的位置关系"
    panels = parcel_panels(assessment, atlas, width_px, height_px)
    prefix = figure_prefix(assessment, "all")
    if not panels:
        return ""
    if len(panels) == 1:
        return svg_map(panels[0].scene, prefix=prefix, title=title)
    parts = []
    for i, panel in enumerate(panels):
        frame = panel.scene.frame
        inner = svg_map(
            panel.scene,
            prefix=f"{prefix}{i}",
            title=panel.caption,
            size=11.5,
            grid=not panel.locator,
            caption=panel.caption,
            locator=panel.locator,
        )
        place = f'x="{n(panel.x)}" y="{n(panel.y)}" width="{n(frame.width)}" height="{n(frame.height)}"'
        edge = f'<rect {place} fill="none" stroke="#1a2027" stroke-width="1"/>'
        parts.append(inner.replace('<svg class="map"', f"<svg {place}", 1) + edge)
    return (
        f'<svg class="map" viewBox="0 0 {n(width_px)} {n(height_px)}" xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{title}">'
        f"{''.join(parts)}</svg>"
    )


def parcel_legend(assessment: Assessment, atlas: Atlas, width_px: float = 760, height_px: float = 490) -> tuple[LegendItem, ...]:
    """The legend of `parcel_figure` of the same size."""
    panels = parcel_panels(assessment, atlas, width_px, height_px)
    return legend_items(*(panel.scene for panel in panels)) if panels else ()


def finding_figure(
    assessment: Assessment, parcel: ParcelAssessment, layer_id: str, atlas: Atlas, width_px: float = 300, height_px: float = 280
) -> str:
    """One parcel and one layer, close up, with the area of what overlaps.

    A small conflict on a large parcel is shown close up as well: the frame follows the conflict.
    """
    whole = frame_around([parcel.geometry], width_px, height_px, widen=1.5, least_m=120)
    outline = whole.metres(np.array([parcel.geometry], dtype=object))[0]
    pieces = [c.geometry for c in find_conflicts(parcel, outline, atlas, whole, assessment.checked_on) if c.layer == layer_id]
    frame = _closer(whole, pieces) if pieces else whole
    scene = parcel_scene(assessment, (parcel,), atlas, frame, asked=(layer_id,), gaps_of=layer_id)
    scene = _only_of(uncovered(scene, layer_id), layer_id)
    title = f"{parcel.name}与{atlas.layer(layer_id).title}"
    prefix = figure_prefix(assessment, f"{parcel.id}/{layer_id}")
    return svg_map(scene, prefix=prefix, title=title, pills=False, size=11.5, grid=False, extra=_areas(scene))


def _closer(whole: Frame, pieces: list[shapely.Geometry]) -> Frame:
    """Around the conflict, with a good part of the parcel; never wider than the parcel's own frame."""
    degrees = whole.degrees(np.array(pieces, dtype=object))
    most = whole.east_m - whole.west_m
    least = min(max(60.0, 0.35 * most), most)
    return frame_around(list(degrees), whole.width, whole.height, widen=3.0, least_m=least, most_m=max(most, whole.north_m - whole.south_m))


def uncovered(scene: Scene, layer_id: str) -> Scene:
    """The same scene without the areas that would lie over a quiet layer."""
    own = [d.style.order for d in scene.drawn if d.layer.id == layer_id and d.style.quiet]
    if not own:
        return scene

    def stays(one: Drawn) -> bool:
        bare = one.style.fill is None and one.style.pattern is None
        return one.layer.id == layer_id or one.layer.geometry == "line" or bare or one.style.order < min(own)

    return replace(scene, drawn=tuple(one for one in scene.drawn if stays(one)))


def _only_of(scene: Scene, layer_id: str) -> Scene:
    """The same scene with the conflicts of one layer."""
    return replace(scene, conflicts=tuple(c for c in scene.conflicts if c.layer == layer_id))


def _areas(scene: Scene) -> tuple[tuple[Label, ...], ...]:
    """Area of each of the largest pieces, with the spots where it may stand: at its middle or next to it."""
    out: list[tuple[Label, ...]] = []
    for conflict in sorted((c for c in scene.conflicts if c.area_m2 is not None), key=lambda c: -(c.area_m2 or 0))[:3]:
        shape = scene.frame.page(np.array([conflict.geometry], dtype=object))[0]
        style = scene.styles[
            "sliver" if conflict.sliver else "conflict" if conflict.severe else f"verdict/{conflict.finding.verdict.value}"
        ]
        if style.text is None:
            style = replace(style, text=style.line)
        words = f"{_word(conflict)} {area_text(conflict.area_m2 or 0.0)}"
        middle = shapely.point_on_surface(shape)
        west, north, east, south = shapely.bounds(shape)
        roomy = not conflict.sliver and east - west > text_width(words, 12) + 8 and south - north > 26
        spots = [(middle.x, middle.y)] if roomy else []
        spots += [(middle.x, south + 16), (middle.x, north - 16), (east + 66, middle.y), (west - 66, middle.y), (middle.x, middle.y)]
        out.append(tuple(Label(text=words, x=x, y=y, size=12, turn_deg=0, style=style) for x, y in spots))
    for title, shape in scene.gaps:
        inner = shapely.point_on_surface(scene.frame.page(np.array([shape], dtype=object))[0])
        words = f"{title}：无数据"
        out.append(
            tuple(Label(text=words, x=inner.x, y=inner.y + dy, size=12, turn_deg=0, style=scene.styles["no_data"]) for dy in (20, -20, 40))
        )
    return tuple(out)


def _word(conflict: Conflict) -> str:
    if conflict.outside:
        return "范围外"
    return "重叠" if conflict.sliver else "压占" if conflict.severe else "涉及"


def figure_prefix(assessment: Assessment, what: str) -> str:
    """Unique on a page: which check, which figure."""
    seed = "|".join((assessment.atlas_fingerprint, *(p.name for p in assessment.parcels), what))
    return "m" + hashlib.sha256(seed.encode()).hexdigest()[:8]
