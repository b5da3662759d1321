"""`LegendItem`: what one symbol on a map means. Items come from the scene, so a legend cannot tell another story."""

from __future__ import annotations

from dataclasses import dataclass

from xygis.atlas.style import Style
from xygis.cartography.scene import Scene
from xygis.cartography.svg import swatch

HEADINGS = {"mark": "送审内容", "hit": "涉及的图层", "view": "图内其他图层"}


@dataclass(frozen=True, slots=True, kw_only=True)
class LegendItem:
    """group: "mark" (parcels, conflicts), "hit" (layers that a parcel is concerned by), "view" (other layers in the map)."""

    group: str
    label: str
    style: Style
    line: bool
    swatch: str  # inline SVG without ids


def legend_items(scene: Scene) -> tuple[LegendItem, ...]:
    """Every symbol that the scene draws, once: marks, then layers hit, then layers in view, each in the atlas's order."""
    out = [_item("mark", scene.styles[mark], line=mark == "sliver") for mark in _marks(scene)]
    order = list(scene.styles)
    drawn = sorted(scene.drawn, key=lambda d: order.index(d.style.id) if d.style.id in scene.styles else len(order))
    for group in ("hit", "view"):
        out += [_item(group, d.style, line=_is_line(d.style, d.layer.geometry)) for d in drawn if d.hit == (group == "hit")]
    return tuple(out)


def _is_line(style: Style, geometry: str) -> bool:
    return geometry == "line" or style.merged


def _marks(scene: Scene) -> list[str]:
    marks = ["parcel"] if scene.parcels else []
    if any(c.severe and not c.sliver for c in scene.conflicts):
        marks.append("conflict")
    if any(c.sliver for c in scene.conflicts):
        marks.append("sliver")
    if scene.gaps:
        marks.append("no_data")
    return marks


def _item(group: str, style: Style, *, line: bool) -> LegendItem:
    return LegendItem(group=group, label=style.label, style=style, line=line, swatch=swatch(style, line=line))
