"""Pairs that need geometry, on several processes. A process that dies takes nothing with it: what it had is tried again, and a
pair that ends a process twice is set apart.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from multiprocessing import get_context, parent_process
from pathlib import Path
from typing import TYPE_CHECKING

from xygis.atlas.atlas import COUNTIES, Atlas
from xygis.check.closely import Desk, Row
from xygis.check.layer_column import failed_row
from xygis.check.layers import OpenLayer, open_layers
from xygis.intake.submission import Parcel
from xygis.judge.judging import Bench
from xygis.overlay.kernel.pieces import Ints
from xygis.overlay.store import LayerStore

if TYPE_CHECKING:
    from xygis.check.columns import Task

_MOST_DEATHS = 30  # after that the machine is at fault, not a pair


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seat:
    """What a process needs to open its desk."""

    atlas: Atlas
    on: date
    layer: str
    known: tuple[tuple[str, str | None], ...]  # sha256 of each layer that is opened again
    benches: tuple[Bench, ...]
    folder: Path  # of prepared layers


def on_processes(task: Task, opened: OpenLayer, chunks: list[Ints], jobs: int) -> Iterator[tuple[Ints, list[Row]]]:
    """(numbers of parcels, their rows), in order but for pairs that had to be tried again."""
    seat, left, deaths = _seat(task, opened), deque(chunks), 0
    if not _can_start(jobs):
        desk = Desk(atlas=task.atlas, opened=opened, layers=task.layers, benches=task.benches)
        for some in chunks:
            yield some, [desk.row(*pair) for pair in _pairs(task, some)]
        return
    while left:
        done = 0
        try:
            for some, rows in _one_pool(task, seat, tuple(left), jobs):
                yield some, rows
                left.popleft()
                done += 1
        except BrokenExecutor:
            deaths += 1
            if deaths == 1 or done:  # several were at work: which of them it was shows only one by one
                jobs = 1
                continue
            culprit = left.popleft()
            if len(culprit) == 1 or deaths > _MOST_DEATHS:
                yield culprit, [failed_row("计算进程意外中止")] * len(culprit)
            else:
                half = len(culprit) // 2
                left.extendleft((culprit[half:], culprit[:half]))


@lru_cache(maxsize=1)
def _can_start(jobs: int) -> bool:
    """Whether processes start at all: not from a script that does its work without `if __name__ == "__main__"`."""
    try:
        with ProcessPoolExecutor(1, get_context("spawn")) as pool:
            return pool.submit(max, jobs, 1).result() == max(jobs, 1)
    except (BrokenExecutor, OSError, RuntimeError):
        return False


def _pairs(task: Task, some: Ints) -> list[tuple[Parcel, int]]:
    return [(task.parcels[i], int(task.bench_of[i])) for i in some.tolist()]


def _one_pool(task: Task, seat: _Seat, chunks: tuple[Ints, ...], jobs: int) -> Iterator[tuple[Ints, list[Row]]]:
    pool = ProcessPoolExecutor(min(jobs, len(chunks)), get_context("spawn"), _sit_down, (seat,))
    try:
        waiting = [(some, pool.submit(_rows, _pairs(task, some))) for some in chunks]
        for some, rows in waiting:
            yield some, rows.result()
    finally:
        pool.shutdown(cancel_futures=True)


def _seat(task: Task, opened: OpenLayer) -> _Seat:
    wanted = [o for o in task.layers if o.layer.id in (opened.layer.id, COUNTIES)]
    return _Seat(
        atlas=replace(task.atlas, layers=tuple(o.layer for o in wanted)),
        on=task.on,
        layer=opened.layer.id,
        known=tuple((o.layer.id, o.record.sha256) for o in wanted),
        benches=task.benches,
        folder=task.store_folder,
    )


_DESK: list[Desk] = []  # of a working process


def _sit_down(seat: _Seat) -> None:
    threading.Thread(target=_leave_with_the_parent, daemon=True).start()
    layers = open_layers(seat.atlas, seat.on, LayerStore(seat.folder))
    opened = next(o for o in layers if o.layer.id == seat.layer)
    changed = tuple((o.layer.id, o.record.sha256) for o in layers) != seat.known
    _DESK[:] = [Desk(atlas=seat.atlas, opened=opened, layers=layers, benches=seat.benches, changed=changed)]


def _leave_with_the_parent() -> None:
    """A run that is killed leaves no process behind."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _rows(pairs: list[tuple[Parcel, int]]) -> list[Row]:
    return [_DESK[0].row(parcel, bench) for parcel, bench in pairs]
