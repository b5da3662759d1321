"""Why a patch that is not there says nothing: its pair, its rule or its place was not compared. What is left is resolved."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import shapely

from xygis.atlas.law import counts_on
from xygis.atlas.layer import Layer
from xygis.consistency.groups import OVERLAP
from xygis.consistency.result import Compared, Consistency, DifferencePatch
from xygis.numbers import hectares

_CLOSED_M2 = 0.01  # to which the sums of a pair close
_HAIR_DEG = 1e-8


@dataclass(frozen=True, slots=True, kw_only=True)
class Searched:
    """Where and by what a run has looked."""

    consistency: Consistency
    extents: dict[str, shapely.Geometry]  # of the layers that claim to be complete only there, in degrees
    unsorted_m2: dict[Compared, float]


def searched(consistency: Consistency) -> Searched:
    """What one run has looked at, made once for all patches."""
    layers = [r.layer for r in consistency.layers if r.layer.extent]
    extents = {layer.id: _extent(layer) for layer in layers}
    return Searched(consistency=consistency, extents=extents, unsorted_m2=_unsorted_m2(consistency))


def why_not_compared(patch: DifferencePatch, run: Searched) -> str:
    """The reason, or "" where the run looked at the place by the patch's rule and found nothing."""
    done = next((c for c in _of_pair(patch, run.consistency.compared) if patch.rule in c.rules), None)
    if done is None:
        return _why_not_the_rule(patch, run.consistency)
    outside = [name for name in (patch.a, patch.b) if name in run.extents and not shapely.covers(run.extents[name], patch.geometry)]
    if outside:
        titles = {r.layer.id: r.layer.title for r in run.consistency.layers}
        return f"图斑不全在{'、'.join(titles[name] for name in outside)}登记的完整范围内"
    if run.unsorted_m2[done] > _CLOSED_M2:
        return f"这一对图层有 {hectares(run.unsorted_m2[done])} 公顷因要素缺属性无法归类，不能断定已消除"
    return ""


def why_not_found_before(patch: DifferencePatch, compared: Sequence[Compared]) -> str:
    """Why the earlier run could not have found a patch; "" where it looked and found nothing."""
    mine = _of_pair(patch, compared)
    if not mine:
        return "上次没有比对这一对图层"
    return "" if any(patch.rule in c.rules for c in mine) else f"上次没有规则 {patch.rule}"


def _of_pair(patch: DifferencePatch, compared: Sequence[Compared]) -> list[Compared]:
    return [c for c in compared if {c.a, c.b} == {patch.a, patch.b}]


def _why_not_the_rule(patch: DifferencePatch, consistency: Consistency) -> str:
    mine = [n for n in consistency.no_data if {n.a, n.b} == {patch.a, patch.b}]
    reasons = [n.reason for n in mine if patch.rule in n.rules]
    if reasons:
        return "；".join(dict.fromkeys(reasons))
    atlas = consistency.atlas
    rules = {r.code: r for r in atlas.law.pairs} if atlas is not None else {}
    if patch.rule not in rules:
        return f"规则库里没有规则 {patch.rule}"
    if not counts_on(rules[patch.rule], consistency.checked_on):
        return f"规则 {patch.rule} 在基准日 {consistency.checked_on} 不适用"
    return "这次没有按这条规则比对这一对图层"


def _extent(layer: Layer) -> shapely.Geometry:
    """A hair wider than it is written: a patch that ends at it lies in it."""
    extent = shapely.buffer(shapely.union_all([shapely.polygons(ring) for ring in layer.extent or ()]), _HAIR_DEG)
    shapely.prepare(extent)
    return extent


def _unsorted_m2(consistency: Consistency) -> dict[Compared, float]:
    """What each pair has in common beyond its patches: places whose features do not say which rule they fall under."""
    areas: dict[str, list[float]] = {}
    for p in consistency.patches:
        areas.setdefault(p.rule, []).append(p.area_m2)
    pairs = {(p.a, p.b, p.relation): p for p in consistency.pairs}
    found = {}
    for c in consistency.compared:
        pair = pairs[c.a, c.b, c.relation]
        whole = pair.overlap_m2 if pair.relation == OVERLAP else pair.difference_m2 or 0.0
        found[c] = whole - math.fsum(math.fsum(areas.get(code, ())) for code in c.rules)
    return found
