"""`Rule` and `Citation`: what the law says, as data. Nothing here evaluates anything."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Protocol

from xygis.atlas.verdict import Verdict

Scalar = str | bool | int | float


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """A law, regulation or normative document in one version."""

    code: str
    name: str  # short title: 土地管理法
    number: str  # 主席令第 32 号, 自然资发〔2022〕142号, …
    version: date  # day of adoption or of the consolidated text; with the name it identifies the version
    in_force: date
    repealed: date | None  # first day on which it is no longer in force
    replaced_by: str | None
    read: str  # full | part | quoted | unread
    title: str = ""  # full official name: 中华人民共和国土地管理法
    articles: int | None = None  # highest article number of the text; None: not known, or the text has no numbered articles

    def in_force_on(self, day: date) -> bool:
        """Whether it is law on that day; the day of repeal no longer counts."""
        return self.in_force <= day and (self.repealed is None or day < self.repealed)


class Version(Protocol):
    """A rule, procedure or pair in one version."""

    @property
    def effective(self) -> date:
        """First day on which this version counts."""

    @property
    def until(self) -> date | None:
        """Last day on which it counts; None where none is known."""


def counts_on(version: Version, day: date) -> bool:
    """Whether a version counts on that day; its first and its last day do."""
    return version.effective <= day and (version.until is None or day <= version.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """An article of an instrument. `verified` is False where nobody has read its text (条文待核)."""

    instrument: str
    version: date
    article: str | None  # "35", "26(2)", "附件1"; None: the instrument as a whole
    verified: bool
    says: tuple[str, ...] = ()  # words of the article that the rule turns on


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which part of a layer a rule asks about; with the layer id it is the key of a measured `Part`.

    where: field → patterns that its value must meet: "value", "prefix*", "!value". Any positive pattern must match,
    no negative one may. strip_m widens the features by that distance first.
    """

    layer: str
    where: tuple[tuple[str, tuple[str, ...]], ...] = ()
    strip_m: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """fact operator value, e.g. overlap_m2 > 0."""

    fact: str  # overlap_m2 | overlap_share | outside_m2 | distance_m | patches, or an application total
    operator: str  # > >= < <= =
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleCase:
    """An example that runs as a test: facts in, verdict out. "compliant" means that the rule does not fire."""

    note: str
    facts: tuple[tuple[str, Scalar], ...]
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule in one version."""

    code: str
    title: str
    selection: Selection
    when: tuple[Comparison, ...]  # all must hold
    applies_to: tuple[tuple[str, tuple[Scalar, ...]], ...]  # project fact → accepted values; all must hold
    unless: tuple[tuple[str, tuple[Scalar, ...]], ...]  # exceptions to be claimed; any of them switches the rule off
    verdict: Verdict
    authority: str
    documents: tuple[str, ...]
    remedy: str
    message: str  # template over the facts, for a parcel that the rule hits
    basis: tuple[Citation, ...]
    effective: date
    until: date | None  # last day on which this version counts
    verified: bool
    cases: tuple[RuleCase, ...]
    path: Path
    line: int  # of its [[rule]] in path
    penalty: str = ""  # what the law of that time threatens, with its article


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectFact:
    """Something about the project that a rule may ask.

    kind: "assume" takes `default` when not given, and says so; "claim" is an exception that counts as not claimed until
    somebody claims it; "open" stays unknown and widens the judgement. by_use: use code prefix → value it implies.
    """

    name: str
    title: str  # 是否化工园区、化工项目
    kind: str
    values: tuple[Scalar, ...]
    default: Scalar | None
    by_use: tuple[tuple[str, Scalar], ...]
    labels: tuple[tuple[str, str], ...] = ()  # value as text → what it is called


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """A sum over the whole application that procedures turn on, e.g. 其他耕地 = 耕地 − 永久基本农田.

    selection None: the area of all parcels. unknown_counts: features whose attribute is unknown are counted in.
    """

    name: str
    title: str
    selection: Selection | None
    minus: tuple[str, ...]  # earlier totals, subtracted
    unknown_counts: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Procedure:
    """One act of approval and the level that decides, over the totals of the whole application. First match of an act wins."""

    act: str  # 农用地转用, 土地征收, …
    level: str  # 国务院 | 省 | 市 | 县
    when: tuple[Comparison, ...]  # over application totals; empty: always
    applies_to: tuple[tuple[str, tuple[Scalar, ...]], ...]
    reason: str
    documents: tuple[str, ...]
    basis: tuple[Citation, ...]
    effective: date
    until: date | None
    phase: str = ""  # 选址前期 | 用地报批 | 开工前
    order: int = 0  # place on the way to a permit, over all phases
    authority: str = ""  # who decides, where the level alone does not say it
    line: int = 0  # of its [[procedure]]; 0: not read from a file


@dataclass(frozen=True, slots=True, kw_only=True)
class PairRule:
    """What the law says when two layers overlap, or when one reaches outside the other."""

    code: str
    title: str
    a: Selection
    b: Selection
    relation: str  # overlap | difference | containment
    verdict: Verdict
    suggestion: str
    basis: tuple[Citation, ...]
    effective: date
    until: date | None
    verified: bool
    difference: str | None  # D1 … D10 of the difference-patch report
    path: Path
    line: int
    differ: str | None = None  # land | use: it speaks only of places where the two sides differ in that
    yields: str = "undecided"  # which side gives way: a | b | both | undecided
    departments: tuple[str, ...] = ()  # who has to settle it
