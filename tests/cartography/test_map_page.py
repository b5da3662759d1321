"""The map page: everything inside it, nothing from outside, and no name becomes markup."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import replace
from datetime import date

import numpy as np
import pyproj
import pytest
import shapely

from tests.cartography.toy import HOSTILE, ORIGIN
from xygis.atlas.atlas import Atlas
from xygis.atlas.verdict import DEMO_STAMP
from xygis.cartography.layer_tree import states_of
from xygis.cartography.leaflet_page import render_atlas_page, render_map_page
from xygis.cartography.neighbourhood import neighbourhood
from xygis.cartography.offline_page import check_inside
from xygis.cartography.page_data import packed, page_data
from xygis.cartography.page_load import MOST_FEATURES, lightened, refuse_too_much
from xygis.check.assessment import Assessment
from xygis.check.run import check
from xygis.errors import BadStyle, UsageError
from xygis.intake.submission import Parcel, Submission


@pytest.fixture(scope="module")
def page(toy_check: Assessment, toy_atlas: Atlas) -> str:
    return render_map_page(toy_check, toy_atlas)


def _data(page: str) -> dict[str, object]:
    found = re.search(r'<script type="application/json" id="xygis-data">(.*?)</script>', page, re.S)
    assert found
    data: dict[str, object] = json.loads(found[1])
    return data


def test_the_page_forbids_the_network_and_asks_nothing_of_it(page: str) -> None:
    """The content policy comes before any script, and no script, link, picture or style points outside."""
    policy = re.search(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">', page)
    assert policy
    assert policy[1].startswith("default-src 'none'; script-src 'sha256-")
    assert page.index(policy[0]) < min(page.index("<script"), page.index("<style"))
    assert re.findall(r'<(?:script|img|link|iframe|source)[^>]*\s(?:src|href)\s*=\s*["\']?[^>]*>', page) == []
    assert re.findall(r"url\((?!#|data:)[^)]*\)", re.sub(r"<script>.*?</script>", "", page, flags=re.S)) == []
    assert [tile for tile in ("openstreetmap", "jsdelivr", "unpkg", "googleapis") if tile in page.lower()] == []


def test_only_the_scripts_and_styles_of_the_page_are_let_in(page: str) -> None:
    """The policy names each inline script and style sheet by its hash, has no 'unsafe-inline', and no element carries its own."""
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    assert policy
    assert "unsafe" not in policy[1]
    for element in ("script", "style"):
        bodies = re.findall(rf"<{element}>(.*?)</{element}>", page, re.S)
        hashes = [f"'sha256-{base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()}'" for body in bodies]
        listed = re.search(rf"{element}-src ([^;]*)", policy[1])
        assert listed
        assert hashes == listed[1].split()
    markup = re.sub(r"<(script|style)[^>]*>.*?</\1>", "", page, flags=re.S)
    assert re.findall(r"\s(?:style|on\w+)\s*=", markup) == []


def test_names_cannot_leave_the_data_block(page: str) -> None:
    """A parcel and a feature named like a closing script tag are data, to the letter."""
    assert HOSTILE not in page
    assert "onerror=alert(1)>" not in page
    parcels = _data(page)["parcels"]
    assert isinstance(parcels, list)
    assert parcels[1]["name"] == HOSTILE


def test_popups_carry_the_numbers(page: str) -> None:
    """State, overlap in m² and 公顷, share and verdict stand in a parcel's pop-up; no data is never a number."""
    parcels = _data(page)["parcels"]
    assert isinstance(parcels, list)
    assert parcels[0]["rows"][0]["cells"] == ["永久基本农田", "涉及", "9,554.33", "0.9554", "6.4 %", "禁止"]
    assert parcels[2]["rows"][1]["cells"] == ["洪涝风险控制线", "无数据", "无数据", "无数据", "无数据", "–"]


def test_the_page_is_stamped_small_and_the_same_every_time(page: str, toy_check: Assessment, toy_atlas: Atlas) -> None:
    """Demonstration data are stamped; the page stays under 3 MB; the same check gives the same bytes."""
    assert DEMO_STAMP in page
    assert len(page.encode()) < 3_000_000
    assert page == render_map_page(toy_check, toy_atlas)


def test_every_switch_has_its_layer(page: str) -> None:
    """Legend entries with a switch and layers in the data are the same."""
    styles = _data(page)["styles"]
    assert isinstance(styles, list)
    assert sorted(s["key"] for s in styles) == sorted(re.findall(r'<input type="checkbox" value="([^"]+)"', page))


def test_the_tree_has_the_groups_of_the_atlas(page: str, toy_atlas: Atlas) -> None:
    """Groups stand in the order of the catalogue, every layer in its own, and each says what the check found of it."""
    groups = re.findall(r"<summary>([^<]*)</summary>(.*?)</details>", page, re.S)
    assert list(dict.fromkeys(layer.group for layer in toy_atlas.layers)) == [title for title, _ in groups]
    inside = {title: re.sub(r"<svg.*?</svg>|<[^>]+>", " ", body) for title, body in groups}
    assert re.search(r"永久基本农田\s+涉及", inside["三条控制线"])
    assert re.search(r"洪泛区、蓄滞洪区\s+无数据", inside["河湖水系"])


def test_a_layer_without_data_for_one_parcel_is_not_clear(toy_check: Assessment) -> None:
    """One parcel without data among clear ones: the tree says 部分无数据, and a hit does not hide it."""
    parcels = toy_check.parcels
    gap = replace(parcels[0].measures[0], state=parcels[2].measures[1].state, overlap_m2=None)
    clear = parcels[0].measures[2]
    one = replace(parcels[0], measures=(clear, replace(parcels[0].measures[1], unmapped_m2=3.0)))
    two = replace(parcels[1], measures=(replace(gap, layer=clear.layer),))
    states = states_of(replace(toy_check, parcels=(one, two)))
    assert "部分无数据" == states[clear.layer][1]
    assert "涉及，部分无数据" == states[parcels[0].measures[1].layer][1]
    assert "不涉及" == states_of(replace(toy_check, parcels=(replace(parcels[0], measures=(clear,)),)))[clear.layer][1]


def test_an_asset_that_is_not_vendored_is_refused() -> None:
    """A page that would load something from the network is never written."""
    for html in ('<script src="https://example.org/x.js"></script>', '<link rel="stylesheet" href="x.css"/>', '<img src="x.png">'):
        with pytest.raises(BadStyle, match="资源"):
            check_inside(html)


def test_outlines_are_carried_as_steps() -> None:
    """A square with a hole: whole numbers of the unit, each vertex as the step from the one before, nothing lost."""
    ring = [(112.0, 32.0), (112.001, 32.0), (112.001, 32.001), (112.0, 32.001), (112.0, 32.0)]
    hole = [(112.0003, 32.0003), (112.0005, 32.0003), (112.0005, 32.0005), (112.0003, 32.0003)]
    square = [112_000_000, 32_000_000, 1000, 0, 0, 1000, -1000, 0, 0, -1000]
    assert [6, square, [112_000_300, 32_000_300, 200, 0, 0, 200, -200, -200]] == packed(shapely.Polygon(ring, [hole]), 6)
    assert [4, [1_120_000, 320_000, 10, 10]] == packed(shapely.LineString([(112.0, 32.0), (112.001, 32.001)]), 4)


def _load(**layers: tuple[int, bool]) -> dict[str, object]:
    """A data block with so many features a layer, switched on or off."""
    styles = [
        {"key": name, "layer": name, "on": on, "features": [{"g": [6, [0, 0, 1, 1]]}] * count} for name, (count, on) in layers.items()
    ]
    return {"styles": styles, "names": [{"layer": name} for name in layers], "parcels": [{}], "conflicts": []}


def test_twenty_thousand_features_are_carried_and_the_background_goes_first() -> None:
    """At 20,000 nothing is left out; at one more, the heaviest layer that starts switched off, and its names."""
    full = _load(control=(9_999, True), land=(6_000, False), plan=(4_000, False))
    assert (full, {}) == lightened(full)
    more = _load(control=(10_000, True), land=(6_000, False), plan=(4_000, False))
    kept, left_out = lightened(more)
    assert {"land": 6_000} == left_out
    assert ["control", "plan"] == [n["layer"] for n in kept["names"]]


def test_of_too_many_conflicts_the_worst_are_carried() -> None:
    """The page keeps the worst, the worst of all on top, and its heading says how many there are."""
    conflicts = [{"rank": rank} for rank in range(MOST_FEATURES)]
    kept, left_out = lightened(_load(land=(5, True)) | {"conflicts": conflicts[::-1], "conflictTitle": "冲突图斑"})
    assert {"land": 5} == left_out
    assert list(range(MOST_FEATURES - 2, -1, -1)) == [c["rank"] for c in kept["conflicts"]]
    assert "共 20,000 处" in kept["conflictTitle"]


def test_too_many_parcels_are_refused_with_advice() -> None:
    """What cannot be left out is refused, not drawn in part."""
    with pytest.raises(UsageError, match="载不下") as refused:
        lightened(_load() | {"parcels": [{}] * (MOST_FEATURES + 1)})
    assert "gpkg" in refused.value.fix


def test_too_many_features_of_an_atlas_are_refused_with_advice(toy_atlas: Atlas) -> None:
    """The message says how many, of which layers, and what to do instead."""
    data = _load(forest=(15_000, True), wetlands=(5_001, True))
    with pytest.raises(UsageError, match="20,002") as refused:
        refuse_too_much(data, toy_atlas.layers, last=False)
    assert "公益林与天然林 15,000 个、湿地 5,001 个" in refused.value.why
    assert "GeoPackage" in refused.value.fix


def test_what_was_left_out_is_said_on_the_page(toy_check: Assessment, toy_atlas: Atlas, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page without its heaviest layer says so at the top and in the tree, with advice."""
    monkeypatch.setattr("xygis.cartography.page_load.MOST_FEATURES", 120)
    page = render_map_page(toy_check, toy_atlas)
    warning = re.search(r'<p class="warning" role="note">(.*?)</p>', page)
    assert warning
    assert "GeoPackage" in warning[1]
    assert "个要素，未载入" in page


def test_a_layer_without_data_is_named_not_hidden(toy_check: Assessment, toy_atlas: Atlas) -> None:
    """A layer that cannot be drawn is listed as missing on the page."""
    page = render_map_page(toy_check, toy_atlas.without("wetlands"))
    assert "无数据，图上不显示：湿地。" in page


def test_a_check_carries_the_outline_before_a_repair_to_the_map(toy_atlas: Atlas) -> None:
    """A bow-tie given in zone 37: the page has its four corners in degrees, as PROJ has them, in the order they were drawn."""
    x, y = np.array([(0, 0), (100, 100), (100, 0), (0, 100), (0, 0)], dtype=float).T + np.array(ORIGIN)[:, None]
    drawn = shapely.Polygon(np.column_stack([x, y]))
    lobes = shapely.make_valid(drawn)
    parcel = Parcel(name="甲", geometry=lobes, crs="EPSG:4546", declared_m2=None, drawn=drawn, repairs=("边界自相交，已修复",))
    file = {"path": "a.txt", "sha256": "0", "format": "boundary_txt", "encoding": "utf-8", "crs": parcel.crs, "evidence": (), "notes": ()}
    assessment = check(Submission(parcels=(parcel,), **file), toy_atlas, on=date(2026, 11, 24))
    data = page_data(neighbourhood(assessment, toy_atlas).scene, assessment)
    decimals, steps = data["parcels"][0]["before"]
    lon, lat = np.cumsum(np.array(steps).reshape(-1, 2), axis=0).T / 10**decimals
    wanted = pyproj.Transformer.from_crs("EPSG:4546", "EPSG:4490", always_xy=True).transform(x, y)
    assert float(np.abs(np.array([lon, lat]) - np.array(wanted)).max()) < 2e-9
    assert ["边界自相交，已修复"] == data["parcels"][0]["repairs"]


def test_an_atlas_page_shows_the_layers_asked_for(toy_atlas: Atlas) -> None:
    """Layers that cover everything are switched on when somebody asks for them."""
    page = render_atlas_page(toy_atlas, ["current_land_use", "counties"])
    styles = _data(page)["styles"]
    assert isinstance(styles, list)
    assert all(s["on"] for s in styles)
    assert {"现状：耕地", "现状：建设用地", "县（市、区）界"} == {s["label"] for s in styles}
