"""What each rule about a pair of layers claims of their partition: the worst rule first, every cell once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from xygis.atlas.law import PairRule, Selection
from xygis.consistency.groups import OVERLAP, Group
from xygis.overlay.disjoint import Disjoint
from xygis.overlay.ground import Ground, Mask
from xygis.overlay.partition import GAP, Partition
from xygis.overlay.prepared import Ints

EXTENT = "{}/extent"  # the layer of a partition that stands for where another one claims to be complete


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Cells of which one rule speaks. rule None: the whole layers, about which no rule speaks.

    sure: it speaks of them. possible: besides, features that lack the attribute which the rule asks for could be meant. unsorted:
    those of the possible ones that no rule before this one has.
    """

    rule: PairRule | None
    sure: Mask
    possible: Mask
    unsorted: Mask


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """All rules of a group. of_a, of_b: the cells of either side of which any rule speaks, or may speak."""

    claims: tuple[Claim, ...]
    of_a: Mask
    of_b: Mask


def claims_of(group: Group, cells: Partition, grounds: Mapping[str, Ground]) -> Claims:
    """The claims in the order of the rules of the group."""
    stack_a, stack_b = cells.column(group.a), cells.column(group.b)
    complete = _complete(group.b, cells)
    claimed = np.zeros(len(cells), bool)
    unsorted = claimed.copy()
    of_a, of_b = claimed.copy(), claimed.copy()
    out = []
    for rule in group.rules or (None,):
        sure_a, possible_a = _cells(grounds[group.a], stack_a, rule.a if rule else None)
        sure_b, possible_b = _cells(grounds[group.b], stack_b, rule.b if rule else None)
        of_a |= possible_a
        of_b |= possible_b
        if group.relation == OVERLAP:
            sure, possible = sure_a & sure_b, possible_a & possible_b
        else:  # a feature of b that may count does count
            sure, possible = sure_a & ~possible_b & complete, possible_a & ~sure_b & complete
        sure, possible = sure & ~claimed, possible & ~claimed
        claimed |= sure
        out.append(Claim(rule=rule, sure=sure, possible=possible & ~sure, unsorted=possible & ~sure & ~unsorted))
        unsorted |= possible & ~sure
    return Claims(claims=tuple(out), of_a=of_a, of_b=of_b)


def _cells(ground: Ground, stack: Ints, selection: Selection | None) -> tuple[Mask, Mask]:
    """(surely, possibly): the cells that a selection of a layer's features covers; None: all its features."""
    if selection is None:
        return stack != GAP, stack != GAP
    sure, possible = ground.chosen_features(selection)
    return _where(ground.disjoint, sure)[stack], _where(ground.disjoint, possible)[stack]


def _where(layer: Disjoint, chosen: Mask) -> Mask:
    """For each stack, and for GAP as the last entry, whether one of its features is chosen."""
    here: Mask = np.r_[layer.any_of(chosen), False]
    return here


def _complete(layer: str, cells: Partition) -> Mask:
    name = EXTENT.format(layer)
    if not any(one.layer == name for one in cells.layers):
        return np.ones(len(cells), bool)
    inside: Mask = cells.column(name) != GAP
    return inside
