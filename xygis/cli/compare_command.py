"""`xygis compare`: any two files of polygons against each other, without an atlas."""

from __future__ import annotations

import time
from pathlib import Path

import click

from xygis.cli.progress import tile_progress
from xygis.compare.groups import read_groups
from xygis.compare.run import Comparison, compare
from xygis.errors import OutputFailed, UsageError, Where, os_words
from xygis.geodesy.plane import Plane
from xygis.numbers import hectares


@click.command(name="compare", short_help="两个文件套合：按类别的面积矩阵", epilog="退出码：0 完成；2 用法有误；4 文件无法读取")
@click.argument("file_a", metavar="文件A", type=click.Path(path_type=Path))
@click.argument("file_b", metavar="文件B", type=click.Path(path_type=Path))
@click.option("--by", "by", nargs=2, metavar="字段A 字段B", help="按这两个字段的类别分别统计；不写则各为一类")
@click.option("--plane", "plane", metavar="坐标系", default="official", show_default=True, help="量面积的平面；EPSG:4525 等为平面面积")
@click.option("--geometry", is_flag=True, help="同时写出重叠图斑 patches.gpkg")
@click.option(
    "--groups", "groups_file", metavar="文件.csv", type=click.Path(path_type=Path), help="类别对应表 side,class,group；只写组别不同的图斑"
)
@click.option("--crs", "crs", nargs=2, metavar="坐标系A 坐标系B", help="文件没有写坐标系时，由您指定")
@click.option("--jobs", type=click.IntRange(1, 256), help="同时用几个线程；默认全部")
@click.option("--out", "out_dir", metavar="目录", required=True, type=click.Path(path_type=Path), help="把 matrix.csv 等写到这个目录")
def command(
    file_a: Path,
    file_b: Path,
    by: tuple[str, str] | None,
    plane: str,
    geometry: bool,
    groups_file: Path | None,
    crs: tuple[str, str] | None,
    jobs: int | None,
    out_dir: Path,
) -> None:
    """两个面文件逐一套合，不用图集，不作判断：每两类重叠多少，需要时写出图斑。

    \b
    例：xygis compare layers/urban_rural_plan.gpkg layers/land_use_plan.gpkg --by YDMC GHDLMC --out 比对/
    """
    if groups_file is not None and not (geometry and by):
        raise UsageError(what="--groups 要与 --by、--geometry 一起用", fix="例如 --by DLBM YDYHFLDM --geometry --groups 对应表.csv")
    started = time.monotonic()
    systems = {str(file_a): crs[0], str(file_b): crs[1]} if crs else None
    groups = read_groups(groups_file) if groups_file is not None else None
    result = compare(
        file_a, file_b, by=by, plane=Plane(plane), geometry=geometry, groups=groups, crs=systems, jobs=jobs, progress=tile_progress
    )  # fmt: skip
    from xygis.report.comparison import write_comparison_patches, write_matrix

    try:
        out_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputFailed(what=f"不能建立输出目录：{os_words(error)}", where=Where(file=str(out_dir)), fix="请换一个可写的目录") from error
    write_matrix(result, out_dir / "matrix.csv")
    if geometry:
        write_comparison_patches(result, out_dir / "patches.gpkg")
    else:
        (out_dir / "patches.gpkg").unlink(missing_ok=True)  # an earlier run's must not stand beside this matrix
    click.echo(_text(result, out_dir, time.monotonic() - started))


def _text(result: Comparison, out_dir: Path, seconds: float) -> str:
    a, b, m = result.a, result.b, result.matrix
    lines = [f"面积口径    {result.plane.title}"]
    for name, side in (("A", a), ("B", b)):
        area = float(side.part_m2.sum())
        lines.append(f"{name}    {side.file}：{side.features:,} 个要素，{len(side.classes)} 类，{hectares(area)} 公顷，{side.crs}")
        if side.repairs:
            lines.append(f"     修复图形 {len(side.repairs)} 处：{side.repairs[0]}{' 等' if len(side.repairs) > 1 else ''}")
        if side.doubled_m2 > 0:
            lines.append(f"     要素相互重叠 {hectares(side.doubled_m2)} 公顷，矩阵中按要素各计一次")
    lines.append(f"重叠    {hectares(result.overlap_m2)} 公顷，{int(m.patches.sum()):,} 个图斑，{len(m.a):,} 对类别（{seconds:.1f} 秒）")
    lines.append(f"矩阵    {out_dir / 'matrix.csv'}")
    if result.patches is not None:
        lines.append(f"图斑    {out_dir / 'patches.gpkg'}（{len(result.patches.geometry):,} 个）")
    return "\n".join(lines)
