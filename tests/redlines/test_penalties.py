"""The penalty that a rule prints is the one of the article it names, in a version of that law that counts while the rule does."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.redlines.law_text import texts

RED = Path(__file__).resolve().parents[2] / "redlines"
TABLES = {path.name: tomllib.loads(path.read_text("utf-8")) for path in sorted(RED.glob("*.toml"))}
INSTRUMENTS = TABLES["instruments.toml"]["instrument"]
RULES: list[dict[str, Any]] = [rule for table in TABLES.values() for rule in table.get("rule", ()) if rule.get("penalty")]
CITED = re.compile(r"(?:^|[（、，；。])([^（、，；。）]+?)第(\d+)条")
NUMBER = r"[\d一二三四五六七八九十百千]+"
UNIT = "(?:万元|元|倍)"
AMOUNT = re.compile(rf"(?:{NUMBER}{UNIT}以上)?{NUMBER}{UNIT}以下")


def cited(penalty: str) -> list[tuple[str, str]]:
    return [(name, article) for name, article in CITED.findall(penalty)]


def words(rule: dict[str, Any], name: str, article: str) -> str:
    """The article in the version of the law that is in force on the first day of the rule, or comes while it lasts."""
    first, last = rule["effective"], rule.get("until", "9999-12-31")
    alive = [i for i in INSTRUMENTS if i["name"] == name and i["in_force"] <= last and not (i.get("repealed", "9999-12-31") <= first)]
    assert alive, f"{rule['code']} from {first}: no {name} in force"
    return "".join(texts()[name, i["version"]].words(article) for i in alive)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule['code']} from {rule['effective']}")
def test_a_penalty_is_that_of_its_article(rule: dict[str, Any]) -> None:
    """Every penalty names its article, and every amount of it stands there as it is printed."""
    sources = cited(rule["penalty"])
    assert sources, rule["penalty"]
    text = "".join(words(rule, name, article) for name, article in sources)
    amounts = [m[0] for m in AMOUNT.finditer(rule["penalty"])]
    assert [a for a in amounts if a not in text and a.translate(str.maketrans("125", "一二五")).replace("一0", "十") not in text] == []


def test_penalties_are_found() -> None:
    """The reader of penalties sees names and amounts."""
    assert cited("处五万元以下罚款（甲法第3条、乙条例第12条）；丙法第33条规定的罚款") == [("甲法", "3"), ("乙条例", "12"), ("丙法", "33")]
    assert [m[0] for m in AMOUNT.finditer("处十万元以上一百万元以下罚款，三倍以下，1倍以上2倍以下")] == [
        "十万元以上一百万元以下",
        "三倍以下",
        "1倍以上2倍以下",
    ]


@pytest.mark.parametrize(
    ("name", "version", "article", "amount"),
    [
        ("水污染防治法", "2017-06-27", "91", "十万元以上五十万元以下"),
        ("生态环境法典", "2026-03-12", "1145", "十万元以上五十万元以下"),
        ("耕地保护和质量提升法", "2026-08-28", "67", "五倍以上十倍以下"),
        ("长江保护法", "2020-12-26", "88", "五十万元以上五百万元以下"),
    ],
)
def test_some_penalties_by_heart(name: str, version: str, article: str, amount: str) -> None:
    assert amount in texts()[name, version].words(article)
