"""`xygis consistency` month by month: the example of the help text, on the bundled atlas."""

from __future__ import annotations

import json

import openpyxl
import pytest

PAIR = ("urban_rural_plan", "wetlands")


@pytest.mark.parametrize("order", [PAIR, PAIR[::-1]])
def test_the_next_month_knows_the_last_one(xygis, tmp_path, order):
    """Out, filled in, back with --since and --notes, the layers named in either order: the same names, and what was written."""
    first = xygis("consistency", *PAIR, "--on", "2026-11-24", "--out", "多规合一", "--format", "json,gpkg,xlsx")
    assert (first.code, "consistency.xlsx" in first.out) == (1, True), first.err
    file = tmp_path / "多规合一" / "consistency.xlsx"
    book = openpyxl.load_workbook(file)
    sheet = book["差异图斑"]
    head = {c.value: c.column for c in sheet[1]}
    sheet.cell(2, head["处理意见"]).value = "甲调"
    name = sheet.cell(2, 1).value
    book.save(file)
    arguments = ("--since", "多规合一/report.json", "--notes", "多规合一/consistency.xlsx")
    second = xygis("consistency", *order, "--on", "2026-12-24", *arguments, "--out", "本月", "--format", "json")
    assert second.code == 1, second.err
    assert "与上次比对（2026-11-24，report.json）" in second.out and "其中 1 个填有意见" in second.out
    before, after = (json.loads((tmp_path / month / "report.json").read_text("utf-8")) for month in ("多规合一", "本月"))
    assert [p["id"] for p in before["patches"]] == [p["id"] for p in after["patches"]]
    assert {p["id"]: p["notes"]["opinion"] for p in after["patches"] if p["notes"]} == {name: "甲调"}
    assert {t["state"] for t in after["tracking"]["by_state"] if t["earlier_patches"] or t["patches"]} == {"persisting"}


def test_a_wrong_file_ends_with_one_message(xygis, tmp_path):
    """Exit 4 before anything is compared; with --json one object."""
    (tmp_path / "report.json").write_text('{"schema": "xygis/assessment/1"}', "utf-8")
    told = xygis("consistency", *PAIR, "--since", "report.json")
    assert (told.code, "不是多规合一的报告数据" in told.err, told.out) == (4, True, "")
    run = xygis("consistency", *PAIR, "--notes", "没有.xlsx", "--json")
    assert (run.code, json.loads(run.out)["error"]["code"]) == (4, "file-missing")


def test_indicators_tell_how_they_moved_since(xygis, tmp_path):
    """The red line against itself a month earlier: its area is there with the value before and a change of 0."""
    lines = ("ecological_red_line", "permanent_basic_farmland")
    xygis("consistency", *lines, "--on", "2026-11-24", "--out", "上月", "--format", "json,gpkg")
    told = json.loads(xygis("consistency", *lines, "--on", "2026-12-24", "--since", "上月/report.json", "--json").out)
    areas = {i["code"]: i["trend"] for i in told["indicators"] if i["value"] is not None}
    assert areas and all(t is not None and t["change"] == 0 and t["since"] == "2026-11-24" for t in areas.values()), areas
