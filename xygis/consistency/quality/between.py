"""Family 4 between layers: 永久基本农田 inside the 耕地 of the survey, the three lines apart; as places of the partition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from xygis.atlas.law import Selection
from xygis.atlas.layer import Layer
from xygis.atlas.standard import Between, Standards
from xygis.consistency.quality.fault import Fault, NotRun, Quality, Ran, level_of
from xygis.consistency.quality.subject import place_of
from xygis.geodesy.plane import Plane
from xygis.overlay.ground import FeatureRef, Ground
from xygis.overlay.partition import GAP, Partition
from xygis.overlay.places import PairPatch, patches, places

_MOST_NAMED = 5  # features that lie in one place


def between_layers(
    standards: Standards, layers: Mapping[str, Layer], grounds: Mapping[str, Ground], cells: Partition, plane: Plane
) -> Quality:
    """Every relation of the standard whose two layers take part; one whose layers have no data is skipped and said so."""
    faults: list[Fault] = []
    run, skipped = [], []
    for relation in standards.between:
        if relation.a not in layers or relation.b not in layers:
            continue  # not in this comparison
        lacking = [layers[name].title for name in (relation.a, relation.b) if name not in grounds]
        if lacking:
            skipped.append(_skipped(relation, relation.a, f"{'、'.join(lacking)}没有可用的面", None))
            continue
        a, b = grounds[relation.a], grounds[relation.b]
        sure, possible = b.chosen_features(Selection(layer=relation.b, where=relation.only))
        unknown = int((possible & ~sure).sum())
        if unknown:
            reason = f"{layers[relation.b].title}有 {unknown} 个图斑不知道是不是{_words(relation)}，按是处理"
            skipped.append(_skipped(relation, relation.b, reason, unknown))
        chosen = np.r_[b.disjoint.any_of(possible), False]  # the last is where the layer has nothing
        inside = chosen[cells.column(relation.b)]
        apart = relation.relation == "apart"
        which = (cells.column(relation.a) != GAP) & (inside if apart else ~inside)
        found = patches(places(cells, np.flatnonzero(which)), cells, a, b if apart else None, plane)
        faults += [_fault(relation, standards, layers[relation.b].title, patch) for patch in found]
        run.append(Ran(rule=relation.code, layer=relation.a, features=a.prepared.features, faults=len(found)))
    return Quality(faults=tuple(faults), run=tuple(run), skipped=tuple(skipped), failed=(), tolerances=())


def _fault(relation: Between, standards: Standards, title: str, patch: PairPatch) -> Fault:
    check = standards.checks[relation.code]
    size = f"{patch.area_m2:,.2f} m²"
    text = f"与{title}（{_named(patch.b)}）重叠 {size}" if patch.b else f"有 {size} 不在{title}{_words(relation)}内"
    return Fault(
        rule=relation.code,
        title=check.title,
        family=check.family,
        kind=check.kind,
        level=level_of(check, None, read=relation.read),
        layer=relation.a,
        row=None,
        feature=_named(patch.a),
        field=None,
        value=size,
        expected="0",
        text=text,
        place=place_of(patch.geometry),
        geometry=patch.geometry,
        area_m2=patch.area_m2,
        read=relation.read,
    )


def _skipped(relation: Between, layer: str, reason: str, features: int | None) -> NotRun:
    return NotRun(rule=relation.code, layer=layer, reason=reason, features=features, due=True)


def _named(refs: Sequence[FeatureRef]) -> str:
    more = f" 等 {len(refs)} 个" if len(refs) > _MOST_NAMED else ""
    return "、".join(r.id for r in refs[:_MOST_NAMED]) + more


def _words(relation: Between) -> str:
    patterns = "、".join(p for _, some in relation.only for p in some)
    return f"（{patterns}）" if patterns else ""
