"""Measures one parcel against one prepared layer: the facts that every rule is judged on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray

from xygis.atlas.law import Selection
from xygis.atlas.layer import Layer
from xygis.atlas.verdict import DataState, LayerState
from xygis.overlay.measure import FeatureHit, Measure, Part, Patch
from xygis.overlay.near import clipped, gaps_m, nearest_m, widened, within
from xygis.overlay.overlap import Geometries, Patches, areal, patches_of, union
from xygis.overlay.prepared import PreparedLayer
from xygis.overlay.scene import Cut, Scene, half_widths
from xygis.overlay.shape import ParcelShape
from xygis.overlay.tolerances import CONTACT_M, SEARCH_RADIUS_M


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
    aside: Sequence[Question] = (),
) -> Measure:
    """One parcel × one layer. aside: what is asked only to know what another answer about the project would change.

    extent: where the layer claims to be complete, in the plane; None: everywhere. Areas are in the atlas's plane,
    distances and strips in local metres. Raises nothing on valid input: doubt was settled when the layer was prepared.
    """
    unmapped_m2 = patches_of(shapely.difference(shape.polygon, extent)).total_m2 if extent is not None else 0.0
    scene = Scene(shape=shape, layer=layer, prepared=prepared, gaps=gaps_m(shape, prepared), cache={}, cuts={})
    seen: _Answers = {}
    whole = _part(scene, Question(selection=Selection(layer=layer.id), distance=True), seen)
    parts = [_part(scene, question, seen) for question in questions if question.selection != whole.part.selection]
    answers = (whole.part, *(p.part for p in parts))  # what a rule asks of the bare lines is not answered by a strip
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
        features=tuple(hit for _, hit in whole.hits),
        parts=answers,
        pieces=tuple(piece for p in (whole, *parts) for piece in p.pieces),
        contact_m2=whole.contact_m2,
        aside=tuple(_part(scene, question, seen).part for question in aside),
    )


_Hit = tuple[int, FeatureHit]  # with the number of the feature: ids may be missing, or the same twice


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    part: Part
    hits: tuple[_Hit, ...]
    pieces: tuple[Patch, ...]
    contact_m2: float
    union: shapely.Geometry


_Answers = dict[tuple[float | None, bytes, bytes], _Answer]  # by strip width and the parts surely and possibly chosen


def _part(scene: Scene, question: Question, answers: _Answers) -> _Answer:
    """The overlap with one selection: areas, slivers, range, patches, features."""
    selection = question.selection
    cut = scene.cut(selection.strip_m)
    sure, possible = scene.chosen(cut.parts, selection)
    if not possible.any():
        return _nothing(scene, question)
    key = (selection.strip_m, sure.tobytes(), possible.tobytes())
    if key not in answers:
        answers[key] = _measured(scene, question, cut, sure, possible)
    return _asked_anew(scene, question, answers[key])


def _asked_anew(scene: Scene, question: Question, known: _Answer) -> _Answer:
    """The answer to a question that picks the same features as one before: only its name and its distances are its own."""
    if known.part.selection == question.selection:
        return known
    distance_m = _distance(scene, question, known.part.overlap_m2, known.contact_m2)
    part = replace(
        known.part,
        selection=question.selection,
        distance_m=distance_m,
        possible_distance_m=_possible_distance(scene, question, known.part.possible_m2, known.contact_m2, distance_m),
    )
    return replace(known, part=part, pieces=tuple(replace(piece, selection=question.selection) for piece in known.pieces))


def _measured(scene: Scene, question: Question, cut: Cut, sure: NDArray[np.bool_], possible: NDArray[np.bool_]) -> _Answer:
    selection, shape = question.selection, scene.shape
    mine = cut.only(sure)
    whole = union(mine.pieces)
    inside, outside = patches_of(whole), _outside(shape, whole)
    overlap_m2 = _covered_m2(shape, inside, outside)
    possible_m2 = overlap_m2 if (sure == possible).all() else patches_of(union(cut.only(possible).pieces)).total_m2
    distance_m = _distance(scene, question, overlap_m2, inside.contact_m2)
    hits = _hits(scene, mine, overlap_m2, disjoint=selection.strip_m is None and scene.layer.geometry == "polygon")
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
            distance_m=distance_m,
            possible_distance_m=_possible_distance(scene, question, possible_m2, inside.contact_m2, distance_m),
            names=_names([hit for _, hit in hits]),
            outside_sliver_m2=outside.sliver_m2 if overlap_m2 > 0 else 0.0,
        ),
        hits=hits,
        pieces=_pieces(scene, selection, inside, mine),
        contact_m2=inside.contact_m2,
        union=whole,
    )


def _nothing(scene: Scene, question: Question) -> _Answer:
    """No feature of the selection is anywhere near."""
    distance_m = _distance(scene, question, 0.0, 0.0)
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
            distance_m=distance_m,
            possible_distance_m=_possible_distance(scene, question, 0.0, 0.0, distance_m),
            names=(),
        ),
        hits=(),
        pieces=(),
        contact_m2=0.0,
        union=shapely.Polygon(),
    )


def _outside(shape: ParcelShape, whole: shapely.Geometry) -> Patches:
    return patches_of(shapely.difference(shape.polygon, whole) if not whole.is_empty else shape.polygon)


def _covered_m2(shape: ParcelShape, inside: Patches, outside: Patches) -> float:
    """The overlap; the whole parcel where what is left outside is mere contact, so that the two add up to its area."""
    if inside.total_m2 > 0.0 and outside.total_m2 == 0.0:
        return shape.area_m2
    return min(inside.total_m2, shape.area_m2)


def _range(scene: Scene, body: Geometries, overlap_m2: float) -> tuple[float, float] | None:
    """Least and greatest overlap if the layer's border moves within its accuracy."""
    accuracy_m = scene.layer.accuracy_m
    if accuracy_m is None:
        return None
    body = body[~shapely.is_empty(body)]
    if len(body) == 0 or accuracy_m == 0.0 or shapely.contains(body, _surroundings(scene.shape, 2 * accuracy_m)).any():
        return overlap_m2, overlap_m2  # no border that could move is near
    local = clipped(scene.shape, body, 2 * accuracy_m + 10.0)
    border = np.array([union(areal(local))] * 2, object)
    least, most = shapely.area(
        shapely.intersection(widened(scene.shape, border, np.array([-accuracy_m, accuracy_m])), scene.shape.polygon)
    ).tolist()
    return min(least, overlap_m2), max(most, overlap_m2)


def _surroundings(shape: ParcelShape, by_m: float) -> shapely.Polygon:
    """A box around the parcel, with a margin in every direction."""
    west, south, east, north = shapely.bounds(shape.polygon)
    dx, dy = by_m / shape.frame.scale_x, by_m / shape.frame.scale_y
    return shapely.box(west - dx, south - dy, east + dx, north + dy)


def _distance(scene: Scene, question: Question, overlap_m2: float, contact_m2: float) -> float | None:
    if overlap_m2 > 0.0 or contact_m2 > 0.0:
        return 0.0
    return _nearest(scene, question, sure=True)


def _possible_distance(scene: Scene, question: Question, possible_m2: float, contact_m2: float, known_m: float | None) -> float | None:
    if possible_m2 > 0.0 or contact_m2 > 0.0:
        return 0.0
    return _nearest(scene, question, sure=False) if question.selection.where else known_m


def _nearest(scene: Scene, question: Question, *, sure: bool) -> float | None:
    """Distance to the nearest feature that surely, or else possibly, meets the selection."""
    if not question.distance:
        return None
    reach = within(scene.gaps, SEARCH_RADIUS_M)
    half_m = np.zeros(len(scene.gaps))
    half_m[reach] = half_widths(scene, reach)
    allowed = None
    if question.selection.where:
        allowed = np.zeros(len(scene.gaps), bool)
        allowed[reach] = scene.chosen(reach, question.selection)[0 if sure else 1]
    return nearest_m(scene.shape, scene.prepared, half_m, allowed)


def _hits(scene: Scene, cut: Cut, overlap_m2: float, *, disjoint: bool) -> tuple[_Hit, ...]:
    """Overlap of each feature touched, largest first; contact is no touch, and no feature has more than there is.

    disjoint: the parts of one feature do not overlap each other, as they may once they are widened.
    """
    if overlap_m2 == 0.0:
        return ()
    with np.errstate(divide="ignore", invalid="ignore"):
        real = (cut.areas_m2 > 0) & (2 * cut.areas_m2 >= CONTACT_M * shapely.length(cut.pieces))
    if not real.any():  # contacts that make up an overlap only together
        real = cut.areas_m2 > 0
    mine = cut.only(real)
    owners = scene.prepared.owner[mine.parts].tolist()
    features = sorted(set(owners))
    place = {f: k for k, f in enumerate(features)}
    which = np.array([place[f] for f in owners])
    areas = np.bincount(which, mine.areas_m2, len(features))
    if not disjoint:
        for k in np.flatnonzero(np.bincount(which) > 1):
            areas[k] = union(mine.pieces[which == k]).area
    rows = []
    for f, area in zip(features, np.minimum(areas, overlap_m2).tolist(), strict=True):
        rows.append((f, FeatureHit(id=scene.name(f), overlap_m2=area, attributes=tuple(scene.attributes(f).items()))))
    return _largest_first(rows)


def _largest_first(rows: Iterable[_Hit]) -> tuple[_Hit, ...]:
    return tuple(sorted(rows, key=lambda row: (-row[1].overlap_m2, row[1].id, row[0])))


def _names(hits: list[FeatureHit]) -> tuple[str, ...]:
    names = []
    for hit in hits:
        values = dict(hit.attributes)
        name = values.get("name") or values.get("class")
        if name is not None:
            names.append(str(name))
    return tuple(dict.fromkeys(names))


def _pieces(scene: Scene, selection: Selection, inside: Patches, cut: Cut) -> tuple[Patch, ...]:
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
            feature_ids=tuple(scene.name(f) for f in sorted(members[i])),
        )
        for i, geometry in enumerate(degrees)
    )


def _with_strips(scene: Scene, whole: _Answer, parts: list[_Answer]) -> _Answer:
    """A line layer concerns a parcel through its control strips as well as through its own land."""
    everything = union(np.array([whole.union, *(p.union for p in parts)], object))
    inside, outside = patches_of(everything), _outside(scene.shape, everything)
    hits: dict[int, FeatureHit] = {}
    for feature, hit in (row for answer in (whole, *parts) for row in answer.hits):
        if feature not in hits or hit.overlap_m2 > hits[feature].overlap_m2:
            hits[feature] = hit
    overlap_m2 = _covered_m2(scene.shape, inside, outside)
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
    return replace(whole, part=part, hits=_largest_first(hits.items()))
