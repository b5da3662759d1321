"""The figures that plans are held to; so far the areas of the three control lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from xygis.check.layers import OpenLayer
from xygis.consistency.result import Indicator
from xygis.overlay.ground import Ground

LINES = ("permanent_basic_farmland", "ecological_red_line", "urban_growth_boundary")


def indicators_of(lines: Sequence[OpenLayer], grounds: Mapping[str, Ground]) -> tuple[Indicator, ...]:
    """One area per line, None where its data are not ready. Targets stand in no layer yet, so none is known."""
    return tuple(_area(opened, grounds.get(opened.layer.id)) for opened in lines)


def _area(opened: OpenLayer, ground: Ground | None) -> Indicator:
    layer = opened.layer
    by_county: tuple[tuple[str | None, str, float], ...] = ()
    value = None
    if ground is not None:
        areas = ground.areas_m2(np.ones(len(ground.parts), bool))
        value = float(areas.sum())
        rows = zip(ground.counties.codes, ground.counties.names, areas.tolist(), strict=True)
        by_county = tuple((code, name, area) for code, name, area in rows if code is not None or area > 0.0 or len(areas) == 1)
    return Indicator(
        code=layer.table or layer.id, title=f"{layer.title}面积", unit="m²", value=value, target=None, met=None, by_county=by_county
    )
