"""Measures one parcel against one prepared layer: the facts that every rule is judged on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray

from xygis.atlas.attributes import Value, matches
from xygis.atlas.law import Selection
from xygis.atlas.layer import Layer
from xygis.atlas.verdict import DataState, LayerState
from xygis.geodesy.ellipsoid import Floats
from xygis.overlay.measure import FeatureHit, Measure, Part, Patch
from xygis.overlay.near import clipped, gaps_m, nearest_m, widened, within
from xygis.overlay.overlap import Geometries, Patches, intersections, patches_of, union
from xygis.overlay.prepare import Ints, PreparedLayer
from xygis.overlay.shape import ParcelShape
from xygis.overlay.tolerances import CONTACT_M

_WIDEST_HALF_M = 60.0  # no road or railway has more than 120 m of land


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One selection that a rule asks about, and whether it wants the distance to it."""

    selection: Selection
    distance: bool = False


def no_data(layer: Layer, shape: ParcelShape, data: DataState, unmapped_m2: float | None = None) -> Measure:
    """What is said of a layer that could not be asked: numbers are None, never 0."""
    return Measure(
        layer=layer.id,
        state=LayerState.NO_DATA,
        data=data,
        overlap_m2=None,
        overlap_range_m2=None,
        overlap_share=None,
        outside_m2=None,
        unmapped_m2=shape.area_m2 if unmapped_m2 is None else unmapped_m2,
        distance_m=None,
        patches=None,
        sliver_count=None,
        sliver_m2=None,
        features=(),
        parts=(),
        pieces=(),
        contact_m2=None,
    )


def measure(
    shape: ParcelShape,
    layer: Layer,
    prepared: PreparedLayer,
    questions: Sequence[Question],
    *,
    extent: shapely.Geometry | None,
    data: DataState = DataState.READY,
) -> Measure:
    """One parcel × one layer.

    extent: where the layer claims to be complete, in the plane; None: everywhere. Areas are in the atlas's plane,
    distances and strips in local metres. Raises nothing on valid input: doubt was settled when the layer was prepared.
    """
    unmapped_m2 = patches_of(shapely.difference(shape.polygon, extent)).total_m2 if extent is not None else 0.0
    scene = _Scene(shape=shape, layer=layer, prepared=prepared, gaps=gaps_m(shape, prepared), cache={}, cuts={})
    whole = _part(scene, Question(selection=Selection(layer=layer.id), distance=True))
    parts = [_part(scene, question) for question in questions if question.selection != whole.part.selection]
    if layer.geometry == "line":
        whole = _with_strips(scene, whole, parts)
    part = whole.part
    if part.overlap_m2 == 0.0 and unmapped_m2 > 0.0:
        return no_data(layer, shape, data, unmapped_m2)
    return Measure(
        layer=layer.id,
        state=LayerState.CONCERNED if part.overlap_m2 > 0.0 else LayerState.CLEAR,
        data=data,
        overlap_m2=part.overlap_m2,
        overlap_range_m2=part.overlap_range_m2,
        overlap_share=1.0 if part.overlap_m2 > 0.0 and part.outside_m2 == 0.0 else min(1.0, part.overlap_m2 / shape.area_m2),
        outside_m2=part.outside_m2,
        unmapped_m2=unmapped_m2,
        distance_m=part.distance_m,
        patches=part.patches,
        sliver_count=part.sliver_count,
        sliver_m2=part.sliver_m2,
        features=whole.hits,
        parts=(part, *(p.part for p in parts)),
        pieces=tuple(piece for p in (whole, *parts) for piece in p.pieces),
        contact_m2=whole.contact_m2,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cut:
    """The parts of a layer near the parcel (widened by a strip, if asked), and what the parcel cuts out of each."""

    parts: Ints
    bodies: Geometries
    pieces: Geometries
    areas_m2: Floats

    def only(self, mask: NDArray[np.bool_]) -> _Cut:
        return _Cut(parts=self.parts[mask], bodies=self.bodies[mask], pieces=self.pieces[mask], areas_m2=self.areas_m2[mask])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scene:
    shape: ParcelShape
    layer: Layer
    prepared: PreparedLayer
    gaps: Floats
    cache: dict[int, dict[str, Value]]
    cuts: dict[float | None, _Cut]

    def cut(self, strip_m: float | None) -> _Cut:
        """Made once for each width of strip."""
        if strip_m not in self.cuts:
            line = self.layer.geometry == "line"
            parts = within(self.gaps, (strip_m or 0.0) + (_WIDEST_HALF_M if line else 0.0) + (self.layer.accuracy_m or 0.0))
            bodies = self.prepared.parts(parts)
            if line or strip_m is not None:
                bodies = widened(self.shape, bodies, _half_widths(self, parts) + (strip_m or 0.0))
            pieces = intersections(self.shape.polygon, bodies)
            self.cuts[strip_m] = _Cut(parts=parts, bodies=bodies, pieces=pieces, areas_m2=np.asarray(shapely.area(pieces), float))
        return self.cuts[strip_m]

    def attributes(self, feature: int) -> dict[str, Value]:
        if feature not in self.cache:
            self.cache[feature] = self.prepared.attributes(feature)
        return self.cache[feature]

    def chosen(self, parts: Ints, selection: Selection) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """(surely, possibly) in the selection, for each part; possibly includes surely."""
        sure, possible = np.ones(len(parts), bool), np.ones(len(parts), bool)
        for field, patterns in selection.where:
            met = [matches(self.attributes(f).get(field), patterns) for f in self.prepared.owner[parts].tolist()]
            sure &= np.array([m is True for m in met], bool)
            possible &= np.array([m is not False for m in met], bool)
        return sure, possible


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    part: Part
    hits: tuple[FeatureHit, ...]
    pieces: tuple[Patch, ...]
    contact_m2: float
    union: shapely.Geometry


def _part(scene: _Scene, question: Question) -> _Answer:
    """The overlap with one selection: areas, slivers, range, patches, features."""
    selection, shape = question.selection, scene.shape
    cut = scene.cut(selection.strip_m)
    sure, possible = scene.chosen(cut.parts, selection)
    if not possible.any():
        return _nothing(scene, question)
    mine = cut.only(sure)
    whole = union(mine.pieces)
    inside, outside = patches_of(whole), _outside(shape, whole)
    overlap_m2 = inside.total_m2
    possible_m2 = overlap_m2 if (sure == possible).all() else patches_of(union(cut.only(possible).pieces)).total_m2
    hits = _hits(scene, mine)
    return _Answer(
        part=Part(
            selection=selection,
            overlap_m2=overlap_m2,
            possible_m2=possible_m2,
            outside_m2=outside.total_m2 if overlap_m2 > 0 else shape.area_m2,
            overlap_range_m2=_range(scene, mine.bodies, overlap_m2),
            sliver_m2=inside.sliver_m2,
            sliver_count=int(inside.sliver.sum()),
            patches=len(inside.area_m2),
            distance_m=_distance(scene, question, overlap_m2, inside.contact_m2),
            names=_names(hits),
            outside_sliver_m2=outside.sliver_m2 if overlap_m2 > 0 else 0.0,
        ),
        hits=tuple(hits),
        pieces=_pieces(scene, selection, inside, mine),
        contact_m2=inside.contact_m2,
        union=whole,
    )


def _nothing(scene: _Scene, question: Question) -> _Answer:
    """No feature of the selection is anywhere near."""
    return _Answer(
        part=Part(
            selection=question.selection,
            overlap_m2=0.0,
            possible_m2=0.0,
            outside_m2=scene.shape.area_m2,
            overlap_range_m2=None if scene.layer.accuracy_m is None else (0.0, 0.0),
            sliver_m2=0.0,
            sliver_count=0,
            patches=0,
            distance_m=_distance(scene, question, 0.0, 0.0),
            names=(),
        ),
        hits=(),
        pieces=(),
        contact_m2=0.0,
        union=shapely.Polygon(),
    )


def _outside(shape: ParcelShape, whole: shapely.Geometry) -> Patches:
    return patches_of(shapely.difference(shape.polygon, whole) if not whole.is_empty else shape.polygon)


def _half_widths(scene: _Scene, parts: Ints) -> Floats:
    """Half the land width of each line feature, where the layer states it."""
    if scene.layer.geometry != "line":
        return np.zeros(len(parts))
    stated = [scene.attributes(f).get("width_m") for f in scene.prepared.owner[parts].tolist()]
    return np.array([float(w) / 2 if isinstance(w, (int, float)) else 0.0 for w in stated])


def _range(scene: _Scene, body: Geometries, overlap_m2: float) -> tuple[float, float] | None:
    """Least and greatest overlap if the layer's border moves within its accuracy."""
    accuracy_m = scene.layer.accuracy_m
    if accuracy_m is None:
        return None
    body = body[~shapely.is_empty(body)]
    if len(body) == 0 or accuracy_m == 0.0:
        return overlap_m2, overlap_m2
    local = clipped(scene.shape, body, 2 * accuracy_m + 10.0)
    border = np.array([shapely.union_all(local)], object)
    least, most = (
        float(shapely.intersection(widened(scene.shape, border, by)[0], scene.shape.polygon).area) for by in (-accuracy_m, accuracy_m)
    )
    return min(least, overlap_m2), max(most, overlap_m2)


def _distance(scene: _Scene, question: Question, overlap_m2: float, contact_m2: float) -> float | None:
    if overlap_m2 > 0.0 or contact_m2 > 0.0:
        return 0.0
    if not question.distance:
        return None
    allowed = None
    if question.selection.where:
        allowed, _ = scene.chosen(np.arange(len(scene.prepared.owner)), question.selection)
    return nearest_m(scene.shape, scene.prepared, scene.gaps, allowed)


def _hits(scene: _Scene, cut: _Cut) -> list[FeatureHit]:
    """Overlap of each feature touched, largest first; contact is no touch."""
    with np.errstate(divide="ignore", invalid="ignore"):
        real = (cut.areas_m2 > 0) & (2 * cut.areas_m2 >= CONTACT_M * shapely.length(cut.pieces))
    real_cut = cut.only(real)
    owners = scene.prepared.owner[real_cut.parts]
    features, inverse = np.unique(owners, return_inverse=True)
    areas = np.bincount(inverse, real_cut.areas_m2, len(features)) if len(features) else np.zeros(0)
    if scene.layer.geometry == "line" and len(features) < len(owners):  # parts of one widened line overlap each other
        areas = np.array([union(real_cut.pieces[inverse == k]).area for k in range(len(features))])
    rows = []
    for f, area in zip(features.tolist(), areas.tolist(), strict=True):
        attributes = scene.attributes(f)
        rows.append(FeatureHit(id=str(attributes.get("id") or f + 1), overlap_m2=area, attributes=tuple(attributes.items())))
    return sorted(rows, key=lambda h: (-h.overlap_m2, h.id))


def _names(hits: list[FeatureHit]) -> tuple[str, ...]:
    names = []
    for hit in hits:
        values = dict(hit.attributes)
        name = values.get("name") or values.get("class")
        if name is not None:
            names.append(str(name))
    return tuple(dict.fromkeys(names))


def _pieces(scene: _Scene, selection: Selection, inside: Patches, cut: _Cut) -> tuple[Patch, ...]:
    """The patches in degrees, each with the features that make it up."""
    if len(inside.geometry) == 0:
        return ()
    degrees = shapely.transform(inside.geometry, lambda c: np.column_stack(scene.shape.frame.plane.inverse(c[:, 0], c[:, 1])))
    touched = cut.only(cut.areas_m2 > 0)
    left, right = shapely.STRtree(touched.pieces).query(inside.geometry, predicate="intersects")
    members: list[set[int]] = [set() for _ in degrees]
    for i, owner in zip(left.tolist(), scene.prepared.owner[touched.parts[right]].tolist(), strict=True):
        members[i].add(owner)
    return tuple(
        Patch(
            selection=selection,
            geometry=geometry,
            area_m2=float(inside.area_m2[i]),
            mean_width_m=float(inside.mean_width_m[i]),
            sliver=bool(inside.sliver[i]),
            cause=None,
            feature_ids=tuple(str(scene.attributes(f).get("id") or f + 1) for f in sorted(members[i])),
        )
        for i, geometry in enumerate(degrees)
    )


def _with_strips(scene: _Scene, whole: _Answer, parts: list[_Answer]) -> _Answer:
    """A line layer concerns a parcel through its control strips as well as through its own land."""
    everything = union(np.array([whole.union, *(p.union for p in parts)], object))
    inside, outside = patches_of(everything), _outside(scene.shape, everything)
    hits = {h.id: h for answer in (whole, *parts) for h in answer.hits}
    for answer in (whole, *parts):
        for hit in answer.hits:
            if hit.overlap_m2 > hits[hit.id].overlap_m2:
                hits[hit.id] = hit
    overlap_m2 = inside.total_m2
    part = replace(
        whole.part,
        overlap_m2=overlap_m2,
        possible_m2=max(overlap_m2, whole.part.possible_m2),
        outside_m2=outside.total_m2 if overlap_m2 > 0 else scene.shape.area_m2,
        overlap_range_m2=None,
        sliver_m2=inside.sliver_m2,
        sliver_count=int(inside.sliver.sum()),
        patches=len(inside.area_m2),
    )
    return replace(whole, part=part, hits=tuple(sorted(hits.values(), key=lambda h: (-h.overlap_m2, h.id))))
