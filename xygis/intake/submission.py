"""`Submission`: a file somebody brought, understood: its parcels, where they lie, and what was done to read them."""

from __future__ import annotations

from dataclasses import dataclass

import shapely

from xygis.errors import ReadAs, XygisError
from xygis.vector.crs_weighing import Weighed
from xygis.vector.notes import Note


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """One proposed parcel (地块). Geometry is valid, closed, in the coordinates it was given in (x = east, y = north)."""

    name: str  # 地块名称, XMMC, or the file's name
    geometry: shapely.Polygon | shapely.MultiPolygon  # in `crs`, as given (never simplified or rounded)
    crs: str  # "EPSG:4525"
    declared_m2: float | None  # area as the applicant states it
    use_text: str | None = None  # 地块用途 as written
    attributes: tuple[tuple[str, str], ...] = ()  # other fields of the source, personal columns dropped
    doubtful: tuple[str, ...] = ()  # why the boundary itself must be verified (repairs beyond the limit); empty: sound
    point_labels: tuple[str, ...] = ()  # J1, J2, … one per vertex of the geometry's rings in order, or empty
    drawn: shapely.Geometry | None = None  # where a repair changed it: the outline as it was given, not valid, in `crs`
    repairs: tuple[str, ...] = ()  # what that repair did, as sentences


@dataclass(frozen=True, slots=True, kw_only=True)
class SetApart:
    """One parcel of a file that could not be read, while the others were."""

    name: str
    error: XygisError


ReadOption = tuple[str, str | bool | tuple[str, ...]]  # one thing that was said about how a file is to be read


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """One file, read."""

    path: str  # as given by the user
    sha256: str
    format: str  # boundary_txt | shapefile | geopackage | geojson | filegdb | kml | dxf | flatgeobuf | wkt | xlsx | csv
    encoding: str | None
    crs: str
    evidence: tuple[str, ...]  # why this CRS, as sentences
    notes: tuple[Note, ...]
    parcels: tuple[Parcel, ...]
    weighed: tuple[Weighed, ...] = ()  # the evidence for this CRS, by kind
    others: tuple[ReadAs, ...] = ()  # other readings of the coordinates that were dismissed
    set_apart: tuple[SetApart, ...] = ()  # only where whoever asked wants the rest regardless
    options: tuple[ReadOption, ...] = ()  # what was said besides: crs, encoding, datum, parameters, layers, accept_repairs
