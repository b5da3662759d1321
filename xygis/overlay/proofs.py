"""What can be proven of two borders that bound a patch between them: each test is a statement on all vertices that one number refutes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from xygis.geodesy.ellipsoid import Floats
from xygis.overlay.following import Mask, Strand
from xygis.overlay.prepared import Ints
from xygis.overlay.tolerances import CONTACT_M, FOLLOWED_M, NODE_M

ToSource = Callable[[Floats], Floats]

_DISPLACED_M = 0.01  # an edge with both ends farther off on one side is a border moved, not a vertex added
_STEEP = 0.5  # a border that leaves the other at a steeper slope does so on purpose
_FEW_SAMPLES, _FEW_CROSSINGS, _FEW_RUNS = 8, 3, 3
_LARGEST_CORE = 24  # a wiggle of more vertices on one side is none
_COPIED = 0.2  # share of vertices that both have, from which on one border is a copy of the other
_ONE_SIDED = 0.5  # |mean| ÷ root mean square of the offsets
_OUTSTANDING = 3.0  # times the root mean square of the offsets beyond the patch …
_OUTSTANDING_MEDIAN = 5.0  # … and times their median: a few large ones do not hide another
_COARSER = 2.0  # times the largest deviation beyond the patch


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """One statement, for every patch. count: vertices that it rests on; side: 0 or 1, the side it speaks of, −1 for both."""

    holds: Mask
    count: Ints
    side: Ints


def narrow(a: Strand, b: Strand, count: int) -> Mask:
    """Whether both sides bound the patch and nowhere are farther apart than borders that follow each other."""
    wide = _any(a.core & ~np.isfinite(a.offset_m), a, count) | _any(b.core & ~np.isfinite(b.offset_m), b, count)
    found: Mask = (_any(a.core, a, count) | _any(b.core, b, count)) & ~wide
    return found


def junctions(a: Strand, b: Strand, count: int) -> Proof:
    """T形接点: every vertex by which the borders differ is a node of one that lies on an edge of the other, which has none there."""
    holds, numbers, side = np.ones(count, bool), np.zeros(count, np.int64), np.full(count, -1, np.int64)
    for k, s in enumerate((a, b)):
        differs = s.core & s.bends & (np.abs(s.offset_m) > CONTACT_M)
        on_edge = differs & _on_an_edge(s) & (np.abs(s.offset_m) <= NODE_M)
        holds &= ~_any(differs & ~(on_edge & s.node), s, count) & ~_displaced(s, count)
        here = _count(on_edge, s, count)
        side = np.where(here > 0, np.where(numbers > 0, -1, k), side)
        numbers += here
    return Proof(holds=holds & (numbers > 0), count=numbers, side=side)


def densified(a: Strand, b: Strand, count: int) -> Proof:
    """单侧加密: one side has every vertex of the other, and besides only such as lie on its edges. side: the one that has more."""
    return _either(a, b, count, _densified)


def _densified(fine: Strand, coarse: Strand, count: int) -> tuple[Mask, Ints]:
    more = fine.core & fine.bends & (np.abs(fine.offset_m) > CONTACT_M)
    added = more & _on_an_edge(fine) & (np.abs(fine.offset_m) <= NODE_M)
    copied = ~_any(coarse.core & coarse.bends & ~coarse.same, coarse, count) & _any(coarse.core & coarse.same, coarse, count)
    numbers = _count(added, fine, count)
    return copied & ~_any(more & ~added, fine, count) & ~_displaced(fine, count) & (numbers > 0), numbers


def generalised(a: Strand, b: Strand, width_m: Floats) -> Proof:
    """概括: one side keeps some of the vertices of the other, here and beyond, and what it left out is everywhere as little off.

    side: the one that was simplified. At least three edges must have left something out, the patch not much more than the rest,
    and no step may lead to it: a strip taken on purpose leaves vertices out along one edge only, or begins with a step.
    """
    found = _either(a, b, len(width_m), lambda fine, coarse, _: _generalised(fine, coarse, width_m))
    return Proof(holds=found.holds, count=found.count, side=1 - found.side)


def _generalised(fine: Strand, coarse: Strand, width_m: Floats) -> tuple[Mask, Ints]:
    count = len(width_m)
    off = np.abs(fine.offset_m)
    out = fine.bends & ~fine.same & (off > CONTACT_M)
    copied = ~_any(coarse.bends & ~coarse.same, coarse, count) & _any(coarse.core & coarse.same, coarse, count)
    edges = int(fine.edge.max(initial=-1)) + 2
    key = fine.patch * np.int64(edges) + fine.edge
    rest = out & ~np.isin(key, key[out & fine.core])
    others = np.bincount(np.unique(key[rest]) // edges, minlength=count)
    most_rest = np.zeros(count)
    np.maximum.at(most_rest, fine.patch[rest], off[rest])
    alike = (others >= _FEW_RUNS - 1) & (width_m <= _COARSER * most_rest)
    close = ~_any(out & (off > FOLLOWED_M), fine, count)
    return copied & alike & close & ~_steep(fine, count) & _any(out & fine.core, fine, count), _count(out, fine, count)


def digitised_twice(a: Strand, b: Strand, width_m: Floats) -> Proof:
    """同一界线重复数字化: here and beyond the borders stay close, cross each other, and to neither side more than to the other.

    The patch must be a wiggle like the others: no farther off, of few vertices, and without a step.
    """
    count = len(width_m)
    holds, same, crossings = np.ones(count, bool), np.zeros(count, np.int64), np.zeros(count, np.int64)
    inside, beyond = np.zeros(count, np.int64), np.zeros(count, np.int64)
    total, square, total_beyond, square_beyond = np.zeros((4, count))
    for s in (a, b):
        with np.errstate(invalid="ignore"):
            holds &= ~_any(~(np.abs(s.offset_m) <= FOLLOWED_M), s, count) & ~_steep(s, count)
        same += _count(s.bends & s.same, s, count)
        used = s.bends & ~s.same & np.isfinite(s.offset_m)
        holds &= _count(used, s, count) >= _FEW_RUNS
        inside += _count(used & s.core, s, count)
        beyond += _count(used & ~s.core, s, count)
        for some, mean, power in ((used, total, square), (used & ~s.core, total_beyond, square_beyond)):
            mean += np.bincount(s.patch[some], s.offset_m[some], count)
            power += np.bincount(s.patch[some], s.offset_m[some] ** 2, count)
        first, second = _consecutive(s, used)
        crossings += np.bincount(s.patch[first[s.offset_m[first] * s.offset_m[second] < 0]], minlength=count)
    samples = inside + beyond
    holds &= (samples >= _FEW_SAMPLES) & (crossings >= _FEW_CROSSINGS) & (same <= _COPIED * (samples + same))
    holds &= (inside <= beyond) & (inside <= _LARGEST_CORE)
    n, n_beyond = np.maximum(samples, 1), np.maximum(beyond, 1)
    usual = np.sqrt(square_beyond / n_beyond)
    # The patch is on one side by its nature; what lies beyond it is not.
    holds &= np.abs(total / n) <= _ONE_SIDED * np.sqrt(square / n)
    holds &= np.abs(total_beyond / n_beyond) <= _ONE_SIDED * usual
    holds &= (width_m <= _OUTSTANDING * usual) & (width_m <= _OUTSTANDING_MEDIAN * _median_beyond(a, b, count))
    return Proof(holds=holds, count=samples, side=np.full(count, -1, np.int64))


def _median_beyond(a: Strand, b: Strand, count: int) -> Floats:
    """Median size of the offsets beyond each patch."""
    use = [s.bends & ~s.same & ~s.core for s in (a, b)]
    patch = np.concatenate([a.patch[use[0]], b.patch[use[1]]])
    off = np.abs(np.concatenate([a.offset_m[use[0]], b.offset_m[use[1]]]))
    off = off[np.lexsort((off, patch))]
    number = np.bincount(patch, minlength=count)
    median = np.zeros(count)
    some = number > 0
    median[some] = off[(np.cumsum(number) - number + number // 2)[some]]
    return median


def _either(a: Strand, b: Strand, count: int, test: Callable[[Strand, Strand, int], tuple[Mask, Ints]]) -> Proof:
    """A test that speaks of one side against the other, tried both ways."""
    (first, n_first), (second, n_second) = test(a, b, count), test(b, a, count)
    only_second = second & ~first
    return Proof(
        holds=first | second,
        count=np.where(only_second, n_second, n_first),
        side=np.where(only_second, 1, 0).astype(np.int64),
    )


def _on_an_edge(s: Strand) -> Mask:
    """Whether the other border is near, but none of its vertices is."""
    on: Mask = s.partner_m > 3 * np.abs(s.offset_m)
    return on


def _displaced(s: Strand, count: int) -> Mask:
    """Whether an edge that bounds the patch has both its ends off, on the same side."""
    first, second = _consecutive(s, s.bends & s.core)
    one, other = s.offset_m[first], s.offset_m[second]
    with np.errstate(invalid="ignore"):
        moved = (one * other > 0) & (np.minimum(np.abs(one), np.abs(other)) > _DISPLACED_M)
    return np.bincount(s.patch[first[moved]], minlength=count) > 0


def _steep(s: Strand, count: int) -> Mask:
    """Whether an edge at the patch runs away from the other border, or towards it, as in a step."""
    first, second = _consecutive(s, np.ones(len(s.patch), bool))
    at = s.core[first] | s.core[second]
    first, second = first[at], second[at]
    length = np.hypot(*(s.xy[second] - s.xy[first]).T)
    with np.errstate(invalid="ignore"):
        steep = np.abs(s.offset_m[first] - s.offset_m[second]) > np.maximum(_STEEP * length, CONTACT_M)
    return np.bincount(s.patch[first[steep]], minlength=count) > 0


def _consecutive(s: Strand, some: Mask) -> tuple[Ints, Ints]:
    """Neighbours along a stretch among some vertices."""
    at = np.flatnonzero(some)
    joined = s.stretch[at[1:]] == s.stretch[at[:-1]]
    return at[:-1][joined], at[1:][joined]


def _any(mask: Mask, s: Strand, count: int) -> Mask:
    return np.bincount(s.patch[mask], minlength=count) > 0


def _count(mask: Mask, s: Strand, count: int) -> Ints:
    return np.bincount(s.patch[mask], minlength=count).astype(np.int64)
