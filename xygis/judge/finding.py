"""`Finding`: one rule's word on one parcel."""

from __future__ import annotations

from dataclasses import dataclass

from xygis.atlas.law import Citation, Selection
from xygis.atlas.verdict import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What would settle an open question, who can provide it, and what each outcome would be."""

    text: str  # 地块3 J1—J4 段界址核实说明
    provider: str  # 勘测定界单位
    fact: str | None = None  # the project fact to state, if that is what is missing


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
