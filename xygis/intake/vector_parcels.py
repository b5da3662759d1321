"""The features of a vector layer become parcels: system decided on all vertices, repairs made and noted, nothing left out unsaid."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import shapely

from xygis.atlas.personal import personal
from xygis.errors import BadGeometry, TooLarge, Where
from xygis.intake.declared import declared_area
from xygis.intake.fields import AREA, NAME, USE, pick
from xygis.intake.submission import Parcel
from xygis.vector.crs_decision import CrsDecision
from xygis.vector.crs_reading import Envelope
from xygis.vector.layers import ForeignLayer, settle_crs
from xygis.vector.notes import Note
from xygis.vector.repair import Repair, repair_polygons, signed_area_m2
from xygis.vector.safe import MAX_VERTICES

MAX_PARCELS = 100_000


def parcels_of_layer(
    layer: ForeignLayer, file: str, stem: str, *, envelope: Envelope | None, crs: str | None, accept_repairs: bool
) -> tuple[tuple[Parcel, ...], CrsDecision, tuple[Note, ...]]:
    """(parcels, decision, notes). Raises BadGeometry, naming the feature, and what `settle_crs` raises."""
    vertices = int(shapely.get_num_coordinates(layer.features.geometry).sum())
    if vertices > MAX_VERTICES or len(layer.features) > MAX_PARCELS:
        raise TooLarge(
            what=f"有 {len(layer.features):,} 个要素、{vertices:,} 个顶点，超过上限 {MAX_PARCELS:,} 个、{MAX_VERTICES:,} 个",
            where=Where(file=file, layer=layer.name),
            fix="请只导出需要审查的地块",
        )
    kept, notes = _polygons_only(layer, file)
    geometry, decision = settle_crs(kept, file, envelope=envelope, crs=crs)
    fixed, repairs = repair_polygons(geometry, decision.code)
    by_feature = {r.index: r for r in repairs}
    notes += [*kept.notes, *decision.notes]
    columns = kept.features.columns
    dropped = personal(columns)
    if dropped:
        text = f"略去含个人信息的字段：{'、'.join(dropped)}"
        notes.append(Note(code="personal_dropped", level="info", text=text, where=Where(file=file, layer=layer.name)))
    name_column, area_column, use_column = (pick(columns, names) for names in (NAME, AREA, USE))
    rest = [c for c in columns if c not in (*dropped, name_column, area_column, use_column)]
    parcels = []
    for i, shape in enumerate(fixed):
        where = Where(file=file, layer=layer.name, feature=str(kept.features.fids[i]))
        name = _text(columns[name_column][i]) if name_column else ""
        name = name or (stem if len(fixed) == 1 else f"{stem}-{i + 1}")
        if shape is None or not shape.area > 0:
            raise BadGeometry(what=f"地块“{name}”没有面积", where=where, why="界址点重合或在一条直线上", fix="请核对图形")
        repair = by_feature.get(i)
        if repair is not None:
            notes.append(_note(repair, name, where))
        declared: float | None = None
        said: tuple[Note, ...] = ()
        if area_column and _text(columns[area_column][i]):
            area = _text(columns[area_column][i])
            declared, said = declared_area(area, signed_area_m2(shape, decision.code), usual="m²", where=where)
        notes += [Note(code=n.code, level=n.level, text=f"{name} {n.text}", where=n.where) for n in said]
        parcels.append(
            Parcel(
                name=name,
                geometry=shape,
                crs=decision.code,
                declared_m2=declared,
                use_text=(_text(columns[use_column][i]) or None) if use_column else None,
                attributes=tuple((c, _text(columns[c][i])) for c in rest if _text(columns[c][i])),
                doubtful=() if repair is None or repair.small or accept_repairs else (repair.text,),
            )
        )
    notes += [
        Note(code="duplicate_name", level="warning", text=f"有 {n} 个地块都叫“{name}”，分别审查", where=Where(file=file, layer=layer.name))
        for name, n in Counter(p.name for p in parcels).items()
        if n > 1
    ]
    return tuple(parcels), decision, tuple(notes)


def _polygons_only(layer: ForeignLayer, file: str) -> tuple[ForeignLayer, list[Note]]:
    """The layer without its points and lines, which are noted; a feature without geometry is an error, not a gap."""
    features = layer.features
    kinds = shapely.get_type_id(features.geometry)
    if not len(kinds):
        raise BadGeometry(what="图层里没有要素", where=Where(file=file, layer=layer.name), fix="请确认导出时选中了地块")
    missing = np.flatnonzero(kinds < 0)
    if len(missing):
        raise BadGeometry(
            what=f"有 {len(missing)} 个要素没有图形",
            where=Where(file=file, layer=layer.name, feature=str(features.fids[int(missing[0])])),
            fix="请补上图形，或删去这条记录",
        )
    areal = np.isin(kinds, (3, 6, 7))
    if not areal.any():
        raise BadGeometry(what="图层里没有面，只有点或线", where=Where(file=file, layer=layer.name), fix="请给出面状图层")
    if areal.all():
        return layer, []
    kept = replace(
        features,
        geometry=features.geometry[areal],
        columns={k: [v for v, ok in zip(c, areal, strict=True) if ok] for k, c in features.columns.items()},
        fids=[f for f, ok in zip(features.fids, areal, strict=True) if ok],
    )
    text = f"图层里有 {int((~areal).sum())} 个点或线，只审查面"
    return replace(layer, features=kept), [
        Note(code="not_polygon_skipped", level="warning", text=text, where=Where(file=file, layer=layer.name))
    ]


def _note(repair: Repair, name: str, where: Where) -> Note:
    place = Where(file=where.file, layer=where.layer, feature=where.feature, point=repair.point)
    return Note(code=repair.code, level="info" if repair.small else "warning", text=f"{name} {repair.text}", where=place)


def _text(value: object) -> str:
    return "" if value is None else str(value).strip()
