"""A layer laid out for pairing: parts in the plane, cut where large, with their counties and where they lie on one another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import shapely
from numpy.typing import NDArray

from xygis.atlas.attributes import Value
from xygis.atlas.law import Selection
from xygis.geodesy.ellipsoid import Floats
from xygis.overlay.counties import Counties
from xygis.overlay.dissolve import connected, dissolve, mean_widths_m, without_dust
from xygis.overlay.overlap import Geometries
from xygis.overlay.prepared import Ints, PreparedLayer
from xygis.overlay.selecting import chosen_of
from xygis.overlay.tiles import cut_large
from xygis.overlay.tolerances import CONTACT_M

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureRef:
    """What a patch says of a feature that it lies in."""

    id: str
    name: str | None
    class_: str | None
    zone: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubled:
    """Two parts of one layer that lie on the same place."""

    parts: tuple[int, int]
    area_m2: float
    place: tuple[float, float]  # a point in it, in the plane


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """A polygon layer ready to be paired with others. `part` and `feature` say where a tile comes from."""

    prepared: PreparedLayer
    counties: Counties
    parts: Geometries
    tiles: Geometries
    part: Ints
    county_m2: Floats  # (parts, counties)
    doubled: tuple[Doubled, ...]
    clusters: tuple[Ints, ...]  # parts that lie on one another, largest groups that hang together
    attributes: dict[int, dict[str, Value]] = field(default_factory=dict, repr=False, compare=False)  # read once

    def values(self, feature: int) -> dict[str, Value]:
        if feature not in self.attributes:
            self.attributes[feature] = self.prepared.attributes(feature)
        return self.attributes[feature]

    def chosen(self, selection: Selection) -> tuple[Mask, Mask]:
        """(surely, possibly) in the selection, for each part; possibly includes surely."""
        return chosen_of(self.prepared.owner, self.values, selection)

    def areas_m2(self, chosen: Mask) -> Floats:
        """Area of some parts by county, every place counted once."""
        single = chosen.copy()
        total: Floats = np.zeros(len(self.counties))
        for cluster in self.clusters:
            here = cluster[chosen[cluster]]
            if len(here) > 1:
                single[here] = False
                total += self.counties.areas_of(dissolve(self.parts[here])[0]).sum(axis=0)
        total += self.county_m2[single].sum(axis=0)
        return total

    def refs(self, features: Sequence[int]) -> tuple[FeatureRef, ...]:
        return tuple(self._ref(f) for f in features)

    def _ref(self, feature: int) -> FeatureRef:
        values = self.values(feature)
        return FeatureRef(
            id=str(values.get("id") or feature + 1), name=_text(values, "name"), class_=_text(values, "class"), zone=_text(values, "zone")
        )


def lay_out(prepared: PreparedLayer, counties: Counties) -> Ground:
    """The ground of one polygon layer."""
    parts = prepared.parts(np.arange(len(prepared.owner)))
    tiles, part = cut_large(parts)
    doubled = _doubled(parts)
    pairs = np.array([d.parts for d in doubled], np.int64).reshape(-1, 2)
    label = connected(len(parts), np.r_[pairs[:, 0], pairs[:, 1]], np.r_[pairs[:, 1], pairs[:, 0]])
    touched = np.unique(pairs)
    clusters = tuple(touched[label[touched] == first] for first in np.unique(label[touched]))
    county_m2 = np.zeros((len(parts), len(counties)))
    np.add.at(county_m2, part, counties.areas_of(tiles))
    return Ground(
        prepared=prepared, counties=counties, parts=parts, tiles=tiles, part=part, county_m2=county_m2, doubled=doubled, clusters=clusters
    )


def _doubled(parts: Geometries) -> tuple[Doubled, ...]:
    """Where parts of one layer overlap by more than contact.

    Only parts with an edge that is not shared vertex by vertex can: the coverage test finds those in one sweep.
    """
    if len(parts) < 2:
        return ()
    suspect = ~shapely.is_empty(shapely.coverage_invalid_edges(parts))
    numbers = np.flatnonzero(suspect)
    left, right = shapely.STRtree(parts).query(parts[numbers], predicate="intersects")
    left = numbers[left]
    once = (left < right) | ((left > right) & ~suspect[right])
    left, right = left[once], right[once]
    common, index = without_dust(shapely.intersection(parts[left], parts[right]))
    wide = mean_widths_m(common, shapely.area(common)) >= CONTACT_M
    common, index = common[wide], index[wide]
    found = []
    for k in np.unique(index).tolist():
        pieces = common[index == k]
        point = shapely.point_on_surface(pieces[int(np.argmax(shapely.area(pieces)))])
        pair = sorted((int(left[k]), int(right[k])))
        found.append(Doubled(parts=(pair[0], pair[1]), area_m2=float(shapely.area(pieces).sum()), place=(point.x, point.y)))
    return tuple(sorted(found, key=lambda d: d.parts))


def _text(values: dict[str, Value], name: str) -> str | None:
    value = values.get(name)
    return None if value is None else str(value)
