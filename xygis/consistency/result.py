"""`Consistency`: everything one comparison of layers found out, immutable. Every report and map is a rendering of it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import date

from xygis.atlas.atlas import Atlas
from xygis.atlas.law import Citation
from xygis.atlas.record import AtlasRecord
from xygis.atlas.verdict import DataState, DataStatus, Verdict
from xygis.check.assessment import LayerRecord
from xygis.consistency.notes import NO_NOTES, PatchNotes, Unplaced
from xygis.consistency.quality.fault import NOT_CHECKED, Quality
from xygis.consistency.states import PatchState, Track
from xygis.consistency.territory import Territory
from xygis.consistency.uses import UseMatrix
from xygis.consistency.what_if import WhatIf
from xygis.overlay.ground import FeatureRef
from xygis.overlay.places import Areal


@dataclass(frozen=True, slots=True, kw_only=True)
class County:
    """One county of the city. code None: what lies in no county."""

    code: str | None
    name: str
    area_m2: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CountyShare:
    """One pair in one county. difference_m2: the part of a outside b; None where the pair is about overlap."""

    code: str | None
    name: str
    a_m2: float
    b_m2: float
    overlap_m2: float
    difference_m2: float | None
    patches: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PairFinding:
    """One rule's word on one pair. `verdict` is undetermined where `best` and `worst` differ."""

    rule: str
    title: str
    difference: str | None  # D1 … D9
    verdict: Verdict
    best: Verdict
    worst: Verdict
    needs: tuple[str, ...]
    text: str
    area_m2: float  # of the places that the rule claims, slivers included
    patches: int
    suggestion: str
    basis: tuple[Citation, ...]
    possible_m2: float = 0.0  # besides area_m2: where features do not say what the rule asks for
    yields: str = "undecided"  # which side of the pair gives way: a | b | both | undecided
    departments: tuple[str, ...] = ()  # who has to settle it


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two layers against each other. A place that several rules claim is counted once, for the worst of them.

    a_m2, b_m2: area of the features that any of the rules speaks of. patches includes slivers.
    """

    a: str
    b: str
    relation: str  # overlap | difference | containment
    a_m2: float
    b_m2: float
    overlap_m2: float
    difference_m2: float | None
    patches: int
    sliver_count: int
    sliver_m2: float
    by_county: tuple[CountyShare, ...]
    verdict: Verdict
    findings: tuple[PairFinding, ...]  # worst first
    unmapped_m2: float  # of the city, where one of the layers does not claim to be complete


@dataclass(frozen=True, slots=True, kw_only=True)
class NoData:
    """A pair that could not be compared, or not everywhere."""

    a: str
    b: str
    relation: str
    reason: str
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DifferencePatch:
    """差异图斑: one connected place inside one county on which a rule speaks."""

    id: str  # county code, type and a code of the place: `identity`
    rule: str
    difference: str | None  # D1 … D10
    a: str
    b: str
    verdict: Verdict
    county_code: str | None
    county_name: str
    geometry: Areal  # lon/lat degrees, CGCS2000
    area_m2: float
    mean_width_m: float
    sliver: bool
    a_features: tuple[FeatureRef, ...]
    b_features: tuple[FeatureRef, ...]
    cause: str | None = None  # of a sliver, a CauseKind: everything but real is proven; None: not asked
    cause_evidence: str = ""  # one sentence with the numbers
    notes: PatchNotes = NO_NOTES
    track: Track | None = None  # None: this run was not compared with an earlier one


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerShift:
    """A layer that lies displaced as a whole against another, in the plane."""

    a: str
    b: str
    dx_m: float  # of b against a, east
    dy_m: float  # north
    matched: int  # corners that the two layers share, once displaced
    explained_share: float  # of the corners looked at
    spread_m: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A pair that this run has compared, and by which rules: a patch of another pair or rule says nothing about this run."""

    a: str
    b: str
    relation: str
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """A patch of the earlier run that is not among this run's: resolved, or not compared, and then why not."""

    patch: DifferencePatch  # without features
    state: PatchState
    reason: str
    elsewhere: tuple[str, ...]  # patches of other rules of the same pair on the place


@dataclass(frozen=True, slots=True, kw_only=True)
class StateTally:
    """Patches in one state: those of the earlier run, and those of this one. key: county code or type; None: all, or no county."""

    key: str | None
    title: str
    state: PatchState
    earlier_patches: int
    earlier_m2: float
    patches: int
    area_m2: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracking:
    """与上次比对. The earlier run is the sum of resolved, persisting, changed and not compared; this one of persisting, changed, new."""

    file: str
    sha256: str
    checked_on: date
    by_state: tuple[StateTally, ...]
    by_county: tuple[StateTally, ...]
    by_type: tuple[StateTally, ...]
    gone: tuple[Gone, ...]
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Some patches: how many, how much."""

    key: str | None  # county code or size class
    title: str
    patches: int
    area_m2: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One of D1 … D10 over the whole city. verdict: None where no rule of the day asks for the type."""

    type: str
    title: str
    sides: str
    patches: int
    area_m2: float
    verdict: Verdict | None
    by_county: tuple[Tally, ...]
    by_size: tuple[Tally, ...]
    rules: tuple[str, ...]
    incomplete: bool  # a pair that the type is made of lacks data: its 0 is not a nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityNote:
    """One complaint about one layer's data. rule, family, title: of the check of layers/standards.toml; read: somebody read what it rests on."""

    check: str
    layer: str
    level: str  # error | warning | info
    count: int
    area_m2: float | None
    where: tuple[str, ...]
    text: str
    rule: str
    family: int
    title: str
    read: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CountyFigure:
    """One indicator in one county, in the unit of the indicator. value None: no data, or only known between least and greatest."""

    code: str | None
    name: str
    value: float | None
    least: float | None = None
    greatest: float | None = None
    target: float | None = None
    met: bool | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """An indicator against an earlier run. before, change None: not to be compared, and `reason` says why.

    least, greatest: the ends of then; they differ where the value was not known as one number.
    """

    since: str  # the day of the earlier run
    before: float | None
    change: float | None
    turned: str | None  # reached | missed since then; None: neither
    by_county: tuple[tuple[str | None, str, float | None, float | None], ...]  # code, name, before, change
    reason: str = ""
    least: float | None = None
    greatest: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """One figure that plans are held to. value None: no data, or only known between least and greatest.

    target None: not known, and then nobody knows if it is met. met None with a target: the data do not decide it.
    """

    code: str
    title: str
    unit: str
    value: float | None
    target: float | None
    met: bool | None
    by_county: tuple[CountyFigure, ...]
    least: float | None = None
    greatest: float | None = None
    reason: str = ""
    group: str = ""
    decimals: int = 2
    direction: str = ""  # ≥ | ≤ | =
    formula: str = ""  # in words
    note: str = ""
    basis: tuple[Citation, ...] = ()  # of the target
    plan: str = ""  # the plan or paper that sets the target, where no registered instrument does
    verified: bool | None = None  # whether somebody has read where the target stands; None: there is no target
    due: int | None = None  # the year by which it is to be reached
    trend: Trend | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedFor:
    """What a run was asked for besides its day. files: (replace | since | notes, path as given, sha256)."""

    layers: tuple[str, ...] | None = None
    files: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Consistency:
    """The result of `xygis.consistency`."""

    checked_on: date
    verdict: Verdict
    atlas_name: str
    atlas_fingerprint: str
    plane: str
    rules_count: int
    rules_fingerprint: str
    layers: tuple[LayerRecord, ...]  # those that took part
    counties: tuple[County, ...]
    territory: Territory
    differing_m2: tuple[float, ...]  # by county, where any difference D1 … D10 lies, every place counted once
    pairs: tuple[Pair, ...]
    no_data: tuple[NoData, ...]
    patches: tuple[DifferencePatch, ...]
    differences: tuple[Difference, ...]  # D1 … D10, all ten
    quality: tuple[QualityNote, ...]
    indicators: tuple[Indicator, ...]
    tolerances: tuple[tuple[str, float], ...]
    what_if: WhatIf | None = None  # what a revised layer changes, where one was put in the place of the atlas's own
    shifts: tuple[LayerShift, ...] = ()
    compared: tuple[Compared, ...] = ()
    tracking: Tracking | None = None
    unplaced: tuple[Unplaced, ...] = ()  # 找不到图斑
    notes_remarks: tuple[str, ...] = ()  # what reading a file of notes had to say
    use_matrix: tuple[UseMatrix, ...] | None = None  # where two plans both build; None: not computed
    quality_check: Quality = NOT_CHECKED  # every error one by one; checks that were run, skipped and failed
    record: AtlasRecord | None = None  # which files and rules it was compared by
    asked: AskedFor | None = None
    atlas: Atlas | None = field(default=None, repr=False, compare=False)  # what maps are drawn from

    def to_dict(self) -> dict[str, object]:
        """The contract `xygis/consistency/1`."""
        from xygis.report.consistency_contract import consistency_dict

        return consistency_dict(self)

    @property
    def patch_count(self) -> int:
        """Difference patches D1 … D10."""
        return sum(d.patches for d in self.differences)

    @property
    def patch_m2(self) -> float:
        """Their area; a place on which several types speak counts once for each."""
        return math.fsum(d.area_m2 for d in self.differences)

    @property
    def demo(self) -> bool:
        """True where any layer that took part is demonstration data: every output is stamped."""
        return any(r.layer.status is DataStatus.DEMO and r.state is not DataState.MISSING for r in self.layers)
