"""Which layers are compared: the rules that count on a day, gathered into one group for each pair of layers and relation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from xygis.atlas.atlas import Atlas
from xygis.atlas.law import PairRule, counts_on
from xygis.errors import UsageError

OVERLAP = "overlap"
_OTHER = {"a": "b", "b": "a"}  # the side that gives way, once the sides are exchanged


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Rules about the same two layers in the same relation, worst verdict first; none: the pair was only asked for."""

    a: str
    b: str
    relation: str
    rules: tuple[PairRule, ...]


def groups_on(atlas: Atlas, on: date, layers: Sequence[str] | None) -> tuple[Group, ...]:
    """The groups in the order of the rule base; with two named layers, only what is between them, even without a rule."""
    if layers is not None:
        if len(set(layers)) != 2:
            raise UsageError(
                what=f"比对需要两个不同的图层，给了 {len(layers)} 个", fix="写成 xygis consistency 图层甲 图层乙，或者不写图层名，比对全部"
            )
        for name in layers:
            atlas.layer(name)
    found: dict[tuple[str, str, str], list[PairRule]] = {}
    for rule in atlas.law.pairs:
        if not counts_on(rule, on):
            continue
        if layers is not None and {rule.a.layer, rule.b.layer} != set(layers):
            continue
        if rule.relation == OVERLAP and (rule.b.layer, rule.a.layer, OVERLAP) in found:
            rule = replace(rule, a=rule.b, b=rule.a, yields=_OTHER.get(rule.yields, rule.yields))
        found.setdefault((rule.a.layer, rule.b.layer, rule.relation), []).append(rule)
    if layers is not None and not found:
        found[layers[0], layers[1], OVERLAP] = []
    return tuple(
        Group(a=a, b=b, relation=relation, rules=tuple(sorted(rules, key=lambda r: r.verdict.rank)))
        for (a, b, relation), rules in found.items()
    )
