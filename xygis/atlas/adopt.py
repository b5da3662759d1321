"""Adopts a user's file as a layer of an atlas: read safely, settled, matched, mended with a record, and entered in the catalogue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from xygis.atlas.atlas import COUNTIES, Atlas
from xygis.atlas.attributes import FieldMatch, fold, match_fields
from xygis.atlas.bundled import bundled_root
from xygis.atlas.catalogue import RASTER
from xygis.atlas.layer import Layer
from xygis.atlas.local_data import install, workshop, write_gpkg
from xygis.atlas.matching import chosen_fields, field_notes, fields_entry
from xygis.atlas.sound import KIND_NAMES, RepairedFeature, Sound, area_m2, length_m, make_sound
from xygis.atlas.verdict import DataStatus
from xygis.errors import BadGeometry, UsageError, Where
from xygis.vector.crs_decision import CrsDecision
from xygis.vector.foreign import read_layers, sha256_of
from xygis.vector.gpkg import Geometries
from xygis.vector.layers import ForeignLayer, settle_crs
from xygis.vector.notes import Note

Extent = tuple[tuple[tuple[float, float], ...], ...]  # rings in degrees, as Layer.extent
_MOST_KEPT = 50  # repairs that the catalogue names one by one
_DIMENSION = {"polygon": 2, "line": 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class Adoption:
    """What became of a file. `layer` is the entry as the catalogue has it now."""

    layer: Layer
    path: Path  # the data as written
    file: str  # as given
    sha256: str  # of the file as given
    format: str
    encoding: str | None
    sublayer: str  # which of the file's layers was taken
    crs: str
    evidence: tuple[str, ...]  # why this CRS
    features: int
    area_m2: float | None  # sum over the features, in the atlas's plane; None for lines
    length_m: float | None  # None for polygons
    plane: str
    fields: FieldMatch  # matched, kept as they are, dropped because personal, contested
    repairs: tuple[RepairedFeature, ...]
    notes: tuple[Note, ...]


def adopt_layer(
    atlas: Atlas,
    file: Path,
    layer_id: str,
    *,
    fields: Mapping[str, str],
    version: date | None,
    status: DataStatus | None,
    accuracy_m: float | None = None,
    crs: str | None = None,
    encoding: str | None = None,
    extent: Extent | None = None,
    datum: str | None = None,
) -> Adoption:
    """Brings `file` in as the layer `layer_id`, in place of what the layer had; coordinates stay in their own system.

    fields: our field → their column, before the catalogue's aliases. status None: draft. extent None: the layer claims to
    be complete in the whole atlas, and a note says so. Raises a subclass of XygisError and leaves the atlas as it was.
    """
    layer = atlas.layer(layer_id)
    _refuse_bundled(atlas)
    with workshop(atlas.root) as folder:
        brought = _bring_in(atlas, file, layer, folder, fields=fields, crs=crs, encoding=encoding, datum=datum)
        entry: dict[str, Any] = {
            "crs": brought.decision.code,
            "status": (status or DataStatus.DRAFT).value,
            "version": version,
            "valid_from": None,
            "valid_until": None,
            "provenance": f"{file.name}，sha256 {brought.sha256}",
            "accuracy_m": accuracy_m,
            "extent": extent,
            "repairs": _kept_record(brought.sound.repairs),
            **fields_entry(layer, brought.chosen),
        }
        installed = install(atlas.root, layer, brought.made, entry)
    return _adoption(atlas, brought, installed, _notes(atlas, layer, version, accuracy_m, extent))


def draft_layer(atlas: Atlas, file: Path, layer_id: str, folder: Path, *, crs: str | None = None) -> Adoption:
    """What `file` would be as the layer `layer_id`, as a draft in `folder`; the atlas and its catalogue stay as they are.

    The draft claims what the layer claims: its extent and accuracy are those of the layer. Raises as adopt_layer does.
    """
    layer = atlas.layer(layer_id)
    brought = _bring_in(atlas, file, layer, folder, fields={}, crs=crs, encoding=None, datum=None)
    draft = replace(
        layer,
        path=brought.made,
        sublayer=layer.table or layer.id,
        crs=brought.decision.code,
        status=DataStatus.DRAFT if layer.status is not DataStatus.DEMO else DataStatus.DEMO,
        version=None,
        valid_from=None,
        valid_until=None,
        provenance=f"{file.name}，sha256 {brought.sha256}",
        repairs=tuple(_kept_record(brought.sound.repairs) or ()),
    )
    return _adoption(atlas, brought, draft, [])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Brought:
    """A file read, settled and mended; `made` holds what is kept of it."""

    file: Path
    sha256: str
    foreign: ForeignLayer
    decision: CrsDecision
    chosen: Mapping[str, str]
    match: FieldMatch
    sound: Sound
    left: dict[str, list[object]]
    made: Path


def _bring_in(
    atlas: Atlas,
    file: Path,
    layer: Layer,
    folder: Path,
    *,
    fields: Mapping[str, str],
    crs: str | None,
    encoding: str | None,
    datum: str | None,
) -> _Brought:
    """Reads `file` as data of a layer and writes what is kept of it into `folder`."""
    _refuse_raster(layer, str(file))
    foreign = _the_layer(read_layers(file, encoding=encoding, datum=datum), layer, str(file))
    sha256 = sha256_of(file)
    place = Where(file=str(file), layer=foreign.name)
    # The counties say where the city lies, so they cannot be judged by where it lay before.
    envelope = None if layer.id == COUNTIES else atlas.envelope
    geometry, decision = settle_crs(foreign, str(file), envelope=envelope, crs=crs)
    columns = foreign.features.columns
    chosen = chosen_fields(layer, columns, fields, place)
    match = match_fields(layer, list(columns), chosen)
    sound = make_sound(geometry, layer.geometry, decision.code, _labels(foreign, match), place)
    kept = np.flatnonzero(sound.kept)
    left = _columns({name: [values[i] for i in kept] for name, values in columns.items() if name not in match.dropped})
    made = folder / f"{layer.id}.gpkg"
    write_gpkg(made, layer.table or layer.id, sound.geometry, left, decision.code)
    return _Brought(
        file=file, sha256=sha256, foreign=foreign, decision=decision, chosen=chosen, match=match, sound=sound, left=left, made=made
    )


def _adoption(atlas: Atlas, brought: _Brought, layer: Layer, notes: Sequence[Note]) -> Adoption:
    assert layer.path is not None
    lines, sound, foreign, decision = layer.geometry == "line", brought.sound, brought.foreign, brought.decision
    return Adoption(
        layer=layer,
        path=layer.path,
        file=str(brought.file),
        sha256=brought.sha256,
        format=foreign.format,
        encoding=foreign.encoding,
        sublayer=foreign.name,
        crs=decision.code,
        evidence=decision.evidence,
        features=len(sound.geometry),
        area_m2=None if lines else area_m2(sound.geometry, decision.code, atlas.plane),
        length_m=length_m(sound.geometry, decision.code) if lines else None,
        plane=atlas.plane.title,
        fields=brought.match,
        repairs=sound.repairs,
        notes=(*foreign.notes, *decision.notes, *field_notes(atlas, layer, brought.match, brought.left), *notes),
    )


def _kept_record(repairs: tuple[RepairedFeature, ...]) -> list[str] | None:
    """What the catalogue keeps of the repairs, so that every later report can tell of them; None: nothing was mended."""
    sentences = [r.text for r in repairs[:_MOST_KEPT]]
    if len(repairs) > _MOST_KEPT:
        sentences.append(f"其余 {len(repairs) - _MOST_KEPT} 处从略")
    return sentences or None


def _refuse_bundled(atlas: Atlas) -> None:
    if atlas.root == bundled_root():
        raise UsageError(
            what="自带的示意图集不接受数据",
            where=Where(file=str(atlas.root)),
            fix="先用 xygis start 目录 建一个自己的图集，再加 --atlas 目录",
        )


def _refuse_raster(layer: Layer, file: str) -> None:
    if layer.geometry == RASTER:
        raise UsageError(
            what=f"{layer.title}是栅格图层，adopt 只登记矢量数据",
            where=Where(file=file),
            fix=f'把 GeoTIFF 放到图集的 layers/local/ 下，在 catalogue.toml 的 {layer.id} 中写 source = {{ file = "local/文件.tif" }}',
        )


def _the_layer(found: list[ForeignLayer], layer: Layer, file: str) -> ForeignLayer:
    """The one layer of the file that can be meant: of the right kind, and where there are several, of the right name."""
    fitting = [f for f in found if _holds(f.features.geometry, layer.geometry)]
    if len(fitting) == 1:
        return fitting[0]
    if not fitting:
        if len(found) == 1 and len(found[0].features):
            return found[0]  # refused further on, with count and place
        raise BadGeometry(what=f"文件里没有{KIND_NAMES[layer.geometry]}状图层", where=Where(file=file), fix="请核对文件，或重新导出")
    names = [fold(n) for n in (layer.table, layer.id, layer.title) if n]
    for same in (lambda n: n in names, lambda n: n.startswith(tuple(names))):
        meant = [f for f in fitting if same(fold(f.name))]
        if len(meant) == 1:
            return meant[0]
    listed = "、".join(f.name for f in fitting[:20])
    raise UsageError(
        what=f"文件里有 {len(fitting)} 个{KIND_NAMES[layer.geometry]}状图层，不知道用哪一个",
        where=Where(file=file),
        why=f"有 {listed}",
        fix=f"请只导出需要的图层，或把它命名为 {layer.table or layer.id}",
    )


def _holds(geometry: Geometries, kind: str) -> bool:
    dimensions = shapely.get_dimensions(geometry)
    return bool((dimensions == _DIMENSION[kind]).any())


def _labels(foreign: ForeignLayer, match: FieldMatch) -> list[str]:
    """What each feature is called in messages: its number in the file, and its own id where it has one."""
    theirs = dict(match.ours).get("id")
    own = foreign.features.columns[theirs] if theirs else [None] * len(foreign.features)
    return [
        f"{fid}" if value in (None, "") else f"{fid}（{theirs} {value}）" for fid, value in zip(foreign.features.fids, own, strict=True)
    ]


def _columns(columns: dict[str, list[object]]) -> dict[str, list[object]]:
    """Columns that SQLite can hold side by side: it does not tell BSM from bsm."""
    out: dict[str, list[object]] = {}
    taken: set[str] = set()
    for name, values in columns.items():
        free, n = name or "列", 2
        while free.lower() in taken:
            free, n = f"{name}_{n}", n + 1
        taken.add(free.lower())
        out[free] = values
    return out


def _notes(atlas: Atlas, layer: Layer, version: date | None, accuracy_m: float | None, extent: Extent | None) -> list[Note]:
    notes = []
    if extent is None and layer.id != COUNTIES:
        text = (
            "没有声明数据的完整范围：按全图集范围内完整处理，没有要素的地方将判为“不涉及”；只覆盖一部分的，请在 catalogue.toml 写明 extent"
        )
        unbounded = atlas.envelope is None
        if unbounded:
            text += "。图集还没有行政区图层或 envelope，完整范围没有边界，请先登记 counties"
        notes.append(Note(code="extent_assumed", level="warning" if unbounded else "info", text=text))
    if version is None:
        notes.append(Note(code="version_unknown", level="warning", text="没有注明数据时间（--version），报告中数据版本一栏将空着"))
    if accuracy_m is None:
        notes.append(Note(code="accuracy_unknown", level="info", text="没有注明位置精度（--accuracy），不计算重叠面积的上下限"))
    return notes
