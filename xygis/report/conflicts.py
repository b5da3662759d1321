"""conflicts.gpkg and conflicts.geojson: every piece of overlap that a finding speaks of, for a GIS to open."""

from __future__ import annotations

import json
from pathlib import Path

import shapely

from xygis.check.assessment import Assessment
from xygis.report.geopackage import write_geopackage
from xygis.report.patch_table import conflicts
from xygis.report.wording import layer_titles
from xygis.report.writing import write_whole

_FIELDS = ("parcel", "name", "layer", "title", "verdict", "rules", "area_m2", "width_m", "sliver", "cause", "features")
_LABEL = """concat("name", '\\n', "title", '\\n', format_number("area_m2", 2), ' m²')"""


def write_conflicts(assessment: Assessment, path: Path) -> None:
    """Writes the pieces in CGCS2000 degrees, as GeoPackage or GeoJSON by the file's ending; empty where there are none."""
    geometries, records = _pieces(assessment)
    if path.suffix.lower() == ".geojson":
        write_whole(path, _geojson(geometries, records))
    else:
        write_geopackage(path, "conflicts", geometries, records, _FIELDS, label=_LABEL)


def _pieces(assessment: Assessment) -> tuple[list[shapely.Polygon], list[dict[str, object]]]:
    titles = layer_titles(assessment)
    geometries, records = [], []
    for parcel, measure, piece, verdict in conflicts(assessment):
        rules = dict.fromkeys(f.rule for f in parcel.findings if f.layer == measure.layer)
        geometries.append(piece.geometry)
        values = (
            parcel.id,
            parcel.name,
            measure.layer,
            titles.get(measure.layer, measure.layer),
            verdict.value,
            "、".join(rules),
            piece.area_m2,
            piece.mean_width_m,
            piece.sliver,
            piece.cause or "",
            "、".join(piece.feature_ids),
        )
        records.append(dict(zip(_FIELDS, values, strict=True)))
    return geometries, records


def _geojson(geometries: list[shapely.Polygon], records: list[dict[str, object]]) -> bytes:
    features = [
        {"type": "Feature", "properties": record, "geometry": shapely.geometry.mapping(geometry)}
        for geometry, record in zip(geometries, records, strict=True)
    ]
    # degrees in CGCS2000 agree with the WGS84 that the format prescribes to well under a metre
    document = {"type": "FeatureCollection", "name": "conflicts", "features": features}
    return (json.dumps(document, ensure_ascii=False, allow_nan=False) + "\n").encode("utf-8")
