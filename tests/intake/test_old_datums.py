"""Beijing 54 and Xi'an 80: refused, unless somebody gives the parameters; then moved, said, and left to be verified."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import shapely
from boundary_files import ENVELOPE, block, header, moved, square, write
from gis_files import write_shapefile

from xygis.errors import OldDatum, UnknownCrs, UsageError
from xygis.geodesy.datum_shift import XIAN_80, shift_of, shifted
from xygis.intake.read import read_submission

FOUR = "3.5, 116.2, 0.05, 1.1"
SEVEN = "-10.5,101.25,48.75,0.4,-0.3,1.2,-2.5"
RING = moved(square(0, 0, 100))
PRJ = 'PROJCS["Xian_1980_3_Degree_GK_Zone_37",GEOGCS["GCS_Xian_1980"]]'


def expected(parameters: str) -> np.ndarray:
    xy = np.array(RING)
    return np.column_stack(shifted(shift_of(parameters), XIAN_80, "EPSG:4525", xy[:, 0], xy[:, 1])[:2])


@pytest.mark.parametrize("parameters", [FOUR, SEVEN])
@pytest.mark.parametrize("kind", ["txt", "shp"])
def test_with_parameters_the_parcel_is_moved_and_must_be_verified(tmp_path: Path, kind: str, parameters: str) -> None:
    """The same in a TXT and in a shapefile; nobody here knows whether the parameters are right, until a person says so."""
    if kind == "txt":
        path = write(tmp_path / "a.txt", block(RING), head=header(坐标系="1980西安坐标系"))
    else:
        path = write_shapefile(tmp_path / "a.shp", [[RING]], names=["甲"], prj=PRJ)
    with pytest.raises(OldDatum, match="1980 西安坐标系"):
        read_submission(path, envelope=ENVELOPE)
    got = read_submission(path, envelope=ENVELOPE, parameters=parameters)
    assert got.crs == "EPSG:4525"
    assert np.abs(shapely.get_coordinates(got.parcels[0].geometry) - expected(parameters)).max() < 0.0005
    assert "参数未经核实" in got.parcels[0].doubtful[0]
    assert any(n.code == "datum_shifted" and n.level == "warning" for n in got.notes)
    assert not read_submission(path, envelope=ENVELOPE, parameters=parameters, accept_repairs=True).parcels[0].doubtful


def test_parameters_for_a_file_in_cgcs2000_are_refused(tmp_path: Path) -> None:
    """Moving what is already there would put it 120 m away."""
    with pytest.raises(UnknownCrs, match="没有写明是旧坐标系"):
        read_submission(write(tmp_path / "a.txt", block(RING)), envelope=ENVELOPE, parameters=FOUR)


def test_a_code_on_the_command_line_does_not_wave_an_old_datum_through(tmp_path: Path) -> None:
    """--crs says which zone; that the datum is old stands in the file."""
    path = write(tmp_path / "a.txt", block(RING), head=header(坐标系="北京54"))
    with pytest.raises(OldDatum):
        read_submission(path, envelope=ENVELOPE, crs="EPSG:4525")


def test_degrees_of_an_old_datum_are_refused(tmp_path: Path) -> None:
    """Only planes are moved."""
    ring = [(112.2, 32.0), (112.2, 32.001), (112.201, 32.001), (112.201, 32.0), (112.2, 32.0)]
    path = write(tmp_path / "a.txt", block(ring), head=header(坐标系="1980西安坐标系", 带号=None))
    with pytest.raises(UsageError, match="经纬度"):
        read_submission(path, envelope=ENVELOPE, parameters=SEVEN)


def test_an_old_datum_is_not_adopted_or_compared_either(tmp_path: Path) -> None:
    """Whoever settles the system of a layer meets the same stop."""
    from xygis.vector.foreign import read_layers, read_vector
    from xygis.vector.layers import settle_crs

    path = write_shapefile(tmp_path / "a.shp", [[RING]], names=["甲"], prj=PRJ)
    with pytest.raises(OldDatum):
        settle_crs(read_layers(path)[0], str(path))
    with pytest.raises(OldDatum):
        read_vector(path)


def test_a_geopackage_of_an_old_datum_is_not_compared(tmp_path: Path) -> None:
    """Its code alone would be enough for a projection library to move it by a guess."""
    import geopandas

    from xygis.compare.side import read_side
    from xygis.geodesy.plane import OFFICIAL

    geopandas.GeoDataFrame({"类": ["甲"]}, geometry=[shapely.Polygon(RING)], crs="EPSG:2361").to_file(
        tmp_path / "旧.gpkg", engine="pyogrio"
    )
    with pytest.raises(OldDatum):
        read_side(tmp_path / "旧.gpkg", "类", plane=OFFICIAL, crs=None)
