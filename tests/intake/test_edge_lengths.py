"""Stated edge lengths mean the same in a TXT and in a table: to two centimetres the same, beyond ten a doubt."""

from __future__ import annotations

from pathlib import Path

import pytest
from boundary_files import ENVELOPE, block, moved, square, write
from parcel_files import write_csv

from xygis.intake.read import read_submission
from xygis.intake.submission import Submission

RING = moved(square(0, 0, 100))


def read(folder: Path, kind: str, first_m: float) -> Submission:
    """A square with its lengths beside the points, the first one as given."""
    lengths = [first_m, 100.0, 100.0, 100.0]
    if kind == "txt":
        head, *points = block(RING)
        return read_submission(
            write(folder / "a.txt", [head, *(f"{p},{e:.3f}" for p, e in zip(points, lengths, strict=False)), points[-1]]), envelope=ENVELOPE
        )
    rows: list[list[object]] = [["点号", "X", "Y", "边长"]]
    rows += [[f"J{i}", y, x, e] for i, ((x, y), e) in enumerate(zip(RING[:4], lengths, strict=True), start=1)]
    return read_submission(write_csv(folder / "a.csv", [*rows, ["J1", RING[0][1], RING[0][0], None]]), envelope=ENVELOPE)


@pytest.mark.parametrize("kind", ["txt", "csv"])
@pytest.mark.parametrize(
    ("off_m", "told", "doubtful"), [(0.015, False, False), (0.04, True, False), (0.08, True, False), (0.15, True, True)]
)
def test_one_threshold_for_both(tmp_path: Path, kind: str, off_m: float, told: bool, doubtful: bool) -> None:
    """What is rounding, what is worth a look, what must be verified."""
    got = read(tmp_path, kind, 100.0 + off_m)
    assert told == any(n.code in ("edge_length_off", "edge_lengths_off") for n in got.notes)
    assert doubtful == bool(got.parcels[0].doubtful)
