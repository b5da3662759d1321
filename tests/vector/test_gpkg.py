"""A GeoPackage is read without GDAL, whole or not at all."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
import shapely

from xygis.errors import DamagedFile, FileEmpty, FileMissing, LayerUnreadable
from xygis.vector.gpkg import CurvedGeometry, read_gpkg, sublayers


def make_gpkg(path: Path, shapes: list[shapely.Geometry | None], *, srs: int = 4490, table: str = "地块", index: bool = False) -> Path:
    """A GeoPackage written by hand after OGC 12-128r18: header 'GP', version 0, flags, srs id, then WKB."""
    db = sqlite3.connect(path)
    db.executescript(
        f"""
        CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT, srs_id INTEGER PRIMARY KEY, organization TEXT,
            organization_coordsys_id INTEGER, definition TEXT, description TEXT);
        CREATE TABLE gpkg_contents (table_name TEXT PRIMARY KEY, data_type TEXT, identifier TEXT, srs_id INTEGER);
        CREATE TABLE gpkg_geometry_columns (table_name TEXT, column_name TEXT, geometry_type_name TEXT, srs_id INTEGER,
            z INTEGER, m INTEGER);
        INSERT INTO gpkg_spatial_ref_sys VALUES ('s', {srs}, 'EPSG', {srs}, 'undefined', '');
        INSERT INTO gpkg_contents VALUES ('{table}', 'features', '{table}', {srs});
        INSERT INTO gpkg_geometry_columns VALUES ('{table}', 'geom', 'POLYGON', {srs}, 0, 0);
        CREATE TABLE "{table}" (fid INTEGER PRIMARY KEY, geom BLOB, 地块名称 TEXT, MJ REAL);
        CREATE VIRTUAL TABLE "rtree_{table}_geom" USING rtree(id, minx, maxx, miny, maxy);
        """
    )
    if not index:
        db.execute(f'DROP TABLE "rtree_{table}_geom"')
    for i, shape in enumerate(shapes, start=1):
        blob = None if shape is None else b"GP\0\1" + srs.to_bytes(4, "little") + shapely.to_wkb(shape)
        db.execute(f'INSERT INTO "{table}" VALUES (?, ?, ?, ?)', [i, blob, f"地块{i}", 100.0 * i])
        if index and shape is not None:
            x0, y0, x1, y1 = shape.bounds
            db.execute(f'INSERT INTO "rtree_{table}_geom" VALUES (?, ?, ?, ?, ?)', [i, x0, x1, y0, y1])
    db.commit()
    db.close()
    return path


TILES = [shapely.box(x, 0, x + 1, 1) for x in range(10)]


def test_features_come_with_their_columns_and_system(tmp_path: Path) -> None:
    """Geometry, attributes, ids and CRS are what was written."""
    got = read_gpkg(make_gpkg(tmp_path / "a.gpkg", [*TILES, None], srs=4525))
    assert got.crs == "EPSG:4525"
    assert got.geometry[3].equals(TILES[3])
    assert got.geometry[10] is None
    assert got.columns["地块名称"][0] == "地块1"
    assert got.fids == list(range(1, 12))


@pytest.mark.parametrize("index", [True, False])
def test_a_window_gives_the_same_features_with_and_without_index(tmp_path: Path, index: bool) -> None:
    """Only the tiles whose bounds meet the window."""
    path = make_gpkg(tmp_path / "a.gpkg", TILES, index=index)
    assert read_gpkg(path, bbox=(2.5, 0.2, 4.5, 0.8), columns=()).fids == [3, 4, 5]


def test_a_stale_index_hides_nothing(tmp_path: Path) -> None:
    """A feature that the index has forgotten is still found."""
    path = make_gpkg(tmp_path / "a.gpkg", TILES, index=True)
    db = sqlite3.connect(path)
    db.execute('DELETE FROM "rtree_地块_geom" WHERE id = 4')
    db.commit()
    db.close()
    assert read_gpkg(path, bbox=(2.5, 0.2, 4.5, 0.8)).fids == [3, 4, 5]


def test_damage_is_one_error(tmp_path: Path) -> None:
    """Missing, empty, foreign, cut off, no geometry column, no such table: each its own refusal."""
    path = make_gpkg(tmp_path / "a.gpkg", [shapely.Point(i, i).buffer(1) for i in range(200)])
    data = path.read_bytes()
    with pytest.raises(FileMissing):
        read_gpkg(tmp_path / "none.gpkg")
    (tmp_path / "empty.gpkg").write_bytes(b"")
    with pytest.raises(FileEmpty):
        read_gpkg(tmp_path / "empty.gpkg")
    for cut in (60, 4096, len(data) // 2, len(data) - 1):
        (tmp_path / "cut.gpkg").write_bytes(data[:cut])
        with pytest.raises(DamagedFile):
            read_gpkg(tmp_path / "cut.gpkg")
    with pytest.raises(LayerUnreadable):
        read_gpkg(path, "别的图层")
    plain = sqlite3.connect(tmp_path / "plain.gpkg")
    plain.execute("CREATE TABLE t (a)")
    plain.commit()
    plain.close()
    assert sublayers(tmp_path / "plain.gpkg") == ()
    with pytest.raises(LayerUnreadable):
        read_gpkg(tmp_path / "plain.gpkg")


def test_arcs_are_never_read_as_chords(tmp_path: Path) -> None:
    """A circular string is refused by this reader."""
    path = make_gpkg(tmp_path / "a.gpkg", [])
    db = sqlite3.connect(path)
    db.execute('INSERT INTO "地块" VALUES (1, ?, ?, 1)', [b"GP\0\1" + bytes(4) + b"\1" + (10).to_bytes(4, "little") + bytes(4), "弧"])
    db.commit()
    db.close()
    with pytest.raises(CurvedGeometry):
        read_gpkg(path)


def test_a_multipolygon_that_counts_too_few_parts_is_damaged(tmp_path: Path) -> None:
    """The rest would be lost without a word, and what it restricts with it."""
    two = shapely.MultiPolygon([shapely.box(0, 0, 1, 1), shapely.box(2, 0, 3, 1)])
    path = make_gpkg(tmp_path / "a.gpkg", [two])
    assert 2 == len(read_gpkg(path).geometry[0].geoms)
    db = sqlite3.connect(path)
    (blob,) = db.execute("SELECT geom FROM 地块").fetchone()
    at = blob.index(shapely.to_wkb(two, byte_order=1)) + 5
    db.execute("UPDATE 地块 SET geom = ?", [blob[:at] + (1).to_bytes(4, "little") + blob[at + 4 :]])
    db.commit()
    db.close()
    with pytest.raises(DamagedFile, match="部件数不符"):
        read_gpkg(path)
