"""`xygis`: the door at the command line. Sub-commands are loaded when they are called, so that help stays quick."""

from __future__ import annotations

import gc
import importlib
import json
import os
import sys
from pathlib import Path

import click

# Nothing here multiplies matrices: the threads that numpy would start for it only delay a short run.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from xygis.errors import XygisError

_COMMANDS = {
    "demo": ("xygis.cli.demo_command", "用自带数据走完全部流程"),
    "check": ("xygis.cli.check_command", "审查地块：能不能建、占什么、依据哪条、谁来批"),
    "consistency": ("xygis.cli.consistency_command", "多规合一：控制线之间、规划之间的差异图斑"),
    "suspects": ("xygis.cli.suspects_command", "控违拆违：影像图斑是合法、疑似违法还是待核，先查哪些"),
    "quality": ("xygis.cli.quality_command", "规划数据库质检：字段、值域、拓扑、面积、代码逻辑"),
    "compare": ("xygis.cli.compare_command", "任意两个面文件套合：按类别的面积矩阵和图斑"),
    "map": ("xygis.cli.map_command", "画图集的图层"),
    "layers": ("xygis.cli.layers_command", "图层清单与数据状况"),
    "rules": ("xygis.cli.rules_command", "规则、依据与算例"),
    "inspect": ("xygis.cli.inspect_command", "说明怎样读懂了一个文件"),
    "convert": ("xygis.cli.convert_command", "转换格式：坐标交换文件、界址点成果表、Shapefile、CAD 等"),
    "adopt": ("xygis.cli.adopt_command", "把手头的数据登记为图集的图层"),
    "start": ("xygis.cli.start_command", "新建图集"),
    "verify": ("xygis.cli.verify_command", "复核报告：重新计算、说明原因、核对签名"),
}


class _Lazy(click.Group):
    """A group that knows the names of its commands and imports one only to run it."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = importlib.import_module(_COMMANDS[cmd_name][0]).command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("命令"):
            formatter.write_dl([(name, text) for name, (_, text) in _COMMANDS.items()])


@click.group(
    cls=_Lazy,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="退出码：0 符合或提示；1 有冲突；2 用法有误；3 无法判定；4 输入或图集无法读取。先试：xygis demo",
)
@click.version_option(package_name="xygis", message="xygis %(version)s")
def cli() -> None:
    """襄阳市规划地块审查：地块与三条控制线、一心四城、三山一岗、一江九河等图层套合，给出面积、依据、审批层级和整改办法。"""


def main() -> None:
    """Entry point: every error of ours ends in one message and its exit code, never in a traceback."""
    # Starting makes many small objects and next to no rubbish: looking for it at the usual rate costs a short run a twentieth.
    gc.set_threshold(50_000, 20, 50)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        code = cli(standalone_mode=False)
    except click.exceptions.Exit as stop:
        code = stop.exit_code
    except click.Abort:
        code = 130
    except click.ClickException as error:
        click.echo(f"用法有误：{_in_chinese(error)}", err=True)
        if isinstance(error, click.UsageError) and error.ctx is not None:
            click.echo(f"查看用法：{error.ctx.command_path} --help", err=True)
        code = 2
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 141
    except XygisError as error:
        code = _refuse(error)
    except MemoryError:
        click.echo("错误：内存不足，没有得出结论。请分批审查，或减少图层", err=True)
        code = 3
    except Exception as error:  # noqa: BLE001  the last door: a defect must leave neither as a traceback nor as exit code 1, "conflict"
        code = _defect(error)
    sys.exit(code if isinstance(code, int) else 0)


def _defect(error: Exception) -> int:
    """A mistake of ours: said as such, with the place, and no conclusion drawn."""
    import traceback

    frame = traceback.extract_tb(error.__traceback__)[-1]
    click.echo(f"程序内部出错，没有得出结论：{type(error).__name__}: {error}（{Path(frame.filename).name}:{frame.lineno}）", err=True)
    click.echo("请把这条信息和所用的文件发给维护者", err=True)
    return 3


def _in_chinese(error: click.ClickException) -> str:
    """click's own messages are English; the common ones are put into Chinese, with what they name."""
    match error:
        case click.NoSuchOption():
            near = f"，是否应为 {error.possibilities[0]}？" if error.possibilities else ""
            return f"没有选项 {error.option_name}{near}"
        case click.MissingParameter():
            if error.param is None or error.ctx is None:
                return "缺少参数"
            option = f"{error.param.opts[-1]} " if isinstance(error.param, click.Option) else ""
            return f"缺少 {option}{error.param.make_metavar(error.ctx)}"
        case click.BadParameter(param=click.Option(type=click.Choice(choices=choices)) as option):
            return f"{option.opts[-1]} 只能是 {'、'.join(map(str, choices))}"
        case click.BadParameter():
            return error.message if not error.message.isascii() else f"参数的值不对：{error.message}"
    message = error.format_message()
    return message.replace("No such command", "没有这个命令").replace("Got unexpected extra argument", "多余的参数")


def _refuse(error: XygisError) -> int:
    from xygis.cli.terminal import error_text

    if "--json" in sys.argv[1:]:
        names = {"check": "assessment", "consistency": "consistency", "suspects": "suspects", "quality": "quality"}
        schema = f"xygis/{names[sys.argv[1]]}/1" if sys.argv[1] in names else None
        from xygis.report.contract import error_dict

        document = error_dict(error, schema=schema) if schema else {"error": error.to_dict()}
        click.echo(json.dumps(document, ensure_ascii=False, indent=2))
    nothing = {"check": "审查", "suspects": "审查", "consistency": "比对", "quality": "检查"}
    done = f"没有进行任何{nothing[sys.argv[1]]}。" if sys.argv[1] in nothing else "没有改动任何文件。"
    click.echo(error_text(error, done=done), err=True)
    return error.exit_code


def atlas_option(function: click.decorators.FC) -> click.decorators.FC:
    """--atlas, everywhere; XYGIS_ATLAS says the same."""
    option = click.option(
        "--atlas", "atlas_dir", envvar="XYGIS_ATLAS", type=click.Path(path_type=Path), help="图集目录，默认用自带的示意图集"
    )
    return option(function)


if __name__ == "__main__":
    main()
