"""The counties of a city as a partition of the plane: what lies in none of them is kept apart, never lost."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from xygis.geodesy.ellipsoid import Floats
from xygis.overlay.dissolve import mean_widths_m
from xygis.overlay.overlap import Geometries, union
from xygis.overlay.prepared import Ints, PreparedLayer
from xygis.overlay.tiles import polygons_in
from xygis.overlay.tolerances import CONTACT_M

OUTSIDE = "市域外"
UNDIVIDED = "未分县"


@dataclass(frozen=True, slots=True, kw_only=True)
class Counties:
    """Disjoint areas in the plane, in the order of their codes. Number len(codes) − 1 has code None: everything else."""

    codes: tuple[str | None, ...]
    names: tuple[str, ...]
    shapes: Geometries  # one per county, without the last

    def __len__(self) -> int:
        return len(self.codes)

    @property
    def areas_m2(self) -> Floats:
        """Area of each county, without the last."""
        areas: Floats = np.asarray(shapely.area(self.shapes), float)
        return areas

    def outside_m2(self, extent: shapely.Geometry) -> float:
        """How much of the city lies outside an area."""
        return float(shapely.area(shapely.difference(self.shapes, extent)).sum())

    def areas_of(self, polygons: Geometries) -> Floats:
        """(polygons, counties): area in m² of each polygon in each county; rows add up to the polygon."""
        out = np.zeros((len(polygons), len(self)))
        parts, county, parent = self.split(polygons)
        np.add.at(out, (parent, county), shapely.area(parts))
        return out

    def split(self, polygons: Geometries) -> tuple[Geometries, Ints, Ints]:
        """(pieces, county, parent): each polygon cut along county borders, one piece for each county that it reaches into.

        A polygon inside one county is kept to the bit. Of one that reaches over a border by less than contact (mean width
        0.001 m), the whole stays with its main county.
        """
        county = np.full(len(polygons), -1, np.int64)
        tree = shapely.STRtree(polygons)
        for i, shape in enumerate(self.shapes):
            county[tree.query(shape, predicate="covers")] = i
        open_ = np.flatnonzero(county < 0)
        pieces, counties, parents = [polygons[county >= 0]], [county[county >= 0]], [np.flatnonzero(county >= 0)]
        reach, which = shapely.STRtree(self.shapes).query(polygons[open_], predicate="intersects")
        rest = polygons[open_].copy()
        parts = [shapely.intersection(polygons[open_[reach]], self.shapes[which])]
        numbers, owners = [which], [reach]
        for i in range(len(self.shapes)):
            here = reach[which == i]
            rest[here] = shapely.difference(rest[here], self.shapes[i])
        parts.append(rest)
        numbers.append(np.full(len(rest), len(self) - 1))
        owners.append(np.arange(len(rest)))
        kept, number, owner = _settled(np.concatenate(parts), np.concatenate(numbers), np.concatenate(owners), polygons[open_])
        pieces.append(kept)
        counties.append(number)
        parents.append(open_[owner])
        parent = np.concatenate(parents)
        order = np.lexsort((np.concatenate(counties), parent))
        return np.concatenate(pieces)[order], np.concatenate(counties)[order].astype(np.int64), parent[order].astype(np.int64)


def _settled(parts: Geometries, number: Ints, owner: Ints, polygons: Geometries) -> tuple[Geometries, Ints, Ints]:
    """One piece per polygon and county, thin ones dropped; a polygon that is left with one piece is that piece."""
    flat, index = polygons_in(parts)
    wide = mean_widths_m(flat, shapely.area(flat)) >= CONTACT_M
    flat, index = flat[wide], index[wide]
    kept = np.unique(index)
    count = np.bincount(owner[kept], minlength=len(polygons))
    out = parts.copy()
    whole = kept[count[owner[kept]] == 1]
    out[whole] = polygons[owner[whole]]
    shared = kept[count[owner[kept]] > 1]
    order = np.argsort(index, kind="stable")
    first, last = (np.searchsorted(index[order], shared, side=side) for side in ("left", "right"))
    for k, start, end in zip(shared.tolist(), first.tolist(), last.tolist(), strict=True):
        out[k] = _joined(flat[order[start:end]])
    lost = np.flatnonzero(count == 0)  # thinner than contact everywhere: kept whole, in no county
    last_county = number.max(initial=0)
    return (
        np.concatenate([out[kept], polygons[lost]]),
        np.concatenate([number[kept], np.full(len(lost), last_county)]),
        np.concatenate([owner[kept], lost]),
    )


def _joined(polygons: Geometries) -> shapely.Geometry:
    return polygons[0] if len(polygons) == 1 else shapely.multipolygons(polygons)


def counties_of(prepared: PreparedLayer | None) -> Counties:
    """The partition that a counties layer makes; without one, the whole plane under code None."""
    if prepared is None or len(prepared.owner) == 0:
        return Counties(codes=(None,), names=(UNDIVIDED,), shapes=np.zeros(0, object))
    parts = prepared.parts(np.arange(len(prepared.owner)))
    found: dict[tuple[str, str], list[int]] = {}
    for i, feature in enumerate(prepared.owner.tolist()):
        values = prepared.attributes(feature)
        name = str(values.get("county_name") or values.get("name") or "未命名")
        code = str(values.get("county_code") or name)
        found.setdefault((code, name), []).append(i)
    keys = sorted(found)
    shapes = np.array([union(parts[np.array(found[key])]) for key in keys], object)
    return Counties(codes=(*(c for c, _ in keys), None), names=(*(n for _, n in keys), OUTSIDE), shapes=_disjoint(shapes))


def _disjoint(shapes: Geometries) -> Geometries:
    """Where two counties claim the same place, the one with the lower code has it."""
    left, right = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    out = shapes.copy()
    for i, j in sorted((a, b) for a, b in zip(left.tolist(), right.tolist(), strict=True) if a < b):
        if shapely.relate_pattern(out[i], out[j], "2********"):
            out[j] = shapely.difference(out[j], out[i])
    return out
