"""A rule as plain values: what `xygis rules --json` prints."""

from __future__ import annotations

from xygis.atlas.law import Rule
from xygis.report.contract import Json, citations


def rule_record(rule: Rule) -> Json:
    """One rule in one version, with its cases."""
    return {
        "code": rule.code,
        "title": rule.title,
        "layer": rule.selection.layer,
        "where": {field: list(patterns) for field, patterns in rule.selection.where},
        "strip_m": rule.selection.strip_m,
        "when": [f"{c.fact} {c.operator} {c.value:g}" for c in rule.when],
        "applies_to": {name: list(values) for name, values in rule.applies_to},
        "unless": {name: list(values) for name, values in rule.unless},
        "verdict": rule.verdict.value,
        "authority": rule.authority,
        "documents": list(rule.documents),
        "remedy": rule.remedy,
        "penalty": rule.penalty,
        "message": rule.message,
        "basis": citations(rule.basis),
        "effective": rule.effective.isoformat(),
        "until": rule.until.isoformat() if rule.until else None,
        "verified": rule.verified,
        "cases": [{"note": c.note, "facts": dict(c.facts), "verdict": c.verdict.value} for c in rule.cases],
        "source": f"{rule.path.name}:{rule.line}",
    }
