"""Runs the programs of a task in turn, round after round, xygis first, and says of each: how long, how large, how right."""

from __future__ import annotations

import contextlib
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field

from tests.bench.program import Numbers, Program, Target, Task
from tests.bench.results import Apart, apart
from tests.bench.stopwatch import Timed, timed


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What came of one program."""

    program: Program
    seconds: list[float] = field(default_factory=list)
    operations: list[float] = field(default_factory=list)  # the operation alone, where the program says it
    peaks_mib: list[float] = field(default_factory=list)
    stages: dict[str, float] = field(default_factory=dict)  # of the last run
    note: str = ""  # what the command after the clock said
    failure: str | None = None
    numbers: Numbers = field(default_factory=dict)
    apart: Apart | None = None

    @property
    def median_s(self) -> float | None:
        return statistics.median(self.seconds) if self.seconds and not self.failure else None

    @property
    def operation_s(self) -> float | None:
        return statistics.median(self.operations) if self.operations and not self.failure else None

    @property
    def peak_mib(self) -> float | None:
        return max(self.peaks_mib) if self.peaks_mib and not self.failure else None

    @property
    def sound(self) -> bool:
        """Ran, and is right where that can be told."""
        return self.failure is None and (self.apart is None or self.apart.wrong == 0)


def run_task(task: Task, chosen: list[Program], *, rounds: int, timeout_s: float) -> list[Outcome]:
    """Outcomes in the order of `chosen`. A program that fails once is not run again."""
    outcomes = [Outcome(program=p, failure=p.missing) for p in chosen]
    first = next((o.program for o in outcomes if o.program.name.startswith("xygis")), None)
    if task.preparation is not None and first is not None:
        prepared = Outcome(program=task.preparation)
        _run(prepared, timeout_s)
        if prepared.failure:  # then the first check prepares, off the clock
            _run(Outcome(program=first), timeout_s)
        outcomes.insert(0, prepared)
    for number in range(rounds):
        for outcome in outcomes:
            done_once = number > 0 and (outcome.program.once or outcome.program is task.preparation)
            if outcome.failure is None and outcome.program is not task.preparation and not done_once:
                _run(outcome, timeout_s)
                _say(task, outcome)
    by_name = {o.program.name: o for o in outcomes}
    for outcome in outcomes:
        base = by_name.get(outcome.program.like or "")
        if base is not None and base.failure is None and outcome.failure is None:
            outcome.apart = apart(base.numbers, outcome.numbers, task.tolerance)
    return outcomes


def ratio_of(target: Target, outcomes: list[Outcome]) -> float | None:
    """The ratio a target asks for; None where a program is missing, failed or wrong."""
    sound = {o.program.name: o for o in outcomes if o.sound}
    fast = sound.get(target.fast)
    slow = [sound[name] for name in target.slow if name in sound]
    if fast is None or not slow:
        return None
    over = [s.operation_s if target.operation else s.median_s for s in slow]
    under = fast.operation_s if target.operation else fast.median_s
    known = [s for s in over if s is not None]
    return min(known) / under if known and under else None


def _run(outcome: Outcome, timeout_s: float) -> None:
    """One run; what it found is kept from the last."""
    program = outcome.program
    if program.leaves is not None:
        shutil.rmtree(program.leaves, ignore_errors=True)
    with contextlib.ExitStack() as stack:
        environment = dict(program.environment)
        if program.nothing_prepared:
            environment["XDG_CACHE_HOME"] = stack.enter_context(tempfile.TemporaryDirectory(prefix="xygis-bench-"))
        done = timed(program.command, timeout_s=timeout_s, environment=environment)
    outcome.failure = _failure(program, done, timeout_s)
    if outcome.failure:
        return
    if program.afterwards:
        summed = subprocess.run(program.afterwards, capture_output=True, text=True, check=False)
        if summed.returncode:
            outcome.failure = f"its result cannot be read: {_gist(summed.stderr)}"
            return
        outcome.note = summed.stdout.strip()
    try:
        outcome.numbers = program.result(done.printed)
    except (OSError, KeyError, ValueError, StopIteration) as error:
        said = f"; it said: {_gist(done.complaint)}" if done.complaint.strip() else ""
        outcome.failure = f"exit {done.code}, no result ({type(error).__name__}){said}"
        return
    outcome.seconds.append(done.seconds)
    outcome.peaks_mib.append(done.peak_mib)
    outcome.stages = _stages(done)
    if "operation" in outcome.stages:
        outcome.operations.append(outcome.stages["operation"])


def _failure(program: Program, done: Timed, timeout_s: float) -> str | None:
    if done.code is None:
        return f"not finished after {timeout_s:.0f} s"
    if done.code not in program.accepted:
        return f"exit {done.code}: {_gist(done.complaint or done.printed)}"
    return None


def _stages(done: Timed) -> dict[str, float]:
    last = (done.printed.strip().splitlines() or [""])[-1]
    if not last.startswith('{"stages"'):
        return {}
    return {name: float(s) for name, s in json.loads(last)["stages"].items()}


def _gist(text: str) -> str:
    """The line that says what went wrong: the last of a traceback, else the first."""
    lines = [line.strip() for line in text.splitlines() if line.strip()] or ["it said nothing"]
    return lines[-1 if any(line.startswith("Traceback") for line in lines) else 0][:200]


def _say(task: Task, outcome: Outcome) -> None:
    said = outcome.failure or f"{outcome.seconds[-1]:.3f} s, {outcome.peaks_mib[-1]:.0f} MiB"
    print(f"{task.key} {outcome.program.name}: {said}", file=sys.stderr, flush=True)
