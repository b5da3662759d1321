"""A `Verification` on a terminal: the answer, the causes, what follows from them, the signature."""

from __future__ import annotations

import click

from xygis.cli.terminal import printable, wrapped
from xygis.verify.result import Verification

_MOST = 40
_COLUMNS = 100


def verify_text(result: Verification) -> str:
    """The whole text."""
    lines = [_answer(result), ""]
    if result.basis:
        lines += [*wrapped(f"重算    按报告所记：{result.basis}", _COLUMNS, hanging=8), ""]
    if result.causes:
        lines.append("原因")
        for number, cause in enumerate(result.causes, start=1):
            lines += wrapped(f"  {number}. 【{cause.kind.label}】{cause.text}", _COLUMNS, hanging=5)
            for detail in cause.details:
                lines += wrapped(f"     {detail}", _COLUMNS, hanging=5)
        lines.append("")
    if result.differences:
        lines.append(f"后果    共 {len(result.differences)} 处与报告不同" if result.causes else f"不同    共 {len(result.differences)} 处")
        lines += [line for d in result.differences[:_MOST] for line in wrapped(f"  {d}", _COLUMNS, hanging=4)]
        if len(result.differences) > _MOST:
            lines.append(f"  其余 {len(result.differences) - _MOST} 处从略")
        lines.append("")
    if (signature := result.signature) is not None:
        who = f"{signature.signer}，" if signature.signer else ""
        sure = "，与给定的公钥一致" if signature.expected else ""
        text = f"签名    {who}{signature.signed_at}，公钥指纹 {signature.key_fingerprint}{sure}；签了 {len(signature.files)} 个文件"
        lines += wrapped(text, _COLUMNS, hanging=8)
    for note in result.notes:
        lines += wrapped(f"说明    {note}", _COLUMNS, hanging=8)
    return "\n".join(lines).rstrip()


def _answer(result: Verification) -> str:
    name = printable(str(result.report))
    if not result.same:
        return f"{click.style('✗ 不一致', fg='red', bold=True)}  {name}"
    done = "的每一项都与重新计算的结果相同" if result.recomputed else "的签名核对无误，没有重新计算"
    return f"{click.style('✓ 一致', fg='green')}：{name} {done}" + ("，签名有效" if result.recomputed and result.signature else "") + "。"
