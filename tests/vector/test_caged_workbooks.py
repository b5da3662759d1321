"""Workbooks are parsed in the process with limits too: nothing in one can take the caller down, or its memory."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from xygis.errors import DamagedFile, TooLarge, UnsafeFile
from xygis.intake.read import read_submission
from xygis.vector import caged
from xygis.vector.workbook import Sheet

POINTS = [["点号", "X", "Y"], *([f"J{k}", 3_541_000.0 + n, 37_618_000.0 + e] for k, (n, e) in enumerate([(0, 0), (50, 0), (50, 50)], 1))]


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    """No reading process before or after."""
    while caged._current:
        caged._current.pop().end()
    yield
    while caged._current:
        caged._current.pop().end()


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    import openpyxl

    book = openpyxl.Workbook()
    book.active.title = "甲"
    for row in [["说明", True, None, 7], *POINTS]:
        book.active.append(row)
    book.create_sheet("空")
    hidden = book.create_sheet("藏")
    hidden.append(["x"])
    hidden.sheet_state = "hidden"
    book.save(tmp_path / "界址点.xlsx")
    return tmp_path / "界址点.xlsx"


def test_sheets_come_over_whole(workbook: Path) -> None:
    """Names, hidden ones, line numbers; text, numbers and empty cells as they are; an empty sheet is none."""
    first, second = caged.read_sheets_caged(workbook)
    assert Sheet(name="藏", rows=[(1, ["x"])], hidden=True) == second
    assert ("甲", False) == (first.name, first.hidden)
    assert [(1, ["说明", "True", None, 7.0]), (2, ["点号", "X", "Y"])] == first.rows[:2]
    assert (3, ["J1", 3_541_000.0, 37_618_000.0]) == first.rows[2]


def test_the_caller_never_loads_the_library(workbook: Path) -> None:
    """What parses a stranger's workbook is not even imported here."""
    code = (
        "import sys; from xygis.intake.read import read_submission; "
        f"s = read_submission({str(workbook)!r}, crs='EPSG:4525'); print(len(s.parcels), 'openpyxl' in sys.modules)"
    )
    assert "1 False" == subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def test_a_workbook_that_ends_the_process(workbook: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A crash is one error that names the file, and the next workbook is read."""
    with monkeypatch.context() as changed:
        changed.setattr(caged, "command", lambda: [sys.executable, "-c", "import os, sys; sys.stdin.buffer.readline(); os.abort()"])
        with pytest.raises(DamagedFile, match="意外中止") as caught:
            read_submission(workbook, crs="EPSG:4525")
        assert str(workbook) == caught.value.where.file
    assert 1 == len(read_submission(workbook, crs="EPSG:4525").parcels)


def test_a_workbook_that_takes_for_ever(workbook: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Given up after the time that its size allows."""
    monkeypatch.setattr(caged, "SECONDS", 0.5)
    monkeypatch.setattr(caged, "command", lambda: [sys.executable, "-c", "import time; time.sleep(60)"])
    with pytest.raises(TooLarge, match="已中止"):
        read_submission(workbook, crs="EPSG:4525")


@pytest.mark.parametrize("size", [1 << 20, 200 << 20])
def test_bombs(tmp_path: Path, workbook: Path, size: int) -> None:
    """Entities that multiply, and a part that unpacks to 200 MB: refused, each in a zip as well."""
    laughs = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10 if i else "ha"}">' for i in range(12))
    bomb = tmp_path / "炸.xlsx"
    with zipfile.ZipFile(workbook) as old, zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            data = old.read(info)
            if info.filename.endswith("sheet1.xml"):
                data = bytes(size) if size > 1 << 20 else f"<!DOCTYPE x [{laughs}]><worksheet>&l11;</worksheet>".encode()
            new.writestr(info.filename, data)
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.write(bomb, "表/炸.xlsx")
    for path in (bomb, tmp_path / "a.zip"):
        with pytest.raises(UnsafeFile, match="炸弹|实体") as caught:
            read_submission(path, crs="EPSG:4525")
        assert str(path) in str(caught.value.where.file)
