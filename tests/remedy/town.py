"""Atlases of a few shapes in metres from one corner, with a rule for each layer, and parcels checked and remedied on them."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import geopandas
import numpy as np
import shapely

from xygis.atlas.atlas import Atlas
from xygis.atlas.bundled import bundled_root
from xygis.check.assessment import Assessment
from xygis.check.remedies import Remedies, RemedyOptions
from xygis.check.run import check
from xygis.intake.submission import Parcel, Submission
from xygis.overlay.store import LayerStore
from xygis.remedy.run import with_remedies

DAY = date(2026, 11, 24)
CRS = "EPSG:4525"  # zone 37; the corner lies on its meridian, where a metre on the grid is a metre on the ground
CORNER = (37_500_000.0, 3_540_000.0)

# id, title, what its rule asks, verdict
LAYERS = (
    ("farmland", "永久基本农田", 'overlap_m2 = ">0"', "prohibited"),
    ("red_line", "生态保护红线", 'overlap_m2 = ">0"', "prohibited"),
    ("growth", "城镇开发边界", 'outside_m2 = ">0"', "prohibited"),
    ("forest", "公益林", 'overlap_m2 = ">0"', "approval"),
)
_LAYER = """
[[layer]]
id = "{id}"
title = "{title}"
role = "control"
table = "{id}"
source = {{ file = "{id}.gpkg" }}
crs = "EPSG:4525"
geometry = "polygon"
status = "statutory"
accuracy_m = 0.5
fields = {{ id = ["BSM"], zone = ["ZONE"] }}
{more}
"""
_RULE = """
[[rule]]
code = "{code}"
title = "占用或超出{title}"
layer = "{id}"
when = {{ {when} }}
verdict = "{verdict}"
remedy = "调整选址。"
message = "地块与{title}冲突。"
basis = [{{ instrument = "试验法", version = "2020-01-01", article = "1" }}]
effective = "2020-01-01"

[[rule.case]]
note = "冲突"
facts = {{ overlap_m2 = 5.0, outside_m2 = 5.0 }}
verdict = "{verdict}"

[[rule.case]]
note = "没有冲突"
facts = {{ overlap_m2 = 0.0, outside_m2 = 0.0 }}
verdict = "compliant"
"""
_INSTRUMENT = """
[[instrument]]
code = "SY"
name = "试验法"
version = "2020-01-01"
in_force = "2020-01-01"
read = "full"
"""


def placed(geometry: shapely.Geometry) -> shapely.Geometry:
    """Metres from the corner, as coordinates of the zone."""
    return shapely.transform(geometry, lambda c: c + np.array(CORNER))


def unplaced(geometry: shapely.Geometry) -> shapely.Geometry:
    """The other way round."""
    return shapely.transform(geometry, lambda c: c - np.array(CORNER))


def town(
    folder: Path,
    layers: Mapping[str, shapely.Geometry | list[tuple[shapely.Geometry, str | None]]],
    *,
    when: Mapping[str, str] | None = None,
    extent: Mapping[str, str] | None = None,
) -> Atlas:
    """An atlas of these layers, in metres from the corner: one area each, or features with their zones."""
    root = folder / "atlas"
    (root / "layers").mkdir(parents=True)
    (root / "redlines").mkdir()
    catalogue, rules = [f'[atlas]\nname = "试验图集"\nplane = "{CRS}"\n'], []
    for number, (id_, title, asks, verdict) in enumerate(LAYERS, start=1):
        if id_ not in layers:
            continue
        given = layers[id_]
        features = given if isinstance(given, list) else [(given, "甲区")]
        frame = geopandas.GeoDataFrame(
            {"BSM": [str(i) for i in range(len(features))], "ZONE": [zone for _, zone in features]},
            geometry=[placed(g) for g, _ in features],
            crs=CRS,
        )
        frame.to_file(root / "layers" / f"{id_}.gpkg", layer=id_, driver="GPKG")
        catalogue.append(_LAYER.format(id=id_, title=title, more=(extent or {}).get(id_, "")))
        rules.append(_RULE.format(code=f"T-{number:02}", id=id_, title=title, when=(when or {}).get(id_, asks), verdict=verdict))
    shutil.copytree(bundled_root() / "maps", root / "maps", ignore=shutil.ignore_patterns("fonts", "vendor"))
    (root / "layers" / "catalogue.toml").write_text("".join(catalogue), "utf-8")
    (root / "redlines" / "10-town.toml").write_text('subject = "试验"\n' + "".join(rules), "utf-8")
    (root / "redlines" / "instruments.toml").write_text(_INSTRUMENT, "utf-8")
    (root / "redlines" / "base.toml").write_text('complete_from = "2020-01-01"\n', "utf-8")
    return Atlas.open(root)


def submission(*geometries: shapely.Geometry, names: tuple[str, ...] = (), doubtful: tuple[str, ...] = ()) -> Submission:
    """Parcels in metres from the corner."""
    parcels = tuple(
        Parcel(name=names[i - 1] if names else f"地块{i}", geometry=placed(g), crs=CRS, declared_m2=None, doubtful=doubtful)
        for i, g in enumerate(geometries, start=1)
    )
    return Submission(path="t.txt", sha256="0" * 64, format="boundary_txt", encoding=None, crs=CRS, evidence=(), notes=(), parcels=parcels)


def remedied(atlas: Atlas, *geometries: shapely.Geometry, names: tuple[str, ...] = (), **options: float) -> Assessment:
    """Checked, and each parcel with its remedies."""
    store = LayerStore(atlas.root.parent / "cache")
    found = check(submission(*geometries, names=names), atlas, on=DAY, store=store)
    return with_remedies(found, atlas, options=RemedyOptions(**options), store=store)


def remedies(atlas: Atlas, geometry: shapely.Geometry, **options: float) -> Remedies:
    """Of one parcel."""
    (parcel,) = remedied(atlas, geometry, names=(), **options).parcels
    assert parcel.remedies is not None
    return parcel.remedies
