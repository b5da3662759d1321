"""`xygis consistency --format`: the same names and the same rule as those of check."""

from __future__ import annotations


def test_formats_need_a_folder_and_a_name_that_there_is(xygis):
    """Without --out there is nowhere to write to; a format that there is not is told with those that there are. Before any work."""
    told = xygis("consistency", "--format", "pdf")
    assert told.code == 2 and "--out" in told.err
    told = xygis("consistency", "--out", "存档", "--format", "pdf,word")
    assert told.code == 2 and "没有“word”格式，可用：html pdf" in told.err


def test_a_file_that_cannot_be_replaced_is_told_and_the_others_are_written(xygis, tmp_path):
    """A folder stands where report.pdf should: the list appears, the message names the place, exit code 4."""
    (tmp_path / "存档" / "report.pdf" / "占位").mkdir(parents=True)
    arguments = ("urban_rural_plan", "wetlands", "--on", "2026-11-24", "--out", "存档", "--format", "csv，pdf")
    run = xygis("consistency", *arguments)
    assert run.code == 4 and "report.pdf" in run.err and "Traceback" not in run.err
    assert "清单    存档/consistency.csv" in run.out.replace("\\", "/")
    assert {p.name for p in (tmp_path / "存档").iterdir()} == {"report.pdf", "consistency.csv"}
