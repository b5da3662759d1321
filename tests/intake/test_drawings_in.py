"""One set of parcels as drawings of every kind comes back as the same parcels; arcs to the millimetre, with the lost area said."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from parcel_files import (
    NAMES,
    PARCELS,
    SYSTEMS,
    worst_difference_m,
    write_dxf,
)
from same_parcels import codes, read, same

from xygis.errors import UsageError


@pytest.mark.parametrize("code", [c for c in SYSTEMS if c != "EPSG:4490"])
@pytest.mark.parametrize("how", ["lwpolyline", "polyline", "lines", "block", "hatch", "mirrored"])
@pytest.mark.parametrize(("version", "encoding"), [("R2004", "gbk"), ("R2010", "utf-8")])
def test_dxf(tmp_path: Path, code: str, how: str, version: str, encoding: str) -> None:
    """Light and old polylines, loose lines either way round, scaled blocks, hatches, a mirrored plane; GBK by code page, and UTF-8."""
    got = read(write_dxf(tmp_path / "a.dxf", code, version=version, encoding=encoding, how=how))
    assert "dxf" == got.format
    assert list(NAMES) == [p.name for p in got.parcels]
    assert worst_difference_m(tuple(p.geometry for p in got.parcels), got.crs) <= 0.001
    # A ring within a ring may be another parcel within a frame: only a hatch says by itself that it is a hole.
    assert [how != "hatch", False] == [bool(p.doubtful) for p in got.parcels]
    assert not [p.doubtful for p in read(tmp_path / "a.dxf", accept_repairs=True).parcels if p.doubtful]


def test_a_cad_layer_is_chosen(tmp_path: Path) -> None:
    """--layer takes one CAD layer; without it all are read and named; a name that is not there is told with those that are."""
    path = write_dxf(tmp_path / "a.dxf")
    assert "layers_merged" in codes(read(path))
    got = read(path, layers=(NAMES[1],))
    assert [p.geometry for p in got.parcels] == [PARCELS[1]]
    with pytest.raises(UsageError, match="没有图层“红线”") as caught:
        read(path, layers=("红线",))
    assert NAMES[0] in caught.value.fix


def test_paper_space_is_no_ground(tmp_path: Path) -> None:
    """What is drawn on a sheet of paper is no parcel; a parcel drawn as outline and as hatch on two layers is said to stand twice."""
    import ezdxf

    drawing = ezdxf.new("R2010")
    ring = list(PARCELS[1].exterior.coords)[:-1]
    drawing.modelspace().add_lwpolyline(ring, close=True, dxfattribs={"layer": "红线"})
    drawing.layout("Layout1").add_lwpolyline([(0, 0), (420, 0), (420, 297), (0, 297)], close=True)
    drawing.saveas(tmp_path / "a.dxf")
    assert [PARCELS[1]] == [p.geometry for p in read(tmp_path / "a.dxf").parcels]
    drawing.modelspace().add_hatch(dxfattribs={"layer": "填充"}).paths.add_polyline_path(ring, is_closed=True)
    drawing.modelspace().add_hatch(dxfattribs={"layer": "红线"}).paths.add_polyline_path(ring, is_closed=True)
    drawing.saveas(tmp_path / "a.dxf")
    got = read(tmp_path / "a.dxf")
    assert 2 == len(got.parcels)
    assert {"layers_repeat", "hatch_repeated"} <= codes(got)


@pytest.mark.parametrize(
    ("draw", "area"),
    [
        (lambda space, x, y: space.add_circle((x, y), 50), np.pi * 2500),
        (lambda space, x, y: space.add_ellipse((x, y), (80, 30), 0.5), np.pi * (80**2 + 30**2) * 0.5),
        (lambda space, x, y: space.add_lwpolyline([(x - 50, y, 0, 0, 1), (x + 50, y, 0, 0, 1)], close=True), np.pi * 2500),
        (lambda space, x, y: space.add_lwpolyline([(x - 50, y, 0, 0, -1), (x + 50, y, 0, 0, -1)], close=True), np.pi * 2500),
        (lambda space, x, y: (space.add_arc((x, y), 50, 0, 180), space.add_line((x + 50, y), (x - 50, y))), np.pi * 1250),
        (lambda space, x, y: edge_hatch(space, x, y, ccw=True), np.pi * 1250),
        (lambda space, x, y: edge_hatch(space, x, y, ccw=False), np.pi * 1250),
    ],
)
def test_p25_arcs_of_a_drawing(tmp_path: Path, draw: object, area: float) -> None:
    """P25: circle, ellipse, bulges either way, arc and chord, hatch of arcs: within a millimetre of the arc, the lost area at most as said."""
    import ezdxf

    drawing = ezdxf.new("R2010")
    draw(drawing.modelspace(), 37618000.0, 3541000.0)  # type: ignore[operator]
    drawing.saveas(tmp_path / "a.dxf")
    (parcel,) = (got := read(tmp_path / "a.dxf")).parcels
    said = float(next(n.text for n in got.notes if n.code == "arcs_stroked").split("合计不超过 ")[1].removesuffix(" m²"))
    assert abs(area - parcel.geometry.area) <= said + 0.0001
    assert said <= 0.001 * parcel.geometry.length


def edge_hatch(space: object, x: float, y: float, *, ccw: bool) -> None:
    path = space.add_hatch().paths.add_edge_path()  # type: ignore[attr-defined]
    path.add_arc((x, y), 50, 0, 180, ccw=ccw)
    path.add_line((x - 50, y), (x + 50, y))


def test_a_drawing_in_millimetres(tmp_path: Path) -> None:
    """$INSUNITS 4 with numbers a thousand times too large: scaled, and said; with numbers in metres: metres, and said."""
    got = read(write_dxf(tmp_path / "a.dxf", units=4, how="hatch"))
    same(got)
    assert "units_scaled" in codes(got)
