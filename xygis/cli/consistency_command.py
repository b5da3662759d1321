"""`xygis consistency`: control lines against each other and plans against each other."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from xygis.atlas.atlas import Atlas
from xygis.cli.formats import chosen_formats, removed_lines
from xygis.cli.main import atlas_option
from xygis.cli.progress import pair_progress, prepare_progress
from xygis.cli.sign_options import seal_of, sign_options
from xygis.cli.terminal import day, error_text, exit_code
from xygis.consistency.asked import Asked, consistency_asked
from xygis.consistency_outputs import CONSISTENCY_OUTPUTS
from xygis.errors import OutputFailed, UsageError
from xygis.outputs import CONSISTENCY_FORMATS
from xygis.overlay.store import LayerStore

FORMATS = tuple(CONSISTENCY_OUTPUTS)
_DEFAULT = ",".join(CONSISTENCY_FORMATS)


@click.command(name="consistency", short_help="多规合一", epilog="退出码：0 无差异；1 有冲突；3 无法判定；4 图集无法读取")
@click.argument("layers", metavar="[图层 图层]", nargs=-1)
@click.option("--on", "on_text", metavar="日期", help="基准日，默认今天")
@click.option("--out", "out_dir", metavar="目录", type=click.Path(path_type=Path), help="把报告、差异图斑写到这个目录")
@click.option("--format", "formats", metavar="格式", default=_DEFAULT, show_default=True, help=f"要写的格式，逗号分隔：{' '.join(FORMATS)}")
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
@sign_options
@atlas_option
def command(
    layers: tuple[str, ...],
    on_text: str | None,
    out_dir: Path | None,
    formats: str,
    revised: str | None,
    since: Path | None,
    notes: Path | None,
    as_json: bool,
    sign_key: Path | None,
    signer: str | None,
    atlas_dir: Path | None,
) -> None:
    """比对三条控制线之间、城乡规划与土地利用规划之间的差异，按县（市、区）列出面积和图斑。

    \b
    例：xygis consistency --out 多规合一/
        xygis consistency urban_rural_plan land_use_plan --json
        xygis consistency --format pdf,csv --out 存档/
        xygis consistency --replace urban_growth_boundary=新边界.zip --out 调整方案/
        xygis consistency --since 多规合一/report.json --notes 多规合一/consistency.xlsx --out 本月/

    consistency.xlsx 一行一个图斑，处理意见、责任部门、期限、状态、备注由各部门填写，再用 --notes 读回。

    --since 与上次比对：已消除、持续、变化、新增；缺图层、规则不适用而没有比对的，不算消除。
    """
    if len(layers) not in (0, 2):
        raise UsageError(what="要么不写图层，要么写两个图层", fix="例如 xygis consistency urban_rural_plan land_use_plan")
    wanted = chosen_formats(formats, FORMATS)
    if formats != _DEFAULT and out_dir is None:
        raise click.BadParameter("要写文件，请同时给出 --out 目录", param_hint="--format")
    seal = seal_of(sign_key, signer, out_dir)
    asked = Asked(layers=layers or None, revised=_revised(revised), since=since, notes=notes)
    atlas = Atlas.open(atlas_dir)
    store = LayerStore(progress=None if as_json else prepare_progress)
    result = consistency_asked(asked, atlas, on=day(on_text), store=store, progress=None if as_json else pair_progress)
    saved = None
    if out_dir is not None:
        from xygis.saving import save_consistency

        saved = save_consistency(result, atlas, out_dir, wanted)
        saved = replace(saved, written=tuple(seal.put(out_dir, saved.written)))
    if as_json:
        from xygis.report.consistency_contract import consistency_json

        click.echo(consistency_json(result), nl=False)
    else:
        from xygis.cli.consistency_text import consistency_text

        click.echo(consistency_text(result))
        if saved is not None:
            click.echo("\n" + "\n".join([*(f"{label}    {path}" for label, path in saved.written), *removed_lines(saved)]))
        else:
            click.echo("\n加 --out 多规合一/ 生成报告和差异图斑。")
    for failure in saved.failed if saved is not None else ():
        click.echo(error_text(failure, closing=False), err=True)
    click.get_current_context().exit(OutputFailed.exit_code if saved is not None and saved.failed else exit_code(result.verdict))


def _revised(text: str | None) -> tuple[str, Path] | None:
    """(layer, file that takes its place) of --replace."""
    if text is None:
        return None
    layer, equals, file = text.partition("=")
    if not (layer.strip() and equals and file.strip()):
        raise UsageError(what=f"“{text}”应写成 图层=文件", fix="例如 --replace urban_growth_boundary=新边界.zip")
    return layer.strip(), Path(file.strip())
