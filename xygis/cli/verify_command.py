"""`xygis verify`: why a report is not what would be found today, and whether it is what was signed."""

from __future__ import annotations

from pathlib import Path

import click

from xygis.atlas.atlas import Atlas
from xygis.cli.main import atlas_option
from xygis.cli.sign_options import password_of_new_key
from xygis.cli.verify_text import verify_text
from xygis.vector.datum import DATUMS


@click.command(
    name="verify",
    short_help="复核报告：重新计算、核对签名",
    epilog="退出码：0 一致；1 不一致，或签名核对不过，或没有签名而无从核对；4 报告、送审文件或密钥无法读取",
)
@click.argument("report", metavar="报告或目录", required=False, type=click.Path(path_type=Path))
@click.option("--key", metavar="公钥.pub", type=click.Path(path_type=Path), help="签名人交来的公钥；报告必须是用它签的")
@click.option(
    "--input", "inputs", metavar="文件", multiple=True, type=click.Path(path_type=Path), help="送审文件现在的位置；按报告中的次序，可重复"
)
@click.option(
    "--new-key", metavar="文件.key", type=click.Path(path_type=Path), help="新建一对签名密钥：私钥写到这个文件，公钥写在旁边（.pub）"
)
@click.option("--crs", metavar="EPSG", help="旧版报告没有记下读取方式时，照原审查指定")
@click.option("--datum", type=click.Choice(DATUMS), help="同上")
@click.option("--layer", "layers", metavar="图层", multiple=True, help="同上")
@click.option("--accept-repairs", is_flag=True, help="同上")
@atlas_option
def command(
    report: Path | None,
    key: Path | None,
    inputs: tuple[Path, ...],
    new_key: Path | None,
    crs: str | None,
    datum: str | None,
    layers: tuple[str, ...],
    accept_repairs: bool,
    atlas_dir: Path | None,
) -> None:
    """用报告记录的送审文件、基准日和项目情况重新计算，先说原因：哪个文件的哪个点、哪个图层、哪条规则变了，或报告里哪个数被改过；再列后果。

    \b
    例：xygis verify 结果/
        xygis verify 结果/report.json --key 张工.pub
        xygis verify --new-key 我的签名.key

    结果目录里有签名（report.sig）的，同时核对每个文件有没有变。目录、report.json 或其中任何一个文件都可以给。
    """
    if new_key is not None:
        from xygis.verify.keys import new_key as make_key

        public, mark = make_key(new_key, password_of_new_key())
        click.echo(f"私钥    {new_key}（只有您能读，不要交给任何人）\n公钥    {public}（交给要核对的人）\n指纹    {mark}")
        click.echo(f"\n签名：xygis check 地块.txt --out 结果/ --sign {new_key}\n核对：xygis verify 结果/ --key {public}")
        return
    if report is None:
        raise click.UsageError("请给出要复核的报告或目录，或用 --new-key 新建密钥")
    from xygis.verify.run import verify

    stated = {"crs": crs, "datum": datum, "layers": layers, "accept_repairs": accept_repairs}
    options = {name: value for name, value in stated.items() if value}
    atlas = Atlas.open(atlas_dir) if atlas_dir is not None else None
    result = verify(report, atlas, key=key, inputs=inputs, options=options)
    click.echo(verify_text(result))
    click.get_current_context().exit(0 if result.same and (result.recomputed or result.signature is not None) else 1)
