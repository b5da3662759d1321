"""What is known of one patch, as numbers and dates: everything that the judgement turns on. Knows no law and no geometry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from xygis.suspects.permits import Permit
from xygis.suspects.spans import Span


class Standing(StrEnum):
    """How a permit stood on the day of the image."""

    VALID = "valid"
    UNSURE = "unsure"  # its dates or its kind, or that of the image, leave it open
    LATER = "later"  # issued after the image
    EXPIRED = "expired"  # it had ended, and what it allowed with it
    LAPSED = "lapsed"  # the right to begin had ended; what was begun before stays lawful


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """An area as drawn, and the least and the most that it may be if borders move within their accuracy; m²."""

    low: float
    point: float
    high: float

    @property
    def surely(self) -> bool:
        """More than nothing, wherever the border truly runs."""
        return self.low > 0.0

    @property
    def possibly(self) -> bool:
        return self.high > 0.0


NOTHING = Range(low=0.0, point=0.0, high=0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class PermitHit:
    """A permit under a patch. ended: valid on the day of the image, over on the day of the check. use_code: of what it allows."""

    permit: Permit
    standing: Standing
    overlap_m2: float
    ended: bool = False
    use_code: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Beyond:
    """How much of the patch lies outside the permits of one kind: the valid ones; with the unsure; with those of any standing."""

    valid: Range
    unsure: Range
    ever: Range


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceFact:
    """A patch and one place of the law. overlap None: not known, `reason` says why."""

    code: str
    overlap: Range | None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PatchFacts:
    """width_m: 2A/P. beyond: by name of kind, for kinds that touch the patch. built: on construction land of the survey; None: not known.

    built_before: whether the survey is older than the image. overlaps: with every layer of areas, None where it is not known.
    """

    area_m2: float
    width_m: float
    image: Span | None
    on: date
    situation: str | None
    use_code: str | None
    hits: tuple[PermitHit, ...]
    beside: tuple[PermitHit, ...]  # permits under so little of it that they are a neighbour's
    beyond: Mapping[str, Beyond]
    permits_reason: str  # why permits are not known; empty: they are
    permits_as_of: date | None  # the day up to which they are known; None: nobody says
    places: tuple[PlaceFact, ...]
    built: Range | None
    built_before: bool
    growth: Range | None
    outside_city_m2: float
    doubtful: tuple[str, ...]
    overlaps: tuple[tuple[str, float | None], ...] = ()


def standing_of(permit: Permit, image: Span | None, before: Span | None) -> Standing:
    """How a permit stood on the day of the image. before: the day of the earlier image, on which nothing was there yet."""
    if image is None:
        return Standing.UNSURE
    if permit.until is not None and permit.until.last < image.first and permit.kind is not None:
        gone = before is not None and permit.until.last < before.first
        return Standing.LAPSED if permit.kind.term == "start" and not gone else Standing.EXPIRED
    if permit.issued is None or permit.kind is None:
        return Standing.UNSURE
    if permit.issued.surely_after(image):
        return Standing.LATER
    ends = permit.until is not None and image.last <= permit.until.first
    if permit.doubtful or not permit.issued.surely_by(image) or not (ends or (permit.open_end and permit.kind.term != "dated")):
        return Standing.UNSURE
    return Standing.VALID


def ended_by(permit: Permit, on: date) -> bool:
    """Whether the use that it allowed is over on a day."""
    return permit.kind is not None and permit.kind.term != "start" and permit.until is not None and permit.until.last < on
