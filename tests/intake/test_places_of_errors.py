"""An error points at the line that is wrong, not at one that is right, and shows what stands there."""

from __future__ import annotations

from pathlib import Path

import pytest
from boundary_files import ENVELOPE, block, moved, write
from parcel_files import write_csv, write_xlsx

from xygis.errors import BadLine, OutsideEnvelope
from xygis.intake.read import read_submission

OCTAGON = moved([(0, 0), (0, 50), (0, 100), (50, 100), (100, 100), (100, 50), (100, 0), (50, 0)])


def rows(*changed: tuple[int, float, float], first: int = 0) -> list[list[object]]:
    """Head and points of a table, one ring begun at vertex `first`, some points put elsewhere (east, north)."""
    points = OCTAGON[first:] + OCTAGON[:first]
    for at, x, y in changed:
        points[at] = (x, y)
    return [["点号", "X", "Y"], *([f"J{i}", y, x] for i, (x, y) in enumerate(points, start=1))]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("at", [0, 2, 5, 7])
def test_the_line_of_one_point_that_lies_elsewhere(tmp_path: Path, kind: str, at: int) -> None:
    """A prefix forgotten in one line of a table: that line, with its numbers; the closing point counts once."""
    x, y = OCTAGON[at]
    table = rows((at, x - 37e6, y))
    path = write_csv(tmp_path / "a.csv", table) if kind == "csv" else write_xlsx(tmp_path / "a.xlsx", table)
    with pytest.raises(OutsideEnvelope) as caught:
        read_submission(path, envelope=ENVELOPE)
    assert at + 2 == caught.value.where.line
    assert caught.value.what.startswith(f"有 1 个点与其余 7 个点对不上，第一个是 ({x - 37e6:.3f}, {y:.3f})")


def test_all_lines_of_several_points_are_told(tmp_path: Path) -> None:
    """Three lines without the prefix: the first in the place, the others in the reason; a TXT as well as a table."""
    changed = [(at, OCTAGON[at][0] - 37e6, OCTAGON[at][1]) for at in (2, 4, 5)]
    ring = [next(((x, y) for at, x, y in changed if at == i), p) for i, p in enumerate(OCTAGON)]
    paths = {write_csv(tmp_path / "a.csv", rows(*changed)): (4, 6, 7), write(tmp_path / "a.txt", block(ring)): (14, 16, 17)}
    for path, lines in paths.items():
        with pytest.raises(OutsideEnvelope) as caught:
            read_submission(path, envelope=ENVELOPE)
        assert lines[0] == caught.value.where.line
        assert "有 3 个点与其余 5 个点对不上" in caught.value.what
        assert f"还有第 {lines[1]} 行" in caught.value.why
        assert f"第 {lines[2]} 行" in caught.value.why


def test_half_of_the_points_elsewhere(tmp_path: Path) -> None:
    """No majority: the place is still one of those that lie outside, never one that is right."""
    changed = [(at, OCTAGON[at][0] + 300_000, OCTAGON[at][1]) for at in (3, 4, 5, 6, 7)]
    ring = [next(((x, y) for at, x, y in changed if at == i), p) for i, p in enumerate(OCTAGON)]
    for path, line in ((write_csv(tmp_path / "a.csv", rows(*changed)), 5), (write(tmp_path / "a.txt", block(ring)), 15)):
        with pytest.raises(OutsideEnvelope) as caught:
            read_submission(path, envelope=ENVELOPE)
        assert line == caught.value.where.line


def test_two_points_exchanged_in_one_line_of_degrees(tmp_path: Path) -> None:
    """Degrees are shown with enough digits to find them."""
    points = [(32.0, 112.2), (32.001, 112.2), (112.2012, 32.001), (32.0, 112.2012)]
    table: list[list[object]] = [
        ["坐标系：2000国家大地坐标系"],
        ["点号", "纬度", "经度"],
        *([f"J{i}", *p] for i, p in enumerate(points, 1)),
    ]
    with pytest.raises(OutsideEnvelope, match=r"\(32.001000, 112.201200\)") as caught:
        read_submission(write_csv(tmp_path / "a.csv", table), envelope=ENVELOPE)
    assert 5 == caught.value.where.line
    assert "写反" in caught.value.why


def test_a_first_point_that_is_wrong_is_not_taken_for_the_measure(tmp_path: Path) -> None:
    """First and closing point differ: both lines and both values are shown, and neither is called right."""
    table = [*rows((0, OCTAGON[0][0] + 5, OCTAGON[0][1])), ["J1", OCTAGON[0][1], OCTAGON[0][0]]]
    ring = [(OCTAGON[0][0] + 5, OCTAGON[0][1]), *OCTAGON[1:], OCTAGON[0]]
    txt = write(tmp_path / "a.txt", [line.replace("J9", "J1") for line in block(ring)])
    for path, line, first in ((write_csv(tmp_path / "a.csv", table), 10, 2), (txt, 20, 12)):
        with pytest.raises(BadLine, match="坐标相差 5.000") as caught:
            read_submission(path, envelope=ENVELOPE)
        assert line == caught.value.where.line
        assert f"首点在第 {first} 行" in caught.value.why
        assert "37618005.000" in caught.value.why
