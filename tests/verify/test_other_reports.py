"""Reports of plans against each other and of image patches are verified by the same means."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.check.sites import small_atlas, square
from tests.verify.desk import DAY, kinds, said
from xygis.atlas.atlas import Atlas
from xygis.atlas.bundled import bundled_root
from xygis.consistency.asked import Asked, consistency_asked
from xygis.intake.read import read_submission
from xygis.overlay.store import LayerStore
from xygis.report.consistency_contract import consistency_json
from xygis.report.consistency_patches import write_patches
from xygis.report.consistency_workbook import write_notes_workbook
from xygis.report.contract import json_text
from xygis.report.suspects_contract import suspects_dict
from xygis.suspects.run import suspects
from xygis.verify.differences import differences
from xygis.verify.result import CauseKind, Verification
from xygis.verify.run import verify

PLANS = ("counties", "ecological_red_line", "urban_growth_boundary")


@pytest.fixture(scope="module")
def plans(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("plans")
    (root / "atlas").mkdir()
    small_atlas(root / "atlas", PLANS)
    for name in ("crosswalk.toml", "standards.toml"):
        shutil.copy(bundled_root() / "layers" / name, root / "atlas" / "layers" / name)
    return root


def again(root: Path, out: Path) -> Verification:
    return verify(out, Atlas.open(root / "atlas"), store=LayerStore(root / "cache"))


def test_plans_are_compared_again_as_they_were_asked(plans: Path, tmp_path: Path) -> None:
    """Two layers only, against an earlier run, with notes read in: none of it has to be said again; a number is named."""
    atlas, store = Atlas.open(plans / "atlas"), LayerStore(plans / "cache")
    two = ("ecological_red_line", "urban_growth_boundary")
    first = consistency_asked(Asked(layers=two), atlas, on=DAY, store=store)
    (tmp_path / "上月").mkdir()
    (tmp_path / "上月" / "report.json").write_text(consistency_json(first), "utf-8")
    write_patches(first, tmp_path / "上月" / "consistency.gpkg")
    write_notes_workbook(first, tmp_path / "上月" / "consistency.xlsx")
    asked = Asked(layers=two, since=tmp_path / "上月" / "report.json", notes=tmp_path / "上月" / "consistency.xlsx")
    second = consistency_asked(asked, atlas, on=DAY, store=store)
    out = tmp_path / "本月"
    out.mkdir()
    (out / "report.json").write_text(consistency_json(second), "utf-8")
    assert again(plans, out).same
    document = json.loads((out / "report.json").read_text("utf-8"))
    assert list(two) == document["options"]["layers"] and {"since", "notes"} < set(document["options"])
    document["pairs"][0]["a_m2"] += 1.0
    (out / "report.json").write_text(json.dumps(document), "utf-8")
    found = again(plans, out)
    assert [CauseKind.REPORT] == kinds(found) and "pairs[0].a_m2" in said(found)


def test_a_patch_that_comes_or_goes_is_named_by_its_number() -> None:
    """Not only by its rule, which many patches share, nor matched by it where each happens to have another."""
    patch = {"type": "D1", "county": "甲县", "verdict": "prohibited", "area_m2": 12.5}
    old = {"patches": [dict(patch, id="PL-07-0001", rule="PL-07"), dict(patch, id="PL-08-0001", rule="PL-08")]}
    new = {"patches": [dict(patch, id="PL-07-0002", rule="PL-07"), dict(patch, id="PL-08-0001", rule="PL-08")]}
    found = differences(old, new, titles={}, same_version=True).differences
    told = {d.words: (d.reported, d.recomputed) for d in found}
    came, went = "图斑 · “PL-07-0002（PL-07，甲县）”", "图斑 · “PL-07-0001（PL-07，甲县）”"
    assert {came: ("没有", "有"), went: ("有", "没有")} == told


def test_a_batch_of_patches_is_judged_again(plans: Path, tmp_path: Path) -> None:
    """Patches and permits of files: untouched it is green; another permit file is the cause; an altered area is named."""
    import geopandas

    atlas, store = Atlas.open(), LayerStore()
    place = square("图斑", 112.2, 32.0).geometry
    for name in ("图斑.geojson", "许可.geojson"):
        geopandas.GeoDataFrame({"BZ": ["甲"]}, geometry=[place], crs=4326).to_file(tmp_path / name)
    read = {n: read_submission(tmp_path / n, envelope=atlas.envelope, set_apart=True) for n in ("图斑.geojson", "许可.geojson")}
    found = suspects(read["图斑.geojson"], atlas, on=DAY, permits=read["许可.geojson"], store=store)
    (tmp_path / "report.json").write_text(json_text(suspects_dict(found)), "utf-8")
    assert verify(tmp_path, store=store).same
    document = json.loads((tmp_path / "report.json").read_text("utf-8"))
    document["patches"][0]["area_m2"] += 1.0
    (tmp_path / "report.json").write_text(json.dumps(document), "utf-8")
    result = verify(tmp_path, store=store)
    assert [CauseKind.REPORT] == kinds(result) and "patches[0].area_m2" in said(result)
    (tmp_path / "许可.geojson").write_text((tmp_path / "许可.geojson").read_text("utf-8").replace("甲", "乙"), "utf-8")
    assert CauseKind.INPUT in kinds(verify(tmp_path, store=store))


def test_a_quality_result_is_not_recomputed_and_says_so(tmp_path: Path) -> None:
    """Its signature would be checked; what to do instead is told."""
    (tmp_path / "quality.json").write_text('{"schema": "xygis/quality/1"}', "utf-8")
    result = verify(tmp_path)
    assert result.same and not result.recomputed and any("xygis quality" in n for n in result.notes)
