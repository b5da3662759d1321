"""The JSON contract `xygis/suspects/1`: a batch of patches as plain, unrounded values; the next month is compared with it."""

from __future__ import annotations

import shapely

from xygis.atlas.suspect_law import SuspectVerdict
from xygis.check.assessment import Refused
from xygis.report.contract import SUSPECTS_SCHEMA, Json, citations, files_record, generator, layer_dict, source_dict, weakest_status
from xygis.suspects.facts import PermitHit, PlaceFact, Range
from xygis.suspects.judging import Reason
from xygis.suspects.result import PatchResult, Since, Suspects, Tally


def suspects_dict(result: Suspects) -> Json:
    """The whole result; patches in the order of the file, `priority` says in which order they are worked off."""
    return {
        "schema": SUSPECTS_SCHEMA,
        "generator": generator(),
        "checked_on": result.checked_on.isoformat(),
        "verdict": result.verdict.value,
        "atlas": {
            "name": result.atlas_name,
            "status": weakest_status(result.layers),
            "fingerprint": result.atlas_fingerprint,
            "plane": result.plane,
            "layers": [layer_dict(r) for r in result.layers],
            "rules": {"fingerprint": result.rules_fingerprint},
            **files_record(result.record),
        },
        "sources": [source_dict(s) for s in result.sources],
        "permits": {
            "count": result.permits,
            "as_of": result.permits_as_of.isoformat() if result.permits_as_of is not None else None,
            "note": result.permits_note,
            **({"source": source_dict(result.permit_file)} if result.permit_file is not None else {}),
        },
        "patches": [_patch(p) for p in result.patches],
        "by_county": [{"code": t.code, "name": t.title, **_tally(t)} for t in result.by_county],
        "by_place": [{"rule": t.code, "title": t.title, **_tally(t)} for t in result.by_place],
        "total": {**_tally(result.total), "overlapping_m2": result.overlapping_m2},
        "since": _since(result.since) if result.since is not None else None,
        "not_read": [{"name": a.name, "error": a.error.what} for a in result.set_apart]
        + [{"name": s.path, "error": s.error.what} for s in result.sources if isinstance(s, Refused)],
        "remarks": list(result.remarks),
        "assumptions": list(result.assumptions),
        "tolerances": dict(result.tolerances),
    }


def _patch(p: PatchResult) -> Json:
    facts = p.facts
    return {
        "id": p.id,
        "number": p.patch.number,
        "name": p.patch.parcel.name,
        "priority": p.priority,
        "level": p.judgement.level if p.priority is not None else None,
        "verdict": p.verdict.value,
        "range": [p.judgement.best.value, p.judgement.worst.value],
        "county": {"code": p.county_code, "name": p.county_name},
        "area_m2": p.area_m2,
        "image": {
            "before": str(p.patch.before) if p.patch.before else None,
            "after": str(facts.image) if facts.image else None,
            "stated": p.patch.after_text,
        },
        "situation": {"code": p.judgement.situation, "assumed": p.judgement.assumed, "stated": p.patch.situation_text},
        "use": p.patch.use_text,
        "note": p.patch.note,
        "place": p.judgement.place,
        "reasons": [_reason(r) for r in p.judgement.reasons],
        "needs": list(p.judgement.needs),
        "permits": [_permit(h) for h in facts.hits],
        "beyond": [{"kind": kind, "valid_m2": b.valid.point, "valid_range_m2": _range(b.valid)} for kind, b in facts.beyond.items()],
        "places": [_place(f) for f in facts.places],
        "built_before": None
        if facts.built is None
        else {"overlap_m2": facts.built.point, "range_m2": _range(facts.built), "before_image": facts.built_before},
        "growth_boundary": None if facts.growth is None else {"overlap_m2": facts.growth.point, "range_m2": _range(facts.growth)},
        "outside_city_m2": facts.outside_city_m2,
        "layers": [{"layer": name, "overlap_m2": m2} for name, m2 in facts.overlaps],
        "change": p.change,
        "earlier": p.earlier,
        "remarks": list(p.remarks),
        "geometry": shapely.geometry.mapping(p.geometry),
    }


def _reason(r: Reason) -> Json:
    return {
        "code": r.code,
        "title": r.title,
        "verdict": r.verdict.value if r.verdict is not None else None,
        "text": r.text,
        "area_m2": r.area_m2,
        "needs": r.needs or None,
        "sure": r.sure,
        "verified": r.verified,
        "basis": citations(r.basis),
    }


def _permit(h: PermitHit) -> Json:
    p = h.permit
    return {
        "number": p.number or None,
        "kind": p.kind.name if p.kind else None,
        "stated_kind": p.kind_text or None,
        "use": p.use_text,
        "issued": str(p.issued) if p.issued else None,
        "valid_until": str(p.until) if p.until else None,
        "standing": h.standing.value,
        "ended": h.ended,
        "overlap_m2": h.overlap_m2,
    }


def _place(f: PlaceFact) -> Json:
    known = f.overlap is not None
    return {
        "rule": f.code,
        "overlap_m2": f.overlap.point if f.overlap is not None else None,
        "range_m2": _range(f.overlap) if f.overlap is not None else None,
        "reason": f.reason or None if known else f.reason,
    }


def _range(r: Range) -> list[float]:
    return [r.low, r.high]


def _tally(t: Tally) -> Json:
    return {
        "patches": {v.value: n for v, n in zip(SuspectVerdict, t.patches, strict=True)},
        "area_m2": {v.value: m2 for v, m2 in zip(SuspectVerdict, t.area_m2, strict=True)},
    }


def _since(s: Since) -> Json:
    return {
        "checked_on": s.checked_on,
        "patches": s.patches,
        "new": s.new,
        "persisting": s.persisting,
        **({"file": s.file, "sha256": s.sha256} if s.file else {}),
        "gone": [{"label": g.label, "county": g.county_name, "verdict": g.verdict, "area_m2": g.area_m2} for g in s.gone],
    }
