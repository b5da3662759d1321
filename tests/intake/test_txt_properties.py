"""Whatever an exporter does, and whatever the parcels: what was written is read back, or refused."""

from __future__ import annotations

import math
import tempfile
from pathlib import Path

import shapely
from dialects import CITY, ENCODINGS, NAMES, SYSTEMS, Dialect, off_m, sensible, written
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from xygis.intake.read import read_submission

dialects = st.builds(
    Dialect,
    name=st.just("any"),
    swapped=st.booleans(),
    closed=st.booleans(),
    prefix=st.sampled_from(["J", "", "JZD", "界"]),
    restart_labels=st.booleans(),
    rings=st.sampled_from(["sequence", "per_part", "all_one"]),
    point_sign=st.sampled_from([",", "，", "\t", " ", ";", " , ", "；"]),
    block_sign=st.sampled_from([",", "，", "\t", ";", " "]),
    equals=st.sampled_from(["=", ":", "：", " = ", "＝"]),
    header=st.sampled_from(["official", "short", "none", "chinese"]),
    zone_in_header=st.booleans(),
    fields=st.sampled_from([9, 12, 13]),
    area=st.sampled_from(["ha", "ha_unit", "m2", "mu", "none"]),
    decimals=st.integers(3, 8),
    line_end=st.sampled_from(["\r\n", "\n", "\r", "\r\n\r\n"]),
    fifth=st.sampled_from(["", "edge", "height"]),
    reversed=st.booleans(),
    at=st.sampled_from([",@", "@", ", @", "，＠"]),
)


@st.composite
def parcels(draw: st.DrawFn) -> tuple[shapely.Geometry, ...]:
    """One to three star-shaped parcels beside each other, some with a hole, some of two parts."""
    out = []
    for k in range(draw(st.integers(1, 3))):
        parts = []
        for part in range(draw(st.integers(1, 2))):
            count = draw(st.integers(3, 9))
            radii = [draw(st.floats(40, 80)) for _ in range(count)]
            turn = draw(st.floats(0, 2 * math.pi))
            x, y = 37_635_000.0 + 400 * k + 180 * part, 3_552_000.0 + draw(st.floats(-200, 200))
            corners = [(turn - 2 * math.pi * i / count, r) for i, r in enumerate(radii)]
            shell = [(x + r * math.cos(a), y + r * math.sin(a)) for a, r in corners]
            least = min(radii) * math.cos(math.pi / count)
            hole = [(x + 0.4 * least * math.cos(a), y + 0.4 * least * math.sin(a)) for a, _ in corners]
            parts.append(shapely.Polygon(shell, [hole] if draw(st.booleans()) else []))
        out.append(parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts))
    return tuple(out)


def _rings(parcel: shapely.Geometry) -> int:
    return len(shapely.get_rings(shapely.get_parts(parcel)))


@settings(max_examples=250)
@given(dialects, parcels(), st.sampled_from(SYSTEMS), st.sampled_from(ENCODINGS))
def test_what_any_exporter_writes_is_read_to_a_millimetre(
    one: Dialect, shapes: tuple[shapely.Geometry, ...], system: str, encoding: str
) -> None:
    """Any dialect, any parcels, any system and encoding. Left out: rings that nothing tells apart, degrees whose datum nothing states.

    About those degrees a question is asked: test_datum_of_degrees.py.
    """
    assume(sensible(one, system))
    assume(all(s.is_valid for s in shapes))
    assume(system != "EPSG:4490" or one.header != "none")
    assume(one.closed or one.restart_labels or one.rings == "sequence" or max(map(_rings, shapes)) == 1)
    assume(one.closed or one.restart_labels or one.rings != "per_part" or max(len(shapely.get_parts(s)) for s in shapes) == 1)
    assume(one.fields == 9 or one.block_sign != " ")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.txt"
        path.write_bytes(written(one, system, encoding, shapes))
        got = read_submission(path, envelope=CITY)
    assert off_m(got, shapes) <= 0.001
    assert tuple(p.name for p in got.parcels) == NAMES[: len(shapes)]
    assert not any(p.doubtful for p in got.parcels), [n.text for n in got.notes]
