"""`Table`: one layer's file as it is: field definitions, raw values, raw geometry; nothing repaired, personal columns told and left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray

from xygis.atlas.attributes import fold, match_fields
from xygis.atlas.layer import Layer
from xygis.errors import BadGeometry, CrsInDoubt, LayerUnreadable, UsageError, Where
from xygis.vector.crs_reading import Envelope
from xygis.vector.field_definitions import FieldDefinition, field_definitions
from xygis.vector.foreign import NO_LAYERS, opened, read_member
from xygis.vector.gpkg import RawFeatures
from xygis.vector.layers import ForeignLayer, settle_crs

Geometries = NDArray[np.object_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """geometry: in the system `crs`, x = east; None where a feature has none. stated: the system that the file names."""

    file: str
    name: str
    format: str
    fids: tuple[int, ...]
    geometry: Geometries
    columns: Mapping[str, Sequence[object]]
    definitions: tuple[FieldDefinition, ...]
    no_widths: str  # why widths are not known; empty where they are
    personal: tuple[str, ...]
    stated: str | None
    crs: str | None  # None: there is nothing that a system could be told from
    evidence: tuple[str, ...]
    notes: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.geometry)


def read_table(path: Path, layer: Layer, *, crs: str | None = None, encoding: str | None = None, envelope: Envelope | None = None) -> Table:
    """The file's layer that is meant for `layer`. crs: what a person says where the file says nothing.

    Raises InputError where the file cannot be read, UsageError where several of its layers may be meant.
    """
    with opened(path) as members:
        found = [(m, f) for m in members if m.format not in NO_LAYERS for f in read_member(m, encoding=encoding)]
        if not found:
            raise BadGeometry(
                what="文件里没有矢量图层", where=Where(file=str(path)), fix="请给出 Shapefile、GeoPackage、GeoJSON 或 FileGDB"
            )
        foreign = _meant([f for _, f in found], layer, str(path))
        member = next(m for m, f in found if f is foreign)
        definitions, why = field_definitions(
            member.path, member.format, foreign.features.sublayer or foreign.name, foreign.features.columns
        )
    geometry, code, evidence = _settled(foreign, str(path), envelope, crs)
    table = _table(layer, foreign, definitions, why)
    return replace(table, file=path.name, geometry=geometry, crs=code, evidence=evidence)


def read_own_table(layer: Layer) -> Table:
    """The table of a layer of the atlas, from its source; in the system that the file names, else in the one of the catalogue.

    Raises LayerUnreadable and InputError.
    """
    if layer.path is None or not layer.path.exists():
        raise LayerUnreadable(what="图层没有数据", where=Where(layer=layer.title), fix="用 xygis adopt 登记数据")
    with opened(layer.path) as members:
        found = [(m, f) for m in members if m.format not in NO_LAYERS for f in read_member(m)]
        mine = [(m, f) for m, f in found if layer.sublayer is None or f.name == layer.sublayer]
        if not mine:
            raise LayerUnreadable(what=f"文件中没有图层“{layer.sublayer}”", where=Where(layer=layer.title), fix="请核对 catalogue.toml")
        member, foreign = mine[0]
        definitions, why = field_definitions(
            member.path, member.format, foreign.features.sublayer or foreign.name, foreign.features.columns
        )
    table = _table(layer, foreign, definitions, why)
    return replace(table, crs=table.stated or layer.crs)


def _table(layer: Layer, foreign: ForeignLayer, definitions: tuple[FieldDefinition, ...], why: str) -> Table:
    features: RawFeatures = foreign.features
    dropped = match_fields(layer, list(features.columns)).dropped
    return Table(
        file="",
        name=foreign.name,
        format=foreign.format,
        fids=tuple(features.fids),
        geometry=features.geometry,
        columns={name: values for name, values in features.columns.items() if name not in dropped},
        definitions=definitions,
        no_widths=why,
        personal=dropped,
        stated=foreign.claim.code,
        crs=None,
        evidence=(),
        notes=tuple(n.text for n in foreign.notes),
    )


def finite(geometry: Geometries) -> NDArray[np.bool_]:
    """Which geometries have finite coordinates only; those without any count as finite."""
    with np.errstate(invalid="ignore"):
        coords, owner = shapely.get_coordinates(geometry, return_index=True)
    out = np.ones(len(geometry), bool)
    out[owner[~np.isfinite(coords).all(axis=1)]] = False
    return out


def _settled(
    foreign: ForeignLayer, file: str, envelope: Envelope | None, crs: str | None
) -> tuple[Geometries, str | None, tuple[str, ...]]:
    """(geometry, system, why): decided from the features that have coordinates; the others stay as they are, to be told."""
    geometry = foreign.features.geometry
    sound = finite(geometry)
    usable = geometry.copy()
    usable[~sound] = None
    if not len(shapely.get_coordinates(usable)):
        return geometry, foreign.claim.code, ()
    kept = replace(foreign, features=replace(foreign.features, geometry=usable))
    try:
        moved, decision = settle_crs(kept, file, envelope=envelope, crs=crs)
    except CrsInDoubt:
        if foreign.claim.code is None or envelope is None:
            raise
        moved, decision = settle_crs(kept, file, crs=crs)  # it lies elsewhere: an error to be placed, not a reason to refuse
    out = moved.copy()
    out[~sound] = geometry[~sound]
    return out, decision.code, decision.evidence


def _meant(found: list[ForeignLayer], layer: Layer, file: str) -> ForeignLayer:
    """The one layer of a file, or the one that is called as the table."""
    if len(found) == 1:
        return found[0]
    names = [fold(n) for n in (layer.table, layer.id, layer.title) if n]
    named = [f for f in found if fold(f.name.rpartition("/")[2]) in names] or [f for f in found if fold(f.name).startswith(tuple(names))]
    if len(named) == 1:
        return named[0]
    listed = "、".join(f.name for f in found[:20])
    raise UsageError(
        what=f"文件里有 {len(found)} 个图层，不知道检查哪一个",
        where=Where(file=file),
        why=f"有 {listed}",
        fix=f"请只给出一个图层，或把它命名为 {layer.table or layer.id}",
    )
