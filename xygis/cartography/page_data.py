"""The data block of a map page: a scene in longitude and latitude, with the words of every pop-up."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely

from xygis.atlas.field_titles import FIELD_TITLES
from xygis.atlas.style import Style
from xygis.atlas.verdict import LayerState, Verdict
from xygis.cartography.conflict import Conflict
from xygis.cartography.frame import Frame
from xygis.cartography.lettering import named_groups
from xygis.cartography.motif import MOTIFS, Motif
from xygis.cartography.scene import Drawn, Scene
from xygis.cartography.svg import PX_PER_PT
from xygis.cartography.words import area_text, hectares, percent, square_metres
from xygis.check.assessment import Assessment, ParcelAssessment

_M_PER_PX_0 = 156_543 * 0.85  # at zoom 0, at the latitudes of the middle of China
_M_PER_PX = 0.0254 / 96  # a px on the screen

Json = dict[str, Any]


def page_data(scene: Scene, assessment: Assessment | None = None) -> Json:
    """Everything the page's script draws. Strings are raw here; the script puts them in as text only."""
    frame = scene.frame
    parcels = assessment.parcels if assessment else ()
    titles = {p.id: f"地块 {p.id} {p.name}" if p.name != f"地块{p.id}" else p.name for p in parcels}
    return {
        "paper": scene.styles["paper"].fill,
        "bounds": _bounds(scene),
        "marks": {mark: _symbol(scene.styles[mark], line=mark != "conflict") for mark in ("parcel", "conflict", "sliver")},
        "styles": [_style(one, frame, i) for i, one in enumerate(scene.drawn)],
        "verdict": verdict_mark(assessment.verdict) if assessment else None,
        "parcels": [_parcel(p, assessment) for p in parcels if assessment],
        "conflictTitle": "冲突图斑",
        "conflicts": [_conflict(c, scene, i, titles) for i, c in reversed(list(enumerate(_worst_first(scene.conflicts))))],  # worst on top
        "carried": packed(frame.degrees(np.array([shapely.box(*frame.box()).exterior], dtype=object))[0], 5) if parcels else None,
        "names": [name for i, one in sorted(enumerate(scene.drawn), key=_name_rank) for name in _names(one, frame, i)],
    }


def verdict_mark(verdict: Verdict) -> Json:
    """The shape, the word and the rank (0: worst) of a verdict, as the page's script wants them."""
    return {"mark": verdict.value, "verdict": verdict.label, "weight": verdict.rank}


def _bounds(scene: Scene) -> list[list[float]]:
    shapes = [p.geometry for p in scene.parcels] or [g for d in scene.drawn for g in d.geometry]
    frame = scene.frame
    west, south, east, north = shapely.total_bounds(shapes) if shapes else frame.box()
    span = max(east - west, north - south, 300.0)
    pad = span * (0.0 if not scene.parcels else 0.35 if span < 5_000 else 0.08)
    corners = frame.degrees(np.array([shapely.Point(west - pad, south - pad), shapely.Point(east + pad, north + pad)], dtype=object))
    return [[round(p.y, 6), round(p.x, 6)] for p in corners]


def _symbol(style: Style, *, line: bool) -> Json:
    strokes = []
    width = style.width_pt * PX_PER_PT
    if style.casing and style.line:
        strokes.append({"colour": style.casing, "width": round(width + (style.casing_width_pt or 2.0) * PX_PER_PT, 2), "dash": None})
    if style.line:
        dash = [round(v * PX_PER_PT, 2) for v in style.dash] or None
        strokes.append({"colour": style.line, "width": round(width, 2), "dash": dash})
    return {
        "strokes": strokes,
        "fill": None if line else style.fill,
        "opacity": style.opacity,
        "pattern": None if line or not style.pattern else _pattern(style, MOTIFS[style.pattern]),
    }


def _pattern(style: Style, motif: Motif) -> Json:
    """The tile of a motif, in px, for the canvas."""
    return {
        "width": motif.width,
        "height": motif.height,
        "angle": motif.angle_deg,
        "strokes": motif.strokes,
        "stroke": motif.stroke_px,
        "opacity": motif.opacity,
        "round": motif.round_caps,
        "colour": style.pattern_colour,
        "ground": style.fill,
        "groundOpacity": style.opacity,
    }


def _style(one: Drawn, frame: Frame, index: int) -> Json:
    line = one.layer.geometry == "line"
    fields = list(dict.fromkeys(field for details in one.details for field, _ in details))
    features: list[Json] = []
    for shape, details in zip(frame.degrees(one.geometry), one.details, strict=True):
        values = dict(details)
        features.append({"g": packed(shape, 6)} | ({"d": [values.get(field, "") for field in fields]} if values else {}))
    head = {
        "key": f"l{index}",
        "layer": one.layer.id,
        "label": one.style.label.removeprefix("其中："),
        "line": line,
        "on": not one.style.quiet,
        "zoom": _least_zoom(one),
        "fields": [FIELD_TITLES.get(field, field) for field in fields],
    }
    return head | _symbol(one.style, line=line) | {"features": features}


def _least_zoom(one: Drawn) -> float:
    """The zoom from which a style is drawn; what a parcel hits is drawn always."""
    if one.style.min_scale is None or one.hit:
        return 0.0
    return round(math.log2(_M_PER_PX_0 / _M_PER_PX / one.style.min_scale), 2)


def packed(shape: shapely.Geometry, decimals: int) -> list[int | list[int]]:
    """[decimals, chain, chain, …]: degrees as whole numbers of that many decimals, each vertex as the step from the one before.

    A third of what GeoJSON would take. Parts that are neither area nor line stay out.
    """
    chains = [ring for part in _flat(shape) for ring in _rings(part)]
    return [decimals, *(_steps(chain, decimals) for chain in chains)]


def _rings(part: shapely.Geometry) -> list[shapely.Geometry]:
    if part.geom_type == "Polygon":
        return [part.exterior, *part.interiors]
    return [part] if part.geom_type in ("LineString", "LinearRing") else []


def _flat(shape: shapely.Geometry) -> list[shapely.Geometry]:
    parts = shapely.get_parts(shape).tolist()
    return [shape] if len(parts) == 1 and parts[0].geom_type == shape.geom_type else [q for part in parts for q in _flat(part)]


def _steps(line: shapely.Geometry, decimals: int) -> list[int]:
    whole = np.rint(shapely.get_coordinates(line) * 10**decimals).astype(np.int64)
    moved = np.diff(whole, axis=0)
    kept = moved[(moved != 0).any(axis=1)]  # vertices that fall on the one before say nothing
    out: list[int] = np.vstack([whole[:1], kept if len(kept) else moved[:1]]).ravel().tolist()
    return out


_PARCEL_DECIMALS = 9  # 0.1 mm: corners that are measured from the map give the area that stands in the report


def _parcel(parcel: ParcelAssessment, assessment: Assessment) -> Json:
    titles = {r.layer.id: r.layer.title for r in assessment.layers}
    west, _, east, north = shapely.bounds(parcel.geometry)
    rows = []
    clear = [titles.get(m.layer, m.layer) for m in parcel.measures if m.state == LayerState.CLEAR]
    for m in parcel.measures:
        if m.state == LayerState.CLEAR:
            continue
        finding = min((f for f in parcel.findings if f.layer == m.layer), key=lambda f: f.verdict.rank, default=None)
        unknown = m.state == LayerState.NO_DATA
        numbers = ["无数据"] * 3 if unknown else [square_metres(m.overlap_m2), hectares(m.overlap_m2), percent(m.overlap_share)]
        cells = [titles.get(m.layer, m.layer), m.state.label, *numbers, finding.verdict.label if finding else "–"]
        rows.append({"cells": cells, "unknown": unknown, "mark": finding.verdict.value if finding else None})
    return {
        "number": parcel.id,
        "name": parcel.name,
        **verdict_mark(parcel.verdict),
        "area": f"{square_metres(parcel.ellipsoidal_m2)} m²，合 {hectares(parcel.ellipsoidal_m2)} 公顷",
        "at": [round(float(north), 7), round(float(west + east) / 2, 7)],
        "g": packed(parcel.geometry, _PARCEL_DECIMALS),
        "rows": rows,
        "clear": f"不涉及：{'、'.join(clear)}" if clear else None,
        "findings": [verdict_mark(f.verdict) | {"text": f.text} for f in parcel.findings],
        "before": packed(parcel.drawn, _PARCEL_DECIMALS) if parcel.drawn is not None else None,
        "repairs": list(parcel.repairs),
    }


def _worst_first(conflicts: Sequence[Conflict]) -> list[Conflict]:
    return sorted(conflicts, key=lambda c: c.finding.verdict.rank)


def _conflict(conflict: Conflict, scene: Scene, rank: int, parcels: dict[str, str]) -> Json:
    shape = scene.frame.degrees(np.array([conflict.geometry], dtype=object))[0]
    at = shapely.point_on_surface(shape)
    return {
        "title": conflict.finding.title,
        "text": conflict.finding.text,
        **verdict_mark(conflict.finding.verdict),
        "rank": rank,
        "place": parcels.get(conflict.parcel),
        "colour": scene.styles[f"verdict/{conflict.finding.verdict.value}"].line,
        "area": area_text(conflict.area_m2) if conflict.area_m2 is not None else None,
        "sliver": conflict.sliver,
        "severe": conflict.severe,
        "at": [round(at.y, 7), round(at.x, 7)],
        "g": packed(shape, 8),
    }


def _name_rank(entry: tuple[int, Drawn]) -> tuple[int, int]:
    one = entry[1]
    return (0 if one.layer.role == "layout" else 1 if one.hit else 2 if one.layer.geometry == "polygon" else 3), -one.style.order


def _names(one: Drawn, frame: Frame, index: int) -> list[Json]:
    """Where the names of a layer stand, largest features first, and from which zoom on."""
    if one.style.name is None or one.style.text is None:
        return []
    out = []
    for words, shapes in named_groups(one)[:40]:
        big = one.layer.role == "layout" and one.layer.geometry == "polygon"
        shape = max(shapes, key=lambda s: s.length)
        point = (
            shapely.line_interpolate_point(shape, 0.5, normalized=True)
            if shape.geom_type == "LineString"
            else shapely.point_on_surface(shape)
        )
        if shape.geom_type in ("Polygon", "MultiPolygon"):
            point = shapely.Point(shapely.get_coordinates(shapely.maximum_inscribed_circle(shape, 5.0))[0])
        west, south, east, north = shapely.bounds(shape)
        need = math.log2(
            len(words) * 9 * 156_543 * 0.85 / max(east - west, north - south, 1.0)
        )  # the zoom at which the name is as long as its feature
        at = frame.degrees(np.array([point], dtype=object))[0]
        out.append(
            {
                "text": words,
                "at": [round(at.y, 6), round(at.x, 6)],
                "colour": one.style.text,
                "big": big,
                "layer": f"l{index}",
                "zoom": round(max(need, 11.5 if one.layer.geometry == "line" else 0.0, _least_zoom(one)), 1),
                "most": 12 if one.layer.id == "counties" else 99,
            }
        )
    return out
