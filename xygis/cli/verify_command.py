"""`xygis verify`: recomputes a report from its inputs and says what differs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import click

from xygis.atlas.atlas import Atlas
from xygis.check.project import project_statement
from xygis.check.run import check
from xygis.cli.main import atlas_option
from xygis.errors import DamagedFile, FileMissing, Where
from xygis.intake.read import read_submission
from xygis.vector.datum import DATUMS

_MOST_LINES = 40


@click.command(name="verify", short_help="重新计算一份报告并逐项比对", epilog="退出码：0 一致；1 不一致；4 报告或送审文件无法读取")
@click.argument("report", metavar="report.json", type=click.Path(path_type=Path))
@click.option(
    "--input", "inputs", metavar="文件", multiple=True, type=click.Path(path_type=Path), help="送审文件现在的位置；按报告中的次序，可重复"
)
@click.option("--crs", metavar="EPSG", help="原审查指定过坐标系的，照样指定")
@click.option("--datum", type=click.Choice(DATUMS), help="原审查说明过坐标基准的，照样说明")
@click.option("--layer", "layers", metavar="图层", multiple=True, help="原审查选过图层的，照样选")
@click.option("--accept-repairs", is_flag=True, help="原审查确认过修复的，照样确认")
@atlas_option
def command(
    report: Path,
    inputs: tuple[Path, ...],
    crs: str | None,
    datum: str | None,
    layers: tuple[str, ...],
    accept_repairs: bool,
    atlas_dir: Path | None,
) -> None:
    """用报告记录的送审文件、基准日和项目情况重新审查，逐项比对每一个数。

    \b
    例：xygis verify 结果/report.json
    """
    document = _read(report)
    atlas = Atlas.open(atlas_dir)
    files = [_locate(report, s["file"], inputs, i) for i, s in enumerate(document["sources"])]
    sources = [
        read_submission(f, envelope=atlas.envelope, crs=crs, datum=datum, layers=layers, accept_repairs=accept_repairs) for f in files
    ]
    project = document["project"]
    checked = check(
        sources,
        atlas,
        on=date.fromisoformat(document["checked_on"]),
        project=project_statement(_stated(project)),
        explain=[p["id"] for p in document["parcels"] if "trace" in p],
    )
    again: dict[str, Any] = json.loads(json.dumps(checked.to_dict()))
    for new, old in zip(again["sources"], document["sources"], strict=True):
        new["file"] = old["file"]  # where the file lies now is no difference
    differences = list(_differences(document, again, ""))
    if not differences:
        click.echo(f"一致：{report} 的每一项都与重新计算的结果相同。")
        return
    for line in differences[:_MOST_LINES]:
        click.echo(line)
    if len(differences) > _MOST_LINES:
        click.echo(f"其余 {len(differences) - _MOST_LINES} 处从略")
    click.echo(f"不一致：共 {len(differences)} 处。")
    click.get_current_context().exit(1)


def _stated(project: dict[str, Any]) -> dict[str, object]:
    """What was said of the project. A code that was taken to be of the latest version because none was stated stays without one."""
    given = {
        "name": project["name"],
        "facts": project["attributes"],
        "class_version": project.get("class_version"),
        "override": project.get("overrides", []),
    }
    if project.get("use_stated"):
        use = project["use"]
        given["use"] = f"{use['class_version']}:{use['code']}" if use.get("note") is None else use["code"]
    return given


def _read(report: Path) -> dict[str, Any]:
    where = Where(file=str(report))
    try:
        document = json.loads(report.read_text("utf-8"))
        if document["schema"] != "xygis/assessment/1" or "error" in document:
            raise KeyError("schema")
    except FileNotFoundError as error:
        raise FileMissing(what="报告不存在", where=where, fix="请给出审查时写出的 report.json") from error
    except (OSError, UnicodeDecodeError, ValueError, KeyError, TypeError) as error:
        raise DamagedFile(what="这不是 xygis 的审查报告数据", where=where, fix="请给出审查时写出的 report.json") from error
    return dict(document)


def _locate(report: Path, name: str, inputs: tuple[Path, ...], number: int) -> Path:
    for path in (*inputs[number : number + 1], report.parent / name, Path(name), report.parent / Path(name).name):
        if path.exists():
            return path
    raise FileMissing(what="找不到送审文件", where=Where(file=name), fix="用 --input 指出它现在的位置")


def _differences(old: object, new: object, path: str) -> Iterator[str]:
    """One line for each leaf that is not the same."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted(old.keys() | new.keys()):
            yield from _differences(old.get(key), new.get(key), f"{path}.{key}" if path else key)
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for i, (a, b) in enumerate(zip(old, new, strict=True)):
            yield from _differences(a, b, f"{path}[{i}]")
    elif old != new:
        yield f"{path}：报告为 {_short(old)}，现为 {_short(new)}"


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else text[:57] + "…"
