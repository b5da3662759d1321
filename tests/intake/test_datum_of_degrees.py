"""Degrees say nothing of their datum: what the file or the person states is taken and told, and without it no format is read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import shapely
from boundary_files import ENVELOPE, block, header, write
from gis_files import write_shapefile
from parcel_files import NAMES, PARCELS, in_system, kml, rings, table_rows, worst_difference_m, write_csv, write_wkt, write_xlsx

from xygis.errors import UnknownCrs, UsageError
from xygis.intake.read import read_submission

DEGREES = "EPSG:4490"
Make = Callable[[Path], Path]


def _kml(folder: Path) -> Path:
    (folder / "a.kml").write_text(kml(), encoding="utf-8")
    return folder / "a.kml"


def _shp(folder: Path) -> Path:
    return write_shapefile(folder / "a.shp", [rings(s) for s in in_system(DEGREES)], names=list(NAMES), prj=None)


def _txt(folder: Path) -> Path:
    blocks = [block(*rings(s), name=n) for n, s in zip(NAMES, in_system(DEGREES), strict=True)]
    long = [[line for line in own if "," in line] for own in blocks]
    for own, shape in zip(long, in_system(DEGREES), strict=True):
        points = [(x, y) for ring in rings(shape) for x, y in ring]
        own[1:] = [f"{','.join(old.split(',')[:2])},{y:.10f},{x:.10f}" for old, (x, y) in zip(own[1:], points, strict=True)]
    return write(folder / "a.txt", *long, head=header(坐标系=None, 带号=None, 计量单位=None))


UNSAID: dict[str, Make] = {
    "csv": lambda folder: write_csv(folder / "a.csv", table_rows(DEGREES, heads=("纬度", "经度"))),
    "xlsx": lambda folder: write_xlsx(folder / "a.xlsx", table_rows(DEGREES, heads=("纬度", "经度"))),
    "wkt": lambda folder: write_wkt(folder / "a.wkt", DEGREES),
    "wkt column": lambda folder: write_csv(
        folder / "a.csv", [["XMMC", "WKT"], *([n, s.wkt] for n, s in zip(NAMES, in_system(DEGREES), strict=True))]
    ),
    "kml": _kml,
    "shapefile without .prj": _shp,
    "txt without 坐标系": _txt,
}


@pytest.mark.parametrize("kind", UNSAID)
def test_degrees_of_no_stated_datum_are_refused_in_every_format(tmp_path: Path, kind: str) -> None:
    """One question in one wording, and each answer that it offers lets the file be read."""
    path = UNSAID[kind](tmp_path)
    with pytest.raises(UnknownCrs, match="没有说明坐标基准") as caught:
        read_submission(path, envelope=ENVELOPE)
    assert "--datum cgcs2000（或 wgs84、gcj02、bd09）" in caught.value.fix
    assert caught.value.where.point is not None
    for datum in ("cgcs2000", "wgs84"):
        got = read_submission(path, envelope=ENVELOPE, datum=datum)
        assert DEGREES == got.crs
        assert any(f"--datum {datum}" in e for e in got.evidence)
        assert worst_difference_m(tuple(p.geometry for p in got.parcels), got.crs) <= 0.001
        assert (datum == "wgs84") == ("wgs84_as_cgcs2000" in {n.code for n in got.notes})
    assert DEGREES == read_submission(path, envelope=ENVELOPE, crs=DEGREES).crs
    if kind.startswith("txt"):
        with pytest.raises(UsageError, match="不按偏移坐标"):
            read_submission(path, envelope=ENVELOPE, datum="gcj02")
    else:
        assert all(p.doubtful for p in read_submission(path, envelope=ENVELOPE, datum="gcj02").parcels)


@pytest.mark.parametrize("words", ["坐标系：2000国家大地坐标系", "CGCS2000 经纬度", "坐标：WGS84", "WGS-84坐标"])
def test_a_table_that_names_its_datum_needs_no_option(tmp_path: Path, words: str) -> None:
    """The words above the head are the evidence, and are shown."""
    got = read_submission(write_xlsx(tmp_path / "a.xlsx", table_rows(DEGREES), above=(words,)), envelope=ENVELOPE)
    assert any("写明" in e for e in got.evidence)
    assert ("WGS" in words) == ("wgs84_as_cgcs2000" in {n.code for n in got.notes})


@pytest.mark.parametrize("words", ["CGCS2000（由高德GCJ-02转换）", "2000国家大地坐标系 来源：百度地图"])
def test_a_table_that_names_a_map_app_too_is_asked_about(tmp_path: Path, words: str) -> None:
    """Two datums in one breath state neither."""
    with pytest.raises(UnknownCrs, match="没有说明坐标基准"):
        read_submission(write_xlsx(tmp_path / "a.xlsx", table_rows(DEGREES), above=(words,)), envelope=ENVELOPE)


def test_a_head_that_names_its_datum_needs_no_option(tmp_path: Path) -> None:
    """经度（CGCS2000）."""
    rows = table_rows(DEGREES, heads=("纬度（CGCS2000）", "经度（CGCS2000）"))
    assert any("CGCS2000" in e for e in read_submission(write_csv(tmp_path / "a.csv", rows), envelope=ENVELOPE).evidence)


def test_geojson_is_wgs84_by_its_standard(tmp_path: Path) -> None:
    """RFC 7946 says so, and the evidence says that it does."""
    (tmp_path / "a.geojson").write_text(shapely.to_geojson(in_system(DEGREES)[0]))
    got = read_submission(tmp_path / "a.geojson", envelope=ENVELOPE)
    assert any("按规定是 WGS84" in e for e in got.evidence)
    assert PARCELS[0].area == pytest.approx(10_000 - 1600)


def test_metres_have_no_datum_to_state(tmp_path: Path) -> None:
    """--datum for a folder of many files does not become evidence for metres."""
    got = read_submission(write_csv(tmp_path / "a.csv", table_rows()), envelope=ENVELOPE, datum="wgs84")
    assert not any("--datum" in e for e in got.evidence)
