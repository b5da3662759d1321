"""How the tests of sound files read them and compare them with what was written."""

from __future__ import annotations

from pathlib import Path

from boundary_files import ENVELOPE
from parcel_files import (
    NAMES,
    worst_difference_m,
)

from xygis.intake.read import read_submission
from xygis.intake.submission import Submission


def read(path: Path, **options: object) -> Submission:
    return read_submission(path, envelope=ENVELOPE, **options)  # type: ignore[arg-type]


def codes(submission: Submission) -> set[str]:
    return {n.code for n in submission.notes}


def same(submission: Submission, names: tuple[str, ...] | None = NAMES) -> None:
    """The parcels are those that were written, and nothing about them is doubtful."""
    if names is not None:
        assert list(names) == [p.name for p in submission.parcels]
    assert not [p.doubtful for p in submission.parcels if p.doubtful]
    assert worst_difference_m(tuple(p.geometry for p in submission.parcels), submission.crs) <= 0.001
