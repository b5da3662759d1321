"""One set of parcels as files of every format that is read: what the mutations start from. Small, so that each byte matters."""

from __future__ import annotations

import io
import json
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

import shapely
from dialects import NAMES, PARCELS, USES, dialect, projected, written

DATUM = "wgs84"


@dataclass(frozen=True, slots=True)
class Seed:
    """A sound file: its name, its bytes, and how it has to be looked at. `members` of a zip are mutated one by one too."""

    name: str
    data: bytes
    kind: str  # txt | shp | gpkg | geojson | caged
    members: tuple[tuple[str, bytes], ...] = ()
    encoding: str = ""  # of a text, which is then mostly mutated as a text


def zipped(members: tuple[tuple[str, bytes], ...]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(zipfile.ZipInfo(name), data)
    return buffer.getvalue()


def seeds() -> tuple[Seed, ...]:
    """All seeds. Written anew each time: nothing binary lies in the repository."""
    texts = [
        ("official", "EPSG:4525", "gb18030"),
        ("easting first", "EPSG:4526", "utf-8"),
        ("not closed, labels restart, one ring number", "EPSG:4546", "utf-8-sig"),
        ("blanks", "EPSG:4547", "utf-16"),
        ("edge lengths beside", "EPSG:4525", "utf-8"),
        ("full-width commas", "EPSG:4490", "gb18030"),
    ]
    out = [Seed(f"{k}.txt", written(dialect(d), s, e), "txt", encoding=e) for k, (d, s, e) in enumerate(texts)]
    members = tuple((f"{k}.txt", written(dialect("official"), "EPSG:4525", "gb18030", (p,), k)) for k, p in enumerate(PARCELS))
    out.append(Seed("多个.zip", zipped(members), "txt", members, "gb18030"))
    with tempfile.TemporaryDirectory() as folder:
        out += _by_library(Path(folder))
    out.append(Seed("a.kml", _kml().encode(), "caged", encoding="utf-8"))
    out.append(Seed("a.dxf", _dxf().encode(), "caged", encoding="utf-8"))
    return tuple(out)


def _by_library(folder: Path) -> list[Seed]:
    import geopandas

    def frame(system: str) -> geopandas.GeoDataFrame:
        columns = {"地块名称": [n.replace("㙟", "洲") for n in NAMES], "用途": USES}
        return geopandas.GeoDataFrame(columns, geometry=[projected(p, system) for p in PARCELS], crs=system)

    plane = frame("EPSG:4525")
    plane.to_file(folder / "a.shp", engine="pyogrio", encoding="GBK")
    members = tuple((f"a{s}", (folder / f"a{s}").read_bytes()) for s in (".shp", ".shx", ".dbf", ".prj", ".cpg"))
    out = [Seed("选址.zip", zipped(members), "shp", members)]
    plane.to_file(folder / "a.gpkg", engine="pyogrio")
    out.append(Seed("a.gpkg", (folder / "a.gpkg").read_bytes(), "gpkg"))
    for name, system in (("a.geojson", "EPSG:4490"), ("b.geojson", "EPSG:4525")):
        shapes = [projected(p, system) for p in PARCELS]
        features = [
            {"type": "Feature", "properties": {"地块名称": n}, "geometry": json.loads(shapely.to_geojson(s))}
            for n, s in zip(NAMES, shapes, strict=True)
        ]
        out.append(
            Seed(
                name,
                json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False).encode(),
                "geojson",
                encoding="utf-8",
            )
        )
    plane.to_file(folder / "a.fgb", engine="pyogrio", driver="FlatGeobuf")
    out.append(Seed("a.fgb", (folder / "a.fgb").read_bytes(), "caged"))
    plane.to_file(folder / "a.gdb", engine="pyogrio", driver="OpenFileGDB", layer="DK", promote_to_multi=True, geometry_type="MultiPolygon")
    members = tuple((f"a.gdb/{p.name}", p.read_bytes()) for p in sorted((folder / "a.gdb").iterdir()))
    out.append(Seed("a.gdb.zip", zipped(members), "caged", members))
    return out


def _kml() -> str:
    places = []
    for name, parcel in zip(NAMES, PARCELS, strict=True):
        polygons = []
        for part in shapely.get_parts(projected(parcel, "EPSG:4490")).tolist():
            rings = [" ".join(f"{x:.10f},{y:.10f},0" for x, y in r.coords) for r in (part.exterior, *part.interiors)]
            inner = "".join(
                f"<innerBoundaryIs><LinearRing><coordinates>{r}</coordinates></LinearRing></innerBoundaryIs>" for r in rings[1:]
            )
            outer = f"<outerBoundaryIs><LinearRing><coordinates>{rings[0]}</coordinates></LinearRing></outerBoundaryIs>"
            polygons.append(f"<Polygon>{outer}{inner}</Polygon>")
        shape = polygons[0] if len(polygons) == 1 else f"<MultiGeometry>{''.join(polygons)}</MultiGeometry>"
        places.append(f"<Placemark><name>{name}</name>{shape}</Placemark>")
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{"".join(places)}</Document></kml>'
    )


def _dxf() -> str:
    lines = ["0", "SECTION", "2", "ENTITIES"]
    for parcel in PARCELS:
        for part in shapely.get_parts(parcel).tolist():
            ring = shapely.get_coordinates(part.exterior)[:-1]
            lines += ["0", "LWPOLYLINE", "8", "DK", "100", "AcDbEntity", "100", "AcDbPolyline", "90", str(len(ring)), "70", "1"]
            lines += [word for x, y in ring for word in ("10", f"{x:.4f}", "20", f"{y:.4f}")]
    return "\n".join([*lines, "0", "ENDSEC", "0", "EOF", ""])
