"""Chapters on layers: 三条控制线, 用地现状, 规划用途, city layout, protected land, control strips. A sentence a layer, a table a chapter.

Which layer belongs where follows from its role, its group and its geometry in the catalogue.
"""

from __future__ import annotations

from collections.abc import Sequence

from xygis.atlas.verdict import DataState, LayerState
from xygis.check.assessment import Assessment, LayerRecord
from xygis.report.cells import print_table
from xygis.report.document import Block, Heading, Paragraph, Section, TableBlock
from xygis.report.land_kinds import land_kinds_table
from xygis.report.land_table import land_table
from xygis.report.layer_sentences import layer_sentence
from xygis.report.layer_tables import chapter_table, measures_of, plan_table, strips_table
from xygis.report.lines import THREE_LINES, LineRow, layer_rows
from xygis.report.numbering import NUMBERED
from xygis.report.overlay_tables import MOST_COLUMNS, parcel_lines_table

_NAMED = 5  # classes of land use that the sentence names, the largest
RIVERS = "one_river_nine_tributaries"  # the waters that the city's layout names


def three_lines_section(assessment: Assessment) -> Section:
    """三 三条控制线, with T1, and parcel by parcel where they are several and few."""
    records = _records(assessment, [r for r in assessment.layers if r.layer.id in THREE_LINES])
    ordered = sorted(records, key=lambda r: THREE_LINES.index(r.layer.id))
    blocks = list(_chapter(assessment, ordered, "三条控制线占用情况"))
    if 1 < len(assessment.parcels) <= MOST_COLUMNS:
        blocks.append(TableBlock(printed=print_table(parcel_lines_table(assessment)), label=NUMBERED))
    return Section(key="lines", number="三", title="三条控制线", blocks=tuple(blocks) or _nothing("三条控制线"))


def land_section(assessment: Assessment) -> Section:
    """四 用地现状: what grows or stands there, with T2."""
    surveys = [r for r in assessment.layers if r.layer.role == "survey" and r.layer.geometry == "polygon"]
    table = land_table(assessment)
    blocks: list[Block] = []
    if table is not None and table.rows:
        printed = print_table(table)
        place = next(j for j, c in enumerate(table.columns) if c.key == "m2")
        largest = sorted(range(len(table.rows)), key=lambda i: -float(str(table.rows[i][place])))
        cells = [printed.texts(i) for i in largest[:_NAMED]]
        named = [f"{c['name']} {c['ha']} 公顷（{c['mu']} 亩，{c['share']}）" for c in cells]
        more = f"等 {len(largest)} 类" if len(largest) > _NAMED else ""
        titles = "、".join(r.layer.title + (f"（{r.layer.version.isoformat()} 版）" if r.layer.version else "") for r in surveys)
        blocks.append(Paragraph(text=f"经与{titles}套合，项目用地现状为：{'、'.join(named)}{more}。"))
        blocks.append(TableBlock(printed=printed, label=NUMBERED))
        kinds = land_kinds_table(assessment)
        if kinds is not None:
            blocks.append(TableBlock(printed=print_table(kinds), label=NUMBERED))
    else:
        blocks += [Paragraph(text=f"未提供{r.layer.title}，或项目用地在其范围以外，本项无法判定。") for r in surveys]
    blocks += [Paragraph(text=text) for r in surveys if (text := _findings_sentence(assessment, r))]
    return Section(key="land", number="四", title="用地现状", blocks=tuple(blocks) or _nothing("现状地类"))


def plans_section(assessment: Assessment) -> Section:
    """五 规划用途: each plan with the zones and classes under the project (T3)."""
    blocks: list[Block] = []
    for record in _records(assessment, [r for r in assessment.layers if r.layer.role == "plan"]):
        row = layer_rows(assessment, record.layer.id, record.layer.title)[0]
        printed = print_table(chapter_table(assessment, record.layer.title, (row,)))
        blocks.append(Paragraph(text=layer_sentence(assessment, record, row, printed.texts(0)), about=record.layer.id))
        table = plan_table(assessment, record.layer)
        if table is not None:
            blocks.append(TableBlock(printed=print_table(table), label=NUMBERED))
    return Section(key="plans", number="五", title="规划用途", blocks=tuple(blocks) or _nothing("规划图层"))


def layout_section(assessment: Assessment) -> Section:
    """六: the parts of the city's layout, called after its layers."""
    records = _records(assessment, _layout(assessment))
    main = [r for r in records if r.layer.role == "layout" or r.layer.id == RIVERS]
    title = "、".join(r.layer.title for r in main) or "城市格局"
    return Section(
        key="layout", number="六", title=title, blocks=_chapter(assessment, records, "城市格局图层套合结果") or _nothing("城市格局图层")
    )


def protected_section(assessment: Assessment) -> Section:
    """七 法定保护地与要素: every other area under control, by the groups of the catalogue."""
    elsewhere = {*THREE_LINES, *(r.layer.id for r in _layout(assessment))}
    records = [r for r in assessment.layers if r.layer.role == "control" and r.layer.geometry != "line" and r.layer.id not in elsewhere]
    blocks = _chapter(assessment, _records(assessment, records), "法定保护地与要素套合结果")
    return Section(key="protected", number="七", title="法定保护地与要素", blocks=blocks or _nothing("保护地与要素图层"))


def strips_section(assessment: Assessment) -> Section:
    """八 基础设施安全距离: how far roads, railways, lines and pipes are, and which control strips are entered."""
    records = _records(assessment, [r for r in assessment.layers if r.layer.role == "control" and r.layer.geometry == "line"])
    blocks = list(_chapter(assessment, records, "与基础设施的位置关系"))
    strips = strips_table(assessment, [r.layer for r in records])
    if strips.rows:
        blocks.append(TableBlock(printed=print_table(strips), label=NUMBERED))
    elif records and all(_whole(assessment, r) for r in records):
        blocks.append(Paragraph(text="项目用地没有进入规则规定的各类控制带。", role="note"))
    return Section(key="strips", number="八", title="基础设施安全距离", blocks=tuple(blocks) or _nothing("基础设施图层"))


def _whole(assessment: Assessment, record: LayerRecord) -> bool:
    """Whether every parcel lies wholly where the layer has data in force."""
    measures = measures_of(assessment, record.layer.id)
    return record.state == DataState.READY and all(m.state != LayerState.NO_DATA and not m.unmapped_m2 for _, m in measures)


def _layout(assessment: Assessment) -> list[LayerRecord]:
    groups = {r.layer.group for r in assessment.layers if r.layer.role == "layout"}
    return [r for r in assessment.layers if (r.layer.group in groups and r.layer.role in ("layout", "control")) or r.layer.id == RIVERS]


def _records(assessment: Assessment, records: Sequence[LayerRecord]) -> list[LayerRecord]:
    """Those that a parcel was measured against; where there are no parcels, nothing was."""
    measured = {m.layer for p in assessment.parcels for m in p.measures}
    return [r for r in records if r.layer.id in measured]


def _chapter(assessment: Assessment, records: Sequence[LayerRecord], title: str) -> tuple[Block, ...]:
    """A sentence for each layer under the head of its group, then the table with all of them."""
    if not records:
        return ()
    groups = list(dict.fromkeys(r.layer.group for r in records))
    records = sorted(records, key=lambda r: groups.index(r.layer.group))
    rows: list[LineRow] = []
    firsts: list[tuple[LayerRecord, int]] = []
    for record in records:
        firsts.append((record, len(rows)))
        rows += layer_rows(assessment, record.layer.id, record.layer.title)
    printed = print_table(chapter_table(assessment, title, rows))
    blocks: list[Block] = []
    group = None
    for record, i in firsts:
        if len(groups) > 1 and record.layer.group != group:
            group = record.layer.group
            blocks.append(Heading(text=group))
        zones = [printed.texts(j) for j in range(i + 1, len(rows)) if rows[j].zone and rows[j].layer == record.layer.id]
        blocks.append(Paragraph(text=layer_sentence(assessment, record, rows[i], printed.texts(i), zones), about=record.layer.id))
    return (*blocks, TableBlock(printed=printed, label=NUMBERED))


def _findings_sentence(assessment: Assessment, record: LayerRecord) -> str:
    """What the rules make of the current use of the land."""
    row = layer_rows(assessment, record.layer.id, record.layer.title)[0]
    if not row.findings or isinstance(row.total_m2, str) or row.total_m2 is None:
        return ""
    printed = print_table(chapter_table(assessment, record.layer.title, (row,)))
    sentence = layer_sentence(assessment, record, row, printed.texts(0))
    return sentence.split("。", 1)[1] if "。" in sentence else ""


def _nothing(what: str) -> tuple[Block, ...]:
    return (Paragraph(text=f"没有套合{what}：图集没有这类图层，或没有可以审查的地块；本项无法判定。"),)
