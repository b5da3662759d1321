"""`parcels[].trace` of the contract, only with `xygis check --explain`: each finding and each silent rule with its conditions."""

from __future__ import annotations

import math

from xygis.judge.explanation import Explanation, LayerTrace, ParcelTrace, Reason
from xygis.report.contract import Json, citations


def trace_dict(trace: ParcelTrace) -> Json:
    """A trace as plain values; numbers unrounded, a bound that is not finite as null."""
    return {"general": [_explanation(e) for e in trace.general], "layers": [_layer(t) for t in trace.layers]}


def _layer(trace: LayerTrace) -> Json:
    return {
        "layer": trace.layer.id,
        "state": trace.measure.state.value,
        "data": trace.measure.data.value,
        "fired": [_explanation(e) for e in trace.fired],
        "silent": [_explanation(e) for e in trace.silent],
    }


def _explanation(explanation: Explanation) -> Json:
    finding, failed = explanation.finding, explanation.failed
    return {
        "rule": explanation.code,
        "title": explanation.title,
        "verdict": finding.verdict.value if finding is not None else None,
        "range": [finding.best.value, finding.worst.value] if finding is not None else None,
        "conditions": [_reason(r) for r in explanation.reasons],
        "failed": explanation.reasons.index(failed) if failed is not None else None,
        "open_rules": list(explanation.open_rules),
        "basis": citations(explanation.basis),
    }


def _reason(reason: Reason) -> Json:
    record: Json = {"kind": reason.kind, "name": reason.name, "origin": reason.origin, "met": reason.met}
    if reason.comparison is not None and reason.measured is not None:
        record["asked"] = f"{reason.comparison.operator} {reason.comparison.value:g}"
        record["value"] = [v if math.isfinite(v) else None for v in (reason.measured.low, reason.measured.high)]
    elif reason.kind == "attribute":
        record["asked"] = list(reason.asked)
        record["value"] = [{"value": v or None, "overlap_m2": m2} for v, m2 in reason.found]
    elif reason.kind != "data":
        record["asked"] = list(reason.asked)
        record["value"] = reason.value
    record["doubts"] = [d.value for d in reason.doubts]
    return record
