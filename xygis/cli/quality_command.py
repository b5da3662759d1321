"""`xygis quality`: quality control of one file that a planner brings, before it is adopted or handed in."""

from __future__ import annotations

from pathlib import Path

import click

from xygis.atlas.atlas import Atlas
from xygis.cli.main import atlas_option
from xygis.cli.terminal import day
from xygis.consistency.quality.file import FileQuality, check_file

_EXIT = {"clean": 0, "errors": 1, "incomplete": 3}


@click.command(
    name="quality",
    short_help="规划数据库质检",
    epilog="退出码：0 没有错误（可有警告）；1 有错误；3 应做的检查没有做成；4 文件无法读取",
)
@click.argument("file", metavar="文件", type=click.Path(path_type=Path))
@click.option("--as", "layer_id", metavar="图层", required=True, help="按图集的哪个图层检查，例如 current_land_use；名称见 xygis layers")
@click.option("--on", "on_text", metavar="日期", help="基准日，默认今天；年份和日期不得晚于它")
@click.option("--crs", metavar="EPSG", help="文件没有写坐标系时，由您指定")
@click.option("--encoding", metavar="编码", help="指定属性表的文字编码")
@click.option(
    "--out", "out_dir", metavar="目录", type=click.Path(path_type=Path), help="把 quality.json、quality.xlsx、quality.gpkg 写到这个目录"
)
@click.option("--json", "as_json", is_flag=True, help="结果以 JSON 写到标准输出（xygis/quality/1）")
@atlas_option
def command(
    file: Path,
    layer_id: str,
    on_text: str | None,
    crs: str | None,
    encoding: str | None,
    out_dir: Path | None,
    as_json: bool,
    atlas_dir: Path | None,
) -> None:
    """按标准检查一个文件：字段、值域、坐标系、图形拓扑、面积和代码逻辑，逐条给出要素、值、应为和位置。

    文件按原样检查，不修复、不改动。检查项、容差和标准字段写在图集的 layers/standards.toml。

    \b
    例：xygis quality layers/current_land_use.gpkg --as current_land_use
        xygis quality layers/urban_growth_boundary.gpkg --as urban_growth_boundary --out 质检/
    """
    found = check_file(Atlas.open(atlas_dir), file, layer_id, on=day(on_text), crs=crs, encoding=encoding)
    written = _save(found, out_dir) if out_dir is not None else []
    if as_json:
        from xygis.report.contract import json_text
        from xygis.report.quality_contract import quality_dict

        click.echo(json_text(quality_dict(found)), nl=False)
    else:
        from xygis.cli.quality_text import quality_text

        click.echo(quality_text(found))
        if out_dir is None:
            click.echo("\n加 --out 质检/ 写出全部错误（表格和图形）。")
        else:
            click.echo("\n" + "\n".join(f"{label}    {path}" for label, path in written))
    click.get_current_context().exit(_EXIT[found.result])


def _save(found: FileQuality, folder: Path) -> list[tuple[str, Path]]:
    from xygis.saving import save_quality

    return save_quality(found, folder)
