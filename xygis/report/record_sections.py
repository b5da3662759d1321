"""Chapters on the ground of the result: what is missing, input, data and rules, approvals, patches, advice, method."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from xygis.atlas.verdict import LayerState, Verdict
from xygis.check.assessment import Assessment, Refused
from xygis.geodesy.crs import title as crs_title
from xygis.geodesy.plane import Plane
from xygis.intake.submission import Submission
from xygis.report import headline as answer
from xygis.report.cells import print_table
from xygis.report.document import Block, Bullet, Bullets, Fork, Heading, Measures, Paragraph, Section, Stages, TableBlock
from xygis.report.finding_cards import advice_table
from xygis.report.layer_sentences import summary_sentence
from xygis.report.numbering import NUMBERED
from xygis.report.patch_table import patch_table
from xygis.report.record_tables import (
    areas_table,
    corrections_table,
    layers_table,
    needs_table,
    procedures_table,
    project_table,
    questions_table,
)
from xygis.report.table import Table
from xygis.report.totals import layer_totals
from xygis.report.upcoming_table import NOTHING_KNOWN, heading, summary, upcoming_table
from xygis.report.wording import FORMATS, fingerprint, net_sentences


def needs_section(assessment: Assessment) -> Section:
    """尚需材料: each open question, who can answer it, and what each answer would make of the verdict."""
    needs = needs_table(assessment)
    blocks: list[Block] = [TableBlock(printed=print_table(needs))] if needs.rows else [Paragraph(text="没有待补的材料。")]
    blocks += _under(corrections_table(assessment), "对图层记载的更正", "两个值都列出；未经主管部门确认的，只在使结论更严时计入")
    blocks += _under(questions_table(assessment), "项目情况如有不同，结论如何变化", "由申请人申报；每种回答之后全部地块的结论")
    return Section(
        key="needs", number="", title="尚需材料", note="补齐后重新审查，可消除“无法判定”" if needs.rows else "", blocks=tuple(blocks)
    )


def input_section(assessment: Assessment) -> Section:
    """一 项目与输入: what is known of the project, the files and what was made of them, the three areas."""
    blocks: list[Block] = []
    for source in assessment.sources:
        if isinstance(source, Refused):
            continue
        blocks.append(Heading(text=source.path))
        blocks.append(Bullets(items=tuple(_source_bullets(source))))
    blocks.append(TableBlock(printed=print_table(areas_table(assessment)), label=NUMBERED))
    blocks += _under(project_table(assessment), "项目情况", "申报的，以及所涉图层的规则问到的")
    return Section(key="input", number="一", title="项目与输入", blocks=tuple(blocks))


def data_section(assessment: Assessment) -> Section:
    """二 数据与规则: every layer with its version, and the fingerprints of atlas and rules."""
    note = (
        f"图集指纹 {fingerprint(assessment.atlas_fingerprint)} · "
        f"规则 {assessment.rules_count} 条，指纹 {fingerprint(assessment.rules_fingerprint)}"
    )
    notes = tuple(Paragraph(text=f"{r.layer.title}：{r.note}", role="note") for r in assessment.layers if r.note)
    table = TableBlock(printed=print_table(layers_table(assessment)), label=NUMBERED)
    return Section(key="data", number="二", title="数据与规则", note=note, blocks=(table, *notes))


def approvals_section(assessment: Assessment) -> Section:
    """九 审批权限与材料: the way to a permit, T4, and what the law will change."""
    blocks: list[Block] = [Stages(stages=answer.path(assessment))]
    if assessment.verdict == Verdict.PROHIBITED:
        cured = answer.verdict_without_prohibitions(assessment)
        blocks.append(Fork(cured=cured, unchanged=assessment.verdict, sentence=answer.headline(assessment)))
    procedures = procedures_table(assessment)
    if procedures.rows:
        blocks.append(TableBlock(printed=print_table(procedures), label=NUMBERED))
    else:
        blocks.append(Paragraph(text="按现有数据和项目信息，没有列出审批事项。"))
    blocks.append(Heading(text="法律将变", note="基准日后十二个月内；图层和项目信息按现状"))
    names = {p.id: p.name for p in assessment.parcels}
    for day in assessment.upcoming:
        blocks.append(Paragraph(text=heading(day), role="lead"))
        blocks.append(Paragraph(text=f"{'；'.join(summary(day, names)).strip('。')}。"))
        if day.changes:
            blocks.append(TableBlock(printed=print_table(upcoming_table(assessment, day))))
    if not assessment.upcoming:
        blocks.append(Paragraph(text=NOTHING_KNOWN))
    return Section(key="approvals", number="九", title="审批权限与材料", blocks=tuple(blocks))


def patches_section(assessment: Assessment) -> Section:
    """十 冲突清单 (T5)."""
    patches = patch_table(assessment)
    blocks: tuple[Block, ...] = (TableBlock(printed=print_table(patches), label=NUMBERED),)
    return Section(
        key="patches",
        number="十",
        title="冲突清单",
        blocks=blocks if patches.rows else (Paragraph(text="没有须报批、须论证或禁止的图斑。"),),
    )


def advice_section(assessment: Assessment, remedies: Sequence[Block] = ()) -> Section:
    """十一 调整建议: the rules' own words, then whatever cuts and shifts were worked out (`remedies`)."""
    advice = advice_table(assessment)
    blocks: list[Block] = [TableBlock(printed=print_table(advice), label=NUMBERED)] if advice.rows else []
    blocks += remedies
    return Section(key="advice", number="十一", title="调整建议", blocks=tuple(blocks) or (Paragraph(text="没有需要调整方案的事项。"),))


def method_section(assessment: Assessment) -> Section:
    """十二 复核说明: the conclusion in a sentence, tolerances, assumptions, areas, and how to check all of it."""
    assumed = [Bullet(text=f"假设：{a}", mark="note") for a in (*assessment.remarks, *assessment.assumptions)]
    known = [Bullet(text=text) for text in net_sentences(layer_totals(assessment))]
    known += [
        Bullet(text=f"面积平面：{Plane(assessment.plane).title}"),
        Bullet(text="尾差：面积由未取整的平方米换算，合计先取整，各项按最大余数法归整，表内各项之和等于合计。"),
        Bullet(text=f"计算步骤：{_steps_run(assessment)}"),
    ]
    proof = "复核：xygis verify report.json 重新计算并逐项比对；同一输入、同一图集、同一基准日，结果逐字节相同。"
    blocks = (
        Paragraph(text=summary_sentence(assessment), role="summary"),
        Measures(items=tuple(_tolerances(assessment))),
        Bullets(items=(*assumed, *known)),
        Paragraph(text=proof, role="note"),
    )
    return Section(key="method", number="十二", title="复核说明", blocks=blocks)


def _under(table: Table, title: str, note: str) -> list[Block]:
    """A table under a head of its own; nothing where it has no rows."""
    return [Heading(text=title, note=note), TableBlock(printed=print_table(table))] if table.rows else []


def _source_bullets(source: Submission) -> list[Bullet]:
    encoding = f"，{source.encoding.upper()} 编码" if source.encoding else ""
    what = f"{FORMATS.get(source.format, source.format)}{encoding}，{len(source.parcels)} 个地块，坐标系判为 {crs_title(source.crs)}"
    what += f"；文件指纹 {fingerprint(source.sha256)}"
    notes = [Bullet(text=n.text, mark="warning" if n.level == "warning" else "note", where=str(n.where or "")) for n in source.notes]
    return [Bullet(text=what), *(Bullet(text=e) for e in source.evidence), *notes]


def _tolerances(assessment: Assessment) -> list[tuple[str, str]]:
    """Each tolerance as a number and a sentence, in the order of DESIGN §6."""
    t = dict(assessment.tolerances)
    found = []
    if "contact_m" in t:
        found.append((f"{t['contact_m']:g} m", "几何容差。平均宽小于此值为相接，按 0 计，原值留在计算记录。"))
    if "sliver_area_m2" in t and "sliver_width_m" in t:
        found.append(
            (f"{t['sliver_area_m2']:g} m² 或 {t['sliver_width_m']:g} m", "疑似边界误差。面积或平均宽小于此值单独列出，不作为“不涉及”。")
        )
    minima = [v for k, v in assessment.tolerances if k.startswith("mapping_minimum")]
    if minima:
        found.append((f"{' / '.join(f'{v:g}' for v in minima)} m²", "上图最小面积，按建设、农业、其他用地；小于此值仍照列，仅作说明。"))
    if "search_radius_m" in t:
        found.append((f"{t['search_radius_m']:,.0f} m", "最近距离的搜索半径。超出的不列距离。"))
    return found


def _steps_run(assessment: Assessment) -> str:
    counts = Counter(s.status for s in assessment.trace)
    no_data = sum(m.state == LayerState.NO_DATA for p in assessment.parcels for m in p.measures)
    words = f"已做 {counts['run']}，未做 {counts['skipped']}，失败 {counts['failed']}"
    return words + (f"；无数据的套合 {no_data} 项。明细见附表。" if no_data else "。明细见附表。")
