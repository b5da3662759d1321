"""The cause of every sliver between two layers, and which layers lie displaced as a whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import shapely

from xygis.consistency.result import DifferencePatch, LayerShift
from xygis.geodesy.crs import from_geographic
from xygis.geodesy.ellipsoid import Floats
from xygis.geodesy.plane import Plane
from xygis.overlay.causes import causes_of
from xygis.overlay.overlap import Geometries
from xygis.overlay.proofs import ToSource
from xygis.overlay.shift import Corners, Shift, corners_of, shift_between


def with_causes(
    patches: Sequence[DifferencePatch], layers: Mapping[str, tuple[str, Geometries]], pairs: Sequence[tuple[str, str]], plane: Plane
) -> tuple[tuple[DifferencePatch, ...], tuple[LayerShift, ...]]:
    """(patches, each sliver with its cause; the pairs of layers of which one lies displaced).

    layers: id → (CRS of its file, its polygons as drawn, in the plane); pairs: those that were compared.
    """
    corners: dict[str, Corners] = {}
    shifts: dict[tuple[str, str], Shift | None] = {}
    for pair in dict.fromkeys(pairs):
        for name in pair:
            if name not in corners:
                corners[name] = corners_of(layers[name][1])
        shifts[pair] = shift_between(corners[pair[0]], corners[pair[1]])
    out = list(patches)
    for pair in dict.fromkeys((p.a, p.b) for p in patches if p.sliver):
        mine = [i for i, p in enumerate(patches) if p.sliver and (p.a, p.b) == pair]
        (crs_a, a), (crs_b, b) = layers[pair[0]], layers[pair[1]]
        shapes = np.array([patches[i].geometry for i in mine], object)
        in_plane = np.asarray(shapely.transform(shapes, lambda c: np.column_stack(plane.forward(c[:, 0], c[:, 1]))))
        found = causes_of(
            in_plane, a, b, shift=shifts.get(pair), to_source_a=_to_source(crs_a, plane), to_source_b=_to_source(crs_b, plane)
        )  # fmt: skip
        for i, cause in zip(mine, found, strict=True):
            out[i] = replace(out[i], cause=cause.kind.value, cause_evidence=cause.evidence)
    return tuple(out), tuple(_told(pair, shift) for pair, shift in shifts.items() if shift is not None)


def _to_source(crs: str, plane: Plane) -> ToSource | None:
    """From the plane to the coordinates of a file; None where they are the same."""
    if crs == plane.code:
        return None

    def back(xy: Floats) -> Floats:
        return np.column_stack(from_geographic(crs, *plane.inverse(xy[:, 0], xy[:, 1])))

    return back


def _told(pair: tuple[str, str], shift: Shift) -> LayerShift:
    return LayerShift(
        a=pair[0],
        b=pair[1],
        dx_m=shift.dx_m,
        dy_m=shift.dy_m,
        matched=shift.matched,
        explained_share=shift.explained_share,
        spread_m=shift.spread_m,
    )
