"""审查意见: one card for each rule and verdict, worst first, and the remedies that the rules themselves name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from xygis.atlas.verdict import Verdict
from xygis.check.assessment import Assessment
from xygis.numbers import hectares
from xygis.report import headline as answer
from xygis.report.document import Card, Figure
from xygis.report.lines import spoken_m2
from xygis.report.table import Cell, Column, Kind, Table
from xygis.report.wording import basis, layer_titles, listed, row_name

_MOST_NEEDS = 3
_NAMED = 3  # parcels that the heading names
_MOST_LINES = 6  # parcels that are told in full; the others follow with their areas


def finding_cards(assessment: Assessment, figures: Mapping[tuple[str, str], str]) -> tuple[Card, ...]:
    """figures: (parcel id, layer id) → SVG. A figure stands on the first card that it belongs to."""
    cards, drawn = [], set()
    titles = layer_titles(assessment)
    for g in answer.finding_groups(assessment):
        place = next(((p, (p.id, g.layer)) for p, _ in g.voices if (p.id, g.layer) in figures and (p.id, g.layer) not in drawn), None)
        figure = None
        if place is not None and g.verdict != Verdict.NOTICE:
            parcel, key = place
            drawn.add(key)
            title = titles.get(g.layer, g.title)
            figure = Figure(svg=figures[key], caption=f"{parcel.name}与{title}", alt=f"{parcel.name}与{title}的位置关系图")
        more = (f"等 {len(g.needs)} 项（见“尚需材料”）",) if len(g.needs) > _MOST_NEEDS else ()
        cards.append(
            Card(
                rule=g.rule,
                heading=f"{listed(g.names)} {g.title}",
                verdict=g.verdict,
                best=g.best,
                worst=g.worst,
                lines=_lines(g),
                basis=tuple(basis(g.first.basis)),
                authority=g.first.authority,
                documents=tuple(dict.fromkeys(d for _, f in g.voices for d in f.documents)),
                needs=(*g.needs[:_MOST_NEEDS], *more),
                remedy="；".join(dict.fromkeys(f.remedy.rstrip("。；") for _, f in g.voices if f.remedy)),
                penalty=g.first.penalty,
                figure=figure,
            )
        )
    return tuple(cards)


def _lines(group: answer.FindingGroup) -> tuple[tuple[str, str], ...]:
    """(parcel, text) of the first parcels; of many more, of which the same rule says the same, names and areas in one line."""
    if len({f.text for _, f in group.voices}) == 1:
        every = ((f"共 {len(group.voices)} 个地块", group.voices),) if len(group.names) > _NAMED else ()
        return (("", group.first.text), *((label + _unit(voices), _areas(voices)) for label, voices in every))
    told = tuple((p.name, f.text) for p, f in group.voices[:_MOST_LINES])
    rest = group.voices[_MOST_LINES:]
    return (*told, (f"另有 {len(rest)} 个地块，规则和结论相同{_unit(rest)}", _areas(rest))) if rest else told


def _areas(voices: Sequence[answer.Voice]) -> str:
    """地块7 0.7612、地块9 1.0021。"""
    return "、".join(f"{row_name(p)} {hectares(m2)}" if (m2 := spoken_m2(p, f)) else row_name(p) for p, f in voices) + "。"


def _unit(voices: Sequence[answer.Voice]) -> str:
    return "，面积单位公顷" if any(spoken_m2(p, f) for p, f in voices) else ""


def advice_table(assessment: Assessment) -> Table:
    """调整建议 as the rules word it: what to do about each finding that stands in the way."""
    titles = layer_titles(assessment)
    body: tuple[tuple[Cell, ...], ...] = tuple(
        (
            f"{listed(g.names)} {g.title}",
            titles.get(g.layer, g.title),
            g.verdict,
            "；".join(dict.fromkeys(f.remedy.rstrip("。；") for _, f in g.voices if f.remedy)),
        )
        for g in answer.finding_groups(assessment)
        if g.verdict in (Verdict.PROHIBITED, Verdict.APPROVAL, Verdict.JUSTIFICATION, Verdict.UNDETERMINED)
        and any(f.remedy for _, f in g.voices)
    )
    columns = (
        Column(key="finding", title="事项", kind=Kind.NAME),
        Column(key="layer", title="图层"),
        Column(key="verdict", title="结论", kind=Kind.VERDICT),
        Column(key="remedy", title="建议"),
    )
    return Table(title="调整建议", columns=columns, rows=body)
