"""The GeoPackages bring their own style: QGIS draws them by verdict, and every other program reads them as before."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.report.sample_assessment import three_parcels
from xygis.atlas.bundled import bundled_root
from xygis.atlas.styles import read_styles
from xygis.atlas.verdict import Verdict
from xygis.report.conflicts import write_conflicts
from xygis.vector.gpkg import sublayers


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("qgis") / "conflicts.gpkg"
    write_conflicts(three_parcels(), path)
    return path


@pytest.fixture(scope="module")
def row(file: Path) -> dict[str, object]:
    with sqlite3.connect(file) as db:
        db.row_factory = sqlite3.Row
        (found,) = db.execute("SELECT * FROM layer_styles").fetchall()
    return dict(found)


def test_the_table_is_the_one_that_qgis_looks_for(row: dict[str, object]) -> None:
    """QGIS finds the default style by table and geometry column; the columns are those that QGIS itself makes."""
    columns = "id f_table_catalog f_table_schema f_table_name f_geometry_column styleName styleQML styleSLD useAsDefault"
    assert [*columns.split(), "description", "owner", "ui", "update_time"] == list(row)
    assert ("conflicts", "geom", 1) == (row["f_table_name"], row["f_geometry_column"], row["useAsDefault"])


def test_every_verdict_has_a_colour_and_a_hatch_of_its_own(row: dict[str, object]) -> None:
    """Categories are the verdicts with their words, edges have the colours of the styles, no two symbols share a hatch."""
    root = ElementTree.fromstring(str(row["styleQML"]))
    categories = {c.attrib["value"]: (c.attrib["label"], c.attrib["symbol"]) for c in root.iter("category")}
    assert {v.value: v.label for v in Verdict} == {value: label for value, (label, _) in categories.items()}
    symbols = {s.attrib["name"]: s for s in root.findall("renderer-v2/symbols/symbol")}
    styles = {s.id: s for s in read_styles(bundled_root())}
    hatches = set()
    for value, (_, number) in categories.items():
        options = [
            {o.attrib["name"]: o.attrib["value"] for o in layer.findall("Option/Option")} for layer in symbols[number].findall("layer")
        ]
        line = styles[f"verdict/{value}"].line or ""
        assert ",".join(str(int(line[i : i + 2], 16)) for i in (1, 3, 5)) + ",255" == options[0]["outline_color"]
        hatches.add((options[0]["outline_style"], *(o["angle"] for o in options[1:])))
    assert len(Verdict) == len(hatches)
    label = root.find("labeling/settings/text-style")
    assert label is not None
    assert '"area_m2"' in label.attrib["fieldName"]


def test_the_sld_tells_the_same_verdicts(row: dict[str, object]) -> None:
    """Programs that know SLD only get the same categories."""
    root = ElementTree.fromstring(str(row["styleSLD"]))
    assert [v.value for v in Verdict] == [e.text for e in root.iter("{http://www.opengis.net/ogc}Literal")]


def test_the_file_stays_a_valid_geopackage(file: Path) -> None:
    """Styles are registered as attributes; feature tables are listed and read as before, by GDAL and by ourselves."""
    import pyogrio

    with sqlite3.connect(file) as db:
        assert [("conflicts", "features"), ("layer_styles", "attributes")] == db.execute(
            "SELECT table_name, data_type FROM gpkg_contents ORDER BY table_name"
        ).fetchall()
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
    assert [("conflicts", "Polygon"), ("layer_styles", None)] == [(n, k) for n, k in pyogrio.list_layers(file).tolist()]
    assert pyogrio.read_info(file, layer="conflicts")["features"] == len(pyogrio.raw.read(file, layer="conflicts")[2]) > 0
    assert ["conflicts"] == [s.name for s in sublayers(file)]
