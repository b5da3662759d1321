"""`xygis adopt` of files that are cut off, contradict themselves or hold what is no layer: refused with the reason, atlas untouched."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from adopting import EAST, FARMLAND, NORTH, Write, adopt, square

from xygis.errors import AmbiguousCrs, BadGeometry, DamagedFile, FileEmpty, InputError, OldDatum, UnknownFormat, UnsafeFile
from xygis.vector.gpkg import read_gpkg


def refused(root: Path, file: Path, error: type[InputError], layer: str = FARMLAND, **options: Any) -> InputError:
    """The refusal; the atlas is as it was, to the byte."""
    before = {p: p.read_bytes() for p in root.rglob("*") if p.is_file() and p.suffix != ".lock"}
    with pytest.raises(error) as caught:
        adopt(root, file, layer, **options)
    assert {p: p.read_bytes() for p in root.rglob("*") if p.is_file() and p.suffix != ".lock"} == before
    assert caught.value.fix
    return caught.value


def test_truncated_shapefile(empty_atlas: Path, write: Write) -> None:
    """Half a .shp holds half of the farmland: refused, not read as far as it goes."""
    file = write("永农.shp", [square(i * 100, 0) for i in range(20)])
    file.write_bytes(file.read_bytes()[:1500])
    refused(empty_atlas, file, DamagedFile)


def test_shapefile_with_a_table_of_another_length(empty_atlas: Path, write: Write) -> None:
    """A .dbf that belongs to another export would give features each other's attributes."""
    file = write("永农.shp", [square(0, 0), square(100, 0)])
    other = write("别的.shp", [square(0, 0)])
    file.with_suffix(".dbf").write_bytes(other.with_suffix(".dbf").read_bytes())
    refused(empty_atlas, file, DamagedFile)


def test_shapefile_without_table(empty_atlas: Path, write: Write) -> None:
    """Without .dbf the shapes can be used, and it is said what the rules will lack."""
    file = write("红线.shp", [square(0, 0)])
    file.with_suffix(".dbf").unlink()
    adoption = adopt(empty_atlas, file, "ecological_red_line")
    codes = {n.code for n in adoption.notes if n.level == "warning"}
    assert {"dbf_missing", "field_missing"} <= codes


def test_shapefile_without_prj_is_read_by_its_prefix(empty_atlas: Path, write: Write) -> None:
    """P7: a lone .shp with values of 38 million is in zone 38, and the evidence says so."""
    adoption = adopt(empty_atlas, write("永农.shp", [square(0, 0)], crs=None))
    assert adoption.crs == "EPSG:4526"
    assert any("38" in line for line in adoption.evidence)


def test_prj_against_numbers(empty_atlas: Path, write: Write) -> None:
    """P7: a .prj of zone 37 over eastings of zone 38: asked, not guessed; --crs settles it."""
    file = write("永农.shp", [square(0, 0)])
    file.with_suffix(".prj").write_bytes(write("别的.shp", [square(0, 0)], crs="EPSG:4525").with_suffix(".prj").read_bytes())
    refused(empty_atlas, file, InputError)
    assert adopt(empty_atlas, file, crs="EPSG:4526").crs == "EPSG:4526"


def test_numbers_without_zone_and_atlas_without_place(empty_atlas: Path, write: Write) -> None:
    """Six-digit eastings in an atlas that does not know where its city lies: nobody can tell the zone."""
    file = write("永农.shp", [shapely.transform(square(0, 0), lambda c: c - [38_000_000, 0])], crs=None)
    refused(empty_atlas, file, AmbiguousCrs)


def test_old_datum(empty_atlas: Path, write: Write) -> None:
    """Xi'an 80 is a hundred metres off: refused."""
    refused(empty_atlas, write("永农.gpkg", [square(0, 0)], crs="EPSG:2362"), OldDatum)


def test_bow_tie_keeps_both_lobes(empty_atlas: Path, write: Write) -> None:
    """P14, P15: repaired with place and area before and after; both lobes stay."""
    tie = shapely.Polygon([(EAST, NORTH), (EAST + 100, NORTH + 100), (EAST + 100, NORTH), (EAST, NORTH + 100)])
    adoption = adopt(empty_atlas, write("永农.gpkg", [square(500, 0), tie], {"BSM": ["甲", "乙"]}))
    (repaired,) = adoption.repairs
    assert "乙" in repaired.feature
    assert repaired.repair.point == pytest.approx((EAST + 50, NORTH + 50))
    assert repaired.repair.before_m2 == pytest.approx(0, abs=0.01)
    assert read_gpkg(adoption.path).geometry[1].area == pytest.approx(5000, rel=1e-9)
    assert "变为" in repaired.text


def test_ring_that_touches_itself_keeps_its_area(empty_atlas: Path, write: Write) -> None:
    """P16: 120 000 vertices and a pinch: place named, area kept to 1 mm², quickly."""
    angle = np.linspace(0, 2 * np.pi, 60_001)
    right = np.column_stack([1000 - 1000 * np.cos(angle), 1000 * np.sin(angle)])
    ring = np.vstack([right, -right[1:]]) + [EAST, NORTH]  # an eight through the origin, both lobes turning the same way
    start = time.perf_counter()
    adoption = adopt(empty_atlas, write("永农.gpkg", [shapely.Polygon(ring)]))
    assert time.perf_counter() - start < 4
    (repaired,) = adoption.repairs
    assert repaired.repair.point == pytest.approx((EAST, NORTH), abs=0.001)
    lobe = 0.5 * 60_000 * 1000**2 * np.sin(2 * np.pi / 60_000)
    assert sum(g.area for g in read_gpkg(adoption.path).geometry) == pytest.approx(2 * lobe, abs=0.001)


def test_sliver_without_area_is_left_out_with_a_record(empty_atlas: Path, write: Write) -> None:
    """A polygon that folds onto a line restricts nothing; it is left out, and the record names it."""
    flat = shapely.Polygon([(EAST, NORTH), (EAST + 10, NORTH), (EAST + 20, NORTH), (EAST, NORTH)])
    adoption = adopt(empty_atlas, write("永农.gpkg", [flat, square(0, 0)]))
    assert adoption.features == 1
    assert [r.dropped for r in adoption.repairs] == [True]
    assert "未登记" in adoption.repairs[0].text


def test_features_without_geometry(empty_atlas: Path, write: Write) -> None:
    """Attributes without a shape: nobody knows what they would restrict. Count and first place are named."""
    error = refused(empty_atlas, write("永农.gpkg", [square(0, 0), None, None], {"BSM": ["a", "b", "c"]}), BadGeometry)
    assert "2 个要素没有图形" in error.what
    assert "BSM b" in str(error.where)


def test_lines_for_a_polygon_layer(empty_atlas: Path, write: Write) -> None:
    """Outlines exported as lines enclose nothing."""
    lines = [shapely.LineString([(EAST, NORTH), (EAST + 100, NORTH)])]
    refused(empty_atlas, write("永农.gpkg", lines), BadGeometry)
    refused(empty_atlas, write("永农.shp", lines), BadGeometry)


def test_one_line_among_polygons(empty_atlas: Path, write: Write) -> None:
    """A single feature of the wrong kind is refused with its number, not skipped."""
    mixed = [square(0, 0), shapely.LineString([(EAST, NORTH), (EAST + 100, NORTH)])]
    error = refused(empty_atlas, write("永农.gpkg", mixed), BadGeometry)
    assert "1 个要素" in error.what


def test_polygons_for_a_line_layer(empty_atlas: Path, write: Write) -> None:
    """A road drawn as a polygon has no centre line to put a strip around."""
    refused(empty_atlas, write("路.gpkg", [square(0, 0)]), BadGeometry, "highways")


def test_collection_keeps_its_areal_part(empty_atlas: Path, write: Write) -> None:
    """P13: of a polygon with a stray line the polygon is kept, with a record."""
    collection = shapely.GeometryCollection([square(0, 0), shapely.LineString([(EAST, NORTH), (EAST - 100, NORTH)])])
    adoption = adopt(empty_atlas, write("永农.gpkg", [collection]))
    assert [r.repair.code for r in adoption.repairs] == ["non_areal_dropped"]
    assert read_gpkg(adoption.path).geometry[0].area == pytest.approx(10_000)


@pytest.mark.parametrize("name", ["永农.shp", "永农.gpkg", "永农.geojson", "永农.zip"])
def test_empty_file(empty_atlas: Path, tmp_path: Path, name: str) -> None:
    """Nothing in it, whatever it is called."""
    (tmp_path / name).write_bytes(b"")
    refused(empty_atlas, tmp_path / name, FileEmpty)


def test_database_without_shapes(empty_atlas: Path, tmp_path: Path) -> None:
    """A SQLite file with a plain table is not a layer."""
    with sqlite3.connect(tmp_path / "表.gpkg") as db:
        db.execute("CREATE TABLE t (a)")
    db.close()
    refused(empty_atlas, tmp_path / "表.gpkg", BadGeometry)


def test_truncated_geopackage(empty_atlas: Path, write: Write) -> None:
    """Half a GeoPackage is damaged even where the missing half would not be asked for."""
    file = write("永农.gpkg", [square(i * 100, 0) for i in range(500)])
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    refused(empty_atlas, file, DamagedFile)


def test_text_and_addresses(empty_atlas: Path, tmp_path: Path) -> None:
    """A picture called .shp, and an address."""
    (tmp_path / "图.shp").write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 64)
    refused(empty_atlas, tmp_path / "图.shp", UnknownFormat)
    refused(empty_atlas, Path("/vsicurl/https:/example.org/a.gpkg"), UnsafeFile)


def test_columns_that_sqlite_takes_for_one(empty_atlas: Path, tmp_path: Path) -> None:
    """fid, geom, and names that differ in case only: all are kept."""
    properties = '{"fid": 7, "geom": "x", "BSM": "1", "bsm": "2", "": "y"}'
    ring = "[[112.8,32.0],[112.801,32.0],[112.801,32.001],[112.8,32.0]]"
    feature = f'{{"type":"Feature","properties":{properties},"geometry":{{"type":"Polygon","coordinates":[{ring}]}}}}'
    (tmp_path / "a.geojson").write_text(f'{{"type":"FeatureCollection","features":[{feature}]}}')
    adoption = adopt(empty_atlas, tmp_path / "a.geojson")
    values = {str(v[0]) for v in read_gpkg(adoption.path).columns.values()}
    assert values == {"7", "x", "1", "2", "y"}
