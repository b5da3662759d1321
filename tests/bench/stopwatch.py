"""Runs one command as its own process: wall seconds from start to exit, and peak memory.

Started as a program of its own, because a child's peak as Linux reports it begins with that of the process it was forked
from: the stopwatch stays at a few MiB whatever the harness holds. `python stopwatch.py SECONDS COMMAND…` prints JSON.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_EVERY_S = 0.05
_TAIL = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Timed:
    """peak_mib: the largest process, or the sum over those alive at one time, sampled, a shared page counted once.
    code is None where the time was up."""

    seconds: float
    peak_mib: float
    code: int | None
    printed: str
    complaint: str  # the end of what was written to stderr


def timed(command: Sequence[str], *, timeout_s: float, environment: Mapping[str, str] | None = None) -> Timed:
    """The command under the stopwatch. environment: added to that of the harness."""
    watch = [sys.executable, "-S", "-E", str(Path(__file__).resolve()), str(timeout_s), *command]
    done = subprocess.run(watch, capture_output=True, text=True, encoding="utf-8", env={**os.environ, **(environment or {})}, check=True)
    return Timed(**json.loads(done.stdout))


def _main() -> None:
    timeout_s, command = float(sys.argv[1]), sys.argv[2:]
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)
    out: list[bytes] = []
    complaints: list[bytes] = []
    readers = [
        threading.Thread(target=lambda pipe=pipe, to=to: to.append(pipe.read()))
        for pipe, to in ((process.stdout, out), (process.stderr, complaints))
    ]
    for reader in readers:
        reader.start()
    code, peak, end = _wait(process.pid, start + timeout_s)
    for reader in readers:
        reader.join()
    texts = [b"".join(x).decode("utf-8", "replace") for x in (out, complaints)]
    report = {"seconds": end - start, "peak_mib": peak, "code": code, "printed": texts[0], "complaint": texts[1][-_TAIL:]}
    sys.stdout.buffer.write(json.dumps(report).encode())


def _wait(pid: int, until: float) -> tuple[int | None, float, float]:
    """(exit code, peak MiB, when it ended). Waits in a thread, so that sampling does not delay the end."""
    ended: list[tuple[int, float, float]] = []

    def wait() -> None:
        _, status, usage = os.wait4(pid, 0)
        ended.append((os.waitstatus_to_exitcode(status), usage.ru_maxrss / 1024, time.perf_counter()))

    waiter = threading.Thread(target=wait)
    waiter.start()
    together, killed, before = 0.0, False, [pid]
    while waiter.is_alive():
        waiter.join(_EVERY_S)
        family = _family(pid)
        lasting = [p for p in family if p in before]  # one that has only just been forked still shows its parent's memory
        if len(lasting) > 1:
            together = max(together, sum(map(_own_mib, lasting)))
        before = family
        if time.perf_counter() > until and not killed:
            killed = True
            with contextlib.suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)
    code, largest, end = ended[0]
    return None if killed else code, max(largest, together), end


def _family(pid: int) -> list[int]:
    """The process and all that descend from it."""
    found, todo = [], [pid]
    while todo:
        found.append(todo.pop())
        with contextlib.suppress(OSError):  # gone while we look
            for thread in Path(f"/proc/{found[-1]}/task").iterdir():
                todo += [int(child) for child in (thread / "children").read_text().split()]
    return found


def _own_mib(pid: int) -> float:
    """Its share of physical memory: a page that n processes hold counts 1/n."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    return 0.0


if __name__ == "__main__":
    _main()
