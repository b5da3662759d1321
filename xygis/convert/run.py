"""The use case: parcels of one or several files into one file of another form, and a line for everything that form cannot hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import shapely

from xygis.convert.boundary_text import HELD, boundary_text, multipart_note
from xygis.convert.columns import one_line, plain, plain_notes
from xygis.convert.outline import NUMBER, SHEET, Outline, area_notes, outlines_of
from xygis.convert.placing import check_place, put, put_set
from xygis.convert.target import any_code, degrees_code, metric_code, moved
from xygis.errors import BadGeometry, UsageError, Where
from xygis.intake.submission import Parcel, Submission
from xygis.vector.notes import Note

FORMATS = {
    "boundary-txt": (".txt",),
    "points-xlsx": (".xlsx",),
    "points-docx": (".docx",),
    "shp": (".shp", ".zip"),
    "gpkg": (".gpkg",),
    "geojson": (".geojson", ".json"),
    "kml": (".kml",),
    "dxf": (".dxf",),
}
_POINTS = ("boundary-txt", "points-xlsx", "points-docx")
_MOST_TABLES = 500  # sheets of a workbook, chapters of a document


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion:
    """What was written. points: boundary points, each counted once."""

    path: Path
    format: str
    crs: str
    parcels: int
    points: int
    notes: tuple[Note, ...]


def convert(
    submissions: Sequence[Submission],
    out: Path,
    *,
    to: str,
    on: date,
    crs: str | None = None,
    decimals: int = 3,
    producer: str = "",
    force: bool = False,
) -> Conversion:
    """Writes all parcels of the submissions to `out`. crs: EPSG code of the output, None for the input's own.

    Raises UsageError (name, system, an existing file), BadGeometry (a boundary that is in doubt, or does not survive rounding),
    AmbiguousCrs, TooLarge, OutputFailed; nothing is written then.
    """
    check_place(out, FORMATS[to], [s.path for s in submissions], force=force)
    _refuse_doubtful(submissions)
    given = tuple(p for s in submissions for p in s.parcels)
    code, notes = _code(submissions, to, crs)
    tidy = tuple(map(plain, given))
    notes += plain_notes(given, tidy)
    parcels, said = moved(tidy, code)
    notes += said
    if to in _POINTS:
        notes += _write_points(parcels, out, to=to, on=on, decimals=decimals, producer=one_line(producer))
    else:
        notes += _write_shapes(parcels, out, to=to, on=on)
    notes += _left_out(parcels, to)
    points = sum(int(shapely.get_num_coordinates(p.geometry)) - _rings(p) for p in parcels)
    return Conversion(path=out, format=to, crs=code, parcels=len(parcels), points=points, notes=tuple(notes))


def _code(submissions: Sequence[Submission], to: str, asked: str | None) -> tuple[str, list[Note]]:
    if to in ("geojson", "kml"):
        return degrees_code(asked)
    if to in (*_POINTS, "dxf"):
        return metric_code(submissions, asked, prefixed=to == "boundary-txt")
    return any_code(submissions, asked)


def _write_points(parcels: tuple[Parcel, ...], out: Path, *, to: str, on: date, decimals: int, producer: str) -> list[Note]:
    outlines, notes = outlines_of(parcels, decimals=decimals)
    if to == "boundary-txt":
        data, said = boundary_text(outlines, decimals=decimals, producer=producer, on=on)
        put(out, data)
        return [*notes, *area_notes(outlines), *multipart_note(parcels), *said]
    if len(parcels) > _MOST_TABLES:
        fix = "请分批转换，或改用 --to boundary-txt、gpkg"
        raise UsageError(what=f"有 {len(parcels):,} 个地块，成果表一次最多写 {_MOST_TABLES} 个", fix=fix)
    put(out, _tables(outlines, to=to, on=on, decimals=decimals, producer=producer))
    if to == "points-docx":
        text = "Word 成果表供打印和归档，程序不能读回；要交换数据的，请另写一份坐标交换文件或 GIS 数据"
        notes.append(Note(code="not_read_back", level="info", text=text))
    return [*notes, *multipart_note(parcels)]


def _tables(outlines: tuple[Outline, ...], *, to: str, on: date, decimals: int, producer: str) -> bytes:
    if to == "points-xlsx":
        from xygis.convert.point_workbook import point_workbook

        return point_workbook(outlines, decimals=decimals, producer=producer, on=on)
    from xygis.convert.point_document import point_document

    return point_document(outlines, decimals=decimals, producer=producer, on=on)


def _write_shapes(parcels: tuple[Parcel, ...], out: Path, *, to: str, on: date) -> list[Note]:
    if to == "shp":
        from xygis.convert.shapefile import write_set

        notes: list[Note] = []
        put_set(out, lambda folder, stem: notes.extend(write_set(parcels, folder, stem, on)))
        return notes
    if to == "gpkg":
        from xygis.convert.geopackage import write_geopackage

        return write_geopackage(parcels, out)
    if to == "dxf":
        from xygis.convert.drawing import drawing

        data, said = drawing(parcels)
    else:
        from xygis.convert.degrees import geojson_text, kml_text

        data, said = geojson_text(parcels) if to == "geojson" else kml_text(parcels, out.stem)
    put(out, data)
    return said


def _refuse_doubtful(submissions: Sequence[Submission]) -> None:
    """A boundary that was repaired beyond the limit must not come out as if it had been sound."""
    for s in submissions:
        for p in s.parcels:
            if p.doubtful:
                raise BadGeometry(
                    what=f"地块“{p.name}”的边界存疑，没有转换",
                    where=Where(file=s.path, feature=p.name),
                    why="；".join(p.doubtful),
                    fix="请核对界址点；确认按修复后的边界转换的，加 --accept-repairs",
                )


def _left_out(parcels: tuple[Parcel, ...], to: str) -> list[Note]:
    """One line for the fields, and one for the numbers of points, that have no place in this form."""
    held = {"boundary-txt": HELD, "points-xlsx": (*NUMBER, *SHEET), "points-docx": (*NUMBER, *SHEET), "dxf": ()}.get(to)
    notes = []
    if held is not None:
        lost = list(dict.fromkeys(k for p in parcels for k, _ in p.attributes if k.upper() not in held))
        if lost:
            names = "、".join(lost[:12]) + (f" 等 {len(lost)} 个" if len(lost) > 12 else "")
            notes.append(Note(code="fields_not_held", level="warning", text=f"这种格式没有位置的字段，没有写入：{names}"))
    elif any(p.point_labels for p in parcels):
        notes.append(Note(code="labels_not_held", level="warning", text="这种格式没有界址点号，点号没有写入"))
    return notes


def _rings(parcel: Parcel) -> int:
    return int(sum(1 + shapely.get_num_interior_rings(part) for part in shapely.get_parts(parcel.geometry)))
