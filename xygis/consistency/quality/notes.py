"""What quality control found, summed up by layer and rule, and what concerns the rules of the day besides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

import numpy as np

from xygis.atlas.atlas import COUNTIES, Atlas
from xygis.atlas.attributes import Value
from xygis.atlas.crosswalk import DERIVED, entry_of
from xygis.atlas.standard import ORDINARY, SEVERE, WARNING, Standards
from xygis.atlas.standards import read_standards
from xygis.atlas.verdict import DataState
from xygis.check.layers import OpenLayer
from xygis.consistency.ground_plan import GroundPlan
from xygis.consistency.groups import Group
from xygis.consistency.quality.between import between_layers
from xygis.consistency.quality.fault import Fault, NotRun, Quality, Ran, level_of, together
from xygis.consistency.quality.run import check_layers
from xygis.consistency.result import QualityNote
from xygis.overlay.ground import Ground

_MOST_PLACES = 5
_LEVELS = {SEVERE: "error", ORDINARY: "warning", WARNING: "info"}  # as the contract has called them from the first
_BY_NAME = ("missing_attribute", "class_unknown")  # told by numbers of features, not by places


def quality_of(
    atlas: Atlas,
    opened: Mapping[str, OpenLayer],
    groups: Sequence[Group],
    plan: GroundPlan,
    *,
    on: date,
) -> tuple[tuple[QualityNote, ...], Quality]:
    """(a note for each layer and rule, all of it) of the layers that take part in a comparison, from their own files."""
    standards = read_standards(atlas.root)
    city = opened.get(COUNTIES)
    known = plan.counties if city is not None and city.record.state is DataState.READY else None
    layers = [o.layer for o in opened.values()]
    states = {name: o.record.note or o.record.state.label for name, o in opened.items() if o.record.state is DataState.MISSING}
    checked = check_layers(layers, states, standards=standards, counties=known, plane=atlas.plane, on=on)
    between = between_layers(standards, {layer.id: layer for layer in layers}, plan.grounds, plan.cells, atlas.plane)
    quality = together([*checked, between, _attributes(standards, plan.grounds, groups)])
    return notes_of(quality.faults), quality


def notes_of(faults: Iterable[Fault]) -> tuple[QualityNote, ...]:
    """One note for each layer, rule and level, in the order of the layers."""
    found: dict[tuple[str, str, str], list[Fault]] = {}
    for fault in faults:
        found.setdefault((fault.layer, fault.rule, fault.level), []).append(fault)
    return tuple(_note(some) for some in found.values())


def _note(faults: list[Fault]) -> QualityNote:
    first = faults[0]
    largest = sorted(faults, key=lambda f: -(f.area_m2 or 0.0))[:_MOST_PLACES]
    if first.kind in _BY_NAME:
        where = tuple(f.feature or "" for f in largest)
    else:
        where = tuple(f"{f.place[0]:.6f}, {f.place[1]:.6f}" if f.place else f.field or "" for f in largest)
    sized = [f.area_m2 for f in faults if f.area_m2 is not None]
    return QualityNote(
        check=first.kind,
        layer=first.layer,
        level=_LEVELS[first.level],
        count=len(faults),
        area_m2=float(sum(sized)) if sized else None,
        where=where,
        text=first.text if len(faults) == 1 else f"例如：{largest[0].text}",
        rule=first.rule,
        family=first.family,
        title=first.title,
        read=first.read,
    )


def _attributes(standards: Standards, grounds: Mapping[str, Ground], groups: Sequence[Group]) -> Quality:
    """Q610: features that lack an attribute by which rules of the day choose."""
    asked: dict[str, list[str]] = {}
    for rule in (r for g in groups for r in g.rules):
        for selection in (rule.a, rule.b):
            asked.setdefault(selection.layer, []).extend([*(name for name, _ in selection.where), *([rule.differ] if rule.differ else [])])
    faults: list[Fault] = []
    run: list[Ran] = []
    skipped: list[NotRun] = []
    for name, fields in asked.items():
        ground = grounds.get(name)
        if ground is None:
            skipped += [NotRun(rule="Q610", layer=name, reason="没有可用的面", features=None, due=True)] if fields else []
            continue
        mine = [f for field in dict.fromkeys(fields) for f in _lacking(standards, ground, field)]
        faults += mine
        run.append(Ran(rule="Q610", layer=name, features=ground.prepared.features, faults=len(mine)))
    return Quality(faults=tuple(faults), run=tuple(run), skipped=tuple(skipped), failed=(), tolerances=())


def _lacking(standards: Standards, ground: Ground, field: str) -> list[Fault]:
    """Severe where no feature has it: then the rules can choose nothing at all. Of land and use: where no list holds the class."""
    check = standards.checks["Q610"]
    features = np.unique(ground.prepared.owner).tolist()
    derived = ground.prepared.layer.derive(field)
    values: list[Value] = ground.column(derived.field if derived else field)
    if field in DERIVED:
        known = {v: derived is not None and entry_of(derived.codes, v) is not None for v in set(values)}
        lacking = [f for f in features if not known[values[f]]]
    else:
        lacking = [f for f in features if values[f] is None]
    level = SEVERE if len(lacking) == len(features) else level_of(check, None, read=True)
    area = np.bincount(ground.prepared.owner, ground.county_m2.sum(axis=1), ground.prepared.features)
    return [
        Fault(
            rule=check.code,
            title=check.title,
            family=check.family,
            kind="class_unknown" if field in DERIVED else check.kind,
            level=level,
            layer=ground.prepared.id,
            row=f + 1,
            feature=ref.id,
            field=field,
            value=None if values[f] is None else str(values[f]),
            expected="地类对照表中的类别" if field in DERIVED else "不为空",
            text=_says(field, values[f]),
            place=None,
            geometry=None,
            area_m2=float(area[f]),
            read=True,
        )
        for f, ref in zip(lacking, ground.refs(lacking), strict=True)
    ]


def _says(field: str, value: Value) -> str:
    if field not in DERIVED:
        return f"缺少规则所需的属性 {field}，无法归类"
    named = "类别没有填写" if value is None else f"地类对照表里没有类别 {value}"
    return f"{named}：{field} 不明，不当作非建设用地，请补填或者在 layers/crosswalk.toml 补登记"
