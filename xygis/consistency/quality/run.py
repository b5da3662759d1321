"""Quality control of one layer: every step in its order, what failed told as failed, each error with its place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

import numpy as np
import shapely

from xygis.atlas.attributes import match_fields
from xygis.atlas.layer import Layer
from xygis.atlas.standard import Standards
from xygis.consistency.quality import areas, county_codes, definition, doubling, single, unit, values
from xygis.consistency.quality.fault import Fault, NotRun, Quality, Ran
from xygis.consistency.quality.shapes import Shapes, shapes_of
from xygis.consistency.quality.subject import Step, Subject
from xygis.consistency.quality.table import Table, read_own_table
from xygis.errors import XygisError
from xygis.geodesy.plane import Plane
from xygis.overlay.counties import Counties
from xygis.overlay.tolerances import CONTACT_M, SLIVER_M, SLIVER_M2

# In this order: broken geometry is found before anything is measured on it.
STEPS: tuple[tuple[Step, tuple[str, ...]], ...] = (
    (definition.contents, ("Q101",)),
    (definition.fields, ("Q102", "Q201", "Q202", "Q203", "Q205")),
    (definition.names, ("Q204", "Q210")),
    (definition.system, ("Q301", "Q302", "Q303")),
    (values.listed, ("Q206", "Q207")),
    (values.readable, ("Q208", "Q209")),
    (values.filled, ("Q602", "Q607", "Q608")),
    (values.unique, ("Q601",)),
    (values.named, ("Q603",)),
    (values.dates, ("Q606",)),
    (county_codes.codes, ("Q604", "Q609")),
    (single.present, ("Q304", "Q401", "Q402")),
    (single.valid, ("Q403", "Q414")),
    (single.vertices, ("Q404", "Q405")),
    (single.parts, ("Q410", "Q411", "Q412")),
    (single.spikes, ("Q413",)),
    (doubling.overlapping, ("Q406", "Q407", "Q408")),
    (areas.stored, ("Q501", "Q502")),
    (areas.identities, ("Q503", "Q504")),
    (unit.against_unit, ("Q305", "Q409", "Q505", "Q605")),
)
IN_LAYER = tuple(c for _, codes in STEPS for c in codes)


def check_table(
    table: Table,
    layer: Layer,
    *,
    standards: Standards,
    counties: Counties | None,
    plane: Plane,
    on: date,
    complete: bool,
) -> Quality:
    """Everything that can be said of one table. counties: None where the atlas has none, which is told, not passed over.

    complete: the table claims to cover the whole atlas; else only the counties that it names.
    """
    if counties is not None and all(c is None for c in counties.codes):
        counties = None
    theirs = dict(match_fields(layer, list(table.columns)).ours).get("id")
    own = table.columns[theirs] if theirs else [None] * len(table)
    subject = Subject(
        layer=layer,
        table=table,
        standard=standards.table(layer.table),
        standards=standards,
        shapes=shapes_of(table, layer.geometry),
        counties=counties,
        plane=plane,
        on=on,
        complete=complete,
        ids=tuple(str(v) if v not in (None, "") else str(i + 1) for i, v in enumerate(own)),
    )
    faults: list[Fault] = []
    run: dict[str, int] = {}
    skipped: list[NotRun] = []
    failed: list[NotRun] = []
    for step, codes in STEPS:
        try:
            outcome = step(subject)
        except (XygisError, shapely.errors.ShapelyError, MemoryError) as error:
            failed += [subject.not_run(c, f"检查没有完成：{error}") for c in codes]
            continue
        faults += outcome.faults
        run.update(outcome.done)
        skipped += outcome.skipped
    faults = _placed(faults, subject.shapes)
    counts: dict[str, int] = {}
    for fault in faults:
        counts[fault.rule] = counts.get(fault.rule, 0) + 1
    return Quality(
        faults=tuple(sorted(faults, key=lambda f: (f.rule, f.row or 0))),
        run=tuple(Ran(rule=c, layer=layer.id, features=n, faults=counts.get(c, 0)) for c, n in sorted(run.items())),
        skipped=tuple(sorted(skipped, key=lambda s: s.rule)),
        failed=tuple(failed),
        tolerances=tolerances_of(standards),
    )


def check_layers(
    layers: Sequence[Layer], states: Mapping[str, str], *, standards: Standards, counties: Counties | None, plane: Plane, on: date
) -> list[Quality]:
    """Every vector layer of an atlas from its own source. states: why a layer cannot be used, for those without data."""
    out = []
    for layer in layers:
        if layer.geometry not in ("polygon", "line"):
            continue
        if layer.path is None:
            reason = states.get(layer.id) or "图层没有数据"
            out.append(_none(layer, reason, standards, failed=False))
            continue
        try:
            table = read_own_table(layer)
        except XygisError as error:
            out.append(_none(layer, f"数据读不出来：{error}", standards, failed=True))
            continue
        out.append(check_table(table, layer, standards=standards, counties=counties, plane=plane, on=on, complete=True))
    return out


def tolerances_of(standards: Standards) -> tuple[tuple[str, float], ...]:
    """The one set that all checks use."""
    ours = (("contact_m", CONTACT_M), ("sliver_area_m2", SLIVER_M2), ("sliver_width_m", SLIVER_M))
    return (*ours, *standards.tolerances.items())


def _none(layer: Layer, reason: str, standards: Standards, *, failed: bool) -> Quality:
    none = tuple(NotRun(rule=c, layer=layer.id, reason=reason, features=None, due=True) for c in sorted(IN_LAYER))
    return Quality(faults=(), run=(), skipped=() if failed else none, failed=none if failed else (), tolerances=tolerances_of(standards))


def _placed(faults: list[Fault], shapes: Shapes | None) -> list[Fault]:
    """Faults of a feature that say no place get a point inside the feature, where it has one."""
    if shapes is None or not len(shapes.parts):
        return faults
    first = np.full(len(shapes.missing), -1, np.int64)
    first[shapes.owner[::-1]] = np.arange(len(shapes.owner))[::-1]
    bare = [i for i, f in enumerate(faults) if f.geometry is None and f.row is not None and first[f.row - 1] >= 0]
    rows = np.array([faults[i].row or 0 for i in bare], np.int64) - 1
    wanted, back = np.unique(first[rows], return_inverse=True) if len(rows) else (np.zeros(0, np.int64), np.zeros(0, np.int64))
    points = shapes.degrees(np.asarray(shapely.point_on_surface(shapes.parts[wanted]), object)) if len(wanted) else np.zeros(0, object)
    xy = shapely.get_coordinates(points)
    out = list(faults)
    for i, k in zip(bare, back.reshape(-1).tolist(), strict=True):
        out[i] = replace(out[i], geometry=points[k], place=(float(xy[k, 0]), float(xy[k, 1])))
    return out
