"""What `xygis inspect` says of a file to a person: format, system with its evidence, repairs with areas, areas beside each other."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from xygis.cli.terminal import fitted, printable, wrapped
from xygis.errors import CrsInDoubt
from xygis.geodesy.crs import title
from xygis.intake.submission import Submission
from xygis.numbers import signed_square_metres, square_metres
from xygis.overlay.shape import ParcelShape

_FORMATS = {
    "boundary_txt": "坐标交换文件",
    "shapefile": "Shapefile",
    "geopackage": "GeoPackage",
    "geojson": "GeoJSON",
    "filegdb": "FileGDB",
    "flatgeobuf": "FlatGeobuf",
    "kml": "KML",
    "dxf": "DXF",
    "wkt": "WKT",
    "xlsx": "Excel 界址点表",
    "csv": "CSV",
}
_COLUMNS = 110
_MOST_NOTES = 60
_MOST_SOURCES = 12  # layers or files whose evidence is printed


def inspect_text(submission: Submission, shapes: Sequence[ParcelShape], file: Path) -> str:
    """The whole story of one file."""
    return "\n".join([*_story(submission, file), *_evidence(submission), *_notes(submission), "", *_areas(submission, shapes)])


def readings_text(error: CrsInDoubt) -> str:
    """The readings among which a person must choose, or an empty text."""
    if not error.readings:
        return ""
    lines = ["坐标的几种读法"]
    for k, reading in enumerate(error.readings, start=1):
        lines += wrapped(f"  {k}  {reading}", _COLUMNS, hanging=5)
    return "\n".join(lines)


def _story(submission: Submission, file: Path) -> list[str]:
    digest = " ".join(submission.sha256[i : i + 4] for i in (0, 4))
    size = f"{file.stat().st_size:,} 字节，" if file.is_file() else ""
    return [
        f"文件    {printable(submission.path)}，{size}sha256 {digest} …",
        f"格式    {_FORMATS.get(submission.format, submission.format)}",
        *([f"编码    {submission.encoding}"] if submission.encoding else []),
        f"坐标系  {title(submission.crs)}",
    ]


def _evidence(submission: Submission) -> list[str]:
    lines: list[str] = []
    sources = list(dict.fromkeys(w.source for w in submission.weighed))
    for source in sources[:_MOST_SOURCES]:
        lines += [f"  —— {printable(source)}"] if source else []
        for w in (w for w in submission.weighed if w.source == source):
            lines += wrapped(f"  {w.kind}  {w.found} —— {w.says}", _COLUMNS, hanging=8)
        for other in (o for o in submission.others if o.source == source):
            lines += wrapped(f"  另试  {other} —— 不取", _COLUMNS, hanging=8)
    if len(sources) > _MOST_SOURCES:
        lines.append(f"        ……另有 {len(sources) - _MOST_SOURCES:,} 个图层或文件的依据，加 --json 可看全部")
    if not submission.weighed:
        lines = [f"{'  理由  ' if i == 0 else '        '}{printable(sentence)}" for i, sentence in enumerate(submission.evidence)]
    return lines


def _notes(submission: Submission) -> list[str]:
    lines = [f"地块    {len(submission.parcels)} 个"]
    for note in submission.notes[:_MOST_NOTES]:
        place = f"（{note.where}）" if str(note.where) else ""
        lines += wrapped(f"{'提醒' if note.level == 'warning' else '说明'}    {note.text}{place}", _COLUMNS, hanging=8)
    if len(submission.notes) > _MOST_NOTES:
        lines.append(f"        ……另有 {len(submission.notes) - _MOST_NOTES} 条，加 --json 可看全部")
    for parcel in submission.parcels:
        for reason in parcel.doubtful:
            lines += wrapped(f"待核    {parcel.name}：{reason}", _COLUMNS, hanging=8)
    return lines


def _areas(submission: Submission, shapes: Sequence[ParcelShape]) -> list[str]:
    heads = ("椭球（m²）", "平面（m²）", "申报（m²）", "申报差")
    lines = ["  " + fitted("地块", 16) + "".join(fitted(h, 16, right=True) for h in heads)]
    for p, s in zip(submission.parcels, shapes, strict=True):
        off = None if p.declared_m2 is None else p.declared_m2 - s.ellipsoidal_m2
        cells = [*map(square_metres, (s.ellipsoidal_m2, s.planar_m2, p.declared_m2)), signed_square_metres(off)]
        lines.append("  " + fitted(p.name, 16) + "".join(fitted(c, 16, right=True) for c in cells))
    return lines
