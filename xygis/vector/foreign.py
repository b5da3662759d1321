"""The door for vector files from outside: format by content, zip by our own unzip, then the reader for that format."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from xygis.errors import BadGeometry, LayerUnreadable, UnknownFormat, UnsafeFile, UsageError, Where, XygisError, legible
from xygis.vector.crs_claim import Claim, claim_of_code, claim_of_wkt, refuse_old_datum
from xygis.vector.refused_formats import OFFICE
from xygis.vector.safe import MAX_TEXT_BYTES, check_file
from xygis.vector.sniff import sniff

if TYPE_CHECKING:
    from xygis.vector.layers import ForeignLayer

_SMALL_BYTES = 20 << 20  # of a text that may take ten times as much once it is parsed
NO_LAYERS = ("text", "xlsx", "refused")  # of a zip's members: point tables and boundary files are intake's, the rest is read by nobody
_GDB_TABLE = "a00000001.gdbtable"
_BESIDE = (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp")  # icons of a KMZ, photographs: beside the data, never the data
_PARTS = (".shx", ".dbf", ".prj", ".cpg", ".sbn", ".sbx", ".qpj", ".qmd", ".xml", ".qix", ".fix", ".lock")


_DATA = (".txt", ".shp", ".gpkg", ".geojson", ".json", ".kml", ".dxf", ".fgb", ".csv", ".wkt")  # of these an empty one is missing


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A data set that can be read: the file itself, or one of a zip, under the name that a person knows it by."""

    path: Path
    format: str  # as `sniff` names it; "refused" where the error says why
    shown: str
    refusal: UnknownFormat | None = None  # of a file in a zip that we know and do not read


def read_layers(path: Path, *, encoding: str | None = None, datum: str | None = None) -> list[ForeignLayer]:
    """All vector layers of a file, a zip or a FileGDB folder, unsettled. Raises subclasses of InputError."""
    with opened(path) as members:
        data = [m for m in members if m.format not in NO_LAYERS]
        found = [layer for m in data for layer in read_member(m, encoding=encoding, datum=datum)]
    if not found:
        raise UnknownFormat(what="没有可读的矢量数据", where=Where(file=str(path)), fix="请给出 Shapefile、GeoPackage、GeoJSON 或 FileGDB")
    return found


def read_vector(path: Path, *, sublayer: str | None = None) -> ForeignLayer:
    """One layer of a data file in any format that we read, by default the first. Raises LayerUnreadable and InputError."""
    layers = read_layers(path)
    found = next((layer for layer in layers if sublayer is None or layer.name == sublayer), None)
    if found is None:
        known = "、".join(layer.name for layer in layers)
        raise LayerUnreadable(what=f"文件中没有图层“{sublayer}”", where=Where(file=str(path)), fix=f"现有图层：{known}")
    if found.claim.old is not None:
        raise refuse_old_datum(found.claim.old, found.claim.where)
    return found


@contextmanager
def opened(path: Path) -> Iterator[tuple[Member, ...]]:
    """The data sets in a file; for a zip those inside it, which exist until the end of the block."""
    kind = sniff(path)
    if kind != "zip":
        yield (Member(path=path, format=kind, shown=legible(str(path))),)
        return
    from xygis.vector.unzip import unzipped

    with unzipped(path) as folder:
        members = tuple(_members(folder, path))
        if (refused := [m.refusal for m in members if m.refusal is not None]) and len(refused) == len(members):
            raise refused[0]
        if not members:
            names = sorted(p.name for p in folder.rglob("*") if p.is_file())[:5]
            raise _nothing(path, names)
        yield members


def read_member(
    member: Member,
    *,
    encoding: str | None = None,
    datum: str | None = None,
    chosen: tuple[str, ...] = (),
    progress: Callable[[int, int], None] | None = None,
) -> list[ForeignLayer]:
    """The layers of one data set, or only those chosen by name; places in errors and notes go by the name that a person knows.

    progress: told the bytes read and the bytes in all, where a file is read here and is large.
    """
    try:
        layers = _in_datum(member, encoding, datum, chosen, progress)
    except XygisError as error:
        error.where = _as_shown(error.where, member)
        raise
    return [
        replace(
            layer,
            notes=tuple(replace(n, where=_as_shown(n.where, member)) for n in layer.notes),
            claim=replace(layer.claim, where=_as_shown(layer.claim.where, member)),
        )
        for layer in layers
    ]


def _in_datum(
    member: Member, encoding: str | None, datum: str | None, chosen: tuple[str, ...], progress: Callable[[int, int], None] | None
) -> list[ForeignLayer]:
    if datum is None:
        return _only(_read(member, encoding, chosen, progress), chosen, member)
    from xygis.vector.datum import in_stated_datum, known_datum

    stated = known_datum(datum, Where(file=str(member.path)))
    return [in_stated_datum(layer, stated) for layer in _only(_read(member, encoding, chosen, progress), chosen, member)]


def _only(layers: list[ForeignLayer], chosen: tuple[str, ...], member: Member) -> list[ForeignLayer]:
    """The layers whose names were asked for, or the last part of whose names; all where nothing was."""
    if not chosen:
        return layers
    own = {id(layer): {layer.name, layer.name.rpartition("/")[2]} for layer in layers}
    for name in chosen:
        if not any(name in names for names in own.values()):
            known = "、".join(layer.name for layer in layers[:20])
            raise UsageError(what=f"文件里没有带图形的图层“{name}”", where=Where(file=str(member.path)), fix=f"现有图层：{known}")
    return [layer for layer in layers if own[id(layer)] & set(chosen)]


def _as_shown(where: Where, member: Member) -> Where:
    if not where.file or member.shown == str(member.path):
        return where
    if where.file == str(member.path):
        return replace(where, file=member.shown)
    companion = f"{member.shown.rpartition('/')[0]}/{Path(where.file).name}"
    return replace(where, file=companion if Path(where.file).parent == member.path.parent else where.file)


def _read(member: Member, encoding: str | None, chosen: tuple[str, ...], progress: Callable[[int, int], None] | None) -> list[ForeignLayer]:
    """Formats that our own few lines read, here; all others, and what needs much memory, in a process with limits."""
    path = member.path
    if member.format == "geopackage":
        from xygis.vector.gpkg import CurvedGeometry

        try:
            return _geopackage(path, member.shown)
        except CurvedGeometry:
            return _caged(member, encoding, chosen)
    if member.format == "shapefile":
        from xygis.vector.shapefile import read_shapefile

        return [read_shapefile(path, encoding=encoding, progress=progress)]
    if member.format in ("geojson", "wkt") and check_file(path, limit=MAX_TEXT_BYTES) <= _SMALL_BYTES:
        return read_member_here(member, encoding=encoding, chosen=chosen)
    return _caged(member, encoding, chosen)


def _caged(member: Member, encoding: str | None, chosen: tuple[str, ...]) -> list[ForeignLayer]:
    """As `read_caged`, which is only loaded where a file needs it."""
    from xygis.vector.caged import read_caged

    return read_caged(member.path, member.format, shown=member.shown, encoding=encoding, chosen=chosen)


def read_member_here(member: Member, *, encoding: str | None = None, chosen: tuple[str, ...] = ()) -> list[ForeignLayer]:
    """The layers of a data set in a format that is read with large libraries; in whatever process this is called."""
    path = member.path
    if member.format == "geojson":
        from xygis.vector.geojson import read_geojson

        return [read_geojson(path, encoding=encoding)]
    if member.format == "kml":
        from xygis.vector.kml import read_kml

        return read_kml(path, encoding=encoding)
    if member.format == "dxf":
        from xygis.vector.dxf import read_dxf

        return read_dxf(path, encoding=encoding, layers=chosen)
    if member.format == "wkt":
        from xygis.vector.wkt import read_wkt

        return [read_wkt(path, encoding=encoding)]
    from xygis.vector.ogr import read_ogr

    return read_ogr(path, member.format, encoding=encoding)


def sha256_of(path: Path) -> str:
    """Digest of a file, or of a folder's files in the order of their names."""
    digest = hashlib.sha256()
    for part in sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]:
        if path.is_dir():
            digest.update(os.fsencode(part.relative_to(path).as_posix()))
        with part.open("rb") as file:
            while chunk := file.read(1 << 20):
                digest.update(chunk)
    return digest.hexdigest()


def _members(folder: Path, path: Path) -> Iterator[Member]:
    databases = {_as_gdb(t.parent, folder) for t in sorted(folder.rglob("*")) if t.name.lower() == _GDB_TABLE and t.is_file()}
    for entry in sorted(folder.rglob("*")):
        if any((folder / p) in databases for p in entry.relative_to(folder).parents):
            continue
        shown = legible(f"{path}/{entry.relative_to(folder).as_posix()}")
        if entry.is_dir():
            if entry in databases:
                yield Member(path=entry, format=_sniffed(entry, shown), shown=shown)
            continue
        if entry.suffix.lower() in _PARTS or (not entry.stat().st_size and entry.suffix.lower() not in _DATA):
            continue
        try:
            kind = _sniffed(entry, shown)
            if kind == "zip" and entry.suffix.lower() in OFFICE:
                raise _office(shown)
            if kind == "zip":
                raise UnsafeFile(what="压缩包里还有压缩包", where=Where(file=shown), fix="请解开里面的压缩包，重新压缩")
        except UnsafeFile:
            raise
        except UnknownFormat as error:
            if entry.suffix.lower() not in _BESIDE:
                yield Member(path=entry, format="refused", shown=shown, refusal=error)
            continue
        yield Member(path=entry, format=kind, shown=shown)


def _sniffed(entry: Path, shown: str) -> str:
    try:
        return sniff(entry)
    except XygisError as error:
        error.where = replace(error.where, file=shown)
        raise


def _as_gdb(database: Path, folder: Path) -> Path:
    """The folder of a FileGDB under a name that GDAL takes for one; a zip of the bare files has none."""
    if database.suffix.lower() == ".gdb" and database != folder:
        return database
    if database != folder:
        return database.rename(database.with_name(f"{database.name}.gdb"))
    made = folder / "数据库.gdb"
    files = [p for p in folder.iterdir() if p.is_file()]
    made.mkdir()
    for file in files:
        file.rename(made / file.name)
    return made


def _nothing(path: Path, names: list[str]) -> UnknownFormat:
    if any(n.endswith((".xml", ".rels")) for n in names) and any("Content_Types" in n for n in names):
        return _office(str(path))
    return UnknownFormat(
        what="压缩包里没有可读的数据",
        where=Where(file=str(path)),
        why=f"只有 {'、'.join(names)}" if names else "压缩包是空的，或只有不读的文件",
        fix="请放入 .shp、.shx、.dbf、.prj 一套文件，或坐标交换文件（TXT）",
    )


def _office(shown: str) -> UnknownFormat:
    fix = "请把界址点做成 Excel 界址点表（.xlsx），或导出为坐标交换文件（TXT）"
    return UnknownFormat(what="这是 Office 文件（Word、PPT 等），不能读取", where=Where(file=shown), fix=fix)


def _geopackage(path: Path, shown: str) -> list[ForeignLayer]:
    from xygis.vector.gpkg import read_gpkg, sublayers
    from xygis.vector.layers import ForeignLayer

    check_file(path)
    where = Where(file=shown)
    try:
        tables = sublayers(path)
        if not tables:
            raise BadGeometry(what="GeoPackage 中没有带几何字段的图层", where=where, fix="请确认导出时带上了图形")
        found = []
        for table in tables:
            place = Where(file=shown, layer=table.name)
            claim = Claim(evidence=("图层没有写坐标系，按坐标数值判断",), where=place)
            if table.crs is not None:
                claim = claim_of_code(table.crs, source="图层", where=place)
            elif table.crs_text:
                claim = claim_of_wkt(table.crs_text, source="图层", where=place)
            features = read_gpkg(path, table.name)
            found.append(
                ForeignLayer(
                    name=table.name, format="geopackage", features=features, claim=claim, encoding="utf-8", encoding_why="", notes=()
                )
            )
        return found
    except LayerUnreadable as error:
        raise BadGeometry(what=error.what, where=error.where, why=error.why, fix=error.fix) from error
