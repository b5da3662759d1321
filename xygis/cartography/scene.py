"""`Scene`: what stands in a frame, from the layers at the bottom to parcels, conflicts and slivers on top.

A scene is the one source of map and legend: what it does not hold is neither drawn nor explained.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray

from xygis.atlas.atlas import COUNTIES, Atlas
from xygis.atlas.layer import Layer
from xygis.atlas.style import Style
from xygis.atlas.verdict import LayerState, Verdict
from xygis.cartography.conflict import Conflict, find_conflicts
from xygis.cartography.frame import Frame, Geometries
from xygis.check.assessment import Assessment, ParcelAssessment
from xygis.errors import LayerUnreadable
from xygis.overlay.features import Features, layer_features

_MANY = 1_500


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """The features of one style inside the frame. geometry is in metres of the frame's zone, clipped, never empty."""

    style: Style
    layer: Layer
    geometry: Geometries
    names: tuple[str, ...]  # one per geometry; "" where the feature has none
    details: tuple[tuple[tuple[str, str], ...], ...]  # (field, value) in our words, for pop-ups
    hit: bool  # a parcel of the scene is concerned by it


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """One parcel on the map."""

    number: str
    name: str
    verdict: Verdict
    geometry: shapely.Geometry  # metres


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Everything that a rendering needs; geometries in metres of the frame's zone."""

    frame: Frame
    styles: Mapping[str, Style]
    drawn: tuple[Drawn, ...]  # in drawing order
    parcels: tuple[Marked, ...]
    conflicts: tuple[Conflict, ...]
    gaps: tuple[tuple[str, shapely.Geometry], ...]  # (layer title, part of a parcel outside what the layer covers)
    unread: tuple[str, ...]  # titles of layers that could not be drawn
    demo: bool


def parcel_scene(
    assessment: Assessment,
    parcels: Sequence[ParcelAssessment],
    atlas: Atlas,
    frame: Frame,
    *,
    asked: Collection[str] = (),
    everything: bool = False,
    gaps_of: str | None = None,
    only: Collection[str] | None = None,
) -> Scene:
    """Some parcels of an assessment on the layers around them. Quiet layers only where asked for, or with `everything`.

    gaps_of: the layer whose missing data are shown on the parcels.
    """
    styles = {style.id: style for style in atlas.styles}
    hits = {m.layer for p in parcels for m in p.measures if m.state == LayerState.CONCERNED}
    outlines = frame.metres(np.array([p.geometry for p in parcels], dtype=object))
    drawn, unread = draw_layers(atlas, frame, styles, asked=asked, only=only, everything=everything, hits=hits, outlines=outlines)
    return Scene(
        frame=frame,
        styles=styles,
        drawn=drawn,
        parcels=marked(parcels, frame),
        conflicts=tuple(
            c for p, g in zip(parcels, outlines, strict=True) for c in find_conflicts(p, g, atlas, frame, assessment.checked_on)
        ),
        gaps=tuple(gap for p, g in zip(parcels, outlines, strict=True) if gaps_of for gap in _gaps(p, g, atlas.layer(gaps_of), frame)),
        unread=unread,
        demo=assessment.demo,
    )


def atlas_scene(
    atlas: Atlas,
    frame: Frame,
    layer_ids: Sequence[str],
    *,
    also: Sequence[str] = (),
    zoomable: bool = False,
    tolerance_m: float | None = None,
) -> Scene:
    """Layers without any parcel. also: layers that are drawn as far as their styles suit the scale."""
    styles = {style.id: style for style in atlas.styles}
    whole = (*layer_ids, *also)
    layers = tuple(atlas.layer(layer_id) for layer_id in whole)
    drawn, unread = draw_layers(atlas, frame, styles, asked=layer_ids, only=whole, zoomable=zoomable, tolerance_m=tolerance_m)
    demo = any(layer.status == "demo" and layer.title not in unread for layer in layers)
    return Scene(frame=frame, styles=styles, drawn=drawn, parcels=(), conflicts=(), gaps=(), unread=unread, demo=demo)


def locator_scene(assessment: Assessment, atlas: Atlas, frame: Frame) -> Scene:
    """Where the parcels lie in the city: the base map, no control layer."""
    styles = {style.id: style for style in atlas.styles}
    drawn = base_map(atlas, frame, styles)
    return Scene(
        frame=frame,
        styles=styles,
        drawn=drawn,
        parcels=marked(assessment.parcels, frame),
        conflicts=(),
        gaps=(),
        unread=(),
        demo=assessment.demo,
    )


def base_map(atlas: Atlas, frame: Frame, styles: Mapping[str, Style]) -> tuple[Drawn, ...]:
    """The styles that belong to the base map, as far as their layers can be read."""
    ids = {style.id.split("/")[0] for style in styles.values() if style.base}
    return tuple(one for one in draw_layers(atlas, frame, styles, only=ids)[0] if one.style.base)


def marked(parcels: Sequence[ParcelAssessment], frame: Frame) -> tuple[Marked, ...]:
    shapes = frame.metres(np.array([p.geometry for p in parcels], dtype=object))
    return tuple(Marked(number=p.id, name=p.name, verdict=p.verdict, geometry=g) for p, g in zip(parcels, shapes, strict=True))


def draw_layers(
    atlas: Atlas,
    frame: Frame,
    styles: Mapping[str, Style],
    *,
    asked: Collection[str] = (),
    only: Collection[str] | None = None,
    everything: bool = False,
    hits: Collection[str] = (),
    outlines: Geometries | None = None,
    tolerance_m: float | None = None,
    zoomable: bool = False,
) -> tuple[tuple[Drawn, ...], tuple[str, ...]]:
    """(what is drawn, from bottom to top; titles of layers that cannot be read).

    tolerance_m: how far a simplified line may stray; by default a fifth of a px. zoomable: a map without a scale of its own.
    """
    tolerance_m = tolerance_m if tolerance_m is not None else 0.2 / frame.px_per_m
    drawn: list[Drawn] = []
    unread: list[str] = []
    for layer in atlas.layers:
        base = styles.get(layer.id) or _plain(layer)
        if (only is not None and layer.id not in only) or (base.quiet and not everything and layer.id not in asked):
            continue
        if layer.geometry == "raster" and layer.id not in asked:
            continue  # facts of parcels, not a picture
        if layer.path is None or layer.geometry == "raster":
            unread.append(layer.title)
            continue
        try:
            features = layer_features(layer, frame.bbox_deg())
        except LayerUnreadable:
            unread.append(layer.title)
            continue
        classes = [s for s in styles.values() if s.id.startswith(f"{layer.id}/")]
        for style, members in _share_out(base, classes, features):
            if style.min_scale is not None and frame.scale > style.min_scale and layer.id not in asked and layer.id not in hits:
                continue
            one = _draw(style, layer, features, members, frame, layer.id in hits, outlines, tolerance_m)
            if one is not None:
                drawn.append(one if zoomable else replace(one, style=_thinner(style, frame.scale, len(one.geometry))))
    return tuple(sorted(drawn, key=lambda d: d.style.order)), tuple(unread)


def _share_out(base: Style, classes: Sequence[Style], features: Features) -> list[tuple[Style, NDArray[np.int64]]]:
    """Which features each style draws: the first class that takes a feature has it, the layer's style the rest."""
    left = np.ones(len(features), dtype=bool)
    out: list[tuple[Style, NDArray[np.int64]]] = []
    for style in classes:
        assert style.where is not None
        field, patterns = style.where
        values = features.attributes.get(field)
        if values is None:
            continue
        mine = np.array([_matches(str(value), patterns) for value in values], dtype=bool) & left
        out.append((style, np.flatnonzero(mine)))
        left &= ~mine
    out.insert(0, (base, np.arange(len(features)) if base.merged else np.flatnonzero(left)))
    return [(style, members) for style, members in out if len(members)]


def _matches(value: str, patterns: Sequence[str]) -> bool:
    return any(value.startswith(p[:-1]) if p.endswith("*") else value == p for p in patterns)


def _draw(
    style: Style,
    layer: Layer,
    features: Features,
    members: NDArray[np.int64],
    frame: Frame,
    concerned: bool,
    outlines: Geometries | None,
    tolerance_m: float,
) -> Drawn | None:
    geometry = frame.metres(features.geometry[members])
    bad = ~shapely.is_valid(geometry)
    geometry[bad] = shapely.make_valid(geometry[bad])
    if style.merged and layer.geometry == "polygon":
        closed = shapely.buffer(geometry, 0.5, join_style="mitre")
        geometry = np.array([shapely.buffer(shapely.union_all(closed), -0.5, join_style="mitre")], dtype=object)
    geometry = shapely.clip_by_rect(geometry, *frame.box(margin_m=12 / frame.px_per_m))
    touched = concerned and layer.id != COUNTIES and outlines is not None
    hit = touched and any(
        bool(shapely.intersects(o, geometry).any()) for o in (outlines if outlines is not None else ())
    )  # before simplifying: it may be a hair
    geometry = shapely.simplify(geometry, tolerance_m)
    gone = shapely.is_empty(geometry) | shapely.is_missing(geometry)
    if layer.geometry == "polygon" and not concerned:
        gone |= shapely.area(geometry) < (2 * tolerance_m) ** 2  # less than a dot
    kept = np.flatnonzero(~gone)
    if not len(kept):
        return None
    names = features.attributes.get(style.name or "", [None] * len(features))
    source = [-1] * len(kept) if style.merged else [int(members[i]) for i in kept]
    hit = (
        concerned
        and layer.id != COUNTIES
        and outlines is not None
        and any(bool(shapely.intersects(o, geometry[kept]).any()) for o in outlines)
    )
    return Drawn(
        style=style,
        layer=layer,
        geometry=geometry[kept],
        names=tuple("" if i < 0 or names[i] is None else str(names[i]) for i in source),
        details=tuple(_details(layer, features, i) if i >= 0 else () for i in source),
        hit=hit,
    )


def _thinner(style: Style, scale: float, features: int) -> Style:
    """Lines are drawn finer on maps of a whole city, where full width would cover what they enclose."""
    share = next((share for least, share in ((600_000, 0.45), (300_000, 0.6), (150_000, 0.8)) if scale > least), 1.0)
    if share == 1.0:
        return style
    if features > _MANY and style.pattern:
        share /= 4  # the pattern says it; thousands of borders would only darken it
    return replace(
        style,
        width_pt=style.width_pt * share,
        casing_width_pt=(style.casing_width_pt or 2.0) * share,
        dash=tuple(v * share for v in style.dash),
    )


def city(atlas: Atlas) -> shapely.Geometry | None:
    """Where the city lies, as a box in degrees: its counties, else the atlas's envelope, else nothing."""
    layer = next((layer for layer in atlas.layers if layer.id == COUNTIES and layer.path), None)
    try:
        shapes = layer_features(layer).geometry if layer else ()
    except LayerUnreadable:
        shapes = ()
    if len(shapes):
        return shapely.box(*shapely.total_bounds(shapes))
    return shapely.box(*atlas.envelope) if atlas.envelope else None


def _details(layer: Layer, features: Features, i: int) -> tuple[tuple[str, str], ...]:
    fields = [a.field for a in layer.fields if a.field in features.attributes]
    return tuple((field, str(features.attributes[field][i])) for field in fields if features.attributes[field][i] not in (None, ""))


def _plain(layer: Layer) -> Style:
    """A layer that has no entry in maps/styles.toml is still drawn, in grey."""
    return Style(
        id=layer.id,
        label=layer.title,
        fill=None,
        line="#5f6b76",
        width_pt=0.9,
        dash=(3.0, 1.5),
        pattern=None,
        pattern_colour=None,
        casing="#ffffff",
        order=48,
        opacity=1.0,
        min_scale=None,
        where=None,
        text="#46515b",
    )


def _gaps(parcel: ParcelAssessment, outline: shapely.Geometry, layer: Layer, frame: Frame) -> list[tuple[str, shapely.Geometry]]:
    """The part of a parcel for which a layer has no data: all of it, or what lies outside the layer's extent."""
    measure = next((m for m in parcel.measures if m.layer == layer.id), None)
    if measure is None or not (measure.state == LayerState.NO_DATA or measure.unmapped_m2):
        return []
    if not layer.extent:
        return [(layer.title, outline)] if measure.state == LayerState.NO_DATA else []
    covered = shapely.union_all(frame.metres(np.array([shapely.Polygon(ring) for ring in layer.extent], dtype=object)))
    rest = shapely.difference(outline, covered)
    return [] if rest.is_empty else [(layer.title, rest)]
