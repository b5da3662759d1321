"""What each rule about a pair of layers claims of their partition: the worst rule first, every cell once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from xygis.atlas.law import PairRule
from xygis.consistency.ground_plan import GroundPlan
from xygis.consistency.groups import OVERLAP, Group
from xygis.overlay.ground import Mask


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


def claims_of(group: Group, plan: GroundPlan) -> Claims:
    """The claims in the order of the rules of the group."""
    complete = plan.complete(group.b)
    claimed = np.zeros(len(plan.cells), bool)
    unsorted = claimed.copy()
    of_a, of_b = claimed.copy(), claimed.copy()
    out = []
    for rule in group.rules or (None,):
        sure_a, possible_a = plan.chosen(group.a, rule.a.where if rule else ())
        sure_b, possible_b = plan.chosen(group.b, rule.b.where if rule else ())
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
