"""Judging stays a small part of a run over many parcels: a share of the measuring in the same process, never a time."""

from __future__ import annotations

from statistics import median

from tests.bench.judging import measured


def test_judging_is_a_small_part_of_a_run() -> None:
    """500 parcels on the bundled atlas, every rule of the day: a tenth. More parcels have more that are alike: 6 % at 2,000.

    The median of three: one run of a quarter of a minute is easily disturbed by whatever else the machine does.
    """
    shares = [judging / measuring for measuring, judging in (measured(500) for _ in range(3))]
    assert median(shares) <= 0.15, f"judging beside measuring: {', '.join(f'{s:.3f}' for s in shares)}"
