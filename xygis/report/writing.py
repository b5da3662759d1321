"""Writes results to disk: each file appears whole or not at all, and tables cannot smuggle a formula into a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from xygis import whole_file
from xygis.check.assessment import Assessment
from xygis.check.layer_column import STATES
from xygis.errors import OutputFailed, Where
from xygis.report.contract import assessment_dict, json_text
from xygis.report.summary import Summary, known

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


def write_measures_csv(summary: Summary, path: Path) -> None:
    """measures.csv: one row per parcel and layer, unrounded; an empty field is unknown.

    `parcel` is the name where names are unique in the run, else the id.
    """
    names = [_field(_plain(n)) for n in summary.names]
    columns = []
    for c in summary.layers:
        states = [STATES[s].value for s in c.state.tolist()]
        numbers = [_texts(known(values)) for values in (c.overlap_m2, c.outside_m2, c.distance_m)]
        patches = ["" if n < 0 else str(n) for n in c.patches.tolist()]
        columns.append(zip([c.layer] * len(names), states, *numbers, patches, strict=True))
    lines = ["parcel,layer,state,overlap_m2,outside_m2,distance_m,patches"]
    for name, *rows in zip(names, *columns, strict=True):
        lines += [f"{name},{','.join(row)}" for row in rows]
    write_whole(path, ("\r\n".join(lines) + "\r\n").encode("utf-8-sig"))


def write_summary_csv(summary: Summary, path: Path) -> None:
    """summary.csv: one row per parcel, a set of columns per layer; unrounded."""
    columns = [_texts(c.values) for c in summary.columns]
    lines = [",".join(c.column.key for c in summary.columns), *(",".join(row) for row in zip(*columns, strict=True))]
    write_whole(path, ("\r\n".join(lines) + "\r\n").encode("utf-8-sig"))


def _texts(values: Sequence[str | float | int | None]) -> list[str]:
    """A column as CSV fields; what repeats is quoted once."""
    known_texts: dict[str, str] = {}
    out = []
    for value in values:
        if value is None:
            out.append("")
        elif isinstance(value, str):
            text = known_texts.get(value)
            if text is None:
                text = known_texts[value] = _field(_plain(value))
            out.append(text)
        else:
            out.append(repr(value))
    return out


def _field(text: str) -> str:
    """Quoted where CSV asks for it (RFC 4180)."""
    return '"' + text.replace('"', '""') + '"' if any(c in text for c in ',"\r\n') else text


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
