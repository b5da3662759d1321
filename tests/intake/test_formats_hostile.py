"""Broken, huge, lying and malicious files of every format end in one clear error, in Chinese, with a place and a way out."""

from __future__ import annotations

import io
import re
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from boundary_files import ENVELOPE, block, moved, square, write
from hypothesis import given, settings
from hypothesis import strategies as st
from parcel_files import NAMES, kml, table_rows, write_csv, write_dxf, write_wkt, write_xlsx

from xygis.errors import (
    BadEncoding,
    BadGeometry,
    BadLine,
    DamagedFile,
    InputError,
    OldDatum,
    TooLarge,
    UnknownFormat,
    UnsafeFile,
    XygisError,
)
from xygis.intake.read import read_submission
from xygis.intake.submission import Submission

Make = Callable[[Path], Path]
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def read(path: Path, **options: object) -> Submission:
    return read_submission(path, envelope=ENVELOPE, datum="wgs84", **options)  # type: ignore[arg-type]


def refused(path: Path, error: type[XygisError], match: str, **options: object) -> XygisError:
    """The error, which says in Chinese what and how to mend it, and names the file."""
    with pytest.raises(error, match=match) as caught:
        read(path, **options)
    told = caught.value
    assert CHINESE.search(told.what)
    assert CHINESE.search(told.fix)
    assert path.name in str(told.where)
    return told


def text(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


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


def drawing(change: Callable[[object], None], path: Path, **header: object) -> Path:
    """A drawing with one sound parcel and whatever `change` adds to it."""
    import ezdxf

    made = ezdxf.new("R2010")
    for key, value in header.items():
        made.header[f"${key}"] = value
    made.modelspace().add_lwpolyline(moved(square(0, 0, 100))[:-1], close=True, dxfattribs={"layer": "红线"})
    change(made)
    made.saveas(path)
    return path


def add(kind: str, *arguments: object, layer: str = "0", **how: object) -> Callable[[object], None]:
    return lambda made: getattr(made.modelspace(), f"add_{kind}")(*arguments, **how, dxfattribs={"layer": layer})  # type: ignore[attr-defined]


def nested_blocks(made: object) -> None:
    for k in range(9):
        own = made.blocks.new(f"N{k}")  # type: ignore[attr-defined]
        for i in range(20):
            if k:
                own.add_blockref(f"N{k - 1}", (i, k))
            else:
                own.add_line((0, 0), (1, i))
    made.modelspace().add_blockref("N8", (37618000, 3541000))  # type: ignore[attr-defined]


def block_of_itself(made: object) -> None:
    own = made.blocks.new("SELF")  # type: ignore[attr-defined]
    own.add_blockref("SELF", (1, 1))
    made.modelspace().add_blockref("SELF", (37618000, 3541000))  # type: ignore[attr-defined]


def array(made: object) -> None:
    own = made.blocks.new("A")  # type: ignore[attr-defined]
    own.add_lwpolyline([(0, 0), (1, 0), (1, 1)], close=True)
    insert = made.modelspace().add_blockref("A", (37618000, 3541000))  # type: ignore[attr-defined]
    insert.grid(size=(30000, 30000), spacing=(1, 1))


OPEN = [*moved(square(200, 0, 100))[:-1], (37618200.0, 3541099.5)]


@pytest.mark.parametrize(
    ("change", "error", "match"),
    [
        (nested_blocks, TooLarge, "超过"),
        (block_of_itself, DamagedFile, "引用了自己"),
        (array, TooLarge, "超过"),
        (add("blockref", "NOWHERE", (0, 0)), DamagedFile, "没有定义"),
        (add("circle", (37618000, 3541000), 1e16), BadGeometry, "圆弧太大"),
        (add("lwpolyline", [(37618000, 3541000), (float("nan"), 0), (1, 1)], close=True), XygisError, "."),
        (add("lwpolyline", OPEN, layer="红线"), BadGeometry, "差一点没有闭合，缺口 0.500 米"),
    ],
)
def test_dxf(tmp_path: Path, change: Callable[[object], None], error: type[XygisError], match: str) -> None:
    """Blocks without end, an array of a thousand million, a circle as large as the solar system, an outline closed all but for half a metre."""
    refused(drawing(change, tmp_path / "a.dxf"), error, match)


def test_an_outline_nearly_closed_is_told_with_both_ends(tmp_path: Path) -> None:
    """The gap's two ends stand in the error; reading another layer gets past it."""
    told = refused(drawing(add("lwpolyline", OPEN, layer="草图"), tmp_path / "a.dxf"), BadGeometry, "差一点")
    assert "(37618200.000, 3541100.000) 至 (37618200.000, 3541099.500) 缺 0.500 米" in told.why
    assert "图层“草图”" in str(told.where)
    assert 1 == len(read(tmp_path / "a.dxf", layers=("红线",)).parcels)


@pytest.mark.parametrize(("start", "stop"), [(0, 400), (0, -40), (0, 0.5), (0.3, 1.0)])
def test_a_drawing_cut_off(tmp_path: Path, start: float, stop: float) -> None:
    """Anything missing at the end or the beginning: damaged, never fewer parcels."""
    whole = write_dxf(tmp_path / "w.dxf").read_bytes()
    at = [int(v * len(whole)) if isinstance(v, float) else v for v in (start, stop)]
    with pytest.raises(InputError):
        read(text(tmp_path / "a.dxf", whole[at[0] : at[1]]))


def test_what_a_drawing_hides(tmp_path: Path) -> None:
    """A layer that is off is not read but named; --layer reads it; a region, which is a solid's face, is named as unread."""

    def hide(made: object) -> None:
        made.layers.add("旧红线").off()  # type: ignore[attr-defined]
        made.modelspace().add_lwpolyline(moved(square(300, 0, 50))[:-1], close=True, dxfattribs={"layer": "旧红线"})  # type: ignore[attr-defined]

    plain = drawing(hide, tmp_path / "a.dxf").read_text("utf-8")
    face = "0\nREGION\n5\nFFF0\n100\nAcDbEntity\n8\n面域\n100\nAcDbModelerGeometry\n70\n1\n"
    got = read(text(tmp_path / "a.dxf", plain.replace("ENTITIES\n", f"ENTITIES\n{face}", 1)))
    assert [10_000.0] == [p.geometry.area for p in got.parcels]
    notes = {n.code: n.text for n in got.notes}
    assert "旧红线" in notes["hidden_layers"]
    assert "面域" in notes["entities_unread"]
    assert [2_500.0] == [p.geometry.area for p in read(tmp_path / "a.dxf", layers=("旧红线",)).parcels]


def test_a_parcel_within_a_frame_is_never_clear(tmp_path: Path) -> None:
    """A frame drawn round a parcel on one layer would make the parcel a hole: the boundary is doubtful until somebody confirms it."""
    got = read(drawing(add("lwpolyline", moved(square(-50, -50, 300))[:-1], close=True, layer="红线"), tmp_path / "a.dxf"))
    assert all("按洞扣除" in p.doubtful[0] for p in got.parcels)


@pytest.mark.parametrize(("page", "encoding"), [("ANSI_1252", "gbk"), ("ANSI_936", "utf-8"), ("ANSI_936", "gbk")])
def test_a_lying_code_page(tmp_path: Path, page: str, encoding: str) -> None:
    """Layer names come out right whatever $DWGCODEPAGE says."""
    whole = write_dxf(tmp_path / "w.dxf").read_text("gbk").replace("ANSI_936", page)
    got = read(text(tmp_path / "a.dxf", whole.encode(encoding)))
    assert list(NAMES) == [p.name for p in got.parcels]


def test_names_written_in_ascii(tmp_path: Path) -> None:
    r"""\\U+5730 and \\M+5B5D8 both are 地; an escape that would break the line stays as it is."""
    plain = write_dxf(tmp_path / "w.dxf").read_text("gbk")
    for escaped, name in ((r"\U+5730\U+5757", "地块"), (r"\M+5B5D8\M+5BFE9", "地块"), (r"a\U+000Ab", r"a\U+000Ab")):
        got = read(text(tmp_path / "a.dxf", plain.replace(NAMES[1], escaped).replace(NAMES[0], "A")))
        assert ["A", name] == [p.name for p in got.parcels]


def test_vertices_lost_from_a_polyline(tmp_path: Path) -> None:
    """A light polyline says how many vertices it has: one less is damage, not another parcel. An unknown entity in a block is named."""
    plain = write_dxf(tmp_path / "w.dxf").read_text("gbk")
    vertex = " 10\n37618100.0\n 20\n3541100.0\n"
    assert vertex in plain
    refused(text(tmp_path / "a.dxf", plain.replace(vertex, "", 1).encode("gbk")), DamagedFile, "写明有 4 个顶点，实有 3 个")
    plain = write_dxf(tmp_path / "w.dxf", how="block").read_text("gbk").replace("LWPOLYLINE", "MYPOLYLINE", 1)
    assert "MYPOLYLINE" in next(n.text for n in read(text(tmp_path / "b.dxf", plain.encode("gbk"))).notes if n.code == "entities_unread")


@pytest.mark.parametrize(
    ("how", "old", "new", "match"),
    [
        ("block", "ENDBLK", "ENDBLX", "图块开头"),
        ("lwpolyline", "AcDbPolyline", "AcDbPolylane", "不认识的标记"),
        ("lwpolyline", "  3\nModel\n", "  3\nMadel\n", "不符合规定"),
    ],
)
def test_marks_of_a_drawing_that_are_broken(tmp_path: Path, how: str, old: str, new: str, match: str) -> None:
    """Where the library would read an empty block or an empty line, the file is damaged."""
    plain = write_dxf(tmp_path / "w.dxf", how=how).read_text("gbk")
    assert old in plain
    at = plain.rindex(old)
    refused(text(tmp_path / "a.dxf", (plain[:at] + new + plain[at + len(old) :]).encode("gbk")), DamagedFile, match)


def test_a_drawing_in_no_unit(tmp_path: Path) -> None:
    """Numbers a thousand times too large while the drawing says metres: asked, not scaled."""
    whole = write_dxf(tmp_path / "w.dxf", units=4).read_text("gbk")
    changed = re.sub(r"(\$INSUNITS\s+70\s+)4\b", r"\g<1>6", whole)
    refused(text(tmp_path / "a.dxf", changed.encode("gbk")), BadGeometry, "不会是米")


def changed_rows(row: int, column: int, value: object) -> list[list[object]]:
    rows = table_rows()
    rows[row][column] = value
    return rows


@pytest.mark.parametrize(
    ("row", "column", "value", "match"),
    [
        (2, 3, None, r"单元格 D3（X坐标\(m\)） 是空的"),
        (2, 3, "354118O.250", "D3.*不是数字"),
        (2, 4, "3.76E+07", "E3.*不是数字"),
        (2, 4, "见附图", "E3.*不是数字"),
        (5, 3, 3541000.5, "闭合点 J1 与首点点号相同"),
    ],
)
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_table_with_one_cell_wrong(tmp_path: Path, kind: str, row: int, column: int, value: object, match: str) -> None:
    """P4: a blank, the letter O, lost digits, words, a closing point elsewhere: the cell or the point is named; never a vertex less."""
    rows = changed_rows(row, column, value)
    path = write_csv(tmp_path / "a.csv", rows) if kind == "csv" else write_xlsx(tmp_path / "a.xlsx", rows)
    told = refused(path, BadLine, match)
    assert row + 1 == told.where.line


@pytest.mark.parametrize(("lines", "code"), [(3, "edge_lengths_off"), (9, "ring_open_among_closed")])
def test_a_table_cut_off_between_lines(tmp_path: Path, lines: int, code: str) -> None:
    """What is left is a sound table of fewer points: its own lengths, or the closing points of its other rings, give it away."""
    got = read(write_csv(tmp_path / "a.csv", table_rows()[: lines + 1]))
    assert code in {n.code for n in got.notes}
    assert got.parcels[0].doubtful


def test_a_point_left_out_of_the_numbers(tmp_path: Path) -> None:
    """J2, J4: said; two lines run into one: refused."""
    rows = table_rows()
    assert "labels_leave_out" in {n.code for n in read(write_csv(tmp_path / "a.csv", rows[:3] + rows[4:])).notes}
    rows[3] += rows.pop(4)
    refused(write_csv(tmp_path / "b.csv", rows), BadLine, "在表头之外")


def test_p3_one_point_with_its_coordinates_exchanged(tmp_path: Path) -> None:
    """P3: not a parcel 280 km long but an error that names the point."""
    rows = table_rows()
    rows[3][3], rows[3][4] = rows[3][4], rows[3][3]
    refused(write_csv(tmp_path / "a.csv", rows), InputError, "写反|对不上")


@pytest.mark.parametrize(
    ("rows", "above", "error", "match"),
    [
        ([["点号", "X", "Y", "X", "Y"], ["J1", 1, 2, 3, 4]], (), BadLine, "2 列都是“X”"),
        (table_rows(), ("坐标系：1980西安坐标系",), OldDatum, "西安"),
        (table_rows(), ("1954年北京坐标系",), OldDatum, "北京"),
        (table_rows(), ("坐标系：2000国家大地坐标系，3度带，中央子午线114°",), InputError, "带号矛盾"),
        ([["点号", "X", "Y"]], (), BadGeometry, "没有界址点"),
        ([["点号", "X", "Y"], ["J1", 3541000, 37618000], ["J2", 3541010, 37618000]], (), BadGeometry, "2 个不同的点"),
        ([["姓名", "面积"], ["甲", 3]], (), UnknownFormat, "找不到界址点的表头"),
    ],
)
def test_tables_that_cannot_be_used(
    tmp_path: Path, rows: list[list[object]], above: tuple[str, ...], error: type[XygisError], match: str
) -> None:
    """Two pairs of columns, an old datum, a zone that the numbers contradict, no points, too few, no head."""
    refused(write_xlsx(tmp_path / "a.xlsx", rows, above=above), error, match)


def test_a_firm_in_beijing_is_no_datum(tmp_path: Path) -> None:
    """北京 in a company's name does not make the coordinates old."""
    assert 2 == len(read(write_xlsx(tmp_path / "a.xlsx", table_rows(), above=("测绘单位：北京某某测绘有限公司（西安分公司）",))).parcels)


def rezipped(source: Path, target: Path, change: Callable[[str, bytes], bytes], *more: tuple[str, bytes]) -> Path:
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            new.writestr(info.filename, change(info.filename, old.read(info)))
        for name, data in more:
            new.writestr(name, data)
    return target


def sheet(change: Callable[[bytes], bytes]) -> Callable[[str, bytes], bytes]:
    return lambda name, data: change(data) if name == "xl/worksheets/sheet1.xml" else data


@pytest.mark.parametrize(
    ("change", "more", "error", "match"),
    [
        (sheet(lambda d: d.replace(b"<worksheet", b'<!DOCTYPE x [<!ENTITY a "b">]><worksheet', 1)), (), UnsafeFile, "DOCTYPE"),
        (lambda _, d: d, (("xl/media/a.bin", bytes(60 << 20)),), UnsafeFile, "炸弹"),
        (sheet(lambda d: d[: len(d) // 2]), (), DamagedFile, "损坏"),
        (sheet(lambda d: d.replace(b'<row r="3"', b'<row r="900000"', 1)), (), XygisError, "."),
        (sheet(lambda d: d.replace(b'r="C3"', b'r="ZZZZ3"', 1)), (), XygisError, "."),
        (lambda n, d: b"" if n == "xl/workbook.xml" else d, (), DamagedFile, "损坏"),
    ],
)
def test_workbooks_that_are_not_what_they_seem(
    tmp_path: Path, change: Callable[[str, bytes], bytes], more: tuple[tuple[str, bytes], ...], error: type[XygisError], match: str
) -> None:
    """Entities in a sheet, a bomb, half a sheet, rows and columns far away, an empty part."""
    source = write_xlsx(tmp_path / "s.xlsx", table_rows())
    refused(rezipped(source, tmp_path / "a.xlsx", change, *more), error, match)


def test_the_stated_extent_of_a_sheet_is_not_believed(tmp_path: Path) -> None:
    """<dimension> that says one cell, or the whole sheet: all rows are read, and quickly."""
    source = write_xlsx(tmp_path / "s.xlsx", table_rows())
    for extent in (b"A1", b"A1:XFD1048576"):
        path = rezipped(
            source, tmp_path / "a.xlsx", sheet(lambda d, e=extent: re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="' + e + b'"', d))
        )
        assert 2 == len(read(path).parcels)


def test_formulas_are_not_run(tmp_path: Path) -> None:
    """A formula without a stored result is an empty cell, and the error says what to do."""
    told = refused(write_xlsx(tmp_path / "a.xlsx", changed_rows(2, 3, "=3541000+100")), BadLine, "D3.*是空的")
    assert "公式" in told.fix


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
        archive.write(write(tmp_path / "好.txt", block(moved(square(0, 0, 100)))), "好.txt")
    got = read(tmp_path / "a.zip")
    assert [("warning", True)] == [(n.level, what in n.text) for n in got.notes if n.code == "member_ignored"]


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
