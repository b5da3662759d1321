"""Corner points of a piece of ground: their numbers, their coordinates in the zone, the lengths of the edges between them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from xygis.check.assessment import Assessment, ParcelAssessment
from xygis.intake.submission import Submission

STRAIGHT_M = 0.005  # a vertex that strays less from the line of its neighbours is no corner
_SAME_M = 0.01  # two points are one


@dataclass(frozen=True, slots=True, kw_only=True)
class Corner:
    """A corner at (x, y) in metres of the zone (easting without its number); to_next_m: length of the edge to the following one.

    next: the following corner's place; out, edge_out: unit vectors that look out of the ground at the corner and at that edge, y up.
    """

    label: str
    x: float
    y: float
    to_next_m: float
    next: tuple[float, float]
    out: tuple[float, float]
    edge_out: tuple[float, float]


def boundary_corners(assessment: Assessment, parcel: ParcelAssessment, outline: shapely.Geometry) -> tuple[Corner, ...]:
    """Every vertex of the parcel under the number it was given, none left out. outline: the parcel in metres."""
    rings = [(ring, i > 0) for part in shapely.get_parts(outline) for i, ring in enumerate((part.exterior, *part.interiors))]
    count = sum(len(ring.coords) - 1 for ring, _ in rings)
    labels = _given_labels(assessment, parcel)
    if len(labels) != count:
        labels = tuple(f"J{i}" for i in range(1, count + 1))
    out: list[Corner] = []
    for ring, hole in rings:
        points = shapely.get_coordinates(ring)[:-1]
        out += _ring(points, labels[len(out) : len(out) + len(points)], hole=hole)
    return tuple(out)


def _given_labels(assessment: Assessment, parcel: ParcelAssessment) -> tuple[str, ...]:
    source = assessment.sources[parcel.source] if parcel.source < len(assessment.sources) else None
    if not isinstance(source, Submission):
        return ()
    mates = [p.id for p in assessment.parcels if p.source == parcel.source]
    place = mates.index(parcel.id) if parcel.id in mates else len(source.parcels)
    return source.parcels[place].point_labels if len(mates) == len(source.parcels) else ()


def ground_corners(bodies: Sequence[shapely.Geometry], boundary: Sequence[Corner]) -> tuple[Corner, ...]:
    """Corners of pieces in metres, the largest piece first; those on a boundary point have its number, the others 1, 2, 3 …"""
    known = np.array([(c.x, c.y) for c in boundary]).reshape(-1, 2)
    out: list[Corner] = []
    number = 0
    polygons = [p for body in bodies for p in shapely.get_parts(body) if p.geom_type == "Polygon"]
    for polygon in sorted(polygons, key=lambda p: -p.area):
        for i, ring in enumerate((polygon.exterior, *polygon.interiors)):
            points = _corners_of(ring)
            labels = []
            for point in points:
                near = np.hypot(*(known - point).T) if len(known) else np.zeros(0)
                if len(near) and near.min() < _SAME_M:
                    labels.append(boundary[int(near.argmin())].label)
                else:
                    number += 1
                    labels.append(str(number))
            out += _ring(points, labels, hole=i > 0)
    return tuple(out)


def _corners_of(ring: shapely.Geometry) -> NDArray[np.float64]:
    """The vertices of a closed ring without those that lie on the line of their neighbours (§3.5 splits long edges)."""
    points: NDArray[np.float64] = shapely.get_coordinates(shapely.simplify(ring, STRAIGHT_M))[:-1]
    if len(points) > 3:
        before, first, after = points[-1], points[0], points[1]
        along = after - before
        length = math.hypot(*along)
        if length > 0 and abs(along[0] * (first[1] - before[1]) - along[1] * (first[0] - before[0])) / length < STRAIGHT_M:
            points = points[1:]
    return points


def _ring(points: NDArray[np.float64], labels: Sequence[str], *, hole: bool) -> list[Corner]:
    following = np.roll(points, -1, axis=0)
    edges = following - points
    lengths = np.hypot(edges[:, 0], edges[:, 1])
    unit = edges / np.maximum(lengths, 1e-12)[:, None]
    normals = np.column_stack([unit[:, 1], -unit[:, 0]])
    area = float(np.sum(points[:, 0] * following[:, 1] - following[:, 0] * points[:, 1])) / 2
    normals *= 1.0 if (area > 0) != hole else -1.0  # to the right of a ring that runs against the clock lies what is outside it
    sums = normals + np.roll(normals, 1, axis=0)
    size = np.hypot(sums[:, 0], sums[:, 1])
    outs = np.where(size[:, None] > 1e-6, sums / np.maximum(size, 1e-12)[:, None], normals)
    return [
        Corner(
            label=label,
            x=float(p[0]),
            y=float(p[1]),
            to_next_m=float(length),
            next=(float(q[0]), float(q[1])),
            out=(float(o[0]), float(o[1])),
            edge_out=(float(e[0]), float(e[1])),
        )
        for label, p, q, length, o, e in zip(labels, points, following, lengths, outs, normals, strict=True)
    ]
