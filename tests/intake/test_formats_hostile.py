"""Broken, huge, lying and malicious files of every format end in one clear error, in Chinese, with a place and a way out."""

from __future__ import annotations

import io
import re
import tempfile
import zipfile
from pathlib import Path

import pytest
from boundary_files import block, moved, square, write
from hostile_files import read, refused, text
from hypothesis import given, settings
from hypothesis import strategies as st
from parcel_files import kml, table_rows, write_csv, write_dxf, write_wkt, write_xlsx

from xygis.errors import (
    BadEncoding,
    BadGeometry,
    DamagedFile,
    InputError,
    OldDatum,
    UnknownFormat,
    UnsafeFile,
    XygisError,
)


def placemark(coordinates: str, shape: str = "Polygon") -> str:
    ring = f"<LinearRing><coordinates>{coordinates}</coordinates></LinearRing>"
    inside = f"<outerBoundaryIs>{ring}</outerBoundaryIs>" if shape == "Polygon" else f"<coordinates>{coordinates}</coordinates>"
    return f"<kml><Placemark><name>甲</name><{shape}>{inside}</{shape}></Placemark></kml>"


LAUGHS = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10 if i else "ha"}">' for i in range(12))

GOOD = "112.2,32.0 112.201,32.0 112.201,32.001 112.2,32.0"


@pytest.mark.parametrize(
    ("content", "error", "match"),
    [
        (f"<!DOCTYPE kml [{LAUGHS}]><kml><Placemark><name>&l11;</name></Placemark></kml>", UnsafeFile, "DOCTYPE"),
        ('<!DOCTYPE kml [<!ENTITY x SYSTEM "file:///etc/passwd">]><kml>&x;</kml>', UnsafeFile, "DOCTYPE"),
        ('<!DOCTYPE kml SYSTEM "http://example.org/a.dtd"><kml></kml>', UnsafeFile, "DOCTYPE"),
        ("<kml>&unknown;</kml>", DamagedFile, "语法错误"),
        (kml()[:900], DamagedFile, "不完整"),
        ("<kml>" + "<Folder>" * 500 + "</Folder>" * 500 + "</kml>", DamagedFile, "嵌套过深"),
        ("<kml><NetworkLink><Link><href>http://example.org/a.kml</href></Link></NetworkLink></kml>", BadGeometry, "没有图形"),
        ("<kml></kml>", BadGeometry, "没有图形"),
        (placemark("112.2,32.0 112.201,x 112.2,32.0 112.2,32.0"), BadGeometry, "第 2 个坐标"),
        (placemark("112.2,32.0,0,112.201,32.0,0"), BadGeometry, "看不懂"),
        (placemark("112.2,nan 112.201,32 112.2,32.1 112.2,32.0"), BadGeometry, "有限"),
        (placemark("112.2,1e999 112.201,32 112.2,32.1 112.2,32.0"), BadGeometry, "有限"),
        (placemark("112.2,32.0 112.201,32.0"), BadGeometry, "外圈只有 2 个点"),
        (placemark(""), BadGeometry, "外圈只有 0 个点"),
        (placemark(GOOD).replace("outerBoundaryIs", "innerBoundaryIs"), BadGeometry, "0 个外圈"),
        (placemark("12.2,32.0 12.201,32.0 12.201,32.001 12.2,32.0"), InputError, "范围"),
        (placemark("112.2,32.0 112.201,32.0", "LineString"), BadGeometry, "没有面"),
        (placemark(GOOD).encode() + b"\xff\xff\xff", BadEncoding, "编码"),
        (b"\xff\xfe<\0k\0m\0l\0>\0" + b"\0\xd8", BadEncoding, "编码"),
    ],
)
def test_kml(tmp_path: Path, content: str | bytes, error: type[InputError], match: str) -> None:
    """Entity bombs, external entities, cut off, nested, without shapes, ragged, infinite, elsewhere."""
    refused(text(tmp_path / "a.kml", content), error, match)


def test_closed_lines_of_a_map_app(tmp_path: Path) -> None:
    """A file with lines only: the closed ones are taken as areas, and said; beside an area they are left, and said."""
    line = placemark(GOOD, "LineString")
    got = read(text(tmp_path / "a.kml", line))
    assert "closed_lines_as_areas" in {n.code for n in got.notes}
    both = placemark(GOOD).replace("</kml>", line.removeprefix("<kml>"))
    got = read(text(tmp_path / "b.kml", both))
    assert 1 == len(got.parcels)
    assert "closed_lines_left" in {n.code for n in got.notes}


@pytest.mark.parametrize(
    ("content", "error", "match"),
    [
        ("GEOMETRYCOLLECTION(" * 5000 + "POINT(1 1)" + ")" * 5000, DamagedFile, "嵌套过深"),
        ("POLYGON((37618000 3541000, 37618100 3541000", DamagedFile, "没有合上"),
        ("POLYGON((37618000 3541000, 37618100 3541000))))", DamagedFile, "不成对"),
        ("POLYGON((37618000 3541000, 37618100))", DamagedFile, "语法错误"),
        ("POLYGON((37618000 3541000, x y, 1 2))", DamagedFile, "语法错误"),
        ("CURVEPOLYGON(CIRCULARSTRING(0 0, 1 1, 2 0, 1 -1, 0 0))", BadGeometry, "圆弧"),
        ("POLYGON((1 1, 2 2, 3 1, 1 1))\n第二块", DamagedFile, "不是 WKT"),
        ("SRID=2363;POLYGON((37618000 3541000, 37618100 3541000, 37618100 3541100, 37618000 3541000))", OldDatum, "西安"),
        ("SRID=4525;POINT(37618000 3541000)\nSRID=4526;POINT(37618000 3541000)", BadGeometry, "SRID 不同"),
        ("POINT(37618000 3541000)", BadGeometry, "没有面"),
        ("POLYGON EMPTY\nPOLYGON((", DamagedFile, "."),
        ("POLYGON((nan nan, 1 1, 2 2, nan nan))", XygisError, "."),
    ],
)
def test_wkt(tmp_path: Path, content: str, error: type[XygisError], match: str) -> None:
    """Nested without end, brackets missing, arcs, other words between, an old datum, two systems, no area."""
    refused(text(tmp_path / "a.wkt", content), error, match)


REFUSED = [
    (b"AC1032" + bytes(200), "DWG 图纸（AutoCAD 2018 格式）", "另存为"),
    (b"AC1015" + bytes(200), "DWG 图纸（AutoCAD 2000 格式）", "DXF"),
    (b"\x00\x01\x00\x00Standard Jet DB\x00" + bytes(200), "MDB", "导出为 Shapefile"),
    (b"\x00\x01\x00\x00Standard ACE DB\x00" + bytes(200), "ACCDB", "导出为 Shapefile"),
    (b"%PDF-1.7\n" + bytes(200), "PDF", "TXT"),
    (b"\x89PNG\r\n\x1a\n" + bytes(200), "PNG", "逐点录入"),
    (b"\xff\xd8\xff\xe0" + bytes(200), "JPEG", "逐点录入"),
    (b"GIF89a" + bytes(200), "GIF", "逐点录入"),
    (b"II*\0" + bytes(200), "TIFF", "逐点录入"),
    (b"BM" + (206).to_bytes(4, "little") + bytes(200), "BMP", "逐点录入"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(200), "旧版 Office", ".xlsx"),
    (b"AutoCAD Binary DXF\r\n\x1a\0" + bytes(200), "二进制 DXF", "文本"),
    (b"Rar!\x1a\x07\x00" + bytes(200), "RAR", "zip"),
    (b"WMAP`D23" + bytes(200), "MapGIS", "Shapefile"),
]


@pytest.mark.parametrize(("content", "what", "fix"), REFUSED)
def test_formats_that_are_refused_with_the_way_out(tmp_path: Path, content: bytes, what: str, fix: str) -> None:
    """Known by content, whatever the name; alone, alone in a zip, and beside a parcel file, where it is named as not read."""
    told = refused(text(tmp_path / "地块.txt", content), UnknownFormat, re.escape(what))
    assert fix in told.fix
    if content[:4] == b"Rar!":
        return  # an archive within an archive is refused as such
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("图/地块.dat", content)
    with pytest.raises(UnknownFormat, match=re.escape(what)) as caught:
        read(tmp_path / "a.zip")
    assert "图/地块.dat" in str(caught.value.where)
    with zipfile.ZipFile(tmp_path / "a.zip", "a") as archive:
        archive.writestr("说明.txt", "请审查")
    with pytest.raises(UnknownFormat, match=re.escape(what)):
        read(tmp_path / "a.zip")
    with zipfile.ZipFile(tmp_path / "a.zip", "a") as archive:
        archive.write(write(tmp_path / "好.txt", block(moved(square(0, 0, 100)))), "好.txt")
    got = read(tmp_path / "a.zip")
    ignored = [(n.level, what in n.text) for n in got.notes if n.code == "member_ignored" and "图/地块.dat" in str(n.where)]
    assert [("warning", True)] == ignored


def test_a_filegdb_with_a_link_in_it(tmp_path: Path) -> None:
    """A link could lead anywhere: the folder is refused; so is one whose tables are cut off."""
    folder = tmp_path / "a.gdb"
    folder.mkdir()
    (folder / "a00000001.gdbtable").write_bytes(bytes(50))
    refused(folder, InputError, ".")
    (folder / "a00000002.gdbtable").symlink_to("/etc/passwd")
    refused(folder, UnsafeFile, "链接")


def test_a_workbook_hides_no_archive(tmp_path: Path) -> None:
    """A zip called .xlsx within a zip is an archive within an archive."""
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("a.txt", "x")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a.xlsx", inner.getvalue())
    refused(tmp_path / "a.zip", UnsafeFile, "还有压缩包")


def _sample(name: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        if name == "a.kml":
            return kml().encode()
        if name == "a.dxf":
            return write_dxf(path).read_bytes()
        if name == "a.xlsx":
            return write_xlsx(path, table_rows()).read_bytes()
        return (write_csv(path, table_rows(), "gbk") if name == "a.csv" else write_wkt(path)).read_bytes()


SAMPLES = {name: _sample(name) for name in ("a.kml", "a.dxf", "a.xlsx", "a.csv", "a.wkt")}

Edits = st.lists(st.tuples(st.floats(0, 1), st.binary(max_size=6), st.integers(0, 6)), min_size=1, max_size=5)


@settings(max_examples=120, deadline=None)
@given(st.sampled_from(sorted(SAMPLES)), Edits)
def test_bytes_changed(name: str, edits: list[tuple[float, bytes, int]]) -> None:
    """Each format with some bytes replaced, put in or taken out: parcels or one of our errors."""
    data = SAMPLES[name]
    for at, new, gone in edits:
        i = int(at * len(data))
        data = data[:i] + new + data[i + gone :]
    with tempfile.TemporaryDirectory() as folder:
        path = text(Path(folder) / name, data)
        try:
            got = read(path)
        except XygisError as error:
            assert error.what
            assert error.fix
        else:
            assert all(p.geometry.is_valid and p.geometry.area > 0 for p in got.parcels)
