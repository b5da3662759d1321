"""`xygis compare` at the command line: what its help promises is true, and every refusal has its exit code."""

from __future__ import annotations

import csv
import re
import shlex

import geopandas as gpd
import pytest

from tests.compare.maps import LAND, MATRIX, PLAN, write
from xygis.atlas.bundled import bundled_root


@pytest.fixture
def maps(tmp_path):
    """Land use and plan, in the folder where the command runs."""
    return write(tmp_path / "现状.gpkg", *LAND), write(tmp_path / "规划.gpkg", *PLAN)


def matrix(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return {(r["class_a"], r["class_b"]): float(r["overlap_m2"]) for r in csv.DictReader(file)}


def test_the_example_of_the_help_is_true(xygis, tmp_path):
    """The line that --help shows runs on the bundled atlas; all of the one plan lies in the other."""
    line = re.search(r"例：xygis (compare .*)", xygis("compare", "--help").out).group(1)
    (tmp_path / "layers").symlink_to(bundled_root() / "layers")
    run = xygis(*shlex.split(line))
    assert run.code == 0, run.err
    found = matrix(tmp_path / "比对" / "matrix.csv")
    assert ("一类工业用地", "城镇建设用地") in found and len(found) > 20
    assert "4,360 个要素" in run.out and "CGCS2000 椭球面积" in run.out


def test_two_files_make_a_matrix_and_patches(xygis, tmp_path, maps):
    """matrix.csv and patches.gpkg agree; the screen says what was laid over what."""
    run = xygis("compare", *maps, "--by", "DLBM", "YDDM", "--plane", "EPSG:4525", "--geometry", "--out", "结果")
    assert run.code == 0, run.err
    assert matrix(tmp_path / "结果" / "matrix.csv") == pytest.approx(MATRIX, abs=1e-6)
    found = gpd.read_file(tmp_path / "结果" / "patches.gpkg")
    assert found.area.sum() == pytest.approx(20_000, abs=1e-6)
    assert "2.0000 公顷，5 个图斑，5 对类别" in run.out and "图斑    结果/patches.gpkg（5 个）" in run.out


def test_patches_of_an_earlier_run_do_not_stay(xygis, tmp_path, maps):
    """Run again without --geometry: no old patches beside the new matrix."""
    assert xygis("compare", *maps, "--geometry", "--out", "结果").code == 0
    assert xygis("compare", *maps, "--out", "结果").code == 0
    assert ["matrix.csv"] == [p.name for p in (tmp_path / "结果").iterdir()]


def test_repairs_and_overlaps_within_a_file_are_said(xygis, tmp_path, maps):
    """A bow tie and two features on each other: both stand on the screen."""
    from shapely.geometry import Polygon, box

    shapes = [Polygon([(0, 0), (10, 10), (10, 0), (0, 10)]), box(20, 0, 120, 200), box(20, 0, 70, 200)]
    write(tmp_path / "坏.gpkg", shapes, {"YDDM": ["R", "R", "G"]})
    run = xygis("compare", maps[0], "坏.gpkg", "--plane", "EPSG:4525", "--out", "结果")
    assert run.code == 0 and "修复图形 1 处" in run.out and "要素相互重叠 1.0000 公顷" in run.out


def test_one_thread_or_two_write_the_same_bytes(xygis, tmp_path, maps):
    """--jobs 1 and --jobs 2: matrix.csv and patches.gpkg are the same files."""
    for jobs in ("1", "2"):
        assert xygis("compare", *maps, "--by", "DLBM", "YDDM", "--geometry", "--jobs", jobs, "--out", jobs).code == 0
    for name in ("matrix.csv", "patches.gpkg"):
        assert (tmp_path / "1" / name).read_bytes() == (tmp_path / "2" / name).read_bytes()


@pytest.mark.parametrize(
    ("arguments", "code", "word"),
    [
        (("无.gpkg", "规划.gpkg", "--out", "o"), 4, "找不到文件"),
        (("现状.gpkg", "规划.gpkg", "--by", "DLBM", "无", "--out", "o"), 2, "现有字段：YDDM"),
        (("现状.gpkg", "规划.gpkg"), 2, "--out"),
        (("现状.gpkg", "--out", "o"), 2, "用法有误"),
        (("现状.gpkg", "规划.gpkg", "--groups", "g.csv", "--out", "o"), 2, "--geometry"),
        (("现状.gpkg", "规划.gpkg", "--by", "DLBM", "YDDM", "--geometry", "--groups", "g.csv", "--out", "o"), 4, "分组表无法读取"),
        (("现状.gpkg", "规划.gpkg", "--plane", "EPSG:4490", "--out", "o"), None, "EPSG:4490"),
        (("现状.gpkg", "规划.gpkg", "--plane", "平面", "--out", "o"), None, "平面"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_message(xygis, tmp_path, maps, arguments, code, word):
    """Wrong usage is 2, a file that cannot be read 4; nothing is written, nothing is a defect."""
    run = xygis("compare", *arguments)
    assert run.code == code if code else run.code in (2, 4), run.err
    assert word in run.err and "程序内部出错" not in run.err
    assert not (tmp_path / "o").exists()
