"""The way to a permit, whole: which acts, in what order, at what level, with what papers, each with its article.

`approval_paths.toml` lists every act of an application; an act too many is as wrong as one too few.
"""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.redlines.hearing import Hearing, atlas, heard
from tests.redlines.law_text import texts
from xygis.atlas.redlines import PHASES

TODAY = "2026-11-24"
PATHS: list[dict[str, Any]] = tomllib.loads((Path(__file__).parent / "approval_paths.toml").read_text("utf-8"))["path"]
each = pytest.mark.parametrize("path", PATHS, ids=lambda p: p["title"])


def walked(path: dict[str, Any]) -> Hearing:
    return heard(path, date.fromisoformat(path.get("on", TODAY)))


@each
def test_the_way_is_these_acts_in_this_order(path: dict[str, Any]) -> None:
    """Phase, act and level of each, in the order of the way; the papers that the articles ask for are among those listed."""
    acts = walked(path).acts
    assert [f"{a.phase} {a.act} {a.level}" for a in acts] == path["acts"]
    papers = {paper for act in acts for paper in act.documents}
    assert [p for p in path.get("papers", ()) if p not in papers] == []
    margins = {a.act: a.margin_ha for a in acts}
    assert {act: margins[act] for act in path.get("margin_ha", {})} == path.get("margin_ha", {})


@each
def test_every_act_of_the_way_names_its_article(path: dict[str, Any]) -> None:
    """The articles from which the way was written stand with its acts, and each act has a basis in force and somebody who decides."""
    acts = walked(path).acts
    cited = {f"{c.instrument} {c.article}" for act in acts for c in act.basis}
    assert [article for article in path.get("cites", path["statute"]) if article not in cited] == []
    assert [a.act for a in acts if not a.basis or not a.reason or not (a.authority or a.level != "无法判定")] == []


@pytest.mark.parametrize("path", PATHS, ids=lambda p: p["title"])
def test_the_articles_exist(path: dict[str, Any]) -> None:
    """Every article named is in the text of its law, where that is held."""
    for article in path["statute"]:
        name, _, number = article.partition(" ")
        held = [text for key, text in texts().items() if key[0] == name]
        assert all(text.words(number) for text in held if text.whole), article


def test_enough_whole_ways() -> None:
    """At least twelve, and every act that the base knows is on one of them but the repair of monuments."""
    assert len(PATHS) >= 12
    known = {p.act for p in atlas().law.procedures}
    walked_acts = {line.split(" ")[1] for path in PATHS for line in path["acts"]}
    assert known - walked_acts == {"文物保护工程审批"}


def test_phases_follow_each_other() -> None:
    """Every procedure has a phase and a place, later phases have later places, and versions of one act for one kind of project agree."""
    procedures = atlas().law.procedures
    assert [p.act for p in procedures if p.phase not in PHASES or p.order <= 0] == []
    in_order = sorted(procedures, key=lambda p: p.order)
    assert [PHASES.index(p.phase) for p in in_order] == sorted(PHASES.index(p.phase) for p in procedures)


def test_a_missing_layer_leaves_no_act_out() -> None:
    """What nobody could measure is asked for at an open level, never passed over (DESIGN §2)."""
    from xygis.judge.application import acts_of
    from xygis.judge.facts import resolve_facts

    law = atlas().law
    unknown = dict.fromkeys((t.name for t in law.totals), None)
    acts = acts_of(law.procedures, unknown, unknown, resolve_facts(law.facts, {}, "1202"), law.instruments, date.fromisoformat(TODAY))
    assert {a.level for a in acts} == {"无法判定"}
    assert {"用地预审", "农用地转用", "土地征收", "生态保护红线认定", "涉河建设方案审查", "占用湿地征求意见"} <= {a.act for a in acts}
