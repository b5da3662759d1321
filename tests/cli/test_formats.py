"""The same parcels out of a drawing, a table or a map app get the same answer as out of the boundary TXT."""

from __future__ import annotations

import json

import ezdxf
import numpy as np
import openpyxl
import pytest
import shapely

from xygis.geodesy.crs import to_geographic
from xygis.intake.read import read_submission
from xygis.vector.datum import from_wgs84

DAY = ("--on", "2026-11-24")


def write_drawing(path, parcels):
    drawing = ezdxf.new("R2004")
    for parcel in parcels:
        for part in shapely.get_parts(parcel.geometry):
            for ring in (part.exterior, *part.interiors):
                drawing.modelspace().add_lwpolyline(list(ring.coords)[:-1], close=True, dxfattribs={"layer": parcel.name})
    drawing.saveas(path)
    return path


def write_table(path, parcels):
    book = openpyxl.Workbook()
    book.active.append(["地块名称", "圈号", "点号", "X坐标", "Y坐标", "用途"])
    for parcel in parcels:
        for k, ring in enumerate((parcel.geometry.exterior, *parcel.geometry.interiors), start=1):
            for i, (x, y) in enumerate(ring.coords, start=1):
                book.active.append([parcel.name, k, f"J{i}", y, x, parcel.use_text])
    book.save(path)
    return path


def write_kml(path, parcels, datum="wgs84"):
    marks = []
    for parcel in parcels:
        xy = shapely.get_coordinates(parcel.geometry.exterior)
        lon, lat = to_geographic(parcel.crs, xy[:, 0], xy[:, 1])
        if datum != "wgs84":
            lon, lat = from_wgs84(datum, lon, lat)
        points = " ".join(f"{a:.10f},{b:.10f},0" for a, b in np.column_stack([lon, lat]))
        marks.append(
            f"<Placemark><name>{parcel.name}</name><Polygon><outerBoundaryIs><LinearRing><coordinates>{points}</coordinates></LinearRing>"
            "</outerBoundaryIs></Polygon></Placemark>"
        )
    path.write_text(f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{"".join(marks)}</Document></kml>', encoding="utf-8")
    return path


@pytest.fixture
def parcels(sample):
    """The sample parcels without holes, which all three writers can write."""
    found = [p for p in read_submission(sample).parcels if p.geometry.geom_type == "Polygon" and not p.geometry.interiors]
    assert len(found) > 2
    return found


def told(run):
    """(name, verdict, official m²) of each parcel."""
    document = json.loads(run.out)
    return [(p["name"], p["verdict"], round(p["area"]["ellipsoidal_m2"], 1)) for p in document["parcels"]]


def test_every_format_gets_the_same_verdicts(xygis, tmp_path, parcels):
    """Names, verdicts and official areas out of DXF, Excel and KML agree; straight lines in degrees are other lines by some 0.1 m²."""
    use = (*DAY, "--use", "1001", "--json")
    drawing = xygis("check", write_drawing(tmp_path / "地块.dxf", parcels), *use)
    table = xygis("check", write_table(tmp_path / "地块.xlsx", parcels), *use)
    kml = xygis("check", write_kml(tmp_path / "地块.kml", parcels), "--datum", "wgs84", *use)
    assert told(table) == told(drawing)
    assert [p[:2] for p in told(table)] == [p[:2] for p in told(kml)]
    assert [p[2] for p in told(table)] == pytest.approx([p[2] for p in told(kml)], rel=1e-5)
    assert [p.name for p in parcels] == [name for name, _, _ in told(table)]
    assert table.code == drawing.code == kml.code == 1


def test_one_cad_layer_is_checked(xygis, tmp_path, parcels):
    """--layer on check and inspect; a layer that is not there is wrong usage, with those that are."""
    write_drawing(tmp_path / "地块.dxf", parcels)
    run = xygis("check", "地块.dxf", *DAY, "--layer", parcels[0].name, "--json")
    assert 1 == len(told(run))
    run = xygis("inspect", "地块.dxf", "--layer", "红线")
    assert 2 == run.code
    assert parcels[0].name in run.err


def test_a_parcel_out_of_a_map_app_is_never_clear(xygis, tmp_path, parcels):
    """A parcel that is clear when surveyed is undetermined when its border was shifted back by guesswork, repairs accepted or not."""
    clear = [p for p in parcels if p.name == "地块1"]
    write_kml(tmp_path / "量测.kml", clear, "gcj02")
    for more in ((), ("--accept-repairs",)):
        run = xygis("check", "量测.kml", "--datum", "gcj02", *DAY, "--use", "1001", *more)
        assert 3 == run.code
        assert "GCJ-02" in run.out
    assert 4 == xygis("check", "量测.kml", *DAY).code


def test_a_report_from_a_map_app_is_recomputed(xygis, tmp_path, parcels):
    """The report keeps how the file was to be read, so verify needs no --datum; an older one needs it, and cannot be read without."""
    write_kml(tmp_path / "量测.kml", parcels[:1])
    assert xygis("check", "量测.kml", "--datum", "wgs84", *DAY, "--out", "结果", "--format", "json").code in (0, 1, 3)
    report = next((tmp_path / "结果").rglob("*.json"))
    assert 0 == xygis("verify", report).code
    document = json.loads(report.read_text("utf-8"))
    del document["sources"][0]["options"]
    report.write_text(json.dumps(document), "utf-8")
    assert 0 == xygis("verify", report, "--datum", "wgs84").code
    assert 4 == xygis("verify", report).code


def test_inspect_says_how_a_drawing_was_understood(xygis, tmp_path, parcels):
    """Format, encoding, unit, system with its reasons, and the three areas."""
    write_drawing(tmp_path / "地块.dxf", parcels)
    run = xygis("inspect", "地块.dxf")
    assert 0 == run.code
    for words in ("格式    DXF", "$INSUNITS", "横坐标 8 位，以 37 开头", "椭球"):
        assert words in run.out
