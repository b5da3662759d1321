"""The text of an adoption on a terminal: how the file was understood, what was matched, dropped, mended, written."""

from __future__ import annotations

from xygis.atlas.adopt import Adoption
from xygis.cli.terminal import printable
from xygis.geodesy.crs import title
from xygis.numbers import count, hectares, metres

_MOST = 10


def adoption_text(adoption: Adoption) -> str:
    """All of it; repairs beyond the tenth are counted."""
    layer, fields = adoption.layer, adoption.fields
    lines = [
        f"登记    {layer.title}（{layer.id}）",
        f"文件    {printable(adoption.file)}，sha256 {adoption.sha256[:8]} …"
        + (f"，图层 {printable(adoption.sublayer)}" if adoption.sublayer else ""),
        f"坐标系  {title(adoption.crs)}",
    ]
    lines += [f"{'  理由  ' if i == 0 else '        '}{printable(sentence)}" for i, sentence in enumerate(adoption.evidence)]
    size = (
        f"面积 {hectares(adoption.area_m2)} 公顷（{adoption.plane}）"
        if adoption.area_m2 is not None
        else f"长度 {metres(adoption.length_m)} m"
    )
    lines.append(f"要素    {count(adoption.features)} 个，{size}")
    lines.append("字段    " + ("、".join(f"{ours} ← {printable(theirs)}" for ours, theirs in fields.ours) or "没有匹配的字段"))
    lines += [f"        {ours} 有多个候选：{'、'.join(map(printable, found))}，取第一个" for ours, found in fields.contested]
    if fields.dropped:
        lines.append(f"丢弃    个人信息列：{'、'.join(map(printable, fields.dropped))}")
    if adoption.repairs:
        lines.append(f"修复    {count(len(adoption.repairs))} 处")
        lines += [f"        {printable(r.text)}" for r in adoption.repairs[:_MOST]]
        if len(adoption.repairs) > _MOST:
            lines.append(f"        其余 {len(adoption.repairs) - _MOST} 处从略")
    for note in adoption.notes:
        place = f"（{note.where}）" if str(note.where) else ""
        lines.append(f"{'提醒' if note.level == 'warning' else '说明'}    {printable(note.text + place)}")
    lines.append(f"性质    {layer.status.label}" + (f"，版本 {layer.version}" if layer.version else "，未注明版本，建议加 --version"))
    lines.append(f"写入    layers/local/{adoption.path.name}，并更新 layers/catalogue.toml")
    return "\n".join(lines)
