"""For any bytes at all the answer is a submission or one of our errors, never a traceback."""

from __future__ import annotations

import json
import tempfile
import zipfile
from pathlib import Path

import shapely
from boundary_files import ENVELOPE, block, header, moved, square
from gis_files import HOLED, polygon, write_shapefile
from hypothesis import given, settings
from hypothesis import strategies as st

from xygis.errors import XygisError
from xygis.intake.read import read_submission

SAMPLE = "\r\n".join(
    [*header(), "[地块坐标]", *block(moved(square(0, 0, 100)), moved(square(30, 30, 40))), *block(moved(square(300, 0, 50)))]
).encode("gb18030")
Edits = st.lists(st.tuples(st.floats(0, 1), st.binary(max_size=6), st.integers(0, 6)), min_size=1, max_size=6)


def survives(data: bytes, name: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        try:
            got = read_submission(path, envelope=ENVELOPE)
        except XygisError as error:
            told = error.to_dict()
            assert told["what"] and told["fix"]
        else:
            assert got.parcels
            for parcel in got.parcels:
                assert parcel.geometry.is_valid
                assert parcel.geometry.area > 0


def edited(data: bytes, edits: list[tuple[float, bytes, int]]) -> bytes:
    for at, new, gone in edits:
        i = int(at * len(data))
        data = data[:i] + new + data[i + gone :]
    return data


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400))
def test_random_bytes(data: bytes) -> None:
    """Noise."""
    survives(data, "a.txt")


@settings(max_examples=150, deadline=None)
@given(Edits)
def test_a_boundary_txt_with_bytes_changed(edits: list[tuple[float, bytes, int]]) -> None:
    """The sample with some bytes replaced, inserted or taken out."""
    survives(edited(SAMPLE, edits), "a.txt")


@settings(max_examples=150, deadline=None)
@given(st.lists(st.text(alphabet="J1,2345670.@面线-=[]地块坐标 eO\n:，", max_size=60), max_size=8))
def test_lines_in_the_alphabet_of_the_format(lines: list[str]) -> None:
    """Texts that look like the format and are not."""
    survives("\n".join([*header(), "[地块坐标]", "4,1,1,a,面,,,,@", *lines]).encode(), "a.txt")


@settings(max_examples=80, deadline=None)
@given(st.sampled_from([".shp", ".shx", ".dbf", ".prj"]), Edits)
def test_a_shapefile_with_bytes_changed(part: str, edits: list[tuple[float, bytes, int]]) -> None:
    """Each part in turn, the set given as a zip."""
    with tempfile.TemporaryDirectory() as folder:
        path = write_shapefile(Path(folder) / "a.shp", [HOLED, [moved(square(200, 0, 100))]], names=["甲", "乙"])
        with zipfile.ZipFile(Path(folder) / "a.zip", "w") as archive:
            for suffix in (".shp", ".shx", ".dbf", ".prj"):
                data = path.with_suffix(suffix).read_bytes()
                archive.writestr(f"a{suffix}", edited(data, edits) if suffix == part else data)
        survives((Path(folder) / "a.zip").read_bytes(), "a.zip")


@settings(max_examples=80, deadline=None)
@given(Edits)
def test_geojson_and_zip_with_bytes_changed(edits: list[tuple[float, bytes, int]]) -> None:
    """GeoJSON with changed bytes, and a zip of it with changed bytes."""
    text = json.dumps(
        {"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"MJ": 1}, "geometry": polygon(*HOLED)}]}
    ).encode()
    survives(edited(text, edits), "a.geojson")
    with tempfile.TemporaryDirectory() as folder:
        with zipfile.ZipFile(Path(folder) / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("a.geojson", text)
        data = (Path(folder) / "a.zip").read_bytes()
    survives(edited(data, edits), "a.zip")


@settings(max_examples=60, deadline=None)
@given(Edits)
def test_a_geopackage_with_bytes_changed(edits: list[tuple[float, bytes, int]]) -> None:
    """SQLite pages with changed bytes, the length kept so that the pages stay in place."""
    survives(_overwritten(GEOPACKAGE, edits), "a.gpkg")


def _overwritten(data: bytes, edits: list[tuple[float, bytes, int]]) -> bytes:
    for at, new, _ in edits:
        i = int(at * (len(data) - len(new)))
        data = data[:i] + new + data[i + len(new) :]
    return data


def _geopackage() -> bytes:
    import sqlite3

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.gpkg"
        db = sqlite3.connect(path)
        db.executescript(
            """
            PRAGMA page_size = 512;
            CREATE TABLE gpkg_spatial_ref_sys (srs_name, srs_id INTEGER PRIMARY KEY, organization, organization_coordsys_id, definition);
            CREATE TABLE gpkg_geometry_columns (table_name, column_name, geometry_type_name, srs_id, z, m);
            INSERT INTO gpkg_spatial_ref_sys VALUES ('s', 4525, 'EPSG', 4525, '');
            INSERT INTO gpkg_geometry_columns VALUES ('DK', 'geom', 'POLYGON', 4525, 0, 0);
            CREATE TABLE DK (fid INTEGER PRIMARY KEY, geom BLOB, XMMC TEXT);
            """
        )
        shape = shapely.Polygon(HOLED[0], HOLED[1:])
        db.execute("INSERT INTO DK VALUES (1, ?, '甲')", [b"GP\0\1" + (4525).to_bytes(4, "little") + shapely.to_wkb(shape)])
        db.commit()
        db.close()
        return path.read_bytes()


GEOPACKAGE = _geopackage()


def test_the_samples_themselves_are_read() -> None:
    """What is mutated above is sound to begin with."""
    for data, name in ((SAMPLE, "a.txt"), (GEOPACKAGE, "a.gpkg")):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / name
            path.write_bytes(data)
            assert read_submission(path, envelope=ENVELOPE).parcels[0].geometry.area == 8_400.0
