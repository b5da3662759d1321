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
from xygis.numbers import signed_square_metres, square_metres
from xygis.overlay.shape import shape_parcel

_FORMATS = {
    "boundary_txt": "坐标交换文件",
    "shapefile": "Shapefile",
    "geopackage": "GeoPackage",
    "geojson": "GeoJSON",
    "filegdb": "FileGDB",
    "flatgeobuf": "FlatGeobuf",
    "kml": "KML",
    "dxf": "DXF",
    "csv": "CSV",
}


@click.command(name="inspect", short_help="说明怎样读懂了一个文件")
@click.argument("file", metavar="文件", type=click.Path(path_type=Path))
@click.option("--crs", metavar="EPSG", help="指定坐标系")
@click.option("--encoding", metavar="编码", help="指定文件编码")
@click.option("--json", "as_json", is_flag=True, help="以 JSON 写到标准输出")
@atlas_option
def command(file: Path, crs: str | None, encoding: str | None, as_json: bool, atlas_dir: Path | None) -> None:
    """说明文件的格式、编码、坐标系判断依据、修复和三种面积，不作审查。

    \b
    例：xygis inspect 示例地块.txt
    """
    atlas = Atlas.open(atlas_dir)
    submission = read_submission(file, envelope=atlas.envelope, crs=crs, encoding=encoding)
    shapes = [shape_parcel(p.geometry, p.crs, atlas.plane) for p in submission.parcels]
    if as_json:
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
        click.echo(json.dumps({"source": source_dict(submission), "parcels": parcels}, ensure_ascii=False, indent=2))
        return
    digest = " ".join(submission.sha256[i : i + 4] for i in (0, 4))
    size = f"{file.stat().st_size:,} 字节，" if file.is_file() else ""
    click.echo(f"文件    {printable(str(file))}，{size}sha256 {digest} …")
    click.echo(f"格式    {_FORMATS.get(submission.format, submission.format)}")
    if submission.encoding:
        click.echo(f"编码    {submission.encoding}")
    click.echo(f"坐标系  {title(submission.crs)}")
    for i, sentence in enumerate(submission.evidence):
        click.echo(f"{'  理由  ' if i == 0 else '        '}{printable(sentence)}")
    click.echo(f"地块    {len(submission.parcels)} 个")
    for note in submission.notes:
        place = f"（{note.where}）" if str(note.where) else ""
        click.echo(f"{'提醒' if note.level == 'warning' else '说明'}    {printable(note.text)}{printable(place)}")
    click.echo(
        f"\n  {fitted('地块', 16)}{fitted('椭球（m²）', 16, right=True)}{fitted('平面（m²）', 16, right=True)}{fitted('申报（m²）', 16, right=True)}{fitted('申报差', 12, right=True)}"
    )
    for p, s in zip(submission.parcels, shapes, strict=True):
        off = None if p.declared_m2 is None else p.declared_m2 - s.ellipsoidal_m2
        click.echo(
            f"  {fitted(p.name, 16)}"
            + "".join(fitted(square_metres(v), 16, right=True) for v in (s.ellipsoidal_m2, s.planar_m2, p.declared_m2))
            + fitted(signed_square_metres(off), 12, right=True)
        )
