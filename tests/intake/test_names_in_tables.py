"""Which parcel a line of a point table belongs to, and what the parcel is called: as the table says, whole, and never two at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from boundary_files import ENVELOPE, moved, square
from parcel_files import write_csv

from xygis.errors import BadLine
from xygis.intake.read import read_submission


def lines(*parcels: tuple[object, object, float]) -> list[list[object]]:
    """Head and five lines a parcel: number, name and how far east it lies."""
    out: list[list[object]] = [["地块编号", "地块名称", "点号", "X", "Y"]]
    for number, name, east in parcels:
        out += [[number, name, f"J{i % 4 + 1}", y, x] for i, (x, y) in enumerate(moved(square(east, 0, 100)))]
    return out


def test_two_names_under_one_number_are_a_contradiction(tmp_path: Path) -> None:
    """Neither one parcel nor two: refused, with both names and both lines."""
    with pytest.raises(BadLine, match="编号“1”有两个名称：第 2 行起叫“岘山一号”，第 7 行叫“岘山二号”") as caught:
        read_submission(write_csv(tmp_path / "a.csv", lines((1, "岘山一号", 0), (1, "岘山二号", 200))), envelope=ENVELOPE)
    assert 7 == caught.value.where.line
    assert "改编号" in caught.value.fix


def test_a_name_that_stands_once_names_the_parcel(tmp_path: Path) -> None:
    """In any of its lines, as in merged cells and as typists do; another number is another parcel, of the same name or not."""
    table = lines((1, "岘山一号", 0), (2, "岘山一号", 200), ("", "岘山三号", 400))
    for row in (*table[2:6], *table[7:10]):
        row[1] = ""
    table[1][1], table[3][1] = "", "岘山一号"
    got = read_submission(write_csv(tmp_path / "a.csv", table), envelope=ENVELOPE)
    assert ["岘山一号", "岘山一号", "岘山三号"] == [p.name for p in got.parcels]
    assert [10_000.0] * 3 == [pytest.approx(p.geometry.area) for p in got.parcels]
