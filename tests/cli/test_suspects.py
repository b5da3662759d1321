"""`xygis suspects` from the command line: the bundled batch, its files, refused input, permits of a file, last month."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from xygis.atlas.bundled import bundled_root

DAY = ("--on", "2026-11-24")


@pytest.fixture
def patches() -> Path:
    """The bundled batch of 65 patches."""
    return bundled_root() / "layers" / "demo" / "疑似图斑.gpkg"


def test_the_bundled_batch_from_file_to_list(xygis, tmp_path, patches):
    """The example of the help: stamped, exit 1, all files whole, and every invented case comes out as it was made."""
    run = xygis("suspects", patches, *DAY, "--out", "控违")
    assert run.code == 1, run.err
    assert run.out.splitlines()[0] == "示意数据，非法定成果"
    for name in ("report.html", "map.html", "suspects.xlsx", "suspects.gpkg", "report.json"):
        assert (tmp_path / "控违" / name).stat().st_size > 5_000
    document = json.loads((tmp_path / "控违" / "report.json").read_text("utf-8"))
    made = {}
    for p in document["patches"]:
        made.setdefault((p["note"], p["situation"]["stated"]), set()).add(p["verdict"])
    expected = {
        "厂区扩建": "legal",
        "养殖大棚": "legal",
        "施工营地": "legal",
        "楼盘在建": "suspected",
        "超出用地红线": "suspected",
        "占耕地建房": "suspected",
        "大棚房": "suspected",
        "到期未拆": "suspected",
        "疑似未批先建": "suspected",
        "景区接待房": "suspected",
        "民宿": "suspected",
        "河滩地堆场": "suspected",
        "原地翻建": "verify",
        "后时相未填": "verify",
    }
    for note, verdict in expected.items():
        assert {verdict} == set().union(*(v for (n, _), v in made.items() if n == note)), note
    assert 65 == sum(sum(t["patches"].values()) for t in document["by_county"])
    first = min((p for p in document["patches"] if p["priority"]), key=lambda p: p["priority"])
    assert first["place"] == "KWP-01"


def test_the_same_batch_twice_is_all_persisting(xygis, tmp_path, patches):
    """--since the run before: no new patch, none gone, and stdout is one object."""
    (tmp_path / "上期.json").write_text(xygis("suspects", patches, *DAY, "--json").out, "utf-8")
    document = json.loads(xygis("suspects", patches, *DAY, "--since", "上期.json", "--json").out)
    assert (0, 65, []) == (document["since"]["new"], document["since"]["persisting"], document["since"]["gone"])


def test_permits_of_a_file_in_place_of_the_layer(xygis, tmp_path, patches):
    """The atlas's own permits given as a file say the same as the layer."""
    shutil.copy(bundled_root() / "layers" / "land_permits.gpkg", tmp_path / "许可.gpkg")
    by_layer = json.loads(xygis("suspects", patches, *DAY, "--json").out)
    by_file = json.loads(xygis("suspects", patches, *DAY, "--permits", "许可.gpkg", "--json").out)
    assert [p["verdict"] for p in by_layer["patches"]] == [p["verdict"] for p in by_file["patches"]]


@pytest.mark.parametrize("arguments", [("没有.gpkg",), ("{}", "--permits", "没有.gpkg"), ("{}", "--since", "没有.json")])
def test_a_file_that_is_not_there_is_one_message(xygis, patches, arguments):
    """Exit 4, nothing on stdout but the refusal, and what was not done."""
    run = xygis("suspects", *(patches if a == "{}" else a for a in arguments), *DAY)
    assert (4, "") == (run.code, run.out)
    assert "没有进行任何审查" in run.err
    refused = json.loads(xygis("suspects", *(patches if a == "{}" else a for a in arguments), *DAY, "--json").out)
    assert ("xygis/suspects/1", "undetermined") == (refused["schema"], refused["verdict"])


def test_without_the_permit_layer_everything_is_to_be_verified(xygis, tmp_path, patches):
    """The permits deleted behind the catalogue's back: 65 待核, exit 3, and it is said why."""
    atlas = tmp_path / "atlas"
    for folder in ("layers", "redlines", "maps"):
        shutil.copytree(bundled_root() / folder, atlas / folder, ignore=shutil.ignore_patterns("local", "fonts", "vendor"))
    (atlas / "layers" / "land_permits.gpkg").unlink()
    run = xygis("suspects", patches, *DAY, "--atlas", atlas, "--json")
    document = json.loads(run.out)
    assert run.code == 3
    assert {"verify"} == {p["verdict"] for p in document["patches"]}
    assert document["permits"]["count"] is None and "缺失" in document["permits"]["note"]
