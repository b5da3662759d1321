"""`xygis check` keeps its contract: exit codes, one JSON object, one clear message, nothing half-written."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path

import pytest

from tests.cli.conftest import boundary_txt
from xygis.atlas.bundled import bundled_root

DAY = ("--on", "2026-11-24")
SQUARE = ((3541200.0, 37618000.0), (3541200.0, 37618100.0), (3541100.0, 37618100.0), (3541100.0, 37618000.0))


def test_sample_is_prohibited_and_says_so_first(xygis, sample):
    """The five sample parcels end in 禁止, exit code 1, with the stamp and the verdict before everything else."""
    run = xygis("check", sample, *DAY)
    assert run.code == 1
    lines = [line for line in run.out.splitlines() if line]
    assert lines[0] == "示意数据，非法定成果"
    assert lines[1].startswith("■ 禁止")
    assert run.err == ""


def test_json_is_one_object_and_nothing_else(xygis, sample):
    """With --json, standard output is one JSON object of schema xygis/assessment/1."""
    run = xygis("check", sample, *DAY, "--json")
    document = json.loads(run.out)
    assert document["schema"] == "xygis/assessment/1"
    assert document["checked_on"] == "2026-11-24"
    assert [p["id"] for p in document["parcels"]] == ["1", "2", "3", "4", "5"]


def test_same_input_gives_the_same_bytes(xygis, sample):
    """Two runs print byte-identical JSON."""
    assert xygis("check", sample, *DAY, "--json").out == xygis("check", sample, *DAY, "--json").out


def test_law_of_the_day_is_cited(xygis, sample):
    """The farmland law of 2027 is upcoming on 2026-12-31 and cited on 2027-01-01."""
    before = json.loads(xygis("check", sample, "--on", "2026-12-31", "--json").out)
    after = json.loads(xygis("check", sample, "--on", "2027-01-01", "--json").out)
    cited = [{b["instrument"] for p in d["parcels"] for f in p["findings"] for b in f["basis"]} for d in (before, after)]
    assert "耕地保护和质量提升法" not in cited[0]
    assert "耕地保护和质量提升法" in cited[1]
    assert "耕地保护和质量提升法" in {u["instrument"] for u in before["upcoming"]}


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"", "empty.txt", "file-empty"),
        (bytes(range(256)) * 8, "binary.txt", "bad-encoding"),
        ("只是一封信。\n".encode(), "letter.txt", "unknown-format"),
        (boundary_txt(*SQUARE, zone="带号=40"), "zone.txt", "unknown-zone"),
        (boundary_txt(*[(n - 800_000, e) for n, e in SQUARE]), "south.txt", "outside-envelope"),
        (boundary_txt(SQUARE[0], SQUARE[1], SQUARE[0]), "flat.txt", "bad-geometry"),
        (boundary_txt(*SQUARE).replace(b"37618100.000", b"3761810O.000"), "letter-o.txt", "bad-line"),
        (
            boundary_txt(*SQUARE).replace("2000国家大地坐标系".encode("gb18030"), "1980西安坐标系".encode("gb18030")),
            "xian.txt",
            "old-datum",
        ),
    ],
)
def test_refused_input_is_one_message_and_exit_4(xygis, tmp_path, content, name, code):
    """What cannot be understood ends in exit 4, one JSON object with an error, four parts on stderr, and no traceback."""
    (tmp_path / name).write_bytes(content)
    run = xygis("check", name, "--json", "--out", "结果")
    assert run.code == 4
    document = json.loads(run.out)
    assert {"undetermined", code} == {document["verdict"], document["error"]["code"]}
    assert document["parcels"] == []
    assert "错误：" in run.err and "怎么改" in run.err and "Traceback" not in run.err
    assert not (tmp_path / "结果").exists()


def test_missing_file_is_exit_4(xygis):
    """A file that does not exist is unreadable input, not wrong usage."""
    assert xygis("check", "没有这个文件.txt").code == 4


def test_zip_that_escapes_is_refused_whole(xygis, tmp_path, sample):
    """One entry that climbs out of the zip refuses the whole zip, and nothing is written outside."""
    with zipfile.ZipFile(tmp_path / "bad.zip", "w") as archive:
        archive.writestr("parcels.txt", sample.read_bytes())
        archive.writestr("../escaped.txt", b"x")
    run = xygis("check", "bad.zip", "--json")
    assert run.code == 4
    assert json.loads(run.out)["error"]["code"] == "unsafe-file"
    assert not (tmp_path.parent / "escaped.txt").exists()


def test_good_files_are_checked_beside_a_refused_one(xygis, tmp_path, sample):
    """With several files the good ones are checked, the refused one stands in sources, and the exit code is 4."""
    (tmp_path / "broken.txt").write_bytes(b"")
    run = xygis("check", sample, "broken.txt", *DAY, "--json")
    document = json.loads(run.out)
    assert run.code == 4
    assert len(document["parcels"]) == 5
    assert document["sources"][1]["error"]["code"] == "file-empty"


@pytest.mark.parametrize("arguments", [(), ("x.txt", "--on", "昨天"), ("x.txt", "--format", "docx2"), ("x.txt", "--nonsense")])
def test_wrong_usage_is_exit_2(xygis, arguments):
    """A call that cannot be carried out is exit 2, with the way to the help."""
    run = xygis("check", *arguments)
    assert run.code == 2
    assert "用法有误" in run.err


def test_deleted_and_truncated_layers_become_undetermined(xygis, tmp_path, sample):
    """A layer file deleted or cut in half behind the catalogue's back turns its findings undetermined, never clear."""
    atlas = tmp_path / "atlas"
    for folder in ("layers", "redlines", "maps"):
        shutil.copytree(bundled_root() / folder, atlas / folder, ignore=shutil.ignore_patterns("local", "fonts", "vendor"))
    (atlas / "layers" / "ecological_red_line.gpkg").unlink()
    farmland = atlas / "layers" / "permanent_basic_farmland.gpkg"
    farmland.write_bytes(farmland.read_bytes()[: farmland.stat().st_size // 2])
    parcel = tmp_path / "p.txt"
    parcel.write_bytes(_first_parcel(sample))
    document = json.loads(xygis("check", parcel, *DAY, "--atlas", atlas, "--json").out)
    states = {layer["id"]: layer["state"] for layer in document["atlas"]["layers"]}
    assert (states["ecological_red_line"], states["permanent_basic_farmland"]) == ("missing", "broken")
    for layer in ("ecological_red_line", "permanent_basic_farmland"):
        measure = next(m for m in document["parcels"][0]["measures"] if m["layer"] == layer)
        findings = [f for f in document["parcels"][0]["findings"] if f["layer"] == layer]
        assert measure["state"] == "no_data" and measure["overlap_m2"] is None
        assert findings and all(f["verdict"] == "undetermined" and f["needs"] for f in findings)
    assert xygis("check", parcel, *DAY, "--atlas", atlas).code == 3


def _first_parcel(sample: Path) -> bytes:
    """The sample with its first, clear parcel only."""
    text = sample.read_bytes().decode("gb18030")
    head, _, rest = text.partition("[地块坐标]")
    lines = rest.strip().splitlines()
    block = lines[: next(i for i, line in enumerate(lines) if i and line.endswith("@"))]
    return (head + "[地块坐标]\r\n" + "\r\n".join(block) + "\r\n").encode("gb18030")


def test_first_sample_parcel_is_clear(xygis, tmp_path, sample):
    """The first sample parcel meets no restriction: exit code 0, nothing undetermined."""
    (tmp_path / "clear.txt").write_bytes(_first_parcel(sample))
    run = xygis("check", "clear.txt", *DAY, "--json")
    assert run.code == 0
    assert json.loads(run.out)["verdict"] in ("compliant", "notice")


def test_reports_appear_whole_and_can_be_verified(xygis, tmp_path, sample):
    """--out writes report, map, patches and data; verify finds no difference, and one after a number is changed."""
    shutil.copy(sample, tmp_path / "地块.txt")
    assert xygis("check", "地块.txt", *DAY, "--out", "结果", "--format", "html,json,gpkg,geojson,csv,map").code == 1
    names = {p.name for p in (tmp_path / "结果").iterdir()}
    assert {
        *("report.html", "report.json", "conflicts.gpkg", "conflicts.geojson"),
        *("measures.csv", "summary.csv", "map.html", "map.png", "maps.pdf"),
    } == names
    report = tmp_path / "结果" / "report.json"
    assert xygis("verify", report, "--input", "地块.txt").code == 0
    document = json.loads(report.read_text("utf-8"))
    document["parcels"][0]["area"]["ellipsoidal_m2"] += 1.0
    report.write_text(json.dumps(document), "utf-8")
    changed = xygis("verify", report, "--input", "地块.txt")
    assert changed.code == 1
    assert "parcels[0].area.ellipsoidal_m2" in changed.out


def test_unwritable_output_is_one_message(xygis, tmp_path, sample):
    """An output path that is a file ends in one message, not in a traceback."""
    (tmp_path / "结果").write_text("here lies a file")
    run = xygis("check", sample, *DAY, "--out", "结果")
    assert run.code == 4
    assert "错误：" in run.err and "Traceback" not in run.err
