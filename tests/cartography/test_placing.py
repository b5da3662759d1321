"""Labels of a conflict sheet: none over another, none lost without being counted; corners and lengths by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cartography.toy import degrees
from xygis.atlas.atlas import Atlas
from xygis.cartography.annotation import MOST_LABELS, annotate, symbols
from xygis.cartography.corners import ground_corners
from xygis.cartography.frame import at_round_scale, frame_around
from xygis.cartography.grounds import Ground, grounds
from xygis.cartography.lettering import Room
from xygis.cartography.placing import leader_line
from xygis.cartography.sheet_frame import degree_ticks, degrees_text
from xygis.check.assessment import Assessment


@pytest.fixture(scope="module")
def ground(toy_check: Assessment, toy_atlas: Atlas) -> Ground:
    return grounds(toy_check, toy_atlas)[0]


stars = st.lists(st.tuples(st.floats(0.25, 1.0), st.floats(0.1, 1.0)), min_size=3, max_size=60)


@settings(max_examples=12)
@given(stars, st.floats(1.0, 400.0))
def test_labels_never_overlap_and_none_is_lost_silently(ground: Ground, rays: list[tuple[float, float]], size_m: float) -> None:
    """Random polygons: every label stands alone or is counted as left out; no leader runs through another label."""
    turns = np.cumsum([step for _, step in rays])
    turns = turns / turns[-1] * 2 * math.pi
    points = [(616_100 + size_m * r * math.cos(a), 3_545_000 + size_m * r * math.sin(a)) for (r, _), a in zip(rays, turns, strict=True)]
    star = shapely.Polygon(points).buffer(0)
    if star.geom_type != "Polygon" or star.area < 0.5:
        return
    frame = frame_around([ground.parcel.geometry], 650, 480, crs=ground.crs)
    degrees = frame.degrees(np.array([star], dtype=object))[0]
    frame = at_round_scale(frame_around([degrees], 650, 480, widen=1.4, least_m=8, crs=ground.crs))
    parcel = replace(ground.parcel, geometry=degrees.buffer(size_m * 1e-6))
    one = replace(ground, parcel=parcel, conflicts=(replace(ground.conflicts[0], geometry=star),))
    corners = ground_corners([star], ())
    placed, left = annotate(one, corners, (), frame, Room(width=650, height=480), 1.0, "#9f1717")
    shapes = [p.outline for p in placed]
    for i, shape in enumerate(shapes):
        assert not any(shape.intersects(other) for other in shapes[i + 1 :])
        assert shapely.box(0, 0, 650, 480).contains(shape)
        line = leader_line(placed[i].wanted, placed[i].spot)
        assert line is None or not any(line.intersects(other) for j, other in enumerate(shapes) if j != i)
    kinds = [p.wanted.kind for p in placed]
    assert len(corners) == kinds.count("point") + left["point"]
    assert kinds.count("edge") + left["edge"] <= len(corners)
    assert 1 == kinds.count("area") + left["area"]


def test_a_label_that_finds_no_place_is_counted(ground: Ground) -> None:
    """On a full map everything is left out, and it is said how much."""
    frame = at_round_scale(frame_around([ground.parcel.geometry], 650, 480, widen=1.4, crs=ground.crs))
    corners = ground_corners(ground.bodies, ())
    room = Room(width=650, height=480)
    room.block((0, 0, 650, 480))
    placed, left = annotate(ground, corners, (), frame, room, 1.0, "#9f1717")
    assert () == placed
    assert (len(corners), len(corners), 1) == (left["point"], left["edge"], left["area"])


def test_findings_on_the_same_ground_share_a_sheet(toy_check: Assessment, toy_atlas: Atlas) -> None:
    """Two layers over the same 20 by 30 m are one ground with two findings; a piece elsewhere, however small, is another."""
    first = toy_check.parcels[0]
    measure, finding = first.measures[0], first.findings[0]
    same, elsewhere = degrees(shapely.box(0, 0, 20, 30)), degrees(shapely.box(100, 0, 101, 1))
    shapes = {"permanent_basic_farmland": same, "ecological_red_line": same, "wetlands": elsewhere}
    measures = tuple(
        replace(measure, layer=layer, pieces=(replace(measure.pieces[0], geometry=shape, area_m2=area),))
        for (layer, shape), area in zip(shapes.items(), (600.0, 600.0, 1.0), strict=True)
    )
    findings = tuple(replace(finding, layer=layer, rule=layer[:3]) for layer in shapes)
    found = grounds(replace(toy_check, parcels=(replace(first, measures=measures, findings=findings),)), toy_atlas)
    assert [("permanent_basic_farmland", "ecological_red_line"), ("wetlands",)] == [g.layers for g in found]
    assert [(600.0, 600.0), (1.0,)] == [g.areas_m2 for g in found]


def test_corners_and_lengths_by_hand() -> None:
    """A rectangle of 30 by 40 m whose long edges were split keeps four corners; what looks out of it looks out of it."""
    split = shapely.Polygon([(0, 0), (15, 0.002), (30, 0), (30, 20), (30, 40), (0, 40)])
    corners = ground_corners([split], ())
    assert [("1", 30.0), ("2", 40.0), ("3", 30.0), ("4", 40.0)] == [(c.label, round(c.to_next_m, 2)) for c in corners]
    for c in corners:
        assert not split.contains(shapely.Point(c.x + c.out[0], c.y + c.out[1]))
        middle = ((c.x + c.next[0]) / 2 + c.edge_out[0], (c.y + c.next[1]) / 2 + c.edge_out[1])
        assert not split.contains(shapely.Point(middle))


def test_the_corner_of_a_hole_looks_into_the_hole() -> None:
    """Labels of a hole stand in it, not on the ground around."""
    ring = shapely.box(0, 0, 100, 100).difference(shapely.box(40, 40, 60, 60))
    inner = [c for c in ground_corners([ring], ()) if 30 < c.x < 70]
    assert 4 == len(inner)
    assert all(shapely.box(40, 40, 60, 60).contains(shapely.Point(c.x + c.out[0], c.y + c.out[1])) for c in inner)


def test_many_points_are_numbered_at_intervals() -> None:
    """Of 400 points every tenth carries its number: the map stays readable, the table and conflicts.gpkg hold the rest."""
    circle = shapely.Point(0, 0).buffer(5000, quad_segs=100)
    corners = ground_corners([circle], ())
    assert len(corners) == 400
    shown = symbols(corners, ())
    assert MOST_LABELS == len(shown) == 40
    assert {10} == {int(b.label) - int(a.label) for a, b in zip(shown, shown[1:], strict=False)}


def test_ticks_of_longitude_and_latitude_stand_where_the_projection_puts_them() -> None:
    """Each tick, taken back to degrees by pyproj, is the round value that it says."""
    from pyproj import Transformer

    frame = at_round_scale(frame_around([shapely.box(112.1, 32.0, 112.2, 32.05)], 700, 500, widen=1.2))
    back = Transformer.from_crs(frame.crs, "EPSG:4490", always_xy=True)
    ticks = degree_ticks(frame)
    assert {"top", "bottom", "left", "right"} == {t.edge for t in ticks}
    for t in ticks:
        along = t.edge in ("top", "bottom")
        x = frame.west_m + t.at / frame.px_per_m if along else frame.west_m if t.edge == "left" else frame.east_m
        y = frame.north_m - t.at / frame.px_per_m if not along else frame.north_m if t.edge == "top" else frame.south_m
        value = back.transform(x, y)[0 if along else 1]
        degrees, rest = t.words.split("°")
        minutes, _, seconds = rest.partition("′")
        said = int(degrees) + int(minutes) / 60 + float(seconds.rstrip("″") or 0) / 3600
        assert pytest.approx(said, abs=1e-5) == value
    assert "112°05′30″" == degrees_text(112 * 3600 + 5 * 60 + 30, 30)
