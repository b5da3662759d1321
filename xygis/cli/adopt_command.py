"""`xygis adopt`: a user's file becomes a layer of an atlas, with a record of everything that was done to it."""

from __future__ import annotations

from pathlib import Path

import click

from xygis.atlas.adopt import adopt_layer
from xygis.atlas.atlas import Atlas
from xygis.atlas.verdict import DataStatus
from xygis.cli.adopt_text import adoption_text
from xygis.cli.main import atlas_option
from xygis.cli.terminal import day


@click.command(name="adopt", short_help="把手头的数据登记为图集的图层")
@click.argument("file", metavar="文件", type=click.Path(path_type=Path))
@click.option("--as", "layer_id", metavar="图层", required=True, help="图层标识，xygis layers 列出")
@click.option("--field", "fields", metavar="我方=对方", multiple=True, help="字段对照，例如 zone=FQMC；可重复")
@click.option("--version", "version_text", metavar="日期", help="数据所描述的日期")
@click.option("--status", type=click.Choice([s.value for s in DataStatus]), help="数据性质：法定成果、草案或示意")
@click.option("--accuracy", "accuracy_m", metavar="米", type=click.FloatRange(min=0), help="位置精度（一倍中误差）")
@click.option("--crs", metavar="EPSG", help="坐标系判断不了时指定")
@click.option("--encoding", metavar="编码", help="属性编码判断有误时指定")
@click.option("--datum", type=click.Choice(["wgs84", "cgcs2000"]), help="经纬度的坐标基准，文件没有写明的必须说明")
@atlas_option
def command(
    file: Path,
    layer_id: str,
    fields: tuple[str, ...],
    version_text: str | None,
    status: str | None,
    accuracy_m: float | None,
    crs: str | None,
    encoding: str | None,
    datum: str | None,
    atlas_dir: Path | None,
) -> None:
    """读入 Shapefile（可压缩）、GeoPackage、FileGDB、GeoJSON，判定坐标系，按别名对照字段，修复图形并逐处记录。

    \b
    例：xygis adopt 永农.zip --as permanent_basic_farmland --atlas 我的图集 --status statutory --version 2022-11-07
    """
    chosen = {}
    for text in fields:
        ours, equals, theirs = text.partition("=")
        if not (equals and ours.strip() and theirs.strip()):
            raise click.BadParameter(f"“{text}”应写成 我方=对方，例如 zone=FQMC", param_hint="--field")
        chosen[ours.strip()] = theirs.strip()
    adoption = adopt_layer(
        Atlas.open(atlas_dir),
        file,
        layer_id,
        fields=chosen,
        version=day(version_text, "--version") if version_text else None,
        status=DataStatus(status) if status else None,
        accuracy_m=accuracy_m,
        crs=crs,
        encoding=encoding,
        datum=datum,
    )
    click.echo(adoption_text(adoption))
