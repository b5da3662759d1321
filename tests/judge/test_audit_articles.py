"""A citation that points at nothing is found, and the place named: each defect is put into a copy of the rule base."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from xygis.atlas.atlas import Atlas
from xygis.atlas.law import Citation
from xygis.atlas.redlines import read_redlines
from xygis.errors import BadRule
from xygis.judge.audit import audit
from xygis.judge.audit_articles import article_problems

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The atlas of the project, to be spoilt."""
    for name in ("redlines", "layers"):
        shutil.copytree(ROOT / name, tmp_path / name)
    return tmp_path


def spoil(copy: Path, file: str, old: str, new: str) -> int:
    """Replaces the first `old`; the line of the table that holds it."""
    path = copy / "redlines" / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    before = text[: text.index(old)].splitlines()
    return max(i for i, line in enumerate(before, 1) if line.startswith("[["))


def found(copy: Path) -> list[tuple[str, str]]:
    return [(p.where, p.text) for p in article_problems(Atlas.open(copy))]


def test_the_rule_base_cites_nothing_that_does_not_exist() -> None:
    assert list(article_problems(Atlas.open(ROOT))) == []


@pytest.mark.parametrize(
    ("file", "name", "version", "articles"),
    [("90-infrastructure.toml", "公路安全保护条例", "2011-03-07", 77), ("lines.toml", "土地管理法实施条例", "2021-07-02", 67)],
)
def test_an_article_beyond_the_last_is_named_with_its_place(copy: Path, file: str, name: str, version: str, articles: int) -> None:
    """公路安全保护条例 ends with 第七十七条, 土地管理法实施条例 with 第六十七条: one more is dead, the last is not."""
    head = f'instrument = "{name}", version = "{version}", article = "'
    text = (copy / "redlines" / file).read_text("utf-8")
    cited = text[text.index(head) + len(head) :].split('"', 1)[0]
    line = spoil(copy, file, f'{head}{cited}"', f'{head}{articles + 1}(2)"')
    ((where, said),) = found(copy)
    assert where.startswith(f"{file}:{line} ")
    assert said == f"{name}（{version}）共{articles}条，没有第{articles + 1}条"
    assert (where, said) in [(p.where, p.text) for p in audit(Atlas.open(copy)).problems]
    spoil(copy, file, f'{head}{articles + 1}(2)"', f'{head}{articles}"')
    assert found(copy) == []


def test_a_procedure_is_named_by_its_line_and_act(copy: Path) -> None:
    head = 'instrument = "土地管理法", version = "2019-08-26", article = "'
    text = (copy / "redlines" / "procedures.toml").read_text("utf-8")
    cited = text[text.index(head) + len(head) :].split('"', 1)[0]
    line = spoil(copy, "procedures.toml", f'{head}{cited}"', f'{head}446"')
    ((where, said),) = found(copy)
    assert where.startswith(f"procedures.toml:{line} ")
    assert said == "土地管理法（2019-08-26）共87条，没有第446条"


@pytest.mark.parametrize("article", ["", "0", "第11条", "11条", "11（2）", "11(2", "11(0)", "-1", "11.2", "11 ", "1１"])
def test_an_article_that_cannot_be_read(copy: Path, article: str) -> None:
    """Full-width brackets and digits, 第…条 and blanks are not our way of writing an article."""
    old = 'instrument = "公路安全保护条例", version = "2011-03-07", article = "11"'
    spoil(copy, "90-infrastructure.toml", old, old.replace('"11"', f'"{article}"'))
    ((_, said),) = found(copy)
    assert said == f"公路安全保护条例（2011-03-07）的条款号“{article}”读不懂"


@pytest.mark.parametrize("article", ["11", "11(2)", "11(2)(三)", "11(三)", "77"])
def test_what_can_be_read_is_let_be(copy: Path, article: str) -> None:
    old = 'instrument = "公路安全保护条例", version = "2011-03-07", article = "11"'
    spoil(copy, "90-infrastructure.toml", old, old.replace('"11"', f'"{article}"'))
    assert found(copy) == []


def test_a_law_with_articles_has_no_sections_and_a_notice_has(copy: Path) -> None:
    """一(一) and 附件1 exist in a notice; 公路安全保护条例 counts articles."""
    notice = 'instrument = "自然资发〔2022〕142号", version = "2022-08-16", article = "一(一)"'
    spoil(copy, "30-ecological-red-line.toml", notice, notice.replace("一(一)", "附件1"))
    assert found(copy) == []
    old = 'instrument = "公路安全保护条例", version = "2011-03-07", article = "11"'
    spoil(copy, "90-infrastructure.toml", old, old.replace('"11"', '"一(一)"'))
    ((_, said),) = found(copy)
    assert said == "公路安全保护条例（2011-03-07）以条编号，没有“一(一)”"


def test_words_without_an_article_cannot_be_looked_up(copy: Path) -> None:
    notice = 'instrument = "自然资发〔2022〕142号", version = "2022-08-16", article = "一(一)", '
    spoil(copy, "30-ecological-red-line.toml", notice, notice.replace('article = "一(一)", ', ""))
    ((_, said),) = found(copy)
    assert said == "引用自然资发〔2022〕142号（2022-08-16）的词语却没有写条款号"


def test_an_instrument_that_nobody_registered(copy: Path) -> None:
    """Reading refuses it, naming the line; a base put together in memory is caught by the audit."""
    old = 'instrument = "公路安全保护条例", version = "2011-03-07"'
    spoil(copy, "90-infrastructure.toml", old, old.replace("2011-03-07", "2012-03-07"))
    with pytest.raises(BadRule, match="公路安全保护条例（2012-03-07）"):
        read_redlines(copy)
    atlas = Atlas.open(ROOT)
    stray = Citation(instrument="无此法", version=date(2020, 1, 1), article="1", verified=True)
    rule = replace(atlas.rules[0], basis=(*atlas.rules[0].basis, stray))
    law = replace(atlas.law, rules=(rule, *atlas.law.rules[1:]))
    said = [(p.where, p.text) for p in article_problems(replace(atlas, law=law))]
    assert said == [(f"{rule.path.name}:{rule.line} {rule.code}", "依据无此法（2020-01-01）未在 instruments.toml 登记")]
