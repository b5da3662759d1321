"""度分秒: what can be read in one way only is read, in tables and in TXT; what can be read in two ways is refused with both."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from boundary_files import ENVELOPE, header, write
from parcel_files import write_csv, write_xlsx

from xygis.errors import BadLine, UnknownCrs
from xygis.geodesy.dms import degrees_of, spelled, split_fraction, unpacked
from xygis.intake.read import read_submission
from xygis.intake.submission import Submission

CORNERS = ((112, 8, 23.45, 32, 0, 12.5), (112, 8, 33.45, 32, 0, 12.5), (112, 8, 33.45, 32, 0, 2.25), (112, 8, 23.45, 32, 0, 2.25))
BOUNDS = (112 + 8 / 60 + 23.45 / 3600, 32 + 2.25 / 3600, 112 + 8 / 60 + 33.45 / 3600, 32 + 12.5 / 3600)
Spell = Callable[[int, int, float, str], str]
SPELLINGS: dict[str, Spell] = {
    "112°08′23.45″": lambda d, m, s, _: f"{d}°{m:02d}′{s:05.2f}″",
    "112°8'23.45\"": lambda d, m, s, _: f"{d}°{m}'{s:.2f}\"",
    "112° 08' 23.45''E": lambda d, m, s, side: f"{d}° {m:02d}' {s:05.2f}''{side}",
    "E112°08′23.45″": lambda d, m, s, side: f"{side}{d}°{m:02d}′{s:05.2f}″",
    "东经112度8分23.45秒": lambda d, m, s, side: f"{'东经' if side == 'E' else '北纬'}{d}度{m}分{s:.2f}秒",
    "112º08’23.45”": lambda d, m, s, _: f"{d}º{m:02d}’{s:05.2f}”",
    "112-08-23.45": lambda d, m, s, _: f"{d}-{m:02d}-{s:05.2f}",
    "112:08:23.45": lambda d, m, s, _: f"{d}:{m:02d}:{s:05.2f}",
    "112 08 23.45 E": lambda d, m, s, side: f"{d} {m:02d} {s:05.2f} {side}",
    "１１２°０８′２３．４５″": lambda d, m, s, _: f"{d}°{m:02d}′{s:05.2f}″".translate(
        str.maketrans("0123456789.", "０１２３４５６７８９．")
    ),
    "112°08.390833′": lambda d, m, s, _: f"{d}°{m + s / 60:010.7f}′",
    "E112.139847": lambda d, m, s, side: f"{side}{d + m / 60 + s / 3600:.10f}",
    "112.139847°": lambda d, m, s, _: f"{d + m / 60 + s / 3600:.10f}°",
}


def is_the_parcel(got: Submission) -> None:
    assert "EPSG:4490" == got.crs
    assert BOUNDS == pytest.approx(got.parcels[0].geometry.bounds, abs=1e-9)


@pytest.mark.parametrize("name", SPELLINGS)
def test_spellings_that_can_be_read_in_one_way(tmp_path: Path, name: str) -> None:
    """In CSV, Excel and TXT, with the seconds' hundredth part kept."""
    spell = SPELLINGS[name]
    pairs = [(spell(*c[3:], "N"), spell(*c[:3], "E")) for c in CORNERS]
    rows: list[list[object]] = [
        ["坐标系：2000国家大地坐标系"],
        ["点号", "纬度", "经度"],
        *([f"J{i}", *p] for i, p in enumerate(pairs, start=1)),
    ]
    is_the_parcel(read_submission(write_csv(tmp_path / "a.csv", rows), envelope=ENVELOPE))
    is_the_parcel(read_submission(write_xlsx(tmp_path / "a.xlsx", rows), envelope=ENVELOPE))
    points = [f"J{i},1,{a},{b}" for i, (a, b) in enumerate(pairs, start=1)]
    txt = write(tmp_path / "a.txt", ["4,,1,甲,面,,,,@", *points], head=header(带号=None, 计量单位="度"))
    is_the_parcel(read_submission(txt, envelope=ENVELOPE))


def packed(d: int, m: int, s: float) -> str:
    return f"{d}{m:02d}{s:05.2f}"


def test_run_together_under_longitude_and_latitude(tmp_path: Path) -> None:
    """1120823.45 under 经度 is no metre: read, and said."""
    rows: list[list[object]] = [["2000国家大地坐标系"], ["点号", "经度", "纬度"]]
    rows += [[f"J{i}", float(packed(*c[:3])), float(packed(*c[3:]))] for i, c in enumerate(CORNERS, start=1)]
    got = read_submission(write_xlsx(tmp_path / "a.xlsx", rows), envelope=ENVELOPE)
    is_the_parcel(got)
    assert "112°08′23.45″" in next(n.text for n in got.notes if n.code == "degrees_unpacked")


def test_run_together_under_x_and_y_is_asked_about(tmp_path: Path) -> None:
    """It could be metres: the reading is named, in a table and in a TXT; nothing is guessed."""
    pairs = [(packed(*c[3:]), packed(*c[:3])) for c in CORNERS]
    paths = (
        write_csv(tmp_path / "a.csv", [["点号", "X", "Y"], *([f"J{i}", *p] for i, p in enumerate(pairs, start=1))]),
        write(tmp_path / "a.txt", ["4,,1,甲,面,,,,@", *(f"J{i},1,{a},{b}" for i, (a, b) in enumerate(pairs, start=1))]),
    )
    for path in paths:
        with pytest.raises(UnknownCrs, match="度分秒连写") as caught:
            read_submission(path, envelope=ENVELOPE)
        assert "32°00′12.50″、112°08′23.45″" in caught.value.why


def test_a_head_that_says_seconds_over_decimals_is_asked_about(tmp_path: Path) -> None:
    """经度（度分秒） with 112.082345: two readings, both told, at the cell."""
    rows: list[list[object]] = [
        ["点号", "经度（度分秒）", "纬度（度分秒）"],
        *([f"J{i}", 112.082345 + i / 1e4, 32.00125] for i in range(3)),
    ]
    with pytest.raises(BadLine, match=r"单元格 C2.*两种读法|单元格 B2.*两种读法") as caught:
        read_submission(write_csv(tmp_path / "a.csv", rows), envelope=ENVELOPE)
    assert "小数是分秒" in caught.value.why
    assert "十进制" in caught.value.why


@pytest.mark.parametrize(
    "text", ["112°60′00″", "112-08-60", "112°08′23″W", "E112°08′23″N", "112-08", "181°", "3.5E6", "112.5", "1.2.3", "", "°"]
)
def test_what_is_no_angle(text: str) -> None:
    """Sixty minutes, the western half, two sides at once, half an angle, plain numbers."""
    assert degrees_of(text) is None


def test_angles_written_and_read() -> None:
    """spelled and its three ways back."""
    assert "112°08′23.45″" == spelled(112 + 8 / 60 + 23.45 / 3600)
    assert "113°00′00.00″" == spelled(112.9999999999)
    assert (
        112 + 8 / 60 + 23.45 / 3600 == pytest.approx(unpacked(1120823.45), abs=1e-12) == pytest.approx(split_fraction(112.082345), abs=1e-9)
    )
    assert (None, None) == (unpacked(3541180.25), unpacked(37618012.3))
