"""A boundary-point TXT becomes parcels: system decided on all points of the file, rings nested, repairs made and noted."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import shapely

from xygis.errors import BadGeometry, Where
from xygis.geodesy.crs import is_geographic
from xygis.geodesy.datum_shift import DatumShift
from xygis.geodesy.ellipsoid import Floats
from xygis.intake.boundary_edges import stated_edges
from xygis.intake.boundary_header import claim_of_header, metres_stated
from xygis.intake.boundary_rings import Ring, rings_of, spikes
from xygis.intake.boundary_txt import Block, Document
from xygis.intake.datum_move import DatumMove
from xygis.intake.declared import declared_area, doubts_of_area
from xygis.intake.submission import Parcel
from xygis.vector.crs_decision import CrsDecision, decide_crs
from xygis.vector.crs_reading import Envelope
from xygis.vector.datum import with_datum
from xygis.vector.notes import Note
from xygis.vector.repair import repair_polygon, signed_area_m2
from xygis.vector.rings import assemble

_ATTRIBUTES = {"number": "地块编号", "sheet": "图幅号", "class": "地类编码"}


def parcels_of(
    document: Document,
    *,
    envelope: Envelope | None,
    crs: str | None,
    datum: str | None = None,
    shift: DatumShift | None = None,
    accept_repairs: bool,
) -> tuple[tuple[Parcel, ...], CrsDecision, tuple[Note, ...]]:
    """(parcels, decision, notes) of a document. Raises what `rings_of`, `decide_crs` and `repair_polygon` raise."""
    if not document.blocks:
        raise BadGeometry(
            what="文件里没有地块", where=Where(file=document.file), fix="请在[地块坐标]之后写以“@”结尾的地块行，再逐行写界址点"
        )
    claim = with_datum(claim_of_header(document), datum)
    names = _names(document)
    notes = list(document.notes)
    rings = []
    for block, name in zip(document.blocks, names, strict=True):
        found, said = rings_of(document, block, name)
        rings.append(found)
        notes += said
    points = [p for block in rings for ring in block for p in ring.points[:-1]]
    decision = decide_crs(
        np.array([p.first for p in points]),
        np.array([p.second for p in points]),
        east_first=False,
        claim=claim,
        envelope=envelope,
        override=crs,
        shift=shift,
        locate=lambda i: document.where(points[i].line),
    )
    if decision.swapped:
        notes = [_turned(n) for n in notes]
    notes += decision.notes
    odd, edges = stated_edges(document, names, rings, decision)
    notes += edges
    if is_geographic(decision.code) and (line := metres_stated(document)) is not None:
        text = "文件头写计量单位是米，坐标却是以度为单位的经纬度，按经纬度读取"
        notes.append(Note(code="unit_disagrees", level="warning", text=text, where=document.where(line)))
    parcels = []
    for k, (block, name, own) in enumerate(zip(document.blocks, names, rings, strict=True)):
        move = DatumMove(shift=shift, decision=decision)
        parcel, seen = _parcel(document, block, name, own, decision, move, accept_repairs)
        doubt = () if accept_repairs else (*move.doubts(), *odd.get(k, ()))
        parcel = replace(parcel, doubtful=(*doubt, *parcel.doubtful))
        parcels.append(parcel)
        notes += seen
    notes += [
        Note(code="duplicate_name", level="warning", text=f"有 {n} 个地块都叫“{name}”，分别审查", where=Where(file=document.file))
        for name, n in Counter(names).items()
        if n > 1
    ]
    notes += [
        Note(code="duplicate_number", level="warning", text=f"有 {n} 个地块的地块编号都是“{number}”", where=Where(file=document.file))
        for number, n in Counter(b.fields.get("number", "") for b in document.blocks).items()
        if n > 1 and number
    ]
    return tuple(parcels), decision, tuple(notes)


def _parcel(
    document: Document, block: Block, name: str, rings: tuple[Ring, ...], decision: CrsDecision, move: DatumMove, accept_repairs: bool
) -> tuple[Parcel, list[Note]]:
    notes: list[Note] = []
    coords: list[Floats] = []
    labels: dict[tuple[float, float], str] = {}
    for ring in rings:
        first, second = np.array([p.first for p in ring.points]), np.array([p.second for p in ring.points])
        east, north = move.moved(*((first, second) if decision.swapped else (second, first)))
        coords.append(np.column_stack([east, north]))
        notes += spikes(document, ring, east, north, name)
        for p, x, y in zip(ring.points, east, north, strict=True):
            labels.setdefault((float(x), float(y)), p.label)
    where = document.where(block.line)
    try:
        built = assemble(coords)
    except BadGeometry as error:
        error.where = where
        error.what = f"地块“{name}”{error.what}"
        raise
    if built.geometry is None:
        raise BadGeometry(what=f"地块“{name}”没有面积", where=where, why="界址点重合或在一条直线上", fix="请核对界址点坐标")
    for indices, code, text in (
        (built.duplicates, "ring_repeated", "第 {} 圈与前面一圈完全相同，已去掉"),
        (built.flat, "ring_flat", "第 {} 圈没有面积，已去掉"),
        (built.shells[1:], "ring_outside", "第 {} 圈不在别的圈之内（或是洞中的岛），按地块的另一部分计入"),
    ):
        for i in indices:
            place = document.where(rings[i].points[0].line, (float(coords[i][0, 0]), float(coords[i][0, 1])))
            notes.append(Note(code=code, level="warning", text=f"{name} {text.format(rings[i].number)}", where=place))
    geometry, repairs, _, ok = repair_polygon(built.geometry, decision.code, where=Where(file=document.file, line=block.line))
    notes += [replace(r, text=f"{name} {r.text}") for r in repairs]
    declared, said = declared_area(
        block.fields.get("area", ""),
        signed_area_m2(geometry, decision.code),
        usual="公顷",
        where=Where(file=document.file, line=block.line),
    )
    notes += [Note(code=n.code, level=n.level, text=f"{name} {n.text}", where=n.where) for n in said]
    notes += move.notes(name, Where(file=document.file, line=block.line))
    parcel = Parcel(
        name=name,
        geometry=geometry,
        crs=decision.code,
        declared_m2=declared,
        use_text=block.fields.get("use") or None,
        attributes=_attributes(block),
        doubtful=()
        if accept_repairs
        else (
            *_lost_points(block, rings),
            *doubts_of_area(declared, signed_area_m2(geometry, decision.code)),
            *(r.text for r in repairs if not ok and r.level == "warning"),
        ),
        point_labels=tuple(labels.get((float(x), float(y)), "") for x, y in _coordinates(geometry)),
        drawn=built.geometry if repairs else None,
        repairs=tuple(r.text for r in repairs),
    )
    return parcel, notes


def _lost_points(block: Block, rings: tuple[Ring, ...]) -> tuple[str, ...]:
    """The block states more points than stand in it, and more than closing points that are not written could explain: some were lost."""
    stated, written = block.fields.get("point_count", ""), len(block.points)
    closed_here = max(0, sum(len(ring.points) for ring in rings) - written)
    if not stated.isdigit() or int(stated[:9]) <= written + closed_here:
        return ()
    return (f"文件写明界址点 {stated[:9]} 个，实有 {written} 个，界址点可能丢失",)


def _names(document: Document) -> list[str]:
    stem = Path(document.file).stem
    several = len(document.blocks) > 1
    return [b.fields.get("name") or (f"{stem}-{i}" if several else stem) for i, b in enumerate(document.blocks, start=1)]


def _attributes(block: Block) -> tuple[tuple[str, str], ...]:
    found = [(_ATTRIBUTES.get(k, k), v) for k, v in block.fields.items() if k in _ATTRIBUTES or k.startswith("附加字段")]
    return tuple((k, v) for k, v in found if v)


def _coordinates(geometry: shapely.Geometry) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in shapely.get_coordinates(geometry)]


def _turned(note: Note) -> Note:
    """The note with its point in the order that was found, east first."""
    w = note.where
    if w.point is None:
        return note
    place = Where(file=w.file, line=w.line, layer=w.layer, feature=w.feature, point=(w.point[1], w.point[0]), excerpt=w.excerpt)
    return Note(code=note.code, level=note.level, text=note.text, where=place)
