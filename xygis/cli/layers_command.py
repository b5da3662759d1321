"""`xygis layers`: what the atlas holds, and the health of each layer."""

from __future__ import annotations

import json
from pathlib import Path

import click

from xygis.atlas.atlas import Atlas
from xygis.atlas.catalogue import RASTER
from xygis.atlas.verdict import DataState
from xygis.check.layers import OpenLayer, open_layers
from xygis.cli.main import atlas_option
from xygis.cli.progress import LayersProgress, prepare_progress
from xygis.cli.terminal import day, fitted
from xygis.overlay.kernel.library import kernel_name
from xygis.overlay.store import Kept, LayerStore

_KERNELS = {"compiled": "已编译（compiled）", "plain": "未编译，用后备算法，结果相同而较慢（plain）"}
_HEADS = (
    ("图层", 26, False),
    ("标识", 30, False),
    ("数据", 6, False),
    ("性质", 10, False),
    ("版本", 12, False),
    ("要素", 8, True),
    ("缓存", 12, True),
    ("小块", 10, True),
    ("  源文件 sha256", 16, False),
)


@click.command(name="layers", short_help="图层清单与数据状况")
@click.option("--on", "on_text", metavar="日期", help="基准日，默认今天")
@click.option("--json", "as_json", is_flag=True, help="以 JSON 写到标准输出")
@click.option("--prepare", is_flag=True, help="整理全部图层，显示进度；以后的审查更快")
@atlas_option
def command(on_text: str | None, as_json: bool, prepare: bool, atlas_dir: Path | None) -> None:
    """列出图集的全部图层：状态、版本、要素数、修复记录，以及整理好的缓存：大小、小块数、来自哪个源文件。

    \b
    例：xygis layers
        xygis layers --prepare
        xygis layers --atlas 我的图集 --json
    """
    atlas = Atlas.open(atlas_dir)
    store = LayerStore(progress=None if as_json or prepare else prepare_progress)
    vectors = [layer for layer in atlas.layers if layer.geometry != RASTER]
    ready = {layer.id for layer in vectors if store.peek(layer, atlas.plane)}
    if prepare:
        waiting = LayersProgress(store.unprepared(vectors, atlas.plane))
        store.reading = waiting.told
        opened = open_layers(atlas, day(on_text), store)
        waiting.end()
    else:
        opened = open_layers(atlas, day(on_text), store)
    kept = {layer.id: store.peek(layer, atlas.plane) for layer in vectors}
    if as_json:
        from xygis.report.contract import layer_dict

        layers = [layer_dict(o.record) | {"prepared": _prepared_dict(kept.get(o.layer.id), o.layer.id in ready)} for o in opened]
        document = {"atlas": atlas.name, "plane": atlas.plane.title, "kernel": kernel_name(), "layers": layers}
        click.echo(json.dumps(document, ensure_ascii=False, indent=2))
        return
    click.echo(f"{atlas.name}，{len(opened)} 个图层，面积按{atlas.plane.title}")
    click.echo(f"计算内核    {_KERNELS[kernel_name()]}\n")
    click.echo("".join(fitted(head, columns, right=right) for head, columns, right in _HEADS))
    group = None
    for o in opened:
        if o.layer.group != group:
            group = o.layer.group
            click.echo(f"— {group}")
        click.echo(_line(o, kept.get(o.layer.id)))
        if o.record.note:
            click.echo(f"    {o.record.note}")
    bad = [o for o in opened if o.record.state is not DataState.READY]
    click.echo(f"\n{len(opened) - len(bad)} 个就绪，{len(bad)} 个缺失、损坏或过期；后者在审查中一律列为“无法判定”。")
    done = [k for k in kept.values() if k]
    new = sum(1 for layer_id, k in kept.items() if k and layer_id not in ready)
    click.echo(f"已整理 {len(done)} 个图层（本次新整理 {new} 个），缓存共 {_megabytes(sum(k.size_bytes for k in done))}：{store.folder}")


def _line(o: OpenLayer, kept: Kept | None) -> str:
    features = "-" if o.record.features is None else f"{o.record.features:,}"
    cells: tuple[str, ...] = (o.layer.title, o.layer.id, o.record.state.label, o.layer.status.label, str(o.layer.version or "-"), features)
    cells += (_megabytes(kept.size_bytes), f"{kept.pieces:,}", f"  {kept.source_sha256[:8]}") if kept else ("-", "-", "  -")
    return "".join(fitted(cell, columns, right=right) for cell, (_, columns, right) in zip(cells, _HEADS, strict=True)).rstrip()


def _prepared_dict(kept: Kept | None, before: bool) -> dict[str, object] | None:
    """before: it was in the cache already, and not made by this very call."""
    if kept is None:
        return None
    return {"source_sha256": kept.source_sha256, "bytes": kept.size_bytes, "pieces": kept.pieces, "before": before}


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.1f} MB"
