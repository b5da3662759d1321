"""The trace of a check on a terminal: parcel, layer, finding, its conditions and articles; then the rules that say nothing, and why."""

from __future__ import annotations

from collections.abc import Sequence

from xygis.atlas.verdict import LayerState
from xygis.check.assessment import Assessment, ParcelAssessment, Use
from xygis.cli.terminal import fitted, marked, printable, wrapped
from xygis.judge.explanation import Explanation, LayerTrace, Reason
from xygis.numbers import hectares
from xygis.report.rule_words import Vocabulary, vocabulary
from xygis.report.trace_words import exceptions, failures, land_reasons, mark, project_reasons, reason_words
from xygis.report.wording import basis_line

_WIDTH = 80
_INDENT = 4
_HEAD = 6  # columns of the titles
_KEY = "√ 满足  × 不满足  ? 不能确定  – 未申请的例外，或只作范围"


def explain_text(assessment: Assessment) -> str:
    """Every parcel that was asked for; only layers that it has to do with."""
    assert assessment.atlas is not None
    words = vocabulary(assessment.atlas)
    blocks = [f"判断过程    {_KEY}"]
    blocks += [_parcel(p, words, stated=assessment.project.use_stated) for p in assessment.parcels if p.trace is not None]
    return "\n\n".join([*blocks, "规则的全文、条文原句和算例：xygis rules 规则代码"])


def _parcel(parcel: ParcelAssessment, words: Vocabulary, *, stated: bool) -> str:
    """stated: the use was said by whoever asked; else it stands in the file, or is assumed."""
    assert parcel.trace is not None
    lines = [
        f"{printable(parcel.name)}（{parcel.id} 号）  {marked(parcel.verdict)}  {hectares(parcel.ellipsoidal_m2)} 公顷",
        f"  {_use(parcel.use, stated)}",
    ]
    for explanation in parcel.trace.general:
        lines += _finding(explanation, "", words)
    for trace in parcel.trace.layers:
        lines += _layer(trace, words)
    clear = sum(m.state is LayerState.CLEAR for m in parcel.measures)
    left = len(parcel.measures) - len(parcel.trace.layers)
    if left:
        lines.append(f"  其余 {left} 个图层不涉及，也没有审查意见" if clear >= left else f"  其余 {left} 个图层没有审查意见")
    return "\n".join(lines)


def _use(use: Use, stated: bool) -> str:
    """The use that facts are implied by, and where it comes from."""
    if use.code is None:
        return f"用途  {printable(use.name)}，假定"
    judged = f"，按 2023 版 {use.rule_code} 判断" if use.rule_code != use.code else ""
    return f"用途  {use.code} {printable(use.name)}（{'项目申报' if stated else '送审文件'}{judged}）"


def _layer(trace: LayerTrace, words: Vocabulary) -> list[str]:
    area = f" {hectares(trace.measure.overlap_m2)} 公顷" if trace.measure.overlap_m2 else ""
    lines = [f"  {trace.layer.title}  {trace.measure.state.label}{area}"]
    for explanation in trace.fired:
        lines += _finding(explanation, trace.layer.id, words)
    for n, why in enumerate(failures(words, trace.layer.id, trace.silent)):
        lines += _row("" if n else "不适用", why, head=8, indent=_INDENT)
    return lines


def _finding(explanation: Explanation, layer: str, words: Vocabulary) -> list[str]:
    """The finding, its conditions in the order of the trial, and the articles in which it ends."""
    finding = explanation.finding
    assert finding is not None
    ends = "" if finding.best is finding.worst else f"（{finding.best.label}至{finding.worst.label}）"
    lines = [" " * _INDENT + f"{marked(finding.verdict)}{ends}  {printable(explanation.code)} {printable(explanation.title)}"]
    for title, reasons in (
        ("项目", project_reasons(explanation)),
        ("例外", exceptions(explanation)),
        ("图层", land_reasons(explanation)),
    ):
        if reasons:
            lines += _row(title, _joined(words, layer, reasons))
    if explanation.open_rules:
        lines += _row("待定", f"{'、'.join(explanation.open_rules)}：有了数据才能逐条判断")
    if explanation.lenient:
        lines += _row("说明", "提示从宽给出：上面不能确定的条件不妨碍提示")
    if finding.needs:
        lines += _row("尚需", "；".join(n.text for n in finding.needs))
    return lines + _row("依据", basis_line(explanation.basis) or "没有规则可引")


def _joined(words: Vocabulary, layer: str, reasons: Sequence[Reason]) -> str:
    return "；".join(f"{mark(r)} {reason_words(words, layer, r)}" for r in reasons)


def _row(title: str, text: str, *, head: int = _HEAD, indent: int = _INDENT + 2) -> list[str]:
    body = wrapped(text, _WIDTH - indent - head)
    return [" " * indent + fitted(title if n == 0 else "", head) + line for n, line in enumerate(body)]
