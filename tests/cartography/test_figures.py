"""Figures of a check: what they show, what the legend says of it, and that names cannot break out."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import numpy as np
import pytest
import shapely

from tests.cartography.toy import HOSTILE, LAYERS, ORIGIN, degrees
from xygis.atlas.atlas import Atlas
from xygis.cartography.conflict import spine
from xygis.cartography.county_figure import class_labels, county_figure, value_classes
from xygis.cartography.figure import finding_figure, parcel_figure, parcel_legend
from xygis.cartography.frame import at_round_scale, frame_around
from xygis.cartography.legend import legend_items
from xygis.cartography.panels import parcel_panels
from xygis.cartography.scene import atlas_scene
from xygis.check.assessment import Assessment


def test_legend_is_what_is_drawn(toy_check: Assessment, toy_atlas: Atlas) -> None:
    """Every style drawn stands in the legend once, nothing else does, and layers hit stand apart from layers in view."""
    (panel,) = parcel_panels(toy_check, toy_atlas, 760, 490)
    items = legend_items(panel.scene)
    drawn = {d.style.id for d in panel.scene.drawn}
    assert drawn == {i.style.id for i in items if i.group != "mark"}
    assert len(items) == len({i.style.id for i in items})
    hit = {i.style.id for i in items if i.group == "hit"}
    assert {"permanent_basic_farmland", "urban_growth_boundary", "ecological_red_line"} <= hit
    assert "highways/expressway" not in hit
    assert [i.style.id for i in items if i.group == "mark"] == ["parcel", "conflict", "sliver"]


def test_quiet_layers_stay_out_of_parcel_figures(toy_check: Assessment, toy_atlas: Atlas) -> None:
    """A land-use map under everything would bury the lines; it is drawn where its own finding is shown."""
    assert [i for i in parcel_legend(toy_check, toy_atlas) if i.style.id.startswith("current_land_use")] == []
    assert "现状：" in finding_figure(toy_check, toy_check.parcels[0], "current_land_use", toy_atlas)


def test_every_layer_of_the_catalogue_can_be_drawn(toy_atlas: Atlas) -> None:
    """Each layer draws something, with a label in the legend and a swatch."""
    frame = frame_around([degrees(shapely.box(-2900, -2500, 2900, 2900))], 900, 800, widen=1)
    for layer_id, *_ in LAYERS:
        items = legend_items(atlas_scene(toy_atlas, frame, [layer_id]))
        assert items, layer_id
        assert all(i.label and "<svg" in i.swatch for i in items), layer_id


def test_figures_are_well_formed_and_hostile_names_stay_text(toy_check: Assessment, toy_atlas: Atlas) -> None:
    """A parcel named like a script tag is text in every figure, and every figure is well-formed XML."""
    figures = [parcel_figure(toy_check, toy_atlas)]
    figures += [finding_figure(toy_check, p, f.layer, toy_atlas) for p in toy_check.parcels for f in p.findings]
    for figure in figures:
        assert HOSTILE not in figure
        names = {node.tag.split("}")[1] for node in ElementTree.fromstring(figure).iter()}
        assert not names & {"script", "img", "foreignObject", "a"}


def test_ids_are_unique_on_a_page_and_every_reference_is_defined(toy_check: Assessment, toy_atlas: Atlas) -> None:
    """Figures of one report can stand on one page: no id twice, no pattern missing."""
    page = parcel_figure(toy_check, toy_atlas)
    page += "".join(finding_figure(toy_check, p, f.layer, toy_atlas) for p in toy_check.parcels for f in p.findings)
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r"url\(#([^)]+)\)", page)) <= set(ids)


def test_a_finding_figure_says_how_large_the_conflict_is(toy_check: Assessment, toy_atlas: Atlas) -> None:
    """The area stands on the figure as measured, and a sliver is told as overlap."""
    assert "压占 9,554.33 m²" in finding_figure(toy_check, toy_check.parcels[0], "permanent_basic_farmland", toy_atlas)
    assert "重叠 7.62 m²" in finding_figure(toy_check, toy_check.parcels[2], "ecological_red_line", toy_atlas)


def test_missing_data_look_missing(toy_check: Assessment, toy_atlas: Atlas) -> None:
    """Where a layer has no data, the parcel is hatched and labelled so, never left white."""
    figure = finding_figure(toy_check, toy_check.parcels[2], "flood_zones", toy_atlas)
    assert "无数据" in figure
    assert re.search(r'fill="url\(#m[0-9a-f]+-no-data\)"', figure)


def test_a_tiny_conflict_is_still_visible(toy_check: Assessment, toy_atlas: Atlas) -> None:
    """Half a square metre on a map of four kilometres is ringed."""
    from dataclasses import replace

    first = toy_check.parcels[0]
    measure = first.measures[0]
    dot = replace(measure.pieces[0], geometry=degrees(shapely.box(200, 0, 200.7, 0.7)), area_m2=0.5)
    parcel = replace(first, measures=(replace(measure, pieces=(dot,)), *first.measures[1:]))
    figure = parcel_figure(replace(toy_check, parcels=(parcel, *toy_check.parcels[1:])), toy_atlas)
    assert re.search(r'<circle [^>]*fill="none" stroke="#9f1717"', figure)


def test_parcels_far_apart_get_a_panel_each(toy_check: Assessment, toy_atlas: Atlas) -> None:
    """Parcels that would be dots on one map are shown one by one, after a map of where they lie."""
    from dataclasses import replace

    far = replace(toy_check.parcels[1], geometry=degrees(shapely.box(60_000, 40_000, 60_200, 40_200)))
    check = replace(toy_check, parcels=(toy_check.parcels[0], far))
    panels = parcel_panels(check, toy_atlas, 760, 490)
    assert [panel.locator for panel in panels] == [True, False, False]
    figure = parcel_figure(check, toy_atlas)
    ids = re.findall(r' id="([^"]+)"', figure)
    assert len(ids) == len(set(ids))
    ElementTree.fromstring(figure)


def test_a_slivers_line_follows_its_long_side() -> None:
    """A ribbon 200 m long and 2 cm wide is drawn as a line of 200 m."""
    ribbon = shapely.LineString([(0, 0), (100, 10), (200, 0)]).buffer(0.01, cap_style="flat")
    assert pytest.approx(2 * np.hypot(100, 10), rel=1e-3) == spine(ribbon).length


def test_a_frame_shows_true_kilometres() -> None:
    """Grid lines stand at whole kilometres of the local zone, and a round scale is a round scale."""
    frame = at_round_scale(frame_around([degrees(shapely.box(0, 0, 900, 700))], 800, 600, widen=2))
    assert pytest.approx(10_000) == frame.scale  # 1400 m on 600 px of 0.2646 mm is 1:8819
    assert pytest.approx(ORIGIN[0] + 450, abs=1) == (frame.west_m + frame.east_m) / 2
    step, eastings, _ = frame.grid()
    assert all(e % step == 0 and frame.west_m <= e <= frame.east_m for e in eastings)
    assert (frame.zone, frame.meridian_deg) == (37, 111.0)


def test_counties_are_coloured_in_quantiles_with_their_numbers(toy_atlas: Atlas) -> None:
    """Name and number stand on each county; a county without a value says 无数据 and stays white."""
    figure = county_figure({"420606": 12.5}, toy_atlas, unit="‰", title="差异")
    assert "樊城" in figure
    assert "12.5 ‰" in figure
    assert "无数据" in figure
    ElementTree.fromstring(figure)


def test_value_classes_cover_all_values_from_pale_to_dark(toy_atlas: Atlas) -> None:
    """Nine values fall into five classes; the last holds the greatest, and only it has white text."""
    classes = value_classes([17.0, 38.0, 9.3, 6.0, 8.3, 5.2, 10.1, 8.0, 7.6], toy_atlas)
    assert len(classes) == 5
    assert classes[-1].most == 38.0
    assert [c.text == "#ffffff" for c in classes] == [False, False, False, False, True]
    assert class_labels(classes)[-1][0] == "> 17.0"
