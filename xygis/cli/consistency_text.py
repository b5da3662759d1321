"""The text of a comparison on a terminal: verdict, types of difference, counties, what could not be compared."""

from __future__ import annotations

from collections import Counter

from xygis.atlas.verdict import DEMO_STAMP
from xygis.cli.terminal import fitted, marked, printable, wrapped
from xygis.consistency.result import Consistency, Difference, Indicator
from xygis.numbers import DASH, count, hectares
from xygis.report.consistency_causes import causes_lines
from xygis.report.consistency_since import remarks
from xygis.report.consistency_what_if import what_if_lines
from xygis.report.indicator_words import conclusion, margin_words, target_words, value_words

_MOST = 8
_SINCE = (12, 16, 12, 16)


def consistency_text(consistency: Consistency) -> str:
    """All of it, within 80 columns; readable without colour."""
    blocks = [DEMO_STAMP] if consistency.demo else []
    total = f"差异图斑 {count(consistency.patch_count)} 个，{hectares(consistency.patch_m2)} 公顷"
    blocks.append(f"{marked(consistency.verdict)}  多规合一：{total}")
    blocks.append(_types(consistency))
    blocks.append(_counties(consistency))
    if consistency.what_if is not None:
        blocks.insert(1 if consistency.demo else 0, "\n".join(map(printable, what_if_lines(consistency.what_if))))
    if consistency.indicators:
        blocks.append(_indicators(consistency.indicators))
    blocks += causes_lines(consistency) + _since(consistency)
    if consistency.no_data:
        titles = {r.layer.id: r.layer.title for r in consistency.layers}
        lines = [f"  {titles.get(n.a, n.a)} × {titles.get(n.b, n.b)}：{printable(n.reason)}" for n in consistency.no_data[:_MOST]]
        if len(consistency.no_data) > _MOST:
            lines.append(f"  其余 {len(consistency.no_data) - _MOST} 对见报告")
        blocks.append("\n".join(["未能比对，不计为一致", *lines]))
    return "\n\n".join(blocks)


def _since(consistency: Consistency) -> list[str]:
    """与上次比对, where there is an earlier run, and what is to be said of notes."""
    lines = []
    if consistency.tracking is not None:
        lines.append(f"与上次比对（{consistency.tracking.checked_on}，{printable(consistency.tracking.file)}）")
        heads = ("上次图斑", "公顷", "本次图斑", "公顷")
        lines.append(f"  {fitted('状态', 12)}" + "".join(fitted(h, w, right=True) for h, w in zip(heads, _SINCE, strict=True)))
        for t in consistency.tracking.by_state:
            cells = (count(t.earlier_patches), hectares(t.earlier_m2), count(t.patches), hectares(t.area_m2))
            lines.append(f"  {fitted(t.state.label, 12)}" + "".join(fitted(c, w, right=True) for c, w in zip(cells, _SINCE, strict=True)))
        reasons = dict.fromkeys(g.reason for g in consistency.tracking.gone if g.reason)
        lines += [f"  未比对：{line}" for reason in list(reasons)[:_MOST] for line in wrapped(reason, 66, hanging=2)]
    lines += [f"  {line}" for remark in remarks(consistency) for line in wrapped(remark, 76)]
    return ["\n".join(lines)] if lines else []


def _types(consistency: Consistency) -> str:
    lines = [f"  {fitted('类型', 30)}{fitted('图斑', 10, right=True)}{fitted('公顷', 16, right=True)}  结论"]
    for d in consistency.differences:
        name = f"{d.type} {d.title}" + ("（不全）" if d.incomplete else "")
        verdict = marked(d.verdict) if d.verdict is not None else "未比对"
        lines.append(
            f"  {fitted(name, 30)}{fitted(count(d.patches), 10, right=True)}{fitted(hectares(d.area_m2), 16, right=True)}  {verdict}"
        )
    return "\n".join(lines)


def _counties(consistency: Consistency) -> str:
    lines = [f"  {fitted('县（市、区）', 30)}{fitted('图斑', 10, right=True)}{fitted('公顷', 16, right=True)}"]
    for county in consistency.counties:
        patches, area_m2 = _of_county(consistency.differences, county.code)
        if county.code is None and not patches:
            continue
        lines.append(f"  {fitted(county.name, 30)}{fitted(count(patches), 10, right=True)}{fitted(hectares(area_m2), 16, right=True)}")
    return "\n".join(lines)


def _indicators(indicators: tuple[Indicator, ...]) -> str:
    """Every indicator that misses its target, or of which the data do not say; the rest in one line."""
    told = [f"指标 {len(indicators)} 项：{_tally(indicators)}"]
    for i in indicators:
        if i.met is False or (i.target is not None and i.least is not None and i.met is None):
            short = margin_words(i)
            lacking = f"，差 {short.removeprefix('−')}" if i.met is False and short != DASH else ""
            value = f"{value_words(i, i.decimals)} {i.unit}，目标 {target_words(i)}{lacking}"
            told.append(f"  {'未达标' if i.met is False else '无法判定'}  {printable(i.title)} {value}")
    return "\n".join(told)


def _tally(indicators: tuple[Indicator, ...]) -> str:
    counts = Counter(conclusion(i) for i in indicators)
    return "，".join(f"{word} {n}" for word, n in counts.most_common())


def _of_county(differences: tuple[Difference, ...], code: str | None) -> tuple[int, float]:
    tallies = [t for d in differences for t in d.by_county if t.key == code]
    return sum(t.patches for t in tallies), sum(t.area_m2 for t in tallies)
