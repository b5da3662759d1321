"""The handbook: every rule of an atlas on one page that works offline, grouped by subject, with an index of the law it rests on."""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from xygis.atlas.atlas import Atlas
from xygis.atlas.law import Citation, Instrument, Rule
from xygis.atlas.verdict import DataStatus, Verdict
from xygis.check.assessment import Upcoming
from xygis.check.upcoming import upcoming
from xygis.report.pages import TEMPLATES, render
from xygis.report.rule_page import READ, RulePage, changed, force, rule_page, standing, version_shown, versions
from xygis.report.rule_words import vocabulary
from xygis.report.upcoming_table import heading
from xygis.report.wording import article, fingerprint

_VERDICTS = (Verdict.PROHIBITED, Verdict.APPROVAL, Verdict.JUSTIFICATION, Verdict.NOTICE)
_SIDE = ("basis", "period", "verified")  # set in the second column of a card
_WHOLE = ("gist", "cases", "source")  # set across the card
_STANDINGS = {"current": "", "coming": "尚未施行", "past": "已停用"}
_DISCLAIMER = "本手册由 xygis 依据规则库自动生成，便于查阅，不替代法律、法规和文件的原文。"
_DEMO_DISCLAIMER = "本手册由 xygis 依据规则库自动生成，便于查阅，不替代法律、法规和文件的原文；图集中的图层为示意数据。"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """One version of a rule in the book."""

    anchor: str
    page: RulePage
    told: str  # of a version that does not count on the day

    @property
    def left(self) -> tuple[object, ...]:
        return tuple(s for s in self.page.sections if s.key not in (*_SIDE, *_WHOLE))

    @property
    def right(self) -> tuple[object, ...]:
        return tuple(s for s in self.page.sections if s.key in _SIDE)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Chapter:
    """The rules of one subject."""

    anchor: str
    title: str
    entries: tuple[_Entry, ...]
    counts: tuple[int, ...]  # of rules in force, in the order of `_VERDICTS`
    unread: int  # of them, 条文待核


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    """An instrument and what rests on it: (article, [(label, anchor of a rule or "")])."""

    instrument: Instrument
    force: str
    live: bool
    read: str
    articles: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]


def handbook_html(atlas: Atlas, on: date) -> str:
    """The book as of a day: rules in force, to come and ended, each with its page."""
    from markupsafe import Markup

    chapters = _chapters(atlas, on)
    anchors = {e.page.rule.code: e.anchor for c in reversed(chapters) for e in reversed(c.entries)}
    live = [r for r in atlas.rules if standing(r, on) == "current"]
    script = (TEMPLATES / "handbook.js").read_text("utf-8")
    demo = any(layer.status is DataStatus.DEMO for layer in atlas.layers)
    foot = f"基准日 {on.isoformat()} · 规则库指纹 {fingerprint(atlas.rules_fingerprint())}"
    context = {
        "atlas_name": atlas.name,
        "script": Markup(script),
        "script_hash": base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        "facts": _facts(atlas, live, on),
        "rules_count": len(live),
        "counts": [(v, n) for v in _VERDICTS if (n := sum(r.verdict is v for r in live))],
        "unread": [(r.code, anchors[r.code]) for r in live if not r.verified],
        "others": Counter(standing(r, on) for r in atlas.rules),
        "verdicts": _VERDICTS,
        "chapters": chapters,
        "ahead": [(heading(d), _ahead(atlas, d, anchors), d.rules) for d in upcoming(atlas, on)],
        "sources": _sources(atlas, on, anchors),
        "disclaimer": _DEMO_DISCLAIMER if demo else _DISCLAIMER,
    }
    return render("handbook.html.j2", context, title=f"规则手册（{on.isoformat()}）", demo=demo, foot=foot)


def _facts(atlas: Atlas, live: Sequence[Rule], on: date) -> list[tuple[str, str]]:
    since = f"自 {atlas.law.complete_from} 起完整" if atlas.law.complete_from is not None else "没有写明自哪一天起完整"
    return [
        ("基准日", on.isoformat()),
        ("图集", atlas.name),
        (
            "收录",
            f"{len({r.code for r in atlas.rules})} 条规则、{len(atlas.rules)} 个版本、{sum(len(r.cases) for r in atlas.rules)} 个算例",
        ),
        ("依据", f"{len(atlas.law.instruments)} 件法规文件"),
        ("规则库", since),
    ]


def _chapters(atlas: Atlas, on: date) -> list[_Chapter]:
    words = vocabulary(atlas)
    used: set[str] = set()
    chapters = []
    for n, (name, subject) in enumerate(atlas.law.subjects, start=1):
        entries: list[_Entry] = []
        of_file = [r for r in atlas.rules if r.path.name == name]
        for code in dict.fromkeys(r.code for r in of_file):
            of_code = versions(of_file, code)
            shown = version_shown(of_code, on)
            for rule in (shown, *(r for r in of_code if r is not shown)):
                page = rule_page(atlas, words, rule, on)
                entries.append(_Entry(anchor=_anchor(rule, shown, used), page=page, told=_STANDINGS[page.standing]))
        live = [e.page.rule for e in entries if not e.told]
        if entries:
            chapters.append(
                _Chapter(
                    anchor=f"c{n}",
                    title=subject,
                    entries=tuple(entries),
                    counts=tuple(sum(r.verdict is v for r in live) for v in _VERDICTS),
                    unread=sum(not r.verified for r in live),
                )
            )
    return chapters


def _anchor(rule: Rule, shown: Rule, used: set[str]) -> str:
    """The code itself, so that a link can be written by hand; a code that is no plain word, or is taken, gets a number."""
    wanted = rule.code if rule is shown else f"{rule.code}@{rule.effective}"
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9@-]*", wanted) or wanted in used:
        wanted = f"rule-{len(used) + 1}"
    used.add(wanted)
    return wanted


def _ahead(atlas: Atlas, day: Upcoming, anchors: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """(code or act, anchor, what changes) of one day on which the law changes."""
    eve = day.in_force - timedelta(days=1)
    out = []
    for code in day.rules:
        of_code = versions(atlas.rules, code)
        was = next((r for r in of_code if standing(r, eve) == "current"), None)
        now = next((r for r in of_code if standing(r, day.in_force) == "current"), None)
        shown = now or was
        out.append((f"{code} {shown.title if shown is not None else ''}", anchors.get(code, ""), _difference(was, now)))
    acts = [p for p in atlas.law.procedures if p.effective == day.in_force or p.until == eve]
    return out + [(act, "", "审批事项有新的版本") for act in dict.fromkeys(p.act for p in acts)]


def _difference(was: Rule | None, now: Rule | None) -> str:
    if was is None:
        return "新增"
    if now is None:
        return "不再适用"
    if was is now:
        return "内容不变，所引文件施行或者废止"
    return f"不同：{'、'.join(changed(was, now)) or '无'}"


def _sources(atlas: Atlas, on: date, anchors: Mapping[str, str]) -> list[_Source]:
    """Every instrument with the rules, acts and pairs that cite it, by article."""
    cited: dict[tuple[str, date], dict[str, dict[tuple[str, str], None]]] = {}

    def note(basis: Sequence[Citation], label: str, anchor: str) -> None:
        for c in basis:
            cited.setdefault((c.instrument, c.version), {}).setdefault(c.article or "", {})[label, anchor] = None

    for rule in atlas.rules:
        note(rule.basis, rule.code, anchors[rule.code])
    for procedure in atlas.law.procedures:
        note(procedure.basis, procedure.act, "")
    for pair in atlas.law.pairs:
        note(pair.basis, f"{pair.code}（图层对）", "")
    out = []
    for i in atlas.law.instruments:
        articles = sorted(cited.get((i.name, i.version), {}).items(), key=lambda item: _article_order(item[0]))
        out.append(
            _Source(
                instrument=i,
                force=force(i, on),
                live=i.in_force_on(on),
                read=READ.get(i.read, i.read),
                articles=tuple((article(a) if a else "未写条款", tuple(labels)) for a, labels in articles),
            )
        )
    return out


def _article_order(text: str) -> tuple[int, str]:
    number = re.match(r"\d+", text)
    return (int(number[0]) if number else 0, text)
