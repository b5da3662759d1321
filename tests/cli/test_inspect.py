"""`xygis inspect`: the evidence that a surveyor asks for, as text, JSON and a small map; every reading where it is in doubt."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.cli.conftest import Run, boundary_txt

POINTS = ((3541100.0, 37618000.0), (3541100.0, 37618100.0), (3541000.0, 37618100.0), (3541000.0, 37618000.0))
BOW_TIE = (POINTS[0], POINTS[2], POINTS[1], POINTS[3])


@pytest.fixture
def contradicted(tmp_path: Path) -> Path:
    (tmp_path / "矛盾.txt").write_bytes(boundary_txt(*POINTS, zone="带号=38"))
    return tmp_path / "矛盾.txt"


def test_the_evidence_is_weighed(xygis: Callable[..., Run], sample: Path) -> None:
    """What is written, prefix, size of the numbers, place; and the other order of axes, dismissed."""
    done = xygis("inspect", sample)
    assert done.code == 0
    for word in (
        "写明  文件头“坐标系=2000国家大地坐标系”",
        "带号  横坐标 8 位，以 37 开头",
        "数值  北",
        "范围  ",
        "支持",
        "另试  ",
        "不取",
    ):
        assert word in done.out, word


def test_json_has_the_evidence_and_the_repairs(xygis: Callable[..., Run], tmp_path: Path) -> None:
    """A bow-tie: the area before and after, the place, and that the boundary must be verified."""
    (tmp_path / "蝴蝶结.txt").write_bytes(boundary_txt(*BOW_TIE))
    told = json.loads(xygis("inspect", "蝴蝶结.txt", "--json").out)
    assert [w["kind"] for w in told["weighed"]] == ["写明", "带号", "数值", "范围"]
    assert told["others"][0]["box_deg"] is None
    (repair,) = told["repairs"]
    assert repair["before_m2"] == pytest.approx(0, abs=0.1) and repair["after_m2"] == pytest.approx(5_000, rel=1e-3)
    assert "坐标 (37618050.000, 3541050.000)" in repair["where"]
    assert told["parcels"][0]["doubtful"]


def test_both_readings_are_shown_where_header_and_numbers_contradict(xygis: Callable[..., Run], contradicted: Path) -> None:
    """As text, as JSON and on a map; the file stays refused."""
    done = xygis("inspect", contradicted, "--map", "读法.html")
    assert done.code == 4
    assert "1  CGCS2000，3 度带第 37 带" in done.out and "2  CGCS2000，3 度带中央经线 114°" in done.out
    page = (contradicted.parent / "读法.html").read_text("utf-8")
    assert "读法 1：EPSG:4525" in page and "读法 2：EPSG:4547，图集外约" in page and "带号矛盾" in page
    told = json.loads(xygis("inspect", contradicted, "--json").out)
    assert [r["crs"] for r in told["error"]["readings"]] == ["EPSG:4525", "EPSG:4547"]


@pytest.mark.parametrize("suffix", [".svg", ".html"])
def test_a_small_map(xygis: Callable[..., Run], sample: Path, tmp_path: Path, suffix: str) -> None:
    """Drawn from the file alone, without anything from outside, and said to stand on demonstration data."""
    done = xygis("inspect", sample, "--map", f"图{suffix}")
    assert done.code == 0 and f"图{suffix}" in done.out
    content = (tmp_path / f"图{suffix}").read_text("utf-8")
    assert "示意数据" in content and "地块1" in content
    assert "http" not in content.replace("http://www.w3.org/2000/svg", "").replace("http-equiv", "")
    if suffix == ".svg":
        ElementTree.fromstring(content)


def test_names_cannot_write_into_the_map(xygis: Callable[..., Run], tmp_path: Path) -> None:
    """A parcel's and a file's name are text."""
    (tmp_path / "a&<b>.txt").write_bytes(boundary_txt(*POINTS, name="<script>甲</script>"))
    assert xygis("inspect", "a&<b>.txt", "--map", "图.html").code == 0
    content = (tmp_path / "图.html").read_text("utf-8")
    assert "<script" not in content and "<b>.txt" not in content


def test_a_map_in_another_format_is_wrong_usage(xygis: Callable[..., Run], sample: Path) -> None:
    done = xygis("inspect", sample, "--map", "图.png")
    assert done.code == 2 and ".svg 或 .html" in done.err


def test_a_folder_of_files(xygis: Callable[..., Run], contradicted: Path, tmp_path: Path) -> None:
    """Each file is told of; the refused one gives the exit code; JSON is one object."""
    (tmp_path / "好.txt").write_bytes(boundary_txt(*POINTS))
    done = xygis("inspect", tmp_path)
    assert done.code == 4 and "好.txt" in done.out and "带号矛盾" in done.err
    told = json.loads(xygis("inspect", tmp_path, "--json").out)
    assert len(told["files"]) == 2 and sum("error" in f for f in told["files"]) == 1
