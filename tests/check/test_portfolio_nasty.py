"""Where many at once and one alone are most likely to part: on the very borders of the layers. Never a wrong 不涉及."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import shapely

from tests.check.sites import square, submitted
from xygis.atlas.atlas import Atlas
from xygis.check import closely, processes
from xygis.check.layer_column import NUMBERS, row_of
from xygis.check.layers import open_layers
from xygis.check.portfolio import screen_parcels
from xygis.check.run import check
from xygis.geodesy.crs import from_geographic
from xygis.intake.submission import Parcel
from xygis.overlay.store import LayerStore

DAY = date(2026, 11, 24)
MM = 1 / 111_000_000  # a millimetre, in degrees


@pytest.fixture(scope="module")
def atlas() -> Atlas:
    return Atlas.open()


def agree(atlas: Atlas, parcels: Sequence[Parcel], *, but: Sequence[str] = ()) -> None:
    """Every fact, verdict and rule of every pair, numbers to ten square millimetres or a billionth."""
    given = submitted([p for p in parcels if p.geometry.is_valid and p.geometry.area > 0])
    single, many = check(given, atlas, on=DAY), screen_parcels((given,), atlas, on=DAY, jobs=1)
    assert [p.verdict for p in single.parcels] == list(many.verdicts)
    for i, parcel in enumerate(single.parcels):
        for measure, column in zip(parcel.measures, many.columns, strict=True):
            expected = row_of(measure, tuple(f for f in parcel.findings if f.layer == measure.layer))
            for name, value in zip(NUMBERS, expected, strict=True):
                if name in but:
                    continue
                found, where = getattr(column, name)[i], f"{parcel.name} {measure.layer} {name}"
                if isinstance(value, float):
                    close = 1e-3 if name == "distance_m" else 1e-5
                    assert value == pytest.approx(found, abs=close, rel=1e-9, nan_ok=True), where
                    assert math.isnan(value) == math.isnan(found), where
                else:
                    assert value == found, where


def features(atlas: Atlas, layer: str, count: int) -> list[shapely.Geometry]:
    """Some simple features of a layer, as they stand in its file."""
    path = next(o.path for o in atlas.layers if o.id == layer)
    assert isinstance(path, Path)
    shapes = shapely.from_wkb(pyogrio.raw.read(path)[2])
    simple = [p for p in shapely.get_parts(shapes) if p.is_valid and shapely.get_num_coordinates(p) < 120 and p.area < 3e-5]
    return simple[:: max(1, len(simple) // count)][:count]


@pytest.mark.parametrize("layer", ["permanent_basic_farmland", "urban_growth_boundary"])
def test_parcels_drawn_along_a_feature(atlas: Atlas, layer: str) -> None:
    """The feature itself, moved by 0.01, 1 and 5 mm, a hole over it, a frame round it, a neighbour on its border, two of them."""
    parcels = []
    for k, shape in enumerate(features(atlas, layer, 1)):
        moves = [(0.0, 0.0), (0.01, 0.0), (0.0, 1.0), (5.0, 0.0), (0.0, -5.0)]
        made = [shapely.transform(shape, lambda c, d=d: c + [d[0] * MM, d[1] * MM]) for d in moves]
        made += [shapely.box(*shape.bounds).buffer(0.0002).difference(shape), shape.buffer(0.0002).difference(shape)]
        a, b = np.asarray(shape.exterior.coords)[:2]
        away = np.array([b[1] - a[1], a[0] - b[0]])
        made += [shapely.Polygon([a, b, (a + b) / 2 + s * away * 0.7]) for s in (1, -1)]
        made.append(shapely.MultiPolygon([shape, shapely.box(111.5, 31.6, 111.503, 31.602)]))
        parcels += [Parcel(name=f"{k}.{i}", geometry=g, crs="EPSG:4490", declared_m2=None) for i, g in enumerate(made)]
    agree(atlas, [p for p in parcels if p.geometry.geom_type in ("Polygon", "MultiPolygon")])


@pytest.mark.parametrize("layer", ["highways", "railways"])
def test_strips_beside_a_line(atlas: Atlas, layer: str) -> None:
    """On it, just inside and just outside the widths that rules ask about."""
    path = next(o.path for o in atlas.layers if o.id == layer)
    assert isinstance(path, Path)
    line = shapely.get_parts(shapely.from_wkb(pyogrio.raw.read(path)[2]))[0]
    piece = shapely.LineString(np.asarray(line.coords)[:3])
    sides = [piece.parallel_offset(m * 1000 * MM, "left") if m else piece for m in (0, 10, 29.9, 30.1, 50, 99.9, 200)]
    made = [s.buffer(4000 * MM, cap_style="flat") for s in sides]
    agree(atlas, [Parcel(name=str(i), geometry=g, crs="EPSG:4490", declared_m2=None) for i, g in enumerate(made)])


def test_across_the_borders_of_counties_and_of_the_city(atlas: Atlas) -> None:
    """Squares, and strips a centimetre wide that are nothing but slivers wherever they lie."""
    opened = next(o for o in open_layers(atlas, DAY, LayerStore()) if o.layer.id == "counties")
    assert opened.prepared is not None
    rng, parcels = np.random.default_rng(3), []
    for shape in opened.prepared.parts(np.arange(3)):
        for f in rng.uniform(0, 1, 4):
            spot = shapely.get_exterior_ring(shape).interpolate(f, normalized=True)
            lon, lat = (float(v[0]) for v in atlas.plane.inverse(np.array([spot.x]), np.array([spot.y])))
            parcels.append(square(f"{lon:.4f}", lon - 0.003, lat - 0.003, 0.006))
            strip = shapely.box(lon - 0.03, lat, lon + 0.03, lat + 1e-7)
            parcels.append(Parcel(name=f"条{lon:.4f}", geometry=strip, crs="EPSG:4490", declared_m2=None))
    agree(atlas, parcels, but=("patches", "sliver_count"))  # half a nanometre between two pieces is a gap to one road, none to the other


def test_several_systems_in_one_run(atlas: Atlas) -> None:
    """Degrees, zone 37, zone 38 and a system without a zone number, side by side; and parcels on the other side of the world."""
    rng = np.random.default_rng(4)
    parcels = [square(f"{i}", x, y, 0.004) for i, (x, y) in enumerate(rng.uniform((111.6, 31.6), (112.4, 32.3), (12, 2)))]
    for i, code in enumerate(("EPSG:4525", "EPSG:4526", "EPSG:4546")):
        for k in range(i, 9, 3):
            moved = shapely.transform(parcels[k].geometry, lambda c, code=code: np.column_stack(from_geographic(code, c[:, 0], c[:, 1])))
            parcels[k] = replace(parcels[k], geometry=moved, crs=code)
    agree(atlas, [*parcels, square("远", 120.0, 40.0, 0.01), square("南", 112.0, -33.0, 0.01)])


def test_many_times_the_same_parcel(atlas: Atlas) -> None:
    """Each gets the same, and that is what one gets."""
    one = square("一", 112.05, 31.95, 0.01)
    many = screen_parcels((submitted([one] * 40),), atlas, on=DAY, jobs=1)
    assert 1 == len(set(many.verdicts))
    assert all(1 == len(set(c.rules.tolist())) == len(np.unique(c.overlap_m2)) for c in many.columns)
    assert check(submitted([one]), atlas, on=DAY).parcels[0].verdict == many.verdicts[0]


def test_where_no_process_starts_the_work_is_done_here(atlas: Atlas, monkeypatch: pytest.MonkeyPatch) -> None:
    """A script without `if __name__ == "__main__"` cannot start any: slower, and the same."""
    given = submitted([square(f"{i}", 112.0 + i * 0.01, 32.0, 0.008) for i in range(8)])
    right = screen_parcels((given,), atlas, on=DAY, jobs=1)
    monkeypatch.setattr(closely, "_WORTH_A_PROCESS", 1)
    monkeypatch.setattr(processes, "_can_start", lambda: False)
    found = screen_parcels((given,), atlas, on=DAY, jobs=2)
    assert right.verdicts == found.verdicts
    assert [c.rules.tolist() for c in right.columns] == [c.rules.tolist() for c in found.columns]
