"""审查意见: one card for each rule and verdict, worst first, and the remedies that the rules themselves name."""

from __future__ import annotations

from collections.abc import Mapping

from xygis.atlas.verdict import Verdict
from xygis.check.assessment import Assessment
from xygis.report import headline as answer
from xygis.report.document import Card, Figure
from xygis.report.table import Cell, Column, Kind, Table
from xygis.report.wording import basis, layer_titles, listed

_MOST_NEEDS = 3


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
        several = len(g.voices) > 1
        same = len({f.text for _, f in g.voices}) == 1
        more = (f"等 {len(g.needs)} 项（见“尚需材料”）",) if len(g.needs) > _MOST_NEEDS else ()
        cards.append(
            Card(
                rule=g.rule,
                heading=f"{listed(g.names)} {g.title}",
                verdict=g.verdict,
                best=g.best,
                worst=g.worst,
                lines=(("", g.first.text),) if same else tuple((p.name if several else "", f.text) for p, f in g.voices),
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
