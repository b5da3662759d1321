"""`python -m tests.bench.run --size S|M|L`: xygis against its peers on the synthetic city, whole processes, one run.

Makes what is missing of the city, then runs every program as a process of its own and prints seconds, peak memory, how
far each result is from the reference, and the ratios that are wanted. The same stands in results.json. Exit 1: a program
failed or was wrong. README.md says what the programs do.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from functools import cache, partial
from pathlib import Path
from typing import Any

from tests.bench.city_atlas import write_city_atlas
from tests.bench.peers import postgis
from tests.bench.program import Program
from tests.bench.rounds import run_task
from tests.bench.tables import growth_text, machine, task_json, task_text
from tests.bench.tasks import NEED_PAIR, TASKS, Place

_ROUNDS = {"S": 3, "M": 3, "L": 1}
_WITH_PAIR = ("S", "M")
_JUDGED_AT = "M"
_OFF = "plain"  # run only when named: the kernel switched off takes minutes at M
_ROOT = Path(__file__).parents[2]


def main() -> None:
    given = _arguments()
    runs = [run_size(size, given) for size in given.size]
    if len(runs) > 1:
        print(growth_text(runs))
    sys.exit(0 if all(run["sound"] for run in runs) else 1)


def run_size(size: str, given: argparse.Namespace) -> dict[str, Any]:
    """Everything that was asked for at one size; also written to results.json after every task."""
    data, out = given.data.absolute() / size, given.out.absolute() / size
    subprocess.run([sys.executable, "-m", "tests.bench.city", str(data), "--size", size], check=True, cwd=_ROOT)
    shutil.rmtree(out, ignore_errors=True)  # no result of an earlier run can pass for new
    out.mkdir(parents=True)
    _read_through(data)
    report: dict[str, Any] = {"size": size, "machine": machine(), "sound": True, "postgis_load_s": {}, "tasks": {}}
    for key in given.tasks:
        if key in NEED_PAIR and size not in _WITH_PAIR:
            print(f"{key}: there is no pair of land use maps of size {size}\n")
            continue
        with ExitStack() as stack:
            server = _server(stack, key, data, given, report)
            place = Place(
                data=data,
                out=out,
                atlas=write_city_atlas(out / "atlas", data),
                cache=out / "cache",
                peer_python=given.peer_python,
                server=server,
                absent=partial(_absent, given.peer_python),
            )
            task = TASKS[key](place)
            chosen = _chosen(task.programs, given.peers)
            outcomes = run_task(task, chosen, rounds=given.repeat or _ROUNDS[size], timeout_s=given.timeout)
        print(task_text(task, outcomes, judged=size == _JUDGED_AT), flush=True)
        report["tasks"][key] = task_json(task, outcomes)
        report["sound"] &= all(o.sound or o.program.missing for o in outcomes)
        (out / "results.json").write_text(json.dumps(report, indent=1), "utf-8")
    return report


def _server(stack: ExitStack, key: str, data: Path, given: argparse.Namespace, report: dict[str, Any]) -> postgis.Server | None:
    """A server with the tables of the task loaded, where PostGIS is installed and asked for."""
    load = {"T1": postgis.load_city, "T3": postgis.load_pair}.get(key)
    folder = postgis.programs_of(given.pg_bin)
    if load is None or folder is None or (given.peers and "postgis" not in given.peers):
        return None
    server = stack.enter_context(postgis.server(folder))
    report["postgis_load_s"][key] = load(server, data)
    return server


def _chosen(programs: Sequence[Program], peers: list[str]) -> list[Program]:
    """Ours, the peers asked for, and whatever their results are compared with."""

    def wanted(program: Program) -> bool:
        words = program.name.split()
        if _OFF in words:
            return _OFF in peers
        return words[0] == "xygis" or not peers or words[0] in peers

    bases = {p.like for p in programs if wanted(p)}
    return [p for p in programs if wanted(p) or p.name in bases]


@cache
def _absent(python: str, library: str) -> bool:
    found = subprocess.run([python, "-c", f"import {library}"], capture_output=True, check=False)
    return found.returncode != 0


def _read_through(data: Path) -> None:
    """Every file once, so that no program pays for the disk alone."""
    for path in sorted(data.glob("*.*")):
        with path.open("rb") as file:
            while file.read(1 << 24):
                pass


def _arguments() -> argparse.Namespace:
    def listed(text: str) -> list[str]:
        return [word for word in text.split(",") if word]

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=listed, default=["S"], help="S, M or L; several with commas also show the growth")
    parser.add_argument("--tasks", type=listed, default=list(TASKS), help=f"of {','.join(TASKS)}")
    parser.add_argument("--peers", type=listed, default=[], help="only these peers, by name; plain: our kernel switched off as well")
    parser.add_argument("--repeat", type=int, default=0, help="rounds; default 3, at L 1")
    parser.add_argument("--data", type=Path, default=_ROOT / "build" / "bench" / "data", help="holds S/, M/, L/")
    parser.add_argument("--out", type=Path, default=_ROOT / "build" / "bench" / "out", help="results by size; emptied first")
    parser.add_argument("--timeout", type=float, default=3600.0, help="seconds for one program")
    parser.add_argument("--peer-python", default=sys.executable, help="Python that has the peers' libraries")
    parser.add_argument("--pg-bin", type=Path, help="programs of a PostgreSQL with PostGIS; default: what pg_config says")
    given = parser.parse_args()
    if bad := [s for s in given.size if s not in _ROUNDS] + [t for t in given.tasks if t not in TASKS]:
        parser.error(f"unknown: {', '.join(bad)}")
    return given


if __name__ == "__main__":
    main()
