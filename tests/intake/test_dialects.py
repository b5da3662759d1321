"""One set of parcels in every dialect, encoding and system comes out as the same parcels, to a millimetre, or is refused."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import dialects
import pytest
import shapely
from dialects import CITY, DIALECTS, ENCODINGS, NAMES, PARCELS, SYSTEMS, USES, Dialect, combinations, dialect, off_m, projected, written
from gis_files import ESRI_37, ESRI_111, write_shapefile

from xygis.errors import AmbiguousCrs, BadGeometry, BadLine, OldDatum, UnknownZone, XygisError
from xygis.intake.read import read_submission
from xygis.vector.repair import signed_area_m2

MILLIMETRE = 0.001


@pytest.mark.parametrize("one", DIALECTS, ids=lambda d: d.name)
def test_every_dialect_in_every_encoding_and_system(tmp_path: Path, one: Dialect) -> None:
    """The same three parcels, with their names, uses and areas; nothing doubtful, nothing lost."""
    for style, system, encoding in [c for c in combinations() if c[0] == one]:
        path = tmp_path / "界址.txt"
        path.write_bytes(written(style, system, encoding))
        unsaid = style.header == "none" and system == "EPSG:4490"
        got = read_submission(path, envelope=CITY, datum="cgcs2000" if unsaid else None)
        said = f"{style.name}, {system}, {encoding}: {[n.text for n in got.notes]}"
        assert off_m(got) <= MILLIMETRE, said
        assert tuple(p.name for p in got.parcels) == NAMES, said
        assert tuple(p.use_text for p in got.parcels) == USES, said
        assert not any(p.doubtful for p in got.parcels), said
        for parcel, true in zip(got.parcels, PARCELS, strict=True):
            if style.area == "none":
                assert parcel.declared_m2 is None, said
            else:
                assert parcel.declared_m2 == pytest.approx(signed_area_m2(true, dialects.PLANE), abs=1), said


def test_there_are_far_more_than_two_hundred_combinations() -> None:
    """What the test above runs through."""
    assert len(combinations()) > 1_000


@pytest.mark.parametrize("zipped", [False, True])
def test_one_file_a_parcel(tmp_path: Path, zipped: bool) -> None:
    """Each parcel in a file of its own, in a folder or a zip; the files are of several encodings."""
    folder = tmp_path / "地块"
    folder.mkdir()
    for k, (parcel, encoding) in enumerate(zip(PARCELS, ENCODINGS, strict=False)):
        (folder / f"{k}.txt").write_bytes(written(DIALECTS[0], "EPSG:4525", encoding, (parcel,), k))
    if zipped:
        with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
            for entry in sorted(folder.iterdir()):
                archive.write(entry, entry.name)
        got = read_submission(tmp_path / "a.zip", envelope=CITY)
        assert off_m(got) <= MILLIMETRE
        assert tuple(p.name for p in got.parcels) == NAMES
        return
    from xygis.cli.many_files import Reading, files_of, read_all

    found = files_of([str(folder)])
    reading = Reading(envelope=CITY, crs=None, encoding=None, datum=None, accept_repairs=False)
    parts = read_all(found.files, reading, jobs=1, alone=False)
    assert [p.parcels[0].name for p in parts] == list(NAMES)  # type: ignore[union-attr]


def records(system: str) -> list[list[list[tuple[float, float]]]]:
    """The parcels as rings of a shapefile, in an order that only containment can undo."""
    out = []
    for parcel in PARCELS:
        parts = shapely.get_parts(projected(parcel, system)).tolist()
        rings = [shapely.get_coordinates(r).tolist() for p in parts for r in (p.exterior, *p.interiors)]
        out.append([[(x, y) for x, y in ring] for ring in reversed(rings)])
    return out


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize(
    ("encoding", "ldid", "cpg"), [("gbk", 0x4D, None), ("gbk", 0, None), ("utf-8", 0, "UTF-8"), ("utf-8", 0, None), ("gbk", 0, "UTF-8")]
)
@pytest.mark.parametrize("said", ["prj", "none", "wkt"])
def test_shapefiles_in_every_encoding_and_system(tmp_path: Path, system: str, encoding: str, ldid: int, cpg: str | None, said: str) -> None:
    """Right, wrong and missing .cpg; Esri's .prj without a code, the registry's, or none at all."""
    import pyproj

    esri = {"EPSG:4525": ESRI_37, "EPSG:4546": ESRI_111}.get(system)
    text = (
        None
        if said == "none"
        else esri
        if said == "prj" and esri
        else pyproj.CRS(system).to_wkt("WKT1_ESRI" if said == "prj" else "WKT2_2019")
    )
    names = [n.replace("㙟", "洲") for n in NAMES]  # not in GBK
    path = write_shapefile(tmp_path / "a.shp", records(system), names=names, encoding=encoding, ldid=ldid, prj=text)
    if cpg:
        path.with_suffix(".cpg").write_text(cpg)
    got = read_submission(path, envelope=CITY, datum="cgcs2000" if said == "none" and system == "EPSG:4490" else None)
    assert off_m(got) <= MILLIMETRE
    assert [p.name for p in got.parcels] == names


@pytest.mark.parametrize("system", SYSTEMS)
def test_geopackage_and_geojson_in_every_system(tmp_path: Path, system: str) -> None:
    """GeoPackage with its code; GeoJSON with a crs member, and with projected numbers and none."""
    import geopandas

    shapes = [projected(p, system) for p in PARCELS]
    frame = geopandas.GeoDataFrame({"地块名称": NAMES, "用途": USES}, geometry=shapes, crs=system)
    frame.to_file(tmp_path / "a.gpkg", engine="pyogrio")
    features = [
        {"type": "Feature", "properties": {"地块名称": n}, "geometry": json.loads(shapely.to_geojson(s))}
        for n, s in zip(NAMES, shapes, strict=True)
    ]
    content: dict[str, object] = {"type": "FeatureCollection", "features": features}
    (tmp_path / "a.geojson").write_text(json.dumps(content), "utf-8")
    (tmp_path / "b.geojson").write_text(
        json.dumps(content | {"crs": {"type": "name", "properties": {"name": f"urn:ogc:def:crs:EPSG::{system[5:]}"}}}), "utf-8"
    )
    for name in ("a.gpkg", "a.geojson", "b.geojson"):
        got = read_submission(tmp_path / name, envelope=CITY)
        assert off_m(got) <= MILLIMETRE, name
        assert tuple(p.name for p in got.parcels) == NAMES


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize(
    ("old", "new", "error"),
    [
        ("2000国家大地坐标系", "1980西安坐标系", OldDatum),
        ("2000国家大地坐标系", "1954年北京坐标系", OldDatum),
        ("带号=37", "带号=38", UnknownZone),
        ("几度分带=3", "几度分带=6", UnknownZone),
        (",面,", ",线,", BadGeometry),
        ("J2,1,", "J2,O,", BadLine),
    ],
)
def test_what_must_be_refused_is_refused_in_every_encoding(
    tmp_path: Path, encoding: str, old: str, new: str, error: type[XygisError]
) -> None:
    """Old datums, a zone or a width that contradicts the numbers, lines, and a ring number that is none; with file and line."""
    text = written(DIALECTS[0], "EPSG:4525", "utf-8").decode().replace(old, new)
    path = tmp_path / "a.txt"
    path.write_bytes(dialects.encoded(text, encoding))
    with pytest.raises(error) as caught:
        read_submission(path, envelope=CITY)
    assert caught.value.where.file == str(path)
    assert caught.value.where.line is not None
    assert caught.value.where.excerpt


def test_a_width_of_six_degrees_and_a_prefix_of_three_contradict_without_any_zone(tmp_path: Path) -> None:
    """The header leaves the zone blank but says six degrees; the eastings begin with 37."""
    text = written(dialect("zone left blank"), "EPSG:4525", "utf-8").decode().replace("几度分带=3", "几度分带=6")
    (tmp_path / "a.txt").write_text(text, "utf-8")
    with pytest.raises(UnknownZone, match="6 度"):
        read_submission(tmp_path / "a.txt", envelope=CITY)


@pytest.mark.parametrize("system", ["EPSG:4546", "EPSG:4547"])
def test_a_bare_easting_without_header_or_city_is_asked_about(tmp_path: Path, system: str) -> None:
    """Nothing tells 37 from 38: the person must."""
    (tmp_path / "a.txt").write_bytes(written(dialect("no header"), system, "utf-8"))
    with pytest.raises(AmbiguousCrs):
        read_submission(tmp_path / "a.txt")
    assert off_m(read_submission(tmp_path / "a.txt", crs=system)) <= MILLIMETRE


def test_edge_lengths_that_contradict_leave_the_boundary_to_be_verified(tmp_path: Path) -> None:
    """A digit changed in one coordinate: two edges are no longer as long as they are said to be."""
    lines = written(dialect("edge lengths beside"), "EPSG:4525", "utf-8").decode().split("\r\n")
    at = next(i for i, line in enumerate(lines) if line.startswith("J2,1,"))
    label, ring, north, east, edge = lines[at].split(",")
    lines[at] = f"{label},{ring},{float(north) + 10:.4f},{east},{edge}"
    (tmp_path / "a.txt").write_text("\r\n".join(lines), "utf-8")
    got = read_submission(tmp_path / "a.txt", envelope=CITY)
    odd = [n for n in got.notes if n.code == "edge_length_off"]
    assert len(odd) == 2
    assert {n.where.line for n in odd} == {at, at + 1}
    assert got.parcels[0].doubtful and not got.parcels[1].doubtful
    assert not read_submission(tmp_path / "a.txt", envelope=CITY, accept_repairs=True).parcels[0].doubtful


def test_duplicate_numbers_are_said(tmp_path: Path) -> None:
    """Two parcels with one 地块编号."""
    text = written(DIALECTS[0], "EPSG:4525", "utf-8").decode().replace("2024-2", "2024-1")
    (tmp_path / "a.txt").write_text(text, "utf-8")
    notes = {n.code: n.text for n in read_submission(tmp_path / "a.txt", envelope=CITY).notes}
    assert "2024-1" in notes["duplicate_number"]


def test_a_decimal_comma_is_never_a_height(tmp_path: Path) -> None:
    """37618100,500 is not an easting and a height of 500 m."""
    text = written(dialect("three decimals"), "EPSG:4525", "utf-8").decode()
    lines = text.split("\r\n")
    at = next(i for i, line in enumerate(lines) if line.startswith("J2,1,"))
    lines[at] = ",".join([*lines[at].split(",")[:3], "37635118,500"])
    (tmp_path / "a.txt").write_text("\r\n".join(lines), "utf-8")
    with pytest.raises(BadLine, match="小数") as caught:
        read_submission(tmp_path / "a.txt", envelope=CITY)
    assert caught.value.where.line == at + 1
