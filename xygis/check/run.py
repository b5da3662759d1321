"""`check`: the road of a parcel from its file to its verdict, one line per room."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date

import numpy as np
import shapely

from xygis.atlas.atlas import Atlas
from xygis.atlas.law import Rule
from xygis.atlas.record import atlas_record
from xygis.atlas.verdict import DataState, LayerState, Verdict, worst
from xygis.check.assessment import Assessment, ParcelAssessment, Project, Refused, Step, Use
from xygis.check.hearing import Hearing
from xygis.check.layers import OpenLayer, atlas_fingerprint, open_checked, under_parcels
from xygis.check.overrides import Corrected, Override, checked_overrides
from xygis.check.project import ProjectStatement, project_statement, use_of
from xygis.check.standing_facts import standing_facts
from xygis.check.upcoming import Judged, Sums, rules_ahead, upcoming
from xygis.intake.submission import Parcel, Submission
from xygis.judge.application import acts_of, totals_of
from xygis.judge.facts import Facts, Origin, resolve_facts
from xygis.judge.finding import Finding
from xygis.judge.judging import rules_on
from xygis.judge.questions import case_of, together, what_if, with_outcomes
from xygis.numbers import square_metres
from xygis.overlay.measure import Measure
from xygis.overlay.overlap import patches_of
from xygis.overlay.shape import ParcelShape, in_degrees, shape_parcel
from xygis.overlay.store import LayerStore
from xygis.overlay.tolerances import TOLERANCES

Progress = Callable[[int, int], None]

_MOST_TWICE = 5  # pairs of overlapping parcels that are named


def check(
    parcels: Submission | Sequence[Submission | Refused],
    atlas: Atlas,
    *,
    on: date,
    project: ProjectStatement | Mapping[str, object] | None = None,
    store: LayerStore | None = None,
    progress: Progress | None = None,
    explain: Collection[str] = (),
) -> Assessment:
    """Measures every parcel against every layer and judges it by the rules of the day `on`.

    project: name, use, class_version and any project fact of the rule base; what is not given is assumed, not claimed or
    open, and said so. Files that were refused stand in `sources` and leave the run undetermined. Raises UsageError for a
    fact or use code that the rule base does not know. explain: ids of the parcels (their running numbers) whose findings are
    to be traced to facts, rules and articles.
    """
    sources = (parcels,) if isinstance(parcels, Submission) else tuple(parcels)
    statement = project if isinstance(project, ProjectStatement) else project_statement(project)
    store = store or LayerStore()
    layers = open_checked(atlas, on, store)
    rules = rules_on(atlas.rules, on)
    work = [(i, p) for i, source in enumerate(sources) if isinstance(source, Submission) for p in source.parcels]
    ready = [shape_parcel(parcel.geometry, parcel.crs, atlas.plane) for _, parcel in work]
    layers, held = under_parcels(layers, ready)
    names = [name for number, (_, parcel) in enumerate(work, start=1) for name in (parcel.name, str(number))]
    hearing = Hearing(atlas=atlas, on=on, statement=statement, layers=layers, rules=rules, ahead=rules_ahead(atlas.rules, on))
    overrides = checked_overrides(atlas, statement.overrides, names)
    results: list[ParcelAssessment] = []
    shapes, cases, judged = [], [], []
    corrections: list[Corrected] = []
    stated: list[tuple[float, Sequence[Measure]]] = []  # with what is said against the layers
    for number, ((source_index, parcel), shape) in enumerate(zip(work, ready, strict=True), start=1):
        if progress:
            progress(number, len(work))
        mine = [o for o in overrides if o.about(parcel.name, str(number))]
        zonals = {layer: of_parcels[number - 1] for layer, of_parcels in held.items()}
        heard = hearing.hear(parcel, str(number), shape, zonals, mine)
        use, bench, facts, measures = heard.use, heard.bench, heard.facts, heard.measures
        corrections += heard.corrections
        stated.append((shape.area_m2, heard.stated))
        found = _parcel(str(number), source_index, parcel, shape, use, measures, heard.findings)
        results.append(found)
        shapes.append((shape, facts))
        cases.append(case_of(found.id, bench, shape.area_m2, [measures], found.findings))
        judged.append(
            Judged(id=str(number), name=parcel.name, area_m2=shape.area_m2, measures=measures, doubtful=tuple(parcel.doubtful), bench=bench)
        )
    project_use, facts = _common(results, shapes, statement, atlas)
    areas = [(shape.area_m2, r.measures) for (shape, _), r in zip(shapes, results, strict=True)]
    totals = totals_of(atlas.law.totals, areas)
    if not all(o.confirmed for o in overrides):
        from xygis.check.correcting import at_most_either

        totals = at_most_either(totals, totals_of(atlas.law.totals, stated))
    plain = [
        (area, [replace(m, parts=tuple(replace(p, overlap_range_m2=None) for p in m.parts)) for m in measures]) for area, measures in areas
    ]
    exact = {name: None if t is None else t.high for name, t in totals_of(atlas.law.totals, plain).items()}
    records = tuple(o.record for o in layers)
    refused = [s for s in sources if isinstance(s, Refused)]
    asked = [what_if(case, atlas.law.uses) for case in cases]
    results = [replace(r, questions=q, findings=with_outcomes(r.findings, q)) for r, q in zip(results, asked, strict=True)]
    if explain:
        results = [_traced(r, j) if r.id in explain else r for r, j in zip(results, judged, strict=True)]
    verdicts = [r.verdict for r in results] + ([Verdict.UNDETERMINED] if refused or not results else [])
    return Assessment(
        checked_on=on,
        verdict=worst(verdicts),
        atlas_name=atlas.name,
        atlas_fingerprint=atlas_fingerprint(atlas, records),
        plane=atlas.plane.code,
        rules_count=len(rules),
        rules_fingerprint=atlas.rules_fingerprint(),
        layers=records,
        sources=sources,
        project=Project(
            name=statement.name,
            use=project_use,
            attributes=statement.facts,
            use_stated=statement.use is not None,
            class_version=statement.class_version,
            overrides=statement.overrides,
            facts=standing_facts([(j.bench, j.measures, c) for j, c in zip(judged, cases, strict=True)]),
        ),
        parcels=tuple(results),
        procedures=acts_of(atlas.law.procedures, totals, exact, facts, atlas.law.instruments, on),
        upcoming=upcoming(atlas, on, judged, Sums(totals=totals, exact=exact, facts=facts)),
        trace=_trace(layers, results, rules),
        assumptions=_assumptions([f for _, f in shapes]),
        questions=together(cases, asked, atlas.law.uses, refused=bool(refused)) if cases else (),
        corrections=tuple(corrections),
        record=atlas_record(atlas, _weighed(rules, results)),
        remarks=(
            *_disputes([f for _, f in shapes]),
            *_use_notes(results),
            *_idle(overrides, corrections),
            *_twice(results, [s for s, _ in shapes]),
        ),
        tolerances=TOLERANCES,
        atlas=atlas,
    )


def _weighed(rules: Sequence[Rule], results: Sequence[ParcelAssessment]) -> list[Rule]:
    """The rules about layers that any parcel is not plainly clear of."""
    layers = {m.layer for r in results for m in r.measures if m.state is not LayerState.CLEAR}
    layers |= {f.layer for r in results for f in r.findings}
    return [rule for rule in rules if rule.selection.layer in layers]


def _parcel(
    number: str,
    source: int,
    parcel: Parcel,
    shape: ParcelShape,
    use: Use,
    measures: tuple[Measure, ...],
    findings: tuple[Finding, ...],
) -> ParcelAssessment:
    return ParcelAssessment(
        id=number,
        name=parcel.name,
        source=source,
        verdict=worst([f.verdict for f in findings]),
        geometry=shape.degrees,
        boundary=parcel.geometry,
        crs=parcel.crs,
        ellipsoidal_m2=shape.ellipsoidal_m2,
        planar_m2=shape.planar_m2,
        declared_m2=parcel.declared_m2,
        use=use,
        measures=measures,
        findings=findings,
        drawn=in_degrees(parcel.drawn, parcel.crs) if parcel.drawn is not None else None,
        repairs=parcel.repairs,
    )


def _traced(result: ParcelAssessment, judged: Judged) -> ParcelAssessment:
    """The parcel with the reasons of its findings, read from the trials of the bench that judged it."""
    from xygis.judge.explanation import trace_of

    return replace(result, trace=trace_of(judged.bench, judged.area_m2, judged.measures, result.findings))


def _common(
    results: Sequence[ParcelAssessment], shapes: Sequence[tuple[ParcelShape, Facts]], statement: ProjectStatement, atlas: Atlas
) -> tuple[Use, Facts]:
    """The use and the facts of the application: those of its parcels where they agree, else what holds without a use."""
    uses = list(dict.fromkeys(r.use for r in results))
    if len(uses) == 1:
        return uses[0], shapes[0][1]
    without = use_of(atlas.law, statement, None)
    shown = replace(without, name="各地块用途不同，按各自申报", assumed=False) if uses and not any(u.assumed for u in uses) else without
    return shown, resolve_facts(atlas.law.facts, dict(statement.facts), without.rule_code)


def _trace(layers: Sequence[OpenLayer], results: Sequence[ParcelAssessment], rules: Sequence[Rule]) -> tuple[Step, ...]:
    """What was run, what was skipped and why, what failed (PITFALLS P41)."""
    steps = []
    for i, opened in enumerate(layers):
        state = opened.record.state
        if not opened.usable:
            status = "skipped" if state is DataState.MISSING else "failed"
            steps.append(Step(step=f"量算 {opened.layer.title}", status=status, detail=opened.record.note or state.label))
            continue
        contacts = [f"{r.name} 相接部分 {m.contact_m2:.6f} m²" for r in results if (m := r.measures[i]).contact_m2]
        what = "栅格" if opened.raster is not None else f"{opened.record.features} 个要素"
        detail = "；".join([what, *contacts, *([opened.record.note] if opened.record.note else [])])
        steps.append(Step(step=f"量算 {opened.layer.title}", status="run", detail=detail))
    steps.append(Step(step="规则判断", status="run", detail=f"{len(rules)} 条规则在基准日有效"))
    return tuple(steps)


def _disputes(facts: Sequence[Facts]) -> tuple[str, ...]:
    """What is stated of the project against what its use says: rules that turn on it stay open."""
    return tuple(dict.fromkeys(k.dispute for f in facts for k in f.known if k.dispute is not None))


def _idle(overrides: Sequence[Override], corrections: Sequence[Corrected]) -> tuple[str, ...]:
    """Corrections that no parcel has to do with, or that say what the layer says."""
    used = [c.override for c in corrections]
    return tuple(
        f"更正没有用到：{o.layer} 的 {o.field} 改为“{o.value}”，地块不涉及，或者图层本来就是这个值" for o in overrides if o not in used
    )


def _use_notes(results: Sequence[ParcelAssessment]) -> tuple[str, ...]:
    """What is to be said of the uses: the class version taken, the codes that a word may mean."""
    return tuple(dict.fromkeys(r.use.note for r in results if r.use.note is not None))


def _twice(results: Sequence[ParcelAssessment], shapes: Sequence[ParcelShape]) -> tuple[str, ...]:
    """Parcels that lie on each other: every total counts the shared ground once for each."""
    polygons = np.array([s.polygon for s in shapes], object)
    left, right = shapely.STRtree(polygons).query(polygons, predicate="intersects")
    pairs = [(i, j) for i, j in zip(left.tolist(), right.tolist(), strict=True) if i < j]
    sentences = []
    for i, j in pairs:
        area_m2 = patches_of(shapely.intersection(polygons[i], polygons[j])).total_m2
        if area_m2 > 0.0:
            sentences.append(f"{results[i].name}与{results[j].name}相互重叠 {square_metres(area_m2)} m²，合计按各地块分别累加")
    if len(sentences) > _MOST_TWICE:
        sentences[_MOST_TWICE:] = [f"另有 {len(sentences) - _MOST_TWICE} 对地块相互重叠，合计按各地块分别累加"]
    return tuple(sentences)


def _assumptions(facts: Sequence[Facts]) -> tuple[str, ...]:
    sentences = ["权属：图层未载明权属的土地，按集体土地计"]
    for known in (k for f in facts for k in f.known if k.origin is Origin.ASSUMED):
        sentences.append(known.sentence)
    claims = [k.fact.title for k in (facts[0].known if facts else ()) if k.origin is Origin.NOT_CLAIMED]
    if claims:
        sentences.append(f"下列例外未申请，按不适用计：{'、'.join(claims)}")
    return tuple(dict.fromkeys(sentences))
