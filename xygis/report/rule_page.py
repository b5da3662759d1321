"""The page of one rule: what it says, when, on which words of the law, who decides, what cures it, which cases prove it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from xygis.atlas.atlas import Atlas
from xygis.atlas.law import Citation, Instrument, Procedure, Rule, Selection, counts_on
from xygis.atlas.verdict import Verdict
from xygis.report.rule_words import (
    Vocabulary,
    attribute_condition,
    case_facts,
    gist,
    measured_condition,
    project_condition,
    sentence,
)
from xygis.report.wording import article

READ = {"full": "读过全文", "part": "读过部分条文", "quoted": "只见转引", "unread": "未读到原文"}
_CHANGING = (
    ("title", "名称"),
    ("verdict", "结论"),
    ("selection", "图层或分区"),
    ("when", "量算条件"),
    ("applies_to", "适用的项目"),
    ("unless", "例外"),
    ("message", "审查意见"),
    ("authority", "审批机关"),
    ("documents", "材料"),
    ("remedy", "整改"),
    ("penalty", "法律责任"),
    ("basis", "依据"),
    ("verified", "核对情况"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a section. quotes: the words of the article; note: what restricts it; verdict: of a case."""

    text: str
    quotes: tuple[str, ...] = ()
    note: str = ""
    verdict: Verdict | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A heading and what stands under it; never empty: what there is nothing to say of has no section."""

    key: str
    title: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RulePage:
    """One version of a rule, as it is read on a day."""

    rule: Rule
    subject: str
    sentence: str
    standing: str  # current | coming | past, on that day
    sections: tuple[Section, ...]

    def section(self, key: str) -> Section | None:
        return next((s for s in self.sections if s.key == key), None)


def rule_page(atlas: Atlas, words: Vocabulary, rule: Rule, on: date) -> RulePage:
    """The page of one version of a rule, on a day."""
    named = (
        ("gist", "要点", (Line(text=gist(rule)),)),
        ("layer", "图层", _layer(atlas, words, rule)),
        ("conditions", "条件", _conditions(words, rule)),
        ("exceptions", "例外", _exceptions(words, rule)),
        ("basis", "依据", _basis(atlas, rule, on)),
        ("period", "有效", _period(atlas, rule, on)),
        ("authority", "审批", _approval(atlas, words, rule, on)),
        ("documents", "材料", tuple(Line(text=d) for d in rule.documents)),
        ("remedy", "整改", (Line(text=rule.remedy),) if rule.remedy else ()),
        ("penalty", "法律责任", (Line(text=rule.penalty),) if rule.penalty else ()),
        ("cases", "算例", _cases(words, rule)),
        ("verified", "核对", (_verified(atlas, rule),)),
        ("source", "出处", (Line(text=f"redlines/{rule.path.name} 第 {rule.line} 行"),)),
    )
    return RulePage(
        rule=rule,
        subject=dict(atlas.law.subjects).get(rule.path.name, rule.path.stem),
        sentence=sentence(words, rule),
        standing=standing(rule, on),
        sections=tuple(Section(key=key, title=title, lines=lines) for key, title, lines in named if lines),
    )


def standing(rule: Rule, on: date) -> str:
    """Whether a version counts on the day, comes later, or has ended."""
    if rule.effective > on:
        return "coming"
    return "past" if rule.until is not None and rule.until < on else "current"


def versions(rules: Sequence[Rule], code: str) -> tuple[Rule, ...]:
    """All versions of a code, oldest first."""
    return tuple(sorted((r for r in rules if r.code == code), key=lambda r: r.effective))


def version_shown(of_code: Sequence[Rule], on: date) -> Rule:
    """The version that counts on the day; else the next to come, else the last that ended."""
    current = [r for r in of_code if standing(r, on) == "current"]
    coming = [r for r in of_code if standing(r, on) == "coming"]
    return (current or coming or list(of_code[-1:]))[0]


def changed(earlier: Rule, later: Rule) -> tuple[str, ...]:
    """What differs between two versions, as a reader calls it."""
    return tuple(title for field, title in _CHANGING if getattr(earlier, field) != getattr(later, field))


def instrument_of(atlas: Atlas, citation: Citation) -> Instrument | None:
    return next((i for i in atlas.law.instruments if (i.name, i.version) == (citation.instrument, citation.version)), None)


def force(instrument: Instrument, on: date) -> str:
    """现行有效, 2027-01-01 起施行, 2026-08-15 起废止: an instrument on a day."""
    if instrument.in_force > on:
        return f"{instrument.in_force} 起施行"
    if instrument.repealed is None:
        return "现行有效"
    return f"{instrument.repealed} {'起' if instrument.repealed > on else '已'}废止"


def _layer(atlas: Atlas, words: Vocabulary, rule: Rule) -> tuple[Line, ...]:
    layer = words.layers.get(rule.selection.layer)
    if layer is None:
        return (Line(text=rule.selection.layer, note="图集没有登记这个图层"),)
    keeper = f"，{layer.authority}" if layer.authority else ""
    return (Line(text=f"{layer.title}（{layer.id}）", note=f"{layer.group}，{layer.status.label}{keeper}"),)


def _conditions(words: Vocabulary, rule: Rule) -> tuple[Line, ...]:
    """All that must hold: of the layer, of what is measured, of the project."""
    lines = [Line(text=attribute_condition(words, rule.selection, f, patterns), note="图层属性") for f, patterns in rule.selection.where]
    if rule.selection.strip_m is not None:
        lines.append(Line(text=f"要素向外扩 {rule.selection.strip_m:g} 米", note="控制区"))
    lines += [Line(text=measured_condition(c), note="量算") for c in rule.when]
    lines += [Line(text=project_condition(words, name, accepted), note="项目") for name, accepted in rule.applies_to]
    return tuple(lines)


def _exceptions(words: Vocabulary, rule: Rule) -> tuple[Line, ...]:
    if not rule.unless:
        return (Line(text="没有例外：条件都满足就适用"),)
    return tuple(Line(text=project_condition(words, name, accepted), note="须申报，申报后本条不适用") for name, accepted in rule.unless)


def _basis(atlas: Atlas, rule: Rule, on: date) -> tuple[Line, ...]:
    """One line an article; an instrument has its full name once."""
    lines = []
    told: set[tuple[str, date]] = set()
    for c in rule.basis:
        instrument = instrument_of(atlas, c)
        name = c.instrument if (c.instrument, c.version) in told else _full_name(c, instrument)
        told.add((c.instrument, c.version))
        notes = [force(instrument, on) if instrument is not None else "未登记", *([] if c.verified else ["条文待核"])]
        lines.append(Line(text=f"{name}{article(c.article) if c.article else '（未写条款）'}", quotes=c.says, note="，".join(notes)))
    return tuple(lines)


def _full_name(citation: Citation, instrument: Instrument | None) -> str:
    title = instrument.title if instrument is not None and instrument.title else citation.instrument
    number = f"，{instrument.number}" if instrument is not None and instrument.number and instrument.number not in title else ""
    return f"{title}（{citation.version}{number}）"


def _period(atlas: Atlas, rule: Rule, on: date) -> tuple[Line, ...]:
    until = f"至 {rule.until}（当日仍有效）" if rule.until is not None else "起，没有登记终止日"
    told = {"current": "", "coming": "尚未施行", "past": "已停用"}[standing(rule, on)]
    lines = [Line(text=f"{rule.effective} {until}", note=told)]
    of_code = versions(atlas.rules, rule.code)
    here = of_code.index(rule)
    if here > 0:
        before = of_code[here - 1]
        lines.append(
            Line(text=f"此前的版本：{before.effective} 至 {before.until}", note=f"不同：{'、'.join(changed(before, rule)) or '无'}")
        )
    if here + 1 < len(of_code):
        after = of_code[here + 1]
        lines.append(Line(text=f"此后的版本：{after.effective} 起", note=f"不同：{'、'.join(changed(rule, after)) or '无'}"))
    elif rule.until is not None:
        lines.append(Line(text=f"{rule.until + timedelta(days=1)} 起没有后续版本"))
    return tuple(lines)


def _approval(atlas: Atlas, words: Vocabulary, rule: Rule, on: date) -> tuple[Line, ...]:
    lines = [Line(text=rule.authority, note="由谁办理")] if rule.authority else []
    if rule.verdict is Verdict.APPROVAL:  # what is prohibited is not put on a way to a permit
        lines += [
            Line(text=f"{act}：{'、'.join(levels)}", note="该图层牵动的审批事项和层级") for act, levels in acts_about(atlas, rule, on)
        ]
    return tuple(lines)


def acts_about(atlas: Atlas, rule: Rule, on: date) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """(act, levels) of approval that turn on the part of the layer that the rule asks about, for such projects."""
    about = {t.name for t in atlas.law.totals if t.selection is not None and _meets(t.selection, rule.selection)}
    day = max(on, rule.effective)
    found: dict[str, dict[str, None]] = {}
    for p in atlas.law.procedures:
        if counts_on(p, day) and any(c.fact in about for c in p.when) and _for_such(p, rule):
            found.setdefault(p.act, {})[p.level if p.level != "无法判定" else "层级随项目批准机关"] = None
    return tuple((act, tuple(levels)) for act, levels in found.items())


def _meets(a: Selection, b: Selection) -> bool:
    """Whether two selections of one layer may pick the same feature: no field that both ask has only other values."""
    if a.layer != b.layer or b.strip_m is not None:
        return False
    asked = dict(b.where)
    return all(_common(patterns, asked[field]) for field, patterns in a.where if field in asked)


def _common(left: Sequence[str], right: Sequence[str]) -> bool:
    if any(p.startswith("!") for p in (*left, *right)):
        return True
    plain = [(a.rstrip("*"), b.rstrip("*")) for a in left for b in right]
    return any(a.startswith(b) or b.startswith(a) for a, b in plain)


def _for_such(procedure: Procedure, rule: Rule) -> bool:
    """Whether a project that the rule is about can be one that the procedure is about."""
    asked = dict(rule.applies_to)
    return all(set(accepted) & set(asked[name]) for name, accepted in procedure.applies_to if name in asked)


def _cases(words: Vocabulary, rule: Rule) -> tuple[Line, ...]:
    return tuple(Line(text=f"{c.note}：{case_facts(words, rule, c)}", verdict=c.verdict) for c in rule.cases)


def _verified(atlas: Atlas, rule: Rule) -> Line:
    """Whether somebody has read the articles that carry the rule, and which texts."""
    cited = {(i.name, i.version): i for c in rule.basis if (i := instrument_of(atlas, c)) is not None}
    texts = "；".join(f"{i.name}（{i.version}）{READ.get(i.read, i.read)}" for i in cited.values())
    return Line(text="条文已核" if rule.verified else "条文待核：还没有人读到支撑本条的条文", note=texts)
