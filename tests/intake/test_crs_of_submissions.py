"""Which coordinate system: decided on all points with its reasons, or asked, or refused with the point named."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from boundary_files import E0, ENVELOPE, N0, block, header, moved, square, write

from xygis.errors import AmbiguousCrs, InputError, OldDatum, OutsideEnvelope, UnknownCrs, UnknownZone
from xygis.geodesy.crs import from_geographic
from xygis.intake.read import read_submission
from xygis.vector.repair import signed_area_m2

SQUARE = moved(square(0, 0, 100))
BARE = [(x - 37e6, y) for x, y in SQUARE]


def test_p1_easting_first_is_the_same_parcel(tmp_path: Path) -> None:
    """P1: both orders give one parcel, and only one of them a note."""
    straight = read_submission(write(tmp_path / "a.txt", block(SQUARE)), envelope=ENVELOPE)
    swapped = read_submission(write(tmp_path / "b.txt", block(SQUARE, swap=True)), envelope=ENVELOPE)
    assert straight.parcels[0].geometry.equals_exact(swapped.parcels[0].geometry)
    assert "axes_swapped" not in {n.code for n in straight.notes}
    assert "axes_swapped" in {n.code for n in swapped.notes}


@pytest.mark.parametrize("envelope", [ENVELOPE, None])
@pytest.mark.parametrize("at", [0, 2])
def test_p3_one_swapped_vertex_is_named(tmp_path: Path, at: int, envelope: tuple[float, float, float, float] | None) -> None:
    """P3: the line and the point of the odd vertex, be it the first or another; no parcel 280 km long."""
    lines = block(SQUARE[:-1])
    label, ring, n, e = lines[at + 1].split(",")
    lines[at + 1] = f"{label},{ring},{e},{n}"
    with pytest.raises(OutsideEnvelope) as caught:
        read_submission(write(tmp_path / "a.txt", lines), envelope=envelope)
    assert caught.value.where.line == 12 + at
    assert f"第 {at + 1} 点" in caught.value.what
    assert "写反" in caught.value.why


def test_p3_one_vertex_far_away_is_named(tmp_path: Path) -> None:
    """A digit too many moves one point out of the city: that point is named."""
    ring = [*SQUARE[:2], (SQUARE[2][0] + 1e6, SQUARE[2][1]), *SQUARE[3:]]
    with pytest.raises(OutsideEnvelope) as caught:
        read_submission(write(tmp_path / "a.txt", block(ring)), envelope=ENVELOPE)
    assert caught.value.where.line == 14


def test_p2_bare_easting_is_decided_where_the_envelope_leaves_one_zone(tmp_path: Path) -> None:
    """P2: from 440 000 m up zone 37, below it 38; and the reason is told."""
    west = read_submission(write(tmp_path / "a.txt", block(BARE), head=header(带号=None)), envelope=ENVELOPE)
    assert west.crs == "EPSG:4546"
    assert any("只有第 37 带" in e for e in west.evidence)
    east = [(x - 618_000 + 380_000, y) for x, y in BARE]
    assert read_submission(write(tmp_path / "b.txt", block(east), head=header(带号=None)), envelope=ENVELOPE).crs == "EPSG:4547"


def test_p2_two_readings_are_asked_about(tmp_path: Path) -> None:
    """P2: an envelope over both zones, or none at all: the person must say which."""
    path = write(tmp_path / "a.txt", block(BARE), head=header(带号=None))
    with pytest.raises(AmbiguousCrs, match="不止一种") as caught:
        read_submission(path, envelope=(110.0, 30.0, 118.0, 33.0))
    assert "--crs EPSG:4546" in caught.value.fix
    with pytest.raises(AmbiguousCrs):
        read_submission(path)
    assert read_submission(path, crs="4546").crs == "EPSG:4546"
    assert read_submission(write(tmp_path / "b.txt", block(BARE))).crs == "EPSG:4546"  # the header's zone decides


@pytest.mark.parametrize(
    ("ring", "zone", "what"),
    [
        (SQUARE, "38", "带号矛盾：文件头写第 38 带，横坐标以 37 开头"),
        (BARE, "38", "只有按第 37 带"),
        (BARE, "40", "坐标带号 40 不在图集范围内（第 37、38 带）"),
        ([(x + 3e6, y) for x, y in SQUARE], "40", "坐标带号 40 不在图集范围内"),
        (SQUARE, "99", "带号 99"),
    ],
)
def test_p2_a_zone_that_contradicts_is_refused_at_its_line(tmp_path: Path, ring: list[tuple[float, float]], zone: str, what: str) -> None:
    """P2 and P43: prefix 37 with header zone 38, a bare easting with the wrong zone, zone 40: refused, header line shown."""
    with pytest.raises(UnknownZone) as caught:
        read_submission(write(tmp_path / "a.txt", block(ring), head=header(带号=zone)), envelope=ENVELOPE)
    assert what in caught.value.what
    assert caught.value.where.line == 7
    assert f"7 | 带号={zone}" in caught.value.where.excerpt


@pytest.mark.parametrize("swap", [False, True])
def test_degrees_in_either_order(tmp_path: Path, swap: bool) -> None:
    """Longitude and latitude are told apart by their size."""
    ring = [(112.2, 32.0), (112.2, 32.001), (112.201, 32.001), (112.201, 32.0), (112.2, 32.0)]
    got = read_submission(write(tmp_path / "a.txt", block(ring, swap=swap), head=header(带号=None)), envelope=ENVELOPE)
    assert got.crs == "EPSG:4490"
    assert got.parcels[0].geometry.bounds == (112.2, 32.0, 112.201, 32.001)


@pytest.mark.parametrize("offset", [(300_000.0, 0.0), (0.0, 300_000.0)])
def test_outside_the_city_is_refused_with_the_place(tmp_path: Path, offset: tuple[float, float]) -> None:
    """300 km away: the refusal says where the points fall."""
    ring = [(x + offset[0], y + offset[1]) for x, y in SQUARE]
    with pytest.raises(OutsideEnvelope) as caught:
        read_submission(write(tmp_path / "a.txt", block(ring)), envelope=ENVELOPE)
    assert "东经" in caught.value.why
    assert caught.value.where.point is not None


@pytest.mark.parametrize("name", ["1980西安坐标系", "西安80", "1980西安国家大地坐标系", "1954北京坐标系", "北京54", "80"])
def test_old_datums_stop(tmp_path: Path, name: str) -> None:
    """Beijing 54 and Xi'an 80 are never converted silently."""
    with pytest.raises(OldDatum) as caught:
        read_submission(write(tmp_path / "a.txt", block(SQUARE), head=header(坐标系=name)), envelope=ENVELOPE)
    assert caught.value.where.line == 3


@pytest.mark.parametrize(("key", "value"), [("坐标系", "城建独立坐标系"), ("投影类型", "UTM"), ("计量单位", "英尺")])
def test_a_header_that_means_another_system_stops(tmp_path: Path, key: str, value: str) -> None:
    """A local system, another projection, another unit: refused at the header line."""
    with pytest.raises(UnknownCrs) as caught:
        read_submission(write(tmp_path / "a.txt", block(SQUARE), head=header(**{key: value})), envelope=ENVELOPE)
    assert caught.value.where.line is not None


def test_local_numbers_are_not_guessed(tmp_path: Path) -> None:
    """A drawing's own origin fits no system."""
    with pytest.raises(UnknownCrs):
        read_submission(write(tmp_path / "a.txt", block(square(10_000, 20_000, 100)), head=header(带号=None)), envelope=ENVELOPE)


def test_an_ordered_system_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    """--crs is checked against the numbers as well; nonsense and old datums are refused."""
    path = write(tmp_path / "a.txt", block(SQUARE))
    for crs, error in (("EPSG:4526", OutsideEnvelope), ("4610", OldDatum), ("西安", UnknownCrs), ("EPSG:999999", UnknownCrs)):
        with pytest.raises(error):
            read_submission(path, envelope=ENVELOPE, crs=crs)


def test_six_degree_zones_and_central_meridians(tmp_path: Path) -> None:
    """Prefix 19 is the 6-degree zone of the same meridian; a header may give 中央子午线 instead of a zone."""
    ring = [(x - 37e6 + 19e6, y) for x, y in SQUARE]
    assert read_submission(write(tmp_path / "a.txt", block(ring), head=header(带号="19", 几度分带="6"))).crs == "EPSG:4497"
    head = header(带号=None, 中央子午线="111")
    assert read_submission(write(tmp_path / "b.txt", block(BARE), head=head)).crs == "EPSG:4546"


def test_p19_one_parcel_in_three_systems_has_one_official_area(tmp_path: Path) -> None:
    """P19, reading side: given in 4490, 4525 and 4526, the official area is the same to a square centimetre."""
    lon = np.array([112.25, 112.2512, 112.2511, 112.2501])
    lat = np.array([31.99, 31.9902, 31.9911, 31.991])
    areas = []
    for code, head, decimals in (("EPSG:4490", header(带号=None), 9), ("EPSG:4525", header(), 4), ("EPSG:4526", header(带号="38"), 4)):
        x, y = from_geographic(code, lon, lat)
        points = [f"J{i},1,{b:.{decimals}f},{a:.{decimals}f}" for i, (a, b) in enumerate(zip(x, y, strict=True), start=1)]
        got = read_submission(write(tmp_path / "a.txt", ["4,1,1,一,面,,,,@", *points], head=head), envelope=ENVELOPE)
        assert got.crs == code
        areas.append(signed_area_m2(got.parcels[0].geometry, code))
    assert max(areas) - min(areas) < 0.02  # rounding to 0.1 mm of a 110 m boundary
    assert areas[0] > 9_000


def test_every_refusal_has_its_four_parts(tmp_path: Path) -> None:
    """What, where and how to mend it are never empty."""
    path = write(tmp_path / "a.txt", block([(E0, N0), (E0 + 1, N0)]))
    with pytest.raises(InputError) as caught:
        read_submission(path, envelope=ENVELOPE)
    told = caught.value.to_dict()
    assert told["what"] and told["where"] and told["fix"] and told["code"] == "bad-geometry"
