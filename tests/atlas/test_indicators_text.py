"""indicators.toml as people write it: what is refused, on which line, and what the nearest word is."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from xygis.atlas.bundled import bundled_root
from xygis.atlas.indicators import Indicators
from xygis.atlas.redlines import read_redlines
from xygis.errors import BadRule

HEAD = '[[indicator]]\ncode = "A"\ntitle = "面积"\nunit = "公顷"\n'
AREA = 'formula = { area = [{ layer = "red" }] }\n'


def read(folder: Path, text: str) -> Indicators:
    (folder / "redlines").mkdir(exist_ok=True)
    (folder / "redlines" / "indicators.toml").write_text(text, "utf-8")
    return read_redlines(folder).indicators


def test_what_is_left_out_has_its_meaning(tmp_path: Path) -> None:
    """No target, no direction, two decimals; attributes select as in a rule."""
    [rule] = read(tmp_path, HEAD + 'formula = { area = [{ layer = "red", zone = "核心", class = ["01*", "!0103"] }] }\n').rules
    assert (rule.targets, rule.direction, rule.decimals, rule.group) == ((), "", 2, "")
    assert rule.selections[0].where == (("zone", ("核心",)), ("class", ("01*", "!0103")))


def test_years_are_whole(tmp_path: Path) -> None:
    """effective = 2021 is its first day, until = 2035 its last; a date is a date."""
    text = HEAD + AREA + 'direction = "≥"\n[[indicator.target]]\nvalue = 1\neffective = 2021\nuntil = 2035\nplan = "规划"\n'
    text += '[[indicator.target]]\nvalue = 2\neffective = "2036-02-01"\nplan = "规划"\n'
    first, second = read(tmp_path, text).rules[0].targets
    assert (first.effective, first.until) == (date(2021, 1, 1), date(2035, 12, 31))
    assert (second.effective, second.until, second.line) == (date(2036, 2, 1), None, 12)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (HEAD + AREA + 'uint = "m²"\n', 6, ["uint", "unit"]),
        (HEAD + 'formula = { aera = [{ layer = "red" }] }\n', 5, ["aera", "area"]),
        (HEAD, 1, ["formula"]),
        (HEAD + 'formula = "area"\n', 5, ["formula"]),
        (HEAD + "formula = { }\n", 5, ["area、count、figure"]),
        (HEAD + "formula = { area = [] }\n", 5, ["area"]),
        (HEAD + 'formula = { area = [{ zone = "核心" }] }\n', 5, ["layer"]),
        (HEAD + "formula = { area = 3 }\n", 5, ["3"]),
        (HEAD + 'formula = { area = [{ layer = "red" }], count = { layer = "red" } }\n', 5, ["之一"]),
        (HEAD + 'formula = { count = [{ layer = "red" }, { layer = "land" }] }\n', 5, ["count"]),
        (HEAD + 'formula = { area = [{ layer = "red" }], share_of = "county" }\n', 5, ["county", "counties"]),
        (HEAD + 'formula = { area = [{ layer = "red" }], share_of = "counties", minus = [{ layer = "red" }] }\n', 5, ["只能写一个"]),
        (HEAD + 'formula = { area = [{ layer = "red" }], minus = { figure = "task" } }\n', 5, ["task", "[[figure]]"]),
        (HEAD + "formula = { figure = [1] }\n", 5, ["[[figure]]"]),
        (HEAD + 'formula = { area = [{ layer = "red" }], share_of = "counties" }\n', 4, ["公顷", "%"]),
        (HEAD.replace("公顷", "%") + AREA, 4, ["%", "公顷"]),
        (HEAD.replace("公顷", "英亩") + AREA, 4, ["英亩", "万亩"]),
        (HEAD + 'formula = { count = { layer = "red" } }\n', 4, ["公顷", "个"]),
        (HEAD + AREA + 'direction = ">"\n', 6, [">", "≥"]),
        (HEAD + AREA + "decimals = 2.5\n", 6, ["decimals"]),
        (HEAD + AREA + "decimals = 20\n", 6, ["decimals"]),
        (HEAD + AREA + '[[indicator.target]]\nvalue = 1\neffective = 2021\nplan = "规划"\n', 1, ["direction"]),
        (HEAD + AREA + 'direction = "≥"\n[[indicator.target]]\nvalue = "45 %"\neffective = 2021\n', 8, ["45 %", "不是数"]),
        (HEAD + AREA + 'direction = "≥"\n[[indicator.target]]\nvalue = nan\neffective = 2021\n', 8, ["不是数"]),
        (HEAD + AREA + 'direction = "≥"\n[[indicator.target]]\nvalue = 1\neffective = "二〇二一"\n', 9, ["effective", "日期"]),
        (HEAD + AREA + 'direction = "≥"\n[[indicator.target]]\nvalue = 1\neffective = 99999\n', 9, ["日期"]),
        (HEAD + AREA + 'direction = "≥"\n[[indicator.target]]\nvalue = 1\n', 7, ["effective"]),
        (HEAD + AREA + 'direction = "≥"\n[[indicator.target]]\nvalue = 1\neffective = 2021\ndue = "2035"\n', 10, ["due"]),
        (
            HEAD + AREA + 'direction = "≥"\n[[indicator.target]]\nvalue = 1\neffective = 2021\nby_county = { "2" = "多" }\n',
            10,
            ["by_county"],
        ),
        (HEAD + AREA + 'direction = "≥"\n[[indicator.target]]\nvalue = 1\neffective = 2021\nby_county = 3\n', 10, ["by_county"]),
        (
            HEAD
            + AREA
            + 'direction = "≥"\n[[indicator.target]]\nvalue = 1\neffective = 2021\nbasis = [{ instrument = "无此法", version = 2020-01-01 }]\n',
            10,
            ["无此法"],
        ),
        ('[[figure]]\ncode = "task"\ntitle = "任务"\nunit = "斤"\n', 4, ["斤"]),
        ('[[indicators]]\ncode = "A"\n', 1, ["indicators", "indicator"]),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_line(tmp_path: Path, text: str, line: int, words: list[str]) -> None:
    """One message: the file, the line, what is wrong and what would be right."""
    with pytest.raises(BadRule) as caught:
        read(tmp_path, text)
    assert caught.value.where is not None
    assert (caught.value.where.file, caught.value.where.line) == ("indicators.toml", line)
    said = f"{caught.value.what} {caught.value.fix}"
    assert all(word in said for word in words), said


def test_an_atlas_without_the_file_has_none(tmp_path: Path) -> None:
    """Nothing is declared, nothing is read."""
    (tmp_path / "redlines").mkdir()
    assert read_redlines(tmp_path).indicators == Indicators()


def test_the_example_of_the_readme_is_read(tmp_path: Path) -> None:
    """What redlines/README.md shows can be copied."""
    readme = (bundled_root() / "redlines" / "README.md").read_text("utf-8")
    example = re.search(r"## Indicators\n\n```toml\n(.*?)```", readme, re.DOTALL)
    assert example is not None
    (tmp_path / "redlines").mkdir()
    (tmp_path / "redlines" / "instruments.toml").write_bytes((bundled_root() / "redlines" / "instruments.toml").read_bytes())
    found = read(tmp_path, example[1])
    assert found.rules[0].targets[0].by_county == (("420602", 20.0),) and found.figures[0].value == 412000.0
