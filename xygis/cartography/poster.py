"""Sheets of the atlas alone: posters of maps/sheets.toml, and any set of layers."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import shapely

from xygis.atlas.atlas import Atlas
from xygis.atlas.layer import Layer
from xygis.atlas.sheets import SheetEntry
from xygis.cartography.frame import at_round_scale, frame_around
from xygis.cartography.leaflet_page import atlas_view
from xygis.cartography.legend import legend_items
from xygis.cartography.panels import Panel
from xygis.cartography.paper import Layout, lay_out
from xygis.cartography.plan import Plan, Register
from xygis.cartography.plans import city_inset
from xygis.cartography.relief_shade import shade
from xygis.cartography.scene import Scene, atlas_scene, city
from xygis.cartography.sheet_words import data_lines, missing_words
from xygis.errors import LayerUnreadable, UsageError
from xygis.overlay.features import layer_features

_MOST_ROWS = 40


def layers_plan(atlas: Atlas, layer_ids: Sequence[str], paper: str = "A4") -> Plan:
    """Layers of an atlas over the whole city."""
    layout = lay_out(paper)
    scene = atlas_view(atlas, layer_ids, layout.map[2], layout.map[3], round_scale=True)
    return _plan(atlas, layout, scene, atlas.name, layer_ids)


def poster_plan(atlas: Atlas, entry: SheetEntry, paper: str = "A3") -> Plan:
    """A sheet of maps/sheets.toml, of the city or of the layer that fills it."""
    layout = lay_out(paper)
    filling = _shapes(atlas, (entry.extent,)) if entry.extent else []
    around = city(atlas)
    known = filling or ([around] if around is not None else _shapes(atlas, entry.layers))
    if not known:
        raise UsageError(what=f"图幅 {entry.id} 的图层都没有数据", fix="用 xygis layers 查看，用 xygis adopt 登记数据后再画")
    frame = at_round_scale(frame_around(known, layout.map[2], layout.map[3], widen=1.12 if filling else 1.04))
    scene = atlas_scene(atlas, frame, entry.layers, also=entry.context)
    plan = _plan(atlas, layout, scene, entry.title or entry.id, entry.layers)
    legend = tuple(replace(i, group="hit" if i.style.id.split("/")[0] in entry.layers else "view") for i in plan.legend)
    relief = shade(atlas.layer(entry.relief), frame) if entry.relief else None
    data = plan.data
    if relief is not None:
        data = (*data, f"地貌晕渲：{relief.layer.title} {relief.layer.version or '版本不详'}，仅示起伏")
    plan = replace(plan, legend=legend, notes=(*plan.notes, *missing_words(entry)), headings={"hit": "主题内容", "view": "底图要素"})
    return replace(plan, shade=relief, data=data, register=_register(atlas, scene, entry), inset=city_inset(atlas, frame, layout))


def _shapes(atlas: Atlas, names: Sequence[str]) -> list[shapely.Geometry]:
    """Everything that some layers hold, in degrees; nothing of a layer that cannot be read, which the sheet itself says."""
    found: list[shapely.Geometry] = []
    for name in names:
        with contextlib.suppress(LayerUnreadable):
            found += list(layer_features(atlas.layer(name)).geometry)
    return found


def _plan(atlas: Atlas, layout: Layout, scene: Scene, title: str, layer_ids: Sequence[str]) -> Plan:
    layers = [atlas.layer(name) for name in layer_ids]
    unread = (f"无数据，图上不显示：{'、'.join(scene.unread)}。",) if scene.unread else ()
    return Plan(
        title=title,
        caption=title,
        date=max((f"资料至 {layer.version.isoformat()}" for layer in layers if layer.version), default=""),
        atlas_name=atlas.name,
        fingerprint="",
        layout=layout,
        panels=(Panel(x=0, y=0, scene=scene, caption=""),),
        legend=legend_items(scene),
        data=data_lines((scene,), layer_ids),
        notes=unread,
    )


def _register(atlas: Atlas, scene: Scene, entry: SheetEntry) -> Register | None:
    """The named features of the sheet's layers that state an area of their own, the largest first."""
    drawn = {d.layer.id for d in scene.drawn}
    named = {d.layer.id for d in scene.drawn if d.style.name is not None}
    shown = [atlas.layer(name) for name in entry.layers if name in drawn]
    rows = [row for layer in shown for row in (_stated(layer) if layer.id in named else _total(layer))]
    if not rows:
        return None
    rows = sorted(rows, key=lambda row: -row[2])[:_MOST_ROWS]
    return Register(
        title="名称与面积（据数据自带面积字段）",
        head=("名称", "类别" if any(layer.id in named for layer in shown) else "数量", "面积（km²）"),
        rows=tuple((name, kind, f"{m2 / 1e6:,.2f}") for name, kind, m2 in rows),
        shares=(1.3, 0.9, 1.2),
    )


def _stated(layer: Layer) -> list[tuple[str, str, float]]:
    """(name, class, stated m²) of the features of a layer, those of one name together; none where a name states no area."""
    table = layer_features(layer).attributes
    names, areas = table.get("name"), table.get("declared_m2")
    if names is None or areas is None:
        return []
    kinds = table.get("class", [None] * len(names))
    found: dict[tuple[str, str], list[float | None]] = {}
    for name, kind, area in zip(names, kinds, areas, strict=True):
        if name:
            found.setdefault((str(name), str(kind or "")), []).append(_number(area))
    return [(name, kind, sum(v for v in values if v is not None)) for (name, kind), values in found.items() if None not in values]


def _total(layer: Layer) -> list[tuple[str, str, float]]:
    """(title, how many, stated m²) of a layer whose features are not named; nothing where one of them states no area."""
    areas = [_number(area) for area in layer_features(layer).attributes.get("declared_m2", ())]
    known = [area for area in areas if area is not None]
    return [(layer.title, f"{len(areas):,} 个", sum(known))] if known and len(known) == len(areas) else []


def _number(value: object) -> float | None:
    try:
        number = float(str(value))
    except ValueError:
        return None
    return number if np.isfinite(number) and number > 0 else None
