"""consistency.gpkg: every difference patch with both sides' attributes, for a GIS to open and the next round to compare with."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import shapely

from xygis.consistency.result import Consistency, DifferencePatch
from xygis.errors import OutputFailed, Where
from xygis.overlay.ground import FeatureRef
from xygis.report.consistency_tables import titles
from xygis.report.writing import write_whole

LAYER = "patches"
_CRS = "EPSG:4490"
_STAMP = "2000-01-01T00:00:00.000Z"  # the same result gives the same bytes, whenever it is written
_MOST_FEATURES = 50  # named in one cell
_NUMBERS: dict[str, type] = {"area_m2": np.float64, "width_m": np.float64, "sliver": np.bool_}


def write_patches(consistency: Consistency, path: Path) -> None:
    """Writes layer `patches` in CGCS2000 degrees; empty where there are none. Raises OutputFailed."""
    import pyogrio

    names = titles(consistency)
    records = [_record(p, names) for p in consistency.patches]
    fields = list(_record(None, names))
    geometries = [p.geometry if p.geometry.geom_type == "MultiPolygon" else shapely.MultiPolygon([p.geometry]) for p in consistency.patches]
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "consistency.gpkg"
        before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": _STAMP})
        try:
            pyogrio.raw.write(
                str(made),
                geometry=shapely.to_wkb(np.array(geometries, dtype=object)),
                field_data=[np.array([r[f] for r in records], dtype=_NUMBERS.get(f, object)) for f in fields],
                fields=fields,
                layer=LAYER,
                driver="GPKG",
                geometry_type="MultiPolygon",
                crs=_CRS,
            )
        except pyogrio.errors.DataSourceError as error:
            raise OutputFailed(
                what="差异图斑写不成 GeoPackage", where=Where(file=str(path)), why=str(error), fix="请换一个输出目录"
            ) from error
        finally:
            pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})
        data = made.read_bytes()
    write_whole(path, data)


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
        **sides,
    }


def _joined(values: Sequence[str | None]) -> str | None:
    distinct = list(dict.fromkeys(v for v in values if v))
    if not distinct:
        return None
    return "、".join(distinct[:_MOST_FEATURES]) + (f" 等 {len(distinct)} 个" if len(distinct) > _MOST_FEATURES else "")
