"""A submission of several layers or files: each one's system is decided for itself and its evidence shown under its name."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from boundary_files import ENVELOPE
from dialects import DIALECTS, PARCELS, written
from parcel_files import table_rows

from xygis.errors import AmbiguousCrs
from xygis.intake.read import read_submission


def workbook(path: Path, second: str = "EPSG:4525") -> Path:
    """Two sheets, one with a title that names its system, one without."""
    import openpyxl

    book = openpyxl.Workbook()
    book.active.title = "甲表"
    book.active.append(["坐标系：2000国家大地坐标系，中央子午线111°"])
    other = book.create_sheet("乙表")
    for page, code in ((book.active, "EPSG:4525"), (other, second)):
        for row in table_rows(code):
            page.append(row)
    book.save(path)
    return path


def test_the_evidence_of_every_sheet_is_shown(tmp_path: Path) -> None:
    """By name, in the order of the file; what one sheet states is no evidence for the other."""
    got = read_submission(workbook(tmp_path / "a.xlsx"), envelope=ENVELOPE)
    assert ["甲表", "乙表"] == list(dict.fromkeys(w.source for w in got.weighed))
    stated = {w.source: (w.says, "2000国家大地" in w.found) for w in got.weighed if w.kind == "写明"}
    assert {"甲表": ("支持", True), "乙表": ("不能单独判断", False)} == stated
    assert {"甲表", "乙表"} == {o.source for o in got.others}
    assert any(e.startswith("甲表：") and "2000国家大地" in e for e in got.evidence)
    assert "source" in got.weighed[0].to_dict()


def test_the_evidence_of_every_file_of_a_zip_is_shown(tmp_path: Path) -> None:
    """Two TXT files, one without a header."""
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("甲.txt", written(DIALECTS[0], "EPSG:4525", "utf-8", PARCELS[:1]))
        bare = written(DIALECTS[0], "EPSG:4525", "utf-8", PARCELS[1:2]).decode()
        archive.writestr("乙.txt", bare[bare.index("[地块坐标]") :])
    got = read_submission(tmp_path / "a.zip", envelope=ENVELOPE)
    assert {"甲.txt": "支持", "乙.txt": "未写明"} == {w.source: w.says for w in got.weighed if w.kind == "写明"}


def test_one_layer_needs_no_name(tmp_path: Path) -> None:
    """Nothing is put in front where there is nothing to tell apart."""
    (tmp_path / "a.txt").write_bytes(written(DIALECTS[0], "EPSG:4525", "utf-8"))
    got = read_submission(tmp_path / "a.txt", envelope=ENVELOPE)
    assert {""} == {w.source for w in got.weighed}
    assert "source" not in got.weighed[0].to_dict()


def test_different_systems_are_named_by_layer(tmp_path: Path) -> None:
    """Which sheet is in which system."""
    with pytest.raises(AmbiguousCrs, match="坐标系不同") as caught:
        read_submission(workbook(tmp_path / "a.xlsx", "EPSG:4526"), envelope=ENVELOPE)
    assert "“甲表”是" in caught.value.why
    assert "“乙表”是" in caught.value.why
