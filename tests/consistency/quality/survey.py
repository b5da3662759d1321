"""A land-use survey of two counties without a single error, to plant errors in: eight patches of 500 × 500 m, areas by pyproj's geodesics."""

from __future__ import annotations

import sqlite3
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pyproj
import shapely

from tests.consistency.city import make_atlas, write_layer
from xygis.atlas.atlas import Atlas
from xygis.atlas.bundled import bundled_root
from xygis.consistency.quality.fault import Fault
from xygis.consistency.quality.file import FileQuality, check_file
from xygis.geodesy.plane import Plane
from xygis.overlay.store import LayerStore

DAY = date(2026, 11, 29)
LAYER, TABLE, CRS = "current_land_use", "DLTB", "EPSG:4525"
AT = (37_500_000.0, 3_500_000.0)
NAMES = {"0101": "水田", "0301": "乔木林地", "0702": "农村宅基地", "0602": "采矿用地"}
COLUMNS = (
    *("BSM", "YSDM", "TBBH", "DLBM", "DLMC", "QSXZ", "QSDWDM", "QSDWMC", "ZLDWDM", "ZLDWMC", "TBMJ", "KCDLBM", "KCXS", "KCMJ", "TBDLMJ"),
    *("GDLX", "GDPDJB", "CZCSXM", "SJNF", "MSSM"),
)
_AREAS = ("TBMJ", "KCXS", "KCMJ", "TBDLMJ")

Row = dict[str, Any]
Plant = Callable[[list[Row]], list[Row]]


def geodesic_m2(shape: shapely.Geometry) -> float:
    """Area on the CGCS2000 ellipsoid, by another library than the code under test."""
    to_degrees = pyproj.Transformer.from_crs(CRS, "EPSG:4490", always_xy=True)
    geod = pyproj.Geod(a=6378137.0, rf=298.257222101)
    dense = shapely.segmentize(shapely.transform(shape, lambda c: c + AT), 10.0)
    degrees = shapely.transform(dense, lambda c: np.column_stack(to_degrees.transform(c[:, 0], c[:, 1])))
    return sum(
        abs(geod.geometry_area_perimeter(shapely.Polygon(p.exterior))[0])
        - sum(abs(geod.geometry_area_perimeter(shapely.Polygon(h))[0]) for h in p.interiors)
        for p in shapely.get_parts(degrees)
    )


def degrees_of(x: float, y: float) -> tuple[float, float]:
    """Where a point of the plan lies."""
    return pyproj.Transformer.from_crs(CRS, "EPSG:4490", always_xy=True).transform(x + AT[0], y + AT[1])


def patch(number: int, geometry: shapely.Geometry | None, county: str, code: str = "0301") -> Row:
    """One row as TD/T 1057 wants it; areas are filled in when it is written."""
    plough = code.startswith("01")
    return {
        "geometry": geometry,
        "BSM": f"{county}01{number:010d}",
        "YSDM": "2001010100",
        "TBBH": f"{number:04d}",
        "DLBM": code,
        "DLMC": NAMES[code],
        "QSXZ": "30",
        "QSDWDM": f"{county}1020010000000",
        "QSDWMC": "某村",
        "ZLDWDM": f"{county}1020010000000",
        "ZLDWMC": "某村",
        "KCDLBM": "1203" if plough else None,
        "KCXS": 0.0742 if plough else 0.0,
        "GDLX": "PD" if plough else None,
        "GDPDJB": "1" if plough else None,
        "CZCSXM": "203" if code == "0702" else "204" if code == "0602" else None,
        "SJNF": 2025,
        "MSSM": "00",
    }


def clean() -> list[Row]:
    """西县 is x 0 to 1000, 东县 x 1000 to 2000; patches 1 to 4 and 5 to 8, row by row from the south-west."""
    codes = ("0101", "0301", "0702", "0602", "0101", "0301", "0301", "0702")
    boxes = [(x, y) for west in (0, 1000) for y in (0, 500) for x in (west, west + 500)]
    return [
        patch(i + 1, shapely.box(x, y, x + 500, y + 500), "420602" if x < 1000 else "420606", code)
        for i, ((x, y), code) in enumerate(zip(boxes, codes, strict=True))
    ]


def write(path: Path, rows: Sequence[Row], *, name: str = TABLE, crs: str | None = CRS, columns: Sequence[str] = COLUMNS) -> Path:
    """The rows as a GeoPackage. A row may state its own areas; others get those of its shape. crs EPSG:4508 has no zone in front."""
    shift = (500_000.0, AT[1]) if crs == "EPSG:4508" else AT
    filled = [_with_areas(r) for r in rows]
    with np.errstate(invalid="ignore"):
        shapes = [None if r["geometry"] is None else shapely.transform(r["geometry"], lambda c: c + shift) for r in filled]
        blobs = shapely.to_wkb(np.array(shapes, object))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore" if crs is None else "default")  # that there is no system is what is tested
        _write(path, blobs, filled, name, crs, columns)
    return path


def _write(path: Path, blobs: Any, filled: Sequence[Row], name: str, crs: str | None, columns: Sequence[str]) -> None:
    pyogrio.raw.write(
        str(path),
        geometry=blobs,
        field_data=[_column([r.get(column) for r in filled], column) for column in columns],
        fields=list(columns),
        layer=name,
        driver="GPKG",
        geometry_type="Unknown",
        crs=crs,
    )


def sql(path: Path, *statements: str) -> None:
    """Puts into a GeoPackage what a library would refuse to write."""
    db = sqlite3.connect(path)
    db.execute("PRAGMA writable_schema = ON")
    for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        db.execute(f'DROP TRIGGER "{name}"')
    for statement in statements:
        db.execute(statement)
    db.commit()
    db.close()


def atlas(folder: Path, *, counties: bool = True, layers: Sequence[Any] = ()) -> Atlas:
    """The two counties, and the bundled catalogue's entry for the survey without data; areas are official ones."""
    two = [
        (shapely.box(0, 0, 1000, 1000), {"county_code": "420602", "county_name": "西县"}),
        (shapely.box(1000, 0, 2000, 1000), {"county_code": "420606", "county_name": "东县"}),
    ]
    city = (write_layer(folder, "counties", two, role="reference"),) if counties else ()
    entries = [replace(layer, path=None) for layer in Atlas.open(bundled_root()).layers if layer.id != "counties"]
    named = {layer.id for layer in layers}
    made = make_atlas(folder, [*city, *layers, *(e for e in entries if e.id not in named)], [], counties=False)
    return replace(made, plane=Plane())


def examined(folder: Path, plant: Plant | None = None, *, file: Path | None = None, layer: str = LAYER, **how: Any) -> FileQuality:
    """Quality control of the survey with something planted in it, or of a file."""
    if file is None:
        file = write(folder / "DLTB.gpkg", plant(clean()) if plant else clean(), **how)
    return check_file(
        atlas(folder), file, layer, on=DAY, crs=CRS if how.get("crs", CRS) is None else None, store=LayerStore(folder / "cache")
    )


def counts(found: FileQuality) -> dict[str, int]:
    """Errors by rule."""
    out: dict[str, int] = {}
    for fault in found.quality.faults:
        out[fault.rule] = out.get(fault.rule, 0) + 1
    return out


def only(found: FileQuality, rule: str) -> Fault:
    """The one error there is."""
    assert counts(found) == {rule: 1}, [(f.rule, f.feature, f.text) for f in found.quality.faults]
    return found.quality.faults[0]


def _with_areas(row: Mapping[str, Any]) -> Row:
    shape = row["geometry"]
    area = round(geodesic_m2(shape), 2) if shape is not None and shape.geom_type.endswith("Polygon") and shape.is_valid else 100.0
    gross = row.get("TBMJ", area)
    deducted = row.get("KCMJ", round(gross * (row.get("KCXS") or 0.0) + 1e-9, 2))
    return {"TBMJ": gross, "KCMJ": deducted, "TBDLMJ": round(gross - deducted, 2), **row}


def _column(values: list[Any], name: str) -> np.ndarray[Any, Any]:
    if name in _AREAS:
        return np.array(values, float)
    if name == "SJNF" and all(isinstance(v, int) for v in values):
        return np.array(values, np.int32)
    return np.array(values, object)


def with_null(column: str) -> Plant:
    """One field of the seventh patch left blank."""

    def plant(rows: list[Row]) -> list[Row]:
        rows[6][column] = None
        return rows

    return plant
