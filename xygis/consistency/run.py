"""`consistency`: the layers of an atlas against each other, from the rules of the day to one verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np
import shapely

from xygis.atlas.adopt import Adoption
from xygis.atlas.atlas import COUNTIES, Atlas
from xygis.atlas.record import atlas_record
from xygis.atlas.verdict import DataState, Verdict, worst
from xygis.check.layers import OpenLayer, atlas_fingerprint, open_layers
from xygis.consistency.causes import with_causes
from xygis.consistency.compare import Bench, compare
from xygis.consistency.differences import differences_of
from xygis.consistency.ground_plan import Progress, ground_plan
from xygis.consistency.groups import Group, groups_on
from xygis.consistency.identity import identified
from xygis.consistency.indicators import indicator_layers, indicators_of
from xygis.consistency.quality.notes import quality_of
from xygis.consistency.result import AskedFor, Compared, Consistency, County, DifferencePatch, NoData, Pair
from xygis.consistency.setting_aside import set_aside
from xygis.consistency.territory import territory_of
from xygis.consistency.use_conflicts import USE, use_conflicts
from xygis.consistency.what_if import REVISED, what_if
from xygis.errors import UsageError
from xygis.overlay.store import LayerStore
from xygis.overlay.tolerances import TOLERANCES


def consistency(
    atlas: Atlas,
    *,
    on: date,
    layers: Sequence[str] | None = None,
    store: LayerStore | None = None,
    progress: Progress | None = None,
) -> Consistency:
    """Compares every pair of layers that a rule of the day `on` speaks of.

    layers: two layer ids, to compare only these. A pair whose data are missing, broken, expired or not complete stands in
    `no_data`, never as agreeing, and leaves the run undetermined. Raises UsageError where not two layers are named,
    BadCatalogue where the atlas does not know one.
    """
    groups = groups_on(atlas, on, layers)
    named = {name for g in groups for name in (g.a, g.b)}
    known = {layer.id for layer in atlas.layers}
    wanted = named | {COUNTIES} | indicator_layers(atlas, layers)
    opened = {o.layer.id: o for o in open_layers(_only(atlas, wanted), on, store or LayerStore())}
    steps = len(opened) + len(groups)
    plan = ground_plan(opened, (lambda number, _: progress(number, steps)) if progress else None)
    bench = Bench(plan=plan, plane=atlas.plane, instruments=atlas.law.instruments, on=on)
    counties, grounds = plan.counties, plan.grounds
    pairs: list[Pair] = []
    missing: list[NoData] = []
    patches: list[DifferencePatch] = []
    differing = np.zeros(len(plan.cells), bool)
    for number, group in enumerate(groups, start=1):
        if progress:
            progress(len(opened) + number, steps)
        reason = _reason(group, opened, known)
        if reason is not None:
            missing.append(_no_data(group, reason))
            continue
        a, b = opened[group.a], opened[group.b]
        pair, found, here = compare(group, a.layer, b.layer, _extent(a), _extent(b), bench)
        differing |= here
        pairs.append(pair)
        patches += found
        if pair.unmapped_m2 > 0.0:
            titles = "、".join(o.layer.title for o in (a, b) if o.layer.extent)
            missing.append(
                _no_data(group, f"{titles}只在登记的范围内完整，市域内另有 {pair.unmapped_m2 / 1e4:,.4f} 公顷没有数据，该部分未比对")
            )
    records = tuple(o.record for o in opened.values())
    parts = {name: (g.prepared.layer.crs, g.parts) for name, g in grounds.items()}
    kept, shifts = with_causes(identified(patches), parts, [(p.a, p.b) for p in pairs], atlas.plane)
    settled, kept = set_aside(pairs, kept)
    verdicts = [p.verdict for p in settled] + ([Verdict.UNDETERMINED] if missing or not pairs else [])
    notes, quality = quality_of(atlas, opened, groups, plan, on=on)
    return Consistency(
        checked_on=on,
        verdict=worst(verdicts),
        atlas_name=atlas.name,
        atlas_fingerprint=atlas_fingerprint(atlas, records),
        plane=atlas.plane.title,
        rules_count=sum(len(g.rules) for g in groups),
        rules_fingerprint=atlas.rules_fingerprint(),
        layers=records,
        counties=tuple(
            County(code=c, name=n, area_m2=a)
            for c, n, a in zip(counties.codes, counties.names, (*counties.areas_m2.tolist(), 0.0), strict=True)
        ),
        territory=territory_of(plan),
        differing_m2=tuple(plan.cells.by_county(differing).tolist()),
        pairs=settled,
        no_data=tuple(missing),
        patches=kept,
        differences=differences_of(kept, groups, settled, missing, counties),
        quality=notes,
        quality_check=quality,
        indicators=indicators_of(atlas, on, opened, plan, layers=layers),
        tolerances=TOLERANCES,
        shifts=shifts,
        use_matrix=use_conflicts(plan, groups, atlas.crosswalk.terms(USE))
        if any(r.differ == USE for g in groups for r in g.rules)
        else None,
        compared=_compared(groups, settled),
        record=atlas_record(atlas, [r for g in groups for r in g.rules]),
        asked=AskedFor(layers=tuple(layers) if layers else None),
        atlas=atlas,
    )


def consistency_with(
    atlas: Atlas, revised: Adoption, *, on: date, layers: Sequence[str] | None = None, store: LayerStore, progress: Progress | None = None
) -> Consistency:
    """The comparison as it would be with a revised layer (`atlas.adopt.draft_layer`) in the place of the one that the atlas has.

    Its `what_if` says what that changes. Raises UsageError where no rule of the day speaks of the layer.
    """
    layer = revised.layer
    groups = groups_on(atlas, on, layers)
    named = {name for g in groups for name in (g.a, g.b)}
    if layer.id not in named:
        raise UsageError(what=f"基准日没有规则把{layer.title}与别的图层比对", fix=f"可以替换的图层：{'、'.join(sorted(named)) or '无'}")
    beside = replace(layer, id=REVISED.format(layer.id))
    wanted = replace(_only(atlas, named | {COUNTIES}), layers=(*_only(atlas, named | {COUNTIES}).layers, beside))
    opened = {o.layer.id: o for o in open_layers(wanted, on, store)}
    found = what_if(atlas, layer.id, (revised.file, revised.sha256), groups, opened, opened.pop(beside.id), progress)
    after = replace(atlas, layers=tuple(layer if one.id == layer.id else one for one in atlas.layers))
    return replace(consistency(after, on=on, layers=layers, store=store, progress=progress), what_if=found)


def _compared(groups: Sequence[Group], pairs: Sequence[Pair]) -> tuple[Compared, ...]:
    done = {(p.a, p.b, p.relation) for p in pairs}
    return tuple(
        Compared(a=g.a, b=g.b, relation=g.relation, rules=tuple(r.code for r in g.rules)) for g in groups if (g.a, g.b, g.relation) in done
    )


def _only(atlas: Atlas, names: set[str]) -> Atlas:
    return replace(atlas, layers=tuple(layer for layer in atlas.layers if layer.id in names))


def _extent(opened: OpenLayer) -> shapely.Geometry | None:
    return opened.extent if opened.layer.extent else None


def _no_data(group: Group, reason: str) -> NoData:
    return NoData(a=group.a, b=group.b, relation=group.relation, reason=reason, rules=tuple(r.code for r in group.rules))


def _reason(group: Group, opened: dict[str, OpenLayer], known: set[str]) -> str | None:
    """Why a pair cannot be compared at all; None where it can."""
    reasons = []
    for name in (group.a, group.b):
        if name not in known:
            reasons.append(f"图集没有图层“{name}”")
            continue
        layer, record = opened[name].layer, opened[name].record
        if record.state is not DataState.READY:
            reasons.append(f"{layer.title}{record.state.label}：{record.note}" if record.note else f"{layer.title}{record.state.label}")
        elif layer.geometry != "polygon":
            kind = "线状图层" if layer.geometry == "line" else "栅格图层"
            reasons.append(f"{layer.title}是{kind}，没有面可比")
    return "；".join(reasons) or None
