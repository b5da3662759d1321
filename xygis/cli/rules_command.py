"""`xygis rules`: the rules of a day, one rule's page with its cases, and the audit of the base."""

from __future__ import annotations

import json
from pathlib import Path

import click

from xygis.atlas.atlas import Atlas
from xygis.atlas.law import Rule
from xygis.cli.main import atlas_option
from xygis.cli.terminal import day, fitted, marked
from xygis.errors import UsageError
from xygis.judge.audit import audit
from xygis.judge.judging import rules_on
from xygis.report.wording import basis_line


@click.command(name="rules", short_help="规则、依据与算例")
@click.argument("code", metavar="[规则代码]", required=False)
@click.option("--on", "on_text", metavar="日期", help="只列这一天有效的版本，默认今天")
@click.option("--audit", "audited", is_flag=True, help="检查规则库本身：未知图层、失效依据、缺算例、算例不符、版本缺口")
@click.option("--json", "as_json", is_flag=True, help="以 JSON 写到标准输出")
@atlas_option
def command(code: str | None, on_text: str | None, audited: bool, as_json: bool, atlas_dir: Path | None) -> None:
    """列出规则；给出代码时，显示这条规则的全文、依据和算例。

    \b
    例：xygis rules PBF-01
        xygis rules --on 2027-01-01
        xygis rules --audit
    """
    atlas = Atlas.open(atlas_dir)
    if audited:
        _audit(atlas)
        return
    rules = rules_on(atlas.rules, day(on_text))
    if code is not None:
        rules = tuple(r for r in rules if r.code == code.upper())
        if not rules:
            raise UsageError(what=f"基准日没有规则“{code}”", fix="xygis rules 列出全部规则；其他日期加 --on")
    if as_json:
        from xygis.report.rule_contract import rule_record

        click.echo(json.dumps({"rules": [rule_record(r) for r in rules]}, ensure_ascii=False, indent=2))
    elif code is not None:
        for rule in rules:
            _page(rule)
    else:
        for rule in rules:
            click.echo(f"{fitted(rule.code, 10)}{fitted(rule.title, 40)}{marked(rule.verdict)}{'' if rule.verified else '  条文待核'}")
        click.echo(f"\n共 {len(rules)} 条在基准日有效，{sum(len(r.cases) for r in rules)} 个算例。")


def _page(rule: Rule) -> None:
    click.echo(f"{rule.code}  {rule.title}  {marked(rule.verdict)}")
    click.echo(f"图层    {rule.selection.layer}")
    for field, patterns in rule.selection.where:
        click.echo(f"        {field} = {'、'.join(patterns)}")
    if rule.selection.strip_m is not None:
        click.echo(f"        外侧 {rule.selection.strip_m:g} m 以内")
    click.echo("条件    " + "，".join(f"{c.fact} {c.operator} {c.value:g}" for c in rule.when))
    for title, conditions in (("适用", rule.applies_to), ("除外", rule.unless)):
        if conditions:
            click.echo(f"{title}    " + "，".join(f"{name} = {'、'.join(str(v) for v in values)}" for name, values in conditions))
    click.echo(f"有效    {rule.effective} 至 {rule.until or '今'}")
    click.echo(f"依据    {basis_line(rule.basis)}")
    if rule.authority:
        click.echo(f"机关    {rule.authority}")
    if rule.documents:
        click.echo(f"材料    {'、'.join(rule.documents)}")
    if rule.remedy:
        click.echo(f"整改    {rule.remedy}")
    if rule.penalty:
        click.echo(f"罚则    {rule.penalty}")
    click.echo(f"出处    redlines/{rule.path.name} 第 {rule.line} 行")
    for case in rule.cases:
        facts = "，".join(f"{k} = {v}" for k, v in case.facts)
        click.echo(f"算例    {case.note}：{facts} → {case.verdict.label}")


def _audit(atlas: Atlas) -> None:
    problems = audit(atlas)
    for problem in problems:
        click.echo(f"{problem.where}：{problem.text}")
    cases = sum(len(r.cases) for r in atlas.rules)
    click.echo(f"规则 {len(atlas.rules)} 条（含各版本），算例 {cases} 个，文件 {len(atlas.law.instruments)} 件，问题 {len(problems)} 个。")
    if problems:
        click.get_current_context().exit(1)
