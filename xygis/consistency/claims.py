"""What each rule about a pair of layers claims of their partition: the worst rule first, every cell once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from xygis.atlas.crosswalk import Terms, parted
from xygis.atlas.law import PairRule, Selection
from xygis.consistency.ground_plan import GroundPlan
from xygis.consistency.groups import OVERLAP, Group
from xygis.overlay.ground import Mask
from xygis.overlay.prepared import Ints


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

    @property
    def differing(self) -> Mask:
        """The cells that any rule about a type of difference claims."""
        typed = [c.sure for c in self.claims if c.rule is not None and c.rule.difference]
        found: Mask = np.logical_or.reduce([np.zeros(len(self.of_a), bool), *typed])
        return found


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
            if rule is not None and rule.differ is not None:
                surely, possibly = _differing(rule, rule.differ, plan)
                sure, possible = sure & surely, possible & possibly
        else:  # a feature of b that may count does count
            sure, possible = sure_a & ~possible_b & complete, possible_a & ~sure_b & complete
        sure, possible = sure & ~claimed, possible & ~claimed
        claimed |= sure
        out.append(Claim(rule=rule, sure=sure, possible=possible & ~sure, unsorted=possible & ~sure & ~unsorted))
        unsorted |= possible & ~sure
    return Claims(claims=tuple(out), of_a=of_a, of_b=of_b)


def _differing(rule: PairRule, attribute: str, plan: GroundPlan) -> tuple[Mask, Mask]:
    """(surely, possibly): the cells in which a feature of either side that the rule speaks of differs from one of the other."""
    out = []
    for number, answers in ((0, (True,)), (1, (True, None))):
        a, terms_a = _told(rule.a, attribute, plan, number)
        b, terms_b = _told(rule.b, attribute, plan, number)
        table = [[any(parted(x, y) in answers for x in here for y in there) for there in terms_b] for here in terms_a]
        found: Mask = np.array(table, bool)[a, b]
        out.append(found)
    return out[0], out[1]


def _told(selection: Selection, attribute: str, plan: GroundPlan, number: int) -> tuple[Ints, tuple[frozenset[Terms], ...]]:
    """(number for each cell, what the features in it may be), of the features that are surely (0) or possibly (1) selected."""
    ground = plan.grounds[selection.layer]
    chosen = ground.chosen_features(selection)[number]
    of_feature, terms = ground.terms(attribute)
    found: dict[frozenset[Terms], int] = {frozenset(): 0}
    single = np.array([found.setdefault(frozenset({t}), len(found)) for t in terms], np.int64)
    together = [
        found.setdefault(frozenset(terms[of_feature[f]] for f in features if chosen[f]), len(found))
        for features in ground.disjoint.together
    ]
    of_stack = np.r_[np.where(chosen, single[of_feature], 0), np.array(together, np.int64), 0]  # GAP is the last entry
    return of_stack[plan.cells.column(selection.layer)], tuple(found)
