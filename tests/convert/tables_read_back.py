"""Reads the point tables that were written, from the files themselves, back into parcels."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import docx
import numpy as np

from tests.report.test_workbook import sheets
from xygis.convert.point_table import HEADS
from xygis.intake.submission import Parcel
from xygis.vector.rings import assemble

Row = tuple[str, int, float, float, float | None]  # label, ring, north, east, edge


def workbook_rows(path: Path) -> list[tuple[str, list[Row]]]:
    """(name of the parcel, rows) of every sheet that has points; numbers must be numbers."""
    found = []
    for cells in sheets(path).values():
        heads = [k for k, v in cells.items() if v == HEADS[3]]
        if not heads:
            continue
        assert "FORMULA" not in cells.values()
        row, rows = int(heads[0][1:]) + 1, []
        while isinstance(cells.get(f"A{row}"), float):
            edge = cells.get(f"F{row}")
            values = cells[f"C{row}"], cells[f"D{row}"], cells[f"E{row}"]
            assert all(isinstance(v, float) for v in values)
            rows.append((str(cells[f"B{row}"]), int(values[0]), float(values[1]), float(values[2]), None if edge is None else float(edge)))
            row += 1
        found.append((str(cells["C2"]), rows))
    return found


def document_rows(path: Path) -> list[tuple[str, list[Row]]]:
    """The same of a Word document: each table of points belongs to the table of facts before it."""
    found: list[tuple[str, list[Row]]] = []
    name = ""
    for table in docx.Document(str(path)).tables:
        texts = [_texts(row) for row in table.rows]
        if texts[0][0] == "地块名称":
            name = texts[0][1]
        elif tuple(texts[0]) == HEADS:
            found.append((name, [(t[1], int(t[2]), float(t[3]), float(t[4]), float(t[5]) if t[5] else None) for t in texts[1:]]))
    return found


def _texts(row: object) -> list[str]:
    cells = row._tr.tc_lst  # type: ignore[attr-defined]  # once each, also where two are merged
    return ["".join(t.text or "" for t in cell.iter("{http://schemas.openxmlformats.org/wordprocessingml/2006/main}t")) for cell in cells]


def workbook_parcels(path: Path, crs: str) -> tuple[Parcel, ...]:
    return _parcels(workbook_rows(path), crs)


def document_parcels(path: Path, crs: str) -> tuple[Parcel, ...]:
    return _parcels(document_rows(path), crs)


def _parcels(tables: Iterable[tuple[str, list[Row]]], crs: str) -> tuple[Parcel, ...]:
    out = []
    for name, rows in tables:
        rings = [np.array([(r[3], r[2]) for r in rows if r[1] == k]) for k in dict.fromkeys(r[1] for r in rows)]
        geometry = assemble(rings).geometry
        assert geometry is not None
        out.append(Parcel(name=name, geometry=geometry, crs=crs, declared_m2=None))
    return tuple(out)
