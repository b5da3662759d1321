"""A `Verification` on a terminal: the answer, the causes, what follows from them, the signature."""

from __future__ import annotations

import click

from xygis.cli.terminal import printable, wrapped
from xygis.verify.result import CauseKind, Verification, is_verdict

_MOST = 20
_COLUMNS = 100
_MOST_NAMES = 12
_INDENT = " " * 10


def verify_text(result: Verification) -> str:
    """The whole text."""
    lines = [_answer(result), *_beside(result), ""]
    paths = {d.path for d in result.differences}
    if result.basis:
        lines += [*wrapped(f"重算    按报告所记：{result.basis}", _COLUMNS, hanging=8), ""]
    if result.causes:
        lines.append("原因")
        for number, cause in enumerate(result.causes, start=1):
            lines += wrapped(f"  {number}. 【{cause.kind.label}】{cause.text}", _COLUMNS, hanging=5)
            for detail in cause.details:
                lead = "位置 " if detail in paths else ""
                lines += wrapped(f"     {lead}{detail}", _COLUMNS, hanging=5)
        lines.append("")
    lines += _consequences(result)
    if (signature := result.signature) is not None:
        who = f"{signature.signer}，" if signature.signer else ""
        when = signature.signed_at.replace("T", " ")
        sure = "，与给定的公钥一致" if signature.expected else ""
        but = "；但文件或公钥与上面所列不符" if any(c.kind is CauseKind.SIGNATURE for c in result.causes) else ""
        text = f"签名    {who}{when}，签了 {len(signature.files)} 个文件，公钥指纹 {signature.key_fingerprint}{sure}{but}"
        lines += wrapped(text, _COLUMNS, hanging=8)
    for note in result.notes:
        lines += wrapped(f"说明    {note}", _COLUMNS, hanging=8)
    return "\n".join(lines).rstrip()


def _consequences(result: Verification) -> list[str]:
    """What follows from the causes; values that were altered in the report stand among the causes already."""
    told = {path for c in result.causes if c.kind is CauseKind.REPORT for path in c.details}
    rest = [d for d in result.differences if d.path not in told]
    if not rest:
        return []
    verdicts = [d for d in rest if is_verdict(d.path)]
    head = f"结论变了 {len(verdicts)} 处" if verdicts else "结论没有变"
    lines = [f"后果    {head}；共 {len(rest)} 处与报告不同（报告 → 现在）"]
    lines += [line for d in rest[:_MOST] for line in wrapped(f"  {d.words}：{d.reported} → {d.recomputed}", _COLUMNS, hanging=4)]
    if len(rest) > _MOST:
        lines.append(f"  其余 {len(rest) - _MOST} 处从略")
    return [*lines, ""]


def _answer(result: Verification) -> str:
    name = printable(str(result.report))
    if result.asked is not None:
        return f"{click.style('✗ 无法核对', fg='red', bold=True)}  {printable(result.asked)}（没有签名）"
    if not result.same:
        return f"{click.style('✗ 不一致', fg='red', bold=True)}  {name}"
    if result.recomputed and result.signature:
        done = " 的每一项都与重新计算的结果相同，签名有效"
    elif result.recomputed:
        done = "（数据）已重新计算，每一项都与报告相同"
    elif result.signature:
        done = " 的签名核对无误，没有重新计算"
    else:
        return f"{click.style('— 没有核对', fg='yellow', bold=True)}：{name} 没有签名，这种报告也不能重新计算"
    return f"{click.style('✓ 一致', fg='green')}：{name}{done}。"


def _beside(result: Verification) -> list[str]:
    """Which files beside an unsigned report nobody has looked at, and how they come to be covered."""
    if not result.unchecked:
        return []
    more = f" 等 {len(result.unchecked)} 个" if len(result.unchecked) > _MOST_NAMES else ""
    names = "、".join(printable(n) for n in result.unchecked[:_MOST_NAMES]) + more
    lines = [f"没有核对  {names}：报告没有签名，旁边的这些文件写出后有没有改过，查不出来"]
    if result.same_mark:
        lines.append(f"{_INDENT}其中 {'、'.join(result.same_mark)} 印的报告指纹与 {result.report.name} 相同，但数字没有逐个核对")
    lines.append(f"{_INDENT}要一并核对：出具时加 --sign 私钥.key，签名涵盖每个文件")
    return [part for line in lines for part in wrapped(line, _COLUMNS, hanging=len(_INDENT))]
