"""Closed polylines of a drawing become polygons, layer by layer; what is open is counted, and the widest gap is told."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import shapely

from xygis.errors import BadGeometry, Where
from xygis.vector.gpkg import RawFeatures
from xygis.vector.layers import ForeignLayer
from xygis.vector.notes import Note
from xygis.vector.rings import assemble

_CLOSED_M = 0.001


def polygons_of_drawing(layer: ForeignLayer, file: str) -> ForeignLayer:
    """The drawing's closed lines as polygons, one feature for each outer ring, with the CAD layer as `Layer`.

    Raises BadGeometry where nothing is closed.
    """
    cad = layer.features.columns.get("Layer") or [""] * len(layer.features)
    rings: dict[str, list[np.ndarray[tuple[int, int], np.dtype[np.float64]]]] = {}
    shapes: list[shapely.Geometry] = []
    owners: list[str] = []
    gaps: list[tuple[float, tuple[float, float], str]] = []
    for shape, name in zip(layer.features.geometry, cad, strict=True):
        for part in shapely.get_parts(shape) if shape is not None else ():
            if part.geom_type == "Polygon":
                shapes.append(part)
                owners.append(str(name))
            elif part.geom_type == "LineString" and len(part.coords) > 2:
                xy = shapely.get_coordinates(part)
                gap = float(np.hypot(*(xy[0] - xy[-1])))
                if gap <= _CLOSED_M and len(xy) > 3:
                    xy[-1] = xy[0]
                    rings.setdefault(str(name), []).append(xy)
                else:
                    gaps.append((gap, (float(xy[-1, 0]), float(xy[-1, 1])), str(name)))
    for name, own in rings.items():
        built = assemble(own)
        parts = [] if built.geometry is None else list(shapely.get_parts(built.geometry))
        shapes += parts
        owners += [name] * len(parts)
    if not shapes:
        widest = max(gaps, default=None)
        raise BadGeometry(
            what="图纸里没有闭合的多段线",
            where=Where(file=file, point=widest[1] if widest else None),
            why=f"有 {len(gaps)} 条线没有闭合，最大缺口 {widest[0]:.3f} 米" if widest else "没有可用的线",
            fix="请在 CAD 中把地块边界画成闭合的多段线（LWPOLYLINE）",
        )
    notes = list(layer.notes)
    if gaps:
        widest = max(gaps)
        place = Where(file=file, layer=widest[2], point=widest[1])
        text = f"有 {len(gaps)} 条线没有闭合，未计入；最大缺口 {widest[0]:.3f} 米"
        notes.append(Note(code="open_lines", level="warning", text=text, where=place))
    geometry = np.empty(len(shapes), dtype=object)
    geometry[:] = shapes
    features = RawFeatures(
        geometry=geometry, columns={"Layer": list(owners)}, crs=None, fids=list(range(1, len(shapes) + 1)), sublayer=layer.name
    )
    return replace(layer, features=features, notes=tuple(notes))
