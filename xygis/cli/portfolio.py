"""A run over many parcels at the command line: progress while it works, the tables, the text when it is done."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import click

from xygis.atlas.atlas import Atlas
from xygis.atlas.catalogue import PERMIT
from xygis.check.assessment import Refused
from xygis.check.portfolio import screen_parcels
from xygis.check.project import ProjectStatement
from xygis.check.rows import Rows
from xygis.cli.portfolio_text import portfolio_text
from xygis.cli.progress import prepare_progress
from xygis.cli.sign_options import Seal
from xygis.cli.terminal import exit_code, fitted
from xygis.intake.submission import Submission
from xygis.overlay.store import LayerStore

_BAR = 16  # columns


def run_portfolio(
    sources: Sequence[Submission | Refused],
    atlas: Atlas,
    *,
    on: date,
    statement: ProjectStatement,
    out_dir: Path | None,
    formats: Sequence[str],
    jobs: int | None,
    show_all: bool,
    why: str,
    seal: Seal,
) -> int:
    """Screens, writes, prints; the exit code: 4 if any file was refused, else by the verdict.

    why: what made this a run of tables only, where nobody asked for one; printed at the end.
    """
    started = time.monotonic()
    if out_dir is not None:
        from xygis.saving import make_folder

        make_folder(out_dir)  # before an hour of work, not after
    rows = Rows(folder=out_dir) if out_dir is not None else None
    bar = _Bar(sum(layer.role != PERMIT for layer in atlas.layers))
    store = LayerStore(progress=prepare_progress)
    try:
        classes = "classes" in formats
        result = screen_parcels(
            sources, atlas, on=on, project=statement, store=store, jobs=jobs, rows=rows, classes=classes, progress=bar.show
        )  # fmt: skip
    finally:
        bar.close()
    written = []
    if out_dir is not None:
        from xygis.saving import save_portfolio

        written = seal.put(out_dir, save_portfolio(result, out_dir, formats))
    click.echo(portfolio_text(result, time.monotonic() - started, show_all=show_all))
    click.echo("\n" + "\n".join(f"{label}    {path}" for label, path in written) if written else "\n加 --out 目录 写出每地块一行的汇总表。")
    if why:
        click.echo(why)
    return exit_code(result.verdict, refused=any(isinstance(s, Refused) for s in sources))


class _Bar:
    """One line on a terminal: which layer, how far, how long still."""

    def __init__(self, layers: int) -> None:
        self._layer, self._number, self._layers = "", 0, layers
        self._started = time.monotonic()

    def show(self, title: str, done: int, total: int) -> None:
        if title != self._layer:
            self._layer, self._number = title, self._number + 1
        if done == 0:
            self._started = time.monotonic()
        if not sys.stderr.isatty():
            return
        filled = round(_BAR * done / total) if total else _BAR
        left = _left((time.monotonic() - self._started) / done * (total - done)) if done else ""
        words = f"{fitted(title, 22)} {done:,}/{total:,}{left}"
        sys.stderr.write(f"\r\x1b[K图层 {self._number}/{self._layers} {'█' * filled}{'░' * (_BAR - filled)} {words}")
        sys.stderr.flush()

    def close(self) -> None:
        if sys.stderr.isatty():
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


def _left(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"，还需 {minutes} 分" if minutes >= 10 else f"，还需 {minutes} 分 {rest} 秒" if minutes else f"，还需 {rest} 秒"
