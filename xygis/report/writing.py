"""Writes results to disk: each file appears whole or not at all, and tables cannot smuggle a formula into a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from xygis import whole_file
from xygis.check.assessment import Assessment
from xygis.errors import OutputFailed, Where, os_words
from xygis.overlay.class_sums import ClassSums
from xygis.overlay.kernel.pieces import Ints
from xygis.overlay.kernel.texts import FieldColumn, decimals, fields_of, lines
from xygis.report.contract import assessment_dict, json_text
from xygis.report.summary import Coded, Floats, Summary, Value

MEASURES = ("state", "overlap_m2", "outside_m2", "distance_m", "patches")  # the columns of measures.csv, after parcel and layer
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


def write_measures_and_summary(summary: Summary, measures: Path, table: Path) -> None:
    """measures.csv: one row per parcel and layer; summary.csv: one row per parcel, a set of columns per layer.

    m² and m to a millionth; an empty field is unknown. `parcel` is the name where names are unique in the run, else the id.
    """
    columns = {c.column.key: _column(c.data) for c in summary.columns}
    layers = [c.layer for c in summary.layers]
    parcels = len(summary.names)
    row, place = np.divmod(np.arange(parcels * len(layers)), max(len(layers), 1))
    head = ",".join(("parcel", "layer", *MEASURES))
    long = (
        FieldColumn(fields=columns["parcel"].fields, index=row),
        FieldColumn(fields=fields_of(list(map(_field, layers))), index=place),
        *(_stacked([columns[f"{layer}_{key}"] for layer in layers], row, place) for key in MEASURES),
    )
    write_whole(measures, f"{head}\r\n".encode("utf-8-sig") + lines(long))
    write_whole(table, f"{','.join(columns)}\r\n".encode("utf-8-sig") + lines(list(columns.values())))


def _column(data: Floats | Coded | Sequence[Value]) -> FieldColumn:
    match data:
        case np.ndarray():
            return FieldColumn(fields=decimals(data))
        case Coded():
            return FieldColumn(fields=fields_of([_field(_plain(v)) for v in data.values]), index=data.index)
    return FieldColumn(fields=fields_of([_field(_plain(v)) for v in data]))


def _stacked(columns: Sequence[FieldColumn], row: Ints, place: Ints) -> FieldColumn:
    """One column of all layers, a layer after another in every row of the parcels."""
    if not columns:
        return FieldColumn(fields=fields_of([]))
    starts = np.cumsum([0, *(len(c.fields) for c in columns[:-1])])
    index = np.array([np.arange(len(c)) if c.index is None else c.index for c in columns])
    return FieldColumn(fields=np.concatenate([c.fields for c in columns]), index=starts[place] + index[place, row])


def write_classes_csv(names: Sequence[str], sums: Sequence[tuple[str, ClassSums]], path: Path) -> None:
    """classes.csv: one row per parcel, layer and class that overlap, m² unrounded; an empty class is a feature that names none."""
    rows: list[_Row] = [
        (names[p], layer, c, m2, n)
        for layer, found in sums
        for p, c, m2, n in zip(found.parcel.tolist(), found.classes, found.overlap_m2.tolist(), found.features.tolist(), strict=True)
    ]
    write_whole(path, csv_bytes(("parcel", "layer", "class", "overlap_m2", "features"), rows))


def _field(text: str) -> str:
    """Quoted where CSV asks for it (RFC 4180)."""
    return '"' + text.replace('"', '""') + '"' if any(c in text for c in ',"\r\n') else text


def csv_bytes(head: tuple[str, ...], rows: Sequence[_Row]) -> bytes:
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
        what=f"结果文件写不进去：{os_words(error)}",
        where=Where(file=str(path)),
        fix="请检查目录是否存在、可写，磁盘是否已满，或换一个输出目录",
    )
