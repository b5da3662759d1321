"""Two layers against each other: where they overlap, or where one reaches outside the other, as patches by county."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import shapely

from xygis.geodesy.ellipsoid import Floats
from xygis.geodesy.plane import Plane
from xygis.overlay.counties import Counties
from xygis.overlay.dissolve import dissolve, mean_widths_m, without_dust
from xygis.overlay.ground import FeatureRef, Ground, Mask
from xygis.overlay.overlap import Geometries
from xygis.overlay.prepared import Ints
from xygis.overlay.tolerances import CONTACT_M, SLIVER_M, SLIVER_M2

Areal: TypeAlias = shapely.Polygon | shapely.MultiPolygon


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """Some parts of a layer as one side of a pair."""

    ground: Ground
    chosen: Mask  # parts

    @property
    def tiles(self) -> Ints:
        """Numbers of the tiles that belong to it."""
        return np.flatnonzero(self.chosen[self.ground.part])

    def areas_m2(self) -> Floats:
        """Area by county, every place counted once."""
        return self.ground.areas_m2(self.chosen)


@dataclass(frozen=True, slots=True, kw_only=True)
class PairPatch:
    """One connected place of overlap or difference inside one county. `b` is empty for a difference.

    mean_width_m and sliver are those of the whole place, before it was cut along county borders.
    """

    geometry: Areal  # lon/lat degrees, CGCS2000
    area_m2: float
    mean_width_m: float
    sliver: bool
    county: int  # number in Counties
    a: tuple[FeatureRef, ...]
    b: tuple[FeatureRef, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Connected patches in the plane, contact dropped, and the features that each lies in."""

    geometry: Geometries
    area_m2: Floats
    mean_width_m: Floats
    a: tuple[tuple[int, ...], ...]  # feature numbers
    b: tuple[tuple[int, ...], ...]
    contact_m2: float

    @property
    def sliver(self) -> Mask:
        return (self.area_m2 < SLIVER_M2) | (self.mean_width_m < SLIVER_M)

    @property
    def total_m2(self) -> float:
        return float(self.area_m2.sum())


def overlap(a: Side, b: Side) -> Places:
    """Where some parts of one layer lie on some parts of another."""
    pieces, left, right = _pieces(a, b)
    return _places(pieces, a.ground.prepared.owner[a.ground.part[left]], b.ground.prepared.owner[b.ground.part[right]])


def difference(a: Side, b: Side, within: shapely.Geometry | None = None) -> Places:
    """Where some parts of one layer lie outside all parts of the other side. within: where b is complete; None: everywhere."""
    tiles = a.tiles
    _, left, right = _pieces(a, b)
    rest = a.ground.tiles[tiles]
    at = np.searchsorted(tiles, left)
    turn = np.arange(len(at)) - np.searchsorted(at, at)  # the how-manieth of its tile; _pieces sorts by tile
    for k in range(int(turn.max(initial=-1)) + 1):
        now = turn == k
        rest[at[now]] = shapely.difference(rest[at[now]], b.ground.tiles[right[now]])
    if within is not None:
        rest = shapely.intersection(rest, within)
    pieces, index = without_dust(rest)
    return _places(pieces, a.ground.prepared.owner[a.ground.part[tiles[index]]], None)


def without(places: Places, claimed: Sequence[Places]) -> Places:
    """The same places but for what other places cover already."""
    others = np.concatenate([c.geometry for c in claimed]) if claimed else np.zeros(0, object)
    if len(others) == 0 or len(places.geometry) == 0:
        return places
    left, right = shapely.STRtree(others).query(places.geometry, predicate="intersects")
    inside = np.asarray(shapely.relate_pattern(places.geometry[left], others[right], "2********"), bool)
    left, right = left[inside], right[inside]
    if len(left) == 0:
        return places
    rest = places.geometry.copy()
    for i, j in zip(left.tolist(), right.tolist(), strict=True):
        rest[i] = shapely.difference(rest[i], others[j])
    pieces, index = without_dust(rest)
    return _judged(pieces, [places.a[i] for i in index.tolist()], [places.b[i] for i in index.tolist()], places.contact_m2)


def patches(places: Places, a: Ground, b: Ground, counties: Counties, plane: Plane) -> tuple[PairPatch, ...]:
    """The places cut along county borders, in degrees, with what the features say; largest first."""
    pieces, county, parent = counties.split(places.geometry)
    area = np.asarray(shapely.area(pieces), float)
    degrees = shapely.transform(pieces, lambda c: np.column_stack(plane.inverse(c[:, 0], c[:, 1])))
    sliver = places.sliver
    order = np.lexsort((shapely.bounds(pieces)[:, 0], -area)) if len(pieces) else np.zeros(0, np.int64)
    return tuple(
        PairPatch(
            geometry=degrees[i],
            area_m2=float(area[i]),
            mean_width_m=float(places.mean_width_m[parent[i]]),
            sliver=bool(sliver[parent[i]]),
            county=int(county[i]),
            a=a.refs(places.a[int(parent[i])]),
            b=b.refs(places.b[int(parent[i])]),
        )
        for i in order.tolist()
    )


def _pieces(a: Side, b: Side) -> tuple[Geometries, Ints, Ints]:
    """(pieces, tile of a, tile of b): every polygon of overlap between a tile and a tile, in the order of the tiles of a.

    A tile that lies inside another, or equals it, is copied, not computed.
    """
    of_a, of_b = a.tiles, b.tiles
    here, there = a.ground.tiles[of_a], b.ground.tiles[of_b]
    left, right = shapely.STRtree(there).query(here, predicate="intersects")
    order = np.lexsort((right, left))
    left, right = left[order], right[order]
    shapely.prepare(there)
    inside = np.asarray(shapely.covers(there[right], here[left]), bool)
    cut = here[left].copy()
    cut[~inside] = shapely.intersection(here[left[~inside]], there[right[~inside]])
    shapely.destroy_prepared(there)
    pieces, index = without_dust(cut)
    return pieces, of_a[left[index]], of_b[right[index]]


def _places(pieces: Geometries, a: Ints, b: Ints | None) -> Places:
    """Pieces joined into places; a, b: the feature of each piece on either side."""
    joined, index = dissolve(pieces)
    return _judged(joined, _features(index, a, len(joined)), _features(index, b, len(joined)), 0.0)


def _features(index: Ints, features: Ints | None, count: int) -> list[tuple[int, ...]]:
    if features is None:
        return [()] * count
    pairs = np.unique(np.column_stack([index, features]), axis=0)
    groups = np.split(pairs[:, 1], np.searchsorted(pairs[:, 0], np.arange(1, count)))
    return [tuple(g.tolist()) for g in groups]


def _judged(joined: Geometries, a: Sequence[tuple[int, ...]], b: Sequence[tuple[int, ...]], contact_m2: float) -> Places:
    """Drops what is contact (DESIGN §6)."""
    area = np.asarray(shapely.area(joined), float)
    width = mean_widths_m(joined, area)
    keep = np.flatnonzero(width >= CONTACT_M).tolist()
    return Places(
        geometry=joined[keep],
        area_m2=area[keep],
        mean_width_m=width[keep],
        a=tuple(a[i] for i in keep),
        b=tuple(b[i] for i in keep),
        contact_m2=contact_m2 + float(area[width < CONTACT_M].sum()),
    )
