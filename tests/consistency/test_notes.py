"""Notes on difference patches go out to Excel and GeoPackage and come back whole, whatever was done to the file in between."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.consistency.city import square
from tests.consistency.round import FARM, Bureau, at, edit, gone
from xygis.consistency.notes import (
    NO_NOTES,
    BadNote,
    NoteRow,
    Opinion,
    PatchNotes,
    Progress,
    notes_from_dict,
    notes_to_dict,
    over,
    read_value,
)
from xygis.consistency.notes_file import read_notes
from xygis.consistency.noting import noted
from xygis.consistency.result import Consistency
from xygis.errors import DamagedFile, FieldMissing, FileMissing, UnknownFormat, UnsafeFile
from xygis.report.consistency_patches import write_patches
from xygis.report.consistency_workbook import write_notes_workbook

FIELDS = [square(10 * i, 0, 10 * i + 8, 10 + i, id=f"田{i}") for i in range(10, 14)]  # 160, 168, 176, 184 m²
FULL = PatchNotes(
    opinion=Opinion.A,
    department="市自然资源和规划局",
    due=date(2026, 12, 31),
    progress=Progress.RUNNING,
    remark="  首行\n次行\t尾 😀𠮷=1+1 ",
)
ODD = (
    *("=HYPERLINK(\"http://x\")", "+86", "-1", "@SUM(A1)", "'quoted", "_x0041_", "<b>&amp;</b>", "很长" * 16_000, "\n", "0012", "1E5"),
    *("2026-12-31", "真", "中　文", "e\u0301", "\u200b"),
)  # fmt: skip


@pytest.fixture
def bureau(tmp_path: Path) -> Bureau:
    return Bureau(tmp_path)


def written(found: Consistency, **notes: PatchNotes) -> Consistency:
    """The same result with notes on the patches, by their area: m160=…"""
    by = {int(key[1:]): n for key, n in notes.items()}
    return replace(found, patches=tuple(replace(p, notes=by.get(round(p.area_m2), p.notes)) for p in found.patches))


def excel(found: Consistency, path: Path) -> Path:
    write_notes_workbook(found, path)
    return path


def changed(path: Path, change: Callable[[Any, dict[str, int]], None], sheet: str = "差异图斑") -> Path:
    """The workbook after somebody has worked in it; columns by head, from 1."""
    book = openpyxl.load_workbook(path)
    table = book[sheet]
    change(table, {str(c.value): c.column for c in table[1]})
    book.save(path)
    return path


def notes_by_id(rows: list[NoteRow]) -> dict[str, PatchNotes]:
    return {r.id: r.notes for r in rows}


def test_everything_that_can_be_written_survives_both_files(bureau: Bureau, tmp_path: Path) -> None:
    """Chinese, newlines, emoji, spaces at the ends, what looks like a formula: read back to the character from either file."""
    found, _ = bureau.run(FIELDS)
    for remark in (FULL.remark, *ODD):
        said = written(found, m160=replace(FULL, remark=remark, department=remark[:50]))
        expected = {p.id: p.notes for p in said.patches}
        assert notes_by_id(read_notes(excel(said, tmp_path / "a.xlsx"))) == expected
        write_patches(said, tmp_path / "a.gpkg")
        assert notes_by_id(read_notes(tmp_path / "a.gpkg")) == expected


@settings(max_examples=40, deadline=None)
@given(st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffd\ufffe\uffff"), max_size=60))
def test_any_text_survives_the_report(text: str) -> None:
    """Through JSON and through the reading of a cell."""
    notes = replace(FULL, remark=text)
    assert notes_from_dict(json.loads(json.dumps(notes_to_dict(notes)))) == notes
    assert read_value("remark", text) == text


def test_a_round_trip_with_a_second_run_keeps_names_and_notes(bureau: Bureau) -> None:
    """Acceptance 4: out, filled in, back with --notes; out again; the next month by --since alone. Nothing has changed."""
    first, folder = bureau.run(FIELDS)
    file = excel(written(first, m160=FULL, m184=PatchNotes(opinion=Opinion.KEEP)), folder / "consistency.xlsx")
    second, folder = bureau.run(FIELDS, since=folder, notes=file)
    third, folder = bureau.run([*FIELDS[:3], square(130, 0, 138, 12)], since=folder)
    fourth, _ = bureau.run(FIELDS, since=folder, notes=folder / "consistency.gpkg")
    for found in (second, fourth):
        assert {p.id for p in found.patches} == {p.id for p in first.patches}
    assert (at(third, 160).notes, at(third, 96).notes.opinion) == (FULL, Opinion.KEEP), "also on the one that has shrunk"
    assert {p.notes for p in fourth.patches} == {FULL, PatchNotes(opinion=Opinion.KEEP), NO_NOTES}


def test_five_thousand_patches_survive_the_round_trip(bureau: Bureau) -> None:
    """Each with a remark of its own: Excel, a second run, GeoPackage, a third one."""
    fields = [square(7 * (i % 100), 7 * (i // 100), 7 * (i % 100) + 5, 7 * (i // 100) + 5) for i in range(5000)]
    first, folder = bureau.run(fields)
    assert len(first.patches) >= 5000 and len({p.id for p in first.patches}) == len(first.patches)
    said = replace(first, patches=tuple(replace(p, notes=replace(FULL, remark=f"第 {p.id} 号\n")) for p in first.patches))
    second, folder = bureau.run(fields[::-1], since=folder, notes=excel(said, folder / "填.xlsx"))
    third, _ = bureau.run(fields, since=folder, notes=folder / "consistency.gpkg")
    expected = {p.id: p.notes for p in said.patches}
    assert {p.id: p.notes for p in second.patches} == {p.id: p.notes for p in third.patches} == expected


def test_the_sheet_is_made_to_be_filled_in(bureau: Bureau, tmp_path: Path) -> None:
    """Head frozen, filter, closed lists to choose from, numbers as numbers, dates as dates, nothing locked, no formula."""
    found, _ = bureau.run(FIELDS)
    sheet = openpyxl.load_workbook(excel(written(found, m160=replace(FULL, remark="=1+1")), tmp_path / "a.xlsx"))["差异图斑"]
    assert sheet.freeze_panes == "B2" and sheet.auto_filter.ref.startswith("A1:") and not sheet.protection.sheet
    assert sheet.max_row == 1 + len(found.patches)
    lists = [v.formula1 for v in sheet.data_validations.dataValidation if v.type == "list"]
    assert lists == ['"甲调,乙调,双调,保留,待定"', '"未处理,处理中,已处理,已核验"']
    head = {c.value: c.column for c in sheet[1]}
    [row] = [r for r in sheet.iter_rows(min_row=2) if r[head["备注"] - 1].value == "=1+1"]
    assert row[head["备注"] - 1].data_type == "s", "text, not a formula"
    assert row[head["面积（m²）"] - 1].value == pytest.approx(160) and row[head["期限"] - 1].value == datetime(2026, 12, 31)
    assert not [c for r in sheet.iter_rows() for c in r if c.data_type == "f"]


def test_sorted_rows_and_moved_columns_are_understood(bureau: Bureau, tmp_path: Path) -> None:
    """A title above the head, columns in another order, rows upside down, a column of somebody's own: read by head and number."""
    found, _ = bureau.run(FIELDS)
    said = written(found, m160=FULL, m168=PatchNotes(remark="乙"))
    file = excel(said, tmp_path / "a.xlsx")
    rows = list(openpyxl.load_workbook(file)["差异图斑"].iter_rows(values_only=True))
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["襄阳市多规合一差异图斑处理意见表"])
    sheet.append([])
    for head, *body in (rows[0], *rows[:0:-1]):
        sheet.append(["联系电话" if head == "图斑编号" else "13800000000", *body[::-1], head])
    book.save(file)
    assert notes_by_id(read_notes(file)) == {p.id: p.notes for p in said.patches}
    assert "13800000000" not in repr(read_notes(file)), "other columns are not taken in"


def test_a_deleted_row_or_column_clears_nothing_a_cleared_cell_does(bureau: Bureau) -> None:
    """What is not there was not said; what is empty was said to be empty."""
    first, folder = bureau.run(FIELDS)
    full = excel(written(first, m160=FULL, m168=FULL, m176=FULL, m184=FULL), folder / "a.xlsx")
    _, folder = bureau.run(FIELDS, since=folder, notes=full)
    cut = shutil.copy(folder / "consistency.xlsx", folder / "b.xlsx")

    def change(sheet: Any, head: dict[str, int]) -> None:
        line = {round(sheet.cell(i, head["面积（m²）"]).value): i for i in range(2, 6)}
        sheet.cell(line[160], head["备注"]).value = None
        sheet.cell(line[160], head["处理意见"]).value = "乙调"
        sheet.delete_cols(head["责任部门"])
        sheet.delete_rows(line[168])

    found, _ = bureau.run(FIELDS, since=folder, notes=changed(Path(cut), change))
    assert at(found, 160).notes == replace(FULL, opinion=Opinion.B, remark=""), "the department stays"
    assert {at(found, m2).notes for m2 in (168, 176, 184)} == {FULL}
    assert "另有 1 个图斑在文件里没有行" in "".join(found.notes_remarks)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("2027-01-15", date(2027, 1, 15)),
        ("2027/1/15", date(2027, 1, 15)),
        (" 2027年1月15日 ", date(2027, 1, 15)),
        ("２０２７．０１．１５", date(2027, 1, 15)),
        ("20270115", date(2027, 1, 15)),
        (20270115, date(2027, 1, 15)),
        (46402, date(2027, 1, 15)),  # what Excel shows for =DATE(2027,1,15) in a cell of numbers
        (46402.75, date(2027, 1, 15)),
        (datetime(2027, 1, 15, 8, 30), date(2027, 1, 15)),
        ("2027-01-15T00:00:00", date(2027, 1, 15)),
        ("", None),
        (None, None),
    ],
)
def test_a_date_is_understood_however_it_was_typed(cell: Any, expected: date | None) -> None:
    """As a date, as text in the usual ways, as the serial number of a spreadsheet."""
    assert read_value("due", cell) == expected


@pytest.mark.parametrize("cell", ["年底", "2027-02-30", "2027-13", 12, 1e300, "15/01/2027", "1899-12-31"])
def test_what_is_no_date_is_refused(cell: Any) -> None:
    """Never a guess."""
    with pytest.raises(BadNote, match="期限"):
        read_value("due", cell)


def put(head: str, value: object) -> Callable[[Any, dict[str, int]], None]:
    def change(sheet: Any, at_: dict[str, int]) -> None:
        sheet.cell(3, at_[head]).value = value

    return change


def merge(sheet: Any, head: dict[str, int]) -> None:
    sheet.merge_cells(start_row=2, end_row=4, start_column=head["备注"], end_column=head["备注"])


def twice(sheet: Any, head: dict[str, int]) -> None:
    sheet.cell(2, head["备注"]).value, sheet.cell(3, head["备注"]).value = "一", "二"
    sheet.cell(3, head["图斑编号"]).value = sheet.cell(2, head["图斑编号"]).value


def two_columns(sheet: Any, head: dict[str, int]) -> None:
    sheet.cell(1, sheet.max_column + 1).value = "备注"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (put("处理意见", "甲方调"), "第 3 行：处理意见“甲方调”不在列表中.*可填：甲调、乙调、双调、保留、待定"),
        (put("状态", "完成"), "第 3 行：状态“完成”不在列表中"),
        (put("期限", "年底"), "第 3 行：期限“年底”不是日期"),
        (put("备注", "=A1"), "第 3 行：“备注”是公式"),
        (put("图斑编号", "=A2"), "第 3 行：“图斑编号”是公式"),
        (put("备注", "#N/A"), "第 3 行：“备注”是错误值"),
        (merge, "第 2—4 行的“备注”是合并单元格"),
        (twice, "第 3 行：图斑 .* 在第 2 行已有不同的意见"),
        (two_columns, "“备注”有两列"),
    ],
)
def test_a_bad_edit_gives_one_message_with_its_place(
    bureau: Bureau, tmp_path: Path, change: Callable[[Any, dict[str, int]], None], words: str
) -> None:
    """What is wrong, in which row, and what to write instead; nothing is read in half."""
    found, _ = bureau.run(FIELDS)
    with pytest.raises(BadNote, match=words):
        read_notes(changed(excel(found, tmp_path / "a.xlsx"), change))


def test_all_bad_cells_are_told_at_once(bureau: Bureau, tmp_path: Path) -> None:
    """Three bad cells: one message with all three, not three attempts."""
    found, _ = bureau.run(FIELDS)

    def change(sheet: Any, head: dict[str, int]) -> None:
        for line in (2, 3, 5):
            sheet.cell(line, head["处理意见"]).value = f"丙{line}"

    with pytest.raises(BadNote) as error:
        read_notes(changed(excel(found, tmp_path / "a.xlsx"), change))
    assert "丙2" in error.value.what and error.value.why == (
        "还有 2 处：第 3 行：处理意见“丙3”不在列表中；第 5 行：处理意见“丙5”不在列表中"
    )


def test_a_name_twice_with_one_opinion_is_one(bureau: Bureau, tmp_path: Path) -> None:
    """A row copied below, empty or the same, takes nothing away."""
    found, _ = bureau.run(FIELDS)
    said = written(found, m184=FULL)

    def change(sheet: Any, head: dict[str, int]) -> None:
        line = next(i for i in range(2, 6) if sheet.cell(i, head["备注"]).value)
        sheet.append([c.value for c in sheet[line]])
        sheet.append([sheet.cell(line, 1).value])

    assert notes_by_id(read_notes(changed(excel(said, tmp_path / "a.xlsx"), change))) == {p.id: p.notes for p in said.patches}


def test_rows_without_a_patch_are_kept_apart_and_never_lost(bureau: Bureau) -> None:
    """A name that does not exist, a row without a name: in 找不到图斑, in the JSON, and still there a month later."""
    first, folder = bureau.run(FIELDS)

    def change(sheet: Any, head: dict[str, int]) -> None:
        for name, remark in (("420602-D4-00000000", "旧图斑"), (None, "手工加的一行")):
            line = sheet.max_row + 1
            sheet.cell(line, 1).value = name
            sheet.cell(line, head["备注"]).value = remark

    file = changed(folder / "consistency.xlsx", change)
    second, folder = bureau.run(FIELDS, since=folder, notes=file)
    third, folder = bureau.run(FIELDS, since=folder, notes=folder / "consistency.xlsx")
    fourth, folder = bureau.run(FIELDS, since=folder)
    for found in (second, third, fourth):
        assert [(u.id, u.where, u.notes.remark) for u in found.unplaced] == [
            ("420602-D4-00000000", "consistency.xlsx 第 6 行", "旧图斑"),
            ("", "consistency.xlsx 第 7 行", "手工加的一行"),
        ]
    assert [r[0].value for r in openpyxl.load_workbook(folder / "consistency.xlsx")["找不到图斑"].iter_rows(min_row=2)] == [
        "420602-D4-00000000", None
    ]  # fmt: skip
    assert "找不到图斑" in (folder / "report.html").read_text("utf-8")


def test_notes_outlive_their_patch_and_come_back_with_it(bureau: Bureau) -> None:
    """Resolved, then two months nothing, then somebody builds there again: the same name, the old notes."""
    first, folder = bureau.run(FIELDS)
    file = excel(written(first, m160=FULL), folder / "a.xlsx")
    second, folder = bureau.run(FIELDS[1:], since=folder, notes=file)
    assert [g.patch.notes for g in gone(second)] == [FULL]
    third, folder = bureau.run(FIELDS[1:], since=folder)
    assert [(u.id, u.notes) for u in third.unplaced] == [(at(first, 160).id, FULL)]
    fourth, _ = bureau.run(FIELDS, since=folder)
    assert (at(fourth, 160).id, at(fourth, 160).notes, fourth.unplaced) == (at(first, 160).id, FULL, ())


def test_notes_of_merged_and_of_uncompared_patches_are_kept(bureau: Bureau) -> None:
    """Of two that grow together the smaller one's notes stand apart; of a month without data all notes come back."""
    first, folder = bureau.run([square(100, 0, 106, 10), square(107, 0, 110, 10)])
    other = PatchNotes(remark="小的")
    file = excel(written(first, m60=FULL, m30=other), folder / "a.xlsx")
    _, folder = bureau.run([square(100, 0, 106, 10), square(107, 0, 110, 10)], absent=FARM, since=folder, notes=file)
    found, folder = bureau.run([square(100, 0, 110, 10)], since=folder)
    assert at(found, 100).notes == FULL and [(u.where, u.notes) for u in found.unplaced] == [(f"已并入 {at(found, 100).id}", other)]


def test_edits_in_the_geopackage_are_read(bureau: Bureau) -> None:
    """Filled in with a GIS, deleted and foreign rows included; --since alone says that there is something to read."""
    first, folder = bureau.run(FIELDS)
    file = folder / "consistency.gpkg"
    edit(
        file,
        "update patches set opinion='双调', due='2027/3/1', progress='已核验', department='水利局', remark=char(10)||'甲' where area_m2 < 165",
    )
    seen, _ = bureau.run(FIELDS, since=folder)
    assert seen.tracking is not None and "--notes" in seen.tracking.remarks[0]
    second, _ = bureau.run(FIELDS, since=folder, notes=file)
    assert at(second, 160).notes == PatchNotes(
        opinion=Opinion.BOTH, due=date(2027, 3, 1), progress=Progress.VERIFIED, department="水利局", remark="\n甲"
    )
    edit(file, "update patches set opinion='都调' where area_m2 > 180")
    with pytest.raises(BadNote, match="要素 .*都调.*双调"):
        read_notes(file)


def test_files_that_are_no_lists_are_refused(tmp_path: Path) -> None:
    """Missing, of another kind, without our heads, broken, dangerous: one clear message each."""
    with pytest.raises(FileMissing):
        read_notes(tmp_path / "没有.xlsx")
    (tmp_path / "a.csv").write_text("图斑编号,备注\n", "utf-8")
    with pytest.raises(UnknownFormat, match="xlsx"):
        read_notes(tmp_path / "a.csv")
    (tmp_path / "b.xlsx").write_bytes(b"PK\x03\x04 not a zip at all")
    with pytest.raises((DamagedFile, UnsafeFile)):
        read_notes(tmp_path / "b.xlsx")
    openpyxl.Workbook().save(tmp_path / "c.xlsx")
    with pytest.raises(FieldMissing, match="图斑编号"):
        read_notes(tmp_path / "c.xlsx")


@pytest.mark.parametrize("text", ["a\x00b", "a\x1bb", "坏\ufffd", "长" * 32_768, "😀" * 16_384])
def test_text_that_no_cell_can_hold_is_refused_before_it_is_lost(text: str) -> None:
    """Control characters, broken encoding, more than Excel takes (in UTF-16)."""
    with pytest.raises(BadNote, match="备注"):
        read_value("remark", text)


def test_a_row_says_only_what_it_has_columns_for() -> None:
    """`over`: fields without a column keep what they had."""
    row = NoteRow(id="x", where="", values={"opinion": None, "remark": "新"})
    assert over(FULL, row) == replace(FULL, opinion=None, remark="新")


def test_a_list_that_somebody_filled_in_is_not_written_over(bureau: Bureau, tmp_path: Path) -> None:
    """Run again into the same folder without --notes: what was filled in is put aside; what was read is simply replaced."""
    first, folder = bureau.run(FIELDS)
    excel(written(first, m160=FULL), folder / "consistency.xlsx")
    bureau.run(FIELDS, out=folder, since=folder)
    assert at_opinion(folder / "consistency-原1.xlsx") == Opinion.A
    shutil.move(folder / "consistency-原1.xlsx", folder / "consistency.xlsx")
    bureau.run(FIELDS, out=folder, since=folder, notes=folder / "consistency.xlsx")
    assert at_opinion(folder / "consistency.xlsx") == Opinion.A and not (folder / "consistency-原1.xlsx").exists()


def at_opinion(path: Path) -> Opinion | None:
    [notes] = [r.notes for r in read_notes(path) if r.notes]
    return notes.opinion


def test_notes_without_a_run_before_go_to_the_patches_of_now(bureau: Bureau) -> None:
    """--notes alone: by name, in any order."""
    found, _ = bureau.run(FIELDS)
    rows = [NoteRow(id=p.id, where="", values={"remark": str(i)}) for i, p in enumerate(found.patches)]
    assert [p.notes.remark for p in noted(found, rows[::-1], "a.xlsx").patches] == ["0", "1", "2", "3"]
