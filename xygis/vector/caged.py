"""Reads foreign formats in another process, with limits of memory, time and file size: whatever happens there is one error here.

GDAL and other large libraries parse what strangers made. The process that does so is kept for the next file, and
replaced after some files, after a crash, and when it does not answer in time.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from xygis.errors import DamagedFile, TooLarge, Where, XygisError
from xygis.vector.layers import ForeignLayer
from xygis.vector.wire import LENGTHS_BYTES, lengths, understood, understood_sheets
from xygis.vector.workbook import Sheet

SECONDS = 20.0
SECONDS_PER_MB = 1.0
MEMORY_BYTES = 6 << 30
_FILES = 200  # that one process reads before it is replaced
_CHUNK = 1 << 20


def command() -> list[str]:
    """How the reading process is started."""
    return [sys.executable, "-m", "xygis.vector.cage", str(MEMORY_BYTES)]


class _Process:
    """One reading process and how many files it has had."""

    def __init__(self) -> None:
        environment = os.environ | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
        self.running = subprocess.Popen(
            command(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            close_fds=True,
        )
        self.files = 0

    def ask(self, request: dict[str, object], seconds: float) -> tuple[bytes, bytes]:
        """The two parts of the answer. Raises EOFError where the process ended, TimeoutError where it had to be ended."""
        assert self.running.stdin is not None and self.running.stdout is not None
        self.files += 1
        over = threading.Event()

        def give_up() -> None:
            over.set()
            self.running.kill()

        timer = threading.Timer(seconds, give_up)
        timer.start()
        try:
            self.running.stdin.write(json.dumps(request).encode() + b"\n")
            self.running.stdin.flush()
            head, body = lengths(_exactly(self.running.stdout, LENGTHS_BYTES))
            return _exactly(self.running.stdout, head), _exactly(self.running.stdout, body)
        except (EOFError, OSError) as error:
            if over.is_set():
                raise TimeoutError from error
            raise EOFError from error
        finally:
            timer.cancel()

    def end(self) -> int:
        """Ends the process and says how it ended: an exit code, or a signal as a negative number."""
        with contextlib.suppress(OSError):
            if self.running.stdin is not None:
                self.running.stdin.close()
        try:
            self.running.wait(0.5)
        except subprocess.TimeoutExpired:
            self.running.kill()
            self.running.wait()
        if self.running.stdout is not None:
            self.running.stdout.close()
        return self.running.returncode


_lock = threading.Lock()
_current: list[_Process] = []  # none or one


def read_caged(path: Path, kind: str, *, shown: str, encoding: str | None = None, chosen: tuple[str, ...] = ()) -> list[ForeignLayer]:
    """The layers of a file, read elsewhere. Raises what its reader raises; TooLarge beyond a limit; DamagedFile after a crash."""
    with _placed(path):
        return understood(*_answer(path, {"kind": kind, "shown": shown, "encoding": encoding, "chosen": list(chosen)}))


def read_sheets_caged(path: Path) -> list[Sheet]:
    """The sheets of a workbook, read elsewhere; raises as `read_caged` does."""
    with _placed(path):
        return understood_sheets(_answer(path, {"kind": "xlsx", "shown": str(path), "encoding": None, "chosen": []})[0])


@contextlib.contextmanager
def _placed(path: Path) -> Iterator[None]:
    """An error that comes without a file is this file's."""
    try:
        yield
    except XygisError as error:
        error.where = error.where if error.where.file else Where(file=str(path))
        raise


def _answer(path: Path, request: dict[str, object]) -> tuple[bytes, bytes]:
    """The two parts of the answer to a request for a file. Raises TooLarge, DamagedFile."""
    seconds = SECONDS + SECONDS_PER_MB * _size(path) / 1e6
    whole = {**request, "path": os.fsencode(path.absolute()).hex(), "seconds": seconds}
    return _asked(whole, seconds, Where(file=str(path)))


def _asked(request: dict[str, object], seconds: float, where: Where) -> tuple[bytes, bytes]:
    with _lock:
        process = _current.pop() if _current else _Process()
        try:
            started = time.monotonic()
            head, body = process.ask(request, seconds)
        except TimeoutError as error:
            process.end()
            raise TooLarge(
                what=f"读取超过 {seconds:.0f} 秒，已中止",
                where=where,
                why="文件过大、过于复杂，或已损坏",
                fix="请只导出需要审查的地块，或另存为 GeoPackage、Shapefile",
            ) from error
        except EOFError as error:
            raise _ended(process.end(), time.monotonic() - started, where) from error
        except BaseException:
            process.end()  # what it would answer later belongs to no file
            raise
        if process.files < _FILES:
            _current.append(process)
        else:
            process.end()
    return head, body


def _ended(code: int, seconds: float, where: Where) -> DamagedFile | TooLarge:
    if sys.platform != "win32" and code in (-signal.SIGXCPU, -signal.SIGKILL):
        return TooLarge(
            what=f"读取用尽了允许的时间或内存（{seconds:.0f} 秒后中止）",
            where=where,
            why="文件过大、过于复杂，或已损坏",
            fix="请只导出需要审查的地块，或另存为 GeoPackage、Shapefile",
        )
    how = f"信号 {-code}" if code < 0 else f"退出码 {code}"
    return DamagedFile(
        what="文件已损坏，读取它的进程意外中止", where=where, why=how, fix="请重新导出；或另存为 GeoPackage、Shapefile 再送审"
    )


def _exactly(stream: IO[bytes], count: int) -> bytes:
    parts, left = [], count
    while left:
        part = stream.read(min(left, _CHUNK))
        if not part:
            raise EOFError
        parts.append(part)
        left -= len(part)
    return b"".join(parts)


def _size(path: Path) -> int:
    with contextlib.suppress(OSError):
        return sum(p.stat().st_size for p in path.iterdir()) if path.is_dir() else path.stat().st_size
    return 0


@atexit.register
def _end_all() -> None:
    while _current:
        _current.pop().end()
