"""`xygis inspect`: what the tool understood of files, and why."""

from __future__ import annotations

import json
from pathlib import Path

import click

from xygis.atlas.atlas import Atlas
from xygis.cli.inspect_text import inspect_text, readings_text
from xygis.cli.main import atlas_option
from xygis.cli.many_files import files_of
from xygis.cli.progress import reading_progress
from xygis.cli.terminal import error_text
from xygis.errors import CrsInDoubt, UsageError, XygisError
from xygis.intake.read import read_submission
from xygis.intake.submission import Submission
from xygis.overlay.shape import ParcelShape, shape_parcel
from xygis.vector.datum import DATUMS


@click.command(name="inspect", short_help="说明怎样读懂了一个文件")
@click.argument("files", metavar="文件…", nargs=-1, required=True, type=click.Path())
@click.option("--crs", metavar="EPSG", help="指定坐标系")
@click.option("--encoding", metavar="编码", help="指定文件编码")
@click.option("--parameters", metavar="参数", help="旧坐标系转换到 2000 国家大地坐标系的四参数或七参数，由测绘单位给出，逗号分隔")
@click.option(
    "--datum",
    type=click.Choice(DATUMS),
    help="经纬度的坐标基准，文件没有写明的（KML、点表等）必须说明；gcj02、bd09 是地图软件的偏移坐标，只能近似换算",
)
@click.option(
    "--layer", "layers", metavar="图层", multiple=True, help="只读这个图层（DXF 图层、数据库图层、KML 文件夹、Excel 工作表）；可重复"
)
@click.option("--json", "as_json", is_flag=True, help="以 JSON 写到标准输出")
@click.option(
    "--map", "map_file", metavar="文件.html", type=click.Path(path_type=Path), help="画一张小图：地块的位置；坐标有疑问时画出各种读法"
)
@atlas_option
def command(
    files: tuple[str, ...],
    crs: str | None,
    encoding: str | None,
    datum: str | None,
    parameters: str | None,
    layers: tuple[str, ...],
    as_json: bool,
    map_file: Path | None,
    atlas_dir: Path | None,
) -> None:
    """说明文件的格式、编码、坐标系的各项依据、修复前后的面积和三种面积，不作审查。

    \b
    例：xygis inspect 示例地块.txt
        xygis inspect 示例地块.txt --map 示例地块.html
        xygis inspect 待审地块/ --json
    """
    atlas = Atlas.open(atlas_dir)
    found = files_of(files)
    many = len(found.files) > 1
    if many and map_file is not None:
        raise UsageError(what=f"共有 {len(found.files)} 个文件，一张小图只画一个文件", fix="请只给一个文件，或去掉 --map")
    told: list[dict[str, object]] = []
    refused: XygisError | None = None
    for number, file in enumerate(found.files):
        try:
            submission, shapes = _read(file, atlas, crs=crs, encoding=encoding, datum=datum, parameters=parameters, layers=layers)
        except XygisError as error:
            refused = refused or error
            told.append(_refusal(error, atlas, map_file, as_json=as_json, many=many))
            continue
        if map_file is not None:
            from xygis.cartography.submission_map import write_submission_map

            write_submission_map(submission, atlas, map_file)
        told.append(_document(submission, shapes))
        if not as_json:
            click.echo(("\n" if number else "") + inspect_text(submission, shapes, Path(file)))
    if as_json:
        click.echo(json.dumps({"files": told} if many else told[0], ensure_ascii=False, indent=2))
    if map_file is not None and refused is None and not as_json:
        click.echo(f"\n小图    {map_file}")
    if refused is not None:
        if not many and not as_json:
            raise refused
        click.get_current_context().exit(refused.exit_code)


def _read(
    file: str, atlas: Atlas, *, crs: str | None, encoding: str | None, datum: str | None, parameters: str | None, layers: tuple[str, ...]
) -> tuple[Submission, list[ParcelShape]]:
    submission = read_submission(
        file,
        envelope=atlas.envelope,
        crs=crs,
        encoding=encoding,
        datum=datum,
        parameters=parameters,
        layers=layers,
        progress=reading_progress,
    )
    return submission, [shape_parcel(p.geometry, p.crs, atlas.plane) for p in submission.parcels]


def _refusal(error: XygisError, atlas: Atlas, map_file: Path | None, *, as_json: bool, many: bool) -> dict[str, object]:
    """What is said of a file that is refused: where several readings were possible, all of them."""
    readings = error.readings if isinstance(error, CrsInDoubt) else ()
    if isinstance(error, CrsInDoubt) and map_file is not None and any(r.box for r in readings):
        from xygis.cartography.submission_map import write_readings_map

        write_readings_map(error, atlas, map_file)
    if not as_json:
        if isinstance(error, CrsInDoubt) and readings:
            click.echo(readings_text(error))
            if map_file is not None:
                click.echo(f"小图    {map_file}")
        if many:
            click.echo(error_text(error, closing=False), err=True)
    elif not many:
        click.echo(error_text(error, done="没有改动任何文件。"), err=True)
    return {"error": {**error.to_dict(), "readings": [r.to_dict() for r in readings]}}


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
    repairs = [
        {"code": n.code, "where": str(n.where), "text": n.text, "before_m2": n.areas_m2[0], "after_m2": n.areas_m2[1]}
        for n in submission.notes
        if n.areas_m2 is not None
    ]
    return {
        "source": source_dict(submission),
        "weighed": [w.to_dict() for w in submission.weighed],
        "others": [o.to_dict() for o in submission.others],
        "repairs": repairs,
        "parcels": parcels,
    }
