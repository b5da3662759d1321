"""`xygis layers`: what the atlas holds, and the health of each layer."""

from __future__ import annotations

import json
from pathlib import Path

import click

from xygis.atlas.atlas import Atlas
from xygis.atlas.verdict import DataState
from xygis.check.layers import open_layers
from xygis.cli.main import atlas_option
from xygis.cli.progress import prepare_progress
from xygis.cli.terminal import day, fitted
from xygis.overlay.store import LayerStore


@click.command(name="layers", short_help="图层清单与数据状况")
@click.option("--on", "on_text", metavar="日期", help="基准日，默认今天")
@click.option("--json", "as_json", is_flag=True, help="以 JSON 写到标准输出")
@click.option("--prepare", is_flag=True, help="整理全部图层，使以后的审查更快")
@atlas_option
def command(on_text: str | None, as_json: bool, prepare: bool, atlas_dir: Path | None) -> None:
    """列出图集的全部图层：状态、版本、要素数、精度、修复记录。

    \b
    例：xygis layers
        xygis layers --atlas 我的图集 --json
    """
    atlas = Atlas.open(atlas_dir)
    opened = open_layers(atlas, day(on_text), LayerStore(progress=None if as_json else prepare_progress))
    if as_json:
        from xygis.report.contract import layer_dict

        document = {"atlas": atlas.name, "plane": atlas.plane.title, "layers": [layer_dict(o.record) for o in opened]}
        click.echo(json.dumps(document, ensure_ascii=False, indent=2))
        return
    click.echo(f"{atlas.name}，{len(opened)} 个图层，面积按{atlas.plane.title}\n")
    click.echo(
        f"{fitted('图层', 26)}{fitted('标识', 30)}{fitted('数据', 6)}{fitted('性质', 10)}{fitted('版本', 12)}{fitted('要素', 8, right=True)}"
    )
    group = None
    for o in opened:
        if o.layer.group != group:
            group = o.layer.group
            click.echo(f"— {group}")
        features = "-" if o.record.features is None else f"{o.record.features:,}"
        click.echo(
            fitted(o.layer.title, 26)
            + fitted(o.layer.id, 30)
            + fitted(o.record.state.label, 6)
            + fitted(o.layer.status.label, 10)
            + fitted(str(o.layer.version or "-"), 12)
            + fitted(features, 8, right=True)
        )
        if o.record.note:
            click.echo(f"    {o.record.note}")
    bad = [o for o in opened if o.record.state is not DataState.READY]
    click.echo(f"\n{len(opened) - len(bad)} 个就绪，{len(bad)} 个缺失、损坏或过期；后者在审查中一律列为“无法判定”。")
