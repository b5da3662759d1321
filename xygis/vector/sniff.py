"""What format a file is, decided from its first bytes and never from its name; what we do not read is named and refused."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

from xygis.errors import FileMissing, UnknownFormat, UnsafeFile, Where, os_words
from xygis.vector.refused_formats import COMPOUND, Refused, refused_compound, refused_format, refused_markup, refused_package
from xygis.vector.safe import check_file, refuse_address

_HEAD = 4096
_WKT = r"(SRID\s*=\s*\d+\s*;\s*)?(MULTI)?(POINT|LINESTRING|POLYGON|SURFACE)\s*(ZM|Z|M)?\s*(\(|EMPTY)|(GEOMETRYCOLLECTION|CURVEPOLYGON)\s*\("


def sniff(path: Path) -> str:
    """zip | xlsx | geopackage | shapefile | flatgeobuf | filegdb | dxf | geojson | kml | wkt | text.

    Raises UnknownFormat with the way out, UnsafeFile for addresses, links in a folder and GDAL's virtual formats.
    """
    refuse_address(str(path))
    try:
        if path.is_dir():
            return _folder(path)
    except OSError as error:
        raise FileMissing(what="打不开文件夹", where=Where(file=str(path)), why=os_words(error), fix="请核对路径和权限") from error
    check_file(path)
    where = Where(file=str(path))
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError as error:
        raise FileMissing(what="打不开文件", where=where, why=os_words(error), fix="请核对权限") from error
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _archive(path)
    if head.startswith(b"SQLite format 3\0"):
        return "geopackage"
    if head[:4] == (9994).to_bytes(4):
        if path.suffix.lower() == ".shx":
            raise UnknownFormat(what="这是 Shapefile 的索引文件（.shx）", where=where, fix="请给出同名的 .shp，或把整套文件压缩为 zip")
        return "shapefile"
    if head.startswith(b"fgb\x03fgb"):
        return "flatgeobuf"
    if refused := refused_compound(head, _directory(path, head)) if head.startswith(COMPOUND) else refused_format(head):
        raise _known(refused, where)
    return _text(head, where)


def _known(refused: Refused, where: Where) -> UnknownFormat:
    name, fix = refused
    return UnknownFormat(what=f"不能读取 {name}" if name[0].isascii() else f"不能读取{name}", where=where, fix=fix)


def _directory(path: Path, head: bytes) -> bytes:
    """The beginning of a compound file's directory, where the names of its streams stand."""
    if len(head) < 52:
        return b""
    size, first = 1 << min(int.from_bytes(head[30:32], "little"), 12), int.from_bytes(head[48:52], "little")
    with path.open("rb") as file:
        file.seek((first + 1) * size)
        return file.read(_HEAD)


def _text(head: bytes, where: Where) -> str:
    wide = head.startswith((b"\xff\xfe", b"\xfe\xff"))
    plain = head.decode("utf-16" if wide else "utf-8", errors="replace").lstrip("\ufeff \t\r\n")
    if re.match(r"(999\s*\n[^\n]*\n\s*)*0\s*\n\s*SECTION", plain.replace("\r\n", "\n")):
        return "dxf"
    if re.match(_WKT, plain, re.IGNORECASE):
        return "wkt"
    if plain.startswith("{"):
        return "geojson"
    if plain.startswith("<"):
        if re.search(r"<OGRVRT|<VRTDataset|<OGRWFS|<WMS_|<GDAL_", plain, re.IGNORECASE):
            raise UnsafeFile(what="虚拟数据源文件不予读取", where=where, why="它指向别的文件或网址", fix="请给出数据文件本身")
        if re.search(r"<(\w+:)?kml[\s>]", plain, re.IGNORECASE):
            return "kml"
        if refused := refused_markup(plain):
            raise _known(refused, where)
        raise UnknownFormat(what="不能读取这种 XML 文件", where=where, fix="请导出为 GeoPackage、Shapefile 或坐标交换文件")
    return "text"


def _archive(path: Path) -> str:
    """An Excel workbook is a zip with this part in it; what else is wrong with an archive is found when it is opened."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return "zip"
    if "xl/workbook.xml" in names:
        return "xlsx"
    if refused := refused_package(names):
        raise _known(refused, Where(file=str(path)))
    return "zip"


def _folder(path: Path) -> str:
    where = Where(file=str(path))
    entries = list(path.iterdir())
    if any(e.is_symlink() for e in entries):
        raise UnsafeFile(what="文件夹里有链接", where=where, fix="请把文件本身放进文件夹")
    names = {e.name.lower() for e in entries}
    if "a00000001.gdbtable" in names:
        return "filegdb"
    raise UnknownFormat(
        what="这个文件夹不是 FileGDB", where=where, fix="请给出文件；FileGDB 应是以 .gdb 结尾、内含 a00000001.gdbtable 的文件夹"
    )
