"""`xygis adopt`: a user's file becomes a layer that measures as the file was drawn."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
import tomllib
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from adopting import EAST, FARMLAND, NORTH, Write, adopt, degrees, run, square

from xygis.atlas.adopt import Adoption
from xygis.atlas.atlas import Atlas
from xygis.atlas.bundled import bundled_root
from xygis.atlas.verdict import DataState, DataStatus, LayerState, Verdict
from xygis.errors import FieldMissing, UsageError
from xygis.overlay.features import layer_features
from xygis.vector.gpkg import read_gpkg

SQUARES = [square(0, 0), square(100, 0), square(500, 500)]
COLUMNS = {"BSM": ["1", "2", "3"], "DLBM": ["0101", "0102", "0103"], "DLMC": ["水田", "水浇地", "旱地"], "ZRRMC": ["张三", "李四", "王五"]}


def official(geometry: shapely.Geometry, crs: str = "EPSG:4526") -> shapely.Geometry:
    """The geometry in the official plane by PROJ, edges split as the standard says: the other road to the same numbers."""
    import pyproj

    plane = "+proj=cea +lat_ts=32 +lon_0=112 +a=6378137 +rf=298.257222101 +type=crs"
    move = pyproj.Transformer.from_crs(crs, plane, always_xy=True)
    return shapely.transform(shapely.segmentize(geometry, 70.0), lambda c: np.column_stack(move.transform(c[:, 0], c[:, 1])))


def test_one_adopted_layer_is_measured_and_the_rest_is_no_data(empty_atlas: Path, write: Write, tmp_path: Path) -> None:
    """Acceptance 4: right area for the adopted layer, `no_data` with null numbers for all others, never "clear"."""
    file = write("永农.shp", SQUARES, COLUMNS, encoding="GBK")
    adoption = adopt(empty_atlas, file)
    parcel = square(50, 20, 120)
    assessment = run(empty_atlas, tmp_path / "cache", parcel)
    (measured,) = [m for m in assessment.parcels[0].measures if m.layer == FARMLAND]
    expected = shapely.intersection(official(parcel), shapely.union_all([official(s) for s in SQUARES])).area
    assert measured.overlap_m2 == pytest.approx(expected, abs=1e-5)
    assert adoption.area_m2 == pytest.approx(sum(official(s).area for s in SQUARES), abs=1e-5)
    for other in assessment.parcels[0].measures:
        if other.layer != FARMLAND:
            assert other.state is LayerState.NO_DATA
            assert (other.overlap_m2, other.overlap_share, other.outside_m2, other.distance_m, other.patches) == (None,) * 5
    assert assessment.verdict in (Verdict.PROHIBITED, Verdict.UNDETERMINED)
    assert not [f for f in assessment.parcels[0].findings if f.layer != FARMLAND and f.verdict is Verdict.COMPLIANT]
    assert adoption.encoding is not None
    assert adoption.encoding.lower() in ("gbk", "gb18030", "cp936")


def test_clear_of_the_only_layer_is_still_undetermined(empty_atlas: Path, write: Write, tmp_path: Path) -> None:
    """A parcel that misses the one layer that has data is 无法判定 as long as the others have none."""
    adopt(empty_atlas, write("永农.shp", SQUARES, COLUMNS, encoding="GBK"))
    assessment = run(empty_atlas, tmp_path / "cache", square(250, 250))
    (measured,) = [m for m in assessment.parcels[0].measures if m.layer == FARMLAND]
    assert measured.state is LayerState.CLEAR
    assert assessment.verdict is Verdict.UNDETERMINED


def test_catalogue_entry_says_what_was_adopted(empty_atlas: Path, write: Write) -> None:
    """Source, system, status, version, accuracy and the digest of the file stand in the catalogue; the rest is as before."""
    before = tomllib.loads((empty_atlas / "layers" / "catalogue.toml").read_text("utf-8"))
    file = write("永农.gpkg", SQUARES, COLUMNS)
    adoption = adopt(empty_atlas, file, accuracy_m=0.5)
    after = tomllib.loads((empty_atlas / "layers" / "catalogue.toml").read_text("utf-8"))
    entry = next(t for t in after["layer"] if t["id"] == FARMLAND)
    assert entry["source"] == {"file": f"local/{FARMLAND}.gpkg", "layer": "YJJBNT"}
    assert (entry["crs"], entry["status"], entry["version"], entry["accuracy_m"]) == ("EPSG:4526", "statutory", "2022-11-07", 0.5)
    assert hashlib.sha256(file.read_bytes()).hexdigest() in entry["provenance"]
    assert [t for t in after["layer"] if t["id"] != FARMLAND] == [t for t in before["layer"] if t["id"] != FARMLAND]
    assert adoption.layer == Atlas.open(empty_atlas).layer(FARMLAND)
    assert "extent_assumed" in {n.code for n in adoption.notes}


def test_status_is_draft_unless_said(empty_atlas: Path, write: Write) -> None:
    """Nobody's file becomes a statutory layer by default; a missing date is pointed out."""
    adoption = adopt(empty_atlas, write("永农.gpkg", SQUARES, COLUMNS), status=None, version=None)
    assert adoption.layer.status is DataStatus.DRAFT
    assert "version_unknown" in {n.code for n in adoption.notes}


@pytest.mark.parametrize("suffix", [".shp", ".zip", ".gpkg", ".gdb", ".geojson", ".fgb"])
def test_every_format_brings_the_same_squares(empty_atlas: Path, write: Write, tmp_path: Path, suffix: str) -> None:
    """Shapefile, zipped shapefile, GeoPackage, FileGDB, GeoJSON and FlatGeobuf: same count, same area, same attributes."""
    if suffix == ".zip":
        write("in/永农.shp", SQUARES, COLUMNS, encoding="GBK")
        file = tmp_path / "永农.zip"
        with zipfile.ZipFile(file, "w") as archive:
            for part in sorted((tmp_path / "in").iterdir()):
                archive.write(part, f"成果/{part.name}")
    elif suffix == ".geojson":
        file = write("永农.geojson", [shapely.transform(s, degrees) for s in SQUARES], COLUMNS, crs="EPSG:4326", COORDINATE_PRECISION=15)
    else:
        file = write(f"永农{suffix}", SQUARES, COLUMNS)
    adoption = adopt(empty_atlas, file)
    assert adoption.features == 3
    assert adoption.area_m2 == pytest.approx(sum(official(s).area for s in SQUARES), abs=0.01)
    features = layer_features(Atlas.open(empty_atlas).layer(FARMLAND))
    kept = zip(*(features.attributes[name] for name in ("id", "class", "DLMC")), strict=True)  # FlatGeobuf sorts by place
    assert sorted(kept) == [("1", "0101", "水田"), ("2", "0102", "水浇地"), ("3", "0103", "旱地")]


def test_coordinates_stay_as_they_were_drawn(empty_atlas: Path, write: Write) -> None:
    """Edges are split in the system they were drawn in, so the copy keeps it, to the bit."""
    adoption = adopt(empty_atlas, write("永农.gpkg", SQUARES, COLUMNS))
    kept = read_gpkg(adoption.path)
    assert kept.crs == "EPSG:4526"
    assert np.array_equal(shapely.get_coordinates(kept.geometry), shapely.get_coordinates(SQUARES))


def test_personal_columns_are_never_written(empty_atlas: Path, write: Write) -> None:
    """Names of persons are dropped while reading: neither column nor content is in the atlas."""
    adoption = adopt(empty_atlas, write("永农.gpkg", SQUARES, COLUMNS))
    assert adoption.fields.dropped == ("ZRRMC",)
    content = adoption.path.read_bytes()
    assert "张三".encode() not in content
    assert b"ZRRMC" not in content


def test_same_file_gives_the_same_bytes(empty_atlas: Path, write: Write, tmp_path: Path) -> None:
    """Adopting a file twice changes nothing: neither the data nor the catalogue."""
    file = write("永农.gpkg", SQUARES, COLUMNS)
    first = _content(empty_atlas, adopt(empty_atlas, file))
    assert _content(empty_atlas, adopt(empty_atlas, file)) == first
    shutil.copytree(empty_atlas, tmp_path / "另一个")
    assert _content(tmp_path / "另一个", adopt(tmp_path / "另一个", file)) == first


def test_chosen_column_goes_before_the_aliases_and_stays(empty_atlas: Path, write: Write) -> None:
    """`--field class=地类` is entered in the catalogue, so that every later check reads that column too."""
    file = write("永农.gpkg", SQUARES, {"BSM": ["1", "2", "3"], "DLBM": ["x", "x", "x"], "地类": ["0101", "0102", "0103"]})
    adoption = adopt(empty_atlas, file, fields={"class": "地类"})
    assert dict(adoption.fields.ours)["class"] == "地类"
    layer = Atlas.open(empty_atlas).layer(FARMLAND)
    assert layer_features(layer).attributes["class"] == ["0101", "0102", "0103"]


def test_unknown_field_lists_what_exists(empty_atlas: Path, write: Write) -> None:
    """A field of ours that the layer does not have, or a column that the file does not have: refused, with the lists."""
    file = write("永农.gpkg", SQUARES, COLUMNS)
    with pytest.raises(UsageError) as ours:
        adopt(empty_atlas, file, fields={"clas": "DLBM"})
    assert "class" in ours.value.fix
    with pytest.raises(FieldMissing) as theirs:
        adopt(empty_atlas, file, fields={"class": "DLB"})
    assert "DLBM" in theirs.value.fix
    assert "BSM" in theirs.value.fix
    with pytest.raises(UsageError, match="个人信息"):
        adopt(empty_atlas, file, fields={"name": "ZRRMC"})


def test_missing_zone_is_said_to_lead_to_undetermined(empty_atlas: Path, write: Write) -> None:
    """A red line without its zones: the rules that ask for them are named, with the consequence and the way out."""
    adoption = adopt(empty_atlas, write("红线.gpkg", SQUARES), "ecological_red_line")
    (note,) = [n for n in adoption.notes if n.code == "field_missing" and "字段 zone" in n.text]
    assert "无法判定" in note.text
    assert "--field zone=" in note.text
    assert note.level == "warning"


def test_unknown_zone_words_are_listed(empty_atlas: Path, write: Write) -> None:
    """A zone name that no synonym knows would match no rule in silence, so it is listed."""
    zones = {"BSM": ["1", "2", "3"], "ZRBHDFQ": ["核心区", "一般控制区", "甲类区"]}
    adoption = adopt(empty_atlas, write("红线.gpkg", SQUARES, zones), "ecological_red_line")
    (note,) = [n for n in adoption.notes if n.code == "value_unknown"]
    assert "甲类区" in note.text
    assert "核心" not in note.text


def test_contested_columns_are_named(empty_atlas: Path, write: Write) -> None:
    """Two columns for one field: the catalogue's order decides, and a note says so."""
    file = write("永农.gpkg", SQUARES, {"BSM": ["1", "2", "3"], "YJJBNTTBBH": ["a", "b", "c"], "DLBM": ["0101"] * 3})
    adoption = adopt(empty_atlas, file)
    assert ("id", ("BSM", "YJJBNTTBBH")) in adoption.fields.contested
    assert any(n.code == "field_contested" and "YJJBNTTBBH" in n.text for n in adoption.notes)


def test_counties_give_the_city_its_place(empty_atlas: Path, write: Write, tmp_path: Path) -> None:
    """The envelope comes from the adopted counties, in degrees, also where they are drawn in metres."""
    adopt(empty_atlas, write("县.gpkg", [square(-40_000, -40_000, 80_000)], {"XZQDM": ["1"], "XZQMC": ["甲县"]}), "counties")
    envelope = Atlas.open(empty_atlas).envelope
    assert envelope == pytest.approx((112.38, 31.66, 113.23, 32.38), abs=0.02)
    # numbers without a zone are now read by where the city lies
    bare = [shapely.transform(s, lambda c: c - [38_000_000, 0]) for s in SQUARES]
    adoption = adopt(empty_atlas, write("永农.shp", bare, COLUMNS, crs=None, encoding="GBK"))
    assert adoption.crs == "EPSG:4547"
    assert run(empty_atlas, tmp_path / "cache", square(0, 0)).parcels[0].measures


def test_table_of_a_geodatabase_is_found_by_its_standard_name(empty_atlas: Path, write: Write) -> None:
    """Of several layers the one with the standard table name is taken; where none has it, all are listed."""
    write("成果.gpkg", [square(0, 0)], layer="DLTB")
    file = write("成果.gpkg", SQUARES, COLUMNS, layer="YJJBNT", append=True)
    assert adopt(empty_atlas, file).sublayer == "YJJBNT"
    with pytest.raises(UsageError) as refusal:
        adopt(empty_atlas, file, "wetlands")
    assert "DLTB" in refusal.value.why


def test_lines_become_a_line_layer(empty_atlas: Path, write: Write) -> None:
    """Roads keep their length; they have no area."""
    roads = [shapely.LineString([(EAST, NORTH), (EAST + 300, NORTH + 400)])]
    adoption = adopt(empty_atlas, write("路.gpkg", roads, {"GLMC": ["甲路"]}), "highways")
    assert adoption.area_m2 is None
    assert adoption.length_m == pytest.approx(500.0, abs=0.1)


def test_bundled_atlas_takes_no_data(write: Write) -> None:
    """The demonstration atlas is nobody's to fill; the message says how to get one's own."""
    with pytest.raises(UsageError) as refusal:
        adopt(bundled_root(), write("永农.gpkg", SQUARES, COLUMNS))
    assert "xygis start" in refusal.value.fix
    assert not (bundled_root() / "layers" / "local" / f"{FARMLAND}.gpkg").exists()


@pytest.mark.parametrize("step", range(1, 5))
def test_broken_off_adoption_leaves_old_or_new(
    empty_atlas: Path, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    """Killed before any of its writes, an adoption leaves the layer readable: the old squares in one system or the new in another."""
    adopt(empty_atlas, write("旧.gpkg", SQUARES, COLUMNS))
    file = write(
        "新.gpkg", [shapely.transform(s, degrees) for s in SQUARES[:2]], {"BSM": ["1", "2"], "DLBM": ["0101", "0101"]}, crs="EPSG:4490"
    )
    calls = 0

    def counted(original: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            nonlocal calls
            calls += 1
            if calls == step:
                raise KeyboardInterrupt
            return original(*args, **kwargs)

        return call

    with monkeypatch.context() as patch:
        for owner, name in ((Path, "replace"), (shutil, "copyfile")):
            patch.setattr(owner, name, counted(getattr(owner, name)))
        with pytest.raises(KeyboardInterrupt):
            adopt(empty_atlas, file)
    features = layer_features(Atlas.open(empty_atlas).layer(FARMLAND))
    assert len(features) in (2, 3)
    assert calls >= step
    assert adopt(empty_atlas, file).features == 2
    left = sorted(p.name for p in (empty_atlas / "layers" / "local").iterdir())
    assert [n for n in left if not n.endswith(".lock")] == [f"{FARMLAND}.gpkg"]
    assert run(empty_atlas, tmp_path / "cache", square(0, 0)).layers[1].state is DataState.READY


def _content(root: Path, adoption: Adoption) -> tuple[bytes, bytes]:
    with sqlite3.connect(adoption.path) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    db.close()
    return adoption.path.read_bytes(), (root / "layers" / "catalogue.toml").read_bytes()
