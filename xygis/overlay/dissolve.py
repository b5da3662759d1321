"""Joins pieces that touch into connected patches, so that no place is counted twice and no inner border is shown."""

from __future__ import annotations

import numpy as np
import shapely

from xygis.geodesy.ellipsoid import Floats
from xygis.overlay.overlap import Geometries, union
from xygis.overlay.prepared import Ints
from xygis.overlay.tiles import polygons_in

DUST_M = 1e-6  # narrower than the noise of floating-point intersections: no area, and no bridge between patches


def mean_widths_m(geometry: Geometries, area_m2: Floats) -> Floats:
    """2 A / P of each polygon, 0 where there is none."""
    length = shapely.length(geometry)
    return np.where(length > 0, 2 * area_m2 / np.where(length > 0, length, 1.0), 0.0)


def without_dust(geometry: Geometries) -> tuple[Geometries, Ints]:
    """(polygons, index) of what is wider than rounding noise."""
    parts, index = polygons_in(geometry)
    keep = mean_widths_m(parts, shapely.area(parts)) >= DUST_M
    return parts[keep], index[keep]


def dissolve(pieces: Geometries) -> tuple[Geometries, Ints]:
    """(patches, index): the connected areas that polygons make up, and which one each polygon went into.

    pieces: polygons, may overlap. Pieces that only meet in a point stay apart.
    """
    if len(pieces) == 0:
        return pieces, np.zeros(0, np.int64)
    left, right = shapely.STRtree(pieces).query(pieces, predicate="intersects")
    label = connected(len(pieces), left, right)
    order = np.argsort(label, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(label[order]) > 0])
    groups = np.split(order, starts[1:])
    patches: list[Geometries] = []
    index = np.zeros(len(pieces), np.int64)
    made = 0
    for group in groups:
        if len(group) == 1:
            patches.append(pieces[group])
            index[group] = made
            made += 1
            continue
        joined, _ = polygons_in(np.array([union(pieces[group])], object))
        patches.append(joined)
        index[group] = made + (_home(pieces[group], joined) if len(joined) > 1 else 0)
        made += len(joined)
    return np.concatenate(patches), index


def connected(count: int, left: Ints, right: Ints) -> Ints:
    """The lowest number in the connected component of each of `count` nodes, for edges left[i]–right[i] given both ways."""
    label = np.arange(count, dtype=np.int64)
    while True:
        lowest = label.copy()
        np.minimum.at(lowest, left, label[right])
        lowest = lowest[lowest]
        if np.array_equal(lowest, label):
            return label
        label = lowest


def _home(pieces: Geometries, patches: Geometries) -> Ints:
    """Which patch each piece lies in, by a point inside the piece."""
    nearest: Ints = shapely.STRtree(patches).nearest(shapely.point_on_surface(pieces)).astype(np.int64)
    return nearest
