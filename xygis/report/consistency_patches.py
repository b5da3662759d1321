"""consistency.gpkg: every difference patch with both sides' attributes, for a GIS to open and the next round to compare with."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from xygis.consistency.result import Consistency, DifferencePatch
from xygis.overlay.ground import FeatureRef
from xygis.report.consistency_causes import cause_words
from xygis.report.consistency_tables import titles
from xygis.report.geopackage import write_geopackage

LAYER = "patches"
_MOST_FEATURES = 50  # named in one cell


def write_patches(consistency: Consistency, path: Path) -> None:
    """Writes layer `patches` in CGCS2000 degrees; empty where there are none. Raises OutputFailed."""
    names = titles(consistency)
    records = [_record(p, names) for p in consistency.patches]
    write_geopackage(path, LAYER, [p.geometry for p in consistency.patches], records, list(_record(None, names)))


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
    }


def _joined(values: Sequence[str | None]) -> str | None:
    distinct = list(dict.fromkeys(v for v in values if v))
    if not distinct:
        return None
    return "、".join(distinct[:_MOST_FEATURES]) + (f" 等 {len(distinct)} 个" if len(distinct) > _MOST_FEATURES else "")
