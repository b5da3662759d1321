"""A rule as plain values: what `xygis rules --json` prints."""

from __future__ import annotations

from datetime import date

from xygis.atlas.atlas import Atlas
from xygis.atlas.law import Citation, Rule
from xygis.report.contract import Json, citations
from xygis.report.rule_page import RulePage, acts_about, changed, instrument_of, standing, versions


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


def page_record(atlas: Atlas, page: RulePage, on: date) -> Json:
    """One rule with all that its page says: words, articles in full, other versions, acts of approval."""
    rule = page.rule
    of_code = versions(atlas.rules, rule.code)
    return {
        **rule_record(rule),
        "basis": [_cited(atlas, c) for c in rule.basis],
        "subject": page.subject,
        "standing": page.standing,
        "sentence": page.sentence,
        "sections": {
            s.key: [{"text": line.text, "quotes": list(line.quotes), "note": line.note} for line in s.lines] for s in page.sections
        },
        "versions": [
            {
                "effective": v.effective.isoformat(),
                "until": v.until.isoformat() if v.until else None,
                "standing": standing(v, on),
                "changed": [] if v is of_code[0] else list(changed(of_code[of_code.index(v) - 1], v)),
            }
            for v in of_code
        ],
        "acts": [{"act": act, "levels": list(levels)} for act, levels in acts_about(atlas, rule, on)],
    }


def _cited(atlas: Atlas, citation: Citation) -> Json:
    """A citation with the words it turns on, and when its instrument counts."""
    instrument = instrument_of(atlas, citation)
    return {
        **citations((citation,))[0],
        "says": list(citation.says),
        "title": instrument.title if instrument else citation.instrument,
        "number": instrument.number if instrument else "",
        "in_force": instrument.in_force.isoformat() if instrument else None,
        "repealed": instrument.repealed.isoformat() if instrument and instrument.repealed else None,
        "read": instrument.read if instrument else None,
    }
