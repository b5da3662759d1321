"""Formats that are known and not read: how each is recognised from its first bytes, what it is called, and the way out."""

from __future__ import annotations

_TO_DXF = "请在 CAD 中用“另存为”存成 DXF（AutoCAD 2004 或 2007 格式），地块边界为闭合的多段线，再送审"
_TO_VECTOR = "请向测绘单位索取坐标交换文件（TXT）或 Shapefile；扫描件、照片里的界址点须有人逐点录入 Excel 界址点表再送审"
_TO_ZIP = "请解压后改用 zip 压缩"
_FROM_WORD = "请在 Word 或 WPS 中选中界址点表，复制到 Excel，另存为 .xlsx；或请测绘单位给坐标交换文件（TXT）"
_FROM_SHEET = "请在 Excel 或 WPS 中打开，另存为 Excel 工作簿（.xlsx）"
_TO_TABLE = "请在 Excel 或 WPS 中去掉密码、另存为 .xlsx，或导出为坐标交换文件（TXT）"

DWG_VERSIONS = {
    b"AC1012": "R13",
    b"AC1014": "R14",
    b"AC1015": "2000",
    b"AC1018": "2004",
    b"AC1021": "2007",
    b"AC1024": "2010",
    b"AC1027": "2013",
    b"AC1032": "2018",
}
_BEGINNINGS = (
    (b"{\\rtf", "RTF 文档", _FROM_WORD),
    (b"%!PS", "PostScript 文件", _TO_VECTOR),
    (b"Rar!", "RAR 压缩包", _TO_ZIP),
    (b"7z\xbc\xaf", "7z 压缩包", _TO_ZIP),
    (b"\x1f\x8b", "gzip 压缩包", _TO_ZIP),
    (b"BZh", "bzip2 压缩包", _TO_ZIP),
    (b"%PDF", "PDF 文件", _TO_VECTOR),
    (b"\x89PNG\r\n", "PNG 图片", _TO_VECTOR),
    (b"\xff\xd8\xff", "JPEG 图片", _TO_VECTOR),
    (b"GIF8", "GIF 图片", _TO_VECTOR),
    (b"II*\0", "TIFF 图片", _TO_VECTOR),
    (b"MM\0*", "TIFF 图片", _TO_VECTOR),
    (b"II+\0", "TIFF 图片", _TO_VECTOR),
    (b"\xd0\xcf\x11\xe0", "旧版 Office 文件（.xls、.doc）或加了密码的 Excel", _TO_TABLE),
    (b"\x00\x01\x00\x00Standard Jet DB", "Access 数据库（MDB）", "请在 ArcGIS 中打开，把要素类导出为 Shapefile 或 FileGDB，再压缩送审"),
    (b"\x00\x01\x00\x00Standard ACE DB", "Access 数据库（ACCDB）", "请在 ArcGIS 中打开，把要素类导出为 Shapefile 或 FileGDB，再压缩送审"),
    (b"AutoCAD Binary DXF", "二进制 DXF", "请在 CAD 中另存为文本（ASCII）DXF"),
    (b"WMAP", "MapGIS 文件", "请在 MapGIS 中导出为 Shapefile，再把整套文件压缩送审"),
    (b"CNFR", "MapGIS 文件", "请在 MapGIS 中导出为 Shapefile，再把整套文件压缩送审"),
)


COMPOUND = b"\xd0\xcf\x11\xe0"  # the container of the Office formats before 2007
_STREAMS = (
    ("EncryptedPackage", "加了密码的 Office 文件", _TO_TABLE),
    ("WordDocument", "Word 文档（.doc、.wps）", _FROM_WORD),
    ("PowerPoint Document", "PPT 演示文稿", _FROM_WORD),
    ("Workbook", "旧版 Excel 文件（.xls、.et）", _FROM_SHEET),
    ("Book", "旧版 Excel 文件（.xls）", _FROM_SHEET),
)
_PACKAGES = (
    ("word/document.xml", "Word 文档（.docx）", _FROM_WORD),
    ("ppt/presentation.xml", "PPT 演示文稿（.pptx）", _FROM_WORD),
    ("xl/workbook.bin", "Excel 二进制工作簿（.xlsb）", _FROM_SHEET),
    ("OFD.xml", "OFD 版式文件", _TO_VECTOR),
)
_MARKUP = (
    ('<?mso-application progid="Excel', "Excel 2003 的 XML 表格", _FROM_SHEET),
    ('<?mso-application progid="Word', "Word 2003 的 XML 文档", _FROM_WORD),
    ("<html", "网页（HTML，有的系统把它存成 .xls）", _FROM_SHEET),
    ("<!doctype html", "网页（HTML，有的系统把它存成 .xls）", _FROM_SHEET),
    ("<svg", "SVG 图片", _TO_VECTOR),
)

OFFICE = (".docx", ".pptx", ".xlsb", ".ods", ".odt", ".ofd")  # endings of packages that are refused
Refused = tuple[str, str]  # what it is called, the way out


def refused_compound(head: bytes, directory: bytes) -> Refused | None:
    """Of a compound file, by the names of its streams as its directory has them."""
    found = ((name, fix) for stream, name, fix in _STREAMS if stream.encode("utf-16-le") + b"\0\0" in directory)
    return next(found, None) or refused_format(head)


def refused_package(names: list[str]) -> Refused | None:
    """Of a zip, by the names of its parts: documents are zips too."""
    if "mimetype" in names and "content.xml" in names:
        return "OpenDocument 文件（.ods、.odt）", _FROM_SHEET
    return next(((name, fix) for part, name, fix in _PACKAGES if part in names), None)


def refused_markup(text: str) -> Refused | None:
    """Of a text that begins with an angle bracket."""
    plain = text.lower()
    return next(((name, fix) for start, name, fix in _MARKUP if start.lower() in plain), None)


def refused_format(head: bytes) -> Refused | None:
    """(name, way out) of a file that begins so, where the format is one we know and do not read."""
    if head[:4] == b"AC10" and head[4:6].isdigit():
        version = DWG_VERSIONS.get(head[:6], "")
        return f"DWG 图纸{f'（AutoCAD {version} 格式）' if version else ''}", _TO_DXF
    if head[:2] == b"BM" and head[6:10] == bytes(4):
        return "BMP 图片", _TO_VECTOR
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WebP 图片", _TO_VECTOR
    if head[4:12] in (b"ftypheic", b"ftypheix", b"ftypmif1"):
        return "HEIC 图片", _TO_VECTOR
    return next(((name, fix) for start, name, fix in _BEGINNINGS if head.startswith(start)), None)
