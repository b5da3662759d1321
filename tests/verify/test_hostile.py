"""A report comes from a stranger: whatever is in it ends in an answer or in one message, never in a traceback or a hang."""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.verify.desk import DAY, Desk
from xygis.atlas.record import rule_line
from xygis.errors import XygisError
from xygis.judge.judging import rules_on
from xygis.verify.document import read_report
from xygis.verify.recompute import Again, Around, recompute
from xygis.verify.run import compared, verify

WRONG: tuple[Any, ...] = (None, 7, -1.5e308, "x", "\ud800\x1b[31m", True, [], {}, [[1]], {"a": {"b": []}})
BROKEN = {
    "empty": b"",
    "not JSON": b"\x00\x01\x02",
    "cut": b'{"schema": "xygis/assessment/1", "parcels": [',
    "a number": b"12",
    "a list": b"[]",
    "no schema": b"{}",
    "another schema": b'{"schema": "xygis/portfolio/9"}',
    "schema is a list": b'{"schema": []}',
    "only a schema": b'{"schema": "xygis/assessment/1"}',
    "only a schema of consistency": b'{"schema": "xygis/consistency/1"}',
    "only a schema of suspects": b'{"schema": "xygis/suspects/1"}',
    "deep": b'{"schema": "xygis/assessment/1", "a": ' + b"[" * 200_000,
    "deep and whole": b'{"schema": "xygis/assessment/1", "a": ' + b"[" * 500 + b"]" * 500 + b"}",
    "NaN": b'{"schema": "xygis/assessment/1", "a": NaN}',
    "infinity": b'{"schema": "xygis/assessment/1", "a": 1e999}',
    "endless number": b'{"schema": "xygis/assessment/1", "a": ' + b"9" * 10_000 + b"}",
    "Latin letters": b'{"schema": "xygis/assessment/1", "a": "\xe9\xe9"}',
    "refusal": b'{"schema": "xygis/assessment/1", "error": {}}',
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_no_report_is_one_message(made: Desk, tmp_path: Path, name: str) -> None:
    """Exit 4 with what, where and how to mend it."""
    (tmp_path / "report.json").write_bytes(BROKEN[name])
    with pytest.raises(XygisError) as stop:
        verify(tmp_path, made.atlas, store=made.store)
    assert 4 == stop.value.exit_code and stop.value.fix and "report.json" in str(stop.value.where)


def test_huge_linked_and_absent_reports_are_refused(tmp_path: Path) -> None:
    """A file of a terabyte is not read; a link, a pipe, an empty folder and a name that is none are refused."""
    with (tmp_path / "report.json").open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(XygisError, match="上限"):
        verify(tmp_path)
    (tmp_path / "别处.json").symlink_to(tmp_path / "report.json")
    (tmp_path / "空").mkdir()
    os.mkfifo(tmp_path / "管道.json")
    for path in ("别处.json", "空", "管道.json", "没有.json", "没有", "没有/report.html"):
        with pytest.raises(XygisError) as stop:
            verify(tmp_path / path)
        assert 4 == stop.value.exit_code


@pytest.mark.parametrize("name", ["/dev/zero", "/dev/stdin", "a\0b", "x" * 5000, "..", "", "http://example.org/x.txt", "\udcff", "管道"])
def test_a_report_cannot_make_us_read_devices(slip: Desk, name: str) -> None:
    """What it names as its input is opened only where it is a plain file."""
    os.mkfifo(slip.out / "管道")
    slip.change(lambda d: d["sources"][0].update(file=name))
    with pytest.raises(XygisError) as stop:
        slip.verify()
    assert 4 == stop.value.exit_code


def parts(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Every place in a document, one item of each list."""
    if isinstance(value, dict):
        for key, below in value.items():
            yield (*path, key)
            yield from parts(below, (*path, key))
    elif isinstance(value, list) and value:
        yield (*path, 0)
        yield from parts(value[0], (*path, 0))


def replaced(document: Any, path: tuple[str | int, ...], value: Any) -> Any:
    document = copy.deepcopy(document)
    here = document
    for step in path[:-1]:
        here = here[step]
    here[path[-1]] = value
    return document


def test_a_wrong_type_anywhere_is_found(made: Desk) -> None:
    """Each place of a report in turn holds something else: compared to the end, and never green."""
    document, _ = read_report(made.report)
    atlas = made.atlas
    again = recompute(document, atlas, Around(report=made.report, store=made.store))
    rules = {rule.code: rule_line(rule) for rule in rules_on(atlas.rules, DAY)}
    places = [p for p in parts(document) if p[:2] not in (("generator", "name"), ("generator", "version"), ("atlas", "rules"))]
    places = [p for p in places if "questions" not in p and "upcoming" not in p]
    for i, path in enumerate(places):
        if path == ("schema",) or path[:1] == ("generator",):
            continue
        wrong = WRONG[i % len(WRONG)]
        spoilt = replaced(document, path, wrong)
        if spoilt == document and json.dumps(spoilt) == json.dumps(document):
            continue
        causes, found, _ = compared(spoilt, Again(document=again.document, sources=again.sources, basis=""), rules)
        assert causes or found, (path, wrong)


ASKED = [
    *(("checked_on",), ("sources",), ("sources", 0), ("sources", 0, "file"), ("sources", 0, "sha256"), ("sources", 0, "options")),
    *(("sources", 0, "error"), ("project",), ("project", "name"), ("project", "attributes"), ("project", "use_stated"), ("project", "use")),
    *(("project", "class_version"), ("project", "overrides"), ("parcels",), ("parcels", 0)),
]
UNASKED = ("options", "error", "overrides", "use_stated", "class_version", "name")  # nothing there, or another premise


@pytest.mark.parametrize("path", ASKED, ids=lambda p: ".".join(map(str, p)))
def test_a_wrong_type_where_we_must_know_is_one_message(slip: Desk, path: tuple[str | int, ...]) -> None:
    """What is needed to recompute and is of another type: an answer or one message with exit 4."""
    document = json.loads(slip.report.read_text("utf-8"))
    slip.change(lambda d: None)
    for wrong in (7, "\ud800\x1b[31m", {"a": {"b": []}}):
        slip.report.write_text(json.dumps(replaced(document, path, wrong)), "utf-8")
        try:
            result = slip.verify()
        except XygisError as error:
            assert 4 == error.exit_code, (path, wrong)
        else:
            assert not result.same or path[-1] in UNASKED, wrong


def test_options_that_nobody_could_have_said_are_refused(slip: Desk) -> None:
    """A datum, a system or an encoding that does not exist."""
    for name, value in (
        ("datum", "火星"),
        ("crs", "EPSG:1"),
        ("encoding", "klingon"),
        ("parameters", "1,2"),
        ("layers", [1]),
        ("accept_repairs", 1),
    ):
        slip.change(lambda d, name=name, value=value: d["sources"][0].update(options={name: value}))
        try:
            result = slip.verify()
        except XygisError as error:
            assert 4 == error.exit_code
        else:
            assert not result.same, name
