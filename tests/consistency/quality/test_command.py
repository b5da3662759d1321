"""`xygis quality`: a planner's file, its exit codes, the four renderings that tell the same, and files that mean harm."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import jsonschema
import numpy as np
import openpyxl
import pyogrio
import pytest
import shapely

from tests.consistency.quality.survey import AT, CRS, clean, counts, examined, only, sql, with_null, write
from xygis.atlas.bundled import bundled_root
from xygis.report.contract import QUALITY_SCHEMA, json_text, load_schema
from xygis.report.quality_contract import quality_dict
from xygis.saving import save_quality


def xygis(*words: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """The command as a planner calls it."""
    environment = {**os.environ, "XDG_CACHE_HOME": str(folder / "cache"), "PYTHONPATH": str(Path(__file__).parents[3])}
    return subprocess.run([sys.executable, "-m", "xygis", *words], capture_output=True, text=True, env=environment, encoding="utf-8")


def valid(document: object) -> dict:
    read: dict = json.loads(json_text(document))
    jsonschema.Draft202012Validator(load_schema(QUALITY_SCHEMA)).validate(read)
    return read


def test_the_schema_is_a_schema() -> None:
    """The shipped schema of xygis/quality/1 is valid itself."""
    jsonschema.Draft202012Validator.check_schema(load_schema(QUALITY_SCHEMA))


def test_an_unreadable_file_is_4_and_one_json_object(tmp_path: Path) -> None:
    """A text that is no GeoPackage: exit 4, an error that says what, where and how to mend it, in the frame of the contract."""
    bad = tmp_path / "坏.gpkg"
    bad.write_bytes(b"SQLite format 3\0" + b"\0" * 200)
    done = xygis("quality", str(bad), "--as", "current_land_use", "--json", folder=tmp_path)
    assert done.returncode == 4
    jsonschema.Draft202012Validator(load_schema(QUALITY_SCHEMA)).validate(json.loads(done.stdout))
    assert xygis("quality", str(tmp_path / "没有.gpkg"), "--as", "current_land_use", folder=tmp_path).returncode == 4
    assert xygis("quality", str(bad), "--as", "current_landuse", folder=tmp_path).returncode == 2
    assert xygis("quality", str(bad), "--as", "relief", folder=tmp_path).returncode == 2


def test_the_bundled_growth_boundary_by_the_command(tmp_path: Path) -> None:
    """The example of the help: the element code is missing in the demo data, so there is an error, exit 1, and three files."""
    file = bundled_root() / "layers" / "urban_growth_boundary.gpkg"
    done = xygis(
        "quality", str(file), "--as", "urban_growth_boundary", "--on", "2026-11-29", "--out", str(tmp_path / "质检"), folder=tmp_path
    )
    assert done.returncode == 1, done.stderr
    assert "Q102" in done.stdout and "YSDM" in done.stdout and "CZKFBJ" in done.stdout
    assert sorted(p.name for p in (tmp_path / "质检").iterdir()) == ["quality.gpkg", "quality.json", "quality.xlsx"]
    document = valid(json.loads((tmp_path / "质检" / "quality.json").read_text("utf-8")))
    assert (document["result"], document["errors"]["count"]) == ("errors", 1)


def test_one_clean_layer_is_0_and_says_what_did_not_apply(tmp_path: Path) -> None:
    """Bundled 一心四城: exit 0, no error, and still a list of checks that do not apply."""
    file = bundled_root() / "layers" / "one_heart_four_cities.gpkg"
    done = xygis("quality", str(file), "--as", "one_heart_four_cities", "--json", folder=tmp_path)
    document = json.loads(done.stdout)
    assert (done.returncode, document["result"], document["errors"]["count"]) == (0, "clean", 0)
    assert valid(document)["skipped"] and not any(s["due"] for s in document["skipped"])


def test_all_renderings_tell_the_same(tmp_path: Path) -> None:
    """JSON, Excel and GeoPackage have the same errors with the same values; a formula stays text in all of them."""
    evil = '=HYPERLINK("http://x","点我")'
    found = examined(tmp_path, lambda rows: [{**r, "DLMC": evil} if r["BSM"].endswith("7") else r for r in rows])
    fault = only(found, "Q603")
    assert fault.value == evil
    out = tmp_path / "out"
    save_quality(found, out)
    book = openpyxl.load_workbook(out / "quality.xlsx")
    assert book.sheetnames == ["概况", "错误", "未做的检查"]
    rows = list(book["错误"].iter_rows(min_row=2))
    assert len(rows) == 1 and rows[0][6].value == evil and rows[0][6].data_type == "s" and rows[0][6].hyperlink is None
    meta, _, shapes, fields = pyogrio.raw.read(out / "quality.gpkg", layer="quality_errors")
    column = dict(zip(meta["fields"], fields, strict=True))
    assert list(column["value"]) == [evil] and list(column["row"]) == [7]
    error = valid(json.loads((out / "quality.json").read_text("utf-8")))["errors"]["list"][0]
    assert error["value"] == evil and error["place"] == [column["lon"][0], column["lat"][0]] == list(fault.place or ())
    assert shapely.from_wkb(shapes[0]).equals(fault.geometry)
    assert (rows[0][9].value, rows[0][10].value) == pytest.approx(fault.place, abs=1e-12)
    save_quality(found, out)  # a second time, over the first
    assert len(pyogrio.raw.read(out / "quality.gpkg", layer="quality_errors")[2]) == 1


def test_an_empty_result_still_writes_its_layer(tmp_path: Path) -> None:
    """No error: the layer is there and empty, the sheet says so."""
    found = examined(tmp_path)
    save_quality(found, tmp_path / "out")
    assert len(pyogrio.raw.read(tmp_path / "out" / "quality.gpkg", layer="quality_errors")[2]) == 0
    assert openpyxl.load_workbook(tmp_path / "out" / "quality.xlsx")["错误"]["A2"].value == "无"


@pytest.mark.parametrize("value", ["x" * 500, "=1+1", "a\nb\t\x07c", "<script>", "😀" * 20, "'; DROP TABLE DLTB; --"])
def test_hostile_values_are_told_shortened(tmp_path: Path, value: str) -> None:
    """500 characters, formulas, control characters: one error for each rule that is broken, the value on one short line."""
    found = examined(tmp_path, lambda rows: [{**r, "CZCSXM": value} if r["BSM"].endswith("8") else r for r in rows])
    assert set(counts(found)) <= {"Q206", "Q209"} and counts(found)["Q206"] == 1
    shown = found.quality.faults[0].value or ""
    assert len(shown) <= 75 and "\n" not in shown
    save_quality(found, tmp_path / "out")
    valid(quality_dict(found))


def test_a_file_of_nothing_but_missing_shapes(tmp_path: Path) -> None:
    """Every geometry is NULL: eight errors, no place, nothing measured, and nothing that reads as agreement."""
    found = examined(tmp_path, lambda rows: [{**r, "geometry": None} for r in rows])
    assert counts(found) == {"Q401": 8} and found.result == "errors"
    assert {"Q403", "Q406", "Q409", "Q501"} <= {s.rule for s in found.quality.skipped if s.due}


def test_a_file_of_points(tmp_path: Path) -> None:
    """The wrong kind throughout: said for each feature."""
    found = examined(tmp_path, lambda rows: [{**r, "geometry": r["geometry"].centroid} for r in rows])
    assert counts(found) == {"Q402": 8}


def test_personal_data_are_named_but_never_shown(tmp_path: Path) -> None:
    """The column is an error; its content stands in no rendering."""
    found = examined(
        tmp_path,
        lambda rows: [{**r, "ZJH": "420602199001011234"} for r in rows],
        columns=[*clean()[0].keys() - {"geometry"}, "TBMJ", "KCMJ", "TBDLMJ", "ZJH"],
    )
    assert only(found, "Q210").field == "ZJH"
    assert "420602199001011234" not in json_text(quality_dict(found))


def test_a_shapefile_declares_its_widths(tmp_path: Path) -> None:
    """Read from the .dbf itself: GDAL's default text width of 80 is enough, its integers and decimals are what the file says."""
    path = tmp_path / "DLTB.shp"
    source = write(tmp_path / "DLTB.gpkg", clean())
    meta, _, shapes, fields = pyogrio.raw.read(source)
    pyogrio.raw.write(
        str(path),
        geometry=shapes,
        field_data=fields,
        fields=meta["fields"],
        driver="ESRI Shapefile",
        geometry_type="Polygon",
        crs=CRS,
        encoding="UTF-8",
    )
    assert counts(examined(tmp_path, file=path)) == {}
    data = bytearray((tmp_path / "DLTB.dbf").read_bytes())
    place = data.index(b"TBMJ\0")
    data[place + 17] = 0  # decimals of the field
    (tmp_path / "DLTB.dbf").write_bytes(bytes(data))
    assert {f.rule: f.field for f in examined(tmp_path, file=path).quality.faults} == {"Q203": "TBMJ"}


def test_the_file_stays_as_it_was(tmp_path: Path) -> None:
    """Nothing is repaired, nothing is written beside it."""
    file = write(tmp_path / "in.gpkg", clean(), name="DLTB")
    sql(file, "UPDATE DLTB SET DLMC = NULL WHERE fid = 3")
    before = file.read_bytes()
    assert counts(examined(tmp_path, file=file)) == {"Q602": 1}
    assert file.read_bytes() == before


def test_order_of_features_does_not_matter(tmp_path: Path) -> None:
    """The same errors on the same features, whatever their order in the file."""
    one = examined(tmp_path, with_null("QSDWMC"))
    (tmp_path / "b").mkdir()
    two = examined(tmp_path / "b", lambda rows: with_null("QSDWMC")(rows)[::-1])
    assert [(f.rule, f.feature, f.place) for f in one.quality.faults] == [(f.rule, f.feature, f.place) for f in two.quality.faults]
    assert np.isfinite(AT).all()
