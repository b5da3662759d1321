"""Scenarios taken from the statutes, heard as whole applications: the overall verdict, the level, the papers, the article.

Each scenario of `scenarios/*.toml` was written from the article that it names: a place, a project, a day, and what the statute
demands of it. `says` are words of the articles; they are looked up in the texts of the law, not in the rules.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.redlines.hearing import PLACE, Hearing, atlas, heard
from tests.redlines.law_text import LawText, joined, texts
from xygis.atlas.verdict import Verdict

TODAY = "2026-11-24"
KEYS = {
    "title",
    "statute",
    "says",
    "on",
    "use",
    "area_ha",
    "facts",
    "touches",
    "parcels",
    "clear",
    "slope_share_above_25",
    "cites",
    "demands",
}
DEMANDS = {"verdict", "family", "silent", "authority", "acts", "no_acts", "documents", "no_documents"}
SCENARIOS: list[dict[str, Any]] = [
    {**scenario, "file": path.stem}
    for path in sorted((Path(__file__).parent / "scenarios").glob("*.toml"))
    for scenario in tomllib.loads(path.read_text("utf-8"))["scenario"]
]
each = pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda s: s["title"])


def day(scenario: dict[str, Any]) -> date:
    return date.fromisoformat(scenario.get("on", TODAY))


def citation(text: str) -> tuple[str, str | None, str]:
    """`自然保护区条例@2017 32` → (name, year of the version or None, article)."""
    name, _, article = text.partition(" ")
    name, _, year = name.partition("@")
    return name, year or None, article


def versions(name: str, year: str | None, on: date) -> list[LawText]:
    """The texts held of an instrument that are in force on the day."""
    live = {(i.name, str(i.version)) for i in atlas().law.instruments if i.in_force <= on and (i.repealed is None or on < i.repealed)}
    return [text for key, text in texts().items() if key in live and key[0] == name and (year is None or key[1].startswith(year))]


def family(finding_rule: str) -> str:
    return finding_rule.split("-")[0]


@each
def test_the_statute_says_so(scenario: dict[str, Any]) -> None:
    """Every article named is in force on the day and, where its text is held, says the words that the scenario rests on."""
    on, words = day(scenario), ""
    for cited in scenario["statute"]:
        name, year, article = citation(cited)
        live = [i for i in atlas().law.instruments if i.name == name and i.in_force <= on and (i.repealed is None or on < i.repealed)]
        assert live, f"{name} is not in force on {on}"
        for text in versions(name, year, on):
            try:
                words += text.words(article)
            except KeyError:
                assert not text.whole, f"{name} has no article {article}"
    assert bool(scenario.get("says")) == bool(words), "words are given where, and only where, a text is held"
    assert [w for w in scenario.get("says", ()) if joined(w) not in words] == []


@each
def test_the_base_demands_what_the_statute_demands(scenario: dict[str, Any]) -> None:
    """The verdict on the whole application, and with it the rule family, the level, the papers and the article."""
    demands = scenario["demands"]
    result = heard(scenario, day(scenario))
    assert result.verdict.label == demands["verdict"], told(result)
    deciding = [f for f in result.findings if f.verdict is result.verdict]
    families = {family(f.rule) for f in deciding}
    if "family" in demands:
        assert demands["family"] in families, told(result)
    assert not {family(f.rule) for f in result.findings} & set(demands.get("silent", ())), told(result)
    if "authority" in demands:
        assert any(demands["authority"] in f.authority for f in deciding), told(result)
    levels = [f"{act} {level}" for act, level in result.levels.items()]
    assert [act for act in demands.get("acts", ()) if act not in levels] == [], told(result)
    assert [act for act in demands.get("no_acts", ()) if act in result.levels] == [], told(result)
    assert [paper for paper in demands.get("documents", ()) if paper not in result.documents] == [], told(result)
    assert [paper for paper in demands.get("no_documents", ()) if paper in result.documents] == [], told(result)


@each
def test_the_base_cites_the_statute(scenario: dict[str, Any]) -> None:
    """The article is named to the reader; a scenario in which the base must keep silent has nothing to cite."""
    demands = scenario["demands"]
    if "cites" not in scenario and (demands.get("silent") or demands["verdict"] in ("符合", "无法判定")):
        return
    result = heard(scenario, day(scenario))
    wanted = {
        (name, article.split("(")[0] if article[:1].isdigit() else article)
        for name, _, article in map(citation, scenario.get("cites", scenario["statute"]))
    }
    assert wanted - result.cited == set(), told(result)


def told(result: Hearing) -> str:
    """What was said, for the reader of a failure."""
    findings = []
    for f in result.findings:
        basis = "、".join(c.instrument + (c.article or "") for c in f.basis)
        findings.append(f"{f.verdict.label} {f.rule} {f.title} [{basis}]")
    return "\n".join(["", *findings, *(f"{a.act} {a.level}: {a.reason}" for a in result.acts)])


def test_the_table_is_well_formed() -> None:
    """Known keys only, each title once, each attribute one that its layer has, each verdict a real one."""
    wrong = []
    fields = {layer.id: {alias.field for alias in layer.fields} for layer in atlas().layers}
    for scenario in SCENARIOS:
        wrong += [f"{scenario['title']}: {key}" for key in set(scenario) - KEYS - {"file"}]
        wrong += [f"{scenario['title']}: {key}" for key in set(scenario["demands"]) - DEMANDS]
        for touch in (t for parcel in scenario.get("parcels", [scenario]) for t in parcel.get("touches", ())):
            wrong += [f"{scenario['title']}: {touch['layer']}.{key}" for key in set(touch) - set(PLACE) - fields[touch["layer"]]]
    assert wrong == []
    assert [title for title, n in Counter(s["title"] for s in SCENARIOS).items() if n > 1] == []
    assert {s["demands"]["verdict"] for s in SCENARIOS} == {v.label for v in Verdict}


def test_every_subject_and_enough_scenarios() -> None:
    """At least 130 of them, from every subject of the rule base; every family of rules decides at least one."""
    assert len(SCENARIOS) >= 130
    decided = {s["demands"]["family"] for s in SCENARIOS if "family" in s["demands"]}
    assert {family(rule.code) for rule in atlas().rules} - decided == set()


def test_every_rule_speaks_in_some_scenario() -> None:
    """No rule stands that no statute's scenario ever brings to speak, in whatever version counts on its day."""
    spoken = {finding.rule for scenario in SCENARIOS for finding in heard(scenario, day(scenario)).findings}
    assert {rule.code for rule in atlas().rules} - spoken == set()


def test_plain_built_land_is_free() -> None:
    """The place that every scenario starts from says nothing: what a scenario finds, its touches brought."""
    result = heard({"use": "100101"}, date.fromisoformat(TODAY))
    assert result.verdict is Verdict.COMPLIANT and result.findings == ()
    assert set(result.levels) == {"规划许可"}
