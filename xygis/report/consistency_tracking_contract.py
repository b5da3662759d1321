"""The part of `xygis/consistency/1` by which a run can be compared with the next: patches, what was compared, what became of it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely

from xygis.consistency.notes import notes_to_dict
from xygis.consistency.result import Consistency, DifferencePatch, StateTally, Tracking
from xygis.consistency.shapes import ABSENT_LAYER, FILE, LAYER, shapes_sha256
from xygis.consistency.states import PatchState, Track
from xygis.report.contract import Json


def tracking_dict(consistency: Consistency) -> Json:
    """`patches`, `patches_file`, `compared`, `tracking` (null without an earlier run), `notes_unplaced`."""
    kept = (*consistency.patches, *absent(consistency))
    return {
        "patches": _patches(consistency.patches),
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


def _patches(patches: Sequence[DifferencePatch]) -> list[Json]:
    shapes = np.array([p.geometry for p in patches], object)
    points = shapely.get_coordinates(shapely.point_on_surface(shapes)).tolist()
    return [_patch(p, at, box) for p, at, box in zip(patches, points, shapely.bounds(shapes).reshape(-1, 4).tolist(), strict=True)]


def _patch(patch: DifferencePatch, point_deg: list[float], bounds_deg: list[float]) -> Json:
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
        "point_deg": point_deg,
        "bounds_deg": bounds_deg,
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
        "gone": [
            patch | {"state": g.state.value, "reason": g.reason, "elsewhere": list(g.elsewhere)}
            for g, patch in zip(tracking.gone, _patches([g.patch for g in tracking.gone]), strict=True)
        ],
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
