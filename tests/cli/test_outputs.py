"""Each format is written for itself: one that fails leaves the others, is told, and makes the exit code 4."""

import shutil
import sys
from pathlib import Path

import docx
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "report"))
from sample_assessment import three_parcels

from xygis.errors import OutputFailed
from xygis.outputs import DEFAULT_FORMATS, NAMES, OUTPUTS, Output, Renderings
from xygis.saving import save_assessment

DAY = ("--on", "2026-11-24")


def _breaks(made: Renderings, folder: Path) -> None:
    raise ZeroDivisionError("一除以零")


def test_a_format_that_breaks_leaves_the_others(tmp_path, monkeypatch):
    """A fault inside one writer costs one file, and names it."""
    monkeypatch.setitem(OUTPUTS, "html", (Output(files=(("报告", "report.html"),), write=_breaks),))
    saved = save_assessment(three_parcels(), tmp_path, ("html", "json", "geojson"))
    assert {p.name for p in tmp_path.iterdir()} == {"report.json", "conflicts.geojson"}
    (failure,) = saved.failed
    assert "report.html 没有写成：ZeroDivisionError：一除以零" in failure.what


def test_python_is_told_after_the_rest_is_written(tmp_path, monkeypatch):
    """`Assessment.save` raises the failure, with the other files in place."""
    monkeypatch.setitem(OUTPUTS, "html", (Output(files=(("报告", "report.html"),), write=_breaks),))
    with pytest.raises(OutputFailed):
        three_parcels().save(tmp_path, ("html", "json"))
    assert (tmp_path / "report.json").exists()


def test_nothing_written_at_all_is_the_first_failure(tmp_path, monkeypatch):
    """Where every format fails, one message is enough."""
    monkeypatch.setitem(OUTPUTS, "html", (Output(files=(("报告", "report.html"),), write=_breaks),))
    with pytest.raises(OutputFailed):
        save_assessment(three_parcels(), tmp_path, ("html",))


def test_a_file_that_cannot_be_replaced_is_told_and_the_others_are_written(xygis, tmp_path, sample):
    """A folder stands where brief.pdf should: brief.html appears, nothing else; the message names the place, exit code 4."""
    shutil.copy(sample, tmp_path / "地块.txt")
    (tmp_path / "结果" / "brief.pdf" / "占位").mkdir(parents=True)
    run = xygis("check", "地块.txt", *DAY, "--out", "结果", "--brief")
    assert run.code == 4
    assert "brief.pdf" in run.err and "Traceback" not in run.err
    assert {p.name for p in (tmp_path / "结果").iterdir()} == {"brief.pdf", "brief.html"}


def test_brief_takes_the_place_of_an_earlier_report(tmp_path):
    """Two files, for paper and screen; what an earlier run left under our names is taken away."""
    save_assessment(three_parcels(), tmp_path, ("html", "json"))
    save_assessment(three_parcels(), tmp_path, ("brief",))
    assert {p.name for p in tmp_path.iterdir()} == {"brief.pdf", "brief.html"}
    save_assessment(three_parcels(), tmp_path, ("json",))
    assert {p.name for p in tmp_path.iterdir()} == {"report.json"}


def test_a_word_report_that_somebody_worked_on_is_kept(tmp_path):
    """Edited, it is put aside under another name, whether the next run writes Word or not; untouched, it is replaced. Both are told."""
    made, path = three_parcels(), tmp_path / "report.docx"
    save_assessment(made, tmp_path, ("docx", "json"))
    assert save_assessment(made, tmp_path, ("docx", "json")).removed == () and {p.name for p in tmp_path.iterdir()} == {
        path.name,
        "report.json",
    }
    for n, formats in enumerate((("docx", "json"), ("json",)), start=1):
        word = docx.Document(str(path))
        word.add_paragraph("局里意见：同意调整")
        word.save(str(path))
        saved = save_assessment(made, tmp_path, formats)
        kept = tmp_path / f"report-原{n}.docx"
        assert ("原稿", kept) in saved.written and docx.Document(str(kept)).paragraphs[-1].text == "局里意见：同意调整"
        save_assessment(made, tmp_path, ("docx", "json"))
    assert save_assessment(made, tmp_path, ("json",)).removed == ("report.docx",)


def test_tables_of_classes_are_not_dropped_beside_a_report(xygis, sample):
    """--format json,classes cannot be one run: said, not silently written without."""
    told = xygis("check", sample, *DAY, "--out", "结果", "--format", "json,classes")
    assert told.code == 2 and "classes" in told.err
    assert xygis("check", sample, *DAY, "--out", "结果", "--format", "，").code == 2


def test_brief_needs_a_folder(xygis, sample):
    """Without --out there is nowhere to write it: wrong usage."""
    assert xygis("check", sample, *DAY, "--brief").code == 2


def test_word_excel_and_paragraphs_have_their_names(tmp_path):
    """report.docx, report.xlsx, and the chapter to be pasted as text and as Word; each only where it is asked for."""
    saved = save_assessment(three_parcels(), tmp_path, ("docx", "xlsx", "paragraphs"))
    assert saved.failed == ()
    assert {p.name for p in tmp_path.iterdir()} == {"report.docx", "report.xlsx", "paragraphs.txt", "paragraphs.docx"}
    save_assessment(three_parcels(), tmp_path, ("json", "xlsx"))
    assert {p.name for p in tmp_path.iterdir()} >= {"report.json", "report.xlsx"}


def test_paragraphs_need_a_folder(xygis, sample):
    """Without --out there is nowhere to write them: wrong usage, and told how to mend it."""
    run = xygis("check", sample, *DAY, "--paragraphs")
    assert run.code == 2 and "--out" in run.err


def test_default_formats_are_those_of_the_contract():
    """html, pdf, json, gpkg and map (DESIGN §7); an earlier run's files of any format may be replaced."""
    assert DEFAULT_FORMATS == ("html", "pdf", "json", "gpkg", "map")
    assert {"report.html", "report.pdf", "report.json", "conflicts.gpkg", "map.html", "map.png", "brief.pdf", "summary.csv"} <= NAMES
