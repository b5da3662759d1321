"""report.docx: opens, can be worked on – styles, fields, sortable tables – and says what the other faces say."""

import io
import re
import time
from dataclasses import replace

import pytest
from PIL import Image
from sample_assessment import HOSTILE, PBF, VARIANTS, assessment, compliant_parcel, layer_record, many_parcels, three_parcels
from word_reading import W, data_tables, fields, opened, part, parts, text_of, whole_text

from xygis.atlas.bundled import bundled_root
from xygis.atlas.styles import font_files
from xygis.atlas.verdict import DEMO_STAMP, DataState, Verdict
from xygis.report.assessment_document import assessment_document
from xygis.report.document import Figure, Pictures, TableBlock
from xygis.report.rasters import Drawing, rasters
from xygis.report.word import document_docx
from xygis.report.word_marks import MapPage

FONTS = tuple(font_files(bundled_root()))
SVG = '<svg viewBox="0 0 76 49"><rect width="76" height="49" fill="#c3e0f2"/><text x="9" y="20" font-size="8">汉江</text></svg>'
PICTURES = Pictures(
    main=Figure(svg=SVG, caption="图1 套合图。", alt="地块与图层", legend=((SVG, "永久基本农田"),)), findings={("1", PBF): SVG}
)


@pytest.fixture(scope="module")
def model():
    return assessment_document(three_parcels(), pictures=PICTURES)


@pytest.fixture(scope="module")
def report(model):
    return document_docx(model, FONTS)


@pytest.fixture(scope="module")
def word(report):
    return opened(report)


def test_the_answer_stands_before_everything(report):
    """Title, facts, verdict with its word, next steps, 表1, in that order; 目录 comes after."""
    text = whole_text(report).replace(" ", "")
    places = [text.index(x) for x in ("用地合规性审查报告", "基准日", "综合结论禁止", "下一步", "管控图层套合结果", "目录")]
    assert sorted(places) == places


def test_chapters_are_headings_of_word(model, word):
    """Every section is a 标题 1 with the number of the report; findings and heads inside are 标题 2."""
    heads = [text_of(p._p).replace("　", "") for p in word.paragraphs if p.style.name == "Heading 1"]
    assert heads == [f"{s.number}{s.title}" for s in model.sections]
    assert any("占用永久基本农田" in text_of(p._p) for p in word.paragraphs if p.style.name == "Heading 2")


def test_the_table_of_contents_is_a_field_and_already_filled(model, report):
    """目录 names every chapter before Word has updated it, and each entry leads to its bookmark."""
    xml = part(report, "word/document.xml")
    assert 'TOC \\o "1-1" \\h \\z \\u' in fields(xml)
    links = re.findall(r'<w:hyperlink w:anchor="(_Toc\d+)"', xml)
    assert len(links) == len(set(links)) == len(model.sections)
    assert set(links) == set(re.findall(r'<w:bookmarkStart w:id="\d+" w:name="(_Toc\d+)"', xml))


def test_captions_count_by_fields(model, report, word):
    """表1, 附表1 and 图1 are SEQ fields; what they show is the number of the report."""
    labels = [model.overview.label, *(b.label for s in model.sections for b in s.blocks if isinstance(b, TableBlock) and b.label)]
    assert [label for label, _ in data_tables(word) if label] == labels
    codes = fields(part(report, "word/document.xml"))
    assert codes.count("SEQ 表 \\* ARABIC") == sum(not x.startswith("附") for x in labels)
    assert codes.count("SEQ 附表 \\* ARABIC") == sum(x.startswith("附") for x in labels)
    assert "SEQ 图 \\* ARABIC" in codes


def test_tables_can_be_sorted(word):
    """No cell is merged, every row has the cells of the head, the head is repeated on each page and no row is torn."""
    tables = [t for t in word.tables if t.style is not None and t.style.name == "三线表"]
    assert len(tables) > 10
    for table in tables:
        xml = table._tbl.xml
        assert "w:gridSpan" not in xml and "w:vMerge" not in xml
        assert {len(row._tr.tc_lst) for row in table.rows} == {len(table.columns)}
        assert [bool(row._tr.findall(f"{W}trPr/{W}tblHeader")) for row in table.rows] == [True] + [False] * (len(table.rows) - 1)
        assert xml.count("<w:cantSplit/>") == len(table.rows)


def test_short_tables_are_not_torn(word):
    """Caption and rows of a short table stay on one page: every paragraph but those of the last row keeps with the next."""
    table = next(t for t in word.tables if t.style is not None and t.style.name == "三线表" and 1 < len(t.rows) < 8)
    keeps = [[p.pPr.keepNext is not None or "CellHead" in p.xml for c in row._tr.tc_lst for p in c.p_lst] for row in table.rows]
    assert all(all(row) for row in keeps[:-1])
    assert not any(keeps[-1])


def test_figures_stand_right(word):
    """The hectares of 表1 are right-aligned, its names are not."""
    table = next(t for t in word.tables if t.style is not None and t.style.name == "三线表")
    columns = [c.text for c in table.rows[0].cells]
    cells = table.rows[1].cells
    assert "right" == cells[columns.index("合计")]._tc.p_lst[0].pPr.jc.get(f"{W}val")
    assert "left" == cells[0]._tc.p_lst[0].pPr.jc.get(f"{W}val")


def test_every_page_is_stamped_counted_and_fingerprinted(model, report):
    """The header has day, fingerprint and stamp, the footer 第 x 页，共 y 页 as fields."""
    header, footer = (
        next(part(report, p.filename) for p in parts(report) if p.filename.startswith(f"word/{k}")) for k in ("header", "footer")
    )
    assert DEMO_STAMP in header
    assert all(x in header for x in model.foot.split("·"))
    assert fields(footer) == ["PAGE", "NUMPAGES"]


def test_statutory_data_are_not_stamped():
    """Where no demo layer took part, no page says so."""
    made = assessment(compliant_parcel(), layers=(layer_record(PBF, state=DataState.MISSING),))
    data = document_docx(assessment_document(made), FONTS)
    assert not [p.filename for p in parts(data) if p.filename.endswith(".xml") and DEMO_STAMP in part(data, p.filename)]


def test_a_verdict_is_shape_word_and_colour(report, word):
    """禁止 is red, has its word, and a picture before it that is told apart without colour."""
    xml = part(report, "word/document.xml")
    assert re.search(r'</w:drawing></w:r><w:r><w:rPr><w:b/><w:color w:val="9F1717"/></w:rPr><w:t xml:space="preserve">\xa0禁止<', xml)
    grey = {v: _grey(v) for v in Verdict}
    assert len(set(grey.values())) == len(Verdict)


def _grey(verdict: Verdict) -> bytes:
    from xygis.report.pdf_data import symbols

    drawing = Drawing(symbols()[f"v-{verdict.value}.svg"].decode(), 0.4)
    return Image.open(io.BytesIO(rasters([drawing], FONTS)[drawing])).convert("LA").tobytes()


def test_pictures_have_words(report):
    """The figure has its alternative text; a mark beside its word is decoration and says so."""
    xml = part(report, "word/document.xml")
    assert 'descr="地块与图层"' in xml
    for found in re.findall(r"<wp:docPr .*?</wp:docPr>", xml):
        assert ('descr=""' in found) == ("decorative" in found)
    ids = re.findall(r'<wp:docPr id="(\d+)"', xml)
    assert len(ids) == len(set(ids))


def test_chinese_fonts_and_language_are_set(report, model, word):
    """宋体 for the text and 黑体 for heads through w:eastAsia; title, author and language in the properties."""
    styles = part(report, "word/styles.xml")
    assert 'w:eastAsia="宋体"' in styles and 'w:eastAsia="黑体"' in styles and '<w:lang w:val="en-US" w:eastAsia="zh-CN"' in styles
    assert '<w:font w:name="宋体"><w:altName w:val="Noto Serif SC"/>' in part(report, "word/fontTable.xml")
    properties = word.core_properties
    assert (model.title, "xygis", "zh-CN") == (properties.title, properties.author, properties.language)


def test_the_same_document_gives_the_same_bytes(model, report):
    """No clock, neither in the properties nor in the zip."""
    assert document_docx(model, FONTS) == report
    assert {p.date_time for p in parts(report)} == {(1980, 1, 1, 0, 0, 0)}


def test_printed_maps_are_bound_behind_at_their_true_size(model, word):
    """Each map is a section of its own paper, covered from corner to corner, with its name as alternative text; text pages stay A4."""
    drawing = Drawing('<svg viewBox="0 0 42 30"><rect width="42" height="30"/></svg>', 4.2)
    png = rasters([drawing], FONTS)[drawing]
    sizes = ((297.0, 210.0), (210.0, 297.0), (420.0, 297.0))
    maps = [MapPage(png=png, caption=f"冲突图斑图 {w:g}", width_mm=w, height_mm=h) for w, h in sizes]
    data = document_docx(model, FONTS, maps)
    found = opened(data)
    assert [(round(s.page_width.mm), round(s.page_height.mm)) for s in found.sections] == [
        (210, 297),
        *((round(w), round(h)) for w, h in sizes),
    ]
    xml = part(data, "word/document.xml")
    assert re.findall(r'relativeFrom="page".*?<wp:extent cx="(\d+)" cy="(\d+)"', xml) == [
        (str(round(w * 36000)), str(round(h * 36000))) for w, h in sizes
    ]
    assert [f'descr="冲突图斑图 {w:g}"' in xml for w, _ in sizes] == [True] * 3
    assert len(word.sections) == 1


@pytest.mark.parametrize("variant", sorted(VARIANTS))
def test_every_kind_of_report_opens(variant):
    """One parcel, forty, none with data, a refused file: a file that opens and has every chapter."""
    model = assessment_document(VARIANTS[variant]())
    text = whole_text(document_docx(model, FONTS))
    assert all(s.title in text for s in model.sections)
    assert model.box.sentence in text


def test_names_stay_text():
    """Markup in a name is shown as written, in the title, in sentences, in cells and in the header."""
    data = document_docx(assessment_document(VARIANTS["hostile"]()), FONTS)
    assert whole_text(data).count(HOSTILE) > 3
    assert "{{7*7}}" in opened(data).core_properties.title


def test_signs_that_steer_are_shown():
    """A control sign, which no XML may hold, and an override of direction, which would turn the figures round, stand as numbers."""
    made = three_parcels()
    made = replace(made, parcels=(replace(made.parcels[0], name="甲\x07乙\u202e丙"), *made.parcels[1:]))
    assert "甲〔U+0007〕乙〔U+202E〕丙" in whole_text(document_docx(assessment_document(made), FONTS))


def test_tables_of_two_hundred_parcels_are_quick():
    """A report of two hundred parcels is written in seconds, because its tables are parsed once."""
    model = assessment_document(many_parcels(200))
    start = time.process_time()
    document_docx(model, FONTS)
    assert time.process_time() - start < 6
