"""`Polygons`: many polygons in the plane, laid out for the kernel; made for GEOS only where somebody looks at them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely

from xygis.geodesy.ellipsoid import Floats
from xygis.overlay.kernel import asking, laying
from xygis.overlay.kernel.binding import spread
from xygis.overlay.kernel.pieces import Bools, Pieces, Rings, whole_km
from xygis.overlay.laying_out import Parts, lay_pieces
from xygis.overlay.prepared import Geometries, Ints, PreparedLayer
from xygis.overlay.rings import rings_of


@dataclass(frozen=True, eq=False, kw_only=True)
class Stock:
    """Polygons that came into being together. make: some of them by number; lay: all of them for the kernel, the owner is the number;

    flat: their rings from an origin.
    """

    count: int
    make: Callable[[Ints], Geometries]
    lay: Callable[[], Pieces]
    flat: Callable[[], tuple[Rings, Floats]]

    @cached_property
    def pieces(self) -> Pieces:
        return self.lay()

    @cached_property
    def area_m2(self) -> Floats:
        return np.asarray(np.bincount(self.pieces.owner, self.pieces.area, self.count), float)

    @cached_property
    def rings(self) -> tuple[Rings, Floats]:
        return self.flat()

    @cached_property
    def bounds(self) -> Floats:
        """West, south, east, north of each, from the origin of its rings."""
        rings, _ = self.rings
        return laying.sizes(rings.xy, rings.ring_offsets, rings.first, rings.last)[1]

    @classmethod
    def of(cls, polygons: Geometries) -> Stock:
        """Polygons that are there already."""
        return cls(
            count=len(polygons), make=lambda which: polygons[which], lay=lambda: pieces_of(polygons), flat=lambda: _from_km(polygons)
        )  # fmt: skip

    @classmethod
    def of_parts(cls, prepared: PreparedLayer) -> Stock:
        """All parts of a prepared layer."""
        number = np.arange(len(prepared.owner), dtype=np.int64)
        rings = Rings(
            xy=prepared.xy, ring_offsets=prepared.ring_offsets, first=prepared.part_first, last=prepared.part_last, owner=number
        )  # fmt: skip
        return cls(count=len(number), make=prepared.parts, lay=lambda: prepared.pieces, flat=lambda: (rings, prepared.origin))


@dataclass(frozen=True, slots=True, kw_only=True)
class Polygons:
    """Polygon i is number[i] of stocks[stock[i]]; none stands here twice. All in one plane."""

    stocks: tuple[Stock, ...]
    stock: Ints
    number: Ints

    def __len__(self) -> int:
        return len(self.number)

    def __getitem__(self, which: Ints) -> Polygons:
        return Polygons(stocks=self.stocks, stock=self.stock[which], number=self.number[which])

    @classmethod
    def of(cls, *stocks: Stock) -> Polygons:
        """All polygons of some stocks, one after the other."""
        counts = [s.count for s in stocks]
        numbers = [np.arange(n, dtype=np.int64) for n in counts]
        stock = np.repeat(np.arange(len(stocks), dtype=np.int64), counts)
        return cls(stocks=stocks, stock=stock, number=np.concatenate([*numbers, np.zeros(0, np.int64)]))

    @property
    def area_m2(self) -> Floats:
        out = np.zeros(len(self))
        for k, mine in self._by_stock():
            out[mine] = self.stocks[k].area_m2[self.number[mine]]
        return out

    def shapes(self, jobs: int | None = None) -> Geometries:
        """The polygons themselves."""
        out = np.empty(len(self), object)
        for k, mine in self._by_stock():
            stock, number = self.stocks[k], self.number[mine]

            def make(start: int, end: int, stock: Stock = stock, number: Ints = number) -> Geometries:
                return stock.make(number[start:end])

            out[mine] = np.concatenate([*spread(make, len(mine), jobs), np.zeros(0, object)])
        return out

    @property
    def bounds(self) -> Floats:
        """West, south, east, north of each, in the plane."""
        out = np.zeros((len(self), 4))
        for k, mine in self._by_stock():
            out[mine] = self.stocks[k].bounds[self.number[mine]] + np.tile(self.stocks[k].rings[1], 2)
        return out

    def boxed(self, which: Ints, boxes: Floats) -> tuple[Geometries, Bools]:
        """(what lies of polygon which[i] in boxes[i], whether it is surely valid): to be overlaid with what lies in there. Compiled only.

        Parts of a polygon that leaves its box and enters it again hang together by edges along the side of the box: not valid.
        """
        out, sound = np.empty(len(which), object), np.zeros(len(which), bool)
        stock = self.stock[which]
        for k in np.unique(stock).tolist():
            here = np.flatnonzero(stock == k)
            rings, origin = self.stocks[k].rings
            local = np.ascontiguousarray(boxes[here] - np.tile(origin, 2))
            xy, offsets, counts = laying.boxed(rings, self.stocks[k].bounds, self.number[which[here]], local, 0, len(here))
            spans = np.r_[0, np.cumsum(counts)]
            out[here] = shapely.from_ragged_array(shapely.GeometryType.POLYGON, xy + origin, (offsets, spans))
            cut = Rings(xy=xy, ring_offsets=offsets, first=spans[:-1].copy(), last=spans[1:].copy(), owner=here)
            sound[here] = laying.surely_valid(cut, 1)
        return out, sound

    def meetings(self, others: Polygons, jobs: int | None = None) -> tuple[Ints, Ints, Floats]:
        """(mine, the other, m² of both) of all that overlap, in the order of mine and then of the others."""
        found = [(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))]
        theirs = [(others.stocks[k], others._places(k, mine)) for k, mine in others._by_stock()]
        for k, mine in self._by_stock():
            pieces, place = self.stocks[k].pieces, self._places(k, mine)
            if len(mine) < self.stocks[k].count:
                pieces = pieces.only(np.flatnonzero(place[pieces.owner] >= 0))
            for stock, other_place in theirs:
                i, j, area = asking.pairs(pieces, stock.pieces, jobs=jobs)
                one, other = place[pieces.owner[i]], other_place[stock.pieces.owner[j]]
                if len(other_place) > 0 and other_place.min() < 0:
                    kept = other >= 0
                    one, other, area = one[kept], other[kept], area[kept]
                found.append((one, other, area))
        one, other, area = (np.concatenate(column) for column in zip(*found, strict=True))
        return summed(one, other, area, len(others))

    def _by_stock(self) -> list[tuple[int, Ints]]:
        """(number of a stock, which of these polygons are of it), of those that have any."""
        return [(k, mine) for k in range(len(self.stocks)) if len(mine := np.flatnonzero(self.stock == k))]

    def _places(self, k: int, mine: Ints) -> Ints:
        """For every polygon of a stock its place here, or -1."""
        out = np.full(self.stocks[k].count, -1, np.int64)
        out[self.number[mine]] = mine
        return out


def joined(many: list[Polygons]) -> Polygons:
    """Several as one, in their order."""
    stocks = tuple(dict.fromkeys(s for one in many for s in one.stocks))
    place = {s: k for k, s in enumerate(stocks)}
    stock = [np.array([place[s] for s in one.stocks], np.int64)[one.stock] for one in many if len(one)]
    none = np.zeros(0, np.int64)
    return Polygons(stocks=stocks, stock=np.concatenate([*stock, none]), number=np.concatenate([*(one.number for one in many), none]))


def _from_km(polygons: Geometries) -> tuple[Rings, Floats]:
    """(rings, the whole kilometres that they are counted from)."""
    rings = rings_of(polygons, np.arange(len(polygons)))
    origin = whole_km(rings.xy)
    return rings.moved(rings.xy - origin, rings.ring_offsets), origin


def pieces_of(polygons: Geometries) -> Pieces:
    """Polygons laid out for the kernel; the owner of a piece is its polygon."""
    rings, origin = _from_km(polygons)
    laying.orient(rings)
    return lay_pieces(Parts(rings=(rings,), origin=origin)).pieces


def summed(one: Ints, other: Ints, area: Floats, others: int) -> tuple[Ints, Ints, Floats]:
    """Areas of the same two added up, in the order of both."""
    key = one * others + other
    order = np.argsort(key, kind="stable")
    key, area = key[order], area[order]
    starts = np.flatnonzero(np.r_[True, key[1:] != key[:-1]]) if len(key) else np.zeros(0, np.int64)
    total = np.add.reduceat(area, starts) if len(key) else area
    key = key[starts]
    return key // max(others, 1), key % max(others, 1), total
