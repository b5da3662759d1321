"""What the rules of the day choose by, and features lack: Q610 an attribute, Q611 a class that the crosswalk knows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import shapely

from xygis.atlas.attributes import Value
from xygis.atlas.crosswalk import DERIVED, entry_of
from xygis.atlas.standard import SEVERE, Standards
from xygis.consistency.groups import Group
from xygis.consistency.quality.fault import Fault, NotRun, Quality, Ran, level_of, shown
from xygis.overlay.ground import Ground

_RULES = ("Q610", "Q611")


def asked_for(standards: Standards, grounds: Mapping[str, Ground], groups: Sequence[Group]) -> Quality:
    """Every attribute that a rule asks of a layer, feature by feature."""
    asked: dict[str, list[str]] = {}
    for rule in (r for g in groups for r in g.rules):
        for selection in (rule.a, rule.b):
            asked.setdefault(selection.layer, []).extend(name for name, _ in selection.where)
            asked[selection.layer] += [rule.differ] if rule.differ else []
    faults: list[Fault] = []
    run: list[Ran] = []
    skipped: list[NotRun] = []
    for name, fields in asked.items():
        ground = grounds.get(name)
        if ground is None:
            skipped += [NotRun(rule="Q610", layer=name, reason="没有可用的面", features=None, due=True)] if fields else []
            continue
        mine = [f for field in dict.fromkeys(fields) for f in _lacking(standards, ground, field)]
        faults += mine
        for code in _RULES:
            run.append(Ran(rule=code, layer=name, features=ground.prepared.features, faults=sum(f.rule == code for f in mine)))
    return Quality(faults=tuple(faults), run=tuple(run), skipped=tuple(skipped), failed=(), tolerances=())


def _lacking(standards: Standards, ground: Ground, field: str) -> list[Fault]:
    """Severe where no feature has it: then the rules can choose nothing at all."""
    code = "Q611" if field in DERIVED else "Q610"
    check = standards.checks[code]
    features = np.unique(ground.prepared.owner).tolist()
    values, known = _classes(ground, field) if field in DERIVED else _values(ground, field)
    lacking = [f for f in features if not known[values[f]]]
    level = SEVERE if len(lacking) == len(features) else level_of(check, None, read=True)
    area = np.bincount(ground.prepared.owner, shapely.area(ground.parts), ground.prepared.features)
    return [
        Fault(
            rule=code,
            title=check.title,
            family=check.family,
            kind=check.kind,
            level=level,
            layer=ground.prepared.id,
            row=f + 1,
            feature=ref.id,
            field=field,
            value=None if values[f] is None else shown(values[f]),
            expected="地类对照表里的类别" if code == "Q611" else "不为空",
            text=_said(code, field, values[f]),
            place=None,
            geometry=None,
            area_m2=float(area[f]),
            read=True,
        )
        for f, ref in zip(lacking, ground.refs(lacking), strict=True)
    ]


def _values(ground: Ground, field: str) -> tuple[list[Value], dict[Value, bool]]:
    values = ground.column(field)
    return values, {v: v is not None for v in set(values)}


def _classes(ground: Ground, attribute: str) -> tuple[list[Value], dict[Value, bool]]:
    """The classes that an attribute follows from; what no list of the crosswalk has, no rule takes for anything."""
    derived = ground.prepared.layer.derive(attribute)
    values: list[Value] = ground.column(derived.field) if derived is not None else [None] * ground.prepared.features
    return values, {v: derived is not None and entry_of(derived.codes, v) is not None for v in set(values)}


def _said(code: str, field: str, value: Value) -> str:
    if code == "Q610":
        return f"缺少规则所需的属性 {field}，相关图斑无法归类"
    named = f"（{shown(value)}）" if value is not None else ""
    return f"地类对照表里没有的类别{named}：{field} 不明，不当作非建设用地，请在 layers/crosswalk.toml 补登记"
