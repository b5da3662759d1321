"""`xygis rules`: the rules of a day, the pages of some, the handbook of all, and the audit of the base."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import click

from xygis.atlas.atlas import Atlas
from xygis.atlas.law import Rule
from xygis.cli.main import atlas_option
from xygis.cli.terminal import day, fitted, marked
from xygis.errors import UsageError
from xygis.judge.judging import rules_on

_NEAREST = 5


@click.command(
    name="rules", short_help="规则、依据与算例", epilog="退出码：0 正常；1 规则库有问题（--audit）；2 没有这条规则；4 图集无法读取"
)
@click.argument("codes", metavar="[规则代码…]", nargs=-1)
@click.option("--on", "on_text", metavar="日期", help="按这一天有效的版本；默认今天")
@click.option(
    "--audit", "audited", is_flag=True, help="检查规则库本身：逐一核对各种组合有无遗漏和矛盾，依据是否有效，名称是否存在，算例是否相符"
)
@click.option("--handbook", metavar="文件.html", type=click.Path(path_type=Path), help="把全部规则写成一本手册：一个文件，可离线查找、打印")
@click.option("--json", "as_json", is_flag=True, help="以 JSON 写到标准输出")
@atlas_option
def command(
    codes: tuple[str, ...], on_text: str | None, audited: bool, handbook: Path | None, as_json: bool, atlas_dir: Path | None
) -> None:
    """列出规则；给出代码时，逐条说明：说什么、何时适用、依据哪条哪句、谁批、怎么改、哪些算例为证。

    \b
    例：xygis rules PBF-01
        xygis rules HW-01 HW-02 --json
        xygis rules --on 2027-01-01
        xygis rules --handbook 规则手册.html
        xygis rules --audit
    """
    atlas = Atlas.open(atlas_dir)
    on = day(on_text)
    if audited:
        from xygis.cli.audit_text import show_audit

        if not show_audit(atlas, on, as_json):
            click.get_current_context().exit(1)
    elif handbook is not None:
        if codes:
            raise click.BadParameter("手册收录全部规则，不与规则代码同用", param_hint="--handbook")
        from xygis.saving import save_handbook

        click.echo(f"手册    {save_handbook(atlas, on, handbook)}")
    elif codes:
        _pages(atlas, _named(atlas.rules, codes, on), on, as_json=as_json)
    elif as_json:
        from xygis.report.rule_contract import rule_record

        click.echo(json.dumps({"rules": [rule_record(r) for r in rules_on(atlas.rules, on)]}, ensure_ascii=False, indent=2))
    else:
        _list(rules_on(atlas.rules, on))


def _list(rules: Sequence[Rule]) -> None:
    for rule in rules:
        click.echo(f"{fitted(rule.code, 10)}{fitted(rule.title, 40)}{marked(rule.verdict)}{'' if rule.verified else '  条文待核'}")
    click.echo(f"\n共 {len(rules)} 条在基准日有效，{sum(len(r.cases) for r in rules)} 个算例。")


def _named(rules: Sequence[Rule], codes: Sequence[str], on: date) -> list[Rule]:
    """The version of each code that is to be shown. UsageError names the nearest codes where nobody knows one."""
    from xygis.report.rule_page import version_shown, versions

    found = []
    for code in dict.fromkeys(c.strip().upper() for c in codes):
        of_code = versions(rules, code)
        if not of_code:
            raise UsageError(what=f"规则库没有规则“{code}”", fix=_nearest(rules, code))
        found.append(version_shown(of_code, on))
    return found


def _nearest(rules: Sequence[Rule], code: str) -> str:
    import difflib

    titles = {r.code: r.title for r in rules}
    near = [c for c, title in titles.items() if code in title][:_NEAREST] or difflib.get_close_matches(code, titles, n=_NEAREST, cutoff=0.0)
    if not near:
        return "图集没有规则"
    return f"是否应为 {'、'.join(f'{c}（{titles[c]}）' for c in near)}？xygis rules 列出全部规则"


def _pages(atlas: Atlas, rules: Sequence[Rule], on: date, *, as_json: bool) -> None:
    from xygis.report.rule_page import rule_page
    from xygis.report.rule_words import vocabulary

    words = vocabulary(atlas)
    pages = [rule_page(atlas, words, rule, on) for rule in rules]
    if as_json:
        from xygis.report.rule_contract import page_record

        click.echo(json.dumps({"rules": [page_record(atlas, p, on) for p in pages]}, ensure_ascii=False, indent=2))
        return
    from xygis.cli.rules_text import page_text

    click.echo("\n\n".join(page_text(p) for p in pages))
