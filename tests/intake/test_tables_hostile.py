"""Point tables with something wrong in them, and workbooks that are not what they seem: the cell is named, never a vertex less."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hostile_files import read, refused
from parcel_files import table_rows, write_csv, write_xlsx

from xygis.errors import (
    BadGeometry,
    BadLine,
    DamagedFile,
    InputError,
    OldDatum,
    UnknownFormat,
    UnsafeFile,
    XygisError,
)


def changed_rows(row: int, column: int, value: object) -> list[list[object]]:
    rows = table_rows()
    rows[row][column] = value
    return rows


@pytest.mark.parametrize(
    ("row", "column", "value", "match"),
    [
        (2, 3, None, r"单元格 D3（X坐标\(m\)） 是空的"),
        (2, 3, "354118O.250", "D3.*不是数字"),
        (2, 4, "3.76E+07", "E3.*不是数字"),
        (2, 4, "见附图", "E3.*不是数字"),
        (5, 3, 3541000.5, "闭合点 J1 与首点点号相同"),
    ],
)
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_table_with_one_cell_wrong(tmp_path: Path, kind: str, row: int, column: int, value: object, match: str) -> None:
    """P4: a blank, the letter O, lost digits, words, a closing point elsewhere: the cell or the point is named; never a vertex less."""
    rows = changed_rows(row, column, value)
    path = write_csv(tmp_path / "a.csv", rows) if kind == "csv" else write_xlsx(tmp_path / "a.xlsx", rows)
    told = refused(path, BadLine, match)
    assert row + 1 == told.where.line


@pytest.mark.parametrize(("lines", "code"), [(3, "edge_lengths_off"), (9, "ring_open_among_closed")])
def test_a_table_cut_off_between_lines(tmp_path: Path, lines: int, code: str) -> None:
    """What is left is a sound table of fewer points: its own lengths, or the closing points of its other rings, give it away."""
    got = read(write_csv(tmp_path / "a.csv", table_rows()[: lines + 1]))
    assert code in {n.code for n in got.notes}
    assert got.parcels[0].doubtful


def test_a_point_left_out_of_the_numbers(tmp_path: Path) -> None:
    """J2, J4: said; two lines run into one: refused."""
    rows = table_rows()
    assert "labels_leave_out" in {n.code for n in read(write_csv(tmp_path / "a.csv", rows[:3] + rows[4:])).notes}
    rows[3] += rows.pop(4)
    refused(write_csv(tmp_path / "b.csv", rows), BadLine, "在表头之外")


def test_p3_one_point_with_its_coordinates_exchanged(tmp_path: Path) -> None:
    """P3: not a parcel 280 km long but an error that names the point."""
    rows = table_rows()
    rows[3][3], rows[3][4] = rows[3][4], rows[3][3]
    refused(write_csv(tmp_path / "a.csv", rows), InputError, "写反|对不上")


@pytest.mark.parametrize(
    ("rows", "above", "error", "match"),
    [
        ([["点号", "X", "Y", "X", "Y"], ["J1", 1, 2, 3, 4]], (), BadLine, "2 列都是“X”"),
        (table_rows(), ("坐标系：1980西安坐标系",), OldDatum, "西安"),
        (table_rows(), ("1954年北京坐标系",), OldDatum, "北京"),
        (table_rows(), ("坐标系：2000国家大地坐标系，3度带，中央子午线114°",), InputError, "带号矛盾"),
        ([["点号", "X", "Y"]], (), BadGeometry, "没有界址点"),
        ([["点号", "X", "Y"], ["J1", 3541000, 37618000], ["J2", 3541010, 37618000]], (), BadGeometry, "2 个不同的点"),
        ([["姓名", "面积"], ["甲", 3]], (), UnknownFormat, "找不到界址点的表头"),
    ],
)
def test_tables_that_cannot_be_used(
    tmp_path: Path, rows: list[list[object]], above: tuple[str, ...], error: type[XygisError], match: str
) -> None:
    """Two pairs of columns, an old datum, a zone that the numbers contradict, no points, too few, no head."""
    refused(write_xlsx(tmp_path / "a.xlsx", rows, above=above), error, match)


def test_a_firm_in_beijing_is_no_datum(tmp_path: Path) -> None:
    """北京 in a company's name does not make the coordinates old."""
    assert 2 == len(read(write_xlsx(tmp_path / "a.xlsx", table_rows(), above=("测绘单位：北京某某测绘有限公司（西安分公司）",))).parcels)


def rezipped(source: Path, target: Path, change: Callable[[str, bytes], bytes], *more: tuple[str, bytes]) -> Path:
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            new.writestr(info.filename, change(info.filename, old.read(info)))
        for name, data in more:
            new.writestr(name, data)
    return target


def sheet(change: Callable[[bytes], bytes]) -> Callable[[str, bytes], bytes]:
    return lambda name, data: change(data) if name == "xl/worksheets/sheet1.xml" else data


@pytest.mark.parametrize(
    ("change", "more", "error", "match"),
    [
        (sheet(lambda d: d.replace(b"<worksheet", b'<!DOCTYPE x [<!ENTITY a "b">]><worksheet', 1)), (), UnsafeFile, "DOCTYPE"),
        (lambda _, d: d, (("xl/media/a.bin", bytes(60 << 20)),), UnsafeFile, "炸弹"),
        (sheet(lambda d: d[: len(d) // 2]), (), DamagedFile, "损坏"),
        (sheet(lambda d: d.replace(b'<row r="3"', b'<row r="900000"', 1)), (), XygisError, "."),
        (sheet(lambda d: d.replace(b'r="C3"', b'r="ZZZZ3"', 1)), (), XygisError, "."),
        (lambda n, d: b"" if n == "xl/workbook.xml" else d, (), DamagedFile, "损坏"),
    ],
)
def test_workbooks_that_are_not_what_they_seem(
    tmp_path: Path, change: Callable[[str, bytes], bytes], more: tuple[tuple[str, bytes], ...], error: type[XygisError], match: str
) -> None:
    """Entities in a sheet, a bomb, half a sheet, rows and columns far away, an empty part."""
    source = write_xlsx(tmp_path / "s.xlsx", table_rows())
    refused(rezipped(source, tmp_path / "a.xlsx", change, *more), error, match)


def test_the_stated_extent_of_a_sheet_is_not_believed(tmp_path: Path) -> None:
    """<dimension> that says one cell, or the whole sheet: all rows are read, and quickly."""
    source = write_xlsx(tmp_path / "s.xlsx", table_rows())
    for extent in (b"A1", b"A1:XFD1048576"):
        path = rezipped(
            source, tmp_path / "a.xlsx", sheet(lambda d, e=extent: re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="' + e + b'"', d))
        )
        assert 2 == len(read(path).parcels)


def test_formulas_are_not_run(tmp_path: Path) -> None:
    """A formula without a stored result is an empty cell, and the error says what to do."""
    told = refused(write_xlsx(tmp_path / "a.xlsx", changed_rows(2, 3, "=3541000+100")), BadLine, "D3.*是空的")
    assert "公式" in told.fix
