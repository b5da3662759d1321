"""`xygis consistency`: control lines against each other and plans against each other."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from xygis.atlas.atlas import Atlas
from xygis.cli.main import atlas_option
from xygis.cli.progress import pair_progress, prepare_progress
from xygis.cli.terminal import day, exit_code
from xygis.consistency.earlier import read_earlier
from xygis.consistency.ground_plan import Progress
from xygis.consistency.notes_file import read_notes
from xygis.consistency.noting import noted
from xygis.consistency.result import Consistency
from xygis.consistency.run import consistency, consistency_with
from xygis.consistency.tracking import tracked
from xygis.consistency.trend import with_trend
from xygis.errors import UsageError
from xygis.overlay.store import LayerStore


@click.command(name="consistency", short_help="多规合一", epilog="退出码：0 无差异；1 有冲突；3 无法判定；4 图集无法读取")
@click.argument("layers", metavar="[图层 图层]", nargs=-1)
@click.option("--on", "on_text", metavar="日期", help="基准日，默认今天")
@click.option("--out", "out_dir", metavar="目录", type=click.Path(path_type=Path), help="把报告、差异图斑写到这个目录")
@click.option("--replace", "revised", metavar="图层=文件", help="假设用这个文件替换图层：会新增、消除哪些冲突，各县增减多少")
@click.option(
    "--since",
    "since",
    metavar="上次的report.json",
    type=click.Path(path_type=Path),
    help="上次的结果，旁边要有同一次的 consistency.gpkg；沿用图斑编号和处理意见",
)
@click.option("--notes", "notes", metavar="文件", type=click.Path(path_type=Path), help="读入填写过的 consistency.xlsx 或 consistency.gpkg")
@click.option("--json", "as_json", is_flag=True, help="结果以 JSON 写到标准输出（xygis/consistency/1）")
@atlas_option
def command(
    layers: tuple[str, ...],
    on_text: str | None,
    out_dir: Path | None,
    revised: str | None,
    since: Path | None,
    notes: Path | None,
    as_json: bool,
    atlas_dir: Path | None,
) -> None:
    """比对三条控制线之间、城乡规划与土地利用规划之间的差异，按县（市、区）列出面积和图斑。

    \b
    例：xygis consistency --out 多规合一/
        xygis consistency urban_rural_plan land_use_plan --json
        xygis consistency --replace urban_growth_boundary=新边界.zip --out 调整方案/
        xygis consistency --since 多规合一/report.json --notes 多规合一/consistency.xlsx --out 本月/

    consistency.xlsx 一行一个图斑，处理意见、责任部门、期限、状态、备注由各部门填写，再用 --notes 读回。

    --since 与上次比对：已消除、持续、变化、新增；缺图层、规则不适用而没有比对的，不算消除。
    """
    if len(layers) not in (0, 2):
        raise UsageError(what="要么不写图层，要么写两个图层", fix="例如 xygis consistency urban_rural_plan land_use_plan")
    earlier = read_earlier(since) if since is not None else None  # a file that cannot be read is told before the work, not after
    rows = read_notes(notes) if notes is not None else None
    atlas = Atlas.open(atlas_dir)
    chosen = tuple(atlas.layer(name).id for name in layers) or None
    store = LayerStore(progress=None if as_json else prepare_progress)
    result = _compared(atlas, revised, on=day(on_text), layers=chosen, store=store, progress=None if as_json else pair_progress)
    if earlier is not None:
        result = tracked(result, earlier)
        result = replace(result, indicators=with_trend(result.indicators, earlier.document))
    if rows is not None and notes is not None:
        result = noted(result, rows, notes.name)
    if out_dir is not None:
        from xygis.saving import save_consistency

        written = save_consistency(result, atlas, out_dir)
    if as_json:
        from xygis.report.consistency_contract import consistency_json

        click.echo(consistency_json(result), nl=False)
    else:
        from xygis.cli.consistency_text import consistency_text

        click.echo(consistency_text(result))
        if out_dir is not None:
            click.echo("\n" + "\n".join(f"{label}    {path}" for label, path in written))
        else:
            click.echo("\n加 --out 多规合一/ 生成报告和差异图斑。")
    click.get_current_context().exit(exit_code(result.verdict))


def _compared(
    atlas: Atlas, revised: str | None, *, on: date, layers: tuple[str, ...] | None, store: LayerStore, progress: Progress | None
) -> Consistency:
    """The comparison, with a file in the place of a layer where one is given."""
    if revised is None:
        return consistency(atlas, on=on, layers=layers, store=store, progress=progress)
    layer, equals, file = revised.partition("=")
    if not (layer.strip() and equals and file.strip()):
        raise UsageError(what=f"“{revised}”应写成 图层=文件", fix="例如 --replace urban_growth_boundary=新边界.zip")
    from xygis.atlas.adopt import draft_layer

    with TemporaryDirectory(prefix="xygis-") as folder:
        draft = draft_layer(atlas, Path(file.strip()), layer.strip(), Path(folder))
        return consistency_with(atlas, draft, on=on, layers=layers, store=store, progress=progress)
