"""The map page: everything inside it, nothing from outside, and no name becomes markup."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.cartography.toy import HOSTILE
from xygis.atlas.atlas import Atlas
from xygis.atlas.verdict import DEMO_STAMP
from xygis.cartography.leaflet_page import POLICY, inline_assets, render_atlas_page, render_map_page
from xygis.check.assessment import Assessment
from xygis.errors import BadStyle


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
    assert POLICY == "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:"
    assert page.index(POLICY) < page.index("<script")
    assert re.findall(r'<(?:script|img|link|iframe|source)[^>]*\s(?:src|href)\s*=\s*["\']?[^>]*>', page) == []
    assert re.findall(r"url\((?!#|data:)[^)]*\)", re.sub(r"<script>.*?</script>", "", page, flags=re.S)) == []
    assert [tile for tile in ("openstreetmap", "jsdelivr", "unpkg", "googleapis") if tile in page.lower()] == []


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


def test_an_asset_that_is_not_vendored_is_refused(toy_atlas: Atlas) -> None:
    """A page that would load something from the network is never written."""
    for html in ('<script src="https://example.org/x.js"></script>', '<link rel="stylesheet" href="x.css"/>', '<img src="x.png">'):
        with pytest.raises(BadStyle, match="资源"):
            inline_assets(html, toy_atlas)


def test_a_layer_without_data_is_named_not_hidden(toy_check: Assessment, toy_atlas: Atlas) -> None:
    """A layer that cannot be drawn is listed as missing on the page."""
    page = render_map_page(toy_check, toy_atlas.without("wetlands"))
    assert "无数据，图上不显示：湿地。" in page


@pytest.mark.browser
@pytest.mark.parametrize("width", [1440, 794, 480])
def test_the_page_opens_offline_without_a_complaint(page: str, tmp_path: Path, browser_path: str, width: int) -> None:
    """With the network unplugged the page draws parcels, layers and pop-ups, and the console stays empty."""
    from playwright.sync_api import sync_playwright

    file = tmp_path / "map.html"
    file.write_text(page, "utf-8")
    said: list[str] = []
    asked: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox", "--disable-gpu"])
        context = browser.new_context(viewport={"width": width, "height": 900}, offline=True)
        tab = context.new_page()
        tab.on("console", lambda message: said.append(message.text))
        tab.on("pageerror", lambda error: said.append(str(error)))
        tab.on("dialog", lambda dialog: said.append(dialog.message))
        tab.on("request", lambda request: asked.append(request.url))
        tab.goto(file.as_uri())
        tab.wait_for_selector("body[data-ready]")
        assert tab.locator(".tag").count() == 3
        assert tab.locator(".leaflet-pane svg path").count() > 20
        tab.locator(".tag").nth(1).click()
        assert HOSTILE in (tab.locator(".leaflet-popup-content").inner_text())
        browser.close()
    assert ([], [file.as_uri()]) == (said, asked)


def test_an_atlas_page_shows_the_layers_asked_for(toy_atlas: Atlas) -> None:
    """Layers that cover everything are switched on when somebody asks for them."""
    page = render_atlas_page(toy_atlas, ["current_land_use", "counties"])
    styles = _data(page)["styles"]
    assert isinstance(styles, list)
    assert all(s["on"] for s in styles)
    assert {"现状：耕地", "现状：建设用地", "县（市、区）界"} == {s["label"] for s in styles}
