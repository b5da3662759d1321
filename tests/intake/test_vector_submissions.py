"""Vector files as planners bring them: names, areas, encodings and systems come out right, or the file is refused."""

from __future__ import annotations

import shutil
import struct
from pathlib import Path

import pytest
import shapely
from boundary_files import E0, N0, moved, square
from gis_files import ESRI_111, HOLED, codes, collection, polygon, read, write_shapefile

from xygis.errors import (
    AmbiguousCrs,
    BadEncoding,
    BadGeometry,
    DamagedFile,
    InputError,
    LayerUnreadable,
    OldDatum,
    UnknownCrs,
    UnsafeFile,
)
from xygis.vector.foreign import read_vector


def test_shapefile_holes_do_not_depend_on_direction(tmp_path: Path) -> None:
    """P6: the hole is drawn in the shell's direction; names and system come along."""
    got = read(write_shapefile(tmp_path / "a.shp", [HOLED, [moved(square(200, 0, 100))]], names=["甲地块", "乙地块"]))
    assert (got.format, got.crs, got.encoding) == ("shapefile", "EPSG:4525", "gb18030")
    assert [(p.name, p.geometry.area) for p in got.parcels] == [("甲地块", 8_400.0), ("乙地块", 10_000.0)]


def test_the_outline_before_a_repair_is_kept_as_it_was_drawn(tmp_path: Path) -> None:
    """A crossing outline stays beside its repaired shape; sound features have nothing to keep."""
    bow_tie = moved([(0, 0), (0, 100), (100, 0), (100, 100), (0, 0)])
    got = read(write_shapefile(tmp_path / "a.shp", [[bow_tie], [moved(square(200, 0, 100))]], names=["甲", "乙"]))
    kept = shapely.get_coordinates(got.parcels[0].drawn)
    assert {tuple(c) for c in kept} == set(bow_tie)
    assert not got.parcels[0].drawn.is_valid
    assert ["自相交" in text for text in got.parcels[0].repairs] == [True]
    assert (got.parcels[1].drawn, got.parcels[1].repairs) == (None, ())


@pytest.mark.parametrize(
    ("encoding", "ldid", "cpg", "found"),
    [
        ("gbk", 0, None, "gb18030"),
        ("gbk", 0x4D, None, "gb18030"),
        ("gbk", 0, "UTF-8", "gb18030"),
        ("utf-8", 0, None, "utf-8"),
        ("utf-8", 0x4D, "936", "utf-8"),
        ("utf-8", 0, "UTF-8", "utf-8"),
        ("gbk", 0x57, "ISO-8859-1", "gb18030"),
    ],
)
def test_p5_dbf_encoding_is_decided_strictly(tmp_path: Path, encoding: str, ldid: int, cpg: str | None, found: str) -> None:
    """P5: .cpg and the code page are believed only where they decode; the name is right in any case."""
    path = write_shapefile(tmp_path / "a.shp", [HOLED], names=["岘山滨江地块"], encoding=encoding, ldid=ldid)
    if cpg:
        path.with_suffix(".cpg").write_text(cpg)
    got = read(path)
    assert got.encoding == found
    if encoding == "gbk":
        assert got.parcels[0].name == "岘山滨江地块"
    else:
        assert got.parcels[0].name.startswith("岘山滨江地")  # 20 bytes hold six characters and two bytes of a seventh


def test_p5_a_value_cut_in_half_is_not_another_encoding(tmp_path: Path) -> None:
    """UTF-8 text cut by the field's width in the middle of a character stays UTF-8."""
    got = read(write_shapefile(tmp_path / "a.shp", [HOLED], names=["襄阳市东津新区一期地块"], encoding="utf-8"))
    assert got.encoding == "utf-8"
    assert got.parcels[0].name == "襄阳市东津新"


def test_an_ordered_encoding_that_does_not_decode(tmp_path: Path) -> None:
    """--encoding is strict for attribute tables too."""
    with pytest.raises(BadEncoding):
        read(write_shapefile(tmp_path / "a.shp", [HOLED], names=["岘山"]), encoding="utf-8")


def test_p7_no_prj_is_decided_by_the_numbers(tmp_path: Path) -> None:
    """P7: a lone .shp with values of 37 600 000: system from the prefix, and said so; the missing parts are noted."""
    path = write_shapefile(tmp_path / "a.shp", [HOLED], names=["甲"], prj=None)
    path.with_suffix(".dbf").unlink()
    path.with_suffix(".shx").unlink()
    got = read(path)
    assert got.crs == "EPSG:4525"
    assert any("没有 .prj" in e for e in got.evidence)
    assert {"dbf_missing", "shx_missing"} <= codes(got)
    assert got.parcels[0].name == "a"


def test_p7_a_prj_that_contradicts_is_asked_about(tmp_path: Path) -> None:
    """P7: degrees or no prefix in the .prj, prefixed metres in the file: which is right? --crs answers."""
    for prj in ('GEOGCS["GCS_WGS_1984"]', ESRI_111):
        path = write_shapefile(tmp_path / "a.shp", [HOLED], names=["甲"], prj=prj)
        with pytest.raises(AmbiguousCrs) as caught:
            read(path)
        assert "--crs EPSG:4525" in caught.value.fix
        assert read(path, crs="EPSG:4525").crs == "EPSG:4525"


@pytest.mark.parametrize(
    ("prj", "error"),
    [
        ('PROJCS["Xian_1980_3_Degree_GK_Zone_37",GEOGCS["GCS_Xian_1980"]]', OldDatum),
        ('PROJCS["Beijing_1954_3_Degree_GK_Zone_37",GEOGCS["GCS_Beijing_1954"]]', OldDatum),
        ('LOCAL_CS["某市独立坐标系"]', UnknownCrs),
        ("不是坐标系", UnknownCrs),
    ],
)
def test_a_prj_that_cannot_be_used(tmp_path: Path, prj: str, error: type[InputError]) -> None:
    """Old datums and unknown systems stop, naming the .prj."""
    with pytest.raises(error) as caught:
        read(write_shapefile(tmp_path / "a.shp", [HOLED], names=["甲"], prj=prj))
    assert str(caught.value.where.file).endswith("a.prj")


@pytest.mark.parametrize(("suffix", "cut"), [(".shp", 60), (".shp", 100), (".shp", -20), (".shx", -8), (".dbf", -22), (".dbf", 20)])
def test_a_cut_off_shapefile_is_damaged(tmp_path: Path, suffix: str, cut: int) -> None:
    """Any of the three files cut off: refused, never fewer parcels."""
    path = write_shapefile(tmp_path / "a.shp", [HOLED, [moved(square(200, 0, 100))]], names=["甲", "乙"])
    part = path.with_suffix(suffix)
    part.write_bytes(part.read_bytes()[:cut])
    with pytest.raises(DamagedFile):
        read(path)


def test_an_unclosed_ring_and_a_zero_area_polygon_in_a_shapefile(tmp_path: Path) -> None:
    """Closed with a note and the place; without area refused with the feature."""
    got = read(write_shapefile(tmp_path / "a.shp", [[HOLED[0][:-1]]], names=["甲"]))
    assert got.parcels[0].geometry.area == 10_000.0
    note = next(n for n in got.notes if n.code == "ring_closed")
    assert (note.where.feature, note.where.point) == ("1", (E0, N0))
    with pytest.raises(BadGeometry) as caught:
        read(write_shapefile(tmp_path / "b.shp", [HOLED, [moved([(0, 0), (5, 5), (9, 9), (0, 0)])]], names=["甲", "乙"]))
    assert caught.value.where.feature == "2"


def test_geojson_with_projected_numbers(tmp_path: Path) -> None:
    """GeoJSON ought to be WGS84; Chinese files hold projected numbers: found by range, and said."""
    (tmp_path / "a.geojson").write_text(collection([polygon(*HOLED)], 地块名称="甲", QLR="张三", DKMJ=8400), encoding="utf-8")
    got = read(tmp_path / "a.geojson")
    assert (got.crs, got.parcels[0].geometry.area, got.parcels[0].declared_m2) == ("EPSG:4525", 8_400.0, 8_400.0)
    assert "personal_dropped" in codes(got)
    assert not got.parcels[0].attributes


def test_geojson_in_degrees_and_latitude_first(tmp_path: Path) -> None:
    """WGS84 is taken as CGCS2000 with a note; a file that has latitude first is turned round with another."""
    ring = [(112.2, 32.0), (112.201, 32.0), (112.201, 32.001), (112.2, 32.0)]
    (tmp_path / "a.geojson").write_text(collection([polygon(ring)]))
    (tmp_path / "b.geojson").write_text(collection([polygon([(b, a) for a, b in ring])]))
    first, second = read(tmp_path / "a.geojson"), read(tmp_path / "b.geojson")
    assert first.crs == second.crs == "EPSG:4490"
    assert "wgs84_as_cgcs2000" in codes(first)
    assert "axes_swapped" in codes(second)
    assert shapely.equals_exact(first.parcels[0].geometry, second.parcels[0].geometry)


def test_p13_a_collection_keeps_its_areal_part(tmp_path: Path) -> None:
    """P13: a feature of polygon and line is the polygon, with a note; a feature that is only a point is left out, with a note."""
    mixed = {"type": "GeometryCollection", "geometries": [polygon(HOLED[0]), {"type": "LineString", "coordinates": HOLED[0][:2]}]}
    (tmp_path / "a.geojson").write_text(collection([mixed, {"type": "Point", "coordinates": [E0, N0]}]))
    got = read(tmp_path / "a.geojson")
    assert [p.geometry.area for p in got.parcels] == [10_000.0]
    assert {"non_areal_dropped", "not_polygon_skipped"} <= codes(got)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("{", DamagedFile),
        ('{"type": "FeatureCollection", "features": [', DamagedFile),
        ('{"type": "FeatureCollection", "features": []}', BadGeometry),
        ('{"type": "FeatureCollection", "features": 3}', DamagedFile),
        ('{"type": "Topology"}', DamagedFile),
        ('{"type": "Polygon", "coordinates": [[[1, 2], [3]]]}', DamagedFile),
        ('{"type": "Polygon", "coordinates": [[["x", 2], [3, 4], [1, 1]]]}', DamagedFile),
        ('{"type": "Polygon", "coordinates": [[[NaN, 2], [3, 4], [1, 1]]]}', DamagedFile),
        ('{"type": "Polygon", "coordinates": [[[1e999, 2], [3, 4], [1, 1]]]}', DamagedFile),
        ('{"type": "Polygon", "coordinates": []}', BadGeometry),
        ('{"type": "Point", "coordinates": [112.2, 32.0]}', BadGeometry),
        ('{"type": "Feature", "geometry": null}', BadGeometry),
        ('{"a":' * 100_000, DamagedFile),
    ],
)
def test_broken_geojson(tmp_path: Path, text: str, error: type[InputError]) -> None:
    """Cut off, empty, not GeoJSON, ragged, not numbers, infinite, without geometry, nested without end."""
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(error):
        read(tmp_path / "a.json")


KML = """<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document><Placemark><name>甲地块</name>
<Polygon><outerBoundaryIs><LinearRing><coordinates>112.2,32.0,0 112.201,32.0,0 112.201,32.001,0 112.2,32.0,0</coordinates></LinearRing>
</outerBoundaryIs></Polygon></Placemark></Document></kml>"""


def test_kml_needs_its_datum(tmp_path: Path) -> None:
    """KML may be GCJ-02: refused until somebody says WGS84."""
    (tmp_path / "a.kml").write_text(KML, encoding="utf-8")
    with pytest.raises(UnknownCrs, match="基准"):
        read(tmp_path / "a.kml")
    with pytest.raises(UnknownCrs):
        read(tmp_path / "a.kml", datum="beijing54")
    got = read(tmp_path / "a.kml", datum="wgs84")
    assert (got.format, got.crs, got.parcels[0].name) == ("kml", "EPSG:4490", "甲地块")


def drawing(*polylines: tuple[list[tuple[float, float]], int, float]) -> str:
    """A DXF of LWPOLYLINEs: points, closed flag, bulge of every vertex."""
    text = ["0", "SECTION", "2", "ENTITIES"]
    for points, closed, bulge in polylines:
        text += ["0", "LWPOLYLINE", "8", "BOUNDARY", "90", str(len(points)), "70", str(closed)]
        for x, y in points:
            text += ["10", f"{x:.4f}", "20", f"{y:.4f}", *(["42", str(bulge)] if bulge else [])]
    return "\n".join([*text, "0", "ENDSEC", "0", "EOF", ""])


def test_closed_polylines_of_a_drawing(tmp_path: Path) -> None:
    """Closed LWPOLYLINEs are parcels; an open one is counted with its gap; nothing but open ones is refused."""
    closed, open_line = HOLED[0][:-1], moved([(0, 200), (50, 200), (50, 230)])
    (tmp_path / "a.dxf").write_text(drawing((closed, 1, 0), (open_line, 0, 0)))
    got = read(tmp_path / "a.dxf")
    assert (got.format, got.crs, [p.geometry.area for p in got.parcels]) == ("dxf", "EPSG:4525", [10_000.0])
    assert "open_lines" in codes(got)
    (tmp_path / "b.dxf").write_text(drawing((open_line, 0, 0)))
    with pytest.raises(BadGeometry, match="没有闭合"):
        read(tmp_path / "b.dxf")


def test_arcs_of_a_drawing_are_stroked_within_a_millimetre(tmp_path: Path) -> None:
    """Two half circles of 50 m radius: the area differs from πr² by less than 1 mm times the circumference, and it is said."""
    (tmp_path / "a.dxf").write_text(drawing((moved([(0, 0), (100, 0)]), 1, 1.0)))
    got = read(tmp_path / "a.dxf")
    assert got.parcels[0].geometry.area == pytest.approx(3.141592653589793 * 2500, abs=0.3)
    assert "arcs_stroked" in codes(got)


@pytest.mark.parametrize(
    ("driver", "name", "kind"),
    [("FlatGeobuf", "a.fgb", "flatgeobuf"), ("OpenFileGDB", "a.gdb", "filegdb"), ("GPKG", "a.gpkg", "geopackage")],
)
def test_formats_written_by_gdal(tmp_path: Path, driver: str, name: str, kind: str) -> None:
    """FlatGeobuf, FileGDB and GeoPackage give the same parcel; cut off they are damaged."""
    import geopandas

    frame = geopandas.GeoDataFrame({"XMMC": ["甲"], "MJ": [8400.0]}, geometry=[shapely.Polygon(HOLED[0], HOLED[1:])], crs="EPSG:4525")
    frame.to_file(tmp_path / name, driver=driver, layer="DK")
    got = read(tmp_path / name)
    assert (got.format, got.crs) == (kind, "EPSG:4525")
    assert (got.parcels[0].name, got.parcels[0].geometry.area, got.parcels[0].declared_m2) == ("甲", 8_400.0, 8_400.0)
    assert read_vector(tmp_path / name).features.columns["XMMC"] == ["甲"]
    with pytest.raises(LayerUnreadable):
        read_vector(tmp_path / name, sublayer="没有")
    if kind == "filegdb":
        shutil.make_archive(str(tmp_path / "b"), "zip", tmp_path, name)
        assert read(tmp_path / "b.zip").parcels[0].geometry.area == 8_400.0
        (tmp_path / name / "link").symlink_to("/etc/passwd")
        with pytest.raises(UnsafeFile):
            read(tmp_path / name)
        return
    data = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(data[: len(data) // 2])
    with pytest.raises(InputError):
        read(tmp_path / name)


def test_p25_arcs_in_a_geopackage_are_stroked_and_said(tmp_path: Path) -> None:
    """P25: a circle of 50 m radius as two arcs: πr² within 1 mm times the circumference, never the chord's square."""
    import sqlite3

    import geopandas

    path = tmp_path / "a.gpkg"
    geopandas.GeoDataFrame({"XMMC": ["圆"]}, geometry=[shapely.Polygon(HOLED[0])], crs="EPSG:4525").to_file(
        path, driver="GPKG", SPATIAL_INDEX="NO"
    )
    arcs = moved([(0, 0), (50, 50), (100, 0), (50, -50), (0, 0)])
    string = struct.pack("<BII", 1, 8, len(arcs)) + b"".join(struct.pack("<2d", *p) for p in arcs)
    blob = b"GP\0\1" + struct.pack("<i", 4525) + struct.pack("<BII", 1, 10, 1) + string
    db = sqlite3.connect(path)
    for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        db.execute(f'DROP TRIGGER "{name}"')
    db.execute("UPDATE a SET geom = ?", [blob])
    db.execute("UPDATE gpkg_geometry_columns SET geometry_type_name = 'GEOMETRY'")
    db.commit()
    db.close()
    got = read(path)
    assert got.parcels[0].geometry.area == pytest.approx(3.141592653589793 * 2500, abs=0.3)
    assert "arcs_stroked" in codes(got)


@pytest.mark.parametrize(
    ("column", "value", "m2", "noted"),
    [
        ("申报面积（公顷）", 1.0, 10_000, False),
        ("地块面积(亩)", 15.0, 10_000, False),
        ("MJ_HA", 1.0, 10_000, False),
        ("MJ", 10_000.0, 10_000, False),
        ("MJ", 1.0, 10_000, True),
        ("MJ_亩", 1.0, 10_000, True),
        ("SHAPE_MU", 15.0, None, False),
    ],
)
def test_the_unit_in_the_name_of_the_area_column(tmp_path: Path, column: str, value: float, m2: float | None, noted: bool) -> None:
    """公顷, 亩 and m² told apart by the column's name; where the number says otherwise, it is said."""
    import geopandas

    shape = shapely.Polygon(moved(square(0, 0, 100)))
    geopandas.GeoDataFrame({column: [value]}, geometry=[shape], crs="EPSG:4525").to_file(tmp_path / "a.gpkg", engine="pyogrio")
    got = read(tmp_path / "a.gpkg")
    assert got.parcels[0].declared_m2 == (None if m2 is None else pytest.approx(m2))
    assert ("area_unit_guessed" in codes(got)) == noted


def test_duplicate_numbers_of_features_are_said(tmp_path: Path) -> None:
    """Two features with one 地块编号."""
    import geopandas

    shapes = [shapely.Polygon(moved(square(x, 0, 100))) for x in (0, 200)]
    geopandas.GeoDataFrame({"DKBH": ["A-1", "A-1"]}, geometry=shapes, crs="EPSG:4525").to_file(tmp_path / "a.gpkg", engine="pyogrio")
    assert any(n.code == "duplicate_number" and "A-1" in n.text for n in read(tmp_path / "a.gpkg").notes)
