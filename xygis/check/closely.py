"""Pairs of parcel and layer that need geometry, measured as a single check does it.

What goes wrong with one pair is that pair's own: its row says so and counts as undetermined, the others go on.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from xygis.atlas.atlas import COUNTIES, Atlas
from xygis.check.hearing import measured
from xygis.check.layer_column import failed_row, row_of
from xygis.check.layers import OpenLayer, city_near, under_parcels
from xygis.intake.submission import Parcel
from xygis.judge.judging import Bench, questions
from xygis.overlay.kernel.binding import default_jobs
from xygis.overlay.kernel.pieces import Ints
from xygis.overlay.measure import Zonal
from xygis.overlay.shape import ParcelShape, shape_parcel

if TYPE_CHECKING:
    from xygis.check.columns import Task

Row = tuple[object, ...]
_WORTH_A_PROCESS = 400  # pairs; below, starting one costs more than it saves


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Where pairs of one layer are looked at. changed: the data are no longer those that the run began with."""

    atlas: Atlas
    opened: OpenLayer
    layers: tuple[OpenLayer, ...]  # for the counties around a parcel
    benches: tuple[Bench, ...]
    changed: bool = False

    def row(self, parcel: Parcel, bench: int) -> Row:
        """The pair's row; a failure is a row too."""
        if self.changed:
            return failed_row("图层数据在审查期间被改动，请再次运行")
        try:
            return self._row(parcel, bench, shape_parcel(parcel.geometry, parcel.crs, self.atlas.plane), None)
        except Exception as error:  # noqa: BLE001  one pair must not stop ten thousand; it is told apart and decides nothing
            return failed_row(_said(error))

    def raster_row(self, parcel: Parcel, bench: int, shape: ParcelShape, zonal: Zonal) -> Row:
        """The same over a raster that has been read."""
        try:
            return self._row(parcel, bench, shape, zonal)
        except Exception as error:  # noqa: BLE001  as above
            return failed_row(_said(error))

    def _row(self, parcel: Parcel, bench: int, shape: ParcelShape, zonal: Zonal | None) -> Row:
        judge = self.benches[bench]
        asked = questions(judge.rules, self.opened.layer.id, judge.facts)
        city = None if self.opened.layer.id == COUNTIES or zonal is not None else city_near(self.atlas, self.layers, shape)
        measure = measured(shape, self.opened, asked, city, zonal)
        return row_of(measure, judge.of_layer(parcel.name, shape.area_m2, self.opened.layer, measure))


def look_closely(task: Task, opened: OpenLayer, which: Ints, chunk: int) -> Iterator[tuple[Ints, list[Row]]]:
    """(numbers of parcels, their rows), some at a time, in order."""
    jobs = task.jobs or default_jobs()
    chunks = [which[i : i + chunk] for i in range(0, len(which), chunk)]
    if opened.raster is not None:
        yield from _raster(task, opened, chunks)
    elif jobs == 1 or len(which) < _WORTH_A_PROCESS:
        desk = Desk(atlas=task.atlas, opened=opened, layers=task.layers, benches=task.benches)
        for some in chunks:
            yield some, [desk.row(task.parcels[i], int(task.bench_of[i])) for i in some.tolist()]
    else:
        from xygis.check.processes import on_processes

        yield from on_processes(task, opened, chunks, jobs)


def _raster(task: Task, opened: OpenLayer, chunks: list[Ints]) -> Iterator[tuple[Ints, list[Row]]]:
    """A raster is read once for all parcels. One that breaks off leaves every pair open, and nothing to be taken over."""
    drawn = {i: _drawn(task.parcels[i], task.atlas) for some in chunks for i in some.tolist()}
    shapes = {i: shape for i, shape in drawn.items() if isinstance(shape, ParcelShape)}
    rows: dict[int, Row] = {i: failed_row(why) for i, why in drawn.items() if isinstance(why, str)}
    try:
        (ready,), held = under_parcels((opened,), list(shapes.values()))
        broken = None if ready.raster is not None else ready.record.note or ready.record.state.label
    except Exception as error:  # noqa: BLE001  one layer must not stop the others
        held, broken = {}, _said(error)
    if broken is not None:
        rows |= {i: failed_row(broken) for i in shapes}
    else:
        desk = Desk(atlas=task.atlas, opened=ready, layers=(ready,), benches=task.benches)
        zonals = zip(shapes, held[opened.layer.id], strict=True)
        rows |= {i: desk.raster_row(task.parcels[i], int(task.bench_of[i]), shapes[i], zonal) for i, zonal in zonals}
    for some in chunks:
        yield some, [rows[i] for i in some.tolist()]


def _drawn(parcel: Parcel, atlas: Atlas) -> ParcelShape | str:
    """The parcel in the plane, or why it cannot be drawn there."""
    try:
        return shape_parcel(parcel.geometry, parcel.crs, atlas.plane)
    except Exception as error:  # noqa: BLE001  one parcel must not stop the others
        return _said(error)


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
