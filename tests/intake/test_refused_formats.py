"""What planners hand over and nobody can read as coordinates: each is called what it is, with a way to export it."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from boundary_files import ENVELOPE, block, moved, square, write

from xygis.errors import UnknownFormat
from xygis.intake.read import read_submission


def compound(*streams: str) -> bytes:
    """A compound file (OLE2) as far as its directory: the names of its streams in the third sector."""
    head = bytearray(512)
    head[:8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    head[30:32], head[48:52] = (9).to_bytes(2, "little"), (2).to_bytes(4, "little")
    entries = b"".join(name.encode("utf-16-le").ljust(64, b"\0") + bytes(64) for name in ("Root Entry", *streams))
    return bytes(head) + bytes(1024) + entries


def package(*parts: str) -> bytes:
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as archive:
        for part in ("[Content_Types].xml", *parts):
            archive.writestr(part, "x")
    return memory.getvalue()


SAMPLES = {
    "a.doc": (compound("1Table", "WordDocument"), "Word 文档", "复制到 Excel"),
    "a.wps": (compound("WordDocument"), "Word 文档", "复制到 Excel"),
    "a.docx": (package("word/document.xml", "word/media/image1.png"), "Word 文档", "复制到 Excel"),
    "a.rtf": (rb"{\rtf1\ansi 1 3541000}", "RTF 文档", "复制到 Excel"),
    "a.xls": (compound("Workbook"), "旧版 Excel", "另存为"),
    "a.et": (compound("Workbook", "ETExtData"), "旧版 Excel", "另存为"),
    "密.xlsx": (compound("EncryptionInfo", "EncryptedPackage"), "密码", "去掉密码"),
    "b.xlsb": (package("xl/workbook.bin"), "Excel 二进制", "另存为"),
    "网页.xls": (b"<html><table><tr><td>X</td></tr></table></html>", "网页", "另存为"),
    "老.xls": (b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook/>', "XML 表格", "另存为"),
    "a.ods": (package("mimetype", "content.xml"), "OpenDocument", "另存为"),
    "a.ofd": (package("OFD.xml", "Doc_0/Document.xml"), "OFD", "坐标交换文件"),
    "a.pptx": (package("ppt/presentation.xml"), "PPT", "坐标交换文件"),
    "a.svg": (b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>", "SVG", "坐标交换文件"),
    "a.rar": (b"Rar!\x1a\x07\x01\x00" + bytes(99), "RAR", "zip"),
    "a.7z": (b"7z\xbc\xaf\x27\x1c" + bytes(99), "7z", "zip"),
    "a.pdf": (b"%PDF-1.7", "PDF", "坐标交换文件"),
    "a.dwg": (b"AC1027" + bytes(99), "DWG", "DXF"),
    "a.mdb": (b"\x00\x01\x00\x00Standard Jet DB" + bytes(99), "MDB", "Shapefile"),
    "a.jpg": (b"\xff\xd8\xff\xe0" + bytes(99), "JPEG", "坐标交换文件"),
}


@pytest.mark.parametrize("name", SAMPLES)
def test_it_is_called_what_it_is(tmp_path: Path, name: str) -> None:
    """By its content, under its own name and as somebody renamed it."""
    data, what, fix = SAMPLES[name]
    for path in (tmp_path / name, tmp_path / "界址点.txt"):
        path.write_bytes(data)
        with pytest.raises(UnknownFormat, match=what) as caught:
            read_submission(path, envelope=ENVELOPE)
        assert fix in caught.value.fix


@pytest.mark.parametrize("name", [n for n in SAMPLES if n not in ("a.rar", "a.7z", "a.jpg")])
def test_in_a_zip_as_well(tmp_path: Path, name: str) -> None:
    """Alone it is the refusal; beside a parcel it is named as not read, for it may hold a point table."""
    data, what, _ = SAMPLES[name]
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(name, data)
    with pytest.raises(UnknownFormat, match=what):
        read_submission(tmp_path / "a.zip", envelope=ENVELOPE)
    with zipfile.ZipFile(tmp_path / "a.zip", "a") as archive:
        archive.write(write(tmp_path / "好.txt", block(moved(square(0, 0, 100)))), "好.txt")
    got = read_submission(tmp_path / "a.zip", envelope=ENVELOPE)
    assert 1 == len(got.parcels)
    assert [(True, "warning")] == [(what in n.text, n.level) for n in got.notes if n.code == "member_ignored"]
