"""What a revised layer would change: its block of the JSON contract, its tables, and its lines on a terminal."""

from __future__ import annotations

import math

from xygis.consistency.result import Consistency
from xygis.consistency.what_if import RuleChange, WhatIf
from xygis.numbers import hectares
from xygis.report.contract import Json
from xygis.report.table import Cell, Column, Kind, Table


def what_if_dict(found: WhatIf) -> Json:
    """The block `what_if`; the patches themselves stand in consistency.gpkg."""
    return {
        "layer": found.layer,
        "file": found.file,
        "sha256": found.sha256,
        "balance": [
            {
                "code": b.code,
                "name": b.name,
                "before_m2": b.before_m2,
                "after_m2": b.after_m2,
                "gained_m2": b.gained_m2,
                "lost_m2": b.lost_m2,
            }
            for b in found.balance
        ],
        "changes": [_change(c) for c in found.changes],
        "not_compared": list(found.reasons),
    }


def _change(change: RuleChange) -> Json:
    return {
        "rule": change.rule,
        "title": change.title,
        "difference": change.difference,
        "verdict": change.verdict.value,
        "a": change.a,
        "b": change.b,
        "before_m2": change.before_m2,
        "after_m2": change.after_m2,
        "new_m2": change.new_m2,
        "cured_m2": change.cured_m2,
        "new_patches": len(change.new),
        "cured_patches": len(change.cured),
        "possible_before_m2": change.possible_before_m2,
        "possible_after_m2": change.possible_after_m2,
        "by_county": [{"code": code, "name": name, "new_m2": came, "cured_m2": went} for code, name, came, went in change.by_county],
    }


def balance_table(consistency: Consistency) -> Table:
    """调整前后各县（市、区）面积: before − lost + gained = after."""
    found = consistency.what_if
    rows = found.balance if found is not None else ()
    body: tuple[tuple[Cell, ...], ...] = tuple(
        (b.name, b.before_m2, b.lost_m2 or None, b.gained_m2 or None, b.after_m2, b.after_m2 - b.before_m2) for b in rows
    )
    columns = (
        Column(key="name", title="县（市、区）", kind=Kind.NAME),
        Column(key="before", title="调整前（公顷）", kind=Kind.HA),
        Column(key="lost", title="调出", kind=Kind.HA),
        Column(key="gained", title="调入", kind=Kind.HA),
        Column(key="after", title="调整后（公顷）", kind=Kind.HA),
        Column(key="change", title="增减", kind=Kind.HA),
    )
    total: tuple[Cell, ...] = (
        "合计",
        *(math.fsum(getattr(b, name) for b in rows) for name in ("before_m2", "lost_m2", "gained_m2", "after_m2")),
        math.fsum(b.after_m2 - b.before_m2 for b in rows),
    )
    return Table(title=f"{found.title if found else ''}：调出与调入", columns=columns, rows=body, total=total if len(body) > 1 else None)


def changes_table(consistency: Consistency) -> Table:
    """各规则新增与消除的冲突."""
    found = consistency.what_if
    rows = found.changes if found is not None else ()
    body: tuple[tuple[Cell, ...], ...] = tuple(
        (
            c.rule,
            c.title,
            c.verdict,
            c.before_m2 or None,
            c.cured_m2 or None,
            len(c.cured) or None,
            c.new_m2 or None,
            len(c.new) or None,
            c.after_m2 or None,
        )
        for c in rows
    )
    columns = (
        Column(key="rule", title="规则", kind=Kind.CODE),
        Column(key="title", title="差异", kind=Kind.NAME),
        Column(key="verdict", title="结论", kind=Kind.VERDICT),
        Column(key="before", title="调整前（公顷）", kind=Kind.HA),
        Column(key="cured", title="消除", kind=Kind.HA),
        Column(key="cured_n", title="图斑", kind=Kind.COUNT),
        Column(key="new", title="新增", kind=Kind.HA),
        Column(key="new_n", title="图斑", kind=Kind.COUNT),
        Column(key="after", title="调整后（公顷）", kind=Kind.HA),
    )
    notes = tuple(f"未能比对：{reason}" for reason in (found.reasons if found else ()))
    return Table(title="消除与新增的冲突", columns=columns, rows=body, notes=notes)


def what_if_lines(found: WhatIf) -> list[str]:
    """A block of the terminal text."""
    lines = [f"假设以 {found.file} 替换{found.title}"]
    for b in found.balance:
        if b.gained_m2 or b.lost_m2:
            lines.append(
                f"  {b.name}：{hectares(b.before_m2)} → {hectares(b.after_m2)} 公顷（调入 {hectares(b.gained_m2)}，调出 {hectares(b.lost_m2)}）"
            )
    if len(lines) == 1:
        lines.append("  各县（市、区）面积不变")
    for c in found.changes:
        lines.append(f"  {c.rule} {c.title}：消除 {hectares(c.cured_m2)} 公顷，新增 {hectares(c.new_m2)} 公顷")
    if not found.changes:
        lines.append("  没有新增或消除的冲突")
    return [*lines, *(f"  未能比对：{reason}" for reason in found.reasons)]


def what_if_sentence(found: WhatIf) -> str:
    """What stands on the first page: that this is a supposition, and what it would change in all."""
    gained, lost = math.fsum(b.gained_m2 for b in found.balance), math.fsum(b.lost_m2 for b in found.balance)
    cured, new = math.fsum(c.cured_m2 for c in found.changes), math.fsum(c.new_m2 for c in found.changes)
    return (
        f"本报告假设以 {found.file} 替换{found.title}：调入 {hectares(gained)} 公顷、调出 {hectares(lost)} 公顷；"
        f"消除冲突 {hectares(cured)} 公顷、新增 {hectares(new)} 公顷（各规则相加）。"
    )
