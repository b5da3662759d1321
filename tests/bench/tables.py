"""The results as people read them, and as JSON."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import statistics
from collections.abc import Sequence
from typing import Any

from tests.bench.program import Task
from tests.bench.rounds import Outcome, ratio_of

_LIBRARIES = ("geopandas", "shapely", "pyogrio", "numpy", "rasterio", "exactextract")


def task_text(task: Task, outcomes: Sequence[Outcome], *, judged: bool) -> str:
    """judged: whether the targets were set for this size."""
    head = f"{task.key} {task.title}"
    lines = [head, "-" * len(head), f"{'program':22} {'median s':>9} {'least s':>9} {'x xygis':>8} {'peak MiB':>9}   result"]
    ours = next((o.median_s for o in outcomes if o.program.name.split()[0] == "xygis" and "prepare" not in o.program.name), None)
    for o in outcomes:
        if o.failure:
            word = "NOT RUN" if o.program.missing else "FAILED"
            lines.append(f"{o.program.name:22} {word}: {o.failure}")
            continue
        assert o.median_s is not None and o.peak_mib is not None
        times = f"{o.median_s / ours:8.2f}" if ours else " " * 8
        peak = " " * 9 if o.program.name == "postgis" else f"{o.peak_mib:9.0f}"
        lines.append(
            f"{o.program.name:22} {o.median_s:9.3f} {min(o.seconds):9.3f} {times} {peak}   {', '.join(filter(None, (_result(o), o.note)))}"
        )
    for target in task.targets:
        ratio = ratio_of(target, list(outcomes))
        wanted = f"at least {target.at_least:g}" if target.at_least is not None else f"at most {target.at_most:g}"
        found = "unknown" if ratio is None else f"{ratio:.2f}"
        verdict = "" if not judged or ratio is None else "  reached" if target.holds(ratio) else "  MISSED"
        lines.append(f"  {target.text}: {found} ({wanted} at M){verdict}")
    return "\n".join(lines) + "\n"


def task_json(task: Task, outcomes: Sequence[Outcome]) -> dict[str, Any]:
    programs = {}
    for o in outcomes:
        row: dict[str, Any] = {"failure": o.failure} if o.failure else {"median_s": o.median_s, "peak_mib": o.peak_mib}
        row |= {"seconds": o.seconds, "stages": o.stages} if o.seconds else {}
        row |= {"operation_s": o.operation_s} if o.operation_s is not None else {}
        row |= {"note": o.note} if o.note else {}
        row |= {"apart": o.apart.as_json()} if o.apart else {}
        programs[o.program.name] = row
    targets = [{"text": t.text, "ratio": ratio_of(t, list(outcomes)), "at_least": t.at_least, "at_most": t.at_most} for t in task.targets]
    return {"title": task.title, "programs": programs, "targets": targets}


def growth_text(runs: Sequence[dict[str, Any]]) -> str:
    """Seconds and peak memory of our programs by size, and how they grow from one size to the next."""
    names = dict.fromkeys((task, name) for run in runs for task, t in run["tasks"].items() for name in t["programs"] if "xygis" in name)
    lines = ["growth", "------", f"{'':28}" + "".join(f"{run['size']:>22}" for run in runs)]
    for task, name in names:
        cells, before = [], None
        for run in runs:
            row = run["tasks"].get(task, {}).get("programs", {}).get(name, {})
            seconds, peak = row.get("median_s"), row.get("peak_mib")
            if seconds is None:
                cells.append(f"{'-':>22}")
                continue
            times = f" x{seconds / before:.1f}" if before else ""
            cells.append(f"{seconds:.2f} s {peak:.0f} MiB{times}".rjust(22))
            before = seconds
        lines.append(f"{task} {name:25}" + "".join(cells))
    return "\n".join(lines) + "\n"


def machine() -> dict[str, Any]:
    """What the run depends on. No host name, no path."""
    versions = {}
    for name in _LIBRARIES:
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            versions[name] = None
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {"cpus": os.cpu_count(), "memory_gib": round(memory, 1), "python": platform.python_version(), "libraries": versions}


def _result(outcome: Outcome) -> str:
    if outcome.apart is None:
        return f"{len(outcome.numbers)} values" if outcome.numbers else ""
    if outcome.apart.wrong:
        a = outcome.apart
        return f"WRONG: {a.wrong} of {a.keys} ({a.unmatched} one-sided), worst {a.greatest:.3g} at {a.worst}"
    spread = f", {max(outcome.seconds) / statistics.median(outcome.seconds) - 1:.0%} spread" if len(outcome.seconds) > 1 else ""
    return f"right, within {outcome.apart.greatest:.1e}{spread}"
