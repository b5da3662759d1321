"""`xygis suspects`: a month's patches of suspected illegal building in; what each is, and the list to be worked off."""

from __future__ import annotations

from pathlib import Path

import click

from xygis.atlas.atlas import Atlas
from xygis.atlas.suspect_law import SuspectVerdict
from xygis.check.assessment import Refused
from xygis.cli.main import atlas_option
from xygis.cli.progress import prepare_progress, suspect_progress
from xygis.cli.sign_options import seal_of, sign_options
from xygis.cli.terminal import day, error_text
from xygis.errors import FileMissing, Where, XygisError
from xygis.intake.read import read_submission
from xygis.intake.submission import Submission
from xygis.overlay.store import LayerStore
from xygis.suspects.run import suspects
from xygis.suspects.since import read_earlier
from xygis.vector.datum import DATUMS

_EXIT = {SuspectVerdict.LEGAL: 0, SuspectVerdict.SUSPECTED: 1, SuspectVerdict.VERIFY: 3}


@click.command(
    name="suspects", short_help="控违拆违", epilog="退出码：0 全部合法；1 有疑似违法；3 有待核，没有疑似违法；4 文件或图集无法读取"
)
@click.argument("files", metavar="文件…", nargs=-1, required=True, type=click.Path())
@click.option("--permits", metavar="文件", type=click.Path(path_type=Path), help="用地审批和规划许可的文件，代替图集的许可图层")
@click.option(
    "--since", metavar="上期.json", type=click.Path(path_type=Path), help="上期的 report.json：说明哪些图斑是新的、重复的、已消失的"
)
@click.option("--on", "on_text", metavar="日期", help="基准日，默认今天；适用的法律和许可按各图斑的影像日期")
@click.option(
    "--out", "out_dir", metavar="目录", type=click.Path(path_type=Path), help="把报告、清单（Excel）、图斑（GeoPackage）、数据写到这个目录"
)
@click.option("--json", "as_json", is_flag=True, help="结果以 JSON 写到标准输出（xygis/suspects/1）")
@click.option("--crs", metavar="EPSG", help="坐标系有两种读法时，由您指定，例如 EPSG:4525")
@click.option("--encoding", metavar="编码", help="文件编码判断有误时指定，例如 gb18030")
@click.option("--datum", type=click.Choice(DATUMS), help="经纬度的坐标基准，KML 必须说明")
@click.option("--layer", "layers", metavar="图层", multiple=True, help="只读这个图层；可重复")
@click.option("--accept-repairs", is_flag=True, help="确认对图斑边界的修复无误")
@sign_options
@atlas_option
def command(
    files: tuple[str, ...],
    permits: Path | None,
    since: Path | None,
    on_text: str | None,
    out_dir: Path | None,
    as_json: bool,
    crs: str | None,
    encoding: str | None,
    datum: str | None,
    layers: tuple[str, ...],
    accept_repairs: bool,
    sign_key: Path | None,
    signer: str | None,
    atlas_dir: Path | None,
) -> None:
    """逐个审查影像提取的疑似违法建设图斑：与全部图层和全部许可套合，得出合法、疑似违法、待核，并排出处置次序。

    \b
    例：xygis suspects layers/demo/疑似图斑.gpkg --on 2026-11-24 --out 控违/
        xygis suspects 十月图斑.zip --permits 许可.gpkg --json
        xygis suspects 十一月图斑.zip --since 十月/report.json --out 十一月/
    """
    on = day(on_text)
    seal = seal_of(sign_key, signer, out_dir)
    if out_dir is not None:
        from xygis.saving import make_folder

        make_folder(out_dir)
    earlier = read_earlier(since) if since is not None else None
    atlas = Atlas.open(atlas_dir)

    def read(file: str | Path, *, own: bool) -> Submission:
        if not Path(file).exists():
            raise FileMissing(what="文件不存在", where=Where(file=str(file)), fix="请核对路径")
        return read_submission(
            file,
            envelope=atlas.envelope,
            crs=crs if own else None,
            encoding=encoding if own else None,
            datum=datum,
            accept_repairs=accept_repairs,
            set_apart=True,
            layers=layers if own else (),
        )

    book = read(permits, own=False) if permits is not None else None
    if book is not None and book.set_apart:
        raise book.set_apart[0].error  # a permit that cannot be read would make its holder a suspect
    sources: list[Submission | Refused] = []
    for file in files:
        try:
            sources.append(read(file, own=True))
        except XygisError as error:
            if len(files) == 1:
                raise
            sources.append(Refused(path=file, error=error))
    store = LayerStore(progress=None if as_json else prepare_progress)
    result = suspects(sources, atlas, on=on, permits=book, since=earlier, store=store, progress=None if as_json else suspect_progress)
    written = []
    if out_dir is not None:
        from xygis.saving import save_suspects

        written = seal.put(out_dir, save_suspects(result, atlas, out_dir))
    if as_json:
        from xygis.report.contract import json_text
        from xygis.report.suspects_contract import suspects_dict

        click.echo(json_text(suspects_dict(result)), nl=False)
    else:
        from xygis.cli.suspects_text import suspects_text

        suspect_progress("", 0, 0)
        click.echo(suspects_text(result))
        click.echo("\n" + ("\n".join(f"{label}    {path}" for label, path in written) or "加 --out 控违/ 生成报告、清单和图斑。"))
    for source in sources:
        if isinstance(source, Refused):
            click.echo(error_text(source.error, closing=False), err=True)
    click.get_current_context().exit(4 if any(isinstance(s, Refused) for s in sources) else _EXIT[result.verdict])
