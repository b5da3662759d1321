"""Many parcels against one layer at once: every fact that needs no geometry, and which pairs need it after all.

The same facts as `measuring.measure`, by areas alone. A pair is left to that function where a rule asks for a strip that
reaches the parcel, for a border that may move, or for features that not all of those hit are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from xygis.atlas.law import Selection
from xygis.atlas.layer import Layer
from xygis.geodesy.ellipsoid import Floats
from xygis.overlay.kernel import asking, laying
from xygis.overlay.kernel.pieces import Bools, Ints, Pieces
from xygis.overlay.measuring import Question
from xygis.overlay.polygons import pieces_of
from xygis.overlay.prepared import PreparedLayer
from xygis.overlay.rings import rings_of
from xygis.overlay.selecting import chosen_of, half_width_m
from xygis.overlay.sheet import Sheet, true_metres
from xygis.overlay.tiles import polygons_in
from xygis.overlay.tolerances import CONTACT_M, SEARCH_RADIUS_M, SLIVER_M, SLIVER_M2

_LIMITS = (CONTACT_M, SLIVER_M2, SLIVER_M)
NOTHING, WHOLE, OTHER = 0, 1, 2  # what a selection is of what the layer has here: nothing, all of it, something else


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What one question gets: which part of the layer here, and its distance (NaN: none within the radius, or not asked)."""

    question: Question
    kind: NDArray[np.int8]
    distance_m: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Screened:
    """Facts of every parcel, in their order. `open`: pairs that need geometry; their numbers mean nothing yet."""

    overlap_m2: Floats
    outside_m2: Floats
    distance_m: Floats  # NaN: none within the search radius
    patches: Ints
    sliver_count: Ints
    sliver_m2: Floats
    outside_sliver_m2: Floats
    answers: tuple[Answer, ...]
    open: Bools


def screen(sheet: Sheet, layer: Layer, prepared: PreparedLayer, questions: Sequence[Question], *, jobs: int | None = None) -> Screened:
    """All parcels × one polygon or line layer."""
    if layer.geometry == "line":
        return _lines(sheet, layer, prepared, questions, jobs)
    pieces = prepared.cover
    facts = asking.patch_facts(sheet.pieces, pieces, _LIMITS, jobs=jobs)
    vast = facts["inside_patches"] < 0  # over too many edges for one sweep
    inside, outside = np.where(vast, 0.0, facts["inside_m2"]), np.where(vast, 0.0, facts["outside_m2"])
    overlap = np.where((inside > 0.0) & (outside == 0.0), sheet.area_m2, np.minimum(inside, sheet.area_m2))
    touched = (overlap > 0.0) | (facts["inside_contact_m2"] > 0.0)
    distance = np.where(touched, 0.0, np.nan)
    apart = np.flatnonzero(~touched & ~vast)
    distance[apart] = _distances(sheet, apart, pieces, jobs=jobs)
    deep = np.zeros(len(sheet), bool)  # lies wholly inside, and no border comes near
    accuracy_m = layer.accuracy_m or 0.0
    if questions and (accuracy_m > 0.0):
        covered = np.flatnonzero((overlap > 0.0) & (outside == 0.0))
        deep[covered] = _no_border_near(sheet, covered, pieces, 2 * accuracy_m)
    answers = _answers(sheet, prepared, questions, overlap, distance, deep, jobs)
    open_ = vast.copy()
    for answer in answers:
        open_ |= answer.kind == OTHER
    if questions and accuracy_m > 0.0:
        open_ |= (overlap > 0.0) & ~deep
    return Screened(
        overlap_m2=overlap,
        outside_m2=np.where(overlap > 0.0, outside, sheet.area_m2),
        distance_m=distance,
        patches=facts["inside_patches"],
        sliver_count=facts["inside_slivers"],
        sliver_m2=facts["inside_sliver_m2"],
        outside_sliver_m2=np.where(overlap > 0.0, facts["outside_sliver_m2"], 0.0),
        answers=answers,
        open=open_,
    )


def outside_m2(sheet: Sheet, area: Pieces | None, *, jobs: int | None = None) -> Floats:
    """How much of each parcel lies outside an area; 0 where there is no limit."""
    if area is None:
        return np.zeros(len(sheet))
    found: Floats = asking.patch_facts(sheet.pieces, area, _LIMITS, jobs=jobs)["outside_m2"]
    return np.where(np.isnan(found), sheet.area_m2, found)  # over too many edges: as if outside, which nothing can be clear of


def area_pieces(geometry: shapely.Geometry) -> Pieces:
    """An area of the plane as pieces."""
    return pieces_of(polygons_in(np.array([geometry], object))[0])


def _distances(
    sheet: Sheet, which: Ints, pieces: Pieces, *, chosen: Bools | None = None, half_m: Floats | None = None, lines: bool = False,
    jobs: int | None = None,
) -> Floats:  # fmt: skip
    """True metres from some parcels to the nearest piece; NaN where none is within the search radius; contact is 0."""
    found = asking.nearest(
        sheet.pieces, which, pieces, sheet.scale, SEARCH_RADIUS_M * 1.01, half_m=half_m, chosen=chosen, lines=lines, jobs=jobs
    )  # fmt: skip
    out = np.full(len(which), np.nan)
    near = found["piece"] >= 0
    hit = found[near]
    half = 0.0 if half_m is None else half_m[hit["piece"]]
    true = true_metres(sheet, which[near], hit["on_parcel"] + pieces.origin, hit["on_layer"] + pieces.origin) - half
    out[near] = np.where(true > SEARCH_RADIUS_M, np.nan, np.where(true < CONTACT_M / 2, 0.0, true))
    return out


def _no_border_near(sheet: Sheet, which: Ints, pieces: Pieces, by_m: float) -> Bools:
    """Whether the box of each parcel, widened, lies wholly inside the layer."""
    b = sheet.pieces.bounds[which] + sheet.pieces.origin[[0, 1, 0, 1]]
    by = by_m / sheet.scale[which]
    boxes = shapely.box(b[:, 0] - by[:, 0], b[:, 1] - by[:, 1], b[:, 2] + by[:, 0], b[:, 3] + by[:, 1])
    rings = rings_of(boxes, np.arange(len(boxes), dtype=np.int64), pieces.origin)
    laying.orient(rings)
    area, bounds = laying.sizes(*rings.table, rings.first, rings.last)
    none = np.zeros((0, 4))
    asked = Pieces(
        origin=pieces.origin, xy=rings.xy, ring_offsets=rings.ring_offsets, first=rings.first, last=rings.last, owner=rings.owner,
        bounds=bounds, area=area, level1=none, level2=none,
    )  # fmt: skip
    found: Bools = asking.patch_facts(asked, pieces, _LIMITS)["outside_m2"] == 0.0
    return found


def _answers(
    sheet: Sheet,
    prepared: PreparedLayer,
    questions: Sequence[Question],
    overlap: Floats,
    distance: Floats,
    deep: Bools,
    jobs: int | None,
) -> tuple[Answer, ...]:
    if not questions:
        return ()
    hits = _hits(sheet, prepared, jobs) if any(q.selection.where for q in questions) else None
    out = []
    for question in questions:
        selection = question.selection
        kind = np.where(overlap > 0.0, WHOLE, NOTHING).astype(np.int8)
        away = distance
        if selection.where:
            assert hits is not None
            kind = _kind(sheet, prepared, selection, hits, overlap)
            away = _selected_distance(sheet, prepared, question, kind, distance, jobs)
        if selection.strip_m is not None:
            near = ~(distance > selection.strip_m + (prepared.layer.accuracy_m or 0.0))  # NaN: nothing within the radius
            near &= ~np.isnan(distance)
            kind = np.where(near & ~(deep | ((kind == WHOLE) & (overlap >= sheet.area_m2))), OTHER, kind).astype(np.int8)
        out.append(Answer(question=question, kind=kind, distance_m=away))
    return tuple(out)


def _hits(sheet: Sheet, prepared: PreparedLayer, jobs: int | None) -> tuple[Ints, Ints]:
    """(parcel, feature) of every pair that shares more than noise."""
    parcel, piece, area = asking.pairs(sheet.pieces, prepared.pieces, jobs=jobs)
    feature = prepared.owner[prepared.piece_part[piece]]
    real = area > 0.0
    return parcel[real], feature[real]


def _kind(sheet: Sheet, prepared: PreparedLayer, selection: Selection, hits: tuple[Ints, Ints], overlap: Floats) -> NDArray[np.int8]:
    """Whether the selection is nothing, all or a part of what each parcel overlaps."""
    parcel, feature = hits
    unique, index = np.unique(feature, return_inverse=True)
    sure, possible = chosen_of(unique, prepared.attributes, selection)
    all_sure, any_possible = np.ones(len(sheet), bool), np.zeros(len(sheet), bool)
    np.logical_and.at(all_sure, parcel, sure[index])
    np.logical_or.at(any_possible, parcel, possible[index])
    kind = np.where(any_possible, OTHER, NOTHING).astype(np.int8)
    kind[all_sure & any_possible] = WHOLE
    kind[overlap == 0.0] = NOTHING
    return kind


def _selected_distance(
    sheet: Sheet, prepared: PreparedLayer, question: Question, kind: NDArray[np.int8], distance: Floats, jobs: int | None
) -> Floats:
    """Distance to the features of the selection; where some feature does not say what it is, the pair needs a closer look."""
    if not question.distance:
        return np.full(len(sheet), np.nan)
    sure, possible = chosen_of(np.arange(prepared.features), prepared.attributes, question.selection)
    out = np.where(kind == WHOLE, 0.0, np.nan)
    ask = np.flatnonzero((kind == NOTHING) & ~np.isnan(distance))
    of_piece = prepared.owner[prepared.piece_part]
    out[ask] = _distances(sheet, ask, prepared.pieces, chosen=sure[of_piece], jobs=jobs)
    if (sure != possible).any():
        unknown = _distances(sheet, ask, prepared.pieces, chosen=possible[of_piece], jobs=jobs)
        kind[ask[~((unknown == out[ask]) | (np.isnan(unknown) & np.isnan(out[ask])))]] = OTHER
    return out


def _lines(sheet: Sheet, layer: Layer, prepared: PreparedLayer, questions: Sequence[Question], jobs: int | None) -> Screened:
    """Lines whose land and strips stay away from a parcel; every other pair needs geometry."""
    half = np.array([half_width_m(prepared.attributes(f).get("width_m")) for f in range(prepared.features)])
    of_piece = prepared.owner[prepared.piece_part]
    every = np.arange(len(sheet))
    distance = _distances(sheet, every, prepared.pieces, half_m=half[of_piece], lines=True, jobs=jobs)
    reach = max([0.0, *(q.selection.strip_m or 0.0 for q in questions)]) + (layer.accuracy_m or 0.0) + CONTACT_M
    answers = []
    nothing = np.zeros(len(sheet), np.int8)
    for question in questions:
        kind, away = nothing.copy(), distance if question.distance else np.full(len(sheet), np.nan)
        if question.distance and question.selection.where:
            kind[~np.isnan(distance)] = OTHER
        answers.append(Answer(question=question, kind=kind, distance_m=away))
    open_ = ~np.isnan(distance) & (distance <= reach * 1.005)
    for answer in answers:
        open_ |= answer.kind == OTHER
    zeros, none = np.zeros(len(sheet)), np.zeros(len(sheet), np.int64)
    return Screened(
        overlap_m2=zeros,
        outside_m2=sheet.area_m2,
        distance_m=distance,
        patches=none,
        sliver_count=none,
        sliver_m2=zeros,
        outside_sliver_m2=zeros,
        answers=tuple(answers),
        open=open_,
    )
