"""A town of two counties on a planar grid: patches, permits and layers are squares, so that every area can be worked out by hand.

x, y in metres from a corner; 西县 lies west of x = 0, 东县 east of it, both within 2000 m. Nothing is built on, and no layer forbids
anything, but where a test says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pyogrio
import shapely

from xygis.atlas.atlas import COUNTIES, Atlas
from xygis.atlas.bundled import bundled_root
from xygis.geodesy.plane import Plane
from xygis.intake.submission import Parcel, Submission
from xygis.overlay.store import LayerStore
from xygis.suspects.result import PatchResult, Suspects
from xygis.suspects.run import suspects
from xygis.suspects.since import EarlierBatch

DAY = date(2026, 11, 24)
IMAGE, BEFORE = "2026-10-18", "2026-07-12"
CRS = "EPSG:4525"
AT = (37_500_000.0, 3_500_000.0)
Square = tuple[tuple[float, float, float, float], Mapping[str, str | None]]

# The city and all that the law asks, far from where the patches lie.
EMPTY: Mapping[str, Sequence[Square]] = {
    "ecological_red_line": [((-1900, -1900, -1890, -1890), {"zone": "一般控制区", "reserve_type": "自然公园"})],
    "permanent_basic_farmland": [((-1900, -1900, -1890, -1890), {})],
    "water_source_protection": [((-1900, -1900, -1890, -1890), {"zone": "准保护区"})],
    "river_management_zone": [((-1900, -1900, -1890, -1890), {})],
    "one_river_nine_tributaries": [((-1900, -1900, -1890, -1890), {})],
    "forest": [((-1900, -1900, -1890, -1890), {})],
    "urban_growth_boundary": [((-1900, -1900, -1890, -1890), {"zone": "410"})],
    "current_land_use": [((-2000, -2000, 2000, 2000), {"class": "0301"})],
    "land_permits": [((-1900, -1900, -1890, -1890), {"number": "远处", "kind": "建设用地批准书", "issued": "2020-01-01"})],
}


def permit(
    box: tuple[float, float, float, float],
    kind: str,
    issued: str | None = "2026-03-01",
    until: str | None = None,
    *,
    number: str = "1号",
    use: str | None = None,
) -> Square:
    return box, {"number": number, "kind": kind, "issued": issued, "valid_until": until, "use": use}


def building(box: tuple[float, float, float, float], issued: str = "2026-03-01", use: str | None = None) -> list[Square]:
    """Both permits of a permanent building."""
    return [permit(box, kind, issued, use=use, number=f"{kind}1号") for kind in ("建设用地批准书", "建设工程规划许可证")]


def patch(
    box: tuple[float, float, float, float],
    kind: str | None = "房屋建筑",
    after: str | None = IMAGE,
    *,
    before: str | None = BEFORE,
    number: str | None = "A1",
    name: str = "图斑",
    use: str | None = None,
    note: str | None = None,
    doubtful: tuple[str, ...] = (),
    shape: shapely.Polygon | None = None,
) -> Parcel:
    said = {"TBBH": number, "JCSDQ": before, "JCSDH": after, "TBLX": kind, "BZ": note}
    outline = shape if shape is not None else shapely.box(*box)
    return Parcel(
        name=name,
        geometry=shapely.transform(outline, lambda c: c + AT),
        crs=CRS,
        declared_m2=None,
        use_text=use,
        attributes=tuple((k, v) for k, v in said.items() if v is not None),
        doubtful=doubtful,
    )


def submission(*parcels: Parcel) -> Submission:
    return Submission(path="图斑.shp", sha256="0" * 64, format="shapefile", encoding=None, crs=CRS, evidence=(), notes=(), parcels=parcels)


def town(folder: Path, **layers: Sequence[Square] | None) -> Atlas:
    """The atlas: layers as in EMPTY but those given; None: declared without data."""
    bundled = Atlas.open()
    (folder / "layers").mkdir(parents=True, exist_ok=True)
    (folder / "redlines").mkdir(exist_ok=True)
    law = (bundled_root() / "redlines" / "suspects.toml").read_text("utf-8")
    (folder / "redlines" / "suspects.toml").write_text(law, "utf-8")
    (folder / "layers" / "catalogue.toml").write_text("", "utf-8")
    (folder / "maps").mkdir(exist_ok=True)
    (folder / "maps" / "styles.toml").write_text((bundled_root() / "maps" / "styles.toml").read_text("utf-8"), "utf-8")
    counties: Sequence[Square] = [
        ((-2000, -2000, 0, 2000), {"county_code": "2", "county_name": "西县"}),
        ((0, -2000, 2000, 2000), {"county_code": "1", "county_name": "东县"}),
    ]
    made = []
    for layer_id, rows in {COUNTIES: counties, **EMPTY, **layers}.items():
        entry = bundled.layer(layer_id)
        entry = replace(entry, crs=CRS, sublayer=layer_id, accuracy_m=0.1, extent=None, path=None)
        if rows is not None:
            entry = replace(entry, path=folder / "layers" / f"{layer_id}.gpkg")
            _write(entry.path, layer_id, rows, {alias.field: alias.names[0] for alias in entry.fields})
        made.append(entry)
    return Atlas(root=folder, name="试验图集", plane=Plane(CRS), envelope=None, layers=tuple(made), law=bundled.law)


def _write(path: Path | None, layer: str, rows: Sequence[Square], names: Mapping[str, str]) -> None:
    fields = list(dict.fromkeys(f for _, values in rows for f in values)) or ["id"]
    pyogrio.raw.write(
        str(path),
        geometry=shapely.to_wkb(np.array([shapely.transform(shapely.box(*box), lambda c: c + AT) for box, _ in rows], object)),
        field_data=[np.array([values.get(f) for _, values in rows], object) for f in fields],
        fields=[names[f] for f in fields],
        layer=layer,
        driver="GPKG",
        geometry_type="Polygon",
        crs=CRS,
    )


def judged(
    atlas: Atlas, *parcels: Parcel, on: date = DAY, permits: Submission | None = None, since: EarlierBatch | None = None
) -> Suspects:
    return suspects(submission(*parcels), atlas, on=on, permits=permits, since=since, store=LayerStore(atlas.root / "cache"))


def one(atlas: Atlas, parcel: Parcel, on: date = DAY) -> PatchResult:
    """The only patch of a batch."""
    (found,) = judged(atlas, parcel, on=on).patches
    return found


def codes(found: PatchResult) -> list[str]:
    return [r.code for r in found.judgement.reasons]
