"""`Finding`: one rule's word on one parcel."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from xygis.atlas.law import Citation, Scalar, Selection
from xygis.atlas.verdict import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What some answers to a question would make of a parcel, or of the whole.

    verdict: with everything else as it is now; best..worst: whatever the other open facts and the missing data turn out to be.
    """

    values: tuple[Scalar, ...]
    label: str  # 是 | 否 | 工业用地、采矿用地
    verdict: Verdict
    best: Verdict
    worst: Verdict
    parcels: tuple[tuple[str, Verdict], ...] = ()  # of the whole: (id, verdict) of each parcel


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What would settle an open question, who can provide it, and what each outcome would be."""

    text: str  # 地块3 J1—J4 段界址核实说明
    provider: str  # 勘测定界单位
    fact: str | None = None  # the project fact to state, if that is what is missing
    outcomes: tuple[Outcome, ...] = ()  # of each answer about the fact, for the parcel as a whole
    matters: bool = True  # False: whatever the answer, the parcel's verdict stays; nobody is asked


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """`verdict` is the worst of `best`..`worst` when they agree, else undetermined."""

    rule: str
    title: str
    layer: str
    verdict: Verdict
    best: Verdict
    worst: Verdict
    needs: tuple[Need, ...]
    text: str
    overlap_m2: float | None
    authority: str
    documents: tuple[str, ...]
    remedy: str
    basis: tuple[Citation, ...]
    penalty: str = ""  # what building without or against this is threatened with
    selection: Selection | None = None  # the part of the layer that the rule asked about; None: not of one part


def worst_first(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """By verdict, then by what it may yet turn out to be; those alike keep their order."""
    return tuple(sorted(findings, key=lambda f: (f.verdict.rank, f.worst.rank)))
