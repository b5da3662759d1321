"""The answer in two sentences, and what to do next: worst parcel first, with the number and the cure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from xygis.atlas.atlas import COUNTIES
from xygis.atlas.verdict import LayerState, Verdict, worst
from xygis.check.assessment import Assessment, ParcelAssessment, Refused
from xygis.judge.application import Act
from xygis.judge.finding import Finding
from xygis.report.lines import BOUNDARY, THREE_LINES, spoken_m2
from xygis.report.wording import layer_titles, listed, shortened, size

Voice = tuple[ParcelAssessment, Finding]
MOST_STEPS = 3
_DO = "核实"  # a need that begins so is a thing to do, not a paper to bring


@dataclass(frozen=True, slots=True, kw_only=True)
class NextStep:
    """One of at most three things to do now."""

    title: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PathStage:
    """One stage of the way to a permit. `now`: the applicant can act at once; `later`: after all others."""

    title: str
    who: str
    text: str
    when: str  # now | then | later


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingGroup:
    """The same rule's word on one or more parcels."""

    rule: str
    title: str
    layer: str
    verdict: Verdict
    best: Verdict
    worst: Verdict
    voices: tuple[Voice, ...]

    @property
    def first(self) -> Finding:
        return self.voices[0][1]

    @property
    def needs(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(n.text for _, f in self.voices for n in f.needs if n.matters))

    @property
    def names(self) -> list[str]:
        return list(dict.fromkeys(p.name for p, _ in self.voices))


def finding_groups(assessment: Assessment) -> tuple[FindingGroup, ...]:
    """Every finding that is not 符合, grouped by rule and verdict: worst first, then the three lines, then by area."""
    grouped: dict[tuple[str, str, str, Verdict, Verdict, Verdict], list[Voice]] = {}
    for parcel in assessment.parcels:
        for f in parcel.findings:
            if f.verdict != Verdict.COMPLIANT:
                grouped.setdefault((f.rule, f.title, f.layer, f.verdict, f.best, f.worst), []).append((parcel, f))
    groups = [
        FindingGroup(rule=rule, title=title, layer=layer, verdict=verdict, best=best, worst=worst_, voices=tuple(voices))
        for (rule, title, layer, verdict, best, worst_), voices in grouped.items()
    ]
    return tuple(sorted(groups, key=lambda g: (g.verdict.rank, g.worst.rank, _line_rank(g.layer), -_area(g.voices))))


def headline(assessment: Assessment) -> str:
    """One sentence: which parcel, which layer, how much, and what that means."""
    groups = finding_groups(assessment)
    if not assessment.parcels:
        return "没有可以审查的地块。"
    if not groups:
        if assessment.verdict == Verdict.UNDETERMINED:
            return "界址或数据存疑，现在还不能判定。"
        return (
            "未发现与管控图层冲突，符合空间准入。" if assessment.verdict == Verdict.COMPLIANT else f"综合结论为{assessment.verdict.label}。"
        )
    top = groups[0]
    refused = sum(isinstance(s, Refused) for s in assessment.sources)
    if refused and assessment.verdict == Verdict.UNDETERMINED and top.verdict != Verdict.UNDETERMINED:
        return f"有 {refused} 个文件未能读取，审查不完整，现在还不能判定。"
    where = listed(top.names, most=1)
    beyond_m2 = sum(m.outside_m2 or 0.0 for p, _ in top.voices for m in p.measures if m.layer == COUNTIES)
    if beyond_m2 > 0.0 and top.verdict == Verdict.UNDETERMINED and _lacks_data(top):
        return f"{where} 有 {size(beyond_m2)} 在图集的行政区以外，那里没有数据，现在还不能判定。"
    return f"{where} {_clash(assessment, top)}，{_meaning(top)}。"


def second_sentence(assessment: Assessment) -> str:
    """What cures it, and what else is open."""
    groups = finding_groups(assessment)
    parts = []
    if groups and groups[0].first.remedy and groups[0].verdict in (Verdict.PROHIBITED, Verdict.JUSTIFICATION):
        parts.append(_sentence(_first_clause(groups[0].first.remedy)))
    rest = groups[1:] if groups else ()
    counts = {v: sum(g.verdict == v for g in rest) for v in Verdict}
    handled = counts[Verdict.APPROVAL] + counts[Verdict.JUSTIFICATION]
    words = [f"{counts[Verdict.PROHIBITED]} 项禁止"] if counts[Verdict.PROHIBITED] else []
    words += [f"{handled} 项须报批或论证"] if handled else []
    words += [f"{counts[Verdict.UNDETERMINED]} 项待补材料定论"] if counts[Verdict.UNDETERMINED] else []
    if words:
        parts.append(f"另有 {'、'.join(words)}。")
    if not parts:
        parts.append("按程序办理用地手续；数据与规则版本见后。" if not groups else "逐项意见见后。")
    return "".join(parts)


def next_steps(assessment: Assessment) -> tuple[NextStep, ...]:
    """At most three: cure what is prohibited, settle what is open, then apply."""
    groups = finding_groups(assessment)
    steps: list[NextStep] = []
    seen_areas: list[float] = []
    for g in groups:
        area = _area(g.voices)
        if g.verdict != Verdict.PROHIBITED or any(math.isclose(area, a, rel_tol=1e-6) for a in seen_areas if area):
            continue  # one place, two rules: the growth boundary is often drawn around the farmland
        seen_areas.append(area)
        title = layer_titles(assessment).get(g.layer, g.title)
        verb = f"退入{title}" if g.layer == BOUNDARY else f"避让{title}"
        steps.append(
            NextStep(
                title=verb,
                text=f"{listed(g.names)} 涉及 {size(area)}。{_sentence(_first_clause(g.first.remedy))}"
                if area
                else _sentence(_first_clause(g.first.remedy or g.first.text)),
            )
        )
    steps = steps[: MOST_STEPS - 1] if any(g.needs for g in groups) else steps
    steps += _need_steps(assessment, groups)
    for phase, acts in acts_by_phase(assessment.procedures):
        documents = list(dict.fromkeys(d for a in acts for d in a.documents))
        what = f"材料：{'、'.join(documents[:4])}{'等' if len(documents) > 4 else ''}。" if documents else _sentence(acts[0].reason)
        title = f"准备{'、'.join(a.act for a in acts[:2])}{'等' if len(acts) > 2 else ''}"
        steps.append(NextStep(title=title, text=f"{f'{phase}，' if phase else ''}{_levels(acts)}{what}"))
    if not steps:
        steps.append(NextStep(title="办理用地手续", text="持本报告与送审文件办理规划条件、用地审批等后续手续。"))
    return tuple(steps[:MOST_STEPS])


def path(assessment: Assessment) -> tuple[PathStage, ...]:
    """审批路径: what the applicant does now, then the acts of approval in order."""
    groups = finding_groups(assessment)
    stages = []
    needs = list(dict.fromkeys(n for g in groups for n in g.needs))
    if needs:
        stages.append(
            PathStage(
                title="补齐材料",
                who="申请人",
                text="、".join(shortened(n) for n in needs[:3]) + ("等" if len(needs) > 3 else ""),
                when="now",
            )
        )
    bad = [g for g in groups if g.verdict == Verdict.PROHIBITED]
    if bad:
        names = list(dict.fromkeys(n for g in bad for n in g.names))
        stages.append(PathStage(title="调整方案", who="申请人", text=f"{listed(names)} 消除禁止项，重新审查", when="now"))
    soft = [g for g in groups if g.verdict == Verdict.JUSTIFICATION]
    if soft:
        who = next((g.first.authority for g in soft if g.first.authority), "主管部门")
        documents = list(dict.fromkeys(d for g in soft for d in g.first.documents))
        stages.append(PathStage(title="论证、征求意见", who=who, text="、".join(documents[:2]) or shortened(soft[0].title), when="then"))
    for phase, acts in acts_by_phase(assessment.procedures):
        named = "、".join(a.act for a in acts[:4]) + (f"等 {len(acts)} 项" if len(acts) > 4 else "")
        stages.append(PathStage(title=phase or "审批", who="、".join(dict.fromkeys(a.level for a in acts)), text=named, when="then"))
    stages.append(PathStage(title="供地、建设", who="市、县", text="取得规划条件后供地，许可齐备后开工", when="later"))
    return tuple(stages)


def acts_by_phase(acts: Sequence[Act]) -> list[tuple[str, list[Act]]]:
    """Acts of one phase together, in the order of the way to a permit."""
    grouped: dict[str, list[Act]] = {}
    for act in acts:
        grouped.setdefault(act.phase, []).append(act)
    return list(grouped.items())


def _levels(acts: Sequence[Act]) -> str:
    """由国务院、省办理。; nothing where no level is known."""
    known = list(dict.fromkeys(a.level for a in acts if a.level != Verdict.UNDETERMINED.label))
    return f"由{'、'.join(known)}办理。" if known else ""


def verdict_without_prohibitions(assessment: Assessment) -> Verdict:
    """The worst of the remaining findings once every prohibition is cured."""
    return worst([f.verdict for p in assessment.parcels for f in p.findings if f.verdict != Verdict.PROHIBITED])


def _need_steps(assessment: Assessment, groups: Sequence[FindingGroup]) -> list[NextStep]:
    """One step per provider of what is missing."""
    titles = layer_titles(assessment)
    by_provider: dict[str, tuple[list[str], list[str]]] = {}
    asked: set[str] = set()  # texts that are questions about the project, not papers
    for g in groups:
        for _, f in g.voices:
            for need in (n for n in f.needs if n.matters):
                needs, uses = by_provider.setdefault(need.provider or "申请人", ([], []))
                needs.append(need.text)
                asked |= {need.text} if need.fact is not None else set()
                uses.append(titles.get(g.layer, g.title))
    steps = []
    for provider, (needs, uses) in by_provider.items():
        texts, layers = list(dict.fromkeys(needs)), list(dict.fromkeys(uses))
        more = f"等 {len(texts)} 项" if len(texts) > 1 else ""
        used = "、".join(layers[:3]) + (f"等 {len(layers)} 项" if len(layers) > 3 else "")
        question = texts[0] in asked
        ask = f"向{provider}取得" if provider != "申请人" else f"由申请人{'申报' if question else '提供'}"
        verb = "明确" if question else "" if texts[0].startswith(_DO) else "补"
        steps.append(NextStep(title=f"{verb}{shortened(texts[0], 18)}{more}", text=f"{ask}，用于判定{used}。"))
    return steps


def _clash(assessment: Assessment, group: FindingGroup) -> str:
    title = layer_titles(assessment).get(group.layer, group.title)
    area = _area(group.voices)
    if group.verdict == Verdict.UNDETERMINED and _lacks_data(group):
        return group.title
    if not area:
        return f"{group.title}"
    if group.layer == BOUNDARY and _is_outside(group):
        return f"有 {size(area)} 位于{title}以外"
    if group.verdict == Verdict.UNDETERMINED:
        return f"与{title}重叠 {size(area)}，结论未定"
    return f"{'压占' if group.verdict == Verdict.PROHIBITED else '涉及'}{title} {size(area)}"


def _meaning(group: FindingGroup) -> str:
    authority = group.first.authority
    return {
        Verdict.PROHIBITED: "现方案不能报批",
        Verdict.UNDETERMINED: "现在还不能判定",
        Verdict.APPROVAL: f"须报{authority}批准" if authority else "须报批",
        Verdict.JUSTIFICATION: f"须论证或征求{authority}意见" if authority else "须论证或征求意见",
        Verdict.NOTICE: "请留意，不影响报批",
        Verdict.COMPLIANT: "符合",
    }[group.verdict]


def _line_rank(layer: str) -> int:
    return THREE_LINES.index(layer) if layer in THREE_LINES else len(THREE_LINES)


def _area(voices: Sequence[Voice]) -> float:
    return math.fsum(spoken_m2(p, f) for p, f in voices)


def _lacks_data(group: FindingGroup) -> bool:
    states = [m.state for p, _ in group.voices for m in p.measures if m.layer == group.layer]
    return bool(states) and all(s == LayerState.NO_DATA for s in states)


def _is_outside(group: FindingGroup) -> bool:
    parcel, f = group.voices[0]
    return any(m.layer == f.layer and m.outside_m2 == spoken_m2(parcel, f) for m in parcel.measures if m.outside_m2)


def _first_clause(text: str) -> str:
    """What to do, without the exceptions; the card has the whole."""
    return text.split("；")[0].split("。")[0]


def _sentence(text: str) -> str:
    return f"{text.rstrip('。；;.')}。" if text else ""
