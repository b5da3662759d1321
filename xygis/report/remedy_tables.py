"""调整建议 with figures: what each cut costs, how far a shift goes, the verdict after; and what was looked for in vain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from xygis.check.assessment import Assessment, ParcelAssessment
from xygis.check.remedies import Changed, Cut, Remedies
from xygis.numbers import square_metres
from xygis.report.cells import print_table
from xygis.report.document import Block, Bullet, Bullets, Figure, Paragraph, TableBlock
from xygis.report.numbering import NUMBERED
from xygis.report.remedy_words import ALL_PROHIBITIONS, bearing_text, direction, options_note, vain_sentence, worth_telling
from xygis.report.table import Cell, Column, Kind, Table
from xygis.report.wording import layer_titles

MOST_FIGURES = 12  # parcels that are drawn
_MOST_LEFT = 3  # findings that are named


def remedy_blocks(assessment: Assessment, figures: Mapping[str, str]) -> tuple[Block, ...]:
    """What stands under 调整建议; nothing where nobody asked. figures: parcel id → SVG, before and after."""
    if assessment.remedy_options is None:
        return ()
    asked = [(p, p.remedies) for p in assessment.parcels if p.remedies is not None and p.remedies.anything]
    if not asked:
        return ()
    tables = [t for t in (cuts_table(assessment), shifts_table(assessment)) if t.rows]
    blocks: list[Block] = [TableBlock(printed=print_table(t), label=NUMBERED) for t in tables]
    blocks += _figures(assessment, asked, figures)
    vain = _vain(assessment, asked)
    if vain:
        blocks.append(Bullets(items=vain))
    if tables:
        blocks.append(Paragraph(text=options_note(assessment.remedy_options), role="note"))
    return tuple(blocks)


def cuts_table(assessment: Assessment) -> Table:
    """最小退让: one row a cut; that for all prohibitions first."""
    titles = layer_titles(assessment)
    rows: list[tuple[Cell, ...]] = []
    for p in assessment.parcels:
        for cut, clears_all in _cuts(p.remedies):
            names = "、".join(titles.get(layer, layer) for layer in cut.layers)
            rows.append(
                (
                    p.name,
                    f"{ALL_PROHIBITIONS}（{names}）" if clears_all else names,
                    cut.level,
                    cut.lost_m2,
                    cut.lost_m2,
                    cut.lost_m2,
                    cut.lost_m2 / p.ellipsoidal_m2 if p.ellipsoidal_m2 else None,
                    cut.changed.ellipsoidal_m2,
                    cut.parts,
                    cut.changed.after,
                    "；".join(filter(None, (_crumbs(cut), _left(cut.changed)))) or None,
                )
            )
    columns = (
        Column(key="parcel", title="地块", kind=Kind.NAME),
        Column(key="layers", title="图层"),
        Column(key="level", title="消除", kind=Kind.VERDICT),
        Column(key="lost_m2", title="损失（m²）", kind=Kind.M2),
        Column(key="lost_ha", title="公顷", kind=Kind.HA),
        Column(key="lost_mu", title="亩", kind=Kind.MU),
        Column(key="share", title="占地块", kind=Kind.SHARE),
        Column(key="rest_ha", title="剩余（公顷）", kind=Kind.HA),
        Column(key="parts", title="剩余块数", kind=Kind.COUNT),
        Column(key="after", title="之后结论", kind=Kind.VERDICT),
        Column(key="left", title="仍有", under="layers"),
    )
    return Table(title="最小退让及退让后的结论", columns=columns, rows=tuple(rows), unit_note="椭球面积")


def shifts_table(assessment: Assessment) -> Table:
    """最小平移: metres and bearing, and the verdict at the new place."""
    rows: list[tuple[Cell, ...]] = []
    for p in assessment.parcels:
        shift = p.remedies.shift if p.remedies is not None else None
        if shift is None:
            continue
        word = "" if shift.exact else "界线经简化，未必最短；"
        rows.append(
            (
                p.name,
                shift.distance_m,
                f"{bearing_text(shift)}（{direction(shift.bearing_deg)}）",
                f"{shift.east_m:+.3f}".replace("-", "−"),
                f"{shift.north_m:+.3f}".replace("-", "−"),
                shift.changed.after,
                f"{word}{_left(shift.changed) or ''}" or None,
            )
        )
    columns = (
        Column(key="parcel", title="地块", kind=Kind.NAME),
        Column(key="distance", title="距离（米）", kind=Kind.METRES),
        Column(key="bearing", title="坐标方位角", kind=Kind.FIGURE),
        Column(key="east", title="横坐标增量（米）", kind=Kind.FIGURE),
        Column(key="north", title="纵坐标增量（米）", kind=Kind.FIGURE),
        Column(key="after", title="之后结论", kind=Kind.VERDICT),
        Column(key="left", title="仍有", under="parcel"),
    )
    return Table(title="避开全部禁止项的最小平移（界址形状不变）", columns=columns, rows=tuple(rows))


def _cuts(remedies: Remedies | None) -> list[tuple[Cut, bool]]:
    """(cut, whether it clears every prohibition of several layers), that for all first."""
    if remedies is None:
        return []
    own = [(c, False) for c in remedies.cuts]
    combined = remedies.combined
    return [(combined, True), *own] if combined is not None and combined not in remedies.cuts else own


def _crumbs(cut: Cut) -> str | None:
    return f"另舍去碎块 {cut.crumbs} 处 {square_metres(cut.crumbs_m2)} m²" if cut.crumbs else None


def _left(changed: Changed) -> str | None:
    """The worst of what still stands, by name."""
    names = list(dict.fromkeys(f.title for f in changed.left if f.verdict is changed.after))
    if not names:
        return None
    more = f"等 {len(names)} 项" if len(names) > _MOST_LEFT else ""
    return f"仍有：{'、'.join(names[:_MOST_LEFT])}{more}"


def _figures(assessment: Assessment, asked: Sequence[tuple[ParcelAssessment, Remedies]], figures: Mapping[str, str]) -> list[Block]:
    titles = layer_titles(assessment)
    drawn = [(p, r) for p, r in asked if figures.get(p.id)]
    out: list[Block] = []
    for p, r in drawn[:MOST_FIGURES]:
        cut, parts = r.shown_cut, []
        if cut is not None:
            parts.append(f"实线为针对{'、'.join(titles.get(layer, layer) for layer in cut.layers)}退让后的界址")
        if r.shift is not None:
            parts.append("虚线为平移后的界址")
        caption = f"{p.name}调整前后的界址：{'，'.join(parts)}；颜色为调整后的结论。"
        out.append(Figure(svg=figures[p.id], caption=caption, alt=f"{p.name}调整前后的界址图"))
    return out


def _vain(assessment: Assessment, asked: Sequence[tuple[ParcelAssessment, Remedies]]) -> tuple[Bullet, ...]:
    titles = layer_titles(assessment)
    out = [Bullet(text=f"{p.name}　{vain_sentence(u, titles)}。", mark="note") for p, r in asked for u in worth_telling(r)]
    return (*out, *(Bullet(text=f"{p.name}　{note}", mark="note") for p, r in asked for note in r.notes))
