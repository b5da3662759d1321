"""The use case: an assessment with the remedies of every parcel that is forbidden or needs approval."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from xygis.atlas.atlas import Atlas
from xygis.check.assessment import Assessment
from xygis.check.remedies import Remedies, RemedyOptions
from xygis.errors import UsageError
from xygis.intake.submission import Submission
from xygis.overlay.store import LayerStore
from xygis.remedy.one_parcel import remedies_of_parcel
from xygis.remedy.rechecking import court_of

Progress = Callable[[int, int], None]

MOST_MARGIN_M = 1_000.0
MOST_RADIUS_M = 5_000.0


def with_remedies(
    assessment: Assessment,
    atlas: Atlas,
    *,
    options: RemedyOptions | None = None,
    store: LayerStore | None = None,
    progress: Progress | None = None,
) -> Assessment:
    """The same assessment, each parcel with its remedies and the options that they were found with.

    atlas: the one that the assessment was made with. Raises UsageError for options that make no sense.
    """
    options = options or RemedyOptions()
    found = remedies_of(assessment, atlas, options=options, store=store, progress=progress)
    parcels = tuple(replace(p, remedies=r) for p, r in zip(assessment.parcels, found, strict=True))
    return replace(assessment, parcels=parcels, remedy_options=options)


def remedies_of(
    assessment: Assessment,
    atlas: Atlas,
    *,
    options: RemedyOptions,
    store: LayerStore | None = None,
    progress: Progress | None = None,
) -> tuple[Remedies, ...]:
    """One for each parcel of the assessment, in its order."""
    _refuse(options)
    submitted = [p for s in assessment.sources if isinstance(s, Submission) for p in s.parcels]
    court = court_of(assessment, atlas, store or LayerStore())
    out = []
    for number, (parcel, result) in enumerate(zip(submitted, assessment.parcels, strict=True), start=1):
        if progress:
            progress(number, len(submitted))
        out.append(remedies_of_parcel(court, options, parcel, result))
    return tuple(out)


def _refuse(options: RemedyOptions) -> None:
    if not 0.0 <= options.margin_m <= MOST_MARGIN_M:
        raise UsageError(what=f"退让距离 {options.margin_m:g} 米不合适", fix=f"应在 0 至 {MOST_MARGIN_M:g} 米之间")
    if not 0.0 < options.shift_radius_m <= MOST_RADIUS_M:
        raise UsageError(what=f"平移半径 {options.shift_radius_m:g} 米不合适", fix=f"应大于 0，不超过 {MOST_RADIUS_M:g} 米")
    if not 0.0 <= options.crumb_m <= MOST_MARGIN_M:
        raise UsageError(what=f"碎块宽度 {options.crumb_m:g} 米不合适", fix=f"应在 0 至 {MOST_MARGIN_M:g} 米之间")
