"""Whether what was read of a damaged file is what stands in it: found out another way, by few lines that do not share our code."""

from __future__ import annotations

import io
import json
import re
import tempfile
import unicodedata
import warnings
import zipfile
from pathlib import Path

import numpy as np
import shapely
from dialects import CITY

from xygis.geodesy.crs import to_geographic
from xygis.intake.submission import Submission

_REMARKED = {  # with one of these said, vertices may come and go
    *("point_repeated", "ring_repeated", "ring_flat", "closing_point_corrected", "self_crossing_repaired", "self_touch_repaired"),
    *("hole_outside_repaired", "holes_nested_repaired", "shells_nested_repaired", "interior_split_repaired", "geometry_repaired"),
    *(
        "ring_repeated_repaired",
        "ring_collapsed_repaired",
        "non_areal_dropped",
        "not_polygon_skipped",
        "deleted_records",
        "layer_skipped",
        "gdal_warning",
    ),
}
Pair = tuple[float, float]


def look(kind: str, data: bytes, got: Submission) -> str:
    """What is wrong with the submission, or an empty text."""
    if wrong := _never(got):
        return wrong
    if any(n.code in _REMARKED for n in got.notes):
        return ""
    if kind == "txt":
        return _txt(data, got)
    if kind == "geojson":
        return _geojson(data, got)
    if kind in ("shp", "gpkg"):
        return _library(kind, data, got)
    return ""


def _never(got: Submission) -> str:
    """What must not be, whatever the file."""
    if not got.parcels:
        return "no parcel"
    for parcel in got.parcels:
        if not parcel.geometry.is_valid or not parcel.geometry.area > 0:
            return f"{parcel.name}: not valid, or without area"
        xy = shapely.get_coordinates(parcel.geometry)
        lon, lat = to_geographic(parcel.crs, xy[:, 0], xy[:, 1])
        if lon.min() < CITY[0] - 0.21 or lon.max() > CITY[2] + 0.21 or lat.min() < CITY[1] - 0.21 or lat.max() > CITY[3] + 0.21:
            return f"{parcel.name}: outside the city"
    return ""


def _compare(written: set[Pair], got: Submission) -> str:
    """Each vertex stands in the file, in one order for all, and each written pair is a vertex."""
    read = {(float(x), float(y)) for p in got.parcels for x, y in shapely.get_coordinates(p.geometry)}
    if written in (read, {(y, x) for x, y in read}):
        return ""
    turned = written if len(written & read) >= len(written & {(y, x) for x, y in read}) else {(y, x) for x, y in written}
    return f"invented {sorted(read - turned)[:2]}, lost {sorted(turned - read)[:2]}"


def _txt(data: bytes, got: Submission) -> str:
    files = [data]
    if data[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            left = {Path(n.where.file or "").name for n in got.notes if n.code == "member_ignored"}  # said: no error
            files = [archive.read(n) for n in archive.namelist() if Path(n).name not in left]
    pairs: set[Pair] = set()
    for content in files:
        text = _text(content)
        if text is None:
            return "read though it does not decode"
        for line in re.split(r"[\r\n]+", unicodedata.normalize("NFKC", text)):
            sign = next((s for s, least in ((",", 1), (";", 1), ("\t", 3)) if line.count(s) >= least), None)
            words = [w.strip() for w in line.strip().split(sign)]
            if len(words) > 3 and re.fullmatch(r"\d+", words[1]) and "面" not in words and "@" not in line:
                try:
                    pairs.add((float(words[2]), float(words[3])))
                except ValueError:
                    return f"read though {line!r} stands in it"
    return _compare(pairs, got)


def _text(content: bytes) -> str | None:
    wide = ("utf-16",) if content[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-16-le", "utf-16-be") if b"\0" in content else ()
    for encoding in (*wide, *(() if b"\0" in content else ("utf-8-sig", "gb18030"))):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "@" in text or ",面," in text:  # a block line is known without its @
            return text
    return None


def _geojson(data: bytes, got: Submission) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            content = json.loads(data.decode(encoding))
            break
        except ValueError:
            continue
    else:
        return "read though it is no JSON"
    pairs: set[Pair] = set()

    def walk(value: object) -> None:
        if isinstance(value, list) and len(value) > 1 and not isinstance(value[0], (list, dict)):
            pairs.add((float(value[0]), float(value[1])))
        elif isinstance(value, list):
            for v in value:
                walk(v)

    for feature in content.get("features", [content]):
        walk((feature.get("geometry") or {}).get("coordinates"))
    return _compare(pairs, got)


def _library(kind: str, data: bytes, got: Submission) -> str:
    """Against GDAL, where it reads the file and finds its own shapes sound."""
    import pyogrio

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.gpkg"
        if kind == "shp":
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                archive.extractall(folder)
            path = Path(folder) / "a.shp"
        else:
            path.write_bytes(data)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                layers = [name for name, _ in pyogrio.list_layers(path)] if kind == "gpkg" else [None]
                read = [pyogrio.raw.read(path, layer=layer, columns=[], force_2d=True)[2] for layer in layers]
            with np.errstate(invalid="ignore"):
                theirs = shapely.from_wkb(np.concatenate(read))
        except Exception:  # noqa: BLE001  GDAL may refuse what we repaired by reading record by record
            return ""
    theirs = theirs[~shapely.is_missing(theirs)]
    if not shapely.is_valid(theirs).all():
        return ""
    if len(theirs) != len(got.parcels):
        return f"{len(got.parcels)} parcels, GDAL reads {len(theirs)}"
    ours = np.array([p.geometry for p in got.parcels], dtype=object)
    off = np.abs(shapely.area(ours) - shapely.area(theirs))
    if (off > 1e-6 * shapely.area(theirs) + 1e-6).any() and (off > 1e-3).any():
        return f"areas {shapely.area(ours)}, GDAL reads {shapely.area(theirs)}"
    return ""
