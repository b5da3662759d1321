"""Lays patches over all layers and all permits: the engine that needs no geometry first, then closely where something is near."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import shapely

from xygis.atlas.atlas import Atlas
from xygis.atlas.law import Selection
from xygis.atlas.suspect_law import SuspectLaw
from xygis.atlas.verdict import DataState
from xygis.check.layers import OpenLayer
from xygis.check.portfolio import beyond_city_m2, unmapped_m2
from xygis.geodesy.ellipsoid import Floats
from xygis.overlay.measure import Measure, Part
from xygis.overlay.measuring import Question, measure
from xygis.overlay.prepared import PreparedLayer
from xygis.overlay.screen import screen
from xygis.overlay.shape import ParcelShape, shape_parcel
from xygis.overlay.sheet import Sheet, lay_sheet
from xygis.suspects.facts import NOTHING, Beyond, PatchFacts, PermitHit, PlaceFact, Range, Standing, ended_by, standing_of
from xygis.suspects.patches import SuspectPatch
from xygis.suspects.permits import KEY, PermitBook

Progress = Callable[[str, int, int], None]
UseCode = Callable[[str | None], str | None]
_DUST_M2 = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """All patches of a batch on the plane, and what of each is known of every layer of areas."""

    shapes: tuple[ParcelShape, ...]
    sheet: Sheet
    facts: tuple[PatchFacts, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Looked:
    """One layer: the overlap of each patch (NaN: not known, and why) and the close measures of those near it."""

    opened: OpenLayer
    overlap_m2: Floats
    unmapped_m2: Floats
    close: Mapping[int, Measure]
    reason: str


def measured(
    patches: Sequence[SuspectPatch],
    atlas: Atlas,
    law: SuspectLaw,
    layers: Sequence[OpenLayer],
    book: PermitBook,
    *,
    on: date,
    use_code: UseCode,
    progress: Progress | None = None,
) -> Ground:
    """The facts of every patch, in their order."""
    parcels = [p.parcel for p in patches]
    sheet = lay_sheet(parcels, atlas.plane)
    shapes = tuple(shape_parcel(p.geometry, p.crs, atlas.plane) for p in parcels)
    city = beyond_city_m2(sheet, atlas, layers, None)
    asked = _asked(law)
    looked: dict[str, _Looked] = {}
    polygons = [o for o in layers if o.layer.geometry == "polygon"]
    for opened in polygons:
        if progress:
            progress(opened.layer.title, 0, len(patches))
        looked[opened.layer.id] = _look(opened, asked.get(opened.layer.id, ()), sheet, shapes, city, law.image_accuracy_m)
    if progress:
        progress("用地审批与规划许可", 0, len(patches))
    permitted = _permits(patches, shapes, sheet, book, law, on, city, use_code)
    facts = []
    for i, patch in enumerate(patches):
        hits, beside, beyond, reason = permitted[i]
        survey = looked.get(law.survey.layer)
        version = survey.opened.layer.version if survey else None
        facts.append(
            PatchFacts(
                area_m2=float(sheet.area_m2[i]),
                width_m=2 * float(sheet.area_m2[i]) / float(shapes[i].polygon.length),
                image=patch.after,
                on=on,
                situation=patch.situation,
                use_code=use_code(patch.use_text),
                hits=hits,
                beside=beside,
                beyond=beyond,
                permits_reason=reason,
                permits_as_of=book.as_of,
                places=tuple(_place(code, law, looked, i, patch, float(sheet.area_m2[i])) for code in law.place_codes),
                built=_overlap(law.survey, looked, i, float(sheet.area_m2[i])),
                built_before=version is not None and patch.after is not None and version < (patch.before or patch.after).first,
                growth=_overlap(law.growth, looked, i, float(sheet.area_m2[i])),
                outside_city_m2=float(city[i]),
                doubtful=patch.parcel.doubtful,
                overlaps=tuple((o.layer.id, _known(looked[o.layer.id], i)) for o in polygons),
            )
        )
    return Ground(shapes=shapes, sheet=sheet, facts=tuple(facts))


def _asked(law: SuspectLaw) -> dict[str, tuple[Question, ...]]:
    """What the law wants to know of each layer."""
    selections = dict.fromkeys((*(p.selection for p in law.places), law.survey, law.growth))
    out: dict[str, tuple[Question, ...]] = {}
    for s in selections:
        out[s.layer] = (*out.get(s.layer, ()), Question(selection=s))
    return out


def _look(
    opened: OpenLayer, asked: Sequence[Question], sheet: Sheet, shapes: Sequence[ParcelShape], city: Floats, image_accuracy_m: float
) -> _Looked:
    """One layer under all patches. A layer without data, or past its day, answers nothing."""
    record = opened.record
    if opened.prepared is None or record.state is not DataState.READY:
        nothing = np.full(len(sheet), np.nan)
        reason = f"{opened.layer.title}{record.state.label}"
        return _Looked(opened=opened, overlap_m2=nothing, unmapped_m2=sheet.area_m2, close={}, reason=reason)
    loose = replace(opened.layer, accuracy_m=math.hypot(opened.layer.accuracy_m or 0.0, image_accuracy_m))
    found = screen(sheet, loose, opened.prepared, ())
    assert loose.accuracy_m is not None
    near = found.open | (found.overlap_m2 > 0.0) | (found.distance_m <= loose.accuracy_m)
    overlap = found.overlap_m2.copy()
    close: dict[int, Measure] = {}
    for i in np.flatnonzero(near).tolist() if asked else np.flatnonzero(found.open).tolist():
        close[i] = measure(shapes[i], loose, opened.prepared, asked, extent=None)
        overlap[i] = close[i].overlap_m2 or 0.0
    missing = unmapped_m2(sheet, opened, city, None)
    return _Looked(opened=opened, overlap_m2=overlap, unmapped_m2=missing, close=close, reason="")


def _known(looked: _Looked, i: int) -> float | None:
    value = float(looked.overlap_m2[i])
    return None if math.isnan(value) or (value == 0.0 and looked.unmapped_m2[i] > 0.0) else value


def _overlap(selection: Selection, looked: Mapping[str, _Looked], i: int, area_m2: float) -> Range | None:
    """The overlap with a selection; None where the layer does not know. What it does not map may all be of the selection."""
    layer = looked.get(selection.layer)
    if layer is None or layer.reason:
        return None
    found = layer.close.get(i)
    part = found.part(selection) if found is not None else None
    range_ = NOTHING if part is None else _range(part)
    missing = float(layer.unmapped_m2[i])
    if missing > 0.0 and not range_.surely:
        return None
    return replace(range_, high=min(area_m2, range_.high + missing))


def _range(part: Part) -> Range:
    low, high = part.overlap_range_m2 or (part.overlap_m2, part.overlap_m2)
    return Range(low=_clean(low), point=part.overlap_m2, high=_clean(max(high, part.possible_m2)))


def _clean(area_m2: float) -> float:
    return area_m2 if area_m2 > _DUST_M2 else 0.0


def _place(code: str, law: SuspectLaw, looked: Mapping[str, _Looked], i: int, patch: SuspectPatch, area_m2: float) -> PlaceFact:
    """The overlap with a place; where the layer was drawn only after the image, it may not have been there."""
    place = next(p for p in law.places if p.code == code)
    layer = looked.get(place.selection.layer)
    if layer is None:
        return PlaceFact(code=code, overlap=None, reason=f"图集没有图层 {place.selection.layer}")
    overlap = _overlap(place.selection, looked, i, area_m2)
    if overlap is None:
        return PlaceFact(code=code, overlap=None, reason=layer.reason or f"图斑不全在{layer.opened.layer.title}的完整范围内")
    begins = layer.opened.layer.valid_from
    if overlap.possibly and begins is not None and patch.after is not None and patch.after.last < begins:
        return PlaceFact(code=code, overlap=replace(overlap, low=0.0), reason=f"{layer.opened.layer.title}自 {begins} 起生效，晚于影像")
    return PlaceFact(code=code, overlap=overlap)


_Permitted = tuple[tuple[PermitHit, ...], tuple[PermitHit, ...], Mapping[str, Beyond], str]


def _permits(
    patches: Sequence[SuspectPatch],
    shapes: Sequence[ParcelShape],
    sheet: Sheet,
    book: PermitBook,
    law: SuspectLaw,
    on: date,
    city: Floats,
    use_code: UseCode,
) -> list[_Permitted]:
    """The permits under each patch, and how far it reaches beyond those of each kind."""
    if book.prepared is None:
        return [((), (), {}, book.reason)] * len(patches)
    prepared = book.prepared
    loose = replace(prepared.layer, accuracy_m=math.hypot(prepared.layer.accuracy_m or 0.0, law.image_accuracy_m))
    prepared = replace(prepared, layer=loose)
    found = screen(sheet, loose, prepared, ())
    missing = (
        unmapped_m2(sheet, book.opened, city, None) if book.opened is not None and book.opened.extent is not None else np.zeros(len(sheet))
    )
    out: list[_Permitted] = []
    for i, patch in enumerate(patches):
        reason = "图斑不全在许可图层的完整范围内" if missing[i] > 0.0 else ""
        if not (found.open[i] or found.overlap_m2[i] > 0.0):
            out.append(((), (), {}, reason))
            continue
        found_here = _hits(patch, shapes[i], prepared, book, on, use_code)
        least_m2 = law.touch_share * shapes[i].area_m2
        hits = tuple(h for h in found_here if h.overlap_m2 >= least_m2)
        beside = tuple(h for h in found_here if h.overlap_m2 < least_m2)
        out.append((hits, beside, _beyond(hits, shapes[i], prepared), reason))
    return out


def _hits(
    patch: SuspectPatch, shape: ParcelShape, prepared: PreparedLayer, book: PermitBook, on: date, use_code: UseCode
) -> tuple[PermitHit, ...]:
    """Every permit under the patch, largest first."""
    hits = []
    for feature in measure(shape, prepared.layer, prepared, (), extent=None).features:
        permit = book.permits[int(str(dict(feature.attributes)[KEY]))]
        standing = standing_of(permit, patch.after, patch.before)
        ended = standing is Standing.VALID and ended_by(permit, on)
        use = use_code(permit.use_text)
        hits.append(PermitHit(permit=permit, standing=standing, overlap_m2=feature.overlap_m2, ended=ended, use_code=use))
    return tuple(hits)


def _beyond(hits: Sequence[PermitHit], shape: ParcelShape, prepared: PreparedLayer) -> dict[str, Beyond]:
    """For each kind that touches the patch. A permit of unknown kind may be of any."""
    kinds = dict.fromkeys(h.permit.kind.name for h in hits if h.permit.kind is not None)
    wanted: dict[tuple[str, str], Selection | None] = {}
    for name in kinds:
        mine = [h for h in hits if h.permit.kind is not None and h.permit.kind.name == name]
        groups = {
            "valid": [h for h in mine if h.standing is Standing.VALID],
            "unsure": [h for h in hits if (h in mine or h.permit.kind is None) and h.standing in (Standing.VALID, Standing.UNSURE)],
            "ever": mine,
        }
        for group, members in groups.items():
            keys = tuple(h.permit.key for h in members)
            wanted[name, group] = Selection(layer=prepared.layer.id, where=((KEY, keys),)) if keys else None
    asked = [Question(selection=s) for s in dict.fromkeys(s for s in wanted.values() if s is not None)]
    answer = measure(shape, prepared.layer, prepared, asked, extent=None)
    whole = Range(low=shape.area_m2, point=shape.area_m2, high=shape.area_m2)

    def outside(name: str, group: str) -> Range:
        selection = wanted[name, group]
        part = answer.part(selection) if selection is not None else None
        return whole if part is None else _outside(part, shape.area_m2)

    return {name: Beyond(valid=outside(name, "valid"), unsure=outside(name, "unsure"), ever=outside(name, "ever")) for name in kinds}


def _outside(part: Part, area_m2: float) -> Range:
    low, high = part.overlap_range_m2 or (part.overlap_m2, part.overlap_m2)
    return Range(low=_clean(area_m2 - high), point=part.outside_m2, high=_clean(area_m2 - low))


def doubled_m2(shapes: Sequence[ParcelShape]) -> tuple[tuple[int, int, float], ...]:
    """(patch, patch, m²) of every pair of patches that lie on each other."""
    from xygis.overlay.overlap import patches_of

    polygons = np.array([s.polygon for s in shapes], object)
    left, right = shapely.STRtree(polygons).query(polygons, predicate="intersects")
    found = []
    for i, j in sorted((i, j) for i, j in zip(left.tolist(), right.tolist(), strict=True) if i < j):
        area = patches_of(shapely.intersection(polygons[i], polygons[j])).total_m2
        if area > 0.0:
            found.append((i, j, area))
    return tuple(found)
