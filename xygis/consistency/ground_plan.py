"""All layers of a comparison laid over the counties: their grounds by id, and the one partition that every table rests on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from xygis.atlas.atlas import COUNTIES
from xygis.atlas.law import Selection
from xygis.atlas.verdict import DataState
from xygis.check.layers import OpenLayer
from xygis.overlay.counties import Counties, counties_of
from xygis.overlay.disjoint import Disjoint
from xygis.overlay.ground import Ground, Mask, lay_out
from xygis.overlay.partition import GAP, Partition, partition
from xygis.overlay.polygons import Polygons, Stock
from xygis.overlay.tiles import cut_large, polygons_in

EXTENT = "{}/extent"  # the layer of a partition that stands for where another one claims to be complete

Progress = Callable[[int, int], None]
Where = tuple[tuple[str, tuple[str, ...]], ...]  # as Selection.where


@dataclass(frozen=True, slots=True, kw_only=True)
class GroundPlan:
    """What every comparison rests on. grounds: the layers that are ready and made of polygons, by id."""

    grounds: Mapping[str, Ground]
    cells: Partition

    @property
    def counties(self) -> Counties:
        return self.cells.counties

    def chosen(self, layer: str, where: Where) -> tuple[Mask, Mask]:
        """(surely, possibly): the cells that the features of a layer which meet all conditions cover; without conditions, all of it."""
        ground, stack = self.grounds[layer], self.cells.column(layer)
        if not where:
            return stack != GAP, stack != GAP
        sure, possible = (
            np.r_[ground.disjoint.any_of(features), False] for features in ground.chosen_features(Selection(layer=layer, where=where))
        )
        return sure[stack], possible[stack]  # GAP is the last entry

    def complete(self, layer: str) -> Mask:
        """The cells in which a layer claims to be complete."""
        name = EXTENT.format(layer)
        if not any(one.layer == name for one in self.cells.layers):
            return np.ones(len(self.cells), bool)
        inside: Mask = self.cells.column(name) != GAP
        return inside


def ground_plan(opened: Mapping[str, OpenLayer], progress: Progress | None = None) -> GroundPlan:
    """Lays out every layer that can be; where one claims to be complete only in an extent, that is a layer of the partition too."""
    city = opened.get(COUNTIES)
    counties = counties_of(city.prepared if city is not None and city.record.state is DataState.READY else None)
    grounds: dict[str, Ground] = {}
    for name, one in opened.items():
        if name != COUNTIES and one.prepared is not None and one.record.state is DataState.READY and one.layer.geometry == "polygon":
            grounds[name] = lay_out(one.prepared, counties)
    layers = [*(g.disjoint for g in grounds.values()), *(_extent(name, opened[name]) for name in grounds if opened[name].layer.extent)]
    layers.sort(key=lambda one: (-len(one.polygons), one.layer))
    return GroundPlan(grounds=grounds, cells=partition(layers, counties, progress=progress))


def _extent(name: str, opened: OpenLayer) -> Disjoint:
    """Where a layer claims to be complete, as a layer of the partition."""
    polygons, _ = cut_large(polygons_in(np.array([opened.extent], object))[0])
    return Disjoint(
        layer=EXTENT.format(name),
        polygons=Polygons.of(Stock.of(polygons)),
        stack=np.zeros(len(polygons), np.int64),
        features=1,
        together=(),
    )
