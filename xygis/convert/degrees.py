"""GeoJSON (RFC 7946) and KML of parcels in CGCS2000 degrees, eleven decimals (a thousandth of a millimetre)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

import shapely

from xygis.convert.columns import columns_of, named, under_standard_names
from xygis.geodesy.ellipsoid import Floats
from xygis.intake.submission import Parcel
from xygis.vector.notes import Note

_DECIMALS = 11


def geojson_text(parcels: Sequence[Parcel]) -> tuple[bytes, list[Note]]:
    """A FeatureCollection; outer rings counter-clockwise, holes clockwise, no `crs` member, as the standard has it."""
    columns, notes = named(columns_of(parcels), str)
    features = []
    for i, p in enumerate(parcels):
        parts = [[_pairs(ring) for ring in part] for part in _right_handed(p.geometry)]
        geometry = {"type": "Polygon", "coordinates": parts[0]} if len(parts) == 1 else {"type": "MultiPolygon", "coordinates": parts}
        features.append({"type": "Feature", "properties": {c.name: c.values[i] for c in columns}, "geometry": geometry})
    document = {"type": "FeatureCollection", "features": features}
    text = "GeoJSON 按 RFC 7946 一律读作 WGS84 经纬度，写的是 CGCS2000 经纬度，两者相差不到 0.1 米，文件里无处写明"
    note = Note(code="datum_not_held", level="warning", text=text)
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode("utf-8") + b"\n", [*notes, note]


def kml_text(parcels: Sequence[Parcel], title: str) -> tuple[bytes, list[Note]]:
    """A Placemark a parcel, drawn on the ground, its attributes as ExtendedData."""
    columns, notes = named(under_standard_names(columns_of(parcels)), str)
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<kml xmlns="http://www.opengis.net/kml/2.2">', "<Document>"]
    lines += [f"<name>{escape(title)}</name>", "<description>CGCS2000 经纬度（EPSG:4490）</description>"]
    lines.append('<Style id="parcel"><LineStyle><color>ff2a2ad6</color><width>2</width></LineStyle>')
    lines.append("<PolyStyle><color>402a2ad6</color></PolyStyle></Style>")
    for i, p in enumerate(parcels):
        lines += ["<Placemark>", f"<name>{escape(p.name)}</name>", "<styleUrl>#parcel</styleUrl>", "<ExtendedData>"]
        lines += [_data(c.name, c.title, c.values[i]) for c in columns if c.values[i] not in (None, "")]
        lines.append("</ExtendedData>")
        polygons = [_polygon(part) for part in _right_handed(p.geometry)]
        lines += polygons if len(polygons) == 1 else ["<MultiGeometry>", *polygons, "</MultiGeometry>"]
        lines.append("</Placemark>")
    lines += ["</Document>", "</kml>"]
    text = "KML 一律读作 WGS84 经纬度，写的是 CGCS2000 经纬度，两者相差不到 0.1 米；加载到使用 GCJ-02 的地图上会偏移几百米"
    note = Note(code="datum_not_held", level="warning", text=text)
    return ("\n".join(lines) + "\n").encode("utf-8"), [*notes, note]


def _right_handed(geometry: shapely.Geometry) -> list[list[Floats]]:
    """Parts of rings: the outer one first and counter-clockwise, holes clockwise."""
    turned = shapely.orient_polygons(geometry, exterior_cw=False)
    return [[shapely.get_coordinates(r) for r in (part.exterior, *part.interiors)] for part in shapely.get_parts(turned)]


def _pairs(ring: Floats) -> list[list[float]]:
    return [[round(x, _DECIMALS), round(y, _DECIMALS)] for x, y in ring.tolist()]


def _polygon(part: list[Floats]) -> str:
    def ring(role: str, xy: Floats) -> str:
        text = " ".join(f"{x:.{_DECIMALS}f},{y:.{_DECIMALS}f}" for x, y in xy.tolist())
        return f"<{role}><LinearRing><coordinates>{text}</coordinates></LinearRing></{role}>"

    inner = "".join(ring("innerBoundaryIs", r) for r in part[1:])
    return f"<Polygon><tessellate>1</tessellate>{ring('outerBoundaryIs', part[0])}{inner}</Polygon>"


def _data(name: str, title: str, value: str | float | None) -> str:
    text = repr(value) if isinstance(value, float) else str(value)
    return f"<Data name={quoteattr(name)}><displayName>{escape(title)}</displayName><value>{escape(text)}</value></Data>"
