"""The matrices of use conflicts of a run: for every pair of plans whose uses a rule compares, use against use where both build."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from xygis.atlas.crosswalk import Terms
from xygis.consistency.ground_plan import GroundPlan
from xygis.consistency.groups import OVERLAP, Group
from xygis.consistency.uses import UseMatrix, use_matrix
from xygis.overlay.ground import Ground
from xygis.overlay.prepared import Ints

USE = "use"


def use_conflicts(plan: GroundPlan, groups: Sequence[Group], uses: Sequence[str]) -> tuple[UseMatrix, ...]:
    """One matrix for each pair of layers that a rule about differing uses speaks of, of the cells that it surely speaks of."""
    out = []
    counties = tuple(zip(plan.counties.codes, plan.counties.names, strict=True))
    for group in groups:
        chosen = np.zeros(len(plan.cells), bool)
        for rule in group.rules:
            if rule.differ == USE and group.relation == OVERLAP and {group.a, group.b} <= set(plan.grounds):
                chosen |= plan.chosen(group.a, rule.a.where)[0] & plan.chosen(group.b, rule.b.where)[0]
        if not chosen.any():
            continue
        (a, terms_a), (b, terms_b) = (_uses(plan.grounds[name]) for name in (group.a, group.b))
        stack_a, stack_b = plan.cells.column(group.a)[chosen], plan.cells.column(group.b)[chosen]
        out.append(
            use_matrix(
                (group.a, terms_a),
                (group.b, terms_b),
                a[stack_a],
                b[stack_b],
                plan.cells.area_m2[chosen],
                plan.cells.county[chosen],
                counties=counties,
                uses=uses,
            )
        )
    return tuple(out)


def _uses(ground: Ground) -> tuple[Ints, tuple[Terms, ...]]:
    """(number of its terms for each stack, the terms): where several features lie on one another, the use of any of them."""
    of_feature, terms = ground.terms(USE)
    found = {t: i for i, t in enumerate(terms)}
    together = []
    for features in ground.disjoint.together:
        here = [terms[of_feature[f]] for f in features]
        either: Terms = frozenset().union(*here) if all(here) else frozenset()
        together.append(found.setdefault(either, len(found)))
    return np.r_[of_feature, np.array(together, np.int64)], tuple(found)
