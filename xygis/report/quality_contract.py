"""The JSON contract `xygis/quality/1`: what quality control found in one file, and what it looked at; part of the consistency contract too."""

from __future__ import annotations

from collections.abc import Iterable

import shapely

from xygis.atlas.standard import FAMILIES, LEVELS
from xygis.consistency.quality.fault import Fault, NotRun, Quality
from xygis.consistency.quality.file import FileQuality
from xygis.report.contract import QUALITY_SCHEMA, Json, generator

MOST_LISTED = 1000  # errors that JSON lists one by one; all of them stand in the GeoPackage
_MOST_VERTICES = 500  # of a geometry that JSON carries


def quality_dict(found: FileQuality) -> Json:
    """The whole result for one file."""
    table = found.table
    return {
        "schema": QUALITY_SCHEMA,
        "generator": generator(),
        "checked_on": found.on.isoformat(),
        "file": found.file,
        "sha256": found.sha256,
        "sublayer": table.name,
        "format": table.format,
        "crs": table.crs,
        "evidence": list(table.evidence),
        "notes": list(table.notes),
        "features": len(table),
        "layer": found.layer.id,
        "title": found.layer.title,
        "table": found.standard.name if found.standard else None,
        "standard": found.standard.standard or None if found.standard else None,
        "result": found.result,
        "atlas": {"name": found.atlas_name, "standards": found.standards_fingerprint},
        **quality_part(found.quality),
    }


def quality_part(quality: Quality) -> Json:
    """Three lists that are never one: run, skipped (why), failed (why); and the errors."""
    listed = _spread(quality.faults)
    return {
        "complete": quality.complete,
        "run": [{"rule": r.rule, "layer": r.layer, "features": r.features, "errors": r.faults} for r in quality.run],
        "skipped": [_not_run(n) for n in quality.skipped],
        "failed": [_not_run(n) for n in quality.failed],
        "counts": {level: sum(f.level == level for f in quality.faults) for level in LEVELS},
        "errors": {"count": len(quality.faults), "listed": len(listed), "list": [_fault(f) for f in listed]},
        "tolerances": dict(quality.tolerances),
    }


def _spread(faults: tuple[Fault, ...]) -> list[Fault]:
    """At most so many errors, and some of every rule: a rule with thousands must not hide the others."""
    if len(faults) <= MOST_LISTED:
        return list(faults)
    by_rule: dict[tuple[str, str], list[Fault]] = {}
    for fault in faults:
        by_rule.setdefault((fault.layer, fault.rule), []).append(fault)
    share = max(1, MOST_LISTED // len(by_rule))
    return [f for some in by_rule.values() for f in some[:share]]


def _not_run(entry: NotRun) -> Json:
    return {"rule": entry.rule, "layer": entry.layer, "reason": entry.reason, "features": entry.features, "due": entry.due}


def _fault(fault: Fault) -> Json:
    return {
        "rule": fault.rule,
        "title": fault.title,
        "family": fault.family,
        "family_title": FAMILIES[fault.family],
        "level": fault.level,
        "layer": fault.layer,
        "feature": fault.feature,
        "row": fault.row,
        "field": fault.field,
        "value": fault.value,
        "expected": fault.expected,
        "text": fault.text,
        "place": list(fault.place) if fault.place else None,
        "area_m2": fault.area_m2,
        "read": fault.read,
        "geometry": _geometry(fault.geometry),
    }


def _geometry(shape: shapely.Geometry | None) -> Json | None:
    """GeoJSON; of what is large only the place is given here."""
    if shape is None or shapely.get_num_coordinates(shape) > _MOST_VERTICES:
        return None
    made: Json = dict(shape.__geo_interface__)
    return made


def rules_in(faults: Iterable[Fault]) -> list[tuple[str, list[Fault]]]:
    """Errors by rule, in the order of the rules."""
    found: dict[str, list[Fault]] = {}
    for fault in faults:
        found.setdefault(fault.rule, []).append(fault)
    return sorted(found.items())
