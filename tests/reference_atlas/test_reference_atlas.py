"""The reference atlas holds what it promises: every layer, the standards' fields, sound geometry, no person's data, small files."""

# ruff: noqa: E501 — the tables of fields read better in long rows
from __future__ import annotations

import hashlib
import json
import subprocess
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
import shapely

from xygis.geodesy.plane import OFFICIAL, official_area_m2, ring_areas_m2
from xygis.overlay.coverage import outlines
from xygis.overlay.raster import open_raster
from xygis.overlay.zonal import elevation_statistics

ROOT = Path(__file__).resolve().parents[2]
LAYERS = ROOT / "layers"
# DESIGN §4: id → standard table
PROMISED = {
    "counties": "XJXZQ", "ecological_red_line": "STBHHX", "permanent_basic_farmland": "YJJBNT", "urban_growth_boundary": "CZKFBJ", "one_heart_four_cities": "YXSC",
    "three_hills_one_upland": "SSYG", "one_river_nine_tributaries": "YJJH", "river_management_zone": "HHAX", "water_source_protection": None, "nature_reserves": "XZZRBHDFB",
    "wetlands": "SD", "ancient_city": "LSWHBHX", "urban_park_core": None, "current_land_use": "DLTB", "territorial_plan": "GHFQ", "urban_rural_plan": None, "land_use_plan": None,
    "development_plan_projects": None, "ecological_environment_zones": None, "forest": "STGYL", "geohazard_zones": None, "flood_zones": "HLFXKZX", "highways": None,
    "railways": None, "power_lines": None, "pipelines": None, "mineral_rights": None, "land_permits": None,
}  # fmt: skip
# From the tables of real databases (CZKFBJ, STBHHX, YJJBNTBHTB) and TD/T 1057-2020 (DLTB).
FIELDS = {
    "urban_growth_boundary": {"BSM", "XZQDM", "XZQMC", "GHFQDM", "GHFQMC", "MJ", "BZ"},
    "ecological_red_line": {"BSM", "XZQDM", "XZQMC", "SHENG", "SHI", "XIAN", "HXBM", "HXMC", "HXLX", "LXBM", "MJ", "ZRBHDMC", "ZRBHDJB", "ZRBHDLX", "ZRBHDFQ", "XTYZBLX", "GKCS"},
    "permanent_basic_farmland": {"BSM", "XZQDM", "XZQMC", "YJJBNTTBBH", "TBBH", "DLBM", "DLMC", "QSXZ", "ZLDWDM", "ZLDWMC", "YJJBNTTBMJ", "KCXS", "KCMJ", "YJJBNTMJ", "GDPDJB", "SJNF"},
    "current_land_use": {"BSM", "YSDM", "TBBH", "DLBM", "DLMC", "QSXZ", "QSDWDM", "ZLDWDM", "ZLDWMC", "TBMJ", "KCXS", "KCMJ", "TBDLMJ", "GDPDJB", "CZCSXM", "SJNF", "MSSM"},
    "territorial_plan": {"BSM", "YSDM", "XZQDM", "XZQMC", "GHFQDM", "GHFQMC", "MJ"},
}  # fmt: skip
PERSONAL = {"CFZR", "ZZRR", "ZRR", "ZRRMC", "ZRRZJHM", "LXDH", "JZDZ", "CBFMC", "QLR", "SFZH"}


@cache
def read(layer: str) -> tuple[dict[str, Any], Any]:
    meta, _, wkb, columns = pyogrio.raw.read(LAYERS / f"{layer}.gpkg")
    return dict(zip(meta["fields"], columns, strict=True)), shapely.from_wkb(wkb)


@cache
def catalogue() -> dict[str, dict[str, Any]]:
    with (LAYERS / "catalogue.toml").open("rb") as file:
        return {entry["id"]: entry for entry in tomllib.load(file)["layer"]}


def official_m2(shape: Any) -> float:
    """Official area of a shape in degrees, polygon by polygon."""
    total = 0.0
    for part in shapely.get_parts(shape):
        rings = [shapely.get_coordinates(r) for r in (part.exterior, *part.interiors)]
        total += official_area_m2(np.vstack(rings), np.r_[0, np.cumsum([len(r) for r in rings])], "EPSG:4490")
    return total


def test_every_promised_layer_is_there() -> None:
    """The catalogue lists exactly the layers the design promises, under their standard table names, the relief and the permits."""
    assert {*PROMISED, "relief"} == set(catalogue())
    assert {k: v for k, v in PROMISED.items() if v} == {k: catalogue()[k]["table"] for k, v in PROMISED.items() if v}


@pytest.mark.parametrize("layer", PROMISED)
def test_layer_is_readable_and_sound(layer: str) -> None:
    """Each layer opens under its table name, in CGCS2000 degrees, with valid shapes that are not empty."""
    entry = catalogue()[layer]
    info = pyogrio.read_info(LAYERS / entry["source"]["file"], layer=entry["source"]["layer"])
    assert info["crs"] == "EPSG:4490"
    assert entry["status"] == "demo"
    columns, shapes = read(layer)
    assert len(shapes) > 0
    assert shapely.is_valid(shapes).all()
    assert not shapely.is_empty(shapes).any()
    assert FIELDS.get(layer, {"BSM"}) <= set(columns)


@pytest.mark.parametrize("layer", PROMISED)
def test_every_catalogue_field_finds_a_column(layer: str) -> None:
    """No field of the catalogue is promised without a column behind it."""
    columns, _ = read(layer)
    assert [k for k, names in catalogue()[layer]["fields"].items() if not set(names) & set(columns)] == []


def test_no_personal_column_is_shipped_and_all_are_declared_sensitive() -> None:
    """No bundled file holds a column about a person, and the catalogue drops such columns from users' files."""
    for layer, entry in ((layer, catalogue()[layer]) for layer in PROMISED):
        assert not PERSONAL & {c.upper() for c in read(layer)[0]}
        assert set(entry["sensitive"]) >= PERSONAL


def test_farmland_is_a_patchwork_without_overlaps() -> None:
    """Permanent basic farmland has thousands of patches; neighbours share borders to the bit and none overlaps another."""
    _, shapes = read("permanent_basic_farmland")
    assert 5000 <= len(shapes) <= 15000
    assert shapely.coverage_is_valid(shapes)


def test_survey_covers_the_prefecture_exactly_once() -> None:
    """The land survey is a coverage whose patches add up to the counties."""
    columns, shapes = read("current_land_use")
    assert shapely.coverage_is_valid(shapes)
    assert float(read("counties")[0]["MJ"].sum()) == pytest.approx(float(columns["TBMJ"].sum()), abs=150)


def test_three_lines_do_not_cross() -> None:
    """Farmland, red line and growth boundary overlap nowhere, as the delimitation of 2022 demands."""
    lines = [read(k)[1] for k in ("permanent_basic_farmland", "ecological_red_line", "urban_growth_boundary")]
    for a, b in ((0, 1), (0, 2), (1, 2)):
        left, right = shapely.STRtree(lines[a]).query(lines[b], predicate="overlaps")
        assert shapely.area(shapely.intersection(lines[b][left], lines[a][right])).sum() == pytest.approx(0, abs=1e-12)


def test_core_zones_lie_in_nature_reserves_only() -> None:
    """自然公园 are not zoned: a 核心保护区 of the red line always belongs to a 自然保护区. Some patches have no zone at all."""
    columns, _ = read("ecological_red_line")
    zone, kind = columns["ZRBHDFQ"], columns["ZRBHDLX"]
    assert set(kind[zone == "核心保护区"]) == {"自然保护区"}
    assert (zone == "核心保护区").sum() >= 3
    assert 0 < sum(z is None for z in zone) < len(zone) / 4


def test_areas_of_the_city_match_what_is_published() -> None:
    """鱼梁洲 has about 17.5 km², its central park 513 ha, the wall 7.33 km round (moat and rings outside it)."""
    columns, shapes = read("one_heart_four_cities")
    assert official_m2(shapes[columns["ZXMC"] == "鱼梁洲"][0]) / 1e6 == pytest.approx(17.5, abs=0.3)
    assert official_m2(read("urban_park_core")[1][0]) / 1e4 == pytest.approx(513, abs=2)


def test_stored_areas_are_official_areas() -> None:
    """MJ in the files is the land survey's ellipsoidal area of the shape as stored."""
    columns, shapes = read("ecological_red_line")
    for row in range(0, len(shapes), 40):
        assert official_m2(shapes[row]) == pytest.approx(columns["MJ"][row], abs=0.006)


def test_flood_layer_declares_where_it_ends() -> None:
    """The flood layer covers the west only, so that a parcel in 枣阳 meets no data there."""
    ring = catalogue()["flood_zones"]["extent"][0]
    extent = shapely.Polygon(ring)
    assert shapely.within(read("flood_zones")[1], shapely.buffer(extent, 1e-6)).all()
    assert not extent.intersects(shapely.Point(112.76, 32.13))


def test_sample_parcels_declare_their_official_area() -> None:
    """The sample file is GB18030 with CRLF, holds five parcels, and each declares its ellipsoidal area in hectares."""
    text = (LAYERS / "demo" / "示例地块.txt").read_bytes().decode("gb18030")
    assert text.count("\r\n") == text.count("\n")
    blocks = text.split("[地块坐标]\r\n")[1].strip().split("@\r\n")
    lines = text.strip().split("\r\n")
    heads = [k for k, line in enumerate(lines) if line.endswith("@")]
    assert len(heads) == len(blocks) - 1 == 5
    for start in heads:
        count, hectares = lines[start].split(",")[:2]
        rows = [line.split(",") for line in lines[start + 1 : start + 1 + int(count)]]
        ring = np.array([(float(e), float(n)) for _, _, n, e in rows])
        xy, offsets = OFFICIAL.project(ring, np.array([0, len(ring)]), "EPSG:4525")
        assert abs(float(ring_areas_m2(xy, offsets)[0])) / 1e4 == pytest.approx(float(hectares), abs=5.1e-5)


def test_relief_rises_where_the_hills_are() -> None:
    """Metres on a small grid that covers the prefecture; 荆山 is a mountain range with steep slopes, 鄂北岗地 an upland without."""
    path = LAYERS / catalogue()["relief"]["source"]["file"]
    assert path.stat().st_size < 1_000_000
    raster = open_raster(path, "地形")
    columns, hills = read("three_hills_one_upland")
    shapes = np.array([*hills, shapely.union_all(read("counties")[1])], object)
    elevation, slope = elevation_statistics(raster, outlines(shapes, raster.origin, raster.step), 25.0)
    assert not slope.without.any()
    of = {name: i for i, name in enumerate(columns["MC"])}
    steep = slope.above / slope.weight
    assert elevation.greatest[of["荆山"]] > 1000 and steep[of["荆山"]] > 0.05
    assert steep[of["鄂北岗地"]] == 0 and 80 < elevation.mean[of["鄂北岗地"]] < 200
    for name in ("岘山", "鹿门山"):
        assert 250 < elevation.greatest[of[name]] < 500
    assert elevation.least[-1] > 30


def test_atlas_is_what_the_maker_made() -> None:
    """Neither the maker nor the data has changed since the last run of `make_atlas` (if this fails, run it again)."""
    made = json.loads(Path(__file__).with_name("made.json").read_text(encoding="utf-8"))
    for path, digest in (made["inputs"] | made["outputs"]).items():
        assert digest == hashlib.sha256((ROOT / path).read_bytes()).hexdigest(), path


def test_files_stay_small() -> None:
    """No tracked file is larger than 10 MB, and all of layers/ fits into 26 MB."""
    assert sum(p.stat().st_size for p in LAYERS.rglob("*") if p.is_file() and "local" not in p.parts) <= 26_000_000
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False).stdout.decode().split("\0")
    assert [p for p in tracked if p and (ROOT / p).is_file() and (ROOT / p).stat().st_size > 10_000_000] == []
