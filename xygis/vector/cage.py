"""The process in which foreign formats are read: limits first, then one file after another from standard input to standard output."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any, BinaryIO

from xygis.errors import DamagedFile, TooLarge, Where, XygisError
from xygis.vector.foreign import Member, read_member_here
from xygis.vector.layers import ForeignLayer
from xygis.vector.wire import send
from xygis.vector.workbook import Sheet, read_workbook

_FILE_BYTES = 1 << 30  # of anything that a library may write
_OPEN_FILES = 512


def main() -> None:
    """Answers requests, a line of JSON each, until the input ends. What libraries print goes nowhere."""
    answers = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    _limit(int(sys.argv[1]))
    for line in sys.stdin.buffer:
        request = json.loads(line)
        _allow_seconds(float(request["seconds"]))
        _answer(request, answers)


def _answer(request: dict[str, Any], answers: BinaryIO) -> None:
    path = Path(os.fsdecode(bytes.fromhex(str(request["path"]))))
    where = Where(file=str(path))
    answer: list[ForeignLayer] | list[Sheet] | XygisError
    try:
        member = Member(path=path, format=str(request["kind"]), shown=str(request["shown"]))
        answer = (
            read_workbook(path)
            if member.format == "xlsx"
            else read_member_here(member, encoding=request["encoding"], chosen=tuple(request["chosen"]))
        )
    except XygisError as error:
        answer = error
    except MemoryError:
        answer = TooLarge(what="读取这个文件所需的内存超过上限", where=where, fix="请只导出需要审查的地块")
    except Exception as error:  # noqa: BLE001  whatever a library raises on a stranger's file is that file's fault
        answer = DamagedFile(
            what="文件已损坏，无法读取", where=where, why=f"{type(error).__name__}：{str(error)[:120]}", fix="请重新拷贝或重新导出这个文件"
        )
    try:
        send(answers, answer)
    except MemoryError:
        send(answers, TooLarge(what="读取这个文件所需的内存超过上限", where=where, fix="请只导出需要审查的地块"))


def _limit(memory_bytes: int) -> None:
    if sys.platform == "win32":
        return
    import resource

    for what, most in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_FSIZE, _FILE_BYTES),
        (resource.RLIMIT_NOFILE, _OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(what)[1]
        limit = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (limit, hard))


def _allow_seconds(seconds: float) -> None:
    """Processor time for the next file, on top of what the files before it took."""
    if sys.platform == "win32":
        return
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF)
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime + 2 * seconds) + 2, hard))


if __name__ == "__main__":
    main()
