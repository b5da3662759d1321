"""合法合规性: the third chapter of a 选址论证报告, in paragraphs to be pasted, from the sentences and tables of the report itself.

What xygis cannot know – industrial policy, the plans of other trades – is marked to be filled in, never made up.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from xygis.atlas.verdict import Verdict
from xygis.check.assessment import Assessment
from xygis.report.cells import PrintedTable
from xygis.report.document import Block, Document, Paragraph, Section, TableBlock
from xygis.report.headline import finding_groups
from xygis.report.layer_sentences import summary_sentence
from xygis.report.numbering import NUMBERED, numbered
from xygis.report.record_tables import needs_table

TO_FILL_IN = "（由编制单位补充）"
CHAPTER, TITLE = "3", "合法合规性"
_TERRITORIAL = "territorial_plan"
_TRANSITIONAL = ("land_use_plan", "urban_rural_plan")  # in force until the territorial plans replace them
_MOST_NEEDS, _MOST_ZONES = 6, 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Legality:
    """The chapter. foot: day and fingerprint of the report that its numbers come from; title: of that report's project."""

    title: str
    subject: str
    day: date
    demo: bool
    foot: str
    sections: tuple[Section, ...]

    @property
    def source(self) -> str:
        """Where the numbers come from."""
        return f"本章面积与结论出自 xygis 用地合规性审查（{self.foot}），由 xygis verify 复核；标明“由编制单位补充”处须补写。"


def legality_chapter(assessment: Assessment, document: Document) -> Legality:
    """3.1 to 3.7 of the template of such reports; document: the report of the same assessment."""
    plans = document.section("plans")
    known = (_TERRITORIAL, *_TRANSITIONAL)
    other = [b.about for b in plans.blocks if isinstance(b, Paragraph) and b.about and b.about not in known]
    sections = (
        _section("3.1", "法规政策", _policy(assessment)),
        _section("3.2", "三线和耕地等空间协调", (*_spoken(document, "lines", tables=1), *_spoken(document, "land", tables=1))),
        _section(
            "3.3",
            "国土空间总体规划符合性",
            (*_plans(plans, (_TERRITORIAL,)), *_spoken(document, "layout"), _fill_in("国土空间总体规划“一张图”的落位说明")),
        ),
        _section(
            "3.4",
            "专项规划符合性",
            (*_spoken(document, "protected"), *_spoken(document, "strips"), _fill_in("交通、市政、旅游、防灾等专项规划的符合性")),
        ),
        _section("3.5", "其他规划符合性", (*_plans(plans, other), _fill_in("国民经济和社会发展规划及其他规划的符合性"))),
        _section("3.6", "过渡期规划符合性", _plans(plans, _TRANSITIONAL)),
        _section("3.7", "小结", _conclusion(assessment)),
    )
    return Legality(
        title=f"{document.title.removesuffix('用地合规性审查报告')}选址论证 第{CHAPTER}章 {TITLE}",
        subject=document.subject,
        day=document.day,
        demo=document.demo,
        foot=document.foot,
        sections=numbered(sections, first=1),
    )


def _section(number: str, title: str, blocks: Iterable[Block]) -> Section:
    return Section(key=number, number=number, title=title, blocks=tuple(blocks))


def _fill_in(what: str) -> Paragraph:
    return Paragraph(text=f"{what}：{TO_FILL_IN}。")


def _policy(assessment: Assessment) -> list[Block]:
    """What the project is to be, and the law that its findings rest on."""
    use = assessment.project.use
    named = f"{use.name}（{use.code}，用地用海分类 {use.class_version} 版）" if use.code else use.name
    cited = dict.fromkeys((c.instrument, c.version, c.verified) for g in finding_groups(assessment) for c in g.first.basis)
    listed = "、".join(f"{name}（{version.isoformat()}）{'' if read else '（条文待核）'}" for name, version, read in cited)
    law = f"合规性审查以基准日 {assessment.checked_on.isoformat()} 有效的规则 {assessment.rules_count} 条为准"
    return [
        Paragraph(text=f"项目拟定用途为{named}{'，按假定' if use.assumed else ''}。"),
        _fill_in("产业政策的符合性"),
        _fill_in("供地政策的符合性"),
        Paragraph(text=f"{law}，意见引用的法规文件有：{listed}。" if listed else f"{law}。"),
    ]


def _spoken(document: Document, key: str, *, tables: int = 0) -> list[Block]:
    """The sentences of a chapter of the report, and the first of its tables."""
    blocks = document.section(key).blocks
    said: list[Block] = [b for b in blocks if isinstance(b, Paragraph) and b.role == "text"]
    return said + [_renumbered(b) for b in blocks if isinstance(b, TableBlock)][:tables]


def _plans(section: Section, ids: Sequence[str]) -> list[Block]:
    """The sentence of each plan with the table that stands below it; where the atlas has no such plan, that it must be filled in."""
    found: list[Block] = []
    for id_ in dict.fromkeys(ids):
        for i, block in enumerate(section.blocks):
            if isinstance(block, Paragraph) and block.about == id_:
                found.append(block)
                for table in (b for b in section.blocks[i + 1 : i + 2] if isinstance(b, TableBlock)):
                    found += [Paragraph(text=_zones(table.printed)), _renumbered(table)]
    return found or [Paragraph(text=f"图集没有这类规划：{TO_FILL_IN}。")]


def _zones(printed: PrintedTable) -> str:
    """其中：农田保护区（300）3.9716 公顷，占 17.0 %; … as the table has them; of control units, the codes are asked for."""
    rows = [printed.texts(i) for i in range(min(len(printed.rows), _MOST_ZONES))]
    codes = [f"（{r['code']}）" if r["code"] and r["code"] != r["name"] else "" for r in rows]
    named = [f"{r['name']}{code} {r['ha']} 公顷，占 {r['share']}" for r, code in zip(rows, codes, strict=True)]
    more = f"；等 {len(printed.rows)} 项" if len(printed.rows) > len(rows) else ""
    return f"其中：{'；'.join(named)}{more}。"


def _renumbered(block: TableBlock) -> TableBlock:
    """Tables are numbered anew: the chapter stands by itself."""
    return TableBlock(printed=block.printed, label=NUMBERED)


def _conclusion(assessment: Assessment) -> list[Block]:
    """综上, what has to be applied for, and what is still missing."""
    blocks: list[Block] = [Paragraph(text=summary_sentence(assessment), role="summary")]
    unknown = Verdict.UNDETERMINED.label
    acts = [f"{a.act}（{'层级' if a.level == unknown else ''}{a.level}）" for a in assessment.procedures]
    if acts:
        blocks.append(Paragraph(text=f"按基准日有效的规定，项目须办理：{'、'.join(acts)}。"))
    needs = list(dict.fromkeys(str(row[1]) for row in needs_table(assessment).rows))
    if needs:
        more = f"等 {len(needs)} 项" if len(needs) > _MOST_NEEDS else ""
        blocks.append(Paragraph(text=f"尚需补充：{'；'.join(needs[:_MOST_NEEDS])}{more}。"))
    return blocks
