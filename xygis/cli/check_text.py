"""The text of a check on a terminal: verdict first, then parcels, layers, approval, basis, needs."""

from __future__ import annotations

from xygis.atlas.field_titles import FIELD_TITLES
from xygis.atlas.verdict import DEMO_STAMP, LayerState, Verdict
from xygis.check.assessment import Assessment, Refused
from xygis.check.overrides import STATEMENT
from xygis.cli.terminal import fitted, marked, printable, wrapped
from xygis.intake.submission import Submission
from xygis.judge.finding import Outcome
from xygis.judge.questions import ASKED
from xygis.numbers import M2_PER_HA, hectares, hectares_at_limit, percent, square_metres
from xygis.report.headline import acts_by_phase, finding_groups, headline
from xygis.report.lines import LineRow, line_rows
from xygis.report.totals import layer_totals
from xygis.report.upcoming_table import heading, summary
from xygis.report.wording import basis_line

_COLUMNS = 80
_MOST_PARCELS = 20
_MOST_LAYERS = 12
_MOST_WARNINGS = 6
_MOST_QUESTIONS = 3  # of a kind
_LONGEST_ANSWER = 16  # characters


def check_text(assessment: Assessment, *, show_all: bool) -> str:
    """All of it, within 80 columns; readable without colour."""
    blocks = [DEMO_STAMP] if assessment.demo else []
    blocks.append(f"{marked(assessment.verdict)}  {printable(headline(assessment)).rstrip('。')}")
    refused = [s for s in assessment.sources if isinstance(s, Refused)]
    if refused:
        blocks.append("\n".join(f"未能读取  {printable(s.path)}：{printable(s.error.what)}" for s in refused))
    warnings = _warnings(assessment)
    if warnings:
        blocks.append(warnings)
    if assessment.parcels:
        blocks += [_parcels(assessment), _layers(assessment, show_all), _words(assessment)]
    return "\n\n".join(blocks)


def _warnings(assessment: Assessment) -> str:
    """What a person should look at in the files themselves."""
    notes = [n for s in assessment.sources if isinstance(s, Submission) for n in s.notes if n.level == "warning"]
    lines = [f"提醒    {printable(n.text)}" + (f"（{printable(str(n.where))}）" if str(n.where) else "") for n in notes[:_MOST_WARNINGS]]
    lines += [f"提醒    {printable(a)}" for a in assessment.remarks]
    if len(notes) > _MOST_WARNINGS:
        lines.append(f"        其余 {len(notes) - _MOST_WARNINGS} 条用 xygis inspect 查看")
    return "\n".join(lines)


def _parcels(assessment: Assessment) -> str:
    lines = [f"  {fitted('地块', 16)}{fitted('公顷', 10, right=True)}  {fitted('主要原因', 36)}  结论"]
    for p in assessment.parcels[:_MOST_PARCELS]:
        worst_finding = p.findings[0] if p.findings else None
        reason = worst_finding.title if worst_finding else "未发现冲突"
        lines.append(
            f"  {fitted(p.name, 16)}{fitted(hectares(p.ellipsoidal_m2), 10, right=True)}  {fitted(reason, 36)}  {marked(p.verdict)}"
        )
    if len(assessment.parcels) > _MOST_PARCELS:
        lines.append(f"  其余 {len(assessment.parcels) - _MOST_PARCELS} 个地块见报告")
    total = sum(p.ellipsoidal_m2 for p in assessment.parcels)
    if len(assessment.parcels) > 1:
        lines.append(f"  {fitted('合计', 16)}{fitted(hectares(total), 10, right=True)}")
    return "\n".join(lines)


def _layers(assessment: Assessment, show_all: bool) -> str:
    total_m2 = sum(p.ellipsoidal_m2 for p in assessment.parcels)
    shown = line_rows(assessment)
    some = shown if show_all else [r for r in shown if r.state != LayerState.CLEAR][:_MOST_LAYERS]
    lines = [f"  {fitted('图层', 22)}{fitted('状态', 12)}{fitted('公顷', 10, right=True)}{fitted('占项目', 10, right=True)}  结论"]
    lines += [_line(row, total_m2) for row in some]
    if show_all:
        done = {r.layer for r in some}
        lines += [
            f"  {fitted(t.title, 22)}{fitted(t.state.label, 12)}{fitted('-' if not t.overlap_m2 else hectares(t.overlap_m2), 10, right=True)}"
            for t in layer_totals(assessment)
            if t.layer not in done
        ]
    else:
        rest = len(assessment.layers) - len({r.layer for r in some})
        lines.append(f"  其余 {rest} 个图层见报告，加 --all 列出")
    return "\n".join(lines)


def _line(row: LineRow, total_m2: float) -> str:
    area = row.total_m2
    known = isinstance(area, float)
    cells = hectares(area) if isinstance(area, float) else "-"
    share = percent(area / total_m2) if isinstance(area, float) and total_m2 else "-"
    state = row.state_cell.label if isinstance(row.state_cell, LayerState) else str(row.state_cell)
    verdict = marked(row.verdict) if row.verdict is not None else ""
    return f"  {fitted(row.title, 22)}{fitted(state, 12)}{fitted(cells if known else '-', 10, right=True)}{fitted(share, 10, right=True)}  {verdict}".rstrip()


def _words(assessment: Assessment) -> str:
    groups = finding_groups(assessment)
    lines = []
    n = 0
    for phase, acts in acts_by_phase(assessment.procedures):
        for act in acts:
            n += 1
            margin = "" if act.margin_ha is None else f"  距限额 {hectares_at_limit(act.margin_ha * M2_PER_HA)} 公顷"
            head = "审批    " if n == 1 else "        "
            lines.append(f"{head}{n:>2}  {fitted(phase, 8)}  {fitted(act.act, 26)}  {act.level}{margin}")
    hard = [g for g in groups if g.verdict in (Verdict.PROHIBITED, Verdict.APPROVAL, Verdict.JUSTIFICATION)]
    if hard and hard[0].first.basis:
        lines.append(f"依据    {basis_line(hard[0].first.basis)}")
    needs = list(dict.fromkeys(n for g in groups for n in g.needs))
    for i, need in enumerate(needs[:5], 1):
        lines.append(f"{'尚需    ' if i == 1 else '        '}{i:>2}  {printable(need)}")
    if len(needs) > 5:
        lines.append(f"          其余 {len(needs) - 5} 项见报告")
    lines += _corrections(assessment)
    lines += _questions(assessment)
    if assessment.project.use.assumed:
        lines.append("假设    非农业建设；未申报用途，加 --use 代码 可使结论更确定")
    names = {p.id: p.name for p in assessment.parcels}
    for day in assessment.upcoming[:3]:
        lines.append(f"将变    {heading(day)}")
        lines += [f"        {printable(line)}" for line in summary(day, names)]
    return "\n".join(lines)


def _corrections(assessment: Assessment) -> list[str]:
    """What the applicant says against a layer: both values, and what each makes of the parcel."""
    titles = {r.layer.id: r.layer.title for r in assessment.layers}
    names = {p.id: p.name for p in assessment.parcels}
    lines: list[str] = []
    for c in assessment.corrections:
        said = c.override
        told = "、".join(f"{value}（{square_metres(m2)} m²）" for value, m2 in c.recorded)
        unconfirmed = "未经确认，因更严，按更正判定" if c.decides == STATEMENT else "未经确认，按图层判定"
        basis = f"{said.confirmed_by}确认（{said.document}），按更正判定" if said.confirmed else unconfirmed
        text = f"{names[c.parcel]}  {titles[said.layer]}{FIELD_TITLES.get(said.field, said.field)}：图层为 {told}，申报为 {said.value}；理由：{said.reason}"
        verdicts = f"按图层 {c.by_layer.label}，按更正 {c.by_statement.label}；{basis}"
        lines += [line for part in (text, verdicts) for line in wrapped(part, _COLUMNS - 8)]
    return [f"{'更正    ' if i == 0 else '        '}{line}" for i, line in enumerate(lines)]


def _questions(assessment: Assessment) -> list[str]:
    """What about the project could still change the verdict, and what each answer would give."""
    lines = []
    for head, kinds in (("尚需明确", ASKED), ("可更正", ("assumed",)), ("可申请", ("claim",))):
        some = [q for q in assessment.questions if q.kind in kinds]
        for i, q in enumerate(some[:_MOST_QUESTIONS]):
            answers = "；".join(f"{_shortened(o.label)} → {_then(assessment, o)}" for o in q.outcomes)
            lines.append(f"{fitted(head if i == 0 else '', 8)}{i + 1:>2}  {q.title}：{answers}")
        if len(some) > _MOST_QUESTIONS:
            lines.append(f"        其余 {len(some) - _MOST_QUESTIONS} 项见报告")
    return lines


def _shortened(label: str) -> str:
    """The first of the answers that come to the same, as many as a line holds."""
    words = label.split("、")
    kept = words[:1]
    for word in words[1:]:
        if len("、".join([*kept, word])) > _LONGEST_ANSWER:
            return "、".join(kept) + "等"
        kept.append(word)
    return label


def _then(assessment: Assessment, outcome: Outcome) -> str:
    """The verdict of an answer; of several parcels, of those that it changes."""
    now = {p.id: (p.name, p.verdict) for p in assessment.parcels}
    changed = [f"{now[i][0]}{verdict.label}" for i, verdict in outcome.parcels if verdict is not now[i][1]]
    if len(now) < 2 or outcome.verdict is not assessment.verdict or not changed:
        return _ends(outcome)
    return "、".join(map(printable, changed[:3])) + (f" 等 {len(changed)} 个" if len(changed) > 3 else "")


def _ends(outcome: Outcome) -> str:
    """The verdict of an answer; where it stays open, between which ends."""
    if outcome.best is outcome.worst or outcome.verdict is not Verdict.UNDETERMINED:
        return outcome.verdict.label
    return f"{outcome.verdict.label}（{outcome.best.label}至{outcome.worst.label}）"
