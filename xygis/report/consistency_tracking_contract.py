"""The part of `xygis/consistency/1` by which a run can be compared with the next: patches, what was compared, what became of it."""

from __future__ import annotations

import shapely

from xygis.consistency.notes import notes_to_dict
from xygis.consistency.result import Consistency, DifferencePatch, Gone, StateTally, Tracking
from xygis.consistency.shapes import ABSENT_LAYER, FILE, LAYER, shapes_sha256
from xygis.consistency.states import PatchState, Track
from xygis.report.contract import Json


def tracking_dict(consistency: Consistency) -> Json:
    """`patches`, `patches_file`, `compared`, `tracking` (null without an earlier run), `notes_unplaced`."""
    kept = (*consistency.patches, *absent(consistency))
    return {
        "patches": [_patch(p) for p in consistency.patches],
        "patches_file": {
            "name": FILE,
            "layers": [LAYER, ABSENT_LAYER],
            "shapes_sha256": shapes_sha256((p.id, p.geometry) for p in kept),
        },
        "compared": [{"a": c.a, "b": c.b, "relation": c.relation, "rules": list(c.rules)} for c in consistency.compared],
        "tracking": _tracking(consistency.tracking) if consistency.tracking is not None else None,
        "notes_unplaced": [{"id": u.id, "where": u.where, "notes": notes_to_dict(u.notes)} for u in consistency.unplaced],
    }


def absent(consistency: Consistency) -> tuple[DifferencePatch, ...]:
    """Patches of the earlier run that this one could not look for: carried on, so that they are known again when it can."""
    gone = consistency.tracking.gone if consistency.tracking is not None else ()
    return tuple(g.patch for g in gone if g.state is PatchState.NOT_COMPARED)


def _patch(patch: DifferencePatch) -> Json:
    point = shapely.point_on_surface(patch.geometry)
    return {
        "id": patch.id,
        "type": patch.difference,
        "rule": patch.rule,
        "a": patch.a,
        "b": patch.b,
        "county_code": patch.county_code,
        "county": patch.county_name,
        "verdict": patch.verdict.value,
        "area_m2": patch.area_m2,
        "width_m": patch.mean_width_m,
        "sliver": patch.sliver,
        "point_deg": [point.x, point.y],
        "bounds_deg": list(patch.geometry.bounds),
        "notes": notes_to_dict(patch.notes) if patch.notes else None,
        "track": _track(patch.track) if patch.track is not None else None,
    }


def _track(track: Track) -> Json:
    return {
        "state": track.state.value,
        "causes": [c.value for c in track.causes],
        "before_m2": track.before_m2,
        "before_rule": track.before_rule or None,
        "from": track.split_from,
        "merged": [{"id": m.id, "area_m2": m.area_m2, "notes": notes_to_dict(m.notes) if m.notes else None} for m in track.merged],
        "reason": track.reason,
    }


def _tracking(tracking: Tracking) -> Json:
    return {
        "since": {"file": tracking.file, "sha256": tracking.sha256, "checked_on": tracking.checked_on.isoformat()},
        "by_state": [_tally(t) for t in tracking.by_state],
        "by_county": [{"code": t.key, "name": t.title, **_tally(t)} for t in tracking.by_county],
        "by_type": [{"type": t.key, "title": t.title, **_tally(t)} for t in tracking.by_type],
        "gone": [_gone(g) for g in tracking.gone],
        "remarks": list(tracking.remarks),
    }


def _tally(tally: StateTally) -> Json:
    return {
        "state": tally.state.value,
        "earlier_patches": tally.earlier_patches,
        "earlier_m2": tally.earlier_m2,
        "patches": tally.patches,
        "area_m2": tally.area_m2,
    }


def _gone(gone: Gone) -> Json:
    return _patch(gone.patch) | {"state": gone.state.value, "reason": gone.reason, "elsewhere": list(gone.elsewhere)}
