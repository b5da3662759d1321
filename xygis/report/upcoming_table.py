"""法律将变: each coming day on which the law changes, and what it changes for the parcels of this check."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from xygis.atlas.verdict import Verdict
from xygis.check.assessment import Assessment, Change, Coming, Upcoming
from xygis.judge.application import Act
from xygis.judge.finding import Finding
from xygis.report.table import Cell, Column, Kind, Table
from xygis.report.wording import basis_line, listed

_FIELDS = {
    "verdict": "结论",
    "range": "结论范围",
    "level": "层级",
    "title": "名称",
    "text": "审查意见",
    "reason": "理由",
    "basis": "依据",
    "authority": "机关",
    "documents": "材料",
    "penalty": "法律责任",
    "remedy": "整改建议",
    "phase": "阶段",
    "order": "次序",
}
_KINDS = {"appears": "新增", "vanishes": "不再适用", "changes": "变化"}
UNCHANGED = "对本次送审地块没有影响：结论、依据、材料、法律责任和审批事项均不变。"
NOTHING_KNOWN = "规则库没有登记基准日后十二个月内的法律变化。"


def heading(day: Upcoming) -> str:
    """2027-01-01 起施行耕地保护和质量提升法；同日废止水污染防治法（由生态环境法典替代）."""
    parts = [f"施行{_named(day.begins)}"] if day.begins else []
    if day.ends:
        parts.append(f"废止{_named(day.ends)}")
    return f"{day.in_force} 起{'，'.join(parts) or '规则有变'}"


def _named(instruments: Sequence[Coming]) -> str:
    return "、".join(i.instrument + (f"（由{i.replaced_by}替代）" if i.replaced_by else "") for i in instruments)


def summary(day: Upcoming, names: dict[str, str]) -> list[str]:
    """What the day does, in one to three short sentences; names: parcel id → name."""
    if not day.changes:
        return [UNCHANGED]
    lines = [f"{names.get(id_, id_)}的结论由{was.label}变为{now.label}" for id_, was, now in day.verdicts[:3]]
    if len(day.verdicts) > 3:
        lines.append(f"另有 {len(day.verdicts) - 3} 个地块的结论改变")
    if not day.verdicts and any(c.parcel for c in day.changes):
        lines.append("各地块的结论不变")
    for kind, word in _KINDS.items():
        subjects = list(dict.fromkeys(c.subject for c in day.changes if c.kind == kind))
        if subjects:
            lines.append(f"{word} {len(subjects)} 项：{'、'.join(subjects[:6])}{'等' if len(subjects) > 6 else ''}")
    return lines


def upcoming_table(assessment: Assessment, day: Upcoming) -> Table:
    """One row for each thing that is said differently; what several parcels share stands once."""
    names = {p.id: p.name for p in assessment.parcels}
    groups: dict[tuple[object, ...], tuple[Change, list[str]]] = {}
    for change in day.changes:
        lines = tuple(change_lines(change))
        alike = tuple(line for line in lines if line[0] != _FIELDS["text"])  # its areas are the parcel's own
        _, parcels = groups.setdefault((change.kind, change.subject, change.title, alike), (change, []))
        parcels.append("整个项目" if change.parcel is None else names.get(change.parcel, change.parcel))
    body: list[tuple[Cell, ...]] = []
    for change, parcels in groups.values():
        subject = change.subject if change.subject == change.title else f"{change.subject} {change.title}"
        head: tuple[Cell, ...] = (subject, listed(list(dict.fromkeys(parcels))))
        for label, was, now in change_lines(change):
            body.append((*head, label, was, now))
            head = ("", "")
    columns = (
        Column(key="subject", title="规则或事项", kind=Kind.NAME),
        Column(key="parcels", title="地块"),
        Column(key="field", title="变化"),
        Column(key="before", title=f"{day.in_force - timedelta(days=1)} 以前"),
        Column(key="after", title=f"{day.in_force} 起"),
    )
    return Table(title=heading(day), columns=columns, rows=tuple(body))


def change_lines(change: Change) -> list[tuple[str, str, str]]:
    """(what, before, after) of one change, as it is printed."""
    if change.before is None or change.after is None:
        shown = change.after or change.before
        assert shown is not None
        what = _KINDS[change.kind]
        sides = [(what, _verdict_of(shown))] + [
            (_FIELDS[f], text) for f in ("text", "basis", "documents", "penalty") if (text := _text(shown, f))
        ]
        return [(label, "–", text) if change.before is None else (label, text, "–") for label, text in sides]
    fields = list(dict.fromkeys("range" if f in ("best", "worst") else f for f in change.fields))
    if "verdict" in fields or (isinstance(change.after, Finding) and change.after.verdict != Verdict.UNDETERMINED):
        fields = [f for f in fields if f != "range"]
    return [(_FIELDS[f], *_sides(change.before, change.after, f)) for f in sorted(fields, key=list(_FIELDS).index)]


def _sides(before: Finding | Act, after: Finding | Act, field: str) -> tuple[str, str]:
    if field != "documents":
        return _text(before, field) or "–", _text(after, field) or "–"
    gone = [d for d in before.documents if d not in after.documents]
    new = [d for d in after.documents if d not in before.documents]
    return ("不再要求：" + "、".join(gone)) if gone else "–", ("增加：" + "、".join(new)) if new else "–"


def _verdict_of(shown: Finding | Act) -> str:
    return shown.level if isinstance(shown, Act) else shown.verdict.label


def _text(shown: Finding | Act, field: str) -> str:
    if field == "range" and isinstance(shown, Finding):
        return f"{shown.best.label}至{shown.worst.label}"
    value = getattr(shown, field, "")
    if field == "basis":
        return basis_line(shown.basis)
    if isinstance(value, Verdict):
        return value.label
    return "、".join(value) if isinstance(value, tuple) else str(value)
