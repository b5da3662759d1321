"""An earlier run, read back from its report.json and the consistency.gpkg beside it. Whatever does not fit is refused."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import shapely

from xygis.atlas.verdict import Verdict
from xygis.consistency.notes import ID_COLUMN, BadNote, NoteRow, PatchNotes, Unplaced, notes_from_dict, over
from xygis.consistency.notes_table import rows_of_table
from xygis.consistency.result import Compared, DifferencePatch
from xygis.consistency.shapes import ABSENT_LAYER, FILE, LAYER, shapes_sha256
from xygis.consistency.states import PatchState
from xygis.errors import DamagedFile, FileMissing, InputError, UnknownFormat, Where
from xygis.vector.gpkg import read_gpkg, sublayers
from xygis.vector.safe import read_bytes

SCHEMA = "xygis/consistency/1"
_MAX_BYTES = 2 << 30
_AGAIN = "请给出上次 xygis consistency --out 写出的 report.json，它旁边要有同一次写出的 consistency.gpkg"


class AlteredFile(InputError):
    """The shapes beside a report are not those that the report was written with."""

    code = "altered-file"


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """What a run is compared with. patches: found then, or not compared then and carried on; with their notes."""

    file: str
    sha256: str
    checked_on: date
    atlas_name: str
    plane: str
    patches: tuple[DifferencePatch, ...]
    compared: tuple[Compared, ...]
    unplaced: tuple[Unplaced, ...]
    document: dict[str, Any]  # the whole report
    edited: bool  # somebody has written notes in the GeoPackage that the report does not have


def read_earlier(path: Path) -> Earlier:
    """Raises FileMissing, UnknownFormat, DamagedFile, AlteredFile."""
    data = read_bytes(path, limit=_MAX_BYTES)
    where = Where(file=str(path))
    document = _document(data, where)
    shapes, rows = _shapes(path, document, where)
    try:
        patches = tuple(_patches(document, shapes))
        sha256 = f"sha256:{hashlib.sha256(data).hexdigest()}"
        return Earlier(
            file=path.name,
            sha256=sha256,
            checked_on=date.fromisoformat(document["checked_on"]),
            atlas_name=str(document["atlas"]["name"]),
            plane=str(document["atlas"]["plane"]),
            patches=patches,
            compared=tuple(
                Compared(a=str(c["a"]), b=str(c["b"]), relation=str(c["relation"]), rules=tuple(map(str, c["rules"])))
                for c in document["compared"]
            ),
            unplaced=tuple(_unplaced(document)),
            document=document,
            edited=rows is None or any(over(p.notes, r) != p.notes for p in patches if (r := rows.get(p.id)) is not None),
        )
    except BadNote as error:
        raise DamagedFile(what=f"上次的报告里有读不懂的处理意见：{error.what}", where=where, fix=_AGAIN) from error
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise DamagedFile(what="上次的报告内容不完整", where=where, why=f"{type(error).__name__}：{error}", fix=_AGAIN) from error


def _document(data: bytes, where: Where) -> dict[str, Any]:
    try:
        document = json.loads(data)
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise DamagedFile(what="不是有效的 JSON", where=where, why=str(error)[:120], fix=_AGAIN) from error
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        raise UnknownFormat(what="不是多规合一的报告数据", where=where, fix=_AGAIN)
    if "error" in document:
        raise UnknownFormat(what="上次的运行没有完成，报告里只有错误", where=where, fix=_AGAIN)
    if not {"patches", "patches_file", "compared"} <= set(document):
        raise UnknownFormat(
            what="上次的报告里没有图斑清单", where=where, why="是旧版 xygis 写的", fix="请用现在的 xygis 重做一次上次的比对"
        )
    return document


def _shapes(path: Path, document: dict[str, Any], where: Where) -> tuple[dict[str, shapely.Geometry], dict[str, NoteRow] | None]:
    """(name → shape, name → what is written on it in the file); None where that is not to be understood."""
    said = document["patches_file"]
    name, expected = (said.get("name"), said.get("shapes_sha256")) if isinstance(said, dict) else (None, None)
    if name != FILE:  # a report from elsewhere must not lead to other files
        raise DamagedFile(what="上次的报告没有写明图斑文件", where=where, fix=_AGAIN)
    beside = path.parent / FILE
    if not beside.is_file():
        raise FileMissing(what="上次的图斑文件不在报告旁边", where=Where(file=str(beside)), fix=_AGAIN)
    shapes: dict[str, shapely.Geometry] = {}
    rows: dict[str, NoteRow] = {}
    understood = 0
    present = [t.name for t in sublayers(beside)]
    for layer in (LAYER, ABSENT_LAYER):
        if layer in present:
            table = read_gpkg(beside, layer)
            names = [str(n) for n in table.columns.get(ID_COLUMN, [])]
            if len(names) != len(set(names)) or shapes.keys() & set(names) or any(g is None for g in table.geometry):
                raise _altered(beside, "有重复的图斑编号，或有图斑没有图形")
            shapes |= dict(zip(names, table.geometry, strict=False))
            with contextlib.suppress(BadNote):
                rows |= {r.id: r for r in rows_of_table(table, beside)}
                understood += 1
    if not isinstance(expected, str) or shapes_sha256(shapes.items()) != expected:
        raise _altered(beside, "图斑被增删、改动了图形或编号，或者是另一次运行写的")
    return shapes, rows if understood == len({LAYER, ABSENT_LAYER} & set(present)) else None


def _altered(path: Path, why: str) -> AlteredFile:
    fix = "请找回与报告同一次写出的 consistency.gpkg；处理意见可以在里面改，图形和编号不能改"
    return AlteredFile(what="上次的图斑文件与报告对不上", where=Where(file=str(path)), why=why, fix=fix)


def _patches(document: dict[str, Any], shapes: dict[str, shapely.Geometry]) -> Iterator[DifferencePatch]:
    """Those that were found, and those that were not compared already then."""
    absent = [g for g in _gone(document) if g["state"] == PatchState.NOT_COMPARED]
    seen: set[str] = set()
    for p in (*document["patches"], *absent):
        name = p["id"]
        if name in seen:
            raise ValueError(f"图斑 {name} 出现两次")
        seen.add(name)
        yield DifferencePatch(
            id=name,
            rule=str(p["rule"]),
            difference=p["type"],
            a=str(p["a"]),
            b=str(p["b"]),
            verdict=Verdict(p["verdict"]),
            county_code=p["county_code"],
            county_name=str(p["county"]),
            geometry=shapes[name],
            area_m2=float(p["area_m2"]),
            mean_width_m=float(p["width_m"]),
            sliver=bool(p["sliver"]),
            a_features=(),
            b_features=(),
            notes=notes_from_dict(p["notes"]),
        )


def _gone(document: dict[str, Any]) -> list[dict[str, Any]]:
    tracking = document.get("tracking")
    return list(tracking["gone"]) if isinstance(tracking, dict) else []


def _unplaced(document: dict[str, Any]) -> Iterator[Unplaced]:
    """Notes without a patch: those of then, and of what was resolved or merged then."""
    day = document["checked_on"]
    for entry in document["notes_unplaced"]:
        yield Unplaced(id=str(entry["id"]), where=str(entry["where"]), notes=notes_from_dict(entry["notes"]))
    for g in _gone(document):
        if g["state"] == PatchState.RESOLVED:
            yield from _kept(g["id"], f"{day} 已消除", notes_from_dict(g["notes"]))


def _kept(name: str, where: str, notes: PatchNotes) -> Iterator[Unplaced]:
    if notes:
        yield Unplaced(id=name, where=where, notes=notes)
