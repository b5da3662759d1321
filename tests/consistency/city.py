"""A city of two counties on a planar grid, with layers of squares: every area can be worked out by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pyogrio
import shapely

from xygis.atlas.atlas import COUNTIES, Atlas
from xygis.atlas.law import Citation, Instrument, PairRule, Selection
from xygis.atlas.layer import Alias, Layer
from xygis.atlas.redlines import RedLines
from xygis.atlas.verdict import DataStatus, Verdict
from xygis.geodesy.plane import Plane

DAY = date(2026, 11, 24)
CRS = "EPSG:4525"
_AT = (37_500_000.0, 3_500_000.0)
_FIELDS = ("id", "name", "class", "zone", "county_code", "county_name")

Row = tuple[shapely.Geometry, Mapping[str, str | None]]


def square(west: float, south: float, east: float, north: float, **values: str | None) -> Row:
    return shapely.box(west, south, east, north), values


def write_layer(folder: Path, layer_id: str, rows: Sequence[Row], **changes: object) -> Layer:
    """A GeoPackage of the rows, and its entry in the catalogue."""
    path = folder / "layers" / f"{layer_id}.gpkg"
    path.parent.mkdir(parents=True, exist_ok=True)
    fields = [name for name in _FIELDS if any(name in values for _, values in rows)] or ["id"]
    shapes = [shapely.transform(g, lambda c: c + _AT) for g, _ in rows]
    pyogrio.raw.write(
        str(path),
        geometry=shapely.to_wkb(np.array(shapes, object)),
        field_data=[np.array([values.get(name) for _, values in rows], object) for name in fields],
        fields=fields,
        layer=layer_id,
        driver="GPKG",
        geometry_type="Unknown",
        crs=CRS,
    )
    entry: dict[str, object] = {
        "id": layer_id,
        "title": layer_id,
        "group": "三条控制线",
        "role": "control",
        "table": None,
        "path": path,
        "sublayer": layer_id,
        "crs": CRS,
        "geometry": "polygon",
        "status": DataStatus.DEMO,
        "version": DAY,
        "valid_from": None,
        "valid_until": None,
        "authority": "",
        "provenance": "",
        "accuracy_m": None,
        "extent": None,
        "fields": tuple(Alias(field=name, names=(name,)) for name in _FIELDS),
        "sensitive": (),
    }
    return Layer(**{**entry, **changes})  # type: ignore[arg-type]


def rule(
    code: str,
    a: Selection,
    b: Selection,
    verdict: Verdict,
    *,
    relation: str = "overlap",
    difference: str | None = "D6",
    effective: date = date(2020, 1, 1),
    until: date | None = None,
) -> PairRule:
    """A line-against-line rule that cites one instrument in force and one that is not yet."""
    basis = tuple(Citation(instrument=name, version=date(2019, 8, 26), article="35", verified=True) for name in ("旧法", "新法"))
    return PairRule(
        code=code,
        title=f"规则{code}",
        a=a,
        b=b,
        relation=relation,
        verdict=verdict,
        suggestion=f"按{code}处理",
        basis=basis,
        effective=effective,
        until=until,
        verified=True,
        difference=difference,
        path=Path("lines.toml"),
        line=1,
    )


def zone(layer: str, *patterns: str) -> Selection:
    return Selection(layer=layer, where=(("zone", patterns),) if patterns else ())


def instruments() -> tuple[Instrument, ...]:
    return tuple(
        Instrument(code=name, name=name, number="", version=date(2019, 8, 26), in_force=day, repealed=None, replaced_by=None, read="full")
        for name, day in (("旧法", date(2020, 1, 1)), ("新法", date(2027, 1, 1)))
    )


def make_atlas(folder: Path, layers: Sequence[Layer], rules: Sequence[PairRule], *, counties: bool = True) -> Atlas:
    """An atlas of these layers; with two counties, 西县 west and 东县 east of x = 50, both 1000 × 2000 m or so."""
    two = [
        square(-1000, -1000, 50, 1000, county_code="2", county_name="西县"),
        square(50, -1000, 1000, 1000, county_code="1", county_name="东县"),
    ]
    first = (write_layer(folder, COUNTIES, two, role="reference"),) if counties else ()
    (folder / "layers").mkdir(parents=True, exist_ok=True)
    (folder / "layers" / "catalogue.toml").write_text("", "utf-8")
    return Atlas(
        root=folder,
        name="试验图集",
        plane=Plane(CRS),
        envelope=None,
        layers=(*first, *layers),
        law=RedLines(instruments=instruments(), pairs=tuple(rules)),
    )
