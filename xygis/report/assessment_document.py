"""An assessment as the one document: conclusion first, then the chapters that a compliance report has, then the annexes."""

from __future__ import annotations

import hashlib

from xygis.check.assessment import Assessment
from xygis.report import first_page
from xygis.report.cells import print_table
from xygis.report.contract import assessment_dict, json_text
from xygis.report.document import Block, Document, Paragraph, Pictures, Section, TableBlock
from xygis.report.finding_cards import finding_cards
from xygis.report.headline import next_steps
from xygis.report.layer_sections import (
    land_section,
    layout_section,
    plans_section,
    protected_section,
    strips_section,
    three_lines_section,
)
from xygis.report.numbering import NUMBERED, numbered
from xygis.report.overlay_tables import MOST_COLUMNS, clear_table, parcel_lines_table, parcels_table
from xygis.report.record_sections import (
    advice_section,
    approvals_section,
    data_section,
    input_section,
    method_section,
    needs_section,
    patches_section,
)
from xygis.report.record_tables import points_table, trace_table
from xygis.report.remedy_tables import remedy_blocks
from xygis.report.terrain_table import classes_table, terrain_table
from xygis.report.wording import document_title, fingerprint

_DISCLAIMER = "本报告由 xygis 依据上列数据与规则自动生成，供审查参考，不替代行政审批。数字可由 xygis verify 复核。"
_DEMO_DISCLAIMER = "本报告由 xygis 依据示意数据生成，用于演示，不作为行政审批依据。数字可由 xygis verify 复核。"
_NO_OPINION = "没有禁止、须报批、须论证或提示事项。各图层的套合结果见表1 和附表。"


def assessment_document(assessment: Assessment, *, pictures: Pictures | None = None) -> Document:
    """The whole report."""
    pictures = pictures or Pictures()
    digest = hashlib.sha256(json_text(assessment_dict(assessment)).encode()).hexdigest()
    overview, _ = first_page.overview_tables(assessment)
    sections = (
        _opinions(assessment, pictures),
        needs_section(assessment),
        input_section(assessment),
        data_section(assessment),
        three_lines_section(assessment),
        land_section(assessment),
        plans_section(assessment),
        layout_section(assessment),
        protected_section(assessment),
        strips_section(assessment),
        approvals_section(assessment),
        patches_section(assessment),
        advice_section(assessment, remedy_blocks(assessment, pictures.remedies)),
        method_section(assessment),
        _annex(assessment),
    )
    return Document(
        title=document_title(assessment),
        subject=assessment.atlas_name,
        day=assessment.checked_on,
        demo=assessment.demo,
        foot=f"基准日 {assessment.checked_on.isoformat()} · 报告指纹 {fingerprint(digest)}",
        facts=first_page.facts(assessment),
        refused=first_page.refused_files(assessment),
        box=first_page.verdict_box(assessment),
        overview=TableBlock(printed=print_table(overview), label="表1"),
        overview_note=first_page.overview_note(assessment),
        figure=pictures.main,
        steps=next_steps(assessment),
        sections=numbered(sections, first=2),
        disclaimer=_DEMO_DISCLAIMER if assessment.demo else _DISCLAIMER,
    )


def _opinions(assessment: Assessment, pictures: Pictures) -> Section:
    """审查意见: a table of the parcels where they are many, then a card a rule."""
    cards = finding_cards(assessment, pictures.findings)
    blocks: list[Block] = []
    if len(assessment.parcels) > MOST_COLUMNS:
        blocks.append(TableBlock(printed=print_table(parcels_table(assessment)), label=NUMBERED))
    blocks += cards or (Paragraph(text=_NO_OPINION),)
    return Section(key="opinions", number="", title="审查意见", note=f"{len(cards)} 项，由重到轻", blocks=tuple(blocks))


def _annex(assessment: Assessment) -> Section:
    """附: the tables that one looks things up in, T6 among them."""
    _, rest = first_page.overview_tables(assessment)
    tables = (
        rest,
        parcel_lines_table(assessment) if len(assessment.parcels) > MOST_COLUMNS else None,
        terrain_table(assessment),
        classes_table(assessment),
        clear_table(assessment),
        points_table(assessment),
        trace_table(assessment),
    )
    listed = tuple(TableBlock(printed=print_table(t), label=NUMBERED) for t in tables if t is not None and t.rows)
    return Section(key="annex", number="附", title="附表", blocks=listed)
