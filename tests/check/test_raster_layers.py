"""A raster layer of the atlas, from its file to the verdict: facts, rules, JSON and report; what has no data is never clear."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
import shapely

from tests.overlay.rasters import CORNER, CRS, write_tif
from xygis.atlas.atlas import Atlas
from xygis.atlas.verdict import DataState, LayerState, Verdict
from xygis.check.assessment import Assessment
from xygis.check.run import check
from xygis.consistency.run import consistency
from xygis.errors import BadCatalogue
from xygis.intake.submission import Parcel, Submission
from xygis.judge.audit import audit
from xygis.overlay import zonal
from xygis.overlay.coverage import Tile
from xygis.overlay.raster import Raster, ReadTile, cells_of
from xygis.overlay.raster_store import get_raster
from xygis.overlay.store import LayerStore
from xygis.report.contract import ASSESSMENT_SCHEMA, assessment_dict, load_schema
from xygis.report.html import assessment_html
from xygis.report.summary import summary_of_assessment
from xygis.report.terrain_table import classes_table, terrain_table
from xygis.report.writing import write_measures_and_summary

DAY = date(2026, 11, 24)
LAYER = """
[atlas]
name = "试验图集"

[[layer]]
id = "relief"
title = "地形"
role = "survey"
source = { file = "a.tif" }
geometry = "raster"
measure = "elevation"
status = "demo"
"""
RULE = """
[[rule]]
code = "SL-01"
title = "陡坡地上的建设"
layer = "relief"
when = { slope_share_above_25 = ">0.5" }
verdict = "justification"
message = "{slope_share_above_25}的用地坡度在二十五度以上，最高{elevation_max_m}米，最陡{slope_max_deg}度。"
basis = [{ instrument = "试验法", version = "2020-01-01", article = "1" }]
effective = "2020-01-01"

[[rule.case]]
note = "大半是陡坡"
facts = { slope_share_above_25 = 0.6 }
verdict = "justification"

[[rule.case]]
note = "只有一角是陡坡"
facts = { slope_share_above_25 = 0.1 }
verdict = "compliant"

[[rule.case]]
note = "坡度没有数据"
facts = { elevation_max_m = 800.0 }
verdict = "undetermined"
"""
INSTRUMENT = """
[[instrument]]
code = "SY"
name = "试验法"
version = "2020-01-01"
in_force = "2020-01-01"
read = "full"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An atlas of one relief: flat at 100 m in the west, rising 10 m in 10 m east of the column of 500 m."""
    root = tmp_path / "atlas"
    (root / "layers").mkdir(parents=True)
    (root / "redlines").mkdir()
    rise = np.tile(100.0 + 10.0 * np.maximum(np.arange(100) - 50, 0), (100, 1))
    write_tif(root / "layers" / "a.tif", rise, tiled=True, blockxsize=64, blockysize=64)
    (root / "layers" / "catalogue.toml").write_text(LAYER, "utf-8")
    (root / "redlines" / "10-slope.toml").write_text(RULE, "utf-8")
    (root / "redlines" / "instruments.toml").write_text(INSTRUMENT, "utf-8")
    (root / "redlines" / "base.toml").write_text('complete_from = "2020-01-01"\n', "utf-8")
    return root


def run(root: Path, *boxes: tuple[float, float, float, float]) -> Assessment:
    """Checks parcels given as west, north, east, south in metres from the raster's corner."""
    x, y = CORNER
    parcels = tuple(
        Parcel(name=f"地块{i}", geometry=shapely.box(x + w, y - s, x + e, y - n), crs=CRS, declared_m2=None)
        for i, (w, n, e, s) in enumerate(boxes, 1)
    )
    submission = Submission(
        path="t.txt", sha256="0" * 64, format="boundary_txt", encoding=None, crs=CRS, evidence=(), notes=(), parcels=parcels
    )
    return check(submission, Atlas.open(root), on=DAY, store=LayerStore(root.parent / "cache"))


FLAT, STEEP, EDGE, BEYOND = (100, 300, 200, 400), (600, 300, 700, 400), (940, 300, 1040, 400), (5000, 0, 5100, 100)


def test_flat_and_steep_ground(folder: Path) -> None:
    """A parcel on the plain complies; one on a slope of 45° fires the rule, and its sentence has the numbers."""
    flat, steep = run(folder, FLAT, STEEP).parcels
    assert (Verdict.COMPLIANT, Verdict.JUSTIFICATION) == (flat.verdict, steep.verdict)
    zonal = flat.measures[0].zonal
    assert zonal is not None
    assert (100.0, 100.0, 100.0, 0.0, 0.0) == (
        zonal.elevation_min_m,
        zonal.elevation_mean_m,
        zonal.elevation_max_m,
        zonal.slope_max_deg,
        zonal.slope_share_above_25,
    )
    zonal = steep.measures[0].zonal
    assert zonal is not None
    assert (1.0, 0.0, 0.0) == (zonal.slope_share_above_25, zonal.unmapped_share, zonal.slope_unmapped_share)
    assert 45.0 == pytest.approx(zonal.slope_mean_deg, abs=0.02)
    assert "100.0 %的用地坡度在二十五度以上，最高290.0米，最陡45.0度。" == steep.findings[0].text


def test_mean_elevation_by_hand(folder: Path) -> None:
    """Ten columns of 200, 210 … 290 m under the steep parcel: 245 m on average."""
    (steep,) = run(folder, STEEP).parcels
    assert steep.measures[0].zonal is not None
    assert 245.0 == pytest.approx(steep.measures[0].zonal.elevation_mean_m, abs=1e-6)


def test_parcels_split_between_two_say_what_the_whole_says(folder: Path) -> None:
    """The mean of two halves of a parcel is the mean of the whole."""
    whole, left, right = (
        p.measures[0].zonal for p in run(folder, (453, 300, 583, 371), (453, 300, 518, 371), (518, 300, 583, 371)).parcels
    )
    assert whole and left and right
    for name in ("elevation_mean_m", "slope_mean_deg", "slope_share_above_25"):
        assert (getattr(left, name) + getattr(right, name)) / 2 == pytest.approx(getattr(whole, name), rel=1e-6)


def test_beyond_the_raster_is_no_data(folder: Path) -> None:
    """Outside: 无数据, no number, undetermined, and what would settle it."""
    (parcel,) = run(folder, BEYOND).parcels
    (measure,) = parcel.measures
    assert (LayerState.NO_DATA, None, None) == (measure.state, measure.zonal, measure.overlap_m2)
    assert Verdict.UNDETERMINED == parcel.verdict
    assert parcel.findings[0].needs


def test_partly_beyond_the_raster_is_open(folder: Path) -> None:
    """40 % outside: the known part keeps its numbers, the rest makes the rule and the layer 无法判定."""
    (parcel,) = run(folder, EDGE).parcels
    zonal = parcel.measures[0].zonal
    assert zonal is not None
    assert 0.4 == pytest.approx(zonal.unmapped_share, abs=1e-6)
    assert 0.5 == pytest.approx(zonal.slope_unmapped_share, abs=1e-6)  # the outermost cells have no slope
    assert parcel.measures[0].unmapped_m2 == pytest.approx(0.4 * parcel.ellipsoidal_m2, rel=1e-6)
    assert Verdict.UNDETERMINED == parcel.verdict
    assert all(f.verdict is Verdict.UNDETERMINED and f.needs for f in parcel.findings)


def cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def turned_to_text(path: Path) -> None:
    path.write_text("不是栅格", "utf-8")


def without_a_system(path: Path) -> None:
    write_tif(path, np.zeros((9, 9)), crs=None)


def without_a_value(path: Path) -> None:
    write_tif(path, np.full((9, 9), -1.0), nodata=-1.0)


def with_an_undeclared_nodata_value(path: Path) -> None:
    values = np.full((100, 100), 100.0)
    values[30:40, 10:20] = -9999.0
    write_tif(path, values)


@pytest.mark.parametrize("warm", [False, True], ids=["cold", "cached"])
@pytest.mark.parametrize("spoil", [cut_short, emptied, turned_to_text, without_a_system, without_a_value, with_an_undeclared_nodata_value])
def test_a_broken_raster_is_never_clear(folder: Path, spoil: Callable[[Path], None], warm: bool) -> None:
    """Whatever happened to the file: state broken, a note that says why, and no answer."""
    if warm:
        run(folder, FLAT)
    spoil(folder / "layers" / "a.tif")
    assessment = run(folder, FLAT)
    assert (DataState.BROKEN, Verdict.UNDETERMINED) == (assessment.layers[0].state, assessment.verdict)
    assert assessment.layers[0].note
    assert "failed" == assessment.trace[0].status


def test_a_missing_raster_is_missing(folder: Path) -> None:
    (folder / "layers" / "a.tif").unlink()
    assessment = run(folder, FLAT)
    assert (DataState.MISSING, Verdict.UNDETERMINED) == (assessment.layers[0].state, assessment.verdict)


def test_a_raster_that_breaks_off_while_it_is_read_is_broken(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Too large to be kept, sound when it was opened, damaged before it was asked."""
    monkeypatch.setattr("xygis.overlay.raster_store._MOST_KEPT_BYTES", 0)
    layer = Atlas.open(folder).layers[0]
    sound = get_raster(layer, folder.parent / "cache")
    assert sound.raster.kept is None
    cut_short(folder / "layers" / "a.tif")
    monkeypatch.setattr("xygis.overlay.raster_store.get_raster", lambda layer, folder: sound)
    assessment = run(folder, FLAT, STEEP)
    assert (DataState.BROKEN, Verdict.UNDETERMINED) == (assessment.layers[0].state, assessment.verdict)


def test_kept_cells_change_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the file, from the cells just read and from those kept on disk: the same bytes; no GDAL the second time."""
    boxes = (FLAT, STEEP, EDGE, (453.1, 311.7, 583.3, 371.9))
    first, second = (assessment_dict(run(folder, *boxes)) for _ in range(2))
    monkeypatch.setattr("xygis.overlay.raster_store._MOST_KEPT_BYTES", 0)
    for kept in (folder.parent / "cache").glob("*.raster"):
        kept.unlink()
    third = assessment_dict(run(folder, *boxes))
    assert json.dumps(first) == json.dumps(second) == json.dumps(third)


def test_one_changed_cell_changes_the_answer_and_the_fingerprint(folder: Path) -> None:
    """A kept file never outlives its source."""
    before = run(folder, FLAT)
    rise = np.full((100, 100), 100.0)
    rise[35, 15] = 500.0
    write_tif(folder / "layers" / "a.tif", rise)
    after = run(folder, FLAT)
    zonal = after.parcels[0].measures[0].zonal
    assert zonal is not None and 500.0 == zonal.elevation_max_m
    assert before.atlas_fingerprint != after.atlas_fingerprint


def test_damaged_cache_is_made_anew(folder: Path) -> None:
    """Cut short, or of somebody else: the file is read again."""
    expected = assessment_dict(run(folder, STEEP))
    (kept,) = (folder.parent / "cache").glob("*.raster")
    for content in (kept.read_bytes()[:5000], b"x" * 9000):
        kept.write_bytes(content)
        assert expected == assessment_dict(run(folder, STEEP))


def test_json_has_the_facts_and_keeps_the_contract(folder: Path) -> None:
    """`zonal` stands in the measure, validates, and holds null where nothing is known."""
    document: Any = assessment_dict(run(folder, FLAT, EDGE, BEYOND))
    jsonschema.validate(document, load_schema(ASSESSMENT_SCHEMA))
    flat, edge, beyond = (p["measures"][0] for p in document["parcels"])
    assert (100.0, 0.0, []) == (flat["zonal"]["elevation_max_m"], flat["zonal"]["slope_mean_deg"], flat["zonal"]["classes"])
    assert edge["zonal"]["unmapped_share"] > 0
    assert "zonal" not in beyond


def test_report_has_a_table_of_the_terrain(folder: Path) -> None:
    """附表 地形: a row per parcel, 无数据 in words."""
    assessment = run(folder, STEEP, BEYOND)
    table = terrain_table(assessment)
    assert table is not None
    steep, beyond = table.rows
    assert ("200.0", "245.0", "290.0", "45.0", "45.0", "100.0 %", None) == steep[1:]
    assert ("无数据",) * 6 == beyond[1:7]
    page = assessment_html(assessment, map_page=None, main_figure=None, finding_figures={})
    assert "地形" in page and "25°以上" in page


def test_summary_csv_has_the_terrain(folder: Path) -> None:
    """Screening thousands of sites: the facts stand beside the areas, empty where nothing is known."""
    write_measures_and_summary(summary_of_assessment(run(folder, STEEP, BEYOND)), folder / "measures.csv", folder / "summary.csv")
    steep, beyond = csv.DictReader((folder / "summary.csv").read_text("utf-8-sig").splitlines())
    assert ("290.0", "1.0") == (steep["relief_elevation_max_m"], steep["relief_slope_share_above_25"])
    assert ("", "no_data") == (beyond["relief_elevation_max_m"], beyond["relief_state"])


def test_audit_runs_the_cases_and_knows_what_a_raster_can_say(folder: Path) -> None:
    """Cases about slopes hold; a rule that asks the distance to a raster is a mistake."""
    assert () == audit(Atlas.open(folder)).problems
    path = folder / "redlines" / "10-slope.toml"
    path.write_text(RULE.replace('slope_share_above_25 = ">0.5"', 'distance_m = "<5"'), "utf-8")
    assert any("distance_m" in p.text for p in audit(Atlas.open(folder)).problems)


def test_classes_are_asked_like_features(folder: Path) -> None:
    """Land cover: `class` selects, overlap and share are those of the cells; the table lists them, the rest is 无数据."""
    cover = np.full((100, 100), 10, np.uint8)
    cover[:, 15:] = 20
    cover[39:, :] = 0
    write_tif(folder / "layers" / "a.tif", cover, nodata=0)
    (folder / "layers" / "catalogue.toml").write_text(LAYER.replace("elevation", "class").replace("地形", "地表覆盖"), "utf-8")
    asks = {'slope_share_above_25 = ">0.5"': 'class = "20", overlap_share = ">0.4"'}
    says = {"{slope_share_above_25}的用地坡度在二十五度以上，最高{elevation_max_m}米，最陡{slope_max_deg}度。": "{names}类{share}"}
    rule = RULE.split("[[rule.case]]")[0]
    for old, new in (asks | says).items():
        rule = rule.replace(old, new)
    (folder / "redlines" / "10-slope.toml").write_text(rule, "utf-8")
    (parcel,) = run(folder, FLAT).parcels
    assert "20类45.0 %" in {f.text for f in parcel.findings}
    assert parcel.measures[0].zonal is not None
    assert {"10": 0.45, "20": 0.45} == {name: pytest.approx(share, abs=1e-6) for name, share in parcel.measures[0].zonal.classes}
    assert Verdict.UNDETERMINED == parcel.verdict  # a tenth has no data
    table = classes_table(run(folder, FLAT))
    assert table is not None
    assert {("10", "45.0 %"), ("20", "45.0 %"), ("无数据", "10.0 %")} == {row[2:] for row in table.rows}


def test_a_slope_raster_has_no_elevation(folder: Path) -> None:
    """`measure = "slope"`: the cells are degrees; elevation stays unknown, and a rule about it is open."""
    write_tif(folder / "layers" / "a.tif", np.full((100, 100), 30.0))
    (folder / "layers" / "catalogue.toml").write_text(LAYER.replace('"elevation"', '"slope"'), "utf-8")
    (parcel,) = run(folder, FLAT).parcels
    zonal = parcel.measures[0].zonal
    assert zonal is not None
    assert (None, 30.0, 1.0) == (zonal.elevation_max_m, zonal.slope_max_deg, zonal.slope_share_above_25)
    assert Verdict.JUSTIFICATION == parcel.verdict
    rule = folder / "redlines" / "10-slope.toml"
    rule.write_text(RULE.replace('slope_share_above_25 = ">0.5"', 'elevation_max_m = ">500"'), "utf-8")
    assert Verdict.UNDETERMINED == run(folder, FLAT).verdict


@pytest.mark.parametrize("measure", ["elevation", "slope", "class"])
def test_a_portfolio_reads_a_raster_once(folder: Path, monkeypatch: pytest.MonkeyPatch, measure: str) -> None:
    """However many parcels: each window of cells is asked for once."""
    write_tif(folder / "layers" / "a.tif", np.full((100, 100), 30, np.int16))
    (folder / "layers" / "catalogue.toml").write_text(LAYER.replace('"elevation"', f'"{measure}"'), "utf-8")
    seen: list[Tile] = []

    @contextmanager
    def watched(raster: Raster) -> Iterator[ReadTile]:
        with cells_of(raster) as read:
            yield lambda tile: seen.append(tile) or read(tile)  # type: ignore[func-returns-value]

    monkeypatch.setattr(zonal, "cells_of", watched)
    run(folder, *((x, y, x + 90, y + 90) for x in range(0, 900, 100) for y in range(0, 900, 100)))
    assert len(seen) == len(set(seen)) <= 81
    assert sum(t.cols * t.rows for t in seen) <= 100 * 100 * 1.5  # slopes need a margin


def test_expired_rasters_keep_their_numbers_and_decide_nothing(folder: Path) -> None:
    """As every layer: measured, but 无法判定."""
    catalogue = folder / "layers" / "catalogue.toml"
    catalogue.write_text(LAYER + 'valid_until = "2025-12-31"\n', "utf-8")
    assessment = run(folder, STEEP)
    assert (DataState.EXPIRED, Verdict.UNDETERMINED) == (assessment.layers[0].state, assessment.verdict)
    assert assessment.parcels[0].measures[0].zonal is not None


def test_consistency_cannot_compare_a_raster(folder: Path) -> None:
    """Named in a pair, it stands among what was not compared, with the reason."""
    atlas = Atlas.open(folder)
    other = replace(atlas.layers[0], id="other", title="另一地形")
    found = consistency(
        replace(atlas, layers=(*atlas.layers, other)), on=DAY, layers=("relief", "other"), store=LayerStore(folder.parent / "c")
    )
    assert Verdict.UNDETERMINED == found.verdict
    assert all("栅格图层" in n.reason for n in found.no_data)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (('measure = "elevation"', ""), "measure"),
        (('measure = "elevation"', 'measure = "height"'), "height"),
        (('measure = "elevation"', 'mesure = "elevation"'), "是否应为“measure”"),
        (('measure = "elevation"', 'measure = "elevation"\nfields = { id = ["BSM"] }'), "fields"),
        (('geometry = "raster"', 'geometry = "polygon"'), "measure"),
        (('{ file = "a.tif" }', '{ file = "a.tif", layer = "b" }'), "layer"),
        (('"a.tif"', '"/vsizip/a.zip/a.tif"'), "不在图集目录内"),
        (('"a.tif"', '"http://example.org/a.tif"'), "不在图集目录内"),
    ],
)
def test_mistakes_in_the_catalogue_are_named(folder: Path, change: tuple[str, str], says: str) -> None:
    """A raster says itself where it lies; keys that mean nothing for it are refused, the nearest key is named."""
    (folder / "layers" / "catalogue.toml").write_text(LAYER.replace(*change), "utf-8")
    with pytest.raises(BadCatalogue) as refused:
        Atlas.open(folder)
    assert says in str(refused.value)


def test_no_fact_is_ever_nan(folder: Path) -> None:
    """What crosses to the judge is a number or None."""
    for parcel in run(folder, FLAT, STEEP, EDGE, BEYOND, (-50, -50, 0.0001, 0.0001)).parcels:
        for part in parcel.measures[0].parts:
            assert not any(math.isnan(v) for _, low, high in part.facts for v in (low, high))
