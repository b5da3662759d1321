"""`Suspects`: everything one month's batch came to, immutable. Every list, table and page is a rendering of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import shapely

from xygis.atlas.atlas import Atlas
from xygis.atlas.record import AtlasRecord
from xygis.atlas.suspect_law import SuspectLaw, SuspectVerdict
from xygis.atlas.verdict import DataState, DataStatus
from xygis.check.assessment import LayerRecord, Refused
from xygis.intake.submission import SetApart, Submission
from xygis.suspects.facts import PatchFacts
from xygis.suspects.judging import Judgement
from xygis.suspects.patches import SuspectPatch


@dataclass(frozen=True, slots=True, kw_only=True)
class PatchResult:
    """One patch, judged. priority: its place in the list to be worked off, from 1; None for 合法.

    change: new | persisting against an earlier batch, None where there is none to compare with.
    """

    id: str
    patch: SuspectPatch
    geometry: shapely.Polygon | shapely.MultiPolygon  # lon/lat degrees, CGCS2000
    area_m2: float
    county_code: str | None
    county_name: str
    facts: PatchFacts
    judgement: Judgement
    priority: int | None
    change: str | None = None
    earlier: str | None = None  # number or id of it in the earlier batch
    remarks: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """What a person calls it."""
        return self.patch.number or f"第{self.id}个"

    @property
    def verdict(self) -> SuspectVerdict:
        return self.judgement.verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """The patches of one county, or of one place: how many, how much, by verdict. code None: in none of them."""

    code: str | None
    title: str
    patches: tuple[int, int, int]  # in the order of SuspectVerdict
    area_m2: tuple[float, float, float]

    @property
    def count(self) -> int:
        return sum(self.patches)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """A patch of the earlier batch that is not in this one."""

    label: str
    county_name: str
    verdict: str
    area_m2: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Since:
    """Against an earlier batch. patches of this one carry what became of them."""

    checked_on: str
    patches: int
    new: int
    persisting: int
    gone: tuple[Gone, ...]
    file: str = ""
    sha256: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspects:
    """The result of `xygis.suspects`."""

    checked_on: date
    atlas_name: str
    atlas_fingerprint: str
    plane: str
    rules_fingerprint: str
    law: SuspectLaw
    layers: tuple[LayerRecord, ...]
    permits: int | None  # how many permits there are; None: not known
    permits_as_of: date | None  # the day up to which they are known; None: nobody says
    permits_note: str  # where they are from, or why there are none
    sources: tuple[Submission | Refused, ...]
    set_apart: tuple[SetApart, ...]
    patches: tuple[PatchResult, ...]
    by_county: tuple[Tally, ...]  # adds up to `total`
    by_place: tuple[Tally, ...]  # each patch under the strictest place that it lies in; adds up too
    total: Tally
    overlapping_m2: float  # counted once for each of two patches that lie on each other
    since: Since | None
    remarks: tuple[str, ...]
    assumptions: tuple[str, ...]
    tolerances: tuple[tuple[str, float], ...]
    record: AtlasRecord | None = None  # which files it was judged by
    permit_file: Submission | None = None  # in place of the atlas's permits
    atlas: Atlas | None = field(default=None, repr=False, compare=False)

    def to_dict(self) -> dict[str, object]:
        """The contract `xygis/suspects/1`."""
        from xygis.report.suspects_contract import suspects_dict

        return suspects_dict(self)

    @property
    def verdict(self) -> SuspectVerdict:
        """The worst of all patches; 待核 where anything could not be read, or there is nothing."""
        found = [p.verdict for p in self.patches]
        if self.set_apart or not found or any(isinstance(s, Refused) for s in self.sources):
            found.append(SuspectVerdict.VERIFY)
        return min(found, key=lambda v: v.rank)

    @property
    def worked(self) -> tuple[PatchResult, ...]:
        """The list to be worked off, first things first."""
        return tuple(sorted((p for p in self.patches if p.priority is not None), key=lambda p: p.priority or 0))

    @property
    def demo(self) -> bool:
        """True where any layer that took part is demonstration data: every output is stamped."""
        return any(r.layer.status is DataStatus.DEMO and r.state is not DataState.MISSING for r in self.layers)
