"""A consistency run as the one document: the first page, then the tables that the page prints, under the same numbers, and an annex."""

from __future__ import annotations

from xygis.consistency.result import Consistency
from xygis.report import consistency_first_page as first
from xygis.report.cells import print_table
from xygis.report.consistency_heat import heat_words
from xygis.report.consistency_list import largest_table
from xygis.report.consistency_parts import USES, disclaimer, foot_line, layer_notes, numbered_tables, tolerances, what_if_words
from xygis.report.consistency_since import remarks, since_line
from xygis.report.consistency_tables import quality_words
from xygis.report.document import Block, Document, Figure, Paragraph, Section, TableBlock
from xygis.report.wording import fingerprint

_ALT = "各县（市、区）差异图斑占辖区面积的比例，和最大的几处冲突的位置"
_FILES = "全部图斑见 consistency.gpkg，处理意见填在 consistency.xlsx。"


def consistency_document(consistency: Consistency, *, county_figure: str | None = None, digest: str | None = None) -> Document:
    """The whole report. county_figure: SVG of our own making; digest: sha256 of the JSON, where it is known already."""
    tables = numbered_tables(consistency)
    sections = (
        _no_data(tables),
        _what_if(consistency, tables),
        _since(consistency, tables),
        _types(tables),
        _section("findings", "二", "意见与依据", _of(tables, "findings") or (_text("没有差异，各规则均无意见。"),)),
        _section("pairs", "三", "图层对", _of(tables, "lines", "pairs") or (_text("没有可以比对的图层对。"),)),
        _figures(consistency, tables),
        _versions(consistency, tables),
        _annex(consistency),
    )
    return Document(
        title=first.TITLE,
        subject=consistency.atlas_name,
        day=consistency.checked_on,
        demo=consistency.demo,
        foot=foot_line(consistency, digest),
        facts=first.facts(consistency),
        refused=(),
        box=first.verdict_box(consistency),
        overview=tables["heat"],
        overview_note=heat_words(consistency),
        figure=Figure(svg=county_figure, caption=_caption(tables), alt=_ALT) if county_figure else None,
        steps=(),
        sections=tuple(s for s in sections if s.blocks),
        disclaimer=disclaimer(consistency),
        landscape=True,
        front=_of(tables, "conflicts", "sizes"),
    )


def _of(tables: dict[str, TableBlock], *keys: str) -> tuple[TableBlock, ...]:
    return tuple(tables[key] for key in keys if key in tables)


def _text(text: str, role: str = "text") -> Paragraph:
    return Paragraph(text=text, role=role)


def _section(key: str, number: str, title: str, blocks: tuple[Block, ...], note: str = "") -> Section:
    return Section(key=key, number=number, title=title, note=note, blocks=blocks)


def _caption(tables: dict[str, TableBlock]) -> str:
    pins = f"图钉为{tables['conflicts'].label}各处。" if "conflicts" in tables else ""
    return f"图1 差异面积占辖区比例（‰）。{pins}界线为示意。"


def _no_data(tables: dict[str, TableBlock]) -> Section:
    return _section("no_data", "", "缺数据的图层对", _of(tables, "no_data"), "下列图层对缺数据，没有比对，不计为一致")


def _what_if(consistency: Consistency, tables: dict[str, TableBlock]) -> Section:
    """替换图层的影响."""
    found = consistency.what_if
    if found is None:
        return _section("what_if", "", "", ())
    nothing = (_text("没有新增或消除的冲突。"), *(_text(f"未能比对：{reason}", "note") for reason in found.reasons))
    blocks = (*_of(tables, "balance"), *(_of(tables, "changes") or nothing))
    return _section("what_if", "", "替换图层的影响", blocks, what_if_words(consistency))


def _since(consistency: Consistency, tables: dict[str, TableBlock]) -> Section:
    """与上次比对."""
    line = since_line(consistency.tracking) if consistency.tracking is not None else ""
    said = tuple(_text(remark, "note") for remark in remarks(consistency))
    found = _of(tables, "since_states", "since_not_compared", "since_counties", "since_types")
    return _section("since", "", "与上次比对", (*said, *found), line)


def _types(tables: dict[str, TableBlock]) -> Section:
    uses = [key for key in tables if key.startswith(USES)]
    return _section("types", "一", "差异类型", _of(tables, "types", "counts", *uses, "causes"))


def _figures(consistency: Consistency, tables: dict[str, TableBlock]) -> Section:
    """指标与数据质量."""
    figures = _of(tables, "indicators", "indicators_by_county", "indicators_how")
    return _section("quality", "四", "指标与数据质量", (*figures, _text(quality_words(consistency)), *_of(tables, "quality")))


def _versions(consistency: Consistency, tables: dict[str, TableBlock]) -> Section:
    note = (
        f"图集指纹 {fingerprint(consistency.atlas_fingerprint)} · 规则 {consistency.rules_count} 条，"
        f"指纹 {fingerprint(consistency.rules_fingerprint)}"
    )
    notes = tuple(_text(said, "note") for said in layer_notes(consistency))
    last = _text(f"面积平面：{consistency.plane}。{tolerances(consistency)}{_FILES}", "note")
    return _section("versions", "五", "数据与规则版本", (*_of(tables, "layers"), *notes, last), note)


def _annex(consistency: Consistency) -> Section:
    printed = print_table(largest_table(consistency))
    return _section("annex", "附", "最大的图斑", (TableBlock(printed=printed, label="附表1"),) if printed.rows else ())
