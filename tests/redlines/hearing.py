"""An application put before the true rule base: what each parcel touches is set by hand, the judging is that of a check.

Layers that a scenario does not speak of are clear, but three that always answer: the parcel lies in 襄州, inside 集中建设区,
on state-owned built land. What a touch of these three leaves over stays so.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from xygis.atlas.atlas import Atlas
from xygis.atlas.catalogue import RASTER
from xygis.atlas.law import Scalar, Selection
from xygis.atlas.layer import Layer
from xygis.atlas.redlines import RASTER_FACTS
from xygis.atlas.verdict import DataState, LayerState, Verdict, worst
from xygis.judge.application import Act, acts_of, totals_of
from xygis.judge.facts import resolve_facts
from xygis.judge.finding import Finding
from xygis.judge.judging import Bench, rules_on
from xygis.overlay.measure import Measure, Part

M2_PER_HA = 10_000.0
USUAL: dict[str, dict[str, str]] = {
    "counties": {"county_code": "420607", "county_name": "襄州区"},
    "urban_growth_boundary": {"zone": "集中建设区"},
    "current_land_use": {"class": "0601", "owner": "20"},
}
PLACE = ("layer", "m2", "share", "distance_m")  # of a touch; its other keys are attributes
TERRAIN = {"elevation_min_m": 70.0, "elevation_mean_m": 75.0, "elevation_max_m": 80.0, "slope_mean_deg": 2.0, "slope_max_deg": 31.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Touch:
    """A feature of a layer: how much of the parcel it covers, or how far off it lies."""

    attributes: Mapping[str, str]
    overlap_m2: float
    distance_m: float

    def within(self, strip_m: float | None, area_m2: float) -> float:
        """What it covers with a strip around it. The parcel is taken as a square that turns a side to the feature."""
        if strip_m is None or self.distance_m >= strip_m:
            return self.overlap_m2
        side_m = math.sqrt(area_m2)
        return max(self.overlap_m2, min(side_m, strip_m - self.distance_m) * side_m)

    def meets(self, where: Sequence[tuple[str, tuple[str, ...]]]) -> bool | None:
        """Whether it is one of the selected features; None: an attribute that is asked for is not told."""
        answers = [_meets(self.attributes.get(field), patterns) for field, patterns in where]
        return False if False in answers else None if None in answers else True


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearing:
    """What the base says of an application."""

    findings: tuple[Finding, ...]
    acts: tuple[Act, ...]

    @property
    def verdict(self) -> Verdict:
        return worst([f.verdict for f in self.findings])

    @property
    def cited(self) -> set[tuple[str, str]]:
        """(instrument, article without paragraph) of every finding and act."""
        basis = [c for said in (*self.findings, *self.acts) for c in said.basis]
        return {(c.instrument, (c.article or "").split("(")[0] if (c.article or "")[:1].isdigit() else c.article or "") for c in basis}

    @property
    def documents(self) -> str:
        return "、".join(d for said in (*self.findings, *self.acts) for d in said.documents)

    @property
    def levels(self) -> dict[str, str]:
        return {act.act: act.level for act in self.acts}


@cache
def atlas() -> Atlas:
    return Atlas.open(None)


def heard(scenario: Mapping[str, Any], on: date) -> Hearing:
    """The findings of every parcel and the acts of the whole, as `check` puts them together."""
    law, layers = atlas().law, atlas().layers
    facts = resolve_facts(law.facts, dict[str, Scalar](scenario.get("facts", {})), scenario.get("use"))
    bench = Bench(
        rules=rules_on(atlas().rules, on),
        instruments=law.instruments,
        layers=layers,
        facts=facts,
        on=on,
        complete_from=law.complete_from,
    )
    parcels = [
        (area_m2, [_measure(layer, parcel, area_m2) for layer in layers])
        for parcel in scenario.get("parcels", [scenario])
        for area_m2 in [parcel.get("area_ha", 1.0) * M2_PER_HA]
    ]
    totals = totals_of(law.totals, parcels)
    exact = {name: None if total is None else total.high for name, total in totals.items()}
    found = [f for n, (area_m2, measures) in enumerate(parcels, 1) for f in bench.judge(f"地块{n}", area_m2, measures)]
    return Hearing(findings=tuple(found), acts=acts_of(law.procedures, totals, exact, facts, law.instruments, on))


def _measure(layer: Layer, parcel: Mapping[str, Any], area_m2: float) -> Measure:
    asked = [r.selection for r in atlas().rules if r.selection.layer == layer.id]
    asked += [t.selection for t in atlas().law.totals if t.selection is not None and t.selection.layer == layer.id]
    selections = dict.fromkeys([Selection(layer=layer.id), *asked])
    if layer.geometry == RASTER:
        parts = tuple(_terrain(selection, parcel, area_m2) for selection in selections)
    else:
        touches = _touches(layer.id, parcel, area_m2)
        parts = tuple(_part(selection, touches, area_m2) for selection in selections)
    whole = parts[0]
    return Measure(
        layer=layer.id,
        state=LayerState.CONCERNED if whole.overlap_m2 > 0.0 else LayerState.CLEAR,
        data=DataState.READY,
        overlap_m2=whole.overlap_m2,
        overlap_range_m2=None,
        overlap_share=whole.overlap_m2 / area_m2,
        outside_m2=whole.outside_m2,
        unmapped_m2=0.0,
        distance_m=whole.distance_m,
        patches=whole.patches,
        sliver_count=0,
        sliver_m2=0.0,
        features=(),
        parts=parts,
        pieces=(),
        contact_m2=0.0,
    )


def _touches(layer_id: str, parcel: Mapping[str, Any], area_m2: float) -> list[Touch]:
    told = [t for t in parcel.get("touches", ()) if t["layer"] == layer_id]
    touches = []
    for t in told:
        overlap_m2 = float(t.get("m2", t.get("share", 0.0) * area_m2))
        attributes = {key: value for key, value in t.items() if key not in PLACE}
        touches.append(Touch(attributes=attributes, overlap_m2=overlap_m2, distance_m=float(t.get("distance_m", 0.0))))
    rest_m2 = area_m2 - sum(t.overlap_m2 for t in touches)
    usual = layer_id == "current_land_use" or (not told and layer_id not in parcel.get("clear", ()))
    if layer_id in USUAL and usual and rest_m2 > 0.0:
        touches.append(Touch(attributes=USUAL[layer_id], overlap_m2=rest_m2, distance_m=0.0))
    return touches


def _part(selection: Selection, touches: Sequence[Touch], area_m2: float) -> Part:
    sure = [t for t in touches if t.meets(selection.where)]
    possible = [t for t in touches if t.meets(selection.where) is not False]
    overlap_m2, possible_m2 = (min(area_m2, sum(t.within(selection.strip_m, area_m2) for t in some)) for some in (sure, possible))
    return Part(
        selection=selection,
        overlap_m2=overlap_m2,
        possible_m2=possible_m2,
        outside_m2=area_m2 - overlap_m2,
        overlap_range_m2=None,
        sliver_m2=0.0,
        sliver_count=0,
        patches=sum(t.within(selection.strip_m, area_m2) > 0.0 for t in sure),
        distance_m=min((t.distance_m for t in sure), default=None),
        names=tuple(t.attributes["name"] for t in sure if "name" in t.attributes),
        possible_distance_m=min((t.distance_m for t in possible), default=None),
    )


def _terrain(selection: Selection, parcel: Mapping[str, Any], area_m2: float) -> Part:
    known = {**TERRAIN, "slope_share_above_25": float(parcel.get("slope_share_above_25", 0.0))}
    facts = tuple((name, known[name], known[name]) for name in RASTER_FACTS)
    return Part(
        selection=selection,
        overlap_m2=area_m2,
        possible_m2=area_m2,
        outside_m2=0.0,
        overlap_range_m2=None,
        sliver_m2=0.0,
        sliver_count=0,
        patches=0,
        distance_m=None,
        names=(),
        facts=facts,
    )


def _meets(value: str | None, patterns: Sequence[str]) -> bool | None:
    if value is None:
        return None
    wanted = [p for p in patterns if not p.startswith("!")]
    banned = [p[1:] for p in patterns if p.startswith("!")]
    return not any(_is(value, p) for p in banned) and (not wanted or any(_is(value, p) for p in wanted))


def _is(value: str, pattern: str) -> bool:
    return value.startswith(pattern[:-1]) if pattern.endswith("*") else value == pattern
