"""Quality control within `consistency`: every layer that takes part, relations between layers, and what could not be looked at."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import pyogrio
import pytest
import shapely

from tests.consistency.city import DAY, make_atlas, rule, square, write_layer, zone
from tests.consistency.quality.survey import CRS, LAYER, atlas, clean, write
from xygis.atlas.atlas import Atlas
from xygis.atlas.bundled import bundled_root
from xygis.atlas.standards import read_standards
from xygis.atlas.verdict import Verdict
from xygis.consistency.quality.fault import Fault
from xygis.consistency.quality.run import check_layers
from xygis.consistency.result import Consistency
from xygis.consistency.run import consistency
from xygis.geodesy.plane import Plane
from xygis.overlay.store import LayerStore
from xygis.report.consistency_contract import consistency_dict
from xygis.report.contract import CONSISTENCY_SCHEMA, json_text, load_schema
from xygis.saving import save_consistency

RED, FARM, GROWTH = "ecological_red_line", "permanent_basic_farmland", "urban_growth_boundary"


def run(folder: Path, layers: list, rules: list) -> Consistency:
    return consistency(make_atlas(folder, layers, rules), on=DAY, store=LayerStore(folder / "cache"))


def of(found: Consistency, code: str) -> list[Fault]:
    return [f for f in found.quality_check.faults if f.rule == code]


def test_lines_that_cross_are_found_with_their_piece(tmp_path: Path) -> None:
    """Q422: red line and farmland share 10 × 100 m; the growth boundary only touches."""
    layers = [
        write_layer(tmp_path, RED, [square(0, 0, 50, 100, id="红1")]),
        write_layer(tmp_path, FARM, [square(40, 0, 140, 100, id="田1")]),
        write_layer(tmp_path, GROWTH, [square(140, 0, 200, 100, id="界1")]),
    ]
    pairs = [rule("LL-01", zone(a), zone(b), Verdict.PROHIBITED) for a, b in ((RED, FARM), (RED, GROWTH), (FARM, GROWTH))]
    [fault] = of(run(tmp_path, layers, pairs), "Q422")
    assert (fault.layer, fault.feature, fault.level) == (RED, "红1", "severe") and "田1" in fault.text
    assert fault.area_m2 == pytest.approx(1000) and fault.geometry.geom_type == "Polygon"


def test_farmland_beyond_the_ploughland_of_the_survey_is_found(tmp_path: Path) -> None:
    """Q421: 100 × 100 m of farmland, of which 30 × 100 m is wood; the ploughland beside it is covered by two patches, one of them twice."""
    layers = [
        write_layer(tmp_path, FARM, [square(0, 0, 100, 100, id="田1"), square(200, 0, 210, 10, id="田2")]),
        write_layer(
            tmp_path,
            LAYER,
            [
                square(0, 0, 40, 100, **{"class": "0101"}),
                square(0, 0, 40, 100, **{"class": "0101"}),
                square(40, 0, 70, 100, **{"class": "0103"}),
                square(70, 0, 100, 100, **{"class": "0301"}),
                square(190, -10, 220, 20, **{"class": "0102"}),
            ],
        ),
    ]
    found = run(tmp_path, layers, [rule("PP-01", zone(FARM), zone(LAYER), Verdict.NOTICE)])
    [fault] = of(found, "Q421")
    assert (fault.feature, fault.area_m2) == ("田1", pytest.approx(3000))
    assert [n.rule for n in found.quality_check.skipped if n.rule == "Q421"] == []


def test_a_relation_without_data_is_skipped_as_due(tmp_path: Path) -> None:
    """A survey without data does not make the farmland lie in it."""
    farm = write_layer(tmp_path, FARM, [square(0, 0, 100, 100)])
    survey = replace(write_layer(tmp_path, LAYER, [square(0, 0, 1, 1)]), path=None)
    quality = run(tmp_path, [farm, survey], [rule("PP-01", zone(FARM), zone(LAYER), Verdict.NOTICE)]).quality_check
    assert ("Q421", True) in {(n.rule, n.due) for n in quality.skipped} and not quality.complete
    assert {n.rule for n in quality.skipped if n.layer == LAYER} >= {"Q401", "Q501"}


def test_another_system_than_the_catalogue_has_is_an_error(tmp_path: Path) -> None:
    """Q303: the catalogue says zone 38, the file zone 37; an unreadable file is failed, not clean."""
    file = write(tmp_path / "DLTB.gpkg", clean())
    layer = replace(Atlas.open(None).layer(LAYER), path=file, sublayer="DLTB", crs="EPSG:4526")
    broken = replace(layer, id="forest", path=tmp_path / "cut.gpkg")
    (tmp_path / "cut.gpkg").write_bytes(file.read_bytes()[:5000])
    made = atlas(tmp_path)
    checked, failed = check_layers([layer, broken], {}, standards=read_standards(bundled_root()), counties=None, plane=Plane(), on=DAY)
    assert [(f.rule, f.value, f.expected) for f in checked.faults] == [("Q303", CRS, "EPSG:4526")] and made.layers
    assert failed.faults == () and {"Q401", "Q501"} <= {n.rule for n in failed.failed} and not failed.complete


def test_features_that_rules_cannot_choose_are_told_one_by_one(tmp_path: Path) -> None:
    """Q610: one of two red-line features has no zone."""
    red = write_layer(tmp_path, RED, [square(0, 0, 40, 100, id="无", zone=None), square(900, 900, 910, 910, id="有", zone="核心保护区")])
    farm = write_layer(tmp_path, FARM, [square(0, 0, 40, 100)])
    [fault] = of(run(tmp_path, [red, farm], [rule("LL-01", zone(RED, "核心保护区"), zone(FARM), Verdict.PROHIBITED)]), "Q610")
    assert (fault.feature, fault.field, fault.area_m2) == ("无", "zone", pytest.approx(4000))


def test_every_error_stands_in_the_geopackage_and_json_tells_how_many(tmp_path: Path) -> None:
    """consistency.gpkg has both layers; JSON validates, lists some and counts all; the note keeps its old keys."""
    farm = write_layer(tmp_path, FARM, [square(i, 0, i + 10, 10) for i in range(0, 12_000, 10)] + [square(0, 0, 10, 10)])
    red = write_layer(tmp_path, RED, [square(0, 500, 40, 600, zone="核心保护区")])
    city = make_atlas(tmp_path, [red, farm], [rule("LL-01", zone(RED), zone(FARM, "永久"), Verdict.PROHIBITED)])
    found = consistency(city, on=DAY, store=LayerStore(tmp_path / "cache"))
    document = json.loads(json_text(consistency_dict(found)))
    jsonschema.Draft202012Validator(load_schema(CONSISTENCY_SCHEMA)).validate(document)
    errors = document["quality_check"]["errors"]
    assert errors["count"] == len(found.quality_check.faults) > 1000 >= errors["listed"] == len(errors["list"])
    assert {"Q407", "Q610"} <= {e["rule"] for e in errors["list"]}
    note = next(n for n in document["quality"] if n["rule"] == "Q407")
    assert (note["check"], note["layer"], note["level"], note["count"]) == ("self_overlap", FARM, "warning", 1)
    assert note["area_m2"] == pytest.approx(100) and len(note["where"]) == 1
    save_consistency(found, replace(city, root=bundled_root()), tmp_path)
    assert {name for name, _ in pyogrio.list_layers(tmp_path / "consistency.gpkg")} == {"patches", "quality_errors", "layer_styles"}
    meta, _, shapes, fields = pyogrio.raw.read(tmp_path / "consistency.gpkg", layer="quality_errors")
    assert len(shapes) == errors["count"] and meta["crs"] == "EPSG:4490"
    twice = [i for i, code in enumerate(fields[list(meta["fields"]).index("rule")]) if code == "Q407"]
    assert shapely.from_wkb(shapes[twice[0]]).geom_type == "Polygon"
    page = (tmp_path / "report.html").read_text("utf-8")
    assert "质检做了" in page and "Q407 图斑完全重复" in page
