"""`parcels[].remedies` and `remedy_options` of the contract, only with `xygis check --remedy`: cuts, shift, and what was not found."""

from __future__ import annotations

import json

import shapely

from xygis.check.remedies import Changed, Cut, Remedies, RemedyOptions, Shift, Unsolved
from xygis.errors import DamagedFile
from xygis.judge.finding import Finding

Json = dict[str, object]


def options_entry(options: RemedyOptions | None) -> Json:
    """`remedy_options`: what the search was told, so that `xygis verify` can repeat it; nothing where nobody asked."""
    if options is None:
        return {}
    said = {"margin_m": options.margin_m, "shift_radius_m": options.shift_radius_m, "crumb_m": options.crumb_m}
    return {"remedy_options": said}


def options_of(document: object) -> RemedyOptions:
    """The options as they stand in a report. Raises DamagedFile where they do not."""
    try:
        given = dict(document)  # type: ignore[call-overload]  # anything else than a mapping is refused by dict itself
        return RemedyOptions(**{name: float(given[name]) for name in ("margin_m", "shift_radius_m", "crumb_m")})
    except (KeyError, TypeError, ValueError) as error:
        raise DamagedFile(what="报告里求调整建议的参数（remedy_options）读不懂", fix="请给出审查时写出的 report.json") from error


def remedies_entry(remedies: Remedies | None) -> Json:
    """`remedies` of one parcel, geometries as GeoJSON in `crs` at whole millimetres; nothing where nobody asked."""
    if remedies is None:
        return {}
    return {
        "remedies": {
            "crs": remedies.crs,
            "cuts": [_cut(c) for c in remedies.cuts],
            "combined": None if remedies.combined is None else _cut(remedies.combined),
            "shift": None if remedies.shift is None else _shift(remedies.shift),
            "unsolved": [_unsolved(u) for u in remedies.unsolved],
            "notes": list(remedies.notes),
        }
    }


def _cut(cut: Cut) -> Json:
    return {
        "layers": list(cut.layers),
        "clears": list(cut.clears),
        "level": cut.level.value,
        "lost_m2": cut.lost_m2,
        "parts": cut.parts,
        "crumbs": {"count": cut.crumbs, "area_m2": cut.crumbs_m2},
        **_changed(cut.changed),
    }


def _shift(shift: Shift) -> Json:
    return {
        "east_m": shift.east_m,
        "north_m": shift.north_m,
        "distance_m": shift.distance_m,
        "bearing_deg": shift.bearing_deg,
        "exact": shift.exact,
        **_changed(shift.changed),
    }


def _changed(changed: Changed) -> Json:
    return {
        "ellipsoidal_m2": changed.ellipsoidal_m2,
        "verdict_after": changed.after.value,
        "findings_after": [_left(f) for f in changed.left],
        "geometry": json.loads(shapely.to_geojson(changed.geometry)),
    }


def _left(finding: Finding) -> Json:
    return {
        "rule": finding.rule,
        "title": finding.title,
        "layer": finding.layer,
        "verdict": finding.verdict.value,
        "range": [finding.best.value, finding.worst.value],
        "overlap_m2": finding.overlap_m2,
    }


def _unsolved(unsolved: Unsolved) -> Json:
    return {"kind": unsolved.kind, "layer": unsolved.layer, "level": unsolved.level.value, "reason": unsolved.reason}
