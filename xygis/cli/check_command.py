"""`xygis check`: parcels in; verdict on the terminal, reports and maps in a folder."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path

import click

from xygis import outputs
from xygis.atlas.atlas import Atlas
from xygis.check.assessment import Assessment, Refused
from xygis.check.project import ProjectStatement, read_project
from xygis.check.remedies import MARGIN_M, SHIFT_RADIUS_M, RemedyOptions, refuse_nonsense
from xygis.check.run import check
from xygis.cli.formats import chosen_formats, removed_lines
from xygis.cli.main import atlas_option
from xygis.cli.many_files import Reading, files_of, read_all
from xygis.cli.sign_options import seal_of, sign_options
from xygis.cli.terminal import day, error_text, exit_code, printable
from xygis.errors import FileMissing, OutputFailed, UsageError, Where, did_you_mean
from xygis.intake.submission import Submission
from xygis.overlay.store import LayerStore
from xygis.vector.datum import DATUMS

FORMATS = ("html", "pdf", "docx", "brief", "paragraphs", "json", "gpkg", "geojson", "csv", "xlsx", "classes", "map")
TABLES = ("csv", "xlsx", "gpkg")  # what many parcels are written as
MANY = 200  # parcels; above, a report would be a book
MOST_REMEDIED = 50  # parcels; above, remedies are looked for only where somebody asks
MOST_NAMED = 4  # files of changed boundaries that are listed one by one
DEFAULT_FORMATS = ",".join(outputs.DEFAULT_FORMATS)


@click.command(
    name="check", short_help="审查地块", epilog="退出码：0 符合或提示；1 禁止、须报批、须论证；2 用法有误；3 无法判定；4 无法读取"
)
@click.argument("files", metavar="文件…", nargs=-1, required=True, type=click.Path())
@click.option("--on", "on_text", metavar="日期", help="基准日，决定适用哪一版法规和数据；默认今天")
@click.option("--use", metavar="代码", help="拟定用途，用地用海分类代码，例如 1001 工业用地；2020 版的写 2020:0604")
@click.option("--class-version", metavar="版本", type=click.Choice(["2020", "2023"]), help="用途代码属哪一版用地用海分类；默认 2023")
@click.option(
    "--project", "project_file", metavar="文件.toml", type=click.Path(path_type=Path), help="项目情况：名称、用途、是否临时用地等"
)
@click.option("--out", "out_dir", metavar="目录", type=click.Path(path_type=Path), help="把报告、地图、冲突图斑写到这个目录")
@click.option(
    "--format", "formats", metavar="格式", default=DEFAULT_FORMATS, show_default=True, help=f"要写的格式，逗号分隔：{' '.join(FORMATS)}"
)
@click.option("--paper", type=click.Choice(["A4", "A3"]), default="A4", show_default=True, help="图册 maps.pdf 的纸张")
@click.option("--brief", is_flag=True, help="只出一页结论单（brief.pdf、brief.html），供签批归档；与 --format 同用则一并写出")
@click.option(
    "--paragraphs",
    is_flag=True,
    help="写出可粘贴到选址论证报告“合法合规性”一章的段落（paragraphs.txt、paragraphs.docx）；与 --format 同用则一并写出",
)
@click.option("--json", "as_json", is_flag=True, help="结果以 JSON 写到标准输出（xygis/assessment/1）")
@click.option("--crs", metavar="EPSG", help="坐标系有两种读法时，由您指定，例如 EPSG:4525")
@click.option("--encoding", metavar="编码", help="文件编码判断有误时指定，例如 gb18030")
@click.option("--parameters", metavar="参数", help="旧坐标系转换到 2000 国家大地坐标系的四参数或七参数，由测绘单位给出，逗号分隔")
@click.option(
    "--datum",
    type=click.Choice(DATUMS),
    help="经纬度的坐标基准，文件没有写明的（KML、点表等）必须说明；gcj02、bd09 是地图软件的偏移坐标，只能近似换算",
)
@click.option(
    "--layer", "layers", metavar="图层", multiple=True, help="只读这个图层（DXF 图层、数据库图层、KML 文件夹、Excel 工作表）；可重复"
)
@click.option("--accept-repairs", is_flag=True, help="确认对界址的修复无误，不再因此列为无法判定")
@click.option("--jobs", metavar="个数", type=click.IntRange(1, 256), help="批量审查，同时用几个处理器；结果是每地块一行的表")
@click.option(
    "--explain",
    "explain",
    metavar="[地块]",
    multiple=True,
    is_flag=False,
    flag_value="",
    help="逐条说明判断过程：事实从哪来、条件是否满足、依据哪条、其他规则为何不适用；可指定地块名或序号，可重复；不指定时写在最后",
)
@click.option(
    "--remedy/--no-remedy",
    "remedy",
    default=None,
    help=f"求调整建议：最小退让、最小平移，并重新审查；写全套报告（--out 而不指定 --format）且地块不超过 {MOST_REMEDIED} 个时默认求",
)
@click.option("--margin", "margin_m", metavar="米", type=float, help=f"退让距离；默认 {MARGIN_M:g} 米")
@click.option("--shift-radius", "shift_radius_m", metavar="米", type=float, help=f"平移最远多少米；默认 {SHIFT_RADIUS_M:g} 米")
@click.option("--all", "show_all", is_flag=True, help="在终端列出全部图层，包括不涉及的")
@sign_options
@atlas_option
def command(
    files: tuple[str, ...],
    on_text: str | None,
    use: str | None,
    class_version: str | None,
    project_file: Path | None,
    out_dir: Path | None,
    formats: str,
    paper: str,
    brief: bool,
    paragraphs: bool,
    as_json: bool,
    crs: str | None,
    encoding: str | None,
    datum: str | None,
    parameters: str | None,
    layers: tuple[str, ...],
    accept_repairs: bool,
    jobs: int | None,
    explain: tuple[str, ...],
    remedy: bool | None,
    margin_m: float | None,
    shift_radius_m: float | None,
    show_all: bool,
    sign_key: Path | None,
    signer: str | None,
    atlas_dir: Path | None,
) -> None:
    """把送审地块与图集的全部图层套合，按基准日有效的规则逐条判断。

    \b
    例：xygis check 示例地块.txt --on 2027-01-01 --out 结果/
        xygis check 选址.zip --use 1001 --json
        xygis check 示例地块.txt --explain 地块2
        xygis check 示例地块.txt --brief --out 结果/
        xygis check 示例地块.txt --remedy --margin 2 --shift-radius 300
        xygis check 示例地块.txt --paragraphs --format docx,xlsx --out 结果/
        xygis check 待审地块/ --jobs 2 --format csv,xlsx,classes --out 批量结果/

    文件可以是一个文件夹；地块多于 200 个时只出汇总表（csv、xlsx、gpkg；classes 另按地类、分区列面积），
    中断后再次运行会接着做。
    """
    day(on_text)
    alone = [name for name, asked_for in (("brief", brief), ("paragraphs", paragraphs)) if asked_for]
    if alone:
        formats = ",".join([*([formats] if formats != DEFAULT_FORMATS else []), *alone])
    wanted = chosen_formats(formats, FORMATS)
    if formats != DEFAULT_FORMATS and out_dir is None:
        raise click.BadParameter("要写文件，请同时给出 --out 目录", param_hint=f"--{alone[0]}" if alone else "--format")
    seal = seal_of(sign_key, signer, out_dir)
    options = _remedy_options(remedy, margin_m, shift_radius_m)
    statement = _statement(project_file, use, class_version)
    atlas = Atlas.open(atlas_dir)
    reading = Reading(
        envelope=atlas.envelope,
        crs=crs,
        encoding=encoding,
        datum=datum,
        accept_repairs=accept_repairs,
        parameters=parameters,
        layers=layers,
    )
    found = files_of(files)
    sources = read_all(found.files, reading, jobs=jobs, alone=len(files) == 1 and not found.folders)
    if found.left:
        names = "、".join(map(printable, found.left[:3]))
        more = "等" if len(found.left) > 3 else ""
        click.echo(f"提醒    文件夹里另有 {len(found.left)} 个文件不是可读的格式，没有读取：{names}{more}", err=True)
    parcels = sum(len(s.parcels) for s in sources if isinstance(s, Submission))
    if "classes" in wanted and not set(wanted) <= {*TABLES, "classes"}:
        raise click.BadParameter(f"classes 是汇总表，只能与 {'、'.join(TABLES)} 一起写；报告和地图请另运行一次", param_hint="--format")
    tables = formats == DEFAULT_FORMATS or set(wanted) <= {*TABLES, "classes"}
    if (
        not as_json
        and not explain
        and options is None
        and tables
        and (found.folders or parcels > MANY or jobs is not None or "classes" in wanted)
    ):
        from xygis.cli.portfolio import run_portfolio

        asked = formats != DEFAULT_FORMATS or jobs is not None
        code = run_portfolio(
            sources,
            atlas,
            on=day(on_text),
            statement=statement,
            out_dir=out_dir,
            formats=wanted if formats != DEFAULT_FORMATS else TABLES,
            jobs=jobs,
            show_all=show_all,
            why="" if asked else _why_tables(parcels),
            seal=seal,
        )
        click.get_current_context().exit(code)
    for source in sources:
        if isinstance(source, Submission) and source.set_apart:
            raise source.set_apart[0].error
    traced = _traced(sources, explain)
    assessment = run(sources, atlas, on_text=on_text, statement=statement, as_json=as_json, explain=traced)
    if options is None and remedy is None and out_dir is not None and formats == DEFAULT_FORMATS and parcels <= MOST_REMEDIED:
        options = RemedyOptions()  # a folder for which formats were named holds what was named
    if options is not None:
        assessment = _with_remedies(assessment, atlas, options, quiet=as_json)
    saved = None
    if out_dir is not None:
        from xygis.saving import save_assessment

        saved = save_assessment(assessment, out_dir, wanted, paper=paper)
        saved = replace(saved, written=tuple(seal.put(out_dir, saved.written)))
    if as_json:
        from xygis.report.contract import assessment_dict, json_text

        click.echo(json_text(assessment_dict(assessment)), nl=False)
    else:
        from xygis.cli.check_text import check_text

        click.echo(check_text(assessment, show_all=show_all))
        if traced:
            from xygis.cli.explain_text import explain_text

            click.echo(f"\n{explain_text(assessment)}")
        if options is not None:
            from xygis.cli.remedy_text import remedy_text

            click.echo("".join(f"\n{text}" for text in [remedy_text(assessment)] if text))
        if saved is not None and out_dir is not None:
            click.echo("\n" + "\n".join([*_written(saved.written, out_dir), *removed_lines(saved)]))
        else:
            click.echo("\n加 --out 结果/ 生成报告、地图和冲突图斑。" + _exit_sentence(assessment))
    for source in sources:
        if isinstance(source, Refused):
            click.echo(error_text(source.error, closing=False), err=True)
    for failure in saved.failed if saved is not None else ():
        click.echo(error_text(failure, closing=False), err=True)
    click.get_current_context().exit(OutputFailed.exit_code if saved is not None and saved.failed else _exit_code(assessment))


def run(
    sources: list[Submission | Refused],
    atlas: Atlas,
    *,
    on_text: str | None,
    statement: ProjectStatement,
    as_json: bool = False,
    explain: Collection[str] = (),
) -> Assessment:
    """The check itself, with progress on a terminal."""
    from xygis.cli.progress import parcel_progress, prepare_progress

    store = LayerStore(progress=None if as_json else prepare_progress)
    progress = None if as_json else parcel_progress
    return check(sources, atlas, on=day(on_text), project=statement, store=store, progress=progress, explain=explain)


def _written(files: Sequence[tuple[str, Path]], folder: Path) -> list[str]:
    """A line a file; where many boundaries are suggested, one for them all."""
    changed = [f"{label}    {path}" for label, path in files if path.name.startswith("remedy-")]
    others = [f"{label}    {path}" for label, path in files if not path.name.startswith("remedy-")]
    return [*others, *(changed if len(changed) <= MOST_NAMED else [f"调整    {folder / 'remedy-*.txt'}（{len(changed)} 个文件）"])]


def _remedy_options(asked: bool | None, margin_m: float | None, radius_m: float | None) -> RemedyOptions | None:
    """What remedies are looked for with, where somebody asked for any; a margin or a radius is such a wish."""
    if margin_m is None and radius_m is None:
        return RemedyOptions() if asked else None
    if asked is False:
        raise click.BadParameter("--margin、--shift-radius 与 --no-remedy 不能同时给", param_hint="--no-remedy")
    options = RemedyOptions(
        margin_m=MARGIN_M if margin_m is None else margin_m, shift_radius_m=SHIFT_RADIUS_M if radius_m is None else radius_m
    )
    refuse_nonsense(options)
    return options


def _with_remedies(assessment: Assessment, atlas: Atlas, options: RemedyOptions, *, quiet: bool) -> Assessment:
    from xygis.cli.progress import remedy_progress
    from xygis.remedy.run import with_remedies

    return with_remedies(assessment, atlas, options=options, progress=None if quiet else remedy_progress)


def _traced(sources: Sequence[Submission | Refused], wanted: Sequence[str]) -> tuple[str, ...]:
    """Ids of the parcels to be explained: those named, by name or running number; all where only `--explain` is said."""
    names = [p.name for s in sources if isinstance(s, Submission) for p in s.parcels]
    ids = [str(n) for n in range(1, len(names) + 1)]
    if not wanted:
        return ()
    if "" in wanted:
        if len(ids) > MANY:
            raise click.BadParameter(f"地块多于 {MANY} 个，请指定要说明的地块：--explain 地块名或序号", param_hint="--explain")
        return tuple(ids)
    chosen: dict[str, None] = {}
    for word in wanted:
        hits = [i for i, name in zip(ids, names, strict=True) if name == word] or [i for i in ids if i == word]
        if not hits:
            fix = did_you_mean(word, names) or f"可用：{'、'.join(map(printable, names[:8]))}{'等' if len(names) > 8 else ''}"
            raise UsageError(what=f"送审文件里没有地块“{word}”", fix=fix)
        chosen |= dict.fromkeys(hits)
    return tuple(chosen)


def _exit_code(assessment: Assessment) -> int:
    return exit_code(assessment.verdict, refused=any(isinstance(s, Refused) for s in assessment.sources))


def _why_tables(parcels: int) -> str:
    """What a person is told who asked for nothing special and gets tables."""
    cause = f"地块多于 {MANY} 个" if parcels > MANY else "给的是文件夹"
    return f"{cause}，只出每地块一行的汇总表；要逐地块的报告和地图，加 --format html,pdf,map（较慢）。"


def _exit_sentence(assessment: Assessment) -> str:
    words = {0: "没有冲突", 1: "有冲突", 3: "无法判定", 4: "有文件无法读取"}
    code = _exit_code(assessment)
    return f"退出码 {code}（{words[code]}）"


def _statement(project_file: Path | None, use: str | None, class_version: str | None) -> ProjectStatement:
    """What the project file says; --use and --class-version go before it, and --use alone leaves its class version behind."""
    if project_file is not None and not project_file.exists():
        raise FileMissing(what="项目文件不存在", where=Where(file=str(project_file)), fix="请核对 --project 的路径")
    statement = read_project(project_file) if project_file is not None else ProjectStatement()
    if use is not None:
        return replace(statement, use=use, class_version=class_version)
    return replace(statement, class_version=class_version or statement.class_version)
