"""The JSON contract `xygis/consistency/1`: a `Consistency` as plain, unrounded values."""

from __future__ import annotations

import json
import math

from xygis.consistency.result import (
    AskedFor,
    Consistency,
    CountyFigure,
    CountyShare,
    Difference,
    Indicator,
    NoData,
    Pair,
    PairFinding,
    QualityNote,
    Tally,
    Trend,
)
from xygis.consistency.uses import CONFLICT, OPEN, SAME, UseMatrix
from xygis.report.consistency_causes import causes_dict
from xygis.report.consistency_tracking_contract import tracking_dict
from xygis.report.consistency_what_if import what_if_dict
from xygis.report.contract import (
    CONSISTENCY_SCHEMA,
    Json,
    citations,
    files_record,
    generator,
    json_text,
    layer_dict,
    rules_record,
    weakest_status,
)
from xygis.report.indicator_words import source_words
from xygis.report.quality_contract import quality_part


def consistency_dict(consistency: Consistency) -> Json:
    """The whole result, keys in the order of DESIGN §7. The shapes of the patches stand in consistency.gpkg."""
    return {
        "schema": CONSISTENCY_SCHEMA,
        "generator": generator(),
        "checked_on": consistency.checked_on.isoformat(),
        "verdict": consistency.verdict.value,
        "atlas": {
            "name": consistency.atlas_name,
            "status": weakest_status(consistency.layers),
            "fingerprint": consistency.atlas_fingerprint,
            "plane": consistency.plane,
            "layers": [layer_dict(r) for r in consistency.layers],
            "rules": {
                "count": consistency.rules_count,
                "fingerprint": consistency.rules_fingerprint,
                **rules_record(consistency.record),
            },
            **files_record(consistency.record),
        },
        **_asked(consistency.asked),
        "territory": _territory(consistency),
        "pairs": [_pair(p) for p in consistency.pairs],
        "no_data": [_no_data(n) for n in consistency.no_data],
        "differences": [_difference(d) for d in consistency.differences],
        "quality": [_quality(q) for q in consistency.quality],
        "quality_check": quality_part(consistency.quality_check),
        "indicators": [_indicator(i) for i in consistency.indicators],
        "what_if": what_if_dict(consistency.what_if) if consistency.what_if is not None else None,
        "use_matrix": None if consistency.use_matrix is None else [_use_matrix(m) for m in consistency.use_matrix],
        "tolerances": dict(consistency.tolerances),
        **causes_dict(consistency),
        **tracking_dict(consistency),
    }


def _asked(asked: AskedFor | None) -> Json:
    """`options`: what was asked for besides the day, so that nobody who recomputes has to say it again."""
    if asked is None:
        return {}
    files = {name: {"file": file, "sha256": sha256} for name, file, sha256 in asked.files}
    return {"options": {"layers": list(asked.layers) if asked.layers else None, **files}}


def _territory(consistency: Consistency) -> Json:
    """Counties with their own area and the sum of their cells; each layer's classes, which add up to them."""
    found, counties = consistency.territory, consistency.counties
    return {
        "cells": found.cells,
        "differing_m2": math.fsum(consistency.differing_m2),
        "counties": [
            {"code": c.code, "name": c.name, "area_m2": c.area_m2, "cells_m2": m2, "differing_m2": differing}
            for c, m2, differing in zip(counties, found.cells_m2, consistency.differing_m2, strict=True)
        ],
        "layers": [
            {
                "layer": table.layer,
                "field": table.field,
                "classes": [{"class": r.key, "title": r.title, "area_m2": r.area_m2, "by_county": list(r.by_county)} for r in table.rows],
            }
            for table in found.layers
        ],
    }


def consistency_json(consistency: Consistency) -> str:
    """`consistency_dict` as text, a patch a line: two hundred thousand of them stay readable, by people and by programs."""
    document = consistency_dict(consistency)
    patches = document["patches"]
    assert isinstance(patches, list)
    lines = ",\n".join(json.dumps(p, ensure_ascii=False, allow_nan=False) for p in patches)
    # The quotes are JSON's own: no text in the document can hold them.
    return json_text(document | {"patches": "…"}).replace('"patches": "…"', f'"patches": [\n{lines}\n  ]', 1)


def _pair(pair: Pair) -> Json:
    return {
        "a": pair.a,
        "b": pair.b,
        "relation": pair.relation,
        "a_m2": pair.a_m2,
        "b_m2": pair.b_m2,
        "overlap_m2": pair.overlap_m2,
        "difference_m2": pair.difference_m2,
        "patches": pair.patches,
        "slivers": {"count": pair.sliver_count, "area_m2": pair.sliver_m2},
        "by_county": [_share(s) for s in pair.by_county],
        "verdict": pair.verdict.value,
        "findings": [_finding(f) for f in pair.findings],
        "unmapped_m2": pair.unmapped_m2,
    }


def _use_matrix(matrix: UseMatrix) -> Json:
    return {
        "a": matrix.a,
        "b": matrix.b,
        **{f"{relation}_m2": matrix.total_m2(relation) for relation in (CONFLICT, SAME, OPEN)},
        "total_m2": matrix.total_m2(),
        "cells": [
            {
                "a": cell.a,
                "b": cell.b,
                "relation": cell.relation,
                "area_m2": cell.area_m2,
                "by_county": [
                    {"code": code, "name": name, "area_m2": area}
                    for (code, name), area in zip(matrix.counties, cell.by_county, strict=True)
                    if area > 0.0
                ],
            }
            for cell in matrix.cells
        ],
    }


def _share(share: CountyShare) -> Json:
    return {
        "code": share.code,
        "name": share.name,
        "a_m2": share.a_m2,
        "b_m2": share.b_m2,
        "overlap_m2": share.overlap_m2,
        "difference_m2": share.difference_m2,
        "patches": share.patches,
    }


def _finding(finding: PairFinding) -> Json:
    return {
        "rule": finding.rule,
        "title": finding.title,
        "difference": finding.difference,
        "verdict": finding.verdict.value,
        "range": [finding.best.value, finding.worst.value],
        "needs": list(finding.needs),
        "text": finding.text,
        "area_m2": finding.area_m2,
        "possible_m2": finding.possible_m2,
        "patches": finding.patches,
        "suggestion": finding.suggestion,
        "basis": citations(finding.basis),
        "yields": finding.yields,
        "departments": list(finding.departments),
    }


def _no_data(entry: NoData) -> Json:
    return {"a": entry.a, "b": entry.b, "relation": entry.relation, "reason": entry.reason, "rules": list(entry.rules)}


def _difference(difference: Difference) -> Json:
    return {
        "type": difference.type,
        "title": difference.title,
        "patches": difference.patches,
        "area_m2": difference.area_m2,
        "verdict": difference.verdict.value if difference.verdict is not None else None,
        "by_county": [{"code": t.key, "name": t.title, **_tally(t)} for t in difference.by_county],
        "by_size": [{"class": t.key, "title": t.title, **_tally(t)} for t in difference.by_size],
        "rules": list(difference.rules),
        "incomplete": difference.incomplete,
    }


def _tally(tally: Tally) -> Json:
    return {"patches": tally.patches, "area_m2": tally.area_m2}


def _quality(note: QualityNote) -> Json:
    return {
        "check": note.check,
        "layer": note.layer,
        "level": note.level,
        "count": note.count,
        "area_m2": note.area_m2,
        "where": list(note.where),
        "text": note.text,
        "rule": note.rule,
        "family": note.family,
        "title": note.title,
        "read": note.read,
    }


def _indicator(indicator: Indicator) -> Json:
    i = indicator
    return {
        "code": i.code,
        "title": i.title,
        "unit": i.unit,
        "value": i.value,
        "target": i.target,
        "met": i.met,
        "by_county": [_county_figure(c) for c in i.by_county],
        "least": i.least,
        "greatest": i.greatest,
        "reason": i.reason or None,
        "group": i.group,
        "decimals": i.decimals,
        "direction": i.direction or None,
        "due": i.due,
        "source": source_words(i) or None,
        "basis": citations(i.basis),
        "verified": i.verified,
        "formula": i.formula,
        "note": i.note or None,
        "trend": _trend(i.trend),
    }


def _county_figure(figure: CountyFigure) -> Json:
    return {
        "code": figure.code,
        "name": figure.name,
        "value": figure.value,
        "least": figure.least,
        "greatest": figure.greatest,
        "target": figure.target,
        "met": figure.met,
        "reason": figure.reason or None,
    }


def _trend(trend: Trend | None) -> Json | None:
    if trend is None:
        return None
    return {
        "since": trend.since,
        "before": trend.before,
        "least": trend.least,
        "greatest": trend.greatest,
        "change": trend.change,
        "turned": trend.turned,
        "by_county": [{"code": code, "name": name, "before": before, "change": change} for code, name, before, change in trend.by_county],
        "reason": trend.reason or None,
    }
