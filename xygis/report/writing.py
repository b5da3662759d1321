"""Writes results to disk: each file appears whole or not at all, and tables cannot smuggle a formula into a spreadsheet."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from xygis import whole_file
from xygis.atlas.redlines import RASTER_FACTS
from xygis.atlas.verdict import LayerState
from xygis.check.assessment import Assessment
from xygis.errors import OutputFailed, Where
from xygis.report.contract import assessment_dict, json_text
from xygis.report.totals import layer_totals

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_Row = tuple[str | float | int | None, ...]


def write_whole(path: Path, data: bytes) -> None:
    """Writes a result, whole or not at all. Raises OutputFailed."""
    try:
        whole_file.write_whole(path, (data,))
    except OSError as error:
        raise _failed(path, error) from error


def write_report_json(assessment: Assessment, path: Path) -> None:
    """report.json: the contract, as `--json` prints it."""
    write_whole(path, json_text(assessment_dict(assessment)).encode("utf-8"))


def write_report_html(page: str, path: Path) -> None:
    """report.html, from `assessment_html`."""
    write_whole(path, page.encode("utf-8"))


def write_measures_csv(assessment: Assessment, path: Path) -> None:
    """measures.csv: one row per parcel and layer, unrounded; an empty field is unknown.

    `parcel` is the name where names are unique in the run, else the id. Terrain has columns where a raster layer was measured.
    """
    measured = [m for p in assessment.parcels for m in p.measures]
    terrain = RASTER_FACTS if any(m.zonal for m in measured) else ()
    names = [p.name for p in assessment.parcels]
    unique = len(set(names)) == len(names)
    rows: list[_Row] = [
        (
            *(p.name if unique else p.id, m.layer, m.state.value, m.overlap_m2, m.outside_m2, m.distance_m, m.patches),
            *(getattr(m.zonal, fact, None) for fact in terrain),
        )
        for p in assessment.parcels
        for m in p.measures
    ]
    write_whole(path, csv_bytes(("parcel", "layer", "state", "overlap_m2", "outside_m2", "distance_m", "patches", *terrain), rows))


def write_summary_csv(assessment: Assessment, path: Path) -> None:
    """summary.csv: one row per layer over all parcels."""
    rows: list[_Row] = [
        (
            t.layer,
            t.title,
            t.state.value,
            sum(m.state == LayerState.CONCERNED for p in assessment.parcels for m in p.measures if m.layer == t.layer),
            t.overlap_m2,
            t.outside_m2,
            t.share,
            t.verdict.value if t.verdict is not None else None,
        )
        for t in layer_totals(assessment)
    ]
    write_whole(path, csv_bytes(("layer", "title", "state", "parcels", "overlap_m2", "outside_m2", "share", "verdict"), rows))


def csv_bytes(head: tuple[str, ...], rows: list[_Row]) -> bytes:
    """UTF-8 with a byte-order mark, because the usual spreadsheet reads Chinese only then."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows([_plain(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def _plain(cell: str | float | int | None) -> str:
    """Numbers with full precision; text that a spreadsheet would compute gets a quote in front."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return f"'{cell}" if cell.startswith(_FORMULA) else cell
    return repr(cell)


def _failed(path: Path, error: OSError) -> OutputFailed:
    return OutputFailed(
        what=f"结果文件写不进去：{error.strerror or error}",
        where=Where(file=str(path)),
        fix="请检查目录是否存在、可写，磁盘是否已满，或换一个输出目录",
    )
