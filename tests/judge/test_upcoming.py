"""What comes within twelve months is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from types import SimpleNamespace
from typing import cast

import pytest

from tests.judge.desk import IN_FORCE, LAW, rule
from xygis.atlas.atlas import Atlas
from xygis.check.run import _upcoming


@pytest.mark.parametrize(
    ("in_force", "told"),
    [
        (date(2026, 11, 23), False),
        (date(2026, 11, 24), False),  # in force today is not upcoming
        (date(2026, 11, 25), True),
        (date(2027, 1, 1), True),
        (date(2027, 11, 24), True),
        (date(2027, 11, 25), False),
    ],
)
def test_within_twelve_months_of_the_day(in_force: date, told: bool) -> None:
    """An instrument that comes into force from tomorrow to the same day next year is listed, with the rules that cite it."""
    law = SimpleNamespace(instruments=(replace(IN_FORCE, in_force=in_force),))
    atlas = cast(
        Atlas, SimpleNamespace(law=law, rules=(rule("A-01"), rule("A-01"), rule("B-01", basis=(replace(LAW, instrument="别法"),))))
    )
    upcoming = _upcoming(atlas, date(2026, 11, 24))
    assert [(u.instrument, u.in_force, u.rules) for u in upcoming] == ([("试验法", in_force, ("A-01",))] if told else [])


def test_the_last_days_of_a_month_count_too() -> None:
    """Asked on 31 December, a law of 31 December next year is within twelve months."""
    law = SimpleNamespace(instruments=(replace(IN_FORCE, in_force=date(2027, 12, 31)),))
    atlas = cast(Atlas, SimpleNamespace(law=law, rules=()))
    assert ["试验法"] == [u.instrument for u in _upcoming(atlas, date(2026, 12, 31))]
