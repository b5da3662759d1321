"""GeoPackage blobs read straight into flat arrays: what is a plain polygon is read to the bit, everything else is left alone."""

from __future__ import annotations

import struct

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import GeometryCollection, LineString, MultiPoint, MultiPolygon, Point, Polygon, box

from tests.overlay.laid import needs_compiled
from tests.overlay.nasty import polygons, star
from xygis.overlay.kernel.blobs import Filling, read_blobs, whole_corner

pytestmark = needs_compiled

HOLED = Polygon([(0, 0), (30, 0), (40, 30), (0, 20)], [[(5, 5), (15, 10), (10, 15)]])
TWO = MultiPolygon([box(0, 0, 1, 1), box(5, 5, 9, 9).difference(box(6, 6, 7, 7))])


def blob(shape: shapely.Geometry, *, order: int = 1, envelope: int = 0, flags: int = 0, **more: bool) -> bytes:
    """A GeoPackage blob; envelope: its code, 0 to 4."""
    body = shapely.to_wkb(shape, byte_order=order, output_dimension=4 if shape.has_z or shape.has_m else 2, **more)
    return b"GP\x00" + bytes([flags | order | envelope << 1]) + struct.pack("<i", 4525) + bytes((0, 32, 48, 48, 64)[envelope]) + body


def read(blobs: list[bytes], shift: tuple[float, float] = (0.0, 0.0)) -> Filling | None:
    """What came of some blobs; None where they were left alone. The room is what their size allows, and not a byte more."""
    size = sum(map(len, blobs))
    filling = Filling.of(size // 16 + 64, size // 68 + 64, size // 77 + 64)
    return filling if read_blobs(blobs, filling, 0, np.array(shift)) else None


def shapes_in(filling: Filling) -> list[shapely.Geometry]:
    """The features that were read, each as a multipolygon."""
    r = filling.rings()
    parts = shapely.from_ragged_array(shapely.GeometryType.POLYGON, r.xy, (r.ring_offsets, np.r_[0, r.last]))
    return [shapely.multipolygons(parts[r.owner == k]) for k in np.unique(r.owner)]


@settings(max_examples=150)
@given(
    shapes=st.lists(polygons(), min_size=1, max_size=5),
    order=st.sampled_from([0, 1]),
    envelope=st.integers(0, 4),
    shift=st.sampled_from([(0.0, 0.0), (37_000.0, -2000.0)]),
)
def test_polygons_are_read_as_geos_reads_them(
    shapes: list[shapely.Geometry], order: int, envelope: int, shift: tuple[float, float]
) -> None:
    """Little and big endian, with or without an envelope, one part or several: the same rings, less the shift, to the bit."""
    filling = read([blob(s, order=order, envelope=envelope) for s in shapes], shift)
    assert filling is not None
    for made, shape in zip(shapes_in(filling), shapes, strict=True):
        expected = shapely.transform(shape, lambda c: c - shift)
        assert np.array_equal(shapely.get_coordinates(made), shapely.get_coordinates(expected))
        assert shapely.get_num_geometries(made) == shapely.get_num_geometries(expected)


DIMENSIONS = {
    "heights": shapely.force_3d(HOLED, 12.5),
    "heights in parts": shapely.force_3d(TWO, -1.0),
    "no heights given": shapely.polygons([(0, 0, np.nan), (9, 0, np.nan), (9, 9, 1), (0, 0, np.nan)]),
    "measures": shapely.from_wkt("POLYGON M ((0 0 1, 30 0 2, 40 30 3, 0 20 4, 0 0 1))"),
    "heights and measures": shapely.from_wkt("MULTIPOLYGON ZM (((0 0 1 5, 30 0 2 5, 40 30 3 5, 0 20 4 5, 0 0 1 5)))"),
}


@pytest.mark.parametrize("flavor", ["iso", "extended"])
@pytest.mark.parametrize("order", [0, 1])
@pytest.mark.parametrize("case", DIMENSIONS)
def test_heights_and_measures_are_passed_over(case: str, order: int, flavor: str) -> None:
    """Z, M and ZM, in both spellings: x and y are read, the rest is not taken for coordinates."""
    shape = DIMENSIONS[case]
    filling = read([blob(shape, order=order, flavor=flavor)])  # type: ignore[arg-type]  # a word, not a switch
    assert filling is not None
    assert np.array_equal(shapely.get_coordinates(shapes_in(filling)), shapely.get_coordinates(shape))


OTHERS = {
    "nothing": b"",
    "no blob": b"not a blob at all",
    "a point": blob(Point(1, 2)),
    "points": blob(MultiPoint([(1, 2), (3, 4)])),
    "a line": blob(LineString([(0, 0), (1, 1)])),
    "a collection": blob(GeometryCollection([box(0, 0, 1, 1)])),
    "an empty polygon": blob(Polygon()),
    "an empty multipolygon": blob(MultiPolygon()),
    "an empty part": blob(box(0, 0, 1, 1))[:8] + struct.pack("<BII", 1, 6, 1) + struct.pack("<BII", 1, 3, 0),
    "marked as empty": blob(box(0, 0, 1, 1), flags=0x10),
    "an extension": blob(box(0, 0, 1, 1), flags=0x20),
    "an envelope that does not exist": b"GP\x00\x0b" + blob(box(0, 0, 1, 1))[4:],
    "a curve polygon": blob(box(0, 0, 1, 1))[:8] + struct.pack("<BI", 1, 10) + blob(box(0, 0, 1, 1))[13:],
    "a triangle": blob(box(0, 0, 1, 1))[:8] + struct.pack("<BI", 1, 17) + blob(box(0, 0, 1, 1))[13:],
    "a multisurface": blob(TWO)[:8] + struct.pack("<BI", 1, 12) + blob(TWO)[13:],
    "a kind of five dimensions": blob(box(0, 0, 1, 1))[:8] + struct.pack("<BI", 1, 4003) + blob(box(0, 0, 1, 1))[13:],
    "a reference system inside": blob(shapely.set_srid(box(0, 0, 1, 1), 4490), include_srid=True),
    "an open ring": blob(box(0, 0, 1, 1))[:-8] + struct.pack("<d", 7.0),
    "bytes left over": blob(box(0, 0, 1, 1)) + b"\0",
    "parts left over": blob(TWO)[:13] + struct.pack("<I", 1) + blob(TWO)[17:],
    "three points": blob(box(0, 0, 1, 1))[:17] + struct.pack("<I", 3) + blob(box(0, 0, 1, 1))[21 : 21 + 48],
    "more rings than bytes": blob(box(0, 0, 1, 1))[:13] + b"\xff\xff\xff\xff" + blob(box(0, 0, 1, 1))[17:],
    "more points than bytes": blob(box(0, 0, 1, 1))[:17] + b"\xff\xff\xff\xff" + blob(box(0, 0, 1, 1))[21:],
    "more parts than bytes": blob(TWO)[:13] + b"\xff\xff\xff\x7f" + blob(TWO)[17:],
    "a byte order of 7": blob(box(0, 0, 1, 1))[:8] + b"\x07" + blob(box(0, 0, 1, 1))[9:],
    "a part that is a multipolygon": blob(TWO)[:17] + struct.pack("<BI", 1, 6) + blob(TWO)[22:],
}  # fmt: skip


@pytest.mark.parametrize("place", ["alone", "among good ones"])
@pytest.mark.parametrize("case", OTHERS)
def test_everything_else_is_left_alone(case: str, place: str) -> None:
    """Points, lines, curves, empty and damaged blobs: not read, not guessed, and no crash."""
    good = blob(HOLED)
    assert read([OTHERS[case]] if place == "alone" else [good, OTHERS[case], good]) is None


@pytest.mark.parametrize("shape", [HOLED, TWO, shapely.force_3d(TWO, 3.0)], ids=["polygon", "multipolygon", "with heights"])
@pytest.mark.parametrize("order", [0, 1])
def test_a_blob_cut_anywhere_is_left_alone(shape: shapely.Geometry, order: int) -> None:
    """Cut after any number of bytes."""
    whole = blob(shape, order=order, envelope=1)
    assert read([whole]) is not None
    assert [n for n in range(len(whole)) if read([whole[:n]]) is not None] == []


def test_twenty_thousand_mutilated_blobs() -> None:
    """Bytes flipped, runs overwritten, tails cut, pieces swapped: read or left alone, never a crash, never beyond what was given."""
    rng = np.random.default_rng(5)
    seeds = [blob(s, order=o, envelope=e) for s in (HOLED, TWO, star(rng, 12, 9.0), Point(1, 1)) for o in (0, 1) for e in (0, 1)]
    accepted = 0
    for _ in range(20_000):
        data = bytearray(seeds[int(rng.integers(len(seeds)))])
        for _ in range(int(rng.integers(1, 4))):
            at = int(rng.integers(len(data))) if rng.random() < 0.6 else int(rng.integers(min(60, len(data))))
            match int(rng.integers(4)):
                case 0:
                    data[at] ^= 1 << int(rng.integers(8))
                case 1:
                    data[at : at + 4] = struct.pack("<I", int(rng.choice([0, 1, 3, 6, 1003, 2003, 3006, 2**31, 2**32 - 1])))
                case 2:
                    data = data[: at + 1]
                case _:
                    other = seeds[int(rng.integers(len(seeds)))]
                    data[at:] = other[int(rng.integers(len(other))) :]
            if not data:
                break
        filling = read([bytes(data)])
        whole_corner(bytes(data))
        if filling is not None:
            accepted += 1
            r = filling.rings()
            assert 16 * len(r.xy) <= len(data) and (np.diff(r.ring_offsets) >= 4).all() and r.last[-1] == len(r.ring_offsets) - 1
            assert (np.isnan(r.xy[r.ring_offsets[:-1]]) | (r.xy[r.ring_offsets[:-1]] == r.xy[r.ring_offsets[1:] - 1])).all()
    assert 1000 < accepted < 15_000, "the mutilations are neither too mild nor too cruel"


def test_what_is_no_number_is_read_so_that_it_can_be_refused_by_name() -> None:
    """A ring that begins and ends at NaN is read as it stands; the coordinates are refused when they are looked at."""
    nan = struct.pack("<d", float("nan"))
    filling = read([blob(box(0, 0, 1, 1))[:21] + nan + blob(box(0, 0, 1, 1))[29:-16] + nan + blob(box(0, 0, 1, 1))[-8:]])
    assert filling is not None and np.isnan(filling.xy[0, 0])


def test_more_than_there_is_room_for_is_left_alone() -> None:
    """A view that gives more bytes than the file has: refused before anything is written."""
    filling = Filling.of(8, 8, 8)
    assert not read_blobs([blob(star(np.random.default_rng(1), 100, 9.0))], filling, 0, np.zeros(2))
    assert (0, 0, 0) == (filling.vertices, filling.ring_count, filling.parts)


def test_the_corner_is_a_whole_kilometre() -> None:
    """What is taken off all coordinates: whole kilometres below the first vertex; nothing where there is none, or nonsense."""
    assert [37_512_000.0, 3_545_000.0] == whole_corner(blob(shapely.transform(HOLED, lambda c: c + (37_512_345.6, 3_545_678.9)))).tolist()
    nowhere = blob(HOLED)[:21] + struct.pack("<d", float("nan")) + blob(HOLED)[29:]
    for other in (b"", b"GP", OTHERS["a point"], nowhere, blob(box(1e300, 0, 2e300, 1))):
        assert [0.0, 0.0] == whole_corner(other).tolist()
