"""Shapefiles and GeoJSON for the tests, written byte by byte where the encoding or the damage matters."""

from __future__ import annotations

import json
import struct
from pathlib import Path

from boundary_files import ENVELOPE, moved, square

from xygis.intake.read import read_submission
from xygis.intake.submission import Submission

HOLED = [moved(square(0, 0, 100)), moved(square(30, 30, 40))]

ESRI_37 = 'PROJCS["CGCS2000_3_Degree_GK_Zone_37",GEOGCS["GCS_China_Geodetic_Coordinate_System_2000"]]'

ESRI_111 = 'PROJCS["CGCS2000_3_Degree_GK_CM_111E",GEOGCS["GCS_China_Geodetic_Coordinate_System_2000"]]'


def read(path: Path, **options: object) -> Submission:
    return read_submission(path, envelope=ENVELOPE, **options)  # type: ignore[arg-type]


def codes(submission: Submission) -> set[str]:
    return {n.code for n in submission.notes}


def write_shapefile(
    path: Path,
    records: list[list[list[tuple[float, float]]]],
    *,
    names: list[str],
    encoding: str = "gbk",
    ldid: int = 0,
    prj: str | None = ESRI_37,
) -> Path:
    """A polygon shapefile by hand, after the ESRI description: records of rings as they are given, one text column 地块名称."""
    shp, shx, at = b"", b"", 50
    for number, rings in enumerate(records, start=1):
        points = [p for ring in rings for p in ring]
        starts = [sum(map(len, rings[:k])) for k in range(len(rings))]
        xs, ys = [p[0] for p in points], [p[1] for p in points]
        body = struct.pack("<i4d2i", 5, min(xs), min(ys), max(xs), max(ys), len(rings), len(points))
        body += struct.pack(f"<{len(starts)}i", *starts) + b"".join(struct.pack("<2d", *p) for p in points)
        shp += struct.pack(">2i", number, len(body) // 2) + body
        shx += struct.pack(">2i", at, len(body) // 2)
        at += 4 + len(body) // 2

    def head(content: bytes) -> bytes:
        return struct.pack(">7i", 9994, 0, 0, 0, 0, 0, 50 + len(content) // 2) + struct.pack("<2i8d", 1000, 5, *[0.0] * 8) + content

    path.write_bytes(head(shp))
    path.with_suffix(".shx").write_bytes(head(shx))
    field = struct.pack("<11sc4xBB14x", "地块名称".encode(encoding)[:10], b"C", 20, 0)
    rows = b"".join(b" " + n.encode(encoding)[:20].ljust(20) for n in names)
    path.with_suffix(".dbf").write_bytes(
        struct.pack("<B3BIHH17xB2x", 3, 124, 1, 1, len(names), 65, 21, ldid) + field + b"\r" + rows + b"\x1a"
    )
    if prj is not None:
        path.with_suffix(".prj").write_text(prj)
    return path


def collection(geometries: list[object], **properties: object) -> str:
    features = [{"type": "Feature", "properties": properties, "geometry": g} for g in geometries]
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)


def polygon(*rings: list[tuple[float, float]]) -> dict[str, object]:
    return {"type": "Polygon", "coordinates": rings}
