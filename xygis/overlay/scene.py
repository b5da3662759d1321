"""One parcel before one layer: which parts are near, what the parcel cuts out of them, and what their features say."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from xygis.atlas.attributes import Value
from xygis.atlas.law import Selection
from xygis.atlas.layer import Layer
from xygis.geodesy.ellipsoid import Floats
from xygis.overlay.near import widened, within
from xygis.overlay.overlap import Geometries, intersections
from xygis.overlay.prepared import Ints, PreparedLayer
from xygis.overlay.selecting import WIDEST_HALF_M, chosen_of, half_width_m
from xygis.overlay.shape import ParcelShape


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """The parts of a layer near the parcel (widened by a strip, if asked), and what the parcel cuts out of each."""

    parts: Ints
    bodies: Geometries
    pieces: Geometries
    areas_m2: Floats

    def only(self, mask: NDArray[np.bool_]) -> Cut:
        return Cut(parts=self.parts[mask], bodies=self.bodies[mask], pieces=self.pieces[mask], areas_m2=self.areas_m2[mask])


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    shape: ParcelShape
    layer: Layer
    prepared: PreparedLayer
    gaps: Floats
    cache: dict[int, dict[str, Value]]
    cuts: dict[float | None, Cut]

    def cut(self, strip_m: float | None) -> Cut:
        """Made once for each width of strip."""
        if strip_m not in self.cuts:
            line = self.layer.geometry == "line"
            reach_m = (strip_m or 0.0) + (self.layer.accuracy_m or 0.0)
            parts = within(self.gaps, reach_m + (WIDEST_HALF_M if line else 0.0))
            half_m = half_widths(self, parts)
            reached = within(self.gaps[parts] - half_m, reach_m)
            parts, half_m = parts[reached], half_m[reached]
            bodies = self.prepared.parts(parts)
            if line or strip_m is not None:
                bodies = widened(self.shape, bodies, half_m + (strip_m or 0.0))
            pieces = intersections(self.shape.polygon, bodies)
            self.cuts[strip_m] = Cut(parts=parts, bodies=bodies, pieces=pieces, areas_m2=np.asarray(shapely.area(pieces), float))
        return self.cuts[strip_m]

    def name(self, feature: int) -> str:
        """The feature's own id, or its running number."""
        own = self.attributes(feature).get("id")
        return str(feature + 1 if own is None else own)

    def attributes(self, feature: int) -> dict[str, Value]:
        if feature not in self.cache:
            self.cache[feature] = self.prepared.attributes(feature)
        return self.cache[feature]

    def chosen(self, parts: Ints, selection: Selection) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """(surely, possibly) in the selection, for each part; possibly includes surely."""
        return chosen_of(self.prepared.owner[parts], self.attributes, selection)


def half_widths(scene: Scene, parts: Ints) -> Floats:
    """Half the land width of each line feature, where the layer states it."""
    if scene.layer.geometry != "line":
        return np.zeros(len(parts))
    return np.array([half_width_m(scene.attributes(f).get("width_m")) for f in scene.prepared.owner[parts].tolist()], float)
