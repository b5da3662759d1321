"""The map page in a real browser, from a file, with the network cut and under its own policy. One page is shared by most tests."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyproj
import pytest
import shapely

from tests.cartography.toy import HOSTILE, ORIGIN, area, degrees
from xygis.atlas.atlas import Atlas
from xygis.atlas.verdict import DEMO_STAMP, Verdict
from xygis.cartography.leaflet_page import render_map_page
from xygis.check.assessment import Assessment
from xygis.geodesy.crs import local_zone
from xygis.geodesy.plane import official_area_m2

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser
GEOD = pyproj.Geod(a=6378137.0, rf=298.257222101)
SPIKE = area((-758, -330), (-540, -320), (-520, -250), (-540, -322), (-530, -520), (-749.9, -560))
BIDI = "\u202e反向 مرحبا"
NAMES = ("汉水" * 250, HOSTILE, f"\"引号' onmouseover=alert(1) 😀{BIDI}")


@dataclass(kw_only=True)
class Shown:
    """A page, what it said on the console and in dialogs, and what it asked of the network."""

    tab: Page
    uri: str
    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def js(self, expression: str, argument: object = None) -> Any:
        return self.tab.evaluate(expression, argument)

    def view(self, x: float, y: float, zoom: float) -> None:
        """The map with its middle at metres of the toy city."""
        point = degrees(shapely.Point(x, y))
        self.js("([lat, lon, zoom]) => xygis.map.setView([lat, lon], zoom, {animate: false})", [point.y, point.x, zoom])

    def pixel(self, x: float, y: float) -> tuple[float, float]:
        """Where on the screen metres of the toy city lie."""
        point = degrees(shapely.Point(x, y))
        at = self.js(
            "([lat, lon]) => { const p = xygis.map.latLngToContainerPoint([lat, lon]), r = xygis.map.getContainer().getBoundingClientRect();"
            " return [p.x + r.left, p.y + r.top]; }",
            [point.y, point.x],
        )
        return float(at[0]), float(at[1])

    def colour(self, x: float, y: float) -> list[int]:
        """What the sheet shows at metres of the toy city: red, green, blue, alpha."""
        found: list[int] = self.js(
            "([x, y]) => { const c = document.querySelector('#map canvas'), r = c.getBoundingClientRect(), k = c.width / r.width;"
            " const one = new OffscreenCanvas(1, 1).getContext('2d', {willReadFrequently: true});"
            " one.drawImage(c, (r.left - x) * k, (r.top - y) * k); return [...one.getImageData(0, 0, 1, 1).data]; }",
            list(self.pixel(x, y)),
        )
        return found


@pytest.fixture(scope="module")
def browser(browser_path: str) -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox", "--disable-gpu"])
        yield opened
        opened.close()


def _open(browser: Browser, file: Path, width: int = 1440, height: int = 900) -> Shown:
    context = browser.new_context(viewport={"width": width, "height": height}, offline=True, reduced_motion="reduce")
    shown = Shown(tab=context.new_page(), uri=file.as_uri())
    shown.tab.set_default_timeout(8_000)
    shown.tab.on("console", lambda message: shown.said.append(message.text))
    shown.tab.on("pageerror", lambda error: shown.said.append(str(error)))
    shown.tab.on("dialog", lambda dialog: (shown.said.append(dialog.message), dialog.dismiss()))
    shown.tab.on("request", lambda request: shown.asked.append(request.url))
    shown.tab.goto(shown.uri)
    shown.tab.wait_for_selector("body[data-ready]")
    return shown


@pytest.fixture(scope="module")
def repaired(toy_check: Assessment) -> Assessment:
    """The toy check, its third parcel drawn with a spike that was cut off, and a milder conflict where the first has its worst."""
    said = ("边界自相交，已修复，面积由 49,000.00 m² 变为 48,700.00 m²",)
    third = replace(toy_check.parcels[2], drawn=degrees(SPIKE), repairs=said)
    first = toy_check.parcels[0]
    worst, edge, *rest = first.measures
    pieces = tuple(replace(p, selection=replace(p.selection, layer=edge.layer)) for p in worst.pieces)
    mild = replace(first.findings[0], rule="UGB-02", layer=edge.layer, verdict=Verdict.JUSTIFICATION, worst=Verdict.JUSTIFICATION)
    first = replace(first, measures=(worst, replace(edge, pieces=pieces), *rest), findings=(*first.findings, mild))
    return replace(toy_check, parcels=(first, toy_check.parcels[1], third))


@pytest.fixture(scope="module")
def page(browser: Browser, repaired: Assessment, toy_atlas: Atlas, tmp_path_factory: pytest.TempPathFactory) -> Shown:
    file = tmp_path_factory.mktemp("map") / "map.html"
    file.write_text(render_map_page(repaired, toy_atlas), "utf-8")
    return _open(browser, file)


@pytest.fixture
def at_rest(page: Shown) -> Iterator[Shown]:
    """The shared page without pop-ups or measurements; afterwards it has neither complained nor asked for anything."""
    page.js("() => { xygis.map.closePopup(); document.activeElement.blur(); }")
    yield page
    assert ([], [page.uri]) == (page.said, page.asked)


def test_everything_is_drawn_and_stamped(at_rest: Shown) -> None:
    """Three parcels are tagged with number and verdict, the sheet is not empty, the stamp stands at the top."""
    assert at_rest.tab.locator(".tag").count() == 3
    assert at_rest.tab.locator(".stamp").first.inner_text() == DEMO_STAMP
    assert at_rest.tab.locator(".stamp").first.is_visible()
    assert at_rest.tab.locator(".tag").nth(0).inner_text().split() == ["1", "地块1", "禁止"]
    colours = at_rest.js(
        "() => { const c = document.querySelector('#map canvas'), copy = new OffscreenCanvas(c.width, c.height).getContext('2d');"
        " copy.drawImage(c, 0, 0); const d = copy.getImageData(0, 0, c.width, c.height).data;"
        " const seen = new Set(); for (let i = 0; i < d.length; i += 4) seen.add(d[i] << 16 | d[i + 1] << 8 | d[i + 2]); return seen.size; }"
    )
    assert colours > 50


def test_zone_metres_agree_with_proj(at_rest: Shown) -> None:
    """All over the city and into both of its 3-degree zones, X and Y are PROJ's to 1 mm, and the way back to 1e-9 of a degree."""
    lon, lat = (a.ravel() for a in np.meshgrid(np.linspace(110.6, 113.3, 10), np.linspace(31.2, 32.7, 6)))
    found = at_rest.js(
        "points => points.map(p => { const z = Geodesy.zoneOf(p[0]), g = Geodesy.toZone(p, z); return [z, ...g, ...Geodesy.toDegrees(g, z)]; })",
        np.column_stack([lon, lat]).tolist(),
    )
    for x, y, (zone, east, north, back_lon, back_lat) in zip(lon, lat, found, strict=True):
        code = local_zone(x)
        assert f"EPSG:{4534 + zone - 25}" == code
        wanted = pyproj.Transformer.from_crs("EPSG:4490", code, always_xy=True).transform(x, y)
        assert math.hypot(east - wanted[0], north - wanted[1]) <= 0.001
        assert math.hypot(back_lon - x, back_lat - y) <= 1e-9


def test_a_rectangle_of_the_zone_measures_as_by_hand(at_rest: Shown) -> None:
    """300 m × 200 m drawn in zone 37 is 60,000 m² in its plane; on the ellipsoid what the land survey and PROJ's geodesics say."""
    corners = np.array([(616_000, 3_545_000), (616_300, 3_545_000), (616_300, 3_545_200), (616_000, 3_545_200)], dtype=float)
    lon, lat = pyproj.Transformer.from_crs("EPSG:4546", "EPSG:4490", always_xy=True).transform(*corners.T)
    points = np.column_stack([lon, lat]).tolist()
    found = at_rest.js(
        "points => [Geodesy.zoneOf(points[0][0]), Geodesy.areas(points, 37), Geodesy.lengths(points.slice(0, 2), 37)]", points
    )
    ring = np.vstack([corners, corners[:1]])
    official = official_area_m2(ring, np.array([0, 5]), "EPSG:4546")
    assert 37 == found[0]
    assert abs(found[1]["planar"] - 60_000) < 1e-4
    assert abs(found[1]["ellipsoidal"] - official) < 1e-3
    assert abs(found[1]["ellipsoidal"] - abs(GEOD.polygon_area_perimeter(lon, lat)[0])) < 0.05
    assert abs(found[2]["planar"] - 300) < 1e-5
    assert abs(found[2]["geodesic"] - GEOD.inv(*points[0], *points[1])[2]) < 1e-4
    large = np.array([(616_000, 3_545_000), (628_000, 3_545_000), (628_000, 3_554_000), (616_000, 3_554_000)], dtype=float)
    lon, lat = pyproj.Transformer.from_crs("EPSG:4546", "EPSG:4490", always_xy=True).transform(*large.T)
    edges = np.vstack([np.linspace(a, b, 2000, endpoint=False) for a, b in zip(large, np.roll(large, -1, axis=0), strict=True)])
    along = pyproj.Transformer.from_crs("EPSG:4546", "EPSG:4490", always_xy=True).transform(*edges.T)
    whole = at_rest.js("points => Geodesy.areas(points, 37).ellipsoidal", np.column_stack([lon, lat]).tolist())
    assert abs(whole - abs(GEOD.polygon_area_perimeter(*along)[0])) < 0.01  # 108 km², its edges straight in the zone


def test_degrees_minutes_seconds_carry_over(at_rest: Shown) -> None:
    """59.996 seconds is the next minute, never 60.00 seconds."""
    assert "112°14′00.00″" == at_rest.js("Geodesy.dms(112 + 13 / 60 + 59.996 / 3600)")
    assert "31°59′59.99″" == at_rest.js("Geodesy.dms(31 + 59 / 60 + 59.994 / 3600)")


def test_a_layer_is_switched_and_a_group_at_once(at_rest: Shown) -> None:
    """Farmland leaves the map with its switch; the group's switch is then half, takes all off and puts all on."""
    group = at_rest.tab.locator(".group", has_text="三条控制线")
    farmland = group.locator("li", has_text="永久基本农田").locator("input")
    at_rest.view(970, -1000, 16)
    yellow = at_rest.colour(970, -1100)
    farmland.uncheck()
    assert yellow != at_rest.colour(970, -1100)
    assert at_rest.js("n => n.indeterminate", group.locator("input.all").element_handle())
    group.locator("input.all").check()
    assert farmland.is_checked()
    group.locator("input.all").uncheck()
    assert group.locator("input[value]:checked").count() == 0
    group.locator("input.all").check()
    assert yellow == at_rest.colour(970, -1100)


def test_a_parcel_is_found_by_part_of_its_name(at_rest: Shown) -> None:
    """“块3” and Enter, without a mouse: the map goes to 地块3 and its numbers open; its id alone finds it too."""
    at_rest.tab.locator("#search").focus()
    at_rest.tab.keyboard.type("块3")
    assert at_rest.tab.locator("#found [aria-selected=true]").inner_text().split() == ["地块3", "地块", "3"]
    at_rest.tab.keyboard.press("Enter")
    assert "地块3" in at_rest.tab.locator(".leaflet-popup-content h3").inner_text()
    west, south, east, north = degrees(area((-758, -330), (-540, -320), (-530, -520), (-749.9, -560))).bounds
    lon, lat = at_rest.js("() => { const c = xygis.map.getCenter(); return [c.lng, c.lat]; }")
    assert west - (east - west) < lon < east + (east - west)
    assert south - 2 * (north - south) < lat < north + 2 * (north - south)
    at_rest.tab.locator("#search").fill("3")
    assert at_rest.tab.locator("#found li").first.inner_text().split()[0] == "地块3"
    at_rest.tab.locator("#search").fill("不存在的名字")
    assert "没有找到" in at_rest.tab.locator("#found").inner_text()
    at_rest.tab.locator("#search").fill("")


def test_a_coordinate_can_be_gone_to(at_rest: Shown) -> None:
    """X and Y with the zone number, as a boundary file has them, lead to the place."""
    at_rest.tab.locator("#search").fill(f"{ORIGIN[1]:.2f}, {37_000_000 + ORIGIN[0]:.2f}")
    at_rest.tab.keyboard.press("Enter")
    lon, lat = at_rest.js("() => { const c = xygis.map.getCenter(); return [c.lng, c.lat]; }")
    wanted = pyproj.Transformer.from_crs("EPSG:4546", "EPSG:4490", always_xy=True).transform(*ORIGIN)
    assert math.hypot(lon - wanted[0], lat - wanted[1]) < 1e-4
    at_rest.tab.locator("#search").fill("")


def test_a_parcel_measures_what_the_check_says(at_rest: Shown, repaired: Assessment) -> None:
    """Clicks near the four corners of 地块2 are taken to them: the area is its ellipsoidal area, in words, beside the planar one."""
    corners = [(780, 330), (1150, 310), (1130, 80), (790, 100)]
    at_rest.view(960, 205, 17)
    at_rest.tab.locator("#measure-area").click()
    for x, y in corners:
        left, top = at_rest.pixel(x, y)
        at_rest.tab.mouse.click(left + 3, top - 3)
    said = at_rest.tab.locator("#measured").inner_text()
    lon, lat = np.array([(p.x, p.y) for p in (degrees(shapely.Point(*c)) for c in corners)]).T
    found = re.search(r"椭球面积\s+([\d,.]+) m²", said)
    assert found
    assert abs(float(found[1].replace(",", "")) - abs(GEOD.polygon_area_perimeter(lon, lat)[0])) < 0.1
    assert re.search(r"平面（CGCS2000 第 37 带）\s+[\d,.]+ m²", said)
    at_rest.tab.locator("#measured button", has_text="关闭").click()
    assert not at_rest.tab.locator("#measured").is_visible()


def test_a_distance_is_measured_without_a_mouse(at_rest: Shown) -> None:
    """With the map focused, Enter sets points at the cross and the arrow keys move: 160 px are the metres that they stand for."""
    at_rest.view(-2000, -2000, 15)
    at_rest.tab.locator("#measure-length").focus()
    at_rest.tab.keyboard.press("Enter")
    at_rest.tab.locator("#map").focus()
    start = at_rest.js("() => { const c = xygis.map.getCenter(); return [c.lng, c.lat]; }")
    at_rest.tab.keyboard.press("Enter")
    at_rest.js("() => xygis.map.panBy([160, 0], {animate: false})")
    end = at_rest.js("() => { const c = xygis.map.getCenter(); return [c.lng, c.lat]; }")
    at_rest.tab.keyboard.press("Enter")
    found = re.search(r"椭球面长度\s+([\d,.]+) m", at_rest.tab.locator("#measured").inner_text())
    assert found
    assert abs(float(found[1].replace(",", "")) - GEOD.inv(*start, *end)[2]) < 0.006
    at_rest.tab.keyboard.press("Escape")
    assert not at_rest.tab.locator("#measured").is_visible()


def test_coordinates_follow_the_pointer(at_rest: Shown) -> None:
    """Degrees, degrees-minutes-seconds and zone metres are one point: the one under the pointer."""
    at_rest.view(0, 0, 17)
    at_rest.tab.mouse.move(*at_rest.pixel(120, -40))
    wanted = degrees(shapely.Point(120, -40))
    lon, lat = (float(v) for v in re.findall(r"[\d.]+", at_rest.tab.locator("#at-degrees").inner_text()))
    assert math.hypot(lon - wanted.x, lat - wanted.y) < 2e-5  # two px at this zoom
    zone, north, east = re.findall(r"[\d.]+", at_rest.tab.locator("#at-metres").inner_text())
    found = pyproj.Transformer.from_crs("EPSG:4490", f"EPSG:{4513 + int(zone) - 25}", always_xy=True).transform(lon, lat)
    assert math.hypot(float(east) - found[0], float(north) - found[1]) < 0.1  # six decimals of a degree
    d, m, s = (float(v) for v in re.findall(r"[\d.]+", at_rest.tab.locator("#at-dms").inner_text())[:3])
    assert abs(d + m / 60 + s / 3600 - lon) < 4e-6


def test_a_conflict_in_the_list_is_zoomed_to(at_rest: Shown) -> None:
    """The worst stands first; choosing it shows all of the patch and opens verdict, title and size."""
    first = at_rest.tab.locator("#results .list").last.locator(".item").first
    assert first.inner_text().split()[0] == "禁止"
    first.click()
    said = at_rest.tab.locator(".leaflet-popup-content").inner_text()
    assert "禁止" in said
    assert "占用永久基本农田 9,554.33 m²" in said
    assert first.get_attribute("aria-current") == "true"
    west, south, east, north = degrees(area((330, -170), (380, -165), (370, -190), (330, -190))).bounds
    view = at_rest.js("() => { const b = xygis.map.getBounds(); return [b.getWest(), b.getSouth(), b.getEast(), b.getNorth()]; }")
    assert view[0] < west < east < view[2]
    assert view[1] < south < north < view[3]
    assert at_rest.js("xygis.map.getZoom()") > 16


def test_a_place_tells_the_worst_conflict_first(at_rest: Shown) -> None:
    """A click on the map lists what lies there: conflicts worst first, layers with their attributes, the coordinates."""
    at_rest.view(340, -180, 17)
    at_rest.tab.mouse.click(*at_rest.pixel(350, -175))
    said = at_rest.tab.locator(".leaflet-popup-content").inner_text()
    assert said.split()[0] == "禁止"
    assert said.index("禁止") < said.index("须论证")
    assert "永久基本农田" in said
    assert re.search(r"第 37 带 X [\d.]+，Y 37[\d.]+", said)


def test_a_repair_is_shown_before_and_after(at_rest: Shown) -> None:
    """The spike is on the map before the repair and not after it; the list says what the repair did to the area."""
    choice = at_rest.tab.locator("fieldset.choice")
    at_rest.tab.locator("#results .item", has_text="已修复").click()
    at_rest.view(-530, -285, 19)
    tip = (-521, -253)
    after = at_rest.colour(*tip)
    choice.get_by_label("修复前").check()
    before = at_rest.colour(*tip)
    choice.get_by_label("修复后").check()
    assert at_rest.colour(*tip) == after != before
    assert "面积由 49,000.00 m² 变为 48,700.00 m²" in at_rest.tab.locator("#results").inner_text()


def test_every_control_is_named_reached_and_seen(at_rest: Shown) -> None:
    """Tab reaches search, tools, tree and results; what has the focus has an outline; nothing to press is without a name."""
    nameless = at_rest.js(
        "() => [...document.querySelectorAll('button, input, select, [role]')].filter(n => n.offsetParent && !(n.ariaLabel"
        " || n.textContent.trim() || n.title || (n.labels && [...n.labels].some(l => l.textContent.trim())))).map(n => n.outerHTML)"
    )
    assert [] == nameless
    at_rest.tab.keyboard.press("Tab")
    reached = set()
    for _ in range(150):
        at_rest.tab.keyboard.press("Tab")
        place, outline = at_rest.js(
            "() => { const n = document.activeElement, s = getComputedStyle(n.matches('.leaflet-marker-icon') ? n.firstChild : n);"
            " return [(n.closest('.find, .tools, #layers, #results, .leaflet-marker-icon') || {className: n.id}).className, s.outlineStyle]; }"
        )
        reached.add(place.split()[0] if place else "")
        assert outline != "none" or not place
    assert {"find", "tools", "panel", "leaflet-marker-icon"} <= reached


def test_a_telephone_has_the_map_and_opens_the_rest(at_rest: Shown) -> None:
    """At 390 px the map fills the page, nothing scrolls sideways, layers and results open over it and close again."""
    at_rest.tab.set_viewport_size({"width": 390, "height": 844})
    assert at_rest.js("document.documentElement.scrollWidth") <= 390
    assert not at_rest.tab.locator("#layers").is_visible()
    assert at_rest.tab.locator(".stamp").first.is_visible()
    for name in ("layers", "results"):
        at_rest.tab.locator(f"[data-opens={name}]").click()
        assert at_rest.tab.locator(f"#{name}").is_visible()
    at_rest.tab.locator("#results .close").click()
    assert not at_rest.tab.locator("#results").is_visible()
    at_rest.js("xygis.showConflict(xygis.data.conflicts[0])")
    assert at_rest.tab.locator(".leaflet-popup").bounding_box()["width"] <= 390 - 66
    at_rest.tab.set_viewport_size({"width": 1440, "height": 900})
    assert at_rest.tab.locator("#layers").is_visible()


def test_every_label_stands_at_what_it_names(browser: Browser, toy_check: Assessment, toy_atlas: Atlas, tmp_path: Path) -> None:
    """60 parcels, 40 of them in a heap: at each zoom a tag or a mark is within 40 px of a parcel that it names, and all are counted once.

    From afar the heap is marks with a number; close to it there are single tags, and none covers another.
    """
    steps = [(0.0008 * (i % 8), 0.0006 * (i // 8)) for i in range(40)] + [(0.03 + 0.02 * (i % 5), 0.02 * (i // 5)) for i in range(20)]
    first = replace(toy_check.parcels[0], measures=(), findings=())
    parcels = tuple(
        replace(first, id=str(i), name=f"地块{i}", geometry=shapely.affinity.translate(first.geometry, *step))
        for i, step in enumerate(steps)
    )
    file = tmp_path / "many.html"
    file.write_text(render_map_page(replace(toy_check, parcels=parcels), toy_atlas), "utf-8")
    page = _open(browser, file)
    marks = {}
    for zoom in (11, 13, 18):
        page.js("zoom => xygis.map.setView(xygis.data.parcels[20].at, zoom, {animate: false})", zoom)
        tags = page.js(
            "() => { const f = document.getElementById('map').getBoundingClientRect(); return [...document.querySelectorAll('.tag')].map(n => {"
            " const r = n.getBoundingClientRect(), b = n.querySelector('b');"
            " return [r.left - f.left, r.top - f.top, r.right - f.left, r.bottom - f.top, b && b.textContent, n.textContent]; }); }"
        )
        boxes = {}
        for parcel in parcels:
            west, south, east, north = parcel.geometry.bounds
            a, b = page.js(
                "c => c.map(p => { const q = xygis.map.latLngToContainerPoint(p); return [q.x, q.y]; })", [[north, west], [south, east]]
            )
            boxes[parcel.id] = shapely.box(*a, *b)
        counted = 0
        for left, top, right, bottom, number, words in tags:
            middle = shapely.Point((left + right) / 2, (top + bottom) / 2)
            named = [boxes[number]] if number else list(boxes.values())
            assert min(middle.distance(one) for one in named) <= 40, (zoom, words)
            counted += 1 if number else int(re.search(r"\d+", words)[0])  # type: ignore[index]
        assert 60 == counted
        shapes = shapely.box(*np.array([t[:4] for t in tags]).T)
        assert len(shapely.STRtree(shapes).query(shapes, predicate="overlaps")[0]) == 0
        marks[zoom] = page.tab.locator(".cluster").count()
    assert marks[11] > 0 == marks[18]
    page.js("zoom => xygis.map.setView(xygis.data.parcels[20].at, zoom, {animate: false})", 11)
    page.tab.locator(".cluster").first.click()
    assert page.js("xygis.map.getZoom()") >= 12
    assert ([], [page.uri]) == (page.said, page.asked)


def test_hostile_names_and_injected_scripts_do_nothing(browser: Browser, toy_check: Assessment, toy_atlas: Atlas, tmp_path: Path) -> None:
    """Markup, quotes, emoji, right-to-left and 500 characters are text, a turn of direction is its number; what is injected later is stopped by the policy."""
    named = tuple(replace(p, name=name) for p, name in zip(toy_check.parcels, NAMES, strict=True))
    file = tmp_path / "hostile.html"
    file.write_text(render_map_page(replace(toy_check, parcels=named), toy_atlas), "utf-8")
    page = _open(browser, file, 480, 800)
    assert page.js("document.documentElement.scrollWidth") <= 480
    page.tab.locator("[data-opens=results]").click()
    for name in NAMES:
        assert page.tab.locator("#results .item .grow", has_text=name[:40].replace("\u202e", "〔U+202E〕")).count() >= 1
    assert "\u202e" not in page.tab.content()
    page.js("xygis.showParcel(xygis.data.parcels[1])")
    assert HOSTILE in page.tab.locator(".leaflet-popup-content").inner_text()
    assert ([], [page.uri]) == (page.said, page.asked)
    page.js(
        "() => { const s = document.createElement('script'); s.textContent = 'window.taken = 1'; document.body.append(s);"
        " document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"window.taken = 2\"><p style=\"color:red\" id=painted>x</p>'); }"
    )
    assert "blocked" == page.js("() => fetch('https://example.org/').then(() => 'sent', () => 'blocked')")
    assert page.js("window.taken") is None
    assert "rgb(255, 0, 0)" != page.js("getComputedStyle(document.getElementById('painted')).color")
    assert [url for url in page.asked if url.startswith("http")] == []
