"""What somebody has written into a report is never lost, and what is taken away is told."""

from __future__ import annotations

from pathlib import Path

import docx
import openpyxl
import pytest
from openpyxl import Workbook

from xygis.errors import os_words
from xygis.office_seal import as_written, put_aside, touched


def office(path: Path) -> Path:
    """A workbook as we write it."""
    Workbook().save(path)
    path.write_bytes(as_written(path.read_bytes()))
    return path


def test_a_file_that_somebody_saved_is_told_from_ours(tmp_path: Path) -> None:
    """As written it opens and is ours; saved again by a spreadsheet program it is not, nor is what cannot be opened; nothing is nothing."""
    path = office(tmp_path / "report.xlsx")
    assert not touched(path)
    book = openpyxl.load_workbook(path)
    book.save(path)
    assert touched(path)
    path.write_bytes(b"no zip file")
    assert touched(path) and not touched(tmp_path / "none.xlsx")


def test_what_somebody_worked_on_is_kept_under_another_name(tmp_path: Path) -> None:
    """report.xlsx becomes report-原1.xlsx, the next one 原2; ours stays where it is."""
    path = office(tmp_path / "report.xlsx")
    assert put_aside(path) is None and path.exists()
    for n in (1, 2):
        Workbook().save(path)
        assert put_aside(path) == tmp_path / f"report-原{n}.xlsx" and not path.exists()


@pytest.mark.parametrize(("number", "words"), [(28, "磁盘已满"), (21, "这是一个目录"), (17, "已有同名的文件")])
def test_the_system_complains_in_chinese(number: int, words: str) -> None:
    """ENOSPC, EISDIR and EEXIST of Linux; what is rare keeps the system's own words."""
    assert os_words(OSError(number, "…")) == words
    assert os_words(OSError(9999, "odd")) == "odd"


def test_word_as_we_write_it_opens(tmp_path: Path) -> None:
    """The mark is no harm to a reader of Word files."""
    path = tmp_path / "a.docx"
    docx.Document().save(str(path))
    path.write_bytes(as_written(path.read_bytes()))
    assert not touched(path) and docx.Document(str(path)).paragraphs == []
