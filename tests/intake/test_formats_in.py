"""One set of parcels in every format, encoding and system comes back as the same parcels, to the millimetre."""

from __future__ import annotations

import shutil
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest
import shapely
from boundary_files import block, moved, square, write
from parcel_files import (
    HOME,
    NAMES,
    PARCELS,
    SYSTEMS,
    in_system,
    kml,
    table_rows,
    worst_difference_m,
    write_csv,
    write_dxf,
    write_kmz,
    write_wkt,
    write_xlsx,
)
from same_parcels import codes, read, same

from xygis.errors import UnknownCrs, UsageError
from xygis.vector.datum import from_wgs84, to_wgs84


def stated(code: str) -> str | None:
    """What a person has to say of degrees that are written without their datum."""
    return "cgcs2000" if code == "EPSG:4490" else None


@pytest.mark.parametrize("code", SYSTEMS)
@pytest.mark.parametrize("srid", [False, True])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "utf-16"])
def test_wkt(tmp_path: Path, code: str, srid: bool, encoding: str) -> None:
    """A geometry a line, in each system, stated or not."""
    got = read(write_wkt(tmp_path / "a.wkt", code, encoding, srid=srid), datum=None if srid else stated(code))
    assert "wkt" == got.format
    same(got, None)


@pytest.mark.parametrize("code", SYSTEMS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "utf-16"])
@pytest.mark.parametrize(("heads", "east_first"), [(("X坐标(m)", "Y坐标(m)"), False), (("X", "Y"), True), (("东坐标", "北坐标"), True)])
def test_csv(tmp_path: Path, code: str, encoding: str, heads: tuple[str, str], east_first: bool) -> None:
    """A point table as CSV: X for north as surveyors have it, X for east as GIS exports have it, directions by name."""
    got = read(write_csv(tmp_path / "a.csv", table_rows(code, heads=heads, east_first=east_first), encoding), datum=stated(code))
    assert "csv" == got.format
    assert got.encoding == {"gbk": "gb18030", "utf-8-sig": "utf-8"}.get(encoding, encoding)
    same(got)
    assert (heads == ("X", "Y")) == ("axes_swapped" in codes(got))


def test_a_text_has_no_layers(tmp_path: Path) -> None:
    """--layer is never overlooked: a CSV and a boundary TXT have none."""
    for path in (write_csv(tmp_path / "a.csv", table_rows()), write(tmp_path / "b.txt", block(moved(square(0, 0, 100))))):
        with pytest.raises(UsageError, match="没有图层可选"):
            read(path, layers=("a",))


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "，"])
def test_separators_of_csv(tmp_path: Path, delimiter: str) -> None:
    """Comma, tab, semicolon and the comma of a Chinese keyboard."""
    same(read(write_csv(tmp_path / "a.txt", table_rows(), delimiter=delimiter)))


@pytest.mark.parametrize("code", SYSTEMS)
@pytest.mark.parametrize("as_text", [False, True])
@pytest.mark.parametrize("above", [(), ("界址点成果表", "坐标系：2000国家大地坐标系", "")])
def test_xlsx(tmp_path: Path, code: str, as_text: bool, above: tuple[str, ...]) -> None:
    """A workbook: head in the first line or below titles, numbers as numbers or as text; what it says of its system is kept."""
    if as_text and code == "EPSG:4490":
        pytest.skip("four decimals of a degree are ten metres")
    got = read(write_xlsx(tmp_path / "a.xlsx", table_rows(code), above=above, as_text=as_text), datum=None if above else stated(code))
    assert "xlsx" == got.format
    same(got)
    assert bool(above) == any("2000国家大地坐标系" in e for e in got.evidence)
    north = "北坐标取“X坐标(m)”列，东坐标取“Y坐标(m)”列"
    assert f"工作表“界址点”第 {len(above) + 1} 行是表头，{north}，2 个地块共 15 行界址点" == got.evidence[0]


@pytest.mark.parametrize("suffix", [".kml", ".ovkml", ".kmz"])
@pytest.mark.parametrize("datum", ["wgs84", "cgcs2000"])
@pytest.mark.parametrize(("encoding", "declared"), [("utf-8", "UTF-8"), ("gbk", "GB2312"), ("gbk", "UTF-8"), ("utf-16", "UTF-16")])
def test_kml(tmp_path: Path, suffix: str, datum: str, encoding: str, declared: str) -> None:
    """Nested folders, MultiGeometry, inner boundaries, points beside; the declared encoding right or wrong; a KMZ with pictures."""
    path = tmp_path / f"a{suffix}"
    text = kml(encoding=declared)
    if suffix == ".kmz":
        write_kmz(path, text if encoding == "utf-8" else kml())
    else:
        path.write_bytes(text.encode(encoding))
    got = read(path, datum=datum)
    assert "kml" == got.format
    same(got)
    assert [8400.0, 14414.0] == [p.declared_m2 for p in got.parcels]
    assert any(f"--datum {datum}" in e for e in got.evidence)
    assert "EPSG:4490" == got.crs


def test_a_folder_of_a_kml_is_chosen(tmp_path: Path) -> None:
    """--layer takes a folder by its path or its name; a name that is not there is told with those that are."""
    (tmp_path / "a.kml").write_text(kml(), encoding="utf-8")
    assert [NAMES[1]] == [p.name for p in read(tmp_path / "a.kml", datum="wgs84", layers=(f"{NAMES[1]}夹",)).parcels]
    with pytest.raises(UsageError, match="没有.*图层.*红线") as caught:
        read(tmp_path / "a.kml", datum="wgs84", layers=("红线",))
    assert NAMES[0] in caught.value.fix


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
def test_shifted_datums_are_taken_back_and_stay_doubtful(tmp_path: Path, datum: str) -> None:
    """GCJ-02 and BD-09 come back to where they were; how exact that is nobody vouches for, so no repair that is accepted makes it sure."""

    def shift(xy: np.ndarray) -> np.ndarray:
        return np.column_stack(from_wgs84(datum, xy[:, 0], xy[:, 1]))

    (tmp_path / "a.kml").write_text(kml(shift=shift), encoding="utf-8")
    got = read(tmp_path / "a.kml", datum=datum, accept_repairs=True)
    assert worst_difference_m(tuple(p.geometry for p in got.parcels), got.crs) <= 0.001
    assert all("±10 米" in p.doubtful[0] for p in got.parcels)
    assert "datum_shifted" in codes(got)
    assert any("各点移动" in e for e in got.evidence)
    unshifted = read(tmp_path / "a.kml", datum="wgs84")
    assert worst_difference_m(tuple(p.geometry for p in unshifted.parcels), unshifted.crs) > 300


def test_known_values_of_the_shift() -> None:
    """The figures that the public implementations print for one point in Beijing."""
    lon, lat = np.array([116.404]), np.array([39.915])
    assert from_wgs84("gcj02", lon, lat) == (pytest.approx([116.41024449916938], abs=1e-9), pytest.approx([39.91640428150164], abs=1e-9))
    there = from_wgs84("bd09", *to_wgs84("gcj02", lon, lat))
    assert there == (pytest.approx([116.41036949371029], abs=1e-9), pytest.approx([39.92133699351021], abs=1e-9))


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
def test_a_shift_is_for_degrees_only(tmp_path: Path, datum: str) -> None:
    """Metres have no such shift: ordered all the same, it is refused and not overlooked, in each format."""
    paths = [
        write_csv(tmp_path / "a.csv", table_rows()),
        write_wkt(tmp_path / "a.wkt"),
        write_dxf(tmp_path / "a.dxf"),
        write_xlsx(tmp_path / "a.xlsx", table_rows()),
    ]
    for path in paths:
        with pytest.raises(UsageError, match="不是经纬度"):
            read(path, datum=datum)
    assert read(write_csv(tmp_path / "b.csv", table_rows("EPSG:4490")), datum=datum).parcels[0].doubtful
    (tmp_path / "a.geojson").write_text(shapely.to_geojson(in_system("EPSG:4490")[0]))
    assert read(tmp_path / "a.geojson", datum=datum).parcels[0].doubtful
    assert not read(tmp_path / "a.geojson", datum="wgs84").parcels[0].doubtful
    with pytest.raises(UsageError, match="不按偏移坐标"):
        read(write(tmp_path / "b.txt", block(moved(square(0, 0, 100)))), datum=datum)


def circle(x: float, y: float, radius: float) -> bytes:
    """A CURVEPOLYGON of one CIRCULARSTRING, as well-known binary."""
    points = [(x - radius, y), (x, y + radius), (x + radius, y), (x, y - radius), (x - radius, y)]
    return struct.pack("<BII", 1, 10, 1) + struct.pack("<BII", 1, 8, len(points)) + b"".join(struct.pack("<2d", *p) for p in points)


def write_by_gdal(path: Path, driver: str, shapes: list[bytes]) -> Path:
    import warnings

    import pyogrio.raw

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pyogrio.raw.write(
            path,
            np.array(shapes, dtype=object),
            field_data=[np.array([f"地块{i}" for i in range(len(shapes))], dtype=object)],
            fields=["XMMC"],
            geometry_type="MultiPolygon",
            crs="EPSG:4525",
            driver=driver,
            layer="DK",
        )
    return path


@pytest.mark.parametrize(("driver", "name"), [("OpenFileGDB", "a.gdb"), ("GPKG", "a.gpkg")])
def test_curves_of_a_database_are_stroked_and_said(tmp_path: Path, driver: str, name: str) -> None:
    """P25: a circle of 50 m is within a millimetre of the arc; the note says how much area is lost; without arcs nothing is said."""
    curved = write_by_gdal(tmp_path / name, driver, [circle(37618000, 3541000, 50), shapely.to_wkb(PARCELS[1])])
    got = read(curved)
    lost = np.pi * 2500 - got.parcels[0].geometry.area
    assert 0 < lost < 0.001 * 2 * np.pi * 50
    note = next(n for n in got.notes if n.code == "arcs_stroked")
    assert "1 个要素" in note.text
    assert float(note.text.split("合计约 ")[1].split("（")[0]) == pytest.approx(lost, rel=0.2)
    straight = write_by_gdal(tmp_path / f"b{name}", driver, [shapely.to_wkb(p) for p in PARCELS])
    assert "arcs_stroked" not in codes(read(straight))


@pytest.mark.parametrize("inside", ["襄阳.gdb/", "数据/襄阳.gdb/", "襄阳/", ""])
def test_a_filegdb_in_a_zip(tmp_path: Path, inside: str) -> None:
    """The folder as it should be, deeper, without its ending, and the bare files."""
    folder = write_by_gdal(tmp_path / "a.gdb", "OpenFileGDB", [shapely.to_wkb(p) for p in PARCELS])
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for file in sorted(folder.iterdir()):
            archive.write(file, f"{inside}{file.name}")
    shutil.rmtree(folder)
    got = read(tmp_path / "a.zip")
    assert "filegdb" == got.format
    same(got, ("地块0", "地块1"))


def test_several_sheets_and_a_hidden_one(tmp_path: Path) -> None:
    """Each sheet with points gives parcels under its own name; a sheet without, and a hidden one, are named as not read."""
    import openpyxl

    book = openpyxl.Workbook()
    book.active.title = "说明"
    book.active.append(["本表由示例单位编制"])
    for name, shape in zip(NAMES, PARCELS, strict=True):
        page = book.create_sheet(name)
        page.append(["点号", "X", "Y"])
        for ring in [shape.exterior]:
            for i, (x, y) in enumerate(ring.coords[:-1], start=1):
                page.append([f"J{i}", y, x])
    hidden = book.create_sheet("旧")
    hidden.sheet_state = "hidden"
    hidden.append(["点号", "X", "Y"])
    book.save(tmp_path / "a.xlsx")
    got = read(tmp_path / "a.xlsx")
    assert list(NAMES) == [p.name for p in got.parcels]
    assert [10_000.0, PARCELS[1].area] == [pytest.approx(p.geometry.area, abs=0.1) for p in got.parcels]
    note = next(n for n in got.notes if n.code == "sheet_skipped")
    assert "说明" in note.text
    assert "旧（隐藏）" in note.text
    chosen = read(tmp_path / "a.xlsx", layers=(NAMES[1],))
    assert [PARCELS[1].area] == [pytest.approx(p.geometry.area, abs=0.1) for p in chosen.parcels]
    with pytest.raises(UsageError, match="没有工作表") as caught:
        read(tmp_path / "a.xlsx", layers=("Sheet9",))
    assert NAMES[0] in caught.value.fix


def test_a_page_for_each_parcel(tmp_path: Path) -> None:
    """The form of the trade: titles, a head of two lines, the length of an edge between its points, the head again on each page."""
    rows: list[list[object]] = []
    for number, shape in zip(("DK-1", "DK-2"), PARCELS, strict=True):
        ring = list(shape.exterior.coords)
        rows += [
            ["界址点成果表"],
            [f"宗地号：{number}", None, "宗地面积（公顷）：", round(shapely.Polygon(ring).area / 1e4, 4)],
            ["序号", "点号", "坐标", None, "边长"],
            [None, None, "X（m）", "Y（m）", None],
        ]
        for i, (x, y) in enumerate(ring, start=1):
            rows.append([i, f"J{(i - 1) % (len(ring) - 1) + 1}", round(y, 3), round(x, 3), None])
            if i < len(ring):
                rows.append([None, None, None, None, round(float(np.hypot(x - ring[i][0], y - ring[i][1])), 2)])
        rows.append(["制表：某某", None, "审核："])
    got = read(write_xlsx(tmp_path / "a.xlsx", rows))
    assert ["DK-1", "DK-2"] == [p.name for p in got.parcels]
    assert [10_000.0, pytest.approx(PARCELS[1].area, abs=51)] == [p.declared_m2 for p in got.parcels]
    assert "edge_lengths_off" not in codes(got)
    assert [shapely.Polygon(p.exterior).area for p in PARCELS] == [pytest.approx(p.geometry.area, abs=0.2) for p in got.parcels]


def test_edge_lengths_are_compared_with_the_coordinates(tmp_path: Path) -> None:
    """One length changed: the edge is named with both figures."""
    rows = table_rows()
    rows[1][5] = 93.0
    note = next(n for n in read(write_csv(tmp_path / "a.csv", rows)).notes if n.code == "edge_lengths_off")
    assert "J1—J2 写 93.00 米，算得 100.00 米" in note.text


def test_a_wkt_column_with_attributes(tmp_path: Path) -> None:
    """A table with a column of WKT: a parcel a line, with its name and area."""
    rows: list[list[object]] = [["XMMC", "MJ", "WKT"], *([n, p.area, p.wkt] for n, p in zip(NAMES, PARCELS, strict=True))]
    got = read(write_csv(tmp_path / "a.csv", rows, "gbk"))
    same(got)
    assert [p.area for p in PARCELS] == [p.declared_m2 for p in got.parcels]


def test_a_workbook_in_a_zip(tmp_path: Path) -> None:
    """Alone it is read; beside a shapefile or a TXT it mostly says the same again: left out, with a warning."""
    write_xlsx(tmp_path / "a.xlsx", table_rows())
    write_wkt(tmp_path / "a.wkt")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.write(tmp_path / "a.xlsx", "表/a.xlsx")
    same(read(tmp_path / "a.zip"))
    with zipfile.ZipFile(tmp_path / "a.zip", "a") as archive:
        archive.write(tmp_path / "a.wkt", "a.wkt")
    got = read(tmp_path / "a.zip")
    assert "wkt" == got.format
    assert [("warning", "表/a.xlsx")] == [(n.level, str(n.where.file).split("a.zip/")[1]) for n in got.notes if n.code == "member_ignored"]


def test_kml_without_a_datum_is_refused(tmp_path: Path) -> None:
    """Whatever its name; the choices are told."""
    for path in (tmp_path / "a.kml", tmp_path / "a.ovkml"):
        path.write_text(kml(), encoding="utf-8")
        with pytest.raises(UnknownCrs, match="基准") as caught:
            read(path)
        assert "gcj02" in caught.value.fix


def test_the_writer_itself(tmp_path: Path) -> None:
    """What is written in another system is another set of numbers for the same place."""
    assert worst_difference_m(PARCELS, HOME) == 0
    assert abs(in_system("EPSG:4526")[0].bounds[0] - PARCELS[0].bounds[0]) > 200_000
