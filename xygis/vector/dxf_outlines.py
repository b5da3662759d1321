"""One drawn entity becomes outlines of points: arcs are stroked on the true circle, with the area that the chords leave out.

ezdxf turns arcs into Bézier curves first, which on a radius of 50 m is 14 mm off; so arcs are stroked here, from centre and radius.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from xygis.geodesy.ellipsoid import Floats

if TYPE_CHECKING:
    from ezdxf.entities.dxfentity import DXFEntity

CHORD_M = 0.0005  # farthest that a chord lies from its arc; a millimetre is allowed
_CURVE_M = 0.0001  # for splines, whose deviation is only probed at midpoints
_MOST_CHORDS = 200_000
_SPLINE_FRAME = 16
_TEXT_PATH = 8
DRAWN = ("LWPOLYLINE", "POLYLINE", "LINE", "ARC", "CIRCLE", "ELLIPSE", "SPLINE", "HATCH", "MPOLYGON")


class TooManyChords(Exception):
    """An arc so large that a millimetre cannot be kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """points: (n ≥ 2, 2); closed: drawn as closed (the first point may or may not be repeated)."""

    points: Floats
    closed: bool
    curved: bool = False
    left_out_m2: float = 0.0  # at most; between arcs and their chords
    hatch: int = 0  # paths of one hatch belong together


def outlines_of(entity: DXFEntity, number: int) -> list[Outline]:
    """The outlines that an entity of one of the kinds DRAWN stands for. number: of the entity, to keep a hatch's paths together."""
    kind = entity.dxftype()
    drawn: Any = entity
    if kind == "LWPOLYLINE":
        return [_polyline(drawn, [(float(x), float(y), float(b)) for x, y, b in drawn.get_points("xyb")], bool(drawn.closed))]
    if kind == "POLYLINE":
        return _old_polyline(drawn)
    if kind == "LINE":
        return [_outline([drawn.dxf.start, drawn.dxf.end], closed=False)]
    if kind == "ARC":
        span = math.radians((drawn.dxf.end_angle - drawn.dxf.start_angle) % 360.0 or 360.0)
        return [_circular(drawn, span, drawn.dxf.start_angle)]
    if kind == "CIRCLE":
        return [_circular(drawn, math.tau, 0.0)]
    if kind == "ELLIPSE":
        return [_curve(list(drawn.flattening(_CURVE_M, segments=16)))]
    if kind == "SPLINE":
        return [_curve(list(drawn.flattening(_CURVE_M, segments=16)), closed=bool(drawn.closed))]
    return _hatch(drawn, number)


def bulged(points: list[tuple[float, float, float]], *, closed: bool) -> tuple[Floats, bool, float]:
    """(points, curved, area left out at most in m²) of vertices (x, y, bulge), arcs stroked. Bulge: tangent of a quarter of the arc's angle."""
    out: list[Floats] = []
    curved, left_out = False, 0.0
    count = len(points)
    for i, (x, y, bulge) in enumerate(points):
        out.append(np.array([[x, y]]))
        last = i == count - 1
        if not bulge or (last and not closed):
            continue
        x1, y1, _ = points[(i + 1) % count]
        dx, dy = x1 - x, y1 - y
        chord = math.hypot(dx, dy)
        if not chord:
            continue
        span = 4.0 * math.atan(bulge)
        radius = chord * (1.0 + bulge * bulge) / (4.0 * abs(bulge))
        along = (1.0 - bulge * bulge) / (4.0 * bulge)
        cx, cy = dx / 2.0 - along * dy, dy / 2.0 + along * dx  # from the first vertex, where numbers are small
        n = _chords(radius, abs(span))
        angles = math.atan2(-cy, -cx) + span * np.arange(1, n) / n
        out.append(np.column_stack([x + cx + radius * np.cos(angles), y + cy + radius * np.sin(angles)]))
        curved, left_out = True, left_out + _segments_m2(radius, abs(span), n)
    return np.vstack(out) if out else np.empty((0, 2)), curved, left_out


def _chords(radius: float, span: float) -> int:
    """How many chords keep within CHORD_M of an arc."""
    if not (math.isfinite(radius) and math.isfinite(span)):
        raise TooManyChords
    step = 2.0 * math.acos(max(0.0, 1.0 - CHORD_M / radius)) if radius > CHORD_M else math.pi / 2.0
    if span > step * _MOST_CHORDS:
        raise TooManyChords
    return max(2, math.ceil(span / step))


def _segments_m2(radius: float, span: float, n: int) -> float:
    """Area between an arc and its n chords."""
    step = span / n
    return n * radius * radius / 2.0 * (step - math.sin(step))


def _outline(points: Any, *, closed: bool, curved: bool = False, left_out_m2: float = 0.0, hatch: int = 0) -> Outline:
    xy = np.array([(float(p[0]), float(p[1])) for p in points], dtype=np.float64).reshape(-1, 2)
    return Outline(points=xy, closed=closed, curved=curved, left_out_m2=left_out_m2, hatch=hatch)


def _in_world(entity: Any, xy: Floats, elevation: float = 0.0) -> Floats:
    """Points of the entity's own plane (a mirrored one has its extrusion down) in the drawing's coordinates."""
    system = entity.ocs()
    if not system.transform:
        return xy
    return np.array([(p.x, p.y) for p in system.points_to_wcs([(x, y, elevation) for x, y in xy.tolist()])], dtype=np.float64).reshape(
        -1, 2
    )


def _polyline(entity: Any, points: list[tuple[float, float, float]], closed: bool) -> Outline:
    xy, curved, left_out = bulged(points, closed=closed)
    return Outline(points=_in_world(entity, xy), closed=closed, curved=curved, left_out_m2=left_out)


def _old_polyline(entity: Any) -> list[Outline]:
    if not (entity.is_2d_polyline or entity.is_3d_polyline):
        return []  # a mesh
    vertices = [v for v in entity.vertices if not v.dxf.flags & _SPLINE_FRAME]
    flat = entity.is_2d_polyline
    points = [(float(v.dxf.location.x), float(v.dxf.location.y), float(v.dxf.get("bulge", 0.0)) if flat else 0.0) for v in vertices]
    if not flat:
        return [_outline(points, closed=bool(entity.is_closed))]
    return [_polyline(entity, points, bool(entity.is_closed))]


def _circular(entity: Any, span: float, start_deg: float) -> Outline:
    radius = abs(float(entity.dxf.radius))
    n = max(_chords(radius, span), 8)
    angles = math.radians(start_deg) + span * np.arange(n + 1) / n
    full = span >= math.tau - 1e-9
    if full:
        angles = angles[:-1]
    center = entity.dxf.center
    xy = np.column_stack([center.x + radius * np.cos(angles), center.y + radius * np.sin(angles)])
    return Outline(points=_in_world(entity, xy), closed=full, curved=True, left_out_m2=_segments_m2(radius, span, n))


def _curve(points: list[Any], *, closed: bool = False) -> Outline:
    """A stroked ellipse or spline; between curve and chord lies at most two thirds of deviation times length."""
    if len(points) > _MOST_CHORDS:
        raise TooManyChords
    xy = np.array([(float(p[0]), float(p[1])) for p in points], dtype=np.float64).reshape(-1, 2)
    length = float(np.hypot(*np.diff(xy, axis=0).T).sum()) if len(xy) > 1 else 0.0
    return Outline(points=xy, closed=closed, curved=True, left_out_m2=2.0 / 3.0 * _CURVE_M * length)


def _hatch(entity: Any, number: int) -> list[Outline]:
    """The boundary paths of a hatch. Paths around text are no boundary."""
    found = []
    for path in entity.paths:
        if path.path_type_flags & _TEXT_PATH:
            continue
        if hasattr(path, "vertices"):
            xy, curved, left_out = bulged([(float(v[0]), float(v[1]), float(v[2])) for v in path.vertices], closed=True)
        else:
            pieces = [(p, c, m) for edge in path.edges for p, c, m in _edge(edge)]
            xy = _in_a_row([p for p, _, _ in pieces])
            curved, left_out = any(c for _, c, _ in pieces), sum(m for _, _, m in pieces)
        if len(xy) > 2:
            found.append(Outline(points=_in_world(entity, xy), closed=True, curved=curved, left_out_m2=left_out, hatch=number))
    return found


def _edge(edge: Any) -> Iterator[tuple[Floats, bool, float]]:
    """The points of one edge of a hatch's path, in either direction."""
    if not hasattr(edge, "construction_tool"):
        yield np.array([(edge.start.x, edge.start.y), (edge.end.x, edge.end.y)]), False, 0.0
        return
    if hasattr(edge, "radius"):
        span = math.radians((edge.end_angle - edge.start_angle) % 360.0 or 360.0)
        radius = abs(float(edge.radius))
        n = _chords(radius, span)
        angles = math.radians(edge.start_angle) + span * np.arange(n + 1) / n
        xy = np.column_stack([edge.center.x + radius * np.cos(angles), edge.center.y + radius * np.sin(angles)])
        yield xy, True, _segments_m2(radius, span, n)
        return
    curve = _curve(list(edge.construction_tool().flattening(_CURVE_M, segments=16)))
    yield curve.points, True, curve.left_out_m2


def _in_a_row(pieces: list[Floats]) -> Floats:
    """Pieces put end to end, each turned round where its end is nearer than its beginning."""
    chain: list[Floats] = []
    for i, piece in enumerate(pieces):
        own = piece
        if chain:
            end = chain[-1][-1]
            turn = np.hypot(*(piece[-1] - end)) < np.hypot(*(piece[0] - end))
        else:
            following = pieces[i + 1] if i + 1 < len(pieces) else piece[-1:]
            near = [min(np.hypot(*(q - p)) for q in (following[0], following[-1])) for p in (piece[0], piece[-1])]
            turn = len(pieces) > 1 and near[0] < near[1]
        if turn:
            own = piece[::-1]
        chain.append(own)
    return np.vstack(chain) if chain else np.empty((0, 2))
