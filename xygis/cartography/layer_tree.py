"""The layer tree of a map page: the groups of the atlas, a switch a layer, with its swatch and what the check found of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from xygis.atlas.layer import Layer
from xygis.atlas.verdict import LayerState
from xygis.cartography.page_data import Json
from xygis.cartography.scene import Drawn, Scene
from xygis.cartography.svg import swatch, text
from xygis.check.assessment import Assessment

States = Mapping[str, tuple[LayerState, str]]  # of a layer: the mark, and the word beside it


def states_of(assessment: Assessment) -> States:
    """What the check found of each layer over all its parcels: one that is concerned counts, then one without data."""
    found: dict[str, set[LayerState]] = {}
    partly: set[str] = set()
    for parcel in assessment.parcels:
        for measure in parcel.measures:
            found.setdefault(measure.layer, set()).add(measure.state)
            if measure.unmapped_m2 and measure.state is not LayerState.NO_DATA:
                partly.add(measure.layer)
    return {layer: _state(states, part=layer in partly) for layer, states in found.items()}


def _state(states: set[LayerState], *, part: bool) -> tuple[LayerState, str]:
    unknown = part or LayerState.NO_DATA in states
    if LayerState.CONCERNED in states:
        return LayerState.CONCERNED, "涉及，部分无数据" if unknown else LayerState.CONCERNED.label
    if unknown:
        return LayerState.NO_DATA, LayerState.NO_DATA.label if states == {LayerState.NO_DATA} else "部分无数据"
    return LayerState.CLEAR, LayerState.CLEAR.label


def layer_tree(scene: Scene, keys: Mapping[str, str], layers: Sequence[Layer], states: States, left_out: Mapping[str, int]) -> str:
    """The tree. keys: style id → key of a style that the page carries; left_out: layer id → features of a layer that it does not."""
    order: dict[str, list[Layer]] = {}
    for layer in layers:
        order.setdefault(layer.group, []).append(layer)
    return "".join(_group(title, members, scene, keys, states, left_out) for title, members in order.items())


def _group(title: str, layers: Sequence[Layer], scene: Scene, keys: Mapping[str, str], states: States, left_out: Mapping[str, int]) -> str:
    carried = [one for one in scene.drawn if one.style.id in keys]
    rows, switches, loud = [], 0, False
    for layer in layers:
        mine = sorted((d for d in carried if d.layer.id == layer.id), key=lambda d: _place(scene, d))
        switches += len(mine)
        loud |= any(not d.style.quiet for d in mine) or (layer.id in states and states[layer.id][0] is LayerState.CONCERNED)
        marked = [d for d in mine if d.hit] or mine[:1]  # a hit that is only seen by measuring still stands beside the layer
        rows += [_row(d, keys[d.style.id], states.get(layer.id) if d in marked else None, titled=mine[0] is d) for d in mine]
        if not mine:
            rows.append(_absent(layer, scene, states.get(layer.id), left_out))
    everything = (
        f'<label class="every"><input type="checkbox" class="all" aria-label="{text(title)}：全部打开或关闭">全部</label>'
        if switches > 1
        else ""
    )
    return (
        f'<details class="group"{" open" if loud else ""}><summary>{text(title)}</summary>'
        f'<fieldset><legend class="aside">{text(title)}</legend>{everything}<ul>{"".join(rows)}</ul></fieldset></details>'
    )


def _place(scene: Scene, one: Drawn) -> int:
    order = list(scene.styles)
    return order.index(one.style.id) if one.style.id in order else len(order)


def _row(one: Drawn, key: str, state: tuple[LayerState, str] | None, *, titled: bool) -> str:
    style = one.style
    if style.label.startswith("其中：") and titled:  # 其中：… only stands under its layer
        style = replace(style, label=f"{one.layer.title}：{style.label.removeprefix('其中：')}")
    line = one.layer.geometry == "line" or style.merged
    word = "" if state is None else mark(*state)
    return (
        f'<li data-key="{key}"><label><input type="checkbox" value="{key}">{swatch(style, line=line)}'
        f'<span class="grow">{text(style.label)}</span>{word}</label></li>'
    )


def _absent(layer: Layer, scene: Scene, state: tuple[LayerState, str] | None, left_out: Mapping[str, int]) -> str:
    """A layer without anything to switch, and why."""
    if layer.id in left_out:
        why = f"{left_out[layer.id]:,} 个要素，未载入"
    elif layer.geometry == "raster":
        why = "只参加量算"
    elif layer.title in scene.unread:
        why = "无数据"
    else:
        why = "图内没有"
    word = mark(*state) if state is not None and state[1] != why else ""
    return (
        f'<li class="off"><span><i class="sw"></i><span class="grow">{text(layer.title)}<small>{text(why)}</small></span>{word}</span></li>'
    )


def mark(state: LayerState, word: str) -> str:
    """Shape and word of a layer's state."""
    return f'<span class="st st-{state.value}"><svg aria-hidden="true"><use href="#s-{state.value}"/></svg>{text(word)}</span>'


def mark_legend(data: Json, scene: Scene) -> str:
    """What the marks of parcels and conflicts mean: those that the page draws."""
    conflicts = data["conflicts"]
    marks = [("parcel", bool(data["parcels"])), ("conflict", any(c["severe"] and not c["sliver"] for c in conflicts))]
    marks.append(("sliver", any(c["sliver"] for c in conflicts)))
    rows = [
        f"<li><span>{swatch(scene.styles[m], line=m == 'sliver')}<span>{text(scene.styles[m].label)}</span></span></li>"
        for m, on in marks
        if on
    ]
    if any(not c["severe"] and not c["sliver"] for c in conflicts):
        rows.append('<li><span><i class="sw other"></i><span>其他结论的图斑（颜色随结论）</span></span></li>')
    if any(p["before"] for p in data["parcels"]):
        rows.append('<li><span><i class="sw before"></i><span>修复前的地块界线</span></span></li>')
    if data["carried"]:
        rows.append('<li><span><i class="sw carried"></i><span>载入数据的范围</span></span></li>')
    return f'<ul class="marks">{"".join(rows)}</ul>' if rows else ""
