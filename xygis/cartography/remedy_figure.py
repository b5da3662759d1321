"""Before and after: a parcel as it was submitted, what a cut leaves of it, and where a shift would put it. Inline SVG."""

from __future__ import annotations

import numpy as np
import shapely

from xygis.atlas.atlas import Atlas
from xygis.atlas.style import Style
from xygis.atlas.verdict import Verdict
from xygis.cartography.figure import figure_prefix
from xygis.cartography.frame import Frame, frame_around
from xygis.cartography.lettering import Label
from xygis.cartography.scene import Scene, parcel_scene
from xygis.cartography.svg import PX_PER_PT, n, path
from xygis.cartography.svg_map import svg_map
from xygis.cartography.words import area_text
from xygis.check.assessment import Assessment, ParcelAssessment
from xygis.check.remedies import Changed, Cut, Shift

_WIDE_PT = 2.2
_DASH = "8 4"  # of a place that the parcel does not have yet
_HEAD_PX = 9.0
_LEAST_ARROW_PX = 14.0


def remedy_figure(assessment: Assessment, parcel: ParcelAssessment, atlas: Atlas, width_px: float = 760, height_px: float = 340) -> str:
    """ "" where the parcel has neither a cut nor a shift. Outlines have the colour of the verdict after; a shift is dashed."""
    found = parcel.remedies
    cut = None if found is None else found.shown_cut
    shift = None if found is None else found.shift
    if cut is None and shift is None:
        return ""
    shapes = [parcel.geometry, *([shift.changed.degrees] if shift is not None else [])]
    frame = frame_around(shapes, width_px, height_px, widen=1.5, least_m=120)
    severe = tuple(dict.fromkeys(f.layer for f in parcel.findings if f.verdict is Verdict.PROHIBITED))
    asked = severe or (cut.layers if cut is not None else ())
    scene = parcel_scene(assessment, (parcel,), atlas, frame, asked=tuple(layer for layer in asked if layer))
    over, labels = [], []
    if cut is not None:
        over.append(_area(cut.changed, scene, dash=""))
        labels.append(_cut_label(cut, scene))
    if shift is not None:
        over += [_area(shift.changed, scene, dash=_DASH), _arrow(parcel, shift, scene)]
        labels.append(_shift_label(shift, scene))
    return svg_map(
        scene,
        prefix=figure_prefix(assessment, f"{parcel.id}/remedy"),
        title=f"{parcel.name}的调整建议：调整前后的界址",
        pills=False,
        size=11.5,
        grid=False,
        extra=tuple(labels),
        over="".join(over),
    )


def _style(changed: Changed, scene: Scene) -> Style:
    return scene.styles[f"verdict/{changed.after.value}"]


def _on_page(geometry: shapely.Geometry, frame: Frame) -> shapely.Geometry:
    """A geometry in degrees, in page units."""
    return frame.page(frame.metres(np.array([geometry], dtype=object)))[0]


def _area(changed: Changed, scene: Scene, *, dash: str) -> str:
    style = _style(changed, scene)
    d = path([_on_page(changed.degrees, scene.frame)])
    wide = _WIDE_PT * PX_PER_PT
    stroke = f'stroke="{style.line}" stroke-width="{n(wide)}" stroke-linejoin="round"' + (f' stroke-dasharray="{dash}"' if dash else "")
    return (
        f'<path d="{d}" fill="{style.line}" fill-opacity=".16" fill-rule="evenodd"/>'
        f'<path d="{d}" fill="none" stroke="#ffffff" stroke-width="{n(wide + 2.4)}" stroke-linejoin="round"/>'
        f'<path d="{d}" fill="none" {stroke}/>'
    )


def _arrow(parcel: ParcelAssessment, shift: Shift, scene: Scene) -> str:
    """From a corner of the parcel to where it comes to lie, along the outside; none where it would be too short to be one."""
    k = scene.frame.px_per_m
    dx, dy = shift.east_m * k, -shift.north_m * k
    length = float(np.hypot(dx, dy))
    if length < _LEAST_ARROW_PX:
        return ""
    ux, uy = dx / length, dy / length
    corners = shapely.get_coordinates(_on_page(parcel.geometry, scene.frame))
    aside = (corners - corners.mean(axis=0)) @ np.array([-uy, ux])
    sx, sy = corners[int(np.abs(aside).argmax())].tolist()
    x, y = sx + dx, sy + dy
    bx, by = x - ux * _HEAD_PX, y - uy * _HEAD_PX
    colour = _style(shift.changed, scene).line
    head = f"M{n(x)} {n(y)}L{n(bx - uy * 4)} {n(by + ux * 4)}L{n(bx + uy * 4)} {n(by - ux * 4)}Z"
    shaft = f"M{n(sx)} {n(sy)}L{n(bx)} {n(by)}"
    return (
        f'<path d="{shaft}" fill="none" stroke="#ffffff" stroke-width="4.5"/><path d="{shaft}" fill="none" stroke="{colour}" stroke-width="2"/>'
        f'<path d="{head}" fill="{colour}" stroke="#ffffff" stroke-width="1"/>'
    )


def _cut_label(cut: Cut, scene: Scene) -> tuple[Label, ...]:
    shape = _on_page(cut.changed.degrees, scene.frame)
    return _spots(f"退让后 {area_text(cut.changed.ellipsoidal_m2)}", shape, _style(cut.changed, scene))


def _shift_label(shift: Shift, scene: Scene) -> tuple[Label, ...]:
    shape = _on_page(shift.changed.degrees, scene.frame)
    return _spots(f"平移 {shift.distance_m:.2f} m", shape, _style(shift.changed, scene), inside=False)


def _spots(words: str, shape: shapely.Geometry, style: Style, *, inside: bool = True) -> tuple[Label, ...]:
    """Where the words may stand: in the middle of an area, or beside it."""
    middle = shapely.point_on_surface(shape)
    west, north, east, south = shapely.bounds(shape)
    around = [((west + east) / 2, south + 14), ((west + east) / 2, north - 14), (east + 60, middle.y), (west - 60, middle.y)]
    spots = [(middle.x, middle.y), *around] if inside else [*around, (middle.x, middle.y)]
    return tuple(Label(text=words, x=x, y=y, size=12, turn_deg=0, style=style) for x, y in spots)
