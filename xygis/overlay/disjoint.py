"""`Disjoint`: a polygon layer in which no place is covered twice. Where features lie on one another, that place stands for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from xygis.overlay.dissolve import connected, mean_widths_m
from xygis.overlay.kernel.pieces import Bools
from xygis.overlay.polygons import Polygons, Stock, joined
from xygis.overlay.prepared import Geometries, Ints, PreparedLayer
from xygis.overlay.tiles import cut_large, polygons_in
from xygis.overlay.tolerances import CONTACT_M

_MOST_POINTS = 1024  # of a polygon: a larger one is cut, because every cell on its border is intersected with all of it


@dataclass(frozen=True, slots=True, kw_only=True)
class Disjoint:
    """polygons: in the plane, small, disjoint; stack[i]: which features lie there.

    Stacks below `features` are the single features; stack features + k is the set together[k], ascending. Where features overlap
    by no more than contact (mean width 0.001 m), the place is the first one's.
    """

    layer: str
    polygons: Polygons
    stack: Ints
    features: int
    together: tuple[tuple[int, ...], ...]

    @property
    def stacks(self) -> int:
        return self.features + len(self.together)

    def any_of(self, chosen: Bools) -> Bools:
        """For each stack whether one of its features is chosen. chosen: one entry a feature."""
        sets = [bool(chosen[list(s)].any()) for s in self.together]
        every: Bools = np.r_[chosen, np.array(sets, bool)]
        return every

    def features_in(self, stack: int) -> tuple[int, ...]:
        return (stack,) if stack < self.features else self.together[stack - self.features]


def disjoint(prepared: PreparedLayer) -> Disjoint:
    """The layer without double places. Parts that lie on no other and are small stay as they are."""
    pairs = prepared.doubled.reshape(-1, 2)
    label = connected(len(prepared.owner), np.r_[pairs[:, 0], pairs[:, 1]], np.r_[pairs[:, 1], pairs[:, 0]])
    touching, long = np.zeros(len(label), bool), prepared.part_points > _MOST_POINTS
    touching[pairs] = True
    touched, large, kept = np.flatnonzero(touching), np.flatnonzero(long & ~touching), np.flatnonzero(~long & ~touching)
    polygons, stacks, sets = [prepared.parts(large)], [prepared.owner[large]], _Sets(prepared.features)
    clustered, where = prepared.parts(touched), label[touched]
    for first in np.unique(where).tolist():
        cluster = touched[where == first]
        places, lying = _arranged(clustered[where == first])
        polygons.append(places)
        stacks.append(np.array([sets.number(prepared.owner[cluster[list(which)]].tolist()) for which in lying], np.int64))
    tiles, owner = cut_large(np.concatenate(polygons), _MOST_POINTS)
    return Disjoint(
        layer=prepared.id,
        polygons=joined([Polygons.of(Stock.of_parts(prepared))[kept], Polygons.of(Stock.of(tiles))]),
        stack=np.r_[prepared.owner[kept], np.concatenate(stacks)[owner]].astype(np.int64),
        features=prepared.features,
        together=tuple(sets.known),
    )


class _Sets:
    """Numbers the sets of features that lie on one another, in the order in which they are met."""

    def __init__(self, features: int) -> None:
        self._features = features
        self.known: dict[tuple[int, ...], int] = {}

    def number(self, features: Sequence[int]) -> int:
        key = tuple(sorted(set(features)))
        return key[0] if len(key) == 1 else self.known.setdefault(key, self._features + len(self.known))


def _arranged(parts: Geometries) -> tuple[Geometries, list[tuple[int, ...]]]:
    """(places, for each the parts that cover it): what the borders of some parts divide them into."""
    lines = shapely.union_all(shapely.boundary(parts))
    faces, _ = polygons_in(np.array([shapely.polygonize(shapely.get_parts(lines))], object))
    face, part = shapely.STRtree(parts).query(shapely.point_on_surface(faces), predicate="intersects")
    width = mean_widths_m(faces, shapely.area(faces))
    covering: dict[int, list[int]] = {}
    for f, p in sorted(zip(face.tolist(), part.tolist(), strict=True)):
        if p == min(covering.get(f, [p])) or width[f] >= CONTACT_M:
            covering.setdefault(f, []).append(p)
    order = sorted(covering)
    return faces[order], [tuple(covering[f]) for f in order]
