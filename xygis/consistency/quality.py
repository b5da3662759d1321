"""What is wrong with the data themselves: features on top of each other, repaired geometry, attributes that rules ask for."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from xygis.atlas.crosswalk import DERIVED, entry_of
from xygis.consistency.groups import Group
from xygis.consistency.result import QualityNote
from xygis.geodesy.plane import Plane
from xygis.overlay.ground import Ground

_MOST_PLACES = 5
_REAL_M2 = 1.0  # a smaller overlap inside a layer is a remark, not a warning


def quality_of(grounds: Sequence[Ground], groups: Sequence[Group], plane: Plane) -> tuple[QualityNote, ...]:
    """The complaints, layer by layer. A layer without any is not listed."""
    asked: dict[str, list[str]] = {}
    for rule in (r for g in groups for r in g.rules):
        for selection in (rule.a, rule.b):
            asked.setdefault(selection.layer, []).extend(name for name, _ in selection.where)
            asked[selection.layer] += [rule.differ] if rule.differ else []
    notes = []
    for ground in grounds:
        notes += _self_overlap(ground, plane)
        notes += _repairs(ground)
        for name in dict.fromkeys(asked.get(ground.prepared.id, ())):
            notes += _unclassed(ground, name) if name in DERIVED else _missing(ground, name)
    return tuple(notes)


def _self_overlap(ground: Ground, plane: Plane) -> list[QualityNote]:
    doubled = sorted(ground.doubled, key=lambda d: -d.area_m2)
    if not doubled:
        return []
    area = math.fsum(d.area_m2 for d in doubled)
    x, y = np.array([d.place for d in doubled[:_MOST_PLACES]], float).T
    lon, lat = plane.inverse(x, y)
    return [
        QualityNote(
            check="self_overlap",
            layer=ground.prepared.id,
            level="warning" if doubled[0].area_m2 >= _REAL_M2 else "info",
            count=len(doubled),
            area_m2=area,
            where=tuple(f"{a:.6f}, {b:.6f}" for a, b in zip(lon, lat, strict=True)),
            text="图层内要素互相重叠，重叠处只计一次面积",
        )
    ]


def _repairs(ground: Ground) -> list[QualityNote]:
    repairs = ground.prepared.repairs
    if not repairs:
        return []
    return [
        QualityNote(
            check="invalid_geometry",
            layer=ground.prepared.id,
            level="warning",
            count=len(repairs),
            area_m2=None,
            where=repairs[:_MOST_PLACES],
            text="图形无效，比对前已修复",
        )
    ]


def _missing(ground: Ground, name: str) -> list[QualityNote]:
    """Features that lack an attribute by which rules choose."""
    features = np.unique(ground.prepared.owner).tolist()
    lacking = [f for f in features if ground.values(f).get(name) is None]
    if not lacking:
        return []
    areas = ground.county_m2.sum(axis=1)
    return [
        QualityNote(
            check="missing_attribute",
            layer=ground.prepared.id,
            level="error" if len(lacking) == len(features) else "warning",
            count=len(lacking),
            area_m2=float(areas[np.isin(ground.prepared.owner, lacking)].sum()),
            where=tuple(r.id for r in ground.refs(lacking[:_MOST_PLACES])),
            text=f"缺少规则所需的属性 {name}，相关图斑无法归类",
        )
    ]


def _unclassed(ground: Ground, attribute: str) -> list[QualityNote]:
    """Features whose class stands in no list of the crosswalk: what they are is not known, and no rule takes them for anything."""
    derived = ground.prepared.layer.derive(attribute)
    features = np.unique(ground.prepared.owner).tolist()
    values = ground.column(derived.field) if derived is not None else [None] * ground.prepared.features
    known = {v: derived is not None and entry_of(derived.codes, v) is not None for v in set(values)}
    lacking = [f for f in features if not known[values[f]]]
    if not lacking:
        return []
    words = sorted({str(values[f]) for f in lacking if values[f] is not None})
    named = f"（{'、'.join(words[:_MOST_PLACES])}{' 等' if len(words) > _MOST_PLACES else ''}）" if words else ""
    areas = ground.county_m2.sum(axis=1)
    return [
        QualityNote(
            check="class_unknown",
            layer=ground.prepared.id,
            level="error" if len(lacking) == len(features) else "warning",
            count=len(lacking),
            area_m2=float(areas[np.isin(ground.prepared.owner, lacking)].sum()),
            where=tuple(r.id for r in ground.refs(lacking[:_MOST_PLACES])),
            text=f"地类对照表里没有的类别{named}：{attribute} 不明，不当作非建设用地，请在 layers/crosswalk.toml 补登记",
        )
    ]
