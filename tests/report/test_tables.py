"""The tables of the report: three lines first, words for missing data, sums that close in print."""

import re
from dataclasses import replace

import pytest
from sample_assessment import (
    CITY,
    FLOOD,
    PBF,
    VARIANTS,
    assessment,
    clear,
    compliant_parcel,
    concerned,
    empty_atlas,
    many_parcels,
    no_data,
    parcel,
    three_parcels,
)

from xygis.atlas.law import ProjectFact
from xygis.atlas.verdict import Verdict
from xygis.check.standing_facts import StandingFact
from xygis.judge.facts import resolve_facts
from xygis.report.cells import print_table
from xygis.report.land_table import land_table
from xygis.report.overlay_tables import clear_table, overlay_table, parcel_lines_table, parcels_table
from xygis.report.patch_table import patch_table
from xygis.report.record_tables import areas_table, layers_table, needs_table, procedures_table, project_table, trace_table
from xygis.report.table import Column, Kind, Table
from xygis.report.wording import article, numeral


def _texts(table: Table) -> dict[str, dict[str, str]]:
    """First cell → column title → printed text."""
    printed = print_table(table)
    return {row[0].text: {c.title: p.text for c, p in zip(table.columns, row, strict=True)} for row in printed.rows}


def _number(text: str) -> float:
    return float(text.replace(",", "").replace(" %", "").replace("−", "-"))


def test_the_three_lines_come_first():
    """永久基本农田, 生态保护红线 and 城镇开发边界以外 open the table, in every variant."""
    for make in VARIANTS.values():
        lines = [title for title in _texts(overlay_table(make())) if not title.startswith(("其中", "界内"))]
        assert lines[:3] == ["永久基本农田", "生态保护红线", "城镇开发边界以外"]


def test_missing_data_are_a_word_and_not_a_dash():
    """A parcel outside the extent of a layer has 无数据 in its column, and the layer is 部分无数据."""
    row = _texts(overlay_table(three_parcels()))["洪涝风险控制线"]
    assert [row[k] for k in ("状态", "地块1", "地块3", "合计", "结论")] == ["部分无数据", "–", "无数据", "无数据", "无法判定"]


def test_an_empty_atlas_shows_no_dash_at_all():
    """Where every layer lacks data, nothing reads as not concerned."""
    for row in _texts(overlay_table(empty_atlas())).values():
        assert (row["状态"], row["公顷"]) == ("无数据", "无数据")
        assert "–" not in row.values()


def test_the_growth_boundary_shows_what_lies_outside_and_its_zones():
    """Outside 0.9562 ha; the flexible zone with its own verdict; the concentrated zone complies."""
    rows = _texts(overlay_table(three_parcels()))
    assert (rows["城镇开发边界以外"]["合计"], rows["城镇开发边界以外"]["结论"]) == ("0.9562", "禁止")
    assert (rows["界内：弹性发展区"]["地块2"], rows["界内：弹性发展区"]["结论"]) == ("2.1799", "须论证")
    assert rows["界内：集中建设区"]["结论"] == "符合"


def test_a_doubtful_boundary_settles_no_zone():
    """Where a finding on the growth boundary is not about a zone or what lies outside, no zone is called 符合."""
    made = three_parcels()
    grazing = made.parcels[2]
    from dataclasses import replace

    other = replace(grazing.findings[0], layer="urban_growth_boundary", overlap_m2=None)
    rows = _texts(overlay_table(assessment(replace(grazing, findings=(other,)))))
    assert rows["界内：集中建设区"]["结论"] == ""


def test_more_than_four_parcels_show_totals_only():
    """Forty parcels have no column each, but a count of those concerned."""
    table = overlay_table(many_parcels(40))
    assert not any(c.title.startswith("地块4") for c in table.columns)
    assert _texts(table)["永久基本农田"]["涉及地块"] == "14"


@pytest.mark.parametrize("variant", ["three", "forty", "one"])
def test_every_printed_total_is_the_sum_of_its_column(variant):
    """三种面积 and 地类 add up in print, column by column."""
    made = VARIANTS[variant]()
    for table in (areas_table(made), land_table(made), parcels_table(made)):
        printed = print_table(table)
        if printed.total is None:
            continue
        for j, column in enumerate(table.columns):
            if column.kind in (Kind.HA, Kind.MU, Kind.M2, Kind.SHARE):
                cells = [row[j].text for row in printed.rows if re.match(r"^−?[\d,]", row[j].text)]
                assert round(sum(map(_number, cells)), 4) == _number(printed.total[j].text), (table.title, column.title)


def test_printed_rows_add_up_to_their_total():
    """地块1 + 地块2 + 地块3 is 合计 in the printed land use table, row by row."""
    for row in _texts(land_table(three_parcels())).values():
        parts = [_number(row[k]) for k in ("地块1", "地块2", "地块3") if row[k] != "–"]
        assert round(sum(parts), 2) == _number(row["合计"])


def test_columns_that_do_not_add_up_are_not_forced():
    """A total that is not the sum of its column (overlapping layers) is printed as it is."""
    table = Table(title="t", columns=(Column(key="a", title="a", kind=Kind.M2),), rows=((1.004,), (2.004,)), total=(2.5,))
    printed = print_table(table)
    assert [printed.rows[0][0].text, printed.rows[1][0].text, printed.total[0].text] == ["1.00", "2.00", "2.50"]


def test_a_hit_that_rounds_to_nothing_is_still_seen():
    """0.0004 m² prints as <0.0001 公顷 and <0.1 %, and the state is 涉及."""
    area = 20_000.0
    row = _texts(overlay_table(assessment(parcel("1", "地块1", area, (concerned(PBF, area, (("7", 0.0004, {}),)),), ()))))["永久基本农田"]
    assert [row[k] for k in ("状态", "公顷", "占地块")] == ["涉及", "<0.0001", "<0.1 %"]


def test_what_no_rule_speaks_of_is_listed_and_not_praised():
    """一心四城 without a finding is 仅列示, never 符合."""
    assert _texts(overlay_table(three_parcels()))["一心四城（东津）"]["结论"] == "仅列示"


def test_layers_not_concerned_stand_apart_with_distances():
    """附表: clear layers with two decimals, and the search radius where nothing lies within it."""
    made = assessment(
        parcel("1", "地块1", 1e4, (clear("wetlands", 5.125), clear("nature_reserves", None), no_data(FLOOD, unmapped_m2=1e4)), ())
    )
    rows = _texts(clear_table(made))
    assert (rows["湿地"]["地块1"], rows["自然保护地"]["地块1"]) == ("5.13", ">10,000")
    assert "洪涝风险控制线" not in rows


def test_the_three_lines_are_told_parcel_by_parcel():
    """公顷, 亩, share of the parcel, verdict, basis and level for each parcel and line."""
    printed = print_table(parcel_lines_table(three_parcels()))
    assert [c.text for c in printed.rows[0]] == [
        "地块1",
        "永久基本农田",
        "涉及",
        "0.9554",
        "14.33",
        "6.4 %",
        "禁止",
        "土地管理法 第三十五条、第四十四条、第四十六条",
        "国务院",
    ]


def test_patches_carry_their_place():
    """压占图斑: area, mean width, a point inside in degrees, and no land use patches."""
    table = patch_table(three_parcels())
    printed = print_table(table)
    assert [row[2].text for row in printed.rows] == ["永久基本农田", "城镇开发边界", "生态保护红线"]
    assert [c.text for c in printed.rows[2][3:7]] == ["420607201000000127", "7.62", "0.03", "112.23603, 32.02502"]


def test_needs_tell_who_provides_what():
    """尚需材料: what, for which layer, from whom, and both ends."""
    row = print_table(needs_table(three_parcels())).rows[1]
    assert [c.text for c in row] == ["2", "洪涝风险控制线数据", "洪涝风险控制线", "地块3", "市水利和湖泊局", "符合 至 须论证"]
    assert row[-1].verdicts == (Verdict.COMPLIANT, Verdict.JUSTIFICATION)


def test_a_layer_that_covers_only_part_is_said_to():
    """数据版本: 范围不全 where a parcel lies outside, 缺失 where there are no data."""
    assert _texts(layers_table(three_parcels()))["洪涝风险控制线"]["状态"] == "范围不全"
    assert _texts(layers_table(empty_atlas()))["永久基本农田"]["状态"] == "缺失"


def test_failed_steps_come_before_those_that_ran():
    """计算记录 lists failed, skipped and run apart."""
    assert [row[0].text for row in print_table(trace_table(three_parcels())).rows] == ["未做", "已做", "已做"]


def test_the_margin_to_the_threshold_is_printed():
    """审批事项: 15.4572 公顷 to the limit."""
    assert _texts(procedures_table(three_parcels()))["3"]["距限额（公顷）"] == "15.4572"


def test_an_area_just_beyond_a_limit_does_not_print_as_the_limit():
    """计入面积 35.00001 公顷 beside 超过三十五公顷; 距限额 0.00001 below it."""
    made = three_parcels()
    acts = (
        replace(made.procedures[0], counted_m2=350_000.1, margin_ha=None),
        replace(made.procedures[1], counted_m2=349_999.9, margin_ha=1e-5),
    )
    rows = _texts(procedures_table(replace(made, procedures=acts)))
    assert (rows["1"]["计入面积（公顷）"], rows["1"]["距限额（公顷）"]) == ("35.00001", "–")
    assert (rows["2"]["计入面积（公顷）"], rows["2"]["距限额（公顷）"]) == ("34.99999", "0.00001")


def test_facts_of_the_project_stand_with_their_origin():
    """项目情况: the value in words, where it comes from, and that a special case takes proof."""
    law = resolve_facts(FACTS, {"chemical": True, "major_project": True}, "1001")
    facts = tuple(StandingFact(known=k, parcels=("1", "3") if k.fact.name == "temporary" else ()) for k in law.known)
    made = three_parcels()
    rows = _texts(project_table(replace(made, project=replace(made.project, facts=facts))))
    assert {name: tuple(row.values())[1:] for name, row in rows.items()} == {
        "是否非农业建设": ("非农业建设", "按用途推定", "–"),
        "是否临时用地": ("否", "假定（地块1、地块3）", "–"),
        "是否化工项目": ("化工项目", "申报", "–"),
        "是否尾矿库": ("待明确", "未申报", "–"),
        "国家重点项目": ("是", "申报", "须附证明"),
        "农村村民住宅": ("按不适用计", "未申报", "如申报，须附证明"),
    }
    assert project_table(made).rows == ()


def _fact(name, title, kind, **more) -> ProjectFact:
    return ProjectFact(name=name, title=title, kind=kind, values=(True, False), **{"default": None, "by_use": (), **more})


FACTS = (
    _fact("construction", "是否非农业建设", "assume", default=False, by_use=(("10", True),), labels=(("true", "非农业建设"),)),
    _fact("temporary", "是否临时用地", "assume", default=False),
    _fact("chemical", "是否化工项目", "open", labels=(("true", "化工项目"),)),
    _fact("tailings", "是否尾矿库", "open"),
    _fact("major_project", "国家重点项目", "claim"),
    _fact("rural_housing", "农村村民住宅", "claim"),
)


def test_a_quiet_table_names_the_layers_that_a_planner_asks_about():
    """One compliant parcel: 三山一岗 and others stand there as 不涉及."""
    rows = _texts(overlay_table(assessment(compliant_parcel())))
    assert (rows["三山一岗"]["状态"], rows["三山一岗"]["结论"]) == ("不涉及", "符合")
    assert CITY and len(rows) == 8


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("35", "第三十五条"),
        ("26(2)", "第二十六条第二款"),
        ("10", "第十条"),
        ("101", "第一百零一条"),
        ("1024", "第一千零二十四条"),
        ("附件1", "附件1"),
        ("一", "第一条"),
        ("一(二)", "第一条（二）"),
    ],
)
def test_articles_are_called_as_in_law(written, spoken):
    """Numbers become Chinese numerals; annexes stay."""
    assert article(written) == spoken


def test_numerals_are_unambiguous():
    """No two article numbers up to 1260 read the same."""
    assert len({numeral(n) for n in range(1, 1261)}) == 1260
