"""What a comparison of plans is written as: the formats asked for, each for itself, and never over what people have written."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest

from tests.consistency.city import square
from tests.consistency.round import Bureau
from xygis.consistency.result import Consistency
from xygis.consistency_outputs import CONSISTENCY_OUTPUTS, NAMES, ConsistencyRenderings
from xygis.outputs import CONSISTENCY_FORMATS, Output
from xygis.saving import save_consistency


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Consistency:
    """Farmland of 100 × 50 m on a red line."""
    run, _ = Bureau(tmp_path_factory.mktemp("bureau")).run([square(0, 0, 100, 50, id="=1+1")])
    return run


def save(found: Consistency, folder: Path, *formats: str) -> tuple[set[str], list[str]]:
    """(files in the folder, failures) after writing."""
    assert found.atlas is not None
    saved = save_consistency(found, found.atlas, folder, formats or CONSISTENCY_FORMATS)
    return {p.name for p in folder.iterdir()}, [failure.what for failure in saved.failed]


def test_every_format_has_its_file(found: Consistency, tmp_path: Path) -> None:
    """What a run wrote before, and a PDF; csv and docx where they are asked for."""
    assert CONSISTENCY_FORMATS == ("html", "pdf", "json", "gpkg", "map", "xlsx")
    usual = {"report.html", "report.pdf", "report.json", "consistency.gpkg", "map.html", "consistency.xlsx"}
    assert save(found, tmp_path / "全部", *CONSISTENCY_OUTPUTS) == (set(NAMES), [])
    assert usual | {"consistency.csv", "report.docx"} == NAMES
    assert save(found, tmp_path / "两种", "pdf", "csv") == ({"report.pdf", "consistency.csv"}, [])


def test_a_format_that_breaks_leaves_the_others(found: Consistency, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault inside one writer costs one file, and names it."""

    def breaks(made: ConsistencyRenderings, folder: Path) -> None:
        raise ZeroDivisionError("一除以零")

    monkeypatch.setitem(CONSISTENCY_OUTPUTS, "html", (Output(files=(("报告", "report.html"),), write=breaks),))
    files, failed = save(found, tmp_path, "html", "json", "csv")
    assert files == {"report.json", "consistency.csv"}
    assert failed == ["report.html 没有写成：ZeroDivisionError：一除以零"]


def test_a_later_run_takes_the_place_of_an_earlier_one(found: Consistency, tmp_path: Path) -> None:
    """What an earlier run left under our names goes; what somebody else put there stays."""
    (tmp_path / "批复.pdf").write_bytes(b"%PDF")
    save(found, tmp_path, "json", "csv", "xlsx")
    assert save(found, tmp_path, "json") == ({"report.json", "批复.pdf"}, [])


def test_what_people_have_written_is_put_aside_not_taken_away(found: Consistency, tmp_path: Path) -> None:
    """A list with an opinion in it outlives a run that writes no list."""
    save(found, tmp_path, "json", "xlsx")
    book = openpyxl.load_workbook(tmp_path / "consistency.xlsx")
    heads = [cell.value for cell in book.active[1]]
    book.active.cell(2, heads.index("责任部门") + 1, "市自然资源和规划局")
    book.save(tmp_path / "consistency.xlsx")
    files, _ = save(found, tmp_path, "json")
    assert files == {"report.json", "consistency-原1.xlsx"}
    kept = openpyxl.load_workbook(tmp_path / "consistency-原1.xlsx").active
    assert "市自然资源和规划局" in [cell.value for cell in kept[2]]


def test_the_csv_is_the_list_of_patches_and_carries_no_formula(found: Consistency, tmp_path: Path) -> None:
    """One row a patch, m² unrounded, a point inside it; a feature called =1+1 stays text in a spreadsheet."""
    assert found.atlas is not None
    wild = replace(found, patches=tuple(replace(p, county_name="@SUM(A1)") for p in found.patches))
    save_consistency(wild, found.atlas, tmp_path, ("csv",))
    data = (tmp_path / "consistency.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(data.decode("utf-8-sig").splitlines()))
    assert [row["patch_id"] for row in rows] == [p.id for p in found.patches]
    assert sum(float(row["area_m2"]) for row in rows) == pytest.approx(100 * 50)
    farmland = next(row for row in rows if row["b_layer"] == "permanent_basic_farmland")
    assert (farmland["b_ids"], farmland["county"]) == ("'=1+1", "'@SUM(A1)")
    assert 110 < float(farmland["longitude_deg"]) < 112 and 31 < float(farmland["latitude_deg"]) < 32
    assert {row["sliver"] for row in rows} <= {"0", "1"}
