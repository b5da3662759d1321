"""What a reader of a Word file gets: its text, its tables, its fields; by python-docx, and by the XML itself where that hides it."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from typing import Any

import docx

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def opened(data: bytes) -> Any:
    return docx.Document(io.BytesIO(data))


def part(data: bytes, name: str) -> str:
    """One file of the package as text."""
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return package.read(name).decode("utf-8")


def parts(data: bytes) -> list[zipfile.ZipInfo]:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return package.infolist()


def text_of(element: Any) -> str:
    """All text below, results of fields with it, in the order of reading."""
    return "".join(t.text or "" for t in element.iter(f"{W}t")).replace("\xa0", " ")


def whole_text(data: bytes) -> str:
    return text_of(opened(data).element.body)


def lines_of(data: bytes) -> list[str]:
    """The text of each paragraph, those in cells among them."""
    return [text_of(p) for p in opened(data).element.body.iter(f"{W}p")]


def data_tables(document: Any) -> Iterator[tuple[str, list[list[str]]]]:
    """(number such as 表1 or "", rows of cells with the heads first) of every three-line table; the first line of each cell."""
    for table in document.tables:
        if table.style is None or table.style.name != "三线表":
            continue
        before = table._tbl.getprevious()
        caption = text_of(before) if before is not None and "Caption" in before.xml[:2000] else ""
        found = re.match(r"附?表\d+", caption)
        rows = [[text_of(cell._tc.p_lst[0]).strip() for cell in row.cells] for row in table.rows]
        yield (found[0] if found else "", rows)


def fields(xml: str) -> list[str]:
    """Instructions of the fields, in order."""
    return [m.strip() for m in re.findall(r"<w:instrText[^>]*>([^<]*)</w:instrText>", xml)]
