"""Line shapefiles (roads, railways, power lines) are read as lines; a parcel cannot be one."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from xygis.errors import BadGeometry
from xygis.intake.read import read_submission
from xygis.vector.foreign import read_layers

LINES = [
    shapely.LineString([(112.1, 32.0), (112.2, 32.05)]),
    shapely.MultiLineString([[(112.1, 32.1), (112.2, 32.15)], [(112.3, 32.1), (112.32, 32.15)]]),
]


@pytest.fixture
def roads(tmp_path: Path) -> Path:
    gpd.GeoDataFrame({"MC": ["甲", "乙"]}, geometry=LINES, crs=4490).to_file(tmp_path / "roads.shp", encoding="utf-8")
    return tmp_path / "roads.shp"


def test_lines_and_multilines_come_back_as_they_were(roads):
    """Every chain of a line shapefile is read, single or several to a record."""
    assert [g.wkt for g in LINES] == [g.wkt for g in read_layers(roads)[0].features.geometry]


def test_a_line_is_no_parcel(roads):
    """A line shapefile handed in as parcels is refused with the reason."""
    with pytest.raises(BadGeometry, match="没有面"):
        read_submission(roads)
