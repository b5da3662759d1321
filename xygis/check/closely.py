"""Pairs of parcel and layer that need geometry, measured as a single check does it: here, or on several processes.

What goes wrong with one pair is that pair's own: its row says so and counts as undetermined, the others go on.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from xygis.atlas.atlas import COUNTIES, Atlas
from xygis.check.layer_column import failed_row, row_of
from xygis.check.layers import OpenLayer, city_near, open_layers, under_parcels
from xygis.check.run import asked_of, measured
from xygis.intake.submission import Parcel
from xygis.judge.judging import Bench
from xygis.overlay.kernel.binding import default_jobs
from xygis.overlay.kernel.pieces import Ints
from xygis.overlay.measure import Zonal
from xygis.overlay.sheet import shape_of
from xygis.overlay.store import LayerStore

if TYPE_CHECKING:
    from xygis.check.columns import Task

Row = tuple[object, ...]
_WORTH_A_PROCESS = 400  # pairs; below, starting one costs more than it saves


@dataclass(frozen=True, slots=True, kw_only=True)
class _Desk:
    """What a process needs to look at pairs of one layer."""

    atlas: Atlas
    opened: OpenLayer
    layers: tuple[OpenLayer, ...]  # for the counties around a parcel
    benches: tuple[Bench, ...]

    def row(self, parcel: Parcel, bench: int, zonal: Zonal | None) -> Row:
        """The pair's row; a failure is a row too."""
        try:
            shape = shape_of(parcel, self.atlas.plane)
            judge = self.benches[bench]
            asked = asked_of(self.atlas, judge.rules, self.opened.layer.id, judge.facts)
            city = None if self.opened.layer.id == COUNTIES else city_near(self.atlas, self.layers, shape)
            measure = measured(shape, self.opened, asked, city, zonal)
            return row_of(measure, judge.of_layer(parcel.name, shape.area_m2, self.opened.layer, measure))
        except Exception as error:  # noqa: BLE001  one pair must not stop ten thousand; it is told apart and decides nothing
            return failed_row(f"{type(error).__name__}: {error}")


def look_closely(task: Task, opened: OpenLayer, which: Ints, chunk: int) -> Iterator[tuple[Ints, list[Row]]]:
    """(numbers of parcels, their rows), some at a time, in order."""
    if opened.raster is not None:
        yield from _raster(task, opened, which, chunk)
        return
    jobs = task.jobs or default_jobs()
    chunks = [which[i : i + chunk] for i in range(0, len(which), chunk)]
    if jobs == 1 or len(which) < _WORTH_A_PROCESS:
        desk = _desk(task.atlas, task.on, opened.layer.id, task.benches, LayerStore())
        for some in chunks:
            yield some, [desk.row(task.parcels[i], int(task.bench_of[i]), None) for i in some.tolist()]
        return
    yield from _processes(task, opened, chunks, jobs)


def _processes(task: Task, opened: OpenLayer, chunks: list[Ints], jobs: int) -> Iterator[tuple[Ints, list[Row]]]:
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    start = (task.atlas, task.on, opened.layer.id, task.benches)
    with ProcessPoolExecutor(min(jobs, len(chunks)), get_context("spawn"), _sit_down, start) as pool:
        waiting = [(some, pool.submit(_rows, [(task.parcels[i], int(task.bench_of[i])) for i in some.tolist()])) for some in chunks]
        for some, rows in waiting:
            yield some, rows.result()


_SEAT: list[_Desk] = []  # of a working process: its desk


def _sit_down(atlas: Atlas, on: date, layer: str, benches: tuple[Bench, ...]) -> None:
    _SEAT[:] = [_desk(atlas, on, layer, benches, LayerStore())]


def _rows(pairs: list[tuple[Parcel, int]]) -> list[Row]:
    return [_SEAT[0].row(parcel, bench, None) for parcel, bench in pairs]


def _desk(atlas: Atlas, on: date, layer: str, benches: tuple[Bench, ...], store: LayerStore) -> _Desk:
    wanted = tuple(o for o in atlas.layers if o.id in (layer, COUNTIES))
    layers = open_layers(replace(atlas, layers=wanted), on, store)
    opened = next(o for o in layers if o.layer.id == layer)
    return _Desk(atlas=atlas, opened=opened, layers=layers, benches=benches)


def _raster(task: Task, opened: OpenLayer, which: Ints, chunk: int) -> Iterator[tuple[Ints, list[Row]]]:
    """A raster is read once for all parcels."""
    shapes = [shape_of(task.parcels[i], task.atlas.plane) for i in which.tolist()]
    (ready,), held = under_parcels((opened,), shapes)
    zonals = held.get(opened.layer.id, (None,) * len(which))
    desk = _Desk(atlas=task.atlas, opened=ready, layers=(ready,), benches=task.benches)
    for start in range(0, len(which), chunk):
        some = which[start : start + chunk]
        yield (
            some,
            [
                desk.row(task.parcels[i], int(task.bench_of[i]), zonal)
                for i, zonal in zip(some.tolist(), zonals[start : start + len(some)], strict=True)
            ],
        )
