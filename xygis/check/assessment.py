"""`Assessment`: everything one check found out, immutable. Every report and map is a rendering of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import shapely

from xygis.atlas.atlas import Atlas
from xygis.atlas.layer import Layer
from xygis.atlas.record import AtlasRecord
from xygis.atlas.verdict import DataState, Verdict
from xygis.check.overrides import Corrected, Override
from xygis.check.remedies import Remedies, RemedyOptions
from xygis.check.standing_facts import StandingFact
from xygis.errors import XygisError
from xygis.intake.submission import ReadOption, Submission
from xygis.judge.application import Act as Act
from xygis.judge.finding import Finding
from xygis.judge.questions import WhatIf
from xygis.overlay.measure import Measure

if TYPE_CHECKING:
    import geopandas

    from xygis.judge.explanation import ParcelTrace


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
    became: str | None = None  # code of 2023 that a 2020 code is judged as; None: the code itself
    note: str | None = None  # what a reader must know: the version taken, the codes that a word may mean

    @property
    def rule_code(self) -> str | None:
        """The code that rules and by_use are written in."""
        return self.became or self.code


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """What is known of the project, and what was taken for granted."""

    name: str | None
    use: Use
    attributes: tuple[tuple[str, str | bool | int | float], ...]
    use_stated: bool = False  # by whoever asked; otherwise it was read from the parcels, or assumed
    class_version: str | None = None  # of use codes, where it was stated
    overrides: tuple[Override, ...] = ()  # what is said against a layer
    facts: tuple[StandingFact, ...] = ()  # those that were stated, or that a rule of a concerned layer asks


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
    planar_m2: float | None  # in the projected system it was given in; of degrees, in the local 3-degree zone
    declared_m2: float | None
    use: Use
    measures: tuple[Measure, ...]
    findings: tuple[Finding, ...]
    questions: tuple[WhatIf, ...] = ()  # what other answers about the project would make of it
    boundary: shapely.Polygon | shapely.MultiPolygon | None = None  # in `crs`, as given; None: the report does not keep it
    trace: ParcelTrace | None = None  # why each finding stands and the other rules say nothing; only where it was asked for
    drawn: shapely.Geometry | None = None  # where a repair changed the outline: as it was given, not valid, lon/lat degrees
    repairs: tuple[str, ...] = ()  # what that repair did, as sentences
    remedies: Remedies | None = None  # how it could be changed; only where it was asked for


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A file that could not be checked."""

    path: str
    error: XygisError
    options: tuple[ReadOption, ...] = ()  # as of a Submission


@dataclass(frozen=True, slots=True, kw_only=True)
class Coming:
    """An instrument that begins or ends on a day."""

    instrument: str
    version: date
    replaced_by: str | None = None  # of one that ends


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a day of change does to one finding of a parcel, or to one act of the application."""

    kind: str  # appears | vanishes | changes
    parcel: str | None  # its id; None: an act of the whole application
    subject: str  # code of the rule, or the act
    title: str
    fields: tuple[str, ...]  # of the finding or the act, that differ
    before: Finding | Act | None
    after: Finding | Act | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Upcoming:
    """A day within 12 months of the check date on which the law changes."""

    instrument: str  # the first that begins, else the first that ends; "" where only a rule changes
    in_force: date  # the day
    rules: tuple[str, ...]  # codes of the rules that it brings, ends or changes
    begins: tuple[Coming, ...] = ()
    ends: tuple[Coming, ...] = ()
    changes: tuple[Change, ...] = ()  # against the day before; empty: nothing changes for these parcels
    verdicts: tuple[tuple[str, Verdict, Verdict], ...] = ()  # (parcel id, before, after) where the verdict changes


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
    questions: tuple[WhatIf, ...] = ()  # of all parcels, with what each answer would make of the whole
    corrections: tuple[Corrected, ...] = ()  # what the applicant says against a layer, beside what the layer says
    record: AtlasRecord | None = None  # which files and rules it was judged by
    remarks: tuple[str, ...] = ()  # what a reader of the totals must know: parcels that lie on each other
    remedy_options: RemedyOptions | None = None  # what remedies were looked for with; None: nobody asked
    atlas: Atlas | None = field(default=None, repr=False, compare=False)  # what maps are drawn from; None: no maps

    def to_dict(self) -> dict[str, object]:
        """The contract `xygis/assessment/1`."""
        from xygis.report.contract import assessment_dict

        return assessment_dict(self)

    def save(self, folder: str | Path, formats: Sequence[str] = ("html", "pdf", "json", "gpkg", "map")) -> None:
        """Writes reports and maps into a folder; each file appears whole or not at all. Raises the first failure after the rest is written."""
        from xygis.saving import save_assessment

        saved = save_assessment(self, Path(folder), tuple(formats))
        if saved.failed:
            raise saved.failed[0]

    def to_geodataframe(self) -> geopandas.GeoDataFrame:
        """One row a parcel: id, name, verdict, areas, and the overlap with every layer, in EPSG:4490."""
        import geopandas

        rows = [
            {
                "id": p.id,
                "name": p.name,
                "verdict": p.verdict.value,
                "ellipsoidal_m2": p.ellipsoidal_m2,
                **{f"{m.layer}_m2": m.overlap_m2 for m in p.measures},
            }
            for p in self.parcels
        ]
        return geopandas.GeoDataFrame(rows, geometry=[p.geometry for p in self.parcels], crs="EPSG:4490")

    @property
    def demo(self) -> bool:
        """True where any layer that took part is demonstration data: every output is stamped."""
        return any(r.layer.status == "demo" and r.state != DataState.MISSING for r in self.layers)
