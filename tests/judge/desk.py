"""Rules, measures and facts made by hand: law is tested on numbers that are set, not measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from xygis.atlas.law import Citation, Comparison, Instrument, Procedure, ProjectFact, Rule, Scalar, Selection, Total
from xygis.atlas.layer import Layer
from xygis.atlas.verdict import DataState, DataStatus, LayerState, Verdict
from xygis.judge.facts import Facts, resolve_facts
from xygis.judge.finding import Finding
from xygis.judge.judging import Bench
from xygis.overlay.measure import Measure, Part

DAY = date(2026, 11, 24)
AREA_M2 = 10_000.0
LAW = Citation(instrument="试验法", version=date(2020, 1, 1), article="1", verified=True)
IN_FORCE = Instrument(
    code="SY",
    name="试验法",
    number="",
    version=date(2020, 1, 1),
    in_force=date(2020, 7, 1),
    repealed=None,
    replaced_by=None,
    read="full",
)


def layer(layer_id: str = "zones", **changes: object) -> Layer:
    made = Layer(
        id=layer_id,
        title="保护区",
        group="其他",
        role="control",
        table=None,
        path=None,
        sublayer=None,
        crs="EPSG:4490",
        geometry="polygon",
        status=DataStatus.DEMO,
        version=None,
        valid_from=None,
        valid_until=None,
        authority="林业局",
        provenance="",
        accuracy_m=None,
        extent=None,
        fields=(),
        sensitive=(),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def when(fact: str, operator: str, value: float) -> Comparison:
    return Comparison(fact=fact, operator=operator, value=value)


def rule(code: str = "A-01", verdict: Verdict = Verdict.PROHIBITED, **changes: object) -> Rule:
    """By default: any overlap with the layer `zones` is prohibited."""
    made = Rule(
        code=code,
        title="试验规则",
        selection=Selection(layer="zones"),
        when=(when("overlap_m2", ">", 0.0),),
        applies_to=(),
        unless=(),
        verdict=verdict,
        authority="国务院",
        documents=("论证报告",),
        remedy="避让",
        message="压占 {overlap_m2} m²，占 {share}，外 {outside_m2} m²，距 {distance_m} m。",
        basis=(LAW,),
        effective=date(2020, 7, 1),
        until=None,
        verified=True,
        cases=(),
        path=Path("试验.toml"),
        line=1,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def part(overlap_m2: float = 0.0, selection: Selection | None = None, **changes: object) -> Part:
    """A part of a parcel of one hectare; everything that is not said follows from the overlap."""
    made = Part(
        selection=selection or Selection(layer="zones"),
        overlap_m2=overlap_m2,
        possible_m2=overlap_m2,
        outside_m2=AREA_M2 - overlap_m2,
        overlap_range_m2=None,
        sliver_m2=0.0,
        sliver_count=0,
        patches=1 if overlap_m2 else 0,
        distance_m=0.0 if overlap_m2 else None,
        names=(),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def measured(*parts: Part, layer_id: str = "zones", data: DataState = DataState.READY, unmapped_m2: float = 0.0) -> Measure:
    whole = parts[0]
    return Measure(
        layer=layer_id,
        state=LayerState.CONCERNED if whole.overlap_m2 > 0 else LayerState.CLEAR,
        data=data,
        overlap_m2=whole.overlap_m2,
        overlap_range_m2=whole.overlap_range_m2,
        overlap_share=whole.overlap_m2 / AREA_M2,
        outside_m2=whole.outside_m2,
        unmapped_m2=unmapped_m2,
        distance_m=whole.distance_m,
        patches=whole.patches,
        sliver_count=whole.sliver_count,
        sliver_m2=whole.sliver_m2,
        features=(),
        parts=parts,
        pieces=(),
        contact_m2=0.0,
    )


def absent(data: DataState = DataState.MISSING, layer_id: str = "zones", unmapped_m2: float = AREA_M2) -> Measure:
    return Measure(
        layer=layer_id,
        state=LayerState.NO_DATA,
        data=data,
        overlap_m2=None,
        overlap_range_m2=None,
        overlap_share=None,
        outside_m2=None,
        unmapped_m2=unmapped_m2,
        distance_m=None,
        patches=None,
        sliver_count=None,
        sliver_m2=None,
        features=(),
        parts=(),
        pieces=(),
        contact_m2=None,
    )


def fact(name: str, kind: str, values: Sequence[Scalar] = (True, False), default: Scalar | None = None, **by_use: Scalar) -> ProjectFact:
    uses = tuple((prefix.removeprefix("u"), value) for prefix, value in by_use.items())
    return ProjectFact(name=name, title=f"是否{name}", kind=kind, values=tuple(values), default=default, by_use=uses)


FACTS = (
    fact("construction", "assume", default=True, u01=False),
    fact("temporary", "assume", default=False),
    fact("major", "claim"),
    fact("limited", "claim", values=(1, 2, 3)),
    fact("chemical", "open", u0602=True, u06=False),
)


def facts(use: str | None = None, **given: Scalar) -> Facts:
    return resolve_facts(FACTS, given, use)


def judge(
    rules: Sequence[Rule],
    *measures: Measure,
    known: Facts | None = None,
    on: date = DAY,
    instruments: Sequence[Instrument] = (IN_FORCE,),
    doubtful: Sequence[str] = (),
    layers: Mapping[str, Layer] | None = None,
) -> tuple[Finding, ...]:
    """The findings of the parcel 甲 of one hectare."""
    named = tuple((layers or {}).get(m.layer) or layer(m.layer) for m in measures)
    bench = Bench(rules=tuple(rules), instruments=tuple(instruments), layers=named, facts=known or facts(), on=on)
    return bench.judge("甲", AREA_M2, measures, doubtful)


def total(name: str, layer_id: str | None = None, *, minus: Sequence[str] = (), unknown_counts: bool = False) -> Total:
    selection = Selection(layer=layer_id) if layer_id else None
    return Total(name=name, title=name, selection=selection, minus=tuple(minus), unknown_counts=unknown_counts)


def procedure(level: str, *conditions: Comparison, act: str = "农用地转用", **changes: object) -> Procedure:
    made = Procedure(
        act=act,
        level=level,
        when=conditions,
        applies_to=(),
        reason="试验",
        documents=(),
        basis=(LAW,),
        effective=date(2020, 7, 1),
        until=None,
    )
    return replace(made, **changes)  # type: ignore[arg-type]
