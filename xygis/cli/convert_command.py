"""`xygis convert`: parcels of any file that is read, written again in another form."""

from __future__ import annotations

from pathlib import Path

import click

from xygis.atlas.atlas import Atlas
from xygis.cli.main import atlas_option
from xygis.cli.many_files import files_of
from xygis.cli.terminal import day, printable
from xygis.convert.placing import check_place
from xygis.convert.run import FORMATS, Conversion, convert
from xygis.convert.target import code_of_zone
from xygis.errors import XygisError
from xygis.geodesy.crs import title
from xygis.intake.read import read_submission
from xygis.intake.submission import Submission
from xygis.vector.datum import DATUMS
from xygis.vector.notes import Note

_TITLES = {
    "boundary-txt": "坐标交换文件",
    "points-xlsx": "界址点成果表（Excel）",
    "points-docx": "界址点成果表（Word）",
    "shp": "Shapefile",
    "gpkg": "GeoPackage",
    "geojson": "GeoJSON",
    "kml": "KML",
    "dxf": "DXF",
}


@click.command(name="convert", short_help="转换格式", epilog="退出码：0 完成；2 用法有误或文件已存在；4 文件无法读取或写入")
@click.argument("files", metavar="文件…", nargs=-1, required=True, type=click.Path())
@click.option("--to", "to", required=True, metavar="格式", type=click.Choice(list(FORMATS)), help=f"输出格式：{'、'.join(FORMATS)}")
@click.option("--out", "out", required=True, metavar="文件", type=click.Path(path_type=Path), help="输出文件；shp 也可写成 .zip")
@click.option("--crs", "zone", metavar="带号", help="输出坐标系：37、38，6 度带 19，或 EPSG:4546、EPSG:4490；默认与输入相同")
@click.option("--from-crs", "source_crs", metavar="EPSG", help="输入文件没有写坐标系时，由您指定")
@click.option("--encoding", metavar="编码", help="指定输入文件的编码")
@click.option(
    "--datum", type=click.Choice(DATUMS), help="输入文件经纬度的坐标基准，文件没有写明的（KML、点表等）必须说明；gcj02、bd09 只能近似换算"
)
@click.option("--layer", "layers", metavar="图层", multiple=True, help="只读输入文件的这个图层（DXF 图层、工作表、文件夹）；可重复")
@click.option("--decimals", type=click.IntRange(3, 4), default=3, show_default=True, help="界址点坐标的小数位数（TXT、成果表）")
@click.option("--producer", metavar="单位", default="", help="数据产生单位，写入 TXT 文件头和成果表")
@click.option("--accept-repairs", is_flag=True, help="边界修复后面积变化较大的，也按修复后的边界转换")
@click.option("--force", is_flag=True, help="覆盖已有的输出文件")
@atlas_option
def command(
    files: tuple[str, ...],
    to: str,
    out: Path,
    zone: str | None,
    source_crs: str | None,
    encoding: str | None,
    datum: str | None,
    layers: tuple[str, ...],
    decimals: int,
    producer: str,
    accept_repairs: bool,
    force: bool,
    atlas_dir: Path | None,
) -> None:
    """把地块写成别的格式：坐标交换文件、界址点成果表、GIS 数据或 CAD 图，几个文件可合为一个。不作审查；写不下的内容逐项说明。

    \b
    例：xygis convert 示例地块.txt --to points-docx --out 界址点成果表.docx
    例：xygis convert 选址.zip --to boundary-txt --crs 37 --out 选址.txt
    """
    target = code_of_zone(zone) if zone is not None else None
    found = files_of(files).files
    check_place(out, FORMATS[to], found, force=force)  # before a long reading, not after it
    envelope = Atlas.open(atlas_dir).envelope
    try:
        submissions = [
            read_submission(
                f, envelope=envelope, crs=source_crs, encoding=encoding, datum=datum, accept_repairs=accept_repairs, layers=layers
            )
            for f in found
        ]
    except XygisError as error:
        error.fix = _as_here(error.fix)
        raise
    done = convert(submissions, out, to=to, on=day(None), crs=target, decimals=decimals, producer=producer, force=force)
    for line in _remarks(submissions, done):
        click.echo(line, err=True)
    click.echo("\n".join(_text(submissions, done)))


def _as_here(text: str) -> str:
    """Advice of the readers: what --crs is to other commands, for the input, is --from-crs here."""
    return text.replace("--crs", "--from-crs")


def _text(submissions: list[Submission], done: Conversion) -> list[str]:
    lines = [f"读入    {printable(s.path)}：{len(s.parcels):,} 个地块，{title(s.crs)}" for s in submissions[:20]]
    if len(submissions) > 20:
        lines.append(f"        另有 {len(submissions) - 20:,} 个文件")
    lines.append(f"写出    {printable(str(done.path))}：{_TITLES[done.format]}，{done.parcels:,} 个地块、{done.points:,} 个界址点")
    return [*lines, f"坐标系  {title(done.crs)}"]


def _remarks(submissions: list[Submission], done: Conversion) -> list[str]:
    lines = [_line(n, f"（{n.where}）" if str(n.where) else "") for s in submissions for n in s.notes]
    return [*lines, *(_line(n, "") for n in done.notes)]


def _line(note: Note, place: str) -> str:
    return f"{'提醒' if note.level == 'warning' else '说明'}    {printable(_as_here(note.text) + place)}"
