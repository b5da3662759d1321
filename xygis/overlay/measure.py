"""`Measure`: what one parcel has to do with one layer. Knows no law."""

from __future__ import annotations

from dataclasses import dataclass

import shapely

from xygis.atlas.law import Selection
from xygis.atlas.verdict import DataState, LayerState


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureHit:
    """One feature of the layer that the parcel overlaps."""

    id: str
    overlap_m2: float
    attributes: tuple[tuple[str, str | float | int | None], ...]  # ours by alias first, then theirs


@dataclass(frozen=True, slots=True, kw_only=True)
class Patch:
    """One connected piece of overlap, for maps and patch lists."""

    selection: Selection
    geometry: shapely.Polygon  # lon/lat degrees, CGCS2000
    area_m2: float
    mean_width_m: float  # 2 A / P
    sliver: bool  # suspected boundary error: area < 1 m² or mean width < 0.2 m
    cause: str | None  # of a sliver, where it can be proven
    feature_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Zonal:
    """What a raster holds under one parcel, cells weighted by their covered share. None: not measured, or no data; never 0.

    Means, extremes and shares are of the part of the parcel that has data; what has none stands in the unmapped shares.
    Slope has less data than elevation: at the border of a raster, and beside cells without data, there is none.
    """

    unmapped_share: float  # of the parcel, beyond the raster or without data
    slope_unmapped_share: float | None = None
    elevation_min_m: float | None = None
    elevation_mean_m: float | None = None
    elevation_max_m: float | None = None
    slope_mean_deg: float | None = None
    slope_max_deg: float | None = None
    slope_share_above_25: float | None = None  # 25° or steeper (二十五度以上)
    classes: tuple[tuple[str, float], ...] = ()  # (class, share of the parcel), largest first


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What a rule asked for: the overlap with one selection of the layer's features.

    `overlap_m2` counts features that surely meet the selection, `possible_m2` also those whose attribute is unknown.
    """

    selection: Selection
    overlap_m2: float
    possible_m2: float
    outside_m2: float
    overlap_range_m2: tuple[float, float] | None
    sliver_m2: float
    sliver_count: int
    patches: int
    distance_m: float | None
    names: tuple[str, ...]  # names of the features hit, in order of overlap
    outside_sliver_m2: float = 0.0  # the part of outside_m2 that is suspected boundary error
    facts: tuple[tuple[str, float, float], ...] = ()  # of a raster: (name, least, greatest), an unmapped share taken as anything
    possible_distance_m: float | None = None  # like distance_m, counting also features whose attribute is unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One parcel × one layer. Numbers are None exactly when state is no_data, but `unmapped_m2`, which is always a number."""

    layer: str
    state: LayerState
    data: DataState
    overlap_m2: float | None
    overlap_range_m2: tuple[float, float] | None
    overlap_share: float | None
    outside_m2: float | None
    unmapped_m2: float
    distance_m: float | None  # None also when nothing lies within the search radius
    patches: int | None
    sliver_count: int | None
    sliver_m2: float | None
    features: tuple[FeatureHit, ...]
    parts: tuple[Part, ...]  # one per selection asked for
    pieces: tuple[Patch, ...]  # geometry of the overlap, for drawing
    contact_m2: float | None  # raw area below the geometry tolerance, for the trace
    zonal: Zonal | None = None  # of a raster layer
    aside: tuple[Part, ...] = ()  # measured for what-if questions only: nothing is drawn, added up or judged by them

    def part(self, selection: Selection) -> Part | None:
        return next((p for p in self.parts if p.selection == selection), None)

    def any_part(self, selection: Selection) -> Part | None:
        """Also of what was measured aside."""
        return next((p for p in (*self.aside, *self.parts) if p.selection == selection), None)
