"""Layers made by hand: a few features written to a GeoPackage, declared, prepared, measured against a parcel.

The plane is EPSG:4546 (zone 37 without prefix) in most tests, the system everything is drawn in: coordinates then stay
as they are written, and every expected area can be worked out on paper.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely

from xygis.atlas.law import Selection
from xygis.atlas.layer import Alias, Layer
from xygis.atlas.verdict import DataStatus
from xygis.geodesy.plane import Plane
from xygis.overlay.measure import Measure, Part
from xygis.overlay.measuring import Question, measure
from xygis.overlay.prepared import PreparedLayer
from xygis.overlay.shape import shape_parcel

CRS = "EPSG:4546"
PLANE = Plane(CRS)
ORIGIN = (500_000.0, 3_545_000.0)
FIELDS = (
    Alias(field="id", names=("BSM",)),
    Alias(field="name", names=("MC",)),
    Alias(field="zone", names=("GHFQDM",)),
    Alias(field="width_m", names=("KD",)),
)


def at(geometry: shapely.Geometry) -> shapely.Geometry:
    """Metres from the origin of the tests, as coordinates."""
    return shapely.transform(geometry, lambda c: c + ORIGIN)


def write_gpkg(path: Path, geometry: Sequence[shapely.Geometry | None], columns: Mapping[str, Sequence[object]], crs: str) -> Path:
    """A plain GeoPackage with one table `data`, without index; a fraction of the time that GDAL takes."""
    epsg = int(crs.removeprefix("EPSG:"))
    path.unlink(missing_ok=True)
    db = sqlite3.connect(path)
    db.executescript(
        f"""
        CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT, srs_id INTEGER PRIMARY KEY, organization TEXT,
            organization_coordsys_id INTEGER, definition TEXT, description TEXT);
        INSERT INTO gpkg_spatial_ref_sys VALUES ('x', {epsg}, 'EPSG', {epsg}, 'undefined', '');
        CREATE TABLE gpkg_contents (table_name TEXT PRIMARY KEY, data_type TEXT, identifier TEXT, srs_id INTEGER);
        INSERT INTO gpkg_contents VALUES ('data', 'features', 'data', {epsg});
        CREATE TABLE gpkg_geometry_columns (table_name TEXT, column_name TEXT, geometry_type_name TEXT, srs_id INTEGER, z INTEGER, m INTEGER);
        INSERT INTO gpkg_geometry_columns VALUES ('data', 'geom', 'GEOMETRY', {epsg}, 0, 0);
        CREATE TABLE data (fid INTEGER PRIMARY KEY, geom BLOB{"".join(f', "{c}"' for c in columns)});
        """
    )
    head = b"GP\x00\x01" + epsg.to_bytes(4, "little")
    blobs = [None if g is None else head + shapely.to_wkb(g, byte_order=1) for g in geometry]
    marks = ", ".join("?" * (2 + len(columns)))
    db.executemany(f"INSERT INTO data VALUES ({marks})", list(zip(range(1, len(blobs) + 1), blobs, *columns.values(), strict=True)))
    db.commit()
    db.close()
    return path


@dataclass(frozen=True, slots=True, kw_only=True)
class Bed:
    """A declared layer, prepared in a plane."""

    layer: Layer
    prepared: PreparedLayer
    plane: Plane

    def ask(
        self,
        parcel: shapely.Geometry,
        *questions: Question | Selection,
        crs: str = CRS,
        extent: shapely.Geometry | None = None,
    ) -> Measure:
        """The measure of a parcel given in `crs`."""
        asked = [q if isinstance(q, Question) else Question(selection=q) for q in questions]
        return measure(shape_parcel(parcel, crs, self.plane), self.layer, self.prepared, asked, extent=extent)

    def part(self, parcel: shapely.Geometry, question: Question | Selection, *, crs: str = CRS) -> Part:
        """What one question gets for an answer."""
        selection = question.selection if isinstance(question, Question) else question
        part = self.ask(parcel, question, crs=crs).part(selection)
        assert part is not None
        return part


Maker = Callable[..., Bed]


def declare(
    path: Path | None, *, crs: str = CRS, geometry: str = "polygon", accuracy_m: float | None = None, layer_id: str = "zones"
) -> Layer:
    return Layer(
        id=layer_id,
        title="试验图层",
        group="其他",
        role="control",
        table=None,
        path=path,
        sublayer=None,
        crs=crs,
        geometry=geometry,
        status=DataStatus.DEMO,
        version=None,
        valid_from=None,
        valid_until=None,
        authority="试验单位",
        provenance="",
        accuracy_m=accuracy_m,
        extent=None,
        fields=FIELDS,
        sensitive=(),
    )


def reference_m2(parcel: shapely.Geometry, features: Sequence[shapely.Geometry]) -> float:
    """The same overlap by the textbook: shapely's union of everything, cut once."""
    sound = [g if g.is_valid else shapely.make_valid(g, method="structure", keep_collapsed=False) for g in features]
    return float(shapely.intersection(parcel, shapely.union_all(np.array(sound, object))).area)
