"""A run over many parcels at the command line: progress while it works, counts when it is done."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import click
import numpy as np

from xygis.atlas.atlas import Atlas
from xygis.atlas.verdict import DEMO_STAMP, LayerState, Verdict
from xygis.check.assessment import Refused
from xygis.check.layer_column import STATES
from xygis.check.portfolio import Portfolio, screen_parcels
from xygis.check.project import ProjectStatement
from xygis.check.rows import Rows
from xygis.cli.progress import prepare_progress
from xygis.cli.terminal import error_text, fitted, marked, printable
from xygis.intake.submission import Submission
from xygis.numbers import hectares
from xygis.overlay.store import LayerStore

_MOST_FAILURES = 5


def run_portfolio(
    sources: Sequence[Submission | Refused],
    atlas: Atlas,
    *,
    on: date,
    statement: ProjectStatement,
    out_dir: Path | None,
    formats: Sequence[str],
    jobs: int | None,
) -> int:
    """Screens, writes, prints; the exit code: 4 if any file was refused, else by the verdict."""
    started = time.monotonic()
    rows = Rows(folder=out_dir) if out_dir is not None else None
    bar = _Bar(len(atlas.layers))
    result = screen_parcels(
        sources, atlas, on=on, project=statement, store=LayerStore(progress=prepare_progress), jobs=jobs, rows=rows, progress=bar.show
    )
    bar.close()
    written = []
    if out_dir is not None:
        from xygis.saving import save_portfolio

        written = save_portfolio(result, out_dir, formats)
    click.echo(_text(result, time.monotonic() - started))
    if written:
        click.echo("\n" + "\n".join(f"{label}    {path}" for label, path in written))
    else:
        click.echo("\n加 --out 目录 写出每地块一行的汇总表。")
    refused = [s for s in sources if isinstance(s, Refused)]
    for source in refused[:_MOST_FAILURES]:
        click.echo(error_text(source.error, closing=False), err=True)
    if refused:
        return 4
    if result.verdict in (Verdict.COMPLIANT, Verdict.NOTICE):
        return 0
    return 3 if result.verdict is Verdict.UNDETERMINED else 1


class _Bar:
    """One line on a terminal: which layer, how far, how long still."""

    def __init__(self, layers: int) -> None:
        self._seen: list[str] = []
        self._layers = layers
        self._started = time.monotonic()

    def show(self, title: str, done: int, total: int) -> None:
        if not sys.stderr.isatty():
            return
        if title not in self._seen:
            self._seen.append(title)
            self._started = time.monotonic()
        spent = time.monotonic() - self._started
        left = spent / done * (total - done) if done else 0.0
        filled = round(24 * done / total)
        sys.stderr.write(f"\r\x1b[K{'█' * filled}{'░' * (24 - filled)} {title} {done:,}/{total:,}，还需约 {left:.0f} 秒")
        sys.stderr.flush()

    def close(self) -> None:
        if sys.stderr.isatty():
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


def _text(result: Portfolio, seconds: float) -> str:
    lines = [DEMO_STAMP, ""] if result.demo else []
    counts = Counter(result.verdicts)
    area = dict.fromkeys(Verdict, 0.0)
    for verdict, m2 in zip(result.verdicts, result.ellipsoidal_m2.tolist(), strict=True):
        area[verdict] += m2
    lines.append(f"{len(result.parcels):,} 个地块，{hectares(float(result.ellipsoidal_m2.sum()))} 公顷，基准日 {result.checked_on}")
    for verdict in sorted(Verdict, key=lambda v: v.rank):
        if counts[verdict]:
            lines.append(f"  {marked(verdict)}  {fitted(f'{counts[verdict]:,} 个', 12, right=True)}  {hectares(area[verdict])} 公顷")
    lines.append("")
    lines.append(
        f"  {fitted('图层', 28)}{fitted('涉及', 10, right=True)}{fitted('无数据', 10, right=True)}{fitted('重叠公顷', 16, right=True)}"
    )
    for c in result.columns:
        concerned = int((c.state == STATES.index(LayerState.CONCERNED)).sum())
        without = int((c.state == STATES.index(LayerState.NO_DATA)).sum())
        overlap = hectares(float(np.nansum(c.overlap_m2)))
        if concerned or without:
            lines.append(
                f"  {fitted(c.title, 28)}{fitted(f'{concerned:,}', 10, right=True)}{fitted(f'{without:,}', 10, right=True)}{fitted(overlap, 16, right=True)}"
            )
    lines.append("")
    pairs = result.reused + result.measured
    if result.reused:
        lines.append(f"沿用上次结果 {result.reused:,} 项，重新计算 {result.measured:,} 项（地块 × 图层）")
    lines.append(f"用时 {seconds:.1f} 秒，{pairs:,} 项（地块 × 图层）")
    failed = sum(int((c.failed != "").sum()) for c in result.columns)
    apart = [(result.sources[i].path, a) for i, a in result.set_apart]
    refused = [s for s in result.sources if isinstance(s, Refused)]
    if apart or refused or failed:
        lines.append(f"未能审查：{len(refused)} 个文件，{len(apart)} 个地块，{failed} 项；计入“无法判定”，清单见汇总表")
        lines += [f"  {printable(path)} {printable(a.name)}：{printable(str(a.error))}" for path, a in apart[:_MOST_FAILURES]]
    return "\n".join(lines)
