"""One parcel measured against every layer and judged: what `check` does with each, and what a changed parcel is checked by again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

import shapely

from xygis.atlas.atlas import COUNTIES, Atlas
from xygis.atlas.law import Rule
from xygis.check.assessment import Use
from xygis.check.layers import OpenLayer, city_near
from xygis.check.overrides import Corrected, Override
from xygis.check.project import ProjectStatement, use_of
from xygis.intake.submission import Parcel
from xygis.judge.facts import Facts, resolve_facts
from xygis.judge.finding import Finding
from xygis.judge.judging import Bench, questions, rules_on
from xygis.judge.questions import aside
from xygis.overlay.measure import Measure, Zonal
from xygis.overlay.measuring import Question, measure, no_data
from xygis.overlay.shape import ParcelShape


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One parcel, measured and judged. stated: measures with what is said against the layers; else the same."""

    use: Use
    bench: Bench
    measures: tuple[Measure, ...]
    stated: tuple[Measure, ...]
    findings: tuple[Finding, ...]  # worst first
    corrections: tuple[Corrected, ...] = ()

    @property
    def facts(self) -> Facts:
        return self.bench.facts


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearing:
    """What every parcel of a run is measured against and judged by.

    rules: of the day; ahead: those of the coming twelve months too, or the same where nobody asks what the law will say.
    """

    atlas: Atlas
    on: date
    statement: ProjectStatement
    layers: tuple[OpenLayer, ...]
    rules: tuple[Rule, ...]
    ahead: tuple[Rule, ...]
    what_if: bool = True  # whether to measure what another answer about the project would ask

    def bench(self, parcel: Parcel) -> tuple[Use, Bench]:
        """The use of a parcel, and the rules, layers and project facts that it is judged by."""
        use = use_of(self.atlas.law, self.statement, parcel.use_text)
        bench = Bench(
            rules=self.rules,
            instruments=self.atlas.law.instruments,
            layers=tuple(o.layer for o in self.layers),
            facts=resolve_facts(self.atlas.law.facts, dict(self.statement.facts), use.rule_code),
            on=self.on,
            complete_from=self.atlas.law.complete_from,
        )
        return use, bench

    def hear(self, parcel: Parcel, number: str, shape: ParcelShape, zonals: Mapping[str, Zonal], overrides: Sequence[Override]) -> Heard:
        """zonals: what each raster layer holds under the parcel; overrides: those that are about it."""
        use, bench = self.bench(parcel)
        look = partial(self._measured, shape, bench=bench, city=city_near(self.atlas, self.layers, shape), zonals=zonals)
        if overrides:
            from xygis.check.correcting import with_corrections

            both = with_corrections(overrides, self.layers, look, bench, (number, parcel.name, shape.area_m2, parcel.doubtful))
            return Heard(use=use, bench=bench, measures=both.measures, stated=both.stated, findings=both.findings, corrections=both.records)
        measures = tuple(look(o) for o in self.layers)
        findings = bench.judge(parcel.name, shape.area_m2, measures, parcel.doubtful)
        return Heard(use=use, bench=bench, measures=measures, stated=measures, findings=findings)

    def _measured(
        self, shape: ParcelShape, opened: OpenLayer, *, bench: Bench, city: shapely.Geometry | None, zonals: Mapping[str, Zonal]
    ) -> Measure:
        """What the rules want to know, and aside what those of the day would want to know under another answer about the project."""
        asked = asked_of(self.atlas, self.ahead, opened.layer.id, bench.facts)
        other = aside(bench.rules, opened.layer.id, bench.facts, asked) if self.what_if else ()
        return measured(shape, opened, asked, city, zonals.get(opened.layer.id), other)


def hearing_today(atlas: Atlas, on: date, statement: ProjectStatement, layers: tuple[OpenLayer, ...]) -> Hearing:
    """By the rules of the day alone, nothing asked of other days or other answers: the verdict is the same."""
    rules = rules_on(atlas.rules, on)
    return Hearing(atlas=atlas, on=on, statement=statement, layers=layers, rules=rules, ahead=rules, what_if=False)


def asked_of(atlas: Atlas, rules: Sequence[Rule], layer_id: str, facts: Facts) -> tuple[Question, ...]:
    """What the rules and the totals want to know of a layer."""
    asked = list(questions(rules, layer_id, facts))
    known = {q.selection for q in asked}
    asked += [
        Question(selection=t.selection)
        for t in atlas.law.totals
        if t.selection and t.selection.layer == layer_id and t.selection not in known
    ]
    return tuple(asked)


def measured(
    shape: ParcelShape,
    opened: OpenLayer,
    asked: Sequence[Question],
    city: shapely.Geometry | None,
    zonal: Zonal | None,
    aside: Sequence[Question] = (),
) -> Measure:
    """One parcel × one layer. city: where a layer without an extent of its own is complete; zonal: what a raster holds there."""
    if zonal is not None:
        from xygis.overlay.relief import measure_zonal

        return measure_zonal(shape, opened.layer, zonal, asked, opened.record.state, aside)
    if opened.prepared is None:
        return no_data(opened.layer, shape, opened.record.state)
    extent = opened.extent if opened.extent is not None else None if opened.layer.id == COUNTIES else city
    return measure(shape, opened.layer, opened.prepared, asked, extent=extent, data=opened.record.state, aside=aside)
