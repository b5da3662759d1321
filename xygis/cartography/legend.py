"""`LegendItem`: what one symbol on a map means. Items come from the scene, so a legend cannot tell another story."""

from __future__ import annotations

from dataclasses import dataclass, replace

from xygis.atlas.style import Style
from xygis.cartography.scene import Drawn, Scene
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
    point: bool = False  # a symbol of points


def legend_items(*scenes: Scene) -> tuple[LegendItem, ...]:
    """Every symbol that the scenes draw, once: marks, then layers hit, then layers in view, each in the order of the styles."""
    styles = scenes[0].styles
    marks = {mark for scene in scenes for mark in _marks(scene)}
    out = [_item("mark", styles[mark], line=mark == "sliver") for mark in ("parcel", "conflict", "sliver", "no_data") if mark in marks]
    order = list(styles)
    shown = {d.style.id: d for scene in scenes for d in scene.drawn}
    hit = {d.style.id for scene in scenes for d in scene.drawn if d.hit}
    drawn = sorted(shown.values(), key=lambda d: order.index(d.style.id) if d.style.id in styles else len(order))
    for group in ("hit", "view"):
        mine = [d for d in drawn if (d.style.id in hit) == (group == "hit")]
        parents = {d.style.id for d in mine}
        out += [_item(group, _named(d, parents), line=_is_line(d.style, d.layer.geometry)) for d in mine]
    return tuple(out)


def _named(one: Drawn, parents: set[str]) -> Style:
    """其中：… only stands under its layer; alone it says whose class it is."""
    if one.style.label.startswith("其中：") and one.layer.id not in parents:
        return replace(one.style, label=f"{one.layer.title}：{one.style.label.removeprefix('其中：')}")
    return one.style


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
