"""`xygis check` on many parcels: tables instead of reports, failures named, killed and run again, nothing on stdout but results."""

from __future__ import annotations

import csv
import json
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import fiona
import pytest
import shapely

from tests.check.sites import small_atlas
from tests.cli.conftest import Run, boundary_txt

DAY = ("--on", "2026-11-24")
Call = Callable[..., Run]
TABLES = {"measures.csv", "summary.csv", "summary.xlsx", "summary.gpkg"}


def site(number: int) -> bytes:
    """A boundary TXT of one hectare."""
    north, east = 3541200.0 + 300 * number, 37618000.0
    return boundary_txt((north, east), (north, east + 100), (north - 100, east + 100), (north - 100, east), name=f"地块{number}")


def many(path: Path, count: int, *, lon: float = 111.9, lat: float = 31.9, odd: bool = True) -> Path:
    """A GeoPackage of squares; where wanted, one feature without a shape and one without an area."""
    schema = {"geometry": "Polygon", "properties": {"DKMC": "str"}}
    with fiona.open(path, "w", driver="GPKG", schema=schema, crs="EPSG:4490", layer="地块", encoding="utf-8") as file:
        for i in range(count):
            x, y = lon + i % 16 * 0.02, lat + i // 16 * 0.02
            shape = shapely.box(x, y, x + 0.002, y + 0.002)
            if odd and i == 3:
                shape = shapely.Polygon([(x, y), (x + 0.001, y), (x, y)])
            geometry = None if odd and i == 5 else shapely.geometry.mapping(shape)
            file.write({"geometry": geometry, "properties": {"DKMC": f"地块{i + 1}"}})
    return path


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_a_folder_with_files_that_cannot_be_read(xygis: Call, tmp_path: Path) -> None:
    """A broken one, one in no encoding, one that is not to be had: named, exit 4, and the others checked."""
    folder = tmp_path / "待审"
    (folder / "东津").mkdir(parents=True)
    for i in (1, 2):
        (folder / "东津" / f"{i}.txt").write_bytes(site(i))
    (folder / "坏.txt").write_bytes(site(3).replace(b"37618100.000", b"3761810O.000"))
    (folder / "乱码.txt").write_bytes(bytes(range(256)) * 8)
    (folder / "空.gpkg").write_bytes(b"SQLite format 3\0" + bytes(100))
    (folder / "断.txt").symlink_to(tmp_path / "没有")
    (folder / "说明.docx").write_bytes(b"PK")
    run = xygis("check", "待审", *DAY, "--out", "结果")
    assert 4 == run.code
    assert all(name in run.out for name in ("坏.txt", "乱码.txt", "空.gpkg", "断.txt"))
    assert "没有读取：说明.docx" in run.err and "Traceback" not in run.err
    assert ["地块1", "地块2"] == [row["parcel"] for row in table(tmp_path / "结果" / "summary.csv")]
    assert "给的是文件夹" in run.out and "加 --format html" in run.out


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_named(xygis: Call, tmp_path: Path) -> None:
    """Not to be read is not to be passed over."""
    (tmp_path / "待审").mkdir()
    (tmp_path / "待审" / "1.txt").write_bytes(site(1))
    (tmp_path / "待审" / "2.txt").write_bytes(site(2))
    (tmp_path / "待审" / "2.txt").chmod(0)
    run = xygis("check", "待审", *DAY)
    assert 4 == run.code and "2.txt" in run.out


def test_names_of_files_in_an_old_encoding(xygis: Call, tmp_path: Path) -> None:
    """An archive unpacked with GBK names: read, shown legibly, written into every table and report."""
    (tmp_path / "待审").mkdir()
    name = os.fsencode(tmp_path / "待审") + b"/" + "示例.txt".encode("gb18030")
    with open(name, "wb") as file:  # noqa: PTH123  the name is bytes
        file.write(site(1).replace("地块1,面".encode("gb18030"), ",面".encode("gb18030")))
    run = xygis("check", "待审", *DAY, "--out", "结果")
    assert run.code in (0, 1, 3), run.err
    assert "待审/示例.txt" == table(tmp_path / "结果" / "summary.csv")[0]["file"]


def test_parcels_without_a_shape_are_set_apart(xygis: Call, tmp_path: Path) -> None:
    """No row for them, named on the terminal, and the run is at best undetermined; the person is told why there are tables."""
    atlas = small_atlas(tmp_path / "atlas")
    many(tmp_path / "地块.gpkg", 250)
    run = xygis("check", "地块.gpkg", *DAY, "--atlas", atlas, "--out", "结果")
    assert run.code in (1, 3)
    rows = table(tmp_path / "结果" / "summary.csv")
    assert 248 == len(rows)
    assert not {"地块4", "地块6"} & {row["name"] for row in rows}
    assert "未能审查  2 个地块" in run.out and "地块4" in run.out and "地块6" in run.out
    assert "地块多于 200 个" in run.out
    assert {p.name for p in (tmp_path / "结果").iterdir()} - {".xygis-portfolio"} == TABLES
    with fiona.open(tmp_path / "结果" / "summary.gpkg") as file:
        assert (248, "EPSG:4490") == (len(file), file.crs.to_string())
        first = next(iter(file))
        assert rows[0]["ecological_red_line_verdict"] == first.properties["ecological_red_line_verdict"]
        assert shapely.geometry.shape(first.geometry).is_valid
    again = xygis("check", "地块.gpkg", *DAY, "--atlas", atlas, "--out", "结果")
    assert f"沿用    上次结果 {248 * 6:,} 项，重新计算 0 项" in again.out
    full = xygis("check", "地块.gpkg", *DAY, "--atlas", atlas, "--out", "报告", "--format", "json")
    assert 4 == full.code  # a full report of a file that cannot be read whole is refused, as for one parcel


def test_other_formats_and_json_are_a_full_check(xygis: Call, tmp_path: Path) -> None:
    """201 parcels: --format json,html makes a report, --json the contract; the default makes tables."""
    atlas = small_atlas(tmp_path / "atlas", ("ecological_red_line", "counties"))
    many(tmp_path / "地块.gpkg", 201, odd=False)
    full = xygis("check", "地块.gpkg", *DAY, "--atlas", atlas, "--out", "报告", "--format", "json,csv")
    document = json.loads((tmp_path / "报告" / "report.json").read_text("utf-8"))
    assert (201, 1, "") == (len(document["parcels"]), int(full.code != 4), full.err)
    printed = xygis("check", "地块.gpkg", *DAY, "--atlas", atlas, "--json")
    assert document["parcels"] == json.loads(printed.out)["parcels"]
    tables = xygis("check", "地块.gpkg", *DAY, "--atlas", atlas, "--out", "报告", "--format", "csv")
    assert "summary.csv" in tables.out
    assert not (tmp_path / "报告" / "report.json").exists()  # of the earlier run: not beside these


def test_tables_say_what_the_single_check_says(xygis: Call, sample: Path, tmp_path: Path) -> None:
    """measures.csv and summary.csv of the demonstration parcels, from both roads: the same rows, numbers to a thousandth."""
    xygis("check", sample, *DAY, "--out", "一", "--format", "csv,json")
    xygis("check", sample, *DAY, "--out", "多", "--jobs", "2")
    for name in ("measures.csv", "summary.csv"):
        single, portfolio = table(tmp_path / "一" / name), table(tmp_path / "多" / name)
        assert len(single) == len(portfolio) and single[0].keys() == portfolio[0].keys()
        for a, b in zip(single, portfolio, strict=True):
            for key in a:
                try:
                    assert float(a[key]) == pytest.approx(float(b[key]), abs=1e-3, rel=1e-9), key
                except ValueError:
                    assert a[key] == b[key], key


def test_names_that_tables_could_take_for_something_else(xygis: Call, tmp_path: Path) -> None:
    """Commas, quotes, line ends, formulas, the same name twice: read back as they were, rows told apart."""
    names = ["甲,乙", '他说"好"', "两\n行", "=1+1", "同名", "同名"]
    features = [
        {"type": "Feature", "properties": {"DKMC": n}, "geometry": shapely.geometry.mapping(shapely.box(112 + i / 100, 32, 112.005 + i / 100, 32.005))}
        for i, n in enumerate(names)
    ]  # fmt: skip
    (tmp_path / "地块.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    run = xygis("check", "地块.geojson", *DAY, "--crs", "EPSG:4490", "--jobs", "1", "--out", "结果", "--format", "csv,xlsx,gpkg")
    assert run.code in (0, 1, 3), run.err
    rows = table(tmp_path / "结果" / "summary.csv")
    assert ["1", "2", "3", "4", "5", "6"] == [r["parcel"] for r in rows]
    assert [r["name"].replace(" ", "\n") if "两" in r["name"] else r["name"] for r in rows][:3] == names[:3]
    assert "'=1+1" == rows[3]["name"]
    assert 6 * 27 == len(table(tmp_path / "结果" / "measures.csv"))


def test_killed_at_any_moment_and_run_again(tmp_path: Path) -> None:
    """SIGKILL at different moments of preparing, measuring and writing: the next run is right, and uses what was finished."""
    atlas = small_atlas(tmp_path / "atlas")
    many(tmp_path / "地块.gpkg", 240, lon=111.4, lat=31.5, odd=False)
    environment = os.environ | {"XDG_CACHE_HOME": str(tmp_path / "cache")}

    def command(out: str) -> list[str]:
        program = "from xygis.check import columns; columns._BETWEEN_SAVINGS = 5; from xygis.cli.main import main; main()"
        words = ["check", "地块.gpkg", *DAY, "--atlas", str(atlas), "--out", out, "--jobs", "1"]
        return [sys.executable, "-c", program, *words]

    def whole(out: str) -> str:
        done = subprocess.run(command(out), cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode in (1, 3), done.stderr
        return done.stdout

    for wait in (0.6, 1.1, 1.5, 2.2, None):  # None: until something is kept, however busy the machine
        process = subprocess.Popen(command("杀"), cwd=tmp_path, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while wait is None and process.poll() is None and not list((tmp_path / "杀").rglob("*.rows")):
            time.sleep(0.02)
        time.sleep(wait or 0.0)
        process.send_signal(signal.SIGKILL)
        process.wait()
        for path in (tmp_path / "杀").glob("summary.csv"):  # there or not, but never in part
            assert 240 == len(table(path))
    again = whole("杀")
    whole("全")
    assert "沿用    上次结果" in again
    for name in ("measures.csv", "summary.csv"):
        assert (tmp_path / "全" / name).read_bytes() == (tmp_path / "杀" / name).read_bytes()
    assert (tmp_path / "全" / "summary.gpkg").read_bytes() == (tmp_path / "杀" / "summary.gpkg").read_bytes()


def test_results_that_cannot_be_written(xygis: Call, tmp_path: Path) -> None:
    """A file where the folder should be, a folder where a table should be: one clear message, no other file touched."""
    (tmp_path / "1.txt").write_bytes(site(1))
    (tmp_path / "文件").write_text("")
    run = xygis("check", "1.txt", *DAY, "--jobs", "1", "--out", "文件")
    assert "不能建立输出目录" in run.err and "Traceback" not in run.err and run.code not in (0, 1)
    (tmp_path / "目录" / "summary.csv").mkdir(parents=True)
    run = xygis("check", "1.txt", *DAY, "--jobs", "1", "--out", "目录")
    assert "结果文件写不进去" in run.err and run.code not in (0, 1)
    assert not [p for p in (tmp_path / "目录").rglob("*") if p.suffix == ".part"]


def test_the_disk_is_full(tmp_path: Path) -> None:
    """No table in part, no trace of one, an older table stays, and the message says what to do."""
    (tmp_path / "1.txt").write_bytes(site(1))
    (tmp_path / "结果").mkdir()
    (tmp_path / "结果" / "summary.csv").write_text("旧")
    program = (
        "from xygis import whole_file\n"
        "def full(handle): raise OSError(28, 'No space left on device')\n"
        "whole_file.os.fsync = full\n"
        "from xygis.cli.main import main; main()\n"
    )
    words = ["check", "1.txt", *DAY, "--jobs", "1", "--out", "结果"]
    done = subprocess.run([sys.executable, "-c", program, *words], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "磁盘是否已满" in done.stderr and done.returncode not in (0, 1)
    assert "旧" == (tmp_path / "结果" / "summary.csv").read_text()
    assert [] == [p.name for p in (tmp_path / "结果").rglob("*.part")]


def test_files_of_others_are_left_alone(xygis: Call, tmp_path: Path) -> None:
    """Only what an earlier run of xygis wrote is ever taken away."""
    (tmp_path / "1.txt").write_bytes(site(1))
    (tmp_path / "结果").mkdir()
    for name in ("report.html", "map.png", "summary.gpkg"):
        (tmp_path / "结果" / name).write_text("别人的")
    xygis("check", "1.txt", *DAY, "--jobs", "1", "--out", "结果", "--format", "csv")
    assert all("别人的" == (tmp_path / "结果" / name).read_text() for name in ("report.html", "map.png", "summary.gpkg"))
    xygis("check", "1.txt", *DAY, "--jobs", "1", "--out", "结果", "--format", "xlsx")
    assert (tmp_path / "结果" / "summary.xlsx").exists() and not (tmp_path / "结果" / "summary.csv").exists()


def test_the_bar_on_a_terminal(tmp_path: Path) -> None:
    """Layer, how far, how long still, on stderr; gone when the result is printed, and nothing of it on stdout."""
    atlas = small_atlas(tmp_path / "atlas", ("ecological_red_line", "flood_zones", "counties"))
    many(tmp_path / "地块.gpkg", 60, lon=111.4, lat=31.5, odd=False)
    ours, theirs = pty.openpty()
    words = ["check", "地块.gpkg", *DAY, "--atlas", str(atlas), "--jobs", "1"]
    process = subprocess.Popen([sys.executable, "-m", "xygis.cli.main", *words], cwd=tmp_path, stdout=subprocess.PIPE, stderr=theirs)
    os.close(theirs)
    seen = b""
    try:
        while chunk := os.read(ours, 4096):
            seen += chunk
    except OSError:  # the other end is closed
        pass
    assert process.stdout is not None
    out = process.stdout.read().decode("utf-8")
    process.wait()
    os.close(ours)
    text = seen.decode("utf-8")
    assert "图层 1/3" in text and "生态保护红线" in text and "░" in text and "/60" in text
    assert text.endswith("\r\x1b[K")
    assert "█" not in out and "░" not in out and "图层 1/3" not in out
