"""What format a file is, decided from its first bytes and never from its name; what we do not read is named and refused."""

from __future__ import annotations

import re
from pathlib import Path

from xygis.errors import FileMissing, UnknownFormat, UnsafeFile, Where
from xygis.vector.safe import check_file, refuse_address

_HEAD = 4096
_REFUSED = (
    (b"AC10", "DWG 图纸", "请在 CAD 中另存为 DXF"),
    (b"Rar!", "RAR 压缩包", "请改用 zip 压缩"),
    (b"7z\xbc\xaf", "7z 压缩包", "请改用 zip 压缩"),
    (b"\x1f\x8b", "gzip 压缩包", "请改用 zip 压缩"),
    (b"%PDF", "PDF 文件", "请给出坐标交换文件（TXT）或矢量数据"),
    (b"\xd0\xcf\x11\xe0", "旧版 Office 文件", "请导出为坐标交换文件（TXT）"),
    (b"\x00\x01\x00\x00Standard Jet DB", "Access 数据库（MDB）", "请在 ArcGIS 中导出为 Shapefile 或 FileGDB"),
    (b"AutoCAD Binary DXF", "二进制 DXF", "请另存为文本 DXF"),
)


def sniff(path: Path) -> str:
    """zip | geopackage | shapefile | flatgeobuf | filegdb | dxf | geojson | kml | text.

    Raises UnknownFormat with the way out, UnsafeFile for addresses, links in a folder and GDAL's virtual formats.
    """
    refuse_address(str(path))
    try:
        if path.is_dir():
            return _folder(path)
    except OSError as error:
        raise FileMissing(what="打不开文件夹", where=Where(file=str(path)), why=error.strerror or "", fix="请核对路径和权限") from error
    check_file(path)
    where = Where(file=str(path))
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError as error:
        raise FileMissing(what="打不开文件", where=where, why=error.strerror or "", fix="请核对权限") from error
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "zip"
    if head.startswith(b"SQLite format 3\0"):
        return "geopackage"
    if head[:4] == (9994).to_bytes(4):
        if path.suffix.lower() == ".shx":
            raise UnknownFormat(what="这是 Shapefile 的索引文件（.shx）", where=where, fix="请给出同名的 .shp，或把整套文件压缩为 zip")
        return "shapefile"
    if head.startswith(b"fgb\x03fgb"):
        return "flatgeobuf"
    for magic, name, fix in _REFUSED:
        if head.startswith(magic):
            raise UnknownFormat(what=f"不能读取{name}", where=where, fix=fix)
    return _text(head, where)


def _text(head: bytes, where: Where) -> str:
    wide = head.startswith((b"\xff\xfe", b"\xfe\xff"))
    plain = head.decode("utf-16" if wide else "utf-8", errors="replace").lstrip("\ufeff \t\r\n")
    if re.match(r"(999\s*\n[^\n]*\n\s*)*0\s*\n\s*SECTION", plain.replace("\r\n", "\n")):
        return "dxf"
    if plain.startswith("{"):
        return "geojson"
    if plain.startswith("<"):
        if re.search(r"<OGRVRT|<VRTDataset|<OGRWFS|<WMS_|<GDAL_", plain, re.IGNORECASE):
            raise UnsafeFile(what="虚拟数据源文件不予读取", where=where, why="它指向别的文件或网址", fix="请给出数据文件本身")
        if re.search(r"<(\w+:)?kml[\s>]", plain, re.IGNORECASE):
            return "kml"
        raise UnknownFormat(what="不能读取这种 XML 文件", where=where, fix="请导出为 GeoPackage、Shapefile 或坐标交换文件")
    return "text"


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
