"""A layer is settled when it is prepared: repaired with a record, refused where it cannot be understood, never thinned out."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
import shapely
from shapely.geometry import LineString, Polygon, box

from tests.overlay.beds import Maker, at
from xygis.errors import LayerUnreadable
from xygis.geodesy.plane import Plane


def test_a_self_touch_is_measured_after_repair(lay: Maker) -> None:
    """A hole drawn as a self-touching outline keeps its area; the record names the feature and the place (PITFALLS P14)."""
    outline = Polygon([(0, 0), (100, 0), (100, 100), (50, 100), (70, 60), (30, 60), (50, 100), (0, 100)])
    bed = lay([box(500, 500, 510, 510), outline])
    assert bed.ask(at(box(0, 0, 100, 100))).overlap_m2 == pytest.approx(10_000 - 800, abs=1e-6)
    (repair,) = bed.prepared.repairs
    assert repair.startswith("第 2 个要素，坐标 (500050.000, 3545100.000)")


def test_sound_layers_have_no_repairs(lay: Maker) -> None:
    """Nothing is said of a layer that is as it should be."""
    bed = lay([box(0, 0, 10, 10), box(10, 0, 20, 10)])
    assert bed.prepared.repairs == ()
    assert bed.prepared.features == 2


@pytest.mark.parametrize("missing", [None, Polygon(), shapely.Point(1, 1), LineString([(0, 0), (1, 1)])])
def test_a_feature_without_area_refuses_the_layer(lay: Maker, missing: shapely.Geometry | None) -> None:
    """Nobody knows what a polygon feature without geometry would restrict: the layer is unreadable, not clear."""
    with pytest.raises(LayerUnreadable) as refused:
        lay([box(0, 0, 10, 10), missing])
    assert "第 2 个" in refused.value.what


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("kind", ["polygon", "line"])
def test_a_coordinate_that_is_no_number_refuses_the_layer(lay: Maker, value: float, kind: str) -> None:
    """A vertex that is not finite, in a polygon or in a line: unreadable, never a feature that is silently nowhere."""
    points = [(0.0, 0.0), (10.0, value), (10.0, 10.0), (0.0, 0.0)]
    with np.errstate(invalid="ignore"):
        bad = LineString(points) if kind == "line" else Polygon(points)
    with pytest.raises(LayerUnreadable):
        lay([bad], geometry=kind)


@pytest.mark.parametrize(
    ("crs", "corner"),
    [
        ("EPSG:4490", (500_000.0, 3_545_000.0)),  # metres declared as degrees
        ("EPSG:4525", (500_000.0, 3_545_000.0)),  # zone number missing
        ("EPSG:4546", (38_500_000.0, 3_545_000.0)),  # zone number where there should be none
        ("EPSG:4546", (112.1, 32.0)),  # degrees declared as metres
        ("EPSG:4490", (32.0, 112.1)),  # axes swapped
    ],
)
def test_coordinates_that_cannot_be_in_the_declared_system_refuse_the_layer(lay: Maker, crs: str, corner: tuple[float, float]) -> None:
    """Metres declared as degrees or a zone number too many would put the layer elsewhere, clear of every parcel: unreadable."""
    x, y = corner
    with pytest.raises(LayerUnreadable) as refused:
        lay([box(x, y, x + 0.01, y + 0.01)], crs=crs)
    assert crs in refused.value.what
    assert "crs" in refused.value.fix


def test_rings_that_touch_to_the_nanometre_survive_projection(lay: Maker) -> None:
    """Holes and necks that touch by a hair may split when edges are split and projected: no area is lost, no layer refused."""
    x0, y0 = 112.1, 32.0
    rng = np.random.default_rng(11)
    features = []
    for i in range(60):
        a, b = x0 + 0.002 * i, y0
        edge = rng.uniform(0.2, 0.8)
        tip = (a + 0.001 * edge, b + 0.0007 * edge)  # on the edge from (a, b) to (a + 0.001, b + 0.0007), to rounding
        features.append(
            Polygon([(a, b), (a + 0.001, b + 0.0007), (a, b + 0.0014)], [[tip, (a + 0.0001, b + 0.0006), (a + 0.0001, b + 0.0007)]])
        )
    bed = lay(features, crs="EPSG:4490", plane=Plane())
    expected = sum(lay([f], crs="EPSG:4490", plane=Plane()).prepared.parts(np.arange(9)[:1])[0].area for f in features[:3])
    first = bed.prepared.parts(np.flatnonzero(bed.prepared.owner < 3))
    assert shapely.area(first).sum() == pytest.approx(expected, rel=1e-9)
    assert set(bed.prepared.owner.tolist()) == set(range(60))
    assert shapely.is_valid(bed.prepared.parts(np.arange(len(bed.prepared.owner)))).all()


def test_arrays_are_read_only_and_attributes_are_kept(lay: Maker) -> None:
    """What is shared cannot be changed; ours come first in the attributes, theirs after; personal columns are gone."""
    prepared = lay([box(0, 0, 10, 10)], BSM=["7"], MC=["甲"], ZRRMC=["张三"]).prepared
    for array in (prepared.xy, prepared.ring_offsets, prepared.part_first, prepared.owner, prepared.bounds):
        assert not array.flags.writeable
    values = prepared.attributes(0)
    assert list(values)[:2] == ["id", "name"]
    assert values["id"] == "7"
    assert "张三" not in json.dumps(values, ensure_ascii=False)


def test_a_feature_without_id_goes_by_its_number_and_zero_is_an_id(lay: Maker) -> None:
    """BSM 0 is printed as 0; without BSM the feature's number in the file stands."""
    parcel = at(box(0, 0, 100, 100))
    assert [h.id for h in lay([box(0, 0, 10, 10)], BSM=[0]).ask(parcel).features] == ["0"]
    assert [h.id for h in lay([box(0, 0, 10, 10)], BSM=[None]).ask(parcel).features] == ["1"]
