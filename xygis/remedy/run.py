"""The use case: an assessment with the remedies of every parcel that is forbidden or needs approval."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from xygis.atlas.atlas import Atlas
from xygis.check.assessment import Assessment
from xygis.check.remedies import Remedies, RemedyOptions, refuse_nonsense
from xygis.intake.submission import Submission
from xygis.overlay.store import LayerStore
from xygis.remedy.one_parcel import remedies_of_parcel
from xygis.remedy.rechecking import court_of

Progress = Callable[[int, int], None]


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
    refuse_nonsense(options)
    submitted = [p for s in assessment.sources if isinstance(s, Submission) for p in s.parcels]
    court = court_of(assessment, atlas, store or LayerStore())
    out = []
    for number, (parcel, result) in enumerate(zip(submitted, assessment.parcels, strict=True), start=1):
        if progress:
            progress(number, len(submitted))
        out.append(remedies_of_parcel(court, options, parcel, result))
    return tuple(out)
