"""`Overlaps`: where features of one layer lie on one another, wider than contact; nothing at the eighth decimal."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from xygis.consistency.quality.shapes import Shapes, in_metres
from xygis.consistency.quality.table import Geometries
from xygis.geodesy.ellipsoid import Floats
from xygis.overlay.cover import doubled_parts
from xygis.overlay.dissolve import mean_widths_m
from xygis.overlay.kernel import laying
from xygis.overlay.kernel.pieces import Rings, whole_km
from xygis.overlay.laying_out import Parts, lay_pieces
from xygis.overlay.overlap import areal
from xygis.overlay.prepared import Ints
from xygis.overlay.tiles import polygons_in
from xygis.overlay.tolerances import CONTACT_M


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlaps:
    """Pairs of features, the first before the second, what they share, and how much of it."""

    features: Ints  # (k, 2)
    pieces: Geometries  # in the system of the file
    m2: Floats

    def __len__(self) -> int:
        return len(self.features)


def overlaps_of(shapes: Shapes) -> Overlaps:
    """Candidates by the area kernel, which builds no geometry; the geometry of those few by a general overlay in the file's own system."""
    pairs = _candidates(shapes)
    left, right = pairs[:, 0], pairs[:, 1]
    common, index = polygons_in(areal(np.asarray(shapely.intersection(shapes.parts[left], shapes.parts[right]), object)))
    metres = in_metres(common, shapes.code)
    area = np.asarray(shapely.area(metres), float)
    wide = mean_widths_m(metres, area) >= CONTACT_M
    common, index, area = common[wide], index[wide], area[wide]
    if not len(common):
        return Overlaps(features=np.zeros((0, 2), np.int64), pieces=np.zeros(0, object), m2=np.zeros(0))
    both = np.sort(np.c_[shapes.owner[left[index]], shapes.owner[right[index]]], axis=1)
    features, group = np.unique(both, axis=0, return_inverse=True)
    group = group.reshape(-1)
    order = np.argsort(group, kind="stable")
    starts = np.searchsorted(group[order], np.arange(len(features)))
    pieces = np.empty(len(features), object)
    for k, some in enumerate(np.split(order, starts[1:])):
        pieces[k] = _one(common[some])
    return Overlaps(features=features, pieces=pieces, m2=np.bincount(group, area, len(features)).astype(float))


def _candidates(shapes: Shapes) -> Ints:
    """(k, 2) parts of different features that share more than a thousandth of a square metre."""
    if len(shapes.parts) < 2:
        return np.zeros((0, 2), np.int64)
    xy, offsets = shapes.official
    chains = shapes.chains
    first = np.flatnonzero(chains.outer).astype(np.int64)
    origin = whole_km(xy)
    rings = Rings(
        xy=xy - origin,
        ring_offsets=np.asarray(offsets, np.int64),
        first=first,
        last=np.r_[first[1:], len(chains.part)].astype(np.int64),
        owner=np.arange(len(first), dtype=np.int64),
    )
    laying.orient(rings)
    pairs = doubled_parts(lay_pieces(Parts(rings=(rings,), origin=origin)).pieces)
    apart: Ints = pairs[shapes.owner[pairs[:, 0]] != shapes.owner[pairs[:, 1]]]
    return apart


def _one(polygons: Geometries) -> shapely.Geometry:
    return polygons[0] if len(polygons) == 1 else shapely.multipolygons(list(polygons))
