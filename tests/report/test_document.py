"""The document that every face renders: its order, its sentences, and that nothing unknown reads as not concerned."""

import re
from dataclasses import replace

import pytest
from sample_assessment import (
    ESR,
    PBF,
    RIVER,
    UGB,
    VARIANTS,
    assessment,
    compliant_parcel,
    empty_atlas,
    layer_record,
    many_parcels,
    three_parcels,
)

from xygis.atlas.verdict import DataState, Verdict
from xygis.report.assessment_document import assessment_document
from xygis.report.document import Card, Document, Paragraph, TableBlock
from xygis.report.layer_sentences import summary_sentence

CHAPTERS = ("三", "四", "五", "六", "七", "八")  # those that speak of layers


def sentences(document: Document) -> list[str]:
    return [b.text for s in document.sections if s.number in CHAPTERS for b in s.blocks if isinstance(b, Paragraph)]


def tables(document: Document) -> list[TableBlock]:
    return [b for s in document.sections for b in s.blocks if isinstance(b, TableBlock)]


@pytest.mark.parametrize("variant", VARIANTS)
def test_chapters_stand_in_the_order_of_a_compliance_report(variant):
    """Conclusion, then 一 to 十二, then the annex (domain/reports.md §5.1), whatever the parcels are."""
    sections = assessment_document(VARIANTS[variant]()).sections
    assert [s.number for s in sections] == ["", "", *"一二三四五六七八九十", "十一", "十二", "附"]
    assert [s.title for s in sections if s.number in ("一", "二", "三", "四", "五", "七", "九", "十", "十一", "十二")] == [
        "项目与输入",
        "数据与规则",
        "三条控制线",
        "用地现状",
        "规划用途",
        "法定保护地与要素",
        "审批权限与材料",
        "冲突清单",
        "调整建议",
        "复核说明",
    ]
    assert all(s.blocks for s in sections[:-1])


@pytest.mark.parametrize("variant", VARIANTS)
def test_tables_are_numbered_as_they_stand(variant):
    """表1 on the first page, 表2, 表3, … in the chapters, 附表1, … in the annex: no number twice, none left out."""
    document = assessment_document(VARIANTS[variant]())
    labels = [document.overview.label, *(t.label for t in tables(document) if t.label)]
    text = [x for x in labels if not x.startswith("附")]
    annex = [x for x in labels if x.startswith("附")]
    assert text == [f"表{i}" for i in range(1, len(text) + 1)]
    assert annex == [f"附表{i}" for i in range(1, len(annex) + 1)]


def test_an_empty_atlas_says_of_nothing_that_it_is_not_concerned():
    """Where no layer has data, every sentence says that it cannot be judged."""
    said = sentences(assessment_document(empty_atlas()))
    assert not [s for s in said if "不涉及" in s or "符合" in s]
    assert "未提供永久基本农田，本项无法判定。" in said


def test_occupied_farmland_is_told_with_the_cells_of_the_table():
    """地块1 lies on 9554.33 m²: 0.9554 公顷, 14.33 亩, 3.5 % of 269400.02 m², with the article and what to do."""
    said = next(s for s in sentences(assessment_document(three_parcels())) if "占用永久基本农田" in s)
    assert said.startswith("项目用地总面积 26.9400 公顷（404.10 亩），其中占用永久基本农田 0.9554 公顷（14.33 亩），占项目用地 3.5 %")
    assert "第三十五条" in said
    assert "不符合管控要求" in said


def test_a_layer_not_touched_is_told_with_version_source_and_distance():
    """不涉及 names the data that it rests on."""
    said = next(s for s in sentences(assessment_document(three_parcels())) if "不涉及饮用水水源保护区" in s)
    assert said.startswith("经与饮用水水源保护区（2022-11-07 版，来源：市生态环境局）套合，项目用地范围不涉及饮用水水源保护区，无压占")


def test_a_sliver_is_never_not_concerned():
    """贴界: the area, both limits, and what has to be looked at."""
    said = next(s for s in sentences(assessment_document(three_parcels())) if "占用生态保护红线" in s)
    assert "重叠中有 7.62 m²，面积小于 1 m² 或平均宽小于 0.2 m，疑似边界误差，需核实原始坐标，不作为“不涉及”。" in said


def test_a_parcel_beyond_the_extent_is_named():
    """洪涝风险控制线 covers two parcels of three: the third cannot be judged, and is said to be the one."""
    said = next(s for s in sentences(assessment_document(three_parcels())) if "洪涝风险控制线" in s)
    assert said == "地块3在洪涝风险控制线图层范围以外，无法判定；其余地块没有重叠。"


def test_data_out_of_force_prove_nothing():
    """Clear of an expired layer is not 不涉及."""
    made = assessment(compliant_parcel(), layers=tuple(layer_record(i, state=DataState.EXPIRED) for i in (PBF, ESR, UGB, RIVER)))
    said = [s for s in sentences(assessment_document(made)) if "永久基本农田" in s]
    assert said
    assert all("已过有效期，不能据此认定不涉及" in s for s in said)


def test_the_summary_never_says_better_than_the_verdict():
    """综上: 不符合, 不能得出, 有条件符合, 符合 — as the verdict is."""
    worst_words = {Verdict.PROHIBITED: "不符合", Verdict.UNDETERMINED: "不能得出项目符合的结论", Verdict.APPROVAL: "有条件符合"}
    for verdict, words in worst_words.items():
        assert words in summary_sentence(replace(three_parcels(), verdict=verdict))
    assert summary_sentence(assessment(compliant_parcel())) == "综上，项目符合各项管控要求。"
    assert "没有可以审查的地块" in summary_sentence(replace(three_parcels(), parcels=()))


def test_every_number_of_a_layer_sentence_stands_in_its_table():
    """公顷, 亩 and % of a sentence are cells of the same chapter, or the project's own area."""
    document = assessment_document(three_parcels())
    for section in (s for s in document.sections if s.number in ("三", "六", "七", "八")):
        cells = {c.text for b in section.blocks if isinstance(b, TableBlock) for row in b.printed.rows for c in row}
        cells |= {"26.9400", "404.10"}
        for text in (b.text for b in section.blocks if isinstance(b, Paragraph)):
            said = re.findall(r"([\d,.<]+) (?:公顷|亩)|([\d.<]+ %)", text)
            assert {a or b for a, b in said} <= cells


def test_many_parcels_have_a_table_of_parcels_first():
    """With forty parcels, 审查意见 opens with a row for each."""
    document = assessment_document(many_parcels(40))
    first = document.section("opinions").blocks[0]
    assert isinstance(first, TableBlock)
    assert len(first.printed.rows) == len(many_parcels(40).parcels)
    assert any(isinstance(b, Card) for b in document.section("opinions").blocks)


def test_many_parcels_under_one_rule_are_told_with_their_areas():
    """Six in full, the rest by name and area: nobody reads the same sentence forty times, and nobody is left out."""
    made = many_parcels(40)
    told = tuple(replace(p, findings=tuple(replace(f, text=f"{p.id} 号：{f.text}") for f in p.findings)) for p in made.parcels)
    for parcels, label, full in ((told, r"另有 (\d+) 个地块，规则和结论相同", 6), (made.parcels, r"共 (\d+) 个地块", 0)):
        cards = [b for b in assessment_document(replace(made, parcels=parcels)).section("opinions").blocks if isinstance(b, Card)]
        card = next(c for c in cards if c.rule == "PBF-01")
        head, rest = card.lines[-1]
        concerned = [p.name for p in parcels if any(f.rule == "PBF-01" for f in p.findings)]
        assert int(re.match(label, head)[1]) == len(concerned) - full
        assert [item.split(" ")[0] for item in rest.rstrip("。").split("、")] == concerned[full:]
        assert all(re.search(r" \d+\.\d{4}$", item) for item in rest.rstrip("。").split("、"))
