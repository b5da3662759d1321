"""What lies in a parcel's way, as one area in local metres: features to keep clear of, and the outside of those to stay in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely

from xygis.atlas.atlas import Atlas
from xygis.check.layers import OpenLayer, city_near
from xygis.overlay.near import gaps_m
from xygis.overlay.overlap import Geometries, areal_parts, union
from xygis.overlay.scene import Scene
from xygis.overlay.shape import Areal, ParcelShape, shape_parcel
from xygis.overlay.tolerances import CONTACT_M
from xygis.remedy.demands import Demand

_RIM_M = 5.0  # looked at beyond the window, so that its own edge is never taken for a border


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The box around a parcel that is searched. shape: somewhat more than it, in the plane; box: in `crs`, metres."""

    crs: str
    box: shapely.Polygon
    shape: ParcelShape


def window_around(geometry: Areal, crs: str, reach_m: float, atlas: Atlas) -> Window:
    """geometry: in `crs`, metres."""
    west, south, east, north = shapely.bounds(geometry)
    wide = shapely.box(west - reach_m - _RIM_M, south - reach_m - _RIM_M, east + reach_m + _RIM_M, north + reach_m + _RIM_M)
    shape = shape_parcel(wide, crs, atlas.plane)
    shape = replace(shape, frame=replace(shape.frame, code=crs))  # shapes and distances in the parcel's own metres
    return Window(crs=crs, box=shapely.box(west - reach_m, south - reach_m, east + reach_m, north + reach_m), shape=shape)


def obstacle(demand: Demand, versions: Sequence[OpenLayer], window: Window) -> shapely.Geometry:
    """Where the parcel may not reach. versions: the layer, by its own values and by what is stated against them.

    Features whose attribute is unknown count where they are to be kept clear of, and not where the parcel is to stay inside.
    """
    found = union(np.array([_obstacle(demand, o, window) for o in versions], object))
    return shapely.intersection(found, window.box)


def _obstacle(demand: Demand, opened: OpenLayer, window: Window) -> shapely.Geometry:
    if opened.prepared is None:
        return shapely.Polygon()
    shape = window.shape
    scene = Scene(shape=shape, layer=opened.layer, prepared=opened.prepared, gaps=gaps_m(shape, opened.prepared), cache={}, cuts={})
    cut = scene.cut(demand.selection.strip_m)
    sure, possible = scene.chosen(cut.parts, demand.selection)
    pieces = cut.only(possible if demand.kind == "clear" else sure).pieces
    body = local_union(pieces, window)
    if demand.kind == "inside":
        return outside_of(body, window)
    return shapely.buffer(body, demand.apart_m) if demand.apart_m > 0.0 else body


def beyond_data(extents: Sequence[shapely.Geometry], window: Window) -> shapely.Geometry:
    """Where one of these areas (in the plane) is left: nothing is known there."""
    gone = [outside_of(local_union(np.array([shapely.intersection(e, window.shape.polygon)], object), window), window) for e in extents]
    return union(np.array(gone, object)) if gone else shapely.Polygon()


def extents_of(atlas: Atlas, layers: Sequence[OpenLayer], wanted: Sequence[str], window: Window) -> list[shapely.Geometry]:
    """The declared extents of some layers, and the city for those without one; each once, in the plane."""
    mine = [o for o in layers if o.layer.id in wanted and o.prepared is not None]
    out = [o.extent for o in mine if o.extent is not None]
    city = city_near(atlas, layers, window.shape) if any(o.extent is None for o in mine) else None
    return [*out, *([city] if city is not None else [])]


def local_union(pieces: Geometries, window: Window) -> shapely.Geometry:
    """Pieces in the plane as one area in the window's metres."""
    parts = areal_parts(np.asarray(window.shape.frame.to_local(pieces), object))
    crossed = np.flatnonzero(~shapely.is_valid(parts))  # projecting can make rings that nearly touch cross by a nanometre
    parts[crossed] = shapely.make_valid(parts[crossed], method="structure", keep_collapsed=False)
    return union(parts)


def outside_of(body: shapely.Geometry, window: Window) -> shapely.Geometry:
    """The window without an area; gaps so narrow that the check counts them as contact are no gaps."""
    rest = shapely.difference(window.box, body)
    hair = 0.6 * CONTACT_M
    opened = shapely.buffer(shapely.buffer(rest, -hair, join_style="mitre"), hair, join_style="mitre")
    return shapely.intersection(opened, window.box)
