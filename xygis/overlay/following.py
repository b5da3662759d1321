"""Two borders along each other: the vertices of either that bound a patch, and those beyond as far as one follows the other.

Along a stretch of outline the patch lies on the left of both borders, so the offset of a vertex from the other border has the same
sign on either side: positive as in the patch, negative where the borders have crossed.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from xygis.geodesy.ellipsoid import Floats
from xygis.overlay.border import Border, expanded
from xygis.overlay.outline import Outline
from xygis.overlay.prepared import Ints
from xygis.overlay.tolerances import CONTACT_M

FOLLOW_M = 0.8  # a border farther away has parted: more than a coordinate moves when it is rounded to whole metres
_BEND_M = 2e-4  # a vertex nearer to the line between its neighbours bends nothing (an edge cut at 70 m bends less than 0.0001 m)
_STEPS = 400  # at most, at either end
_LEAST_STEPS = 16

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Strand:
    """The vertices of one side, patch after patch and in their order along each stretch, the outline's direction."""

    patch: Ints
    stretch: Ints
    number: Ints  # of the node in its border
    xy: Floats
    core: Mask  # bounds the patch, or ends an edge that does
    offset_m: Floats  # from the other border, signed; infinite where that is nowhere near
    edge: Ints  # of the other border, that it is nearest to; −1
    partner: Ints  # the node of the other border nearest to it; −1
    partner_m: Floats  # how far that is
    bends: Mask  # not just a point on a straight line
    node: Mask  # more than two edges of its own border meet here, or its border leaves the other one here

    @property
    def same(self) -> Mask:
        """The other border has the same vertex."""
        return self.partner_m <= CONTACT_M


@dataclass(frozen=True, slots=True, kw_only=True)
class _Feet:
    """Where nodes of one border stand on the other, looked up once."""

    own: Border
    other: Border
    edge: Ints
    foot: Floats
    known: Mask = field(repr=False)

    def near(self, nodes: Ints) -> Mask:
        new = np.unique(nodes[~self.known[nodes]])
        if len(new):
            self.edge[new], self.foot[new] = self.other.nearest_edge(self.own.xy[new], FOLLOW_M)
            self.known[new] = True
        near: Mask = self.edge[nodes] >= 0
        return near


@dataclass(frozen=True, slots=True, kw_only=True)
class _Chains:
    """Nodes along stretches. at: their place in it, 0 for the first; left and right of the core it goes on."""

    stretch: Ints
    node: Ints
    at: Ints


def strands_of(outline: Outline, a: Border, b: Border) -> tuple[Strand, Strand]:
    """The strands of either side."""
    reach = reach_m(outline, a, b)
    return _strand(outline, outline.a, a, b, reach), _strand(outline, outline.b, b, a, reach)


def reach_m(outline: Outline, a: Border, b: Border) -> Floats:
    """For each patch, how far to follow at either end: twice its length, and the longest edge that bounds it."""
    count = int(outline.patch.max(initial=-1)) + 1
    reach = np.zeros(count)
    for edge, border in ((outline.a, a), (outline.b, b)):
        own = edge >= 0
        reach = np.maximum(reach, 2 * np.bincount(outline.patch[own], outline.lengths_m[own], count))
        ends = border.edges[edge[own]]
        np.maximum.at(reach, outline.patch[own], np.hypot(*(border.xy[ends[:, 1]] - border.xy[ends[:, 0]]).T))
    return reach


def _strand(outline: Outline, edge: Ints, own: Border, other: Border, reach_m: Floats) -> Strand:
    count = len(own.xy)
    feet = _Feet(
        own=own, other=other, edge=np.full(count, -1, np.int64), foot=np.full((count, 2), np.nan), known=np.zeros(count, bool)
    )  # fmt: skip
    chains, patch_of = _core(outline, edge, own)
    near = feet.near(chains.node)
    first = np.r_[True, chains.stretch[1:] != chains.stretch[:-1]] if len(near) else np.zeros(0, bool)
    last = np.r_[first[1:], True] if len(near) else first
    cut = ~near & (first | last)  # the far end of an edge that leaves the other border
    kept = ~cut
    ends = [_end(chains, cut, feet, reach_m[patch_of[chains.stretch]], head=head) for head in (True, False)]
    stretch = np.concatenate([chains.stretch[kept], *(c.stretch for c, _ in ends)])
    node = np.concatenate([chains.node[kept], *(c.node for c, _ in ends)])
    at = np.concatenate([chains.at[kept], *(c.at for c, _ in ends)])
    core = np.r_[np.ones(int(kept.sum()), bool), np.zeros(len(stretch) - int(kept.sum()), bool)]
    once = _once(stretch, node, core)  # a border that comes round is met from both ends
    order = once[np.lexsort((at[once], stretch[once]))]
    stretch, node, core, at = stretch[order], node[order], core[order], at[order]
    # A stretch parts where its end was cut off, or where the walk from it found nothing to follow.
    parted = np.zeros(len(node), bool)
    for found, where in ((ends[0][1], "first"), (ends[1][1], "last")):
        edge_of = np.r_[True, stretch[1:] != stretch[:-1]] if where == "first" else np.r_[stretch[1:] != stretch[:-1], True]
        if len(node):
            parted |= edge_of & np.isin(stretch, found)
    return _described(patch_of, stretch, node, core, parted, feet)


def _core(outline: Outline, edge: Ints, own: Border) -> tuple[_Chains, Ints]:
    """(nodes of the edges along each stretch, patch of each stretch)."""
    patch_of = np.zeros(int(outline.stretch.max(initial=-1)) + 1, np.int64)
    patch_of[outline.stretch] = outline.patch
    mine = np.flatnonzero(edge >= 0)
    stretch, e = outline.stretch[mine], edge[mine]
    new = np.ones(len(e), bool)
    new[1:] = (e[1:] != e[:-1]) | (stretch[1:] != stretch[:-1])
    mine, stretch, e = mine[new], stretch[new], e[new]
    ends = own.edges[e]
    back = ((own.xy[ends[:, 1]] - own.xy[ends[:, 0]]) * (outline.end[mine] - outline.start[mine])).sum(axis=1) < 0
    ends = np.where(back[:, None], ends[:, ::-1], ends)
    node, stretch = ends.ravel(), np.repeat(stretch, 2)
    new = np.ones(len(node), bool)
    new[1:] = (node[1:] != node[:-1]) | (stretch[1:] != stretch[:-1])
    node, stretch = node[new], stretch[new]
    starts = np.flatnonzero(np.r_[True, stretch[1:] != stretch[:-1]]) if len(node) else np.zeros(0, np.int64)
    lengths = np.diff(np.r_[starts, len(node)])
    return _Chains(stretch=stretch, node=node, at=np.arange(len(node)) - np.repeat(starts, lengths)), patch_of


def _end(chains: _Chains, cut: Mask, feet: _Feet, reach_m: Floats, *, head: bool) -> tuple[_Chains, Ints]:
    """(what follows beyond one end of each stretch, the stretches that part there)."""
    n = len(chains.node)
    change = chains.stretch[1:] != chains.stretch[:-1]
    tip = np.flatnonzero(np.r_[True, change] if head else np.r_[change, True]) if n else np.zeros(0, np.int64)
    parted = chains.stretch[tip[cut[tip]]]
    tip = tip[~cut[tip]]
    inner = tip + (1 if head else -1)
    stretch, cur, back, room = chains.stretch[tip], chains.node[tip], chains.node[inner], reach_m[tip].copy()
    far_end = np.zeros(int(chains.stretch.max(initial=-1)) + 1, np.int64)
    ends = np.flatnonzero(np.r_[change, True] if head else np.r_[True, change]) if n else tip
    far_end[chains.stretch[ends]] = chains.node[ends]
    at = chains.at[tip]
    found: list[tuple[Ints, Ints, Ints]] = []
    lost = [parted]
    own = feet.own
    for step in range(1, _STEPS + 1):
        if len(cur) == 0:
            break
        walker, slot = expanded(np.arange(len(cur)), own.first[cur], own.first[cur + 1])
        to = own.neighbour[slot]
        ahead = to != back[walker]
        walker, to = walker[ahead], to[ahead]
        ahead = feet.near(to)
        walker, to = walker[ahead], to[ahead]
        come, go = own.xy[cur[walker]] - own.xy[back[walker]], own.xy[to] - own.xy[cur[walker]]
        straight = (come * go).sum(axis=1) / (np.hypot(*come.T) * np.hypot(*go.T))
        order = np.lexsort((to, -np.round(straight, 9), walker))
        best = order[np.r_[True, walker[order][1:] != walker[order][:-1]]] if len(order) else order
        goes = np.zeros(len(cur), bool)
        goes[walker[best]] = True
        lost.append(stretch[~goes])
        walker, to = walker[best], to[best]
        room[walker] -= np.hypot(*(own.xy[to] - own.xy[cur[walker]]).T)
        round_ = to == far_end[stretch[walker]]
        walker, to = walker[~round_], to[~round_]
        found.append((stretch[walker], to, at[walker] + (-step if head else step)))
        on = (room[walker] > 0) | (step < _LEAST_STEPS)
        walker, to = walker[on], to[on]
        stretch, cur, back, room, at = stretch[walker], to, cur[walker], room[walker], at[walker]
    columns = [np.concatenate(c) if c else np.zeros(0, np.int64) for c in zip(*found, strict=True)] or [np.zeros(0, np.int64)] * 3
    return _Chains(stretch=columns[0], node=columns[1], at=columns[2]), np.concatenate(lost)


def _once(stretch: Ints, node: Ints, core: Mask) -> Ints:
    """One entry for each node of a stretch, the core's where it has one."""
    order = np.lexsort((~core, node, stretch))
    new = np.ones(len(order), bool)
    new[1:] = (stretch[order][1:] != stretch[order][:-1]) | (node[order][1:] != node[order][:-1])
    return order[new]


def _described(patch_of: Ints, stretch: Ints, node: Ints, core: Mask, parted: Mask, feet: _Feet) -> Strand:
    own, n = feet.own, len(node)
    xy, foot = own.xy[node], feet.foot[node]
    joined = stretch[1:] == stretch[:-1]
    before, after = np.r_[False, joined][:n], np.r_[joined, False][:n]
    step = np.zeros((n, 2))
    step[:-1][joined] = np.diff(xy, axis=0)[joined] if n else step[:0]
    length = np.hypot(*step.T)
    unit = step / np.where(length > 0, length, 1.0)[:, None]
    coming = np.vstack([np.zeros((1, 2)), unit[:-1]]) if n else unit
    tangent = np.where(before[:, None], coming, 0.0) + np.where(after[:, None], unit, 0.0)
    off = foot - xy
    left = np.sign(tangent[:, 0] * off[:, 1] - tangent[:, 1] * off[:, 0])
    left[(left == 0) & ~(before | after)] = 1.0
    distance = np.where(feet.edge[node] >= 0, np.hypot(*off.T), np.inf)
    offset = np.where(np.isfinite(distance), np.where(left == 0, 1.0, left) * distance, np.inf)
    bends = parted.copy()
    middle = np.flatnonzero(before & after)
    chord, to = xy[middle + 1] - xy[middle - 1], xy[middle] - xy[middle - 1]
    span = np.hypot(*chord.T)
    away = np.abs(chord[:, 0] * to[:, 1] - chord[:, 1] * to[:, 0]) / np.where(span > 0, span, 1.0)
    bends[middle] |= (away > _BEND_M) | (span == 0)
    each, of = np.unique(node, return_inverse=True)
    partner = feet.other.nearest_node(own.xy[each], FOLLOW_M)[of]
    apart = np.where(partner >= 0, np.hypot(*(feet.other.xy[partner] - xy).T), np.inf)
    return Strand(
        patch=patch_of[stretch],
        stretch=stretch,
        number=node,
        xy=xy,
        core=core,
        offset_m=offset,
        edge=feet.edge[node],
        partner=partner,
        partner_m=apart,
        bends=bends,
        node=parted | (own.degree[node] > 2),
    )
