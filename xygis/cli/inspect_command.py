"""`xygis inspect`: what the tool understood of a file, and why."""

from __future__ import annotations

import json
from pathlib import Path

import click

from xygis.atlas.atlas import Atlas
from xygis.cli.main import atlas_option
from xygis.cli.terminal import fitted, printable
from xygis.geodesy.crs import title
from xygis.intake.read import read_submission
from xygis.intake.submission import Submission
from xygis.numbers import signed_square_metres, square_metres
from xygis.overlay.shape import ParcelShape, shape_parcel
from xygis.vector.datum import DATUMS

_FORMATS = {
    "boundary_txt": "坐标交换文件",
    "shapefile": "Shapefile",
    "geopackage": "GeoPackage",
    "geojson": "GeoJSON",
    "filegdb": "FileGDB",
    "flatgeobuf": "FlatGeobuf",
    "kml": "KML",
    "dxf": "DXF",
    "wkt": "WKT",
    "xlsx": "Excel 界址点表",
    "csv": "CSV",
}


@click.command(name="inspect", short_help="说明怎样读懂了一个文件")
@click.argument("file", metavar="文件", type=click.Path())
@click.option("--crs", metavar="EPSG", help="指定坐标系")
@click.option("--encoding", metavar="编码", help="指定文件编码")
@click.option("--datum", type=click.Choice(DATUMS), help="经纬度的坐标基准，KML 必须说明；gcj02、bd09 是地图软件的偏移坐标，只能近似换算")
@click.option(
    "--layer", "layers", metavar="图层", multiple=True, help="只读这个图层（DXF 图层、数据库图层、KML 文件夹、Excel 工作表）；可重复"
)
@click.option("--json", "as_json", is_flag=True, help="以 JSON 写到标准输出")
@atlas_option
def command(
    file: str, crs: str | None, encoding: str | None, datum: str | None, layers: tuple[str, ...], as_json: bool, atlas_dir: Path | None
) -> None:
    """说明文件的格式、编码、坐标系判断依据、修复和三种面积，不作审查。

    \b
    例：xygis inspect 示例地块.txt
    """
    atlas = Atlas.open(atlas_dir)
    submission = read_submission(file, envelope=atlas.envelope, crs=crs, encoding=encoding, datum=datum, layers=layers)
    shapes = [shape_parcel(p.geometry, p.crs, atlas.plane) for p in submission.parcels]
    if as_json:
        click.echo(json.dumps(_document(submission, shapes), ensure_ascii=False, indent=2))
    else:
        click.echo("\n".join([*_story(submission, Path(file)), "", *_areas(submission, shapes)]))


def _document(submission: Submission, shapes: list[ParcelShape]) -> dict[str, object]:
    from xygis.report.contract import source_dict

    parcels = [
        {
            "name": p.name,
            "ellipsoidal_m2": s.ellipsoidal_m2,
            "planar_m2": s.planar_m2,
            "declared_m2": p.declared_m2,
            "use": p.use_text,
            "doubtful": list(p.doubtful),
        }
        for p, s in zip(submission.parcels, shapes, strict=True)
    ]
    return {"source": source_dict(submission), "parcels": parcels}


def _story(submission: Submission, file: Path) -> list[str]:
    digest = " ".join(submission.sha256[i : i + 4] for i in (0, 4))
    size = f"{file.stat().st_size:,} 字节，" if file.is_file() else ""
    lines = [
        f"文件    {printable(submission.path)}，{size}sha256 {digest} …",
        f"格式    {_FORMATS.get(submission.format, submission.format)}",
        *([f"编码    {submission.encoding}"] if submission.encoding else []),
        f"坐标系  {title(submission.crs)}",
    ]
    lines += [f"{'  理由  ' if i == 0 else '        '}{printable(sentence)}" for i, sentence in enumerate(submission.evidence)]
    lines.append(f"地块    {len(submission.parcels)} 个")
    for note in submission.notes:
        place = f"（{note.where}）" if str(note.where) else ""
        lines.append(f"{'提醒' if note.level == 'warning' else '说明'}    {printable(note.text + place)}")
    return lines


def _areas(submission: Submission, shapes: list[ParcelShape]) -> list[str]:
    heads = ("椭球（m²）", "平面（m²）", "申报（m²）", "申报差")
    lines = ["  " + fitted("地块", 16) + "".join(fitted(h, 16, right=True) for h in heads)]
    for p, s in zip(submission.parcels, shapes, strict=True):
        off = None if p.declared_m2 is None else p.declared_m2 - s.ellipsoidal_m2
        cells = [*map(square_metres, (s.ellipsoidal_m2, s.planar_m2, p.declared_m2)), signed_square_metres(off)]
        lines.append("  " + fitted(p.name, 16) + "".join(fitted(c, 16, right=True) for c in cells))
    return lines
