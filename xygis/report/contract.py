"""The JSON contract `xygis/assessment/1`: an `Assessment` as plain, unrounded values, and a refusal in the same frame.

Imports nothing heavy: this is the face that `xygis check --json` shows on a cold start.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import shapely

from xygis.atlas.law import Citation
from xygis.atlas.record import AtlasRecord
from xygis.check.assessment import Assessment, Change, LayerRecord, ParcelAssessment, Refused, Upcoming, Use
from xygis.check.overrides import Corrected
from xygis.check.standing_facts import StandingFact
from xygis.errors import XygisError
from xygis.intake.submission import ReadOption, Submission
from xygis.judge.application import Act
from xygis.judge.finding import Finding
from xygis.judge.questions import WhatIf
from xygis.overlay.measure import Measure, Zonal
from xygis.report.remedy_contract import options_entry, remedies_entry
from xygis.report.totals import LayerTotals, area_totals, layer_totals
from xygis.version import __version__, build

ASSESSMENT_SCHEMA = "xygis/assessment/1"
CONSISTENCY_SCHEMA = "xygis/consistency/1"
SUSPECTS_SCHEMA = "xygis/suspects/1"
QUALITY_SCHEMA = "xygis/quality/1"
_SCHEMA_FILES = {
    ASSESSMENT_SCHEMA: "assessment-1.schema.json",
    CONSISTENCY_SCHEMA: "consistency-1.schema.json",
    SUSPECTS_SCHEMA: "suspects-1.schema.json",
    QUALITY_SCHEMA: "quality-1.schema.json",
}

Json = dict[str, object]


def assessment_dict(assessment: Assessment) -> Json:
    """The whole result, keys in the order of DESIGN §7. Numbers are unrounded; what has no data is None, never 0."""
    return {
        "schema": ASSESSMENT_SCHEMA,
        "generator": generator(),
        "checked_on": assessment.checked_on.isoformat(),
        "verdict": assessment.verdict.value,
        "atlas": _atlas(assessment),
        "sources": [source_dict(s) for s in assessment.sources],
        "project": {
            "name": assessment.project.name,
            "use": _use(assessment.project.use),
            "use_stated": assessment.project.use_stated,
            "class_version": assessment.project.class_version,
            "attributes": dict(assessment.project.attributes),
            "overrides": [o.to_dict() for o in assessment.project.overrides],
            "facts": [_standing_fact(f) for f in assessment.project.facts],
        },
        "parcels": [_parcel(p) for p in assessment.parcels],
        "questions": [_what_if(q) for q in assessment.questions],
        "totals": _totals(assessment),
        "upcoming": [upcoming_dict(u) for u in assessment.upcoming],
        "trace": [{"step": s.step, "status": s.status, "detail": s.detail} for s in assessment.trace],
        "assumptions": list(assessment.assumptions),
        "corrections": [_corrected(c) for c in assessment.corrections],
        "remarks": list(assessment.remarks),
        "tolerances": dict(assessment.tolerances),
        **options_entry(assessment.remedy_options),
    }


def error_dict(error: XygisError, *, schema: str = ASSESSMENT_SCHEMA) -> Json:
    """What `--json` prints when the input was refused: the same frame, undetermined, no parcels."""
    return {"schema": schema, "generator": generator(), "verdict": "undetermined", "error": error.to_dict(), "parcels": []}


def json_text(document: Json) -> str:
    """A contract as text; the same document gives the same bytes. Refuses NaN and infinity, which JSON does not know."""
    return json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def load_schema(schema: str) -> Json:
    """The JSON Schema of a contract, by its name in the document's `schema` key."""
    loaded: Json = json.loads((Path(__file__).parent / "schemas" / _SCHEMA_FILES[schema]).read_text(encoding="utf-8"))
    return loaded


def generator() -> Json:
    """Who wrote the document: another state of the program may count otherwise, another library of geometry in the last digits."""
    return {"name": "xygis", "version": __version__, "build": build(), "geos": shapely.geos_version_string}


def citations(basis: Iterable[Citation]) -> list[Json]:
    """`basis` of findings, procedures and pairs."""
    return [{"instrument": c.instrument, "version": c.version.isoformat(), "article": c.article, "verified": c.verified} for c in basis]


def _atlas(assessment: Assessment) -> Json:
    return {
        "name": assessment.atlas_name,
        "status": weakest_status(assessment.layers),
        "fingerprint": assessment.atlas_fingerprint,
        "plane": assessment.plane,
        "layers": [layer_dict(r) for r in assessment.layers],
        "rules": {"count": assessment.rules_count, "fingerprint": assessment.rules_fingerprint, **rules_record(assessment.record)},
        **files_record(assessment.record),
    }


def rules_record(record: AtlasRecord | None) -> Json:
    """`atlas.rules.each`: every rule that counted, in a line of its fields."""
    return {} if record is None else {"each": dict(record.rules)}


def files_record(record: AtlasRecord | None) -> Json:
    """`atlas.files`: sha256 of every file that decides, beside the layers."""
    return {} if record is None else {"files": dict(record.files)}


def weakest_status(layers: Iterable[LayerRecord]) -> str:
    """demo where any layer is; else draft where any is; else statutory. Layers without data do not count."""
    present = {r.layer.status.value for r in layers if r.state != "missing"}
    return next((s for s in ("demo", "draft") if s in present), "statutory")


def layer_dict(record: LayerRecord) -> Json:
    """One entry of `atlas.layers`."""
    layer = record.layer
    return {
        "id": layer.id,
        "title": layer.title,
        "status": layer.status.value,
        "state": record.state.value,
        "version": layer.version.isoformat() if layer.version else None,
        "features": record.features,
        "accuracy_m": layer.accuracy_m,
        "sha256": record.sha256,
        "note": record.note,
    }


def source_dict(source: Submission | Refused) -> Json:
    if isinstance(source, Refused):
        return {
            "file": source.path,
            "sha256": None,
            "format": None,
            "encoding": None,
            "crs": None,
            "evidence": [],
            "notes": [],
            "error": source.error.to_dict(),
            "options": _options(source.options),
        }
    return {
        "file": source.path,
        "sha256": source.sha256,
        "format": source.format,
        "encoding": source.encoding,
        "crs": source.crs,
        "evidence": list(source.evidence),
        "notes": [n.to_dict() for n in source.notes],
        "error": None,
        "options": _options(source.options),
    }


def _options(options: Iterable[ReadOption]) -> Json:
    """What was said about reading the file, so that nobody who recomputes has to say it again."""
    return {name: list(value) if isinstance(value, tuple) else value for name, value in options}


def _use(use: Use) -> Json:
    return {
        "code": use.code,
        "name": use.name,
        "class_version": use.class_version,
        "assumed": use.assumed,
        "judged_as": use.rule_code,
        "note": use.note,
    }


def _standing_fact(standing: StandingFact) -> Json:
    """How a fact of the project counts; parcels only where it does not stand so for all of them."""
    known = standing.known
    return {
        "fact": known.fact.name,
        "title": known.fact.title,
        "value": known.value,
        "origin": known.origin.value,
        **({"parcels": list(standing.parcels)} if standing.parcels else {}),
    }


def _parcel(parcel: ParcelAssessment) -> Json:
    return {
        "id": parcel.id,
        "name": parcel.name,
        "source": parcel.source,
        "verdict": parcel.verdict.value,
        "crs": parcel.crs,
        "use": _use(parcel.use),
        "area": {
            "ellipsoidal_m2": parcel.ellipsoidal_m2,
            "planar_m2": parcel.planar_m2,
            "declared_m2": parcel.declared_m2,
        },
        **({"boundary": shapely.to_wkt(parcel.boundary, rounding_precision=-1)} if parcel.boundary is not None else {}),
        "measures": [_measure(m) for m in parcel.measures],
        "findings": [_finding(f) for f in parcel.findings],
        "questions": [_what_if(q) for q in parcel.questions],
        **_trace(parcel),
        **remedies_entry(parcel.remedies),
    }


def _trace(parcel: ParcelAssessment) -> Json:
    """Only where it was asked for: whoever did not ask gets the document as it always was."""
    if parcel.trace is None:
        return {}
    from xygis.report.trace_contract import trace_dict

    return {"trace": trace_dict(parcel.trace)}


def _what_if(question: WhatIf) -> Json:
    return {
        "fact": question.fact,
        "title": question.title,
        "kind": question.kind,
        "provider": question.provider,
        "stands": question.stands,
        "outcomes": [
            {
                "values": list(o.values),
                "label": o.label,
                "verdict": o.verdict.value,
                "range": [o.best.value, o.worst.value],
                **({"parcels": {parcel: verdict.value for parcel, verdict in o.parcels}} if o.parcels else {}),
            }
            for o in question.outcomes
        ],
    }


def _measure(measure: Measure) -> Json:
    return {
        "layer": measure.layer,
        "state": measure.state.value,
        "data": measure.data.value,
        "overlap_m2": measure.overlap_m2,
        "overlap_range_m2": list(measure.overlap_range_m2) if measure.overlap_range_m2 is not None else None,
        "overlap_share": measure.overlap_share,
        "outside_m2": measure.outside_m2,
        "unmapped_m2": measure.unmapped_m2,
        "distance_m": measure.distance_m,
        "patches": measure.patches,
        "slivers": {"count": measure.sliver_count, "area_m2": measure.sliver_m2},
        "contact_m2": measure.contact_m2,
        "features": [{"id": f.id, "overlap_m2": f.overlap_m2, "attributes": dict(f.attributes)} for f in measure.features],
        **({"zonal": _zonal(measure.zonal)} if measure.zonal is not None else {}),
    }


def _zonal(zonal: Zonal) -> Json:
    return {
        "unmapped_share": zonal.unmapped_share,
        "elevation_min_m": zonal.elevation_min_m,
        "elevation_mean_m": zonal.elevation_mean_m,
        "elevation_max_m": zonal.elevation_max_m,
        "slope_unmapped_share": zonal.slope_unmapped_share,
        "slope_mean_deg": zonal.slope_mean_deg,
        "slope_max_deg": zonal.slope_max_deg,
        "slope_share_above_25": zonal.slope_share_above_25,
        "classes": [{"class": name, "share": share} for name, share in zonal.classes],
    }


def _finding(finding: Finding) -> Json:
    return {
        "rule": finding.rule,
        "title": finding.title,
        "layer": finding.layer,
        "verdict": finding.verdict.value,
        "range": [finding.best.value, finding.worst.value],
        "needs": [n.text for n in finding.needs],
        "questions": [{"text": n.text, "provider": n.provider, "fact": n.fact} for n in finding.needs],
        "text": finding.text,
        "overlap_m2": finding.overlap_m2,
        "authority": finding.authority,
        "documents": list(finding.documents),
        "remedy": finding.remedy,
        "penalty": finding.penalty,
        "basis": citations(finding.basis),
    }


def _corrected(corrected: Corrected) -> Json:
    """What the applicant says against a layer: both values, and the verdict of the parcel by each."""
    said = corrected.override
    return {
        "parcel": corrected.parcel,
        "layer": said.layer,
        "field": said.field,
        "recorded": [{"value": value, "overlap_m2": overlap_m2} for value, overlap_m2 in corrected.recorded],
        "stated": said.value,
        "reason": said.reason,
        "confirmed_by": said.confirmed_by,
        "document": said.document,
        "verdict_recorded": corrected.by_layer.value,
        "verdict_stated": corrected.by_statement.value,
        "decides": corrected.decides,
    }


def _totals(assessment: Assessment) -> Json:
    area = area_totals(assessment)
    return {
        "area": {"ellipsoidal_m2": area.ellipsoidal_m2, "planar_m2": area.planar_m2, "declared_m2": area.declared_m2},
        "by_layer": [
            {
                "layer": t.layer,
                "title": t.title,
                "state": t.state.value,
                "partial": t.partial,
                "overlap_m2": t.overlap_m2,
                "outside_m2": t.outside_m2,
                "share": t.share,
                "verdict": t.verdict.value if t.verdict is not None else None,
                **(_net(t) if t.deducted_m2 is not None else {}),
            }
            for t in layer_totals(assessment)
        ],
        "procedures": [_act(a) for a in assessment.procedures],
    }


def _net(total: LayerTotals) -> Json:
    """Gross and net side by side; shares and thresholds use the gross overlap."""
    assert total.overlap_m2 is not None and total.deducted_m2 is not None
    return {"deducted_m2": total.deducted_m2, "net_m2": total.overlap_m2 - total.deducted_m2}


def upcoming_dict(day: Upcoming) -> Json:
    """One day on which the law changes, and what that changes for the parcels of the check."""
    return {
        "instrument": day.instrument,
        "in_force": day.in_force.isoformat(),
        "rules": list(day.rules),
        "begins": [{"instrument": i.instrument, "version": i.version.isoformat()} for i in day.begins],
        "ends": [{"instrument": i.instrument, "version": i.version.isoformat(), "replaced_by": i.replaced_by} for i in day.ends],
        "verdicts": [{"parcel": id_, "before": was.value, "after": now.value} for id_, was, now in day.verdicts],
        "changes": [_change(c) for c in day.changes],
    }


def _change(change: Change) -> Json:
    """before and after: what differs; of what appears or vanishes the whole finding or act."""
    fields = list(dict.fromkeys("range" if f in ("best", "worst") else f for f in change.fields))
    act = isinstance(change.after or change.before, Act)
    return {
        "kind": change.kind,
        "parcel": change.parcel,
        "rule": None if act else change.subject,
        "act": change.subject if act else None,
        "title": change.title,
        "fields": fields,
        "before": _side(change.before, fields),
        "after": _side(change.after, fields),
    }


def _side(shown: Finding | Act | None, fields: list[str]) -> Json | None:
    if shown is None:
        return None
    whole = _act(shown) if isinstance(shown, Act) else _finding(shown)
    return {name: whole[name] for name in fields} if fields else whole


def _act(act: Act) -> Json:
    return {
        "act": act.act,
        "phase": act.phase,
        "order": act.order,
        "level": act.level,
        "authority": act.authority,
        "reason": act.reason,
        "counted_m2": act.counted_m2,
        "margin_ha": act.margin_ha,
        "documents": list(act.documents),
        "basis": citations(act.basis),
    }
