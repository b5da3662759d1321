"""A DXF drawing: each ring a closed LWPOLYLINE on its parcel's own layer, names and point numbers as text on layers of their own."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely

from xygis.convert.outline import Outline, outlines_of
from xygis.convert.target import rings
from xygis.geodesy.crs import title
from xygis.intake.submission import Parcel
from xygis.numbers import hectares
from xygis.vector.notes import Note

NAMES_LAYER, POINTS_LAYER = "注记", "界址点号"
_EXACT = 8  # decimals: nothing that is drawn depends on more
_COLOURS = (1, 3, 5, 6, 30, 140, 200)  # AutoCAD colour index: told apart on black and on white
_FORBIDDEN = re.compile(r'[<>/\\":;?*|=`,\x00-\x1f]')


def drawing(parcels: tuple[Parcel, ...]) -> tuple[bytes, list[Note]]:
    """(the file, what the form could not hold). Coordinates are those of the parcels, not rounded; units metres."""
    from ezdxf._options import options
    from ezdxf.filemanagement import new

    before = options.write_fixed_meta_data_for_testing
    options.write_fixed_meta_data_for_testing = True  # the same parcels give the same bytes
    try:
        document = new("R2010", setup=False, units=6)
        document.styles.add("HZ", font="simsun.ttc")
        for name in (NAMES_LAYER, POINTS_LAYER):
            document.layers.add(name, color=7)
        space = document.modelspace()
        layers = _layer_names(parcels)
        height = _text_height(parcels)
        for k, (parcel, layer) in enumerate(zip(parcels, layers, strict=True)):
            document.layers.add(layer, color=_COLOURS[k % len(_COLOURS)])
            for ring in rings(parcel.geometry):
                space.add_lwpolyline(ring[:-1].tolist(), close=True, dxfattribs={"layer": layer})
            _label(space, parcel, height)
        outlines, said = outlines_of(parcels, decimals=_EXACT)
        for outline in outlines:
            _number(space, outline, height / 2)
        _view(document, parcels)
        text = io.StringIO()
        document.write(text)
    finally:
        options.write_fixed_meta_data_for_testing = before
    return text.getvalue().encode("utf-8", errors="surrogateescape"), [
        *_notes(parcels, layers),
        *(n for n in said if n.code == "labels_renumbered"),
    ]


def _view(document: Any, parcels: Sequence[Parcel]) -> None:
    """The drawing opens upon the parcels, not upon the origin 37,000 km away."""
    x0, y0, x1, y1 = map(float, shapely.total_bounds([p.geometry for p in parcels]))
    document.header["$EXTMIN"], document.header["$EXTMAX"] = (x0, y0, 0.0), (x1, y1, 0.0)
    document.set_modelspace_vport(height=1.2 * max(x1 - x0, y1 - y0), center=((x0 + x1) / 2, (y0 + y1) / 2))


def _layer_names(parcels: Sequence[Parcel]) -> list[str]:
    """A layer a parcel, so that a parcel inside another one's hole is not taken for a part of it."""
    taken = {"0", "DEFPOINTS", NAMES_LAYER, POINTS_LAYER}
    names = []
    for serial, parcel in enumerate(parcels, start=1):
        own = _FORBIDDEN.sub("_", parcel.name).strip()[:200] or f"地块{serial}"
        name = own
        while name.upper() in taken:
            name = f"{own}-{serial}" if name == own else f"{name}-{serial}"
        taken.add(name.upper())
        names.append(name)
    return names


def _text_height(parcels: Sequence[Parcel]) -> float:
    """In metres: a fortieth of the usual parcel's side, so that names neither vanish nor cover it."""
    side = float(np.median([np.sqrt(p.geometry.area) for p in parcels]))
    return float(np.clip(round(side / 40, 1), 0.5, 50.0))


def _label(space: Any, parcel: Parcel, height: float) -> None:
    from ezdxf.enums import TextEntityAlignment

    at = shapely.point_on_surface(parcel.geometry)
    lines = [parcel.name, *([parcel.use_text] if parcel.use_text else [])]
    if parcel.declared_m2 is not None:
        lines.append(f"{hectares(parcel.declared_m2)} 公顷")
    for k, line in enumerate(lines):
        text = space.add_text(_plain(line), height=height, dxfattribs={"layer": NAMES_LAYER, "style": "HZ"})
        place = (at.x, at.y + (len(lines) / 2 - k - 0.5) * 1.6 * height)
        text.set_placement(place, align=TextEntityAlignment.MIDDLE_CENTER)


def _number(space: Any, outline: Outline, height: float) -> None:
    for p in outline.points:
        if p.edge_m is not None:
            text = space.add_text(p.label, height=height, dxfattribs={"layer": POINTS_LAYER, "style": "HZ"})
            text.set_placement((p.east + height / 3, p.north + height / 3))


def _plain(text: str) -> str:
    """%% starts a sign in CAD, \\U+ a character."""
    return text.replace("%%", "% %").replace("\\", "＼")[:250]


def _notes(parcels: Sequence[Parcel], layers: Sequence[str]) -> list[Note]:
    text = f"DXF 无处写坐标系，图中坐标是 {title(parcels[0].crs)}，横坐标为东、纵坐标为北，单位米；交给别人时请一并说明"
    notes = [Note(code="crs_not_held", level="warning", text=text)]
    text = "DXF 没有属性表：地块名称写作图层名和注记，用途、申报面积和界址点号只是注记文字，读回时不再是地块的属性"
    notes.append(Note(code="attributes_as_text", level="warning", text=text))
    parted = [p.name for p in parcels if shapely.get_num_geometries(p.geometry) > 1]
    if parted:
        names = "、".join(parted[:3]) + (" 等" if len(parted) > 3 else "")
        text = f"DXF 没有多部分的面：{names}（共 {len(parted)} 个地块）的每一部分是一条闭合多段线，读回时各成一个地块"
        notes.append(Note(code="parts_as_parcels", level="warning", text=text))
    several = [p.name for p in parcels if len(rings(p.geometry)) > 1]
    if several:
        names = "、".join(several[:3]) + (" 等" if len(several) > 3 else "")
        text = f"DXF 分不清内圈和外圈：{names}（共 {len(several)} 个地块）的各圈都是同一图层上的闭合多段线，读取时须按包含关系判断"
        notes.append(Note(code="rings_as_lines", level="warning", text=text))
    changed = [f"{p.name}→{name}" for p, name in zip(parcels, layers, strict=True) if p.name != name]
    if changed:
        more = " 等" if len(changed) > 6 else ""
        notes.append(Note(code="layers_renamed", level="warning", text=f"每个地块一个图层，图层名已改：{'、'.join(changed[:6])}{more}"))
    return notes
