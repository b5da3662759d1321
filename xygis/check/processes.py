"""Pairs that need geometry, on several processes. A process that dies takes nothing with it: what it had is tried again in halves,
and a pair that ends a process alone is set apart.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from multiprocessing import Pipe, get_context, parent_process
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import TYPE_CHECKING

from xygis.atlas.atlas import COUNTIES, Atlas
from xygis.check.closely import Desk, Row
from xygis.check.layer_column import failed_row
from xygis.check.layers import OpenLayer, open_checked
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
    """(numbers of parcels, their rows), as they are finished."""
    if not _can_start():
        desk = Desk(atlas=task.atlas, opened=opened, layers=task.layers, benches=task.benches)
        for some in chunks:
            yield some, [desk.row(*pair) for pair in _pairs(task, some)]
        return
    seat, left, deaths = _seat(task, opened), deque(chunks), 0
    with _Workers(seat, min(jobs, len(chunks))) as workers:
        while left or workers.busy:
            workers.hand_out(task, left)
            for some, rows in workers.answers():
                if rows is not None:
                    yield some, rows
                    continue
                deaths += 1
                if len(some) == 1 or deaths > _MOST_DEATHS:
                    yield some, [failed_row("计算进程意外中止")] * len(some)
                else:
                    half = len(some) // 2
                    left.extendleft((some[half:], some[:half]))


class _Workers:
    """Some processes, each with a pipe of its own, so that one that dies says by its silence what it was at work on.

    (A ProcessPoolExecutor can wait for ever when a process dies while others are being started.)
    """

    def __init__(self, seat: _Seat, count: int) -> None:
        self._seat, self._count = seat, count
        self._idle: list[tuple[Connection, BaseProcess]] = []
        self._busy: dict[Connection, tuple[BaseProcess, Ints]] = {}

    def __enter__(self) -> _Workers:
        return self

    def __exit__(self, *error: object) -> None:
        everyone = [*self._idle, *((pipe, process) for pipe, (process, _) in self._busy.items())]
        for pipe, process in everyone:
            pipe.close()
            process.kill()
        for _pipe, process in everyone:
            process.join()

    @property
    def busy(self) -> bool:
        return bool(self._busy)

    def hand_out(self, task: Task, left: deque[Ints]) -> None:
        """Gives work to everyone who has none, starting processes up to the number that may be."""
        while len(self._idle) < len(left) and len(self._idle) + len(self._busy) < self._count:
            self._idle.append(self._start())
        while left and self._idle:
            pipe, process = self._idle.pop()
            some = left.popleft()
            self._busy[pipe] = process, some
            with contextlib.suppress(OSError):  # it is gone: its end of the pipe says so too
                pipe.send(_pairs(task, some))

    def answers(self) -> Iterator[tuple[Ints, list[Row] | None]]:
        """What is finished by now, waiting for the first; None instead of rows where the process died over them."""
        ready = wait(list(self._busy))
        for pipe in [p for p in self._busy if p in ready]:
            process, some = self._busy.pop(pipe)
            try:
                answer = pipe.recv()
            except (EOFError, OSError):
                pipe.close()
                process.join()
                yield some, None
                continue
            self._idle.append((pipe, process))
            if isinstance(answer, BaseException):
                raise answer
            yield some, answer

    def _start(self) -> tuple[Connection, BaseProcess]:
        mine, theirs = Pipe()
        process = get_context("spawn").Process(target=_work, args=(theirs, self._seat), daemon=True)
        process.start()
        theirs.close()
        return mine, process


@lru_cache(maxsize=1)
def _can_start() -> bool:
    """Whether processes start at all: not from a script that does its work without `if __name__ == "__main__"`."""
    try:
        process = get_context("spawn").Process(target=_nothing, daemon=True)
        process.start()
        process.join()
    except (OSError, RuntimeError, AssertionError):  # AssertionError: this is itself a process that may have no children
        return False
    return process.exitcode == 0


def _nothing() -> None:
    """Done by a process that only has to start."""


def _pairs(task: Task, some: Ints) -> list[tuple[Parcel, int]]:
    return [(task.parcels[i], int(task.bench_of[i])) for i in some.tolist()]


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


def _work(pipe: Connection, seat: _Seat) -> None:
    """What a process does: rows for each list of pairs, until the pipe is closed."""
    threading.Thread(target=_leave_with_the_parent, daemon=True).start()
    desk: Desk | None = None
    while True:
        try:
            pairs = pipe.recv()
        except (EOFError, OSError):
            return
        try:
            desk = desk or _sit_down(seat)
            answer: list[Row] | Exception = [desk.row(parcel, bench) for parcel, bench in pairs]
        except Exception as error:  # noqa: BLE001 - raised again where the work was handed out
            answer = error
        pipe.send(answer)


def _sit_down(seat: _Seat) -> Desk:
    layers = open_checked(seat.atlas, seat.on, LayerStore(seat.folder))
    opened = next(o for o in layers if o.layer.id == seat.layer)
    changed = tuple((o.layer.id, o.record.sha256) for o in layers) != seat.known
    return Desk(atlas=seat.atlas, opened=opened, layers=layers, benches=seat.benches, changed=changed)


def _leave_with_the_parent() -> None:
    """A run that is killed leaves no process behind."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
