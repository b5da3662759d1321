"""Writes one set of parcels in every format that is read, for the tests: two parcels, one with a hole, in a chosen system and encoding."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np
import shapely
from boundary_files import moved, square

from xygis.geodesy.crs import from_geographic, is_geographic, to_geographic

NAMES = ("岘山滨江地块", "东津二号")
HOME = "EPSG:4525"
PARCELS = (
    shapely.Polygon(moved(square(0, 0, 100)), [moved(square(30, 30, 40))]),
    shapely.Polygon(moved([(200.125, 120.0), (330.5, 118.25), (328.0, 10.125), (205.75, 0.0)])),
)
AREAS_M2 = (8400, 14414)
SYSTEMS = ("EPSG:4525", "EPSG:4546", "EPSG:4526", "EPSG:4547", "EPSG:4497", "EPSG:4508", "EPSG:4490")


def in_system(code: str) -> tuple[shapely.Polygon, ...]:
    """The parcels in another system, vertex by vertex."""
    if code == HOME:
        return PARCELS

    def there(xy: np.ndarray) -> np.ndarray:
        return np.column_stack(from_geographic(code, *to_geographic(HOME, xy[:, 0], xy[:, 1])))

    return tuple(shapely.transform(p, there) for p in PARCELS)


def rings(shape: shapely.Polygon) -> list[list[tuple[float, float]]]:
    return [list(r.coords) for r in (shape.exterior, *shape.interiors)]


def digits(code: str) -> int:
    """Decimals that keep well below a millimetre."""
    return 10 if is_geographic(code) else 4


def wkt(code: str, shape: shapely.Polygon) -> str:
    return shapely.to_wkt(shape, rounding_precision=digits(code), trim=False)


def write_wkt(path: Path, code: str = HOME, encoding: str = "utf-8", *, srid: bool = False) -> Path:
    head = f"SRID={code.removeprefix('EPSG:')};" if srid else ""
    path.write_bytes("\r\n".join(head + wkt(code, s) for s in in_system(code)).encode(encoding))
    return path


def table_rows(code: str = HOME, *, heads: tuple[str, str] = ("X坐标(m)", "Y坐标(m)"), east_first: bool = False) -> list[list[object]]:
    """Head and points: parcel, ring, label and the two coordinates, the parcel's name only in its first line, as in merged cells."""
    rows: list[list[object]] = [["地块名称", "圈号", "点号", *heads, "边长(m)"]]
    for name, shape in zip(NAMES, in_system(code), strict=True):
        first = True
        for k, ring in enumerate(rings(shape), start=1):
            for i, (x, y) in enumerate(ring):
                pair = [round(x, digits(code)), round(y, digits(code))]
                edge = None if i == len(ring) - 1 else round(float(np.hypot(x - ring[i + 1][0], y - ring[i + 1][1])), 2)
                label = f"J{(i % (len(ring) - 1)) + 1}"
                rows.append([name if first else None, k, label, *(pair if east_first else pair[::-1]), edge])
                first = False
    return rows


def write_csv(path: Path, rows: list[list[object]], encoding: str = "utf-8", delimiter: str = ",") -> Path:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(["" if c is None else c for c in row] for row in rows)
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def write_xlsx(path: Path, rows: list[list[object]], *, above: tuple[str, ...] = (), as_text: bool = False, sheet: str = "界址点") -> Path:
    import openpyxl

    book = openpyxl.Workbook()
    page = book.active
    page.title = sheet
    for line in above:
        page.append([line])
    for row in rows:
        page.append([f"{c:.4f}" if as_text and isinstance(c, float) else c for c in row])
    book.save(path)
    return path


def kml(code: str = "EPSG:4490", *, shift: Callable[[np.ndarray], np.ndarray] | None = None, encoding: str = "UTF-8") -> str:
    """Each parcel in a folder of its own, two deep, with a point beside it and an attribute."""
    folders = []
    for name, shape, area_m2 in zip(NAMES, in_system("EPSG:4490"), AREAS_M2, strict=True):
        moved_ = shapely.transform(shape, shift) if shift else shape
        outer, *inner = (" ".join(f"{x:.10f},{y:.10f},0" for x, y in ring) for ring in rings(moved_))
        holes = "".join(f"<innerBoundaryIs><LinearRing><coordinates>{i}</coordinates></LinearRing></innerBoundaryIs>" for i in inner)
        folders.append(
            f"<Folder><name>区</name><Folder><name>{escape(name)}夹</name><Placemark><name>{escape(name)}</name>"
            f'<ExtendedData><Data name="DKMJ"><value>{area_m2}</value></Data></ExtendedData><MultiGeometry><Polygon><outerBoundaryIs><LinearRing>'
            f"<coordinates>\n{outer}\n</coordinates></LinearRing></outerBoundaryIs>{holes}</Polygon></MultiGeometry></Placemark>"
            "<Placemark><name>点</name><Point><coordinates>112.2,32.0</coordinates></Point></Placemark></Folder></Folder>"
        )
    return (
        f'<?xml version="1.0" encoding="{encoding}"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document><name>文档</name>'
        f"{''.join(folders)}</Document></kml>"
    )


def write_kmz(path: Path, text: str) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("doc.kml", text)
        archive.writestr("files/icon.png", b"\x89PNG\r\n\x1a\n" + bytes(40))
    return path


def write_dxf(
    path: Path, code: str = HOME, *, version: str = "R2004", encoding: str = "gbk", how: str = "lwpolyline", units: int = 6
) -> Path:
    """how: lwpolyline | polyline | lines | block | hatch | mirrored."""
    import ezdxf

    drawing = ezdxf.new(version)
    drawing.encoding = encoding
    drawing.header["$INSUNITS"] = units
    space = drawing.modelspace()
    factor = {4: 1000.0, 6: 1.0}[units]
    for name, shape in zip(NAMES, in_system(code), strict=True):
        own = [[(x * factor, y * factor) for x, y in ring] for ring in rings(shape)]
        attributes = {"layer": name}
        if how == "hatch":
            hatch = space.add_hatch(dxfattribs=attributes)
            for ring in own:
                hatch.paths.add_polyline_path(ring[:-1], is_closed=True)
            continue
        for ring in own:
            if how == "lwpolyline":
                space.add_lwpolyline(ring[:-1], close=True, dxfattribs=attributes)
            elif how == "polyline":
                space.add_polyline2d(ring[:-1], close=True, dxfattribs=attributes)
            elif how == "lines":
                for a, b in zip(ring, ring[1:], strict=False):
                    space.add_line(*((a, b) if int(a[0]) % 2 else (b, a)), dxfattribs=attributes)
            elif how == "mirrored":
                space.add_lwpolyline([(-x, y) for x, y in ring[:-1]], close=True, dxfattribs={**attributes, "extrusion": (0, 0, -1)})
            elif how == "block":
                x0, y0 = ring[0]
                block = drawing.blocks.new(f"B{len(list(drawing.blocks))}")
                block.add_lwpolyline([((x - x0) / 2, (y - y0) / 2) for x, y in ring[:-1]], close=True)
                space.add_blockref(block.name, (x0, y0), dxfattribs={**attributes, "xscale": 2, "yscale": 2})
    drawing.saveas(path)
    return path


def worst_difference_m(parcels: tuple[shapely.Geometry, ...], code: str) -> float:
    """How far the farthest vertex lies from where it should be, the parcels taken in their order and put into the home system."""
    assert len(parcels) == len(PARCELS)

    def home(xy: np.ndarray) -> np.ndarray:
        return np.column_stack(from_geographic(HOME, *to_geographic(code, xy[:, 0], xy[:, 1])))

    worst = 0.0
    for got, meant in zip(parcels, PARCELS, strict=True):
        there = shapely.transform(got, home) if code != HOME else got
        (there,) = shapely.get_parts(there)  # some formats know only multipolygons
        assert len(there.interiors) == len(meant.interiors)
        assert shapely.get_num_coordinates(there) == shapely.get_num_coordinates(meant)
        for a, b in zip(rings(there), rings(meant), strict=True):
            worst = max(worst, float(shapely.hausdorff_distance(shapely.MultiPoint(a), shapely.MultiPoint(b))))
    return worst
