"""A remark or an error on a ring says which one of the parcel it is, though exporters write 1 for all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from boundary_files import ENVELOPE, block, moved, square, write
from parcel_files import write_csv

from xygis.errors import BadGeometry
from xygis.intake.read import read_submission

SHELL, HOLE, LINE = (moved(r) for r in (square(0, 0, 100), square(30, 30, 40)[:-1], [(30, 30), (40, 40)]))


def txt(path: Path, *rings: list[tuple[float, float]]) -> Path:
    """All rings under number 1, each labelled from J1."""
    lines = [line for k, ring in enumerate(rings) for line in block(ring)[0 if not k else 1 :]]
    return write(path, lines)


def csv(path: Path, *rings: list[tuple[float, float]]) -> Path:
    rows = [[f"J{i % (len(r) - (r[0] == r[-1])) + 1}", 1, y, x] for r in rings for i, (x, y) in enumerate(r)]
    return write_csv(path, [["点号", "圈号", "X", "Y"], *rows])


def geojson(path: Path, *rings: list[tuple[float, float]]) -> Path:
    path.write_text(json.dumps({"type": "Polygon", "coordinates": rings}))
    return path


@pytest.mark.parametrize("make", [txt, csv, geojson])
def test_an_unclosed_ring_is_told_by_its_place_in_the_parcel(tmp_path: Path, make: object) -> None:
    """The second one here; a parcel of one ring needs no number."""
    got = read_submission(make(tmp_path / f"a.{make.__name__}", SHELL, HOLE), envelope=ENVELOPE)  # type: ignore[operator,attr-defined]
    assert ["第 2 圈" in n.text for n in got.notes if n.code == "ring_closed"] == [True]
    one = read_submission(make(tmp_path / f"b.{make.__name__}", SHELL[:-1]), envelope=ENVELOPE)  # type: ignore[operator,attr-defined]
    assert ["圈" in n.text for n in one.notes if n.code == "ring_closed"] == [False]


@pytest.mark.parametrize("make", [txt, csv])
def test_a_ring_of_two_points_is_told_by_its_place_in_the_parcel(tmp_path: Path, make: object) -> None:
    """Not the first one, whatever number is written."""
    with pytest.raises(BadGeometry, match="第 2 圈.*只有 2 个不同的点"):
        read_submission(make(tmp_path / f"a.{make.__name__}", SHELL, LINE), envelope=ENVELOPE)  # type: ignore[operator,attr-defined]
