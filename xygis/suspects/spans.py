"""A day as files write it, with what they leave open: 2026-10 may be any day of October."""

from __future__ import annotations

import calendar
import re
import unicodedata
from dataclasses import dataclass
from datetime import date

_WHOLE = re.compile(r"(\d{4})(\d{2})(\d{2})?")
_PARTS = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})?(?:\s*[-/.月]\s*(\d{1,2})?\s*日?)?(?:[T ].*)?")
_YEAR = re.compile(r"(\d{4})\s*年?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Some day from `first` to `last`, both included."""

    first: date
    last: date

    @property
    def exact(self) -> bool:
        return self.first == self.last

    def __str__(self) -> str:
        return self.last.isoformat() if self.exact else f"{self.first.isoformat()}至{self.last.isoformat()}之间"

    def surely_by(self, other: Span) -> bool:
        """Not later than the other, whatever day each is."""
        return self.last <= other.first

    def surely_after(self, other: Span) -> bool:
        return self.first > other.last


def span_of(text: str | None) -> Span | None:
    """The day in a text, None where there is none: 2026-10-18, 2026/10/18, 2026年10月18日, 20261018, 2026-10, 2026."""
    plain = unicodedata.normalize("NFKC", text or "").strip()
    if plain.endswith(".0"):  # a number that a table made of it
        plain = plain[:-2]
    match = _WHOLE.fullmatch(plain) or _PARTS.fullmatch(plain) or _YEAR.fullmatch(plain)
    if match is None:
        return None
    year, month, day = (int(g) if g else None for g in (*match.groups(), None, None)[:3])
    try:
        assert year is not None
        if not 1949 <= year <= 2200:
            return None
        if month is None:
            return Span(first=date(year, 1, 1), last=date(year, 12, 31))
        if day is None:
            return Span(first=date(year, month, 1), last=date(year, month, calendar.monthrange(year, month)[1]))
        return Span(first=date(year, month, day), last=date(year, month, day))
    except (ValueError, calendar.IllegalMonthError):
        return None
