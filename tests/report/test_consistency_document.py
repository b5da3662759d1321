"""The report of a comparison of plans, on paper: every number of the page, under the same table, stamped, counted and to be filed."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from page_reading import read_page
from pdf_reading import facts, fonts, needs_poppler, pages, structure, words
from sample_consistency import FIGURE, full, many, plain
from word_reading import data_tables, lines_of, opened, part, whole_text

from xygis.atlas.bundled import bundled_root
from xygis.atlas.styles import font_files
from xygis.atlas.verdict import DEMO_STAMP, DataStatus
from xygis.consistency.result import Consistency
from xygis.report.consistency_contract import consistency_json
from xygis.report.consistency_counts import counts_table
from xygis.report.consistency_document import consistency_document
from xygis.report.consistency_html import consistency_html
from xygis.report.consistency_list import MOST_ROWS, largest_table
from xygis.report.document import TableBlock
from xygis.report.pdf import document_pdf
from xygis.report.word import document_docx

FONTS = tuple(font_files(bundled_root()))
NUMBER = re.compile(r"[<−+-]?\d[\d,]*(?:\.\d+)?")
WILD = "#set page() *粗* <script>alert(1)</script> =1+1 " + "很长" * 230


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Consistency:
    return full(tmp_path_factory.mktemp("city"))


@pytest.fixture(scope="module")
def report(run: Consistency, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(run, tmp_path_factory.mktemp("pdf"))


@pytest.fixture(scope="module")
def docx(run: Consistency) -> bytes:
    return document_docx(consistency_document(run, county_figure=FIGURE), FONTS)


def written(found: Consistency, folder: Path) -> Path:
    path = folder / "report.pdf"
    path.write_bytes(document_pdf(consistency_document(found, county_figure=FIGURE), FONTS))
    return path


def blocks(found: Consistency) -> list[TableBlock]:
    """Every table of the document, in its order."""
    document = consistency_document(found, county_figure=FIGURE)
    inside = [b for s in document.sections for b in s.blocks if isinstance(b, TableBlock)]
    return [document.overview, *document.front, *inside]


@needs_poppler
def test_the_first_sheet_says_it_in_a_minute(report: Path) -> None:
    """Conclusion with its number (50 × 20 m), big numbers, heat table, worst places, map, stamp: on page 1."""
    first = pages(report)[0]
    for said in (
        "存在禁止类冲突",
        "占用永农0.1公顷，须先行消除",
        "差异图斑",
        "3个",
        "其中边界误差1个",
        "一致的图层对",
        "指标未达标1项",
        "表1各县（市、区）差异面积",
        "D4占用永农",
        "表2最大的两处冲突",
        "0.1000",
        "0.2541",
        "图1差异面积占辖区比例（‰）。图钉为表2各处。",
        "表3图斑大小",
        DEMO_STAMP,
    ):
        assert said in first, said


def numbers_of_the_page(found: Consistency) -> Counter[str]:
    """Each number that stands in a table or at the top of the page, and how often."""
    tables, top = read_page(consistency_html(found, county_figure=FIGURE, map_page=None))
    assert len(tables) >= 19 and len(top) >= 13
    asked = Counter(n for rows in tables.values() for row in rows for cell in row for n in NUMBER.findall(cell))
    return asked + Counter(n for text in top for n in NUMBER.findall(text))


@needs_poppler
def test_every_number_of_the_page_is_on_paper(run: Consistency, report: Path) -> None:
    """Each number of the page stands in the PDF, and no less often."""
    asked, found = numbers_of_the_page(run), Counter(n for word in words(report) for n in NUMBER.findall(word))
    assert sum(asked.values()) > 250
    assert {n: k for n, k in asked.items() if found[n] < k} == {}


def test_every_number_of_the_page_is_in_word(run: Consistency, docx: bytes) -> None:
    """Each number of the page stands in the Word file, and no less often."""
    asked, found = numbers_of_the_page(run), Counter(n for line in lines_of(docx) for n in NUMBER.findall(line))
    assert {n: k for n, k in asked.items() if found[n] < k} == {}


def test_word_has_the_answer_first_and_the_tables_of_the_page(run: Consistency, docx: bytes) -> None:
    """Lying A4; stamp, day and fingerprint in the header; conclusion, big numbers, heat table with its grounds; rows cell by cell."""
    word = opened(docx)
    sheet = word.sections[0]
    assert (round(sheet.page_width.cm, 1), round(sheet.page_height.cm, 1)) == (29.7, 21.0)
    digest = hashlib.sha256(consistency_json(run).encode()).hexdigest()
    head = part(docx, "word/header1.xml")
    assert DEMO_STAMP in head and f"报告指纹 {digest[:4]} {digest[4:8]}" in head
    text = whole_text(docx)
    places = [
        text.index(said)
        for said in ("存在禁止类冲突", "占用永农 0.1 公顷", "三线交叉重叠", "各县（市、区）差异面积", "最大的两处冲突", "目录")
    ]
    assert places == sorted(places) and "禁止类" in text and "未达标" in text
    assert part(docx, "word/document.xml").count("<w:shd ") >= 3, "two cells with an area, a strip"
    tables = dict(data_tables(word))
    for block in blocks(run):
        rows = [[c.text for c in row] for row in block.printed.rows]
        if block.grouped or block.shades or not rows:
            continue
        shown = [j for j, c in enumerate(block.printed.table.columns) if c.under is None]
        assert tables[block.label][1 : 1 + len(rows)] == [[row[j].strip() for j in shown] for row in rows], block.label


def test_word_is_the_same_for_the_same_run_and_takes_any_name(run: Consistency, docx: bytes) -> None:
    """No clock in it; a layer called like markup is text."""
    assert document_docx(consistency_document(run, county_figure=FIGURE), FONTS) == docx
    assert run.atlas is not None
    wild = replace(run, atlas=replace(run.atlas, layers=tuple(replace(one, title=WILD) for one in run.atlas.layers)))
    assert WILD in whole_text(document_docx(consistency_document(wild), FONTS))


@needs_poppler
def test_a_table_has_one_number_in_all_faces(run: Consistency, report: Path) -> None:
    """表7 of the page is 表7 on paper, in rising order, and every row of it says the same."""
    tables, _ = read_page(consistency_html(run, county_figure=FIGURE, map_page=None))
    named = {f"{b.label} {b.printed.table.title}": b for b in blocks(run) if b.label != "附表1"}
    assert list(named) == sorted(named, key=lambda name: int(re.findall(r"\d+", name)[0]))
    assert {name.split("单位")[0].strip() for name in tables} == set(named)
    text = "".join(pages(report))
    assert [name for name in named if name.replace(" ", "") not in text] == []
    for name, block in named.items():
        if "规划指标" in name or name.startswith("表1 "):
            continue  # with a bar, and with grounds: read above, number by number
        rows = next(rows for caption, rows in tables.items() if caption.startswith(name))
        every = (*block.printed.rows, *([block.printed.total] if block.printed.total is not None else []))
        assert [[c.text for c in row] for row in every] == [[re.sub(r"\s*至\s*", " 至 ", c) for c in row] for row in rows[1:]]


@needs_poppler
def test_every_sheet_is_stamped_counted_and_fingerprinted(run: Consistency, report: Path) -> None:
    """The fingerprint is the beginning of the sha256 of report.json."""
    found = pages(report)
    digest = hashlib.sha256(consistency_json(run).encode()).hexdigest()
    assert len(found) > 4
    for i, text in enumerate(found, start=1):
        assert DEMO_STAMP in text and f"第{i}页，共{len(found)}页" in text
        assert f"基准日2026-11-24·报告指纹{digest[:4]}{digest[4:8]}" in text


@needs_poppler
def test_statutory_plans_are_not_stamped(run: Consistency, tmp_path: Path) -> None:
    """Where no demo layer took part, no sheet says so."""
    real = tuple(replace(r, layer=replace(r.layer, status=DataStatus.STATUTORY)) for r in run.layers)
    assert [p for p in pages(written(replace(run, layers=real), tmp_path)) if DEMO_STAMP in p] == []


@needs_poppler
def test_sheets_lie_on_their_side_tagged_and_with_their_fonts(report: Path) -> None:
    """A4 landscape; titled, tagged, with bookmarks; every font a subset inside the file."""
    found = facts(report)
    assert found["Page size"].startswith("841.89 x 595.276 pts (A4)")
    assert (found["Tagged"], found["Title"]) == ("yes", "多规合一一致性报告") and "2026" in found["CreationDate"]
    assert all((f["emb"], f["sub"], f["uni"]) == ("yes", "yes", "yes") for f in fonts(report))
    tree = structure(report)
    assert all(tag in tree for tag in ("H1", "Table", "TH", "TD", "Figure"))
    assert b"/Outlines" in report.read_bytes()


@needs_poppler
def test_chapters_stand_in_order_and_say_what_they_rest_on(report: Path) -> None:
    """No data first, then what was asked, the types, findings, pairs, indicators, versions, the largest patches."""
    text = "".join(pages(report)[1:])
    heads = ("缺数据的图层对", "替换图层的影响", "与上次比对", "一差异类型", "二意见与依据", "三图层对", "四指标与数据质量")
    places = [text.index(head) for head in (*heads, "五数据与规则版本", "附最大的图斑")]
    assert places == sorted(places)
    for said in (
        "没有比对，不计为一致",
        "假设以新边界.zip（sha256000000000000）替换永久基本农田",
        "上次（2026-10-24）",
        "上次的图集是另一份。",
        "小于容差的边界差异",
        "旧法第三十五条",
        "目标来源：总体规划（条文待核），到2035年",
        "未达标",
        "图集指纹",
        "疑似边界误差（D10），单独列出",
        "全部3个见consistency.xlsx和consistency.gpkg",
    ):
        assert said in text, said


@needs_poppler
def test_missing_data_look_missing_on_paper(tmp_path: Path) -> None:
    """Without farmland the verdict is open, and 无数据 stands in the heat table, not a dash."""
    text = pages(written(plain(tmp_path, with_farm=False), tmp_path))
    assert "无法判定" in text[0] and "2对图层缺数据，未计为一致" in text[0] and text[0].count("无数据") > 4
    assert "下列图层对缺数据，没有比对，不计为一致" in text[1] and "<0.1" not in text[0], "nothing found is no small area"


def test_the_same_run_gives_the_same_bytes(run: Consistency, report: Path, tmp_path: Path) -> None:
    """No clock, no chance."""
    assert written(run, tmp_path).read_bytes() == report.read_bytes()


@needs_poppler
def test_names_are_text_whatever_they_hold(run: Consistency, tmp_path: Path) -> None:
    """Marks of typst, HTML and spreadsheets, 500 letters: in a layer's name, a county's and a rule's they are shown, not obeyed."""
    layers = tuple(replace(r, layer=replace(r.layer, title=WILD)) for r in run.layers)
    assert run.atlas is not None
    atlas = replace(run.atlas, layers=tuple(replace(one, title=WILD) for one in run.atlas.layers))
    patches = tuple(replace(p, county_name=WILD) for p in run.patches)
    counted = tuple(replace(d, by_county=tuple(replace(t, title=WILD) for t in d.by_county)) for d in run.differences)
    text = "".join(pages(written(replace(run, layers=layers, atlas=atlas, patches=patches, differences=counted), tmp_path)))
    assert re.sub(r"\s", "", WILD) in text and "<script>" in text


@needs_poppler
def test_the_annex_is_bounded_and_its_head_stands_on_every_sheet(run: Consistency, tmp_path: Path) -> None:
    """Of 200 patches the 60 largest are listed; the rest is counted, and where it is, is said."""
    found = many(run, 200)
    table = largest_table(found)
    assert len(table.rows) == MOST_ROWS == 60 and [row[5] for row in table.rows][:2] == [90_000.0, 89_999.0]
    assert table.notes == (
        "先按结论由重到轻，再按面积由大到小。另有较小的 140 个未列入；全部 200 个见 consistency.xlsx 和 consistency.gpkg。",
    )
    sheets = pages(written(found, tmp_path))
    listed = sheets[next(i for i, p in enumerate(sheets) if "附表1最大的60个图斑" in p) :]
    assert len(listed) in (2, 3) and all(head in p for p in listed for head in ("图斑编号", "甲×乙"))
    assert "2-D6-0059" in listed[-1] and "2-D6-0060" not in "".join(sheets)


def test_counts_by_county_and_size_close(run: Consistency) -> None:
    """Three patches: two over 400 m², a strip of 5 m²; D4 in the west, D6 in the east."""
    table = counts_table(run)
    rows = {str(row[0]): dict(zip((c.title for c in table.columns), row, strict=True)) for row in table.rows}
    assert (rows["D4 占用永农"]["西县"], rows["D4 占用永农"]["合计"]) == (1, 1)
    assert (rows["D6 线线冲突"]["东县"], rows["D6 线线冲突"]["西县"]) == (1, None)
    assert rows["D10 边界误差"]["<400 m²"] == 1
    assert table.total is not None
    total = dict(zip((c.title for c in table.columns), table.total, strict=True))
    assert total["合计"] == total["西县"] + total["东县"] == 3  # type: ignore[operator]
    assert total["合计"] == sum(n for title, n in total.items() if "公顷" in title or "m²" in title)  # type: ignore[misc]
    assert json.loads(consistency_json(run))["differences"][3]["patches"] == rows["D4 占用永农"]["合计"]
