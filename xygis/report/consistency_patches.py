"""consistency.gpkg: every difference patch with both sides' attributes, for a GIS to open and the next round to compare with."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from xygis.consistency.notes import HEADS, NO_NOTES
from xygis.consistency.result import Consistency, DifferencePatch
from xygis.consistency.shapes import ABSENT_LAYER, LAYER
from xygis.overlay.ground import FeatureRef
from xygis.report.consistency_causes import cause_words
from xygis.report.consistency_tables import titles
from xygis.report.consistency_tracking_contract import absent
from xygis.report.geopackage import PatchLayer, write_layers
from xygis.report.writing import csv_bytes, write_whole

_MOST_FEATURES = 50  # named in one cell
_LABEL = """concat("patch_id", '\\n', format_number("area_m2", 2), ' m²')"""


def write_patches(consistency: Consistency, path: Path) -> None:
    """Writes layer `patches` in CGCS2000 degrees; empty where there are none. Raises OutputFailed.

    Layer `not_compared`, only where there are any: patches of an earlier run that this one could not look for.
    """
    names = titles(consistency)
    write_layers(path, {layer: _layer(patches, names) for layer, patches in _layers(consistency)})


def write_patches_csv(consistency: Consistency, path: Path) -> None:
    """consistency.csv: the same rows, with a point inside each patch instead of its shape (CGCS2000 degrees). Raises OutputFailed."""
    import shapely

    names = titles(consistency)
    points = shapely.get_coordinates(shapely.point_on_surface([p.geometry for p in consistency.patches]))
    head = (*_record(None, names), "longitude_deg", "latitude_deg")
    rows = [(*map(_csv_cell, _record(p, names).values()), x, y) for p, (x, y) in zip(consistency.patches, points.tolist(), strict=True)]
    write_whole(path, csv_bytes(head, rows))


def _csv_cell(value: object) -> str | float | int | None:
    if isinstance(value, bool):
        return int(value)
    return value if isinstance(value, str | float | int) or value is None else str(value)


def _layers(consistency: Consistency) -> list[tuple[str, Sequence[DifferencePatch]]]:
    carried = absent(consistency)
    return [(LAYER, consistency.patches), *([(ABSENT_LAYER, carried)] if carried else [])]


def _layer(patches: Sequence[DifferencePatch], names: dict[str, str]) -> PatchLayer:
    records = [_record(p, names) for p in patches]
    return PatchLayer(geometries=[p.geometry for p in patches], records=records, fields=list(_record(None, names)), label=_LABEL)


def _record(patch: DifferencePatch | None, names: dict[str, str]) -> dict[str, object]:
    """One row; of None, its fields."""
    p = patch
    sides: dict[str, object] = {}
    for side in ("a", "b"):
        layer = "" if p is None else getattr(p, side)
        features: tuple[FeatureRef, ...] = () if p is None else getattr(p, f"{side}_features")
        sides |= {
            f"{side}_layer": layer,
            f"{side}_title": names.get(layer, layer),
            f"{side}_ids": _joined([f.id for f in features]),
            f"{side}_class": _joined([f.class_ for f in features]),
            f"{side}_zone": _joined([f.zone for f in features]),
            f"{side}_name": _joined([f.name for f in features]),
        }
    return {
        "patch_id": p.id if p else "",
        "rule": p.rule if p else "",
        "difference": p.difference if p else None,
        "verdict": p.verdict.value if p else "",
        "county_code": p.county_code if p else None,
        "county": p.county_name if p else "",
        "area_m2": p.area_m2 if p else 0.0,
        "width_m": p.mean_width_m if p else 0.0,
        "sliver": p.sliver if p else False,
        "cause": cause_words(p) if p else None,
        "evidence": p.cause_evidence if p else "",
        **sides,
        "state": p.track.text if p and p.track else None,
        "origin": origin_words(p) if p else None,
        **{f: getattr(p.notes if p else NO_NOTES, f) or None for f in HEADS if f != "due"},
        "due": p.notes.due.isoformat() if p and p.notes.due else None,
    }


def origin_words(patch: DifferencePatch) -> str | None:
    """由 X 分出；并入 Y、Z; None where a patch comes from nowhere else."""
    track = patch.track
    if track is None:
        return None
    parts = [f"由 {track.split_from} 分出"] if track.split_from else []
    parts += [f"并入了 {_joined([m.id for m in track.merged])}"] if track.merged else []
    parts += [f"原属规则 {track.before_rule}"] if track.before_rule else []
    parts += [track.reason] if track.reason else []
    return "；".join(parts) or None


def _joined(values: Sequence[str | None]) -> str | None:
    distinct = list(dict.fromkeys(v for v in values if v))
    if not distinct:
        return None
    return "、".join(distinct[:_MOST_FEATURES]) + (f" 等 {len(distinct)} 个" if len(distinct) > _MOST_FEATURES else "")
