"""`Assessment`: everything one check found out, immutable. Every report and map is a rendering of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import shapely

from xygis.atlas.layer import Layer
from xygis.atlas.verdict import DataState, Verdict
from xygis.errors import XygisError
from xygis.intake.submission import Submission
from xygis.judge.application import Act as Act
from xygis.judge.finding import Finding
from xygis.overlay.measure import Measure


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerRecord:
    """A layer as it took part in the check."""

    layer: Layer
    state: DataState
    features: int | None
    sha256: str | None
    note: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """What the land is to be used for (用地用海分类)."""

    code: str | None
    name: str
    class_version: str  # 2020 | 2023
    assumed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """What is known of the project, and what was taken for granted."""

    name: str | None
    use: Use
    attributes: tuple[tuple[str, str | bool | int | float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelAssessment:
    """One parcel's measures and findings. Findings stand worst first."""

    id: str  # running number in the run, as text
    name: str
    source: int  # index into Assessment.sources
    verdict: Verdict
    geometry: shapely.Polygon | shapely.MultiPolygon  # lon/lat degrees, CGCS2000
    crs: str  # as given
    ellipsoidal_m2: float
    planar_m2: float | None  # in the system it was given in; None for degrees
    declared_m2: float | None
    use: Use
    measures: tuple[Measure, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A file that could not be checked."""

    path: str
    error: XygisError


@dataclass(frozen=True, slots=True, kw_only=True)
class Upcoming:
    """A law that comes into force within 12 months of the check date."""

    instrument: str
    in_force: date
    rules: tuple[str, ...]  # codes of the rules that it brings or changes


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One line of the trace: what was run, what was skipped and why, what failed."""

    step: str
    status: str  # run | skipped | failed
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """The result of `xygis.check`."""

    checked_on: date
    verdict: Verdict
    atlas_name: str
    atlas_fingerprint: str
    plane: str
    rules_count: int
    rules_fingerprint: str
    layers: tuple[LayerRecord, ...]
    sources: tuple[Submission | Refused, ...]
    project: Project
    parcels: tuple[ParcelAssessment, ...]
    procedures: tuple[Act, ...]
    upcoming: tuple[Upcoming, ...]
    trace: tuple[Step, ...]
    assumptions: tuple[str, ...]
    tolerances: tuple[tuple[str, float], ...]

    @property
    def demo(self) -> bool:
        """True where any layer that took part is demonstration data: every output is stamped."""
        return any(r.layer.status == "demo" and r.state != DataState.MISSING for r in self.layers)
