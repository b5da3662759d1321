"""`xygis start`: a new atlas for one's own data or another city."""

from __future__ import annotations

from pathlib import Path

import click

from xygis.atlas.bundled import bundled_root
from xygis.atlas.start import start_atlas


@click.command(name="start", short_help="新建图集")
@click.argument("folder", metavar="目录", type=click.Path(path_type=Path))
@click.option("--empty", is_flag=True, help="登记全部图层，但都不带数据；随后用 xygis adopt 逐个登记")
@click.option("--plane", metavar="坐标系", help="面积改按这个投影坐标系的平面面积计，例如 EPSG:4525；默认按椭球面积")
def command(folder: Path, empty: bool, plane: str | None) -> None:
    """从自带图集新建一个图集：图层目录、规则和样式齐全，可自行修改。

    \b
    例：xygis start 我的图集 --empty
        xygis adopt 永农.zip --as permanent_basic_farmland --atlas 我的图集 --status statutory --version 2022-11-07
    """
    start_atlas(folder, empty=empty, plane=plane, template=bundled_root())
    click.echo(f"已建立图集 {folder}。")
    if empty:
        click.echo(f"图层都还没有数据，审查结论会是“无法判定”。下一步：xygis adopt 文件 --as 图层 --atlas {folder}")
