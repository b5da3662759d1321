"""`xygis rules --audit`: what is wrong with the rule base, and how the law stands on a day."""

from __future__ import annotations

import json
from datetime import date

import click

from xygis.atlas.atlas import Atlas
from xygis.judge.audit import Audit, audit
from xygis.judge.standing import SOON_DAYS, Standing, standing

_LISTS = (
    ("unverified", "条文待核"),
    ("soon", f"{SOON_DAYS} 天内变化"),
    ("lapsed", "已失效的依据"),
)


def show_audit(atlas: Atlas, on: date, as_json: bool) -> bool:
    """Prints the audit; whether the base is sound."""
    result, law = audit(atlas), standing(atlas, on)
    if as_json:
        click.echo(json.dumps(_record(atlas, on, result, law), ensure_ascii=False, indent=2))
        return not result.problems
    for problem in result.problems:
        click.echo(f"{problem.where}：{problem.text}")
    if result.problems:
        click.echo()
    for name, title in _LISTS:
        entries = getattr(law, name)
        if entries:
            click.echo(f"{title}（{on}，{len(entries)} 处）")
            for where, what in entries:
                click.echo(f"  {where}：{what}")
    counts = _counts(atlas)
    click.echo(
        f"规则 {counts['rules']} 条（含各版本，代码 {counts['codes']} 个），算例 {counts['cases']} 个，文件 {counts['instruments']} 件，"
        f"逐一核过 {result.cells:,} 种组合，问题 {len(result.problems)} 个。"
    )
    return not result.problems


def _counts(atlas: Atlas) -> dict[str, int]:
    return {
        "rules": len(atlas.rules),
        "codes": len({r.code for r in atlas.rules}),
        "cases": sum(len(r.cases) for r in atlas.rules),
        "instruments": len(atlas.law.instruments),
    }


def _record(atlas: Atlas, on: date, result: Audit, law: Standing) -> dict[str, object]:
    lists = {name: [{"where": where, "text": what} for where, what in getattr(law, name)] for name, _ in _LISTS}
    problems = [{"where": p.where, "text": p.text} for p in result.problems]
    return {"on": on.isoformat(), **_counts(atlas), "cells": result.cells, "problems": problems, **lists}
