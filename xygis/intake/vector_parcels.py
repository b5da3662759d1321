"""The features of a vector layer become parcels: system decided on all vertices, repairs made and noted, nothing left out unsaid."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

import numpy as np
import shapely

from xygis.atlas.personal import personal
from xygis.errors import BadGeometry, TooLarge, Where
from xygis.geodesy.crs import is_geographic
from xygis.geodesy.datum_shift import DatumShift
from xygis.intake.datum_move import DatumMove
from xygis.intake.declared import declared_area, doubts_of_area
from xygis.intake.fields import NAME, NUMBER, USE, area_column, pick
from xygis.intake.submission import Parcel, SetApart
from xygis.vector.crs_decision import CrsDecision
from xygis.vector.crs_reading import Envelope
from xygis.vector.layers import ForeignLayer, settle_crs
from xygis.vector.notes import Note
from xygis.vector.repair import Repair, note_of, repair_polygons, signed_area_m2
from xygis.vector.safe import MAX_VERTICES

MAX_PARCELS = 100_000
_SURELY_NEAR = 0.008  # of the plane's area: then the official one is within a hundredth too


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerParcels:
    """What became of the features of one layer."""

    parcels: tuple[Parcel, ...]
    decision: CrsDecision
    notes: tuple[Note, ...]
    set_apart: tuple[SetApart, ...]


def parcels_of_layer(
    layer: ForeignLayer,
    file: str,
    stem: str,
    *,
    envelope: Envelope | None,
    crs: str | None,
    accept_repairs: bool,
    shift: DatumShift | None = None,
    set_apart: bool = False,
) -> LayerParcels:
    """Raises BadGeometry, naming the feature, and what `settle_crs` raises.

    set_apart: a feature without a usable shape is set apart instead, while any is left.
    """
    vertices = int(shapely.get_num_coordinates(layer.features.geometry).sum())
    if vertices > MAX_VERTICES or len(layer.features) > MAX_PARCELS:
        raise TooLarge(
            what=f"有 {len(layer.features):,} 个要素、{vertices:,} 个顶点，超过上限 {MAX_PARCELS:,} 个、{MAX_VERTICES:,} 个",
            where=Where(file=file, layer=layer.name),
            fix="请只导出需要审查的地块",
        )
    labels = _Labels.of(layer, file, stem)
    kept, notes, apart = _polygons_only(layer, file, labels, set_apart=set_apart)
    geometry, decision = settle_crs(kept, file, envelope=envelope, crs=crs, shift=shift)
    move = DatumMove(shift=shift, decision=decision)
    if shift is not None:
        geometry = shapely.transform(geometry, lambda xy: np.column_stack(move.moved(xy[:, 0], xy[:, 1])))
        notes += move.notes("", Where(file=file, layer=layer.name))
    try:
        fixed, repairs = repair_polygons(geometry, decision.code)
    except BadGeometry as tangled:
        tangled.where = replace(tangled.where, file=file, layer=layer.name)
        raise
    by_feature = {r.index: r for r in repairs}
    notes += [*kept.notes, *decision.notes]
    columns = kept.features.columns
    if labels.dropped:
        text = f"略去含个人信息的字段：{'、'.join(labels.dropped)}"
        notes.append(Note(code="personal_dropped", level="info", text=text, where=Where(file=file, layer=layer.name)))
    planar = np.where(shapely.is_missing(fixed), 0.0, shapely.area(fixed)).tolist()
    sized = not is_geographic(decision.code)
    rest = [(c, columns[c]) for c in labels.rest]
    doubts: dict[int, list[str]] = {}
    for fid, doubt in layer.doubts:
        doubts.setdefault(fid, []).append(doubt)
    parcels = []
    for i, (shape, fid, planar_m2) in enumerate(zip(fixed, kept.features.fids, planar, strict=True)):
        name = labels.name(columns, i, fid)
        where = Where(file=file, layer=layer.name, feature=str(fid))
        if shape is None or not planar_m2 > 0:
            error = BadGeometry(what=f"地块“{name}”没有面积", where=where, why="界址点重合或在一条直线上", fix="请核对图形")
            if not set_apart:
                raise error
            apart.append(SetApart(name=name, error=error))
            continue
        repair = by_feature.get(i)
        if repair is not None:
            notes.append(_note(repair, name, where))
        declared: float | None = None
        own = [*move.doubts(), *doubts.get(fid, [])]
        if labels.area and (area := _text(columns[labels.area][i])):
            declared, said, off = _declared(area, shape, decision.code, planar_m2 if sized else None, labels.unit, where)
            own += off
            notes += [Note(code=n.code, level=n.level, text=f"{name} {n.text}", where=n.where) for n in said]
        parcels.append(
            Parcel(
                name=name,
                geometry=shape,
                crs=decision.code,
                declared_m2=declared,
                use_text=(_text(columns[labels.use][i]) or None) if labels.use else None,
                attributes=tuple((c, text) for c, values in rest if (text := _text(values[i]))),
                doubtful=_doubts(layer, own, repair, accept_repairs),
                drawn=geometry[i] if repair is not None else None,
                repairs=(repair.text,) if repair is not None else (),
            )
        )
    if apart and not parcels:
        raise apart[0].error
    notes += [
        Note(code="duplicate_name", level="warning", text=f"有 {n} 个地块都叫“{name}”，分别审查", where=Where(file=file, layer=layer.name))
        for name, n in Counter(p.name for p in parcels).items()
        if n > 1
    ]
    if labels.number:
        place = Where(file=file, layer=layer.name)
        notes += [
            Note(code="duplicate_number", level="warning", text=f"有 {n} 个要素的{labels.number}都是“{number}”", where=place)
            for number, n in Counter(_text(v) for v in columns[labels.number]).items()
            if n > 1 and number
        ]
    return LayerParcels(parcels=tuple(parcels), decision=decision, notes=tuple(notes), set_apart=tuple(apart))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Labels:
    """Which columns name a parcel, state its area and use, and which are kept besides."""

    names: str | None
    area: str | None
    unit: str  # of the area
    number: str | None
    use: str | None
    rest: tuple[str, ...]
    dropped: tuple[str, ...]
    stem: str
    single: bool
    places: dict[int, int]  # running number of each feature in the file

    @classmethod
    def of(cls, layer: ForeignLayer, file: str, stem: str) -> _Labels:
        columns = layer.features.columns
        dropped = tuple(personal(columns))
        name, use, number = (pick(columns, names) for names in (NAME, USE, NUMBER))
        area, unit = area_column(columns)
        rest = tuple(c for c in columns if c not in (*dropped, name, area, use))
        areal = np.flatnonzero(np.isin(shapely.get_type_id(layer.features.geometry), (3, 6, 7))).tolist()
        places = {layer.features.fids[i]: k for k, i in enumerate(areal, start=1)}
        return cls(
            names=name,
            area=area,
            unit=unit,
            number=number,
            use=use,
            rest=rest,
            dropped=dropped,
            stem=stem,
            single=len(areal) == 1,
            places=places,
        )

    def name(self, columns: dict[str, list[object]], i: int, fid: int) -> str:
        """The parcel's own name, or the file's with a running number."""
        own = _text(columns[self.names][i]) if self.names else ""
        return own or (self.stem if self.single else f"{self.stem}-{self.places.get(fid, fid)}")


def _declared(
    text: str, shape: shapely.Geometry, code: str, planar_m2: float | None, unit: str, where: Where
) -> tuple[float | None, tuple[Note, ...], tuple[str, ...]]:
    """(m² as stated, notes, doubts). The plane's area will do while there is nothing to say; a remark is made on the official one."""
    if planar_m2 is not None:
        value, said = declared_area(text, planar_m2, usual=unit, where=where)
        if not said and value is not None and abs(value / planar_m2 - 1) < _SURELY_NEAR:
            return value, said, ()
    official_m2 = signed_area_m2(shape, code)
    value, said = declared_area(text, official_m2, usual=unit, where=where)
    return value, said, doubts_of_area(value, official_m2)


def _polygons_only(layer: ForeignLayer, file: str, labels: _Labels, *, set_apart: bool) -> tuple[ForeignLayer, list[Note], list[SetApart]]:
    """The layer without its points and lines, which are noted; a feature without geometry is an error, not a gap."""
    features = layer.features
    kinds = shapely.get_type_id(features.geometry)
    if not len(kinds):
        raise BadGeometry(what="图层里没有要素", where=Where(file=file, layer=layer.name), fix="请确认导出时选中了地块")
    missing = np.flatnonzero(kinds < 0).tolist()
    apart = []
    for i in missing:
        where = Where(file=file, layer=layer.name, feature=str(features.fids[i]))
        if not set_apart:
            raise BadGeometry(what=f"有 {len(missing)} 个要素没有图形", where=where, fix="请补上图形，或删去这条记录")
        error = BadGeometry(what="要素没有图形", where=where, fix="请补上图形，或删去这条记录")
        apart.append(SetApart(name=labels.name(features.columns, i, features.fids[i]), error=error))
    areal = np.isin(kinds, (3, 6, 7))
    if not areal.any():
        raise BadGeometry(what="图层里没有面，只有点或线", where=Where(file=file, layer=layer.name), fix="请给出面状图层")
    if areal.all():
        return layer, [], apart
    kept = replace(
        features,
        geometry=features.geometry[areal],
        columns={k: [v for v, ok in zip(c, areal, strict=True) if ok] for k, c in features.columns.items()},
        fids=[f for f, ok in zip(features.fids, areal, strict=True) if ok],
    )
    others = int((~areal).sum()) - len(missing)
    text = f"图层里有 {others} 个点或线，只审查面"
    note = Note(code="not_polygon_skipped", level="warning", text=text, where=Where(file=file, layer=layer.name))
    return replace(layer, features=kept), [note] if others else [], apart


def _doubts(layer: ForeignLayer, said: list[str], repair: Repair | None, accepted: bool) -> tuple[str, ...]:
    """Why a boundary must be verified; what a person has accepted is no doubt, what no person can know stays one."""
    firm = (layer.imprecise,) if layer.imprecise else ()
    if accepted:
        return firm
    return (*firm, *said, *(() if repair is None or repair.small else (repair.text,)))


def _note(repair: Repair, name: str, where: Where) -> Note:
    place = Where(file=where.file, layer=where.layer, feature=where.feature, point=repair.point)
    return replace(note_of(repair, place), text=f"{name} {repair.text}")


def _text(value: object) -> str:
    return "" if value is None else str(value).strip()
