"""The day before a law comes and the day itself: which articles, penalties, papers and verdicts differ, and that nothing else does.

The table is `change_dates.toml`; its differences are written by hand from the texts and dates of the instruments.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.redlines.hearing import Hearing, atlas, heard
from xygis.atlas.law import Citation
from xygis.judge.application import Act
from xygis.judge.finding import Finding

CHANGES: list[dict[str, Any]] = tomllib.loads((Path(__file__).parent / "change_dates.toml").read_text("utf-8"))["change"]
KEYS = {"day", "begins", "ends", "title", "use", "area_ha", "facts", "touches", "clear", "verdict", "rules", "acts"}
DAYS = ["2025-10-01", "2026-01-01", "2026-02-11", "2026-03-15", "2026-08-15", "2027-01-01"]
each = pytest.mark.parametrize("change", CHANGES, ids=lambda c: f"{c['day']} {c['title']}")


def told(basis: tuple[Citation, ...], wanted: list[str]) -> set[str]:
    """Citations as the table writes them: with the year of the version where `wanted` names it."""
    dated = {w.split(" ")[0].split("@")[0] for w in wanted if "@" in w}
    return {f"{c.instrument}{f'@{c.version.year}' if c.instrument in dated else ''}{f' {c.article}' if c.article else ''}" for c in basis}


def compared(before: Finding | Act | None, after: Finding | Act | None, expected: Mapping[str, Any]) -> list[str]:
    """What is not as expected of one finding or act that changes."""
    lost, gained = expected.get("lost", []), expected.get("gained", [])
    was, now = (told(side.basis, [*lost, *gained]) if side else set() for side in (before, after))
    papers_was, papers_now = (set(side.documents) if side else set() for side in (before, after))
    kind = "appears" if before is None else "vanishes" if after is None else "changes"
    wrong = [] if kind == expected.get("kind", "changes") else [f"{kind}"]
    if kind == "vanishes":
        return wrong
    if (was - now, now - was) != (set(lost), set(gained)):
        wrong.append(f"articles: lost {was - now}, gained {now - was}")
    if (papers_was - papers_now, papers_now - papers_was) != (set(expected.get("papers_lost", [])), set(expected.get("papers_gained", []))):
        wrong.append(f"papers: lost {papers_was - papers_now}, gained {papers_now - papers_was}")
    if isinstance(after, Finding):
        assert before is None or isinstance(before, Finding)
        verdicts = ["" if before is None else before.verdict.label, after.verdict.label]
        if expected.get("verdict", [verdicts[1]] * 2) != verdicts:
            wrong.append(f"verdicts {verdicts}")
        penalties = ["" if before is None else before.penalty, after.penalty]
        wanted = expected.get("penalty")
        if wanted is None and penalties[0] != penalties[1]:
            wrong.append(f"penalties {penalties}")
        if wanted is not None and not all(w in p and bool(w) == bool(p) for w, p in zip(wanted, penalties, strict=True)):
            wrong.append(f"penalties {penalties}")
    if isinstance(before, Act) and isinstance(after, Act):
        places = [(act.level, act.authority, act.phase, act.order) for act in (before, after)]
        if places[0] != places[1]:
            wrong.append(f"decided {places}")
    return wrong


def _by_rule(hearing: Hearing) -> dict[str, Finding]:
    """Each finding under its rule, without what only the engine sees of it."""
    return {f.rule: replace(f, selection=None) for f in hearing.findings}


@each
def test_a_day_of_change_changes_what_the_statute_changes(change: dict[str, Any]) -> None:
    """Every listed finding and act differs exactly as listed; every other one is the same, word for word."""
    day = date.fromisoformat(change["day"])
    before, after = heard(change, day - timedelta(days=1)), heard(change, day)
    assert [before.verdict.label, after.verdict.label] == change["verdict"]
    wrong = []
    for name, was, now, listed in (
        ("rule", _by_rule(before), _by_rule(after), change.get("rules", [])),
        ("act", {a.act: a for a in before.acts}, {a.act: a for a in after.acts}, change.get("acts", [])),
    ):
        expected = {entry[name]: entry for entry in listed}
        differ = {key for key in was.keys() | now.keys() if was.get(key) != now.get(key)}
        wrong += [f"{key} differs, and no instrument says so" for key in sorted(differ - expected.keys())]
        wrong += [f"{key} does not differ" for key in sorted(expected.keys() - differ)]
        for key in sorted(expected.keys() & differ):
            wrong += [f"{key}: {w}" for w in compared(was.get(key), now.get(key), expected[key])]
    assert wrong == []


@each
def test_the_instrument_begins_and_ends_on_that_day(change: dict[str, Any]) -> None:
    """The day is that of the instrument's own last article; what it repeals ends on it."""
    day = date.fromisoformat(change["day"])
    assert any(i.name == change["begins"] and i.in_force == day for i in atlas().law.instruments)
    assert all(any(i.name == name and i.repealed == day for i in atlas().law.instruments) for name in change.get("ends", ()))


def test_every_day_of_change_has_parcels_that_change_and_one_that_does_not() -> None:
    """Of each day there is an application that its law touches, and one that it leaves as it was."""
    assert [sorted(set(c) - KEYS) for c in CHANGES if set(c) - KEYS] == []
    assert sorted({c["day"] for c in CHANGES}) == DAYS
    for day in DAYS:
        touched = [bool(c.get("rules") or c.get("acts")) for c in CHANGES if c["day"] == day]
        assert True in touched and False in touched, day


def test_no_other_day_changes_the_rules() -> None:
    """Between the first complete day and the last law known, nothing begins or ends on a day that the table does not list."""
    complete = atlas().law.complete_from
    assert complete is not None
    dates = {r.effective for r in atlas().rules} | {r.until + timedelta(days=1) for r in atlas().rules if r.until}
    dates |= {p.effective for p in atlas().law.procedures} | {p.until + timedelta(days=1) for p in atlas().law.procedures if p.until}
    assert sorted(str(d) for d in dates if d > complete) == DAYS[1:]
