"""Why two layers differ at a patch: the cause that can be proven from their borders, or a real difference."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import shapely

from xygis.geodesy.ellipsoid import Floats
from xygis.overlay.border import Border, border_of
from xygis.overlay.following import FOLLOW_M, Mask, reach_m, strands_of
from xygis.overlay.outline import Outline, outline_of, widths_m
from xygis.overlay.overlap import Geometries
from xygis.overlay.prepared import Ints
from xygis.overlay.proofs import Proof, ToSource, densified, digitised_twice, generalised, junctions, narrow
from xygis.overlay.rounding import Rounding, rounded
from xygis.overlay.shift import Shift
from xygis.overlay.tiles import polygons_in
from xygis.overlay.tolerances import FOLLOWED_M, NODE_M

_MARGIN_M = 20.0  # besides as far as borders are followed, parts this near to a patch are looked at
_BACK_LEAST_M, _BACK_MOST_M = 0.002, 0.02  # how well borders must lie on each other once a layer is shifted back
_BACK_SPREADS = 4.0
_SIDES = ("甲", "乙")


class CauseKind(StrEnum):
    """Why two layers differ at a place. Everything but `real` is proven."""

    SHIFT = "shift"
    ROUNDING = "rounding"
    JUNCTION = "junction"
    DENSIFIED = "densified"
    GENERALISED = "generalised"
    DIGITISED_TWICE = "digitised_twice"
    REAL = "real"

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS = {
    CauseKind.SHIFT: "整体平移",
    CauseKind.ROUNDING: "坐标取整",
    CauseKind.JUNCTION: "T形接点",
    CauseKind.DENSIFIED: "单侧加密",
    CauseKind.GENERALISED: "概括",
    CauseKind.DIGITISED_TWICE: "同一界线重复数字化",
    CauseKind.REAL: "真实差异",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Why two layers differ at one patch, and the numbers that prove it."""

    kind: CauseKind
    evidence: str  # one Chinese sentence; 甲 and 乙 are layers a and b
    max_distance_m: float | None  # between the borders at the patch; None where they part by more than FOLLOW_M

    @property
    def proven(self) -> bool:
        return self.kind is not CauseKind.REAL


def causes_of(
    patches: Geometries,
    a: Geometries,
    b: Geometries,
    *,
    shift: Shift | None,
    to_source_a: ToSource | None = None,
    to_source_b: ToSource | None = None,
) -> tuple[Cause, ...]:
    """The cause of each patch, in their order.

    patches: polygons in the plane where a and b overlap or differ; a, b: the polygons of the layers, as drawn, in the plane (all of
    them or those near the patches). shift: of b against a. to_source: from the plane to the coordinates that the layer's file
    holds, (n, 2) to (n, 2); without it rounding is looked for in the plane. What is not proven is REAL.
    """
    if len(patches) == 0:
        return ()
    pieces, patch = polygons_in(patches)
    found = _causes(pieces, polygons_in(a)[0], polygons_in(b)[0], shift, to_source_a, to_source_b)
    # Of several pieces the worst speaks: one that is real, or else the largest.
    order = np.lexsort((-shapely.area(pieces), np.array([c.proven for c in found]), patch))
    first = np.searchsorted(patch[order], np.arange(len(patches)))
    return tuple(found[i] for i in order[first].tolist())


def _causes(
    patches: Geometries, a: Geometries, b: Geometries, shift: Shift | None, to_source_a: ToSource | None, to_source_b: ToSource | None
) -> list[Cause]:
    """The same for patches of one piece each, and polygons."""
    count = len(patches)
    back = np.zeros(2) if shift is None else np.array([shift.dx_m, shift.dy_m])
    of_a, of_b, outline = _drawn(patches, a, b, back)
    bounded = _on(outline.a, outline, count) & _on(outline.b, outline, count)
    if not bounded.any():
        return [_real(False, None)] * count
    found: list[Cause | None] = [None] * count
    if shift is not None:
        rest = _rest_m(outline, of_a, of_b, back, count)
        _keep(found, bounded & (rest <= _tolerance_m(shift)), rest, CauseKind.SHIFT, lambda i: f"{_moved(shift)}，移回后两侧界线重合")
    a_strand, b_strand = strands_of(outline, of_a, of_b)
    widest = widths_m(outline, count)
    follows = bounded & narrow(a_strand, b_strand, count) & (widest <= FOLLOW_M)
    for moved in (None, shift)[: 1 if shift is None else 2]:
        offset = np.zeros(2) if moved is None else back
        for side, rounding in (
            (1, rounded(b_strand, a_strand, of_b, of_a, to_source_b, count, -offset)),
            (0, rounded(a_strand, b_strand, of_a, of_b, to_source_a, count, offset)),
        ):
            kind = CauseKind.ROUNDING if moved is None else CauseKind.SHIFT
            _keep(found, follows & rounding.holds, widest, kind, _rounding_words(side, rounding, moved))
    for kind, most_m, proof in (
        (CauseKind.JUNCTION, NODE_M, junctions(a_strand, b_strand, count)),
        (CauseKind.DENSIFIED, NODE_M, densified(a_strand, b_strand, count)),
        (CauseKind.GENERALISED, FOLLOWED_M, generalised(a_strand, b_strand, widest)),
        (CauseKind.DIGITISED_TWICE, FOLLOWED_M, digitised_twice(a_strand, b_strand, widest)),
    ):
        _keep(found, follows & proof.holds & (widest <= most_m), widest, kind, _proof_words(kind, proof))
    return [c or _real(bool(bounded[i]), float(widest[i]) if follows[i] else None) for i, c in enumerate(found)]


def _keep(found: list[Cause | None], holds: Mask, distance_m: Floats, kind: CauseKind, words: Callable[[int], str]) -> None:
    """Notes the cause of every patch that has none yet and for which it holds."""
    for i in np.flatnonzero(holds).tolist():
        if found[i] is None:
            distance = float(distance_m[i])
            found[i] = Cause(kind=kind, evidence=f"{words(i)}，最大偏距 {_metres(distance)}", max_distance_m=distance)


def _drawn(patches: Geometries, a: Geometries, b: Geometries, back: Floats) -> tuple[Border, Border, Outline]:
    """The borders of both layers around the patches, and the patches' outlines on them.

    Looked at twice where an edge that bounds a patch is longer than expected: its far end must not look like the end of the layer.
    """
    west, south, east, north = shapely.bounds(patches).T
    margin = 2 * (east - west + north - south) + _MARGIN_M
    near: tuple[Ints, Ints] | None = None
    while True:
        boxes = shapely.box(west - margin, south - margin, east + margin, north + margin)
        last, near = near, (_near(a, boxes, -back), _near(b, boxes, back))
        if last is None or any(len(n) != len(known) for n, known in zip(near, last, strict=True)):
            of_a, of_b = border_of(a[near[0]]), border_of(b[near[1]])
            outline = outline_of(patches, of_a, of_b)
        wanted = np.zeros(len(patches))
        reach = reach_m(outline, of_a, of_b)
        wanted[: len(reach)] = reach + _MARGIN_M
        if last is not None or (wanted <= margin).all():
            return of_a, of_b, outline
        margin = np.maximum(margin, wanted)


def _near(polygons: Geometries, boxes: Geometries, offset: Floats) -> Ints:
    """Numbers of the polygons near some boxes, and near where these lie once moved by `offset`."""
    if offset.any():
        x, y = offset
        boxes = np.concatenate([boxes, shapely.transform(boxes, lambda c: c + (x, y))])
    return np.unique(shapely.STRtree(polygons).query(boxes)[1]).astype(np.int64)


def _on(edge: Ints, outline: Outline, count: int) -> Mask:
    return np.bincount(outline.patch[edge >= 0], minlength=count) > 0


def _tolerance_m(shift: Shift) -> float:
    return min(max(_BACK_SPREADS * shift.spread_m, _BACK_LEAST_M), _BACK_MOST_M)


def _rest_m(outline: Outline, a: Border, b: Border, back: Floats, count: int) -> Floats:
    """How far the borders of each patch still lie apart once b is shifted back; infinite beyond what could be called together."""
    rest = np.zeros(count)
    for edge, border, offset in ((outline.b, a, -back), (outline.a, b, back)):
        own = np.flatnonzero(edge >= 0)
        for share in (0.0, 0.5, 1.0):
            points = outline.start[own] * (1 - share) + outline.end[own] * share + offset
            hit, foot = border.nearest_edge(points, _BACK_MOST_M)
            off = np.where(hit >= 0, np.hypot(*(foot - points).T), np.inf)
            np.maximum.at(rest, outline.patch[own], off)
    return rest


def _moved(shift: Shift) -> str:
    return f"乙层整体偏移（东 {shift.dx_m:+.3f} m、北 {shift.dy_m:+.3f} m，{shift.matched} 个同形拐点）"


def _rounding_words(side: int, rounding: Rounding, moved: Shift | None) -> Callable[[int], str]:
    def words(i: int) -> str:
        step = rounding.grid[i]
        grid = f"{step:.{round(-math.log10(step))}f}{'°' if rounding.degrees else ' m'}"
        text = f"{_SIDES[side]}方的对应顶点都等于{_SIDES[1 - side]}方顶点按取整格网 {grid} 取整（{rounding.count[i]} 个因取整移位）"
        return text if moved is None else f"{_moved(moved)}，移回后{text}"

    return words


def _proof_words(kind: CauseKind, proof: Proof) -> Callable[[int], str]:
    def words(i: int) -> str:
        n, side = proof.count[i], int(proof.side[i])
        one, other = _SIDES[max(side, 0)], _SIDES[1 - max(side, 0)]
        if kind is CauseKind.JUNCTION:
            return (
                f"{one}方的 {n} 个结点落在{other}方的边上，{other}方缺结点" if side >= 0 else f"双方共 {n} 个结点落在对方的边上，对方缺结点"
            )
        if kind is CauseKind.DENSIFIED:
            return f"{one}方含{other}方的全部顶点，另有 {n} 个顶点落在{other}方的边上"
        if kind is CauseKind.GENERALISED:
            return f"{one}方的顶点都是{other}方的顶点，前后一段另略去 {n} 个顶点，处处不超过 {FOLLOWED_M:g} m"
        return f"两侧界线各自取点（比较 {n} 个顶点），来回交叉、无单向偏移，处处不超过 {FOLLOWED_M:g} m"

    return words


def _real(bounded: bool, widest_m: float | None) -> Cause:
    if not bounded:
        text = "图斑只有一方的界线，没有可比的界线，按真实差异对待"
    elif widest_m is None:
        text = f"两侧界线相距超过 {FOLLOW_M:g} m，各项成因均不成立，按真实差异对待"
    else:
        text = f"各项成因均不成立，按真实差异对待，最大偏距 {_metres(widest_m)}"
    return Cause(kind=CauseKind.REAL, evidence=text, max_distance_m=widest_m)


def _metres(value: float) -> str:
    return f"{value:.4f} m" if value < 0.01 else f"{value:.3f} m"
