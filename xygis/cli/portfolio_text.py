"""The text of a run over many parcels on a terminal: verdict first, then counts, layers, what could not be checked, what was reused."""

from __future__ import annotations

from collections import Counter

import numpy as np

from xygis.atlas.verdict import DEMO_STAMP, LayerState, Verdict
from xygis.check.assessment import Refused
from xygis.check.layer_column import STATES, LayerColumn
from xygis.check.portfolio import Portfolio
from xygis.cli.terminal import fitted, marked, printable, width
from xygis.numbers import DASH, hectares
from xygis.report.wording import shortened

_MOST_FAILURES = 5
_NAMED = (Verdict.PROHIBITED, Verdict.UNDETERMINED)  # of these a few parcels are called by name
_BY_RANK = {v.rank: v for v in Verdict}


def portfolio_text(result: Portfolio, seconds: float, *, show_all: bool) -> str:
    """All of it, within 80 columns; readable without colour."""
    blocks = [DEMO_STAMP] if result.demo else []
    blocks.append(f"{marked(result.verdict)}  {_headline(result)}")
    if result.parcels:
        blocks += [_verdicts(result), _layers(result, show_all)]
    apart = _apart(result)
    return "\n\n".join([*blocks, *([apart] if apart else []), _work(result, seconds)])


def _headline(result: Portfolio) -> str:
    counts = Counter(result.verdicts)
    bad = [f"{counts[v]:,} 个{v.label}" for v in _NAMED if counts[v]]
    return "，".join([f"{len(result.parcels):,} 个地块", *bad, f"基准日 {result.checked_on}"])


def _verdicts(result: Portfolio) -> str:
    rank = np.array([v.rank for v in result.verdicts])
    lines = [f"  {fitted('结论', 14)}{fitted('地块', 8, right=True)}{fitted('公顷', 16, right=True)}"]
    for verdict in Verdict:
        mine = np.flatnonzero(rank == verdict.rank)
        if len(mine):
            cells = _right(f"{len(mine):,}", 8) + _right(hectares(float(result.ellipsoidal_m2[mine].sum())), 16)
            names = _some(list(dict.fromkeys(result.parcels[i].name for i in mine.tolist()))) if verdict in _NAMED else ""
            lines.append(f"  {_marked(verdict, 14)}{cells}  {names}".rstrip())
    total = _right(f"{len(rank):,}", 8) + _right(hectares(float(result.ellipsoidal_m2.sum())), 16)
    return "\n".join([*lines, f"  {fitted('合计', 14)}{total}"])


def _some(names: list[str]) -> str:
    shown = "、".join(fitted(shortened(name, 10), 10).rstrip() for name in names[:3])
    return f"{shown}等" if len(names) > 3 else shown


def _layers(result: Portfolio, show_all: bool) -> str:
    """The layers that somebody has something to say about; all of them where that is asked for."""
    shown = [c for c in result.columns if show_all or int(c.rank.min()) < Verdict.COMPLIANT.rank]
    head = fitted("图层", 24) + "".join(fitted(t, w, right=True) for t, w in (("涉及", 8), ("无数据", 8), ("重叠公顷", 16)))
    lines = [f"  {head}  最严意见", *(_layer(c) for c in shown)]
    rest = len(result.columns) - len(shown)
    if rest:
        lines.append(f"  其余 {rest} 个图层对这些地块没有意见，加 --all 列出")
    return "\n".join(lines)


def _layer(c: LayerColumn) -> str:
    concerned, without = (int((c.state == STATES.index(s)).sum()) for s in (LayerState.CONCERNED, LayerState.NO_DATA))
    overlap = hectares(float(np.nansum(c.overlap_m2))) if concerned else DASH
    cells = _right(f"{concerned:,}" if concerned else DASH, 8) + _right(f"{without:,}" if without else DASH, 8) + _right(overlap, 16)
    return f"  {fitted(c.title, 24)}{cells}  {marked(_BY_RANK[int(c.rank.min())])}"


def _apart(result: Portfolio) -> str:
    """Files, parcels and pairs that could not be checked, a few of each by name."""
    files = [f"{printable(s.path)}：{printable(s.error.what)}" for s in result.sources if isinstance(s, Refused)]
    parcels = [f"{printable(result.sources[i].path)} {printable(a.name)}：{printable(a.error.what)}" for i, a in result.set_apart]
    pairs = [
        f"{printable(result.names[i])} × {c.title}：{printable(c.failed[i])}"
        for c in result.columns
        for i in np.flatnonzero(c.failed != "")
    ]
    lines = []
    for what, unit, found in (("文件", "个", files), ("地块", "个", parcels), ("地块 × 图层", "项", pairs)):
        if found:
            lines.append(f"未能审查  {len(found):,} {unit}{what}，计入“无法判定”：")
            lines += [f"  {line}" for line in found[:_MOST_FAILURES]]
            if len(found) > _MOST_FAILURES:
                lines.append(f"  其余 {len(found) - _MOST_FAILURES:,} {unit}见汇总表 summary.xlsx 的“未审查”页")
    return "\n".join(lines)


def _work(result: Portfolio, seconds: float) -> str:
    pairs = result.reused + result.measured
    used = f"沿用    上次结果 {result.reused:,} 项，重新计算 {result.measured:,} 项（地块 × 图层）\n" if result.reused else ""
    return f"{used}用时    {seconds:.1f} 秒，{pairs:,} 项（地块 × 图层）"


def _marked(verdict: Verdict, columns: int) -> str:
    plain = f"{verdict.mark} {verdict.label}"
    return marked(verdict) + " " * max(0, columns - width(plain))


def _right(text: str, columns: int) -> str:
    return fitted(text, columns, right=True)
