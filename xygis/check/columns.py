"""One layer's column of a portfolio: facts at once for all parcels, one judgement for all that are alike, the rest one by one."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xygis.atlas.atlas import Atlas
from xygis.atlas.law import Rule, Selection
from xygis.atlas.verdict import LayerState, worst
from xygis.check.layer_column import NUMBERS, STATES, LayerColumn, codes_of, empty_columns, no_numbers
from xygis.check.layers import OpenLayer
from xygis.check.project import ProjectStatement
from xygis.check.rows import Columns, Rows
from xygis.intake.submission import Parcel
from xygis.judge.judging import Bench, questions
from xygis.overlay.kernel.pieces import Bools, Floats, Ints
from xygis.overlay.measure import Measure, Part
from xygis.overlay.measuring import Question
from xygis.overlay.screen import NOTHING, Screened, screen
from xygis.overlay.sheet import Sheet
from xygis.overlay.tolerances import ALL
from xygis.version import __version__

Progress = Callable[[str, int, int], None]
_CHUNK = 25  # pairs between two words of progress, where each takes its time
_BETWEEN_SAVINGS = 200  # pairs


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Everything a column rests on besides its layer."""

    parcels: tuple[Parcel, ...]
    sheet: Sheet
    atlas: Atlas
    on: date
    statement: ProjectStatement
    benches: tuple[Bench, ...]
    bench_of: Ints
    layers: tuple[OpenLayer, ...]
    store_folder: Path  # of prepared layers
    jobs: int | None
    keys: NDArray[np.void]  # what makes each parcel the same in another run
    city_key: str  # where layers without an extent of their own are complete


def column_of(task: Task, opened: OpenLayer, unmapped_m2: Floats, rows: Rows | None, progress: Progress | None) -> tuple[LayerColumn, int]:
    """(the column, how many of its rows were taken over from an earlier run)."""
    count, layer = len(task.parcels), opened.layer
    columns = empty_columns(count)
    columns["unmapped_m2"][:] = unmapped_m2
    key = _key(task, opened)
    known, kept = rows.load(layer.id, key) if rows is not None else ({}, {})
    found = np.array([known.get(k, -1) for k in task.keys.tolist()], np.int64) if known else np.full(count, -1, np.int64)
    done = found >= 0
    for name in NUMBERS if done.any() else ():
        columns[name][done] = kept[name][found[done]]
    todo = np.flatnonzero(~done)
    if len(todo):
        slow = _fill(task, opened, columns, todo)
        _one_by_one(task, opened, columns, slow, rows, key, progress)
    if rows is not None and len(todo):
        _keep(task, opened, rows, key, columns, np.ones(count, bool))
    return LayerColumn(layer=layer.id, title=layer.title, **columns), int(done.sum())


def _fill(task: Task, opened: OpenLayer, columns: Columns, todo: Ints) -> Ints:
    """Fills in what can be told of all parcels at once; the numbers of those that need a closer look."""
    layer = opened.layer
    mine = np.zeros(len(task.parcels), bool)
    mine[todo] = True
    if opened.raster is not None:
        return todo
    if opened.prepared is None:
        columns["unmapped_m2"][mine] = task.sheet.area_m2[mine]
        _judge_alike(task, opened, None, columns, mine)
        return np.zeros(0, np.int64)
    asked: dict[Selection, bool] = {}  # whether anybody wants the distance: one use of the land may, another may not
    for bench in task.benches:
        for q in questions(bench.rules, layer.id, bench.facts):
            asked[q.selection] = asked.get(q.selection, False) or q.distance
    wanted = tuple(Question(selection=s, distance=d) for s, d in asked.items())
    try:
        found = screen(task.sheet, layer, opened.prepared, wanted, jobs=task.jobs)
    except Exception:  # noqa: BLE001  what stops all at once may stop only one of them alone, and is told apart there
        return todo
    unmapped = columns["unmapped_m2"] > 0.0
    columns["state"][mine] = np.where(found.overlap_m2 > 0.0, STATES.index(LayerState.CONCERNED), STATES.index(LayerState.CLEAR))[mine]
    for name in ("overlap_m2", "outside_m2", "distance_m", "patches", "sliver_count", "sliver_m2"):
        columns[name][mine] = getattr(found, name)[mine]
    no_numbers(columns, mine & unmapped & (found.overlap_m2 == 0.0))
    slow = mine & (found.open | (unmapped & (found.overlap_m2 > 0.0)))
    _judge_alike(task, opened, found, columns, mine & ~slow)
    return np.flatnonzero(slow)


def _judge_alike(task: Task, opened: OpenLayer, found: Screened | None, columns: Columns, rows: Bools) -> None:
    """Judges one parcel of each kind of facts, for all of that kind: no rule could tell them apart."""
    which = np.flatnonzero(rows)
    if len(which) == 0:
        return
    kinds = _kinds(task, opened, found, columns)[which]
    _, first, inverse = np.unique(kinds, return_index=True, return_inverse=True)
    verdicts = []
    for i in which[first].tolist():
        bench = task.benches[int(task.bench_of[i])]
        measure = _measure_of(task, opened, found, columns, i)
        findings = bench.of_layer(task.parcels[i].name, float(task.sheet.area_m2[i]), opened.layer, measure)
        verdicts.append((worst([f.verdict for f in findings]).rank, codes_of(findings)))
    columns["rank"][which] = np.array([v for v, _ in verdicts])[inverse]
    columns["rules"][which] = np.array([c for _, c in verdicts], object)[inverse]


def _kinds(task: Task, opened: OpenLayer, found: Screened | None, columns: Columns) -> Ints:
    """A number for each parcel: wherever a rule about the layer could draw a line, which side its facts lie on is in it."""
    signs: list[NDArray[Any]] = [task.bench_of, columns["state"].astype(np.int64)]
    if found is not None:
        area = task.sheet.area_m2
        share = np.minimum(1.0, found.overlap_m2 / np.where(found.outside_m2 == 0.0, found.overlap_m2, area))
        facts = {
            "overlap_m2": found.overlap_m2,
            "outside_m2": found.outside_m2,
            "overlap_share": np.where(found.overlap_m2 > 0.0, share, 0.0),
            "patches": found.patches.astype(float),
        }
        rules = {r for b in task.benches for r in b.rules if r.selection.layer == opened.layer.id}
        lines = {(c.fact, c.value) for r in rules for c in r.when} | {("overlap_m2", 0.0), ("outside_m2", 0.0)}
        distances = [("distance_m", value) for fact, value in lines if fact == "distance_m"]
        signs += [np.sign(facts[fact] - value).astype(np.int8) for fact, value in sorted(lines) if fact in facts]
        signs += [found.sliver_m2 >= found.overlap_m2 * ALL, found.outside_sliver_m2 >= found.outside_m2 * ALL]
        signs += [(found.sliver_count == found.patches).astype(np.int8), (found.outside_m2 < area).astype(np.int8)]
        for answer in found.answers:
            signs.append(answer.kind)
            away = np.where(np.isnan(answer.distance_m), np.inf, answer.distance_m)
            signs += [np.sign(away - value).astype(np.int8) for _, value in sorted(distances)]
    return _numbered(signs)


def _numbered(signs: Sequence[NDArray[Any]]) -> Ints:
    """A number for each row, the same exactly where all its signs are."""
    out = np.zeros(len(signs[0]), np.int64)
    kinds = 1
    for sign in signs:
        sign = sign.astype(np.int64)
        least = int(sign.min(initial=0))
        values = int(sign.max(initial=0)) - least + 1
        if kinds * values >= 2**62:
            out = np.unique(out, return_inverse=True)[1].astype(np.int64)
            kinds = int(out.max(initial=0)) + 1
        out, kinds = out * values + (sign - least), kinds * values
    return out


def _measure_of(task: Task, opened: OpenLayer, found: Screened | None, columns: Columns, i: int) -> Measure:
    """The measure of one parcel from its row."""
    state = STATES[int(columns["state"][i])]
    parts = (
        tuple(_part(opened, found, answer_number, i, float(task.sheet.area_m2[i])) for answer_number in range(len(found.answers)))
        if found
        else ()
    )
    unknown = state is LayerState.NO_DATA
    overlap_m2 = None if unknown else float(columns["overlap_m2"][i])
    distance = float(columns["distance_m"][i])
    return Measure(
        layer=opened.layer.id,
        state=state,
        data=opened.record.state,
        overlap_m2=overlap_m2,
        overlap_range_m2=None,
        overlap_share=None if overlap_m2 is None else min(1.0, overlap_m2 / float(task.sheet.area_m2[i])),
        outside_m2=None if unknown else float(columns["outside_m2"][i]),
        unmapped_m2=float(columns["unmapped_m2"][i]),
        distance_m=None if unknown or np.isnan(distance) else distance,
        patches=None if unknown else int(columns["patches"][i]),
        sliver_count=None if unknown else int(columns["sliver_count"][i]),
        sliver_m2=None if unknown else float(columns["sliver_m2"][i]),
        features=(),
        parts=parts,
        pieces=(),
        contact_m2=None if unknown else 0.0,
    )


def _part(opened: OpenLayer, found: Screened, number: int, i: int, area_m2: float) -> Part:
    answer = found.answers[number]
    nothing = bool(answer.kind[i] == NOTHING)
    overlap_m2 = 0.0 if nothing else float(found.overlap_m2[i])
    away = float(answer.distance_m[i])
    distance_m = 0.0 if not nothing else None if np.isnan(away) else away
    return Part(
        selection=answer.question.selection,
        overlap_m2=overlap_m2,
        possible_m2=overlap_m2,
        outside_m2=area_m2 if nothing else float(found.outside_m2[i]),
        overlap_range_m2=None if opened.layer.accuracy_m is None else (overlap_m2, overlap_m2),
        sliver_m2=0.0 if nothing else float(found.sliver_m2[i]),
        sliver_count=0 if nothing else int(found.sliver_count[i]),
        patches=0 if nothing else int(found.patches[i]),
        distance_m=distance_m,
        names=(),
        outside_sliver_m2=0.0 if nothing else float(found.outside_sliver_m2[i]),
        possible_distance_m=distance_m,
    )


def _one_by_one(
    task: Task, opened: OpenLayer, columns: Columns, slow: Ints, rows: Rows | None, key: str, progress: Progress | None
) -> None:
    """Measures and judges pairs as a single check does, and keeps what is finished from time to time."""
    if len(slow) == 0:
        return
    from xygis.check.closely import look_closely

    total, done, unsaved = len(slow), 0, 0
    if progress:
        progress(opened.layer.title, 0, total)
    finished = np.ones(len(task.parcels), bool)
    finished[slow] = False
    for some, made in look_closely(task, opened, slow, _CHUNK):
        for i, row in zip(some.tolist(), made, strict=True):
            for name, value in zip(NUMBERS, row, strict=True):
                columns[name][i] = value
        finished[some] = True
        done, unsaved = done + len(some), unsaved + len(some)
        if progress:
            progress(opened.layer.title, done, total)
        if rows is not None and unsaved >= _BETWEEN_SAVINGS and done < total:
            _keep(task, opened, rows, key, columns, finished)
            unsaved = 0


def _keep(task: Task, opened: OpenLayer, rows: Rows, key: str, columns: Columns, finished: Bools) -> None:
    """Keeps what is finished for the next run; what failed is tried again then."""
    kept = np.flatnonzero(finished & (columns["failed"] == ""))
    rows.save(opened.layer.id, key, task.keys[kept], {n: c[kept] for n, c in columns.items()})


def _key(task: Task, opened: OpenLayer) -> str:
    """What the rows of a layer rest on, besides the parcel."""
    layer = replace(opened.layer, path=None)
    rules: Sequence[Rule] = [r for r in task.benches[0].rules if r.selection.layer == layer.id]
    said = [
        __version__,
        task.atlas.plane.code,
        str(task.on),
        repr(layer),
        opened.record.state.value,
        str(opened.record.sha256),
        repr([replace(r, cases=(), path=Path(), line=0) for r in rules]),
        repr((task.atlas.law.totals, task.atlas.law.facts, task.atlas.law.uses, task.atlas.law.use_words)),
        repr(task.statement),
        task.city_key,
        str(task.atlas.law.complete_from),
    ]
    return hashlib.sha256("\n".join(said).encode()).hexdigest()
