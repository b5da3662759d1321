"""Measures parcels against a raster layer: elevation and slope, or shares of classes, as facts that rules may ask."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import shapely

from xygis.atlas.attributes import matches
from xygis.atlas.layer import Layer
from xygis.atlas.verdict import DataState, LayerState
from xygis.geodesy.crs import from_geographic
from xygis.overlay.coverage import Outlines, outlines
from xygis.overlay.measure import FeatureHit, Measure, Part, Zonal
from xygis.overlay.measuring import Question, no_data
from xygis.overlay.raster import Raster
from xygis.overlay.shape import ParcelShape
from xygis.overlay.zonal import CellStatistics, class_statistics, elevation_statistics, value_statistics

STEEP_DEG = 25.0  # the fact is called after it: slope_share_above_25
_STEEPEST_DEG = 90.0


def zonals(layer: Layer, raster: Raster, shapes: Sequence[ParcelShape]) -> tuple[Zonal, ...]:
    """What the raster holds under each parcel, all parcels in one reading. Raises LayerUnreadable where the file breaks off."""
    if not shapes:
        return ()
    over = _over(raster, shapes)
    if layer.measure == "class":
        found = class_statistics(raster, over)
        cells = found.weight.sum(axis=1) + found.without
        return tuple(
            Zonal(
                unmapped_share=_share(found.without[i], cells[i]),
                classes=tuple(
                    sorted(
                        ((str(c), w / cells[i]) for c, w in zip(found.classes, found.weight[i].tolist(), strict=True) if w), key=_largest
                    )
                ),
            )
            for i in range(len(shapes))
        )
    elevation = None
    if layer.measure == "slope":
        slope = value_statistics(raster, over, STEEP_DEG)
    else:
        elevation, slope = elevation_statistics(raster, over, STEEP_DEG)
    return tuple(_terrain(elevation, slope, i) for i in range(len(shapes)))


def measure_zonal(
    shape: ParcelShape, layer: Layer, zonal: Zonal, questions: Sequence[Question], data: DataState, aside: Sequence[Question] = ()
) -> Measure:
    """One parcel × one raster layer. It is never `clear`: a raster has something to say wherever it has data."""
    area_m2 = shape.area_m2
    unmapped_m2 = zonal.unmapped_share * area_m2
    if zonal.unmapped_share >= 1.0:
        return no_data(layer, shape, data, area_m2)
    hits = tuple(FeatureHit(id=name, overlap_m2=share * area_m2, attributes=(("class", name),)) for name, share in zonal.classes)
    overlap_m2 = area_m2 - unmapped_m2
    return Measure(
        layer=layer.id,
        state=LayerState.CONCERNED,
        data=data,
        overlap_m2=overlap_m2,
        overlap_range_m2=None,
        overlap_share=1.0 - zonal.unmapped_share,
        outside_m2=unmapped_m2,
        unmapped_m2=unmapped_m2,
        distance_m=None,
        patches=0,
        sliver_count=0,
        sliver_m2=0.0,
        features=hits,
        parts=tuple(_part(question, zonal, hits, area_m2, overlap_m2) for question in questions),
        pieces=(),
        contact_m2=None,
        zonal=zonal,
        aside=tuple(_part(question, zonal, hits, area_m2, overlap_m2) for question in aside),
    )


def facts_of(zonal: Zonal) -> tuple[tuple[str, float, float], ...]:
    """(name, least, greatest) of every terrain fact that is known at all; where data lack, there may be anything."""
    low, high = (-math.inf, math.inf) if zonal.unmapped_share else (0.0, 0.0)
    u = zonal.slope_unmapped_share or 0.0
    steep, mean, most = zonal.slope_share_above_25, zonal.slope_mean_deg, zonal.slope_max_deg
    ranges = (
        ("elevation_min_m", zonal.elevation_min_m, low, 0.0),
        ("elevation_mean_m", zonal.elevation_mean_m, low, high),
        ("elevation_max_m", zonal.elevation_max_m, 0.0, high),
        ("slope_mean_deg", None if mean is None else mean * (1 - u), 0.0, _STEEPEST_DEG * u),
        ("slope_max_deg", most, 0.0, _STEEPEST_DEG - most if u and most is not None else 0.0),
        ("slope_share_above_25", None if steep is None else steep * (1 - u), 0.0, u),
    )
    return tuple((name, value + less, value + more) for name, value, less, more in ranges if value is not None)


def _over(raster: Raster, shapes: Sequence[ParcelShape]) -> Outlines:
    """The parcels in the raster's cells. Their edges are split already, so that projecting the vertices is enough."""

    plane = shapes[0].frame.plane
    polygons = shapely.transform(
        np.array([s.polygon for s in shapes], object),
        lambda c: np.column_stack(from_geographic(raster.crs, *plane.inverse(c[:, 0], c[:, 1]))),
    )
    return outlines(polygons, raster.origin, raster.step)


def _terrain(elevation: CellStatistics | None, slope: CellStatistics, i: int) -> Zonal:
    arrays = (elevation.least, elevation.mean, elevation.greatest) if elevation is not None else ()
    least, mean, greatest = [_known(float(v[i])) for v in arrays] or [None] * 3
    steep = float(slope.above[i] / slope.weight[i]) if slope.weight[i] > 0.0 else None
    unmapped, of_slope = (_share(s.without[i], s.weight[i] + s.without[i]) for s in (elevation or slope, slope))
    return Zonal(
        unmapped_share=unmapped,
        slope_unmapped_share=of_slope,
        elevation_min_m=least,
        elevation_mean_m=mean,
        elevation_max_m=greatest,
        slope_mean_deg=_known(float(slope.mean[i])),
        slope_max_deg=_known(float(slope.greatest[i])),
        slope_share_above_25=None if steep is None else min(1.0, steep),
    )


def _part(question: Question, zonal: Zonal, hits: Sequence[FeatureHit], area_m2: float, overlap_m2: float) -> Part:
    """What a rule asked for: of a raster of classes, the area of those selected."""
    selection = question.selection
    met = [[matches(dict(h.attributes).get(field), patterns) for field, patterns in selection.where] for h in hits]
    chosen = [h for h, answers in zip(hits, met, strict=True) if all(answers)]
    possible = [h for h, answers in zip(hits, met, strict=True) if False not in answers]
    area = math.fsum(h.overlap_m2 for h in chosen) if hits else overlap_m2 if not selection.where else 0.0
    return Part(
        selection=selection,
        overlap_m2=area,
        possible_m2=max(area, math.fsum(h.overlap_m2 for h in possible)),
        outside_m2=area_m2 - area,
        overlap_range_m2=None,
        sliver_m2=0.0,
        sliver_count=0,
        patches=0,
        distance_m=None,
        names=tuple(h.id for h in chosen),
        facts=facts_of(zonal),
    )


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _share(part: float, whole: float) -> float:
    return float(part / whole) if part else 0.0


def _largest(one: tuple[str, float]) -> tuple[float, str]:
    return -one[1], one[0]
