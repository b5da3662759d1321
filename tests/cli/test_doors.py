"""Every command explains itself with an example, and does what the README says."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from xygis.cli.main import _COMMANDS

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", list(_COMMANDS))
def test_help_teaches_by_an_example(xygis, name):
    """`--help` ends well, is in Chinese, and shows a line to paste."""
    run = xygis(name, "--help")
    assert run.code == 0
    assert f"例：xygis {name}" in run.out


@pytest.mark.parametrize("readme", ["README.md", "README.zh-CN.md"])
def test_readme_names_every_command(readme):
    """A command that nobody can find does not exist."""
    text = (ROOT / readme).read_text("utf-8")
    assert [name for name in _COMMANDS if f"xygis {name}" not in text] == []


@pytest.mark.parametrize("readme", ["README.md", "README.zh-CN.md"])
def test_readme_names_the_sample_where_it_lies(readme):
    """Its examples run from the root of the repository: the sample is named with its folder."""
    text = (ROOT / readme).read_text("utf-8")
    assert "check layers/demo/示例地块.txt" in text and "check 示例地块.txt" not in text
    assert (ROOT / "layers" / "demo" / "示例地块.txt").exists()


def test_unknown_command_is_wrong_usage(xygis):
    """A mistyped command is exit 2."""
    assert xygis("chek").code == 2


def test_demo_does_the_whole_job(xygis, tmp_path):
    """`xygis demo` ends 0, says in one screen what it found, and writes both reports; the check's report can be verified."""
    run = xygis("demo", "--out", "示例结果", "--on", "2026-11-24")
    assert run.code == 0, run.err
    assert run.out.splitlines()[0] == "示意数据，非法定成果"
    assert len(run.out.splitlines()) <= 24
    for name in ("地块/report.html", "地块/map.html", "地块/map.png", "地块/report.json", "多规合一/report.html", "多规合一/report.json"):
        assert (tmp_path / "示例结果" / name).stat().st_size > 10_000
    assert xygis("verify", "示例结果/地块/report.json").code == 0


def test_consistency_prints_one_object(xygis):
    """Two named layers are compared with each other only."""
    run = xygis("consistency", "urban_rural_plan", "land_use_plan", "--on", "2026-11-24", "--json")
    document = json.loads(run.out)
    assert document["schema"] == "xygis/consistency/1"
    assert {("urban_rural_plan", "land_use_plan")} == {tuple(sorted((p["a"], p["b"]), reverse=True)) for p in document["pairs"]}
    assert run.code in (0, 1, 3)


def test_own_atlas_from_start_to_check(xygis, tmp_path, sample):
    """start --empty, adopt, layers, check: the adopted layer is measured, the rest is 无数据, and a prohibition shows as exit 1."""
    assert xygis("start", "我的图集", "--empty").code == 0
    square = shapely.box(112.0, 31.0, 113.0, 33.0)
    gpd.GeoDataFrame({"YJJBNTTBBH": ["甲1"], "DLBM": ["0101"]}, geometry=[square], crs=4490).to_file(tmp_path / "永农.shp", encoding="gbk")
    adopted = xygis("adopt", "永农.shp", "--as", "permanent_basic_farmland", "--atlas", "我的图集", "--version", "2022-11-07")
    assert adopted.code == 0, adopted.err
    assert "要素    1 个" in adopted.out
    layers = json.loads(xygis("layers", "--atlas", "我的图集", "--json").out)["layers"]
    assert {"permanent_basic_farmland"} == {layer["id"] for layer in layers if layer["state"] == "ready"}
    run = xygis("check", sample, "--atlas", "我的图集", "--on", "2026-11-24", "--json")
    parcel = json.loads(run.out)["parcels"][0]
    measures = {m["layer"]: m for m in parcel["measures"]}
    assert run.code == 1
    assert measures["permanent_basic_farmland"]["overlap_share"] == 1.0
    assert {"no_data"} == {m["state"] for layer, m in measures.items() if layer != "permanent_basic_farmland"}


def test_rules_are_listed_shown_and_audited(xygis):
    """The base is sound, one rule has a page with its cases, and the JSON holds them all."""
    assert xygis("rules", "--audit").code == 0
    page = xygis("rules", "PBF-01", "--on", "2026-11-24")
    assert page.code == 0 and "土地管理法" in page.out and "算例" in page.out
    rules = json.loads(xygis("rules", "--on", "2026-11-24", "--json").out)["rules"]
    assert len(rules) >= 30 and all(len(r["cases"]) >= 2 for r in rules)
    assert xygis("rules", "NO-99").code == 2


@pytest.mark.parametrize("name", ["图.png", "图.html", "图.pdf"])
def test_map_is_drawn_in_each_form(xygis, tmp_path, name):
    """The three forms of a map appear whole."""
    assert xygis("map", "one_heart_four_cities", "counties", "--out", name).code == 0
    assert (tmp_path / name).stat().st_size > 10_000
