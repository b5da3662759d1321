"""What quality control found, summed up by layer and rule, and what concerns the rules of the day besides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from xygis.atlas.atlas import COUNTIES, Atlas
from xygis.atlas.standard import ORDINARY, SEVERE, WARNING
from xygis.atlas.standards import read_standards
from xygis.atlas.verdict import DataState
from xygis.check.layers import OpenLayer
from xygis.consistency.ground_plan import GroundPlan
from xygis.consistency.groups import Group
from xygis.consistency.quality.asked import asked_for
from xygis.consistency.quality.between import between_layers
from xygis.consistency.quality.fault import Fault, Quality, together
from xygis.consistency.quality.run import check_layers
from xygis.consistency.result import QualityNote

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
    quality = together([*checked, between, asked_for(standards, plan.grounds, groups)])
    return notes_of(quality.faults), quality


def notes_of(faults: Iterable[Fault]) -> tuple[QualityNote, ...]:
    """One note for each layer, rule and level, in the order of the layers."""
    found: dict[tuple[str, str, str, str | None], list[Fault]] = {}
    for fault in faults:
        attribute = fault.field if fault.kind in _BY_NAME else None  # each that a rule asks for is told by itself
        found.setdefault((fault.layer, fault.rule, fault.level, attribute), []).append(fault)
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
