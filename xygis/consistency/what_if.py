"""What a revised layer would change before it is adopted: what it gains and loses by county, which conflicts come and which go.

The old and the new layer are laid over the counties together with all layers that rules hold against them, so that every figure is a
sum over the same cells: before − cured + new = after, for every rule and county.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from xygis.atlas.atlas import COUNTIES, Atlas
from xygis.atlas.verdict import Verdict
from xygis.check.layers import OpenLayer
from xygis.consistency.claims import claims_of
from xygis.consistency.ground_plan import GroundPlan, Progress, ground_plan
from xygis.consistency.groups import OVERLAP, Group
from xygis.geodesy.ellipsoid import Floats
from xygis.overlay.ground import Mask
from xygis.overlay.partition import GAP
from xygis.overlay.places import PairPatch, patches, places

REVISED = "{}/revised"  # the id of the revised layer beside the layer that it would replace


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """The layer itself in one county: before − lost + gained = after."""

    code: str | None
    name: str
    before_m2: float
    after_m2: float
    gained_m2: float
    lost_m2: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleChange:
    """What one rule claims before and after. possible_…: besides, where features do not say what the rule asks for.

    by_county: (code, name, new m², cured m²) of the counties in which anything changes.
    """

    rule: str
    title: str
    difference: str | None
    verdict: Verdict
    a: str
    b: str
    before_m2: float
    after_m2: float
    new_m2: float
    cured_m2: float
    possible_before_m2: float
    possible_after_m2: float
    by_county: tuple[tuple[str | None, str, float, float], ...]
    new: tuple[PairPatch, ...]
    cured: tuple[PairPatch, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIf:
    """What the file `file` would change in place of the layer. reasons: why pairs of the layer could not be compared."""

    layer: str
    title: str
    file: str
    sha256: str
    balance: tuple[Balance, ...]
    changes: tuple[RuleChange, ...]  # those that change anything, worst first
    reasons: tuple[str, ...]


def what_if(
    atlas: Atlas,
    layer: str,
    file: tuple[str, str],
    groups: tuple[Group, ...],
    opened: Mapping[str, OpenLayer],
    revised: OpenLayer,
    progress: Progress | None = None,
) -> WhatIf:
    """file: its name and sha256. groups: those of the day. opened: the layers as they are; revised: the layer as it would be."""
    mine = [g for g in groups if layer in (g.a, g.b)]
    wanted = {COUNTIES, layer} | {name for g in mine for name in (g.a, g.b)}
    name = REVISED.format(layer)
    taken = {k: o for k, o in opened.items() if k in wanted} | {name: revised}
    plan = ground_plan(taken, progress)
    reasons = []
    changes: list[RuleChange] = []
    for group in mine:
        lacking = [n for n in (group.a, group.b) if n not in plan.grounds]
        if lacking or name not in plan.grounds:
            reasons.append(
                f"{_title(opened, group.a)} × {_title(opened, group.b)}：{'、'.join(_title(opened, n) for n in lacking)}没有可用的数据"
            )
            continue
        changes += _changes(atlas, plan, group, _revised(group, layer, name))
    old, new = (_covered(plan, n) for n in (layer, name))
    return WhatIf(
        layer=layer,
        title=_title(opened, layer),
        file=file[0],
        sha256=file[1],
        balance=_balance(plan, old, new),
        changes=tuple(sorted(changes, key=lambda c: (c.verdict.rank, -c.new_m2, -c.cured_m2, c.rule))),
        reasons=tuple(reasons),
    )


def _changes(atlas: Atlas, plan: GroundPlan, before: Group, after: Group) -> list[RuleChange]:
    """One entry for each rule of a pair that claims other places than before."""
    out = []
    was, now = claims_of(before, plan), claims_of(after, plan)
    for rule, old, new in zip(before.rules, was.claims, now.claims, strict=True):
        came, went = new.sure & ~old.sure, old.sure & ~new.sure
        by_county = _pairs(plan, plan.cells.by_county(came), plan.cells.by_county(went))
        possible = [float(plan.cells.area_m2[c.possible].sum()) for c in (old, new)]
        if not by_county and possible[0] == possible[1]:
            continue
        out.append(
            RuleChange(
                rule=rule.code,
                title=rule.title,
                difference=rule.difference,
                verdict=rule.verdict,
                a=before.a,
                b=before.b,
                before_m2=float(plan.cells.area_m2[old.sure].sum()),
                after_m2=float(plan.cells.area_m2[new.sure].sum()),
                new_m2=float(plan.cells.area_m2[came].sum()),
                cured_m2=float(plan.cells.area_m2[went].sum()),
                possible_before_m2=possible[0],
                possible_after_m2=possible[1],
                by_county=by_county,
                new=_patches(atlas, plan, came, after),
                cured=_patches(atlas, plan, went, before),
            )
        )
    return out


def _patches(atlas: Atlas, plan: GroundPlan, cells: Mask, group: Group) -> tuple[PairPatch, ...]:
    found = places(plan.cells, np.flatnonzero(cells))
    b = plan.grounds[group.b] if group.relation == OVERLAP else None
    return patches(found, plan.cells, plan.grounds[group.a], b, atlas.plane)


def _pairs(plan: GroundPlan, new: Floats, cured: Floats) -> tuple[tuple[str | None, str, float, float], ...]:
    rows = zip(plan.counties.codes, plan.counties.names, new.tolist(), cured.tolist(), strict=True)
    return tuple((code, name, came, went) for code, name, came, went in rows if came > 0.0 or went > 0.0)


def _balance(plan: GroundPlan, old: Mask, new: Mask) -> tuple[Balance, ...]:
    of = plan.cells.by_county
    rows = zip(plan.counties.codes, plan.counties.names, *(of(m).tolist() for m in (old, new, new & ~old, old & ~new)), strict=True)
    return tuple(
        Balance(code=code, name=name, before_m2=before, after_m2=after, gained_m2=gained, lost_m2=lost)
        for code, name, before, after, gained, lost in rows
        if code is not None or before + after > 0.0
    )


def _covered(plan: GroundPlan, name: str) -> Mask:
    if name not in plan.grounds:
        return np.zeros(len(plan.cells), bool)
    covered: Mask = plan.cells.column(name) != GAP
    return covered


def _revised(group: Group, layer: str, name: str) -> Group:
    return replace(group, a=name if group.a == layer else group.a, b=name if group.b == layer else group.b)


def _title(opened: Mapping[str, OpenLayer], name: str) -> str:
    return opened[name].layer.title if name in opened else name
