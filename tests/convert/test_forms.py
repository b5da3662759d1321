"""Each form as its receiver expects it, and one line for everything that it cannot hold."""

from __future__ import annotations

import json
import zipfile
from datetime import date
from pathlib import Path
from xml.etree import ElementTree

import ezdxf
import fiona
import numpy as np
import pytest
import shapely

from tests.convert.parcels_to_write import ENVELOPE, parcel, square, submission
from tests.convert.tables_read_back import document_rows, workbook_rows
from tests.report.test_workbook import sheets
from xygis.convert.run import FORMATS, Conversion, convert
from xygis.errors import AmbiguousCrs, BadGeometry, TooLarge, UnsafeFile, UsageError
from xygis.geodesy.plane import official_area_m2
from xygis.intake.read import read_submission
from xygis.intake.submission import Parcel

DAY = date(2026, 11, 24)
ODD = ("=1+1", "@SUM(A1)", "甲,乙", "两\n行", "<b>&\"'", "铃\x07", "=cmd|' /C calc'!A0", "https://example.org", "007")


def write(folder: Path, to: str, *parcels: Parcel, suffix: str | None = None, **options: object) -> tuple[Path, Conversion]:
    out = folder / f"输出{suffix or FORMATS[to][0]}"
    values: dict[str, object] = {"to": to, "on": DAY, "producer": "襄阳市示例测绘单位"} | options
    return out, convert([submission(*parcels)], out, **values)  # type: ignore[arg-type]  # the options of convert


def codes(done: Conversion) -> set[str]:
    return {n.code for n in done.notes}


def with_hole(**rest: object) -> Parcel:
    return parcel([square(0, 0, 100), square(40, 40, 20)], **rest)  # type: ignore[arg-type]  # the rest of a Parcel


# The boundary TXT


def test_the_official_form_to_the_letter(tmp_path: Path) -> None:
    """Header complete, outer ring clockwise from the north-west corner, hole the other way, closing points, GBK, CR LF."""
    own = with_hole(use_text="工业用地", attributes=(("地块编号", "A-7"), ("图幅号", "I49G000000"), ("地类编码", "0601")))
    out, _ = write(tmp_path, "boundary-txt", own)
    x, y = shapely.get_coordinates(own.geometry)[0]
    shell = [(0, 100), (100, 100), (100, 0), (0, 0), (0, 100)]
    hole = [(40, 60), (40, 40), (60, 40), (60, 60), (40, 60)]
    points = [f"J{label},1,{y + b:.3f},{x + a:.3f}" for label, (a, b) in zip((1, 2, 3, 4, 1), shell, strict=True)]
    points += [f"J{label},2,{y + b:.3f},{x + a:.3f}" for label, (a, b) in zip((5, 6, 7, 8, 5), hole, strict=True)]
    expected = [
        "[属性描述]",
        "格式版本号=1.01版本",
        "数据产生单位=襄阳市示例测绘单位",
        "数据产生日期=2026-11-24",
        "坐标系=2000国家大地坐标系",
        "几度分带=3",
        "投影类型=高斯克吕格",
        "计量单位=米",
        "带号=37",
        "精度=0.001",
        "转换参数=,,,,,,",
        "[地块坐标]",
        "10,0.9598,A-7,地块1,面,I49G000000,工业用地,0601,@",
        *points,
        "",
    ]
    assert out.read_bytes().decode("gbk").split("\r\n") == expected
    assert b"\n" not in out.read_bytes().replace(b"\r\n", b"")


def test_prefix_is_added_and_told(tmp_path: Path) -> None:
    """A bare easting gets its zone number in the official form, unless a zone without one is asked for."""
    out, done = write(tmp_path, "boundary-txt", parcel([square(0, 0, 100)], crs="EPSG:4547"))
    assert "prefix_added" in codes(done)
    assert "带号=38" in out.read_text("gbk") and ",38" in out.read_text("gbk").splitlines()[-1]
    out, done = write(tmp_path, "boundary-txt", parcel([square(0, 0, 100)], crs="EPSG:4547"), crs="EPSG:4547", force=True)
    assert "prefix_added" not in codes(done)
    assert read_submission(out, envelope=ENVELOPE).crs == "EPSG:4547"


def test_declared_area_goes_before_the_computed_one(tmp_path: Path) -> None:
    """The applicant's own figure is kept; where there is none the official area stands, and it is said."""
    stated, computed = parcel([square(0, 0, 100)], declared_m2=10_000.0), parcel([square(200, 0, 100)], name="地块2")
    out, done = write(tmp_path, "boundary-txt", stated, computed)
    lines = [line for line in out.read_text("gbk").splitlines() if line.endswith("@")]
    ring = shapely.get_coordinates(computed.geometry)
    official = official_area_m2(ring, np.array([0, len(ring)]), "EPSG:4525")
    assert [line.split(",")[1] for line in lines] == ["1.0000", f"{official / 1e4:.4f}"]
    assert any("1 个地块没有申报面积" in n.text for n in done.notes)


def test_what_the_txt_cannot_hold_is_told(tmp_path: Path) -> None:
    """Parts, other fields, a comma in a name, digits of the area, characters beyond GBK: one line each, nothing dropped in silence."""
    odd = parcel(
        [square(0, 0, 100)], [square(200, 0, 100)], name="甲,乙𠮷", declared_m2=20_000.37, attributes=(("批准文号", "鄂政〔2026〕1号"),)
    )
    out, done = write(tmp_path, "boundary-txt", odd)
    assert {"parts_as_rings", "fields_not_held", "comma_replaced", "area_rounded", "beyond_gbk"} <= codes(done)
    back = read_submission(out, envelope=ENVELOPE).parcels[0]
    assert back.name == "甲，乙𠮷"
    assert 2 == len(back.geometry.geoms)


def test_points_closer_than_the_last_digit(tmp_path: Path) -> None:
    """Two points that become one are written once, and told; a ring that vanishes, or a border that crosses itself, is refused."""
    near = [(0, 0), (100, 0), (100, 100), (99.9997, 100.0002), (0, 100), (0, 0)]
    out, done = write(tmp_path, "boundary-txt", parcel([near]))
    assert "points_merged" in codes(done)
    assert 5 == len(read_submission(out, envelope=ENVELOPE).parcels[0].geometry.exterior.coords)
    with pytest.raises(BadGeometry, match="取 3 位小数后边界不成立"):
        write(tmp_path, "boundary-txt", parcel([square(0, 0, 100), square(50, 50, 0.0003)]), force=True)
    needle = [(0, 0), (100, 0), (100, 100), (50, 0.0004), (0, 100), (0, 0)]
    with pytest.raises(BadGeometry) as caught:
        write(tmp_path, "boundary-txt", parcel([needle]), force=True)
    assert "--decimals 4" in caught.value.fix and caught.value.where.point is not None and "自相" in caught.value.why
    assert 5 == len(read_submission(out, envelope=ENVELOPE).parcels[0].geometry.exterior.coords), "the older file stands as it was"


def test_renumbered_points_are_told(tmp_path: Path) -> None:
    """Numbers of the source are kept where they are the official ones already, else it is said that they are gone."""
    ring = [(0, 100), (100, 100), (100, 0), (0, 0), (0, 100)]
    same = parcel([ring], point_labels=("J1", "J2", "J3", "J4", "J1"))
    other = parcel([ring], point_labels=("J2", "J3", "J4", "J1", "J2"))
    assert "labels_renumbered" not in codes(write(tmp_path, "boundary-txt", same)[1])
    assert "labels_renumbered" in codes(write(tmp_path, "boundary-txt", other, force=True)[1])


# Point tables


@pytest.mark.parametrize("to", ["points-xlsx", "points-docx"])
def test_a_table_adds_up(tmp_path: Path, to: str) -> None:
    """Edge lengths are those between the printed points; the closing row repeats the first point and has none."""
    out, _ = write(tmp_path, to, with_hole(declared_m2=9600.0))
    ((name, rows),) = workbook_rows(out) if to == "points-xlsx" else document_rows(out)
    assert "地块1" == name
    assert ["J1", "J2", "J3", "J4", "J1", "J5", "J6", "J7", "J8", "J5"] == [r[0] for r in rows]
    assert [100.0] * 4 + [None] + [20.0] * 4 + [None] == [r[4] for r in rows]
    assert rows[0][1:4] == rows[4][1:4]


def test_both_tables_and_the_txt_say_the_same(tmp_path: Path) -> None:
    """One number, whatever it is printed in."""
    own = [with_hole(), parcel([square(300, 0, 77.7)], name="地块2", use_text="工业用地")]
    tables = [workbook_rows(write(tmp_path, "points-xlsx", *own)[0]), document_rows(write(tmp_path, "points-docx", *own)[0])]
    assert tables[0] == tables[1]
    lines = write(tmp_path, "boundary-txt", *own)[0].read_text("gbk").splitlines()
    points = [tuple(line.split(",")) for line in lines if line.startswith("J")]
    assert points == [(r[0], str(r[1]), f"{r[2]:.3f}", f"{r[3]:.3f}") for _, rows in tables[0] for r in rows]


def test_workbook_holds_text_as_text_and_prints_on_a4(tmp_path: Path) -> None:
    """Names become no formula and no link; each parcel has a sheet, A4, its heads repeated."""
    out, _ = write(tmp_path, "points-xlsx", *(parcel([square(200 * i, 0, 100)], name=n, use_text=n) for i, n in enumerate(ODD)))
    found = sheets(out)
    assert 1 + len(ODD) == len(found)
    assert not [v for cells in found.values() for v in cells.values() if v == "FORMULA"]
    shown = {cells["C2"] for cells in list(found.values())[1:]}
    assert {n.replace("\n", " ").replace("\x07", " ").strip() for n in ODD} == shown
    with zipfile.ZipFile(out) as book:
        pages = [book.read(n).decode() for n in book.namelist() if n.startswith("xl/worksheets/sheet")]
        assert all('paperSize="9"' in p and 'fitToHeight="0"' in p for p in pages)
        assert book.read("xl/workbook.xml").decode().count("_xlnm.Print_Titles") == len(pages)
        assert not [n for n in book.namelist() if n.endswith(".rels") and b"hyperlink" in book.read(n)]
        assert not [p for p in pages if "<hyperlink" in p]


def test_equal_names_have_a_sheet_each(tmp_path: Path) -> None:
    """P11: two parcels both called 地块1 are two."""
    long = "襄城区尹集乡姚庵村城乡建设用地增减挂钩项目拆旧区第二十三号地块"
    out, done = write(tmp_path, "points-xlsx", *(parcel([square(200 * i, 0, 100)], name=n) for i, n in enumerate(("a", "A", long, long))))
    assert 4 == done.parcels == len(workbook_rows(out))


def test_document_repeats_its_heads(tmp_path: Path) -> None:
    """Word repeats the head of a table that goes on, and names the fonts for Chinese."""
    out, _ = write(tmp_path, "points-docx", with_hole())
    with zipfile.ZipFile(out) as archive:
        body, styles = archive.read("word/document.xml").decode(), archive.read("word/styles.xml").decode()
    assert 1 == body.count("<w:tblHeader/>")
    assert 'w:eastAsia="宋体"' in styles and 'w:eastAsia="黑体"' in styles
    assert 'w:w="11906" w:h="16838"' in body or 'w:w="11907" w:h="16839"' in body or 'w:h="16838"' in body


def test_tables_have_their_limits(tmp_path: Path) -> None:
    """More parcels or points than a table is good for are refused with another way, not cut off."""
    many = [parcel([square(200 * (i % 30), 200 * (i // 30), 100)], name=f"地块{i}") for i in range(501)]
    with pytest.raises(UsageError, match="501"):
        write(tmp_path, "points-xlsx", *many)
    angle = np.linspace(0, 2 * np.pi, 20_001)
    round_one = parcel([list(zip(5000 * np.cos(angle), 5000 * np.sin(angle), strict=True))])
    with pytest.raises(TooLarge):
        write(tmp_path, "points-docx", round_one)
    assert not list(tmp_path.iterdir())


# Files for a GIS


def test_shapefile_has_the_widths_of_the_standard(tmp_path: Path) -> None:
    """BSM 18, YSDM 10, DLBM 5, areas 15.2; UTF-8 in .cpg; Esri's name of the zone in .prj."""
    attributes = (("BSM", "420600000000000001"), ("YSDM", "2001010100"), ("DLBM", "0101"), ("TBMJ", "10000.25"), ("KCXS", "0.1234"))
    out, done = write(tmp_path, "shp", with_hole(declared_m2=9600.0, attributes=attributes))
    with fiona.open(out) as source:
        properties = dict(source.schema["properties"])
        assert "Polygon" == source.schema["geometry"]
        (record,) = list(source)
    expected = {"BSM": "str:18", "YSDM": "str:10", "DLBM": "str:5", "TBMJ": "float:15.2", "KCXS": "float:6.4", "DKMJ": "float:15.2"}
    assert expected | {"DKMC": "str:100", "DKYT": "str:100"} == properties
    assert 10000.25 == record["properties"]["TBMJ"]
    assert "UTF-8" == out.with_suffix(".cpg").read_text()
    prj = out.with_suffix(".prj").read_text()
    assert prj.startswith('PROJCS["CGCS2000_3_Degree_GK_Zone_37"') and 'PARAMETER["False_Easting",37500000.0]' in prj
    assert not [n for n in done.notes if n.level == "warning"]


@pytest.mark.parametrize("code", ["EPSG:4525", "EPSG:4546", "EPSG:4526", "EPSG:4547", "EPSG:4497", "EPSG:4508", "EPSG:4490"])
def test_prj_means_the_system_for_other_programs_too(code: str) -> None:
    """PROJ reads the .prj as the same projection: parameters, ellipsoid, units."""
    import pyproj

    from xygis.convert.shapefile import prj_text
    from xygis.errors import Where
    from xygis.vector.crs_claim import claim_of_wkt

    written, meant = pyproj.CRS.from_wkt(prj_text(code)), pyproj.CRS.from_user_input(code)
    assert claim_of_wkt(prj_text(code), source=".prj 文件", where=Where()).code == code
    forward = pyproj.Transformer.from_crs(written, meant, always_xy=True)
    x, y = (112.0, 32.0) if code == "EPSG:4490" else pyproj.Transformer.from_crs(4490, meant, always_xy=True).transform(112.0, 32.0)
    assert np.allclose(forward.transform(x, y), (x, y), rtol=0, atol=1e-6)


def test_shapefile_never_cuts_in_silence(tmp_path: Path) -> None:
    """A long name is told, a text that is too long for a field too; field names stay apart; no value goes to another column."""
    long = "长" * 90
    attributes = (("DLBM", "0101K99"), ("规划用地性质甲", "1"), ("规划用地性质乙", "2"), ("dkmc", "另一个"), ("说明", long))
    out, done = write(tmp_path, "shp", parcel([square(0, 0, 100)], attributes=attributes))
    assert {"field_widened", "fields_renamed", "text_cut"} <= codes(done)
    back = dict(read_submission(out, envelope=ENVELOPE).parcels[0].attributes)
    assert ["0101K99", "1", "2", "另一个", "长" * 84] == [back[k] for k in back]


@pytest.mark.parametrize("to", ["shp", "gpkg", "geojson", "kml"])
def test_odd_texts_come_back_as_they_were(tmp_path: Path, to: str) -> None:
    """No text breaks out of its place: quotes, tags, commas, what a spreadsheet would compute."""
    own = [parcel([square(200 * i, 0, 100)], name=n, use_text=n) for i, n in enumerate(ODD)]
    out, done = write(tmp_path, to, *own)
    read = read_submission(out, envelope=ENVELOPE, datum="wgs84" if to == "kml" else None)
    expected = [n.replace("\n", " ").replace("\x07", " ").strip() for n in ODD]
    assert expected == [p.name for p in read.parcels] == [p.use_text for p in read.parcels]
    assert "control_characters" in codes(done)


def test_geopackage_keeps_every_field_name(tmp_path: Path) -> None:
    """Chinese names as they are; one that the format needs itself gets another, and it is told."""
    out, done = write(
        tmp_path, "gpkg", parcel([square(0, 0, 100)], crs="EPSG:4526", attributes=(("批准文号", "1"), ("fid", "9"), ("GEOM", "x")))
    )
    read = read_submission(out, envelope=ENVELOPE)
    assert "EPSG:4526" == read.crs
    assert {"批准文号": "1", "fid_1": "9", "GEOM_1": "x"} == dict(read.parcels[0].attributes)
    assert "fields_renamed" in codes(done)


def test_geojson_as_the_standard_has_it(tmp_path: Path) -> None:
    """RFC 7946: degrees, longitude first, outer rings counter-clockwise, holes clockwise, no crs member."""
    out, done = write(tmp_path, "geojson", with_hole())
    document = json.loads(out.read_text("utf-8"))
    assert {"type", "features"} == set(document)
    rings = document["features"][0]["geometry"]["coordinates"]
    assert [True, False] == [shapely.LinearRing(r).is_ccw for r in rings]
    assert 110 < rings[0][0][0] < 114 and 31 < rings[0][0][1] < 33
    assert "datum_not_held" in codes(done)
    with pytest.raises(UsageError, match="只写经纬度"):
        write(tmp_path, "geojson", with_hole(), crs="EPSG:4525", force=True)


def test_kml_is_well_formed(tmp_path: Path) -> None:
    """One Placemark a parcel, hole as inner boundary, parts together."""
    out, _ = write(tmp_path, "kml", with_hole(name="<甲>&乙"), parcel([square(200, 0, 9)], [square(300, 0, 9)], name="地块2"))
    root = ElementTree.fromstring(out.read_bytes())
    ns = "{http://www.opengis.net/kml/2.2}"
    marks = list(root.iter(f"{ns}Placemark"))
    assert ["<甲>&乙", "地块2"] == [m.findtext(f"{ns}name") for m in marks]
    assert [1, 0] == [len(list(m.iter(f"{ns}innerBoundaryIs"))) for m in marks]
    assert [1, 2] == [len(list(m.iter(f"{ns}Polygon"))) for m in marks]


def test_drawing_opens_without_complaint(tmp_path: Path) -> None:
    """Closed polylines, a layer a parcel, names and point numbers as text, metres; the auditor of the library finds nothing."""
    out, done = write(tmp_path, "dxf", with_hole(use_text="工业用地"), parcel([square(45, 45, 5)], name='a/b"*'))
    document = ezdxf.readfile(out)
    assert not document.audit().has_errors
    assert 6 == document.header["$INSUNITS"]
    lines = list(document.modelspace().query("LWPOLYLINE"))
    assert [("地块1", 4), ("地块1", 4), ("a_b__", 4)] == [(p.dxf.layer, len(p)) for p in lines]
    assert all(p.closed for p in lines)
    texts = {t.dxf.text: t.dxf.layer for t in document.modelspace().query("TEXT")}
    assert {"地块1": "注记", "工业用地": "注记", "J1": "界址点号"}.items() <= texts.items()
    assert {"crs_not_held", "layers_renamed", "rings_as_lines"} <= codes(done)


# The place


def test_nothing_is_overwritten_unless_told(tmp_path: Path) -> None:
    """An existing file stays as it is, also one of the five of a shapefile; with force it is replaced whole."""
    (tmp_path / "输出.dbf").write_bytes(b"mine")
    with pytest.raises(UsageError, match="已经存在"):
        write(tmp_path, "shp", with_hole())
    assert b"mine" == (tmp_path / "输出.dbf").read_bytes()
    (tmp_path / "输出.qix").write_bytes(b"old index")
    write(tmp_path, "shp", with_hole(), force=True)
    assert {".shp", ".shx", ".dbf", ".prj", ".cpg"} == {p.suffix for p in tmp_path.iterdir()}


@pytest.mark.parametrize("out", ["/vsimem/a.shp", "https://example.org/a.gpkg"])
def test_no_virtual_place(out: str) -> None:
    """Nothing is written to an address or to a file system of GDAL's own."""
    with pytest.raises(UnsafeFile):
        convert([submission(with_hole())], Path(out), to="shp" if out.endswith("shp") else "gpkg", on=DAY)


def test_input_is_never_the_output(tmp_path: Path) -> None:
    """Not even with force, and not by another way to the same file."""
    out, _ = write(tmp_path, "gpkg", with_hole())
    (tmp_path / "链接").symlink_to(tmp_path)
    with pytest.raises(UsageError, match="就是输入文件"):
        convert([submission(with_hole(), path=str(tmp_path / "链接" / out.name))], out, to="gpkg", on=DAY, force=True)


@pytest.mark.parametrize("to", FORMATS)
def test_wrong_ending_and_folder_are_refused(tmp_path: Path, to: str) -> None:
    """The name says what the file is."""
    with pytest.raises(UsageError, match="结尾"):
        write(tmp_path, to, with_hole(), suffix=".bak")
    (tmp_path / f"输出{FORMATS[to][0]}").mkdir()
    with pytest.raises(UsageError, match="文件夹"):
        write(tmp_path, to, with_hole(), force=True)


@pytest.mark.parametrize("to", FORMATS)
def test_same_parcels_same_bytes(tmp_path: Path, to: str) -> None:
    """Written twice, the files do not differ; Word's archive carries the time of writing, its contents do not differ."""
    made = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        made.append(write(tmp_path / name, to, with_hole(), suffix=".zip" if to == "shp" else None)[0])
    if to == "points-docx":
        contents = []
        for path in made:
            with zipfile.ZipFile(path) as archive:
                contents.append({n: archive.read(n) for n in archive.namelist()})
        assert contents[0] == contents[1]
    else:
        assert made[0].read_bytes() == made[1].read_bytes()


def test_a_boundary_in_doubt_does_not_come_out_sound(tmp_path: Path) -> None:
    """A bow-tie that was repaired beyond the limit is not laundered into a clean file."""
    with pytest.raises(BadGeometry, match="存疑"):
        write(tmp_path, "gpkg", parcel([square(0, 0, 100)], doubtful=("边界自相交，已修复，面积由 0.00 m² 变为 5,000.00 m²",)))
    assert not list(tmp_path.iterdir())


def test_several_systems_are_asked_about(tmp_path: Path) -> None:
    """Inputs in two zones become one file only in a zone that somebody names; degrees are degrees anyway."""
    two = [submission(parcel([square(0, 0, 100)])), submission(parcel([square(0, 0, 100)], crs="EPSG:4526", name="地块2"), path="b.gpkg")]
    with pytest.raises(AmbiguousCrs, match="坐标系不同"):
        convert(two, tmp_path / "a.txt", to="boundary-txt", on=DAY)
    assert 2 == convert(two, tmp_path / "a.txt", to="boundary-txt", on=DAY, crs="EPSG:4525").parcels
    assert 2 == convert(two, tmp_path / "a.geojson", to="geojson", on=DAY).parcels


def test_a_long_edge_in_another_zone_is_told(tmp_path: Path) -> None:
    """P23: a straight edge of 2 km is not straight in the other zone; how far off it is, is said; no points are added."""
    long = parcel([[(0, 0), (2000, 0), (2000, 100), (0, 100), (0, 0)]])
    out, done = write(tmp_path, "gpkg", long, crs="EPSG:4526")
    assert 5 == shapely.get_num_coordinates(read_submission(out, envelope=ENVELOPE).parcels[0].geometry)
    assert any(n.code == "chord" and "0.0" in n.text for n in done.notes)
    assert "chord" not in codes(write(tmp_path, "gpkg", long, crs="EPSG:4546", force=True)[1])
    several = parcel([square(0, 0, 2000), square(900, 900, 50)], [square(3000, 0, 50)])
    assert "chord" in codes(write(tmp_path, "gpkg", several, crs="EPSG:4526", force=True)[1])


def test_degrees_get_a_zone_and_it_is_told(tmp_path: Path) -> None:
    """Longitude and latitude become metres of the zone they lie in, and the choice is said."""
    degrees = Parcel(name="地块1", geometry=shapely.box(112.9, 32.0, 112.901, 32.001), crs="EPSG:4490", declared_m2=None)
    _, done = write(tmp_path, "boundary-txt", degrees)
    assert "EPSG:4526" == done.crs and "zone_chosen" in codes(done)
    with pytest.raises(UsageError, match="不写经纬度"):
        write(tmp_path, "dxf", degrees, crs="EPSG:4490")
