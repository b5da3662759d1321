"""`xygis convert`: one line to paste, the result on stdout, what was lost on stderr, one clear message where it cannot be."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import boundary_txt
from xygis.convert.run import FORMATS
from xygis.convert.target import code_of_zone
from xygis.errors import UsageError


@pytest.mark.parametrize("to", FORMATS)
def test_every_form_of_the_sample(xygis, tmp_path: Path, sample: Path, to: str) -> None:
    """The bundled parcels in each form; the last line names the system."""
    out = f"示例{FORMATS[to][0]}"
    run = xygis("convert", sample, "--to", to, "--out", out)
    assert run.code == 0, run.err
    assert (tmp_path / out).stat().st_size > 500
    assert "5 个地块、24 个界址点" in run.out
    assert run.out.splitlines()[-1].startswith("坐标系  CGCS2000")


def test_there_and_back(xygis, tmp_path: Path, sample: Path) -> None:
    """TXT to shapefile to TXT: the second TXT says what the first one said, from the line of the first parcel on."""
    assert xygis("convert", sample, "--to", "boundary-txt", "--out", "a.txt").code == 0
    assert xygis("convert", "a.txt", "--to", "shp", "--out", "b.zip").code == 0
    assert xygis("convert", "b.zip", "--to", "boundary-txt", "--out", "c.txt").code == 0
    assert (tmp_path / "a.txt").read_bytes() == (tmp_path / "c.txt").read_bytes()


def test_existing_file_needs_force(xygis, tmp_path: Path, sample: Path) -> None:
    """Exit 2, the file untouched; with --force it is replaced."""
    (tmp_path / "a.txt").write_bytes(b"mine")
    run = xygis("convert", sample, "--to", "boundary-txt", "--out", "a.txt")
    assert run.code == 2 and "--force" in run.err and b"mine" == (tmp_path / "a.txt").read_bytes()
    assert xygis("convert", sample, "--to", "boundary-txt", "--out", "a.txt", "--force").code == 0


def test_advice_of_the_readers_fits_this_command(xygis, tmp_path: Path) -> None:
    """Where the input's system is not known, the way out is --from-crs, and it works."""
    points = [(3541000.0, 500.0), (3541100.0, 500.0), (3541100.0, 600.0)]
    (tmp_path / "本地.txt").write_bytes(boundary_txt(*points, zone=""))
    run = xygis("convert", "本地.txt", "--to", "gpkg", "--out", "a.gpkg")
    assert run.code == 4 and "--crs" not in run.err.replace("--from-crs", "")
    assert not (tmp_path / "a.gpkg").exists()


def test_bow_tie_is_not_laundered(xygis, tmp_path: Path) -> None:
    """A boundary that crosses itself comes out only when somebody accepts the repair."""
    points = [(3541000.0, 37618000.0), (3541100.0, 37618100.0), (3541100.0, 37618000.0), (3541000.0, 37618100.0)]
    (tmp_path / "结.txt").write_bytes(boundary_txt(*points))
    run = xygis("convert", "结.txt", "--to", "shp", "--out", "a.shp")
    assert run.code == 4 and "--accept-repairs" in run.err and not list(tmp_path.glob("a.*"))
    assert xygis("convert", "结.txt", "--to", "shp", "--out", "a.shp", "--accept-repairs").code == 0


def test_several_files_become_one(xygis, tmp_path: Path) -> None:
    """Files and folders, every parcel in the one output, in order."""
    (tmp_path / "待转").mkdir()
    for i in range(3):
        e = 37618000.0 + 200 * i
        points = [(3541000.0, e), (3541100.0, e), (3541100.0, e + 100)]
        (tmp_path / "待转" / f"{i}.txt").write_bytes(boundary_txt(*points, name=f"地块{i}"))
    run = xygis("convert", "待转", "--to", "boundary-txt", "--out", "合.txt")
    assert run.code == 0, run.err
    lines = [line for line in (tmp_path / "合.txt").read_text("gbk").splitlines() if line.endswith("@")]
    assert ["地块0", "地块1", "地块2"] == [line.split(",")[3] for line in lines]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("37", "EPSG:4525"),
        ("38", "EPSG:4526"),
        ("19", "EPSG:4497"),
        ("4546", "EPSG:4546"),
        (" epsg:4547 ", "EPSG:4547"),
        ("EPSG:4490", "EPSG:4490"),
    ],
)
def test_zone_as_people_write_it(text: str, code: str) -> None:
    """A zone number, or a code."""
    assert code == code_of_zone(text)


@pytest.mark.parametrize("text", ["EPSG:4326", "2360", "EPSG:3857", "99", "三十七", ""])
def test_other_systems_are_refused(text: str) -> None:
    """Only CGCS2000 is written: another datum needs parameters."""
    with pytest.raises(UsageError):
        code_of_zone(text)


def test_a_form_that_does_not_exist_names_those_that_do(xygis, sample: Path) -> None:
    """A word that is none of the choices is answered with the choices, in Chinese."""
    run = xygis("convert", sample, "--to", "xlsx", "--out", "a.xlsx")
    assert run.code == 2
    assert "--to 只能是 boundary-txt、points-xlsx" in run.err
