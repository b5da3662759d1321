"""What is written is read back: the same parcels to half a millimetre, whatever the form, the zone, the holes and the parts."""

from __future__ import annotations

import tempfile
from datetime import date
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.ops import split

from tests.convert.parcels_to_write import ENVELOPE, Points, farthest_m, in_degrees, parcel, parcels, square, star, submission
from tests.convert.tables_read_back import document_parcels, workbook_parcels
from xygis.convert.run import FORMATS, convert
from xygis.intake.read import read_submission
from xygis.intake.submission import Parcel
from xygis.vector.repair import signed_area_m2

DAY = date(2026, 11, 24)
HALF_MM = 0.0005 + 1e-8
ROUNDED = ("boundary-txt", "points-xlsx", "points-docx")


def trip(given: tuple[Parcel, ...], to: str, *, suffix: str | None = None, crs: str | None = None, decimals: int = 3) -> tuple[Parcel, ...]:
    """Written and read."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / f"地块{suffix or FORMATS[to][0]}"
        done = convert([submission(*given)], out, to=to, on=DAY, crs=crs, decimals=decimals, producer="测绘单位")
        if to == "points-xlsx":
            return workbook_parcels(out, done.crs)
        if to == "points-docx":
            return document_parcels(out, done.crs)
        # That an inner ring is a hole, a drawing cannot say: a person has to, and does here.
        read = read_submission(out, envelope=ENVELOPE, datum="wgs84" if to == "kml" else None, accept_repairs=to == "dxf")
        assert not [p for p in read.parcels if p.doubtful]
        return read.parcels


def compare(before: tuple[Parcel, ...], after: tuple[Parcel, ...], to: str, tolerance_m: float) -> None:
    """Same parcels in the same order; where a drawing holds a part each, the parts together."""
    assert len(before) == len(after)
    for a, b in zip(before, after, strict=True):
        assert farthest_m(a, b) <= tolerance_m
        area = signed_area_m2(a.geometry, a.crs)
        assert abs(signed_area_m2(b.geometry, b.crs) - area) <= 0.02 + (20 if a.crs == "EPSG:4490" else bent_m2(a.geometry))
        if to != "dxf":
            assert a.name == b.name
        if to in ("shp", "gpkg", "geojson", "kml"):
            assert (a.use_text, a.declared_m2) == (b.use_text, b.declared_m2)
            assert [v for _, v in a.attributes] == [v for k, v in b.attributes if k in ("地块编号", "DKBH")]


def bent_m2(geometry: shapely.Geometry) -> float:
    """How much area edges may gain or lose by being straight in another system: L³ tan φ / 12 R each, and a fifth more (φ up to 33°)."""
    edges = [np.diff(np.asarray(ring.coords), axis=0) for part in shapely.get_parts(geometry) for ring in (part.exterior, *part.interiors)]
    lengths_m = np.hypot(*np.concatenate(edges).T[:2])
    return float(1.2 * np.sum(lengths_m**3) * np.tan(np.radians(33)) / (12 * 6.37e6))


def together(parts: tuple[Parcel, ...]) -> tuple[Parcel, ...]:
    """A drawing has no parcels, only rings on layers: those of one layer are one parcel."""
    own: dict[str, list[Parcel]] = {}
    for p in parts:
        own.setdefault(dict(p.attributes)["Layer"], []).append(p)
    polygons = [[g for p in group for g in shapely.get_parts(p.geometry)] for group in own.values()]
    return tuple(
        Parcel(name=name, geometry=shapely.MultiPolygon(shapes), crs=parts[0].crs, declared_m2=None)
        for name, shapes in zip(own, polygons, strict=True)
    )


@pytest.mark.parametrize("to", FORMATS)
@settings(max_examples=12)
@given(given_parcels=parcels())
def test_nothing_is_lost(to: str, given_parcels: tuple[Parcel, ...]) -> None:
    """Every vertex of every ring comes back within half a millimetre, and the parcel keeps its name."""
    after = trip(given_parcels, to)
    compare(given_parcels, together(after) if to == "dxf" else after, to, HALF_MM)


@pytest.mark.parametrize("to", FORMATS)
@settings(max_examples=5)
@given(given_parcels=parcels())
def test_nothing_is_lost_from_degrees(to: str, given_parcels: tuple[Parcel, ...]) -> None:
    """The same for parcels that came in longitude and latitude."""
    degrees = in_degrees(given_parcels)
    after = trip(degrees, to)
    compare(degrees, together(after) if to == "dxf" else after, to, HALF_MM)


@pytest.mark.parametrize("crs", ["EPSG:4525", "EPSG:4546", "EPSG:4497", "EPSG:4508", "EPSG:4526", "EPSG:4547"])
@settings(max_examples=5)
@given(given_parcels=parcels())
def test_another_zone_is_the_same_place(crs: str, given_parcels: tuple[Parcel, ...]) -> None:
    """Written in any zone that is asked for, 3° or 6°, 37 or 38, with its number in front or not, and read as that place."""
    for to in ("boundary-txt", "shp", "gpkg"):
        after = trip(given_parcels, to, crs=crs)
        for a, b in zip(given_parcels, after, strict=True):
            assert farthest_m(a, b) <= 0.0005 * 2**0.5 + 1e-8, (to, crs)  # half a millimetre along axes that are turned here


@settings(max_examples=8)
@given(given_parcels=parcels())
def test_a_second_trip_changes_nothing(given_parcels: tuple[Parcel, ...]) -> None:
    """What has once been through the TXT comes out of it again to the last digit."""
    once = trip(given_parcels, "boundary-txt")
    twice = trip(once, "boundary-txt")
    assert [p.geometry.wkb for p in once] == [p.geometry.wkb for p in twice]


@settings(max_examples=8)
@given(given_parcels=parcels())
def test_zipped_shapefile(given_parcels: tuple[Parcel, ...]) -> None:
    """As one file to send, it holds the same."""
    compare(given_parcels, trip(given_parcels, "shp", suffix=".zip"), "shp", 1e-8)


@settings(max_examples=8)
@given(given_parcels=parcels())
def test_four_decimals(given_parcels: tuple[Parcel, ...]) -> None:
    """--decimals 4 keeps a tenth of a millimetre."""
    for a, b in zip(given_parcels, trip(given_parcels, "boundary-txt", decimals=4), strict=True):
        assert farthest_m(a, b) <= 0.00005 + 1e-8


@settings(max_examples=25)
@given(shell=star(0, 0, 200, 600), cut=st.floats(-0.9, 0.9), slope=st.floats(-1, 1))
def test_neighbours_stay_neighbours(shell: Points, cut: float, slope: float) -> None:
    """P17: two parcels that share a border share it still after three decimals: no overlap, no gap between them."""
    line = shapely.LineString([(-2000, 200 * cut - 2000 * slope), (2000, 200 * cut + 2000 * slope)])
    halves = list(split(shapely.Polygon(shell), line).geoms)
    pair = tuple(parcel([[(float(x), float(y)) for x, y in h.exterior.coords]], name=f"地块{i}") for i, h in enumerate(halves))
    after = [p.geometry for p in trip(pair, "boundary-txt")]
    assert sum(g.area for g in after) == pytest.approx(shapely.union_all(after).area, abs=1e-6)
    assert all(a.intersection(b).area == 0.0 for i, a in enumerate(after) for b in after[:i])


def test_a_workbook_comes_back_with_whole_names(tmp_path: Path) -> None:
    """Excel cuts the names of sheets to 31 characters and forbids signs; the table itself has the name, the number, the use, the area."""
    names = (
        "襄阳市东津新区二〇二六年度第三批次城镇建设用地[一期]：A/B*地块?（含道路）",
        "襄阳市东津新区二〇二六年度第三批次城镇建设用地[一期]：A/B*地块?（不含道路）",
    )
    given = tuple(
        parcel([square(k * 300, 0, 100)], name=n, use_text="工业用地", declared_m2=10_003.27, attributes=(("地块编号", f"DK-{k}"),))
        for k, n in enumerate(names)
    )
    for some in (given, given[:1]):
        out = tmp_path / f"{len(some)}.xlsx"
        convert([submission(*some)], out, to="points-xlsx", on=DAY)
        got = read_submission(out, envelope=ENVELOPE).parcels
        assert [p.name for p in some] == [p.name for p in got]
        assert [("工业用地", 10_003.27, (("地块编号", f"DK-{k}"),)) for k in range(len(some))] == [
            (p.use_text, p.declared_m2, p.attributes) for p in got
        ]
        assert not any(p.doubtful for p in got)
