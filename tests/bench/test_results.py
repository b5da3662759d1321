"""The harness cannot be talked into a good result: what is wrong, missing, late or broken is said to be."""

from __future__ import annotations

import math
import sys
from pathlib import Path

from tests.bench.program import Numbers, Program, Target, Task
from tests.bench.results import apart
from tests.bench.rounds import ratio_of, run_task
from tests.bench.stopwatch import timed


def _wrong(expected: Numbers, found: Numbers) -> int:
    return apart(expected, found, lambda key, value: 0.01).wrong


def test_a_missing_a_false_and_an_impossible_number_are_wrong() -> None:
    """A key that one side lacks counts as 0, a value that is not a number as infinitely far."""
    assert 0 == _wrong({("P1", "river"): 5.0, ("P2", "river"): 0.004}, {("P1", "river"): 5.009})
    assert 1 == _wrong({("P1", "river"): 5.0}, {("P1", "river"): 5.02})
    assert 1 == _wrong({("P1", "river"): 5.0}, {})
    assert 1 == _wrong({}, {("P1", "river"): 5.0})
    assert 1 == _wrong({("P1", "river"): 5.0}, {("P1", "river"): math.nan})


def test_a_program_that_fails_or_is_wrong_has_no_ratio(tmp_path: Path) -> None:
    """The one that fails at once would otherwise be the fastest."""

    def program(name: str, text: str, value: float) -> Program:
        return Program(
            name=name, command=(sys.executable, "-c", text), like=None if name == "peer" else "peer", result=lambda _: {("P1",): value}
        )

    peer = program("peer", "pass", 1.0)
    target = Target(text="against the peer", slow=("peer",), fast="xygis", at_least=0.0)
    ratios = {}
    for case, ours in {"right": program("xygis", "pass", 1.0), "wrong": program("xygis", "pass", 2.0)}.items():
        ratios[case] = _ratio(target, ours, peer, tmp_path)
    ratios["failed"] = _ratio(target, program("xygis", "raise SystemExit(4)", 1.0), peer, tmp_path)
    assert ratios["right"] is not None
    assert {"wrong": None, "failed": None} == {case: ratios[case] for case in ("wrong", "failed")}


def test_peak_memory_and_time_out_are_those_of_the_program() -> None:
    """64 MiB that the program takes are seen, whatever the harness holds; a program that hangs is stopped."""
    ballast = bytearray(200 << 20)
    large = timed([sys.executable, "-c", "held = bytearray(64 << 20)"], timeout_s=20.0)
    assert 64 < large.peak_mib < 200 < len(ballast) / 2**20 + 1
    assert timed([sys.executable, "-c", "import time; time.sleep(30)"], timeout_s=0.3).code is None


def _ratio(target: Target, ours: Program, peer: Program, data: Path) -> float | None:
    task = Task(key="T", title="", programs=(ours, peer), targets=(target,), tolerance=lambda key, value: 0.01, data=data)
    return ratio_of(target, run_task(task, [ours, peer], rounds=1, timeout_s=20.0))
