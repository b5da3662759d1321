"""The tables of each face as a reader sees them: rows of printed cells with the heads first, text without white space."""

from __future__ import annotations

import io
import re
import subprocess
from decimal import ROUND_HALF_UP, Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import openpyxl
from word_reading import data_tables, opened

Table = list[list[str]]
_MARKS = "■◇▲□○√"
_SPACE = re.compile(r"[\s\u200b\xa0]+")


def bare(text: str) -> str:
    """Without white space: where lines break and how cells are padded is no matter of content."""
    return _SPACE.sub("", text)


class _Tables(HTMLParser):
    """Three-line tables; rows that are set small under another are left out."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: list[Table] = []
        self._open = self._small = self._cell = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        classes = (dict(attrs).get("class") or "").split()
        if tag == "table" and "t3" in classes:
            self.tables.append([])
            self._open = True
        elif self._open and tag == "tr":
            self._small = "sub" in classes
            if not self._small:
                self.tables[-1].append([])
        elif self._open and tag in ("td", "th") and not self._small:
            self.tables[-1][-1].append("")
            self._cell = True

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self._cell = False
        if tag == "table":
            self._open = False

    def handle_data(self, data: str) -> None:
        if self._cell:
            self.tables[-1][-1][-1] += data


def html_tables(page: str) -> list[Table]:
    reader = _Tables()
    reader.feed(page)
    return [[[bare(c) for c in row] for row in table] for table in reader.tables]


def word_tables(data: bytes) -> list[Table]:
    return [[[bare(c) for c in row] for row in rows] for _, rows in data_tables(opened(data))]


def pdf_lines(path: Path) -> list[str]:
    """The text of all pages in the order in which it was set: a table row by row, a row cell by cell."""
    command = ("pdftotext", "-raw", "-enc", "UTF-8", str(path), "-")
    return subprocess.run(command, capture_output=True, check=True).stdout.decode("utf-8").replace("\f", "\n").splitlines()


def excel_tables(data: bytes) -> list[Table]:
    """Sheets of tables, each cell as a spreadsheet shows it."""
    book = openpyxl.load_workbook(io.BytesIO(data))
    found = []
    for sheet in book.worksheets[2:]:
        rows = [[bare(shown(c)) for c in row] for row in sheet.iter_rows(min_row=3)]
        empty = next((i for i, row in enumerate(rows) if i and not any(row)), len(rows))  # notes stand below an empty row
        found.append(rows[:empty])
    return found


def shown(cell: Any) -> str:
    """What the number format makes of a value, worked out by itself; marks before verdicts are left out."""
    value, form = cell.value, cell.number_format
    if value is None:
        return ""
    if isinstance(value, str):
        return "".join(c for c in value if c not in _MARKS)
    if form.startswith('"'):
        return form.strip('"')
    number = Decimal(repr(float(value)))
    sections = form.split(";")
    part = sections[0] if number > 0 or len(sections) == 1 else sections[1] if number < 0 else sections[2]
    if part.endswith("%"):
        number *= 100
    places = len(part.split(".")[1].split('"')[0]) if "." in part else 0
    text = f"{abs(number).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP):{',' if ',' in part else ''}f}"
    sign = part[0] if part[0] in "+−" else "−" if number < 0 else ""
    return f"{sign}{text}{'%' if part.endswith('%') else ''}"
