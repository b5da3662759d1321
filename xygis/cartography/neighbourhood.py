"""What a map page carries: sparse layers over the whole view, dense ones only near the parcels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely

from xygis.atlas.atlas import Atlas
from xygis.atlas.verdict import LayerState
from xygis.cartography.conflict import find_conflicts
from xygis.cartography.frame import Frame, frame_around
from xygis.cartography.scene import Drawn, Marked, Scene, draw_layers
from xygis.check.assessment import Assessment

_WIDEN = 4.0
_LEAST_M = 3_000.0
_TOLERANCE_M = 0.5  # of a simplified line on a page that can be zoomed into
_SPARSE_VERTICES = 20_000  # a layer with fewer is carried whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbourhood:
    """A scene over all parcels, and the boxes (metres) outside which dense layers are not carried."""

    scene: Scene
    windows: tuple[shapely.Polygon, ...]
    partial: tuple[str, ...]  # titles of the layers that are carried inside the windows only


def neighbourhood(assessment: Assessment, atlas: Atlas) -> Neighbourhood:
    """Everything around the parcels of a check, quiet layers included."""
    parcels = assessment.parcels
    styles = {style.id: style for style in atlas.styles}
    shapes = [p.geometry for p in parcels]
    frame = frame_around(shapes, 1000, 1000, widen=2.0, least_m=3 * _LEAST_M)
    outlines = frame.metres(np.array(shapes, dtype=object))
    windows = _windows(outlines.tolist())
    frame = frame_around(
        list(frame.degrees(np.array([*windows, shapely.box(*frame.box())], dtype=object))), 1000, 1000, widen=1.0, least_m=_LEAST_M
    )
    outlines = frame.metres(np.array(shapes, dtype=object))
    windows = _windows(outlines.tolist())
    inside = shapely.union_all(np.array(windows, dtype=object))
    hits = {m.layer for p in parcels for m in p.measures if m.state == LayerState.CONCERNED}
    quiet = [layer.id for layer in atlas.layers if layer.id in styles and styles[layer.id].quiet]
    loud = [layer.id for layer in atlas.layers if layer.id not in quiet]
    drawn, unread = draw_layers(
        atlas, frame, styles, only=loud, asked=loud, hits=hits, outlines=outlines, tolerance_m=_TOLERANCE_M, zoomable=True
    )
    found = [_thinned(one, inside) for one in drawn]
    partial = {whole.layer.title for one, whole in zip(found, drawn, strict=True) if one is not whole}
    for window in windows:
        near = _window_frame(frame, window)
        more, missing = draw_layers(
            atlas, near, styles, only=quiet, asked=quiet, everything=True, hits=hits, outlines=outlines, tolerance_m=_TOLERANCE_M
        )
        found += more
        unread += tuple(title for title in missing if title not in unread)
        partial |= {one.layer.title for one in more}
    scene = Scene(
        frame=frame,
        styles=styles,
        drawn=tuple(sorted(_joined([one for one in found if one is not None]), key=lambda d: d.style.order)),
        parcels=tuple(Marked(number=p.id, name=p.name, verdict=p.verdict, geometry=g) for p, g in zip(parcels, outlines, strict=True)),
        conflicts=tuple(
            c for p, g in zip(parcels, outlines, strict=True) for c in find_conflicts(p, g, atlas, frame, assessment.checked_on)
        ),
        gaps=(),
        unread=unread,
        demo=assessment.demo,
    )
    return Neighbourhood(scene=scene, windows=tuple(windows), partial=tuple(sorted(partial)))


def _windows(outlines: Sequence[shapely.Geometry]) -> list[shapely.Polygon]:
    """A box around each parcel, four times its size; boxes that touch become one."""
    boxes = []
    for outline in outlines:
        west, south, east, north = shapely.bounds(outline)
        half = max(east - west, north - south, _LEAST_M / _WIDEN) * _WIDEN / 2
        x, y = (west + east) / 2, (south + north) / 2
        boxes.append(shapely.box(x - half, y - half, x + half, y + half))
    while True:
        merged = [shapely.box(*shapely.bounds(part)) for part in shapely.get_parts(shapely.union_all(np.array(boxes, dtype=object)))]
        if len(merged) == len(boxes):
            return merged
        boxes = merged


def _window_frame(frame: Frame, window: shapely.Polygon) -> Frame:
    west, south, east, north = shapely.bounds(window)
    return replace(frame, west_m=west, south_m=south, east_m=east, north_m=north, width=1000, height=1000 * (north - south) / (east - west))


def _thinned(one: Drawn, inside: shapely.Geometry) -> Drawn | None:
    """The same layer, cut to the windows where it is dense."""
    if int(shapely.get_num_coordinates(one.geometry).sum()) <= _SPARSE_VERTICES:
        return one
    shapely.prepare(inside)
    near = np.flatnonzero(shapely.intersects(inside, one.geometry))
    cut = shapely.intersection(one.geometry[near], inside)
    kept = [i for i, shape in zip(near.tolist(), cut, strict=True) if not shape.is_empty]
    if not kept:
        return None
    shapes = np.array([shape for shape in cut if not shape.is_empty], dtype=object)
    return replace(one, geometry=shapes, names=tuple(one.names[i] for i in kept), details=tuple(one.details[i] for i in kept))


def _joined(found: list[Drawn]) -> list[Drawn]:
    """One entry per style: the windows of a layer put together."""
    out: dict[str, Drawn] = {}
    for one in found:
        before = out.get(one.style.id)
        if before is None:
            out[one.style.id] = one
            continue
        out[one.style.id] = replace(
            before,
            geometry=np.concatenate([before.geometry, one.geometry]),
            names=before.names + one.names,
            details=before.details + one.details,
            hit=before.hit or one.hit,
        )
    return list(out.values())
