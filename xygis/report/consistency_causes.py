"""微小差异的成因: how many slivers, how much, and by which proof; in the JSON, on the terminal and as a table."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from xygis import numbers
from xygis.consistency.result import Consistency, DifferencePatch, LayerShift
from xygis.consistency.setting_aside import SET_ASIDE
from xygis.overlay.causes import CauseKind
from xygis.report.consistency_tables import titles
from xygis.report.contract import Json
from xygis.report.table import Column, Kind, Table


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tally:
    """The slivers of one pair that have one cause."""

    a: str
    b: str
    kind: CauseKind
    patches: int
    area_m2: float
    example: str  # the proof of the largest

    @property
    def proven(self) -> bool:
        return self.kind is not CauseKind.REAL


def causes_dict(consistency: Consistency) -> Json:
    """The blocks `causes` and `shifts` of the contract."""
    return {
        "causes": [
            {
                "a": t.a,
                "b": t.b,
                "kind": t.kind.value,
                "title": t.kind.label,
                "proven": t.proven,
                "set_aside": t.kind in SET_ASIDE,
                "patches": t.patches,
                "area_m2": t.area_m2,
                "example": t.example,
            }
            for t in _tallies(consistency)
        ],
        "shifts": [
            {
                "a": s.a,
                "b": s.b,
                "dx_m": s.dx_m,
                "dy_m": s.dy_m,
                "matched": s.matched,
                "explained_share": s.explained_share,
                "spread_m": s.spread_m,
            }
            for s in consistency.shifts
        ],
    }


def causes_table(consistency: Consistency) -> Table:
    """One row for each pair and cause; layers that lie displaced stand in the notes."""
    names = titles(consistency)
    tallies = _tallies(consistency)
    columns = (
        Column(key="a", title="甲", kind=Kind.NAME),
        Column(key="b", title="乙", kind=Kind.NAME),
        Column(key="kind", title="成因"),
        Column(key="proven", title="是否证明"),
        Column(key="patches", title="图斑", kind=Kind.COUNT),
        Column(key="m2", title="面积（m²）", kind=Kind.M2),
        Column(key="example", title="证据（最大的一处）"),
    )
    rows = tuple(
        (names.get(t.a, t.a), names.get(t.b, t.b), t.kind.label, "已证明" if t.proven else "未证明", t.patches, t.area_m2, t.example)
        for t in tallies
    )
    notes = (
        [f"边界误差图斑（含不列入 D10 的规则）{_summary(tallies)}。已证明的只作提示，不计为冲突（整体偏移除外）；未证明的按真实差异对待。"]
        if tallies
        else []
    )
    notes += [f"{_shifted(s, names)}，须先核对坐标系再比对。" for s in consistency.shifts]
    total = ("合计", "", "", "", sum(t.patches for t in tallies), math.fsum(t.area_m2 for t in tallies), "")
    return Table(title="微小差异的成因", columns=columns, rows=rows, total=total if rows else None, notes=tuple(notes))


def causes_lines(consistency: Consistency) -> list[str]:
    """What the terminal says of it: one block, or none."""
    names, tallies = titles(consistency), _tallies(consistency)
    lines = []
    if tallies:
        lines.append(f"微小差异的成因：{_summary(tallies)}")
        for kind in CauseKind:
            mine = [t for t in tallies if t.kind is kind]
            if mine:
                lines.append(f"  {kind.label}{'' if mine[0].proven else '（未证明）'}：{_amount(mine)}")
    lines += [_shifted(s, names) for s in consistency.shifts]
    return ["\n".join(lines)] if lines else []


def cause_words(patch: DifferencePatch) -> str | None:
    """The cause of a patch as people call it."""
    return CauseKind(patch.cause).label if patch.cause is not None else None


def _tallies(consistency: Consistency) -> list[_Tally]:
    """Pairs in their order, causes in that of CauseKind."""
    found: dict[tuple[str, str, CauseKind], list[DifferencePatch]] = {}
    for p in consistency.patches:
        if p.cause is not None:
            found.setdefault((p.a, p.b, CauseKind(p.cause)), []).append(p)
    order = {pair: i for i, pair in enumerate(dict.fromkeys((p.a, p.b) for p in consistency.pairs))}
    kinds = list(CauseKind)
    return [
        _Tally(
            a=a,
            b=b,
            kind=kind,
            patches=len(found[a, b, kind]),
            area_m2=math.fsum(p.area_m2 for p in found[a, b, kind]),
            example=min(found[a, b, kind], key=lambda p: (-p.area_m2, p.id)).cause_evidence,
        )
        for a, b, kind in sorted(found, key=lambda key: (order.get(key[:2], len(order)), key[:2], kinds.index(key[2])))
    ]


def _summary(tallies: Sequence[_Tally]) -> str:
    proven, rest = [t for t in tallies if t.proven], [t for t in tallies if not t.proven]
    kinds = [k for k in CauseKind if any(t.kind is k for t in proven)]
    by = "，其中" + "、".join(f"{k.label} {_amount([t for t in proven if t.kind is k])}" for k in kinds) if proven else ""
    return f"已证明 {_amount(proven)}{by}；未证明 {_amount(rest)}"


def _amount(tallies: Sequence[_Tally]) -> str:
    if not tallies:
        return "0 处"
    return f"{numbers.count(sum(t.patches for t in tallies))} 处、{numbers.square_metres(math.fsum(t.area_m2 for t in tallies))} m²"


def _shifted(s: LayerShift, names: dict[str, str]) -> str:
    return (
        f"{names.get(s.b, s.b)}相对{names.get(s.a, s.a)}整体偏移：东 {s.dx_m:+.3f} m、北 {s.dy_m:+.3f} m"
        f"（{numbers.count(s.matched)} 个同形拐点，占 {s.explained_share:.0%}）"
    )
