"""`Remedies`: how a parcel could be changed so that what stands in its way is gone. Values only; `xygis.remedy` finds them.

Every cut and every shift here was checked again like any parcel: `after` is that verdict, `left` are its findings. What was
looked for and did not stand the second check, or does not exist, is an `Unsolved` with its reason, never a cut or a shift.
"""

from __future__ import annotations

from dataclasses import dataclass

from xygis.atlas.verdict import Verdict
from xygis.errors import UsageError
from xygis.judge.finding import Finding
from xygis.overlay.shape import Areal

MARGIN_M = 1.0  # five slivers wide (0.2 m), and the accuracy of the statutory lines (0.5 m) with as much again
SHIFT_RADIUS_M = 500.0  # farther away is another site, not this one moved
CRUMB_M = 2.0  # a part that nowhere is as wide as this is of no use to anybody
MOST_MARGIN_M = 1_000.0
MOST_RADIUS_M = 5_000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RemedyOptions:
    """What the search was told; part of the result, so that it can be repeated."""

    margin_m: float = MARGIN_M  # kept free between the changed parcel and what it has to keep clear of
    shift_radius_m: float = SHIFT_RADIUS_M  # how far a parcel may be moved
    crumb_m: float = CRUMB_M  # parts of a cut parcel that are nowhere as wide are given up


def refuse_nonsense(options: RemedyOptions) -> None:
    """Raises UsageError for distances that no search could be done with."""
    if not 0.0 <= options.margin_m <= MOST_MARGIN_M:
        raise UsageError(what=f"退让距离 {options.margin_m:g} 米不合适", fix=f"应在 0 至 {MOST_MARGIN_M:g} 米之间")
    if not 0.0 < options.shift_radius_m <= MOST_RADIUS_M:
        raise UsageError(what=f"平移半径 {options.shift_radius_m:g} 米不合适", fix=f"应大于 0，不超过 {MOST_RADIUS_M:g} 米")
    if not 0.0 <= options.crumb_m <= MOST_MARGIN_M:
        raise UsageError(what=f"碎块宽度 {options.crumb_m:g} 米不合适", fix=f"应在 0 至 {MOST_MARGIN_M:g} 米之间")


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """A changed parcel, checked again. geometry is in `Remedies.crs` at whole millimetres, exactly as it is exported."""

    geometry: Areal
    degrees: Areal  # the same in longitude and latitude, CGCS2000
    ellipsoidal_m2: float
    after: Verdict
    left: tuple[Finding, ...]  # worst first


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """The parcel without what conflicts. layers: whose conflicts are gone; clears: codes of the rules that no longer speak."""

    layers: tuple[str, ...]
    clears: tuple[str, ...]
    level: Verdict  # PROHIBITED: prohibitions are cleared; APPROVAL: those of the layer that need approval too
    changed: Changed
    lost_m2: float  # official area, crumbs included
    parts: int
    crumbs: int  # parts that were given up because they are narrower than `crumb_m`
    crumbs_m2: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """The parcel as it is, moved so that nothing prohibits it; bearing clockwise from grid north (坐标方位角)."""

    east_m: float
    north_m: float
    distance_m: float
    bearing_deg: float
    exact: bool  # False: shapes were simplified to the safe side; a shorter shift may exist
    changed: Changed


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsolved:
    """What was looked for in vain. kind: cut | all | shift; layer: of a cut, else None."""

    kind: str
    layer: str | None
    level: Verdict
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedies:
    """Of one parcel. combined: one cut that clears every prohibition; it may be one of `cuts`."""

    crs: str  # of geometries: the parcel's own zone, else the local one
    cuts: tuple[Cut, ...] = ()  # one a layer and level
    combined: Cut | None = None
    shift: Shift | None = None
    unsolved: tuple[Unsolved, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def anything(self) -> bool:
        """Whether there is anything to say."""
        return bool(self.cuts or self.combined or self.shift or self.unsolved or self.notes)

    @property
    def shown_cut(self) -> Cut | None:
        """The cut that a figure shows: the one for all prohibitions, else the first."""
        return self.combined or next(iter(self.cuts), None)
