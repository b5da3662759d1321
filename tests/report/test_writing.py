"""Files appear whole or not at all, and hold what a GIS and a spreadsheet can open."""

import csv
import hashlib
import io
import json

import pytest
from sample_assessment import FLOOD, PBF, VARIANTS, hostile, many_parcels, three_parcels

from xygis.errors import OutputFailed
from xygis.report.conflicts import write_conflicts
from xygis.report.contract import assessment_dict
from xygis.report.summary import summary_of_assessment
from xygis.report.writing import write_measures_and_summary, write_report_html, write_report_json, write_whole


def _write(summary, folder):
    write_measures_and_summary(summary, folder / "measures.csv", folder / "summary.csv")


def _rows(path):
    return list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig"))))


def test_a_file_is_replaced_whole(tmp_path):
    """The new content is there, nothing else is left behind."""
    target = tmp_path / "a" / "report.json"
    write_whole(target, b"old")
    write_whole(target, b"new")
    assert [(p.name, p.read_bytes()) for p in target.parent.iterdir()] == [("report.json", b"new")]


def test_a_failed_write_keeps_the_old_file(tmp_path):
    """Where the target cannot be replaced, the error says so and no part file stays."""
    target = tmp_path / "report.json"
    target.mkdir()
    with pytest.raises(OutputFailed):
        write_whole(target, b"new")
    assert [p.name for p in tmp_path.iterdir()] == ["report.json"]


def test_a_folder_that_is_a_file_is_told(tmp_path):
    """The output folder is a file: OutputFailed, in Chinese, with the path."""
    (tmp_path / "out").write_text("x")
    with pytest.raises(OutputFailed, match="结果文件写不进去"):
        write_report_html("<html>", tmp_path / "out" / "report.html")


def test_report_json_is_the_contract(tmp_path):
    """What is written is what `--json` prints."""
    write_report_json(three_parcels(), tmp_path / "report.json")
    assert json.loads((tmp_path / "report.json").read_text("utf-8")) == json.loads(json.dumps(assessment_dict(three_parcels())))


def test_measures_csv_has_full_numbers_and_empty_unknowns(tmp_path):
    """Unrounded overlap; nothing where there are no data."""
    _write(summary_of_assessment(three_parcels()), tmp_path)
    rows = {(r["parcel"], r["layer"]): r for r in _rows(tmp_path / "measures.csv")}
    assert rows["地块1", PBF]["overlap_m2"] == "9554.331"
    assert (rows["地块3", FLOOD]["state"], rows["地块3", FLOOD]["overlap_m2"], rows["地块3", FLOOD]["patches"]) == ("no_data", "", "")


def test_duplicate_names_fall_back_to_ids(tmp_path):
    """Two parcels of one name are told apart by their number."""
    from dataclasses import replace

    made = many_parcels(2)
    twins = replace(made, parcels=tuple(replace(p, name="地块") for p in made.parcels))
    _write(summary_of_assessment(twins), tmp_path)
    assert {r["parcel"] for r in _rows(tmp_path / "measures.csv")} == {"1", "2"}


def test_a_spreadsheet_computes_nothing(tmp_path):
    """A parcel called =1+1 stays text."""
    _write(summary_of_assessment(hostile()), tmp_path)
    assert "'=1+1" in {r["parcel"] for r in _rows(tmp_path / "measures.csv")}


def test_summary_csv_has_one_row_per_parcel(tmp_path):
    """A set of columns a layer, with the worst verdict and the rules that speak."""
    _write(summary_of_assessment(three_parcels()), tmp_path)
    rows = _rows(tmp_path / "summary.csv")
    assert [r["parcel"] for r in rows] == [p.name for p in three_parcels().parcels]
    assert (rows[0][f"{PBF}_overlap_m2"], rows[0][f"{PBF}_verdict"], rows[0]["verdict"]) == ("9554.331", "prohibited", "prohibited")
    assert (rows[2][f"{FLOOD}_state"], rows[2][f"{FLOOD}_overlap_m2"]) == ("no_data", "")


def test_conflicts_open_in_a_gis(tmp_path):
    """GeoPackage in CGCS2000 degrees with parcel, layer, verdict, area, width and sliver flag."""
    import pyogrio

    write_conflicts(three_parcels(), tmp_path / "conflicts.gpkg")
    meta, _, geometry, fields = pyogrio.raw.read(str(tmp_path / "conflicts.gpkg"), layer="conflicts")
    columns = dict(zip(meta["fields"], fields, strict=True))
    assert meta["crs"] == "EPSG:4490"
    assert list(columns["layer"]) == [PBF, "urban_growth_boundary", "ecological_red_line"]
    assert (list(columns["sliver"]), columns["area_m2"][0], len(geometry)) == ([False, False, True], 9_554.331, 3)


def test_conflicts_geojson_carries_the_same_pieces(tmp_path):
    """The same three pieces, with their cause."""
    write_conflicts(three_parcels(), tmp_path / "conflicts.geojson")
    features = json.loads((tmp_path / "conflicts.geojson").read_text("utf-8"))["features"]
    assert [f["properties"]["cause"] for f in features] == ["", "", "同一界线两次数字化"]


@pytest.mark.parametrize("variant", ["compliant", "three"])
def test_conflicts_are_the_same_bytes_each_time(variant, tmp_path):
    """No clock in the file; and a run without conflicts still writes a file that opens."""
    digests = set()
    for name in ("a.gpkg", "b.gpkg"):
        write_conflicts(VARIANTS[variant](), tmp_path / name)
        digests.add(hashlib.sha256((tmp_path / name).read_bytes()).hexdigest())
    assert len(digests) == 1
