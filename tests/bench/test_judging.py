"""Judging stays a small part of a run over many parcels: a share of the measuring in the same process, never a time."""

from __future__ import annotations

from tests.bench.judging import measured


def test_judging_is_a_small_part_of_a_run() -> None:
    """500 parcels on the bundled atlas, every rule of the day: a tenth. More parcels have more that are alike: 6 % at 2,000."""
    measuring, judging = measured(500)
    assert judging <= 0.15 * measuring, f"{judging:.2f} s of judging beside {measuring:.2f} s of measuring"
