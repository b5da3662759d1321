"""Reads `redlines/audit.toml`: where the law is silent on purpose, and which of two answers goes first. Only the audit asks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from xygis.atlas.law import Scalar
from xygis.atlas.toml_text import TomlText
from xygis.atlas.verdict import Verdict
from xygis.errors import BadRule

FILE = "audit.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """A kind of parcel and project about which no rule has to say anything, and why."""

    layers: tuple[str, ...]
    where: tuple[tuple[str, tuple[str, ...]], ...]  # as of a rule's selection
    applies_to: tuple[tuple[str, tuple[Scalar, ...]], ...]
    reason: str
    line: int
    until: date | None = None  # last day on which it counts


@dataclass(frozen=True, slots=True, kw_only=True)
class Precedence:
    """Two rules of one article that may both fire: `first` forbids what `then` would let be approved, and why that is no contradiction."""

    first: str
    then: tuple[str, ...]
    reason: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """A rule that the base has to hold, and the strictest verdict of its versions."""

    code: str
    verdict: Verdict
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the audit is told."""

    silences: tuple[Silence, ...] = ()
    precedences: tuple[Precedence, ...] = ()
    register: tuple[Registered, ...] = ()


def read_silences(root: Path) -> Told:
    """What the audit is told by the atlas at `root`; nothing where there is no such file. Raises BadRule."""
    path = root / "redlines" / FILE
    if not path.is_file():
        return Told()
    text = TomlText(path, BadRule)
    return Told(silences=tuple(_silences(text)), precedences=tuple(_precedences(text)), register=tuple(_register(text)))


def _register(text: TomlText) -> list[Registered]:
    out = []
    for code, value in text.data.get("register", {}).items():
        line = text.line_of(code, 1)
        if value not in {v.value for v in Verdict}:
            raise text.fail(line, f"没有“{value}”这种结论", f"可用：{'、'.join(v.value for v in Verdict)}")
        out.append(Registered(code=code, verdict=Verdict(value), line=line))
    return out


def _silences(text: TomlText) -> list[Silence]:
    out = []
    for line, t in text.tables("silence"):
        text.check_keys(t, ("layers", "where", "applies_to", "reason", "until"), line, required=("layers", "reason"))
        where = tuple((field, _texts(patterns)) for field, patterns in t.get("where", {}).items())
        facts = tuple((name, tuple(v) if isinstance(v, list) else (v,)) for name, v in t.get("applies_to", {}).items())
        until = text.day(t, "until", line)
        out.append(Silence(layers=_texts(t["layers"]), where=where, applies_to=facts, reason=t["reason"], line=line, until=until))
    return out


def _precedences(text: TomlText) -> list[Precedence]:
    out = []
    for line, t in text.tables("precedence"):
        text.check_keys(t, ("first", "then", "reason"), line, required=("first", "then", "reason"))
        out.append(Precedence(first=t["first"], then=_texts(t["then"]), reason=t["reason"], line=line))
    return out


def _texts(value: object) -> tuple[str, ...]:
    return tuple(str(v) for v in value) if isinstance(value, list) else (str(value),)
