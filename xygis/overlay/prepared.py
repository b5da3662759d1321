"""`PreparedLayer`: a layer as flat arrays in the plane, ready to be measured against. Who makes one: `prepare`; who keeps it: `store`."""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from xygis.atlas.attributes import Value
from xygis.geodesy.ellipsoid import Floats

Ints = NDArray[np.int64]
Geometries = NDArray[np.object_]

VERSION = 2  # of the preparation; part of every cache key


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedLayer:
    """A layer ready to be measured against. Coordinates are plane metres, arrays are read-only.

    A part is one polygon (or line) of a feature: its rings are ring_offsets[part_offsets[i]:part_offsets[i+1]+1] into xy;
    a line counts as one ring. attributes of feature f: JSON in attribute_bytes[attribute_offsets[f]:attribute_offsets[f+1]].
    """

    id: str
    geometry: str  # polygon | line
    source_sha256: str
    features: int
    repairs: tuple[str, ...]  # one sentence per repaired feature, with place and area before and after
    xy: Floats
    ring_offsets: Ints
    part_offsets: Ints
    owner: Ints  # feature number of each part
    bounds: Floats  # (parts, 4) plane west, south, east, north
    attribute_offsets: Ints
    attribute_bytes: NDArray[np.uint8]

    def parts(self, which: Ints) -> Geometries:
        """shapely geometries of some parts, in the plane."""
        if len(which) == 0:
            return np.empty(0, object)
        first, last = self.part_offsets[which], self.part_offsets[which + 1]
        rings = _ranges(first, last)
        starts, ends = self.ring_offsets[rings], self.ring_offsets[rings + 1]
        coords = self.xy[_ranges(starts, ends)]
        ring_offsets = np.r_[0, np.cumsum(ends - starts)]
        if self.geometry == "line":
            return np.asarray(shapely.from_ragged_array(shapely.GeometryType.LINESTRING, coords, (ring_offsets,)))
        part_offsets = np.r_[0, np.cumsum(last - first)]
        return np.asarray(shapely.from_ragged_array(shapely.GeometryType.POLYGON, coords, (ring_offsets, part_offsets)))

    def attributes(self, feature: int) -> dict[str, Value]:
        """All kept attributes of one feature, ours first."""
        start, end = self.attribute_offsets[feature], self.attribute_offsets[feature + 1]
        values: dict[str, Value] = json.loads(self.attribute_bytes[start:end].tobytes())
        return values


def _ranges(starts: Ints, ends: Ints) -> Ints:
    """Concatenated arange(start, end) of each pair."""
    lengths = ends - starts
    offsets = np.r_[0, np.cumsum(lengths)]
    out: Ints = np.arange(offsets[-1]) + np.repeat(starts - offsets[:-1], lengths)
    return out
