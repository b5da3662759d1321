"""`Fault`: one error in one layer's data, with rule, feature, value, expected value and place; and what was checked at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import shapely

from xygis.atlas.standard import ORDINARY, SEVERE, Check, TableStandard

_LONGEST = 60  # characters of a value that are shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One error. feature: BSM, or the row's number where it has none; None where the layer as a whole is meant."""

    rule: str
    title: str
    family: int
    kind: str  # the coarser word of the consistency contract
    level: str  # severe | ordinary | warning
    layer: str
    row: int | None  # from 1, as the file has its features
    feature: str | None
    field: str | None
    value: str | None
    expected: str | None
    text: str
    place: tuple[float, float] | None  # longitude, latitude in degrees
    geometry: shapely.Geometry | None  # point, line or polygon in degrees, CGCS2000
    area_m2: float | None
    read: bool  # False: what it rests on has been read by nobody (标准待核)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """A check that was carried out, on so many features, and what it found."""

    rule: str
    layer: str
    features: int
    faults: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NotRun:
    """A check that was skipped or failed, wholly or for some features; never to be read as free of errors.

    features: how many it was not made for; None: the whole layer. due: the standard asks for it, so the result is incomplete.
    """

    rule: str
    layer: str
    reason: str
    features: int | None
    due: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """What quality control says of some layers."""

    faults: tuple[Fault, ...]  # by layer, rule and row
    run: tuple[Ran, ...]
    skipped: tuple[NotRun, ...]
    failed: tuple[NotRun, ...]
    tolerances: tuple[tuple[str, float], ...]

    @property
    def complete(self) -> bool:
        """Whether every check that was due has been made."""
        return not self.failed and not any(s.due for s in self.skipped)

    @property
    def errors(self) -> int:
        """Faults that are more than a warning."""
        return sum(f.level in (SEVERE, ORDINARY) for f in self.faults)


NOT_CHECKED = Quality(
    faults=(),
    run=(),
    skipped=(),
    failed=(NotRun(rule="Q101", layer="", reason="没有进行质检", features=None, due=True),),
    tolerances=(),
)  # until somebody has looked: incomplete, never clean


def level_of(check: Check, table: TableStandard | None, *, read: bool) -> str:
    """The check's level, raised where the table says so; what nobody has read is never severe."""
    level = SEVERE if table is not None and check.code in table.severe else check.level
    return ORDINARY if level == SEVERE and not read else level


def shown(value: object) -> str:
    """A value as it is printed: short, on one line."""
    text = " ".join(str(value).split())
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…（共 {len(text)} 字）"


def together(parts: Sequence[Quality]) -> Quality:
    """Several layers as one result."""
    tolerances = dict(t for p in parts for t in p.tolerances)
    return Quality(
        faults=tuple(f for p in parts for f in p.faults),
        run=tuple(r for p in parts for r in p.run),
        skipped=tuple(s for p in parts for s in p.skipped),
        failed=tuple(f for p in parts for f in p.failed),
        tolerances=tuple(tolerances.items()),
    )
