"""Cuts large polygons into small ones, so that overlaying them with small ones costs what the small ones cost."""

from __future__ import annotations

import numpy as np
import shapely

from xygis.overlay.overlap import Geometries
from xygis.overlay.prepared import Ints

MOST_POINTS = 256
_LEVELS = 16


def cut_large(parts: Geometries, most_points: int = MOST_POINTS) -> tuple[Geometries, Ints]:
    """(tiles, owner): the same area in polygons of at most `most_points` vertices; owner[i] is the part that tile i comes from.

    Cuts are parallel to the axes, so the tiles close exactly. A part that is small already stays as it is, to the bit.
    """
    tiles, owner = parts, np.arange(len(parts), dtype=np.int64)
    for _ in range(_LEVELS):
        large = shapely.get_num_coordinates(tiles) > most_points
        if not large.any():
            break
        west, south, east, north = shapely.bounds(tiles[large]).T
        wide = east - west >= north - south
        x, y = np.where(wide, (west + east) / 2, east), np.where(wide, north, (south + north) / 2)
        low = shapely.box(west, south, x, y)
        high = shapely.box(np.where(wide, x, west), np.where(wide, south, y), east, north)
        halves = np.concatenate([shapely.intersection(tiles[large], low), shapely.intersection(tiles[large], high)])
        new, index = polygons_in(halves)
        tiles = np.concatenate([tiles[~large], new])
        owner = np.concatenate([owner[~large], np.tile(owner[large], 2)[index]])
    order = np.argsort(owner, kind="stable")
    return tiles[order], owner[order]


def polygons_in(geometry: Geometries) -> tuple[Geometries, Ints]:
    """(polygons, index): every polygon of some geometries, and which geometry it comes from. Lines and points fall away."""
    kind = shapely.get_type_id(geometry)
    several = kind > 3
    if 2 * np.count_nonzero(several) <= len(geometry):  # most need no taking apart
        single = np.flatnonzero((kind == 3) & ~shapely.is_empty(geometry))
        parts, index = polygons_in(geometry[several]) if several.any() else (geometry[:0], single[:0])
        index = np.r_[single, np.flatnonzero(several)[index]]
        order = np.argsort(index, kind="stable")
        return np.concatenate([geometry[single], parts])[order], index[order].astype(np.int64)
    outer, index = shapely.get_parts(geometry, return_index=True)
    parts, inner = shapely.get_parts(outer, return_index=True)  # a collection holds multi-polygons
    keep = (shapely.get_type_id(parts) == 3) & ~shapely.is_empty(parts)
    return parts[keep], index[inner][keep].astype(np.int64)
